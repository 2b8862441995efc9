"""The page of a thread: what a reader finds on it, what hostile content cannot do to it, and the list of threads."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cases import cases, document, name
from hostile import TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import faults, read
from samples import ANN, BO, NOON, a_post, a_thread, later, threads

from archiver.exporters.listing import listing
from archiver.exporters.page import changes
from archiver.exporters.page.index import TEXT as LARGEST
from archiver.exporters.page.index import Row, index, words_of
from archiver.exporters.page.style import STYLE
from archiver.exporters.page.tags import Safe, joined, line, link, tag
from archiver.exporters.page.thread import page
from archiver.exporters.said import PSEUDONYMS
from archiver.exporters.style import Style
from archiver.model import (
    Attached,
    Attachment,
    Completeness,
    Document,
    Kind,
    Missing,
    Node,
    Observation,
    Option,
    Poll,
    Reason,
    Role,
    Run,
    Verdict,
    Version,
)

RUN = Run(
    id="r1",
    url="https://social.example/@ann/1",
    tool="thread-archiver 0",
    started_at=NOON,
    finished_at=later(hours=1),
    requests=3,
    hosts=("social.example",),
    receipt="ledger 3 · head 9f2c",
)
WHOLE = Completeness(found=2, expected=2, proof="counted", top_proven=True, end_proven=True)
PICTURE = Attachment(kind="image", url="https://files.example/1.png", alt="A nest", file="media/3f/3f9a.png")


def a_document(*nodes: Node, roles: dict[str, Role] | None = None, run: Run = RUN, **more: object) -> Document:
    about = {key: more.pop(key) for key in ("gone", "completeness", "observations", "kind", "route") if key in more}
    thread = a_thread(*nodes, **{"completeness": WHOLE, **about})
    return Document(thread=replace(thread, roles={**thread.roles, **(roles or {})}), run=run, **more)


def shown(*nodes: Node, **more: object) -> str:
    """The text of a page, white space made one blank."""
    made = page(a_document(*nodes, **more))
    assert faults(made) == []
    return " ".join(read(made).body.get_text().split())


@pytest.mark.parametrize("case", cases(), ids=name)
def test_every_case_gives_a_sound_page_with_all_its_words(case: Path) -> None:
    made = document(case)
    text = page(made, Style(zone=ZoneInfo("America/New_York")), home="../index.html")
    assert faults(text) == []
    tree = read(text)
    assert len(tree.find_all("article")) == len(made.thread.nodes)
    for post, article in zip(made.thread.posts, tree.select("article.post"), strict=True):
        words = article.select_one(":scope > .text")
        assert "".join((words.get_text() if words else "").split()) == "".join(_letters(post.content).split())
    assert text == page(made, Style(zone=ZoneInfo("America/New_York")), home="../index.html")


def _letters(content: str) -> str:
    return read(content).get_text()


def test_the_first_screen_says_who_when_whether_it_is_whole_and_whence() -> None:
    tree = read(page(a_document()))
    head = " ".join(tree.header.get_text(" ").split())
    for words in ("Ann Ash", "@ann@social.example", "Complete: 2 of 2 posts.", "12 March 2026, 12:01 to 12:02 UTC"):
        assert words in head
    for words in ("13:00 UTC", "https://social.example/@ann/1", "ledger 3 · head 9f2c"):
        assert words in head
    assert "none yet" in shown(run=replace(RUN, receipt=""))


def test_no_page_may_load_anything_from_elsewhere() -> None:
    tree = read(page(a_document(a_post(1, attachments=(PICTURE,)))))
    policy = tree.select_one("meta[http-equiv]")["content"]
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; media-src 'self'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert tree.select_one("meta[name=referrer]")["content"] == "no-referrer"
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_every_post_has_a_permalink_a_time_and_its_language() -> None:
    tree = read(page(a_document(a_post(1), a_post(2, "<p>שלום</p>", language="he"), a_post(3, language="qme"))))
    second = tree.find(id="post-2")
    assert second.h3.a["href"] == "#post-2"
    assert second.time["datetime"] == "2026-03-12T12:02:00Z"
    assert (second.select_one(".text")["lang"], second.select_one(".text")["dir"]) == ("he", "auto")
    assert "lang" not in tree.find(id="post-3").select_one(".text").attrs
    assert tree.html["lang"] == "en"
    assert tree.select_one("a.skip")["href"] == "#thread"


def test_the_kinds_of_posts_are_told_apart() -> None:
    nodes = (
        a_post(9, author=BO),
        a_post(1, in_reply_to="9"),
        a_post(2, in_reply_to="1"),
        a_post(3, in_reply_to="1"),
        a_post(4, in_reply_to="5"),
        a_post(6, in_reply_to="elsewhere"),
        a_post(7, in_reply_to="8"),
        a_post(5, author=BO, in_reply_to="1"),
        a_post(10, author=BO, in_reply_to="gone"),
        a_post(11, author=BO, in_reply_to="12"),
        Missing(id="8", reason=Reason.UNKNOWN, author=ANN.id),
        Missing(id="12", reason=Reason.UNKNOWN),
    )
    kinds = [Role.CONTEXT, Role.MAIN, Role.MAIN, Role.BRANCH, Role.ANSWER, Role.ANSWER, Role.ANSWER]
    kinds += [Role.REPLY] * 5
    roles = {node.id: role for node, role in zip(nodes, kinds, strict=True)}
    made = page(a_document(*nodes, roles=roles))
    assert faults(made) == []
    tree = read(made)
    assert [heading.get_text() for heading in tree.select("main h2")] == [
        *("What it answers", "The thread", "Branches", "Answers", "Replies")
    ]
    about = [" ".join(article.header.get_text().split()) for article in tree.select("article.post")]
    assert "in answer to answered post 1" in about[0] or "@bo@social.example" in about[0]
    assert "in answer to post 1" in about[3]
    assert "in answer to reply 1" in about[4]
    assert "in answer to somebody else" in about[5]
    assert "in answer to a missing post by @ann@social.example" in about[6]
    assert "in answer to a post that is not here" in about[8]
    assert "in answer to a missing post ·" in about[9]
    assert "4 more posts by the author, beside the main line." in " ".join(tree.header.get_text().split())


def test_whom_an_unseen_post_is_by_is_said_where_it_is_known() -> None:
    gone = Missing(id="x", reason=Reason.DELETED, author=BO.id)
    quoting = a_post(1, quote=a_post(50, author=BO))
    answer, reply = a_post(2, in_reply_to="x"), a_post(3, author=BO, in_reply_to="x")
    text = shown(quoting, answer, reply, roles={"2": Role.ANSWER, "3": Role.REPLY}, gone=(gone,))
    assert "in answer to @bo@social.example" in text
    assert "in answer to a post by @bo@social.example that is not here" in text


def test_a_gap_stands_in_its_place_and_is_linked_from_the_verdict() -> None:
    gap = Missing(
        id="2",
        reason=Reason.DELETED,
        url="https://social.example/@ann/2",
        author=ANN.id,
        detail="the server answers 404",
        inferred="from the order of the posts around it",
        seen_at=NOON,
    )
    elsewhere = Missing(id="77", reason=Reason.PRIVATE)
    lacking = Completeness(found=2, expected=3, proof="counted", gaps=(gap, elsewhere), stop="a limit")
    made = page(a_document(a_post(1), gap, a_post(3), completeness=lacking))
    assert faults(made) == []
    tree = read(made)
    assert [article["id"] for article in tree.find_all("article")] == ["post-1", "gap-1", "post-2"]
    assert "404 (12 March 2026, 12:00 UTC): it was deleted. Its text was never captured. Its place is inferred" in (
        " ".join(tree.find(id="gap-1").get_text().split())
    )
    verdict = tree.select_one(".verdict")
    assert verdict.select_one('a[href="#gap-1"]').get_text() == "after post 1"
    assert "Two posts are missing: after post 1 (it was deleted); one whose place is not known" in verdict.get_text()
    assert "Collecting ended early: A limit." in verdict.get_text()
    withheld = replace(gap, reason=Reason.WITHHELD, detail="withheld by this archive: a child", inferred="", url=None)
    text = shown(withheld, a_post(3), completeness=Completeness(found=1, gaps=(withheld,)))
    assert "before the first post (this archive withholds it)" in text
    assert "never captured" not in text
    assert "less what is withheld" in text
    assert "A post by somebody else stood here" in shown(a_post(1), gap, roles={"2": Role.REPLY})


def test_verdicts() -> None:
    assert "Nothing proves that there is no more." in shown(completeness=Completeness(found=2))
    assert "Not known to be the whole thread: 2 posts. The beginning is not proven." in shown(
        completeness=Completeness(found=2)
    )
    less = Completeness(found=2, expected=5, top_proven=True)
    assert "Partial: 2 of 5 posts. Three posts that the platform counts could not be found." in shown(completeness=less)
    many = Completeness(found=2, gaps=tuple(Missing(id=f"m{n}", reason=Reason.UNKNOWN) for n in range(2)))
    assert "Two posts are missing" in shown(completeness=many)
    assert "One post is missing" in shown(completeness=replace(many, gaps=many.gaps[:1]))


def test_an_edit_is_shown_as_a_difference_of_words() -> None:
    edited = a_post(2, "<p>Well 7 had 63</p>", in_reply_to="1", edited_at=later(days=1))
    versions = {
        "2": (
            Version(content="<p>Well 7 had 36</p>", summary="water", seen_at=later(minutes=3)),
            Version(content="<p>Well 7 had 63!</p>", summary=None, seen_at=later(minutes=4)),
        )
    }
    made = page(a_document(a_post(1), edited, a_post(3, edited_at=later(minutes=9)), versions=versions))
    assert faults(made) == []
    tree = read(made)
    first, second = tree.select(".changes .diff")
    assert [mark.get_text() for mark in first.select("del, ins")] == ["36", "63!"]
    assert [mark.get_text() for mark in second.select("del, ins")] == ["!"]
    assert "2 earlier versions" in tree.find(id="post-2").get_text()
    assert "with the content warning “water”" in tree.find(id="post-2").get_text()
    assert "edited 13 March 2026, 12:00 UTC" in tree.find(id="post-2").get_text()
    assert "edited 12:09" in tree.find(id="post-3").get_text()
    assert "Edited: post 2, post 3." in " ".join(tree.header.get_text().split())
    assert tree.select_one("details.changes").has_attr("open")


def test_a_difference_loses_no_word_of_either_text() -> None:
    assert changes.difference("Words: b", "Words: c") == "Words: <del>b</del><ins>c</ins>"
    assert changes.difference("all of it", "quite other") == "<del>all of it</del>\n\n<ins>quite other</ins>"
    assert changes.difference("", "new") == "<ins>new</ins>"
    long = "x " * (changes.MOST // 1000)
    tree = read(changes.difference(long, "y " * 2000))
    assert tree.find("del").get_text() == long


@given(st.text("ab .<&é\n"), st.text("ab .<&é\n"))
def test_both_texts_can_be_read_off_a_difference(before: str, after: str) -> None:
    made = changes.difference(before, after)
    for kept, gone, words in (("del", "ins", before), ("ins", "del", after)):
        tree = read(f"<pre>x{made}</pre>")
        for mark in tree.find_all(gone):
            mark.decompose()
        assert kept
        shown = tree.get_text()[1:]
        assert shown == words or shown.strip() == words.strip()


def test_earlier_editions_and_other_sources_words_are_shown() -> None:
    seen = (
        Observation(post="1", route="a", seen_at=NOON, content="", version="v1"),
        Observation(post="1", route="a", seen_at=NOON, content="<p>Before</p>", version="v2"),
        Observation(post="1", route="wayback", seen_at=NOON, content="<p>Else</p>", url="https://web.example/1"),
        Observation(post="2", route="b", seen_at=NOON, content="<p>Post number 2</p>", url="https://web.example/2"),
        Observation(post="3", route="c", seen_at=NOON, content="<p>Post number 3</p>"),
    )
    nodes = (a_post(1, route="z"), a_post(2, route="b"), a_post(3, route="c"), a_post(4, route="context"))
    text = shown(*nodes, observations=seen)
    assert "There was an earlier version (v1). Its text was not captured." in text
    assert "Before it was edited, version v2 (taken out and put in since): Before Post number 1" in text
    assert "As shown by the Wayback Machine, captured 12 March 2026, 12:00 UTC (only above and only there)" in text
    assert "2 earlier versions; 1 source shows it differently" in text
    assert "as shown by the route “z” as" not in text
    assert "as shown by the route “b” · captured 12 March 2026, 12:00 UTC" in text
    assert "Shown differently by another source: post 1." in text


def test_a_copy_of_one_page_says_so() -> None:
    seen = tuple(
        Observation(post=str(n), route="embeds", seen_at=NOON, content="", url="https://news.example/a") for n in (1, 2)
    )
    text = shown(observations=seen)
    assert "All posts are shown as the press kept them, in https://news.example/a: a copy, and no word" in text


def test_what_was_learnt_of_a_post_since_stands_below_it() -> None:
    gone = Missing(id="1", reason=Reason.DELETED, detail="it answers 404", seen_at=NOON)
    posts = (a_post(1), a_post(2), a_post(3, truncated=True), a_post(4, day_only=True))
    text = shown(*posts, gone=(gone,), last_seen={"2": NOON})
    assert "No longer there: It answers 404 (12 March 2026, 12:00 UTC): it was deleted. The text shown here" in text
    assert "Not asked for at the last visit, on 12 March 2026, 13:00 UTC; last seen 12 March 2026, 12:00 UTC." in text
    assert "Only the beginning of this post was shown." in text
    assert "No longer on the platform: post 1. Cut short: post 3." in text
    assert '<time datetime="2026-03-12">12 March 2026</time>' in page(a_document(*posts))
    many = tuple(a_post(number, truncated=True) for number in range(1, 12))
    assert "post 8 and 3 more." in shown(*many)


def test_media_that_is_held_is_shown_and_any_other_only_linked() -> None:
    nest = replace(PICTURE, alt=" ")
    kinds = [
        replace(PICTURE, kind=kind, file=f"media/a/{kind}.{ending}")
        for kind, ending in (("video", "mp4"), ("gifv", "mp4"), ("audio", "mp3"), ("file", "pdf"))
    ]
    lost = (
        Attachment(kind="image", url="", alt="lost"),
        Attachment(kind="sound", url="https://x.example/", file="/etc", fault="it answers 404"),
    )
    card = Attachment(
        kind="card", url="https://news.example/", title="News", description="About it", file="media/a/c.png"
    )
    bare = Attachment(kind="card", url="https://news.example/b")
    made = page(a_document(a_post(1, attachments=(PICTURE, nest, *kinds, *lost, card, bare))))
    assert faults(made) == []
    tree = read(made)
    first, second, preview = tree.find_all("img")
    assert (preview["src"], preview["alt"]) == ("../media/a/c.png", "")
    assert (first["src"], first["alt"], first["loading"]) == ("../media/3f/3f9a.png", "A nest", "lazy")
    assert second["alt"] == "Image 2 of 8, which its author did not describe"
    assert [element.name for element in tree.find_all(["video", "audio"])] == ["video", "video", "audio"]
    text = tree.get_text()
    for words in ("described by the author: A nest", "no description by the author", "the platform has lost it"):
        assert words in text
    assert "no copy kept (it answers 404)" in text
    assert "Link preview: News. About it" in text
    assert "Link preview: https://news.example/b" in text


def test_sensitive_pictures_are_shown_only_when_asked_for() -> None:
    nodes = (a_post(1, sensitive=True, labels=("nudity",), attachments=(PICTURE,)), a_post(2, summary="birds"))
    made = read(page(a_document(*nodes)))
    assert made.select_one("details > img")
    assert "Marked as sensitive: nudity" in made.get_text()
    assert "Content warning by the author: birds" in made.get_text()
    assert not read(page(a_document(*nodes), Style(sensitive=True))).select("details")
    assert "Marked as sensitive" in shown(a_post(1, sensitive=True))


def test_polls_and_quotes() -> None:
    poll = Poll(options=(Option(text="Yes", votes=3), Option(text="No")), votes=4, closes_at=NOON)
    both = Poll(options=(Option(text="A", votes=2), Option(text="B", votes=0)), multiple=True, voters=2, votes=2)
    late = Poll(options=(Option(text="A", votes=0),), votes=0, closes_at=later(days=2))
    text = shown(a_post(1, poll=poll), a_post(2, poll=both), a_post(3, poll=late))
    assert "Poll, closed 12 March 2026, 4 votes Yes: 3 votes (75 %) No: votes hidden" in text
    assert "Poll, open, 2 votes, several answers allowed A: 2 votes (100 %)" in text
    assert "Poll, open until 14 March 2026, 12:00 UTC, 0 votes A: 0 votes" in text
    deep = a_post(7, author=BO, quote=a_post(8, author=BO, quote=a_post(9, author=BO, quote=None)))
    text = shown(a_post(1, quote=deep), a_post(2, quote=Missing(id="x", reason=Reason.DELETED)))
    assert "It quotes another post by @bo@social.example." in text
    assert "A quoted post is not shown: it was deleted." in text


def test_headings_and_links_in_a_post() -> None:
    content = (
        '<h2>Big <strong>and bold</strong></h2><p><a href="https://a.example/">https://a.example/</a> '
        '<a href="https://b.example/">here</a> <a href="https://c.example/@bo" class="mention">@bo</a></p>'
        "<pre>a  b</pre>"
    )
    tree = read(page(a_document(a_post(1, content))))
    text = tree.select_one(".text")
    assert [element.name for element in text.find_all(recursive=False)] == ["p", "p", "pre"]
    assert text.p.get_text() == "Big and bold"
    assert [link.get("class") for link in text.find_all("a")] == [["bare"], None, ["mention"]]


def test_a_page_with_pseudonyms_says_so() -> None:
    assert PSEUDONYMS in read(page(a_document(), Style(pseudonyms=True))).header.get_text()
    assert PSEUDONYMS not in shown()


def test_a_storm_is_told_as_one() -> None:
    roles = {"2": Role.OTHER, "3": Role.ANSWER}
    nodes = (a_post(1), a_post(2, author=BO), a_post(3, in_reply_to="2"))
    text = shown(*nodes, roles=roles, kind=Kind.STORM)
    assert "Posts on Mastodon, archived" in text
    assert "The posts All that the author wrote in this time" in text
    assert "(the author’s page)" in text


def test_the_last_words_say_how_it_was_archived() -> None:
    attached = Attached(
        name="shot.png", sha256="ab", size=3, file="media/ab/ab.png", at=NOON, operator="J", note="Mine"
    )
    run = replace(RUN, failures=("search: no",), operator="J. Doe")
    text = shown(run=run, attached=(attached, replace(attached, operator="", note="")))
    assert (
        "Collected by thread-archiver 0 For J. Doe From social.example With 3 requests, by the route “context”" in text
    )
    assert "Tried in vain Search: no." in text
    assert "Kept every answer as it came: run r1 of the archive" in text
    assert "shot.png, 3 bytes, added by J 12 March 2026, 12:00 UTC. Mine. SHA-256 ab, kept as media/ab/ab.png." in text


def test_a_thread_without_a_post_to_show_is_still_a_page() -> None:
    gap = Missing(id="1", reason=Reason.WITHHELD, author=ANN.id, detail="withheld by this archive: law")
    assert "Thread by Ann Ash" in shown(gap, completeness=Completeness(found=0, gaps=(gap,)))
    nameless = replace(ANN, name="", handle="", url="")
    assert "Reader 1" in shown(a_post(1), a_post(2, author=replace(nameless, name="Reader 1")), roles={"2": Role.REPLY})


def test_tags_escape_what_is_text_and_leave_what_is_made_here() -> None:
    assert tag("p", "a<b>&\x00", title="\"'<") == '<p title="&quot;&#x27;&lt;">a&lt;b&gt;&amp;\ufffd</p>\n'
    assert tag("img", src="x", alt="", hidden=False, title=None) == '<img src="x" alt="">'
    assert tag("bdi", Safe("<i>"), None, ["x", ("y",)], class_="z", aria_label="w") == (
        '<bdi class="z" aria-label="w"><i>xy</bdi>'
    )
    assert link("x", "javascript:alert(1)") == joined("x") == "x"
    assert line(" a\n\u202eb ") == "a b"


@pytest.mark.parametrize("content", TEXTS)
def test_content_that_nobody_has_cleaned_is_clean_on_a_page(content: str) -> None:
    versions = {"1": (Version(content=content, summary=content, seen_at=NOON),)}
    assert faults(page(a_document(a_post(1, content), versions=versions))) == []


@given(threads())
@settings(max_examples=60, deadline=None)
def test_any_thread_gives_a_sound_page(thread: object) -> None:
    roles = {**dict.fromkeys((node.id for node in thread.nodes), Role.MAIN), **thread.roles}
    made = Document(thread=replace(thread, roles=roles), run=RUN)
    assert faults(page(made)) == []


def test_the_list_can_be_read_without_a_script_and_is_searched_with_one() -> None:
    text = page(a_document(a_post(1, "<p>The &lt;/script> well</p>"), a_post(2)))
    listed = Row(listing(a_document(), "html", "pages/a.html"), "pages/a.html", words_of(text))
    untitled = replace(listed.thread, title="", missing=2, verdict=str(Verdict.UNKNOWN))
    made = index([listed, listed._replace(thread=untitled)])
    assert faults(made, scripts=2) == []
    tree = read(made)
    first, second = tree.select(".list > li")
    assert (first.a["href"], first.a.get_text()) == ("pages/a.html", "Post number 1")
    assert second.a.get_text() == "pages/a.html"
    assert "Ann Ash on Mastodon · 12 March 2026 · 2 posts · ✓ complete · archived 12 March 2026" in first.get_text()
    assert "2 posts, 2 missing · ? not known to be whole" in second.get_text()
    data, script = tree.find_all("script")
    texts = json.loads(data.string)
    assert texts[0][1] == "The </script> well\nPost number 2"
    digest = base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in tree.select_one("meta[http-equiv]")["content"]
    assert tree.form.has_attr("hidden")


def test_a_list_of_very_much_says_what_its_search_leaves_out() -> None:
    listed = Row(listing(a_document(), "html", "a"), "pages/a.html", "x" * (LARGEST - 1))
    made = index([listed, listed._replace(text="yyy")])
    assert "in the posts of the newest threads" in made
    assert not re.search("yyy", made)
