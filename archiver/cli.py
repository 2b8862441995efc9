"""The command line: results on stdout, everything else on stderr, one line for each error.

Imports that cost time are inside the commands: `--help` must be there at once.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from archiver import __version__
from archiver.errors import ArchiverError, Interrupted
from archiver.text.terminal import printable

if TYPE_CHECKING:
    from archiver.http.message import Exchange, Keep, Request, Response, Send
    from archiver.pipeline import Connect, Saved
    from archiver.store.store import Archive

SCHEMA = 1
INCOMPLETE = 3

EXAMPLES = """
\b
Examples:
  archiver save https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a
  archiver --archive river save https://mastodon.example/@ann/112233445566778899
  archiver list
  archiver export --out site/
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the archive and its configuration are."""

    folder: Path
    config: Path | None


@click.group(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--archive",
    "folder",
    type=click.Path(path_type=Path),
    default="archive",
    envvar="ARCHIVER_ARCHIVE",
    show_default=True,
    show_envvar=True,
    help="The archive's folder.",
)
@click.option("--config", type=click.Path(path_type=Path), help="Settings, instead of the folder's archiver.toml.")
@click.version_option(__version__, prog_name="archiver")
@click.pass_context
def cli(context: click.Context, folder: Path, config: Path | None) -> None:
    """Archive whole public threads: any post's URL in, one SQLite file and a readable article out."""
    context.obj = Place(folder, config)


as_json = click.option("--json", "as_json", is_flag=True, help="JSON Lines instead of text.")


@cli.command(epilog="\b\nExample:\n  archiver save https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--replies", is_flag=True, help="Also keep what other people replied.")
@as_json
@click.pass_obj
def save(place: Place, urls: tuple[str, ...], replies: bool, as_json: bool) -> int:
    """Archive the thread that each URL belongs to.

    Any post of the thread will do: the first, one in the middle, the last.
    """
    from archiver import pipeline
    from archiver.http.client import now

    code = 0
    with writing(place) as (archive, connect):
        for url in urls:
            try:
                saved = pipeline.archive(archive, url, connect, now, replies=replies)
            except ArchiverError as error:
                code = max(code, report(error, url, as_json))
            else:
                code = max(code, show_saved(saved, url, as_json))
            if code == Interrupted.exit_code:
                break
    return code


@cli.command(name="import", epilog="\b\nExample:\n  archiver import fixtures/bluesky/harbour-ferry")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@as_json
@click.pass_obj
def import_(place: Place, folder: Path, as_json: bool) -> int:
    """Archive a thread from answers recorded in a FOLDER, without the network."""
    from archiver import pipeline

    with writing(place) as (archive, _):
        saved = pipeline.import_recording(archive, folder)
    return show_saved(saved, saved.document.run.url, as_json)


@cli.command(name="list", epilog="\b\nExample:\n  archiver list")
@as_json
@click.pass_obj
def list_(place: Place, as_json: bool) -> None:
    """List the archived threads."""
    from archiver.exporters.lines import summary_fields, summary_text
    from archiver.store.store import Archive

    with Archive.read(place.folder) as archive:
        for number, thread in enumerate(archive.threads(), 1):
            if as_json:
                emit(**summary_fields(thread, number))
            else:
                say(summary_text(thread, number))


@cli.command(epilog="\b\nExample:\n  archiver show 1")
@click.argument("thread")
@as_json
@click.pass_obj
def show(place: Place, thread: str, as_json: bool) -> None:
    """Print a THREAD: its number in the list, its id, or the URL of any post in it."""
    from archiver.exporters.lines import json_lines, text
    from archiver.store.store import Archive

    with Archive.read(place.folder) as archive:
        document = archive.document(thread)
    if as_json:
        for line in json_lines(document):
            emit(**line)
    else:
        say(text(document))


