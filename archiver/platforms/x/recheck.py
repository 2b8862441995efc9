"""The second visit: are posts that an earlier capture holds still on X?

Each is asked for as an embedded post, since that costs nothing: one request a post. What X shows to no logged-out
reader, and a 404 without a word, is no deletion.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace

from archiver.errors import NetworkError, NotRecorded, RateLimited, Unavailable
from archiver.http.message import Request, Response
from archiver.model import Missing, Node, Post, Reason
from archiver.platforms.x.syndication import ROUTE, ask

FAILED = (Unavailable, NetworkError, RateLimited)


def recheck(posts: Sequence[Post]) -> Generator[Request, Response, tuple[Node, ...]]:
    """Ask for posts one by one; those for which nobody asked, as a replay shows, are left out.

    Where X does not answer for one it is not asked for the others.
    """
    silent = ""
    nodes: list[Node] = []
    for post in posts:
        gap = Missing(
            id=post.id, url=post.url, reason=Reason.NOT_LOADED, author=post.author.id, created_at=post.created_at
        )
        if silent:
            nodes.append(replace(gap, detail=silent))
            continue
        try:
            tweet, seen_at = yield from ask(post.id)
        except NotRecorded:
            continue
        except FAILED as error:
            silent = str(error)
            nodes.append(replace(gap, detail=silent))
            continue
        if isinstance(tweet.node, Post):
            nodes.append(replace(tweet.node, route=ROUTE))
        else:
            nodes.append(replace(gap, reason=tweet.node.reason, detail=tweet.node.detail, seen_at=seen_at))
    return tuple(nodes)
