"""A thread of twice as many posts costs twice as much to write, in every form: calls of functions are counted."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import FrameType

import pytest
from samples import NOON, a_post, a_thread

from archiver.exporters.article import article
from archiver.exporters.exact_json import exact
from archiver.exporters.index import index
from archiver.exporters.listing import listing
from archiver.exporters.markdown import render
from archiver.exporters.page.thread import page
from archiver.exporters.style import Style
from archiver.exporters.table import table
from archiver.exporters.terminal import json_lines, text
from archiver.model import Author, Document, Kind, Missing, Node, Observation, Reason, Reduction, Role, Run, Version

SHORT = 400  # posts; the long thread has twice as many
BOUND = 2.2
RUN = Run(id="r", url="https://social.example/@ann/1", tool="t", started_at=NOON)
FORMS: dict[str, Callable[[Document], object]] = {
    "markdown": render,
    "article": article,
    "article with replies": lambda document: article(document, Style(replies=True)),
    "page": page,
    "json": exact,
    "csv": table,
    "show": text,
    "show --json": lambda document: list(json_lines(document)),
    "index": lambda document: index([listing(document, "record", "threads/a.md")]),
}


def a_document(count: int) -> Document:
    """A thread in which posts are gone, edited, quoted, missing, answered, redacted and shown in several ways."""
    nodes: list[Node] = []
    roles: dict[str, Role] = {}
    for number in range(1, count + 1):
        id_ = str(number)
        if number % 10 == 0:
            nodes.append(Missing(id=id_, reason=Reason.DELETED, in_reply_to=str(number - 1)))
        elif number % 10 in (3, 7):
            reader = Author(id=f"reader{number}", handle=f"r{number}@social.example")
            parent = f"reader{number + 1}/gone" if number % 10 == 3 else str(number - 1)
            nodes.append(replace(a_post(number, "<p>Why?</p>"), author=reader, in_reply_to=parent))
            roles[id_] = Role.REPLY
        else:
            quote = replace(a_post(number, "<p>Quoted</p>"), id=f"q{number}")
            nodes.append(a_post(number, "<p>One <b>two</b></p><blockquote><p>three</p></blockquote>", quote=quote))
        roles.setdefault(id_, Role.MAIN)
    gaps = tuple(node for node in nodes if isinstance(node, Missing))
    gone = tuple(Missing(id=str(number), reason=Reason.PRIVATE) for number in range(1, count, 5))
    observed = (("nitter", ""), ("wayback", "https://web.example/a"), ("embeds", "https://news.example/a"))
    seen = tuple(
        Observation(post=str(number), route=route, seen_at=NOON, content=f"<p>{url or 'One two'}</p>", url=url)
        for number in range(1, count)
        for route, url in observed
    )
    thread = a_thread(*nodes, roles=roles, gone=gone, observations=seen, kind=Kind.STORM)
    earlier = (Version(content="<p>One</p>", summary=None, seen_at=NOON),)
    entry = [Reduction(entry=number, at=NOON, operator="", reason="") for number in range(count)]
    return Document(
        thread=replace(thread, completeness=replace(thread.completeness, gaps=gaps, expected=count)),
        run=RUN,
        versions=dict.fromkeys(map(str, range(4, count, 9)), earlier),
        last_seen={str(number): NOON + timedelta(days=1) for number in range(2, count, 7)},
        reductions={str(number): entry[number] for number in range(6, count, 8)},
    )


def calls(write: Callable[[Document], object], document: Document) -> int:
    """How many functions are called, those of Python and those that are built in."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        write(document)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("form", FORMS)
def test_twice_as_many_posts_cost_twice_as_much(form: str) -> None:
    write = FORMS[form]
    write(a_document(10))  # what is compiled once is no cost of a post
    assert calls(write, a_document(2 * SHORT)) <= BOUND * calls(write, a_document(SHORT))