@cli.command(epilog="\b\nExample:\n  archiver export --out site/threads")
@click.argument("threads", nargs=-1, metavar="[THREAD]...")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="A folder; else the archive's threads/.")
@as_json
@click.pass_obj
def export(place: Place, threads: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Write threads as Markdown: those named, or all."""
    from archiver import pipeline
    from archiver.store.store import Archive

    with Archive.read(place.folder) as archive:
        for document, path in pipeline.export(archive, threads, out or place.folder / pipeline.THREADS):
            if as_json:
                emit(thread=document.thread.id, url=document.thread.url, markdown=str(path))
            else:
                say(str(path))


@cli.command(epilog="\b\nExample:\n  archiver reparse")
@as_json
@click.pass_obj
def reparse(place: Place, as_json: bool) -> None:
    """Read every kept answer again and rebuild the threads from them, offline."""
    from archiver import pipeline

    with writing(place) as (archive, _):
        runs, threads = pipeline.reparse(archive)
    if as_json:
        emit(runs=runs, threads=threads)
    else:
        say(f"{threads} threads from {runs} runs")


@cli.command(epilog="\b\nExample:\n  archiver platforms")
@as_json
def platforms(as_json: bool) -> None:
    """Show which platforms are known, and the forms of their URLs."""
    from archiver.platforms import platforms

    for platform in platforms():
        routes = [route.name for route in platform.routes]
        if as_json:
            emit(platform=platform.name, title=platform.title, routes=routes, examples=list(platform.examples))
        else:
            say("\n  ".join([f"{platform.title} ({platform.name}): routes {', '.join(routes)}", *platform.examples]))


@contextmanager
def writing(place: Place) -> Iterator[tuple["Archive", "Connect"]]:
    """Open the archive for writing, and the way to the network that the configuration describes."""
    from archiver import config, pipeline
    from archiver.http.client import now
    from archiver.store.store import Archive

    settings = config.load(place.config, place.folder, Path(click.get_app_dir("archiver")))
    for warning in settings.warnings:
        complain(f"warning: {warning}")
    progress, stop = Progress(), Stop()
    with Archive.open(place.folder, now=now()) as archive, pipeline.client(settings, progress.say) as client:
        try:
            with stop:
                yield archive, lambda keep: stop.guarding(client.recording(progress.counting(keep)))
        finally:
            progress.clear()


class Stop:
    """Ctrl-C: obeyed at once while the network is waited for, else before the next request; anywhere the second time.

    What has come is parsed and saved in between, which must not be cut in half.
    """

    def __init__(self) -> None:
        self._asked = self._waiting = False

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
            self._waiting = True
            try:
                return send(request)
            finally:
                self._waiting = False

        return guarded


class Progress:
    """One line on a terminal that says how far it has come; nothing anywhere else."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._requests = 0

    def counting(self, keep: "Keep") -> "Keep":
        """Count what goes to `keep`."""

        def counted(exchange: "Exchange") -> None:
            keep(exchange)
            self._requests += 1
            self._draw(f"{self._requests} requests, {urlsplit(exchange.url).netloc}")

        return counted

    def say(self, text: str) -> None:
        """Tell of a pause: on a terminal in the line, elsewhere as a line of its own, since pauses can be long."""
        if self._shown:
            self._draw(f"{self._requests} requests, {text}")
        else:
            complain(text)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown and self._requests:
            self._draw("")

    def _draw(self, text: str) -> None:
        if self._shown:
            click.echo(f"\r\x1b[K{printable(text)[:78]}", nl=False, err=True)


def show_saved(saved: "Saved", url: str, as_json: bool) -> int:
    """Say what a run came to; return the exit code."""
    from archiver.exporters.lines import saved_fields, saved_text

    if as_json:
        emit(**saved_fields(saved.document, url, str(saved.markdown)))
    else:
        say(saved_text(saved.document, str(saved.markdown)))
    for failure in saved.failures:
        complain(f"another way was tried and failed: {failure}")
    if saved.interrupted:
        return Interrupted.exit_code
    return 0 if saved.document.thread.completeness.verdict == "complete" else INCOMPLETE


def report(error: ArchiverError, url: str, as_json: bool) -> int:
    """Say what went wrong with one address; return the exit code."""
    if as_json:
        emit(url=url, error=printable(str(error)), code=type(error).__name__, exit=error.exit_code)
    complain(f"error: {error}")
    for note in getattr(error, "__notes__", ()):
        complain(f"  also tried: {note}")
    return error.exit_code


def emit(**fields: Any) -> None:
    """Print one JSON line; ASCII only, so that no post's text can do anything to a terminal."""
    click.echo(json.dumps({"schema": SCHEMA, **fields}))


def say(text: str) -> None:
    """Print a result, made safe for a terminal."""
    click.echo(printable(text))


def complain(text: str) -> None:
    """Print a line that is no result."""
    click.echo(" ".join(printable(text).split()), err=True)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        code = cli.main(args=list(arguments), prog_name="archiver", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ArchiverError as error:
        return report(error, "", False)
    except (KeyboardInterrupt, click.Abort):
        complain("stopped; everything that had come is kept")
        return Interrupted.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
