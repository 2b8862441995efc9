"""The commands that collect: a thread from any of its posts, a storm from its author and a stretch of time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from archiver.cli.context import Paths, report, show_saved, writing
from archiver.cli.evidence import seal_archive
from archiver.cli.options import Saving, with_consent, with_output, with_saving
from archiver.cli.terminal import Output, complain
from archiver.errors import ArchiverError, Interrupted

if TYPE_CHECKING:
    from archiver.options import Options
    from archiver.verbs.redaction import Consent

LONG = timedelta(days=7)  # a window above it is asked about: it may mean thousands of posts


@click.command(
    epilog="\b\nExamples:\n  archiver save https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a"
    "\n  archiver save --embeds https://news.example/2017/05/senator-tweets"
)
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--replies", is_flag=True, help="Also keep what other people replied.")
@click.option(
    "--embeds", is_flag=True, help="URL is an article, or a saved page: archive the posts of X that it embeds."
)
@with_saving
@with_output
@click.pass_obj
def save(paths: Paths, urls: tuple[str, ...], replies: bool, embeds: bool, saving: Saving, output: Output) -> int:
    """Archive the thread that each URL belongs to.

    Any post of the thread will do: the first, one in the middle, the last. The bare id of a post of X does as well.
    """
    from archiver.options import Options
    from archiver.platforms import reader_of

    source, platform = ("embeds", reader_of("embeds").name) if embeds else ("", "")
    return save_all(paths, urls, Options(replies=replies, source=source, platform=platform), saving, output)


@click.command(
    epilog="\b\nExamples:"
    "\n  archiver storm SenExample --since 2017-05-03T10:30 --until 2017-05-04 --tz America/New_York"
    "\n  archiver storm ann.example.com --since 2026-03-12T08:00Z --until 2026-03-12T20:00Z"
)
@click.argument("handle")
@click.option("--since", required=True, metavar="TIME", help="When it began: 2017-05-03T10:30-04:00, or a day.")
@click.option("--until", required=True, metavar="TIME", help="When it was over; posts of that moment are left out.")
@click.option("--tz", metavar="ZONE", help="The zone of times that name none: America/New_York.")
@click.option("--platform", default="", metavar="NAME", help="The platform of HANDLE, if its form does not show it.")
@with_consent("Do not ask about a window of more than seven days.")
@with_saving
@with_output
@click.pass_obj
def storm(
    paths: Paths,
    handle: str,
    since: str,
    until: str,
    tz: str | None,
    platform: str,
    consent: "Consent",
    saving: Saving,
    output: Output,
) -> int:
    """Archive what one author posted in a stretch of time.

    For the afternoon on which somebody wrote forty posts that do not answer each other.
    """
    from archiver.options import Options
    from archiver.platforms import find_author
    from archiver.window import window

    first, last = window(since, until, tz)
    network, ref = find_author(handle, platform)
    if last - first > LONG:
        consent(f"{(last - first).days} days may mean thousands of posts. Go on?")
    options = Options(since=first, until=last, zone=tz or "", platform=network.name)
    return save_all(paths, [ref.url], options, saving, output)


def save_all(paths: Paths, urls: Sequence[str], options: "Options", saving: Saving, output: Output) -> int:
    """Save what each address leads to and say so; return the exit code of the worst."""
    from archiver import collecting, network
    from archiver.http.client import now
    from archiver.verbs import capture

    options = replace(options, proof=saving.proof)
    refusals = [refusal for url in urls if (refusal := collecting.refusal(url, options))]
    if len(refusals) == len(urls):  # nothing is made for a slip of the hand
        return max([report(refusal, url, output) for refusal, url in zip(refusals, urls, strict=True)])
    code = 0
    with writing(paths, saving.max_cost) as (archive, connect, settings):
        options = replace(options, third_parties=network.sources_on(settings))
        for name, host in collecting.onlookers(settings, urls, options).items():
            complain(
                f"note: {host} is asked too, and whoever runs it sees which posts you archive ({name} in archiver.toml)"
            )
        page, media = settings.evidence.page, saving.wanted(settings)
        for url in urls:
            try:
                saved = capture.save(archive, url, connect, now, options, page, media)
            except ArchiverError as error:
                code = max(code, report(error, url, output))
            else:
                code = max(code, show_saved(saved, output))
            if code == Interrupted.exit_code:
                return code
        if saving.seal:
            code = max(code, seal_archive(archive, settings.evidence, connect, output))
    return code
