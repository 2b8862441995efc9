"""A redaction from end to end: bodies, the ledger, derived rows, documents, files and free pages."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from glob import escape
from pathlib import Path

from archiver.collecting import keep_thread, readable, reparse
from archiver.errors import ArchiveError
from archiver.layout import DATABASE, MEDIA
from archiver.publish import keep, path_of
from archiver.redaction.scrub import Content, is_said
from archiver.redaction.withhold import Order, Redaction, withhold, withhold_in
from archiver.store.store import Archive

AGAIN = "it came again, and is withheld as before"
LARGEST = 64 << 20  # bytes of a file that is searched
NOTE = "note: content that this archive withholds came again, and was taken out again"


def redact(archive: Archive, order: Order, now: datetime) -> Redaction:
    """Withhold posts: in what is kept, in all threads that show or quote them, in their documents and files.

    In the database it counts as a whole or not at all. What was copied or exported elsewhere is out of reach.
    """
    before = _documents(archive)
    with archive.redactions.changing():
        redaction = withhold(archive, order, partial(readable, archive), now)
        for lost in reparse(archive).unreadable:
            raise ArchiveError(f"run {lost.run} ({lost.url}) {lost.what}; nothing was withheld")
        archive.redactions.forget_words()
        for id_, path in before.items():
            if keep(archive.document(id_), archive.folder, over=True).path != path:
                path.unlink(missing_ok=True)  # its name told when the first post was written
            for beside in path.parent.glob(f"{escape(path.stem)}.new*"):
                beside.unlink()  # what was written beside a document that somebody has edited
    wipe(archive)
    return replace(redaction, still=tuple(_still(archive.folder, redaction.known)))


def again(archive: Archive, run: str, now: datetime) -> tuple[str, ...]:
    """Withhold what a run has brought of posts that are withheld; return a note where it has."""
    manifests = archive.redactions.manifests()
    if not manifests:
        return ()
    posts = frozenset(id_ for manifest in manifests for id_ in manifest["posts"])
    order = Order(thread="", posts=posts, reason=AGAIN, whole=any(manifest["whole"] for manifest in manifests))
    with archive.redactions.changing():
        runs = [run, *archive.redactions.later_runs()]
        redaction = withhold_in(archive, order, partial(readable, archive), now, runs)
        if redaction and (thread := archive.redactions.transcript(run) or readable(archive, run)):
            keep_thread(archive, run, thread)
            archive.redactions.forget_words()
    if redaction or any((archive.folder / name).exists() for name in archive.redactions.withheld_files()):
        wipe(archive)
    return (NOTE,) if redaction else ()


def _documents(archive: Archive) -> Mapping[str, Path]:
    """Return which documents are there, by their threads."""
    paths = {summary.id: path_of(archive, archive.document(summary.id)) for summary in archive.threads()}
    return {id_: path for id_, path in paths.items() if path.exists()}


def _still(folder: Path, content: Content) -> Iterator[Path]:
    """Yield the files beside the database that say something of the posts; people put their own there."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(DATABASE) and path.stat().st_size <= LARGEST:
            text = path.read_bytes().decode("utf-8", "replace")
            if is_said(text, content) or any(file in text for file in content.files):
                yield path


def wipe(archive: Archive) -> None:
    """Overwrite and delete all files that are withheld, and what the database has freed."""
    folder = archive.folder.resolve()
    for part in folder.rglob("*.part"):  # of a process that was killed
        part.unlink(missing_ok=True)
    for name in archive.redactions.withheld_files():
        path = (folder / name).resolve()
        if path.is_relative_to(folder / MEDIA):  # an entry that somebody has forged may name any file
            _overwrite(path)
    archive.redactions.overwrite()


def _overwrite(path: Path) -> None:
    try:
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise ArchiveError(f"{path} is withheld and cannot be taken away ({error.strerror}); delete it") from error
