"""What a run has learnt of a conversation, status by status, and the thread that it makes.

Statuses are keyed by `uri`, the same on every server. Ids are the answering server's own, and may even change: snac2
gives an edited status a new one.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archiver.completeness import Proof
from archiver.model import Missing, Node, Post, Reason, Thread
from archiver.numbering import numbering
from archiver.platforms.mastodon.status import PUBLIC, account_uri, likely_uri, page_of, parse_status
from archiver.threads import assemble, author_of, by_id, children, main_line, readable, start_of, with_gaps

Status = dict[str, Any]


@dataclass(slots=True)
class Known:
    """What is known so far, by the uris of posts unless another key is named.

    `copy` says that this is a copy on another server, `stop` why collecting ended early, `whole` how it is known that a
    storm's end was reached.
    """

    site: str
    replies: bool = False
    copy: bool = False
    focus: str = ""
    root: str = ""  # the first post, where only another source than the parents tells it
    statuses: dict[str, Status] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)  # the server's id -> uri
    parsed: dict[tuple[str, str | None], Node] = field(default_factory=dict)  # what was read already

    parents: dict[str, str] = field(default_factory=dict)  # what a post answers, where the API does not tell it
    gone: dict[str, Missing] = field(default_factory=dict)  # the gap above a post whose parent nobody shows
    refusals: dict[str, Missing] = field(default_factory=dict)  # what was answered for a post that was asked for by id
    sought: set[str] = field(default_factory=set)  # the server's ids that were asked for in batches
    steps: int = 0  # posts above that were asked for one by one
    probed: set[str] = field(default_factory=set)  # the posts whose objects were fetched because of a hole
    apart: set[str] = field(default_factory=set)  # those of them that are known to be of another conversation
    silent: set[str] = field(default_factory=set)  # the posts whose objects were not shown
    neighbours: list[str] = field(default_factory=list)  # posts that may be the thread's, for all that is told
    unanswered: str = ""  # why the question for an object failed

    asked: set[str] = field(default_factory=set)  # the posts whose context was asked for
    heard: set[str] = field(default_factory=set)  # those of them whose context came
    opened: set[str] = field(default_factory=set)  # those of them whose context showed anything
    cut: set[str] = field(default_factory=set)  # those of them below which there may be more
    under: dict[str, str] = field(default_factory=dict)  # a post that a context showed -> the one that was asked for

    listed: bool = False  # the listing gave a page
    full: bool = False  # one that was filled to the limit
    listed_to_end: bool = False  # it gave nothing newer in the end
    listed_whole: bool = False  # it was read from the thread's first post to the newest of all
    confirmed: bool = False  # its newest page showed nothing else
    whole: str = ""
    stop: str = ""

    def add_page(self, page: list[Status], limit: int, account: str) -> bool:
        """Keep a page of an account's listing; return whether it held anything new.

        What is said to be somebody else's has no place in it, and is left to be asked for by itself.
        """
        self.listed = True
        self.full = self.full or len(page) >= limit
        return bool(self.add(status for status in page if status["account"]["id"] == account))

    def add(self, statuses: Iterable[Status]) -> list[Status]:
        """Keep statuses, boosts left out; return those that were new."""
        fresh = []
        for status in statuses:
            if status.get("reblog"):
                continue
            if status["uri"] not in self.statuses:
                fresh.append(status)
                self.statuses[status["uri"]] = status
            self.ids[status["id"]] = status["uri"]
        return fresh

    def parent(self, status: Status) -> str | None:
        """Return the uri of the status that this one answers, an address of its id where it was not shown."""
        uri: str = status["uri"]
        if gap := self.gone.get(uri):
            return gap.id
        if uri in self.parents:
            return self.parents[uri]
        id_ = status.get("in_reply_to_id")
        if id_ is None:
            return None
        return f"{uri}#parent" if self.is_impossible(status) else self.ids.get(id_) or likely_uri(self.site, status)

    def is_impossible(self, status: Status) -> bool:
        """Tell whether a post is said to answer itself, or one that its author wrote later."""
        other = self.statuses.get(self.ids.get(status.get("in_reply_to_id") or "", ""))
        if other is None or other["account"]["id"] != status["account"]["id"]:
            return False
        return bool(other["uri"] == status["uri"] or other["created_at"] > status["created_at"])

    def answered(self, status: Status) -> str | None:
        """Return the id of who wrote the post that this one answers, as far as the answering server names them.

        None where it may be the author of the status: along a self-thread Mastodon carries on whom the first post
        answered.
        """
        account, own = status.get("in_reply_to_account_id"), status["account"]
        if account is None or account in carried(self, own["id"]):
            return None
        if account == own["id"]:
            return account_uri(own)
        known = (other["account"] for other in self.statuses.values() if other["account"]["id"] == account)
        named = (mention.get("url") for mention in status.get("mentions") or () if mention.get("id") == account)
        return next(map(account_uri, known), None) or next(named, None) or f"{self.site}/accounts/{account}"

    def nodes(self) -> dict[str, Node]:
        """Return every known post, and a gap for each that is not public."""
        return by_id(self._node(status) for status in self.statuses.values())

    def _node(self, status: Status) -> Node:
        key = (status["uri"], self.parent(status))
        if key not in self.parsed:
            self.parsed[key] = self._parse(status, key[1])
        return self.parsed[key]

    def _parse(self, status: Status, parent: str | None) -> Node:
        gap = Missing(
            id=status["uri"],
            reason=Reason.PRIVATE,
            url=status.get("url") or status["uri"],
            in_reply_to=parent,
            author=account_uri(status["account"]),
        )
        if status.get("visibility", "public") not in PUBLIC:
            return replace(gap, detail="it is shown to chosen readers only, so it is not part of a public archive")
        return readable(lambda: parse_status(status, self.site, parent), gap)

    def unseen(self, status: Status) -> Missing:
        """Return the gap for the post that this one answers and that was not shown."""
        parent = self.parent(status) or f"{status['uri']}#parent"
        author = self.answered(status)
        if refusal := self.refusals.get(parent):
            return replace(refusal, author=author)
        return Missing(id=parent, url=page_of(parent), reason=Reason.NOT_LOADED, author=author)


def carried(known: Known, own: str) -> set[str]:
    """Return the server's ids of those whose post the thread of this author stands under.

    Mastodon names them as answered all the way down a self-thread, whoever wrote the post above.
    """
    chain = [known.statuses[known.focus]] if known.focus else []
    while chain and (above := known.ids.get(chain[-1].get("in_reply_to_id") or "")):
        if known.statuses[above] in chain:
            break
        chain.append(known.statuses[above])
    if chain and chain[-1]["account"]["id"] == own:
        chain = chain[-1:]
    top = None
    for status in chain:
        if status["account"]["id"] != own:
            break
        top = status
    account = top.get("in_reply_to_account_id") if top and top["id"].isdecimal() else None
    return set() if account in (None, own) else {account}


def topmost(known: Known) -> Status:
    """Return the highest known status above the pasted one, whoever wrote it."""
    status = known.statuses[known.focus]
    seen = {known.focus}
    while (parent := known.parent(status)) in known.statuses and parent not in seen:
        seen.add(parent)
        status = known.statuses[parent]
    return status


def placed(known: Known) -> dict[str, Node]:
    """Return all nodes, with the parents that nobody shows in their likely places."""
    nodes = known.nodes()
    gaps = [(gap, post) for uri, gap in known.gone.items() if isinstance(post := nodes[uri], Post)]
    index = with_gaps(nodes, known.root or start_of(nodes, known.focus), gaps) if gaps else nodes
    for uri, above in known.under.items():
        status = known.statuses[uri]
        own = status["account"]["id"] == known.statuses[known.focus]["account"]["id"]
        if uri in known.gone or index[uri].in_reply_to in index:
            continue
        gap = known.unseen(status)
        if own and gap.author in (None, account_uri(status["account"])):
            continue  # see `holes.fill_holes`
        index[gap.id] = replace(gap, in_reply_to=above, inferred="from the conversation that the server shows")
    return index


def start(known: Known) -> str:
    """Return the uri of the thread's first post that was shown."""
    nodes = placed(known)
    line = main_line(nodes, start_of(nodes, known.focus))
    return next(id_ for id_ in line if id_ in known.statuses)


