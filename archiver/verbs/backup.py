"""A copy of the whole archive that can be trusted: made while it is in use, on the disk, and verified.

It is made beside its place and gets its name when it is whole, so a copy that was cut short is never taken for one.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.errors import ArchiveError, UsageError
from archiver.evidence.chain import Receipt
from archiver.evidence.checking import of_archive
from archiver.evidence.finding import Finding, Level, result
from archiver.exporters.terminal import short
from archiver.exporters.wording import counted
from archiver.layout import FOLDERS, LISTS, PARTS
from archiver.ledger import Entry
from archiver.store.audit import Audit
from archiver.store.store import Archive

UNFINISHED = shutil.ignore_patterns("*.part", PARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What was copied: the newest entry of its ledger, how many files of how many bytes, and what verifying found."""

    folder: Path
    entry: Entry | None
    files: int
    size: int
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[Finding, ...]:
        """What verifying found that is not as it was sealed."""
        return tuple(finding for finding in self.findings if finding.level is Level.PROBLEM)

    @property
    def fields(self) -> dict[str, Any]:
        """What `backup --json` says of it."""
        return {
            "folder": str(self.folder),
            "files": self.files,
            "size": self.size,
            "receipt": self.entry.receipt if self.entry else "",
            "problems": len(self.problems),
        }

    def __str__(self) -> str:
        copied = f"{self.folder}: {counted(self.files, 'file')}, {counted(self.size, 'byte')}"
        receipt = short(self.entry.receipt) if self.entry else "an empty ledger"
        return f"{copied}\n  {receipt}\n  verified: {result(self.findings)}"


def backup(archive: Archive, target: Path, now: datetime) -> Copy:
    """Copy an archive into a folder of that name and verify the copy; what is damaged is copied and found.

    Raises UsageError where something is in that place, or it is the archive, ArchiveError where it cannot be written.
    """
    if target.resolve().is_relative_to(archive.folder.resolve()):
        raise UsageError(f"{target} is within the archive itself; name a folder outside {archive.folder}")
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target} is there already; a backup overwrites nothing, name another folder")
    entry = archive.ledger.head()
    unfinished: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}-", suffix=".part", dir=target.parent))
        _fill(archive, unfinished)
        findings = _verified(unfinished, entry, now)
        unfinished.rename(target)
    except (OSError, shutil.Error) as error:
        raise ArchiveError(f"cannot copy to {target}: {getattr(error, 'strerror', None) or error}") from error
    finally:
        if unfinished:
            shutil.rmtree(unfinished, ignore_errors=True)
    sizes = [path.stat().st_size for path in target.rglob("*") if path.is_file()]
    return Copy(folder=target, entry=entry, files=len(sizes), size=sum(sizes), findings=findings)


def _fill(archive: Archive, folder: Path) -> None:
    """Copy the database first: a file that it names is there before it names it, and so is there to be copied.

    The settings stay where they are, and so does what is not of this program.
    """
    archive.copy_database(folder)
    for name in FOLDERS:
        if (archive.folder / name).is_dir():
            shutil.copytree(archive.folder / name, folder / name, ignore=UNFINISHED)
    for path in (path for pattern in LISTS for path in archive.folder.glob(pattern)):
        if path.is_file():
            shutil.copy2(path, folder / path.name)
    if hasattr(os, "sync"):
        os.sync()


def _verified(folder: Path, entry: Entry | None, now: datetime) -> tuple[Finding, ...]:
    receipts = [Receipt(entry.seq, entry.hash)] if entry else []
    with Audit.opened(folder) as audit:
        return tuple(of_archive(audit, receipts, False, now))
