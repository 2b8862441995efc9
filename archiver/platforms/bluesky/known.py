"""What a run has learnt of a conversation, answer by answer, and the thread that it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archiver.completeness import Proof
from archiver.http.message import Response
from archiver.model import Author, Missing, Node, Post, Reason, Thread
from archiver.platforms.bluesky.post import did_of, gap, parse_author, parse_post, parse_view, stranger, tree_nodes
from archiver.threads import assemble, by_id, readable, start_of, with_gaps

RESERVED = "!no-unauthenticated"  # the label by which an account asks that; clients keep to it, servers need not
NAMED = 3

V2_GONE = {
    "app.bsky.unspecced.defs#threadItemNotFound": Reason.DELETED,
    "app.bsky.unspecced.defs#threadItemBlocked": Reason.BLOCKED,
    "app.bsky.unspecced.defs#threadItemNoUnauthenticated": Reason.WITHHELD,
}


@dataclass(slots=True)
class Known:
    """What is known so far; posts by their at:// URI, accounts by their DID.

    `root` is the conversation's first post, `author` the account whose thread it is, `closed` the posts of which every
    reply was shown, `count` the AppView's count of the author's thread, `whole` how it is known that the thread's end
    was reached, `exhausted` that nothing of the author's lies behind it, `stop` why collecting ended early, `reserved`
    the accounts that ask not to be shown to whoever is not logged in.
    """

    focus: str
    root: str = ""
    author: str = ""
    authors: dict[str, Author] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    gone: dict[str, Missing] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    reserved: set[str] = field(default_factory=set)
    count: int | None = None
    whole: str = ""
    exhausted: bool = False
    stop: str = ""

    def add_view(self, view: dict[str, Any]) -> None:
        """Keep a postView and its author."""
        account = view["author"]
        self.views[view["uri"]] = view
        self.authors[account["did"]] = parse_author(account)
        labels = account.get("labels") or ()
        if any(label.get("val") == RESERVED and not label.get("neg") for label in labels):
            self.reserved.add(account["did"])

    def add_tree(self, answer: dict[str, Any], response: Response) -> None:
        """Keep a getPostThread tree. At the edge of its depth a post has replies and no list of them."""
        for node, missing in tree_nodes(answer["thread"], response.fetched_at):
            if missing:
                self.gone[missing.id] = missing
                continue
            self.add_view(node["post"])
            if "replies" in node or not node["post"].get("replyCount"):
                self.closed.add(node["post"]["uri"])

    def add_list(self, answer: dict[str, Any], response: Response) -> None:
        """Keep a getPostThreadV2 list."""
        for item in answer["thread"]:
            value = item["value"]
            if "post" in value:
                self.add_view(value["post"])
                self.count = value.get("opThreadPostCount") or self.count
            else:
                reason = V2_GONE.get(value["$type"], Reason.UNKNOWN)
                self.gone[item["uri"]] = gap(item["uri"], reason, response.fetched_at)
                if reason is Reason.WITHHELD:
                    self.reserved.add(did_of(item["uri"]))

    @property
    def counted(self) -> int | None:
        """The AppView's count, where it speaks of this thread: it counts what the conversation's first author wrote."""
        return self.count if did_of(self.root) == self.author else None

    def record(self, uri: str) -> dict[str, Any]:
        """Return the author's own words of a known post."""
        record: dict[str, Any] = self.records[uri]["value"] if uri in self.records else self.views[uri]["record"]
        return record

    def nodes(self) -> dict[str, Node]:
        """Return every known post and gap; where both are known the record counts, not the view's copy of it."""
        posts = [self._post(uri) for uri in {**self.views, **self.records}]
        return by_id([*posts, *self.gone.values()])

    def _post(self, uri: str) -> Node:
        record, view = self.records.get(uri), self.views.get(uri)
        unread = gap(uri, Reason.UNKNOWN)
        if record is None:
            return readable(lambda: parse_view(self.views[uri]), unread)
        author = self.authors.get(did_of(uri)) or stranger(did_of(uri))
        return readable(lambda: parse_post(uri, record["cid"], record["value"], author, view), unread)


def find_root(known: Known) -> None:
    """Set the conversation's first post and the account whose thread it is, from the pasted post."""
    reply = known.record(known.focus).get("reply") or {}
    known.root = (reply.get("root") or {}).get("uri") or known.focus
    known.author = did_of(known.root)
    if known.author != did_of(known.focus):
        known.author = did_of(start_of(known.nodes(), known.focus))


def start(known: Known, nodes: dict[str, Node]) -> str:
    """Return the first post of the thread: the conversation's, or the author's own chain under somebody else's post."""
    return known.root if did_of(known.root) == known.author else start_of(nodes, known.focus)


def with_holes(known: Known) -> dict[str, Node]:
    """Return all nodes and, in their likely places, the author's posts that are answered and that nobody shows."""
    nodes = known.nodes()
    gaps = []
    for post in list(nodes.values()):
        parent = post.in_reply_to
        if not isinstance(post, Post) or post.author.id != known.author or not parent or did_of(parent) != known.author:
            continue
        if not isinstance(nodes.get(parent), Post):
            gaps.append((known.gone.get(parent) or gap(parent, Reason.UNKNOWN), post))
    return with_gaps(nodes, start(known, nodes), gaps)


def conclude(known: Known, *, replies: bool) -> Thread:
    """Put everything that is known together into the thread."""
    nodes = with_holes(known)
    first = start(known, nodes)
    thread = assemble(
        platform="bluesky",
        nodes=nodes.values(),
        focus=known.focus,
        start=first,
        proof=prove(known, nodes[first]),
        replies=replies,
        others=unread(nodes),
    )
    return replace(thread, hint=wish(known, thread))


def unread(nodes: Mapping[str, Node]) -> list[Missing]:
    """Return what known posts answer and nobody showed; its key tells whose it is, and when it was written."""
    parents = dict.fromkeys(node.in_reply_to for node in nodes.values())
    return [gap(uri, Reason.NOT_LOADED) for uri in parents if uri and uri not in nodes]


def wish(known: Known, thread: Thread) -> str:
    """Return whose posts in a thread were not meant for everybody, "" where nobody asked for that."""
    names = sorted({f"@{post.author.handle}" for post in thread.posts if post.author.id in known.reserved})
    if not names:
        return ""
    who = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    ask = "asks" if len(names) == 1 else "ask"
    return f"{who} {ask} Bluesky not to show these posts to whoever is not logged in; weigh that before you publish"


def prove(known: Known, first: Node) -> Proof:
    """Hand over what is known of the whole: how the end was reached, and the AppView's count of the author's thread."""
    return Proof(
        text=known.whole,
        count=known.counted,
        counter="Bluesky",
        exhaustive=known.exhausted,
        top=isinstance(first, Post),
        end=bool(known.whole),
        root=known.root,
        stop=known.stop,
    )
