"""The terminal: results and complaints made safe for it, one line of progress, Ctrl-C, and a question."""

import json
import signal
import sys
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

import click

from archiver.text.terminal import printable
from archiver.urls import parts_of

if TYPE_CHECKING:
    from archiver.http.message import Exchange, Keep, Request, Response, Send

SCHEMA = 1


class Stop:
    """Ctrl-C: obeyed at once while the network is waited for, else before the next request; anywhere the second time.

    What has come is parsed and saved in between, which must not be cut in half.
    """

    def __init__(self) -> None:
        self._asked = False
        self._waiting = 0  # requests that are under way: there may be several at once
        self._turn = Lock()

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGINT, self._note)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _note(self, *_: object) -> None:
        again, self._asked = self._asked, True
        if self._waiting or again:
            raise KeyboardInterrupt

    def guarding(self, send: "Send") -> "Send":
        """Return a `Send` that does not begin once the user has asked to stop."""

        def guarded(request: "Request") -> "Response":
            if self._asked:
                raise KeyboardInterrupt
            self._wait(1)
            try:
                return send(request)
            finally:
                self._wait(-1)

        return guarded

    def _wait(self, more: int) -> None:
        with self._turn:
            self._waiting += more


class Progress:
    """One line on a terminal that says how far it has come; nothing anywhere else."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._requests = 0

    def counting(self, keep: "Keep") -> "Keep":
        """Count what goes to `keep`."""
        from archiver.http.message import is_media

        def counted(exchange: "Exchange") -> None:
            keep(exchange)
            if is_media(exchange.request_headers):
                return  # several at once, and somebody else says how far they are
            self._requests += 1
            self._draw(f"{self._requests} requests, {parts_of(exchange.url).netloc}")

        return counted

    def show(self, text: str) -> None:
        """Say how far it has come, in the place of the requests."""
        self._requests += 1
        self._draw(text)

    def say(self, text: str) -> None:
        """Tell of a pause: on a terminal in the line, elsewhere as a line of its own, since pauses can be long."""
        if self._shown:
            self._draw(f"{self._requests} requests, {text}")
        else:
            complain(text)

    @property
    def ask(self) -> Callable[[str], bool] | None:
        """How the user is asked a question; None where nobody sits at a terminal to answer it."""
        return self._ask if sys.stdin.isatty() and sys.stderr.isatty() else None

    def _ask(self, question: str) -> bool:
        self.clear()
        try:
            return click.confirm(printable(question), err=True)
        except click.Abort:
            raise KeyboardInterrupt from None

    def clear(self) -> None:
        """Take the line away."""
        if self._shown and self._requests:
            self._draw("")

    def _draw(self, text: str) -> None:
        if self._shown:
            click.echo(f"\r\x1b[K{printable(text)[:78]}", nl=False, err=True)


def emit(**fields: Any) -> None:
    """Print one JSON line; ASCII only, so that no post's text can do anything to a terminal."""
    click.echo(json.dumps({"schema": SCHEMA, **fields}))


def say(text: str) -> None:
    """Print a result, made safe for a terminal."""
    click.echo(printable(text))


def complain(text: str) -> None:
    """Print a line that is no result."""
    click.echo(" ".join(printable(text).split()), err=True)
