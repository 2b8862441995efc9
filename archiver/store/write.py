"""Rows into tables: one statement a table, and only rows that changed are touched.

The rows go into temporary tables first. From there one statement a table compares and writes: SQLite's full text
index costs several times more when it is fed row by row, and an unchanged row must not be written at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from archiver.store.columns import COLUMNS
from archiver.store.database import Database
from archiver.store.rows import Rows


@dataclass(frozen=True, slots=True)
class _Table:
    """How a table is written: `key` names a row, `first` are columns that keep their first value.

    When an `owner` (a column, and the table that it refers to) is written, its rows that are not given again go.
    """

    key: tuple[str, ...]
    first: tuple[str, ...] = ()
    owner: tuple[str, str] | None = None


_OF_POST = ("post", "posts")
_TABLES = {
    "authors": _Table(("id",), first=("seen_at",)),
    "posts": _Table(("id",), first=("seen_at",)),
    "threads": _Table(("id",), first=("first_captured_at",)),
    "thread_posts": _Table(("thread", "post")),
    "attachments": _Table(("post", "position"), owner=_OF_POST),
    "polls": _Table(("post",), owner=_OF_POST),
    "poll_options": _Table(("post", "position"), owner=_OF_POST),
    "missing_quotes": _Table(("post",), owner=_OF_POST),
    "missing": _Table(("thread", "number"), owner=("thread", "threads")),
    "links": _Table(("post", "position"), owner=_OF_POST),
    "mentions": _Table(("post", "position"), owner=_OF_POST),
    "hashtags": _Table(("post", "position"), owner=_OF_POST),
    "observations": _Table(("post", "run", "route", "url", "version")),
}

# What is versioned: table, table of versions, its column that refers to the first, what makes a version, what it keeps,
# and where a difference counts: two sources that show one post differently, or only in part, are no two versions of it.
_VERSIONED = (
    ("authors", "author_versions", "author", ("handle", "name"), ("handle", "name", "seen_at"), "true"),
    (
        *("posts", "post_versions", "post", ("content", "summary")),
        ("content", "summary", "text", "edited_at", "version", "seen_at"),
        "old.route = new.route AND NOT old.truncated",
    ),
)

DERIVED = (*_TABLES, *(versions for _, versions, *_ in _VERSIONED))
"""All tables that are read out of the truth; the search index follows from them."""


def write(db: Database, rows: Rows, replaced: Iterable[str] = ()) -> None:
    """Write a thread's rows; earlier contents and names go to the tables of versions first.

    `replaced` are the ids of threads that this one has taken in.
    """
    for table in _TABLES:
        _load(db, table, rows)
    for versioned in _VERSIONED:
        _keep_versions(db, *versioned)
    for table, how in _TABLES.items():
        if how.owner:
            _drop_left_over(db, table, how.key, *how.owner)
        _upsert(db, table, how)
    for id_ in replaced:
        _take_in(db, id_, str(rows["threads"][0][0]))
    # A post that was edited under a new id is now an earlier version of that one.
    db.execute(
        "DELETE FROM main.thread_posts WHERE thread IN (SELECT id FROM temp.new_threads)"
        " AND post IN (SELECT version FROM temp.new_observations)"
    )


def _take_in(db: Database, id_: str, into: str) -> None:
    """Remove the rows of a thread that another one has taken in; since when it was known stays known."""
    db.execute(
        "UPDATE threads SET first_captured_at = MIN("
        "first_captured_at, (SELECT first_captured_at FROM threads WHERE id = ?)) WHERE id = ?",
        [id_, into],
    )
    for table, column in (("thread_posts", "thread"), ("missing", "thread"), ("threads", "id")):
        db.execute(f"DELETE FROM {table} WHERE {column} = ?", [id_])


def clear(db: Database) -> None:
    """Empty all derived tables, what refers to others first."""
    for table in ("post_versions", "author_versions", *reversed(_TABLES)):
        db.execute(f"DELETE FROM {table}")


def _load(db: Database, table: str, rows: Rows) -> None:
    columns = COLUMNS[table]
    db.execute(f"CREATE TEMP TABLE IF NOT EXISTS new_{table} AS SELECT {_list(columns)} FROM main.{table} WHERE 0")
    db.execute(f"DELETE FROM temp.new_{table}")
    db.execute_many(f"INSERT INTO temp.new_{table} VALUES ({_list('?' for _ in columns)})", rows[table])


def _keep_versions(
    db: Database, table: str, versions: str, owner: str, what: tuple[str, ...], content: tuple[str, ...], where: str
) -> None:
    join = f"FROM main.{table} AS old JOIN temp.new_{table} AS new USING (id)"
    changed = f"{join} WHERE {where} AND {_row('old', what)} IS NOT {_row('new', what)}"
    number = f"1 + (SELECT COUNT(*) FROM main.{versions} WHERE {owner} = old.id)"
    db.execute(
        f"INSERT INTO main.{versions} ({owner}, number, {_list(content)})"
        f" SELECT old.id, {number}, {_list(f'old.{column}' for column in content)} {changed}"
    )
    seen_at = f"(SELECT seen_at FROM temp.new_{table} LIMIT 1)"
    db.execute(f"UPDATE main.{table} SET seen_at = {seen_at} WHERE id IN (SELECT old.id {changed})")


def _drop_left_over(db: Database, table: str, key: tuple[str, ...], column: str, owners: str) -> None:
    db.execute(
        f"DELETE FROM main.{table} WHERE {column} IN (SELECT id FROM temp.new_{owners})"
        f" AND ({_list(key)}) NOT IN (SELECT {_list(key)} FROM temp.new_{table})"
    )


def _upsert(db: Database, table: str, how: _Table) -> None:
    columns = COLUMNS[table]
    changing = [column for column in columns if column not in how.key + how.first]
    settings = _list(f"{column} = excluded.{column}" for column in changing)
    db.execute(
        f"INSERT INTO main.{table} ({_list(columns)}) SELECT {_list(columns)} FROM temp.new_{table} WHERE true"
        f" ON CONFLICT ({_list(how.key)}) DO UPDATE SET {settings}"
        f" WHERE {_row(table, changing)} IS NOT {_row('excluded', changing)}"
    )


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def _row(table: str, columns: Iterable[str]) -> str:
    return f"({_list(f'{table}.{column}' for column in columns)})"
