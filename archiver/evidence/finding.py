"""What verification has found: one line each, which names the run and the thread. Pure."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from archiver.errors import SHAPE_ERRORS, ArchiverError, NotWritable

# What an archive holds, and what one of it is called.
HELD = {
    "runs": "run",
    "exchanges": "exchange",
    "bodies": "body",
    "files": "file",
    "stamps": "stamp",
    "threads": "thread",
}


class Level(StrEnum):
    """How bad it is. Only a problem says that something is not as it was sealed."""

    PROBLEM = "problem"
    WARNING = "warning"  # somebody should look: a clock that was wrong
    WITHHELD = "withheld"  # taken out on purpose, and the ledger says so
    UNCHECKED = "unchecked"  # it could not be compared with anything
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found; `run` is an id, `url` the address of the run or of the thread.

    `entry`, where it is not 0, is the entry of the ledger up to which somebody can rely on what was checked; `since` is
    what came after it.
    """

    level: Level
    what: str
    run: str = ""
    url: str = ""
    entry: int = 0
    since: str = ""

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


@dataclass(frozen=True, slots=True)
class Result:
    """What all findings come to: how many problems, and up to which entry of the ledger there is none."""

    problems: int
    unchecked: int
    entry: int
    since: str

    @property
    def fields(self) -> dict[str, Any]:
        """What `--json` says of it."""
        return {"is": "result", **asdict(self)}

    def __str__(self) -> str:
        if self.problems:
            return f"{self.problems} problem{'s' * (self.problems > 1)} found"
        if self.unchecked:
            return "no problem was found, and not all could be compared"
        up_to = f" up to entry {self.entry}" if self.entry else ""
        return f"no problem was found{up_to}{f'; {self.since}' if self.since else ''}"


def result(findings: Iterable[Finding]) -> Result:
    """Return the result of a verification."""
    found = list(findings)
    best = max(found, key=lambda finding: finding.entry, default=None)
    problems = sum(finding.level is Level.PROBLEM for finding in found)
    unchecked = sum(finding.level is Level.UNCHECKED for finding in found)
    return Result(problems, unchecked, best.entry if best else 0, best.since if best else "")


def guarded(name: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what a check finds; where damage ends it, that is a finding too, and the next check begins.

    Raises NotWritable where a copy that it needs cannot be made: that says nothing of what is checked.
    """
    try:
        yield from check()
    except NotWritable:
        raise
    except (ArchiverError, zlib.error, *SHAPE_ERRORS) as error:
        yield problem(f"{name} cannot be checked: {error or type(error).__name__}")


def holdings(counts: Mapping[str, int]) -> str:
    """Return in words what an archive holds."""
    return ", ".join(f"{counts[name]} {single if counts[name] == 1 else name}" for name, single in HELD.items())
