"""A second visit: posts that an earlier capture holds are asked for, each at its own server.

That a post is deleted is said where the API has no such id and the account is still there. An account that is gone or
suspended takes its posts along: nobody has deleted them one by one.

Requests: one per 20 posts of a server; for each that is not among these its status; for their authors the account once.
"""

from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from archiver.errors import SHAPE_ERRORS, NotRecorded, RateLimited
from archiver.http.message import Request, Response
from archiver.model import Author, Missing, Node, Post, Reason
from archiver.platforms.mastodon.address import Address, parse_address
from archiver.platforms.mastodon.calls import (
    FAILED,
    get,
    get_object,
    get_statuses,
    parse_answer,
    parse_status_of,
    speaks,
)
from archiver.platforms.mastodon.known import Known, Status
from archiver.platforms.mastodon.status import PUBLIC, account_uri, host_of, page_of, parse_status
from archiver.threads.assemble import readable

THERE, UNDECIDED = "there", "undecided"
NEITHER = "its own server shows neither it nor its author's account"


@dataclass(frozen=True, slots=True)
class Word:
    """What a server says of an account: that it is `there`, `undecided`, or why its posts are gone."""

    state: str
    reason: Reason = Reason.UNKNOWN


def recheck(posts: Sequence[Post]) -> Generator[Request, Response, tuple[Node, ...]]:
    """Ask for posts by their own addresses; return each as it is now, or why it is not shown.

    What no recording answers is left out: it was not asked.
    """
    homes: defaultdict[str, dict[str, Address]] = defaultdict(dict)
    for post in posts:
        address = at_home(post)
        homes[address.site][post.id] = address
    by_id = {post.id: post for post in posts}
    found: list[Node] = []
    for site, addresses in homes.items():
        visit = Visit(Known(site=site), {}, "")
        yield from visit.batches([address.id for address in addresses.values() if address.id])
        for id_, address in addresses.items():
            node = yield from visit.look(by_id[id_], address.id)
            found += [node] if node else []
    return tuple(found)


def at_home(post: Post) -> Address:
    """Return the place of a post on its own server, with the id that the API knows where an address of it holds one."""
    given = [address for url in (post.id, post.url) if (address := parse_address(url))]
    site = given[0].site if given else post.id.partition("://")[0] + "://" + host_of(post.id)
    return next((each for each in given if each.id and each.site == site), Address(site=site, id=""))


@dataclass(slots=True)
class Visit:
    """A visit to one server: what it has shown, what it said of accounts, and why it is not asked any more."""

    known: Known
    accounts: dict[str, Word]
    closed: str

    def batches(self, ids: Sequence[str]) -> Generator[Request, Response, None]:
        """Ask for many posts at once; a server that does not know this is asked for each."""
        try:
            yield from get_statuses(self.known, ids)
        except RateLimited as error:
            self.closed = str(error)
        except (*FAILED, *SHAPE_ERRORS):
            return

    def look(self, post: Post, id_: str) -> Generator[Request, Response, Node | None]:
        """Return a post as it is now, or why it is not shown; None where it was not asked."""
        if post.id in self.known.statuses:
            return shown(self.known.site, self.known.statuses[post.id], post)
        if self.closed:
            return missing(post, Reason.NOT_LOADED, self.closed)
        try:
            return (yield from self.ask(post, id_))
        except NotRecorded:
            return None
        except RateLimited as error:
            self.closed = str(error)
            return missing(post, Reason.NOT_LOADED, str(error))
        except FAILED as error:
            return missing(post, Reason.NOT_LOADED, str(error))

    def ask(self, post: Post, id_: str) -> Generator[Request, Response, Node]:
        """Ask for one post by its id, else by its uri as ActivityPub."""
        if id_:
            response = yield get(self.known, f"v1/statuses/{id_}")
        else:
            response, thing = yield from get_object(post.id)
            if thing and thing.get("type") != "Tombstone":
                return post
        said = f"its own server answers {response.status} for it"
        seen = missing(post, Reason.UNKNOWN, said, response)
        if response.status == 200 and id_:
            status = parse_status_of(response)
            return shown(self.known.site, status, post) if status["uri"] == post.id else seen
        if response.status in (401, 403) and id_ and (speaks(response) or not response.content.strip()):
            return replace(seen, reason=Reason.PRIVATE)
        if response.status not in (200, 404, 410):
            return seen
        word = yield from self.account(post.author)
        if word.state == THERE or (word.state == UNDECIDED and (speaks(response) or response.status == 410)):
            return replace(seen, reason=Reason.DELETED)
        return seen if word.state == UNDECIDED else replace(seen, reason=word.reason, detail=word.state)

    def account(self, author: Author) -> Generator[Request, Response, Word]:
        """Ask once whether an account is still there: by its name, else at its own address."""
        if author.id not in self.accounts:
            try:
                self.accounts[author.id] = yield from self.ask_for_account(author)
            except NotRecorded:
                raise
            except SHAPE_ERRORS:
                self.accounts[author.id] = Word(UNDECIDED)
            except FAILED:
                self.accounts[author.id] = Word("its own server does not show it, nor say whether the account is there")
        return self.accounts[author.id]

    def ask_for_account(self, author: Author) -> Generator[Request, Response, Word]:
        """Ask a server about one of its accounts."""
        response = yield get(self.known, "v1/accounts/lookup", acct=author.handle.partition("@")[0])
        spoken = speaks(response)  # else nothing tells that this is still the server that it was
        named = not (spoken and response.status == 404)
        try:
            account = parse_answer(response)
        except FAILED:
            account = {}
        if not isinstance(account, dict) or "id" not in account or account_uri(account) != author.id:
            response, account = yield from get_object(author.id)
        if account.get("suspended"):
            return Word("its author's account is suspended, says its own server", Reason.SUSPENDED)
        if account and account.get("type") != "Tombstone":
            return Word(THERE)
        if account or response.status == 410 or (spoken and response.status == 404):
            said = f"its author's account is not there any more: its own address answers {response.status}"
            return Word(said, Reason.ACCOUNT_GONE)
        return Word(UNDECIDED) if named else Word(NEITHER)


def shown(site: str, status: Status, post: Post) -> Node:
    """Return a post as its server shows it now, in the place that it had."""
    gap = missing(post, Reason.PRIVATE, "it is shown to chosen readers only now")
    if status.get("visibility", "public") not in PUBLIC:
        return gap
    return readable(lambda: parse_status(status, site, post.in_reply_to), gap)


def missing(post: Post, reason: Reason, detail: str, response: Response | None = None) -> Missing:
    """Return the gap in the place of a post."""
    return Missing(
        id=post.id,
        url=page_of(post.url),
        reason=reason,
        in_reply_to=post.in_reply_to,
        author=post.author.id,
        detail=detail,
        created_at=post.created_at,
        seen_at=response.fetched_at if response else None,
    )
