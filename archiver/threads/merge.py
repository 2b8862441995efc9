"""Two captures of one thread: the newer word counts, and no post is lost."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from archiver.model import Changes, Kind, Missing, Node, Post, Reason, Role, Thread
from archiver.threads.assemble import age, by_id, main_line, reading_order
from archiver.threads.completeness import OWN, higher_numbers
from archiver.threads.withheld import is_withheld

UNTOLD = (Reason.NOT_LOADED, Reason.UNKNOWN)  # nobody has said what became of such a post
HIDDEN = (Reason.PRIVATE, Reason.WITHHELD, Reason.BLOCKED, Reason.DETACHED)  # it is there, and not for everybody
STILL_THERE = "a post that an earlier visit saw is still there, and this way to the thread does not show it"


def merge(old: Thread, new: Thread) -> Thread:
    """Add a newer capture to an older one of the same thread: the newer word counts, and no post is lost.

    A post that has been edited since under a new id becomes an earlier version of that one.
    A post that only the older capture holds stays; what the newer one says of it (deleted, withheld) goes to `gone`.
    So does a gap that such a post hangs on, and one of a post that this archive withholds. A capture that shows nothing
    at all changes only what is said to be gone.
    """
    if not new.nodes:
        return replace(old, gone=_gone(old, new.gone, by_id(old.nodes)), focus=new.focus)
    new = replace(new, proven_at=new.proven_at or old.proven_at)
    edited = {observation.version: observation.post for observation in new.observations if observation.version}
    observed = (
        replace(observation, post=edited[observation.post], version=observation.post)
        if observation.post in edited
        else observation
        for observation in old.observations
    )
    new = replace(new, observations=tuple(dict.fromkeys((*observed, *new.observations))))
    newer, deleted_parents = _with_known_parents(old, by_id(new.nodes))
    new = _without(new, {node.id for node in new.nodes} - newer.keys())
    lost = {post.id: post for post in old.posts if not isinstance(newer.get(post.id), Post) and post.id not in edited}
    bridges = _bridges(old, newer, lost)
    first = _first(old, new, {**lost, **bridges, **newer})
    if not lost and not bridges and first == new.id and newer == by_id(new.nodes):
        return new
    index = {**_in_place(newer, by_id(old.missing)), **lost, **bridges}
    gaps_now = (*new.gone, *deleted_parents, *(node for node in new.missing if node.id in lost))
    return replace(
        supplemented(replace(new, id=first), index, {id_: old.roles[id_] for id_ in (*lost, *bridges)}),
        url=old.url if first == old.id else new.url,
        gone=_gone(old, gaps_now, lost),
    )


def supplemented(thread: Thread, index: Mapping[str, Node], roles: Mapping[str, Role]) -> Thread:
    """Return a thread with other nodes, in reading order; `roles` are those of the nodes that it did not have."""
    nodes, roles = _together(thread, index, roles)
    completeness, line = thread.completeness, [node for node in nodes if roles[node.id] is Role.MAIN]
    placed = {node.id for node in nodes if isinstance(node, Missing) and roles[node.id] in OWN}
    listed = {gap.id for gap in completeness.gaps}
    if thread.kind is Kind.THREAD:  # what the author's numbers promise is weighed against all that is held
        before = tuple(higher_numbers(thread.nodes, thread.roles))
        doubts = (doubt for doubt in completeness.doubts if doubt not in before)
        completeness = replace(completeness, doubts=(*doubts, *higher_numbers(nodes, roles)))
    return replace(
        thread,
        nodes=nodes,
        roles=roles,
        completeness=replace(
            completeness,
            found=sum(isinstance(node, Post) for node in line),
            expected=None if completeness.expected is None else max(completeness.expected, len(line)),
            gaps=(
                *(gap for gap in completeness.gaps if not isinstance(index.get(gap.id), Post)),
                *(node for node in nodes if isinstance(node, Missing) and node.id in placed - listed),
            ),
        ),
    )


def with_checked(thread: Thread, earlier: Thread, checked: Iterable[Node]) -> Thread:
    """Return a capture with what was learnt of posts of an earlier one, `earlier`, that it does not show itself.

    Those that are still there take their place in it, and speak against a proof that passed over them.
    """
    there = {node.id: node for node in checked if isinstance(node, Post)}
    gone = tuple(node for node in checked if isinstance(node, Missing))
    thread = replace(thread, gone=(*thread.gone, *gone))
    if not there:
        return thread
    added = supplemented(thread, {**by_id(thread.nodes), **there}, {id_: earlier.roles[id_] for id_ in there})
    passed = any(added.roles[id_] in (Role.MAIN, Role.BRANCH) for id_ in there)
    doubts = (*added.completeness.doubts, STILL_THERE) if passed and thread.kind is Kind.THREAD else ()
    return replace(added, completeness=replace(added.completeness, doubts=doubts or added.completeness.doubts))


def _without(thread: Thread, ids: Container[str]) -> Thread:
    """Return a thread without some of its gaps, for which an older capture knows the posts."""
    completeness = thread.completeness
    return replace(
        thread,
        nodes=tuple(node for node in thread.nodes if node.id not in ids),
        roles={id_: role for id_, role in thread.roles.items() if id_ not in ids},
        completeness=replace(completeness, gaps=tuple(gap for gap in completeness.gaps if gap.id not in ids)),
    )


def _first(old: Thread, new: Thread, index: Mapping[str, Node]) -> str:
    """Return the first post of two captures that begin differently: the one above the other, else the older one."""
    if old.id == new.id or new.kind is Kind.STORM or old.id not in index:
        return new.id
    if new.id not in index:
        return old.id  # a gap that was made up for what the older capture holds
    above, visited = index[new.id].in_reply_to, {new.id}
    while above is not None and above in index and above not in visited:
        if above == old.id:
            return old.id
        visited.add(above)
        above = index[above].in_reply_to
    return min((old.id, new.id), key=lambda id_: age(index[id_]))


def _with_known_parents(old: Thread, newer: Mapping[str, Node]) -> tuple[dict[str, Node], tuple[Missing, ...]]:
    """Return the newer nodes, each with the parent that the older capture knew where the newer one has forgotten it.

    Platforms forget what a post answered when that is deleted. A gap that the newer capture made up for it goes; what
    it says of the deleted post is returned.
    """
    earlier = by_id(old.nodes)
    index, deleted, unnamed = dict(newer), list[Missing](), set[str]()
    for id_, node in newer.items():
        before = earlier.get(id_)
        parent = before.in_reply_to if isinstance(node, Post) and before else None
        if parent is None or parent == node.in_reply_to or not isinstance(earlier.get(parent), Post):
            continue
        gap = newer.get(node.in_reply_to or "")
        if isinstance(gap, Post):
            continue  # the newer capture knows better
        index[id_] = replace(node, in_reply_to=parent)
        if gap and gap.id not in earlier:
            unnamed.add(gap.id)
            if gap.reason not in UNTOLD and parent not in newer:
                deleted.append(replace(gap, id=parent, url=earlier[parent].url, inferred=""))
    answered = {node.in_reply_to for node in index.values()}
    return {id_: node for id_, node in index.items() if id_ not in unnamed or id_ in answered}, tuple(deleted)


def _gone(old: Thread, gaps: Iterable[Missing], lost: Mapping[str, Node]) -> tuple[Missing, ...]:
    """Return what is said of posts that are held and not shown any more: of each one word, the one that says most.

    What was said before stays with its time, unless it has changed since: so it is known since when a post is gone.
    """
    before = {gap.id: gap for gap in old.gone}
    words: dict[str, Missing] = {}
    for gap in gaps:
        if gap.id not in words or words[gap.id].reason in UNTOLD:
            words[gap.id] = gap
    for id_, gap in words.items():
        if id_ in before and (before[id_].reason is gap.reason or gap.reason in UNTOLD):
            words[id_] = before[id_]
    unchanged = {id_: gap for id_, gap in before.items() if id_ in lost and id_ not in words}
    return (*unchanged.values(), *words.values())


def _bridges(old: Thread, newer: Mapping[str, Node], lost: Mapping[str, Post]) -> dict[str, Missing]:
    """Return the gaps of an older capture that stay: without some, posts of either capture would hang in the air."""
    gaps, above = {gap.id: gap for gap in old.missing}, dict[str, Missing]()
    for node in (*lost.values(), *newer.values()):
        parent = node.in_reply_to
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
    roles_here = {
        id_: role for id_, role in {**lost, **new.roles}.items() if id_ in index
    }  # but for gaps that are filled
    was = {id_: Role.BRANCH if role is Role.MAIN else role for id_, role in roles_here.items()}
    roles = {**was, **dict.fromkeys(line, Role.MAIN)}  # of two continuations one only is the main line
    return tuple(index[id_] for id_ in reading_order(index, line, roles)), roles


def changes(before: Thread, after: Thread, since: datetime) -> Changes:
    """Return what a visit has found otherwise, from what was held before and after it."""
    former = {post.id: post for post in before.posts}
    was, now = _said(before), _said(after)
    gone = {id_ for id_, hidden in now.items() if not hidden and was.get(id_, True)}
    hidden = {id_ for id_, hidden in now.items() if hidden and id_ not in was}
    return Changes(
        since=since,
        new=tuple(post.id for post in after.posts if post.id not in former),
        edited=tuple(
            post.id
            for post in after.posts
            if post.id in former
            and (post.content, post.summary) != (former[post.id].content, former[post.id].summary)
            and post.route == former[post.id].route
        ),
        gone=tuple(post.id for post in after.posts if post.id in gone),
        hidden=tuple(post.id for post in after.posts if post.id in hidden),
        back=tuple(post.id for post in after.posts if post.id in was.keys() - now.keys()),
    )


def _said(thread: Thread) -> dict[str, bool]:
    """Return the ids of the posts that are said not to be shown any more, and whether they are only hidden."""
    return {gap.id: gap.reason in HIDDEN for gap in thread.gone if gap.reason not in UNTOLD}
