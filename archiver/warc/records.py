"""The records of a WARC (1.0, 1.1) or ARC file, one after the other, in whatever state the file is.

https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/ · an ARC record is a line of URL,
address, time, type and length, then so many bytes. A damaged gzip member costs the record that it holds, and reading
goes on with the next member. Where there are no members, what follows damage is left alone: a page may hold what looks
like a record.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from archiver.errors import UsageError
from archiver.http.message import Headers, header
from archiver.http.outcome import LARGEST

GZIP = b"\x1f\x8b\x08"
PIECE = 1 << 14
HEAD = 1 << 18  # bytes of a head; a longer one is made to keep us busy
MOST = LARGEST + HEAD  # bytes of a block that are kept
RATIO, SMALL = 200, 1 << 26  # how much smaller packing may have made a file, unless it is small anyway

_VERSION = re.compile(rb"WARC/(?:0\.1[78]|1\.[01])\s*")
_ARC_FIELDS = (5, 10)  # of the two versions; the last is the length
_TIME = re.compile(rb"\d{14}")
_FOLD = (b" ", b"\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: what it says of itself, and its block; `cut` says that not all of the block could be had."""

    fields: Headers
    block: bytes
    cut: bool = False

    def field(self, name: str) -> str:
        """Return a field, "" where it is absent."""
        return header(self.fields, name)

    @property
    def kind(self) -> str:
        """What it is, in WARC's words: response, request, …"""
        return self.field("warc-type").lower()


def records(file: IO[bytes], size: int, name: str, damaged: Callable[[], None]) -> Iterator[Record]:
    """Yield the records of a file of so many bytes; `damaged` is called for each part that cannot be read.

    Raises UsageError for a file that unpacks to absurdly more than it is.
    """
    stream = _Stream(_pieces(file, size, name), damaged)
    while True:
        line = stream.line()
        if not line and stream.ended:
            return
        if not line.strip():
            continue
        record = _record(line, stream)
        if record:
            yield record
        else:
            damaged()
            stream.skip()


class _Stream:
    """What comes in pieces, by lines and by sizes. An empty piece is a break: what is being read there ends."""

    def __init__(self, pieces: Iterator[bytes], damaged: Callable[[], None]):
        self._pieces = pieces
        self._damaged = damaged
        self._held = bytearray()
        self.ended = False

    def line(self) -> bytes:
        """Return the next line, or as much of it as there is before a break, the end, or the longest head."""
        end = 0
        while not (end_of_line := self._held.find(b"\n", end) + 1) and len(self._held) < HEAD:
            end = len(self._held)
            if not self._more():
                break
        return self._taken(end_of_line or min(len(self._held), HEAD))

    def take(self, size: int) -> bytes:
        """Return so many bytes, fewer before a break or the end."""
        while len(self._held) < size and self._more():
            pass
        return self._taken(size)

    def skip(self, size: int | None = None) -> bool:
        """Pass over so many bytes, or all up to a break or the end; tell whether there were so many."""
        while size is None or size > 0:
            passed = len(self._taken(len(self._held) if size is None else size))
            size = None if size is None else size - passed
            if not self._held and (size is None or size > 0) and not self._more():
                return False
        return True

    def _taken(self, size: int) -> bytes:
        piece = bytes(self._held[:size])
        del self._held[:size]
        return piece

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            self.ended = True
            return False
        if not piece:
            self._damaged()
        self._held += piece
        return bool(piece)


def _record(line: bytes, stream: _Stream) -> Record | None:
    """Read the record that begins with this line; None where that is no beginning, or its length is not told."""
    parts = line.strip().split(b" ", max(_ARC_FIELDS))
    if len(parts) in _ARC_FIELDS and _TIME.fullmatch(parts[2]):
        url, peer, time, mime = (part.decode("latin-1") for part in parts[:4])
        kind = "warcinfo" if url.startswith("filedesc:") else "response"
        date = f"{time[:4]}-{time[4:6]}-{time[6:8]}T{time[8:10]}:{time[10:12]}:{time[12:]}Z"
        fields: Headers = (("WARC-Type", kind), ("WARC-Target-URI", url), ("WARC-IP-Address", peer))
        fields = (*fields, ("WARC-Date", date), ("Content-Type", mime))
        return _with_block(fields, parts[-1].decode("latin-1"), stream)
    if not _VERSION.fullmatch(line):
        return None
    lines: list[bytes] = []
    size = 0
    while (line := stream.line()).strip():
        size += len(line)
        if size > HEAD or not line.endswith(b"\n"):
            return None
        if line.startswith(_FOLD) and lines:
            lines[-1] += b" " + line.strip()
        else:
            lines.append(line.strip())
    pairs = (line.decode("utf-8", "replace").partition(":") for line in lines)
    fields = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    return _with_block(fields, header(fields, "content-length"), stream)


def _with_block(fields: Headers, length: str, stream: _Stream) -> Record | None:
    if not length.isascii() or not length.isdecimal() or len(length) > 15:
        return None
    size = int(length)
    block = stream.take(min(size, MOST))
    is_whole = len(block) == size
    if len(block) == MOST < size:
        stream.skip(size - MOST)
    return Record(fields=fields, block=block, cut=not is_whole)


def _pieces(file: IO[bytes], size: int, name: str) -> Iterator[bytes]:
    first = file.read(PIECE)
    if not first.startswith(GZIP):
        while first:
            yield first
            first = file.read(PIECE)
        return
    allowance = max(SMALL, size * RATIO)
    for piece in _members(file, first):
        allowance -= len(piece)
        if allowance < 0:
            raise UsageError(f"{name} unpacks to absurdly more than it is; that is no web archive")
        yield piece


def _members(file: IO[bytes], packed: bytes) -> Iterator[bytes]:
    """Yield what gzip members hold, and b"" where one of them is damaged or its end is missing."""
    while True:
        start = packed.find(GZIP)
        if start < 0:
            more = file.read(PIECE)  # zeros, or what is left of a damaged member
            if not more:
                return
            packed = packed[-len(GZIP) + 1 :] + more
            continue
        packed = packed[start:]
        inflater = zlib.decompressobj(31)
        while not inflater.eof:
            try:
                piece = inflater.decompress(packed, PIECE)
            except zlib.error:
                yield b""
                packed = packed[1:]
                break
            if piece:
                yield piece
            packed = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            if not packed and not inflater.eof and not piece:
                packed = file.read(PIECE)
                if not packed:
                    yield b""
                    return
