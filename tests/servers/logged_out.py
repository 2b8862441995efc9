"""A proxy that shows a snac2 as a Mastodon server shows itself to a reader who is not logged in.

snac2 shows its threads to their authors only, all of a thread at once, and lists an account in its own way. In front
of it this adds the author's token, cuts `context` as Mastodon does (40 ancestors, 60 descendants, 20 levels), pages an
account's statuses by `limit`, `min_id`, `since_id` and `max_id` with a Link header, answers `statuses?id[]=`, says
"not found" in JSON, and remembers whom a post answered whose parent is deleted. All else passes through as it is.

By hand: `python -m tests.servers.mastodon` starts both and fills them.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from .snac import Snac, account_id

ANCESTORS, DESCENDANTS, LEVELS = 40, 60, 20
PAGE, LARGEST_PAGE, BATCH = 20, 40, 20
ACTIVITY = "application/activity+json"

Status = dict[str, Any]
Query = dict[str, list[str]]


class NotFound(Exception):
    """There is no such thing here."""


def status(snac: Snac, id_: str) -> Status:
    """One status, with the account that it answered where the status it answered is deleted."""
    answer = snac.ask(f"/api/v1/statuses/{id_}", user=next(iter(snac.tokens)))
    if answer.status_code != 200:
        raise NotFound
    return _with_memory(snac, answer.json())


def _with_memory(snac: Snac, found: Status) -> Status:
    """Mastodon forgets the id of a deleted parent and keeps the id of its author; snac2 forgets both."""
    if found["in_reply_to_id"] is None:
        note = snac.ask(urlsplit(found["uri"]).path, accept=ACTIVITY)
        parent = note.json().get("inReplyTo") if note.ok else None
        if parent:
            user = urlsplit(parent).path.split("/")[1]
            found["in_reply_to_account_id"] = account_id(snac.public, user)
    return found


def context(snac: Snac, id_: str) -> dict[str, list[Status]]:
    """What a reader sees above and below a status."""
    author = status(snac, id_)["account"]["username"]
    whole = snac.ask(f"/api/v1/statuses/{id_}/context", user=author).json()
    below = list(_descendants(id_, whole["descendants"]))[:DESCENDANTS]
    below.sort(key=lambda reply: reply["in_reply_to_account_id"] != reply["account"]["id"])  # self-replies first
    above = whole["ancestors"][-ANCESTORS:]
    return {"ancestors": [_with_memory(snac, found) for found in above], "descendants": below}


def _descendants(id_: str, statuses: list[Status]) -> Iterator[Status]:
    """Depth first, older replies before newer ones, as deep as Mastodon goes."""
    replies: dict[str, list[Status]] = {}
    for found in sorted(statuses, key=_age, reverse=True):
        replies.setdefault(_digest(found["in_reply_to_id"]), []).append(found)
    stack = [(reply, 1) for reply in replies.get(_digest(id_), [])]
    while stack:
        found, level = stack.pop()
        yield found
        if level < LEVELS:
            stack += [(reply, level + 1) for reply in replies.get(_digest(found["id"]), [])]


def statuses(snac: Snac, account: str, query: Query) -> list[Status]:
    """A page of an account's statuses, newest first; `min_id` is the only bound that reads upwards from itself."""
    user = next((user for user in snac.tokens if account_id(snac.public, user) == account), None)
    if user is None:
        raise NotFound
    if "pinned" in query:
        return []
    ids = _living(snac, user)
    digests = [_digest(id_) for id_ in ids]
    limit = min(int(query.get("limit", [str(PAGE)])[0]), LARGEST_PAGE)
    end = _place(digests, query, "max_id", len(ids))
    if "min_id" in query:
        start = _place(digests, query, "min_id", -1) + 1
        chosen = ids[start:end][:limit]
    else:
        start = _place(digests, query, "since_id", -1) + 1
        chosen = ids[start:end][-limit:]
    return [status(snac, id_) for id_ in reversed(chosen)]


def _living(snac: Snac, user: str) -> list[str]:
    """The ids of what a user has posted and not deleted: snac2 leaves the deleted in its index."""
    return [id_ for id_ in snac.posted(user) if _object(snac, id_).exists()]


def _object(snac: Snac, id_: str) -> Path:
    digest = _digest(id_)
    return snac.folder / "object" / digest[:2] / f"{digest}.json"


