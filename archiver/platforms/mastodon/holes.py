"""Deleted posts in the middle: the API forgets what stood between, the post's own ActivityPub object may not.

When a post is deleted, Mastodon clears `in_reply_to_id` of its replies and leaves `in_reply_to_account_id`; snac2
clears both. Such a post looks like the first of a thread. It is one of ours when its object names what it answered,
or the conversation that the rest belongs to; where nobody says, the author's numbering and the next place in time do.
"""

import re
from collections.abc import Generator
from typing import Any

from archiver.http.message import Request, Response
from archiver.model import Missing, Post, Reason
from archiver.numbering import mark
from archiver.platforms.mastodon.address import SNAC, parse_address
from archiver.platforms.mastodon.calls import FAILED, Call, get_object, get_status
from archiver.platforms.mastodon.known import Known, Status, below, last, placed, promised, start

# Mastodon 4.5: https://{host}/contexts/{account}-{root status}; snac2: {root uri}#ctxt
ROOT_BY_ID = re.compile(r"/contexts/[0-9]+-([0-9]+)$")
MOST = 8  # of the posts that look like a thread's continuation, so many are asked; more of them are no accident

Object = dict[str, Any]


def hole_above(known: Known, top: Status) -> Call:
    """Where the highest post known answers a deleted one, learn which, and where the thread begins."""
    if known.parent(top) is not None:
        return
    if not (answers_deleted(top) or number(known, top) > 1 or (forgets(top) and follows(known, top))):
        return
    parent, thing = yield from ask(top)
    gap = yield from deleted(top, parent)
    if gap and gap.id not in known.statuses:
        known.gone[top["uri"]] = gap
        yield from find_root(known, top, thing)


def fill_holes(known: Known) -> Call:
    """Join what the author wrote after a deleted post to the thread, where it is known to be part of it."""
    ours: str | None = None
    asked: list[str] = []
    while len(asked) < MOST and (todo := [each for each in continuations(known) if each["uri"] not in asked]):
        status = todo[0]
        asked.append(status["uri"])
        parent, thing = yield from ask(status)
        if ours is None:
            _, first = yield from ask(known.statuses[start(known)])
            ours = conversation(first)
        if parent in known.statuses or not same(known, status, ours, conversation(thing)):
            continue
        gap = yield from deleted(status, parent)
        if gap:
            known.gone[status["uri"]] = gap


def continuations(known: Known) -> list[Status]:
    """Return the author's later posts that answer nothing and yet look like a continuation, oldest first."""
    first = known.statuses[start(known)]
    total = promised(known)
    members = below(placed(known), start(known))
    later = sorted(
        (
            status
            for uri, status in known.statuses.items()
            if uri not in members
            and status["account"]["id"] == first["account"]["id"]
            and age(status) >= age(first)
            and known.parent(status) is None
        ),
        key=age,
    )
    end = max(age(known.statuses[uri]) for uri in members if uri in known.statuses)
    after = next((status["uri"] for status in later if age(status) > end and forgets(status)), None)
    return [
        status
        for status in later
        if answers_deleted(status) or (total and number(known, status, total) > 1) or status["uri"] == after
    ]


def age(status: Status) -> tuple[str, str]:
    """The order of an author's posts."""
    return status["created_at"], status["uri"]


def forgets(status: Status) -> bool:
    """Tell whether a post lies on a server that clears both fields when a parent is deleted: snac2, by its ids."""
    return re.fullmatch(SNAC, status["id"]) is not None


def follows(known: Known, top: Status) -> bool:
    """Tell whether the author may have written something before a post: no page of theirs was read, or one shows it."""
    return not known.listed or any(
        other["account"]["id"] == top["account"]["id"] and age(other) < age(top) for other in known.statuses.values()
    )


def answers_deleted(status: Status) -> bool:
    """Tell whether the API remembers that a post answered one of its author's own, and no longer which."""
    own: bool = status["in_reply_to_account_id"] == status["account"]["id"]
    return status["in_reply_to_id"] is None and own


def number(known: Known, status: Status, total: int | None = None) -> int:
    """Return the number that the author gave a post, 0 where there is none or it counts to another total."""
    node = known.nodes()[status["uri"]]
    found = mark(node) if isinstance(node, Post) else None
    return found[0] if found and total in (None, found[1]) else 0


def same(known: Known, status: Status, ours: str, theirs: str) -> bool:
    """Tell whether a post is of this thread: by its conversation, else by its number, else by coming right after."""
    if ours and theirs:
        return ours == theirs
    if total := promised(known):
        return number(known, status, total) > 1
    end = known.statuses[last(known)]["created_at"] if last(known) in known.statuses else ""
    later = [
        other["created_at"]
        for other in known.statuses.values()
        if other["account"]["id"] == status["account"]["id"] and other["created_at"] > end
    ]
    return bool(end) and status["created_at"] == min(later, default="")


def ask(status: Status) -> Generator[Request, Response, tuple[str | None, Object]]:
    """Fetch a post's ActivityPub object; return what it says that the post answers, and the object."""
    try:
        _, thing = yield from get_object(status["uri"])
    except FAILED:
        return None, {}
    parent = thing.get("inReplyTo")
    return parent if isinstance(parent, str) else None, thing


def deleted(status: Status, parent: str | None) -> Generator[Request, Response, Missing | None]:
    """Return the gap above a post: asked at its own address where that is known; None where there was no parent."""
    account = status["account"].get("uri") or status["account"]["url"]
    if parent is None:
        detail = "the server says that the post after it answers one of the author's own, and no longer which"
        gap = Missing(id=f"{status['uri']}#parent", reason=Reason.UNKNOWN, author=account, detail=detail)
        return gap if answers_deleted(status) else None
    own = answers_deleted(status) or parent.startswith(f"{account.rstrip('/')}/")
    author = account if own else None
    try:
        response, _ = yield from get_object(parent)
    except FAILED as error:
        return Missing(id=parent, url=parent, reason=Reason.NOT_LOADED, author=author, detail=str(error))
    gone = response.status in (404, 410)
    return Missing(
        id=parent,
        url=parent,
        reason=Reason.DELETED if gone else Reason.UNKNOWN,
        author=author,
        detail=f"its own address answers {response.status}",
        seen_at=response.fetched_at,
    )


def conversation(thing: Object) -> str:
    """Return the name of the conversation that an object belongs to, "" where it has none."""
    name = thing.get("context") or thing.get("conversation")
    return name if isinstance(name, str) else ""


def find_root(known: Known, top: Status, thing: Object) -> Call:
    """Fetch the thread's first post where the name of the conversation tells it."""
    name = conversation(thing)
    address = parse_address(name.removesuffix("#ctxt"))
    id_ = found[1] if (found := ROOT_BY_ID.search(name)) else address.id if address else ""
    if not id_ or id_ == top["id"]:
        return
    try:
        root = yield from get_status(known, id_)
    except FAILED:
        return
    if root["account"]["id"] == top["account"]["id"]:
        known.root = root["uri"]
