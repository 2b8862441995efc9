"""What a kept proof says of a record: hashes lead from the record up to a root, and the account has signed the root.

    commit {did, data, …, sig}                  signed with the repository's key
      └─ data ──► node ──► node ──► record      a tree by the records' names; each arrow is a hash

A path that ends where the record would have to be proves that there is none. https://atproto.com/specs/repository
"""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from archiver.errors import SHAPE_ERRORS, Unproven
from archiver.platforms.bluesky.signed.car import Car, read
from archiver.platforms.bluesky.signed.cbor import Cid, decode, encode
from archiver.platforms.bluesky.signed.signatures import is_signed

VERSION = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What is signed: the record and its CID, or None and "" where there is none; `rev` names the state of it all."""

    rev: str
    cid: str = ""
    record: dict[str, Any] | None = None


def proven(proof: bytes, *, did: str, path: str, key: bytes) -> Proven:
    """Return what a CAR file proves of the record at `path` (collection/rkey) in an account's repository.

    `key` is the repository's. Raises Unproven where a hash, the signature, the account or the path is not right.
    """
    try:
        return _proven(read(proof), did, path, key)
    except SHAPE_ERRORS as error:
        raise Unproven(f"it is not made like a repository ({type(error).__name__}: {error})") from error


def _proven(car: Car, did: str, path: str, key: bytes) -> Proven:
    commit = decode(car.block(car.root))
    if commit["version"] != VERSION or commit["did"] != did:
        raise Unproven("it is of another repository, or of a version that is not known here")
    if not is_signed(key, encode({name: commit[name] for name in commit if name != "sig"}), commit["sig"]):
        raise Unproven("it is not signed by this account's repository key")
    name = _find(car, commit["data"], path.encode())
    if name is None:
        return Proven(rev=commit["rev"])
    return Proven(rev=commit["rev"], cid=str(name), record=as_json(decode(car.block(name))))


def _find(car: Car, root: Cid, path: bytes) -> Cid | None:
    """Walk down the tree: a node has some names in order, each without what it begins with as the one before does."""
    node: Cid | None = root
    while node is not None:
        content = decode(car.block(node))
        node, name = content["l"], b""
        for entry in content["e"]:
            before, name = name, name[: entry["p"]] + entry["k"]
            if name <= before:
                raise Unproven("the names in its tree are out of order")
            if name == path:
                found: Cid = entry["v"]
                return found
            if name > path:
                break
            node = entry["t"]
    return None


def as_json(value: Any) -> Any:
    """Return a record in the form in which interfaces show it: https://atproto.com/specs/data-model"""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, Cid):
        return {"$link": str(value)}
    if isinstance(value, bytes):
        return {"$bytes": b64encode(value).decode().rstrip("=")}
    return value
