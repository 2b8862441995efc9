"""The commands about evidence: sealing what is archived, checking it, handing it on."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.context import PROBLEMS, Place, Target, agree, as_json, changing, report
from archiver.cli.terminal import complain, emit, say
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.config import Evidence
    from archiver.evidence.seal import Connect, Seal
    from archiver.store.store import Archive

ROOTS = "ROOTS.pem holds the root certificate of who stamped: often /etc/ssl/certs/ca-certificates.crt, or ask them"
UNDONE = "nothing was done; allow it with --yes"


def summarised(archive: "Archive", id_: str) -> str:
    """Return in words which thread an id is of, for somebody who is asked about it."""
    from archiver.exporters.words import counted

    [thread] = [summary for summary in archive.threads() if summary.id == id_]
    posts = counted(thread.posts, "post")
    return f"thread {thread.number} (“{thread.title}” by @{thread.author}, {posts}, {thread.url})"


@click.command(epilog="\b\nExample:\n  archiver seal")
@as_json
@click.pass_obj
def seal(place: Place, as_json: bool) -> int:
    """Have somebody outside vouch for the time.

    They vouch that the archive was there as it is now. The newest head of the ledger is stamped with the time, by RFC
    3161, by the first authority of the configuration that does, and by calendars of OpenTimestamps, if some are named.
    They learn a digest, and nothing else.
    """
    with changing(place) as (archive, connect, settings):
        return sealed(archive, settings.evidence, connect, as_json)


def sealed(archive: "Archive", settings: "Evidence", connect: "Connect", as_json: bool) -> int:
    """Seal an archive and say so; return the exit code, which is an error's where no authority gave a stamp."""
    import secrets

    from archiver.evidence.seal import seal
    from archiver.http.client import now
    from archiver.routes import most_telling

    done = seal(archive, settings, connect, now, lambda: secrets.randbits(63))
    if done.stamped_by or done.promised_by:
        _show_seal(done, as_json)
    if not done.stamped_by and (settings.tsa or not done.promised_by):
        return report(most_telling(done.failures), "", as_json)
    for failure in done.failures:
        complain(f"another was asked and failed: {failure}")
    return 0


def _show_seal(done: "Seal", as_json: bool) -> None:
    from archiver.exporters.lines import short

    if as_json:
        emit(
            receipt=done.entry.receipt,
            seq=done.entry.seq,
            head=done.entry.hash,
            stamped_by=done.stamped_by,
            time=done.time.isoformat() if done.time else None,
            promised_by=list(done.promised_by),
            files=[str(path) for path in done.files],
            checks=list(done.checks),
        )
        return
    say(f"sealed: {short(done.entry.receipt)}")
    if done.time:
        say(f"  stamped by {done.stamped_by} at {done.time:%Y-%m-%d %H:%M:%S} UTC, by its clock")
    for name in done.promised_by:
        say(f"  promised by {name}; complete it in some hours with: ots upgrade {done.files[-1]}")
    for path in done.files:
        say(f"  {path}")
    say("  to check it without this program:")
    for command in done.checks:
        say(f"    {command}")
    if done.stamped_by:
        say(f"    ({ROOTS})")


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
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@click.pass_obj
def redact(
    place: Place, thread: str, posts: tuple[str, ...], reason: str, whole: bool, yes: bool, as_json: bool
) -> None:
    """Withhold posts of a THREAD: their content goes for good.

    THREAD is its number in the list, its whole id, or the URL of any post in it. By law or out of mercy. Text, media
    and previews go out of the kept answers, the threads, their documents and the search index. The post stays as a gap
    that gives the reason, and the ledger says what was removed, so that verify can tell it from damage. Backups, copies
    and files that were exported elsewhere still hold it.
    """
    from archiver.exporters.lines import short
    from archiver.exporters.words import counted
    from archiver.http.client import now
    from archiver.redaction import redact
    from archiver.redaction.withhold import Order, named

    reason = " ".join(reason.split())
    if not reason:
        raise UsageError("--reason is empty; it is what a reader sees in the place of the post")
    with changing(place) as (archive, _, settings):
        id_ = archive.index.named(thread)
        document = archive.document(id_)
        ids = named(document, posts)
        if not yes:
            which = f"{counted(len(ids), 'post')} of {summarised(archive, id_)}"
            agree(f"The content of {which} would be removed for good. Go on?", UNDONE)
        order = Order(
            thread=document.thread.url,
            posts=ids,
            reason=reason,
            operator=settings.evidence.operator,
            whole=whole,
        )
        done = redact.redact(archive, order, now())
    whole_bodies = sum(not left for left in done.bodies.values())
    if as_json:
        emit(
            thread=document.thread.url,
            posts=list(done.posts),
            bodies=len(done.bodies),
            removed=whole_bodies,
            files=list(done.files),
            still=[str(path) for path in done.still],
            receipt=done.entry.receipt,
        )
        return
    say(f"withheld: {', '.join(done.posts)}")
    say(f"  answers changed: {len(done.bodies)}, gone as a whole: {whole_bodies}, files deleted: {len(done.files)}")
    say(f"  {short(done.entry.receipt)}")
    for path in done.still:
        complain(f"note: {path} still says something of it; edit or delete it")
    for file in document.attached:
        complain(f"note: look whether it shows in what was attached: {file.name}")


