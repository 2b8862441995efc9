"""A storm: what an account posted in a stretch of time, out of its listing at home, from the newest downwards.

Mastodon's ids are made of the time, so its listing is entered where the storm ends; on a server whose ids are not, it
is read from the newest post of all.

Requests for a storm of N posts: the account, a page per 40 posts, one more where the last page does not show that it is
the last; for a post whose parent is deleted its object, and what that names.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.errors import Gone, Interrupted, ParseError, Refused, Unavailable
from archiver.http.message import Request, Response
from archiver.model import Author, Missing, Node, Post, Reason, Thread, utc
from archiver.platforms.mastodon.address import moment, parse_address
from archiver.platforms.mastodon.calls import FAILED, PAGE, Call, get, get_answered, get_page, parse_answer
from archiver.platforms.mastodon.holes import MOST, ask, gap_above
from archiver.platforms.mastodon.known import Known, Status
from archiver.platforms.mastodon.status import host_of, parse_account
from archiver.platforms.mastodon.traces import NEAR, answered_at, forgets, hides_parent, is_dated, names_parent
from archiver.platforms.mastodon.versions import with_versions
from archiver.routes import Ref, Steps
from archiver.threads.assemble import EARLIEST, LATEST
from archiver.threads.assemble import storm as assemble
from archiver.threads.completeness import Proof

Account = dict[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SLACK = 60_000  # milliseconds: an id is made when a post is stored, a little later than its created_at
COUNTED = 1 << 40  # lesser ids are no times, and less than those that are: of Mastodon before 2017, of Friendica
INDEXED = range(200, 257)  # where snac2's listing ends: at the newest 256 of all that its index has


def storm(ref: Ref) -> Steps:
    """Collect what an account posted from `since` on and before `until`. Raises Refused where that is nothing."""
    known = Known(site=ref.site)
    account = yield from find_account(known, ref.author)
    try:
        yield from list_posts(known, account, ref)
        yield from fill_holes(known, ref)
    except (*FAILED, Interrupted) as error:
        if not members(known, ref):
            raise
        known.stop = str(error)
    return (yield from with_versions(known, conclude(known, account, ref), "listing"))


def find_account(known: Known, name: str) -> Generator[Request, Response, Account]:
    """Find an account at the host of its handle, or at the server that this host names as the account's own."""
    try:
        return (yield from get_account(known, name))
    except (Unavailable, ParseError):
        site = yield from home(known.site, name)
        if site in ("", known.site):
            raise
    known.site = site
    return (yield from get_account(known, name))


def get_account(known: Known, name: str) -> Generator[Request, Response, Account]:
    """Fetch an account by the name that it has on this server."""
    response = yield get(known, "v1/accounts/lookup", acct=name)
    try:
        account = parse_answer(response, "account")
    except Gone:
        raise Gone(f"{host_of(known.site)} answers that it has no account {name} ({response.url})") from None
    if not isinstance(account, dict) or "id" not in account:
        raise ParseError(f"{response.url} answered with something that is not an account")
    return account


def home(site: str, name: str) -> Generator[Request, Response, str]:
    """Return the site of the server that a host names as an account's (https://docs.joinmastodon.org/spec/webfinger/)."""
    try:
        response = yield Request(url=f"{site}/.well-known/webfinger?resource=acct:{name}@{host_of(site)}")
        answer = response.json() if response.status == 200 else {}
    except FAILED:
        return ""
    actor = next((link["href"] for link in answer.get("links") or () if link.get("rel") == "self"), "")
    found = re.match(r"https?://[^/]+", actor)
    return found[0] if found else ""


def list_posts(known: Known, account: Account, ref: Ref) -> Call:
    """Read the listing down to the first post that is older than the storm, or to its end.

    The end is an empty page: a short one may only lack what is not for this reader.
    """
    page = yield from enter(known, account, ref)
    known.add_page(page, PAGE, account["id"])
    begun: set[str] = set()
    while page and not older(page, ref):
        if page[-1]["id"] in begun:
            known.stop = f"{host_of(known.site)} lists the same page again and again"
            return
        begun.add(page[-1]["id"])
        page = yield from get_page(known, account["id"], max_id=page[-1]["id"])
        known.add_page(page, PAGE, account["id"])
    if not known.statuses and account.get("statuses_count"):
        raise Refused(
            f"{host_of(known.site)} counts {account['statuses_count']} posts of {ref.author} and shows none of them: "
            "they are not public, or shown to logged-in readers only"
        )
    if not older(page, ref) and len(known.statuses) in INDEXED and all(map(forgets, known.statuses.values())):
        known.stop = f"{host_of(known.site)} lists an author's newest 256 posts only, and this time begins before them"
        return
    known.whole = "the author's own server listed their public posts from the end of this time to its beginning"


