"""Which field of the model lies in which column, and how: `rows` writes by this table, `restore` reads by it. Pure.

A new field is a line here and a column in `schema`; `tests/test_rows.py` fails where a field has neither.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from archiver.model import Kind, Reason, utc

Value = str | int | None
Row = tuple[Value, ...]
Record = Mapping[str, Any]

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LARGEST = 2**63 - 1


def stamp(time: datetime) -> str:
    """Return a time as text; such texts sort as their times do ("+00:00" comes before ".5+00:00", "Z" would not)."""
    return time.isoformat()


def storable(value: Value) -> Value:
    """Return what SQLite can hold of a value: U+FFFD for NUL and lone surrogates, numbers within 64 bits."""
    if isinstance(value, str):
        return text_of(value)
    return value if value is None else max(-_LARGEST, min(int(value), _LARGEST))


def text_of(value: str) -> str:
    """Return the text as the archive holds it."""
    if value.isascii() and "\0" not in value:
        return value
    return _UNSTORABLE.sub("\ufffd", value)


def own(key: str) -> str:
    """Return the platform's own id from the archive's name for it, which is `host/id`."""
    return key.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Codec:
    """How a field lies in a column; ids are written with the prefix that is their thread's host."""

    write: Callable[[Any, str], Value]
    read: Callable[[Any], Any]


def _json(texts: Sequence[str], _: str) -> str | None:
    return json.dumps(texts, ensure_ascii=False) if texts else None


