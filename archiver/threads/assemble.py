"""What a thread is: from posts in any order to the main line, its branches, its gaps and a verdict.

A thread belongs to one author. Its main line begins at the first post and goes on, at each post, with the author's
oldest reply to it. Trees are walked with a stack: a chain of thousands of posts must not meet the recursion limit.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from archiver.errors import SHAPE_ERRORS, ParseError, Refused
from archiver.model import DAY, Author, Kind, Missing, Node, Post, Reason, Role, Thread
from archiver.text import html
from archiver.threads.completeness import OWN, Proof, weighed, weighed_storm
from archiver.threads.completeness import author_of as author_of
from archiver.threads.numbering import mark

TITLE = 90  # characters
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def by_id(nodes: Iterable[Node]) -> dict[str, Node]:
    """Index nodes; a post wins over a gap of the same id."""
    index: dict[str, Node] = {}
    for node in nodes:
        if isinstance(node, Post) or node.id not in index:
            index[node.id] = node
    return index


def readable(parse: Callable[[], Post], gap: Missing) -> Node:
    """Return the parsed post, or the gap where its form is unknown: one strange post must not cost the thread."""
    try:
        return parse()
    except SHAPE_ERRORS as error:
        detail = f"the platform's answer for it has a form that is not known here ({type(error).__name__})"
        return replace(gap, reason=Reason.UNKNOWN, detail=detail)


def start_of(nodes: Mapping[str, Node], focus: str) -> str:
    """Return the id of the first post of the thread that `focus` belongs to.

    That is the topmost known post of the conversation, unless the pasted post is part of somebody else's own chain
    below it, or nobody can see what stands at the top: then the thread is that chain, from its first post.
    """
    chain = [focus]
    while (parent := nodes[chain[-1]].in_reply_to) is not None and parent in nodes and parent not in chain:
        chain.append(parent)
    author, first = author_of(nodes[focus]), chain[-1]
    if author_of(nodes[first]) == author and any(isinstance(nodes[id_], Post) for id_ in main_line(nodes, first)):
        return first
    top = 0
    while top + 1 < len(chain) and author_of(nodes[chain[top + 1]]) == author:
        top += 1
    continued = any(node.in_reply_to == focus and author_of(node) == author for node in nodes.values())
    unseen = isinstance(nodes[chain[-1]], Missing)
    return chain[top] if top or continued or unseen else chain[-1]


def main_line(nodes: Mapping[str, Node], start: str) -> tuple[str, ...]:
    """Return the ids of the main line: from `start`, at each post the reply by which the author goes on.

    That is the author's oldest reply; see `_next` for the two exceptions. Where the author numbers the posts, the line
    goes on through an answer to somebody who has replied to its last post.
    """
    author = author_of(nodes[start])
    replies = children(node for node in nodes.values() if author_of(node) == author)
    line = [start]
    visited = {start}
    while fresh := [node for node in replies[line[-1]] if node.id not in visited] or _through(nodes, line, author):
        line.append(_next(nodes[line[-1]], fresh, replies).id)
        visited.add(line[-1])
    return tuple(line)


def _next(last: Node, fresh: Sequence[Node], replies: Mapping[str | None, Sequence[Node]]) -> Node:
    """Return which of the author's replies to a post goes on, of several, oldest first.

    The one with the author's next number, if the posts are numbered. Else the oldest; but if the author left it at that
    it was an aside, and a later one that goes on and was written within a day is the line. A gap whose place is only
    inferred comes after all that surely stand here.
    """
    fresh = [node for node in fresh if not is_inferred(node)] or fresh
    oldest = fresh[0]
    if len(fresh) == 1:
        return oldest
    if following := _numbered(last, fresh):
        return following[0]
    if replies[oldest.id] or last.at is None:
        return oldest
    return next((node for node in fresh if replies[node.id] and node.at and node.at - last.at <= DAY), oldest)


def is_inferred(node: Node) -> bool:
    """Whether a node is a gap of which no source tells that it stands in its place."""
    return isinstance(node, Missing) and bool(node.inferred)


def _numbered(last: Node, nodes: Iterable[Node]) -> list[Node]:
    """Return the posts whose number follows that of another one."""
    number = mark(last) if isinstance(last, Post) else None
    if number is None:
        return []
    after = (number[0] + 1, number[1])
    return [node for node in nodes if isinstance(node, Post) and mark(node) == after]


def _through(nodes: Mapping[str, Node], line: Sequence[str], author: str | None) -> list[Node]:
    """Return the author's next posts by number that stand below other people's replies to the line's last post."""
    last = line[-1]
    if not isinstance(post := nodes[last], Post) or mark(post) is None:
        return []
    answers = children(node for node in nodes.values() if author_of(node) != author)
    below, stack = {last}, [last]
    while stack:
        ids = [node.id for node in answers[stack.pop()]]
        below.update(ids)
        stack += ids
    own = (node for node in nodes.values() if author_of(node) == author and node.id not in line)
    return sorted(_numbered(post, (node for node in own if node.in_reply_to in below)), key=age)


