"""Time stamps over a head of the ledger: what is sent, what comes back, and whether that fits. Pure.

What is stamped is a file that anybody can make: the head in hex and a line feed. So it can be checked without us, by
`openssl ts -verify -data HEAD -in REPLY -CAfile ROOTS` and by `ots verify -f HEAD REPLY`.

Documentation: https://www.rfc-editor.org/rfc/rfc3161 (RFC 3161, and RFC 5652 for what holds the stamp) and
https://github.com/opentimestamps/python-opentimestamps. Signatures are not checked here: `openssl` does that.
"""

import hashlib
import textwrap
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from archiver.evidence.der import INTEGER, OCTETS, Damaged, Reader, written

QUERY = "application/timestamp-query"
PROOF = "application/vnd.opentimestamps.v1"
RFC3161, OPENTIMESTAMPS = "rfc3161", "opentimestamps"  # the kinds of anchors

_SHA256 = bytes.fromhex("608648016503040201")  # of the algorithm
_STAMP = bytes.fromhex("2a864886f70d0109100104")  # id-ct-TSTInfo: the content is a time stamp
_COMMON_NAME = bytes.fromhex("550403")
_CERTIFICATES = 0xA0
_GRANTED = (0, 1)
_STATES = ("granted", "granted, changed", "rejected", "waiting", "soon to be revoked", "revoked")
_FAILURES = {
    0: "bad algorithm",
    2: "bad request",
    5: "bad data format",
    14: "its clock is not available",
    15: "unaccepted policy",
    16: "unaccepted extension",
    17: "information not available",
    25: "a fault of its own",
}

_MAGIC = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01"  # the version is its last byte
_OVER_SHA256, _AND = b"\x08", b"\xff"
_PENDING = bytes.fromhex("83dfe30d2ef90c8e")
_LARGEST_PROOF = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """An anchor of the archive: who was asked, with what, to vouch for which head, and the answer as it came."""

    kind: str
    url: str
    head: str
    request: bytes
    reply: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What an authority vouches for: this digest was there at this time, by its clock."""

    time: datetime
    imprint: bytes
    nonce: int | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer without a stamp, in the authority's words."""

    text: str


def data_of(head: str) -> bytes:
    """Return the content of the file that is stamped."""
    return f"{head}\n".encode()


def digest_of(head: str) -> bytes:
    """Return the digest that is sent to whoever stamps; it tells them nothing."""
    return hashlib.sha256(data_of(head)).digest()


