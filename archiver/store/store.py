"""The archive: a folder with one database, which keeps what came and holds the threads that were read out of it.

with Archive.open(folder, now=now) as archive:
    run = archive.begin(url, options, now)
    send = Client(keep=archive.keep(run))       every exchange is on the disk before anyone reads it
    id = archive.save(run, thread)
    archive.finish(run, "complete", failures, later)
    archive.document(id)
"""

import json
import os
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import Self

from archiver.http.message import MEDIA, Exchange, Keep
from archiver.http.redact import redacted_url
from archiver.layout import DATABASE
from archiver.ledger import Entry
from archiver.model import Document, Kind, Node, Outcome, StoredFile, Summary, Thread, utc
from archiver.options import Options
from archiver.store import attached, documents, exchanges
from archiver.store.columns import stamp, text_of
from archiver.store.database import Database, is_full, reported
from archiver.store.history import History
from archiver.store.index import ThreadIndex
from archiver.store.ledger import Ledger
from archiver.store.media import MediaFiles
from archiver.store.numbers import drop_unused, last_number, number, number_all
from archiver.store.opening import harmless, locked, none_in, settled, tool, writable
from archiver.store.redactions import Redactions
from archiver.store.removals import Removals
from archiver.store.rows import key, quotes, rows_of
from archiver.store.write import clear, write
from archiver.threads.completeness import OWN
from archiver.threads.merge import merge

_SEEN_AT = """
    SELECT COALESCE((
      SELECT MAX(finished_at) FROM _exchanges WHERE run = _runs.id AND instr(request_head, ?) = 0
    ), started_at) FROM _runs WHERE id = ?
"""
_OF_MEDIA = exchanges.head_of(MEDIA[:1])  # what is fetched after a thread does not make it a later one


