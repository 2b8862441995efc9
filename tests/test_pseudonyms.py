"""With pseudonyms, nothing of anybody but the author remains, whatever form the thread is written in."""

import random
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cases import cases, document, name
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import ANN, BO, NOON, a_post, a_thread, later, saved

from archiver.exporters.exact_json import read_exact
from archiver.exporters.feed import feeds
from archiver.exporters.index import accounts, index
from archiver.exporters.listing import listing
from archiver.exporters.markdown import render
from archiver.exporters.pseudonyms import Readers, readers, with_pseudonyms
from archiver.exporters.style import Style
from archiver.exporters.view import authors_of
from archiver.model import (
    Attachment,
    Author,
    Completeness,
    Document,
    Missing,
    Node,
    Observation,
    Option,
    Poll,
    Post,
    Reason,
    Role,
    Run,
    Version,
)
from archiver.publish import FORMS, Choice, publish
from archiver.store.store import Archive
from archiver.text.html import clean, plain

RUN = Run(id="r1", url="https://social.example/@ann/1", tool="thread-archiver 0", started_at=NOON)
HOST = "https://social.example"


def a_person(seed: int) -> Author:
    """Somebody none of whose words occurs by chance."""
    word = f"q{random.Random(seed).getrandbits(40):010x}"
    named = [f"N{word} Person", f"ז{word}", f"山{word}", f"{word.upper()} 🦊", f"n{word}"][seed % 5]
    return Author(
        id=[f"did:plc:{word}i", f"{HOST}/users/{word}u", f"9{seed:09d}7"][seed % 3],
        handle=[f"{word}h.example.com", f"{word}h@far.example", f"{word}h"][seed % 3],
        name=named,
        url=f"{HOST}/@{word}p",
        avatar=f"https://files.example/{word}a.png",
        avatar_file=f"media/aa/{word}.png",
    )


def words_of(author: Author) -> list[str]:
    local = author.handle.partition("@")[0]
    return [author.id, author.handle, local, author.name, author.url, author.avatar or "", author.avatar_file or ""]


def mentioned(draw: st.DrawFn, people: list[Author], between: str = "") -> str:
    """A text that tells of people in all the ways that there are."""
    who = draw(st.sampled_from(people))
    local = who.handle.partition("@")[0]
    ways = (
        who.name,
        who.id,
        f"@{who.handle}",
        f"@{local}",
        who.handle.upper(),
        who.url,
        f"see {who.url}/123?x=1.",
        f"at://{who.id}/post/1",
        f"https://nitter.example/{local}/status/1",
        "nothing",
    )
    return between.join(draw(st.lists(st.sampled_from(ways), min_size=1, max_size=4))) or " "


def html_about(draw: st.DrawFn, people: list[Author]) -> str:
    who = draw(st.sampled_from(people))
    text = mentioned(draw, people, " ").replace("<", "")
    cut = len(who.name) // 2
    ways = (
        f"<p>{text}</p>",
        f'<p>Dear <a href="{who.url}" class="mention">@<span>{who.handle.partition("@")[0]}</span></a>!</p>',
        f'<p><a href="https://bsky.app/profile/{who.id}" class="mention">@somebody.else</a></p>',
        f'<p><a href="{who.url}/1">look</a> and <a href="https://a.example/?to={who.handle}">there</a></p>',
        f"<p>{who.name[:cut]}<em>{who.name[cut:]}</em></p>",
        f"<ul><li>{text}</li></ul><pre>{text}</pre>",
        f'<p><a href="{HOST}/@stranger/77">a stranger</a> <a href="{HOST}/tags/x" class="hashtag">#x</a></p>',
    )
    return clean("".join(draw(st.lists(st.sampled_from(ways), max_size=3))))


def a_post_about(draw: st.DrawFn, number: int, author: Author, people: list[Author]) -> Post:
    def text() -> str:
        return mentioned(draw, people, " ")

    files = [
        Attachment(kind=kind, url=text(), alt=text(), title=text(), description=text()) for kind in ("image", "card")
    ]
    quote: Node | None = draw(st.sampled_from([None, "post", "gap"]))  # type: ignore[assignment]
    if quote == "post":
        quote = a_post(number + 100, clean(text()), author=draw(st.sampled_from(people)), url=text(), summary=text())
        quote = replace(quote, id=f"at://{quote.author.id}/{number}", quote=a_gap(draw, number + 200, people))
    elif quote == "gap":
        quote = a_gap(draw, number + 100, people)
    own = author == ANN
    return a_post(
        number,
        html_about(draw, people),
        id=str(number) if own else f"{author.id}/statuses/{number}",
        url=f"{ANN.url}/{number}" if own else f"{author.url}/{number}",
        author=author,
        summary=draw(st.none() | st.just(text())),
        attachments=tuple(files),
        in_reply_to=f"at://{draw(st.sampled_from(people)).id}/post/{number}",
        poll=Poll(options=(Option(text=text()),)),
        labels=(text(),),
        quote=quote,
        version="c1",
    )


