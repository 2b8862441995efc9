"""The commands about reading: what is archived, here, and written for people who never run this program."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from archiver.cli.context import Paths
from archiver.cli.files import export_captures
from archiver.cli.options import Target, with_output
from archiver.cli.terminal import Line, Output, complain
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.publish import Choice, Written

FORMATS = ("md", "html", "json", "csv", "txt")
MODES = ("record", "article")


@click.command(name="list", epilog="\b\nExample:\n  archiver list")
@with_output
@click.pass_obj
def list_(paths: Paths, output: Output) -> None:
    """List the archived threads."""
    from archiver.exporters.terminal import summary_fields, summary_text
    from archiver.store.store import Archive

    with Archive.read(paths.folder) as archive:
        threads = archive.threads()
        if not threads:
            complain(f"no threads yet in {paths.folder}; archive one with: archiver save URL")
        for thread in threads:
            output(Line(summary_text(thread), summary_fields(thread)))


@click.command(epilog="\b\nExample:\n  archiver show 1")
@click.argument("thread")
@with_output
@click.pass_obj
def show(paths: Paths, thread: str, output: Output) -> None:
    """Print a THREAD.

    THREAD is its number in the list, its id or at least 6 characters from its beginning, or the URL of any post in it.
    """
    from archiver.exporters.terminal import json_lines, text
    from archiver.store.store import Archive

    with Archive.read(paths.folder) as archive:
        document = archive.document(thread)
    output(Line(text(document)))
    for fields in json_lines(document):  # as JSON, each post is a line of its own
        output(Line(fields=fields))


@click.command(
    epilog="\b\nExamples:\n  archiver export --out site/\n  archiver export --out site/ --mode article 1"
    "\n  archiver export --out site/ --format html --tz America/New_York"
    "\n  archiver export --out vault/ --vault\n  archiver export --out copy/ --pseudonyms --format csv"
    "\n  archiver export --wacz harbour-ferry.wacz 1"
)
@click.argument("threads", nargs=-1, metavar="[THREAD]...")
@click.option("--out", type=Target(path_type=Path, file_okay=False), help="A folder; else the archive's own.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="md", show_default=True, help="The format of the files."
)
@click.option(
    "--mode", type=click.Choice(MODES), default="record", show_default=True, help="Post by post, or one running text."
)
@click.option("--replies", is_flag=True, help="In an article, add branches, answers and what other people replied.")
@click.option("--pseudonyms", is_flag=True, help="Call everybody but the author “Reader 1”, “Reader 2”, ….")
@click.option("--show-sensitive", is_flag=True, help="Show pictures that are marked as sensitive, not only link them.")
@click.option("--tz", default="", metavar="ZONE", help="Where the author was, for timelines: America/New_York.")
@click.option("--pdf", is_flag=True, help="Print each page as a PDF too, with a Chromium of this machine.")
@click.option("--vault", is_flag=True, help="Add a note for each account, and link to it, as Obsidian does.")
@click.option("--base", default="", metavar="URL", help="Where the folder will be published, for its feeds.")
@click.option(
    "--warc",
    type=Target(),
    help="Write all that came as a WARC; into a folder (DIR/), a thread each. Nothing is overwritten.",
)
@click.option(
    "--wacz", type=Target(path_type=Path, dir_okay=False), help="Write all that came as a WACZ, in the same way."
)
@with_output
@click.pass_obj
def export(
    paths: Paths,
    /,
    threads: tuple[str, ...],
    out: Path | None,
    warc: str | None,
    wacz: Path | None,
    output: Output,
    **chosen: str | bool,
) -> None:
    """Write threads for people to read: those named, or all.

    Without --out the archive's own folder is brought up to date. With it, a folder is written that can be published:
    threads/, media/, index.md, feeds. A file that somebody has edited stays as it is. With --warc or --wacz, what came
    over the network is written instead, as web archives keep it.
    """
    from archiver.cli.browser import chromium
    from archiver.platforms import is_address
    from archiver.publish import publish
    from archiver.store.store import Archive

    base = str(chosen["base"])
    if base and not is_address(base):
        raise UsageError(f"--base {base} is no address; it looks like https://paper.example/threads/")
    if sum(map(bool, (out, warc, wacz))) > 1:
        raise UsageError("--out, --warc and --wacz are three ways to export; give one of them")
    if warc or wacz:
        as_documents(chosen, "--warc" if warc else "--wacz")
    choice = choice_of(chosen, out)
    program = chromium() if chosen["pdf"] else ""
    with Archive.read(paths.folder) as archive:
        if warc or wacz:
            export_captures(archive, threads, warc or "", wacz, output)
            return
        for written in publish(archive, threads, out or paths.folder, choice):
            show_written(written, choice.form, output)
            if program:
                print_page(written.put.path, program, output)


def as_documents(names: Iterable[str], way: str) -> None:
    """Raise UsageError where one of the options was given: they say how documents are written, and captures are not."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = "format" if name == "form" else name.replace("_", "-")
            raise UsageError(f"--{option} is for documents, and {way} writes what came over the network; leave it out")


def choice_of(chosen: dict[str, str | bool], out: Path | None) -> "Choice":
    """Return what is chosen by the options. Raises UsageError for what the archive's own documents cannot be."""
    from archiver.exporters.style import Style
    from archiver.publish import Choice
    from archiver.window import time_zone

    if chosen["pdf"]:
        if chosen["form"] not in ("md", "html"):
            raise UsageError("--pdf prints pages; give it with --format html")
        chosen = {**chosen, "form": "html"}
    if chosen["mode"] == "article" and chosen["form"] != "md":
        raise UsageError("an article is written as Markdown; leave out --format and --pdf, or --mode article")
    if chosen["replies"] and chosen["mode"] != "article":
        raise UsageError("--replies is for articles; all else has what other people replied, if the archive has it")
    for name in ("pseudonyms", "vault", "show_sensitive"):
        if chosen[name] and out is None:
            raise UsageError(f"--{name.replace('_', '-')} is for documents elsewhere; say where with --out DIRECTORY")
    return Choice(
        form=str(chosen["mode"] if chosen["form"] == "md" else chosen["form"]),
        style=Style(
            sensitive=bool(chosen["show_sensitive"]),
            replies=bool(chosen["replies"]),
            zone=time_zone(str(chosen["tz"])) if chosen["tz"] else None,
        ),
        pseudonyms=bool(chosen["pseudonyms"]),
        vault=bool(chosen["vault"]),
        base=str(chosen["base"]),
    )


def print_page(page: Path, program: str, output: Output) -> None:
    """Print a page that was written into a PDF beside it."""
    from archiver.cli.browser import pdf

    target = page.with_suffix(".pdf")
    pdf(page, target, program)
    output(Line(str(target), {"file": str(target)}))


def show_written(written: "Written", form: str, output: Output) -> None:
    """Say where a thread was written, and what stood in the way."""
    thread, put = written.document.thread, written.put
    markdown = {"markdown": str(put.path)} if form in MODES else {}
    fields = {"thread": thread.id, "url": thread.url, **markdown, "file": str(put.path)}
    output(Line(str(put.path), {**fields, "changed": put.changed, "edited": put.edited}))
    if put.note:
        complain(f"note: {put.note}")
    for name in written.lacking:
        complain(f"note: {name} is not in the archive's folder, and the document shows nothing in its place")
