"""The commands that collect: a thread from any of its posts, a storm from its author and a stretch of time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.context import MediaChoice, Place, agree, as_json, report, show_saved, with_media, writing
from archiver.cli.evidence import sealed
from archiver.cli.terminal import complain
from archiver.errors import ArchiverError, Interrupted

if TYPE_CHECKING:
    from archiver.options import Options

LONG = timedelta(days=7)  # a window above it is asked about: it may mean thousands of posts

max_cost = click.option(
    "--max-cost",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="DOLLARS",
    help="What X's API may cost for each URL without a question.",
)

with_proof = click.option(
    "--proof", is_flag=True, help="Also keep what the author has signed (Bluesky; one request a post)."
)

with_seal = click.option("--seal", "with_seal", is_flag=True, help="Have the time stamped then, as: archiver seal.")


@click.command(
    epilog="\b\nExamples:\n  archiver save https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a"
    "\n  archiver save --embeds https://news.example/2017/05/senator-tweets"
)
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--replies", is_flag=True, help="Also keep what other people replied.")
@click.option(
    "--embeds", is_flag=True, help="URL is an article, or a saved page: archive the posts of X that it embeds."
)
@with_proof
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
    from archiver.options import Options
    from archiver.platforms import reader_of

    source, platform = ("embeds", reader_of("embeds").name) if embeds else ("", "")
    options = Options(replies=replies, proof=proof, source=source, platform=platform)
    return save_all(place, urls, options, max_cost, as_json, with_seal, media)


@click.command(
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
@with_proof
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
    proof: bool,
    with_seal: bool,
    max_cost: float,
    as_json: bool,
    media: MediaChoice,
) -> int:
    """Archive what one author posted in a stretch of time.

    For the afternoon on which somebody wrote forty posts that do not answer each other.
    """
    from archiver.options import Options
    from archiver.platforms import find_author
    from archiver.window import window

    first, last = window(since, until, tz)
    found, ref = find_author(handle, platform)
    if last - first > LONG and not yes:
        agree(f"{(last - first).days} days may mean thousands of posts. Go on?", "allow it with --yes")
    options = Options(since=first, until=last, zone=tz or "", platform=found.name, proof=proof)
    return save_all(place, [ref.url], options, max_cost, as_json, with_seal, media)


def save_all(
    place: Place,
    urls: Sequence[str],
    options: "Options",
    max_cost: float,
    as_json: bool,
    with_seal: bool,
    media: MediaChoice,
) -> int:
    """Save what each address leads to and say so; return the exit code of the worst."""
    from archiver import collecting, network
    from archiver.http.client import now
    from archiver.platforms import is_address
    from archiver.verbs import capture

    refusals = {url: refusal for url in urls if (refusal := collecting.refusal(url, options))}
    if len(refusals) == len(set(urls)):  # nothing is made for a slip of the hand
        return max([report(refusals[url], url, as_json) for url in urls])
    code = 0
    with writing(place, max_cost) as (archive, connect, settings):
        options = replace(options, third_parties=network.sources_on(settings))
        for name, host in collecting.onlookers(settings, urls, options).items():
            complain(
                f"note: {host} is asked too, and whoever runs it sees which posts you archive ({name} in archiver.toml)"
            )
        wants, page = media.wanted(settings), settings.evidence.page
        for url in urls:
            try:
                if url in refusals:
                    raise refusals[url]
                saved = (
                    capture.archive_page(archive, Path(url), now, options)
                    if options.source and not is_address(url)
                    else capture.archive(archive, url, connect, now, options, with_page=page, media=wants)
                )
            except ArchiverError as error:
                code = max(code, report(error, url, as_json))
            else:
                code = max(code, show_saved(saved, url, as_json))
            if code == Interrupted.exit_code:
                return code
        if with_seal:
            code = max(code, sealed(archive, settings.evidence, connect, as_json))
    return code


COMMANDS: tuple[click.Command, ...] = (save, storm)
"""Those that `cli` adds to its own."""
