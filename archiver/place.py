"""What the commands share: where the archive is, how one is opened, and how an error is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.console import Progress, Stop, complain, emit, say
from archiver.errors import ArchiverError, Interrupted, UsageError
from archiver.text.terminal import printable

if TYPE_CHECKING:
    from archiver.config import Config
    from archiver.http.message import Keep, Send
    from archiver.pipeline import Connect, Saved
    from archiver.store.store import Archive


INCOMPLETE = 3  # the exit code for a thread that is not known to be whole


@dataclass(frozen=True, slots=True)
class Place:
    """Where the archive and its configuration are."""

    folder: Path
    config: Path | None


as_json = click.option("--json", "as_json", is_flag=True, help="JSON Lines instead of text.")


@contextmanager
def writing(place: Place, max_cost: float = 0.0) -> Iterator[tuple["Archive", "Connect", "Config"]]:
    """Open the archive for writing, and the way to the network that the configuration describes."""
    from archiver import config, pipeline
    from archiver.http.client import now
    from archiver.http.spending import Spending
    from archiver.store.store import Archive

    settings = config.load(place.config, place.folder, Path(click.get_app_dir("archiver")))
    for warning in settings.warnings:
        complain(f"warning: {warning}")
    progress, stop = Progress(), Stop()
    opened = Archive.open(place.folder, now=now(), operator=settings.evidence.operator)
    with opened as archive, pipeline.client(settings, progress.say) as client:

        def connect(keep: "Keep") -> "Send":
            send = stop.guarding(client.recording(progress.counting(keep)))
            return Spending(send, settings.x.price, max_cost, progress.ask)

        try:
            with stop:
                yield archive, connect, settings
        finally:
            progress.clear()


def agree(question: str, otherwise: str) -> None:
    """Ask the user, and raise UsageError unless the answer is yes."""
    ask = Progress().ask
    if ask is None:
        raise UsageError(f"{question.rpartition('. ')[0]}; {otherwise}")
    if not ask(question):
        raise UsageError("stopped; nothing was done")


def report(error: ArchiverError, url: str, as_json: bool) -> int:
    """Say what went wrong with one address; return the exit code."""
    if as_json:
        emit(url=url, error=printable(str(error)), code=type(error).__name__, exit=error.exit_code)
    complain(f"error: {error}")
    for note in getattr(error, "__notes__", ()):
        complain(f"  also tried: {note}")
    return error.exit_code


def show_saved(saved: "Saved", url: str, as_json: bool) -> int:
    """Say what a run came to; return the exit code."""
    from archiver.exporters.lines import saved_fields, saved_text

    if as_json:
        emit(**saved_fields(saved.document, url, str(saved.markdown)))
    else:
        say(saved_text(saved.document, str(saved.markdown)))
    for failure in saved.failures:
        complain(f"note: {failure}" if failure.route == "proof" else f"another way was tried and failed: {failure}")
    for note in saved.notes:
        complain(note)
    if saved.interrupted:
        return Interrupted.exit_code
    return 0 if saved.document.thread.completeness.verdict == "complete" else INCOMPLETE
