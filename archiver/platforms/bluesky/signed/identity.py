"""Whose key it is: an account's DID document, and the log from which a did:plc can be followed back to itself.

    did:plc:… = hash of the first operation ──► its keys sign the second ──► … the last names the repository's key

https://web.plc.directory/spec/v0.1/did-plc. For a did:web there is only the document, and the host's word.
"""

from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from typing import Any

from archiver.errors import SHAPE_ERRORS, Unproven
from archiver.platforms.bluesky.signed.cbor import base32, cid_of, encode
from archiver.platforms.bluesky.signed.signatures import is_signed
from archiver.platforms.bluesky.signed.signatures import key as key_in

Operation = Mapping[str, Any]

_ID_LENGTH = 24


def key_of(document: Mapping[str, Any], did: str) -> bytes:
    """Return the key of an account's repository. Raises Unproven where the document names none."""
    try:
        if document["id"] == did:
            for method in document["verificationMethod"]:
                if method["id"] in ("#atproto", f"{did}#atproto"):
                    return key_in(method["publicKeyMultibase"], method["type"])
    except SHAPE_ERRORS as error:
        raise Unproven(f"the DID document of {did} cannot be read ({type(error).__name__}: {error})") from error
    raise Unproven(f"the DID document of {did} names no key for its repository")


def check_log(log: Iterable[Mapping[str, Any]], did: str, key: bytes) -> None:
    """Follow the operations from the DID to its present key. Raises Unproven where they do not lead there."""
    try:
        last = _followed([entry["operation"] for entry in log if not entry["nullified"]], did)
        present = _repository_key(last)
    except SHAPE_ERRORS as error:
        raise Unproven(f"the log of {did} cannot be read ({type(error).__name__}: {error})") from error
    if present != key:
        raise Unproven(f"the log of {did} ends with another key than its DID document names")


def _followed(operations: list[Operation], did: str) -> Operation:
    first = operations[0]
    if did != f"did:plc:{base32(cid_of(encode(first)).data[4:])[:_ID_LENGTH]}":
        raise Unproven(f"the log of {did} begins with an operation of another account")
    before, prev = first, None
    for operation in operations:
        if operation["prev"] != prev:
            raise Unproven(f"the log of {did} has a gap")
        if not _is_signed(operation, _rotation_keys(before)):
            raise Unproven(f"an operation in the log of {did} is not signed by a key that may do so")
        before, prev = operation, str(cid_of(encode(operation)))
    return before


def _is_signed(operation: Operation, keys: Iterable[str]) -> bool:
    content = encode({name: value for name, value in operation.items() if name != "sig"})
    signature = urlsafe_b64decode(operation["sig"] + "==")
    # The directory has taken high ones as well: https://github.com/did-method-plc/did-method-plc/issues/109
    return any(is_signed(key_in(key), content, signature, low=False) for key in keys)


def _rotation_keys(operation: Operation) -> list[str]:
    if operation["type"] == "create":  # the form of the first months
        return [operation["recoveryKey"], operation["signingKey"]]
    return list(operation.get("rotationKeys", ()))


def _repository_key(operation: Operation) -> bytes:
    if operation["type"] == "create":
        return key_in(operation["signingKey"])
    return key_in(operation["verificationMethods"]["atproto"])
