"""The ledger's rows: sealing what is finished, and reading it back. What an entry is, `archiver.ledger` says."""

import hashlib
import json
import uuid
import zlib
from collections.abc import Iterator
from typing import Any

from archiver.errors import ArchiveError
from archiver.ledger import OF_EXCHANGE, OF_MEDIA, OF_RUN, Entry, following, manifest
from archiver.store.database import Database
from archiver.store.exchanges import FILE, digest, packed, unpacked

_PIECE = 1 << 20
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


def seal(db: Database, now: str) -> None:
    """Add an entry for each finished run that has none, in the order in which they began."""
    for (run,) in db.rows(_UNSEALED):
        add(db, "capture", run, manifest_of(db, run), now)


def add(db: Database, kind: str, run: str | None, content: bytes, now: str) -> Entry:
    """Add an entry over these bytes, which are kept like any other body."""
    entry = following(last(db), log=str(uuid.uuid4()), kind=kind, run=run, manifest=content, added_at=now)
    keep_body(db, content)
    values = [getattr(entry, field) for field in _FIELDS]
    db.execute(f"INSERT INTO _ledger ({', '.join(_FIELDS)}) VALUES ({', '.join('?' for _ in _FIELDS)})", values)
    return entry


def anchor(db: Database, entry: Entry, kind: str, url: str, request: bytes, reply: bytes, now: str) -> None:
    """Keep what somebody outside says of the head that this entry is, whatever it says."""
    names = [keep_body(db, body) for body in (request, reply)]
    db.execute(
        "INSERT INTO _anchors (log, seq, head, kind, url, added_at, request_sha256, reply_sha256)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (entry.log, entry.seq, entry.hash, kind, url, now, *names),
    )


def keep_body(db: Database, body: bytes) -> str:
    """Keep bytes under their digest and return that."""
    name = digest(body)
    db.execute("INSERT OR IGNORE INTO _bodies VALUES (?, ?, ?, ?)", (name, len(body), *packed(body)))
    return name


def body_of(db: Database, sha256: str | None) -> bytes:
    """Return a kept body by its name; b"" for none. Raises ArchiveError where it is missing or damaged."""
    if sha256 is None:
        return b""
    try:
        [(codec, data)] = db.rows("SELECT codec, data FROM _bodies WHERE sha256 = ?", sha256)
    except ValueError as error:
        raise _damaged(db, sha256) from error
    return b"".join(pieces_of(db, sha256)) if codec == FILE else content_of(db, sha256, codec, data)


def content_of(db: Database, sha256: str, codec: str, data: bytes) -> bytes:
    """Return what a row of `_bodies` holds; of one that is withheld, what is left. Raises ArchiveError for damage."""
    try:
        return unpacked(codec, data)
    except (TypeError, zlib.error) as error:
        raise _damaged(db, sha256) from error


def told_by(db: Database, sha256: str) -> Any:
    """Return what the manifest of an entry says. Raises ArchiveError where it is missing or damaged."""
    try:
        return json.loads(body_of(db, sha256))
    except (ValueError, RecursionError) as error:
        raise _damaged(db, sha256) from error


def _damaged(db: Database, sha256: str) -> ArchiveError:
    return ArchiveError(f"body {sha256} is missing or damaged in {db.path}; see: archiver verify")


def pieces_of(db: Database, sha256: str) -> Iterator[bytes]:
    """Yield what a file holds. Raises ArchiveError where it cannot be read, and at its end where it is another one."""
    [(path,)] = db.rows("SELECT path FROM _files WHERE sha256 = ?", sha256)
    folder, found = db.path.parent.resolve(), hashlib.sha256()
    file = (folder / path).resolve()
    if not file.is_relative_to(folder):
        raise ArchiveError(f"{file} is outside of the archive; see: archiver verify")
    try:
        with file.open("rb") as opened:
            while piece := opened.read(_PIECE):
                found.update(piece)
                yield piece
    except OSError as error:
        raise ArchiveError(f"{file} cannot be read ({error.strerror}); see: archiver verify") from error
    if found.hexdigest() != sha256:
        raise ArchiveError(f"{file} has another content than it had; see: archiver verify")


def runs_in_order(db: Database) -> list[str]:
    """Return the ids of all runs in the order in which they count: that of the ledger, not of a clock."""
    return [id_ for (id_,) in db.rows(_IN_ORDER)]


def last(db: Database) -> Entry | None:
    """Return the newest entry."""
    return next((Entry(**row) for row in db.records(_LAST)), None)


def entries(db: Database) -> list[Entry]:
    """Return all entries in their order."""
    return [Entry(**row) for row in db.records(f"SELECT {', '.join(_FIELDS)} FROM _ledger ORDER BY log, seq")]


def of_run(db: Database, run: str) -> Entry | None:
    """Return the entry that seals a run."""
    query = f"SELECT {', '.join(_FIELDS)} FROM _ledger WHERE run = ?"
    return next((Entry(**row) for row in db.records(query, run)), None)


def manifest_of(db: Database, run: str) -> bytes:
    """Return the manifest of a run as its rows give it now."""
    [told] = db.records(f"SELECT {', '.join(OF_RUN)} FROM _runs WHERE id = ?", run)
    return manifest(
        told,
        db.records(f"SELECT {', '.join(OF_EXCHANGE)} FROM _exchanges WHERE run = ? ORDER BY seq, attempt", run),
        db.records(f"SELECT {', '.join(OF_MEDIA)} FROM _media WHERE run = ? ORDER BY id", run),
    )
