"""Threads that were saved by mistake: the ledger says that they are removed, and their runs are not read any more.

What came is kept, and vouched for as before; a run that is made later brings its thread back.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from archiver.store.bodies import json_of
from archiver.store.columns import stamp, text_of
from archiver.store.database import Database
from archiver.store.ledger import Ledger

KIND = "removal"
FORMAT = "thread-removal/1"

# The bodies that came in these runs and in no other, and the files that these alone have fetched.
_BODIES = """
    SELECT body_sha256 FROM _exchanges JOIN _bodies ON sha256 = body_sha256
    WHERE run IN (SELECT value FROM json_each(?1)) AND codec NOT IN ('withheld')
    EXCEPT SELECT body_sha256 FROM _exchanges WHERE run NOT IN (SELECT value FROM json_each(?1))
"""
_FILES = """
    SELECT path FROM _media JOIN _files USING (sha256) WHERE run IN (SELECT value FROM json_each(?1))
    EXCEPT SELECT path FROM _media JOIN _files USING (sha256) WHERE run NOT IN (SELECT value FROM json_each(?1))
"""


class Removals:
    """The part of an archive that says which threads were removed."""

    def __init__(self, db: Database):
        self._db = db

    def runs(self) -> frozenset[str]:
        """Return the runs of all threads that were removed: they are kept, and not read."""
        return frozenset(run for entry in self._entries() for run in entry["runs"])

    def threads(self) -> frozenset[str]:
        """Return the ids of all threads that were removed once; some may have come back."""
        return frozenset(entry["thread"] for entry in self._entries())

    def only_in(self, runs: Iterable[str]) -> tuple[list[str], list[str]]:
        """Return the bodies, and the files, that these runs hold and no other."""
        ids = json.dumps(list(runs))
        bodies, files = self._db.rows(_BODIES, ids), self._db.rows(_FILES, ids)
        return [name for (name,) in bodies if name], [path for (path,) in files]

    def _entries(self) -> list[dict[str, Any]]:
        return [json_of(self._db, name) for _, name in Ledger(self._db).manifests(KIND)]


def manifest(thread: str, runs: Iterable[str], reason: str, operator: str, at: datetime) -> dict[str, Any]:
    """Return what the ledger is told of a removal; `thread` is the archive's id."""
    return {
        "format": FORMAT,
        "thread": thread,
        "runs": list(runs),
        "reason": text_of(reason),
        "operator": operator,
        "at": stamp(at),
    }