@click.command(
    epilog="\b\nExamples:\n  archiver attach 1 screenshot.png --note 'as shown to a logged-in reader'"
    "\n  archiver attach 3lbq2vxkm4s2a page.wacz"
)
@click.argument("thread")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--note", default="", metavar="TEXT", help="What it shows, and how it was made.")
@as_json
@click.pass_obj
def attach(place: Place, thread: str, files: tuple[Path, ...], note: str, as_json: bool) -> None:
    """Put files beside a THREAD, sealed as it is.

    THREAD is its number in the list, its whole id, or the URL of any post in it. A screenshot, a PDF, what a browser
    has recorded: each is copied into the archive, sealed in the same ledger, and named in the thread's document.
    """
    from archiver import publish
    from archiver.exporters.lines import short
    from archiver.http.client import now
    from archiver.verbs.attach import attach

    with changing(place) as (archive, _, _):
        for path in files:
            added = attach(archive, thread, path, note, now())
            markdown = publish.keep(archive.document(added.thread), place.folder).path
            if as_json:
                file = {"sha256": added.file.sha256, "size": added.file.size, "file": added.file.path}
                emit(thread=added.thread, name=added.name, **file, receipt=added.entry.receipt, markdown=str(markdown))
            else:
                say(f"{added.name}: kept as {added.file.path}, sha256 {added.file.sha256}")
                say(f"  {short(added.entry.receipt)}")
                say(f"  {markdown}")


@click.command(epilog="\b\nExample:\n  archiver backup /media/usb/archive-2026-03-12")
@click.argument("folder", type=Target(path_type=Path, file_okay=False))
@as_json
@click.pass_obj
def backup(place: Place, folder: Path, as_json: bool) -> int:
    """Copy the archive into a new FOLDER, and verify the copy.

    It may be in use meanwhile. All of it is copied but archiver.toml, which may hold tokens. The exit code is 7 where
    verification finds a problem.
    """
    from archiver.evidence.finding import result
    from archiver.exporters.lines import short
    from archiver.exporters.words import counted
    from archiver.http.client import now
    from archiver.store.store import Archive
    from archiver.verbs.backup import backup

    with Archive.read(place.folder) as archive:
        copied = backup(archive, folder, now())
    came_to = result(copied.findings)
    for problem in [str(finding) for finding in copied.findings if finding.level == "problem"]:
        complain(problem)
    if as_json:
        receipt = copied.entry.receipt if copied.entry else ""
        emit(folder=str(folder), files=copied.files, size=copied.size, receipt=receipt, problems=came_to.problems)
    else:
        say(f"{folder}: {counted(copied.files, 'file')}, {counted(copied.size, 'byte')}")
        say(f"  {short(copied.entry.receipt) if copied.entry else 'an empty ledger'}")
        say(f"  verified: {came_to}")
    return PROBLEMS if came_to.problems else 0


@click.command(epilog="\b\nExamples:\n  archiver remove 3\n  archiver remove 3 --purge --reason 'saved by mistake'")
@click.argument("thread")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept for good. Needed for --purge.")
@click.option("--purge", "with_purge", is_flag=True, help="Also remove what came for this thread alone, for good.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@click.pass_obj
def remove(place: Place, thread: str, reason: str, with_purge: bool, yes: bool, as_json: bool) -> None:
    """Remove a THREAD that was saved by mistake.

    THREAD is its number in the list, its whole id, or the URL of any post in it. It goes out of the list, the documents
    and the search; the ledger says so. What came is kept as evidence, unless --purge takes that away too. To have the
    thread back, save it again.
    """
    from archiver import publish
    from archiver.exporters.lines import short
    from archiver.http.client import now
    from archiver.redaction import removal

    reason = " ".join(reason.split())
    if with_purge and not reason:
        raise UsageError("--purge removes evidence for good; give a --reason, which the ledger keeps")
    bodies = files = 0
    with changing(place) as (archive, _, _):
        id_ = archive.index.named(thread)
        document = archive.document(id_)
        if not yes:
            what = "with all that came for it alone, for good" if with_purge else "and what came is kept"
            agree(f"{summarised(archive, id_)} would be removed, {what}. Go on?", UNDONE)
        before = publish.documents(archive)
        if with_purge:
            entry, bodies, files = removal.purge(archive, id_, reason, now())
        else:
            entry = removal.remove(archive, id_, reason, now())
        edited = publish.removed(archive, before)
    if as_json:
        emit(thread=document.thread.url, removed=bodies, files=files, edited=list(edited), receipt=entry.receipt)
    else:
        say(f"removed: {document.thread.url}")
        if with_purge:
            say(f"  answers gone: {bodies}, files deleted: {files}")
        say(f"  {short(entry.receipt)}")
    for name in edited:
        complain(f"note: {name} was edited, or is not of this program, and stays as it is")


COMMANDS: tuple[click.Command, ...] = (seal, redact, remove, attach, backup)
"""Those that `cli` adds to its own."""
