"""A `Send` that answers from what a run has stored, as the network did then, errors included."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from archiver.errors import Interrupted, NotRecorded
from archiver.http.answering import in_turn
from archiver.http.message import Exchange, Request, Response, Send, is_beside
from archiver.http.outcome import decided
from archiver.http.redact import redacted_body, redacted_url
from archiver.store.bodies import body_of
from archiver.store.columns import text_of
from archiver.store.database import Database
from archiver.store.exchanges import digest, exchange_of, headers_of

_Question = tuple[str, str, str | None]

_LAST_ATTEMPTS = """
    SELECT * FROM _exchanges AS one WHERE run = ? AND attempt = (
      SELECT MAX(attempt) FROM _exchanges WHERE run = one.run AND seq = one.seq
    ) ORDER BY seq
"""


def replay(db: Database, run: str, *, was_stopped: bool) -> Send:
    """Return a `Send` over one run: the last attempt of a request decides, as it did then.

    A request that was made several times gets its answers in that order, and the last of them from then on. Raises
    NotRecorded for a request that the run did not make, Interrupted where the user had stopped it there:
    `was_stopped` says that the run ended so.
    """
    stored: defaultdict[_Question, list[Mapping[str, Any]]] = defaultdict(list)
    for row in db.records(_LAST_ATTEMPTS, run):
        if is_beside(headers_of(row["request_head"])):
            continue  # routes did not ask for it, and shall not meet it where they ask for the same address
        stored[row["method"], redacted_url(row["asked_url"]), row["request_body_sha256"]].append(row)

    next_answer = in_turn(stored)

    def send(request: Request) -> Response:
        row = next_answer(_question(request))
        if row is None and was_stopped:
            raise Interrupted
        if row is None:
            raise NotRecorded(f"{request.url} is not in the archive: run {run} did not ask for it")
        return decided(exchange_of(row, request, body_of(db, row["body_sha256"])))

    return send


def exchanges_of(db: Database, run: str) -> tuple[Exchange, ...]:
    """Return the last exchange of each request of a run, in order, without those that gave only a part of a file."""
    return tuple(
        exchange_of(row, Request(url=row["asked_url"], method=row["method"]), body_of(db, row["body_sha256"]))
        for row in db.records(_LAST_ATTEMPTS, run)
        if row["status"] != 206
    )


def _question(request: Request) -> _Question:
    body = digest(redacted_body(request.body)) if request.body else None
    return request.method, text_of(redacted_url(request.url)), body
