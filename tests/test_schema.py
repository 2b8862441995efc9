"""The tables of an archive."""

import sqlite3
from collections.abc import Iterator

import pytest
import sqlite_utils

from archiver.store import schema
from archiver.store.columns import COLUMNS

RUN = "INSERT INTO _runs (id, url, asked, tool, started_at) VALUES ('r', 'u', '{}', 't', '2026-03-12T12:00:00+00:00')"
BODY = "INSERT INTO _bodies VALUES ('b', 1, 'raw', x'00')"
EXCHANGE = """
    INSERT INTO _exchanges (run, seq, attempt, asked_url, url, method, request_head, started_at, finished_at,
      reason, response_head, body_sha256, complete, error, peer, tls, cert_sha256)
    VALUES ('r', 0, 0, 'u', 'u', 'GET', '', 't', 't', '', '', 'b', 1, '', '', '', '')
"""
CLOSE = "UPDATE _runs SET finished_at = 't', outcome = 'complete', failures = '[]'"


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    schema.migrate(connection)
    for statement in (RUN, BODY, EXCHANGE):
        connection.execute(statement)
    yield connection
    connection.close()


def tables(db: sqlite3.Connection) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_all_migrations_are_noted_as_applied(db: sqlite3.Connection) -> None:
    assert schema.applied(db) == schema.names()
    assert len(schema.names()) == len(schema.MIGRATIONS)


def test_migrating_again_changes_nothing(db: sqlite3.Connection) -> None:
    before = list(db.iterdump())
    schema.migrate(db)
    assert list(db.iterdump()) == before


def test_an_empty_database_has_had_no_migration() -> None:
    connection = sqlite3.connect(":memory:")
    assert schema.applied(connection) == set()
    connection.close()


def test_the_file_says_that_it_is_ours(db: sqlite3.Connection) -> None:
    assert db.execute("PRAGMA application_id").fetchone() == (schema.APPLICATION_ID,)


def test_a_migration_that_fails_leaves_nothing_behind() -> None:
    def broken(db: sqlite_utils.Database) -> None:
        db.execute("CREATE TABLE half (id)")
        raise sqlite3.OperationalError("no space left")

    connection = sqlite3.connect(":memory:", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        schema.migrate(connection, (schema.truth, broken))
    assert not tables(connection)
    connection.close()


@pytest.mark.parametrize("table", COLUMNS)
def test_rows_fit_their_tables(db: sqlite3.Connection, table: str) -> None:
    assert {name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")} == set(COLUMNS[table])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE _bodies SET data = x'01'",
        "DELETE FROM _bodies",
        "INSERT OR REPLACE INTO _bodies VALUES ('b', 1, 'raw', x'01')",
        "UPDATE _exchanges SET url = 'other'",
        "DELETE FROM _exchanges",
        "UPDATE _runs SET url = 'other'",
        "UPDATE _runs SET started_at = 'earlier'",
        "UPDATE _runs SET tool = 'other'",
        "DELETE FROM _runs",
    ],
)
def test_the_truth_cannot_be_changed(db: sqlite3.Connection, change: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(change)


def test_a_run_is_closed_once(db: sqlite3.Connection) -> None:
    db.execute(CLOSE)
    with pytest.raises(sqlite3.IntegrityError, match="this run is closed"):
        db.execute(CLOSE)


def test_a_closed_run_takes_no_more_exchanges(db: sqlite3.Connection) -> None:
    db.execute(CLOSE)
    with pytest.raises(sqlite3.IntegrityError, match="this run is closed"):
        db.execute(EXCHANGE.replace("'r', 0, 0", "'r', 1, 0"))


def test_an_exchange_is_kept_once(db: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        db.execute(EXCHANGE)


def test_an_exchange_without_its_body_is_refused(db: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        db.execute(EXCHANGE.replace("'b', 1", "'absent', 1").replace("'r', 0, 0", "'r', 1, 0"))


def test_all_but_the_machinery_is_visible_and_has_a_plain_name(db: sqlite3.Connection) -> None:
    machinery = {name for name in tables(db) if name.startswith(("_", "posts_fts"))}
    assert tables(db) - machinery == {*COLUMNS, "post_versions", "author_versions"}


def test_sqlite_utils_finds_the_search_and_the_foreign_keys(db: sqlite3.Connection) -> None:
    with_tools = sqlite_utils.Database(db)
    assert with_tools["posts"].detect_fts() == "posts_fts"
    assert {(key.column, key.other_table) for key in with_tools["thread_posts"].foreign_keys} == {
        ("thread", "threads"),
        ("post", "posts"),
    }
    assert {view.name for view in with_tools.views} == {"thread_overview", "posts_with_context", "media"}


@pytest.mark.parametrize("view", ["thread_overview", "posts_with_context"])
def test_the_views_can_be_read(db: sqlite3.Connection, view: str) -> None:
    assert db.execute(f"SELECT * FROM {view}").fetchall() == []


def test_no_derived_table_needs_a_scan_to_delete_a_parent(db: sqlite3.Connection) -> None:
    plan = db.execute("EXPLAIN QUERY PLAN SELECT 1 FROM posts WHERE quote = 'x'").fetchone()[-1]
    assert "posts_quote" in plan
