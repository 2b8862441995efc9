"""One request and one answer: the only module that resolves a host or opens a socket.

requests and urllib3 do the talking, with everything switched off that would hide an exchange or keep
something of it: retries, redirects, cookies, ~/.netrc. A host is resolved once for a connection; its
addresses are checked, and the socket goes to an address that was checked (a name that resolves to
something else the next moment gains nothing).
"""

import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from requests import PreparedRequest
from requests.utils import get_environ_proxies, select_proxy
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.util.connection import create_connection

from archiver.config import Network
from archiver.http.addresses import check_public
from archiver.http.connections import Adapter, reached
from archiver.http.message import Exchange, Sink
from archiver.http.outcome import LARGEST, NoAuthorities, TooLarge, TooSlow, fault_of
from archiver.urls import parts_of

PIECE = 64 * 1024  # bytes read at once
SLOWEST = 10  # an answer may take this many times network.timeout in all
LEAST = 16 * 1024  # bytes a second in the long run for what goes into a file, which may take longer

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[..., socket.socket]


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the system's order of preference. Raises OSError."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from error
    return [str(address[0]) for *_, address in answers]


class _Now(threading.local):
    """The answer that a thread waits for: has a connection been opened, and what may it take?"""

    dialled = False
    begun = datetime.max.replace(tzinfo=UTC)
    sink: Sink | None = None


class Wire:
    """Asks, and fills in the exchange; what went wrong is in it, and nothing is raised but by a sink.

    Several threads may ask at once.
    """

    def __init__(
        self,
        *,
        network: Network,
        now: Callable[[], datetime],
        resolve: Resolve = resolve,
        connect: Connect = create_connection,
    ):
        self._network = network
        self._now = now
        self._resolve = resolve
        self._connect = connect
        self._here = _Now()
        self._adapter = Adapter(self._dial, self._check_answer)

    def answered(self, exchange: Exchange) -> tuple[Exchange, BaseException | None]:
        """Return the exchange with what came back, and the cause where that is not a whole answer.

        A KeyboardInterrupt while the body comes is such a cause: what came before it is evidence too.
        """
        here = self._here
        here.dialled, here.begun, here.sink = False, exchange.started_at, None
        try:
            prepared = _prepared(exchange)
            exchange = replace(exchange, url=prepared.url or "", request_headers=tuple(prepared.headers.items()))
            raw = self._sent(prepared)
        except (OSError, HTTPError) as error:
            return self._failed(exchange, error, reused=not here.dialled)
        begun = _begun(exchange, raw)
        body = bytearray()
        try:
            if exchange.request.into and exchange.request.into.takes(begun):
                here.sink = exchange.request.into
            take = here.sink.write if here.sink else body.extend
            # read1 gives what has come; read would wait for a full piece, however slowly it trickles.
            while piece := raw.read1(PIECE, decode_content=False):
                take(piece)
        except (OSError, HTTPError, KeyboardInterrupt) as error:
            raw.close()
            failed, cause = self._failed(replace(begun, body=bytes(body)), error, reused=False)
            return self._closed(failed), cause
        except BaseException:  # a sink's: its disk does not take it
            raw.close()
            raise
        return self._closed(replace(begun, body=bytes(body), finished_at=self._now())), None

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._adapter.close()

    def _closed(self, exchange: Exchange) -> Exchange:
        return self._here.sink.closed(exchange) if self._here.sink else exchange

    def _failed(self, exchange: Exchange, error: BaseException, *, reused: bool) -> tuple[Exchange, BaseException]:
        text, cause = fault_of(error, reused=reused)
        return replace(exchange, finished_at=self._now(), complete=False, error=text), cause

    def _sent(self, prepared: PreparedRequest) -> BaseHTTPResponse:
        url = prepared.url or ""
        proxies = get_environ_proxies(url)
        if select_proxy(url, proxies):
            self._here.dialled = True  # as far as we can know: its connections are not ours
            self._check(_literal(parts_of(url).hostname or ""))  # names are for the proxy to resolve
        timeout = self._network.timeout
        raw: BaseHTTPResponse = self._adapter.send(
            prepared, stream=True, timeout=timeout, verify=_authorities(), proxies=proxies
        ).raw
        return raw

    def _check_answer(self, size: int) -> None:
        sink = self._here.sink
        if size > LARGEST + (sink.limit if sink else 0):  # a file's own limit is the sink's to hold
            raise TooLarge(f"{size} bytes and more")
        seconds = self._network.timeout * SLOWEST + (size / LEAST if sink else 0)
        if self._now() > self._here.begun + timedelta(seconds=seconds):
            raise TooSlow(f"{size} bytes in {seconds:.0f} s")

    def _dial(self, connection: HTTPConnection) -> socket.socket:
        self._here.dialled = True
        addresses = self._resolve(connection.host, connection.port)
        self._check(addresses)
        failure = OSError("the host has no address")
        for address in addresses:
            try:
                return self._connect(
                    (address, connection.port), connection.timeout, socket_options=connection.socket_options
                )
            except OSError as error:
                failure = error
        raise failure

    def _check(self, addresses: Sequence[str]) -> None:
        if not self._network.allow_private:
            check_public(addresses)


def _prepared(exchange: Exchange) -> PreparedRequest:
    prepared = PreparedRequest()
    body = exchange.request.body or None
    prepared.prepare(exchange.request.method, exchange.url, headers=dict(exchange.request_headers), data=body)
    # http.client would add it unseen, and a kept request shall be the one that was sent.
    prepared.headers["Host"] = parts_of(prepared.url or "").netloc.rpartition("@")[2]
    return prepared


def _begun(exchange: Exchange, raw: BaseHTTPResponse) -> Exchange:
    host = reached(raw)
    return replace(
        exchange,
        status=raw.status,
        reason=raw.reason or "",
        headers=tuple(raw.headers.items()),
        peer=host.peer,
        tls=host.tls,
        certificate=host.certificate,
    )


def _literal(host: str) -> list[str]:
    """Return the address that a host is in any spelling (`127.0.0.1`, `0x7f000001`), none for a name."""
    try:
        return [str(answer[4][0]) for answer in socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)]
    except (OSError, UnicodeError):
        return []


def _authorities() -> str | bool:
    file = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if file and not os.path.exists(file):
        raise NoAuthorities(file)
    return file or True
