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


def installed() -> bool:
    """Tell whether signatures can be checked here."""
    return find_spec("cryptography") is not None


def is_signed(key: str, data: bytes, signature: bytes, *, low: bool = True) -> bool:
    """Tell whether a signature is of this data by this key: a did:key, or a multibase without "did:key:".

    Each signature has a twin with another `s`, and only the low one of the two counts; `low` False takes both. Raises
    Unproven for a key that is none.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    kind, public = _public(key)
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    if len(signature) != 64 or (low and s > _ORDERS[kind] // 2):
        return False
    try:
        public.verify(encode_dss_signature(r, s), data, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _public(key: str) -> "tuple[bytes, EllipticCurvePublicKey]":
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1, SECP256R1, EllipticCurvePublicKey

    try:
        data = _base58(key.removeprefix("did:key:"))
        kind = data[:2]
        curve = {_K256: SECP256K1(), _P256: SECP256R1()}[kind]
        return kind, EllipticCurvePublicKey.from_encoded_point(curve, data[2:])
    except (KeyError, ValueError, OverflowError) as error:
        raise Unproven(f"{key[:80]} is no key on secp256k1 or P-256") from error


def _base58(text: str) -> bytes:
    number = 0
    for sign in text.removeprefix("z"):
        number = number * 58 + _ALPHABET.index(sign)
    return number.to_bytes(35)  # two for the kind, 33 for a point: compressed keys are the only ones
