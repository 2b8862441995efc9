"""The tables of an archive, as numbered migrations: a new version of this program adds one, none is ever changed.

Tables whose name begins with an underscore are the truth: what was asked and what came, append-only. All others
are derived from them and can be rebuilt. `_sqlite_migrations` is where sqlite-utils notes what it has applied.
docs/archive.md explains them to a reader of the database.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from archiver.store.derived import (
    create,
    parts_of_posts,
    people_and_posts,
    places,
    several_sources,
    what_is_vouched_for,
    whole_threads,
)
from archiver.store.views import search, views

if TYPE_CHECKING:
    from sqlite_utils import Database

MEDIA_VIEW = """
    CREATE VIEW media AS             -- for each address the newest file, or why there is none
    SELECT _media.url, _media.kind, _files.path, _files.sha256, _files.size, _media.at AS fetched_at,
      _media.asked_url AS fetched_from, _media.said
    FROM _media LEFT JOIN _files ON _files.sha256 = _media.sha256
    WHERE _media.place = 0 AND NOT EXISTS (
      SELECT 1 FROM _media AS other WHERE other.url = _media.url AND other.place = 0
        AND (other.sha256 IS NOT NULL, other.id) > (_media.sha256 IS NOT NULL, _media.id)
    )
"""
APPLICATION_ID = 0x74687264  # "thrd", in the header of the file: this database is ours


def truth(db: "Database") -> None:
    """Runs, their exchanges, and the bodies of these, each body once."""
    create(
        db,
        """
        CREATE TABLE _runs (
          id TEXT PRIMARY KEY NOT NULL,
          url TEXT NOT NULL,
          asked TEXT NOT NULL,           -- JSON: the command's options
          tool TEXT NOT NULL,
          started_at TEXT NOT NULL,
          finished_at TEXT,              -- NULL while it runs; set once, together with the next two
          outcome TEXT NOT NULL DEFAULT '',
          failures TEXT NOT NULL DEFAULT '[]'
        )
        """,
        """
        CREATE TABLE _bodies (
          sha256 TEXT PRIMARY KEY NOT NULL,
          size INTEGER NOT NULL,
          codec TEXT NOT NULL,           -- raw, or zlib where that is smaller
          data BLOB NOT NULL
        )
        """,
        """
        CREATE TABLE _exchanges (
          id INTEGER PRIMARY KEY,
          run TEXT NOT NULL REFERENCES _runs(id),
          seq INTEGER NOT NULL,
          attempt INTEGER NOT NULL,
          asked_url TEXT NOT NULL,
          url TEXT NOT NULL,             -- the address on the wire: differs after a redirect
          method TEXT NOT NULL,
          request_head TEXT NOT NULL,    -- one header a line, order and case kept
          request_body_sha256 TEXT REFERENCES _bodies(sha256),
          started_at TEXT NOT NULL,
          finished_at TEXT NOT NULL,
          status INTEGER,                -- NULL where no answer came: error says why
          reason TEXT NOT NULL,
          response_head TEXT NOT NULL,
          body_sha256 TEXT REFERENCES _bodies(sha256),
          complete INTEGER NOT NULL,     -- 0 for a body that was cut
          error TEXT NOT NULL,
          peer TEXT NOT NULL,
          tls TEXT NOT NULL,
          cert_sha256 TEXT NOT NULL,
          UNIQUE (run, seq, attempt)
        )
        """,
    )


def append_only(db: "Database") -> None:
    """Refuse to change the truth: this stops accidents, not a person who means it."""
    create(
        db,
        _refused("_bodies", "UPDATE"),
        _refused("_bodies", "DELETE"),
        _refused("_exchanges", "UPDATE"),
        _refused("_exchanges", "DELETE"),
        _refused("_runs", "DELETE"),
        _refused("_runs", "UPDATE OF id, url, asked, tool, started_at"),
        """
        CREATE TRIGGER _runs_closed BEFORE UPDATE ON _runs WHEN OLD.finished_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'this run is closed'); END
        """,
        """
        CREATE TRIGGER _exchanges_closed BEFORE INSERT ON _exchanges
        WHEN (SELECT finished_at FROM _runs WHERE id = NEW.run) IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'this run is closed'); END
        """,
    )


def evidence(db: "Database") -> None:
    """The ledger over runs, time stamps over its heads, and files too large for a database."""
    create(
        db,
        "ALTER TABLE _runs ADD COLUMN operator TEXT NOT NULL DEFAULT ''",
        """
        CREATE TABLE _ledger (
          log TEXT NOT NULL,             -- one a writing archive
          seq INTEGER NOT NULL,          -- from 1, without a gap
          kind TEXT NOT NULL,            -- capture, attachment or redaction
          run TEXT REFERENCES _runs(id),
          manifest_sha256 TEXT NOT NULL REFERENCES _bodies(sha256),
          prev TEXT NOT NULL,            -- the hash of the entry before, 64 zeros for the first
          hash TEXT NOT NULL,            -- sha256 of prev and manifest_sha256, as bytes one after the other
          added_at TEXT NOT NULL,
          PRIMARY KEY (log, seq)
        ) WITHOUT ROWID
        """,
        "CREATE UNIQUE INDEX _ledger_run ON _ledger (run) WHERE run IS NOT NULL",
        """
        CREATE TABLE _anchors (
          id INTEGER PRIMARY KEY,
          log TEXT NOT NULL,
          seq INTEGER NOT NULL,
          head TEXT NOT NULL,
          kind TEXT NOT NULL,            -- rfc3161 or opentimestamps
          url TEXT NOT NULL,
          added_at TEXT NOT NULL,
          request_sha256 TEXT REFERENCES _bodies(sha256),
          reply_sha256 TEXT NOT NULL REFERENCES _bodies(sha256)
        )
        """,
        """
        CREATE TABLE _files (
          sha256 TEXT PRIMARY KEY NOT NULL,
          size INTEGER NOT NULL,
          path TEXT NOT NULL,            -- relative to the archive's folder
          added_at TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        *(_refused(table, act) for table in ("_ledger", "_anchors", "_files") for act in ("UPDATE", "DELETE")),
        "DROP TRIGGER _runs_update",
        _refused("_runs", "UPDATE OF id, url, asked, tool, started_at, operator"),
    )


