"""A host on loopback that answers byte by byte what a test tells it to, and a client whose time is a number."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from samples import NOON

from archiver.config import Network
from archiver.http.client import Client
from archiver.http.message import Exchange, Send

Answer = bytes | Callable[[socket.socket], None]


def reply(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    """Return a whole answer with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def ending(data: bytes) -> Callable[[socket.socket], None]:
    """Return an answer after which the host closes the connection, without a word."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)

    return answer


class Web:
    """Gives one of `answers` after the other, the last of them for ever; `requests` holds what was asked, in text."""

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None):
        self.requests: list[str] = []
        self.connections = 0
        self.answers = list(answers)
        self._tls = tls
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """Return an address here, by any name."""
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def close(self) -> None:
        """Stop answering, and wait until every connection has ended."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with self._listener, contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                while request := _read_head(connection):
                    self.requests.append(request)
                    answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                    if callable(answer):
                        answer(connection)
                    else:
                        connection.sendall(answer)


def _read_head(connection: socket.socket) -> str:
    received = b""
    while b"\r\n\r\n" not in received and not received.startswith(b"\x16"):  # that is how TLS begins
        piece = connection.recv(65536)
        if not piece:
            return ""
        received += piece
    return received.decode("latin-1")


class World:
    """All that is outside a client: a clock that only sleeping moves, names, and what was kept and said."""

    def __init__(self) -> None:
        self.time = NOON
        self.names: dict[str, list[str]] = {}
        self.kept: list[Exchange] = []
        self.said: list[str] = []
        self.slept: list[float] = []
        self.resolved: list[str] = []
        self.dialled: list[str] = []

    def opened(self, **settings: Any) -> Client:
        """Return a client in this world; private addresses are allowed unless a test says otherwise."""
        outside = {"now": self.now, "sleep": self.sleep, "resolve": self.resolve, "connect": self.connect}
        mine = {"network": Network(allow_private=True), "credentials": {}, "bases": {}, **outside, **settings}
        return Client(report=self.said.append, **mine)

    @contextlib.contextmanager
    def client(self, **settings: Any) -> Iterator[Send]:
        """The `Send` of a run of such a client, which goes to `kept`."""
        with self.opened(**settings) as client:
            yield client.recording(self.kept.append)

    def now(self) -> datetime:
        """Return the time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)

    def resolve(self, host: str, port: int) -> list[str]:
        """Return what `names` says; a host that is not there is an address already."""
        self.resolved.append(host)
        return self.names.get(host, [host])

    def connect(self, address: tuple[str, int], *rest: Any, **options: Any) -> socket.socket:
        """Connect to this machine, whatever the address: each is noted."""
        self.dialled.append(address[0])
        return socket.create_connection(("127.0.0.1", address[1]), rest[0])


@contextlib.contextmanager
def web(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    """Run a host for as long as a `with` block."""
    host = Web(*answers, tls=tls)
    try:
        yield host
    finally:
        host.close()
