"""Signed repositories of accounts, as their servers keep them, made by hand: keys, trees, commits, CAR files, PLC logs.

Written beside the code that reads them, from the same specifications: https://atproto.com/specs/repository
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

import atmosphere
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from world import Answer

from archiver.http.message import Request
from archiver.platforms.bluesky.signed.cbor import Cid, base32, cid_of, encode

DID = atmosphere.DIDS["ann"]
POST = "app.bsky.feed.post"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CURVES: Mapping[str, tuple[ec.EllipticCurve, bytes, int]] = {
    "k256": (
        ec.SECP256K1(),
        b"\xe7\x01",
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
    ),
    "p256": (
        ec.SECP256R1(),
        b"\x80\x24",
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    ),
}


@dataclass(frozen=True)
class Key:
    """A private key; always the same for the same secret."""

    secret: int = 7
    curve: str = "k256"

    @cached_property
    def _private(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.secret, CURVES[self.curve][0])

    @property
    def public(self) -> bytes:
        """The public key: the code of the curve, and the point."""
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        return CURVES[self.curve][1] + point

    @property
    def multibase(self) -> str:
        """The public key as DID documents have it."""
        return base58(self.public)

    @property
    def uncompressed(self) -> str:
        """The point alone, as DID documents of before 2023 have it."""
        return base58(self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def did(self) -> str:
        return f"did:key:{self.multibase}"

    def sign(self, data: bytes, *, low: bool = True) -> bytes:
        """A signature, the low one of the two, or the high one."""
        order = CURVES[self.curve][2]
        r, s = decode_dss_signature(self._private.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True)))
        s = min(s, order - s) if low else max(s, order - s)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def base58(data: bytes) -> str:
    """Bytes in multibase."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, sign = divmod(number, 58)
        text = ALPHABET[sign] + text
    return f"z{text}"


def signed(operation: dict[str, Any], key: Key, *, low: bool = True) -> dict[str, Any]:
    """An operation of a PLC log, signed."""
    signature = urlsafe_b64encode(key.sign(encode(operation), low=low)).decode().rstrip("=")
    return {**operation, "sig": signature}


def operation(key: Key, rotation: Key, prev: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """An unsigned operation that makes `key` the repository's, and lets `rotation` sign the next."""
    return {
        "type": "plc_operation",
        "rotationKeys": [Key(99).did, rotation.did],
        "verificationMethods": {"atproto": key.did},
        "alsoKnownAs": ["at://ann.example.com"],
        "services": {},
        "prev": str(cid_of(encode(prev))) if prev else None,
        **more,
    }


def entry(operation: dict[str, Any], *, nullified: bool = False) -> dict[str, Any]:
    """A line of a PLC log."""
    return {"did": DID, "operation": operation, "cid": str(cid_of(encode(operation))), "nullified": nullified}


def did_of(first: dict[str, Any]) -> str:
    """The DID that begins with this operation."""
    return "did:plc:" + base32(hashlib.sha256(encode(first)).digest())[:24]


def method(did: str, key: Key) -> dict[str, str]:
    """What a DID document says of a repository's key."""
    return {"id": f"{did}#atproto", "type": "Multikey", "controller": did, "publicKeyMultibase": key.multibase}


GENESIS = signed(operation(Key(), Key(3)), Key(3))
"""The first operation of Sig, who is known to the Bluesky world."""


@dataclass(frozen=True)
class Repository:
    """An account's records by their paths, and the key that signs them."""

    records: Mapping[str, Any]
    did: str = DID
    key: Key = Key()
    commit: Mapping[str, Any] = field(default_factory=dict)  # what is to be another than it should

    @cached_property
    def blocks(self) -> dict[Cid, bytes]:
        """All blocks but the commit; filled while the tree is made."""
        blocks = [encode(record) for record in self.records.values()]
        return {cid_of(block): block for block in blocks}

    @cached_property
    def root(self) -> Cid:
        """The tree's root."""
        names = sorted((path.encode(), cid_of(encode(record))) for path, record in self.records.items())
        return self._node(names, max((level(name) for name, _ in names), default=0))

    def _node(self, names: list[tuple[bytes, Cid]], at: int) -> Cid:
        own = [place for place, (name, _) in enumerate(names) if level(name) == at]
        between = [names[start + 1 : end] for start, end in zip([-1, *own], [*own, len(names)], strict=True)]
        below = [self._node(part, at - 1) if part else None for part in between]
        entries, before = [], b""
        for place, right in zip(own, below[1:], strict=True):
            name, cid = names[place]
            same = next((n for n, (a, b) in enumerate(zip(before, name, strict=False)) if a != b), len(before))
            entries.append({"p": same, "k": name[same:], "v": cid, "t": right})
            before = name
        block = encode({"l": below[0], "e": entries})
        self.blocks[cid_of(block)] = block
        return cid_of(block)

    def proof(self, path: str, lacking: Cid | None = None) -> bytes:
        """The CAR file for a record, or for its absence. The whole tree goes in; `lacking` is a block that does not."""
        unsigned = {"did": self.did, "version": 3, "data": self.root, "rev": "3lbq2vxkm4s2a", "prev": None}
        unsigned |= self.commit
        commit = encode({**unsigned, "sig": self.key.sign(encode(unsigned))})
        others = {cid_of(encode(record)) for name, record in self.records.items() if name != path}
        blocks = [block for name, block in self.blocks.items() if name not in others | {lacking}]
        return car(cid_of(commit), [commit, *blocks])


def level(name: bytes) -> int:
    """How high in the tree a name stands: pairs of zero bits that its hash begins with."""
    bits = f"{int.from_bytes(hashlib.sha256(name).digest(), 'big'):0256b}"
    return (len(bits) - len(bits.lstrip("0"))) // 2


def car(root: Cid, blocks: list[bytes]) -> bytes:
    """A CAR file."""
    sections = [encode({"roots": [root], "version": 1}), *(cid_of(block).data + block for block in blocks)]
    return b"".join(varint(len(section)) + section for section in sections)


def varint(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


class Signed(atmosphere.Bluesky):
    """The Bluesky world with what Sig signs there.

    `changed` has texts that are signed in place of those shown, `pds` is where Sig's repository is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.did = atmosphere.DIDS["sig"]
        self.log: Any = [entry(GENESIS)]
        self.changed: dict[str, str] = {}
        self.pds = atmosphere.PDS

    def repository(self) -> Repository:
        """Sig's repository, with all that is not deleted."""
        records = {
            f"{POST}/{atmosphere.rkey(uri)}": {**record, "text": self.changed.get(uri, record["text"])}
            for uri, record in self.records.items()
            if uri.split("/")[2] == self.did and uri not in self.deleted
        }
        return Repository(records, did=self.did)

    def answer(self, request: Request) -> Answer:
        parts = urlsplit(request.url)
        if parts.path == f"/{self.did}/log/audit":
            return 200, self.log
        if parts.path == f"/{self.did}":
            service = [{"id": "#atproto_pds", "serviceEndpoint": self.pds}]
            return 200, {"id": self.did, "verificationMethod": [method(self.did, Key())], "service": service}
        if parts.path == "/xrpc/com.atproto.sync.getRecord":
            query = parse_qs(parts.query)
            return 200, self.repository().proof(f"{query['collection'][0]}/{query['rkey'][0]}")
        return super().answer(request)
