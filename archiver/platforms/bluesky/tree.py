"""The second route: the AppView's reply trees, hop by hop, for when the author's repository does not answer.

A tree ends at depth 10 and at the first deleted post, so what lies behind a hole stays out of reach; the AppView's own
count of the thread tells that it is there. What the AppView does not have is in neither, so a tree proves nothing.
"""

from collections.abc import Generator, Sequence

from archiver.errors import Interrupted, Refused
from archiver.http.message import Request, Response
from archiver.platforms.bluesky.calls import FAILED, PARENTS, Call, get_list, get_tree, identity
from archiver.platforms.bluesky.climb import climb, count, look_up
from archiver.platforms.bluesky.conclude import conclude, find_author, start, unsettled
from archiver.platforms.bluesky.ids import at_uri
from archiver.platforms.bluesky.known import Known
from archiver.platforms.bluesky.replies import other_replies
from archiver.routes import Ref, Steps
from archiver.threads.assemble import main_line


def tree(ref: Ref) -> Steps:
    """Collect the thread that a post belongs to from the AppView alone."""
    known = yield from shown(ref)
    try:
        yield from descend(known)
        yield from count(known)
        if ref.replies:
            yield from other_replies(known)
    except (*FAILED, Interrupted) as error:
        known.stop = str(error)
    return conclude(known, replies=ref.replies)


def shown(ref: Ref) -> Generator[Request, Response, Known]:
    """See the pasted post and the way up from it as the AppView shows them. Raises Refused where it does not."""
    did = yield from identity(ref)
    known = Known(focus=at_uri(did, ref.id))
    yield from get_tree(known, known.focus, parents=PARENTS)
    if not known.has(known.focus):
        raise Refused(f"{ref.url}: Bluesky does not show this post")
    yield from climb(known)
    if not known.has(known.root):
        yield from look_up(known, known.root)
    find_author(known)
    return known


def descend(known: Known) -> Call:
    """Walk down the main line until its last post has no reply by the author, and see that it is the main line."""
    asked: set[str] = set()
    while True:
        nodes = known.nodes()
        line = main_line(nodes, start(known, nodes) if known.root in nodes else known.focus)
        last = line[-1]
        closed = last in known.closed
        known.whole = "the replies were followed to a last post that the author does not answer" if closed else ""
        if not closed and known.has(last) and last not in asked:
            asked.add(last)
            yield from get_tree(known, last)
        elif not (yield from look_beside(known, line, asked)):
            return


def look_beside(known: Known, line: Sequence[str], asked: set[str]) -> Generator[Request, Response, bool]:
    """Ask what else answers the posts above the pasted one; tell whether there was anything to ask.

    A list says of 50 posts above whether they are counted; the others are asked for their replies, from the first on.
    """
    pairs = unsettled(known, line)
    lists = [following for _, following in pairs[-1:] if f"{following}#list" not in asked]
    trees = [post for post, _ in pairs if known.has(post) and post not in asked]
    if lists:
        asked.add(f"{lists[0]}#list")
        try:
            yield from get_list(known, lists[0])
        except FAILED:
            return True
    elif trees:
        asked.add(trees[0])
        yield from get_tree(known, trees[0])
    return bool(pairs and (lists or trees))
