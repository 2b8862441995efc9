"""Requests, responses and what is inside them."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON

from archiver.errors import ParseError, Refused
from archiver.http import message
from archiver.http.message import (
    MEDIA,
    MEMBERS,
    PAGE,
    Credential,
    Headers,
    Request,
    Response,
    decoded,
    header,
    is_media,
    is_page,
)

URL = "https://social.example/api"


def answer(body: bytes, *headers: tuple[str, str], status: int = 200) -> Response:
    return Response(request=Request(url=URL), url=URL, status=status, headers=headers, body=body, fetched_at=NOON)


def test_a_header_is_found_in_any_case() -> None:
    assert answer(b"", ("Content-TYPE", "text/plain")).header("content-type") == "text/plain"


def test_repeated_headers_are_joined() -> None:
    headers: Headers = (("Link", "a"), ("Date", "x"), ("link", "b"))
    assert header(headers, "Link") == "a, b"


def test_a_folded_header_is_one_line() -> None:
    assert answer(b"", ("Location", "ftp://a.example\r\n /b")).header("location") == "ftp://a.example /b"


def test_an_absent_header_is_empty() -> None:
    assert answer(b"").header("etag") == ""


def test_the_digest_is_of_the_wire_bytes() -> None:
    assert answer(b"").digest == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_json_is_read_with_and_without_a_byte_order_mark() -> None:
    assert answer(b'{"a": "\xc3\xbc"}').json() == answer(b'\xef\xbb\xbf{"a": "\xc3\xbc"}').json() == {"a": "ü"}


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (b"\n <html><title>Attention\nRequired!</title>", 'instead of data ("Attention Required!")'),
        (b"<p>No title</p>", "instead of data"),
        (b"<title>" + b"x" * 100, 'instead of data ("' + "x" * 80 + '")'),
    ],
)
def test_a_web_page_is_refused_as_data_by_its_title(page: bytes, told: str) -> None:
    with pytest.raises(Refused) as caught:
        answer(page, status=403).json()
    assert str(caught.value) == f"{URL} answered 403 with a web page {told}"


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": "\xff"}', b"[" * 100_000])
@pytest.mark.usefixtures("swept")
def test_what_is_not_json_is_an_unknown_shape(body: bytes) -> None:
    with pytest.raises(ParseError, match=URL):
        answer(body).json()


@given(st.binary(max_size=300), st.sampled_from(["gzip", " X-GZIP ", "deflate", "", "Identity"]))
def test_what_was_packed_is_unpacked(data: bytes, coding: str) -> None:
    pack = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}.get(coding.strip().lower(), bytes)
    assert decoded(pack(data), coding, URL) == data


def test_bare_deflate_is_unpacked() -> None:
    assert decoded(zlib.compress(b"words", wbits=-15), "deflate", URL) == b"words"


def test_all_members_of_a_gzip_body_are_unpacked() -> None:
    assert decoded(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", URL) == b"one two"


def test_a_body_of_members_without_end_is_left() -> None:
    assert decoded(gzip.compress(b"x") * MEMBERS, "gzip", URL) == b"x" * MEMBERS
    with pytest.raises(ParseError, match="damaged gzip data"):
        decoded(gzip.compress(b"") * (MEMBERS + 1), "gzip", URL)


def test_an_empty_body_needs_no_unpacking() -> None:
    assert answer(b"", ("Content-Encoding", "gzip"), status=204).content == b""


@pytest.mark.parametrize(
    "body", [b"plain", gzip.compress(b"words", mtime=0)[:-1], gzip.compress(b"words", mtime=0) + b"more"]
)
def test_damaged_gzip_is_an_unknown_shape(body: bytes) -> None:
    with pytest.raises(ParseError, match="damaged gzip data"):
        decoded(body, "gzip", URL)


def test_an_unknown_coding_is_an_unknown_shape() -> None:
    with pytest.raises(ParseError, match=r"did not ask for \(br\)"):
        decoded(b"x", "br", URL)


def test_a_small_body_that_unpacks_to_a_huge_one_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message, "LARGEST_CONTENT", 1 << 20)
    assert len(decoded(gzip.compress(bytes(1 << 20)), "gzip", URL)) == 1 << 20
    for body in (gzip.compress(bytes((1 << 20) + 1)), gzip.compress(bytes(1 << 19)) * 3):
        with pytest.raises(ParseError, match="unpack to more than 1 MB"):
            decoded(body, "gzip", URL)


def test_a_credential_does_not_show_its_value() -> None:
    assert "c4n4ry" not in repr(Credential("social.example", "c4n4ry"))


def test_what_is_asked_beside_the_thread_is_known_by_what_it_accepts() -> None:
    assert [is_page(headers) for headers in (PAGE, MEDIA, ())] == [True, False, False]
    assert [is_media(headers) for headers in (PAGE, MEDIA, ())] == [False, True, False]
