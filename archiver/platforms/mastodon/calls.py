"""The calls of all routes. https://docs.joinmastodon.org/methods/statuses/

A call is a generator that yields its requests and adds what the answers show to what is known. Every request names the
host's credential; where the configuration holds none it is sent without.
"""

from collections.abc import Generator, Iterable
from typing import Any
from urllib.parse import urlencode

from archiver.errors import Gone, NetworkError, ParseError, RateLimited, Refused, Unavailable
from archiver.http.message import Request, Response
from archiver.model import Missing, Reason
from archiver.platforms.mastodon.address import parse_address
from archiver.platforms.mastodon.known import Known, Status
from archiver.platforms.mastodon.status import host_of, page_of
from archiver.routes import Ref

PAGE = 40  # the most that a server gives of an account's statuses
BATCH = 20  # the most that /api/v1/statuses?id[]= takes
DESCENDANTS = 60  # the most that a logged-out reader gets below a status
ACTIVITY = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
FAILED = (Unavailable, NetworkError, RateLimited)

Call = Generator[Request, Response, None]


def get(known: Known, path: str, **parameters: Any) -> Request:
    """Return the request of an API call; a list becomes a repeated `key[]`."""
    query = {f"{key}[]" if isinstance(value, list) else key: value for key, value in parameters.items()}
    url = f"{known.site}/api/{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")
    return Request(url=url, auth=f"mastodon:{host_of(known.site)}")


def parse_answer(response: Response, what: str = "post") -> Any:
    """Return the answer's JSON. Raises Gone where the API says "not found", Refused for any other no."""
    host, status = host_of(response.url), response.status
    if status == 200:
        return response.json()
    if status in (401, 403) and (speaks(response) or not response.content.strip()):
        raise Refused(
            f"{host} shows this to logged-in readers only ({status} for {response.url}); "
            f'with an account there, put its token into archiver.toml under [mastodon."{host}"]'
        )
    if status in (404, 410) and speaks(response):
        raise Gone(f"{host} answers that this {what} is not there: deleted, private or never posted ({response.url})")
    if status in (404, 410):
        raise Refused(f"{host} answered {status} for {response.url}: no such {what}, or not Mastodon's interface")
    if response.content.lstrip()[:1] == b"<":
        response.json()  # says what page it is
    raise Refused(f"{host} answered {status} for {response.url}")


def speaks(response: Response) -> bool:
    """Tell whether a no is in the words of the API (https://docs.joinmastodon.org/entities/Error/)."""
    try:
        answer = response.json()
    except (ParseError, Refused):
        return False
    return isinstance(answer, dict) and isinstance(answer.get("error"), str)


def get_status(known: Known, id_: str) -> Generator[Request, Response, Status]:
    """Fetch one status by its id on this server."""
    response = yield get(known, f"v1/statuses/{id_}")
    status = parse_status_of(response)
    known.add([status])
    return status


def parse_status_of(response: Response) -> Status:
    """Return the status that an answer holds. Raises as `parse_answer` does, and ParseError for something else."""
    status = parse_answer(response)
    if not isinstance(status, dict) or "uri" not in status:
        raise ParseError(f"{response.url} answered with something that is not a status")
    return status


def get_answered(known: Known, status: Status) -> Generator[Request, Response, bool]:
    """Ask for the post that a status answers by its id, and tell whether it was shown; else keep why not.

    The server still names it. So it may be there for chosen readers, or be deleted on a server that goes on naming it:
    a 404 does not tell.
    """
    uri = known.parent(status) or ""
    response = yield get(known, f"v1/statuses/{status['in_reply_to_id']}")
    try:
        found = parse_status_of(response)
    except Unavailable:
        reasons = {401: Reason.PRIVATE, 403: Reason.PRIVATE, 410: Reason.DELETED}
        said = f"its own server answers {response.status}"
        known.refusals[uri] = Missing(
            id=uri,
            url=page_of(uri),
            reason=reasons.get(response.status, Reason.UNKNOWN),
            detail=f"{said}: deleted, or for chosen readers only" if response.status == 404 else said,
            seen_at=response.fetched_at,
        )
        return False
    known.add([found])
    known.ids[status["in_reply_to_id"]] = found["uri"]  # snac2 shows an edited post by a new id
    return True


