"""What stands in for Bluesky's video service, which nobody can install: it shows uploads as HTTP Live Streaming."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

KINDS = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t"}


@dataclass(frozen=True, kw_only=True)
class VideoService:
    """A running service; `films` has the folder with the pieces of each upload, by its CID, `heard` what was asked."""

    address: str
    films: dict[str, Path] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def answer(self, path: str) -> Path | None:
        """The file behind an address such as /watch/DID/CID/720p/video.m3u8."""
        _, _, _, cid, *rest = urlsplit(path).path.split("/")
        file = self.films[cid].joinpath(*rest) if cid in self.films else None
        return file if file and file.is_file() else None


@contextmanager
def serving() -> Iterator[VideoService]:
    """A service without films, up for as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    service = VideoService(address=f"http://localhost:{server.server_port}")
    server.service = service  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        service: VideoService = self.server.service  # type: ignore[attr-defined]
        service.heard.append(f"GET {service.address}{self.path}")
        file = service.answer(self.path)
        body = file.read_bytes() if file else b""
        self.send_response(200 if file else 404)
        self.send_header("Content-Type", KINDS[file.suffix] if file else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
