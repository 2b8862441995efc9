"""The commands that write files for others, and read those that others have made."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.context import Place, as_json, changing, report, show_saved, writing
from archiver.cli.terminal import complain, emit, say
from archiver.errors import ParseError

if TYPE_CHECKING:
    from archiver.store.store import Archive


@click.command(
    name="import",
    epilog="\b\nExamples:\n  archiver import twitter-2026-03-12.zip\n  archiver import capture.wacz"
    "\n  archiver import session.har --url https://mastodon.example/@ann/112233445566778899",
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--url", default="", help="Which thread of a web archive is meant, if it holds several.")
@as_json
@click.pass_obj
def import_(place: Place, path: Path, url: str, as_json: bool) -> int:
    """Archive threads out of a file or folder, without the network.

    PATH is a web archive (WARC, WACZ, HAR), an article that embeds posts of X, saved as HTML, a folder of recorded
    answers, or the archive that X gives to the owner of an account (the zip, or its unpacked folder), with all threads
    of that account. What is captured in it counts from when it was captured.
    """
    from archiver.errors import AlreadyHere, ArchiverError, UsageError
    from archiver.http.client import now
    from archiver.verbs import imports

    code = 0
    try:
        if path.parts[:1] in (("http:",), ("https:",)):
            raise UsageError("import reads files; to fetch a thread: archiver save URL")
        imports.kind_of(path)  # before anything is made
        with writing(place) as (archive, _, _):
            for saved in imports.import_(archive, path, now, url):
                code = max(code, show_saved(saved, saved.document.run.url, as_json))
    except AlreadyHere as error:
        complain(f"note: {error}")
    except ArchiverError as error:
        return report(error, url, as_json)
    return code


def export_captures(archive: "Archive", threads: tuple[str, ...], warc: str, wacz: Path | None, as_json: bool) -> None:
    """Write what came over the network, and say so; `warc` is a folder if it is there, or ends with a slash."""
    from archiver.exporters.words import counted
    from archiver.files import make_folder
    from archiver.warc.export import export_wacz, export_warc

    if warc.endswith(("/", os.sep)):
        make_folder(Path(warc))
    written = (export_wacz(archive, threads, wacz),) if wacz else export_warc(archive, threads, Path(warc))
    for file in written:
        if as_json:
            emit(file=str(file.path), sha256=file.sha256, runs=file.runs, records=file.records)
        else:
            say(str(file.path))
            say(f"  {counted(file.records, 'record')} of {counted(file.runs, 'run')}, sha256 {file.sha256}")


@click.command(epilog="\b\nExample:\n  archiver reparse")
@as_json
@click.pass_obj
def reparse(place: Place, as_json: bool) -> int:
    """Read every kept answer again, offline, for the threads.

    All threads are rebuilt from them. A run that cannot be read any more is named, and the others go on. The exit code
    is 6 where it had given a thread.
    """
    from archiver.collecting import reparse as reparse_all
    from archiver.exporters.words import counted

    with changing(place) as (archive, _, _):
        made = reparse_all(archive)
    for lost in made.unreadable:
        complain(str(lost))
    if as_json:
        emit(runs=made.runs, threads=made.threads, unreadable=[lost.run for lost in made.unreadable])
    else:
        say(f"{counted(made.threads, 'thread')} from {counted(made.runs, 'run')}")
    return ParseError.exit_code if any(lost.gave_thread for lost in made.unreadable) else 0


COMMANDS: tuple[click.Command, ...] = (import_, reparse)
"""Those that `cli` adds to its own."""
