"""Copies of an archive for verification, in which derived rows are made anew, and how two of them differ."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.errors import ArchiveError
from archiver.store import schema
from archiver.store.database import Database, reported
from archiver.store.write import DERIVED, clear

_FTS = "INSERT INTO posts_fts (posts_fts, rank) VALUES ('integrity-check', 1)"  # 1: against the posts as well
_TRUTH = """
    SELECT name FROM main.sqlite_master
    WHERE type = 'table' AND substr(name, 1, 1) = '_' AND name <> '_sqlite_migrations'
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that another copy has otherwise; `column` is "" for a row that only one of them has.

    `key` names the row, `url` the thread that it belongs to, "" where it belongs to several or to none.
    """

    table: str
    key: tuple[Any, ...]
    column: str
    before: Any
    after: Any
    url: str


def index_fault(path: Path) -> str:
    """Return what is wrong with the search index of a copy, "" where nothing is."""
    with closing(Database.opened(path, "rwc")) as db:
        try:
            with db.transaction():
                db.execute(_FTS)
        except ArchiveError:
            return "the search index does not fit the posts"
    return ""


def refill(source: Path, path: Path) -> None:
    """Make a new database and copy the truth into it: whatever else the other holds, even in its schema, stays there.

    Bodies that are named and not there, and the like, stay as they are; nothing is derived yet.
    """
    with closing(Database.opened(path, "rwc")) as db:
        with reported(path):
            schema.migrate(db.connection)
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("ATTACH ? AS old", [f"{source.resolve().as_uri()}?mode=ro"])
        with db.transaction():
            triggers = db.rows("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'")
            for name, _ in triggers:
                db.execute(f'DROP TRIGGER "{name}"')
            for (table,) in db.rows(_TRUTH):
                names = ", ".join(name for (name,) in db.rows("SELECT name FROM pragma_table_info(?, 'main')", table))
                db.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM old.{table}")
            for _, sql in triggers:
                db.execute(sql)


def rewind(path: Path, seq: int) -> None:
    """Bring a copy back to where its ledger ended with this entry. Derived rows have to be made anew after that.

    Bodies stay: one that is not named any more disturbs nobody.
    """
    with closing(Database.opened(path, "rwc")) as db, db.transaction():
        clear(db)
        for (trigger,) in db.rows(f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({_TRUTH})"):
            db.execute(f'DROP TRIGGER "{trigger}"')
        db.execute("DELETE FROM _ledger WHERE seq > ?", [seq])
        db.execute("DELETE FROM _anchors WHERE seq > ?", [seq])
        for table, run in (("_exchanges", "run"), ("_media", "run"), ("_runs", "id")):
            db.execute(f"DELETE FROM {table} WHERE {run} NOT IN (SELECT run FROM _ledger WHERE run NOTNULL)")


def differences(before: Path, after: Path) -> Iterator[Difference]:
    """Yield where the derived rows of two copies differ, table by table."""
    with closing(Database.opened(after, "ro")) as db:
        db.execute("ATTACH ? AS old", [f"{before.resolve().as_uri()}?mode=ro"])
        threads = _Threads(db)
        for table in DERIVED:
            columns = db.rows("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", table)
            names = [name for name, _ in columns]
            keys = [index for index, (_, place) in enumerate(columns) if place]
            pairs: defaultdict[tuple[Any, ...], list[tuple[Any, ...] | None]] = defaultdict(lambda: [None, None])
            for side, (mine, theirs) in enumerate((("old", "main"), ("main", "old"))):
                for row in db.rows(f"SELECT * FROM {mine}.{table} EXCEPT SELECT * FROM {theirs}.{table}"):
                    pairs[tuple(row[index] for index in keys)][side] = row
            for key, (old, new) in pairs.items():
                owner = dict(zip(names, old or new or (), strict=True))
                for column, then, now in _values(names, old, new):
                    yield Difference(table, key, column, then, now, threads.of(table, owner))


def _values(
    names: list[str], old: tuple[Any, ...] | None, new: tuple[Any, ...] | None
) -> Iterator[tuple[str, Any, Any]]:
    if old is None or new is None:
        yield "", old, new
        return
    for name, then, now in zip(names, old, new, strict=True):
        if then != now or type(then) is not type(now):
            yield name, then, now


class _Threads:
    """Finds the thread that a derived row belongs to."""

    def __init__(self, db: Database):
        self._urls: dict[Any, set[str]] = defaultdict(set)
        for copy in ("old", "main"):
            for id_, url in db.rows(f"SELECT id, url FROM {copy}.threads"):
                self._urls[id_].add(url)
            join = f"SELECT post, url FROM {copy}.thread_posts JOIN {copy}.threads ON threads.id = thread"
            for id_, url in db.rows(join):
                self._urls[id_].add(url)

    def of(self, table: str, row: dict[str, Any]) -> str:
        owner = row.get("thread") or row.get("post") or row.get("id")
        urls = self._urls.get(owner, set()) if table not in ("authors", "author_versions") else set()
        return next(iter(urls)) if len(urls) == 1 else ""
