"""The second visit: are posts that an earlier capture holds still there, and if not, what does who must know say?

getPosts for 25 at a time, then getRecord at its author's server for each that the AppView does not show, and one
getRepoStatus for an account whose posts are not served.
"""

from collections.abc import Generator, Sequence

from archiver.errors import NotRecorded
from archiver.http.message import Request, Response
from archiver.model import Missing, Node, Post, Reason
from archiver.platforms.bluesky.calls import BATCH, FAILED, get_views
from archiver.platforms.bluesky.known import Known
from archiver.platforms.bluesky.post import gap
from archiver.platforms.bluesky.servers import get_record


def recheck(posts: Sequence[Post]) -> Generator[Request, Response, tuple[Node, ...]]:
    """Ask for posts, each by itself; those for which nobody asked, as a replay of older answers shows, are left out.

    A server that does not answer for one post of an account is not asked for the others.
    """
    known = Known(focus="", authors={post.author.id: post.author for post in posts})
    uris = [post.id for post in posts]
    for first in range(0, len(uris), BATCH):
        try:
            yield from get_views(known, uris[first : first + BATCH])
        except FAILED:
            continue  # their authors' servers know more
    silent: dict[str, str] = {}
    for post in posts:
        if known.has(post.id):
            continue
        if post.author.id in silent:
            known.gone[post.id] = gap(post.id, Reason.NOT_LOADED, detail=silent[post.author.id])
            continue
        try:
            answer = yield from get_record(known, post.id)
        except NotRecorded:
            continue
        except FAILED as error:
            silent[post.author.id] = str(error)
            answer = gap(post.id, Reason.NOT_LOADED, detail=str(error))
        if isinstance(answer, Missing):
            known.gone[post.id] = answer
        else:
            known.add_record(answer)
    nodes = known.nodes()
    return tuple(nodes[uri] for uri in uris if uri in nodes)
