"""Somebody who changes an archive and knows how it is made: triggers are taken away first and put back afterwards."""

import hashlib
import json
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cases import FIXTURES
from samples import NOON, later

from archiver import collecting
from archiver.evidence.stamps import OPENTIMESTAMPS, digest_of, proof_of
from archiver.layout import DATABASE
from archiver.ledger import link
from archiver.publish import Choice, publish
from archiver.store.audit import Audit
from archiver.store.database import Database
from archiver.store.ledger import Ledger
from archiver.store.store import Archive
from archiver.verbs import imports

CASES = (
    "mastodon/thread-under-somebody-elses-post",
    "bluesky/deleted-in-the-middle",
    "mastodon/deleted-in-the-middle",
    "mastodon/listing-for-members-only",
)
OPERATOR = "J. Doe"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
CALENDAR = "https://calendar.example"


def make(folder: Path) -> None:
    """Make an archive of four runs, one with a named operator; its head is stamped, and a file lies beside it."""
    with Archive.open(folder, now=NOON) as archive:
        for case in CASES[:3]:
            imports.import_recording(archive, FIXTURES / case, lambda: NOON)
    with Archive.open(folder, now=NOON, operator=OPERATOR) as archive:
        imports.import_recording(archive, FIXTURES / CASES[3], lambda: NOON)
        head = archive.ledger.head()
        assert head
        proof = proof_of(digest_of(head.hash), [bytes.fromhex("83dfe30d2ef90c8e") + b"a promise"])
        archive.ledger.anchor(head, OPENTIMESTAMPS, CALENDAR, b"", proof, later(days=4))
        name = hashlib.sha256(PICTURE).hexdigest()
        (folder / "media").mkdir()
        (folder / "media" / f"{name}.png").write_bytes(PICTURE)
        archive._db.execute(
            "INSERT INTO _files VALUES (?, ?, ?, ?)", (name, len(PICTURE), f"media/{name}.png", NOON.isoformat())
        )


@contextmanager
def attacking(folder: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection on which everything is allowed; afterwards, all triggers are as they were."""
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        yield db
        db.execute("INSERT INTO posts_fts (posts_fts) VALUES ('rebuild')")
        for _, sql in triggers:
            db.execute(sql)


def run_of(db: sqlite3.Connection, number: int) -> str:
    """Return the run that an entry of the ledger seals."""
    [run] = db.execute("SELECT run FROM _ledger WHERE seq = ?", [number]).fetchone()
    return str(run)


def content(db: sqlite3.Connection, sha256: str) -> bytes:
    """Return a body."""
    [(codec, data)] = db.execute("SELECT codec, data FROM _bodies WHERE sha256 = ?", [sha256]).fetchall()
    return zlib.decompress(data) if codec == "zlib" else bytes(data)


def put(db: sqlite3.Connection, body: bytes) -> str:
    """Keep a body under its right name."""
    name = hashlib.sha256(body).hexdigest()
    db.execute("INSERT OR IGNORE INTO _bodies VALUES (?, ?, 'raw', ?)", (name, len(body), body))
    return name


def body_with(db: sqlite3.Connection, words: bytes) -> str:
    """Return the digest of a body of an exchange that has these words."""
    for (name,) in db.execute("SELECT DISTINCT body_sha256 FROM _exchanges WHERE body_sha256 NOTNULL").fetchall():
        if words in content(db, name):
            return str(name)
    raise AssertionError(words)


def sweep(db: sqlite3.Connection) -> None:
    """Take away the bodies that nothing names."""
    db.execute(
        "DELETE FROM _bodies WHERE sha256 NOT IN (SELECT body_sha256 FROM _exchanges WHERE body_sha256 NOTNULL"
        " UNION SELECT request_body_sha256 FROM _exchanges WHERE request_body_sha256 NOTNULL"
        " UNION SELECT manifest_sha256 FROM _ledger UNION SELECT reply_sha256 FROM _anchors"
        " UNION SELECT request_sha256 FROM _anchors WHERE request_sha256 NOTNULL)"
    )


def reseal(folder: Path, db: sqlite3.Connection) -> None:
    """Make the whole ledger anew, over what is there now."""
    prev = "0" * 64
    with closing(Database.opened(folder / DATABASE, "ro")) as reader:
        for seq, run in db.execute("SELECT seq, run FROM _ledger ORDER BY seq").fetchall():
            digest = put(db, Ledger(reader).manifest_of(run))
            hash_ = link(prev, digest)
            db.execute(
                "UPDATE _ledger SET manifest_sha256 = ?, prev = ?, hash = ? WHERE seq = ?", (digest, prev, hash_, seq)
            )
            prev = hash_
    sweep(db)


def reread(folder: Path) -> None:
    """Make derived rows and documents fit what was changed."""
    with Archive.open(folder, now=later(days=2)) as archive:
        collecting.reparse(archive)
        shutil.rmtree(folder / "threads")
        list(publish(archive, (), folder, Choice()))


def dump(folder: Path) -> list[str]:
    """Return all that an archive says, in a form that does not depend on how SQLite has laid it out.

    Left out: the search index, which is made of the posts; the notes of sqlite-utils on what it has applied; numbers of
    rows that nothing refers to. Bodies are unpacked: a packed one has bits that mean nothing.
    """
    lines = []
    with Audit.opened(folder) as audit:
        db = audit._db
        tables = [name for (name,) in db.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        for table in tables:
            if table.startswith(("posts_fts", "sqlite_", "_sqlite", "_bodies")):
                continue
            for row in db.records(f"SELECT * FROM {table}"):
                row.pop("id" if table in ("_exchanges", "_anchors") else "", None)
                lines.append(f"{table} {json.dumps({name: repr(value) for name, value in row.items()})}")
        lines += [f"{body.sha256!r} {body.size!r} {audit.body(body.sha256)!r}" for body in audit.bodies()]
        lines += [f"{name} {what}" for name, what in sorted(_made(db))]
    return sorted(lines)


def _made(db: Database) -> list[tuple[str, str]]:
    return db.rows("SELECT type || name, tbl_name || COALESCE(sql, '') FROM sqlite_master")
