"""The ledger's rows: sealing what is finished, and reading it back. What an entry is, `archiver.ledger` says."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from archiver.ledger import OF_EXCHANGE, OF_MEDIA, OF_RUN, Entry, canonical, following, manifest
from archiver.store.bodies import keep_body
from archiver.store.columns import stamp
from archiver.store.database import Database

_FIELDS = ("log", "seq", "kind", "run", "manifest_sha256", "prev", "hash", "added_at")
_LAST = f"SELECT {', '.join(_FIELDS)} FROM _ledger ORDER BY seq DESC LIMIT 1"
_UNSEALED = """
    SELECT id FROM _runs WHERE finished_at IS NOT NULL AND id NOT IN (SELECT run FROM _ledger WHERE run IS NOT NULL)
    ORDER BY rowid
"""
# The order in which runs count. What was captured here goes by the ledger, whatever a clock said: none comes before one
# that was sealed earlier. What was captured elsewhere, and imported, goes by the time that its file claims.
_IN_ORDER = """
    WITH sealed AS (
      SELECT _runs.id, started_at, _ledger.seq, _runs.rowid AS begun,
        CASE WHEN json_valid(asked) THEN
          json_extract(asked, '$.imported') NOTNULL OR json_extract(asked, '$.source') IS 'x_archive'
        END AS imported
      FROM _runs LEFT JOIN _ledger ON _ledger.run = _runs.id
    ), counted AS (
      SELECT id, seq, begun, CASE WHEN imported THEN started_at ELSE MAX(started_at) OVER (
        ORDER BY seq NULLS LAST, begun ROWS UNBOUNDED PRECEDING
      ) END AS at FROM sealed
    )
    SELECT id FROM counted ORDER BY at, seq NULLS LAST, begun
"""


class Ledger:
    """The chain of an archive, whose entries seal what is finished."""

    def __init__(self, db: Database):
        self._db = db

    def head(self) -> Entry | None:
        """Return the newest entry, None where nothing is sealed yet."""
        return next((Entry(**row) for row in self._db.records(_LAST)), None)

    def entries(self) -> list[Entry]:
        """Return all entries in their order."""
        return [Entry(**row) for row in self._db.records(f"SELECT {', '.join(_FIELDS)} FROM _ledger ORDER BY log, seq")]

    def of_run(self, run: str) -> Entry | None:
        """Return the entry that seals a run, None while it is open."""
        query = f"SELECT {', '.join(_FIELDS)} FROM _ledger WHERE run = ?"
        return next((Entry(**row) for row in self._db.records(query, run)), None)

    def manifests(self, kind: str) -> list[tuple[int, str]]:
        """Return the numbers of all entries of a kind and the digests of their manifests, oldest first."""
        return self._db.rows("SELECT seq, manifest_sha256 FROM _ledger WHERE kind = ? ORDER BY log, seq", kind)

    def seal(self, now: datetime) -> None:
        """Add an entry for each finished run that has none, in the order in which they began. Within a transaction."""
        for (run,) in self._db.rows(_UNSEALED):
            self._add("capture", run, self.manifest_of(run), now)

    def note(self, kind: str, fields: Mapping[str, Any], now: datetime) -> Entry:
        """Add an entry that is no run, such as a redaction, and return it."""
        with self._db.transaction():
            return self._add(kind, None, canonical(dict(fields)), now)

    def anchor(self, entry: Entry, kind: str, url: str, request: bytes, reply: bytes, now: datetime) -> None:
        """Keep what somebody outside was sent about a head of the ledger, and what they answered, whatever it is."""
        with self._db.transaction():
            names = [keep_body(self._db, body) for body in (request, reply)]
            self._db.execute(
                "INSERT INTO _anchors (log, seq, head, kind, url, added_at, request_sha256, reply_sha256)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (entry.log, entry.seq, entry.hash, kind, url, stamp(now), *names),
            )

    def manifest_of(self, run: str) -> bytes:
        """Return the manifest of a run as its rows give it now."""
        exchanges = f"SELECT {', '.join(OF_EXCHANGE)} FROM _exchanges WHERE run = ? ORDER BY seq, attempt"
        [fields] = self._db.records(f"SELECT {', '.join(OF_RUN)} FROM _runs WHERE id = ?", run)
        return manifest(
            fields,
            self._db.records(exchanges, run),
            self._db.records(f"SELECT {', '.join(OF_MEDIA)} FROM _media WHERE run = ? ORDER BY id", run),
        )

    def runs_in_order(self) -> list[str]:
        """Return the ids of all runs in the order in which they count: that of the ledger, not of a clock."""
        return [id_ for (id_,) in self._db.rows(_IN_ORDER)]

    def _add(self, kind: str, run: str | None, content: bytes, now: datetime) -> Entry:
        """Add an entry over these bytes, which are kept like any other body."""
        log, added_at = str(uuid.uuid4()), stamp(now)
        entry = following(self.head(), log=log, kind=kind, run=run, manifest=content, added_at=added_at)
        keep_body(self._db, content)
        values = [getattr(entry, field) for field in _FIELDS]
        marks = ", ".join("?" for _ in _FIELDS)
        self._db.execute(f"INSERT INTO _ledger ({', '.join(_FIELDS)}) VALUES ({marks})", values)
        return entry
