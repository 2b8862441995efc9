"""CAR files, version 1: blocks one after the other, each with its name. https://ipld.io/specs/transport/car/carv1/

length, {"roots": [CID], "version": 1}       lengths are varints
length, CID, block
…
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from archiver.errors import Unproven
from archiver.platforms.bluesky.signed.cbor import BLOCK, Cid, decode

_NAME = len(BLOCK) + 32
_LONGEST = 9  # bytes of a varint: https://github.com/multiformats/unsigned-varint


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """The blocks of a file by their names, each of which is right, and the one to begin with."""

    root: Cid
    blocks: Mapping[Cid, bytes]

    def block(self, name: object) -> bytes:
        """Return a block. Raises Unproven where it is not there."""
        if not isinstance(name, Cid) or name not in self.blocks:
            raise Unproven("a block that the proof needs is not in it")
        return self.blocks[name]


def read(data: bytes) -> Car:
    """Read a file and recompute the hash of each block. Raises Unproven where anything about it is wrong."""
    sections = _sections(data)
    if not sections:
        raise Unproven("it is empty")
    header, *others = sections
    match decode(header):
        case {"version": 1, "roots": [Cid() as root], **rest} if not rest:
            return Car(root=root, blocks={Cid(other[:_NAME]): _block(other) for other in others})
    raise Unproven("it is no CAR file of version 1 with one root")


def _block(section: bytes) -> bytes:
    name, block = section[:_NAME], section[_NAME:]
    if name != BLOCK + sha256(block).digest():
        raise Unproven("a block is not what its name says")
    return block


def _sections(data: bytes) -> list[bytes]:
    sections = []
    at = 0
    while at < len(data):
        length, at = _varint(data, at)
        if length == 0 or at + length > len(data):
            raise Unproven("it is cut off")
        sections.append(data[at : at + length])
        at += length
    return sections


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for place, byte in enumerate(data[at : at + _LONGEST]):
        number |= (byte & 127) << 7 * place
        if byte < 128:
            return number, at + place + 1
    raise Unproven("it is cut off")
