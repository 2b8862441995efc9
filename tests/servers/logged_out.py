"""A proxy that shows a snac2 as a Mastodon server shows itself to a reader who is not logged in.

snac2 shows its threads to their authors only, all of a thread at once, and lists an account in its own way. In front
of it this adds the author's token, cuts `context` as Mastodon does (40 ancestors, 60 descendants, 20 levels), pages an
account's statuses by `limit`, `min_id`, `since_id` and `max_id` with a Link header, answers `statuses?id[]=`, says
"not found" in JSON, and of a deleted parent remembers its author and nothing else. All else passes through as it is.

These are the answers; proxy.py is what speaks HTTP.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .snac import Snac, account_id

ANCESTORS, DESCENDANTS, LEVELS = 40, 60, 20
PAGE, LARGEST_PAGE, BATCH = 20, 40, 20
ACTIVITY = "application/activity+json"

Status = dict[str, Any]
Query = dict[str, list[str]]
Reply = tuple[int, dict[str, str], Any]  # status, headers, what goes out as JSON


class NotFound(Exception):
    """There is no such thing here."""


def status(snac: Snac, id_: str) -> Status:
    """One status, with the account that it answered where the status it answered is deleted."""
    answer = snac.ask(f"/api/v1/statuses/{id_}", user=next(iter(snac.tokens)))
    if answer.status_code != 200:
        raise NotFound
    return _with_memory(snac, answer.json())


def _with_memory(snac: Snac, found: Status) -> Status:
    """In its API, Mastodon forgets the id of a deleted parent and keeps the id of its author; snac2 forgets both."""
    if found["in_reply_to_id"] is None:
        note = snac.ask(urlsplit(found["uri"]).path, accept=ACTIVITY)
        parent = note.json().get("inReplyTo") if note.ok else None
        if parent:
            user = urlsplit(parent).path.split("/")[1]
            found["in_reply_to_account_id"] = account_id(snac.public, user)
    return found


def activity(snac: Snac, path: str) -> dict[str, Any]:
    """A status as ActivityPub has it: here too, Mastodon forgets a deleted parent, which snac2 goes on naming."""
    answer = snac.ask(path, accept=ACTIVITY)
    if not answer.ok:
        raise NotFound
    found: dict[str, Any] = answer.json()
    parent = found.get("inReplyTo")
    if parent and not snac.ask(urlsplit(parent).path, accept=ACTIVITY).ok:
        found["inReplyTo"] = None
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
    limit = _limit(query)
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


def link(snac: Snac, account: str, page: list[Status], query: Query) -> dict[str, str]:
    """The Link header of a page: `prev` leads to newer statuses, `next` to older ones."""
    if not page:
        return {}
    url, size = f"{snac.public}/api/v1/accounts/{account}/statuses", _limit(query)
    older = [f'<{url}?limit={size}&max_id={page[-1]["id"]}>; rel="next"'] if len(page) == size else []
    return {"Link": ", ".join([*older, f'<{url}?limit={size}&min_id={page[0]["id"]}>; rel="prev"'])}


def _limit(query: Query) -> int:
    return min(int(query.get("limit", [str(PAGE)])[0]), LARGEST_PAGE)


def _digest(id_: str) -> str:
    return id_[10:]


def _age(found: Status) -> float:
    return float(found["uri"].rsplit("/", 1)[1])


def _listing(snac: Snac, account: str, query: Query) -> Reply:
    page = statuses(snac, account, query)
    return 200, link(snac, account, page, query), page


Route = tuple[re.Pattern[str], str, Callable[[Snac, str, Query], Reply]]

ROUTES: tuple[Route, ...] = (  # path, what must be accepted, the reply
    (re.compile(r"/api/v1/statuses/(\w+)"), "", lambda snac, id_, query: (200, {}, status(snac, id_))),
    (re.compile(r"/api/v1/statuses/(\w+)/context"), "", lambda snac, id_, query: (200, {}, context(snac, id_))),
    (re.compile(r"/api/v1/statuses()"), "", lambda snac, _, query: (200, {}, batch(snac, query.get("id[]", [])))),
    (re.compile(r"/api/v1/accounts/(\w+)/statuses"), "", _listing),
    (
        re.compile(r"(/\w+/p/[0-9.]+)"),
        ACTIVITY,
        lambda snac, path, query: (200, {"Content-Type": ACTIVITY}, activity(snac, path)),
    ),
)


def reply(snac: Snac, target: str, accept: str) -> Reply | None:
    """What Mastodon would answer to a GET; None where it would be what snac2 answers."""
    parts = urlsplit(target)
    for path, accepted, made in ROUTES:
        found = path.fullmatch(parts.path)
        if found and accepted in accept:
            try:
                return made(snac, found[1], parse_qs(parts.query))
            except NotFound:
                return 404, {}, {"error": "Record not found"}
    return None
