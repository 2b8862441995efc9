"""The commands that write files for others, and read those that others have made."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.context import Paths, changing, report, show_saved, writing
from archiver.cli.options import with_output
from archiver.cli.terminal import Line, Output, complain
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
@with_output
@click.pass_obj
def import_(paths: Paths, path: Path, url: str, output: Output) -> int:
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
        with writing(paths) as (archive, _, _):
            for saved in imports.import_(archive, path, now, url):
                code = max(code, show_saved(saved, output))
    except AlreadyHere as error:
        complain(f"note: {error}")
    except ArchiverError as error:
        return report(error, url, output)
    return code


def export_captures(archive: "Archive", threads: tuple[str, ...], warc: str, wacz: Path | None, output: Output) -> None:
    """Write what came over the network, and say so; `warc` is a folder if it is there, or ends with a slash."""
    from archiver.exporters.wording import counted
    from archiver.files import make_folder
    from archiver.warc.export import export_wacz, export_warc

    if warc.endswith(("/", os.sep)):
        make_folder(Path(warc))
    written = (export_wacz(archive, threads, wacz),) if wacz else export_warc(archive, threads, Path(warc))
    for file in written:
        counts = f"{counted(file.records, 'record')} of {counted(file.runs, 'run')}, sha256 {file.sha256}"
        fields = {"file": str(file.path), "sha256": file.sha256, "runs": file.runs, "records": file.records}
        output(Line(f"{file.path}\n  {counts}", fields))


@click.command(epilog="\b\nExample:\n  archiver reparse")
@with_output
@click.pass_obj
def reparse(paths: Paths, output: Output) -> int:
    """Read every kept answer again, offline, for the threads.

    All threads are rebuilt from them. A run that cannot be read any more is named, and the others go on. The exit code
    is 6 where it had given a thread.
    """
    from archiver.collecting import reparse as reparse_all
    from archiver.exporters.wording import counted

    with changing(paths) as (archive, _, _):
        rebuilt = reparse_all(archive)
    for run in rebuilt.unreadable:
        complain(str(run))
    counts = f"{counted(rebuilt.threads, 'thread')} from {counted(rebuilt.runs, 'run')}"
    unreadable = [run.run for run in rebuilt.unreadable]
    output(Line(counts, {"runs": rebuilt.runs, "threads": rebuilt.threads, "unreadable": unreadable}))
    return ParseError.exit_code if any(run.gave_thread for run in rebuilt.unreadable) else 0
