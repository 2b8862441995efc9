"""What an exchange comes to: a response, another try, a redirect, or an error.

All of it is read from the exchange alone, so that the client and, years later, the archive decide the same.
"""

import http.client
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urljoin

from archiver.errors import Interrupted, NetworkError, ParseError, RateLimited
from archiver.http.addresses import PrivateAddress
from archiver.http.message import SOURCE, Exchange, Response, decoded, header, is_page
from archiver.http.pace import PATIENCE, asked_wait
from archiver.http.redact import names_holder

LARGEST = 32 * 1024 * 1024  # bytes on the wire of one answer; a page of posts has less than a hundredth

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_PASSING = frozenset((429, 500, 502, 503, 504))
# https://docs.x.com/x-api/fundamentals/response-codes-and-errors: types of problems, as RFC 9457 names them
_USED_UP = (b"/problems/usage-capped", b"/problems/credits")
_SHORT_WAITS = (1.0, 2.0, 4.0)  # seconds before each retry
_LONG_WAITS = (30.0, 60.0, 120.0)  # the same for a host that refuses us and does not say for how long


class TooLarge(OSError):
    """An answer that is larger than `LARGEST`."""


class OverLimit(OSError):
    """A file that is larger than the user wants to have."""


class TooSlow(OSError):
    """An answer that trickles."""


class WrongPart(OSError):
    """A part of a file that is not the one that was asked for."""


