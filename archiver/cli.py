"""The command line: results on stdout, everything else on stderr, one line for each error.

Imports that cost time are inside the commands: `--help` must be there at once.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import click

from archiver import __version__, cli_evidence, cli_files, cli_pages, cli_reading
from archiver.console import complain, emit, say
from archiver.errors import ArchiverError, Interrupted
from archiver.place import MediaChoice, Place, agree, as_json, report, show_saved, with_media, writing

LONG = timedelta(days=7)  # a window above it is asked about: it may mean thousands of posts

EXAMPLES = """
\b
Examples:
  archiver save https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a
  archiver --archive river save https://mastodon.example/@ann/112233445566778899
  archiver list
  archiver export --out site/
"""


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


max_cost = click.option(
    "--max-cost",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="DOLLARS",
    help="What X's API may cost for each URL without a question.",
)

with_seal = click.option("--seal", "with_seal", is_flag=True, help="Have the time stamped then, as: archiver seal.")


@cli.command(
    epilog="\b\nExamples:\n  archiver save https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a"
    "\n  archiver save --embeds https://news.example/2017/05/senator-tweets"
)
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--replies", is_flag=True, help="Also keep what other people replied.")
@click.option(
    "--embeds", is_flag=True, help="URL is an article, or a saved page: archive the posts of X that it embeds."
)
@click.option("--proof", is_flag=True, help="Also keep what the author has signed (Bluesky; one request a post).")
@with_media
@with_seal
@max_cost
@as_json
@click.pass_obj
def save(
    place: Place,
    urls: tuple[str, ...],
    replies: bool,
    embeds: bool,
    proof: bool,
    with_seal: bool,
    max_cost: float,
    as_json: bool,
    media: MediaChoice,
) -> int:
    """Archive the thread that each URL belongs to.

    Any post of the thread will do: the first, one in the middle, the last. The bare id of a post of X does as well.
    """
    asked = {"replies": "yes"} if replies else {}
    if embeds:
        asked |= {"source": "embeds", "platform": "x"}
    if proof:
        asked |= {"proof": "yes"}
    return save_all(place, urls, asked, max_cost, as_json, with_seal, media)


@cli.command(
    epilog="\b\nExamples:"
    "\n  archiver storm SenExample --since 2017-05-03T10:30 --until 2017-05-04 --tz America/New_York"
    "\n  archiver storm ann.example.com --since 2026-03-12T08:00Z --until 2026-03-12T20:00Z"
)
@click.argument("handle")
@click.option("--since", required=True, metavar="TIME", help="When it began: 2017-05-03T10:30-04:00, or a day.")
@click.option("--until", required=True, metavar="TIME", help="When it was over; posts of that moment are left out.")
@click.option("--tz", metavar="ZONE", help="The zone of times that name none: America/New_York.")
@click.option("--platform", default="", metavar="NAME", help="Where HANDLE is at home, if its form does not tell.")
@click.option("--yes", is_flag=True, help="Do not ask about a window of more than seven days.")
@with_media
@with_seal
@max_cost
@as_json
@click.pass_obj
def storm(
    place: Place,
    handle: str,
    since: str,
    until: str,
    tz: str | None,
    platform: str,
    yes: bool,
    with_seal: bool,
    max_cost: float,
    as_json: bool,
    media: MediaChoice,
) -> int:
    """Archive what one author posted in a stretch of time.

    For the afternoon on which somebody wrote forty posts that do not answer each other.
    """
    from archiver.platforms import find_author
    from archiver.window import window

    first, last = window(since, until, tz)
    found, ref = find_author(handle, platform)
    if last - first > LONG and not yes:
        agree(f"{(last - first).days} days may mean thousands of posts. Go on?", "allow it with --yes")
    asked = {"since": first.isoformat(), "until": last.isoformat(), "platform": found.name}
    return save_all(place, [ref.url], asked, max_cost, as_json, with_seal, media)


def save_all(
    place: Place,
    urls: Sequence[str],
    asked: Mapping[str, str],
    max_cost: float,
    as_json: bool,
    with_seal: bool,
    media: MediaChoice,
) -> int:
    """Save what each address leads to and say so; return the exit code of the worst."""
    from archiver import pipeline
    from archiver.http.client import now

    code = 0
    with writing(place, max_cost) as (archive, connect, settings):
        asked = {**asked, "on": " ".join(settings.x.on)} if settings.x.on else asked
        for name, host in pipeline.onlookers(settings, urls, asked).items():
            complain(
                f"note: {host} is asked too, and whoever runs it sees which posts you archive ({name} in archiver.toml)"
            )
        wants, page = media.wanted(settings), settings.evidence.page
        for url in urls:
            try:
                saved = (
                    pipeline.archive_page(archive, Path(url), now, asked)
                    if "source" in asked and Path(url).is_file()
                    else pipeline.archive(archive, url, connect, now, asked, with_page=page, media=wants)
                )
            except ArchiverError as error:
                code = max(code, report(error, url, as_json))
            else:
                code = max(code, show_saved(saved, url, as_json))
            if code == Interrupted.exit_code:
                return code
        if with_seal:
            code = max(code, cli_evidence.sealed(archive, settings.evidence, connect, as_json))
    return code


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


@cli.command(epilog="\b\nExample:\n  archiver reparse")
@as_json
@click.pass_obj
def reparse(place: Place, as_json: bool) -> None:
    """Read every kept answer again and rebuild the threads from them, offline."""
    from archiver import pipeline

    with writing(place) as (archive, _, _):
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


for command in (*cli_files.COMMANDS, *cli_reading.COMMANDS, *cli_pages.COMMANDS, *cli_evidence.COMMANDS):
    cli.add_command(command)


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
