"""Pages to look at: a plain one, one from right to left, one full of media, one full of gaps and edits, long ones."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pictures import portrait, scene

from archiver.model import (
    Attachment,
    Author,
    Completeness,
    Document,
    Kind,
    Missing,
    Node,
    Observation,
    Option,
    Poll,
    Post,
    Reason,
    Role,
    Run,
    Thread,
    Version,
)
from archiver.text import html

from . import files

MORNING = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
ANN = Author(id="7", handle="ann@social.example", name="Ann Ash", url="https://social.example/@ann")
BO = Author(id="8", handle="bo@news.example", name="Bo Birch", url="https://news.example/@bo")
WORDS = "The city sent forty-one pages of water tests. Well seven is six times as high as the limit allows."

HOSTILE = ('"><script>alert(1)</script>', "\u202egnp.exe\nx' onerror=alert(1)")
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def a_post(number: int, content: str = "", **fields: object) -> Post:
    """A post of Ann's, seven minutes after the one before."""
    made = Post(
        id=str(number),
        url=f"https://social.example/@ann/{number}",
        author=ANN,
        created_at=MORNING + timedelta(minutes=7 * number),
        content=content or f"<p>{number}/ {WORDS}</p>",
        language="en",
        in_reply_to=str(number - 1) if number > 1 else None,
    )
    return replace(made, **fields)


def a_document(*nodes: Node, roles: dict[str, Role] | None = None, **more: object) -> Document:
    """A document of Ann's thread, whole unless something else is said."""
    found = sum(isinstance(node, Post) for node in nodes)
    whole = Completeness(
        found=found,
        expected=found,
        proof="the author's public posts were listed from the first of the thread to the newest of all",
        top_proven=True,
        end_proven=True,
    )
    about = {key: more.pop(key) for key in ("gone", "completeness", "observations", "kind") if key in more}
    thread = Thread(
        id="1",
        platform="mastodon",
        url="https://social.example/@ann/1",
        focus="1",
        author=ANN,
        nodes=nodes,
        roles={node.id: Role.MAIN for node in nodes} | (roles or {}),
        route="listing",
        **{"completeness": whole, **about},
    )
    run = Run(
        id="3f0b5b3e-7d3a-4d0e-9a51-5d7c3c1f1a10",
        url=thread.url,
        tool="thread-archiver",
        started_at=MORNING + timedelta(days=1),
        finished_at=MORNING + timedelta(days=1, seconds=9),
        requests=7,
        hosts=("social.example",),
        receipt=f"ledger 118 · head {hashlib.sha256(b'head').hexdigest()}",
    )
    return Document(thread=thread, run=run, **more)


def plain(folder: Path) -> Document:
    """A thread of a few posts."""
    return a_document(*(a_post(number) for number in range(1, 7)))


def right_to_left(folder: Path) -> Document:
    """Arabic and Hebrew, with Latin in between, and a name from right to left."""
    noor = replace(ANN, name="نور الهدى", handle="noor@social.example")
    texts = (
        ("ar", "<p>أرسلت البلدية إحدى وأربعين صفحة من نتائج فحص المياه.<br>البئر رقم 7 في شارع Mill Street.</p>"),
        ("he", "<p>המים בבאר 7 גבוהים פי שישה מהמותר (63 µg/l).</p><p>A line in English.</p>"),
        ("ar", '<p>التقرير هنا: <a href="https://lab.example/r.pdf">https://lab.example/r.pdf</a></p>'),
    )
    posts = [a_post(number, text, language=of, author=noor) for number, (of, text) in enumerate(texts, 1)]
    made = a_document(*posts)
    return replace(made, thread=replace(made.thread, author=noor))


