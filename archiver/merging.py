"""Two captures of one thread: the newer word counts, and no post is lost."""

from collections.abc import Mapping
from dataclasses import replace

from archiver.model import Kind, Missing, Node, Post, Role, Thread
from archiver.threads import age, by_id, main_line, reading_order
from archiver.withheld import is_withheld


def merge(old: Thread, new: Thread) -> Thread:
    """Add a newer capture to an older one of the same thread: the newer word counts, and no post is lost.

    A post that has been edited since under a new id becomes an earlier version of that one.
    A post that only the older capture holds stays; what the newer one says of it (deleted, withheld) goes to `gone`.
    So does a gap that such a post hangs on, and one of a post that this archive withholds.
    """
    newer = by_id(new.nodes)
    edited = {one.version: one.post for one in new.observations if one.version}
    seen = (
        replace(one, post=edited[one.post], version=one.post) if one.post in edited else one for one in old.observations
    )
    new = replace(new, observations=tuple(dict.fromkeys((*seen, *new.observations))))
    lost = {post.id: post for post in old.posts if not isinstance(newer.get(post.id), Post) and post.id not in edited}
    bridges = _bridges(old, newer, lost)
    if not lost and not bridges:
        return new
    index = {**_in_place(newer, by_id(old.missing)), **lost, **bridges}
    nodes, roles = _together(new, index, {id_: old.roles[id_] for id_ in (*lost, *bridges)})
    found = sum(isinstance(node, Post) and roles[node.id] is Role.MAIN for node in nodes)
    whole = new.completeness
    return replace(
        new,
        nodes=nodes,
        roles=roles,
        gone=(*new.gone, *(node for node in new.missing if node.id in lost)),
        completeness=replace(
            whole,
            found=found,
            expected=None if whole.expected is None else max(whole.expected, found),
            gaps=(
                *(gap for gap in whole.gaps if gap.id not in lost),
                *(gap for gap in old.completeness.gaps if gap.id in bridges),
            ),
        ),
    )


def _bridges(old: Thread, newer: Mapping[str, Node], lost: Mapping[str, Post]) -> dict[str, Missing]:
    """Return the gaps of an older capture that stay: without some its posts would hang in the air."""
    gaps, above = {gap.id: gap for gap in old.missing}, dict[str, Missing]()
    for post in lost.values():
        parent = post.in_reply_to
        while parent in gaps and parent not in above:
            above[parent] = gaps[parent]
            parent = gaps[parent].in_reply_to
    above |= {gap.id: gap for gap in old.missing if is_withheld(gap)}
    return {id_: gap for id_, gap in above.items() if id_ not in newer}


def _in_place(newer: Mapping[str, Node], older: Mapping[str, Node]) -> dict[str, Node]:
    """Return the nodes of a newer capture; a gap of which it does not say what it answered stays in its old place."""
    return {
        id_: replace(node, in_reply_to=older[id_].in_reply_to)
        if isinstance(node, Missing) and node.in_reply_to is None and id_ in older
        else node
        for id_, node in newer.items()
    }


def _together(
    new: Thread, index: Mapping[str, Node], lost: Mapping[str, Role]
) -> tuple[tuple[Node, ...], dict[str, Role]]:
    """Return the nodes of two captures in reading order, and their roles; `lost` are those of the older one alone."""
    if new.kind is Kind.STORM:
        roles = {**lost, **new.roles}
        nodes = sorted(index.values(), key=lambda node: (roles[node.id] is Role.ANSWER, *age(node)))
        return tuple(nodes), roles
    line = main_line(index, new.id)
    was = {id_: Role.BRANCH if role is Role.MAIN else role for id_, role in {**lost, **new.roles}.items()}
    roles = {**was, **dict.fromkeys(line, Role.MAIN)}  # of two continuations one only is the main line
    return tuple(index[id_] for id_ in reading_order(index, line, roles)), roles
