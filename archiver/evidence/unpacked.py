"""The bytes of a WARC, packed member by member or plain, and where in the file they are."""

import zlib
from typing import IO

_PIECE = 1 << 16


class Plain:
    """A file that is not packed: what is read next begins at `start`, and what was read ended at `end`."""

    def __init__(self, file: IO[bytes]):
        self._file, self.end = file, 0
        self.start = 0

    def read(self, size: int) -> bytes:
        """Return so many bytes, fewer at the end."""
        return self._at(self._file.read(size))

    def readline(self, size: int) -> bytes:
        """Return a line, or so many bytes of it."""
        return self._at(self._file.readline(size))

    def _at(self, data: bytes) -> bytes:
        self.start, self.end = self.end, self.end + len(data)
        return data


class Unpacked:
    """What gzip members hold, one after the other.

    `start` is where the member begins in which the last line or bytes began, `end` where the one ends in which they
    ended. Raises zlib.error or EOFError for damage.
    """

    def __init__(self, file: IO[bytes]):
        self._file = file
        self._packed, self._plain = b"", b""
        self._member: zlib._Decompress | None = None
        self._taken = 0  # packed bytes that are unpacked
        self.start = self.end = 0

    def read(self, size: int) -> bytes:
        """Return so many bytes, fewer at the end."""
        pieces, left = [], size
        while left and self._more():
            pieces.append(self._plain[:left])
            self._plain = self._plain[left:]
            left -= len(pieces[-1])
        self._ended()
        return b"".join(pieces)

    def readline(self, size: int) -> bytes:
        """Return a line, or so many bytes of it."""
        line = b""
        while len(line) < size and not line.endswith(b"\n") and self._more():
            end = self._plain.find(b"\n") + 1 or len(self._plain)
            end = min(end, size - len(line))
            line, self._plain = line + self._plain[:end], self._plain[end:]
        self._ended()
        return line

    def _more(self) -> bool:
        """Have something to hand out, if there is anything; never of a member before the one before is handed out."""
        while not self._plain:
            if self._member is None:
                self._packed = self._packed or self._file.read(_PIECE)
                if not self._packed:
                    return False
                self._member, self.start = zlib.decompressobj(31), self._taken
            self._unpack(self._member)
        return True

    def _ended(self) -> None:
        """Take the end of a member along, which may be nothing but its sums."""
        while self._member is not None and not self._plain:
            self._unpack(self._member)
        self.end = self._taken

    def _unpack(self, member: "zlib._Decompress") -> None:
        given = self._packed or self._file.read(_PIECE)
        if not given:
            raise EOFError("a packed part does not end")
        self._plain = member.decompress(given, _PIECE)
        self._packed = member.unconsumed_tail or member.unused_data
        self._taken += len(given) - len(self._packed)
        if member.eof:
            self._member = None