def full_of_media(folder: Path) -> Document:
    """Pictures, films, sounds, faces, polls, quotes, cards, code, ruby, and what is sensitive, lacking or hostile."""
    film, playlist = files.films(folder)
    chart, tall = files.striped(folder, 640, 360, 40), files.striped(folder, 300, 700, 140)
    ann, bo = (replace(who, avatar_file=files.put(folder, portrait(who.handle))) for who in (ANN, BO))
    described = Attachment(
        kind="image", url="https://files.example/1.png", alt="Lead per well. Well 7 is high.", file=chart
    )
    silent = Attachment(kind="image", url="https://files.example/2.png", file=tall)
    shown = (
        Attachment(kind="video", url="https://files.example/f.mp4", alt="A bar that moves", file=film),
        Attachment(kind="video", url="https://files.example/f.m3u8", file=playlist),
        Attachment(kind="gifv", url="https://files.example/f.gif", alt="A square", file=files.put(folder, files.gif())),
        Attachment(kind="audio", url="https://files.example/s.wav", alt="A tone", file=files.put(folder, files.tone())),
        Attachment(kind="file", url="https://files.example/d.svg", alt="A map", file=files.put(folder, DRAWING)),
    )
    absent = (
        Attachment(kind="image", url="https://files.example/3.png", alt="A letter from the mayor"),
        Attachment(kind="image", url="https://files.example/4.png", fault="could not be fetched: 404"),
        *(Attachment(kind="image", url=f"javascript:{words}", alt=words, fault=words) for words in HOSTILE),
    )
    card = Attachment(
        kind="card", url="https://lab.example/", title="The lab’s report", description="All 41 pages", file=chart
    )
    lost = replace(card, title="The <i>mayor</i>", file=None, picture="https://lab.example/p", fault=HOSTILE[0])
    poll = Poll(
        options=(Option(text="Yes, of course", votes=31), Option(text="No", votes=381)), votes=412, closes_at=MORNING
    )
    quote = Post(
        id="q",
        url="https://news.example/@bo/55",
        author=bo,
        created_at=MORNING - timedelta(days=1),
        content="<p>“The wells are safe,” says the mayor.</p>",
        attachments=(
            Attachment(kind="image", url="https://n.example/1", alt="A ferry", file=files.put(folder, scene("ferry"))),
        ),
        quote=a_post(99, "<p>Are they?</p>", attachments=(replace(described, alt="The mayor drinks"),)),
    )
    code = (
        "<pre>well  µg/l\n7     63\n12    4</pre><ul><li>one</li><li>two</li></ul><blockquote><p>said</p></blockquote>"
    )
    ruby = "<p><ruby>漢<rt>かん</rt></ruby>字 <em>em</em> <strong>strong</strong> <del>del</del> H<sub>2</sub>O</p>"
    made = a_document(
        a_post(1, attachments=(described, silent)),
        a_post(2, attachments=(*shown, *absent)),
        a_post(3, summary="health", sensitive=True, attachments=(described,)),
        a_post(4, "<p>Would you drink it?</p>", poll=poll),
        a_post(5, quote=quote),
        a_post(6, attachments=(card, lost)),
        a_post(7, html.clean(code)),
        a_post(8, ruby, language="ja"),
        a_post(9, "<p>All the wells?</p>", author=bo, in_reply_to="1"),
        roles={"9": Role.REPLY},
    )
    return replace(made, thread=replace(made.thread, author=ann))


def changed(folder: Path) -> Document:
    """Gaps, edits, deletions, contradictions, branches, answers and replies."""
    gap = Missing(
        id="3",
        reason=Reason.DELETED,
        url="https://social.example/@ann/3",
        in_reply_to="2",
        author=ANN.id,
        detail="the server answers 404",
        inferred="from the order of the posts around it",
        seen_at=MORNING + timedelta(days=1),
    )
    above = a_post(90, "<p>What about the water?</p>", author=BO, in_reply_to=None, created_at=MORNING)
    posts = (
        above,
        a_post(1, in_reply_to="90"),
        a_post(2, "<p>Well 7 had 63 µg/l, not 36. The filter is broken.</p>", edited_at=MORNING + timedelta(hours=2)),
        gap,
        a_post(4, in_reply_to="3"),
        a_post(5, truncated=True),
        a_post(6),
        a_post(20, "<p>A later thought on the second post.</p>", in_reply_to="2"),
        a_post(21, "<p>Yes: all of them.</p>", in_reply_to="30"),
        a_post(30, "<p>All the wells?</p>", author=BO, in_reply_to="1"),
    )
    roles = {"90": Role.CONTEXT, "20": Role.BRANCH, "21": Role.ANSWER, "30": Role.REPLY}
    versions = {
        "2": (
            Version(
                content="<p>Well 7 had 36 µg/l. The filter works.</p>",
                summary=None,
                seen_at=MORNING + timedelta(minutes=30),
            ),
        )
    }
    seen = Observation(
        post="6",
        route="wayback",
        seen_at=MORNING + timedelta(hours=3),
        content="<p>Six: the city sent nothing at all.</p>",
        url="https://web.example/20260302/1",
    )
    gone = Missing(id="4", reason=Reason.DELETED, detail="the server answers 410", seen_at=MORNING + timedelta(days=1))
    lacking = Completeness(
        found=5, expected=6, proof="the author's public posts were listed", gaps=(gap,), top_proven=True
    )
    return a_document(
        *posts,
        roles=roles,
        versions=versions,
        last_seen={"6": MORNING},
        gone=(gone,),
        observations=(seen, replace(seen, post="1", route="listing", content=f"<p>1/ {WORDS}</p>", url="")),
        completeness=lacking,
    )


def long(number: int) -> Callable[[Path], Document]:
    """A storm of many posts, every tenth with a picture."""

    def made(folder: Path) -> Document:
        pictures = [
            Attachment(
                kind="image", url=f"https://f.example/{one}", alt="A chart", file=files.striped(folder, 400, 300, one)
            )
            for one in range(40, 90)
        ]
        posts = (
            a_post(
                one,
                attachments=(pictures[one // 10 % 50],) if one % 10 == 0 else (),
                created_at=MORNING + timedelta(minutes=one),
            )
            for one in range(1, number + 1)
        )
        return a_document(*posts, kind=Kind.STORM)

    return made


PAGES: dict[str, Callable[[Path], Document]] = {
    "plain": plain,
    "right-to-left": right_to_left,
    "full-of-media": full_of_media,
    "changed": changed,
    "long": long(500),
}
