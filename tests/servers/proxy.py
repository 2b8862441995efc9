"""The proxy of logged_out.py: a process of its own, `python -m tests.servers.proxy PORT REQUEST_LOG SNAC`.

SNAC is the fields of snac.Snac as JSON; REQUEST_LOG gets one JSON line for each request.
"""

import json
import sys
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests

from .logged_out import reply
from .snac import Snac


class Proxy(ThreadingHTTPServer):
    """Listens on 127.0.0.1; handlers find the server behind it and the log here."""

    def __init__(self, port: int, request_log: Path, snac: Snac):
        super().__init__(("127.0.0.1", port), Handler)
        self.request_log = request_log
        self.snac = snac


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        """Answers what Mastodon answers differently, and passes on the rest."""
        self._note()
        made = reply(self.server.snac, self.path, self.headers.get("Accept", ""))
        if made is None:
            self._pass_on(b"")
        else:
            code, headers, body = made
            self._send(code, {"Content-Type": "application/json", **headers}, json.dumps(body).encode())

    def do_POST(self) -> None:
        """Passes on what the server sends to itself: it knows its own inbox by the public address."""
        self._note()
        self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _pass_on(self, body: bytes) -> None:
        answer = requests.request(
            self.command,
            self.server.snac.address + self.path,
            headers=dict(self.headers),
            data=body,
            timeout=60,
            allow_redirects=False,
        )
        kept = {name: answer.headers[name] for name in ("Content-Type", "Location") if name in answer.headers}
        self._send(answer.status_code, kept, answer.content)

    def _send(self, code: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(code)
        for name, value in {"Date": formatdate(usegmt=True), **headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _note(self) -> None:
        line = {"method": self.command, "url": self.path, "agent": self.headers.get("User-Agent", "")}
        with self.server.request_log.open("a") as log:
            log.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    port, log, fields = sys.argv[1:]
    given = json.loads(fields)
    Proxy(int(port), Path(log), Snac(**{**given, "folder": Path(given["folder"])})).serve_forever()
