"""Everybody of whom the archive shows a post, in the order in which they came into it."""

from archiver.model import Author
from archiver.store.database import Database
from archiver.store.restore import own

_PEOPLE = "SELECT id, handle, name, url, avatar FROM authors ORDER BY rowid"
_EARLIER = "SELECT author, handle, name FROM author_versions ORDER BY author, number"


def people(db: Database) -> tuple[tuple[str, tuple[Author, ...]], ...]:
    """Return each author with the host that the id belongs to: as they are called now, then as they were before.

    A later capture does not change the order.
    """
    earlier: dict[str, list[Author]] = {}
    for key, handle, name in db.rows(_EARLIER):
        earlier.setdefault(key, []).append(Author(id=own(key), handle=handle, name=name))
    return tuple(
        (
            key.partition("/")[0],
            (Author(id=own(key), handle=handle, name=name, url=url, avatar=avatar), *earlier.get(key, ())),
        )
        for key, handle, name, url, avatar in db.rows(_PEOPLE)
    )
