"""What verification reads: the rows as they lie on the disk, damaged ones too, and bodies one by one.

The connection is its own and only reads. Bytes that are no text come as `\\xff`, which no sealed text says.
"""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from archiver.layout import DATABASE
from archiver.ledger import Entry
from archiver.model import Reduction
from archiver.store import attached, removals, schema
from archiver.store.columns import own
from archiver.store.database import Database, reported
from archiver.store.exchanges import unpacked
from archiver.store.ledger import Ledger
from archiver.store.opening import none_in, settled
from archiver.store.redactions import Redactions
from archiver.store.reductions import reductions

_PIECE = 1 << 20
_DAMAGES = 20  # lines of SQLite's own check
_STATISTICS = ("sqlite_stat1", "sqlite_stat4")  # of ANALYZE, which anybody may run

# Every column that names a body, with what is said of who names it.
_BODIES = (
    ("_exchanges", "body_sha256", "run, method || ' ' || url"),
    ("_exchanges", "request_body_sha256", "run, 'what was sent to ' || url"),
    ("_ledger", "manifest_sha256", "COALESCE(run, ''), 'ledger entry ' || seq"),
    ("_anchors", "request_sha256", "'', 'the time stamp over entry ' || seq"),
    ("_anchors", "reply_sha256", "'', 'the time stamp over entry ' || seq"),
)


@dataclass(frozen=True, slots=True)
class Body:
    """A row of `_bodies`; of a damaged one, the values may be of any kind."""

    sha256: str
    size: int
    codec: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Use:
    """Who names a body: the run, "" where it is none, and in words what for."""

    run: str
    what: str


