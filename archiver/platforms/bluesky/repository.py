"""The first route: the author's own repository, read upwards from the root, checked against the AppView's count.

Requests for a thread of N posts: handle, DID document, getPostThreadV2, a page of listRecords per 100 posts of the
author since the root, the views of up to 400 posts a call along the chain, one getRecord for each post that is answered
and not there.
"""

from collections.abc import Generator, Sequence
from datetime import timedelta
from typing import Any

from archiver.errors import ArchiverError, Gone, Interrupted, NetworkError
from archiver.http.message import Request, Response
from archiver.model import Missing, Node, Post, Reason
from archiver.platforms.bluesky.calls import (
    BATCH,
    FAILED,
    PARENTS,
    Call,
    get_list,
    get_record,
    get_tree,
    get_views,
    identity,
    repository_of,
    xrpc,
)
from archiver.platforms.bluesky.known import Known, conclude, find_root, start, with_holes
from archiver.platforms.bluesky.post import COLLECTION, at_uri, belongs, did_of, rkey_of, tid_time
from archiver.platforms.bluesky.tree import other_replies
from archiver.routes import Ref, Steps
from archiver.threads import main_line

PAGE = 100
QUIET = timedelta(hours=48)  # a thread that rests this long while its author posts elsewhere is over


def repository(ref: Ref) -> Steps:
    """Collect the thread that a post belongs to from its author's repository."""
    did = yield from identity(ref)
    known = Known(focus=at_uri(did, ref.id))
    server, known.authors[did] = yield from repository_of(did)
    yield from look(known, server)
    find_root(known)
    if known.author != did:
        server, account = yield from repository_of(known.author)
        known.authors.setdefault(known.author, account)
    try:
        yield from list_posts(known, server)
        yield from fill_holes(known, server)
        yield from hydrate(known, conclude(known, replies=False).nodes)
        if ref.replies:
            yield from other_replies(known)
    except (*FAILED, Interrupted) as error:
        known.stop = str(error)
    return conclude(known, replies=ref.replies)


def look(known: Known, server: str) -> Call:
    """See the pasted post: in the AppView's list, else in its author's repository. Raises Gone where neither has it."""
    unseen: ArchiverError | None = None
    try:
        yield from get_list(known, known.focus)
    except FAILED as error:
        unseen = error
    if known.focus not in known.views:
        yield from get_record(known, server, known.focus)
        if known.focus not in known.records:
            gap = known.gone[known.focus]
            if gap.reason is Reason.DELETED:
                raise Gone(f"{gap.url} is not there, deleted or never posted: its author's repository does not hold it")
            raise unseen or NetworkError(f"{gap.url}: {gap.detail}")


def list_posts(known: Known, server: str) -> Call:
    """Read the author's posts from the root on, to the end of the thread or of the repository.

    `cursor` is a record key and exclusive; keys are in the order of time, other people's too, so a root of somebody
    else's serves as well. A short page need not be the last one; an empty one is, every other carries a cursor.
    """
    key = rkey_of(known.root)
    cursor = key if known.root in known.views or did_of(known.root) != known.author else key[:-1]
    seen: set[str] = set()
    while cursor not in seen:
        seen.add(cursor)
        page, cursor = yield from list_page(server, known.author, cursor)
        members = [item for item in page if item["uri"] == known.root or belongs(item["value"], known.root)]
        known.records.update((item["uri"], item) for item in members)
        if not page:
            known.whole = "the author's own repository was read from the first post to its end"
            known.exhausted = True
            return
        if (not members or len(page) < PAGE) and counted(known):
            return
        if not members and rested(known, page):
            known.whole = "the author's own repository was read until two days after the last post"
            return
    known.stop = f"{server} lists the same page again and again"


def list_page(
    server: str, repo: str, cursor: str, *, upwards: bool = True
) -> Generator[Request, Response, tuple[list[dict[str, Any]], str]]:
    """Return one page of an account's posts, `upwards` from the oldest, and the cursor of the next."""
    reverse = "true" if upwards else "false"
    parameters = {"repo": repo, "collection": COLLECTION, "limit": PAGE, "reverse": reverse, "cursor": cursor}
    answer, _ = yield from xrpc(server, "com.atproto.repo.listRecords", **parameters)
    page = answer["records"]
    return page, answer.get("cursor") or (rkey_of(page[-1]["uri"]) if page else "")


def counted(known: Known) -> bool:
    """Tell whether the main line is as long as the AppView says, holes included."""
    if known.counted is None:
        return False
    nodes = with_holes(known)
    first = start(known, nodes)
    return first in nodes and len(main_line(nodes, first)) >= known.counted


def rested(known: Known, page: list[dict[str, Any]]) -> bool:
    """Tell whether the author had been writing elsewhere for two days since the thread's last post."""
    last = max((time for uri in known.records if (time := tid_time(rkey_of(uri)))), default=None)
    now = tid_time(rkey_of(page[0]["uri"]))
    return bool(last and now and now - last > QUIET)


def fill_holes(known: Known, server: str) -> Call:
    """Ask the repository for each post that is answered and not there, until nothing new turns up."""
    asked: set[str] = set()
    while todo := [
        node.id
        for node in with_holes(known).values()
        if isinstance(node, Missing) and node.author == known.author and node.id not in asked
    ]:
        for uri in todo:
            asked.add(uri)
            yield from get_record(known, server, uri)


def hydrate(known: Known, nodes: Sequence[Node]) -> Call:
    """Fetch the views that lack: long stretches of the chain by walking up from their end, the rest in batches."""
    try:
        while len(stretch := longest_stretch(known, nodes)) > BATCH:
            yield from get_tree(known, stretch[-1], depth=0, parents=min(PARENTS, len(stretch) - 1))
            if stretch[-1] not in known.views:
                break
        lacking = [node.id for node in nodes if isinstance(node, Post) and node.id not in known.views]
        for first in range(0, len(lacking), BATCH):
            yield from get_views(known, lacking[first : first + BATCH])
    except FAILED:
        return  # the records are whole without their views: only counters and names of files are poorer


def longest_stretch(known: Known, nodes: Sequence[Node]) -> list[str]:
    """Return the longest run of posts, each the answer to the one before, of which no view is known yet."""
    runs: list[list[str]] = [[]]
    for node in nodes:
        lacks = isinstance(node, Post) and node.id not in known.views
        if not lacks or (runs[-1] and node.in_reply_to != runs[-1][-1]):
            runs.append([])
        if lacks:
            runs[-1].append(node.id)
    return max(runs, key=len)