def a_gap(draw: st.DrawFn, number: int, people: list[Author]) -> Missing:
    who = draw(st.sampled_from(people))
    return Missing(
        id=f"{who.id}/statuses/{number}",
        reason=Reason.BLOCKED,
        url=f"{who.url}/{number}",
        author=draw(st.sampled_from([None, who.id])),
        detail=mentioned(draw, people, " "),
        inferred=mentioned(draw, people, " "),
    )


@st.composite
def telling(draw: st.DrawFn) -> tuple[Document, list[Author]]:
    """A document in which everything tells of other people."""
    people = [a_person(seed) for seed in draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=4, unique=True))]
    own = [a_post_about(draw, number, ANN, people) for number in (1, 2)]
    others = [a_post_about(draw, number, who, people) for number, who in enumerate(people, 3)]
    gap = a_gap(draw, 50, people)
    nodes = (*own, *others, gap)
    roles = {node.id: draw(st.sampled_from([Role.REPLY, Role.CONTEXT, Role.OTHER])) for node in (*others, gap)}
    whole = Completeness(found=2, proof=mentioned(draw, people, " "), stop=mentioned(draw, people, " "))
    seen = tuple(
        Observation(
            post=post.id,
            route="web",
            seen_at=NOON,
            content=html_about(draw, people),
            url=f"https://web.example/{people[0].url}",
            version=draw(st.sampled_from(["", f"{people[0].id}/0"])),
        )
        for post in nodes
        if isinstance(post, Post)
    )
    thread = replace(
        a_thread(*nodes, roles={"1": Role.MAIN, "2": Role.ANSWER} | roles, completeness=whole),
        focus=others[0].id,
        observations=seen,
        gone=(replace(gap, id=others[0].id),),
        hint=mentioned(draw, people, " "),
    )
    versions = {post.id: (Version(content=html_about(draw, people), summary="", seen_at=NOON),) for post in others}
    run = replace(RUN, url=others[0].url, failures=(mentioned(draw, people, " "),))
    last = dict[str, datetime](dict.fromkeys((post.id for post in others), later(days=1)))
    return Document(thread=thread, run=run, versions=versions, last_seen=last), people


def numbered(people: list[Author]) -> Readers:
    return readers((number, (author,)) for number, author in enumerate(people, 1))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(telling())
def test_nothing_of_anybody_else_remains_in_any_form(told: tuple[Document, list[Author]]) -> None:
    made, people = told
    hidden = with_pseudonyms(made, numbered(people))
    listed = [listing(hidden, "record", "threads/x.md")]
    files = {form: how.write(hidden, Style(replies=True, sensitive=True)) for form, how in FORMS.items()}
    files |= index(listed) | dict(accounts(listed)) | feeds(listed, "urn:x", "")
    for form, text in files.items():
        for person in people:
            assert [word for word in words_of(person) if word.lower() in text.lower()] == [], form
        assert "stranger/77" not in text


@settings(max_examples=20, deadline=None, derandomize=True)
@given(telling())
def test_the_document_stays_whole_and_is_the_same_each_time(told: tuple[Document, list[Author]]) -> None:
    made, people = told
    names = numbered(people)
    hidden = with_pseudonyms(made, names)
    assert hidden == with_pseudonyms(made, names)
    assert len(hidden.thread.nodes) == len(made.thread.nodes)
    assert len(hidden.thread.roles) == len(made.thread.roles)
    assert {node.id for node in hidden.thread.nodes} == set(hidden.thread.roles)
    assert (hidden.thread.author, hidden.thread.id, hidden.thread.url) == (ANN, "1", made.thread.url)
    assert [post.url for post in hidden.thread.posts if post.author == ANN] == [f"{ANN.url}/1", f"{ANN.url}/2"]
    assert read_exact(FORMS["json"].write(hidden, Style())) == hidden


CY = Author(id="https://far.example/users/cy", handle="cy@far.example", name="Cy Crane", url="https://far.example/@cy")


