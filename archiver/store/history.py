"""What is handed on to others: every exchange of a run, its seal, and which runs a thread came out of."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from archiver.http.message import Exchange, Request
from archiver.ledger import Entry
from archiver.store import ledger
from archiver.store.database import Database
from archiver.store.exchanges import exchange_of
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
    ORDER BY started_at, rowid
"""


def history(db: Database, run: str) -> Iterator[Exchange]:
    """Yield every exchange of a run in order: tries, redirects and refusals too, with what was sent.

    One body at a time: films are among them.
    """
    for row in db.records("SELECT * FROM _exchanges WHERE run = ? ORDER BY seq, attempt", run):
        request = Request(url=row["asked_url"], method=row["method"], body=body_of(db, row["request_body_sha256"]))
        exchange = exchange_of(row, request, body_of(db, row["body_sha256"]))
        # Of a file that came in parts, no exchange has the whole; what it came to is in the manifest.
        yield exchange if row["body_sha256"] or row["status"] is None else replace(exchange, complete=False)


def runs_of(db: Database, thread: str) -> tuple[str, ...]:
    """Return the runs that a thread came out of, oldest first, and those that asked for it again in vain."""
    return tuple(id_ for (id_,) in db.rows(_RUNS_OF, thread))


def sealed(db: Database, run: str) -> tuple[Entry, bytes] | None:
    """Return the entry that seals a run, and its manifest; None while it is open."""
    entry = ledger.of_run(db, run)
    return (entry, body_of(db, entry.manifest_sha256)) if entry else None


def heads(db: Database, run: str) -> list[dict[str, Any]]:
    """Return of every exchange of a run what tells the time: address, end, and the head of the answer."""
    return db.records("SELECT url, finished_at, response_head FROM _exchanges WHERE run = ? ORDER BY seq, attempt", run)
