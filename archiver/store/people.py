"""Everybody of whom the archive shows a post, in the order in which they came into it."""

from archiver.model import Author
from archiver.store.database import Database
from archiver.store.restore import own


def people(db: Database) -> tuple[tuple[str, Author], ...]:
    """Return each author with the host that the id belongs to; a later capture does not change the order."""
    rows = db.rows("SELECT id, handle, name, url, avatar FROM authors ORDER BY rowid")
    return tuple(
        (key.partition("/")[0], Author(id=own(key), handle=handle, name=name, url=url, avatar=avatar))
        for key, handle, name, url, avatar in rows
    )
