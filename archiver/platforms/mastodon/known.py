"""What a run has learnt of a conversation, status by status, and where each stands.

Statuses are keyed by `uri`, the same on every server. Ids are the answering server's own, and may even change: snac2
gives an edited status a new one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archiver.model import Missing, Node, Post, Reason
from archiver.platforms.mastodon.status import PUBLIC, account_uri, likely_uri, page_of, parse_status
from archiver.threads.assemble import by_id, children, main_line, readable, start_of, with_gaps
from archiver.threads.numbering import numbering

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


def promised(known: Known) -> int:
    """Return how many posts the author's own numbering promises, 0 where there is none or where all are here."""
    nodes = placed(known)
    line = main_line(nodes, start_of(nodes, known.focus))
    count = numbering(node for id_ in line if isinstance(node := nodes[id_], Post))
    return count.total if count and count.total > len(line) else 0
