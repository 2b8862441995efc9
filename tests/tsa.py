"""An authority that stamps the time, made with openssl, behind a socket on 127.0.0.1."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hosted import TICK

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")

SETTINGS = """
[ req ]
distinguished_name = name
[ name ]
[ ca ]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[ stamping ]
extendedKeyUsage = critical,timeStamping
[ tsa ]
default_tsa = here
[ here ]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = yes
{more}
"""

Answer = tuple[int, bytes]


class Authority:
    """A certificate authority and its time stamping service; `digests` are the kinds that it stamps.

    `chain` sends its own authority's certificate along. `heard` is what it was sent, `answer` is how it answers.
    """

    def __init__(self, folder: Path, digests: str = "sha256", chain: bool = False):
        self.folder = folder
        self.heard: list[tuple[str, bytes]] = []
        self.answer: Callable[[bytes], Answer] = lambda query: (200, self.reply(query))
        folder.mkdir()
        more = f"certs = {folder}/ca.pem" if chain else ""
        (folder / "conf").write_text(SETTINGS.format(folder=folder, digests=digests, more=more))
        (folder / "serial").write_text("01")
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-config", self.conf)
        self.run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Root", "-extensions", "ca")
        self.run("req", "-new", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Clock")
        signed = ("-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "tsa.pem")
        self.run("x509", *signed, "-extfile", self.conf, "-extensions", "stamping")

    @property
    def conf(self) -> str:
        """Its configuration."""
        return str(self.folder / "conf")

    @property
    def roots(self) -> Path:
        """Its root certificate."""
        return self.folder / "ca.pem"

    def run(self, *arguments: str) -> None:
        """Run openssl in its folder."""
        subprocess.run([str(OPENSSL), *arguments], cwd=self.folder, capture_output=True, check=True)

    def reply(self, query: bytes) -> bytes:
        """Stamp, or refuse."""
        (self.folder / "query").write_bytes(query)
        self.run("ts", "-reply", "-queryfile", "query", "-config", self.conf, "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def vouches(self, data: Path, reply: Path) -> bool:
        """Tell whether openssl takes a reply for a stamp of this authority over a file."""
        command = [str(OPENSSL), "ts", "-verify", "-data", str(data), "-in", str(reply), "-CAfile", str(self.roots)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def posted(answer: Callable[[str, bytes], Answer], heard: list[tuple[str, bytes]]) -> Iterator[str]:
    """Answer POST requests for as long as the block; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.headers.get("Content-Type", ""), body))
            status, reply = answer(self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that did not wait
    thread = threading.Thread(target=server.serve_forever, args=(TICK,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def slowly(answer: Callable[[bytes], Answer], seconds: float) -> Callable[[bytes], Answer]:
    """Return the same answer, later."""

    def answered(query: bytes) -> Answer:
        time.sleep(seconds)
        return answer(query)

    return answered
