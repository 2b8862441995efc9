"""What is handed on to others: every exchange of a run, its seal, and which runs a thread came out of."""

from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from archiver.http.message import Exchange, Held, Request, header
from archiver.ledger import Entry
from archiver.model import utc
from archiver.store import ledger
from archiver.store.database import Database
from archiver.store.exchanges import FILE, exchange_of, headers_of
from archiver.store.ledger import body_of

# A run shows one thread, and what its posts quote: the thread of which it shows most. Later tries that failed have no
# thread, but the same address.
_RUNS_OF = """
    WITH seen AS (
      SELECT run, thread, COUNT(DISTINCT post) AS posts FROM observations JOIN thread_posts USING (post)
      GROUP BY run, thread
    ), showing AS (
      SELECT run FROM seen AS one
      WHERE thread = ? AND posts = (SELECT MAX(posts) FROM seen AS other WHERE other.run = one.run)
    )
    SELECT id FROM _runs
    WHERE id IN showing OR (
      url IN (SELECT url FROM _runs WHERE id IN showing) AND NOT EXISTS (SELECT 1 FROM seen WHERE run = _runs.id)
    )
"""
_SAW = """
    SELECT thread, COUNT(DISTINCT post) FROM observations JOIN thread_posts USING (post)
    WHERE run = ? GROUP BY thread ORDER BY 2 DESC, thread LIMIT 1
"""
# What a thread shows by itself and in quotes, and whatever quotes that.
_SHARING = """
    WITH RECURSIVE own (post) AS (
      SELECT post FROM thread_posts WHERE thread = ?1
      UNION SELECT quote FROM own JOIN posts ON posts.id = own.post WHERE quote NOTNULL
    ), quoting AS MATERIALIZED (
      SELECT id, quote FROM posts WHERE quote NOTNULL
    ), showing (post) AS (
      SELECT post FROM own UNION SELECT id FROM showing JOIN quoting ON quoting.quote = showing.post
    )
    SELECT DISTINCT thread FROM thread_posts JOIN showing USING (post) WHERE thread <> ?1 ORDER BY thread
"""
_EXCHANGES = """
    SELECT _exchanges.*, codec, path, _files.size FROM _exchanges
    LEFT JOIN _bodies ON _bodies.sha256 = body_sha256 LEFT JOIN _files ON _files.sha256 = body_sha256
    WHERE run = ? ORDER BY seq, attempt
"""
# What a run has fetched and no answer of it gave whole, with an answer that gave a part of it.
_WHOLES = """
    SELECT _files.sha256, size, path, at, part.asked_url, response_head FROM _media JOIN _files USING (sha256)
    LEFT JOIN _exchanges AS part
      ON part.run = _media.run AND part.asked_url = _media.asked_url AND part.status = 206 AND part.complete
    WHERE _media.run = ? AND _files.sha256 NOT IN (
      SELECT body_sha256 FROM _exchanges WHERE run = _media.run AND body_sha256 NOTNULL
    ) GROUP BY _files.sha256 ORDER BY _media.id
"""


def history(db: Database, run: str) -> Iterator[Exchange]:
    """Yield every exchange of a run in order: tries, redirects and refusals too, with what was sent.

    One body at a time; a film's stays in its file.
    """
    for row in db.records(_EXCHANGES, run):
        request = Request(url=row["asked_url"], method=row["method"], body=body_of(db, row["request_body_sha256"]))
        if row["codec"] == FILE:
            held = Held(row["body_sha256"], row["size"], row["path"])
            yield replace(exchange_of(row, request, b""), file=held)
        elif row["body_sha256"] or row["status"] is None:
            yield exchange_of(row, request, body_of(db, row["body_sha256"]))
        else:  # of a file that came in parts, no exchange has the whole; what it came to is in the manifest
            yield replace(exchange_of(row, request, b""), file=Held("", 0, ""))


def wholes(db: Database, run: str, withheld: Container[str]) -> Iterator[tuple[Held, datetime, str, str]]:
    """Yield the files of a run that no answer of it gave whole, but for those that are withheld.

    Each with the time, an address that gave it in parts, and its media type there; "" where that is not known.
    """
    for sha256, size, path, at, url, head in db.rows(_WHOLES, run):
        if path not in withheld:
            yield Held(sha256, size, path), utc(at), url or "", header(headers_of(head or ""), "content-type")


def runs_of(db: Database, thread: str) -> tuple[str, ...]:
    """Return the runs that a thread came out of, in their order, and those that asked for it again in vain."""
    found = {id_ for (id_,) in db.rows(_RUNS_OF, thread)}
    return tuple(id_ for id_ in ledger.runs_in_order(db) if id_ in found)


def sharing(db: Database, thread: str) -> tuple[str, ...]:
    """Return the ids of the other threads that show a post that this one shows, by itself or in a quote."""
    return tuple(id_ for (id_,) in db.rows(_SHARING, thread))


def open_runs(db: Database) -> tuple[str, ...]:
    """Return the runs that are not finished, in the order in which they began."""
    return tuple(id_ for (id_,) in db.rows("SELECT id FROM _runs WHERE finished_at IS NULL ORDER BY rowid"))


def saw(db: Database, run: str) -> tuple[str, int] | None:
    """Return the thread of which a run showed most, and how many of its posts; None where nothing was read of it."""
    return next(iter(db.rows(_SAW, run)), None)


def sealed(db: Database, run: str) -> tuple[Entry, bytes] | None:
    """Return the entry that seals a run, and its manifest; None while it is open."""
    entry = ledger.of_run(db, run)
    return (entry, body_of(db, entry.manifest_sha256)) if entry else None


def heads(db: Database, run: str) -> list[dict[str, Any]]:
    """Return of every exchange of a run what tells the time: address, end, and the head of the answer."""
    return db.records("SELECT url, finished_at, response_head FROM _exchanges WHERE run = ? ORDER BY seq, attempt", run)
