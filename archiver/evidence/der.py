"""DER, the binary notation of time stamps: as much as it takes to read an answer, and to write a request.

Documentation: ITU-T X.690, sections 8 and 10.
"""

INTEGER, OCTETS = 0x02, 0x04


class Damaged(ValueError):
    """The bytes are no DER, or hold something else than was looked for."""


class Reader:
    """Reads values one after the other; `inner` and `value` are of the next one."""

    def __init__(self, data: bytes):
        self._data = data
        self._at = 0

    @property
    def at_end(self) -> bool:
        """Whether nothing follows."""
        return self._at >= len(self._data)

    def is_next(self, tag: int) -> bool:
        """Whether a value of this kind follows."""
        return not self.at_end and self._data[self._at] == tag

    def value(self) -> bytes:
        """Return the content of the next value, and go on behind it."""
        start, end = self._next()
        self._at = end
        return self._data[start:end]

    def whole(self) -> bytes:
        """Return the next value as it is written, with its head, and go on behind it."""
        start = self._at
        self.value()
        return self._data[start : self._at]

    def inner(self) -> "Reader":
        """Return a reader of what the next value holds."""
        if self.at_end or not self._data[self._at] & 0x20:
            raise Damaged("a value holds nothing that was looked for")
        return Reader(self.value())

    def integer(self) -> int:
        """Return the next value, which must be a number."""
        if not self.is_next(INTEGER):
            raise Damaged("a number is missing")
        return int.from_bytes(self.value(), "big", signed=True)

    def skip(self, count: int = 1) -> "Reader":
        """Leave out the next values."""
        for _ in range(count):
            self.value()
        return self

    def _next(self) -> tuple[int, int]:
        """Return where the content of the next value begins and ends."""
        data, at = self._data, self._at
        if len(data) < at + 2:
            raise Damaged("it ends too early")
        length, start = data[at + 1], at + 2
        if length >= 0x80:
            count = length - 0x80
            if not 1 <= count <= 4:
                raise Damaged("a length is written in a way that is not read here")
            length, start = int.from_bytes(data[start : start + count], "big"), start + count
        if start + length > len(data):
            raise Damaged("it ends too early")
        return start, start + length


def written(tag: int, content: bytes) -> bytes:
    """Return a value in DER; it holds fewer than 128 bytes."""
    return bytes([tag, len(content)]) + content