def children(nodes: Iterable[Node]) -> defaultdict[str | None, list[Node]]:
    """Group nodes by the post that they answer, oldest first."""
    groups: defaultdict[str | None, list[Node]] = defaultdict(list)
    for node in sorted(nodes, key=age):
        groups[node.in_reply_to].append(node)
    return groups


def age(node: Node) -> tuple[datetime, str]:
    """The order of siblings: by the best proven time, then by id."""
    return node.at or EARLIEST, node.id


def assemble(
    *,
    platform: str,
    nodes: Iterable[Node],
    focus: str,
    start: str,
    proof: Proof,
    replies: bool,
    others: Iterable[Node] = (),
) -> Thread:
    """Make the thread that begins at `start` out of posts and gaps in any order.

    `others` are posts by its author that were read and are not known to belong to it, and gaps for what these answer:
    they are not in the thread, and may speak against its proof. Raises ParseError when not one post of the main line
    could be read.
    """
    index = by_id(nodes)
    line = main_line(index, start)
    roles = {id_: role for id_, role in roles_of(index, start, line) if _kept(role, id_, focus, replies)}
    ordered = tuple(index[id_] for id_ in reading_order(index, line, roles))
    head = next((node for id_ in line if isinstance(node := index[id_], Post)), None)
    if head is None:
        raise ParseError(f"{focus}: no post of this thread could be read; all answers are kept")
    first = index[start]
    return Thread(
        id=start,
        platform=platform,
        url=first.url or head.url,
        focus=focus,
        author=head.author,
        nodes=ordered,
        roles=roles,
        completeness=weighed(ordered, roles, proof, {**by_id(others), **index}),
    )


def storm(
    *,
    platform: str,
    nodes: Iterable[Node],
    author: Author,
    url: str,
    since: datetime,
    until: datetime,
    proof: Proof,
) -> Thread:
    """Make a storm: what one author posted in a stretch of time, `until` not included, in the order of the times.

    Gaps of other people only tell whom the author answers, and are left out, as are gaps outside the window.
    `proof.count` counts all posts of the author, answers to others included. Raises Refused for an empty window.
    """
    index = by_id(nodes)
    roles = dict(_roles_in_storm(index, author.id))
    nodes_in_window = [
        node
        for node in sorted(index.values(), key=age)
        if isinstance(node, Post) or (node.author == author.id and since <= (node.created_at or since) < until)
    ]
    roles = {node.id: roles[node.id] for node in nodes_in_window}
    ordered = tuple(sorted(nodes_in_window, key=lambda node: roles[node.id] is Role.ANSWER))
    if not any(isinstance(node, Post) for node in nodes_in_window):
        raise Refused(
            f"no post by @{author.handle} from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC was found"
        )
    return Thread(
        id=f"storm/{author.id}/{since:%Y%m%dT%H%M%SZ}/{until:%Y%m%dT%H%M%SZ}",
        platform=platform,
        url=url,
        focus="",
        author=author,
        nodes=ordered,
        roles=roles,
        completeness=weighed_storm(ordered, roles, proof),
        kind=Kind.STORM,
    )


def _roles_in_storm(index: Mapping[str, Node], author: str) -> Iterator[tuple[str, Role]]:
    roles: dict[str, Role] = {}
    for node in sorted(index.values(), key=age):
        parent = index.get(node.in_reply_to or "")
        if author_of(node) != author:
            roles[node.id] = Role.OTHER
        elif parent and (author_of(parent) != author or roles.get(parent.id) is Role.ANSWER):
            roles[node.id] = Role.ANSWER
        else:
            roles[node.id] = Role.MAIN
        yield node.id, roles[node.id]


