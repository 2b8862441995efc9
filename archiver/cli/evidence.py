"""The commands about evidence: sealing what is archived, taking content out, handing the archive on."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.context import PROBLEMS, Paths, changing, report
from archiver.cli.options import Target, with_consent, with_output
from archiver.cli.terminal import Output, complain
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.config import Evidence
    from archiver.store.store import Archive
    from archiver.verbs.capture import Connect
    from archiver.verbs.redaction import Consent


@click.command(epilog="\b\nExample:\n  archiver seal")
@with_output
@click.pass_obj
def seal(paths: Paths, output: Output) -> int:
    """Have somebody outside vouch for the time.

    They vouch that the archive was there as it is now. The newest head of the ledger is stamped with the time, by RFC
    3161, by the first authority of the configuration that does, and by calendars of OpenTimestamps, if some are named.
    They receive a digest and nothing else.
    """
    with changing(paths) as (archive, connect, settings):
        return seal_archive(archive, settings.evidence, connect, output)


def seal_archive(archive: "Archive", settings: "Evidence", connect: "Connect", output: Output) -> int:
    """Seal an archive and say so; return the exit code, which is an error's where no authority gave a stamp."""
    from archiver.http.client import now
    from archiver.verbs.sealing import seal

    sealed = seal(archive, settings, connect, now)
    if sealed.is_vouched_for:
        output(sealed)
    if sealed.error:
        return report(sealed.error, "", output)
    for remark in sealed.remarks:
        complain(remark)
    return 0


@click.command(
    epilog="\b\nExamples:\n  archiver redact 3 --post 112233445566778899 --reason 'a child is shown'"
    "\n  archiver redact 3 --post 3lbq2vxkm4s2a --post 3lbq2vxkm4s2b --reason 'by court order 1 O 23/26' --body"
)
@click.argument("thread")
@click.option(
    "--post", "posts", multiple=True, required=True, metavar="ID", help="A post's id or URL; may be repeated."
)
@click.option(
    "--reason", required=True, metavar="TEXT", help="Why; it is shown in the post's place, and kept for good."
)
@click.option("--body", "whole", is_flag=True, help="Also remove whatever came together with the post.")
@with_consent("Do not ask.")
@with_output
@click.pass_obj
def redact(
    paths: Paths, thread: str, posts: tuple[str, ...], reason: str, whole: bool, consent: "Consent", output: Output
) -> None:
    """Withhold posts of a THREAD: their content goes for good.

    THREAD is its number in the list, its whole id, or the URL of any post in it. Text, media
    and previews go out of the kept answers, the threads, their documents and the search index. The post stays as a gap
    that gives the reason, and the ledger says what was removed, so that verify can tell it from damage. Backups, copies
    and files that were exported elsewhere still hold it.
    """
    from archiver.http.client import now
    from archiver.verbs.redaction import redact

    reason = " ".join(reason.split())
    if not reason:
        raise UsageError("--reason is empty; it is what a reader sees in the place of the post")
    with changing(paths) as (archive, _, _):
        redacted = redact(archive, thread, posts, reason, whole, consent, now())
    output(redacted)
    for remark in redacted.remarks:
        complain(remark)


@click.command(
    epilog="\b\nExamples:\n  archiver attach 1 screenshot.png --note 'as shown to a logged-in reader'"
    "\n  archiver attach 3lbq2vxkm4s2a page.wacz"
)
@click.argument("thread")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--note", default="", metavar="TEXT", help="What it shows, and how it was made.")
@with_output
@click.pass_obj
def attach(paths: Paths, thread: str, files: tuple[Path, ...], note: str, output: Output) -> None:
    """Put files beside a THREAD, sealed as it is.

    THREAD is its number in the list, its whole id, or the URL of any post in it. A screenshot, a PDF, what a browser
    has recorded: each is copied into the archive, sealed in the same ledger, and named in the thread's document.
    """
    from archiver.http.client import now
    from archiver.verbs.attach import attach

    with changing(paths) as (archive, _, _):
        for path in files:
            output(attach(archive, thread, path, note, now()))


@click.command(epilog="\b\nExample:\n  archiver backup /media/usb/archive-2026-03-12")
@click.argument("folder", type=Target(path_type=Path, file_okay=False))
@with_output
@click.pass_obj
def backup(paths: Paths, folder: Path, output: Output) -> int:
    """Copy the archive into a new FOLDER, and verify the copy.

    It may be in use meanwhile. All of it is copied but archiver.toml, which may hold tokens. The exit code is 7 where
    verification finds a problem.
    """
    from archiver.http.client import now
    from archiver.store.store import Archive
    from archiver.verbs.backup import backup

    with Archive.read(paths.folder) as archive:
        copy = backup(archive, folder, now())
    for problem in copy.problems:
        complain(str(problem))
    output(copy)
    return PROBLEMS if copy.problems else 0


@click.command(epilog="\b\nExamples:\n  archiver remove 3\n  archiver remove 3 --purge --reason 'saved by mistake'")
@click.argument("thread")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept for good. Needed for --purge.")
@click.option("--purge", is_flag=True, help="Also remove what came for this thread alone, for good.")
@with_consent("Do not ask.")
@with_output
@click.pass_obj
def remove(paths: Paths, thread: str, reason: str, purge: bool, consent: "Consent", output: Output) -> None:
    """Remove a THREAD that was saved by mistake.

    THREAD is its number in the list, its whole id, or the URL of any post in it. It goes out of the list, the documents
    and the search; the ledger says so. What came is kept as evidence, unless --purge takes that away too. To have the
    thread back, save it again.
    """
    from archiver.http.client import now
    from archiver.verbs.redaction import remove

    reason = " ".join(reason.split())
    if purge and not reason:
        raise UsageError("--purge removes evidence for good; give a --reason, which the ledger keeps")
    with changing(paths) as (archive, _, _):
        removed = remove(archive, thread, reason, purge, consent, now())
    output(removed)
    for remark in removed.remarks:
        complain(remark)
