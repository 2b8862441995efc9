"""Posts out of answers that a redaction has changed: that it changed nothing else in them is the word of its author.

The original bytes are gone, so no digest can tell. What is left of a body names the posts that came in it; where that
is no JSON, and where the run's thread was kept as a transcript, all posts of the run count.
"""

import json
from collections.abc import Iterable
from typing import Any

from archiver.errors import ParseError
from archiver.http.message import decoded, header
from archiver.model import Reduction, utc
from archiver.store.bodies import content_of
from archiver.store.database import Database
from archiver.store.exchanges import headers_of
from archiver.store.redactions import Redactions

SHORTEST = 6  # characters of the end of an id by which a post is looked for

_LEFT = """
    SELECT run, sha256, data, url, response_head FROM _exchanges JOIN _bodies ON sha256 = body_sha256
    WHERE codec = 'withheld'
"""
_SEEN = """
    SELECT DISTINCT post, run FROM observations
    WHERE run IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR post IN (SELECT value FROM json_each(?2)))
"""


def reductions(db: Database, posts: Iterable[str] | None = None) -> dict[str, Reduction]:
    """Return, by the archive's name for a post (host/id), the redaction that last changed an answer that showed it.

    Of these posts, or of all.
    """
    manifests = Redactions(db).manifests()
    if not manifests:
        return {}
    by_body = {body["sha256"]: manifest for manifest in manifests for body in manifest["bodies"]}
    by_transcript = {run: manifest for manifest in manifests for run in manifest["kept"]}
    rests: dict[str, list[tuple[dict[str, Any], str | None]]] = {}
    for run, sha256, data, url, head in db.rows(_LEFT):
        content = content_of(db, sha256, "withheld", data)
        if sha256 in by_body and content:
            rests.setdefault(run, []).append((by_body[sha256], _text(content, url, head)))
    for run, manifest in by_transcript.items():
        rests.setdefault(run, []).append((manifest, None))
    rows = db.rows(_SEEN, json.dumps(list(rests)), None if posts is None else json.dumps(list(posts)))
    newest: dict[str, dict[str, Any]] = {}
    for post, run in rows:
        for manifest, text in rests[run]:
            if (text is None or _name(post) in text) and manifest["entry"] >= newest.get(post, manifest)["entry"]:
                newest[post] = manifest
    return {post: _reduction(manifest) for post, manifest in newest.items()}


def _text(content: bytes, url: str, head: str) -> str | None:
    """Return what is left of an answer, written without escapes, None where it is no JSON."""
    try:
        value = json.loads(decoded(content, header(headers_of(head), "content-encoding"), url))
    except (ParseError, ValueError, RecursionError):
        return None
    return json.dumps(value, ensure_ascii=False)


def _name(post: str) -> str:
    """Return by what a post is looked for: the end of its id, or all of it where that is short."""
    id_ = post.partition("/")[2]
    end = id_.rstrip("/").rpartition("/")[2]
    return end if len(end) >= SHORTEST else id_


def _reduction(manifest: dict[str, Any]) -> Reduction:
    return Reduction(
        entry=manifest["entry"], at=utc(manifest["at"]), operator=manifest["operator"], reason=manifest["reason"]
    )
