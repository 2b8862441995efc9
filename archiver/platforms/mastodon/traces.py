"""What a status and its object tell of a post that it answers and nobody shows."""

import re
from datetime import datetime, timedelta
from typing import Any

from archiver.model import Missing, Post, Reason, utc
from archiver.platforms.mastodon.address import FLAKE, SNAC, UUID, moment, parse_address
from archiver.platforms.mastodon.known import Known, Status, last, promised
from archiver.platforms.mastodon.status import account_uri
from archiver.threads.numbering import mark

FORGETFUL = re.compile(rf"{SNAC}|(?=.*[A-Za-z]){FLAKE}")  # ids of servers that clear both fields: snac2, Pleroma
NEAR = timedelta(days=1)

Object = dict[str, Any]


def names_parent(known: Known, status: Status) -> bool:
    """Tell whether the API gives the id of what a post answers, and one that can be."""
    given = status.get("in_reply_to_id") is not None and status["uri"] not in known.gone
    return given and not known.is_impossible(status)


def age(status: Status) -> tuple[str, str]:
    """The order of an author's posts."""
    return status["created_at"], status["uri"]


def hides_parent(known: Known, status: Status) -> bool:
    """Tell whether a post answers one that was not shown, and that may be by the same author."""
    parent = known.parent(status)
    if parent is None:
        return status.get("in_reply_to_account_id") is not None and known.answered(status) in (
            None,
            account_uri(status["account"]),
        )
    return parent not in known.statuses and known.answered(status) in (None, account_uri(status["account"]))


def is_carried(status: Status) -> bool:
    """Whether the account that a post is said to answer tells nothing of a parent that nobody shows.

    Along a self-thread Mastodon carries on whom the first post answered.
    """
    return status["id"].isdecimal() and status.get("in_reply_to_account_id") not in (None, status["account"]["id"])


def may_carry(known: Known, status: Status, first: Status) -> bool:
    """Whether what the author of `first` is said to answer may be their own, of that time, and nobody shows it."""
    if status["account"]["id"] != first["account"]["id"] or not status.get("in_reply_to_id") or not is_carried(status):
        return False
    time = answered_at(status)
    return known.parent(status) not in known.statuses and (time is None or time >= utc(first["created_at"]))


def forgets(status: Status) -> bool:
    """Tell whether a post lies on a server that clears both fields when a parent is deleted, and answers nothing."""
    return FORGETFUL.fullmatch(status["id"]) is not None and status.get("in_reply_to_id") is None


def may_forget(known: Known, top: Status) -> bool:
    """Tell whether a post that answers nothing may have answered one that its server has forgotten.

    Where no earlier post by the author is listed, that one would have been the account's first.
    """
    return forgets(top) and top["uri"] not in known.parents


def answers_deleted(status: Status) -> bool:
    """Tell whether the API remembers that a post answered one of its author's own, and no longer which."""
    own: bool = status.get("in_reply_to_account_id") == status["account"]["id"]
    return status.get("in_reply_to_id") is None and own


def leaves_no_trace(known: Known, status: Status) -> bool:
    """Tell whether neither the API nor the object of a post would tell that it answered one that is deleted."""
    hollo = re.fullmatch(UUID, status["id"]) is not None
    return hollo or (FORGETFUL.fullmatch(status["id"]) is not None and status["uri"] in known.silent)


def number(known: Known, status: Status, total: int | None = None) -> int:
    """Return the number that the author gave a post, 0 where there is none or it counts to another total."""
    node = known.nodes()[status["uri"]]
    found = mark(node) if isinstance(node, Post) else None
    return found[0] if found and total in (None, found[1]) else 0


def same(known: Known, status: Status, ours: str, theirs: str) -> bool:
    """Tell whether a post is of this thread: by its conversation, else by its number, else by coming right after."""
    if status["uri"] in known.under:
        return True
    if ours and theirs:
        return ours == theirs
    if total := promised(known):
        return number(known, status, total) > 1
    return comes_next(known, status)


def comes_next(known: Known, status: Status) -> bool:
    """Tell whether a post is the first that its author wrote after the last of the line."""
    end = known.statuses[last(known)]["created_at"] if last(known) in known.statuses else ""
    later = [
        other["created_at"]
        for other in known.statuses.values()
        if other["account"]["id"] == status["account"]["id"] and other["created_at"] > end
    ]
    return bool(end) and status["created_at"] == min(later, default="")


def writer(uri: str, account: str) -> str | None:
    """Return the id of a post's author by its address, None where that names nobody."""
    if uri.startswith(f"{account.rstrip('/')}/"):
        return account
    address = parse_address(uri)
    return uri[: uri.index(address.author) + len(address.author)] if address and address.author else None


def forgotten(known: Known, status: Status) -> Missing:
    """Return the gap above a post of which the API tells that it answered something, and not what."""
    detail = "the server says that the post after it answers one of the author's own, and no longer which"
    if known.is_impossible(status):
        detail = "the server says that the post after it answers itself or a later one"
    elif not answers_deleted(status):
        detail = "the server shows that the post after it answers another one, and no longer which"
    author = known.answered(status)
    return Missing(id=f"{status['uri']}#parent", reason=Reason.UNKNOWN, author=author, detail=detail)


def conversation(thing: Object) -> str:
    """Return the name of the conversation that an object belongs to, "" where it has none."""
    name = thing.get("context") or thing.get("conversation")
    return name if isinstance(name, str) else ""


def earlier_by(known: Known, top: Status) -> list[Status]:
    """Return what is known of the author's posts before this one."""
    own = (other for other in known.statuses.values() if other["account"]["id"] == top["account"]["id"])
    return [other for other in own if age(other) < age(top)]


def highest_own(known: Known, status: Status) -> Status:
    """Return the first post of the author's own chain that leads to a post."""
    while (parent := known.statuses.get(known.parent(status) or "")) and (
        parent["account"]["id"] == status["account"]["id"] and age(parent) < age(status)
    ):
        status = parent
    return status


def answered_at(status: Status) -> datetime | None:
    """Return when the post that a status answers was written, None where its id does not tell."""
    return moment(status.get("in_reply_to_id") or "") if is_dated(status) else None


def is_dated(status: Status) -> bool:
    """Tell whether the id of a status is made of its time: Takahē's look like Mastodon's, and count from elsewhere."""
    time = moment(status["id"])
    return time is not None and abs(time - utc(status["created_at"])) < NEAR
