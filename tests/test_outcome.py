"""What an exchange comes to."""

import gzip
import hashlib
import http.client
import socket
import ssl
from dataclasses import replace
from itertools import pairwise, takewhile
from pathlib import Path

import pictures
import pytest
from samples import an_exchange, later

from archiver.errors import Interrupted, NetworkError, RateLimited
from archiver.http.addresses import PrivateAddress
from archiver.http.message import PAGE, SOURCE, Exchange, Headers, Request
from archiver.http.outcome import (
    NoAuthorities,
    TooLarge,
    TooSlow,
    decided,
    fault_of,
    poured,
    redirect_target,
    wait_before_retry,
)
from archiver.media.part import IncomingFile
from archiver.model import StoredFile

URL = "https://social.example/api/1"


def unanswered(error: str, **fields: object) -> Exchange:
    return an_exchange(status=None, reason="", headers=(), body=b"", complete=False, error=error, **fields)


def refused(status: int, *headers: tuple[str, str]) -> Exchange:
    return an_exchange(status=status, headers=headers)


def chained(*errors: BaseException) -> BaseException:
    """Return the last of the errors, each raised from the one before it."""
    for cause, error in pairwise(errors):
        error.__cause__ = cause
    return errors[-1]


VERIFY = ssl.SSLCertVerificationError(1, "long words")
VERIFY.verify_message = "self-signed certificate"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (PrivateAddress("10.0.0.1"), "private address: 10.0.0.1"),
        (TooLarge("9 bytes"), "too large: 9 bytes"),
        (TooSlow("9 bytes"), "too slow: 9 bytes"),
        (VERIFY, "certificate: self-signed certificate"),
        (ssl.SSLError(1, "wrong version number"), "encryption: wrong version number"),
        (ssl.SSLEOFError(8, "EOF occurred"), "connection: EOF occurred"),
        (ssl.SSLZeroReturnError(6, "closed"), "connection: closed"),
        (NoAuthorities("/nowhere/ca.pem"), "authorities: /nowhere/ca.pem"),
        (socket.gaierror(-2, "Name or service not known"), "name: Name or service not known"),
        (TimeoutError("timed out"), "timeout: timed out"),
        (http.client.IncompleteRead(b"ab", 3), "cut: IncompleteRead(2 bytes read, 3 more expected)"),
        (ConnectionRefusedError(111, "Connection refused"), "connection: Connection refused"),
        (http.client.RemoteDisconnected("no answer"), "connection: no answer"),
        (http.client.BadStatusLine("SSH-2.0\r\nx"), "protocol: SSH-2.0 x"),
        (OSError(113, "No route to host"), "failure: No route to host"),
        (KeyboardInterrupt(), "interrupted: "),
        (RuntimeError("x" * 300), "failure: " + "x" * 200),
    ],
)
def test_an_error_is_named_by_its_telling_cause(error: BaseException, text: str) -> None:
    wrapped = chained(error, OSError(f"cannot get {URL}?token=c4n4ry"), Exception("gave up"))
    assert fault_of(wrapped, reused=False) == (text, error)


def test_a_cause_that_was_hidden_is_not_looked_at() -> None:
    error = ConnectionError("down")
    error.__context__, error.__suppress_context__ = socket.gaierror(-2, "unknown"), True
    assert fault_of(error, reused=False) == ("connection: down", error)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ConnectionResetError(104, "reset"), "stale"),
        (BrokenPipeError(32, "broken pipe"), "stale"),
        (http.client.RemoteDisconnected("no answer"), "stale"),
        (ssl.SSLEOFError(8, "EOF occurred"), "stale"),
        (ssl.SSLError(1, "bad record mac"), "stale"),
        (TimeoutError("timed out"), "timeout"),
        (VERIFY, "certificate"),
        (http.client.BadStatusLine("SSH-2.0"), "protocol"),
    ],
)
def test_a_used_connection_that_breaks_is_stale(error: OSError, name: str) -> None:
    assert fault_of(error, reused=True)[0].partition(":")[0] == name


def waits(exchange: Exchange) -> list[float]:
    """Return the waits before the retries of a request that always goes like this."""
    retries = (wait_before_retry(exchange, retry) for retry in range(100))
    return [wait for wait in takewhile(lambda wait: wait is not None, retries) if wait is not None]


@pytest.mark.parametrize("name", ["timeout", "cut", "connection", "failure", "name"])
def test_what_may_pass_is_tried_again(name: str) -> None:
    assert waits(unanswered(f"{name}: detail")) == [1, 2, 4]


def test_the_public_page_of_a_thread_is_tried_again_once() -> None:
    exchange = unanswered("name: detail")
    assert waits(replace(exchange, request=replace(exchange.request, headers=PAGE))) == [1]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_passing_fault_of_the_host_is_tried_again(status: int) -> None:
    assert waits(refused(status)) == [1, 2, 4]


