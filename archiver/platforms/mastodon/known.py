"""What a run has learnt of a conversation, status by status, and the thread that it makes.

Statuses are keyed by `uri`, the same on every server. Ids are the answering server's own, and may even change: snac2
gives an edited status a new one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from archiver.completeness import Proof
from archiver.model import Missing, Node, Post, Reason, Thread
from archiver.numbering import numbering
from archiver.platforms.mastodon.status import PUBLIC, parse_status, reference
from archiver.threads import assemble, by_id, children, main_line, readable, start_of, with_gaps

Status = dict[str, Any]


@dataclass(slots=True)
class Known:
    """What is known so far.

    `ids` leads from the server's ids to uris, `parsed` keeps what was read already. `gone` holds, by the uri of a post
    whose parent was deleted, that parent: nothing else in the API remembers it. `root` is the first post where only
    another source than the parents tells it. `asked` holds the posts whose context was fetched, `cut` those of them
    below which there may be more. `listed` and `full` say that the listing gave a page, and one filled to the limit.
    `whole` is how it is known that the end was reached, `copy` that this is a copy on another server, `stop` why
    collecting ended early.
    """

    site: str
    replies: bool = False
    copy: bool = False
    focus: str = ""
    root: str = ""
    statuses: dict[str, Status] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    gone: dict[str, Missing] = field(default_factory=dict)
    parsed: dict[tuple[str, str | None], Node] = field(default_factory=dict)
    listed: bool = False
    full: bool = False
    asked: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    whole: str = ""
    stop: str = ""

    def add_page(self, page: list[Status], limit: int) -> bool:
        """Keep a page of a listing; return whether it held anything new."""
        self.listed = True
        self.full = self.full or len(page) >= limit
        return bool(self.add(page))

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
        if gap := self.gone.get(status["uri"]):
            return gap.id
        id_ = status.get("in_reply_to_id")
        return None if id_ is None else self.ids.get(id_) or reference(self.site, id_)

    def nodes(self) -> dict[str, Node]:
        """Return every known post, and a gap for each that is not public."""
        return by_id(self._node(status) for status in self.statuses.values())

    def _node(self, status: Status) -> Node:
        key = (status["uri"], self.parent(status))
        if key not in self.parsed:
            self.parsed[key] = self._parse(status, key[1])
        return self.parsed[key]

    def _parse(self, status: Status, parent: str | None) -> Node:
        account = status["account"]
        gap = Missing(
            id=status["uri"],
            reason=Reason.PRIVATE,
            url=status.get("url") or status["uri"],
            in_reply_to=parent,
            author=account.get("uri") or account.get("url"),
        )
        if status.get("visibility", "public") not in PUBLIC:
            return replace(gap, detail="it is shown to chosen readers only, so it is not part of a public archive")
        return readable(lambda: parse_status(status, self.site, parent), gap)


def topmost(known: Known) -> Status:
    """Return the highest known status above the pasted one, whoever wrote it."""
    status = known.statuses[known.focus]
    seen = {known.focus}
    while (parent := known.parent(status)) in known.statuses and parent not in seen:
        seen.add(parent)
        status = known.statuses[parent]
    return status


def placed(known: Known) -> dict[str, Node]:
    """Return all nodes with the deleted parents in their likely places."""
    nodes = known.nodes()
    gaps = [(gap, post) for uri, gap in known.gone.items() if isinstance(post := nodes[uri], Post)]
    return with_gaps(nodes, known.root or start_of(nodes, known.focus), gaps) if gaps else nodes


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
    members = {*above(nodes, first), *below(nodes, first)}
    return assemble(
        platform="mastodon",
        nodes=[nodes[id_] for id_ in members],
        focus=known.focus,
        start=first,
        proof=prove(known, nodes, first),
        replies=known.replies,
    )


def above(nodes: dict[str, Node], first: str) -> set[str]:
    """Return the ids of the posts that the first one answers, all the way up."""
    found: set[str] = set()
    parent = nodes[first].in_reply_to
    while parent in nodes and parent not in found:
        found.add(parent)
        parent = nodes[parent].in_reply_to
    return found


def below(nodes: dict[str, Node], first: str) -> set[str]:
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


def prove(known: Known, nodes: dict[str, Node], first: str) -> Proof:
    """Weigh what is known of the whole. A copy proves nothing: it lacks what its server never received."""
    head = nodes[first]
    top = isinstance(head, Post) and (head.in_reply_to is None or head.in_reply_to in nodes)
    if known.copy or not known.whole:
        return Proof(top=top, stop=known.stop)
    return Proof(text=known.whole, exhaustive=known.listed, top=top, end=True, stop=known.stop)


def promised(known: Known) -> int:
    """Return how many posts the author's own numbering promises, 0 where there is none or where all are here."""
    nodes = placed(known)
    line = main_line(nodes, start_of(nodes, known.focus))
    count = numbering(node for id_ in line if isinstance(node := nodes[id_], Post))
    return count.total if count and count.total > len(line) else 0
