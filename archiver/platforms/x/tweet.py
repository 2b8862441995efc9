"""One post as one answer showed it, whatever the format: what all parsers of this platform return."""

from dataclasses import dataclass
from datetime import datetime

from archiver.model import Author, Missing, Node, Post
from archiver.platforms.x.snowflake import time_of

SITE = "https://x.com"
NAMELESS = "i/user/"  # no handle has a slash


@dataclass(frozen=True, slots=True, kw_only=True)
class Tweet:
    """A post or a tombstone, with what the model has no place for.

    `parent_author` is the user id of who wrote the parent, or "@handle" where only that is told. `editions` are the
    ids of all versions of an edited post, this one included, oldest first.
    """

    node: Node
    parent_author: str | None = None
    conversation: str | None = None
    editions: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The post's id."""
        return self.node.id

    @property
    def post(self) -> Post | None:
        """The post, None for a tombstone."""
        return self.node if isinstance(self.node, Post) else None

    @property
    def tombstone(self) -> Missing | None:
        """The tombstone, None for a post."""
        return None if isinstance(self.node, Post) else self.node


def author_of(handle: str, name: str, id_: str | None = None, avatar: str | None = None) -> Author:
    """Return an author. Handles change hands and case: where a format gives no user id, "@handle" stands for it.

    Raises TypeError for what is no text: an author without a handle cannot be named.
    """
    if not (isinstance(handle, str) and isinstance(name, str)):
        raise TypeError("an author without a handle")
    return Author(
        id=id_ or f"@{handle.lower()}", handle=handle, name=name, url=f"{SITE}/{handle}", avatar=avatar or None
    )


def nameless(id_: str) -> Author:
    """Return an author of whom only the user id is told; X leads from this address to the account.

    Raises ValueError for what is no user id.
    """
    if not str(id_).isdecimal():
        raise ValueError("an author without an id")
    return author_of(f"{NAMELESS}{id_}", "", id_)


def is_nameless(author: Author) -> bool:
    """Tell whether nobody has told an author's handle."""
    return author.handle.startswith(NAMELESS)


def status_url(id_: str, handle: str = "i") -> str:
    """Return the canonical address of a post. The handle is decoration: X answers by the id."""
    return f"{SITE}/{handle}/status/{id_}"


def written_at(id_: str, told: datetime) -> datetime:
    """Return when a post was written: as its id says, which is exact to the millisecond, else as was told."""
    return time_of(id_) or told