def test_a_cut_answer_of_any_status_is_tried_again() -> None:
    assert waits(an_exchange(complete=False)) == [1, 2, 4]


def test_a_stale_connection_is_replaced_at_once() -> None:
    assert wait_before_retry(unanswered("stale: reset"), 0) == 0


@pytest.mark.parametrize(
    "name",
    [
        "interrupted",
        "private address",
        "too large",
        "too slow",
        "authorities",
        "certificate",
        "encryption",
        "protocol",
        "address",
        "?",
    ],
)
def test_what_does_not_pass_is_not_tried_again(name: str) -> None:
    assert waits(unanswered(f"{name}: detail")) == []


@pytest.mark.parametrize("status", [200, 304, 400, 401, 403, 404, 410, 501])
def test_an_answer_is_not_asked_for_again(status: int) -> None:
    assert waits(refused(status)) == []


def test_only_a_get_is_tried_again() -> None:
    assert waits(an_exchange(request=Request(url=URL, method="POST"), status=503)) == []


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        (refused(429), [30, 60, 120]),
        (refused(429, ("Retry-After", "0")), [1, 1, 1]),
        (refused(429, ("Retry-After", "310")), [310, 310, 310]),
        (refused(429, ("Retry-After", "311")), []),
        (refused(429, ("X-RateLimit-Reset", "2026-03-12T12:00:41Z")), [40, 40, 40]),
        (refused(429, ("x-rate-limit-remaining", "9"), ("x-rate-limit-reset", "900")), [10, 10, 10]),
        (refused(429, ("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "900")), []),
        (an_exchange("https://web.archive.org/cdx/search/cdx?url=x", status=429), [60, 60, 60]),
        (refused(503, ("Retry-After", "5")), [5, 5, 5]),
        (refused(503, ("RateLimit-Reset", "5")), [1, 2, 4]),
    ],
)
def test_a_refusal_is_waited_out_as_the_host_asks(exchange: Exchange, expected: list[float]) -> None:
    assert waits(exchange) == expected


@pytest.mark.parametrize("status", [200, 204, 304, 400, 401, 403, 404, 410, 451])
def test_an_answer_below_500_is_for_the_route_to_read(status: int) -> None:
    exchange = an_exchange(status=status, url="https://else.example/2", body=b"words")
    response = decided(exchange)
    assert (response.status, response.body, response.headers) == (status, b"words", exchange.headers)
    assert (response.url, response.request, response.fetched_at) == (
        "https://else.example/2",
        exchange.request,
        exchange.finished_at,
    )


def failed(exchange: Exchange) -> str:
    with pytest.raises(NetworkError) as caught:
        decided(exchange)
    message = str(caught.value)
    assert message.startswith(f"{URL} ")
    return message.removeprefix(f"{URL} ")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("private address: 10.0.0.1", "network.allow_private = true"),
        ("private address: 10.0.0.1", "(10.0.0.1)"),
        ("timeout: timed out", "did not answer in time; try later or raise network.timeout"),
        ("authorities: /ca.pem", "/ca.pem is not there; correct REQUESTS_CA_BUNDLE"),
        ("certificate: self-signed", "(self-signed); do not trust it"),
        ("name: {0} unknown", "({0} unknown)"),
        ("odd: from elsewhere", "did not give a whole answer; try again later"),
        ("", "did not give a whole answer; try again later"),
    ],
)
def test_no_answer_is_a_network_error_that_says_what_to_do(error: str, words: str) -> None:
    assert words in failed(unanswered(error))


def test_a_cut_answer_is_a_network_error() -> None:
    assert "stopped in the middle" in failed(an_exchange(complete=False, error="cut: 2 of 9"))
    assert "whole answer" in failed(an_exchange(complete=False))


@pytest.mark.parametrize("status", [500, 503, 521])
def test_a_fault_of_the_host_is_a_network_error(status: int) -> None:
    assert failed(refused(status)) == f"answers {status}, a fault of its own; try again later"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"complete": False}, "did not give a whole answer, in old.warc; another recording may have it"),
        ({"complete": False, "error": "cut: 3 of 9"}, "stopped in the middle of its answer, in old.warc"),
        ({"status": 502}, "answers 502, a fault of its own, in old.warc; another recording may have it"),
    ],
)
def test_an_answer_in_a_file_is_not_to_be_tried_again_later(fields: dict[str, object], words: str) -> None:
    with pytest.raises(NetworkError, match=words) as caught:
        decided(an_exchange(**fields, headers=((SOURCE, f"old.warc sha256:{'0' * 64}"),)))
    assert "later" not in str(caught.value)


def test_a_redirect_that_was_not_followed_is_a_network_error() -> None:
    assert failed(refused(302, ("Location", "ftp://x"))) == "sends us on to ftp://x, too often or not to a web page"


def test_a_redirect_that_is_folded_is_told_in_one_line() -> None:
    assert "sends us on to ftp://x /y, too often" in failed(refused(302, ("Location", "ftp://x\r\n\t/y")))


