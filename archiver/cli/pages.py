"""The commands that show the archive in a browser."""

from pathlib import Path

import click

from archiver.cli.context import Place, as_json
from archiver.cli.terminal import complain, emit, say

time_zone = click.option("--tz", "tz", metavar="ZONE", help="Where the author was, for a second axis: Europe/Paris.")


@click.command(
    name="open",
    epilog="\b\nExamples:\n  archiver open 1\n  archiver open https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a",
)
@click.argument("thread")
@time_zone
@as_json
@click.pass_obj
def open_(place: Place, thread: str, tz: str | None, as_json: bool) -> None:
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

    with Archive.read(place.folder) as archive:
        document, zone = archive.document(thread), time_zone(tz) if tz else None
        try:
            path = keep_page(document, place.folder, zone).path
        except NotWritable as error:
            path = page_elsewhere(archive, document, zone).path
            complain(f"note: {error}; the page is a copy elsewhere")
    if as_json:
        emit(page=str(path))
    else:
        say(str(path))
    if not browser.show(path):
        complain("no browser was found; open the file by hand")


@click.command(epilog="\b\nExamples:\n  archiver serve\n  archiver --archive river serve --port 8080")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8017, show_default=True, help="0 takes one that is free."
)
@time_zone
@click.pass_obj
def serve(place: Place, port: int, tz: str | None) -> None:
    """Show the archive on this machine, with a search.

    The search is over all posts. It is read-only, and nobody else can see it: it listens on 127.0.0.1, and answers to
    that name only. Ctrl-C ends it.
    """
    from archiver.verbs.serve import server
    from archiver.window import time_zone

    with server(Path(place.folder), port, time_zone(tz) if tz else None) as running:
        say(f"http://127.0.0.1:{running.server_address[1]}/")
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            complain("stopped")


COMMANDS: tuple[click.Command, ...] = (open_, serve)
"""Those that `cli` adds to its own."""
