"""The first route: the author's own repository, read upwards from the root, checked against the AppView's count.

Requests for a thread of N posts: handle, getPostThreadV2, one getPostThread for each 400 posts that stand more than 50
above the pasted one, DID document, a page of listRecords per 100 posts of the author since the root, the views of up to
400 posts a call along the chain, one getRecord for each post that is answered and not there.

Reading ends a day after the last post where the line is as long as the AppView counts, and else at the end of the
repository. Where nobody counts (the thread answers somebody else, the AppView is down), it ends two days after the last
post if the AppView knows of no further reply to that, or a while after, and then nothing is proven.
"""

from collections.abc import Generator, Sequence
from datetime import timedelta
from typing import Any

from archiver.errors import Interrupted, NetworkError, NotRecorded
from archiver.http.message import Request, Response
from archiver.model import Reason
from archiver.platforms.bluesky.calls import FAILED, Call, get_list, get_tree, identity
from archiver.platforms.bluesky.climb import climb, count
from archiver.platforms.bluesky.conclude import (
    adopt,
    conclude,
    find_author,
    is_day_later,
    lacking_quotes,
    start,
    unsettled,
    with_holes,
)
from archiver.platforms.bluesky.filling import fill_holes, hydrate
from archiver.platforms.bluesky.ids import at_uri, did_of, rkey_of, tid_time
from archiver.platforms.bluesky.known import Known
from archiver.platforms.bluesky.post import parent_of
from archiver.platforms.bluesky.replies import other_replies
from archiver.platforms.bluesky.servers import ask_author, ask_for_quotes, get_page, refusal, server_of
from archiver.routes import Ref, Steps
from archiver.threads.assemble import main_line

QUIET = timedelta(hours=48)  # after this rest of a thread one may look whether it is over
PATIENCE = 20  # pages without a post of the thread that are read after such a rest where nobody counts
RESTED = (
    "the author's own repository was read until two days after the last post, to which Bluesky knows no further reply"
)
QUOTES = 25  # quoted posts that are asked of their authors' servers


def repository(ref: Ref) -> Steps:
    """Collect the thread that a post belongs to from its author's repository."""
    did = yield from identity(ref)
    known = Known(focus=at_uri(did, ref.id))
    yield from look(known)
    yield from climb(known)
    find_author(known)
    yield from server_of(known, known.author)
    try:
        yield from read(known)
        yield from fill_holes(known)
        yield from hydrate(known, conclude(known, replies=False).nodes)
        if ref.replies:
            yield from other_replies(known)
        yield from ask_for_quotes(known, lacking_quotes(known, conclude(known, replies=ref.replies))[:QUOTES])
    except (*FAILED, Interrupted) as error:
        known.stop = str(error)
    adopt(known)  # what answers a post that came late
    return conclude(known, replies=ref.replies)


def look(known: Known) -> Call:
    """See the pasted post: in the AppView's list, else in its author's repository.

    Raises Gone where its repository does not hold it, Refused where its account is closed.
    """
    unseen: Exception | None = None
    try:
        yield from get_list(known, known.focus)
    except FAILED as error:
        unseen = error
    if known.has(known.focus):
        return
    yield from ask_author(known, known.focus)
    if known.has(known.focus):
        return
    gap = known.gone[known.focus]
    if gap.reason is Reason.NOT_LOADED:
        raise unseen or NetworkError(f"{gap.url}: {gap.detail}")
    raise refusal(gap)


def read(known: Known) -> Call:
    """Read the author's repository; once more where it shows that the conversation began earlier."""
    server = yield from server_of(known, known.author)
    while True:
        began = _before(known)
        yield from list_posts(known, server)
        yield from climb(known)
        if _before(known) >= began:
            return


