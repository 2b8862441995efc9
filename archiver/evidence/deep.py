"""Are the posts and threads those that the kept answers give? They are read again, in a copy, and compared."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from archiver.collecting import readable, reparse
from archiver.errors import NotWritable
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.evidence.redacted import redacted
from archiver.layout import DATABASE
from archiver.store.audit import Audit
from archiver.store.copies import Difference, differences, index_fault, refill, rewind
from archiver.store.store import Archive

BEFORE = "before.db"
_NO_ROOM = "cannot check: no copy can be made to compare with ({error}); set TMPDIR to a folder with more room"


def deep(audit: Audit, now: datetime) -> Iterator[Finding]:
    """Yield every value of a derived row that the answers give otherwise."""
    with copied(audit) as folder:
        before = folder / BEFORE
        if fault := index_fault(before):
            yield problem(f"{fault}; make it anew with: archiver reparse")
        try:
            with Archive.open(folder, now=now) as archive:
                lost = reparse(archive, audit.seen_runs()).unreadable
                yield from redacted(archive, partial(readable, archive))
        except NotWritable:
            raise
        except Exception as error:  # damage may come out anywhere
            yield problem(f"the kept answers do not give the threads any more: {error or type(error).__name__}")
            return
        for run in lost:
            level = Level.PROBLEM if run.gave_thread else Level.NOTE
            yield note(run.what.replace(str(folder), str(audit.folder)), run.run, run.url, level)
        runs = {run.run for run in lost if run.gave_thread}
        told = {thread["url"] for thread in audit.threads() if runs & thread["runs"]}
        for difference in differences(before, folder / DATABASE):
            if not runs or difference.url not in {"", *told}:  # what a run gave that is lost is told with it
                yield problem(_words(difference), url=difference.url)


@contextmanager
def rewound(audit: Audit, seq: int, now: datetime) -> Iterator[Archive]:
    """Open the archive as it was when its ledger ended with this entry, in a copy."""
    with copied(audit) as folder:
        rewind(folder / DATABASE, seq)
        with Archive.open(folder, now=now) as archive:
            reparse(archive)
            yield archive


@contextmanager
def copied(audit: Audit) -> Iterator[Path]:
    """Copy the archive into a folder that is gone afterwards: all as it is under BEFORE, and the truth alone.

    Nothing derived is in the second, and nothing that somebody has added to the first, such as a trigger. Raises
    NotWritable where there is no room for them, or for what is written there meanwhile.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="archiver-")
    except OSError as error:
        raise NotWritable(_NO_ROOM.format(error=error.strerror)) from error
    with folder as name:
        try:
            audit.copy(Path(name) / BEFORE)
            refill(Path(name) / BEFORE, Path(name) / DATABASE)
            yield Path(name)
        except NotWritable as error:
            raise NotWritable(_NO_ROOM.format(error=error)) from error


def _words(difference: Difference) -> str:
    key = ", ".join(map(str, difference.key))
    name = f"{difference.table} ({key})"
    if difference.column:
        return (
            f"{name}: {difference.column} is {_short(difference.before)}, "
            f"and the kept answers say {_short(difference.after)}"
        )
    if difference.after is None:
        return f"{name}: the kept answers give no such row"
    return f"{name}: the kept answers give this row, and it is not there"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}…"
