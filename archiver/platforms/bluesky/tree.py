"""The second route: the AppView's reply trees, hop by hop, for when the author's repository does not answer.

A tree ends at depth 10 and at the first deleted post, so what lies behind a hole stays out of reach; the AppView's own
count of the thread tells that it is there.
"""

from archiver.errors import Gone, Interrupted
from archiver.model import Post
from archiver.platforms.bluesky.calls import FAILED, PARENTS, Call, get_list, get_tree, identity
from archiver.platforms.bluesky.known import Known, conclude, find_root, start
from archiver.platforms.bluesky.post import at_uri, belongs, rkey_of
from archiver.routes import Ref, Steps
from archiver.threads import main_line


def tree(ref: Ref) -> Steps:
    """Collect the thread that a post belongs to from the AppView alone."""
    did = yield from identity(ref)
    known = Known(focus=at_uri(did, ref.id))
    yield from get_tree(known, known.focus, parents=PARENTS)
    if known.focus not in known.views:
        raise Gone(f"{ref.url}: Bluesky answers that this post is not there")
    find_root(known)
    try:
        yield from climb(known)
        find_root(known)
        yield from descend(known)
        yield from count(known)
        if ref.replies:
            yield from other_replies(known)
    except (*FAILED, Interrupted) as error:
        known.stop = str(error)
    return conclude(known, replies=ref.replies)


def climb(known: Known) -> Call:
    """Walk up to the root: by stretches of parents, and past a hole by asking for the root itself."""
    while known.root not in known.views:
        nodes = known.nodes()
        top = known.focus
        while (parent := nodes[top].in_reply_to) in nodes:
            top = parent
        if not isinstance(nodes[top], Post):
            break
        before = len(known.views)
        yield from get_tree(known, top, depth=0, parents=PARENTS)
        if len(known.views) == before:
            break
    if known.root not in known.views and known.root not in known.gone:
        yield from get_tree(known, known.root)


def descend(known: Known) -> Call:
    """Walk down the main line until its last post has no reply by the author."""
    asked: set[str] = set()
    while True:
        nodes = known.nodes()
        first = start(known, nodes)
        last = main_line(nodes, first)[-1] if first in nodes else known.focus
        if last in known.closed:
            known.whole = "the replies were followed to a last post that the author does not answer"
            return
        if last in asked:
            return
        asked.add(last)
        yield from get_tree(known, last)


def count(known: Known) -> Call:
    """Ask for the AppView's own count of the thread."""
    try:
        yield from get_list(known, known.root, below=0)
    except FAILED:
        return


def other_replies(known: Known) -> Call:
    """Fetch other people's replies: a tree from the root, and one from each post at a tree's edge."""
    asked: set[str] = set()
    while edge := sorted(
        (uri for uri in {known.root, *known.views} if uri not in asked and is_open(known, uri)), key=rkey_of
    ):
        asked.add(edge[0])  # the oldest first: its tree closes many that come later
        try:
            yield from get_tree(known, edge[0])
        except Gone:
            continue


def is_open(known: Known, uri: str) -> bool:
    """Tell whether a post of this conversation may have replies that were not shown."""
    if uri in known.closed or (uri in known.views and not known.views[uri].get("replyCount")):
        return False
    return uri == known.root or belongs(known.views[uri]["record"], known.root)