def _place(digests: list[str], query: Query, bound: str, otherwise: int) -> int:
    """Where the bound stands in the list; ids are compared without their seconds, which an edit changes."""
    given = _digest(query[bound][0]) if bound in query else ""
    return digests.index(given) if given in digests else otherwise


def batch(snac: Snac, ids: list[str]) -> list[Status]:
    """Statuses by id; those that are not there are left out, and so is what exceeds the batch."""
    found = []
    for id_ in ids[:BATCH]:
        try:
            found.append(status(snac, id_))
        except NotFound:
            continue
    return found


def link(url: str, page: list[Status], query: Query) -> str | None:
    """The Link header of a page: `prev` leads to newer statuses, `next` to older ones."""
    if not page:
        return None
    size = min(int(query.get("limit", [str(PAGE)])[0]), LARGEST_PAGE)
    older = [f'<{url}?limit={size}&max_id={page[-1]["id"]}>; rel="next"'] if len(page) == size else []
    return ", ".join([*older, f'<{url}?limit={size}&min_id={page[0]["id"]}>; rel="prev"'])


def _digest(id_: str) -> str:
    return id_[10:]


def _age(found: Status) -> float:
    return float(found["uri"].rsplit("/", 1)[1])


Answer = tuple[Any, dict[str, str]]


def _statuses(snac: Snac, path: str, id_: str, query: Query) -> Answer:
    page = statuses(snac, id_, query)
    header = link(snac.public + path, page, query)
    return page, {"Link": header} if header else {}


ROUTES: tuple[tuple[re.Pattern[str], Callable[[Snac, str, str, Query], Answer]], ...] = (
    (re.compile(r"/api/v1/statuses/(\w+)"), lambda snac, path, id_, query: (status(snac, id_), {})),
    (re.compile(r"/api/v1/statuses/(\w+)/context"), lambda snac, path, id_, query: (context(snac, id_), {})),
    (re.compile(r"/api/v1/accounts/(\w+)/statuses"), _statuses),
    (re.compile(r"/api/v1/statuses()"), lambda snac, path, _, query: (batch(snac, query.get("id[]", [])), {})),
)


class Handler(BaseHTTPRequestHandler):
    """One connection; `server` is a `Proxy`."""

    protocol_version = "HTTP/1.1"
    server: "Proxy"

    def do_GET(self) -> None:
        """Answers what Mastodon answers differently, and passes on the rest."""
        self._note()
        parts = urlsplit(self.path)
        for pattern, answer in ROUTES:
            if found := pattern.fullmatch(parts.path):
                try:
                    body, headers = answer(self.server.snac, parts.path, found[1], parse_qs(parts.query))
                except NotFound:
                    self._send(
                        404, json.dumps({"error": "Record not found"}).encode(), {"Content-Type": "application/json"}
                    )
                else:
                    self._send(200, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
                return
        self._pass_on(None)

    def do_POST(self) -> None:
        """Passes on what the server sends to itself: it knows its own inbox by the public address."""
        self._note()
        self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _pass_on(self, body: bytes | None) -> None:
        answer = requests.request(
            self.command,
            self.server.snac.address + self.path,
            headers=dict(self.headers),
            data=body,
            timeout=60,
            allow_redirects=False,
        )
        kept = {name: answer.headers[name] for name in ("Content-Type", "Location") if name in answer.headers}
        self._send(answer.status_code, answer.content, kept)

    def _send(self, code: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(code)
        for name, value in {"Date": formatdate(usegmt=True), **headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _note(self) -> None:
        line = {"method": self.command, "url": self.path, "agent": self.headers.get("User-Agent", "")}
        with self.server.request_log.open("a") as log:
            log.write(json.dumps(line) + "\n")


class Proxy(ThreadingHTTPServer):
    """Listens on 127.0.0.1; handlers find the server behind it and the log here."""

    def __init__(self, port: int, request_log: Path, snac: Snac):
        super().__init__(("127.0.0.1", port), Handler)
        self.request_log = request_log
        self.snac = snac


if __name__ == "__main__":
    port, log, fields = sys.argv[1:]
    given = json.loads(fields)
    Proxy(int(port), Path(log), Snac(**{**given, "folder": Path(given["folder"])})).serve_forever()
