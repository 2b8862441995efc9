"""The commands that show the archive in a browser."""

from pathlib import Path

import click

from archiver.cli.context import Paths
from archiver.cli.options import with_output, with_time_zone
from archiver.cli.terminal import Line, Output, complain, say


@click.command(
    name="open",
    epilog="\b\nExamples:\n  archiver open 1\n  archiver open https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a",
)
@click.argument("thread")
@with_time_zone
@with_output
@click.pass_obj
def open_(paths: Paths, thread: str, tz: str | None, output: Output) -> None:
    """Open a THREAD as a page in the browser.

    THREAD is its number in the list, its id or at least 6 characters from its beginning, or the URL of any post in it.
    The page is written into pages/ of the archive's folder, or among the temporary files where that is read-only. It
    needs no network, and no script.
    """
    from archiver.cli import browser
    from archiver.errors import NotWritable
    from archiver.publish import keep_page, page_elsewhere
    from archiver.store.store import Archive
    from archiver.window import time_zone

    with Archive.read(paths.folder) as archive:
        document, zone = archive.document(thread), time_zone(tz) if tz else None
        try:
            path = keep_page(document, paths.folder, zone).path
        except NotWritable as error:
            path = page_elsewhere(archive, document, zone).path
            complain(f"note: {error}; the page is a copy elsewhere")
    output(Line(str(path), {"page": str(path)}))
    if not browser.show(path):
        complain("no browser was found; open the file by hand")


@click.command(epilog="\b\nExamples:\n  archiver serve\n  archiver --archive river serve --port 8080")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8017, show_default=True, help="0 takes one that is free."
)
@with_time_zone
@click.pass_obj
def serve(paths: Paths, port: int, tz: str | None) -> None:
    """Show the archive on this machine, with a search.

    The search is over all posts. It is read-only, and nobody else can see it: it listens on 127.0.0.1, and answers to
    that name only. Ctrl-C ends it.
    """
    from archiver.verbs.serve import server
    from archiver.window import time_zone

    with server(Path(paths.folder), port, time_zone(tz) if tz else None) as running:
        say(f"http://127.0.0.1:{running.server_address[1]}/")
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            complain("stopped")