def find_status(known: Known, url: str) -> Generator[Request, Response, Status]:
    """Find a status by its address, for URL forms that hold no id of the API."""
    response = yield get(known, "v2/search", q=url, type="statuses")
    for status in parse_answer(response)["statuses"]:
        if url in (status["uri"], status.get("url")):
            known.add([status])
            found: Status = status
            return found
    raise Gone(f"{host_of(known.site)} knows no post with the address {url}")


def get_context(known: Known, uri: str) -> Call:
    """Fetch what stands above and below a status.

    Logged-out readers get the 40 nearest ancestors and 60 descendants of at most 20 levels, without a word about it:
    https://github.com/mastodon/mastodon/issues/25892
    """
    known.asked.add(uri)
    response = yield get(known, f"v1/statuses/{known.statuses[uri]['id']}/context")
    answer = parse_answer(response)
    ancestors, descendants = answer["ancestors"], answer["descendants"]
    known.heard.add(uri)
    known.add([*ancestors, *descendants])
    if ancestors or descendants:
        known.opened.add(uri)
    if len(descendants) >= DESCENDANTS:
        known.cut.add(uri)
    for status in descendants:
        if status["uri"] == uri:
            continue
        known.under.setdefault(status["uri"], uri)
        if status.get("in_reply_to_id") is None:  # of a whole conversation, Pleroma forgets what was deleted
            known.parents.setdefault(status["uri"], f"{status['uri']}#parent")


def get_page(known: Known, account: str, **window: str) -> Generator[Request, Response, list[Status]]:
    """Fetch a page of an account's statuses, newest first.

    `exclude_replies` is not used: by the field that it looks at, a thread under somebody else's post is all replies.
    """
    response = yield get(known, f"v1/accounts/{account}/statuses", limit=PAGE, exclude_reblogs="true", **window)
    page = parse_answer(response)
    if not isinstance(page, list):
        raise ParseError(f"{response.url} answered with something that is not a list of statuses")
    return page


def get_statuses(known: Known, ids: Iterable[str]) -> Call:
    """Fetch statuses by id, 20 a call; servers before Mastodon 4.3 and many others refuse this."""
    ids = list(ids)
    for first in range(0, len(ids), BATCH):
        response = yield get(known, "v1/statuses", id=ids[first : first + BATCH])
        answer = parse_answer(response)
        if not isinstance(answer, list):
            raise ParseError(f"{response.url} answered with something that is not a list of statuses")
        known.add(answer)


def get_object(uri: str) -> Generator[Request, Response, tuple[Response, dict[str, Any]]]:
    """Fetch a status as the ActivityPub object that it is (https://www.w3.org/TR/activitypub/#retrieving-objects)."""
    response = yield Request(url=uri, headers=(("Accept", ACTIVITY),))
    if response.status != 200 or response.content.lstrip()[:1] != b"{":
        return response, {}
    thing = response.json()
    return response, thing


def look(known: Known, ref: Ref) -> Call:
    """See the pasted post on the server that the URL names."""
    status = yield from (get_status(known, ref.id) if ref.id else find_status(known, ref.url))
    known.focus = status["uri"]


def look_at_origin(known: Known, ref: Ref) -> Call:
    """See the pasted post, and turn to its origin where the URL names a copy: a copy knows fewer replies."""
    yield from look(known, ref)
    home = parse_address(known.focus)
    if home and home.id and host_of(home.site) != host_of(known.site):
        known.statuses.clear()
        known.ids.clear()
        known.site = home.site
        status = yield from get_status(known, home.id)
        known.focus = status["uri"]
