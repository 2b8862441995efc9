"""A Mastodon server as a world: the client API with the limits of a logged-out reader, and ActivityPub objects."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from world import Answer, World

from archiver.http.message import Request

SITE = "https://social.example"
NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
PEOPLE = {"ann": "109", "bob": "110"}
NOT_FOUND: Answer = (404, {"error": "Record not found"})

Status = dict[str, Any]


class Mastodon(World):
    """One server, with the habits of Mastodon; the fields hold those in which others differ.

    `context_limits` are ancestors, descendants and depth, None where a context shows nothing to who is not the author
    (snac2). `batches` says whether it knows `id[]`, `listing` whether it lists an account's posts, `timed` whether its
    ids are made of the time, as Mastodon's are, or only counted on. `upwards` is what `min_id` means: "min", "since"
    (Hollo: the newest of all that are newer) or "" (snac2: nothing). `hidden` are posts for chosen readers, `filters`
    says that a page is cut before they are taken out of it (GoToSocial). `forgotten` are the fields that a reply loses
    with its parent: one on Mastodon, none on GoToSocial and Takahē, both on Hollo and snac2. `signed` says that objects
    are shown to signed requests only, `lean` that keys are left out where they are null (Hollo).
    """

    def __init__(self, site: str = SITE) -> None:
        super().__init__()
        self.site = site
        self.statuses: dict[str, Status] = {}
        self.conversations: dict[str, str] = {}
        self.objects: dict[str, Status] = {}
        self.context_limits: tuple[int, int, int] | None = (40, 60, 20)
        self.batches = True
        self.listing = True
        self.timed = False
        self.upwards = "min"
        self.hidden: set[str] = set()
        self.filters = False
        self.forgotten: tuple[str, ...] = ("in_reply_to_id",)
        self.signed = False
        self.lean = False
        self._next = 112_150_000_000_000_000
        self._waited = 0

    def post(self, who: str, text: str, to: str | None = None, **more: Any) -> str:
        """Write a status and return its id; `more` overrides keys of the entity."""
        time = NOON + timedelta(minutes=len(self.statuses) + self._waited)
        self._next += 1
        id_ = str((int(time.timestamp() * 1000) << 16) + self._next % 1000 if self.timed else self._next)
        parent = self.statuses.get(to or "")
        uri = f"{self.site}/users/{who}/statuses/{id_}"
        self.statuses[id_] = {
            "id": id_,
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "in_reply_to_id": to,
            "in_reply_to_account_id": _replied(parent, who) if parent else None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": "public",
            "language": "en",
            "uri": uri,
            "url": f"{self.site}/@{who}/{id_}",
            "replies_count": 0,
            "reblogs_count": 0,
            "favourites_count": 3,
            "quotes_count": 0,
            "edited_at": None,
            "content": text if text.startswith("<") else f"<p>{text}</p>",
            "reblog": None,
            "account": self.account(who),
            "media_attachments": [],
            "mentions": [],
            "tags": [],
            "emojis": [],
            "quote": None,
            "card": None,
            "poll": None,
            **more,
        }
        if parent:
            parent["replies_count"] += 1
        self.conversations[id_] = self.conversations[to] if to else f"{self.site}/contexts/1-{id_}"
        return id_

    def account(self, who: str) -> dict[str, Any]:
        """Return an account; its `acct` has no host, since it is at home here."""
        return {
            "id": PEOPLE.get(who, "111"),
            "username": who,
            "acct": who,
            "display_name": {"ann": "Ann Ash", "bob": "Bob Birch"}.get(who, ""),
            "url": f"{self.site}/@{who}",
            "uri": f"{self.site}/users/{who}",
            "avatar": f"{self.site}/avatars/{who}.png",
            "emojis": [],
            "statuses_count": 1234,
        }

    def thread(self, count: int, *, who: str = "ann", numbered: bool = False) -> list[str]:
        """Write a self-thread and return its ids."""
        ids: list[str] = []
        for number in range(1, count + 1):
            text = f"Post about herons {number}/{count}" if numbered else f"Herons, note no {number} of the day"
            ids.append(self.post(who, text, ids[-1] if ids else None))
        return ids

    def wait(self, hours: int) -> None:
        """Let time pass before the next post."""
        self._waited += 60 * hours

    def delete(self, id_: str) -> None:
        """Delete a status: on Mastodon, its replies forget which one they answered, not whose."""
        gone = self.statuses.pop(id_)
        if parent := self.statuses.get(gone["in_reply_to_id"] or ""):
            parent["replies_count"] -= 1
        for status in self.statuses.values():
            if status["in_reply_to_id"] == id_:
                status.update(dict.fromkeys(self.forgotten))

    def url(self, id_: str) -> str:
        """Return the page of a status."""
        return f"{self.site}/@ann/{id_}"

    def answer(self, request: Request) -> Answer:
        status, content = self._answer(request)
        return status, _without_null(content) if self.lean and "/api/" in request.url else content

    def _answer(self, request: Request) -> Answer:
        parts = urlsplit(request.url)
        query = parse_qs(parts.query)
        shown = self.shown()
        match parts.path.strip("/").split("/"):
            case [who] if who.startswith("@"):
                return 200, f"<!DOCTYPE html><title>{who}</title>"
            case [who, id_] if who.startswith("@") and id_ in shown:
                return 200, f"<!DOCTYPE html><title>{who}</title><p>{shown[id_]['content']}</p>"
            case ["api", "v1", "statuses"]:
                found = [shown[id_] for id_ in query["id[]"] if id_ in shown]
                return (200, found) if self.batches else NOT_FOUND
            case ["api", "v1", "statuses", id_]:
                return (200, shown[id_]) if id_ in shown else NOT_FOUND
            case ["api", "v1", "statuses", id_, "context"]:
                return (200, self.context(id_)) if id_ in shown else NOT_FOUND
            case ["api", "v1", "accounts", account, "statuses"]:
                return self.page(account, query) if self.listing else (401, {"error": "needs an authenticated user"})
            case ["api", "v1", "accounts", "lookup"]:
                who = query["acct"][0]
                return (200, self.account(who)) if who in PEOPLE else NOT_FOUND
            case ["api", "v2", "search"]:
                url = unquote(query["q"][0])
                found = [status for status in shown.values() if url in (status["uri"], status["url"])]
                return 200, {"accounts": [], "statuses": found, "hashtags": []}
        return (401, {"error": "signature"}) if self.signed else self.object(request.url)

    def shown(self) -> dict[str, Status]:
        """Return the statuses that are not for chosen readers only."""
        return {id_: status for id_, status in self.statuses.items() if id_ not in self.hidden}

    def object(self, uri: str) -> Answer:
        """Return the ActivityPub object of a status, as far as the routes read it."""
        for id_, status in self.shown().items():
            if status["uri"] == uri:
                parent = self.statuses.get(status["in_reply_to_id"] or "")
                return 200, {
                    "id": uri,
                    "type": "Note",
                    "inReplyTo": parent["uri"] if parent else None,
                    "context": self.conversations[id_],
                    **self.objects.get(id_, {}),
                }
        return 404, {"error": "Not Found"}

    def page(self, account: str, query: dict[str, list[str]]) -> Answer:
        """Return a page of an account's statuses: `min_id` gives the next newer ones, newest first all the same."""
        limit = min(int(query["limit"][0]), 40)
        listed = self.statuses if self.filters else self.shown()
        own = [status for status in listed.values() if status["account"]["id"] == account]
        if "min_id" in query and self.upwards:
            newer = [status for status in own if _order(status["id"]) > _order(query["min_id"][0])]
            chosen = newer[:limit][::-1] if self.upwards == "min" else newer[::-1][:limit]
        else:
            end = _order(query["max_id"][0] if "max_id" in query else "z" * 99)
            chosen = [status for status in own if _order(status["id"]) < end][::-1][:limit]
        return 200, [status for status in chosen if status["id"] not in self.hidden]

    def context(self, id_: str) -> dict[str, list[Status]]:
        """Return what stands above and below a status, within the limits."""
        if self.context_limits is None:
            return {"ancestors": [], "descendants": []}
        up, down, depth = self.context_limits
        above: list[Status] = []
        while (
            parent := self.shown().get((above[-1] if above else self.statuses[id_])["in_reply_to_id"] or "")
        ) and len(above) < up:
            above.append(parent)
        below: list[Status] = []
        level = {id_}
        for _ in range(depth):
            answers = [status for status in self.shown().values() if status["in_reply_to_id"] in level]
            below += answers
            level = {status["id"] for status in answers}
        return {"ancestors": above[::-1], "descendants": _depth_first(id_, below)[:down]}


def _replied(parent: Status, who: str) -> str:
    """The account that Mastodon notes: for a self-reply it carries on whom the parent answered."""
    own = parent["account"]["username"] == who
    noted: str = (own and parent["in_reply_to_account_id"]) or parent["account"]["id"]
    return noted


def _depth_first(top: str, statuses: Iterable[Status]) -> list[Status]:
    groups: dict[str, list[Status]] = {}
    for status in statuses:
        groups.setdefault(status["in_reply_to_id"], []).append(status)
    found: list[Status] = []
    stack = [top]
    while stack:
        answers = groups.pop(stack.pop(), [])
        found += answers
        stack += [status["id"] for status in reversed(answers)]
    return found


def _order(id_: str) -> tuple[int, str]:
    """The order of ids of one kind."""
    return len(id_), id_


def _without_null(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_null(value) for key, value in content.items() if value is not None}
    return [_without_null(value) for value in content] if isinstance(content, list) else content
