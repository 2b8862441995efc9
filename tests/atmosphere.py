"""A Bluesky network as a world: a PLC directory, an AppView with its caps and a PDS, over the same invented records."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from world import Answer, World

from archiver.http.message import Request

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
TID = "234567abcdefghijklmnopqrstuvwxyz"
PDS = "https://pds.example"

DIDS = {
    "ann": "did:plc:anna2222222222222222222a",
    "bob": "did:plc:bobb2222222222222222222b",
    "cy": "did:plc:cyyy2222222222222222222c",
    "sig": "did:plc:z3wa67sploqdnl6reeczsxq4",  # the hash of what `repositories.GENESIS` is
}
NAMES = {did: name for name, did in DIDS.items()}


class Bluesky(World):
    """The network. `depth` is the AppView's own cap, `above` how many parents a list gives, `hidden` what it lacks.

    `reserved` are the accounts that ask not to be shown to whoever is not logged in, `statuses` those that are not
    active, with the word of their server. `gap` is how a list names what it does not show. `feed_cursor` is the form of
    the author feed's cursors: that of the open source AppView, or a plain time, as the public one has it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, dict[str, Any]] = {}
        self.extras: dict[str, dict[str, Any]] = {}
        self.answered: dict[str, list[str]] = {}
        self.deleted: dict[str, datetime] = {}
        self.statuses: dict[str, str] = {}
        self.gap = "NotFound"
        self.feed_cursor = "{milliseconds}__{cid}"
        self.hidden: set[str] = set()
        self.reserved: set[str] = set()
        self.depth = 10
        self.above = 50
        self._minute = 0

    def post(
        self, who: str, text: str, to: str | None = None, *, view: dict[str, Any] | None = None, **more: Any
    ) -> str:
        """Write a record and return its URI; `more` goes into the record, `view` into the AppView's view of it."""
        self._minute += 1
        time = NOON + timedelta(minutes=self._minute)
        uri = f"at://{DIDS[who]}/app.bsky.feed.post/{tid(time)}"
        record: dict[str, Any] = {
            "$type": "app.bsky.feed.post",
            "text": text,
            "langs": ["en"],
            "createdAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            **more,
        }
        if to:
            root = (self.records[to].get("reply") or {"root": reference(to)})["root"]
            record["reply"] = {"root": root, "parent": reference(to)}
        self.records[uri] = record
        if to:
            self.answered.setdefault(to, []).append(uri)
        self.extras[uri] = view or {}
        return uri

    def thread(self, count: int, *, who: str = "ann", numbered: bool = False) -> list[str]:
        """Write a self-thread and return its URIs."""
        uris: list[str] = []
        for number in range(1, count + 1):
            text = f"Herons {number}/{count}" if numbered else f"Herons, note no {number}"
            uris.append(self.post(who, text, uris[-1] if uris else None))
        return uris

    def wait(self, hours: int) -> None:
        """Let time pass before the next post."""
        self._minute += 60 * hours

    def delete(self, uri: str) -> None:
        """Delete a record: what answered it still says so."""
        self.deleted[uri] = NOON + timedelta(minutes=self._minute, seconds=1)

    def shown(self, uri: str) -> bool:
        """Tell whether the AppView shows a post; of closed accounts it shows nothing."""
        closed = uri.split("/")[2] in self.statuses
        return uri in self.records and uri not in self.deleted and uri not in self.hidden and not closed

    def answers(self, uri: str) -> list[str]:
        """Return the posts that answer a post, oldest first."""
        return [other for other in self.answered.get(uri, []) if self.shown(other)]

    def answer(self, request: Request) -> Answer:
        parts = urlsplit(request.url)
        if parts.netloc == "plc.directory":
            did = parts.path.strip("/")
            return (200, document(did)) if did in NAMES else (404, {"message": f"DID not registered: {did}"})
        query = {key: values for key, values in parse_qs(parts.query).items()}
        method = parts.path.rsplit(".", 1)[-1]
        return {
            "resolveHandle": self.resolve,
            "getPostThreadV2": self.flat,
            "getPostThread": self.tree,
            "getPosts": self.views,
            "getAuthorFeed": self.feed,
            "listRecords": self.page,
            "getRecord": self.record,
            "getRepoStatus": self.status,
        }[method](query)

    def resolve(self, query: dict[str, list[str]]) -> Answer:
        name = query["handle"][0].split(".")[0]
        if name in DIDS:
            return 200, {"did": DIDS[name]}
        return 400, {"error": "InvalidRequest", "message": "Unable to resolve handle"}

    def status(self, query: dict[str, list[str]]) -> Answer:
        did = query["did"][0]
        if did not in NAMES:
            return 400, {"error": "RepoNotFound", "message": f"Could not find repo for DID: {did}"}
        status = self.statuses.get(did)
        return 200, {"did": did, "active": status is None, **({"status": status} if status else {"rev": "3l"})}

    def feed(self, query: dict[str, list[str]]) -> Answer:
        """Return a page of an author's posts by the time that they claim."""
        limit, cursor = int(query["limit"][0]), query.get("cursor", ["9"])[0]
        keyed = sorted(
            (
                (self.cursor(uri), uri)
                for uri in self.records
                if uri.split("/")[2] == query["actor"][0] and self.shown(uri)
            ),
            reverse=True,
        )
        found = [uri for key, uri in keyed if key < cursor]
        more = {"cursor": self.cursor(found[limit - 1])} if len(found) > limit else {}
        return 200, {"feed": [{"post": self.view(uri)} for uri in found[:limit]], **more}

    def cursor(self, uri: str) -> str:
        """Return the place of a post in its author's feed."""
        view = self.view(uri)
        time = min(datetime.fromisoformat(text) for text in (view["record"]["createdAt"], view["indexedAt"]))
        iso = f"{time:%Y-%m-%dT%H:%M:%S.000Z}"
        return self.feed_cursor.format(milliseconds=int(time.timestamp() * 1000), cid=cid(uri), iso=iso)

    def page(self, query: dict[str, list[str]]) -> Answer:
        if query["repo"][0] in self.statuses:
            return 400, {"error": "InvalidRequest", "message": f"Could not find repo: {query['repo'][0]}"}
        cursor, limit = query.get("cursor", [""])[0], int(query["limit"][0])
        upwards = query["reverse"] == ["true"]
        found = [
            {"uri": uri, "cid": cid(uri), "value": record}
            for uri, record in sorted(self.records.items(), key=lambda item: rkey(item[0]), reverse=not upwards)
            if uri.split("/")[2] == query["repo"][0] and uri not in self.deleted
            if (rkey(uri) > cursor if upwards else rkey(uri) < cursor)
        ][:limit]
        return 200, {"records": found, **({"cursor": rkey(found[-1]["uri"])} if found else {})}

    def record(self, query: dict[str, list[str]]) -> Answer:
        uri = f"at://{query['repo'][0]}/app.bsky.feed.post/{query['rkey'][0]}"
        if query["repo"][0] in self.statuses or query["repo"][0] not in NAMES:
            return 400, {"error": "InvalidRequest", "message": f"Could not find repo: {query['repo'][0]}"}
        if uri not in self.records or uri in self.deleted:
            return 400, {"error": "RecordNotFound", "message": f"Could not locate record: {uri}"}
        return 200, {"uri": uri, "cid": cid(uri), "value": self.records[uri]}

    def views(self, query: dict[str, list[str]]) -> Answer:
        return 200, {"posts": [self.view(uri) for uri in query["uris"] if self.shown(uri)]}

    def view(self, uri: str) -> dict[str, Any]:
        """Return a postView."""
        return {
            "uri": uri,
            "cid": cid(uri),
            "author": self.author(uri.split("/")[2]),
            "record": self.records[uri],
            "replyCount": len(self.answers(uri)),
            "repostCount": 0,
            "likeCount": 2,
            "quoteCount": 0,
            "indexedAt": f"{made_at(uri) or NOON:%Y-%m-%dT%H:%M:%S.000Z}",
            "labels": [],
            **self.extras[uri],
        }

    def author(self, did: str) -> dict[str, Any]:
        """Return an account as it is shown with each of its posts."""
        label = {"src": did, "uri": f"at://{did}/app.bsky.actor.profile/self", "val": "!no-unauthenticated"}
        return {**author(did), "labels": [label] if did in self.reserved else []}

    def parent(self, uri: str) -> str:
        """Return the post that a post answers, "" where it answers none."""
        found: str = (self.records[uri].get("reply") or {"parent": {"uri": ""}})["parent"]["uri"]
        return found

    def tree(self, query: dict[str, list[str]]) -> Answer:
        uri = query["uri"][0]
        if not self.shown(uri):
            return 400, {"error": "NotFound", "message": f"Post not found: {uri}"}
        node = self.node(uri, min(int(query["depth"][0]), self.depth))
        top = node
        for _ in range(int(query["parentHeight"][0])):
            if not (above := self.parent(top["post"]["uri"])):
                break
            top["parent"] = self.node(above, 0) if self.shown(above) else gone(above)
            if "post" not in top["parent"]:
                break
            top = top["parent"]
        return 200, {"thread": node}

    def node(self, uri: str, depth: int) -> dict[str, Any]:
        """Return a threadViewPost; at the edge of the depth `replies` is left out."""
        node = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self.view(uri)}
        if depth:
            node["replies"] = [self.node(answer, depth - 1) for answer in self.answers(uri)]
        return node

    def flat(self, query: dict[str, list[str]]) -> Answer:
        anchor, below = query["anchor"][0], min(int(query["below"][0]), 20)
        if not self.shown(anchor):
            return 200, {"thread": [self.item(anchor, 0)], "hasOtherReplies": False}
        items = [self.item(anchor, 0)]
        above = self.parent(anchor)
        while above and query["above"] == ["true"] and len(items) <= self.above:
            items.insert(0, self.item(above, -len(items)))
            above = self.parent(above) if self.shown(above) else ""
        level = [anchor]
        for depth in range(1, below + 1):
            level = [answer for uri in level for answer in self.answers(uri)]
            items += [self.item(uri, depth) for uri in level]
        return 200, {"thread": items, "hasOtherReplies": False}

    def item(self, uri: str, depth: int) -> dict[str, Any]:
        """Return an entry of the flat list, with the AppView's count on what belongs to the author's thread."""
        kind = "app.bsky.unspecced.defs#threadItem"
        if not self.shown(uri):
            return {"uri": uri, "depth": depth, "value": {"$type": f"{kind}{self.gap}"}}
        if uri.split("/")[2] in self.reserved:
            return {"uri": uri, "depth": depth, "value": {"$type": f"{kind}NoUnauthenticated"}}
        line = self.line(uri)
        counted = {"opThreadPostIndex": line.index(uri) + 1, "opThreadPostCount": len(line)} if uri in line else {}
        return {
            "uri": uri,
            "depth": depth,
            "value": {"$type": f"{kind}Post", "post": self.view(uri), "opThread": bool(counted), **counted},
        }

    def line(self, uri: str) -> list[str]:
        """Return the author's thread as the AppView counts it, where it is one: at each post the oldest own reply.

        A deleted reply keeps its place while replies below it are there; else only one that was made after the deletion
        takes it (packages/bsky/src/data-plane/server/op-thread.ts). So a count can stop short.
        """
        root = (self.records[uri].get("reply") or {"root": {"uri": uri}})["root"]["uri"]
        line = [root, *self.below(root, root)]
        return line if len(line) > 1 else []

    def below(self, uri: str, root: str) -> list[str]:
        """Return the thread of the root's author below one of its posts."""
        vacated = NOON - timedelta(days=10_000)
        for reply in sorted(self.answered.get(uri, []), key=rkey):
            named = self.records[reply]["reply"]["root"]["uri"]
            if reply.split("/")[2] != root.split("/")[2] or named != root or (made_at(reply) or NOON) < vacated:
                continue
            rest = self.below(reply, root)
            if reply not in self.deleted or rest:
                return [reply, *rest]
            vacated = max(vacated, self.deleted[reply])
        return []


