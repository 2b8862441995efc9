"""Files beside the database: media, and what somebody has put beside a thread. The ledger says what belongs where.

So they outlive a rebuild of the derived tables, and whoever changes or removes one breaks the chain.
"""

from collections.abc import Iterable
from datetime import datetime

from archiver.files import Copied
from archiver.model import Attached, utc
from archiver.store.database import Database
from archiver.store.ledger import told_by
from archiver.store.rows import stamp, text_of

KIND = "attachment"
FORMAT = "thread-attachment/1"

_ENTRIES = "SELECT manifest_sha256 FROM _ledger WHERE kind = ? ORDER BY log, seq"
_PATH = "SELECT path FROM _files WHERE sha256 = ?"


def hold(db: Database, files: Iterable[Copied], now: str) -> None:
    """Note files that are held; one that was held before keeps its first row."""
    rows = [(file.sha256, file.size, file.path, now) for file in files]
    db.execute_many("INSERT OR IGNORE INTO _files (sha256, size, path, added_at) VALUES (?, ?, ?, ?)", rows)


def told(thread: str, file: Copied, name: str, note: str, operator: str, at: datetime) -> dict[str, object]:
    """Return what the ledger is told of a file; `thread` is the archive's id."""
    return {
        "format": FORMAT,
        "thread": thread,
        "name": text_of(name),
        "sha256": file.sha256,
        "size": file.size,
        "at": stamp(at),
        "operator": operator,
        "note": text_of(note),
    }


def attached(db: Database, thread: str) -> tuple[Attached, ...]:
    """Return the files beside a thread, in the order in which they came.

    A thread whose beginning was found later has another id; what was put beside it stays with its posts.
    """
    known = [told_by(db, name) for (name,) in db.rows(_ENTRIES, KIND)]
    if not known:
        return ()
    ids = {thread, *(post for (post,) in db.rows("SELECT post FROM thread_posts WHERE thread = ?", thread))}
    return tuple(
        Attached(
            name=one["name"],
            sha256=one["sha256"],
            size=one["size"],
            file=next((path for (path,) in db.rows(_PATH, one["sha256"])), ""),
            at=utc(one["at"]),
            operator=one["operator"],
            note=one["note"],
        )
        for one in known
        if one["thread"] in ids
    )
