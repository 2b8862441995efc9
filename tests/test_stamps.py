"""Time stamps as bytes: what is sent, and every answer, sound or not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.evidence.der import Damaged, Reader, written
from archiver.evidence.stamps import (
    OPENTIMESTAMPS,
    RFC3161,
    Granted,
    Refusal,
    Stamp,
    certificates_of,
    chain_of,
    digest_of,
    is_promise,
    nonce_of,
    pem_of,
    problems_of,
    proof_of,
    read_reply,
    request_of,
    signers,
    told_by,
)

HEAD = "9f" * 32
DIGEST = digest_of(HEAD)
SHA256 = written(0x30, bytes.fromhex("0609608648016503040201"))
POLICY = b"\x06\x03\x2a\x03\x04"


def long(tag: int, *parts: bytes) -> bytes:
    """A value in DER, of any length."""
    content = b"".join(parts)
    size = len(content)
    head = bytes([tag, size]) if size < 128 else bytes([tag, 0x82, size >> 8, size & 255])
    return head + content


def a_reply(
    *, digest: bytes = DIGEST, nonce: int | None = 7, time: bytes = b"20260312120000Z", extra: bytes = b""
) -> bytes:
    """A stamp without a signature, which is enough for who only reads it."""
    number = b"" if nonce is None else long(2, nonce.to_bytes(2, "big"))
    imprint = long(0x30, SHA256, long(4, digest))
    stamp = long(0x30, b"\x02\x01\x01", POLICY, imprint, b"\x02\x01\x05", long(0x18, time), extra, number)
    return a_token(long(0x30, bytes.fromhex("060b2a864886f70d0109100104"), long(0xA0, long(4, stamp))))


def a_token(held: bytes, *after: bytes) -> bytes:
    """An answer that grants a stamp."""
    signed = long(0x30, b"\x02\x01\x03", b"\x31\x00", held, *after)
    token = long(0x30, bytes.fromhex("06092a864886f70d010702"), long(0xA0, signed))
    return long(0x30, long(0x30, b"\x02\x01\x00"), token)


def a_stamp(reply: bytes, kind: str = RFC3161, head: str = HEAD) -> Stamp:
    return Stamp(kind=kind, url="https://tsa.example", head=head, request=request_of(DIGEST, 7), reply=reply)


def a_name(text: str, of: str = "550403") -> bytes:
    return long(0x30, long(0x31, long(0x30, long(6, bytes.fromhex(of)), long(12, text.encode()))))


def a_certificate(name: bytes, by: bytes, version: bytes = b"") -> bytes:
    return long(0x30, long(0x30, version, b"\x02\x01\x05", long(0x30), by, long(0x30), name), long(0x30))


def test_the_certificates_of_a_stamp_and_who_vouches_for_them() -> None:
    root, clock = a_name("Root"), a_name("A  clock")
    own = a_certificate(clock, root, long(0xA0, b"\x02\x01\x02"))
    known = [a_certificate(a_name("Other"), a_name("Other")), a_certificate(root, root)]
    reply = a_token(long(0x30), long(0xA0, own), b"\x31\x00")
    assert certificates_of(reply) == (own,)
    assert chain_of(reply, known) == (own, known[1])
    assert signers(reply) == ("A clock",)
    assert signers(a_token(long(0x30), long(0xA0, a_certificate(a_name("GB", of="550406"), root)))) == ()
    assert certificates_of(a_token(long(0x30))) == ()
    text = pem_of([own])
    assert text.startswith("-----BEGIN CERTIFICATE-----\n")
    assert max(map(len, text.splitlines())) <= 64


def test_a_request_is_a_few_bytes_around_the_digest() -> None:
    request = request_of(DIGEST, 0x41)
    assert request == bytes.fromhex("303c0201013031300d060960864801650304020105000420") + DIGEST + bytes.fromhex(
        "0201410101ff"
    )


@given(st.integers(min_value=0, max_value=2**64))
@settings(derandomize=True)
def test_a_nonce_comes_back(nonce: int) -> None:
    assert nonce_of(request_of(DIGEST, nonce)) == nonce


def test_what_is_no_request_has_no_nonce() -> None:
    assert nonce_of(b"") is None
    assert nonce_of(DIGEST) is None


def test_a_stamp_is_read() -> None:
    time = datetime(2026, 3, 12, 12, tzinfo=UTC)
    assert read_reply(a_reply()) == Granted(time=time, imprint=DIGEST, nonce=7)
    told = a_reply(nonce=None, time=b"20260312120000.25Z", extra=b"\x30\x03\x02\x01\x01\x01\x01\xff")
    assert read_reply(told) == Granted(time=time.replace(microsecond=250_000), imprint=DIGEST, nonce=None)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (b"\x02\x01\x02", "rejected"),
        (b"\x02\x01\x63", "status 99"),
        (b"\x02\x01\xff", "status -1"),
        (b"\x02\x01\x02" + long(0x30, long(0x0C, b"no \n time"), long(0x0C, b"today")), "rejected: no time: today"),
        (b"\x02\x01\x02\x03\x02\x07\x80", "rejected: bad algorithm"),
        (b"\x02\x01\x02\x03\x03\x00\x00\x02", "rejected: its clock is not available"),
    ],
)
def test_a_refusal_is_told_in_the_authoritys_words(state: bytes, words: str) -> None:
    assert read_reply(long(0x30, long(0x30, state))) == Refusal(words)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"", "holds nothing"),
        (b"\x30", "ends too early"),
        (b"\x30\x05\x30", "ends too early"),
        (b"\x30\x80\x30\x03\x02\x01\x00\x00\x00", "a length"),
        (b"\x30\x85\0\0\0\0\0", "a length"),
        (b"<html>", "ends too early"),
        (long(0x30, long(0x30, b"\x04\x01\x00")), "a number is missing"),
        (long(0x30, long(0x30, b"\x02\x01\x00")), "holds nothing"),
        (a_token(long(0x30, b"\x06\x01\x2a")), "no time stamp"),
        (a_reply(time=b"yesterday"), "time"),
        (a_reply().replace(bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040202")), "kind of digest"),
    ],
)
def test_what_is_no_stamp_is_said_to_be_none(reply: bytes, words: str) -> None:
    with pytest.raises(Damaged, match=words):
        read_reply(reply)
    assert problems_of(a_stamp(reply)) == []
    assert told_by(a_stamp(reply)).startswith("https://tsa.example answered what this program cannot read: ")


@given(st.binary(max_size=60))
@settings(derandomize=True)
def test_no_bytes_break_the_reader(reply: bytes) -> None:
    try:
        read_reply(reply)
    except Damaged:
        return


def test_every_byte_of_a_stamp_may_be_wrong() -> None:
    reply = a_reply()
    for at in range(len(reply)):
        try:
            read_reply(reply[:at] + bytes([reply[at] ^ 0xFF]) + reply[at + 1 :])
        except Damaged:
            continue


def test_a_stamp_must_be_over_its_head_and_answer_what_was_asked() -> None:
    assert problems_of(a_stamp(a_reply())) == []
    assert problems_of(a_stamp(a_reply(digest=bytes(32)))) == ["is over something else"]
    assert problems_of(a_stamp(a_reply(nonce=8))) == ["answers another request"]
    assert problems_of(a_stamp(a_reply(), head="ab" * 32)) == ["is over something else"]
    assert problems_of(a_stamp(long(0x30, long(0x30, b"\x02\x01\x02")))) == []


def test_a_proof_of_opentimestamps_is_over_its_head() -> None:
    promise = bytes.fromhex("0083dfe30d2ef90c8e00")
    proof = proof_of(DIGEST, [promise, promise])
    assert proof.endswith(b"\x01\x08" + DIGEST + b"\xff" + promise + promise)
    assert is_promise(promise)
    assert not is_promise(b"soon")
    assert not is_promise(promise + bytes(10_000))
    assert problems_of(a_stamp(proof, OPENTIMESTAMPS)) == []
    assert problems_of(a_stamp(proof, OPENTIMESTAMPS, head="ab" * 32)) == ["is over something else"]


def test_what_a_stamp_says_is_told_in_words() -> None:
    assert told_by(a_stamp(a_reply())) == "stamped by https://tsa.example at 2026-03-12 12:00:00 UTC"
    refused = long(0x30, long(0x30, b"\x02\x01\x02"))
    assert told_by(a_stamp(refused)) == "https://tsa.example gave no time stamp: rejected"
    assert told_by(a_stamp(b"", OPENTIMESTAMPS)).startswith("promised by https://tsa.example; ")


def test_a_number_is_read_to_its_end() -> None:
    assert Reader(b"\x02\x02\x01\x00").integer() == 256
