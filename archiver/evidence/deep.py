"""Are the posts and threads those that the kept answers give? They are read again, in a copy, and compared row by row.

How threads are read out of answers is the pipeline's, above this room: it comes in as `rebuild`.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from archiver.evidence.finding import Finding, Level, problem
from archiver.store.audit import Audit
from archiver.store.copies import Difference, differences, index_fault, rewind
from archiver.store.opening import DATABASE
from archiver.store.store import Archive


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of reading all runs again: how many there are, how many threads they gave, which could not be read."""

    runs: int
    threads: int
    unreadable: tuple[Finding, ...]


Rebuild = Callable[[Archive], Rebuilt]


def deep(audit: Audit, rebuild: Rebuild, now: datetime) -> Iterator[Finding]:
    """Yield every value of a derived row that the answers give otherwise."""
    with copied(audit) as folder:
        before = folder / "before.db"
        shutil.copyfile(folder / DATABASE, before)
        if fault := index_fault(folder / DATABASE):
            yield problem(f"{fault}; make it anew with: archiver reparse")
        try:
            with Archive.open(folder, now=now) as archive:
                lost = rebuild(archive).unreadable
        except Exception as error:  # damage may come out anywhere
            yield problem(f"the kept answers do not give the threads any more: {error or type(error).__name__}")
            return
        for finding in lost:
            yield replace(finding, what=finding.what.replace(str(folder), str(audit.folder)))
        runs = {finding.run for finding in lost if finding.level is Level.PROBLEM}
        told = {thread["url"] for thread in audit.threads() if runs & thread["runs"]}
        for difference in differences(before, folder / DATABASE):
            if not runs or difference.url not in {"", *told}:  # what a run gave that is lost is told with it
                yield problem(_words(difference), url=difference.url)


@contextmanager
def rewound(audit: Audit, seq: int, rebuild: Rebuild, now: datetime) -> Iterator[Archive]:
    """Open the archive as it was when its ledger ended with this entry, in a copy."""
    with copied(audit) as folder:
        rewind(folder / DATABASE, seq)
        with Archive.open(folder, now=now) as archive:
            rebuild(archive)
            yield archive


@contextmanager
def copied(audit: Audit) -> Iterator[Path]:
    """Copy the database into a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="archiver-") as name:
        audit.copy(Path(name) / DATABASE)
        yield Path(name)


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
