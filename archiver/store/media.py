"""What a thread shows: which address gave which file in which run, and what could not be fetched.

Threads are read out of answers, and know addresses only. Which file belongs to one is joined when a document is read,
so `reparse` changes nothing about it, and what a later run has fetched shows in all threads.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath

from archiver.http.redact import redacted_url
from archiver.ledger import OF_MEDIA
from archiver.model import Attachment, Author, Missing, Node, Post, StoredFile, Thread
from archiver.store.bodies import pieces_of
from archiver.store.columns import stamp, text_of
from archiver.store.database import Database
from archiver.store.rows import quotes

_SHOWN = "SELECT url, path, said FROM media WHERE url IN (SELECT value FROM json_each(?))"
STOPPED = "the run was stopped before"
_COUNTED = """
    SELECT COUNT(sha256), COUNT(*) FILTER (WHERE sha256 ISNULL AND said <> ?1), COUNT(*) FILTER (WHERE said = ?1)
    FROM _media WHERE run = ?2 AND place = 0
"""
_PIECES = """
  SELECT DISTINCT _files.path FROM json_each(?) AS shown
  CROSS JOIN _media AS first ON first.sha256 = shown.value AND first.place = 0
  CROSS JOIN _media AS piece ON piece.run = first.run AND piece.url = first.url AND piece.place > 0
  CROSS JOIN _files ON _files.sha256 = piece.sha256
"""

Files = Mapping[str, tuple[str | None, str]]  # by address: the path, or why there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of fetching one thing: its files, the one to show first; or none, and in `said` why not.

    Where there are files, `said` tells why they are not those that were posted, but what the platform shows of them.
    `url` is as threads name it, `asked_url` what gave it, `kind` what it is by its content.
    """

    url: str
    asked_url: str
    at: datetime
    files: tuple[StoredFile, ...] = ()
    kind: str = ""
    said: str = ""


class MediaFiles:
    """The files beside the database, and which address gave which."""

    def __init__(self, db: Database):
        self._db = db

    def hold(self, files: Iterable[StoredFile], now: datetime) -> None:
        """Note which files are held, under their digests; one that was held before keeps its first row."""
        rows = [(file.sha256, file.size, file.path, stamp(now)) for file in files]
        with self._db.transaction():
            self._db.execute_many(
                "INSERT OR IGNORE INTO _files (sha256, size, path, added_at) VALUES (?, ?, ?, ?)", rows
            )

    def note(self, run: str, attempt: Attempt) -> None:
        """Note what came of fetching one thing that a thread shows."""
        url, asked_url, fault = text_of(attempt.url), text_of(redacted_url(attempt.asked_url)), text_of(attempt.said)
        names: list[str | None] = [file.sha256 for file in attempt.files] or [None]
        rows = [
            (run, url, place, asked_url, name, attempt.kind, fault, stamp(attempt.at))
            for place, name in enumerate(names)
        ]
        with self._db.transaction():
            self.hold(attempt.files, attempt.at)
            self._db.execute_many(
                f"INSERT INTO _media (run, {', '.join(OF_MEDIA)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
            )

    def counts(self, run: str) -> tuple[int, int, int]:
        """Return how many things a run has fetched, how many in vain, and how many it was stopped before."""
        [(fetched, failed, skipped)] = self._db.rows(_COUNTED, STOPPED, run)
        return fetched, failed, skipped

    def pieces(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Return the files without which those at the given paths are nothing, such as the pieces of a film."""
        digests = [PurePosixPath(path).stem for path in paths]  # files are called so
        return tuple(path for (path,) in self._db.rows(_PIECES, json.dumps(digests)))

    def files(self, paths: Iterable[str]) -> list[StoredFile]:
        """Return which of these paths, and of those that they need beside them, are files that are held."""
        paths = tuple(paths)
        names = json.dumps([*paths, *self.pieces(paths)])
        query = "SELECT sha256, size, path FROM _files WHERE path IN (SELECT value FROM json_each(?)) ORDER BY path"
        return [StoredFile(*row) for row in self._db.rows(query, names)]

    def content(self, file: StoredFile) -> Iterator[bytes]:
        """Yield what is in a file; see `bodies.pieces_of`."""
        return pieces_of(self._db, file.sha256)

    def joined(self, thread: Thread) -> Thread:
        """Return a thread with the files that the archive holds of it, and with why it does not hold others."""
        addresses = {text_of(url) for url in _addresses(thread)}
        rows = self._db.rows(_SHOWN, json.dumps(sorted(addresses)))
        files: Files = {url: (path, fault) for url, path, fault in rows}
        if not files:
            return thread
        return replace(
            thread,
            author=_author(thread.author, files),
            nodes=tuple(_node(node, files) for node in thread.nodes),
        )


def source(item: Attachment) -> str:
    """Return the address of what an attachment shows: of the file, or of the picture on a card; "" for none."""
    return (item.picture or "") if item.kind == "card" else item.url


def _addresses(thread: Thread) -> Iterable[str]:
    posts = [*thread.posts, *quotes(thread.posts)]
    yield from (source(item) for post in posts for item in post.attachments)
    yield from (author.avatar or "" for author in (thread.author, *(post.author for post in posts)))


def _node(node: Node, files: Files) -> Node:
    if isinstance(node, Missing):
        return node
    chain: list[Post] = [node, *quotes([node])]
    below: Node | None = chain[-1].quote
    for post in reversed(chain):
        items = tuple(_attachment(item, files) for item in post.attachments)
        below = replace(post, author=_author(post.author, files), attachments=items, quote=below)
    return below or node


def _attachment(item: Attachment, files: Files) -> Attachment:
    path, fault = files.get(text_of(source(item)), (None, ""))
    if item.file or not (path or fault):
        return item
    return replace(item, file=path, fault=fault) if path else replace(item, fault=f"could not be fetched: {fault}")


def _author(author: Author, files: Files) -> Author:
    path, _ = files.get(text_of(author.avatar or ""), (None, ""))
    return replace(author, avatar_file=path) if path else author