def last(known: Known) -> str:
    """Return the uri of the main line's last post."""
    nodes = placed(known)
    return main_line(nodes, start_of(nodes, known.focus))[-1]


def conclude(known: Known) -> Thread:
    """Put everything that is known together into the thread; what else the author's listing held is left out."""
    nodes = placed(known)
    first = start_of(nodes, known.focus)
    up = above(nodes, first)
    members = {*up, *below(nodes, first)}
    highest = known.statuses.get(up[-1] if up else first)
    if highest and (parent := known.parent(highest)) and parent not in nodes:
        gap = known.unseen(highest)
        if gap.author != account_uri(highest["account"]):
            nodes[gap.id] = gap
            members.add(gap.id)
    return assemble(
        platform="mastodon",
        nodes=[nodes[id_] for id_ in members],
        others=others(known, nodes, members),
        focus=known.focus,
        start=first,
        proof=prove(known, nodes, first),
        replies=known.replies,
    )


def others(known: Known, nodes: Mapping[str, Node], members: Container[str]) -> Iterator[Node]:
    """Yield what else was read, and gaps for what that answers; not what belongs to another conversation."""
    apart: set[str] = set().union(*(below(nodes, uri) for uri in known.apart))
    for uri, status in known.statuses.items():
        if uri in members or uri in apart:
            continue
        yield nodes[uri]
        parent = known.parent(status)
        if parent is not None and parent not in nodes:
            yield known.unseen(status)


