"""Each form that is written shows every field of the model, or names it here with the reason why it is left out."""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from full import Path as Place
from full import full_documents, leaves, others, with_leaf
from hostile import TEXTS
from samples import NOON

from archiver.exporters.exact_json import exact, read_exact
from archiver.exporters.feed import atom, json_feed
from archiver.exporters.index import accounts, index
from archiver.exporters.listing import listing
from archiver.exporters.page.index import Row
from archiver.exporters.page.index import index as list_of_pages
from archiver.exporters.style import Style
from archiver.exporters.terminal import json_lines, text
from archiver.model import Document
from archiver.options import Options
from archiver.publish import FORMS, RECORD
from archiver.store.store import Archive
from archiver.text.terminal import printable

ALL = Style(replies=True)


def _written(form: str) -> Callable[[Document], str]:
    return lambda document: FORMS[form].write(document, ALL)


def _lists(document: Document) -> str:
    told = listing(document, RECORD, "threads/x.md")
    return "\n".join([*index([told]).values(), list_of_pages([Row(told, "pages/x.html", "")])])


def _feeds(document: Document) -> str:
    told = [listing(document, RECORD, "threads/x.md")]
    return atom(told, "urn:x", "") + json_feed(told, "")


def _notes(document: Document) -> str:
    return "\n".join(text for _, text in accounts([listing(document, RECORD, "threads/x.md")]))


OUTPUTS: dict[str, Callable[[Document], str]] = {
    **{form: _written(form) for form in FORMS},
    "show": lambda document: printable(text(document)),
    "show --json": lambda document: "\n".join(map(repr, json_lines(document))),
    "lists": _lists,
    "feeds": _feeds,
    "notes of a vault": _notes,
}
DOCUMENTS = ("record", "article", "html")
PLAIN = ("txt", "show")
ROWS = ("csv", "show --json")
READ = (*DOCUMENTS, *PLAIN)  # by people
ALL_BUT_LISTS = (*READ, *ROWS)
LISTS = ("lists", "feeds", "notes of a vault")  # in which a thread is one line

# What forms leave out: the reason, the forms, and the fields; the name of a part alone is whatever it has.
MEANT: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("ids are for programs: people have numbers, addresses and handles", READ, "thread.id quote.id quoted_gap.id"),
    ("a handle or an address says who and where", ALL_BUT_LISTS, "thread.focus author.id gap.author quoted_gap.author"),
    ("rows name their posts, not their thread", ("csv",), "thread.id"),
    ("counters change by the minute", ALL_BUT_LISTS, "counts.reposts counts.likes counts.quotes"),
    ("that replies lack is said of the thread", (*PLAIN, *ROWS), "counts.replies"),
    ("an id of an edition says nothing by itself", ALL_BUT_LISTS, "post.version post.quoted_version quote.version"),
    ("it says only that a quote was edited since", ALL_BUT_LISTS, "quote.quoted_version"),
    (
        "what is gone is a post that is shown, of which this is said",
        ALL_BUT_LISTS,
        "gone.url gone.in_reply_to gone.author gone.inferred gone.created_at",
    ),
    (
        "a quoted post is shown in short; its address leads to all of it",
        ALL_BUT_LISTS,
        "quote.edited_at quote.language quote.route quoted_gap.in_reply_to quoted_gap.inferred quoted_gap.created_at",
    ),
    ("a quoted post has its day and time in any case", (*DOCUMENTS, *ROWS), "quote.day_only"),
    (
        "a row has the text of a quoted post, its warning and its address",
        ROWS,
        "quote.location quote.labels quote.sensitive quote.notices quote.truncated",
    ),
    ("a row has the text of a quoted post, its author and its address", ("csv",), "quote.created_at"),
    ("a row says why a quoted post is not shown", ("show --json",), "quoted_gap.seen_at"),
    ("only link previews have one", READ, "attachment.title attachment.description"),
    ("a row has the titles and addresses of link previews", ("csv",), "attachment.description attachment.picture"),
    ("a row has the titles and addresses of link previews", ("csv",), "card.description card.picture"),
    ("its ending and its kind say what a file is", (*READ, "csv"), "attachment.media_type card.media_type"),
    ("a gap stands between two posts, which have times", READ, "gap.created_at"),
    ("a picture of an author is the platform's, where no copy is held", ALL_BUT_LISTS, "author.avatar"),
    ("only a page has pictures of authors", ("record", "article", *PLAIN, *ROWS), "author.avatar_file"),
    ("it is for whoever collects, and not part of the record", (*DOCUMENTS, *ROWS), "thread.hint"),
    ("it is for whoever collects, and not part of the record", ALL_BUT_LISTS, "run.outcome run.url run.zone"),
    (
        "a document says which files lack, not who fetched them when",
        DOCUMENTS,
        "run.media run.media_failed run.media_left",
    ),
    ("it is about files and pages, not about the thread", ALL_BUT_LISTS, "run.page_requests run.media_requests"),
    ("the ledger has it, in the entry that is named", ALL_BUT_LISTS, "reduction.reason"),
    ("who ran the tool is in the report and on the page", ("record", "article", *PLAIN, *ROWS), "run.operator"),
    ("a reader sees the language", ("html", *PLAIN), "post.language"),
    ("who showed a post is in the record", ("article", *PLAIN, "csv"), "post.route"),
    (
        "where it came from, what it said before and elsewhere, and what was put beside are in the record",
        (*PLAIN, *ROWS),
        "run version attached reduction observation thread.platform thread.kind thread.proven_at",
    ),
    ("the handle says who", (*PLAIN, *ROWS), "author.url"),
    ("the handle says who", (*PLAIN, "show --json"), "author.name"),
    ("the verdict is on the thread, and rows are its posts", ROWS, "completeness thread.url thread.route"),
    ("a row has the time, and the record how exact it is", ROWS, "post.day_only"),
    ("a row has the options with their votes", ROWS, "poll.closes_at"),
    ("a row has the options with their votes", ("show --json",), "poll.multiple poll.voters poll.votes"),
    (
        "a list has the author, the title, the times and the verdict",
        LISTS,
        "thread author post quote quoted_gap gap gone attachment card poll option counts observation run version "
        "document attached reduction completeness",
    ),
)


