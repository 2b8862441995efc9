"""What an author has signed: for each post, its path in the signed tree of the author's repository.

https://docs.bsky.app/docs/api/com-atproto-sync-get-record. One request a post, and two for whose key it is; so it is
asked for only if the user wants it. A post that is gone gets a proof as well: that the tree has none of that name.
"""

from collections.abc import Generator, Iterator
from urllib.parse import parse_qs

from archiver.errors import ArchiverError, Gone, NetworkError
from archiver.http.message import Request, Response
from archiver.model import Missing, Reason, Role, Thread
from archiver.platforms.bluesky.calls import FAILED, parse_xrpc, query
from archiver.platforms.bluesky.ids import COLLECTION, at_uri, did_of, rkey_of
from archiver.platforms.bluesky.servers import PLC, document_url, repository_of
from archiver.routes import Failure
from archiver.urls import parts_of

METHOD = "com.atproto.sync.getRecord"
ROUTE = "proof"

Proofs = Generator[Request, Response, tuple[Failure, ...]]


def proofs(thread: Thread) -> Proofs:
    """Ask for the proof of each post on the main line; return why some have none.

    One post that is not there costs only its own proof; any other trouble is the server's, and ends it.
    """
    wanted = tuple(_wanted(thread))
    proven = 0
    trouble: ArchiverError | None = None
    try:
        server = yield from _account(thread.author.id)
        for uri in wanted:
            try:
                yield from _proof(server, uri)
                proven += 1
            except Gone as error:
                trouble = error
    except FAILED as error:
        trouble = error
    if trouble is None:
        return ()
    lacking = f"{len(wanted) - proven} of {len(wanted)} posts have no proof"
    return (Failure(route=ROUTE, error=NetworkError(f"{lacking}: {trouble}")),)


def _wanted(thread: Thread) -> Iterator[str]:
    """Yield the author's posts on the main line; of those that are not here, the ones that are said to be deleted."""
    for node in thread.nodes:
        held = not isinstance(node, Missing) or node.reason is Reason.DELETED
        if held and thread.roles.get(node.id) is Role.MAIN and did_of(node.id) == thread.author.id:
            yield node.id


def _account(did: str) -> Generator[Request, Response, str]:
    """Fetch what says whose key it is, and return the server that holds the repository."""
    server, _ = yield from repository_of(did)
    if url := log_url(did):
        response = yield Request(url=url)
        if response.status != 200:
            raise NetworkError(f"{url} answered {response.status}")
    return server


def _proof(server: str, uri: str) -> Generator[Request, Response, None]:
    response = yield query(server, METHOD, did=did_of(uri), collection=COLLECTION, rkey=rkey_of(uri))
    if response.status != 200:
        parse_xrpc(response)


def log_url(did: str) -> str:
    """Return where the log of an account's changes is, "" where nobody keeps one."""
    return f"{PLC}/{did}/log/audit" if did.startswith("did:plc:") else ""


def key_urls(did: str) -> tuple[str, str]:
    """Return the addresses of an account's DID document and of its log."""
    return document_url(did), log_url(did)


def proven_by(url: str) -> str:
    """Return the post whose proof was asked for at an address, "" for any other address."""
    parts = parts_of(url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if not parts.path.endswith(f"/xrpc/{METHOD}") or asked.get("collection") != COLLECTION:
        return ""
    return at_uri(asked.get("did", ""), asked.get("rkey", ""))
