"""Files beside the database: media, and what somebody has put beside a thread. The ledger says what belongs where.

So they outlive a rebuild of the derived tables, and whoever changes or removes one breaks the chain.
"""

from datetime import datetime

from archiver.model import Attached, StoredFile, utc
from archiver.store.bodies import json_of
from archiver.store.columns import stamp, text_of
from archiver.store.database import Database
from archiver.store.ledger import Ledger

KIND = "attachment"
FORMAT = "thread-attachment/1"

_PATH = "SELECT path FROM _files WHERE sha256 = ?"


def manifest(thread: str, file: StoredFile, name: str, note: str, operator: str, at: datetime) -> dict[str, object]:
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
    entries = [json_of(db, name) for _, name in Ledger(db).manifests(KIND)]
    if not entries:
        return ()
    ids = {thread, *(post for (post,) in db.rows("SELECT post FROM thread_posts WHERE thread = ?", thread))}
    return tuple(
        Attached(
            name=entry["name"],
            sha256=entry["sha256"],
            size=entry["size"],
            file=next((path for (path,) in db.rows(_PATH, entry["sha256"])), ""),
            at=utc(entry["at"]),
            operator=entry["operator"],
            note=entry["note"],
        )
        for entry in entries
        if entry["thread"] in ids
    )