class NoAuthorities(OSError):
    """The file of authorities that the user has named is not there."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """A way in which no answer comes: its name in `Exchange.error`, its signs, and what the user reads."""

    name: str
    signs: tuple[type[BaseException], ...]
    text: str
    passing: bool = False  # worth another try


_INTERRUPTED = _Fault("interrupted", (KeyboardInterrupt,), "was being read when the run was stopped")
_STALE = _Fault("stale", (), "closed the connection ({detail}); try again later", passing=True)
_CONNECTION = "cannot be reached ({detail}); try again later"

# The first of these with a sign among the causes of an error is its fault.
_FAULTS = (
    _INTERRUPTED,
    _Fault(
        "private address",
        (PrivateAddress,),
        "leads to a private address ({detail}), where a stranger's link has no business; "
        "if it is meant, set network.allow_private = true",
    ),
    _Fault("too large", (TooLarge,), f"answers with more than {LARGEST >> 20} MB; that is no post"),
    _Fault("over the limit", (OverLimit,), "is larger than the limit of {detail}"),
    _Fault("wrong part", (WrongPart,), "gives another part than it was asked for", passing=True),
    _Fault("too slow", (TooSlow,), "sends its answer too slowly ({detail}); try again later"),
    _Fault(
        "authorities",
        (NoAuthorities,),
        "cannot be checked: {detail} is not there; correct REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE)",
    ),
    _STALE,
    _Fault(
        "certificate",
        (ssl.SSLCertVerificationError,),
        "does not prove that it is that host ({detail}); do not trust it, or name your own authority's file "
        "in REQUESTS_CA_BUNDLE",
    ),
    # A host that hangs up within TLS is gone for a moment, as any other that hangs up.
    _Fault("connection", (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError), _CONNECTION, passing=True),
    _Fault("encryption", (ssl.SSLError,), "cannot be talked to in TLS ({detail}); try again later"),
    # Passing, since macOS says the same of a host that does not exist and of a network that is gone for a moment.
    _Fault(
        "name",
        (socket.gaierror,),
        "has a host that nobody knows ({detail}); check the address and your connection",
        passing=True,
    ),
    _Fault("timeout", (TimeoutError,), "did not answer in time; try later or raise network.timeout", passing=True),
    _Fault("cut", (http.client.IncompleteRead,), "stopped in the middle of its answer; try again later", passing=True),
    _Fault("protocol", (http.client.HTTPException,), "does not answer in HTTP ({detail}); check the address"),
    _Fault("address", (ValueError,), "is not an address that can be asked ({detail}); check it"),
    _Fault("failure", (Exception,), _CONNECTION, passing=True),
)
_BY_NAME = {fault.name: fault for fault in _FAULTS}
_BROKEN = frozenset(("connection", "encryption"))
_UNKNOWN = _Fault("", (), "did not give a whole answer; try again later")


def fault_of(error: BaseException, *, reused: bool) -> tuple[str, BaseException]:
    """Return an error as `Exchange.error` ("name: detail"), and the cause that tells.

    `reused` says that the connection had been used before: where it breaks, that is no fault of the host. What
    stands above the cause in its chain is left out: libraries repeat the whole address there, tokens and all.
    """
    causes = tuple(_causes(error))
    fault, cause = next((fault, cause) for fault in _FAULTS for cause in causes if isinstance(cause, fault.signs))
    name = (_STALE if reused and fault.name in _BROKEN else fault).name
    detail = getattr(cause, "verify_message", "") or getattr(cause, "strerror", "") or str(cause)
    return f"{name}: {' '.join(detail.split())[:200]}", cause


def _causes(error: BaseException) -> Iterator[BaseException]:
    inner = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if inner is not None:
        yield from _causes(inner)
    yield error


def poured(exchange: Exchange) -> Exchange:
    """Return the exchange with its body where its request wants it: what is held in memory goes there as if it came."""
    sink = exchange.request.into
    empty = replace(exchange, body=b"")
    try:
        if sink is None or not sink.takes(exchange):
            return exchange
    except OSError as error:
        return _broken(empty, error)
    try:
        sink.write(exchange.body)
    except OSError as error:
        return sink.closed(_broken(empty, error))
    return sink.closed(empty)


def _broken(exchange: Exchange, error: OSError) -> Exchange:
    return replace(exchange, complete=False, error=fault_of(error, reused=False)[0])


def redirect_target(exchange: Exchange) -> str | None:
    """Return where an answered GET sends us; None for no redirect, and for one that leaves the web or logs us in."""
    location = header(exchange.headers, "location")
    if exchange.status not in _REDIRECTS or not location or exchange.request.method != "GET":
        return None
    # http.client reads headers as Latin-1; hosts write them in UTF-8.
    location = location.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        target = urljoin(exchange.url, location)
    except ValueError:
        return None
    return target if target.lower().startswith(("http://", "https://")) and not names_holder(target) else None


def wait_before_retry(exchange: Exchange, retry: int) -> float | None:
    """Return the seconds until a request is tried again, None where it is not; `retry` counts from 0."""
    retries = 1 if is_page(exchange.request.headers) else len(_SHORT_WAITS)  # the thread is none the worse without
    if exchange.request.method != "GET" or retry >= retries or not _is_passing(exchange):
        return None
    if _fault(exchange)[0] is _STALE:
        return 0.0
    seconds = asked_wait(exchange)
    if seconds is None:
        return (_LONG_WAITS if exchange.status == 429 else _SHORT_WAITS)[retry]
    return max(1.0, seconds) if seconds <= PATIENCE else None


def _is_passing(exchange: Exchange) -> bool:
    if exchange.error:
        return _fault(exchange)[0].passing
    return not exchange.complete or (exchange.status in _PASSING and not _is_used_up(exchange))


def _is_used_up(exchange: Exchange) -> bool:
    """Whether the host refuses because what its user may ask for, or pays for, is used up for a long time."""
    if exchange.status != 429:
        return False
    try:
        body = decoded(exchange.body, header(exchange.headers, "content-encoding"), exchange.url)
    except ParseError:
        return False
    return any(problem in body for problem in _USED_UP)


def decided(exchange: Exchange) -> Response:
    """Return the last exchange of a request as a response; statuses below 500 are for the route to read.

    Raises RateLimited where the host says when to come back, NetworkError where no whole answer came, Interrupted where
    the user stopped the run while it came.
    """
    _check_rate(exchange)
    _check_answer(exchange)
    return Response(
        request=exchange.request,
        url=exchange.url,
        status=exchange.status or 0,
        headers=exchange.headers,
        body=exchange.body,
        fetched_at=exchange.finished_at,
    )


def _check_rate(exchange: Exchange) -> None:
    seconds = asked_wait(exchange)
    if exchange.status != 429 and (exchange.status != 503 or seconds is None):
        return
    if _is_used_up(exchange):
        raise RateLimited(f"{exchange.url} answers that what your account may ask for is used up; look there")
    until = None if seconds is None else exchange.finished_at + timedelta(seconds=seconds)
    when = f"after {until:%Y-%m-%d %H:%M:%S} UTC" if until else "later: it does not say when"
    raise RateLimited(f"{exchange.url} asks us to stay away; try again {when}", until)


def _check_answer(exchange: Exchange) -> None:
    status = exchange.status
    if exchange.error or status is None or not exchange.complete:
        fault, detail = _fault(exchange)
        if fault is _INTERRUPTED:
            raise Interrupted
        raise NetworkError(f"{exchange.url} {_advised(fault.text.format(detail=detail), exchange)}")
    if status >= 500:
        words = f"answers {status}, a fault of its own; try again later"
        raise NetworkError(f"{exchange.url} {_advised(words, exchange)}")
    if status in _REDIRECTS and header(exchange.headers, "location"):
        location = header(exchange.headers, "location")
        if names_holder(location):
            raise NetworkError(f"{exchange.url} sends us on with a name and a password; we do not follow ({location})")
        raise NetworkError(f"{exchange.url} sends us on to {location}, too often or not to a web page")


def _advised(words: str, exchange: Exchange) -> str:
    """Return what went wrong, with other advice where the answer is one of a file, which says the same at any time."""
    file = header(exchange.headers, SOURCE).partition(" sha256:")[0]
    what, later, _ = words.partition("; try ")
    return f"{what}, in {file}; another recording may have it" if file and later else words


def _fault(exchange: Exchange) -> tuple[_Fault, str]:
    name, _, detail = exchange.error.partition(":")
    return _BY_NAME.get(name, _UNKNOWN), detail.strip()  # a web archive takes the blank at the end of a line away
