"""What came: the runs, every exchange of each, its seal, and which runs a thread came out of."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from archiver.errors import ArchiveError
from archiver.http.message import Exchange, Request, Send, header, is_beside, is_media, is_page
from archiver.ledger import Entry, skews
from archiver.model import Outcome, Run, StoredFile, utc
from archiver.options import Options
from archiver.store.bodies import body_of
from archiver.store.database import Database
from archiver.store.exchanges import FILE, exchange_of, headers_of
from archiver.store.ledger import Ledger
from archiver.store.media import MediaFiles
from archiver.store.redactions import Redactions
from archiver.store.replay import exchanges_of, replay
from archiver.store.rows import host_of

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


class History:
    """The runs of an archive, and everything that came in them."""

    def __init__(self, db: Database):
        self._db = db

    def runs(self) -> tuple[Run, ...]:
        """Return all runs in the order in which they count: that of the ledger, not of a clock."""
        with self._db.transaction("BEGIN"):
            return tuple(self.run(id_) for id_ in Ledger(self._db).runs_in_order())

    def run(self, id_: str) -> Run:
        """Return one run. Raises ArchiveError for an unknown id."""
        row = self._row(id_)
        # Heads only: the bodies of a run may be hundreds of megabytes.
        query = "SELECT url, request_head FROM _exchanges WHERE run = ? ORDER BY seq, attempt"
        requests = [(url, headers_of(head)) for url, head in self._db.rows(query, id_)]
        urls = [url for url, headers in requests if not is_beside(headers)]
        fetched, failed, skipped = MediaFiles(self._db).counts(id_)
        entry = Ledger(self._db).of_run(id_)
        options = json.loads(row["asked"])
        return Run(
            id=id_,
            url=row["url"],
            tool=row["tool"],
            started_at=utc(row["started_at"]),
            finished_at=utc(row["finished_at"]) if row["finished_at"] else None,
            outcome=row["outcome"],
            requests=len(urls),
            page_requests=sum(is_page(headers) for _, headers in requests),
            media_requests=sum(is_media(headers) for _, headers in requests),
            hosts=tuple(dict.fromkeys(host_of(url) or url.partition("/")[0] for url in urls)),
            failures=tuple(json.loads(row["failures"])),
            operator=row["operator"],
            receipt=entry.receipt if entry else "",
            imported=str(options.get("imported", "")),
            media=fetched,
            media_failed=failed,
            media_left=skipped,
            replies=bool(options.get("replies")),
            zone=str(options.get("tz", "")),
        )

    def request_of(self, run: str) -> tuple[str, Options]:
        """Return the address that a run was asked for, and its options. Raises ArchiveError for an unknown id."""
        row = self._row(run)
        try:
            return row["url"], Options.of(json.loads(row["asked"]))
        except (ValueError, AttributeError) as error:
            raise ArchiveError(
                f"the options of run {run} are damaged in {self._db.path}; see: archiver verify"
            ) from error

    def stored_options(self, run: str) -> dict[str, Any]:
        """Return the options of a run word for word, as its manifest seals them."""
        decoded: dict[str, Any] = json.loads(self._row(run)["asked"])
        return decoded

    def open_runs(self) -> tuple[str, ...]:
        """Return the ids of the runs that are not finished, in the order in which they began."""
        return tuple(id_ for (id_,) in self._db.rows("SELECT id FROM _runs WHERE finished_at IS NULL ORDER BY rowid"))

    def runs_of(self, thread: str) -> tuple[str, ...]:
        """Return the runs that a thread came out of, in their order, and those that asked for it again in vain.

        `thread` is the archive's id for it.
        """
        ids = {id_ for (id_,) in self._db.rows(_RUNS_OF, thread)}
        return tuple(id_ for id_ in Ledger(self._db).runs_in_order() if id_ in ids)

    def thread_of(self, run: str) -> tuple[str, int] | None:
        """Return the thread of which a run showed most, and how many of its posts; None where it showed none."""
        return next(iter(self._db.rows(_SAW, run)), None)

    def exchanges(self, run: str) -> Iterator[Exchange]:
        """Yield every exchange of a run in order: tries, redirects and refusals too, with what was sent.

        One body at a time; a film's stays in its file.
        """
        for row in self._db.records(_EXCHANGES, run):
            sent = body_of(self._db, row["request_body_sha256"])
            request = Request(url=row["asked_url"], method=row["method"], body=sent)
            if row["codec"] == FILE:
                file = StoredFile(row["body_sha256"], row["size"], row["path"])
                yield replace(exchange_of(row, request, b""), file=file)
            elif row["body_sha256"] or row["status"] is None:
                yield exchange_of(row, request, body_of(self._db, row["body_sha256"]))
            else:  # of a file that came in parts, no exchange has the whole; what it came to is in the manifest
                yield replace(exchange_of(row, request, b""), file=StoredFile("", 0, ""))

    def last_exchanges(self, run: str) -> tuple[Exchange, ...]:
        """Return the last exchange of each request of a run, in order; see `replay.exchanges_of`."""
        return exchanges_of(self._db, run)

    def replay(self, run: str) -> Send:
        """Return a `Send` that answers as the network did in that run; see `replay.replay`."""
        return replay(self._db, run, was_stopped=self._row(run)["outcome"] == Outcome.INTERRUPTED)

    def joined_files(self, run: str) -> Iterator[tuple[StoredFile, datetime, str, str]]:
        """Yield the files of a run that no answer of it gave whole, but for those that are withheld.

        Each with the time, an address that gave it in parts, and its media type there; "" where that is not known.
        """
        withheld = Redactions(self._db).withheld_files()
        for sha256, size, path, at, url, head in self._db.rows(_WHOLES, run):
            if path not in withheld:
                yield StoredFile(sha256, size, path), utc(at), url or "", header(headers_of(head or ""), "content-type")

    def seal_of(self, run: str) -> tuple[Entry, bytes] | None:
        """Return the entry that seals a run, and its manifest; None while it is open."""
        entry = Ledger(self._db).of_run(run)
        return (entry, body_of(self._db, entry.manifest_sha256)) if entry else None

    def skew(self, run: str) -> tuple[int, str]:
        """Return by how many seconds the clock of a host was ahead of ours at the worst in a run, and which address."""
        query = "SELECT url, finished_at, response_head FROM _exchanges WHERE run = ? ORDER BY seq, attempt"
        return max(skews(self._db.records(query, run)), key=lambda skew: abs(skew[0]), default=(0, ""))

    def _row(self, id_: str) -> Mapping[str, Any]:
        for row in self._db.records("SELECT * FROM _runs WHERE id = ?", id_):
            return row
        raise ArchiveError(f"no run {id_} in {self._db.path.parent}")
