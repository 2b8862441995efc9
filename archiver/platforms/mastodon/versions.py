"""What edited posts said before: `/api/v1/statuses/ID/history`, one request for each of them.

https://docs.joinmastodon.org/methods/statuses/#history · Mastodon and GoToSocial answer it; where a server does not,
its posts have no earlier versions here.
"""

from collections.abc import Generator
from dataclasses import replace

from archiver.errors import SHAPE_ERRORS, ArchiverError, Interrupted
from archiver.http.message import Request, Response
from archiver.model import Observation, Post, Thread
from archiver.platforms.mastodon.calls import get, parse_answer
from archiver.platforms.mastodon.known import Known
from archiver.text import html

MOST = 40  # edited posts that are asked for; more of them are a machine's


def with_versions(known: Known, thread: Thread, route: str) -> Generator[Request, Response, Thread]:
    """Add what the edited posts of a thread said before."""
    found: list[Observation] = []
    for post in [post for post in thread.posts if post.edited_at][:MOST]:
        try:
            response = yield get(known, f"v1/statuses/{known.statuses[post.id]['id']}/history")
            found += versions(known, post, route, response)
        except Interrupted:
            break
        except (ArchiverError, *SHAPE_ERRORS):
            continue
    return replace(thread, observations=(*thread.observations, *found))


def versions(known: Known, post: Post, route: str, response: Response) -> list[Observation]:
    """Read the versions of a post, the newest of which is what it says now."""
    earlier = parse_answer(response)[:-1]
    return [
        Observation(
            post=post.id,
            route=route,
            seen_at=response.fetched_at,
            content=html.clean(version["content"], known.site),
            version=version["created_at"],
        )
        for version in earlier
    ]
