"""Opening an archive: is the folder ours to write to, and the database one that we know?"""

import platform
import sqlite3
import textwrap
from importlib.metadata import version
from pathlib import Path

import archiver
from archiver import __version__
from archiver.errors import ArchiveError
from archiver.files import source_of_folder
from archiver.layout import LOCK
from archiver.store import schema
from archiver.store.columns import COLUMNS
from archiver.store.database import Database, reported
from archiver.store.lock import lock

PLUG_IN = "; plug-in "  # in what a run says of its tool, before the package that read the answers


def locked(folder: Path) -> int:
    """Make the folder where there is none, and lock it against other writers; see `lock.lock`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it may tell of somebody's sources
        return lock(folder / LOCK)
    except (FileExistsError, NotADirectoryError) as error:
        raise ArchiveError(f"{folder} cannot be an archive's folder: there is a file of that name") from error
    except OSError as error:
        raise ArchiveError(f"cannot write to {folder}: {error.strerror}") from error


def writable(path: Path) -> tuple[Database, bool]:
    """Open a database for writing, bring it up to date, and return whether an older version has made it."""
    db = Database.opened(path, "rwc")
    try:
        pending = checked(db)
        older = pending and bool(schema.applied(db.connection))
        db.prepare_for_writing()
        if pending:
            with reported(path):
                schema.migrate(db.connection)
    except BaseException:
        db.close()
        raise
    return db, older


def none_in(folder: Path) -> ArchiveError:
    """The error where there is no archive."""
    return ArchiveError(f"no archive in {folder}; make one with: archiver save URL")


def settled(db: Database) -> None:
    """Raise ArchiveError unless a database can be read as it is: made by this version, and not empty."""
    pending = checked(db)
    if not db.rows("SELECT 1 FROM sqlite_master LIMIT 1"):
        raise none_in(db.path.parent)
    if pending:
        raise ArchiveError(f"{db.path} was made by an older version; bring it up to date with: archiver reparse")


def harmless(db: Database) -> None:
    """Raise ArchiveError where a database has a view in the place of a table of ours, or another one for media.

    Such a view may go on without an end. What else is strange, `archiver verify` finds.
    """
    names = {*COLUMNS, "_runs", "_bodies", "_exchanges", "_ledger", "_anchors", "_files", "_media", "posts_fts"}
    views = dict(db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'view'"))
    strange = names & views.keys()
    if "media" in views and textwrap.dedent(schema.MEDIA_VIEW).strip() != views["media"]:
        strange.add("media")
    if strange:
        raise ArchiveError(
            f"{db.path} was altered: its view {min(strange)} is not of this program; see archiver verify"
        )


def checked(db: Database) -> bool:
    """Return whether migrations are pending.

    Raises ArchiveError for a database that is not ours, or newer than we are.
    """
    [(application,)] = db.rows("PRAGMA application_id")
    empty = not db.rows("SELECT 1 FROM sqlite_master LIMIT 1")
    if application != schema.APPLICATION_ID and not (empty and application == 0):
        raise ArchiveError(f"{db.path} is a database of another program; choose another folder")
    with reported(db.path):
        applied = schema.applied(db.connection)
    if applied - schema.names():
        raise ArchiveError(f"{db.path} was written by a newer version of this program; update it")
    return applied != schema.names()


def system() -> str:
    """Return on what kind of computer this is; its name is nobody's business."""
    return f"{platform.system()} {platform.release()}, {platform.machine()}"


def program() -> str:
    """Return what names the program that runs for good: the digest of the list of its files in Python.

    See `files.source_of_folder`. Somebody may have changed them, whatever version they say that they are.
    """
    folder = Path(archiver.__file__).parent
    return source_of_folder(
        folder.name, {path.relative_to(folder).as_posix(): [path.read_bytes()] for path in folder.rglob("*.py")}
    )


def tool(package: str = "") -> str:
    """Return who we are, with which plug-in, and on what we run: behaviour depends on these versions."""
    return (
        f"thread-archiver {__version__}; Python {platform.python_version()}; SQLite {sqlite3.sqlite_version}; "
        f"urllib3 {version('urllib3')}{PLUG_IN + package if package else ''}"
    )
