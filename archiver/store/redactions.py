"""What the archive withholds: which posts, which bodies lose what, and what was read of a thread before they did.

A body keeps its name, the digest of what came; its codec is `withheld`, and its data are what is left. The ledger has
an entry for each redaction, whose manifest names the posts, the bodies with the digest of what is left of each, the
files and, by run, the transcript: a run's thread in rows, where its bodies do not give that any more.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from archiver.http.message import header
from archiver.ledger import canonical
from archiver.model import Thread, utc
from archiver.store.bodies import content_of, json_of, keep_body
from archiver.store.columns import text_of
from archiver.store.database import Database
from archiver.store.exchanges import headers_of
from archiver.store.ledger import Ledger
from archiver.store.restore import thread_of
from archiver.store.rows import rows_of
from archiver.threads.withheld import Withheld

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # rows have a time when they were seen; a transcript's run tells it
KIND = "redaction"
FORMAT = "thread-redaction/1"
TRANSCRIPT = "thread-transcript/1"
CODEC = "withheld"

_OWN = "substr(post, instr(post, '/') + 1) IN (SELECT value FROM json_each(?1))"
_POSTS = "(SELECT id AS post, text, summary FROM posts UNION ALL SELECT post, text, summary FROM post_versions)"
_TEXTS = f"""
    SELECT text FROM {_POSTS} WHERE {_OWN} UNION SELECT summary FROM {_POSTS} WHERE {_OWN}
    UNION SELECT alt FROM attachments WHERE {_OWN} UNION SELECT title FROM attachments WHERE {_OWN}
    UNION SELECT description FROM attachments WHERE {_OWN} UNION SELECT text FROM poll_options WHERE {_OWN}
"""
_EDITIONS = f"SELECT DISTINCT substr(version, instr(version, '/') + 1) FROM observations WHERE version <> '' AND {_OWN}"
_ANSWERS = """
    SELECT sha256, codec, data, url, response_head FROM _exchanges JOIN _bodies ON sha256 = body_sha256
    WHERE run IN (SELECT value FROM json_each(?)) AND codec <> 'file' GROUP BY sha256 ORDER BY MIN(_exchanges.id)
"""
# The files of posts: out of an account's own archive, and what was fetched.
_FILES = """
    (SELECT post, file FROM attachments WHERE file NOTNULL UNION ALL
     SELECT post, path FROM attachments
     JOIN _media ON _media.url = CASE attachments.kind WHEN 'card' THEN picture ELSE attachments.url END
     JOIN _files ON _files.sha256 = _media.sha256)
"""
_FETCHED = """
    SELECT path FROM _media JOIN _files USING (sha256) WHERE url IN (SELECT value FROM json_each(?2))
"""
_AVATARS = """
    SELECT path FROM authors JOIN _media ON _media.url = avatar JOIN _files ON _files.sha256 = _media.sha256
"""
_BESIDE = """
    SELECT sha256 FROM _files JOIN _bodies USING (sha256)
    WHERE codec = 'file' AND path IN (SELECT value FROM json_each(?))
"""
_LATER = """
    SELECT run FROM _ledger JOIN _runs ON _runs.id = run
    WHERE outcome = 'interrupted' AND seq > (SELECT COALESCE(MAX(seq), 0) FROM _ledger WHERE kind = 'redaction')
"""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A kept body that came as an answer, as it is now, with the address and the head that came with it."""

    sha256: str
    body: bytes
    url: str
    kind: str
    coding: str


