"""What a run has learnt of a conversation, answer by answer."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from archiver.errors import SHAPE_ERRORS
from archiver.http.message import Response
from archiver.model import Author, Missing, Node, Post, Reason
from archiver.platforms.bluesky.embeds import embedded
from archiver.platforms.bluesky.ids import did_of, web_url
from archiver.platforms.bluesky.post import gap, parse_author, parse_post, parse_view, root_of, stranger, tree_nodes
from archiver.threads.assemble import by_id, readable

RESERVED = "!no-unauthenticated"  # the label by which an account asks that; clients keep to it, servers need not

V2_GONE = {
    "app.bsky.unspecced.defs#threadItemNotFound": Reason.UNKNOWN,
    "app.bsky.unspecced.defs#threadItemBlocked": Reason.BLOCKED,
    "app.bsky.unspecced.defs#threadItemNoUnauthenticated": Reason.WITHHELD,
}

UNSHOWN = "Bluesky does not show this post; it is here as its author's repository has it"
BLOCKED = "Bluesky does not show this post because of a block; it is here as its author's repository has it"
HIDDEN = "the author of the thread has hidden this reply on Bluesky"
TWOFOLD = "it was shown with two different texts under one version; this is one of them"
DIFFERING = "Bluesky showed another version of this post than its author's repository, which is the one here"

Record = dict[str, Any]  # as listRecords and getRecord give it: uri, cid, value


@dataclass(slots=True)
class Known:
    """What is known so far; posts by their at:// URI, accounts by their DID.

    `root` is the conversation's first post, `author` the account whose thread it is. `records` and `views` are posts of
    the conversation, `read` has the author's other posts that were read along the way, `gone` what is not to be had.
    `quoted` are answers of authors' servers for quoted posts. `unshown` are posts that the AppView leaves out when it
    is asked for them, `hidden` replies that a thread's author has hidden, `twofold` posts that came with two texts,
    `asked` those above the pasted one that were asked of their authors' servers.

    `closed` are posts of which every reply was shown; `counts` the AppView's count of an author's thread by its root, 0
    where it gives none, `tallied` the posts that are among those. `reached` is the record key up to which all posts of
    the author since the root were read.
    `whole` is how it is known that the thread's end was reached, `exhausted` that nothing of the author's lies behind
    it, `stop` why collecting ended early, `doubts` what may have been cut. `servers` are the accounts' own servers,
    `open` accounts that are open by their server's word, `shut` the others, each with a reason and that word, and
    `reserved` those that ask not to be shown to whoever is not logged in.
    """

    focus: str
    root: str = ""
    author: str = ""
    authors: dict[str, Author] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    read: dict[str, Record] = field(default_factory=dict)
    gone: dict[str, Missing] = field(default_factory=dict)
    quoted: dict[str, Record | Missing] = field(default_factory=dict)
    unshown: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    twofold: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    tallied: set[str] = field(default_factory=set)
    reached: str = ""
    servers: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    shut: dict[str, tuple[Reason, str]] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)
    whole: str = ""
    exhausted: bool = False
    stop: str = ""

    def add_view(self, view: dict[str, Any]) -> None:
        """Keep a postView and its author."""
        uri, account = view["uri"], view["author"]
        if uri in self.views and _contradict(self.views[uri], view["cid"], view["record"], "record"):
            self.twofold.add(uri)
        self.views[uri] = view
        self.authors[account["did"]] = parse_author(account)
        self._add_labels(account)
        with suppress(*SHAPE_ERRORS):  # what it quotes in a form that is not known costs the post later, and no other
            self._add_labels(embedded(view.get("embed") or {})["author"])
        gate = (view.get("threadgate") or {}).get("record") or {}
        self.hidden.update(gate.get("hiddenReplies") or ())

    def _add_labels(self, account: dict[str, Any]) -> None:
        labels = account.get("labels") or ()
        if any(label.get("val") == RESERVED and not label.get("neg") for label in labels):
            self.reserved.add(account["did"])

    def add_record(self, record: Record) -> None:
        """Keep a record of the conversation."""
        known = self.records.get(record["uri"])
        if known and _contradict(known, record["cid"], record["value"], "value"):
            self.twofold.add(record["uri"])
        self.records[record["uri"]] = record

    def add_read(self, record: Record) -> None:
        """Keep a record of the author's that may belong to another conversation."""
        uri = record["uri"]
        if self.has(uri):
            self.add_record(record)
            return
        if uri in self.read and _contradict(self.read[uri], record["cid"], record["value"], "value"):
            self.twofold.add(uri)
        self.read[uri] = record

    def add_gap(self, missing: Missing) -> None:
        """Keep what is said of a post that is not shown; what its author's server said of it counts more."""
        if missing.id not in self.gone or self.gone[missing.id].reason in (Reason.UNKNOWN, Reason.NOT_LOADED):
            self.gone[missing.id] = missing
        if missing.reason in (Reason.UNKNOWN, Reason.BLOCKED):
            self.unshown.add(missing.id)

    def add_tree(self, answer: dict[str, Any], response: Response) -> None:
        """Keep a getPostThread tree. At the edge of its depth a post has replies and no list of them."""
        for node, missing in tree_nodes(answer["thread"], response.fetched_at):
            if missing:
                self.add_gap(missing)
                continue
            self.add_view(node["post"])
            if "replies" in node or not node["post"].get("replyCount"):
                self.closed.add(node["post"]["uri"])

    def add_list(self, answer: dict[str, Any], response: Response) -> None:
        """Keep a getPostThreadV2 list, and its count of the thread whose root the anchor names."""
        root, count = "", 0
        for item in answer["thread"]:
            value = item["value"]
            if "post" in value:
                self.add_view(value["post"])
                if value.get("opThreadPostCount"):
                    count = value["opThreadPostCount"]
                    self.tallied.add(item["uri"])
                if item.get("depth") == 0:
                    root = root_of(value["post"]["record"]) or item["uri"]
                if value.get("hiddenByThreadgate"):
                    self.hidden.add(item["uri"])
                continue
            reason = V2_GONE.get(value["$type"], Reason.UNKNOWN)
            self.add_gap(gap(item["uri"], reason, response.fetched_at))
            if reason is Reason.WITHHELD:
                self.reserved.add(did_of(item["uri"]))
        if root:
            self.counts[root] = count

    @property
    def counted(self) -> int | None:
        """The AppView's count, where it speaks of this thread: it counts what the conversation's first author wrote."""
        return (self.counts.get(self.root) or None) if did_of(self.root) == self.author else None

    def has(self, uri: str) -> bool:
        """Tell whether a post of the conversation is here."""
        return uri in self.views or uri in self.records

    def record(self, uri: str) -> dict[str, Any]:
        """Return the author's own words of a known post."""
        record: dict[str, Any] = self.records[uri]["value"] if uri in self.records else self.views[uri]["record"]
        return record

    def nodes(self) -> dict[str, Node]:
        """Return every known post and gap; where both are known the record counts, not the view's copy of it."""
        posts = [self._post(uri) for uri in {**self.views, **self.records}]
        return by_id([*posts, *self.gone.values()])

    def post_of(self, record: Record, view: dict[str, Any] | None = None, notices: tuple[str, ...] = ()) -> Node:
        """Return the post that a record is, with its view where there is one; a gap where it cannot be read."""
        uri = record["uri"]
        author = self.authors.get(did_of(uri)) or stranger(did_of(uri))
        unread = gap(uri, Reason.UNKNOWN)
        return readable(lambda: parse_post(uri, record["cid"], record["value"], author, view, notices), unread)

    def _post(self, uri: str) -> Node:
        record, view = self.records.get(uri), self.views.get(uri)
        notices = tuple(self._notices(uri, record, view))
        if record is not None:
            node = self.post_of(record, view, notices)
        else:
            node = readable(lambda: parse_view(self.views[uri], notices), gap(uri, Reason.UNKNOWN))
        return self._with_quote(node) if isinstance(node, Post) else node

    def _with_quote(self, post: Post) -> Post:
        """Return a post with what its quoted post's author's server answered, where the AppView does not show that."""
        if not isinstance(post.quote, Missing) or post.quote.reason is not Reason.UNKNOWN:
            return post
        answer = self.quoted.get(post.quote.id, post.quote)
        if isinstance(answer, Missing):
            return replace(post, quote=answer)
        return replace(post, quote=self.post_of(answer, None, (UNSHOWN,)))

    def _notices(self, uri: str, record: Record | None, view: dict[str, Any] | None) -> list[str]:
        """Return what is to be said of a post beside what it says itself."""
        notices = []
        if view is None and uri in self.unshown:
            blocked = uri in self.gone and self.gone[uri].reason is Reason.BLOCKED
            notices.append(BLOCKED if blocked else UNSHOWN)
        if uri in self.hidden:
            notices.append(HIDDEN)
        if record and view and _contradict(record, view["cid"], view["record"], "value"):
            self.twofold.add(uri)
        if uri in self.twofold:
            notices.append(TWOFOLD)
        elif record and view and record["cid"] != view["cid"]:
            notices.append(DIFFERING)
        return notices

    def contradictions(self) -> list[str]:
        """Return a doubt for each post that came with two texts; `nodes` has looked at them."""
        return [f"{web_url(uri)} was shown with two different texts" for uri in sorted(self.twofold)]


def _contradict(known: dict[str, Any], cid: str, value: dict[str, Any], key: str) -> bool:
    """Tell whether one version of a post was given two texts or two places: a CID names one content."""
    said = known[key]
    return known["cid"] == cid and any(said.get(name) != value.get(name) for name in ("text", "reply", "createdAt"))
