"""A file while it comes: on the disk piece by piece, under a limit, and continued where it broke off.

What is there of it is named by the digest of its address, with a note of how the host names this version of it
(`ETag`, `Last-Modified`): only a part of the very same file is continued, RFC 9110 section 13.1.5.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO

from archiver.errors import ArchiveError
from archiver.files import adopt, write
from archiver.http.message import Exchange, Headers, header
from archiver.http.outcome import OverLimit, WrongPart, fault_of
from archiver.kinds import HEAD, PAGE, PLAYLIST, FileKind, kind_of
from archiver.layout import PARTS
from archiver.model import StoredFile

SETTLED = 4 << 20  # bytes after which what has come is made to outlive a power cut
SMALL = 1 << 20  # a larger body is a file, whatever it is

STRONG = 60  # seconds after which a time names a version surely, RFC 9110 section 8.8.2.2

_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")
_LENGTH = re.compile(r"[0-9]{1,15}")


class IncomingFile:
    """The `Sink` for one address. Raises ArchiveError where the folder `media` cannot be written.

    At the end it has either a file that is `held`, or a short `body` that is none: a playlist, a page, nobody knows.
    `kind` is what it is by its content. `report` is told how many bytes have come; where `is_stopped` says so, it ends.
    """

    def __init__(
        self,
        url: str,
        media: Path,
        limit: int,
        report: Callable[[int], None] = lambda size: None,
        is_stopped: Callable[[], bool] = lambda: False,
    ):
        name = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()
        self.limit = limit
        self.kind: FileKind | None = None
        self.held: StoredFile | None = None
        self.body = b""
        self._media = media
        self._path = media / PARTS / f"{name}.part"
        self._note = media / PARTS / f"{name}.note.part"
        self._report, self._is_stopped = report, is_stopped
        self._file: IO[bytes] | None = None
        self._version = ""
        self._begun = self._size = self._settled = self._whole = 0

    def wanted(self) -> Headers:
        """Ask for the rest, where a part of this version is there."""
        self._version, self._size = self._note_of_part()
        if not self._size:
            return ()
        return ("Range", f"bytes={self._size}-"), ("If-Range", self._version)

    def takes(self, answer: Exchange) -> bool:
        """Take a whole file, or the part that was asked for."""
        packed = header(answer.headers, "content-encoding").lower() not in ("", "identity")
        if answer.status not in (200, 206) or packed:
            return False
        with _reported(self._media):
            (self._media / PARTS).mkdir(parents=True, exist_ok=True)
            self._continue(answer) if answer.status == 206 else self._start(answer)
        self._begun = self._settled = self._size
        return True

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        if self._is_stopped():
            raise KeyboardInterrupt
        assert self._file
        self._check(self._size + len(piece))
        with _reported(self._media):
            self._file.write(piece)
            self._size += len(piece)
            self._report(len(piece))
            if self._size - self._settled >= SETTLED:
                self._settle()

    def closed(self, exchange: Exchange) -> Exchange:
        """Give the file its place if it is whole; else leave what there is of it for the next try."""
        assert self._file
        came = StoredFile("", self._size - self._begun, "")
        with _reported(self._media):
            if not exchange.complete:
                self._settle()
            self._file.close()
        if not exchange.complete:
            return replace(exchange, file=came)
        if self._whole not in (0, self._size):
            self.forget()
            error, _ = fault_of(WrongPart("it is longer or shorter than it was said to be"), reused=False)
            return replace(exchange, complete=False, error=error, file=came)
        self._keep()
        if exchange.status == 206:
            return replace(exchange, file=came)
        return replace(exchange, body=self.body, file=self.held)

    def forget(self) -> None:
        """Take away what there is of it."""
        self._version = ""
        with _reported(self._media):
            for path in (self._path, self._note):
                path.unlink(missing_ok=True)

    def _keep(self) -> None:
        with _reported(self._media), self._path.open("rb") as file:
            self.kind = kind_of(file.read(HEAD))
        unclear = self.kind is None or self.kind.name in (PAGE, PLAYLIST)
        if unclear and self._size <= SMALL:
            with _reported(self._media):
                self.body = self._path.read_bytes()
        else:
            self.held = adopt(self._path, self._media)
        self.forget()

    def _start(self, answer: Exchange) -> None:
        length = header(answer.headers, "content-length")
        if _LENGTH.fullmatch(length):
            self._check(int(length))
        self.forget()
        self._size, self._whole, self._version = 0, 0, _version(answer.headers)
        self._file = self._path.open("wb")
        self._settle()

    def _continue(self, answer: Exchange) -> None:
        match = _RANGE.fullmatch(header(answer.headers, "content-range").strip())
        if (
            not match
            or not self._size
            or int(match[1]) != self._size
            or not self._fits(answer.headers, *match.groups())
        ):
            self.forget()
            raise WrongPart("it is not the rest of what is there")
        self._whole = int(match[3])
        self._check(self._whole)
        self._file = self._path.open("r+b")
        self._file.truncate(self._size)
        self._file.seek(self._size)

    def _fits(self, headers: Headers, first: str, last: str, total: str) -> bool:
        is_same = _version(headers) in ("", self._version)
        return is_same and int(first) <= int(last) == int(total) - 1

    def _check(self, size: int) -> None:
        if size > self.limit:
            self.forget()
            raise OverLimit(size_text(self.limit))

    def _settle(self) -> None:
        assert self._file
        self._file.flush()
        os.fsync(self._file.fileno())
        self._settled = self._size
        if self._version:
            write(self._note, json.dumps({"version": self._version, "size": self._size}))

    def _note_of_part(self) -> tuple[str, int]:
        """Return the version and the size of the part that is there, no size where it cannot be continued."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            version, size = str(note["version"]), int(note["size"])
            return version, size if self._path.stat().st_size >= size else 0
        except (OSError, ValueError, KeyError, TypeError):
            return "", 0


def size_text(size: int) -> str:
    """Return a number of bytes as people write it."""
    if size < 1000:
        return f"{size} bytes"
    steps = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
    step, unit = next(step for step in steps if size >= step[0])
    return f"{size / step:.1f}".removesuffix(".0") + f" {unit}"


def _version(headers: Headers) -> str:
    """Return how the host names this version of the file, "" where it cannot be relied on."""
    tag = header(headers, "etag").strip()
    if tag:
        return tag if tag.startswith('"') else ""
    changed, sent = header(headers, "last-modified").strip(), header(headers, "date")
    try:
        age = parsedate_to_datetime(sent) - parsedate_to_datetime(changed)
    except (ValueError, TypeError, OverflowError):
        return ""
    return changed if age.total_seconds() >= STRONG else ""


@contextmanager
def _reported(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OverLimit, WrongPart):
        raise
    except OSError as error:
        raise ArchiveError(f"cannot write to {folder}: {error.strerror}") from error
