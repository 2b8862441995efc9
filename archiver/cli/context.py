"""What the commands share: where the archive is, how one is opened, and how an error is told."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archiver.cli.terminal import LINE, Progress, Stop, asker, complain, emit, say
from archiver.errors import ArchiverError, Interrupted, Unavailable, UsageError
from archiver.text.terminal import printable

if TYPE_CHECKING:
    from archiver.config import Config
    from archiver.http.message import Keep, Send
    from archiver.media.stage import Wanted
    from archiver.store.store import Archive
    from archiver.verbs.capture import Connect, Saved


INCOMPLETE = 3  # the exit code for a thread that is not known to be whole
PROBLEMS = 7  # the exit code where something is not as it was sealed

UPDATED = "note: an older version made this archive; what it holds was read again. Documents: archiver export"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the archive and its configuration are."""

    folder: Path
    config: Path | None


as_json = click.option("--json", "as_json", is_flag=True, help="JSON Lines instead of text.")


_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kmg]?)b?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def _bytes(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """Return a size as people write it, such as 50MB, in bytes."""
    if text is None:
        return None
    found = _SIZE.fullmatch(text.strip())
    size = float(found[1]) * _UNITS[found[2].lower()] if found else 0
    if size < 1:
        raise click.BadParameter(f"{text} is no size; it looks like 50MB", context, option)
    return int(size)


@dataclass(frozen=True, slots=True)
class MediaChoice:
    """What the options say of media; None is what they leave to the configuration."""

    fetch: bool
    limit: int | None

    def wanted(self, settings: "Config") -> "Wanted | None":
        """Return what is wanted, None where that is nothing."""
        from archiver.media.stage import Wanted

        limit = self.limit or int(settings.media.limit * 10**6)
        return Wanted(limit, Progress().show) if self.fetch and settings.media.fetch else None


def with_media(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options about media, as one argument."""

    @click.option("--no-media", is_flag=True, help="Fetch no pictures, films and the like: keep their addresses only.")
    @click.option("--media-limit", callback=_bytes, metavar="SIZE", help="Fetch none that is larger; 50MB if not said.")
    @wraps(command)
    def chosen(*arguments: Any, no_media: bool, media_limit: int | None, **options: Any) -> int:
        return command(*arguments, media=MediaChoice(not no_media, media_limit), **options)

    return chosen


def settings_of(place: Place) -> "Config":
    """Return the configuration that counts here."""
    from archiver import config
    from archiver.platforms import declared

    return config.load(place.config, place.folder, Path(click.get_app_dir("archiver")), declared())


@contextmanager
def writing(place: Place, max_cost: float = 0.0) -> Iterator[tuple["Archive", "Connect", "Config"]]:
    """Open the archive for writing, and the way to the network that the configuration describes."""
    from archiver import network
    from archiver.http.client import now
    from archiver.http.spending import Spending
    from archiver.verbs.recovery import recovered

    settings = settings_of(place)
    for warning in settings.warnings:
        complain(f"warning: {warning}")
    progress, stop = Progress(), Stop()
    opened = recovered(place.folder, now=now(), operator=settings.evidence.operator)
    with opened as (archive, notes), network.client(settings, progress.say) as client:
        for note in notes:
            complain(note)
        if archive.older:
            from archiver.collecting import reparse

            for lost in reparse(archive).unreadable:
                complain(str(lost))
            complain(UPDATED)

        def connect(keep: "Keep") -> "Send":
            send = stop.guarding(client.recording(stop.sparing(progress.counting(keep))))
            return Spending(send, network.price(settings), max_cost, asker())

        try:
            with stop:
                yield archive, connect, settings
        finally:
            LINE.clear()


@contextmanager
def changing(place: Place) -> Iterator[tuple["Archive", "Connect", "Config"]]:
    """Do what `writing` does, for what makes no sense without an archive. Raises ArchiveError where there is none."""
    from archiver.layout import DATABASE
    from archiver.store.opening import none_in

    if not (place.folder / DATABASE).exists():
        raise none_in(place.folder)
    with writing(place) as opened:
        yield opened


class Target(click.Path):
    """A file or a folder that is written: with a name, and not the standard output."""

    def convert(
        self, value: "str | os.PathLike[str]", param: click.Parameter | None, ctx: click.Context | None
    ) -> "str | bytes | os.PathLike[str]":
        """Return the path as `click.Path` does."""
        kind = "file" if self.file_okay else "folder"
        name = os.fspath(value)
        if not name:
            self.fail(f"it is empty; name a {kind}", param, ctx)
        if name == "-":
            self.fail(f"- is not the standard output here; name a {kind}", param, ctx)
        if not self.dir_okay and name.endswith(("/", os.sep)):
            self.fail(f"{name} is a folder; name a file in it", param, ctx)
        return super().convert(value, param, ctx)


def agree(question: str, otherwise: str) -> None:
    """Ask the user, and raise UsageError unless the answer is yes."""
    ask = asker()
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
        emit(**saved_fields(saved.document, url, str(saved.markdown), saved.changes))
    else:
        say(saved_text(saved.document, str(saved.markdown), saved.changes))
    if hint := saved.document.thread.hint:
        complain(f"hint: {hint}")
    for failure in saved.failures:
        same = failure.route in ("proof", "recheck", saved.document.thread.route)
        complain(f"note: {failure}" if same else f"another way was tried and failed: {failure}")
    for note in saved.notes:
        complain(note)
    if saved.interrupted:
        return Interrupted.exit_code
    if saved.gone:
        return Unavailable.exit_code
    return 0 if saved.document.thread.completeness.verdict == "complete" else INCOMPLETE
