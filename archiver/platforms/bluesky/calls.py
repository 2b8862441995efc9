"""The calls that both routes make. https://docs.bsky.app/docs/api

A call is a generator that yields its requests and adds what the answers show to what is known; it raises what
`parse_xrpc` makes of a no.
"""

from collections.abc import Generator, Iterable
from typing import Any
from urllib.parse import urlencode

from archiver.errors import Gone, NetworkError, ParseError, RateLimited, Refused, Unavailable
from archiver.http.message import Request, Response
from archiver.model import Author, Missing, Reason
from archiver.platforms.bluesky.known import Known
from archiver.platforms.bluesky.post import COLLECTION, did_of, parse_gone, rkey_of, stranger, tid_time, web_url
from archiver.routes import Ref
from archiver.urls import parts_of

APPVIEW = "https://public.api.bsky.app"
PLC = "https://plc.directory"
DEPTH = 10  # the AppView gives no more, whatever is asked: https://github.com/bluesky-social/atproto/issues/3147
PARENTS = 400  # JSON nested 1,000 deep is more than Python's decoder takes
BATCH = 25  # getPosts takes no more

Call = Generator[Request, Response, None]

NOT_THERE = ("NotFound", "RecordNotFound", "RepoNotFound")
CLOSED = {
    "RepoTakendown": "the account was taken down",
    "AccountTakedown": "the account was taken down",
    "RepoSuspended": "the account is suspended",
    "RepoDeactivated": "the author has deactivated the account",
    "AccountDeactivated": "the author has deactivated the account",
    "BlockedActor": "the author is blocked",
}
FAILED = (Unavailable, NetworkError, RateLimited)


def parse_xrpc(response: Response) -> dict[str, Any]:
    """Return an XRPC answer. Raises Gone for a not-found answer, Refused for any other no (https://atproto.com/specs/xrpc)."""
    answer = response.json()
    if not isinstance(answer, dict):
        raise ParseError(f"{response.url} answered with JSON that is not an object")
    if response.status == 200:
        return answer
    code, message = str(answer.get("error", "")), str(answer.get("message", ""))
    if code in NOT_THERE or "could not find repo" in message.lower():
        raise Gone(f"Bluesky answers that it is not there, deleted or never posted: {message or response.url}")
    if code in CLOSED:
        raise Refused(f"Bluesky does not show this: {CLOSED[code]} ({response.url})")
    raise Refused(f"{response.url} answered {response.status} {code}: {message}".rstrip(": "))


def query(host: str, method: str, **parameters: Any) -> Request:
    """Return the request of an XRPC query; a list becomes a repeated parameter."""
    return Request(url=f"{host}/xrpc/{method}?{urlencode(parameters, doseq=True, safe=':/')}")


def xrpc(host: str, method: str, **parameters: Any) -> Generator[Request, Response, tuple[dict[str, Any], Response]]:
    """Make one XRPC query; return its answer and the response it came in."""
    response = yield query(host, method, **parameters)
    return parse_xrpc(response), response


def identity(ref: Ref) -> Generator[Request, Response, str]:
    """Return the DID of the account that the URL names (https://atproto.com/specs/handle)."""
    if ref.author.startswith("did:"):
        return ref.author
    try:
        answer, _ = yield from xrpc(APPVIEW, "com.atproto.identity.resolveHandle", handle=ref.author)
        did: str = answer["did"]
    except FAILED as error:
        response = yield Request(url=f"https://{ref.author}/.well-known/atproto-did")
        did = response.content.decode("ascii", "replace").strip()
        if response.status != 200 or not did.startswith("did:"):
            raise Gone(f"no account has the handle {ref.author}, or it has moved on ({error})") from error
    return did


def document_url(did: str) -> str:
    """Return where an account's DID document is (https://atproto.com/specs/did)."""
    method, _, name = did.removeprefix("did:").partition(":")
    if method == "plc":
        return f"{PLC}/{did}"
    if method == "web":
        return f"https://{name}/.well-known/did.json"
    raise ParseError(f"{did} is a kind of identity that is not known here")


def repository_of(did: str) -> Generator[Request, Response, tuple[str, Author]]:
    """Return the server that holds an account's repository, and the account."""
    url = document_url(did)
    response = yield Request(url=url)
    if response.status in (404, 410):
        raise Gone(f"the account {did} is not there, deleted or never made ({url})")
    document = response.json()
    services = {service["id"].rpartition("#")[2]: service["serviceEndpoint"] for service in document["service"]}
    server = services.get("atproto_pds", "")
    if parts_of(server).scheme not in ("http", "https"):
        raise ParseError(f"{url} names no web address where the account's posts are")
    handle = next((name.removeprefix("at://") for name in document.get("alsoKnownAs") or ()), "")
    return server.rstrip("/"), stranger(did, handle)


def get_list(known: Known, uri: str, *, above: str = "true", below: int = 20) -> Call:
    """getPostThreadV2: up to 50 posts above the anchor, `below` levels under it, the count of the author's thread."""
    answer, response = yield from xrpc(
        APPVIEW, "app.bsky.unspecced.getPostThreadV2", anchor=uri, above=above, below=below, branchingFactor=10
    )
    known.add_list(answer, response)


def get_tree(known: Known, uri: str, *, depth: int = DEPTH, parents: int = 0) -> Call:
    """getPostThread: replies down to `depth` levels, and up to `parents` posts above."""
    answer, response = yield from xrpc(
        APPVIEW, "app.bsky.feed.getPostThread", uri=uri, depth=depth, parentHeight=parents
    )
    if gap := parse_gone(answer["thread"], response.fetched_at):
        known.gone[gap.id] = gap
    known.add_tree(answer, response)


def get_views(known: Known, uris: Iterable[str]) -> Call:
    """getPosts: up to 25 views; those that the AppView does not show are left out."""
    answer, _ = yield from xrpc(APPVIEW, "app.bsky.feed.getPosts", uris=list(uris))
    for view in answer["posts"]:
        known.add_view(view)


def get_record(known: Known, server: str, uri: str) -> Call:
    """getRecord: one post out of its author's repository, or the repository's word that it is not there."""
    seen_at = None
    try:
        response = yield query(
            server, "com.atproto.repo.getRecord", repo=did_of(uri), collection=COLLECTION, rkey=rkey_of(uri)
        )
        seen_at = response.fetched_at
        known.records[uri] = parse_xrpc(response)
    except FAILED as error:
        said = isinstance(error, Gone)
        known.gone[uri] = Missing(
            id=uri,
            url=web_url(uri),
            reason=Reason.DELETED if said else Reason.NOT_LOADED,
            author=did_of(uri),
            created_at=tid_time(rkey_of(uri)),
            seen_at=seen_at,
            detail="the author's repository answers that it holds no such post" if said else str(error),
        )
