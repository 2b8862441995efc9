"""Made-up threads: plain ones to write tests with, and strategies for all that the model allows."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from archiver.http.message import Exchange, Request
from archiver.layout import DATABASE
from archiver.model import (
    Attachment,
    Author,
    Completeness,
    Counts,
    Kind,
    Missing,
    Node,
    Observation,
    Option,
    Poll,
    Post,
    Reason,
    Role,
    Thread,
)
from archiver.options import Options
from archiver.store.rows import in_order
from archiver.store.store import Archive

URL = "https://social.example/@ann/1"
NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
ANN = Author(id="7", handle="ann@social.example", name="Ann Ash", url="https://social.example/@ann")
BO = Author(id="8", handle="bo@social.example")


def later(**much: float) -> datetime:
    """Return a time after noon."""
    return NOON + timedelta(**much)


def a_post(number: int, content: str = "", **fields: object) -> Post:
    """A post of Ann's; `number` is its id and its minute."""
    post = Post(
        id=str(number),
        url=f"https://social.example/@ann/{number}",
        author=ANN,
        created_at=later(minutes=number),
        content=content or f"<p>Post number {number}</p>",
    )
    return replace(post, **fields)


def a_thread(*nodes: Node, **fields: object) -> Thread:
    """A thread of Ann's with these nodes, or with two posts, all on the main line."""
    nodes = nodes or (a_post(1), a_post(2, in_reply_to="1"))
    thread = Thread(
        id=nodes[0].id,
        platform="mastodon",
        url=f"https://social.example/@ann/{nodes[0].id}",
        focus=nodes[0].id,
        author=ANN,
        nodes=nodes,
        roles={node.id: Role.MAIN for node in nodes},
        completeness=Completeness(found=sum(isinstance(node, Post) for node in nodes)),
        route="context",
    )
    return replace(thread, **fields)


def an_exchange(asked: str = "https://social.example/api/1", **fields: object) -> Exchange:
    """An answered GET."""
    exchange = Exchange(
        request=Request(url=asked),
        seq=0,
        attempt=0,
        url=asked,
        request_headers=(("Accept", "*/*"),),
        started_at=NOON,
        finished_at=later(seconds=1),
        status=200,
        reason="OK",
        headers=(("Content-Type", "application/json"),),
        body=b'{"id": "1"}',
        peer="203.0.113.9",
    )
    return replace(exchange, **fields)


def saved(
    archive: Archive, thread: Thread, latest: Thread | None = None, order: Sequence[str] = (), **when: float
) -> str:
    """Save a thread in a run of its own, `when` after noon, and return the archive's id for it."""
    run = archive.begin(thread.url, Options(), later(**when))
    id_ = archive.save(run, thread, latest, order)
    archive.finish(run, "complete", [], later(**when))
    return id_


def sql(archive: Archive, query: str) -> list[tuple[object, ...]]:
    """Ask what is on the disk, past the archive's own connection."""
    with closing(sqlite3.connect(archive.folder / DATABASE)) as connection:
        return connection.execute(query).fetchall()


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ids = st.one_of(
    texts.filter(bool), st.sampled_from(["'", '"; DROP TABLE posts', "a/b", "at://did:x/y", "%", "🧵", " "])
)
times = st.datetimes(timezones=st.just(UTC))
numbers = st.integers(-(2**63) + 1, 2**63 - 1)
contents = st.one_of(
    texts,
    st.sampled_from(
        [
            '<p>A <a href="https://a.example/?x=1&amp;y=2">link</a> and <a href="https://b.example/">more</a></p>',
            '<p><a href="https://c.example/@bo" class="mention">@bo</a></p>',
            '<p><a href="https://c.example/t/x" class="hashtag">#Ünï</a></p>',
            "<p></p><p>Second</p>",
        ]
    ),
)
maybe_text, maybe_time, maybe_number = st.none() | texts, st.none() | times, st.none() | numbers


def gaps(id_: str) -> st.SearchStrategy[Missing]:
    """All ways in which a post of this id may be missing."""
    return st.builds(
        Missing,
        id=st.just(id_),
        reason=st.sampled_from(Reason),
        url=maybe_text,
        in_reply_to=st.none() | ids,
        author=st.none() | ids,
        detail=texts,
        inferred=texts,
        created_at=maybe_time,
        seen_at=maybe_time,
    )


