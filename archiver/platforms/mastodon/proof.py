"""Is it the whole thread? What a run has learnt as a thread, and what proves its beginning and its end."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from archiver.model import Node, Post, Thread
from archiver.platforms.mastodon.known import Known, above, below, placed, start
from archiver.platforms.mastodon.status import account_uri
from archiver.platforms.mastodon.traces import answered_at, may_carry
from archiver.threads.assemble import assemble, author_of, is_inferred, main_line, start_of
from archiver.threads.completeness import NAMED, Proof
from archiver.threads.numbering import numbering


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
    first = known.statuses[start(known)]
    for uri, status in known.statuses.items():
        if uri in members or uri in apart:
            continue
        yield nodes[uri]
        parent = known.parent(status)
        if parent is None or parent in nodes:
            continue
        gap = replace(known.unseen(status), created_at=answered_at(status))
        undecided = may_carry(known, status, first) and (uri not in known.probed or uri in known.silent)
        yield replace(gap, author=None) if undecided else gap


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
    line = main_line(nodes, first)
    if text and not known.listed_whole and any(lacks_replies(known, nodes, id_) for id_ in line):
        shown = "a context shows 60 posts at most" if known.cut else "the author's posts were not all listed"
        doubts.append(f"{shown}, and the server counts more replies to posts of the thread than came")
    if not known.listed and not is_numbered(nodes, first):
        doubts.append(
            "its server does not list the author's posts, and what it shows of a conversation ends at a deleted post"
        )
    if known.neighbours and not is_numbered(nodes, first):
        more = f" and {len(known.neighbours) - NAMED} more" if len(known.neighbours) > NAMED else ""
        near = ", ".join(known.neighbours[:NAMED]) + more
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
    show. Where a server counts none at all, its context must have shown something. A context ends at a deleted post: so
    it proves nothing alone, without the author's listing, which would show what follows.
    """
    counted = known.statuses[end].get("replies_count") if end in known.statuses else None
    lacking = lacks_replies(known, nodes, end)
    if known.listed_whole and (not lacking or (known.confirmed and end in known.cut)):
        return "the author's public posts were listed from the first of the thread to the newest of all"
    if known.listed and end in known.heard - known.cut and not lacking and (counted is not None or end in known.opened):
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