_PLAIN = Codec(lambda value, _: value, lambda value: value)
_FLAG = Codec(lambda value, _: value, bool)
_TIME = Codec(lambda time, _: time and stamp(time), lambda text: text and utc(text))
_ID = Codec(lambda id_, prefix: None if id_ is None else prefix + text_of(id_), lambda key: key and own(key))
_VERSION = Codec(lambda id_, prefix: prefix + text_of(id_) if id_ else "", own)  # "": the post as it is shown
_TEXTS = Codec(_json, lambda text: tuple(json.loads(text or "[]")))
_KIND = Codec(lambda kind, _: kind, Kind)
_REASON = Codec(lambda reason, _: reason, Reason)


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the field that lies in it: its own name, or a path such as `counts.likes`.

    With the path "", `rows` says what is in it. `added` is set for what transcripts by 0.4.0 lack.
    """

    name: str
    codec: Codec = _PLAIN
    path: str | None = None
    added: bool = False

    @property
    def field(self) -> str:
        """The path of the field, "" where there is none."""
        return self.name if self.path is None else self.path


def _apart(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, path="") for name in names)


_MISSING = (
    Column("reason", _REASON),
    Column("url"),
    Column("in_reply_to", _ID),
    Column("author", _ID),
    Column("detail"),
    Column("inferred"),
    Column("created_at", _TIME),
    Column("seen_at", _TIME),
)

# The order is that of the values in a row, and sealed in transcripts; parents come before what refers to them.
TABLES: Mapping[str, tuple[Column, ...]] = {
    "authors": (
        Column("id", _ID),
        Column("handle"),
        Column("name"),
        Column("url"),
        Column("avatar"),
        *_apart("seen_at"),
    ),
    "posts": (
        Column("id", _ID),
        Column("url"),
        Column("author", _ID, "author.id"),
        Column("created_at", _TIME),
        Column("content"),
        *_apart("text"),
        Column("summary"),
        Column("sensitive", _FLAG),
        Column("edited_at", _TIME),
        Column("language"),
        Column("in_reply_to", _ID),
        *_apart("quote"),
        *(Column(name, path=f"counts.{name}") for name in ("replies", "reposts", "likes", "quotes")),
        Column("labels", _TEXTS),
        Column("version"),
        Column("keyed_at", _TIME, added=True),
        Column("indexed_at", _TIME, added=True),
        Column("quoted_version", added=True),
        Column("notices", _TEXTS, added=True),
        Column("route"),
        Column("truncated", _FLAG),
        Column("day_only", _FLAG),
        Column("location", added=True),
        *_apart("quoted_only", "seen_at"),
    ),
    "threads": (
        Column("id", _ID),
        Column("platform"),
        Column("url"),
        *_apart("title"),
        Column("author", _ID, "author.id"),
        Column("focus", _ID),
        Column("route"),
        Column("found", path="completeness.found"),
        Column("expected", path="completeness.expected"),
        Column("proof", path="completeness.proof"),
        Column("top_proven", _FLAG, "completeness.top_proven"),
        Column("end_proven", _FLAG, "completeness.end_proven"),
        Column("doubts", _TEXTS, "completeness.doubts", added=True),
        Column("stop", path="completeness.stop"),
        *_apart("verdict"),
        Column("proven_at", _TIME, added=True),
        Column("kind", _KIND),
        Column("hint"),
        *_apart("run", "first_captured_at", "captured_at"),
    ),
    "thread_posts": _apart("thread", "post", "position", "role", "quoted"),
    "attachments": (
        *_apart("post", "position"),
        *map(Column, ("kind", "url", "alt", "title", "description", "media_type", "picture", "file")),
    ),
    "polls": (
        *_apart("post"),
        Column("multiple", _FLAG),
        Column("closes_at", _TIME),
        Column("voters"),
        Column("votes"),
    ),
    "poll_options": (*_apart("post", "position"), Column("text"), Column("votes")),
    "missing_quotes": (*_apart("post"), Column("id", _ID), *_MISSING),
    "missing": (
        *_apart("thread", "number"),
        Column("id", _ID),
        *_apart("position", "role", "counted", "gone"),
        *_MISSING,
    ),
    "links": _apart("post", "position", "url", "text"),
    "mentions": _apart("post", "position", "url", "text"),
    "hashtags": _apart("post", "position", "tag", "url", "text"),
    "observations": (
        Column("post", _ID),
        *_apart("run"),
        Column("route"),
        Column("url"),
        Column("version", _VERSION),
        Column("seen_at", _TIME),
        Column("content"),
    ),
}

COLUMNS: Mapping[str, tuple[str, ...]] = {table: tuple(column.name for column in TABLES[table]) for table in TABLES}
"""The names of the columns by table."""

_OF_0_4_0 = {table: tuple(column.name for column in TABLES[table] if not column.added) for table in TABLES}
_WRITTEN = {
    table: [(column.name, column.codec.write, attrgetter(column.field) if column.field else None) for column in columns]
    for table, columns in TABLES.items()
}


def row_of(table: str, item: object, prefix: str, **values: Value) -> Row:
    """Return something of the model as a row; `values` are those of the columns in which no field of it lies."""
    return tuple(write(field(item), prefix) if field else values[name] for name, write, field in _WRITTEN[table])


def fields_of(table: str, row: Record, part: str = "") -> dict[str, Any]:
    """Return the fields of the model that lie in a row: of the thing itself, or of a part of it such as `counts`."""
    return {name: read(row[column]) for name, column, read in _fields(table, part)}


@cache
def _fields(table: str, part: str) -> list[tuple[str, str, Callable[[Any], Any]]]:
    """Return name, column and reader of each field; once a table, since a thread has thousands of rows."""
    paths = ((column, column.field.rpartition(".")) for column in TABLES[table])
    return [(name, column.name, column.codec.read) for column, (owner, _, name) in paths if name and owner == part]


def records(table: str, rows: Sequence[Row]) -> list[Record]:
    """Return rows by the names of their columns; those of a transcript by 0.4.0 lack what was added since."""
    names, older = COLUMNS[table], _OF_0_4_0[table]
    blank = dict.fromkeys(names)
    return [{**blank, **dict(zip(names if len(row) == len(names) else older, row, strict=True))} for row in rows]
