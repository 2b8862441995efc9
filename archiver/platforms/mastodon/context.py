"""The second route: `context`, hop by hop, for servers that keep an author's listing to themselves.

Each answer reaches 40 posts up and 20 levels down. It stops at a deleted post, and a crowd of replies may hide the
author's own: so only the author's own numbers prove the end.
"""

from collections import Counter

from archiver.errors import Interrupted, Unavailable
from archiver.platforms.mastodon.calls import FAILED, Call, get_context, look_at_origin
from archiver.platforms.mastodon.holes import fill_holes, hole_above
from archiver.platforms.mastodon.known import Known, Status, below, last, placed, start, topmost
from archiver.platforms.mastodon.proof import conclude
from archiver.platforms.mastodon.versions import with_versions
from archiver.routes import Ref, Steps


def context(ref: Ref) -> Steps:
    """Collect the thread that a post belongs to by hopping from context to context."""
    known = Known(site=ref.site, replies=ref.replies)
    yield from look_at_origin(known, ref)
    yield from get_context(known, known.focus)
    try:
        yield from climb(known)
        yield from descend(known)
        yield from fill_holes(known)
        yield from descend(known)
        if known.replies:
            yield from other_replies(known)
    except (*FAILED, Interrupted) as error:
        known.stop = str(error)
    return (yield from with_versions(known, conclude(known), "context"))


def climb(known: Known) -> Call:
    """Ask the highest known post for what stands above it, until nothing does; the first one for what it led to."""
    while known.parent(top := topmost(known)) not in known.statuses:
        if known.parent(top) is not None and top["uri"] not in known.asked:
            yield from get_context(known, top["uri"])
        elif not (yield from hole_above(known, top)):
            break
    if start(known) not in known.asked:
        yield from get_context(known, start(known))


def above_of(known: Known, top: Status) -> Call:
    """See what stands above a post; a server that keeps `context` to itself leaves the top unproven."""
    try:
        yield from get_context(known, top["uri"])
    except Unavailable:
        return


def below_of(known: Known, uri: str) -> Call:
    """See what stands below a post; a server that keeps `context` to itself leaves the end unproven."""
    before = set(known.statuses)
    try:
        yield from get_context(known, uri)
    except Unavailable:
        return
    own = known.statuses[uri]["account"]["id"]
    if any(known.statuses[new]["account"]["id"] == own for new in known.statuses.keys() - before):
        known.listed_whole = False  # the listing has passed it over


def descend(known: Known) -> Call:
    """Ask the last known post for what stands below it, until the author does not go on."""
    while (uri := last(known)) not in known.asked and uri in known.statuses:
        yield from get_context(known, uri)


def other_replies(known: Known) -> Call:
    """Ask each post that has more replies than are known for what stands below it."""
    while todo := [uri for uri in lacking(known) if uri not in known.asked]:
        yield from get_context(known, todo[0])


def lacking(known: Known) -> list[str]:
    """Return the posts of the thread of which the server counts more replies than it has shown."""
    nodes = placed(known)
    shown = Counter(node.in_reply_to for node in nodes.values())
    return [
        uri
        for uri in below(nodes, start(known))
        if uri in known.statuses and (known.statuses[uri].get("replies_count") or 0) > shown[uri]
    ]