def tid(time: datetime) -> str:
    """Return a record key for a time (https://atproto.com/specs/tid)."""
    number = int(time.timestamp() * 1_000_000) << 10
    return "".join(TID[number >> shift & 31] for shift in range(60, -1, -5))


def made_at(uri: str) -> datetime | None:
    """Return the time in a post's key, None where it is another kind of key."""
    key = rkey(uri)
    if len(key) != 13 or any(sign not in TID for sign in key):
        return None
    number = 0
    for sign in key:
        number = number * 32 + TID.index(sign)
    return datetime.fromtimestamp((number >> 10) / 1_000_000, UTC)


def rkey(uri: str) -> str:
    return uri.rsplit("/", 1)[-1]


def cid(uri: str) -> str:
    return f"bafyrei{rkey(uri)}"


def reference(uri: str) -> dict[str, str]:
    return {"uri": uri, "cid": cid(uri)}


def author(did: str) -> dict[str, Any]:
    name = NAMES[did]
    return {"did": did, "handle": f"{name}.example.com", "displayName": name.title(), "labels": []}


def document(did: str) -> dict[str, Any]:
    return {
        "id": did,
        "alsoKnownAs": [f"at://{NAMES[did]}.example.com"],
        "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": PDS}],
    }


def gone(uri: str) -> dict[str, Any]:
    return {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri, "notFound": True}


def page_url(uri: str) -> str:
    """Return the page of a post by its author's handle."""
    did = uri.split("/")[2]
    return f"https://bsky.app/profile/{NAMES[did]}.example.com/post/{rkey(uri)}"