@cache
def documents() -> list[Document]:
    """The documents with every field set."""
    return full_documents()


@cache
def walk() -> dict[str, list[tuple[int, Place, Any]]]:
    """What documents are made of: each field of each part, with all the places where it stands."""
    places: dict[str, list[tuple[int, Place, Any]]] = {}
    for number, document in enumerate(documents()):
        for name, path, value in leaves(document):
            if name not in ("post.id", "gap.id"):  # all else hangs on them; no form can name a post without
                places.setdefault(name, []).append((number, path, value))
    return places


def variants(name: str) -> Iterator[tuple[int, Document]]:
    """Documents, by their numbers, with another value in one place of a field."""
    for number, path, value in walk()[name]:
        for other in others(name, value):
            yield number, with_leaf(documents()[number], path, other)


def shows(form: str, name: str) -> bool:
    """Whether what is written differs when the field does."""
    write = OUTPUTS[form]
    return any(write(changed) != _as_it_is(form, place) for place, changed in variants(name))


@cache
def _as_it_is(form: str, document: int) -> str:
    return OUTPUTS[form](documents()[document])


def test_every_field_of_the_model_is_set() -> None:
    named = {path for document in documents() for path in _fields_set(document)}
    assert {f"{kind.__name__}.{field.name}" for kind in _parts(Document) for field in fields(kind)} <= named


def _fields_set(value: Any) -> Iterator[str]:
    if is_dataclass(value):
        for field in fields(value):
            below = getattr(value, field.name)
            if below not in (None, (), {}):
                yield f"{type(value).__name__}.{field.name}"
                yield from _fields_set(below)
    elif isinstance(value, dict | tuple):
        for below in value.values() if isinstance(value, dict) else value:
            yield from _fields_set(below)


def _parts(kind: Any) -> set[type]:
    """The dataclasses that a type is made of."""
    found: set[type] = set()
    waiting = [kind]
    while waiting:
        one = waiting.pop()
        waiting += get_args(one)
        if is_dataclass(one) and isinstance(one, type) and one not in found:
            found.add(one)
            waiting += get_type_hints(one).values()
    return found


@pytest.mark.parametrize("form", OUTPUTS)
def test_a_field_is_shown_or_left_out_for_a_reason(form: str) -> None:
    meant = {name for _, forms, names in MEANT if form in forms for name in names.split()}
    shown = {name for name in walk() if shows(form, name)}
    left_out = walk().keys() - shown
    forgotten = sorted(name for name in left_out if not {name, name.partition(".")[0]} & meant)
    assert forgotten == [], f"{form} forgets {forgotten}: show it, or name it in MEANT with the reason"
    needless = sorted(meant - left_out - {name.partition(".")[0] for name in left_out})
    assert needless == [], f"{form} shows {needless}: strike it out of MEANT"


def test_an_archive_gives_back_every_field(tmp_path: Path) -> None:
    thread = documents()[0].thread
    with Archive.open(tmp_path, now=NOON) as archive:
        run = archive.begin(thread.url, Options(), NOON)
        kept = archive.document(archive.save(run, thread)).thread
    for _name, path, _value in list(leaves(thread)):
        if path[-1] in ("avatar_file", "fault"):  # these are known of files that were fetched, and not of a thread
            thread = with_leaf(thread, path, "" if path[-1] == "fault" else None)
    assert kept == thread


@pytest.mark.parametrize("document", documents())
def test_json_gives_back_every_field(document: Document) -> None:
    assert read_exact(exact(document)) == document


UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff]")
FOR_PROGRAMS = ("json", "show --json", "feeds")  # these escape what acts on a terminal, or are read by no terminal


@pytest.mark.parametrize("form", OUTPUTS)
def test_nothing_that_acts_on_a_terminal_passes_any_field(form: str) -> None:
    for turn in range(len(TEXTS)):
        hostile = _all_texts(documents()[0], turn)
        written = OUTPUTS[form](hostile)
        written.encode("utf-8")
        if form not in FOR_PROGRAMS:
            assert not UNSEEN.search(written.replace("\r\n", "\n"))


def _all_texts(document: Document, turn: int) -> Document:
    """The document with a hostile text in every field that holds a text but its ids."""
    texts = cycle(TEXTS[turn:] + TEXTS[:turn])
    for name, path, value in list(leaves(document)):
        if type(value) is str and path[-1] not in ("id", "in_reply_to", "post") and not name.endswith(".content"):
            document = with_leaf(document, path, next(texts))
    return document
