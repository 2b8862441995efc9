"""A host of files on 127.0.0.1, which gives parts, breaks off, trickles and sends elsewhere as a test wants it."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 64 * 1024


@dataclass(slots=True)
class Item:
    """One file: after `cut` bytes of an answer the host hangs up, and it waits so long before each piece."""

    content: bytes
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    ranges: bool = True
    cut: int | None = None
    wait: float = 0.0


class Shelf:
    """Gives `items` by path; `heard` is what was asked, `sent` how many bytes of bodies went out, by path."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.items: dict[str, Item] = {}
        self.heard: list[tuple[str, Message]] = []
        self.times: list[float] = []
        self.sent: dict[str, int] = {}
        self.at_once = self.most_at_once = 0
        self._turn = threading.Lock()
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with suppress(OSError):
                    shelf._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer((host, 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up
        self.site = f"http://{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def put(self, path: str, content: bytes, **more: object) -> str:
        """Put a file there and return its address."""
        self.items[path] = Item(content, **more)  # type: ignore[arg-type]
        return self.site + path

    def asked(self) -> list[str]:
        """Return the paths that were asked for, and forget them."""
        paths = [path for path, _ in self.heard]
        self.heard.clear()
        return paths

    def close(self) -> None:
        """Give the port back."""
        self.server.shutdown()
        self.server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._turn:
            self.heard.append((handler.path, handler.headers))
            self.times.append(time.monotonic())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self._give(handler, self.items.get(handler.path) or Item(b"{}", status=404))
        finally:
            with self._turn:
                self.at_once -= 1

    def _give(self, handler: BaseHTTPRequestHandler, item: Item) -> None:
        status, body, headers = item.status, item.content, dict(item.headers)
        first = _first(handler.headers, item)
        if first >= len(body) > 0:
            status, body, headers = 416, b"", {"Content-Range": f"bytes */{len(item.content)}"}
        elif first:
            status, body = 206, body[first:]
            headers["Content-Range"] = f"bytes {first}-{len(item.content) - 1}/{len(item.content)}"
        handler.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        for start in range(0, len(body), PIECE):
            time.sleep(item.wait)
            piece = body[start : start + PIECE]
            if item.cut is not None:
                piece = piece[: max(item.cut - start, 0)]
            handler.wfile.write(piece)
            with self._turn:
                self.sent[handler.path] = self.sent.get(handler.path, 0) + len(piece)
            if item.cut is not None and start + PIECE > item.cut:
                handler.close_connection = True
                return


def _first(asked: Message, item: Item) -> int:
    """Return the byte that is asked for first; 0 for the whole file, also where it is another version by now."""
    found = re.fullmatch(r"bytes=(\d+)-", asked.get("Range", ""))
    version = item.headers.get("ETag") or item.headers.get("Last-Modified")
    wanted = asked.get("If-Range")
    same = item.ranges and item.status == 200 and wanted in (None, version)
    return int(found[1]) if found and same else 0


@contextmanager
def shelf(host: str = "127.0.0.1") -> Iterator[Shelf]:
    """Run a host for as long as a `with` block."""
    opened = Shelf(host)
    try:
        yield opened
    finally:
        opened.close()
