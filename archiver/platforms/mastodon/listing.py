"""The first route: the author's own listing, from the pasted post up to the first and on to the last.

Requests for a thread of N posts: the status, a page per 40 posts of the author, one more where the last page does not
show that it is the last, one per 20 people whom the author answered in between. Deleted posts do no harm to a listing;
`context` stops at them. A page may be short or empty in the middle: GoToSocial takes out of a full page what is not for
this reader. And not every server pages upwards: Hollo takes `min_id` for `since_id`, snac2 ignores it; then the pages
are joined from above.
"""

from collections.abc import Generator

from archiver.errors import Interrupted, NotRecorded, Unavailable
from archiver.http.message import Request, Response
from archiver.platforms.mastodon.calls import (
    FAILED,
    PAGE,
    Call,
    get_page,
    get_statuses,
    look,
    look_at_origin,
)
from archiver.platforms.mastodon.context import above_of, below_of, other_replies
from archiver.platforms.mastodon.holes import fill_holes, hole_above, note_neighbours
from archiver.platforms.mastodon.known import Known, Status, below, last, placed, start, topmost
from archiver.platforms.mastodon.proof import conclude, ending, lacks_replies
from archiver.platforms.mastodon.traces import age, names_parent
from archiver.platforms.mastodon.versions import with_versions
from archiver.routes import Ref, Steps

ROUNDS = 5  # of other people's posts between the thread and an answer by its author
SPARSE = 3  # where less than a third of an author's listing is the thread, hopping is cheaper
DOWN = 12  # pages that are read downwards to join two parts of a listing; all that snac2 lists are 7


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
        yield from if_recorded(find_answered(known, ROUNDS))
        yield from if_recorded(finish(known, after))
        if known.replies:
            yield from other_replies(known)
    except (*FAILED, Interrupted) as error:
        if not known.listed and not isinstance(error, Interrupted):
            raise
        known.stop = str(error)
    return (yield from with_versions(known, conclude(known), "copy" if known.copy else "listing"))


def finish(known: Known, after: str) -> Call:
    """Join what stands behind holes, and see that the end is the end; once more for what that brings."""
    yield from fill_holes(known)
    yield from settle(known, after)
    yield from find_answered(known, 1)
    yield from fill_holes(known)
    yield from settle(known, after)
    yield from note_neighbours(known)


def if_recorded(steps: Call) -> Call:
    """Do what only makes a thread surer: a recording of an earlier version of this program has no answers to it."""
    try:
        yield from steps
    except NotRecorded:
        return


def climb(known: Known) -> Generator[Request, Response, str]:
    """Find the thread's first post: by older pages of its author's listing, by `context`, and by what posts answer.

    Returns the uri of the post after which the listing is still to be read.
    """
    oldest: Status | None = known.statuses[known.focus]
    joined = context = True
    while known.parent(top := topmost(known)) not in known.statuses:
        named = names_parent(known, top)
        if named and oldest and answers_oneself(top):
            page = yield from get_page(known, top["account"]["id"], max_id=oldest["id"])
            known.add_page(page, PAGE, top["account"]["id"])
            oldest = page[-1] if page and page[-1]["id"] != oldest["id"] else None
        elif named and context and top["uri"] not in known.asked:
            joined = False
            yield from above_of(known, top)
            context = topmost(known) is not top or not answers_oneself(top)
        if topmost(known) is not top:
            continue
        if not (yield from hole_above(known, top)):
            break
        joined = False
        if topmost(known)["account"]["id"] != top["account"]["id"]:  # whose thread it is depends on what follows
            page = yield from get_page(known, top["account"]["id"], min_id=top["id"])
            known.add_page(page, PAGE, top["account"]["id"])
        oldest = min(oldest, topmost(known), key=age) if oldest else None
    return known.focus if joined and known.listed and not known.root else start(known)


def answers_oneself(status: Status) -> bool:
    """Tell whether a post surely answers one of its author's own.

    `in_reply_to_account_id` is carried along a self-thread: under somebody else's post it names them all the way down.
    """
    return bool(status.get("in_reply_to_account_id") == status["account"]["id"])


