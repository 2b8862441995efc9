"""The connection to an archive's database: its settings, transactions and errors, each in one place.

The rollback journal rather than WAL: a copied WAL database can lose what its log held, and the millisecond that a
commit takes is nothing beside the network.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shlex import quote
from typing import Any

from archiver.errors import ArchiveError, NotWritable
from archiver.store.columns import Value

Values = Iterable[Value | bytes]

_PATIENCE = 30.0  # seconds that we wait for a reader or for a writer's commit

_SETTINGS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",  # else REPLACE would get round the triggers that keep the truth append-only
    "PRAGMA temp_store = MEMORY",
)
_READING = ("PRAGMA trusted_schema = OFF",)  # a database may come from anybody; the search index needs it to be written
_WRITING = ("PRAGMA journal_mode = DELETE", "PRAGMA synchronous = FULL")

_LOOK = "SELECT 1 FROM sqlite_master LIMIT 1"

_MEANINGS = {
    "SQLITE_BUSY": "is in use by another program; try again when that has finished",
    "SQLITE_CANTOPEN": "cannot be opened; check the folder and its permissions",
    "SQLITE_CORRUPT": "is damaged; restore a copy, or rescue what is left: sqlite3 PATH .recover | sqlite3 rescued.db",
    "SQLITE_FULL": "cannot grow: the disk is full",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error",
    "SQLITE_LOCKED": "is in use by another program; try again when that has finished",
    "SQLITE_NOTADB": "is not a database",
    "SQLITE_READONLY": "cannot be written to; check its permissions and the folder's",
}

# The disk's word, and not the content's.
_OF_THE_DISK = ("SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY")


class Database:
    """A connection whose errors are ArchiveErrors; what is a bug (constraints, wrong use) stays sqlite3's."""

    def __init__(self, path: Path, connection: sqlite3.Connection):
        self.path = path
        self.connection = connection

    @classmethod
    def opened(cls, path: Path, mode: str) -> "Database":
        """Open a file; `mode` is `ro`, which needs it to exist and makes nothing beside it, or `rwc`.

        A write that a killed process began is undone first, as its journal says: until then nobody can read. A new
        file is for its owner alone, as are the journals that SQLite makes beside it.
        """
        with reported(path):
            if mode == "rwc":
                with suppress(OSError):  # it is there; or SQLite says why it cannot be made
                    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            connection = _connected(path, mode)
            if mode == "ro" and _is_half_written(connection):
                with closing(_connected(path, "rw")) as undoing:
                    undoing.execute(_LOOK)
        db = cls(path, connection)
        for setting in (*_SETTINGS, *(_READING if mode == "ro" else ())):
            db.execute(setting)
        return db

    def prepare_for_writing(self) -> None:
        """Choose the journal; only for a database that is known to be ours, since it is written into the file."""
        for setting in _WRITING:
            self.execute(setting)

    def close(self) -> None:
        """Close the connection; an open transaction is undone."""
        self.connection.close()

    def execute(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        """Run one statement."""
        with reported(self.path):
            return self.connection.execute(sql, tuple(values))

    def execute_many(self, sql: str, rows: Iterable[tuple[Value, ...]]) -> None:
        """Run one statement once a row."""
        with reported(self.path):
            self.connection.executemany(sql, rows)

    def rows(self, sql: str, *values: Value) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with reported(self.path):
            return self.connection.execute(sql, values).fetchall()

    def records(self, sql: str, *values: Value) -> list[dict[str, Any]]:
        """Return all rows of a query, each by the names of its columns."""
        with reported(self.path):
            cursor = self.connection.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    @contextmanager
    def transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
        """All or nothing; within another transaction, a part of it."""
        nested = self.connection.in_transaction
        self.execute("SAVEPOINT part" if nested else begin)
        try:
            yield
            if not self.connection.in_transaction:  # somebody went on after SQLite had undone all of it
                raise NotWritable(_message(self.path, "SQLITE_FULL", OSError()))
            self.execute("RELEASE part" if nested else "COMMIT")
        except BaseException:
            if self.connection.in_transaction:  # SQLite itself has ended it where the disk is full
                for undo in ("ROLLBACK TO part", "RELEASE part") if nested else ("ROLLBACK",):
                    self.connection.execute(undo)
            raise


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    # isolation_level None: transactions begin and end where we say.
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None)


def _is_half_written(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute(_LOOK)
    except sqlite3.Error as error:
        return error.sqlite_errorname == "SQLITE_READONLY_ROLLBACK"
    return False


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn the errors of SQLite into an ArchiveError of one clear line."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except UnicodeDecodeError as error:  # SQLite complains, and quotes what is damaged
        raise ArchiveError(_message(path, "SQLITE_CORRUPT", error)) from error
    except sqlite3.Error as error:
        name = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
        raised = NotWritable if name in _OF_THE_DISK else ArchiveError
        raise raised(_message(path, name, error)) from error


def is_full(error: sqlite3.Error) -> bool:
    """Whether it is the disk of what was written to that is full."""
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_FULL")


def _message(path: Path, name: str, error: Exception) -> str:
    return f"{path} {_MEANINGS.get(name, f'cannot be used: {error}').replace('PATH', quote(str(path)))}"


def is_damage(error: ArchiveError) -> bool:
    """Whether it is the database's content that is broken, rather than its surroundings."""
    name = getattr(error.__cause__, "sqlite_errorname", "")
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or isinstance(error.__cause__, UnicodeDecodeError)