def enter(known: Known, account: Account, ref: Ref) -> Generator[Request, Response, list[Status]]:
    """Fetch the first page: from the storm's end on where ids are times, else from the newest post of all."""
    if not re.fullmatch(r"[0-9]{1,20}", account["id"]):
        return (yield from get_page(known, account["id"]))
    page = yield from get_page(known, account["id"], max_id=id_after(ref))
    if dated(page):
        return page
    newest = yield from get_page(known, account["id"])
    known.add_page(newest, PAGE, account["id"])
    return page if dated(newest) else newest


def id_after(ref: Ref) -> str:
    """Return an id of Mastodon that is greater than those of the storm's posts."""
    milliseconds = ((ref.until or LATEST) - EPOCH) // timedelta(milliseconds=1) + SLACK
    return str(min(max(milliseconds, 0), (1 << 47) - 1) << 16)


def dated(page: list[Status]) -> bool:
    """Tell whether a page proves that the ids of its server are in the order of the times that Mastodon gives them."""
    if not page:
        return False
    time = moment(page[0]["id"])
    if time is None:
        return page[0]["id"].isdecimal() and int(page[0]["id"]) < COUNTED
    return abs(time - utc(page[0]["created_at"])) < NEAR


def older(page: list[Status], ref: Ref) -> bool:
    """Tell whether a page reaches what the author wrote before the storm."""
    own = [status for status in page if not status.get("reblog")]
    return bool(own) and utc(own[-1]["created_at"]) < (ref.since or EARLIEST)


def within(time: datetime | None, ref: Ref) -> bool:
    """Tell whether a time is known and the storm's."""
    return time is not None and (ref.since or EARLIEST) <= time < (ref.until or LATEST)


def members(known: Known, ref: Ref) -> list[Status]:
    """Return what was listed of the storm."""
    return [status for status in known.statuses.values() if within(utc(status["created_at"]), ref)]


def fill_holes(known: Known, ref: Ref) -> Call:
    """Learn which of the author's posts were answered and are not shown, unless their address tells of another time."""
    for status in [each for each in members(known, ref) if may_answer_here(known, each, ref)][:MOST]:
        if names_parent(known, status) and (yield from get_answered(known, status)):
            continue
        parent, _ = yield from ask(known, status)
        address = parse_address(parent or "")
        time = answered_at(status) or (moment(address.id) if address and is_dated(status) else None)
        ours = parent not in known.statuses and (time is None or within(time, ref))
        gap = (yield from gap_above(known, status, parent)) if ours else None
        if gap:
            known.gone[status["uri"]] = replace(gap, created_at=time)


def may_answer_here(known: Known, status: Status, ref: Ref) -> bool:
    """Tell whether a post answers one by its author that was not shown, and that may be of the storm's time."""
    time = answered_at(status)
    return hides_parent(known, status) and (time is None or within(time, ref))


def conclude(known: Known, account: Account, ref: Ref) -> Thread:
    """Put everything that is known together into the storm."""
    author, whole = parse_account(account, known.site), bool(known.whole)
    nodes = {node.id: node for node in (*parents(known, author, ref), *posts(known, ref))}
    return assemble(
        platform="mastodon",
        nodes=nodes.values(),
        author=author,
        url=author.url,
        since=ref.since or EARLIEST,
        until=ref.until or LATEST,
        proof=Proof(text=known.whole, top=whole, end=whole, stop=known.stop),
    )


def posts(known: Known, ref: Ref) -> Iterator[Node]:
    """Yield the storm's posts, and a gap for each that is not public or cannot be read."""
    nodes = known.nodes()
    for status in members(known, ref):
        node = nodes[status["uri"]]
        yield node if isinstance(node, Post) else replace(node, created_at=utc(status["created_at"]))


def parents(known: Known, author: Author, ref: Ref) -> Iterator[Missing]:
    """Yield what the storm's posts answer and the listing did not show, the author's own or not."""
    for status in members(known, ref):
        parent, gap = known.parent(status), known.gone.get(status["uri"])
        if gap:
            yield gap
        elif parent is not None and parent not in known.statuses:
            time = answered_at(status)
            missing = replace(known.unseen(status), created_at=time)
            if missing.author not in (author.id, None):
                yield missing
            elif known.whole and within(time, ref):
                yield replace(
                    missing, reason=Reason.UNKNOWN, detail="the listing of its author's public posts does not show it"
                )
