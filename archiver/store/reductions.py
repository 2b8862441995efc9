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
    told = Redactions(db).told()
    if not told:
        return {}
    by_body = {body["sha256"]: one for one in told for body in one["bodies"]}
    by_transcript = {run: one for one in told for run in one["kept"]}
    left: dict[str, list[tuple[dict[str, Any], str | None]]] = {}
    for run, sha256, data, url, head in db.rows(_LEFT):
        content = content_of(db, sha256, "withheld", data)
        if sha256 in by_body and content:
            left.setdefault(run, []).append((by_body[sha256], _said(content, url, head)))
    for run, one in by_transcript.items():
        left.setdefault(run, []).append((one, None))
    seen = db.rows(_SEEN, json.dumps(list(left)), None if posts is None else json.dumps(list(posts)))
    found: dict[str, dict[str, Any]] = {}
    for post, run in seen:
        for one, said in left[run]:
            if (said is None or _name(post) in said) and one["entry"] >= found.get(post, one)["entry"]:
                found[post] = one
    return {post: _reduction(one) for post, one in found.items()}


def _said(content: bytes, url: str, head: str) -> str | None:
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


def _reduction(told: dict[str, Any]) -> Reduction:
    return Reduction(entry=told["entry"], at=utc(told["at"]), operator=told["operator"], reason=told["reason"])
