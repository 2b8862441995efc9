"""The servers that random conversations are played on: each writes, deletes, edits, closes accounts, and shows.

They are the fake servers of the other tests, each with the habits and the limits of one kind of real server; what they
were told is kept in `conversation_truth`, apart from what they show.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from atmosphere import DIDS, NOON, Bluesky, made_at, page_url, reference
from fediverse import NOT_FOUND, Mastodon, Status
from world import Answer

from archiver.http.message import Exchange, Request

HABITS = ("mastodon", "mastodon-4.2", "closed-mastodon", "gotosocial", "takahe", "hollo", "snac", "own-snac", "pleroma")
HERE = {"ann": "ann", "bob": "bob", "cleo": "cy"}  # the names in the atmosphere
Shown = dict[str, tuple[str, str | None]]  # id -> who wrote it, what it answers

DOWN: Answer = (503, {"error": "busy"})


class Fediverse(Mastodon):
    """A server of the fediverse with the habits of one kind.

    `mastodon-4.2` knows no `id[]`, `closed-mastodon` keeps listings to itself, `snac` shows itself to somebody else's
    token and `own-snac` to the author's. Posts for followers are `hidden`, from the author of `own-snac` nothing is.
    """

    def __init__(self, kind: str, number: int) -> None:
        super().__init__(f"https://s{number}.example")
        self.kind = kind
        self.closed: dict[str, str] = {}
        self.answered: dict[str, str] = {}  # a status -> the uri of what it answers, as its object has it for good
        self.newest = 10**9
        self.is_mastodon = "mastodon" in kind
        self.timed = self.is_mastodon
        self.batches = kind not in ("mastodon-4.2", "takahe")
        self.listing = kind != "closed-mastodon"
        self.filters = self.signed = kind == "gotosocial"
        both = ("in_reply_to_id", "in_reply_to_account_id")
        if kind in ("gotosocial", "takahe"):
            self.forgotten = ()
        if kind in ("hollo", "snac", "own-snac", "pleroma"):
            self.forgotten = both
        if kind == "hollo":
            self.lean, self.upwards = True, "since"
        if kind.endswith("snac"):
            self.upwards, self.newest = "", 256
        if kind == "snac":
            self.context_limits = None

    def write(self, who: str, text: str, to: str | None, how: str) -> str:
        """Write a post, for followers only or unlisted where `how` says so; return its id."""
        id_ = self.post(who, text, to)
        status = self.statuses.pop(id_)
        number, second = len(self.conversations), int(datetime.fromisoformat(status["created_at"]).timestamp())
        new = {
            "hollo": f"019cdf00-{number:04x}-7abc-8def-0123456789ab",
            "snac": f"{second}a{number:031x}",
            "own-snac": f"{second}a{number:031x}",
            "pleroma": f"AbCdEf{number:012d}",
            "gotosocial": f"01HE7XJ1CG{number:016d}",
        }.get(self.kind, id_)
        at = f"{self.site}/users/{who}/statuses/{new}"
        status.update(id=new, uri=at, url=f"{self.site}/@{who}/{new}")
        if not self.is_mastodon:  # which alone carries on whom the first post answered
            status["in_reply_to_account_id"] = self.statuses[to]["account"]["id"] if to else None
        self.statuses[new] = status
        name = self.conversations.pop(id_)
        self.conversations[new] = name.replace(id_, new) if not self.kind.endswith("snac") or to else f"{at}#ctxt"
        if to:
            self.answered[new] = self.statuses[to]["uri"]
        if how == "unlisted":
            status["visibility"] = "unlisted"
        if how == "followers":
            status["visibility"] = "private"
            if self.kind != "own-snac":
                self.hidden.add(new)
            if to and self.is_mastodon:
                self.statuses[to]["replies_count"] -= 1
        return new

    def delete(self, id_: str) -> None:
        parent = self.statuses.get(self.statuses[id_]["in_reply_to_id"] or "")
        super().delete(id_)
        self._waited += 1  # the clock goes by the number of posts
        if parent:
            parent["replies_count"] = max(0, parent["replies_count"])

    def edit(self, id_: str, text: str) -> None:
        """Change the text of a post."""
        self.statuses[id_].update(content=f"<p>{text}</p>", edited_at="2026-03-20T12:00:00.000Z")

    def close(self, who: str, status: str) -> None:
        """Close an account: `suspended` it is still named, else its name is not known any more."""
        self.closed[who] = status

    def reopen(self, who: str) -> None:
        """Open an account again."""
        del self.closed[who]

    def key(self, id_: str) -> str:
        """Return the id that a post has in the archive."""
        return self.statuses[id_]["uri"] if id_ in self.statuses else f"{self.site}/users/?/{id_}"

    def url(self, id_: str) -> str:
        return str(self.statuses[id_]["url"])

    def break_down(self, which: str) -> None:
        """Let a part of the server fail; "" mends it."""
        parts = {"listing": "/accounts/", "network": "/context", "objects": "/users/"}
        self.fault = lambda request: DOWN if which and parts[which] in request.url else None
        if self.kind == "takahe":
            inner = self.fault
            self.fault = lambda request: (405, "") if "id%5B%5D" in request.url else inner(request)

    def shown(self) -> dict[str, Status]:
        return {
            id_: status for id_, status in super().shown().items() if status["account"]["username"] not in self.closed
        }

    def account(self, who: str) -> dict[str, Any]:
        suspended = {"suspended": True} if who in self.closed else {}
        return {**super().account(who), **suspended}

    def _answer(self, request: Request) -> Answer:
        path = request.url.partition("?")[0].removeprefix(self.site)
        if "/lookup" in path:
            who = request.url.rpartition("acct=")[2]
            named = who not in self.closed or (self.is_mastodon and self.closed[who] == "suspended")
            return (200, self.account(who)) if named else NOT_FOUND
        if path.startswith("/users/") and "statuses" not in path and not self.signed:
            who = path.rpartition("/")[2]
            return (410, "") if who in self.closed else (200, {"id": f"{self.site}{path}", "type": "Person"})
        return super()._answer(request)

    def object(self, uri: str) -> Answer:
        status, thing = super().object(uri)
        if status == 200 and self.kind != "hollo" and not self.is_mastodon:
            thing = {**thing, "inReplyTo": self.answered.get(uri.rpartition("/")[2])}
        return status, thing

    def page(self, account: str, query: dict[str, list[str]]) -> Answer:
        all_of_them = self.statuses
        own = [id_ for id_, status in all_of_them.items() if status["account"]["id"] == account]
        if any(all_of_them[id_]["account"]["username"] in self.closed for id_ in own[:1]):
            return 200, []
        old = set(own[: -self.newest])
        self.statuses = {id_: status for id_, status in all_of_them.items() if id_ not in old}
        try:
            return super().page(account, query)
        finally:
            self.statuses = all_of_them

    def context(self, id_: str) -> dict[str, list[Status]]:
        """Return what stands above and below: cut first, and then without what is for others; below that it goes on."""
        shown = self.shown()
        if self.kind == "pleroma":
            same = [other for other in shown if self.conversations[other] == self.conversations[id_]]
            return {
                "ancestors": [shown[other] for other in same if other < id_],
                "descendants": [shown[other] for other in same if other > id_],
            }
        hidden, closed, self.hidden, self.closed = self.hidden, self.closed, set(), {}
        try:
            whole = super().context(id_)
        finally:
            self.hidden, self.closed = hidden, closed
        return {side: [status for status in part if status["id"] in shown] for side, part in whole.items()}

    def shown_in(self, exchanges: Iterable[Exchange]) -> Shown:
        """Return the posts that answers of the API have shown with their text."""
        found = {
            thing["uri"]: thing
            for thing in things(exchanges)
            if {"uri", "content", "account"} <= thing.keys() and thing["visibility"] in ("public", "unlisted")
        }
        by_id = {thing["id"]: uri for uri, thing in found.items()}
        return {
            uri: (thing["account"]["username"], by_id.get(thing.get("in_reply_to_id") or ""))
            for uri, thing in found.items()
        }


class Atmosphere(Bluesky):
    """The Bluesky network; `most` is how many posts its PDS gives in a page, `gap` how the AppView names a hole."""

    kind = "bluesky"

    def __init__(self, number: int) -> None:
        super().__init__()
        self.now = NOON + timedelta(days=200)
        self._minute = 60 * 24 * 90 * (number % 1000)
        self.most = 100

    def write(self, who: str, text: str, to: str | None, how: str) -> str:
        """Write a record: `backdated`, with a wrong root (`rootless`, `strange`), or one that the AppView hides."""
        uri = self.post(HERE[who], text, to)
        record = self.records[uri]
        if how == "backdated":
            record["createdAt"] = "2019-05-01T00:00:00.000Z"
        if how == "ahead":
            record["createdAt"] = "2031-05-01T00:00:00.000Z"
        if how == "rootless" and to:
            record["reply"] = {"root": reference(to), "parent": reference(to)}
        if how == "strange" and to:
            other = next(iter(self.records))
            record["reply"] = {"root": reference(other), "parent": reference(to)}
        if how == "hidden":
            self.hidden.add(uri)
        return uri

    def edit(self, id_: str, text: str) -> None:
        """Change the text of a record."""
        self.records[id_] = {**self.records[id_], "text": text}

    def delete(self, uri: str) -> None:
        super().delete(uri)
        self._minute += 1

    def close(self, who: str, status: str) -> None:
        """Close an account."""
        self.statuses[DIDS[HERE[who]]] = {"deleted": "deactivated"}.get(status, status)

    def reopen(self, who: str) -> None:
        """Open an account again."""
        del self.statuses[DIDS[HERE[who]]]

    def wait(self, hours: int) -> None:
        self._minute += 60 * hours

    def key(self, id_: str) -> str:
        """Return the id that a post has in the archive."""
        return id_

    def url(self, id_: str) -> str:
        """Return the page of a post."""
        return page_url(id_)

    def break_down(self, which: str) -> None:
        """Let a part of the network fail; "" mends it."""
        parts = {"listing": "listRecords", "network": "public.api.bsky.app/xrpc/app.", "objects": "getRecord"}
        self.fault = lambda request: DOWN if which and parts[which] in request.url else None

    def page(self, query: dict[str, list[str]]) -> Answer:
        return super().page({**query, "limit": [str(min(self.most, int(query["limit"][0])))]})

    def shown_in(self, exchanges: Iterable[Exchange]) -> Shown:
        """Return the posts that answers have shown with their text."""
        found = {
            thing["uri"]: thing.get("record") or thing["value"]
            for thing in things(exchanges)
            if "uri" in thing and isinstance(thing.get("record") or thing.get("value"), dict)
        }
        names = {did: name for name, place in HERE.items() if (did := DIDS[place])}
        return {
            uri: (names[uri.split("/")[2]], (record.get("reply") or {"parent": {"uri": None}})["parent"]["uri"])
            for uri, record in found.items()
            if "text" in record
        }


Server = Fediverse | Atmosphere


def things(exchanges: Iterable[Exchange]) -> Iterator[dict[str, Any]]:
    """Yield every JSON object in answers, with those in it."""
    for exchange in exchanges:
        if exchange.status != 200 or exchange.body[:1] not in (b"{", b"["):
            continue
        stack: list[Any] = [json.loads(exchange.body)]
        while stack:
            thing = stack.pop()
            if isinstance(thing, dict):
                yield thing
                stack += thing.values()
            elif isinstance(thing, list):
                stack += thing


def opened(kind: str, number: int) -> Server:
    """Return a new server of a kind; `number` sets it apart from others in the same archive."""
    return Atmosphere(number) if kind == "bluesky" else Fediverse(kind, number)


def written_at(id_: str, server: Server) -> datetime:
    """Return when a post was written, by the server's own clock."""
    if isinstance(server, Fediverse):
        return datetime.fromisoformat(server.statuses[id_]["created_at"])
    time = made_at(id_)
    assert time
    return time