def media(db: "Database") -> None:
    """What posts show: which address gave which file, and what could not be fetched."""
    create(
        db,
        "ALTER TABLE attachments ADD COLUMN picture TEXT",  # the address of the picture on a card
        """
        CREATE TABLE _media (
          id INTEGER PRIMARY KEY,
          run TEXT NOT NULL REFERENCES _runs(id),
          url TEXT NOT NULL,             -- as the post, the card or the account names it
          place INTEGER NOT NULL,        -- 0: what is to be shown; from 1: what it needs, such as pieces of a film
          asked_url TEXT NOT NULL,       -- the address that gave it
          sha256 TEXT REFERENCES _files(sha256),  -- NULL where nothing came: said tells why
          kind TEXT NOT NULL,            -- image, video, audio or file, by its content
          said TEXT NOT NULL,
          at TEXT NOT NULL,
          UNIQUE (run, url, place)
        )
        """,
        "CREATE INDEX _media_url ON _media (url)",
        "CREATE INDEX _media_sha256 ON _media (sha256)",
        _refused("_media", "UPDATE"),
        _refused("_media", "DELETE"),
        """
        CREATE TRIGGER _media_closed BEFORE INSERT ON _media
        WHEN (SELECT finished_at FROM _runs WHERE id = NEW.run) IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'this run is closed'); END
        """,
        MEDIA_VIEW,
    )


def numbers(db: "Database") -> None:
    """The number of each thread in the list, which stays its own: whatever comes, is rebuilt or removed later."""
    create(
        db,
        "CREATE TABLE _numbers (number INTEGER PRIMARY KEY NOT NULL, thread TEXT NOT NULL UNIQUE)",
        "INSERT INTO _numbers (thread) SELECT id FROM threads ORDER BY first_captured_at, id",
    )


Migration = Callable[["Database"], None]

MIGRATIONS: tuple[Migration, ...] = (
    truth,
    append_only,
    people_and_posts,
    parts_of_posts,
    whole_threads,
    search,
    views,
    several_sources,
    evidence,
    media,
    what_is_vouched_for,
    numbers,
    places,
)


def applied(connection: sqlite3.Connection) -> set[str]:
    """Return the names of the migrations that a database has had."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
        return set()
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'archiver'")
    return {name for (name,) in rows}


def names() -> set[str]:
    """Return the names of the migrations that this version has."""
    return {migration.__name__ for migration in MIGRATIONS}


def migrate(connection: sqlite3.Connection, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring a database up to date in one transaction: all of it or nothing."""
    # Imported here: it takes longer to load than the rest of us, and only a new or old archive needs it.
    from sqlite_utils import Database, Migrations

    migrations = Migrations("archiver")
    for migration in steps:
        migrations(name=migration.__name__)(migration)
    db = Database(connection, execute_plugins=False)
    with db.atomic():
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(db)


def _refused(table: str, act: str) -> str:
    return f"""
        CREATE TRIGGER {table}_{act.split()[0].lower()} BEFORE {act} ON {table}
        BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
        """