def posts(id_: str, authors: list[Author], quote: Node | None) -> st.SearchStrategy[Post]:
    """All posts of this id."""
    attachments = st.builds(
        Attachment,
        kind=texts,
        url=texts,
        alt=maybe_text,
        title=maybe_text,
        description=maybe_text,
        media_type=maybe_text,
        file=maybe_text,
    )
    options = st.lists(st.builds(Option, text=texts, votes=maybe_number), max_size=3).map(tuple)
    polls = st.builds(
        Poll, options=options, multiple=st.booleans(), closes_at=maybe_time, voters=maybe_number, votes=maybe_number
    )
    return st.builds(
        Post,
        id=st.just(id_),
        url=texts,
        author=st.sampled_from(authors),
        created_at=times,
        content=contents,
        summary=maybe_text,
        sensitive=st.booleans(),
        edited_at=maybe_time,
        language=maybe_text,
        location=maybe_text,
        in_reply_to=st.none() | ids,
        quote=st.just(quote),
        attachments=st.lists(attachments, max_size=3).map(tuple),
        poll=st.none() | polls,
        counts=st.builds(Counts, replies=maybe_number, reposts=maybe_number, likes=maybe_number, quotes=maybe_number),
        labels=st.lists(texts, max_size=2).map(tuple),
        version=maybe_text,
        keyed_at=maybe_time,
        indexed_at=maybe_time,
        quoted_version=maybe_text,
        notices=st.lists(texts, max_size=2).map(tuple),
        route=texts,
        truncated=st.booleans(),
        day_only=st.booleans(),
    )


@st.composite
def threads(draw: st.DrawFn) -> Thread:
    """Any thread in which an id means one thing."""
    names = st.builds(Author, id=ids, handle=texts, name=texts, url=texts, avatar=maybe_text)
    authors = draw(st.lists(names, min_size=1, max_size=3, unique_by=lambda author: author.id))
    fresh = iter(draw(st.lists(ids, min_size=24, max_size=24, unique=True)))

    def node(depth: int) -> Node:
        id_ = next(fresh)
        if draw(st.booleans()):
            return draw(gaps(id_))
        quote = node(depth + 1) if depth < 3 and draw(st.booleans()) else None
        return draw(posts(id_, authors, quote))

    nodes = tuple(node(0) for _ in range(draw(st.integers(1, 4))))
    missing = [node for node in nodes if isinstance(node, Missing)]
    counted = draw(st.lists(st.sampled_from(missing), unique=True)) if missing else []
    held = [node.id for node in nodes if isinstance(node, Post)]
    roles = {node.id: draw(st.sampled_from(Role)) for node in nodes if draw(st.booleans())}
    return Thread(
        id=nodes[0].id,
        platform=draw(texts),
        url=draw(st.sampled_from(["https://user@A.example:8080/1", "https://bsky.example/p/1", "", "http://[", "x"])),
        focus=draw(ids),
        author=draw(st.sampled_from(authors)),
        nodes=nodes,
        roles=roles,
        completeness=Completeness(
            found=draw(numbers),
            expected=draw(maybe_number),
            proof=draw(texts),
            top_proven=draw(st.booleans()),
            end_proven=draw(st.booleans()),
            gaps=(*counted, *(draw(gaps(next(fresh))) for _ in range(draw(st.integers(0, 2))))),
            doubts=tuple(draw(st.lists(texts, max_size=2))),
            stop=draw(texts),
        ),
        route=draw(texts),
        gone=tuple(draw(gaps(id_)) for id_ in held if draw(st.booleans())),
        kind=draw(st.sampled_from(Kind)),
        observations=tuple(sorted((draw(observations(id_)) for id_ in held), key=in_order)),
        hint=draw(texts),
        proven_at=draw(maybe_time),
    )


def observations(id_: str) -> st.SearchStrategy[Observation]:
    """All ways in which a source may show a post of this id."""
    return st.builds(
        Observation, post=st.just(id_), route=texts, seen_at=times, content=contents, url=texts, version=texts
    )