def test_a_redirect_to_nowhere_is_an_answer() -> None:
    assert decided(refused(302)).status == 302


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_says_when_to_come_back_is_a_limit_with_a_time(status: int) -> None:
    with pytest.raises(RateLimited, match=r"1 asks us to stay away; try again after 2026-03-12 13:00:01 UTC") as caught:
        decided(refused(status, ("Retry-After", "3600")))
    assert caught.value.until == later(hours=1, seconds=1)


def test_a_host_that_refuses_and_does_not_say_for_how_long_is_a_limit_without_a_time() -> None:
    with pytest.raises(RateLimited, match="it does not say when") as caught:
        decided(refused(429))
    assert caught.value.until is None


CAPPED = b'{"title":"UsageCapExceeded","type":"https://api.twitter.com/2/problems/usage-capped"}'


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (CAPPED, ()),
        (CAPPED, (("Retry-After", "5"),)),
        (gzip.compress(CAPPED, mtime=0), (("Content-Encoding", "gzip"),)),
        (CAPPED.replace(b"usage-capped", b"credits-depleted"), ()),
    ],
)
def test_what_is_used_up_for_long_is_not_asked_for_again(body: bytes, headers: Headers) -> None:
    exchange = an_exchange(status=429, body=body, headers=headers)
    assert waits(exchange) == []
    with pytest.raises(RateLimited, match="what your account may ask for is used up") as caught:
        decided(exchange)
    assert caught.value.until is None


@pytest.mark.parametrize(
    "exchange",
    [
        an_exchange(status=429, headers=(), body=CAPPED.replace(b"usage-capped", b"rate-limit-exceeded")),
        an_exchange(status=429, headers=(("Content-Encoding", "gzip"),), body=CAPPED),
    ],
)
def test_another_refusal_is_waited_out(exchange: Exchange) -> None:
    assert waits(exchange) == [30, 60, 120]


def test_an_answer_about_caps_is_an_answer() -> None:
    assert decided(an_exchange(body=CAPPED)).body == CAPPED
    assert waits(an_exchange(status=503, headers=(), body=CAPPED)) == [1, 2, 4]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_on(status: int) -> None:
    assert redirect_target(refused(status, ("location", "../2?x#y"))) == "https://social.example/2?x#y"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("//else.example/a", "https://else.example/a"),
        ("HTTP://else.example/", "HTTP://else.example/"),
        ("/gr\u00c3\u00bc\u00c3\u009fe", "https://social.example/grüße"),
        ("/gr\u00fc", "https://social.example/gr\ufffd"),
        ("", None),
        ("mailto:ann@social.example", None),
        ("http://[::1", None),
    ],
)
def test_a_location_is_read(location: str, target: str | None) -> None:
    assert redirect_target(refused(302, ("Location", location))) == target


@pytest.mark.parametrize("status", [200, 201, 300, 304, 404])
def test_a_location_with_another_status_is_not_followed(status: int) -> None:
    assert redirect_target(refused(status, ("Location", "/2"))) is None


def test_only_a_get_is_redirected() -> None:
    exchange = an_exchange(request=Request(url=URL, method="POST"), status=302, headers=(("Location", "/2"),))
    assert redirect_target(exchange) is None


def test_a_body_that_is_held_goes_where_its_request_wants_it(tmp_path: Path) -> None:
    data = pictures.plain("a")
    part = IncomingFile(URL, tmp_path / "media", len(data))
    exchange = an_exchange(request=Request(url=URL, into=part), body=data)
    made = poured(exchange)
    assert part.held == made.file == StoredFile(hashlib.sha256(data).hexdigest(), len(data), made.file.path)
    assert (tmp_path / made.file.path).read_bytes() == data
    assert decided(made).body == b""


def test_a_body_that_nobody_wants_elsewhere_stays(tmp_path: Path) -> None:
    part = IncomingFile(URL, tmp_path / "media", 10)
    for exchange in (an_exchange(), an_exchange(request=Request(url=URL, into=part), status=404, body=b"gone")):
        assert poured(exchange) is exchange


@pytest.mark.parametrize("headers", [(), (("Content-Length", "2001"),)])
def test_a_body_over_the_limit_ends_as_on_the_wire(tmp_path: Path, headers: Headers) -> None:
    part = IncomingFile(URL, tmp_path / "media", 2000)
    made = poured(an_exchange(request=Request(url=URL, into=part), headers=headers, body=b"x" * 2001))
    assert (made.complete, made.body, part.held) == (False, b"", None)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with pytest.raises(NetworkError, match=r"is larger than the limit of 2 kB"):
        decided(made)


def test_an_answer_that_the_user_stopped_stops_whoever_reads_it_again() -> None:
    error, _ = fault_of(KeyboardInterrupt(), reused=False)
    for kept in (error, error.strip()):  # a WARC file keeps no blank at the end
        with pytest.raises(Interrupted, match="stopped by the user"):
            decided(unanswered(kept))
