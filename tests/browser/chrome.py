"""A Chromium that a test can ask things, over a pipe: the DevTools protocol, and no socket.

It resolves no name, so a page that wants something of a network does not get it; and what it wants is written down.
"""

import base64
import fcntl
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from archiver.cli import browser

FIRST_FREE = 40  # file descriptors that nobody else will have


class Chrome:
    """One tab of a running browser."""

    def __init__(self, process: subprocess.Popen[bytes], told: int, asked: int):
        self._process, self._told, self._asked = process, told, asked
        self._number, self._rest = 0, b""
        self._session = ""
        self.requests: list[str] = []
        self.complaints: list[str] = []

    def attach(self) -> None:
        """Open a tab and listen to what it does."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._asked, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def open(self, url: str, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Show a page, and wait until it has loaded."""
        self.requests, self.complaints = [], []
        mobile = width < 600
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Page.navigate", url=url)
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def run(self, script: str) -> Any:
        """Run a script in the page as if the reader had clicked, wait for what it promises, and return its value."""
        wanted = {"returnByValue": True, "awaitPromise": True, "userGesture": True}
        done = self.ask("Runtime.evaluate", expression=script, **wanted)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def shoot(self, file: Path) -> None:
        """Take a picture of the screen."""
        shot = self.ask("Page.captureScreenshot", format="png")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def first_paint(self, url: str) -> float:
        """Open a page and return after how many milliseconds something of it was there to read."""
        self.open(url)
        asked = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
        script = (
            f"new Promise(done => {{ const look = () => ({asked}) ? done({asked}) : setTimeout(look, 20); look() }})"
        )
        return float(self.run(script))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = os.read(self._told, 1 << 20)
            assert piece, "the browser has gone"
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        about = told.get("params", {})
        if told.get("method") == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])
        elif told.get("method") == "Log.entryAdded" and about["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{about['entry']['text']} {about['entry'].get('url', '')}")
        elif told.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(about["exceptionDetails"]))
        return told


@contextmanager
def loopback(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, and yield its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def chrome() -> Iterator[Chrome]:
    """Start a browser with an empty profile, and end it."""
    with tempfile.TemporaryDirectory(prefix="archiver-browser-") as profile:
        command = [
            *(browser.chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *(f"--user-data-dir={profile}", "--remote-debugging-pipe", "--no-first-run", "--disable-extensions"),
            *("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-background-networking"),
        ]
        asking, asked = (fcntl.fcntl(end, fcntl.F_DUPFD, FIRST_FREE) for end in os.pipe())
        told, telling = (fcntl.fcntl(end, fcntl.F_DUPFD, FIRST_FREE) for end in os.pipe())

        def connect() -> None:
            os.dup2(asking, 3)
            os.dup2(telling, 4)

        process = subprocess.Popen(
            command, pass_fds=(3, 4), preexec_fn=connect, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(asking)
        os.close(telling)
        try:
            tab = Chrome(process, told, asked)
            tab.attach()
            yield tab
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
            os.close(told)
            os.close(asked)