class Archive:
    """One archive, open for one writer (`open`) or for a reader (`read`); close it, or use it in a `with`.

    `history` is what came, run by run; `index` finds threads; `ledger` seals; `media` are the files beside the
    database; `redactions` and `removals` say what is withheld and what is not read any more.
    Raises ArchiveError for all that the disk, the file or another program may do to it.
    """

    def __init__(self, db: Database, folder: Path, lock_file: int | None):
        self._db = db
        self.folder = folder
        self.history = History(db)
        self.index = ThreadIndex(db)
        self.ledger = Ledger(db)
        self.media = MediaFiles(db)
        self.redactions = Redactions(db)
        self.removals = Removals(db)
        self.operator, self.older = "", False
        self._lock_file = lock_file

    @classmethod
    def open(cls, folder: Path, *, now: datetime, operator: str = "") -> Self:
        """Open an archive for writing, and make it where there is none.

        `operator` is who does it, if that is to be part of the evidence. `older` says that the archive was of an older
        version: what is derived has to be read again, by `collecting.reparse`. Finished runs without an entry, which
        only older versions left, are sealed at `now`; those that a killed process left open stay so, for `recovery`.
        """
        lock_file = locked(folder)
        try:
            db, older = writable(folder / DATABASE)
        except BaseException:
            os.close(lock_file)
            raise
        archive = cls(db, folder, lock_file)
        archive.operator, archive.older = text_of(operator), older
        with db.transaction():
            archive.ledger.seal(now)
            number_all(db)
        return archive

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Open an existing archive for reading only: nothing is made or changed, and a writer is not disturbed."""
        path = folder / DATABASE
        if not path.exists():
            raise none_in(folder)
        db = Database.opened(path, "ro")
        try:
            settled(db)
            harmless(db)
        except BaseException:
            db.close()
            raise
        return cls(db, folder, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and let the next writer in."""
        self._db.close()
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def begin(self, url: str, options: Options, started_at: datetime, package: str = "") -> str:
        """Begin a run over one URL and return its id; `reparse` does the same again by its `options`.

        Of the URL, what is a secret is not stored: it would be sealed, and could not be taken out again. `package` is
        the plug-in that reads the answers, if one does.
        """
        id_ = str(uuid.uuid4())
        fields = json.dumps(options.fields(), sort_keys=True)
        row = (id_, text_of(redacted_url(url)), fields, tool(package), stamp(started_at), self.operator)
        self._db.execute(
            "INSERT INTO _runs (id, url, asked, tool, started_at, operator) VALUES (?, ?, ?, ?, ?, ?)", row
        )
        return id_

    def keep(self, run_id: str) -> Keep:
        """Return a `Keep` that has each exchange on the disk when it returns."""

        purged = self.redactions.purged()

        def keep(exchange: Exchange) -> None:
            with self._db.transaction():
                if exchange.file and exchange.file.sha256:
                    self.media.hold([exchange.file], exchange.finished_at)
                for body in exchanges.bodies_of(exchange):
                    self._db.execute("INSERT OR IGNORE INTO _bodies VALUES (?, ?, ?, ?)", body)
                    if body[0] in purged:
                        self.redactions.restore(body)
                marks = ", ".join("?" for _ in exchanges.COLUMNS)
                self._db.execute(
                    f"INSERT INTO _exchanges ({', '.join(exchanges.COLUMNS)}) VALUES ({marks})",
                    exchanges.row_of(exchange, run_id),
                )

        return keep

    def finish(self, run_id: str, outcome: str, failures: Sequence[str], finished_at: datetime) -> None:
        """Close a run for good, and seal it with the next entry of the ledger."""
        texts = json.dumps([text_of(redacted_url(failure)) for failure in failures], ensure_ascii=False)
        with self._db.transaction():
            self._db.execute(
                "UPDATE _runs SET finished_at = ?, outcome = ?, failures = ? WHERE id = ?",
                (stamp(finished_at), outcome, texts, run_id),
            )
            self.ledger.seal(finished_at)

    @contextmanager
    def interrupted(self, run_id: str, now: datetime) -> Iterator[None]:
        """Close and seal a run that a killed process left open, for the block to read it: all of it or nothing."""
        with self._db.transaction():
            self.finish(run_id, Outcome.INTERRUPTED, [], now)
            yield

    def save(self, run_id: str, thread: Thread, latest: Thread | None = None, order: Sequence[str] = ()) -> str:
        """Save what a run made of a thread, all or nothing, and return the archive's id for it.

        `latest` is what this run alone showed, where `thread` is merged with an earlier capture. Rows that are
        as they were are not touched; an earlier content of a post goes to its versions. `order` names sources, the
        best first: what one has shown of a post is not overwritten by a lesser one, in whatever thread that comes.
        """
        with self._db.transaction():
            seen_at = stamp(self.seen_at(run_id))
            settled = self._settled(thread)
            better = self._better(thread, order)
            rows = rows_of(
                thread, latest=latest or thread, run=run_id, seen_at=utc(seen_at), settled=settled, better=better
            )
            replaced = [id_ for id_ in self._overlapping(thread) if id_ != key(thread.url, thread.id)]
            write(self._db, rows, replaced)
            number(self._db, key(thread.url, thread.id), replaced)
        return key(thread.url, thread.id)

    def seen_at(self, run_id: str) -> datetime:
        """Return when a run had seen a thread: at the end of its last answer, media left out."""
        [(seen_at,)] = self._db.rows(_SEEN_AT, _OF_MEDIA, run_id)
        return utc(seen_at)

    def _settled(self, thread: Thread) -> frozenset[str]:
        quoted = json.dumps([key(thread.url, post.id) for post in quotes(thread.posts)])
        query = "SELECT id FROM posts WHERE NOT quoted_only AND id IN (SELECT value FROM json_each(?))"
        return frozenset(id_ for (id_,) in self._db.rows(query, quoted))

    def _better(self, thread: Thread, order: Sequence[str]) -> frozenset[str]:
        """Return the keys of posts of which more, or from a better source, is stored than the thread shows."""
        offered = {key(thread.url, post.id): (post.truncated, _rank(post.route, order)) for post in thread.posts}
        stored = self._db.rows(
            "SELECT id, truncated, route FROM posts WHERE NOT quoted_only AND id IN (SELECT value FROM json_each(?))",
            json.dumps(list(offered)),
        )
        return frozenset(
            id_ for id_, truncated, route in stored if (bool(truncated), _rank(route, order)) < offered[id_]
        )

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Empty the derived tables, for the block to fill them again: it all counts, or all is as it was before."""
        with self._db.transaction():
            last = last_number(self._db)
            clear(self._db)
            yield
            drop_unused(self._db, last)

    def copy_database(self, folder: Path) -> None:
        """Write the database into another folder, sound even while a writer is at work.

        Raises ArchiveError that names the copy where its disk is full, else this archive.
        """
        with closing(Database.opened(folder / DATABASE, "rwc")) as copy:
            try:
                self._db.connection.backup(copy.connection)
            except sqlite3.Error as error:
                with reported(copy.path if is_full(error) else self._db.path):
                    raise

    def threads(self) -> tuple[Summary, ...]:
        """Return all threads, in the order in which they came into the archive."""
        with self._db.transaction("BEGIN"):
            return documents.summaries(self._db)

    def document(self, words: str) -> Document:
        """Return the thread that the words name, as `find` takes them, with what is known about its capture."""
        with self._db.transaction("BEGIN"):
            return documents.document(self._db, self.index.find(words))

    def earlier(self, like: Thread) -> Thread | None:
        """Return what earlier runs have made of a thread, None where it is new.

        It may be of another first post, where some capture has not seen the first one; then it goes by that.
        """
        with self._db.transaction("BEGIN"):
            captures = [documents.thread_alone(self._db, id_) for id_ in self._overlapping(like)]
            return reduce(merge, captures) if captures else None

    def before(self, like: Thread) -> tuple[Document, ...]:
        """Return the documents of what earlier runs have made of a thread, the newest last; see `earlier`."""
        with self._db.transaction("BEGIN"):
            return tuple(documents.document(self._db, id_) for id_ in self._overlapping(like))

    def _overlapping(self, like: Thread) -> list[str]:
        nodes: list[Node] = [*like.posts, *like.missing]  # a gap may be the first post of an earlier capture
        own = [key(like.url, node.id) for node in nodes if like.roles.get(node.id) in OWN]
        storm = like.kind is Kind.STORM
        return self.index.overlapping(key(like.url, like.id), key(like.url, like.author.id), own, is_storm=storm)

    def holding(
        self,
        platform: str,
        url: str,
        *,
        post: str = "",
        author: str = "",
        site: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Thread | None:
        """Return the thread that holds a post, or that was asked for by this address; see `ThreadIndex.holding`."""
        with self._db.transaction("BEGIN"):
            url = text_of(redacted_url(url))
            id_ = self.index.holding(platform, url, post=post, author=author, site=site, since=since, until=until)
            return documents.thread_alone(self._db, id_) if id_ else None

    def attach(self, thread_id: str, file: StoredFile, name: str, note: str, now: datetime) -> Entry:
        """Put a copied file beside a thread: it is sealed by an entry of the ledger of its own."""
        with self._db.transaction():
            self.media.hold([file], now)
            manifest = attached.manifest(thread_id, file, name, note, self.operator, now)
            return self.ledger.note(attached.KIND, manifest, now)


def _rank(route: str, order: Sequence[str]) -> int:
    return order.index(route) if route in order else len(order)
