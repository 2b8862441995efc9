"""Several readings of one thread, each by another way, as one: what any of them showed is kept."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from archiver.model import Kind, Missing, Node, Post, Role, Thread
from archiver.threads.assemble import age, by_id, main_line, reading_order, roles_of
from archiver.threads.completeness import OWN

LACKS = "another way to this thread showed posts that this one lacks"


def joined(best: Thread, others: Iterable[Thread]) -> Thread:
    """Return the best of several readings of one thread, with what only the others showed.

    Its proof does not hold where another way showed a post of the author's that it lacks.
    """
    others = [thread for thread in others if thread.kind is best.kind]
    index = by_id([*best.nodes, *(node for thread in others for node in thread.nodes)])
    best_ids = {post.id for post in best.posts}
    added = [node for node in index.values() if isinstance(node, Post) and node.id not in best_ids]
    if not added:
        return best
    start, url = best.id, best.url
    all_roles = {id_: role for thread in (*others, best) for id_, role in thread.roles.items()}
    if best.kind is Kind.STORM:
        roles = all_roles
        ordered = tuple(sorted(index.values(), key=lambda node: (roles[node.id] is Role.ANSWER, *age(node))))
    else:
        start = _topmost(index, best.id, [thread.id for thread in others if thread.author.id == best.author.id])
        url = index[start].url or url
        ids = main_line(index, start)
        roles = dict(roles_of(index, start, ids))
        ordered = tuple(index[id_] for id_ in reading_order(index, ids, roles))
    lacked = any(post.author.id == best.author.id for post in added)
    completeness, line = best.completeness, [node for node in ordered if roles[node.id] is Role.MAIN]
    return replace(
        best,
        id=start,
        url=url,
        nodes=ordered,
        roles=roles,
        completeness=replace(
            completeness,
            found=sum(isinstance(node, Post) for node in line),
            expected=None if completeness.expected is None else max(completeness.expected, len(line)),
            gaps=tuple(node for node in ordered if isinstance(node, Missing) and roles[node.id] in OWN),
            doubts=(*completeness.doubts, *([LACKS] if lacked else [])),
        ),
    )


def _topmost(index: Mapping[str, Node], start: str, posts_of_others: Container[str]) -> str:
    """Return which of several first posts stands above the others."""
    visited, above = {start}, index[start].in_reply_to
    while above is not None and above in index and above not in visited:
        visited.add(above)
        start = above if above in posts_of_others else start
        above = index[above].in_reply_to
    return start