class Redactions:
    """The part of an archive that withholds. All changes belong into `changing`."""

    def __init__(self, db: Database):
        self._db = db

    def manifests(self) -> list[dict[str, Any]]:
        """Return the manifests of all redactions, oldest first, each with the number of its `entry`."""
        manifests = [(seq, json_of(self._db, sha256)) for seq, sha256 in Ledger(self._db).manifests(KIND)]
        blank = manifest(at=EPOCH.isoformat())  # for what somebody else has put in; `verify` names it
        return [{**blank, **fields, "entry": seq} for seq, fields in manifests if isinstance(fields, dict)]

    def standing(self) -> dict[str, Withheld]:
        """Return which posts are withheld, by their ids, and why: the first reason that was given stays."""
        posts: dict[str, Withheld] = {}
        for manifest in self.manifests():
            for id_ in manifest["posts"]:
                posts.setdefault(id_, Withheld(reason=manifest["reason"], since=utc(manifest["at"])))
        return posts

    def transcript(self, run: str) -> Thread | None:
        """Return a run's thread as it was read before bodies of it were withheld, None where these still give it."""
        sha256 = self.transcripts().get(run)
        return thread_of(json_of(self._db, sha256)["tables"]) if sha256 else None

    def transcripts(self) -> dict[str, str]:
        """Return the digest of each run's transcript; the newest counts."""
        return {run: sha256 for manifest in self.manifests() for run, sha256 in manifest["kept"].items()}

    def texts(self, ids: Iterable[str]) -> set[str]:
        """Return what these posts say in the derived tables, earlier versions too."""
        own = json.dumps(list(ids))
        return {text for (text,) in self._db.rows(_TEXTS, own) if text}

    def editions(self, ids: Iterable[str]) -> set[str]:
        """Return the ids of earlier versions of these posts."""
        return {id_ for (id_,) in self._db.rows(_EDITIONS, json.dumps(list(ids)))}

    def files(self, ids: Iterable[str], addresses: Iterable[str]) -> set[str]:
        """Return the files of these posts, relative to the folder, that no other post shows.

        `addresses` are those of files that they have shown at any time: an edit may have taken some away.
        """
        own = f"SELECT file FROM {_FILES} WHERE {_OWN} UNION {_FETCHED}"
        query = f"{own} EXCEPT SELECT file FROM {_FILES} WHERE NOT {_OWN} EXCEPT {_AVATARS}"
        rows = self._db.rows(query, json.dumps(list(ids)), json.dumps([text_of(url) for url in addresses]))
        return {file for (file,) in rows}

    def bodies_beside(self, files: Iterable[str]) -> set[str]:
        """Return the names of the bodies that lie in these files."""
        return {sha256 for (sha256,) in self._db.rows(_BESIDE, json.dumps(list(files)))}

    def withheld_files(self) -> list[str]:
        """Return the files of all redactions that no post shows."""
        withheld = {file for manifest in self.manifests() for file in manifest["files"]}
        in_use = {file for (file,) in self._db.rows(f"SELECT file FROM {_FILES} UNION {_AVATARS}")}
        return sorted(withheld - in_use)

    def later_runs(self) -> list[str]:
        """Return the runs that ended by force since the last redaction: nobody has looked at what they brought."""
        return [run for (run,) in self._db.rows(_LATER)]

    def answers(self, runs: Iterable[str]) -> Iterator[KeptAnswer]:
        """Yield what came in these runs, each body once."""
        for sha256, codec, data, url, head in self._db.rows(_ANSWERS, json.dumps(list(runs))):
            headers = headers_of(head)
            kind, coding = header(headers, "content-type"), header(headers, "content-encoding")
            yield KeptAnswer(sha256, content_of(self._db, sha256, codec, data), url, kind, coding)

    def runs_with(self, bodies: Iterable[str]) -> list[str]:
        """Return the runs in which one of these bodies came."""
        query = "SELECT DISTINCT run FROM _exchanges WHERE body_sha256 IN (SELECT value FROM json_each(?)) ORDER BY id"
        return [run for (run,) in self._db.rows(query, json.dumps(list(bodies)))]

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All or nothing, and bodies may be changed: the trigger that forbids it is away for as long."""
        self._db.execute("PRAGMA secure_delete = ON")  # what is freed is overwritten
        with self._db.transaction():
            [(trigger,)] = self._db.rows("SELECT sql FROM sqlite_master WHERE name = '_bodies_update'")
            self._db.execute("DROP TRIGGER _bodies_update")
            yield
            self._db.execute(trigger)

    def replace(self, sha256: str, rest: bytes) -> None:
        """Keep of a body only the rest."""
        row = (CODEC, zlib.compress(rest), sha256)
        self._db.execute("UPDATE _bodies SET codec = ?, data = ? WHERE sha256 = ?", row)

    def purged(self) -> frozenset[str]:
        """Return the bodies that went with a thread that was removed, and not because of what a post says."""
        return frozenset(
            body["sha256"] for manifest in self.manifests() if not manifest["posts"] for body in manifest["bodies"]
        )

    def restore(self, body: tuple[str, int, str, bytes]) -> None:
        """Have a purged body again, which came anew: it proves itself by its digest. Within a transaction."""
        [(trigger,)] = self._db.rows("SELECT sql FROM sqlite_master WHERE name = '_bodies_update'")
        self._db.execute("DROP TRIGGER _bodies_update")
        name, _, codec, data = body
        update = "UPDATE _bodies SET codec = ?, data = ? WHERE sha256 = ? AND codec = ?"
        self._db.execute(update, (codec, data, name, CODEC))
        self._db.execute(trigger)

    def keep(self, thread: Thread) -> str:
        """Keep a transcript and return its digest."""
        rows = rows_of(thread, latest=thread, run="", seen_at=EPOCH)
        return keep_body(self._db, canonical({"format": TRANSCRIPT, "tables": rows}))

    def forget_words(self) -> None:
        """Build the search index anew: it keeps the words of what was deleted otherwise."""
        self._db.execute("INSERT INTO posts_fts (posts_fts) VALUES ('rebuild')")

    def overwrite(self) -> None:
        """Leave nothing of what was deleted in the file's free pages."""
        self._db.execute("VACUUM")


def manifest(
    *,
    at: str,
    thread: str = "",
    posts: Iterable[str] = (),
    bodies: Mapping[str, str] | None = None,
    taken: Mapping[str, Iterable[str]] | None = None,
    files: Iterable[str] = (),
    kept: Mapping[str, str] | None = None,
    whole: bool = False,
    reason: str = "",
    operator: str = "",
) -> dict[str, Any]:
    """Return what a redaction's entry seals; `bodies` gives for each the digest of what is left of it, "" for nothing.

    All are named as they are sealed. `taken` gives for each body of which something is left where values were taken
    out, as JSON pointers; `kept` the digests of transcripts by run. `whole` is set for a whole thread.
    """
    return {
        "format": FORMAT,
        "thread": thread,
        "posts": sorted(posts),
        "bodies": [
            {"sha256": sha256, "left": rest, "taken": list((taken or {}).get(sha256, ()))}
            for sha256, rest in sorted((bodies or {}).items())
        ],
        "files": sorted(files),
        "kept": dict(kept or {}),
        "whole": whole,
        "reason": reason,
        "at": at,
        "operator": operator,
    }
