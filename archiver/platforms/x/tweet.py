"""One post as one answer showed it, whatever the format: what all parsers of this platform return."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from archiver.model import Author, Missing, Node, Post, Reason
from archiver.platforms.x.snowflake import time_of

SITE = "https://x.com"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_TIME = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{2}:\d{2}:\d{2}) \+0000 (\d{4})")
_REASONS = (  # what stands in X's tombstones, the more special words first
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
    """Return an author. Handles change hands and case: where a format gives no user id, "@handle" stands for it."""
    return Author(
        id=id_ or f"@{handle.lower()}", handle=handle, name=name, url=f"{SITE}/{handle}", avatar=avatar or None
    )


def status_url(id_: str, handle: str = "i") -> str:
    """Return the canonical address of a post. The handle is decoration: X answers by the id."""
    return f"{SITE}/{handle}/status/{id_}"


def written_at(id_: str, told: datetime) -> datetime:
    """Return when a post was written: as its id says, which is exact to the millisecond, else as was told."""
    return time_of(id_) or told


def parse_time(text: str) -> datetime:
    """Read "Wed May 03 15:05:11 +0000 2017", whose names are English whatever language the computer speaks."""
    month, day, clock, year = _TIME.fullmatch(text).groups()  # type: ignore[union-attr]  # another shape is an error
    return datetime.fromisoformat(f"{year}-{MONTHS.index(month) + 1:02}-{day}T{clock}+00:00").astimezone(UTC)


def reason_of(text: str) -> Reason:
    """Return the reason that the words of a tombstone give, UNKNOWN for words that give none."""
    return next((reason for words, reason in _REASONS if words.search(text.lower())), Reason.UNKNOWN)
