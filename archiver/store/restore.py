"""Rows of the derived tables back into a thread. Pure: no database here; `rows` is the way there."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

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
    utc,
)
from archiver.store.rows import COLUMNS, Row, in_order

Record = Mapping[str, Any]

_ADDED = {"posts": ("keyed_at", "indexed_at", "quoted_version", "notices"), "threads": ("doubts", "proven_at")}


def thread_of(tables: Mapping[str, Sequence[Row]]) -> Thread:
    """Return the thread whose rows, by table and in the order of `COLUMNS`, these are."""
    rows = {table: _records(table, of_table) for table, of_table in tables.items()}
    [thread] = rows["threads"]
    authors = {row["id"]: _author(row) for row in rows["authors"]}
    posts = _Posts(rows, authors)
    held = {row["post"] for row in rows["thread_posts"]}
    gaps = [row for row in rows["missing"] if row["position"] is not None and row["id"] not in held]
    nodes: list[tuple[int, Node]] = [
        (row["position"], posts(row["post"], row["quoted"])) for row in rows["thread_posts"]
    ]
    nodes += [(row["position"], _missing(row)) for row in gaps]
    return Thread(
        id=own(thread["id"]),
        platform=thread["platform"],
        url=thread["url"],
        focus=own(thread["focus"]),
        author=authors[thread["author"]],
        nodes=tuple(node for _, node in sorted(nodes, key=lambda placed: placed[0])),
        roles={
            own(row.get("post", row.get("id"))): Role(row["role"])
            for row in (*rows["thread_posts"], *gaps)
            if row["role"]
        },
        completeness=_completeness(thread, _listed(rows["missing"], "counted")),
        route=thread["route"],
        gone=_listed(rows["missing"], "gone"),
        kind=Kind(thread["kind"]),
        observations=_observations(rows["observations"]),
        hint=thread["hint"],
        proven_at=_time(thread["proven_at"]),
    )


def own(key: str) -> str:
    """Return the platform's own id from the archive's name for it."""
    return key.partition("/")[2]


class _Posts:
    """Builds posts out of rows."""

    def __init__(self, rows: Mapping[str, Sequence[Record]], authors: Mapping[str, Author]):
        self.rows = {row["id"]: row for row in rows["posts"]}
        self.authors = authors
        self.attachments = _by_post(rows["attachments"])
        self.options = _by_post(rows["poll_options"])
        self.polls = {row["post"]: row for row in rows["polls"]}
        self.missing_quotes = {row["post"]: _missing(row) for row in rows["missing_quotes"]}

    def __call__(self, id_: str, quoted: int) -> Post:
        """Return a post with as many levels of quoted posts as the platform showed there."""
        chain = [id_]
        while len(chain) <= quoted and (quote := self.rows[chain[-1]]["quote"]):
            chain.append(quote)
        post = self._post(chain.pop())
        while chain:
            post = replace(self._post(chain.pop()), quote=post)
        return post

    def _post(self, id_: str) -> Post:
        row = self.rows[id_]
        return Post(
            id=own(id_),
            url=row["url"],
            author=self.authors[row["author"]],
            created_at=utc(row["created_at"]),
            content=row["content"],
            summary=row["summary"],
            sensitive=bool(row["sensitive"]),
            edited_at=_time(row["edited_at"]),
            language=row["language"],
            in_reply_to=_own(row["in_reply_to"]),
            quote=self.missing_quotes.get(id_),
            attachments=tuple(map(_attachment, self.attachments[id_])),
            poll=self._poll(id_),
            counts=Counts(**{name: row[name] for name in ("replies", "reposts", "likes", "quotes")}),
            labels=_texts(row["labels"]),
            version=row["version"],
            keyed_at=_time(row["keyed_at"]),
            indexed_at=_time(row["indexed_at"]),
            quoted_version=row["quoted_version"],
            notices=_texts(row["notices"]),
            route=row["route"],
            truncated=bool(row["truncated"]),
            day_only=bool(row["day_only"]),
        )

    def _poll(self, id_: str) -> Poll | None:
        row = self.polls.get(id_)
        if row is None:
            return None
        return Poll(
            options=tuple(Option(text=option["text"], votes=option["votes"]) for option in self.options[id_]),
            multiple=bool(row["multiple"]),
            closes_at=_time(row["closes_at"]),
            voters=row["voters"],
            votes=row["votes"],
        )


def _records(table: str, rows: Sequence[Row]) -> list[Record]:
    """Return rows by the names of their columns; those of a transcript by 0.4.0 lack what was added since."""
    columns, added = COLUMNS[table], _ADDED.get(table, ())
    older = tuple(name for name in columns if name not in added)
    blank = dict.fromkeys(added)
    return [{**blank, **dict(zip(columns if len(row) == len(columns) else older, row, strict=True))} for row in rows]


def _by_post(rows: Sequence[Record]) -> defaultdict[str, list[Record]]:
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["position"]):
        groups[row["post"]].append(row)
    return groups


def _author(row: Record) -> Author:
    return Author(id=own(row["id"]), handle=row["handle"], name=row["name"], url=row["url"], avatar=row["avatar"])


def _attachment(row: Record) -> Attachment:
    return Attachment(**{name: row[name] for name in COLUMNS["attachments"][2:]})


def _observations(rows: Sequence[Record]) -> tuple[Observation, ...]:
    """Return what sources showed, each thing once however many runs saw it."""
    found = {
        Observation(
            post=own(row["post"]),
            route=row["route"],
            seen_at=utc(row["seen_at"]),
            content=row["content"],
            url=row["url"],
            version=own(row["version"]),
        )
        for row in rows
        if row["content"] is not None
    }
    return tuple(sorted(found, key=in_order))


def _listed(rows: Sequence[Record], place: str) -> tuple[Missing, ...]:
    listed = [row for row in rows if row[place] is not None]
    return tuple(map(_missing, sorted(listed, key=lambda row: row[place])))


def _missing(row: Record) -> Missing:
    return Missing(
        id=own(row["id"]),
        reason=Reason(row["reason"]),
        url=row["url"],
        in_reply_to=_own(row["in_reply_to"]),
        author=_own(row["author"]),
        detail=row["detail"],
        inferred=row["inferred"],
        created_at=_time(row["created_at"]),
        seen_at=_time(row["seen_at"]),
    )


def _completeness(row: Record, gaps: tuple[Missing, ...]) -> Completeness:
    return Completeness(
        found=row["found"],
        expected=row["expected"],
        proof=row["proof"],
        top_proven=bool(row["top_proven"]),
        end_proven=bool(row["end_proven"]),
        gaps=gaps,
        doubts=_texts(row["doubts"]),
        stop=row["stop"],
    )


def _own(key: str | None) -> str | None:
    return None if key is None else own(key)


def _texts(listed: str | None) -> tuple[str, ...]:
    return tuple(json.loads(listed or "[]"))


def _time(text: str | None) -> datetime | None:
    return None if text is None else utc(text)
