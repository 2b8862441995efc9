"""The calls to the AppView, which serves bsky.app, and how any answer of this platform is read.

https://docs.bsky.app/docs/api. A call is a generator that yields its requests and adds what the answers show to what is
known; it raises what `parse_xrpc` makes of a no.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from archiver.errors import (
    SHAPE_ERRORS,
    ArchiverError,
    Gone,
    NetworkError,
    NoAccount,
    ParseError,
    RateLimited,
    Refused,
    Unavailable,
)
from archiver.http.message import Request, Response
from archiver.platforms.bluesky.known import Known
from archiver.platforms.bluesky.post import parse_gone
from archiver.routes import Ref

APPVIEW = "https://public.api.bsky.app"
DEPTH = 10  # the AppView gives no more, whatever is asked: https://github.com/bluesky-social/atproto/issues/3147
PARENTS = 400  # JSON nested 1,000 deep is more than Python's decoder takes
BATCH = 25  # getPosts takes no more
PAGE = 100  # records or posts in one page, the most that servers give
DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]+")

Call = Generator[Request, Response, None]

CLOSED = {
    "RepoTakendown": "the account was taken down",
    "AccountTakedown": "the account was taken down",
    "RepoSuspended": "the account is suspended",
    "RepoDeactivated": "the author has deactivated the account",
    "AccountDeactivated": "the author has deactivated the account",
}
FAILED = (Unavailable, NetworkError, RateLimited)


def parse_xrpc(response: Response) -> dict[str, Any]:
    """Return an XRPC answer (https://atproto.com/specs/xrpc).

    Raises Gone where a repository has no such record, NoAccount where the account is not served, Refused for any other
    no. The AppView's "not found" is a refusal: it says so of what is taken down or of a closed account as well.
    """
    answer = response.json()
    if not isinstance(answer, dict):
        raise ParseError(f"{response.url} answered with JSON that is not an object")
    if response.status == 200:
        return answer
    code, message = str(answer.get("error", "")), str(answer.get("message", ""))
    said = message or response.url
    if code == "RecordNotFound" or message.lower().startswith("could not locate record"):
        raise Gone(f"the repository answers that it holds no such record: {said}")
    if code in CLOSED:
        raise NoAccount(f"Bluesky does not show this: {CLOSED[code]} ({said})")
    if code == "RepoNotFound" or "could not find repo" in message.lower():
        raise NoAccount(f"the account is not served: {said}")
    if code == "NotFound":
        raise Refused(f"Bluesky does not show this: {said}")
    raise Refused(f"{response.url} answered {response.status} {code}: {message}".rstrip(": "))


@contextmanager
def reading(response: Response) -> Iterator[None]:
    """Make a ParseError of whatever is tripped over in an answer: it costs that answer, and other ways go on."""
    try:
        yield
    except SHAPE_ERRORS as error:
        said = f"{response.url} answered in an unknown shape ({type(error).__name__}); its bytes are kept"
        raise ParseError(said) from error


def query(host: str, method: str, **parameters: Any) -> Request:
    """Return the request of an XRPC query; a list becomes a repeated parameter, None is left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return Request(url=f"{host}/xrpc/{method}?{urlencode(given, doseq=True, safe=':/')}")


def xrpc(host: str, method: str, **parameters: Any) -> Generator[Request, Response, tuple[dict[str, Any], Response]]:
    """Make one XRPC query; return its answer and the response it came in."""
    response = yield query(host, method, **parameters)
    return parse_xrpc(response), response


def identity(ref: Ref) -> Generator[Request, Response, str]:
    """Return the DID of the account that the URL names (https://atproto.com/specs/handle).

    Raises Gone where Bluesky answers that there is none, and else what kept Bluesky from answering; both name the
    second try, at the handle's own host.
    """
    if ref.author.startswith("did:"):
        return ref.author
    unanswered: ArchiverError
    try:
        answer, _ = yield from xrpc(APPVIEW, "com.atproto.identity.resolveHandle", handle=ref.author)
        did: str = answer["did"]
        return did
    except FAILED as error:
        unanswered = error
    url = f"https://{ref.author}/.well-known/atproto-did"
    try:
        response = yield Request(url=url)
        did = response.content.decode("ascii", "replace").strip()
        if response.status == 200 and DID.fullmatch(did):
            return did
        second = f"{url} answers {response.status} and names no account"
    except FAILED as error:
        second = str(error)
    if isinstance(unanswered, Unavailable):
        raise Gone(
            f"no account has the handle {ref.author}, or it has moved on ({unanswered}; {second}); "
            "the post's at:// address, which has the account's DID, always works"
        ) from unanswered
    if second not in getattr(unanswered, "__notes__", ()):
        unanswered.add_note(second)
    raise unanswered


def get_list(known: Known, uri: str, *, above: str = "true", below: int = 20) -> Call:
    """getPostThreadV2: up to 50 posts above the anchor, `below` levels under it, the count of the author's thread."""
    answer, response = yield from xrpc(
        APPVIEW, "app.bsky.unspecced.getPostThreadV2", anchor=uri, above=above, below=below, branchingFactor=10
    )
    with reading(response):
        known.add_list(answer, response)


def get_tree(known: Known, uri: str, *, depth: int = DEPTH, parents: int = 0) -> Call:
    """getPostThread: replies down to `depth` levels, and up to `parents` posts above."""
    answer, response = yield from xrpc(
        APPVIEW, "app.bsky.feed.getPostThread", uri=uri, depth=depth, parentHeight=parents
    )
    with reading(response):
        if gap := parse_gone(answer["thread"], response.fetched_at):
            known.add_gap(gap)
        known.add_tree(answer, response)


def get_views(known: Known, uris: Iterable[str]) -> Call:
    """getPosts: up to 25 views; those that the AppView does not show are left out."""
    asked = list(uris)
    answer, response = yield from xrpc(APPVIEW, "app.bsky.feed.getPosts", uris=asked)
    with reading(response):
        for view in answer["posts"]:
            known.add_view(view)
    known.unshown.update(uri for uri in asked if uri not in known.views)


def get_feed(did: str, cursor: str | None) -> Generator[Request, Response, tuple[list[dict[str, Any]], str | None]]:
    """getAuthorFeed: an account's own posts as views, newest first by the time that they claim, and the next cursor."""
    parameters = {"actor": did, "filter": "posts_with_replies", "limit": PAGE, "cursor": cursor}
    answer, response = yield from xrpc(APPVIEW, "app.bsky.feed.getAuthorFeed", **parameters)
    with reading(response):
        views = [
            {**item["post"], "record": {**item["post"]["record"]}} for item in answer["feed"] if "reason" not in item
        ]
        views = [view for view in views if view["author"]["did"] == did and view["uri"]]
    return views, answer.get("cursor")
