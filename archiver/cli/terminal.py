"""The terminal: results and complaints made safe for it, one line of progress, Ctrl-C, and a question."""

import errno
import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import click

from archiver.errors import UsageError
from archiver.text.terminal import printable
from archiver.urls import parts_of

if TYPE_CHECKING:
    from archiver.http.message import Exchange, Keep, Request, Response, Send

SCHEMA = 1

GONE = (errno.EPIPE, errno.EINVAL, errno.EIO)  # whoever read has left: a pipe, one of Windows, a closed terminal

_ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Result(Protocol):
    """What a command came to: `str` gives its text, for people, and `fields` are for programs.

    Where either is empty, nothing of it is printed in that form.
    """

    @property
    def fields(self) -> Mapping[str, Any]:
        """What a line of JSON says, for programs."""


@dataclass(frozen=True, slots=True)
class Line:
    """A result that is no more than its text and its fields."""

    text: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text


Output = Callable[[Result], None]
"""How a result is printed: as text, or as a line of JSON."""


class Stop:
    """Ctrl-C: obeyed at once while the network is waited for, else before the next request; anywhere the second time.

    What has come is parsed and saved in between, which must not be cut in half. A terminal that is closed (HUP) and a
    machine that shuts down (TERM) ask for the same, and may ask twice without meaning more. What the caller has chosen
    to ignore, as `nohup` does, stays ignored.
    """

    def __init__(self) -> None:
        self._asked = False
        self._waiting = 0  # requests that are under way: there may be several at once
        self._turn = Lock()

    def __enter__(self) -> None:
        heard = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._note) for number in heard}

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _: object) -> None:
        again, self._asked = self._asked and number == signal.SIGINT, True
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

    def sparing(self, keep: "Keep") -> "Keep":
        """Return a `Keep` that is not cut off: what has come and is on the disk is to be read as well."""

        def spared(exchange: "Exchange") -> None:
            self._wait(-1)
            try:
                keep(exchange)
            finally:
                self._wait(1)

        return spared

    def _wait(self, more: int) -> None:
        with self._turn:
            self._waiting += more


class StatusLine:
    """The last line of a terminal, written again and again; whatever else is printed takes it away first."""

    def __init__(self) -> None:
        self._drawn = False

    @staticmethod
    def is_possible() -> bool:
        """Whether stderr is a terminal that can take back what it shows."""
        return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def draw(self, text: str) -> None:
        """Show a text in the place of the one before."""
        width = shutil.get_terminal_size().columns - 1
        with suppress(OSError):
            click.echo(f"\r\x1b[K{printable(text)[:width]}", nl=False, err=True)
        self._drawn = bool(text)

    def clear(self) -> None:
        """Take the line away, if it is there."""
        if self._drawn:
            self.draw("")


LINE = StatusLine()


class Progress:
    """Says how far it has come in the last line of a terminal; nothing anywhere else."""

    def __init__(self) -> None:
        self._shown = LINE.is_possible()
        self._requests = 0

    def counting(self, keep: "Keep") -> "Keep":
        """Count what goes to `keep`."""
        from archiver.http.message import is_media

        def counting(exchange: "Exchange") -> None:
            keep(exchange)
            if is_media(exchange.request_headers):
                return  # several at once, and somebody else says how far they are
            self._requests += 1
            self.show(f"{self._asked()}, {parts_of(exchange.url).netloc}")

        return counting

    def show(self, text: str) -> None:
        """Say how far it has come."""
        if self._shown:
            LINE.draw(text)

    def say(self, text: str) -> None:
        """Tell of a pause: on a terminal in the line, elsewhere as a line of its own, since pauses can be long."""
        if self._shown:
            self.show(f"{self._asked()}, {text}")
        else:
            complain(text)

    def _asked(self) -> str:
        from archiver.exporters.wording import counted

        return counted(self._requests, "request")


def asker() -> Callable[[str], bool] | None:
    """Return how the user is asked a question; None where nobody sits at a terminal to answer it."""
    return _ask if sys.stdin.isatty() and sys.stderr.isatty() else None


def _ask(question: str) -> bool:
    LINE.clear()
    try:
        return click.confirm(printable(question), err=True)
    except click.Abort:
        raise KeyboardInterrupt from None


def agree(question: str) -> None:
    """Ask the user. Raises UsageError unless the answer is yes, and where nobody can answer."""
    ask = asker()
    if ask is None:
        raise UsageError(f"{question.rpartition('. ')[0]}; nothing was done; allow it with --yes")
    if not ask(question):
        raise UsageError("stopped; nothing was done")


def print_text(result: Result) -> None:
    """Print the text of a result, if it has one."""
    if text := str(result):
        say(text)


def print_json(result: Result) -> None:
    """Print the fields of a result as JSON, if it has some; ASCII only, so that no text can do harm to a terminal."""
    if result.fields:
        _print(json.dumps({"schema": SCHEMA, **result.fields}))


def say(text: str) -> None:
    """Print a result, made safe for a terminal."""
    _print(printable(text))


def complain(text: str) -> None:
    """Print a line that is no result; where nobody can read it, that is no reason to stop."""
    LINE.clear()
    with suppress(OSError):
        click.echo(" ".join(printable(text).split()), err=True)


def _print(text: str) -> None:
    """Print on stdout. Raises UsageError where it takes no more; if its reader has left, the rest goes nowhere."""
    LINE.clear()
    try:
        click.echo(text)
    except OSError as error:
        unwritable(error)


def unwritable(error: OSError) -> None:
    """Let what else is printed go nowhere. Raises UsageError unless the reader of stdout has left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if error.errno not in GONE:
        raise UsageError(f"the output cannot be written: {error.strerror}") from error


def take_any_text() -> None:
    """Have stdout and stderr take characters that their encoding lacks, as `\\u2026`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write_utf8() -> None:
    """Have stdout be UTF-8 if it is a file or a pipe: for documents, which are read on other machines."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
