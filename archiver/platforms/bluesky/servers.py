"""What only the server of an author's own account can say: what the repository holds, and whether the account is open.

https://docs.bsky.app/docs/api/com-atproto-repo-get-record, com-atproto-sync-get-repo-status. Where an account is closed
its server and the AppView both say "not found" of its posts: the status tells that from a deletion, by one request an
account.
"""

from collections.abc import Generator
from typing import Any

from archiver.errors import Gone, NoAccount, NotRecorded, ParseError, Refused, Unavailable
from archiver.http.message import Request, Response
from archiver.model import Author, Missing, Reason
from archiver.platforms.bluesky.calls import FAILED, PAGE, Call, parse_xrpc, query, reading, xrpc
from archiver.platforms.bluesky.ids import COLLECTION, did_of, rkey_of
from archiver.platforms.bluesky.known import Known
from archiver.platforms.bluesky.post import gap, stranger
from archiver.urls import parts_of

PLC = "https://plc.directory"
NOT_HELD = "the author's repository answers that it holds no such post"

# https://docs.bsky.app/docs/api/com-atproto-sync-get-repo-status
STATUS = {
    "deactivated": Reason.DEACTIVATED,
    "takendown": Reason.TAKEN_DOWN,
    "suspended": Reason.SUSPENDED,
    "deleted": Reason.DELETED,
}

Page = tuple[list[dict[str, Any]], str]


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


def server_of(known: Known, did: str) -> Generator[Request, Response, str]:
    """Return the server of an account, which is looked up once."""
    if did not in known.servers:
        known.servers[did], account = yield from repository_of(did)
        known.authors.setdefault(did, account)
    return known.servers[did]


def get_page(server: str, repo: str, cursor: str, *, upwards: bool = True) -> Generator[Request, Response, Page]:
    """Return one page of an account's posts, `upwards` from the oldest, and the cursor of the next."""
    reverse = "true" if upwards else "false"
    parameters = {"repo": repo, "collection": COLLECTION, "limit": PAGE, "reverse": reverse, "cursor": cursor or None}
    answer, response = yield from xrpc(server, "com.atproto.repo.listRecords", **parameters)
    with reading(response):
        page = [{"uri": item["uri"], "cid": item["cid"], "value": {**item["value"]}} for item in answer["records"]]
        return page, answer.get("cursor") or (rkey_of(page[-1]["uri"]) if page else "")


def get_status(known: Known, did: str) -> Call:
    """getRepoStatus: remember whether an account is open, and in which word its server says that it is not."""
    if did in known.open or did in known.shut:
        return
    server = yield from server_of(known, did)
    try:
        answer, _ = yield from xrpc(server, "com.atproto.sync.getRepoStatus", did=did)
    except NotRecorded:
        raise
    except FAILED as error:
        known.shut[did] = Reason.UNKNOWN, f"its author's server does not say whether the account is open: {error}"
        return
    if answer.get("active"):
        known.open.add(did)
        return
    status = str(answer.get("status") or "")
    said = f"its author's server says of the account “{status}”" if status else "its author's server says: not active"
    known.shut[did] = STATUS.get(status, Reason.UNKNOWN), said


def get_record(known: Known, uri: str) -> Generator[Request, Response, dict[str, Any] | Missing]:
    """getRecord: a post out of its author's repository, or why it is not there, in the words of whoever answered.

    *Deleted* is said only where the account is open and its repository answers that it holds no such post. Raises what
    kept a server from answering.
    """
    did, seen_at = did_of(uri), None
    if did in known.shut:
        return gap(uri, known.shut[did][0], detail=known.shut[did][1])
    try:
        server = yield from server_of(known, did)
        response = yield query(server, "com.atproto.repo.getRecord", repo=did, collection=COLLECTION, rkey=rkey_of(uri))
        seen_at = response.fetched_at
        record = parse_xrpc(response)
        with reading(response):
            return {"uri": uri, "cid": record["cid"], "value": {**record["value"]}}
    except (Gone, NoAccount) as error:
        if did not in known.servers:  # the directory has no such account
            known.shut[did] = Reason.UNKNOWN, str(error)
        else:
            yield from get_status(known, did)
        if did in known.shut:
            reason, said = known.shut[did]
            return gap(uri, reason, seen_at, said)
        if isinstance(error, NoAccount):
            return gap(uri, Reason.UNKNOWN, seen_at, str(error))
        return gap(uri, Reason.DELETED, seen_at, NOT_HELD)


def ask_author(known: Known, uri: str) -> Call:
    """Add a post as its author's repository has it, or the gap that is there instead."""
    try:
        answer = yield from get_record(known, uri)
    except FAILED as error:
        answer = gap(uri, Reason.NOT_LOADED, detail=str(error))
    if isinstance(answer, Missing):
        known.gone[uri] = answer
    else:
        known.add_record(answer)


def ask_for_quotes(known: Known, uris: list[str]) -> Call:
    """Ask their authors' servers for quoted posts that the AppView does not show."""
    for uri in uris:
        try:
            known.quoted[uri] = yield from get_record(known, uri)
        except FAILED:
            continue


def refusal(missing: Missing) -> Unavailable:
    """Return the error of a post that is not to be had, by what its author's server says."""
    if missing.reason is Reason.DELETED and missing.author and missing.detail == NOT_HELD:
        return Gone(f"{missing.url} is not there, deleted or never posted: its author's repository does not hold it")
    return Refused(f"{missing.url} is not to be had: {missing.detail}")
