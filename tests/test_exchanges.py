"""Exchanges as rows, and back."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import an_exchange, later

from archiver.http.message import Exchange, Headers, Request
from archiver.store.exchanges import (
    COLUMNS,
    bodies_of,
    digest,
    exchange_of,
    head_of,
    headers_of,
    packed,
    row_of,
    unpacked,
)

PAGE = b"<p>words</p>" * 100

names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True)
values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def back(exchange: Exchange) -> Exchange:
    row = dict(zip(COLUMNS, row_of(exchange, "r"), strict=True))
    return exchange_of(row, exchange.request, exchange.body)


def test_an_exchange_comes_back_as_it_went() -> None:
    exchange = an_exchange(
        seq=3,
        attempt=2,
        url="https://other.example/",
        complete=False,
        error="cut: 3 of 9",
        tls="TLSv1.3",
        certificate="ab" * 32,
        started_at=later(microseconds=7),
    )
    assert back(exchange) == exchange


def test_an_exchange_without_an_answer_comes_back_as_it_went() -> None:
    exchange = an_exchange(status=None, reason="", headers=(), body=b"", error="timeout: 30 s")
    assert back(exchange) == exchange
    assert bodies_of(exchange) == []
    assert row_of(exchange, "r")[COLUMNS.index("body_sha256")] is None


@given(st.lists(st.tuples(names, values)).map(tuple))
def test_a_head_keeps_order_case_and_repetition(headers: Headers) -> None:
    assert headers_of(head_of(headers)) == headers


def test_a_head_reads_like_one() -> None:
    assert (
        head_of((("Content-Type", "text/html"), ("X-B", "1"), ("x-b", "2")))
        == "Content-Type: text/html\nX-B: 1\nx-b: 2\n"
    )


@given(st.binary())
def test_a_body_comes_back_as_it_went(body: bytes) -> None:
    assert unpacked(*packed(body)) == body


@pytest.mark.parametrize(
    ("body", "codec"),
    [
        (PAGE, "zlib"),
        (gzip.compress(PAGE, mtime=0), "raw"),
        (gzip.compress(b"", mtime=0), "raw"),
        (b"x", "raw"),
        (b"", "raw"),
    ],
)
def test_a_body_is_packed_where_that_helps(body: bytes, codec: str) -> None:
    assert packed(body)[0] == codec


def test_the_bodies_of_both_sides_are_kept() -> None:
    request = Request(url="https://social.example/api", method="POST", body=b'{"noteId": "1"}')
    exchange = an_exchange(request=request, body=b"")
    assert [(sha256, size) for sha256, size, *_ in bodies_of(exchange)] == [
        (digest(request.body), 15),
        (digest(b""), 0),
    ]
    assert row_of(exchange, "r")[COLUMNS.index("request_body_sha256")] == digest(request.body)


def test_what_sqlite_cannot_hold_does_not_stop_an_exchange() -> None:
    row = row_of(an_exchange(error="\ud800", reason="\0"), "r")
    assert row[COLUMNS.index("error")] == row[COLUMNS.index("reason")] == "\ufffd"