def list_posts(known: Known, server: str) -> Call:
    """Read the author's posts from the root on, to the end of the thread or of the repository.

    `cursor` is a record key and exclusive; keys are in the order of time, other people's too, so a root of somebody
    else's serves as well. A short page need not be the last one; an empty one is, every other carries a cursor.
    """
    yield from count(known)
    cursor = _before(known)
    known.whole, known.exhausted = "", False
    seen: set[str] = set()
    quiet = 0
    while cursor not in seen:
        seen.add(cursor)
        try:
            page, cursor = yield from get_page(server, known.author, cursor)
        except NotRecorded:
            return
        known.open.add(known.author)
        known.reached = rkey_of(page[-1]["uri"]) if page else known.reached
        members = _add_page(known, page)
        if not page:
            known.whole = "the author's own repository was read from the first post to its end"
            known.exhausted = True
            return
        if known.counted is not None:
            if not known.has(page[-1]["uri"]) and (yield from is_counted(known)):
                return
            continue
        quiet = quiet + 1 if not members and rested(known, page) and is_line(known) else 0
        if quiet == 1 and (yield from is_over(known)):
            known.whole = RESTED
            return
        if quiet > PATIENCE:
            return
    known.stop = f"{server} lists the same page again and again"


def _before(known: Known) -> str:
    """Return the cursor at which reading begins: the oldest key of the thread, "" for the repository's first post.

    Before the root where that is still to be read. A key that tells no time says nothing of what stands before it.
    """
    root = rkey_of(known.root)
    if tid_time(root) is None:
        return ""
    is_known = known.has(known.root) or did_of(known.root) != known.author
    own = (rkey_of(uri) for uri in {**known.views, **known.records} if did_of(uri) == known.author)
    return min(root if is_known else root[:-1], *own)


def _add_page(known: Known, page: Sequence[dict[str, Any]]) -> bool:
    """Keep a page of the author's posts; tell whether any of them belongs to the conversation."""
    for item in page:
        known.add_read(item)
    return adopt(known, [item["uri"] for item in page])


def is_counted(known: Known) -> Generator[Request, Response, bool]:
    """Tell whether the main line is as long as the AppView says, holes included, and surely the one that it counts.

    The AppView counts no post that it does not have, so reading goes on until a day after the last one.
    """
    line = line_of(known)
    if len(line) != known.counted or not is_day_later(line[-1], known.reached):
        return False
    if unsettled(known, line):
        yield from hydrate(known, conclude(known, replies=False).nodes)
    return is_line(known)


def is_line(known: Known) -> bool:
    """Tell whether reading has passed all that may stand in the place of posts that were seen before it began."""
    return not unsettled(known, line_of(known))


def line_of(known: Known) -> tuple[str, ...]:
    """Return the main line as far as it is known, holes included."""
    nodes = with_holes(known)
    return main_line(nodes, start(known, nodes))


def rested(known: Known, page: Sequence[dict[str, Any]]) -> bool:
    """Tell whether the author had been writing elsewhere for two days since the thread's last post."""
    own = (uri for uri in {**known.views, **known.records} if did_of(uri) == known.author)
    last = max((time for uri in own if (time := tid_time(rkey_of(uri)))), default=None)
    now = tid_time(rkey_of(page[0]["uri"]))
    return bool(last and now and now - last > QUIET)


def is_over(known: Known) -> Generator[Request, Response, bool]:
    """Ask whether the AppView knows a reply to the last post that is not here."""
    nodes = conclude(known, replies=False).nodes
    yield from hydrate(known, nodes)
    line = with_holes(known)
    last = main_line(line, start(known, line))[-1]
    if last in known.views and last not in known.closed and known.views[last].get("replyCount"):
        try:
            yield from get_tree(known, last)
        except FAILED:
            return False
    view = known.views.get(last)
    answers = [uri for uri in known.views if parent_of(known.record(uri)) == last]
    own = any(did_of(uri) == known.author for uri in answers)
    return view is not None and not own and (view.get("replyCount") or 0) <= len(answers)
