"""What verification has found: one line each, which names the run and the thread. Pure."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from archiver.errors import SHAPE_ERRORS, ArchiverError


class Level(StrEnum):
    """How bad it is. Only a problem says that something is not as it was sealed."""

    PROBLEM = "problem"
    WARNING = "warning"  # somebody should look: a clock that was wrong
    WITHHELD = "withheld"  # taken out on purpose, and the ledger says so
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found; `run` is an id, `url` the address of the run or of the thread."""

    level: Level
    what: str
    run: str = ""
    url: str = ""

    def __str__(self) -> str:
        where = f"run {self.run} ({self.url}): " if self.run else f"{self.url}: " if self.url else ""
        return " ".join(f"{self.level}: {where}{self.what}".split())

    @property
    def fields(self) -> dict[str, Any]:
        """What `--json` says of it."""
        return {"is": str(self.level), "what": self.what, "run": self.run, "url": self.url}


def problem(what: str, run: str = "", url: str = "") -> Finding:
    """Return a finding that makes an archive or a file unfit as evidence until it is explained."""
    return Finding(level=Level.PROBLEM, what=what, run=run, url=url)


def note(what: str, run: str = "", url: str = "", level: Level = Level.NOTE) -> Finding:
    """Return a finding that is no problem."""
    return Finding(level=level, what=what, run=run, url=url)


def guarded(name: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what a check finds; where damage ends it, that is a finding too, and the next check begins."""
    try:
        yield from check()
    except (ArchiverError, zlib.error, *SHAPE_ERRORS) as error:
        yield problem(f"{name} cannot be checked: {error or type(error).__name__}")