def roles_of(index: Mapping[str, Node], start: str, line: tuple[str, ...]) -> Iterator[tuple[str, Role]]:
    """Yield every node's role: ancestors of the start first, then parents before their children."""
    author = author_of(index[start])
    roles: dict[str | None, Role] = dict.fromkeys(line, Role.MAIN)
    parent = index[start].in_reply_to
    while parent is not None and parent in index and parent not in roles:
        roles[parent] = Role.CONTEXT
        parent = index[parent].in_reply_to
    yield from ((id_, role) for id_, role in roles.items() if id_)
    for node in _downwards(index, roles):
        above = roles.get(node.in_reply_to)
        if author_of(node) != author:
            anonymous = author_of(node) is None and above in (*OWN, Role.UNKNOWN)
            roles[node.id] = Role.UNKNOWN if anonymous else Role.REPLY
        else:
            roles[node.id] = Role.BRANCH if above in (Role.MAIN, Role.BRANCH) else Role.ANSWER
        yield node.id, roles[node.id]


def _downwards(index: Mapping[str, Node], placed: Container[str | None]) -> Iterator[Node]:
    """Walk all nodes that are not in `placed`, parents before children."""
    below = children(node for node in index.values() if node.id not in placed)
    tops = [node for parent, group in below.items() if parent in placed or parent not in index for node in group]
    visited: set[str] = set()
    for top in [*sorted(tops, key=age), *sorted(index.values(), key=age)]:  # the second: cycles have no top
        stack = [top]
        while stack:
            node = stack.pop()
            if node.id in visited or node.id in placed:
                continue
            visited.add(node.id)
            yield node
            stack.extend(reversed(below[node.id]))


def _kept(role: Role, id_: str, focus: str, replies: bool) -> bool:
    return role is not Role.REPLY or replies or id_ == focus


def reading_order(index: Mapping[str, Node], line: tuple[str, ...], roles: Mapping[str, Role]) -> list[str]:
    """Context, main line, then what hangs on it, part by part (see `parts`), each chain kept together."""
    nodes = {id_: index[id_] for id_ in roles}
    context = sorted((nodes[id_] for id_, role in roles.items() if role is Role.CONTEXT), key=age)
    first = {**dict.fromkeys(line, Role.MAIN), **{node.id: Role.CONTEXT for node in context}}
    rest = list(_downwards(nodes, first))
    part = parts(rest, roles)
    order = (Role.BRANCH, Role.ANSWER, Role.REPLY)
    grouped = sorted(rest, key=lambda node: order.index(part[node.id]))
    return [*(node.id for node in context), *line, *(node.id for node in grouped)]


def parts(nodes: Iterable[Node], roles: Mapping[str, Role]) -> dict[str, Role]:
    """Return by the role of its most posts in which part of a thread each node stands, parents given before children.

    What the author answered to somebody stands with the question, if that is here; so does what nobody has signed.
    """
    part: dict[str, Role] = {}
    for node in nodes:
        role = roles[node.id]
        if role in (Role.ANSWER, Role.UNKNOWN):
            role = Role.REPLY if part.get(node.in_reply_to or "") is Role.REPLY else Role.ANSWER
        part[node.id] = role
    return part


def with_gaps(nodes: Mapping[str, Node], start: str, gaps: Iterable[tuple[Missing, Post]]) -> dict[str, Node]:
    """Add gaps to the nodes, each with the post that answers it, oldest first.

    Whoever deletes a post takes along what it answered. So a gap is put below the last post of the main line that is
    older than what answers it, and says that this place is inferred.
    """
    index = dict(nodes)
    for gap, child in sorted(gaps, key=lambda pair: age(pair[1])):
        if start in index and gap.id != start and gap.in_reply_to is None:
            before = [id_ for id_ in main_line(index, start) if age(index[id_]) < age(child)]
            if before:
                gap = replace(gap, in_reply_to=before[-1], inferred="from the order of the posts around it")
        index[gap.id] = gap
    return index


def title(thread: Thread) -> str:
    """Return a thread's title: its first line, cut at a word; its warning where the author put one before the text."""
    for post in thread.posts:
        if thread.roles.get(post.id) is Role.MAIN:
            text = post.summary or html.plain(post.content)
            if words := next((line.split() for line in text.splitlines() if line.strip()), None):
                return _shortened(words)
    return f"Thread by {thread.author.name or thread.author.handle}"


def _shortened(words: list[str]) -> str:
    line = " ".join(words)
    if len(line) <= TITLE:
        return line
    cut = line[:TITLE].rsplit(" ", 1)[0]
    return cut.rstrip(" ,;:–—-") + "…"
