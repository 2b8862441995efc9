"""Removing a thread that was saved by mistake, and purging what only its runs hold."""

from collections.abc import Iterable
from datetime import datetime

from archiver.collecting import reparse
from archiver.ledger import Entry
from archiver.redaction.redact import wipe
from archiver.store import redactions, removals
from archiver.store.columns import stamp
from archiver.store.store import Archive


def remove(archive: Archive, thread: str, reason: str, now: datetime) -> Entry:
    """Remove a thread, by the archive's id for it: its runs are kept, and give no thread any more."""
    with archive.redactions.changing():
        entry = _noted(archive, thread, archive.history.runs_of(thread), reason, now)
        reparse(archive)
        archive.redactions.forget_words()
    return entry


def purge(archive: Archive, thread: str, reason: str, now: datetime) -> tuple[Entry, int, int]:
    """Remove a thread, and blank what only its runs hold, as a redaction does; return how many bodies and files."""
    runs = archive.history.runs_of(thread)
    bodies, files = archive.removals.only_in(runs)
    with archive.redactions.changing():
        transcripts = archive.redactions.transcripts()
        bodies += [transcripts[run] for run in runs if run in transcripts]
        entry = _noted(archive, thread, runs, reason, now)
        archive.ledger.note(
            redactions.KIND,
            redactions.manifest(
                at=stamp(now),
                thread=thread,
                bodies=dict.fromkeys(bodies, ""),
                files=files,
                whole=True,
                reason=reason,
                operator=archive.operator,
            ),
            now,
        )
        for sha256 in bodies:
            archive.redactions.replace(sha256, b"")
        reparse(archive)
        archive.redactions.forget_words()
    wipe(archive)
    return entry, len(bodies), len(files)


def _noted(archive: Archive, thread: str, runs: Iterable[str], reason: str, now: datetime) -> Entry:
    return archive.ledger.note(removals.KIND, removals.manifest(thread, runs, reason, archive.operator, now), now)
