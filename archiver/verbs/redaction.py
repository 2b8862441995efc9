"""Taking content out of an archive: posts that are withheld, and threads that were saved by mistake.

Both ask before they do it, by `consent`, which raises UsageError unless the user agrees: only they know what it means.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver import publish
from archiver.exporters.terminal import short
from archiver.exporters.wording import counted
from archiver.ledger import Entry
from archiver.model import Document
from archiver.redaction import redact as redacting
from archiver.redaction import removal
from archiver.redaction.withhold import Order, Redaction, named
from archiver.store.store import Archive

Consent = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """What a redaction came to; `document` is the thread as it was before."""

    document: Document
    redaction: Redaction

    @property
    def removed(self) -> int:
        """How many kept answers are gone as a whole."""
        return sum(not rest for rest in self.redaction.bodies.values())

    @property
    def fields(self) -> dict[str, Any]:
        """What `redact --json` says of it."""
        return {
            "thread": self.document.thread.url,
            "posts": list(self.redaction.posts),
            "bodies": len(self.redaction.bodies),
            "removed": self.removed,
            "files": list(self.redaction.files),
            "still": [str(path) for path in self.redaction.still],
            "receipt": self.redaction.entry.receipt,
        }

    def __str__(self) -> str:
        changed, files = len(self.redaction.bodies), len(self.redaction.files)
        counts = f"answers changed: {changed}, gone as a whole: {self.removed}, files deleted: {files}"
        return f"withheld: {', '.join(self.redaction.posts)}\n  {counts}\n  {short(self.redaction.entry.receipt)}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """Lines for the user beside the result: where the content may still be."""
        return (
            *(f"note: {path} still contains what was withheld; edit or delete it" for path in self.redaction.still),
            *(f"note: check whether this attached file shows it: {file.name}" for file in self.document.attached),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A thread that was removed, with so many answers and files, None where they are kept.

    `edited` names documents that somebody has edited, and that stay.
    """

    url: str
    entry: Entry
    purged: tuple[int, int] | None
    edited: tuple[str, ...]

    @property
    def fields(self) -> dict[str, Any]:
        """What `remove --json` says of it."""
        bodies, files = self.purged or (0, 0)
        return {
            "thread": self.url,
            "removed": bodies,
            "files": files,
            "edited": list(self.edited),
            "receipt": self.entry.receipt,
        }

    def __str__(self) -> str:
        lines = [f"removed: {self.url}"]
        if self.purged:
            lines.append("  answers gone: {}, files deleted: {}".format(*self.purged))
        return "\n".join([*lines, f"  {short(self.entry.receipt)}"])

    @property
    def remarks(self) -> tuple[str, ...]:
        """Lines for the user beside the result: which documents are still there."""
        return tuple(f"note: {name} was edited, or is not of this program, and stays as it is" for name in self.edited)


def redact(
    archive: Archive, words: str, posts: Iterable[str], reason: str, whole: bool, consent: Consent, now: datetime
) -> Redacted:
    """Withhold posts of the thread that the words name; `whole` takes along all that came with them.

    Raises UsageError where there is no such post, or no consent.
    """
    thread = archive.index.named(words)
    document = archive.document(thread)
    ids = named(document, posts)
    which = f"{counted(len(ids), 'post')} of {_described(archive, thread)}"
    consent(f"The content of {which} would be removed for good. Go on?")
    order = Order(thread=document.thread.url, posts=ids, reason=reason, operator=archive.operator, whole=whole)
    return Redacted(document=document, redaction=redacting.redact(archive, order, now))


def remove(archive: Archive, words: str, reason: str, purge: bool, consent: Consent, now: datetime) -> Removed:
    """Remove the thread that the words name; `purge` takes along all that came for it alone.

    Raises UsageError where there is no such thread, or no consent.
    """
    thread = archive.index.named(words)
    url = archive.document(thread).thread.url
    what = "with all that came for it alone, for good" if purge else "and what came is kept"
    consent(f"{_described(archive, thread)} would be removed, {what}. Go on?")
    before = publish.documents(archive)
    purged = None
    if purge:
        entry, bodies, files = removal.purge(archive, thread, reason, now)
        purged = (bodies, files)
    else:
        entry = removal.remove(archive, thread, reason, now)
    return Removed(url=url, entry=entry, purged=purged, edited=publish.removed(archive, before))


def _described(archive: Archive, id_: str) -> str:
    """Return in words which thread an id is of, for somebody who is asked about it."""
    [thread] = [summary for summary in archive.threads() if summary.id == id_]
    posts = counted(thread.posts, "post")
    return f"thread {thread.number} (“{thread.title}” by @{thread.author}, {posts}, {thread.url})"