class Audit:
    """An archive opened for verification. Raises ArchiveError where nothing can be read of it at all."""

    def __init__(self, db: Database):
        self._db = db
        self._uses: dict[str, list[Use]] = {}

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """Open an archive; what a writer does meanwhile is not seen."""
        path = folder / DATABASE
        if not path.exists():
            raise none_in(folder)
        db = Database.opened(path, "ro")
        db.connection.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
        with closing(db):
            settled(db)
            with db.transaction("BEGIN"):
                yield cls(db)

    @property
    def folder(self) -> Path:
        """The archive's folder."""
        return self._db.path.parent

    def damages(self) -> Iterator[str]:
        """Yield what SQLite itself finds wrong with the file, and rows that name rows that are not there."""
        for (line,) in self._db.rows(f"PRAGMA integrity_check({_DAMAGES})"):
            if line != "ok":
                yield f"SQLite finds the database damaged: {line}"
        for table, row, parent, _ in self._db.rows("PRAGMA foreign_key_check"):
            if parent != "_bodies":
                yield f"{table}{f', row {row},' if row is not None else ''} names a row of {parent} that is not there"

    def alterations(self) -> Iterator[str]:
        """Yield the tables, views, indexes and triggers that are not as this program makes them, or not its own."""
        parts = _parts(self._db.connection)
        expected = {(kind, name): definition for kind, name, *definition in _fresh()}
        names = {(kind, name) for kind, name, *_ in parts}
        yield from (f"the {kind} {name} is missing" for kind, name in expected if (kind, name) not in names)
        for kind, name, *definition in parts:
            if (kind, name) not in expected:
                yield f"the {kind} {name} is not of this program, and may change what is read or written"
            elif definition != expected[kind, name]:
                yield f"the {kind} {name} is not as this program makes it"

    def entries(self) -> list[Entry]:
        """Return the ledger."""
        return Ledger(self._db).entries()

    def runs(self) -> dict[str, Mapping[str, Any]]:
        """Return the rows of `_runs` by their ids, in the order in which they count."""
        rows = {row["id"]: row for row in self._db.records("SELECT * FROM _runs")}
        return {id_: rows[id_] for id_ in Ledger(self._db).runs_in_order()}

    def seen_runs(self) -> set[str]:
        """Return the ids of the runs out of which posts were read, as the derived rows say."""
        return {run for (run,) in self._db.rows("SELECT DISTINCT run FROM observations")}

    def manifest_of(self, run: str) -> bytes:
        """Return the manifest of a run as its rows give it now."""
        return Ledger(self._db).manifest_of(run)

    def exchanges(self, run: str) -> list[dict[str, Any]]:
        """Return the rows of a run's exchanges."""
        return self._db.records("SELECT * FROM _exchanges WHERE run = ? ORDER BY seq, attempt", run)

    def anchors(self) -> list[dict[str, Any]]:
        """Return the time stamps."""
        return self._db.records("SELECT * FROM _anchors ORDER BY seq, id")

    def answered_by(self, sha256: str) -> list[tuple[str, str, str]]:
        """Return the addresses that were asked and answered with a body, each with when it came and when its run ended.

        The second is "" for a run that goes on.
        """
        query = """
            SELECT asked_url, _exchanges.finished_at, COALESCE(_runs.finished_at, '')
            FROM _exchanges JOIN _runs ON _runs.id = run WHERE body_sha256 = ?
        """
        return self._db.rows(query, sha256)

    def files(self) -> list[tuple[str, str, int]]:
        """Return path, digest and size of each file that the archive holds beside its database."""
        return self._db.rows("SELECT path, sha256, size FROM _files ORDER BY path")

    def named_files(self) -> list[tuple[str, str]]:
        """Return the files that posts name, each with the address of such a post."""
        return self._db.rows(
            "SELECT file, MIN(posts.url) FROM attachments LEFT JOIN posts ON posts.id = post"
            " WHERE file IS NOT NULL GROUP BY file ORDER BY file"
        )

    def threads(self) -> list[dict[str, Any]]:
        """Return the threads in their order, each with the ids of the runs that saw something of it."""
        threads = self._db.records("SELECT * FROM thread_overview ORDER BY first_captured_at, id")
        query = "SELECT DISTINCT run FROM thread_posts JOIN observations USING (post) WHERE thread = ?"
        return [
            {**thread, "runs": {thread["run"], *(run for (run,) in self._db.rows(query, thread["id"]))}}
            for thread in threads
        ]

    def unnumbered(self) -> list[str]:
        """Return the addresses of the threads that have no number in the list."""
        query = "SELECT url FROM threads WHERE id NOT IN (SELECT thread FROM _numbers) ORDER BY first_captured_at, id"
        return [url for (url,) in self._db.rows(query)]

    def redactions(self) -> list[dict[str, Any]]:
        """Return what each redaction says of itself, oldest first; see `Redactions.manifests`."""
        return Redactions(self._db).manifests()

    def attachments(self) -> list[dict[str, Any]]:
        """Return what the ledger was told of each file that was put beside a thread, with the number of its `entry`."""
        return self._noted(attached.KIND)

    def removals(self) -> list[dict[str, Any]]:
        """Return what the ledger was told of each thread that was removed, with the number of its `entry`."""
        blank = {"thread": "", "runs": [], "reason": "", "operator": "", "at": ""}  # for what somebody else has put in
        return [{**blank, **fields} for fields in self._noted(removals.KIND)]

    def _noted(self, kind: str) -> list[dict[str, Any]]:
        manifests = [(entry.seq, self.body(entry.manifest_sha256)) for entry in self.entries() if entry.kind == kind]
        return [{**json.loads(body or b"{}"), "entry": seq} for seq, body in manifests]

    def reduced(self) -> list[tuple[str, Reduction, list[str]]]:
        """Return, by thread (its address) and redaction, the ids of the posts that came in answers that it changed."""
        by_post = reductions(self._db)
        query = """
            SELECT url, post FROM thread_posts JOIN threads ON threads.id = thread
            WHERE post IN (SELECT value FROM json_each(?)) ORDER BY thread, position
        """
        groups: dict[tuple[str, Reduction], list[str]] = {}
        for url, post in self._db.rows(query, json.dumps(list(by_post))):
            groups.setdefault((url, by_post[post]), []).append(own(post))
        return [(url, reduction, posts) for (url, reduction), posts in groups.items()]

    def contents(self, post: str) -> list[str]:
        """Return the contents of a post that are held, the present one and those of before, by its key (host/id)."""
        query = "SELECT content FROM posts WHERE id = ?1 UNION SELECT content FROM post_versions WHERE post = ?1"
        return [content for (content,) in self._db.rows(query, post)]

    def body(self, sha256: str) -> bytes | None:
        """Return what is kept under a digest, None where that is nothing or damaged."""
        for codec, data in self._db.rows("SELECT codec, data FROM _bodies WHERE sha256 = ?", sha256):
            try:
                return unpacked(codec, data)
            except (zlib.error, TypeError):
                return None
        return None

    def bodies(self) -> Iterator[Body]:
        """Yield all bodies, one at a time."""
        with reported(self._db.path):
            for row in self._db.connection.execute("SELECT sha256, size, codec, data FROM _bodies"):
                yield Body(*row)

    def lacking(self) -> Iterator[tuple[str, Use]]:
        """Yield the digests of bodies that are named and not there, with who names them."""
        for table, column, who in _BODIES:
            query = f"SELECT {column}, {who} FROM {table} WHERE {column} NOT IN (SELECT sha256 FROM _bodies)"
            for sha256, run, what in self._db.rows(query):
                yield sha256, Use(run, what)

    def unlisted(self) -> Iterator[tuple[str, Use]]:
        """Yield the digests of bodies that are said to be files and are none that is listed, with who names them."""
        query = "SELECT sha256 FROM _bodies WHERE codec = 'file' AND sha256 NOT IN (SELECT sha256 FROM _files)"
        for (sha256,) in self._db.rows(query):
            for use in self.uses(sha256) or [Use("", "that nothing names")]:
                yield sha256, use

    def strays(self) -> list[str]:
        """Return the digests of bodies that nothing names."""
        names = " UNION ".join(f"SELECT {column} FROM {table} WHERE {column} NOTNULL" for table, column, _ in _BODIES)
        # Also those that a later redaction has replaced: a body that was named once is never thrown away.
        manifests = Redactions(self._db).manifests()
        transcripts = {sha256 for manifest in manifests for sha256 in manifest["kept"].values()}
        strays = self._db.rows(f"SELECT sha256 FROM _bodies WHERE sha256 NOT IN ({names})")
        return [sha256 for (sha256,) in strays if sha256 not in transcripts]

    def uses(self, sha256: str) -> list[Use]:
        """Return who names a body."""
        if not self._uses:
            for table, column, who in _BODIES:
                for digest, run, what in self._db.rows(f"SELECT {column}, {who} FROM {table}"):
                    self._uses.setdefault(digest, []).append(Use(run, what))
        return self._uses.get(sha256, [])

    def copy(self, target: Path) -> None:
        """Copy the database, page by page, as it is for this reader."""
        with reported(target), closing(sqlite3.connect(target)) as copy:
            self._db.connection.backup(copy)

    def counts(self) -> dict[str, int]:
        """Return how much is kept."""
        tables = {"runs": "_runs", "exchanges": "_exchanges", "bodies": "_bodies", "files": "_files"}
        tables |= {"stamps": "_anchors", "threads": "threads"}
        return {name: self._db.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for name, table in tables.items()}