def texts(*posts: Post) -> list[str]:
    made = Document(thread=a_thread(*posts), run=RUN)
    return [plain(post.content) for post in with_pseudonyms(made, readers([(3, (CY,))])).thread.posts]


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ('<p><a href="https://far.example/@cy" class="mention">@cy</a> hi</p>', "Reader 3 hi"),
        ('<p><a href="https://social.example/@ann" class="mention">@ann</a> hi</p>', "@ann hi"),
        ('<p><a href="https://b.example/@dee" class="mention">@dee</a> hi</p>', "somebody hi"),
        (
            "<p>@dee and @ann and @ann@social.example and me@a.example</p>",
            "somebody and @ann and @ann@social.example and",
        ),
        ("<p>see http://[x</p>", "see http://[x"),
        ("<p>Cy Crane, not Cy Cranes</p>", "Reader 3, not Cy Cranes"),
        ("<p>cy@far.example, @cy. @cy@other.example</p>", "Reader 3, Reader 3. somebody"),
        (
            '<p>at <a href="https://social.example/@dee/1">https://social.example/@dee/1</a></p>',
            "at (an address of somebody)",
        ),
        ('<p><a href="https://social.example/@ann/2">mine</a></p>', "mine"),
    ],
)
def test_what_stands_in_the_place_of_a_name(content: str, shown: str) -> None:
    [text, _] = texts(a_post(1, content), a_post(2, author=CY, id="cy"))
    assert text.startswith(shown)


def test_an_author_of_the_archive_who_is_only_mentioned_has_the_same_name() -> None:
    link = '<p><a href="https://far.example/@cy" class="mention">@cy</a> and @cy@far.example</p>'
    assert texts(a_post(1, link)) == ["Reader 3 and Reader 3"]


def test_whoever_shares_a_name_with_the_author_does_not_hide_the_author() -> None:
    twin = replace(CY, name=ANN.name)
    assert texts(a_post(1, f"<p>{ANN.name} here</p>"), a_post(2, author=twin, id="t"))[0] == f"{ANN.name} here"


def test_short_numbers_and_signs_are_not_taken_for_people() -> None:
    odd = Author(id="12", handle="", name="🦊")
    assert texts(a_post(1, "<p>12 foxes 🦊</p>"), a_post(2, author=odd, id="t"))[0] == "12 foxes 🦊"


def test_the_authors_files_keep_their_addresses_and_those_of_others_do_not() -> None:
    def a_file(url: str) -> Attachment:
        return Attachment(kind="image", url=url, file="media/aa/b.png")

    made = Document(
        thread=a_thread(
            a_post(1, attachments=(a_file(f"{HOST}/f.png"), a_file("https://far.example/@cy/f.png"))),
            a_post(2, author=CY, id="cy", attachments=(a_file("https://files.example/g.png"),)),
        ),
        run=RUN,
    )
    hidden = with_pseudonyms(made, Readers())
    assert [file.url for post in hidden.thread.posts for file in post.attachments] == [
        f"{HOST}/f.png",
        *["withheld:"] * 2,
    ]
    assert "platform has lost it" not in render(hidden)


def test_numbers_are_those_of_the_archive_and_do_not_change(archive: Archive, tmp_path: Path) -> None:
    other = replace(a_thread(a_post(30, author=CY, id="x")), id="x", url="https://social.example/@cy/x", author=CY)
    first = a_thread(a_post(1), a_post(2, author=BO, in_reply_to="1"))
    saved(archive, replace(first, roles={"1": Role.MAIN, "2": Role.REPLY}))
    saved(archive, other, hours=1)
    choice = Choice(pseudonyms=True)
    before = published(archive, tmp_path, choice)
    assert "**Reader 2** · in answer to" in before
    saved(archive, replace(a_thread(a_post(40, author=replace(BO, id="99"))), id="40"), hours=2)
    assert before == published(archive, tmp_path, choice)


def published(archive: Archive, out: Path, choice: Choice) -> str:
    [written] = publish(archive, ["1"], out / "site", choice)
    return written.put.path.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["record", "article", "html"])
def test_a_document_with_pseudonyms_says_so(form: str) -> None:
    made = with_pseudonyms(Document(thread=a_thread(), run=RUN), Readers())
    assert "Everybody but the author has a pseudonym here" in FORMS[form].write(made, Style(pseudonyms=True))
    assert "a pseudonym" not in FORMS[form].write(made, Style())


@pytest.mark.parametrize("case", cases(), ids=name)
def test_a_case_tells_of_nobody_but_its_author(case: Path) -> None:
    made = document(case)
    text = "".join(how.write(with_pseudonyms(made, Readers()), Style(replies=True)) for how in FORMS.values())
    others = [author for author in authors_of(made) if author.id != made.thread.author.id]
    assert [author for author in others if f"@{author.handle}" in text or (author.name and author.name in text)] == []


def test_the_place_of_a_post_stays_if_it_is_the_authors_own() -> None:
    thread = a_thread(a_post(1, location="Ostermoor"), a_post(2, location="Upper Marsh", author=BO))
    shown = with_pseudonyms(Document(thread=thread, run=RUN), Readers()).thread.posts
    assert [post.location for post in shown] == ["Ostermoor", None]