def request_of(digest: bytes, nonce: int) -> bytes:
    """Return a request by RFC 3161 for a stamp over a SHA-256 digest, with the certificates in the answer."""
    imprint = written(0x30, written(0x30, written(0x06, _SHA256) + b"\x05\x00") + written(OCTETS, digest))
    number = nonce.to_bytes(nonce.bit_length() // 8 + 1, "big")
    return written(0x30, b"\x02\x01\x01" + imprint + written(INTEGER, number) + b"\x01\x01\xff")


def certificates_of(reply: bytes) -> tuple[bytes, ...]:
    """Return the certificates that came in a stamp, in DER. Raises Damaged for an answer that is none."""
    signed = _signed(reply).skip(3)  # version, algorithms, and what is signed
    found = []
    if signed.is_next(_CERTIFICATES):
        inner = signed.inner()
        while not inner.at_end:
            found.append(inner.whole())
    return tuple(found)


def chain_of(reply: bytes, known: Iterable[bytes]) -> tuple[bytes, ...]:
    """Return the certificates of a stamp, and of those that are known the ones that vouch for them."""
    own = certificates_of(reply)
    wanted = {_names(certificate)[0] for certificate in own} - {_names(certificate)[1] for certificate in own}
    return own + tuple(certificate for certificate in known if _names(certificate)[1] in wanted)


def pem_of(certificates: Iterable[bytes]) -> str:
    """Return certificates as text, as other programs read them."""
    parts = (textwrap.fill(b64encode(one).decode(), 64) for one in certificates)
    return "".join(f"-----BEGIN CERTIFICATE-----\n{part}\n-----END CERTIFICATE-----\n" for part in parts)


def signers(reply: bytes) -> tuple[str, ...]:
    """Return the names in the certificates of a stamp; whether they are true is for who knows their root."""
    return tuple(name for one in certificates_of(reply) if (name := _common_name(_names(one)[1])))


def _names(certificate: bytes) -> tuple[bytes, bytes]:
    """Return who has issued a certificate, and for whom, as they are written in it."""
    told = Reader(certificate).inner().inner()
    if told.is_next(0xA0):  # its version
        told.skip()
    issuer = told.skip(2).whole()  # after the number and the algorithm
    return issuer, told.skip().whole()  # after the times


def _common_name(name: bytes) -> str:
    parts = Reader(name).inner()
    while not parts.at_end:
        pair = parts.inner().inner()
        if pair.value() == _COMMON_NAME:
            return " ".join(pair.value().decode("utf-8", "replace").split())[:100]
    return ""


def _signed(reply: bytes) -> Reader:
    """Return what is signed in an answer that grants a stamp: version, algorithms, the stamp, certificates."""
    return Reader(reply).inner().skip().inner().skip().inner().inner()


def read_reply(reply: bytes) -> Granted | Refusal:
    """Read an authority's answer. Raises Damaged for what is none, or is written in another way than we read."""
    answer = Reader(reply).inner()
    state = answer.inner()
    status = state.integer()
    if status not in _GRANTED:
        return Refusal(_why(status, state))
    holder = _signed(reply).skip(2).inner()  # its version and algorithms come first
    if holder.value() != _STAMP:
        raise Damaged("what is signed is no time stamp")
    stamp = Reader(holder.inner().value()).inner()
    imprint = stamp.skip(2).inner()  # after version and policy
    if imprint.inner().value() != _SHA256:
        raise Damaged("the stamp is over another kind of digest")
    digest = imprint.value()
    time = _time(stamp.skip().value())
    return Granted(time=time, imprint=digest, nonce=_nonce(stamp))


def proof_of(digest: bytes, answers: list[bytes]) -> bytes:
    """Return a proof of OpenTimestamps over a SHA-256 digest from what calendars answered; it is pending for hours."""
    *others, last = answers
    return _MAGIC + _OVER_SHA256 + digest + b"".join(_AND + answer for answer in others) + last


def is_promise(answer: bytes) -> bool:
    """Whether a calendar's answer has the sign of a promise to stamp."""
    return _PENDING in answer and len(answer) <= _LARGEST_PROOF


def problems_of(stamp: Stamp) -> list[str]:
    """Return what is wrong with a stamp, none where it is over its head and answers what was asked.

    An answer without a stamp, or one that this program cannot read, is no problem: it was kept as it came.
    """
    digest = digest_of(stamp.head)
    if stamp.kind == OPENTIMESTAMPS:
        return [] if stamp.reply.startswith(_MAGIC + _OVER_SHA256 + digest) else ["is over something else"]
    try:
        answer = read_reply(stamp.reply)
    except Damaged:
        return []
    if isinstance(answer, Refusal):
        return []
    problems = [] if answer.imprint == digest else ["is over something else"]
    return problems if answer.nonce == nonce_of(stamp.request) else [*problems, "answers another request"]


def told_by(stamp: Stamp) -> str:
    """Return in words what a stamp says."""
    if stamp.kind == OPENTIMESTAMPS:
        return f"promised by {stamp.url}; complete it in some hours with: ots upgrade"
    try:
        answer = read_reply(stamp.reply)
    except Damaged as error:
        return f"{stamp.url} answered what this program cannot read: {error}"
    if isinstance(answer, Refusal):
        return f"{stamp.url} gave no time stamp: {answer.text}"
    return f"stamped by {stamp.url} at {answer.time:%Y-%m-%d %H:%M:%S} UTC"


def nonce_of(request: bytes) -> int | None:
    """Return the nonce of a request of ours, None where it is none."""
    try:
        return Reader(request).inner().skip(2).integer()
    except Damaged:
        return None


def _why(status: int, state: Reader) -> str:
    words = [_STATES[status] if 0 <= status < len(_STATES) else f"status {status}"]
    if state.is_next(0x30):
        texts = state.inner()
        while not texts.at_end:
            words.append(" ".join(texts.value().decode("utf-8", "replace").split())[:200])
    if state.is_next(0x03):
        bits = int.from_bytes(state.value()[1:].ljust(4, b"\0")[:4], "big")
        words += [name for bit, name in _FAILURES.items() if bits >> (31 - bit) & 1]
    return ": ".join(words)


def _time(value: bytes) -> datetime:
    """Read a GeneralizedTime, with or without a fraction of a second."""
    whole, _, fraction = value.decode("ascii", "replace").removesuffix("Z").partition(".")
    try:
        time = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return time.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else time
    except ValueError:
        raise Damaged("its time is none") from None


def _nonce(stamp: Reader) -> int | None:
    """Return the nonce, which stands after what may be left out: accuracy and ordering."""
    for kind in (0x30, 0x01):
        if stamp.is_next(kind):
            stamp.skip()
    return stamp.integer() if stamp.is_next(INTEGER) else None
