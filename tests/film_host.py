"""A host on 127.0.0.1 of one film, which gives parts of it, hangs up once, or trickles."""

import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MB = 1_000_000
NOISE = hashlib.shake_256(b"a film").digest(MB)  # it cannot be packed


def piece(number: int) -> bytes:
    """Return a megabyte of a film."""
    head = b"\x00\x00\x00\x18ftypisom" if number == 0 else b"%d" % number
    return head + NOISE[len(head) :]


class Films:
    """A film of so many megabytes.

    `broken_after` is how many of them come before it hangs up, once; between `slices` of so many bytes it rests for a
    moment. `heard` has the parts that were asked for, "" where it was all.
    """

    def __init__(self, size: int, broken_after: int | None = None, slices: int = MB) -> None:
        self.heard: list[str] = []
        self.digest = hashlib.sha256()
        for number in range(size):
            self.digest.update(piece(number))
        films = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked = self.headers.get("Range", "")
                films.heard.append(asked)
                first = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
                self.send_response(206 if asked else 200)
                if asked:
                    self.send_header("Content-Range", f"bytes {first}-{size * MB - 1}/{size * MB}")
                self.send_header("Content-Length", str(size * MB - first))
                self.send_header("Content-Type", "video/mp4")
                self.send_header("ETag", '"one"')
                self.end_headers()
                for number in range(first // MB, size):
                    if number == broken_after and not asked:
                        self.close_connection = True
                        return
                    self.give(piece(number)[first % MB if number == first // MB else 0 :])

            def give(self, data: bytes) -> None:
                for start in range(0, len(data), slices):
                    self.wfile.write(data[start : start + slices])
                    time.sleep(0.001 if slices < MB else 0)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that were killed
        self.url = f"http://127.0.0.1:{self.server.server_port}/film.mp4"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Give the port back."""
        self.server.shutdown()
        self.server.server_close()
