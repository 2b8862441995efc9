"""Posts whose content this archive withholds, by law or out of mercy: a thread in which they stand as gaps."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from archiver.model import Completeness, Missing, Node, Post, Reason, Role, Thread
from archiver.threads.completeness import OWN

HERE = "withheld by this archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Why a post is withheld here, and since when."""

    reason: str
    since: datetime


def is_withheld(node: Node) -> bool:
    """Whether it is this archive that withholds a post, and not the platform."""
    return isinstance(node, Missing) and node.reason is Reason.WITHHELD and node.detail.startswith(f"{HERE}: ")


def withheld(thread: Thread, reasons: Mapping[str, Withheld]) -> Thread:
    """Return the thread without the content of the posts that `reasons` names by their ids.

    Each becomes a gap in its place, wherever it is shown or quoted. The proof of the whole stays: it counts posts that
    were seen.
    """
    if not reasons:
        return thread
    nodes = tuple(_node(node, reasons) for node in thread.nodes)
    return replace(
        thread,
        nodes=nodes,
        gone=tuple(gap for gap in thread.gone if gap.id not in reasons),
        observations=tuple(observation for observation in thread.observations if observation.post not in reasons),
        completeness=_weighed(thread.completeness, nodes, thread.roles, reasons),
    )


def _node(node: Node, reasons: Mapping[str, Withheld]) -> Node:
    if node.id in reasons:
        return _gap(node, reasons[node.id])
    return replace(node, quote=_quote(node.quote, reasons)) if isinstance(node, Post) else node


def _quote(node: Node | None, reasons: Mapping[str, Withheld]) -> Node | None:
    """Return a quoted post without what is withheld in it; quotes within quotes are few, but a loop has no limit."""
    chain: list[Post] = []
    while isinstance(node, Post) and node.id not in reasons:
        chain.append(node)
        node = node.quote
    quote = _gap(node, reasons[node.id]) if node and node.id in reasons else node
    while chain:
        quote = replace(chain.pop(), quote=quote)
    return quote


def _gap(node: Node, why: Withheld) -> Missing:
    return Missing(
        id=node.id,
        reason=Reason.WITHHELD,
        url=node.url,
        in_reply_to=node.in_reply_to,
        author=node.author.id if isinstance(node, Post) else node.author,
        detail=f"{HERE}: {why.reason}",
        inferred="" if isinstance(node, Post) else node.inferred,
        created_at=node.created_at,
        seen_at=why.since,
    )


def _weighed(
    completeness: Completeness, nodes: tuple[Node, ...], roles: Mapping[str, Role], reasons: Mapping[str, Withheld]
) -> Completeness:
    own = {node.id: node for node in nodes if isinstance(node, Missing) and roles.get(node.id) in OWN}
    placed = [*(gap.id for gap in completeness.gaps), *(id_ for id_ in own if id_ in reasons)]
    gaps = {gap.id: gap for gap in completeness.gaps}
    posts = sum(isinstance(node, Post) and roles.get(node.id) is Role.MAIN for node in nodes)
    return replace(
        completeness,
        found=posts if any(id_ in reasons for id_ in own) else completeness.found,
        gaps=tuple(own[id_] if id_ in reasons and id_ in own else gaps[id_] for id_ in dict.fromkeys(placed)),
    )