def above(nodes: Mapping[str, Node], first: str) -> list[str]:
    """Return the ids of the posts that the first one answers, all the way up."""
    found: list[str] = []
    parent = nodes[first].in_reply_to
    while parent is not None and parent in nodes and parent not in (first, *found):
        found.append(parent)
        parent = nodes[parent].in_reply_to
    return found


def below(nodes: Mapping[str, Node], first: str) -> set[str]:
    """Return the ids of the first post and of all that answers it, directly or not."""
    answers = children(nodes.values())
    found: set[str] = set()
    stack = [first]
    while stack:
        id_ = stack.pop()
        if id_ not in found:
            found.add(id_)
            stack.extend(node.id for node in answers[id_])
    return found


def prove(known: Known, nodes: Mapping[str, Node], first: str) -> Proof:
    """Weigh what is known of the whole. A copy proves nothing: it lacks what its server never received."""
    head = nodes[first]
    chain = [first, *above(nodes, first)]
    parent = nodes.get(head.in_reply_to or "")
    seen = head.in_reply_to is None or (parent is not None and author_of(parent) is not None)
    top = isinstance(head, Post) and seen and nodes[chain[-1]].in_reply_to not in chain
    if known.copy:
        return Proof(top=top, stop=known.stop)
    end = main_line(nodes, first)[-1]
    text = ending(known, nodes, end) or counted_out(known, nodes, end)
    exhaustive = known.listed_whole and end in known.cut
    doubts = [f"what a post answers could not be asked for ({known.unanswered})"] if known.unanswered else []
    if (
        known.cut
        and not known.listed_whole
        and any(lacks_replies(known, nodes, id_) for id_ in main_line(nodes, first))
    ):
        doubts.append(
            "a context shows 60 posts at most, and the server counts more replies to posts of the thread than came"
        )
    if known.neighbours and not is_numbered(nodes, first):
        near = ", ".join(known.neighbours)
        doubts.append(
            "its server forgets that a post answered a deleted one, "
            f"and within a day the author wrote what may belong here ({near})"
        )
    return Proof(text=text, exhaustive=exhaustive, top=top, end=bool(text), doubts=tuple(doubts), stop=known.stop)


def is_numbered(nodes: Mapping[str, Node], first: str) -> bool:
    """Tell whether the main line has all the numbers that its author counts to."""
    line = main_line(nodes, first)
    count = numbering(node for id_ in line if isinstance(node := nodes[id_], Post))
    return count is not None and len(count.numbers) == count.total == len(line)


def ending(known: Known, nodes: Mapping[str, Node], end: str) -> str:
    """Return how it is known that a post is the last of the line, "" where it is not.

    A list or a context that shows nothing proves nothing: it counts where the server counts no reply that it does not
    show. Where a server counts none at all, its context must have shown something.
    """
    counted = known.statuses[end].get("replies_count") if end in known.statuses else None
    lacking = lacks_replies(known, nodes, end)
    if known.listed_whole and (not lacking or (known.confirmed and end in known.cut)):
        return "the author's public posts were listed from the first of the thread to the newest of all"
    if end in known.heard - known.cut and not lacking and (counted is not None or end in known.opened):
        return "the last post has no further reply by its author, as far as its own server knows"
    return ""


def counted_out(known: Known, nodes: Mapping[str, Node], end: str) -> str:
    """Return the lesser proof of an end: the listing gave nothing newer, and every reply that is counted was shown."""
    counted = known.statuses[end].get("replies_count") if end in known.statuses else None
    if counted is None or not known.listed_to_end or lacks_replies(known, nodes, end):
        return ""
    return "its server lists nothing newer, and counts no reply to the last post that was not shown"


def lacks_replies(known: Known, nodes: Mapping[str, Node], uri: str) -> bool:
    """Tell whether the server counts more replies to a post than were shown."""
    counted = known.statuses[uri].get("replies_count") if uri in known.statuses else None
    shown = sum(node.in_reply_to == uri and not is_inferred(node) for node in nodes.values())
    return (counted or 0) > shown


def is_inferred(node: Node) -> bool:
    """Tell whether a node is a gap whose place is only concluded: no server counts it there."""
    return isinstance(node, Missing) and bool(node.inferred)


def promised(known: Known) -> int:
    """Return how many posts the author's own numbering promises, 0 where there is none or where all are here."""
    nodes = placed(known)
    line = main_line(nodes, start_of(nodes, known.focus))
    count = numbering(node for id_ in line if isinstance(node := nodes[id_], Post))
    return count.total if count and count.total > len(line) else 0