def read_on(known: Known, after: str) -> Call:
    """Read newer pages until the listing or the thread ends, and join them to what was read before.

    The end of the listing is an empty page, or the same one again; a short one from a server that has filled one before
    is, unless the last post of the line has replies that were not shown. `listed_whole` is set where no post is left
    out between `after` and the newest of all.
    """
    post = known.statuses[after]
    newest, account = post["id"], post["account"]["id"]
    begun, pages = set[str](), 0
    joined, oldest = True, post
    while newest not in begun:  # a server that does not know min_id gives one page again and again
        begun.add(newest)
        page = yield from get_page(known, account, min_id=newest)
        known.add_page(page, PAGE, account)
        if not page:
            break
        pages += 1
        joined = pages > 1 or len(page) < PAGE or age(page[-1]) <= age(post)
        oldest = page[-1] if pages == 1 else oldest
        if known.full and len(page) < PAGE and not (yield from goes_on(known)):
            break
        if is_sparse(known, page, pages):
            lacked = lacks_last(known)
            if lacked:
                joined = joined or (yield from read_down(known, oldest, post))
                yield from if_recorded(find_answered(known, 1))
                yield from if_recorded(fill_holes(known))
            filled = lacked and joined and not lacks_last(known)
            if not filled and is_sparse(known, page, pages):
                return
        newest = page[0]["id"]
    known.listed_to_end = True
    known.listed_whole = joined or (yield from read_down(known, oldest, post))


def is_sparse(known: Known, page: list[Status], pages: int) -> bool:
    """Tell whether a page has so little of the thread that hopping from context to context is cheaper.

    Boosts do not count: some servers list them though they were asked not to.
    """
    members = below(placed(known), start(known))
    own = sum(not status.get("reblog") for status in page)
    shown = sum(status["uri"] in members for status in page)
    return (not shown and (own >= PAGE or pages > DOWN)) or (pages >= 2 and shown * SPARSE < own)


def goes_on(known: Known) -> Generator[Request, Response, bool]:
    """Tell whether the last post of the line has replies that were not shown, by its context neither."""
    end = last(known)
    if lacks_last(known) and end in known.statuses and end not in known.asked:
        yield from below_of(known, end)
    return last(known) != end or lacks_last(known)


def lacks_last(known: Known) -> bool:
    """Tell whether the last post of the line has replies that were not shown."""
    return lacks_replies(known, placed(known), last(known))


def read_down(known: Known, oldest: Status, post: Status) -> Generator[Request, Response, bool]:
    """Read older pages from a post down to an earlier one, and tell whether that was reached."""
    for _ in range(DOWN):
        try:
            page = yield from get_page(known, post["account"]["id"], max_id=oldest["id"])
        except NotRecorded:
            return False
        known.add_page(page, PAGE, post["account"]["id"])
        if not page or age(page[-1]) <= age(post):
            return bool(page)
        oldest = page[-1]
    return False


def settle(known: Known, after: str) -> Call:
    """Follow the last post until its server counts no reply to it that was not shown.

    Where its context does not show them either, the newest page of the listing tells whether anything was passed over.
    """
    newest = False
    while not ending(known, placed(known), end := last(known)) and end in known.statuses:
        if end not in known.asked:
            yield from below_of(known, end)
        elif known.listed_whole and not newest:
            newest, post = True, known.statuses[after]
            page = yield from get_page(known, post["account"]["id"])
            known.confirmed = not known.add_page(page, PAGE, post["account"]["id"])
            if not known.confirmed and age(page[-1]) > age(post):
                known.listed_whole = yield from read_down(known, page[-1], post)
        else:
            return


def find_answered(known: Known, rounds: int) -> Call:
    """See whom the author answered while writing: an answer belongs here when what it answers does.

    Each round looks one post further up from the answers.
    """
    for _ in range(rounds):
        first, above = known.statuses[start(known)], topmost(known).get("in_reply_to_id")
        named = {
            status.get("in_reply_to_id"): None
            for status in known.statuses.values()
            if status["created_at"] >= first["created_at"]
        }
        ids = [id_ for id_ in named if id_ and id_ != above and id_ not in known.ids and id_ not in known.sought]
        if not ids:
            return
        known.sought.update(ids)
        try:
            yield from get_statuses(known, ids)
        except Unavailable:
            yield from below_of(known, start(known))
            return