def measured(codec: str, data: bytes) -> tuple[str, int]:
    """Return digest and size of what a body's bytes unpack to, in pieces: they may be made to fill the memory.

    Raises ValueError where they cannot be unpacked.
    """
    if codec == "raw":
        return hashlib.sha256(data).hexdigest(), len(data)
    digest, size, inflater = hashlib.sha256(), 0, zlib.decompressobj()
    try:
        while not inflater.eof:
            piece = inflater.decompress(data, _PIECE)
            data = inflater.unconsumed_tail
            digest.update(piece)
            size += len(piece)
            if not (piece or data or inflater.eof):
                raise ValueError("the end is missing")
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if inflater.unused_data:
        raise ValueError("something follows the end")
    return digest.hexdigest(), size


def _parts(connection: sqlite3.Connection) -> list[tuple[str, str, str, str]]:
    """Return kind, name, table and text of what a database is made of, but for what SQLite notes of its own.

    The text is "" for what others make in their words. A table and a trigger may have the same name.
    """
    return [
        (kind, name, table, "" if name.startswith(("posts_fts_", "_sqlite")) else sql or "")
        for kind, name, table, sql in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
        if not (kind == "table" and name in _STATISTICS)
    ]


@cache
def _fresh() -> list[tuple[str, str, str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        return _parts(connection)
