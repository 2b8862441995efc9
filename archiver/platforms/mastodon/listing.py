"""The first route: the author's own listing, from the pasted post up to the first and on to the last.

Requests for a thread of N posts: the status, a page per 40 posts of the author, one more where the last page does not
show that it is the last, one per 20 people whom the author answered in between. Deleted posts do no harm to a listing;
`context` stops at them.
"""

from collections.abc import Generator

from archiver.errors import Interrupted, Unavailable
from archiver.http.message import Request, Response
from archiver.platforms.mastodon.calls import (
    FAILED,
    PAGE,
    Call,
    get_context,
    get_page,
    get_statuses,
    look,
    look_at_origin,
)
from archiver.platforms.mastodon.context import descend, other_replies
from archiver.platforms.mastodon.holes import fill_holes, hole_above
from archiver.platforms.mastodon.known import Known, Status, below, conclude, placed, start, topmost
from archiver.routes import Ref, Steps

ROUNDS = 5  # of other people's posts between the thread and an answer by its author
SPARSE = 3  # where less than a third of an author's listing is the thread, hopping is cheaper


def listing(ref: Ref) -> Steps:
    """Collect the thread that a post belongs to from its author's listing at home."""
    known = Known(site=ref.site, replies=ref.replies)
    yield from look_at_origin(known, ref)
    return (yield from collect(known))


def copy(ref: Ref) -> Steps:
    """Collect a thread whose home does not answer from the server that the URL names: a copy, never proven whole."""
    known = Known(site=ref.site, replies=ref.replies, copy=True)
    yield from look(known, ref)
    return (yield from collect(known))


def collect(known: Known) -> Steps:
    """Read the listing both ways from the pasted post, then what it leaves open. Raises where it gives no page."""
    try:
        after = yield from climb(known)
        yield from read_on(known, after)
        yield from find_answered(known)
        yield from fill_holes(known)
        if not known.whole:
            yield from descend(known)
        if known.replies:
            yield from other_replies(known)
    except (*FAILED, Interrupted) as error:
        if not known.listed and not isinstance(error, Interrupted):
            raise
        known.stop = str(error)
    return conclude(known)


def climb(known: Known) -> Generator[Request, Response, str]:
    """Find the thread's first post, by older pages of the listing and, where somebody else was answered, by `context`.

    Returns the uri of the post after which the listing is still to be read.
    """
    paged = exhausted = False
    oldest = known.statuses[known.focus]
    while known.parent(top := topmost(known)) is not None and top["uri"] not in known.asked:
        if answers_oneself(top) and not exhausted:
            page = yield from get_page(known, top["account"]["id"], max_id=oldest["id"])
            exhausted = not known.add_page(page, PAGE)
            oldest, paged = (page[-1] if page else oldest), True
        else:
            yield from above_of(known, top)
    yield from hole_above(known, topmost(known))
    return known.focus if paged and not known.asked and not known.root else start(known)


def above_of(known: Known, top: Status) -> Call:
    """See what a post answers; a server that keeps `context` to itself leaves the top unproven."""
    try:
        yield from get_context(known, top["uri"])
    except Unavailable:
        return


def answers_oneself(status: Status) -> bool:
    """Tell whether a post surely answers one of its author's own.

    `in_reply_to_account_id` is carried along a self-thread: under somebody else's post it names them all the way down.
    """
    return bool(status["in_reply_to_account_id"] == status["account"]["id"])


def read_on(known: Known, after: str) -> Call:
    """Read newer pages until the listing or the thread ends.

    The end of the listing is an empty page, or a short one from a server that has filled one before. A listing that
    shows nothing of the thread proves nothing: some servers give logged-out readers an empty one.
    """
    newest, account = known.statuses[after]["id"], known.statuses[after]["account"]["id"]
    pages, begun = 0, set[str]()
    while newest not in begun:  # a server that does not know min_id gives one page again and again
        begun.add(newest)
        page = yield from get_page(known, account, min_id=newest)
        known.add_page(page, PAGE)
        members = below(placed(known), start(known))
        if not page or (known.full and len(page) < PAGE):
            if len(members) > 1 or not known.statuses[after].get("replies_count"):
                known.whole = "the author's public posts were listed from the first of the thread to the newest of all"
            return
        pages += 1
        shown = sum(status["uri"] in members for status in page)
        if (not shown and len(page) >= PAGE) or (pages >= 2 and shown * SPARSE < len(page)):
            return
        newest = page[0]["id"]


def find_answered(known: Known) -> Call:
    """See whom the author answered while writing: an answer belongs here when what it answers does.

    Each round looks one post further up from the answers.
    """
    for _ in range(ROUNDS):
        first, above = known.statuses[start(known)], topmost(known)["in_reply_to_id"]
        ids = [
            status["in_reply_to_id"]
            for status in known.statuses.values()
            if status["created_at"] >= first["created_at"] and status["in_reply_to_id"] not in (None, above, *known.ids)
        ]
        if not ids:
            return
        try:
            yield from get_statuses(known, dict.fromkeys(ids))
        except Unavailable:
            yield from get_context(known, start(known))
            return
