"""A world behind a real socket on 127.0.0.1, for tests of the command line."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from world import World

from archiver.http.message import Request

TICK = 0.01  # seconds in which a server hears that it is to close; it would take half a second
Reply = tuple[int, dict[str, str], bytes]  # status, headers, what goes out


class Hosted:
    """A world behind a real socket; `delay` makes every answer slow, `heard` is what was asked, with its headers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.delay = 0.0
        self.heard: list[tuple[str, Message]] = []
        hosted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # a body would wait 40 ms for the word that its head has come

            def do_GET(self) -> None:
                hosted.heard.append((self.path, self.headers))
                time.sleep(hosted.delay)
                status, headers, body = hosted.respond(self.path)
                self.send_response(status)
                for name, value in {**headers, **hosted.headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.headers: dict[str, str] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that were killed
        self.site = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(TICK,), daemon=True).start()

    def close(self) -> None:
        """Give the port back."""
        self.server.shutdown()
        self.server.server_close()

    def respond(self, path: str) -> Reply:
        """Answer as the world does for the address that was asked."""
        request = Request(url=self.site + path)
        broken = self.world.fault(request)
        if isinstance(broken, bytes):
            return 200, {"Content-Type": "application/json"}, broken
        assert not isinstance(broken, Exception)
        status, content = broken or self.world.answer(request)
        if isinstance(content, str):
            return status, {"Content-Type": "text/html"}, content.encode()
        return status, {"Content-Type": "application/json"}, json.dumps(content).encode()


class Gateway(Hosted):
    """A world of several hosts behind one socket: the first part of a path names the host that answers."""

    def respond(self, path: str) -> Reply:
        """Answer as the named host does, with its headers."""
        response = self.world(Request(url=f"https:/{path}"))
        return response.status, dict(response.headers), response.body


def asked_at(site: str, **more: object) -> str:
    """Return the text of an archiver.toml that asks a `Gateway` for all that has to do with X; `more` is for `[x]`."""
    x = {"syndication": f"{site}/cdn.syndication.twimg.com", "api": f"{site}/api.x.com", **more}
    archive = {"cdx": f"{site}/web.archive.org/cdx/search/cdx", "replay": f"{site}/web.archive.org/web"}
    return settings({"x": x, "wayback": archive})


@contextmanager
def listening(hosted: Hosted) -> Iterator[Hosted]:
    """Close it behind the block."""
    try:
        yield hosted
    finally:
        hosted.close()


def settings(tables: Mapping[str, Mapping[str, object]]) -> str:
    """Return the text of an archiver.toml that may ask this machine; pages of threads and media are not on it."""
    for name, entry in (("evidence", {"page": False}), ("media", {"fetch": False})):
        tables = {**tables, name: {**entry, **tables.get(name, {})}}
    lines = ["[network]", "allow_private = true", "timeout = 5"]
    for table, entries in tables.items():
        lines += [f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in entries.items())]
    return "\n".join([*lines, ""])
