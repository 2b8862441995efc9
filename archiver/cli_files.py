"""The commands that write files for others, and read those that others have made."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.console import emit, say
from archiver.errors import UsageError
from archiver.place import Place, as_json, show_saved, writing

if TYPE_CHECKING:
    from archiver.store.store import Archive


@click.command(
    name="import",
    epilog="\b\nExamples:\n  archiver import twitter-2026-03-12.zip\n  archiver import capture.wacz"
    "\n  archiver import session.har --url https://mastodon.example/@ann/112233445566778899",
)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--url", default="", help="Which thread of a web archive is meant, if it holds several.")
@as_json
@click.pass_obj
def import_(place: Place, path: Path, url: str, as_json: bool) -> int:
    """Archive threads out of a file or folder, without the network.

    PATH is a web archive (WARC, WACZ, HAR), an article that embeds posts of X, saved as HTML, a folder of recorded
    answers, or the archive that X gives to the owner of an account (the zip, or its unpacked folder), with all threads
    of that account. What is captured in it counts from when it was captured.
    """
    from archiver import imports
    from archiver.http.client import now

    code = 0
    with writing(place) as (archive, _, _):
        for saved in imports.import_(archive, path, now, url):
            code = max(code, show_saved(saved, saved.document.run.url, as_json))
    return code


@click.command(
    epilog="\b\nExamples:\n  archiver export --out site/threads\n  archiver export --wacz harbour-ferry.wacz 1"
)
@click.argument("threads", nargs=-1, metavar="[THREAD]...")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="A folder; else the archive's threads/.")
@click.option(
    "--warc", type=click.Path(path_type=Path), help="Write all that came as a WARC; into a folder, a thread each."
)
@click.option("--wacz", type=click.Path(path_type=Path, dir_okay=False), help="Write all that came as a WACZ.")
@as_json
@click.pass_obj
def export(
    place: Place, threads: tuple[str, ...], out: Path | None, warc: Path | None, wacz: Path | None, as_json: bool
) -> None:
    """Write threads as Markdown: those named, or all.

    With --warc or --wacz, what came over the network is written instead, as web archives keep it.
    """
    from archiver import pipeline
    from archiver.store.store import Archive

    if sum(map(bool, (out, warc, wacz))) > 1:
        raise UsageError("--out, --warc and --wacz are three ways to export; give one of them")
    with Archive.read(place.folder) as archive:
        if warc or wacz:
            _export_captures(archive, threads, warc, wacz, as_json)
            return
        for document, path in pipeline.export(archive, threads, out or place.folder / pipeline.THREADS):
            if as_json:
                emit(thread=document.thread.id, url=document.thread.url, markdown=str(path))
            else:
                say(str(path))


def _export_captures(
    archive: "Archive", threads: tuple[str, ...], warc: Path | None, wacz: Path | None, as_json: bool
) -> None:
    from archiver.evidence.export import export_wacz, export_warc

    written = export_warc(archive, threads, warc) if warc else (export_wacz(archive, threads, wacz),) if wacz else ()
    for file in written:
        if as_json:
            emit(file=str(file.path), sha256=file.sha256, runs=file.runs, records=file.records)
        else:
            say(f"{file.path}\n  {file.records} records of {file.runs} runs, sha256 {file.sha256}")


COMMANDS: tuple[click.Command, ...] = (import_, export)
"""Those that `cli` adds to its own."""
