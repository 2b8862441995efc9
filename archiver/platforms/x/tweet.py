"""One post as one answer showed it, or why X does not show it: what all parsers return, whatever the format."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from archiver.errors import SHAPE_ERRORS
from archiver.model import Author, Missing, Node, Post, Reason
from archiver.platforms.x.snowflake import time_of

SITE = "https://x.com"
NAMELESS = "i/user/"  # no handle has a slash
AGE = re.compile("Nsfw|Age")
REASONS = (  # the more special words first; the texts are English, as they are asked for
    (re.compile(r"suspended"), Reason.SUSPENDED),
    (re.compile(r"withheld|age-restricted|legal (demand|request)|violated"), Reason.WITHHELD),
    (re.compile(r"protected|limits? who can (view|see)|permission to view"), Reason.PRIVATE),
    (re.compile(r"blocked"), Reason.BLOCKED),
    (re.compile(r"deleted|no longer exists"), Reason.DELETED),
)


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
    """Whether nobody has told an author's handle."""
    return author.handle.startswith(NAMELESS)


def status_url(id_: str, handle: str = "i") -> str:
    """Return the canonical address of a post. The handle is decoration: X answers by the id."""
    return f"{SITE}/{handle}/status/{id_}"


def written_at(id_: str, stated: datetime) -> datetime:
    """Return when a post was written: as its id says, which is exact to the millisecond, else as was told."""
    return time_of(id_) or stated


def reason_of(text: str) -> Reason:
    """Return the reason that the words of a tombstone give; "unavailable" is none, and no deletion."""
    return next((reason for words, reason in REASONS if words.search(text.lower())), Reason.UNKNOWN)


def named_reason(name: str) -> Reason:
    """Return what X's name for a reason means: "NsfwLoggedOut", "Suspended"."""
    return Reason.WITHHELD if AGE.search(name) else reason_of(name)


def tombstone(id_: str, text: str) -> Tweet:
    """Return what stands for a post of which X says only why it is not shown."""
    words = text.strip().removesuffix("Learn more").strip()
    return gap(id_, reason_of(words), f"X says: “{words}”")


def gap(id_: str, reason: Reason, detail: str, url: str | None = None, author: str | None = None) -> Tweet:
    """Return what stands for a post that is not shown, with our own words why."""
    time = time_of(id_)
    return Tweet(
        node=Missing(id=id_, reason=reason, url=url or status_url(id_), author=author, detail=detail, created_at=time)
    )


def readable(parse: Callable[[], Tweet | None], id_: str) -> Tweet | None:
    """Return the parsed post, or a gap where its form is unknown: one strange post must not cost the others.

    The error is raised where even the id is not known.
    """
    try:
        return parse()
    except SHAPE_ERRORS as error:
        if not id_.isdecimal():
            raise
        detail = f"X's answer for it has a form that is not known here ({type(error).__name__})"
        return gap(id_, Reason.UNKNOWN, detail)
