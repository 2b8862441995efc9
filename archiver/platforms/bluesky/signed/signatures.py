"""Signatures of accounts and repositories: ECDSA over SHA-256, by a key on either of two curves.

https://atproto.com/specs/cryptography. The sums are done by `cryptography`, which comes with thread-archiver[proof].
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from archiver.errors import Unproven

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_K256, _P256 = b"\xe7\x01", b"\x80\x24"  # https://github.com/multiformats/multicodec: secp256k1-pub, p256-pub
_ORDERS = {
    _K256: 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141,
    _P256: 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551,
}
# The types of keys that a DID document may name; those of before 2023 have the point alone, and mostly uncompressed.
_TYPES = {
    "Multikey": b"",
    "EcdsaSecp256k1VerificationKey2019": _K256,
    "EcdsaSecp256r1VerificationKey2019": _P256,
}
_LENGTH, _UNCOMPRESSED = 35, 67  # bytes: two that name the curve, then the point


def installed() -> bool:
    """Tell whether signatures can be checked here."""
    return find_spec("cryptography") is not None


def key(text: str, kind: str = "Multikey") -> bytes:
    """Return a public key: the curve's code and the compressed point. Raises Unproven for what is none.

    `text` is a did:key, or a multibase as a DID document has it under a type of this name.
    """
    try:
        data = _TYPES[kind] + _base58(text.removeprefix("did:key:"))
    except (KeyError, ValueError) as error:
        raise Unproven(f"{text[:80]} is no key of a kind that is known here") from error
    if len(data) == _UNCOMPRESSED:
        data = data[:2] + bytes([2 + data[-1] % 2]) + data[3:_LENGTH]
    if data[:2] not in _ORDERS or len(data) != _LENGTH:
        raise Unproven(f"{text[:80]} is no key on secp256k1 or P-256")
    return data


def is_signed(key: bytes, data: bytes, signature: bytes, *, low: bool = True) -> bool:
    """Tell whether a signature is of this data by this key.

    Each signature has a twin with another `s`, and only the low one of the two counts; `low` False takes both. Raises
    Unproven for a key that is no point of its curve.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    if len(signature) != 64 or (low and s > _ORDERS[key[:2]] // 2):
        return False
    try:
        _public(key).verify(encode_dss_signature(r, s), data, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _public(key: bytes) -> "EllipticCurvePublicKey":
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1, SECP256R1, EllipticCurvePublicKey

    try:
        curve = SECP256K1() if key[:2] == _K256 else SECP256R1()
        return EllipticCurvePublicKey.from_encoded_point(curve, key[2:])
    except ValueError as error:
        raise Unproven(f"the key {key.hex()} is no point of its curve") from error


def _base58(text: str) -> bytes:
    number = 0
    for sign in text.removeprefix("z"):
        number = number * 58 + _ALPHABET.index(sign)
    return number.to_bytes((number.bit_length() + 7) // 8)
