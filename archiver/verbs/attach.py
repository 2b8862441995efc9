"""Putting a file beside a thread: a screenshot, a PDF, a browser's own archive. It joins the same chain."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.errors import NotWritable, UsageError
from archiver.exporters.terminal import short
from archiver.files import copy, size_of
from archiver.layout import MEDIA
from archiver.ledger import Entry
from archiver.model import StoredFile
from archiver.publish import keep
from archiver.store.store import Archive

PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A file that was put beside a thread, under a name of one line, and the entry of the ledger that seals it.

    `markdown` is the thread's document, which names the file.
    """

    thread: str
    name: str
    file: StoredFile
    entry: Entry
    markdown: Path

    @property
    def fields(self) -> dict[str, Any]:
        """What `attach --json` says of it."""
        return {
            "thread": self.thread,
            "name": self.name,
            "sha256": self.file.sha256,
            "size": self.file.size,
            "file": self.file.path,
            "receipt": self.entry.receipt,
            "markdown": str(self.markdown),
        }

    def __str__(self) -> str:
        kept = f"{self.name}: kept as {self.file.path}, sha256 {self.file.sha256}"
        return f"{kept}\n  {short(self.entry.receipt)}\n  {self.markdown}"


def attach(archive: Archive, words: str, path: Path, note: str, now: datetime) -> Added:
    """Copy a file into the archive, beside the thread that the words name, and write the thread's document anew.

    The file itself is left alone.

    Raises UsageError for a file that cannot be read, ArchiveError where nothing can be written.
    """
    thread = archive.index.named(words)
    target = archive.folder / MEDIA
    size, free = size_of(path), shutil.disk_usage(archive.folder).free
    if size > free:
        raise NotWritable(f"{path} has {size} bytes, and on the disk of {archive.folder} {free} are free")
    file, name = copy(_pieces(path), target, path.suffix), " ".join(path.name.split())
    entry = archive.attach(thread, file, name, note, now)
    markdown = keep(archive.document(thread), archive.folder).path
    return Added(thread=thread, name=name, file=file, entry=entry, markdown=markdown)


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})") from error
