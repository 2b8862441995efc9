"""The connections: urllib3's own, save who opens them, what is noted of the other end and what they may take.

urllib3 takes classes where a value would do, hence the classes within functions.
"""

import hashlib
import http.client
import io
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.poolmanager import ProxyManager

Dial = Callable[[HTTPConnection], socket.socket]
Check = Callable[[int], None]  # is given the size of an answer so far, and raises what is wrong with that
Pools = Mapping[str, type[HTTPConnectionPool]]  # by scheme


class Adapter(HTTPAdapter):
    """Sends each request once, over connections that `dial` opens; `check` hears of every piece of an answer."""

    def __init__(self, dial: Dial, check: Check):
        super().__init__(max_retries=0)
        self._check = check
        self.poolmanager.pool_classes_by_scheme = _metered(_dialled(dial), check)

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:
        """Return the pools for a proxy: it is dialled as urllib3 does, but its answers are checked too."""
        has_manager = proxy in self.proxy_manager
        manager: ProxyManager = super().proxy_manager_for(proxy, **options)
        if not has_manager:
            manager.pool_classes_by_scheme = _metered(manager.pool_classes_by_scheme, self._check)
        return manager


@dataclass(frozen=True, slots=True)
class Reached:
    """Who is at the other end of a socket; the certificate by its digest."""

    peer: str = ""
    tls: str = ""
    certificate: str = ""


def reached(raw: BaseHTTPResponse) -> Reached:
    """Return who gives an answer that is not read yet, nobody where it comes through a proxy."""
    return getattr(raw.connection, "reached", Reached())


def _other_end(sock: socket.socket) -> Reached:
    peer = str(sock.getpeername()[0])
    if not isinstance(sock, ssl.SSLSocket):
        return Reached(peer)
    leaf = sock.getpeercert(binary_form=True) or b""
    return Reached(peer, sock.version() or "", hashlib.sha256(leaf).hexdigest())


def _dialled(dial: Dial) -> Pools:
    """Return the kinds of pool whose connections `dial` opens."""

    class Plain(HTTPConnection):
        reached = Reached()

        def _new_conn(self) -> socket.socket:
            return dial(self)

        def connect(self) -> None:
            super().connect()
            # Noted at once: the socket is gone by the time that a short answer has been read.
            self.reached = _other_end(self.sock)

    class Secure(Plain, HTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Meter(io.RawIOBase):
    """A socket's stream that has its size checked with every piece.

    Here and not where the body is read: a host can also go on for ever with its headers, with interim answers
    (RFC 9110 section 15.2) or with the framing of chunks.
    """

    def __init__(self, stream: io.RawIOBase, check: Check):
        self._stream = stream
        self._check = check
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        count: int | None = self._stream.readinto(buffer)
        self._size += count or 0
        self._check(self._size)
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


def _metered(pools: Pools, check: Check) -> dict[str, type[HTTPConnectionPool]]:
    """Return these kinds of pool with answers that are checked."""

    class Metered(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *rest: Any, **options: Any):
            super().__init__(sock, *rest, **options)
            self.fp = io.BufferedReader(_Meter(self.fp.detach(), check))

    def metered(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
        connection = type("Connection", (pool.ConnectionCls,), {"response_class": Metered})
        return type("Pool", (pool,), {"ConnectionCls": connection})

    return {scheme: metered(pool) for scheme, pool in pools.items()}
