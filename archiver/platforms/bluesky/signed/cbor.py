"""DAG-CBOR, the form in which records are hashed and signed. https://ipld.io/specs/codecs/dag-cbor/spec/

A value has exactly one encoding there. So what was read is written again and compared, and whatever is not as it must
be (a number that is longer than it needs to be, keys out of order, bytes left over) is found by that alone.
"""

import struct
from base64 import b32encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

from archiver.errors import SHAPE_ERRORS, Unproven

# What a CID of a block begins with here: version 1, DAG-CBOR, SHA-256 of 32 bytes.
BLOCK = b"\x01\x71\x12\x20"

_UINT, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _SIMPLE = range(8)
_LINK = 42  # the only tag that is allowed
_FLOAT = 27
_CONSTANTS = {20: False, 21: True, 22: None}
_WRITTEN = {False: b"\xf4", True: b"\xf5", None: b"\xf6"}


@dataclass(frozen=True, slots=True)
class Cid:
    """The name of a block or of a file, as bytes; in text it is written as in an address."""

    data: bytes

    def __str__(self) -> str:
        return "b" + base32(self.data)


def base32(data: bytes) -> str:
    """Return bytes as CIDs and DIDs are written: lower case, without padding."""
    return b32encode(data).decode().rstrip("=").lower()


def cid_of(block: bytes) -> Cid:
    """Return the name of a block."""
    return Cid(BLOCK + sha256(block).digest())


def decode(data: bytes) -> Any:
    """Return the value that the bytes stand for. Raises Unproven for anything but its one encoding."""
    try:
        value = _Reader(data).item()
        right = encode(value) == data
    except (*SHAPE_ERRORS, struct.error, RecursionError):
        right = False
    if not right:
        raise Unproven("a block is not in DAG-CBOR")
    return value


class _Reader:
    def __init__(self, data: bytes):
        self._data = data
        self._at = 0

    def item(self) -> Any:
        kind, size = divmod(self._take(1)[0], 32)
        if kind == _SIMPLE:
            return struct.unpack(">d", self._take(8))[0] if size == _FLOAT else _CONSTANTS[size]
        return self._KINDS[kind](self, self._number(size))

    def _take(self, count: int) -> bytes:
        end = self._at + count
        taken = self._data[self._at : end]
        if len(taken) < count:
            raise ValueError("the end is missing")
        self._at = end
        return taken

    def _number(self, size: int) -> int:
        return size if size < 24 else int.from_bytes(self._take({24: 1, 25: 2, 26: 4, 27: 8}[size]))

    def _map(self, count: int) -> dict[str, Any]:
        return {self.item(): self.item() for _ in range(count)}

    def _link(self, tag: int) -> Cid:
        if tag != _LINK:
            raise ValueError("a tag that is none of DAG-CBOR's")
        return Cid(self.item()[1:])

    _KINDS: ClassVar[dict[int, Callable[["_Reader", int], Any]]] = {
        _UINT: lambda self, number: number,
        _NEGATIVE: lambda self, number: -1 - number,
        _BYTES: _take,
        _TEXT: lambda self, count: self._take(count).decode(),
        _LIST: lambda self, count: [self.item() for _ in range(count)],
        _MAP: _map,
        _TAG: _link,
    }


def encode(value: Any) -> bytes:
    """Return the one encoding of a value. Raises ValueError for a value that has none."""
    try:
        return b"".join(_parts(value))
    except RecursionError:
        raise ValueError("a value that is nested too deeply") from None


def _parts(value: Any) -> Iterator[bytes]:
    if value is None or isinstance(value, bool):
        yield _WRITTEN[value]
    elif isinstance(value, int):
        yield _head(_UINT, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    elif isinstance(value, float):
        yield b"\xfb" + struct.pack(">d", value)
    elif isinstance(value, Cid):
        yield _head(_TAG, _LINK)
        yield from _parts(b"\0" + value.data)
    elif isinstance(value, bytes):
        yield _head(_BYTES, len(value)) + value
    elif isinstance(value, str):
        yield _head(_TEXT, len(value.encode())) + value.encode()
    else:
        yield from _many(value)


def _many(value: Any) -> Iterator[bytes]:
    if isinstance(value, list):
        yield _head(_LIST, len(value))
        for item in value:
            yield from _parts(item)
    elif isinstance(value, dict):
        yield _head(_MAP, len(value))
        for key in sorted(value, key=lambda key: (len(key.encode()), key.encode())):
            yield from _parts(key)
            yield from _parts(value[key])
    else:
        raise ValueError(f"DAG-CBOR has no {type(value).__name__}")


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    for size, count in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * count:
            return bytes([kind << 5 | size]) + number.to_bytes(count)
    raise ValueError("a number of more than 64 bits")
