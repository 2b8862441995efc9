"""What the commands share: where the archive is, how it is opened, and how an error is reported."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.terminal import LINE, Line, Output, Progress, Stop, asker, complain
from archiver.errors import ArchiverError, Interrupted, Unavailable
from archiver.text.terminal import printable

if TYPE_CHECKING:
    from archiver.config import Config
    from archiver.http.message import Keep, Send
    from archiver.store.store import Archive
    from archiver.verbs.capture import Connect, Saved


INCOMPLETE = 3  # the exit code for a thread that is not known to be whole
PROBLEMS = 7  # the exit code where something is not as it was sealed

UPDATED = "note: an older version made this archive; what it holds was read again. Documents: archiver export"


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the archive is, and the file of settings that stands in for the archive's own."""

    folder: Path
    config: Path | None


def settings_of(paths: Paths) -> "Config":
    """Return the configuration that counts here."""
    from archiver import config
    from archiver.platforms import declared

    return config.load(paths.config, paths.folder, Path(click.get_app_dir("archiver")), declared())


@contextmanager
def writing(paths: Paths, max_cost: float = 0.0) -> Iterator[tuple["Archive", "Connect", "Config"]]:
    """Open the archive for writing, and the way to the network that the configuration describes."""
    from archiver import network
    from archiver.http.client import now
    from archiver.http.spending import Spending
    from archiver.verbs.recovery import recovered

    settings = settings_of(paths)
    for warning in settings.warnings:
        complain(f"warning: {warning}")
    progress, stop = Progress(), Stop()
    opened = recovered(paths.folder, now=now(), operator=settings.evidence.operator)
    with opened as (archive, notes), network.client(settings, progress.say) as client:
        for note in notes:
            complain(note)
        _bring_up_to_date(archive)

        def connect(keep: "Keep") -> "Send":
            send = stop.guarding(client.recording(stop.sparing(progress.counting(keep))))
            return Spending(send, network.price(settings), max_cost, asker())

        try:
            with stop:
                yield archive, connect, settings
        finally:
            LINE.clear()


def _bring_up_to_date(archive: "Archive") -> None:
    """Read an archive of an older version again, and say so."""
    from archiver.collecting import reparse

    if archive.older:
        for run in reparse(archive).unreadable:
            complain(str(run))
        complain(UPDATED)


@contextmanager
def changing(paths: Paths) -> Iterator[tuple["Archive", "Connect", "Config"]]:
    """Do what `writing` does, for what makes no sense without an archive. Raises ArchiveError where there is none."""
    from archiver.layout import DATABASE
    from archiver.store.opening import none_in

    if not (paths.folder / DATABASE).exists():
        raise none_in(paths.folder)
    with writing(paths) as opened:
        yield opened


def report(error: ArchiverError, url: str, output: Output) -> int:
    """Say what went wrong with one address; return the exit code."""
    fields = {"url": url, "error": printable(str(error)), "code": type(error).__name__, "exit": error.exit_code}
    output(Line(fields=fields))  # as text it is no result
    complain(f"error: {error}")
    for note in getattr(error, "__notes__", ()):
        complain(f"  also tried: {note}")
    return error.exit_code


def show_saved(saved: "Saved", output: Output) -> int:
    """Say what a run came to; return the exit code."""
    output(saved)
    for remark in saved.remarks:
        complain(remark)
    if saved.interrupted:
        return Interrupted.exit_code
    if saved.gone:
        return Unavailable.exit_code
    return 0 if saved.complete else INCOMPLETE
