"""The last route: the AppView's feed of an author, for threads with a hole and for storms while the author's server is
down.

It lists what the AppView knows of the author, by the time that each post claims, and is no proof that there is no more.
"""

import re
from collections.abc import Generator
from datetime import datetime
from typing import Any

from archiver.errors import Interrupted
from archiver.http.message import Request, Response
from archiver.platforms.bluesky.calls import FAILED, get_feed
from archiver.platforms.bluesky.climb import count
from archiver.platforms.bluesky.conclude import adopt, conclude
from archiver.platforms.bluesky.filling import fill_holes
from archiver.platforms.bluesky.ids import rkey_of, tid_time
from archiver.platforms.bluesky.post import parse_indexed
from archiver.platforms.bluesky.tree import shown
from archiver.routes import Ref, Steps
from archiver.threads.assemble import EARLIEST, LATEST

PAGES = 50  # 5,000 posts and reposts; who needs more has the author's repository

Views = list[dict[str, Any]]


def feed(ref: Ref) -> Steps:
    """Collect the thread that a post belongs to from what the AppView lists of its author."""
    known = yield from shown(ref)
    try:
        yield from count(known)
        since = tid_time(rkey_of(known.root)) or EARLIEST
        if known.root in known.views:
            since = min(since, claimed(known.views[known.root]))
        for view in (yield from read_feed(known.author, since)):
            known.add_read(record_of(view))
        adopt(known)
        yield from fill_holes(known)
    except (*FAILED, Interrupted) as error:
        known.stop = str(error)
    return conclude(known, replies=ref.replies)


def read_feed(did: str, since: datetime, until: datetime | None = None) -> Generator[Request, Response, Views]:
    """Return the posts of an account that claim a time from `since` on, newest first; newer ones may be among them.

    A cursor holds a time, in a form that differs between servers: the first page shows how, and the second begins at
    `until` where that is long ago.
    """
    views, cursor = yield from get_feed(did, None)
    page = views
    if until and cursor and page and claimed(page[-1]) >= until:
        page, cursor = yield from get_feed(did, cursor_at(cursor, until))
        views = views + page
    for _ in range(PAGES):
        if not cursor or (page and claimed(page[-1]) < since):
            break
        page, cursor = yield from get_feed(did, cursor)
        views = views + page
    return views


def cursor_at(cursor: str, time: datetime) -> str:
    """Return a cursor of the same form that leads to what is older than a time."""
    if numbered := re.fullmatch(r"\d+(__|::).+", cursor):
        return f"{int(time.timestamp() * 1000)}{numbered[1]}0"
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def claimed(view: dict[str, Any]) -> datetime:
    """Return the time by which the AppView lists a post: what it claims, never later than when it was first seen."""
    times = [parse_indexed({"indexedAt": text}) for text in (view["record"].get("createdAt"), view.get("indexedAt"))]
    return min((time for time in times if time), default=LATEST)


def record_of(view: dict[str, Any]) -> dict[str, Any]:
    """Return a postView as a record that was read, with its view."""
    return {"uri": view["uri"], "cid": view["cid"], "value": view["record"], "view": view}
