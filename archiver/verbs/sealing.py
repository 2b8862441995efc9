"""Sealing an archive, and what a user is told of it."""

import secrets
from dataclasses import dataclass
from typing import Any

from archiver.config import Evidence
from archiver.errors import ArchiverError
from archiver.evidence import seal as sealing
from archiver.exporters.terminal import short
from archiver.routes import most_telling
from archiver.store.store import Archive
from archiver.verbs.capture import Clock, Connect

ROOTS = "ROOTS.pem holds the root certificate of who stamped: often /etc/ssl/certs/ca-certificates.crt, or ask them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What came of sealing; `error` is None unless none of the authorities that are configured gave a stamp."""

    seal: sealing.Seal
    error: ArchiverError | None

    @property
    def is_vouched_for(self) -> bool:
        """Whether anybody vouches for the time, or has promised to."""
        return bool(self.seal.stamped_by or self.seal.promised_by)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Lines for the user beside the result: who else was asked and failed."""
        return tuple(f"another was asked and failed: {failure}" for failure in self.seal.failures)

    @property
    def fields(self) -> dict[str, Any]:
        """What `seal --json` says of it."""
        seal = self.seal
        return {
            "receipt": seal.entry.receipt,
            "seq": seal.entry.seq,
            "head": seal.entry.hash,
            "stamped_by": seal.stamped_by,
            "time": seal.time.isoformat() if seal.time else None,
            "promised_by": list(seal.promised_by),
            "files": [str(path) for path in seal.files],
            "checks": list(seal.checks),
        }

    def __str__(self) -> str:
        seal = self.seal
        lines = [f"sealed: {short(seal.entry.receipt)}"]
        if seal.time:
            lines.append(f"  stamped by {seal.stamped_by} at {seal.time:%Y-%m-%d %H:%M:%S} UTC, by its clock")
        for name in seal.promised_by:
            lines.append(f"  promised by {name}; complete it in some hours with: ots upgrade {seal.files[-1]}")
        lines += [f"  {path}" for path in seal.files]
        lines.append("  to check it without this program:")
        lines += [f"    {command}" for command in seal.checks]
        lines += [f"    ({ROOTS})"] if seal.stamped_by else []
        return "\n".join(lines)


def seal(archive: Archive, settings: Evidence, connect: Connect, clock: Clock) -> Sealed:
    """Have somebody outside vouch for the newest head of the ledger; see `evidence.seal`."""
    stamps = sealing.seal(archive, settings, connect, clock, lambda: secrets.randbits(63))
    failed = not stamps.stamped_by and (settings.tsa or not stamps.promised_by)
    return Sealed(seal=stamps, error=most_telling(stamps.failures) if failed else None)
