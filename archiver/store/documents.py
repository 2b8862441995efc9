"""Threads read from the database, for lists and for exporters."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from archiver.model import Document, Kind, Summary, Thread, Verdict, Version, utc
from archiver.store.attached import attached
from archiver.store.columns import COLUMNS, Row, own
from archiver.store.database import Database
from archiver.store.history import History
from archiver.store.media import MediaFiles
from archiver.store.reductions import reductions
from archiver.store.restore import thread_of

_PARTS = ("attachments", "polls", "poll_options", "missing_quotes", "observations")

_ABSENT = """
    SELECT thread_posts.post, MAX(observations.seen_at) FROM thread_posts
    JOIN observations ON observations.post = thread_posts.post
    WHERE thread_posts.thread = ?1 GROUP BY thread_posts.post HAVING NOT MAX(observations.run = ?2)
"""
_VERSIONS = """
    SELECT post, content, summary, seen_at FROM post_versions
    WHERE post IN (SELECT post FROM thread_posts WHERE thread = ?) ORDER BY post, number
"""
_OVERVIEW = """
    SELECT *,
      (SELECT number FROM _numbers WHERE _numbers.thread = thread_overview.id) AS number,
      (SELECT kind FROM threads WHERE threads.id = thread_overview.id) AS kind,
      missing + MAX(0, COALESCE(expected, 0) - posts - (
        SELECT COUNT(*) FROM missing WHERE missing.thread = thread_overview.id AND counted NOTNULL
          AND COALESCE(role, 'main') = 'main'
      )) AS lacking,
      (SELECT COUNT(*) FROM missing
        JOIN thread_posts ON thread_posts.thread = missing.thread AND thread_posts.post = missing.id
        WHERE missing.thread = thread_overview.id AND gone NOTNULL AND thread_posts.role = 'main'
          AND reason NOT IN ('not_loaded', 'unknown', 'private', 'withheld', 'blocked', 'detached')) AS gone,
      (SELECT COUNT(*) FROM missing
        JOIN thread_posts ON thread_posts.thread = missing.thread AND thread_posts.post = missing.id
        WHERE missing.thread = thread_overview.id AND gone NOTNULL AND thread_posts.role = 'main'
          AND reason IN ('private', 'withheld', 'blocked', 'detached')) AS hidden,
      (SELECT COUNT(*) FROM thread_posts JOIN posts ON posts.id = thread_posts.post
        WHERE thread = thread_overview.id AND role = 'main' AND (edited_at NOTNULL
          OR EXISTS (SELECT 1 FROM post_versions WHERE post_versions.post = posts.id)
          OR EXISTS (SELECT 1 FROM observations WHERE observations.post = posts.id AND version <> ''))) AS edited
    FROM thread_overview
"""


def summaries(db: Database) -> tuple[Summary, ...]:
    """Return all threads, in the order in which they came into the archive."""
    return tuple(_summary(row) for row in db.records(f"{_OVERVIEW} ORDER BY number NULLS LAST, first_captured_at, id"))


def thread_alone(db: Database, thread: str) -> Thread:
    """Return a thread as it was read out of answers, without the files that were fetched for it."""
    return thread_of(_tables(db, thread))


def document(db: Database, thread: str) -> Document:
    """Return a thread and what is known about its capture, by the archive's id for it."""
    tables = _tables(db, thread)
    newest = History(db).run(str(tables["threads"][0][COLUMNS["threads"].index("run")]))
    return Document(
        thread=MediaFiles(db).joined(thread_of(tables)),
        run=newest,
        versions=_versions(db, thread),
        last_seen={own(post): utc(seen_at) for post, seen_at in db.rows(_ABSENT, thread, newest.id)},
        attached=attached(db, thread),
        reductions={own(post): reduction for post, reduction in reductions(db, _posts(tables)).items()},
    )


def _posts(tables: Mapping[str, list[Row]]) -> list[str]:
    return [str(row[COLUMNS["thread_posts"].index("post")]) for row in tables["thread_posts"]]


def _tables(db: Database, thread: str) -> dict[str, list[Row]]:
    tables = {
        "threads": _rows(db, "threads", "id = ?", thread),
        "thread_posts": _rows(db, "thread_posts", "thread = ?", thread),
        "missing": _rows(db, "missing", "thread = ?", thread),
        "posts": _with_quotes(db, thread),
    }
    ids = json.dumps([row[0] for row in tables["posts"]])
    for table in _PARTS:
        tables[table] = _rows(db, table, "post IN (SELECT value FROM json_each(?))", ids)
    authors = json.dumps(
        [row[COLUMNS[table].index("author")] for table in ("posts", "threads") for row in tables[table]]
    )
    tables["authors"] = _rows(db, "authors", "id IN (SELECT value FROM json_each(?))", authors)
    return tables


def _with_quotes(db: Database, thread: str) -> list[Row]:
    """Return the posts of a thread, then those that they quote, then those that these quote, as deep as it shows."""
    [(depth,)] = db.rows("SELECT COALESCE(MAX(quoted), 0) FROM thread_posts WHERE thread = ?", thread)
    rows = _rows(db, "posts", "id IN (SELECT post FROM thread_posts WHERE thread = ?)", thread)
    posts = {row[0]: row for row in rows}
    quote = COLUMNS["posts"].index("quote")
    for _ in range(depth):
        quoted = [row[quote] for row in rows if row[quote] and row[quote] not in posts]
        rows = _rows(db, "posts", "id IN (SELECT value FROM json_each(?))", json.dumps(quoted))
        posts.update((row[0], row) for row in rows)
    return list(posts.values())


def _rows(db: Database, table: str, where: str, value: str) -> list[Row]:
    return db.rows(f"SELECT {', '.join(COLUMNS[table])} FROM {table} WHERE {where}", value)


def _versions(db: Database, thread: str) -> Mapping[str, tuple[Version, ...]]:
    versions: defaultdict[str, tuple[Version, ...]] = defaultdict(tuple)
    for post, content, summary, seen_at in db.rows(_VERSIONS, thread):
        versions[own(post)] += (Version(content=content, summary=summary, seen_at=utc(seen_at)),)
    return dict(versions)


def _summary(row: Mapping[str, Any]) -> Summary:
    return Summary(
        id=row["id"],
        platform=row["platform"],
        url=row["url"],
        author=row["author"],
        author_name=row["author_name"],
        title=row["title"],
        posts=row["posts"],
        missing=row["lacking"],
        expected=row["expected"],
        verdict=Verdict(row["verdict"]),
        first_captured_at=utc(row["first_captured_at"]),
        captured_at=utc(row["captured_at"]),
        run=row["run"],
        number=row["number"] or 0,
        kind=Kind(row["kind"]),
        edited=row["edited"],
        gone=row["gone"],
        hidden=row["hidden"],
    )
