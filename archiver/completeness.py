"""Is it the whole thread? A route's proof against what was found, and against the author's own numbering."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from archiver.model import Completeness, Missing, Node, Post, Role
from archiver.numbering import numbering

OWN = (Role.MAIN, Role.BRANCH, Role.ANSWER)  # what the author of the thread wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a route knows about the whole: `expected` counts the main line, deleted posts included."""

    text: str = ""
    expected: int | None = None
    top: bool = False
    end: bool = False
    stop: str = ""


def weighed(nodes: tuple[Node, ...], roles: Mapping[str, Role], proof: Proof) -> Completeness:
    """Weigh a route's proof against the author's own numbering of the posts."""
    line = [node for node in nodes if roles[node.id] is Role.MAIN]
    gaps = any(isinstance(node, Missing) and roles[node.id] in OWN for node in nodes)
    expected, text, end = proof.expected, proof.text, proof.end
    count = numbering(node for node in line if isinstance(node, Post))
    if count and count.total > len(line):  # the author counts more than anybody shows: nothing is proven any more
        expected, end = None, False
        text = f"the author numbers the posts to {count.total}, {len(line)} are known"
    elif count and not text and not gaps and len(count.numbers) == count.total:
        expected, end = len(line), True
        text = f"the author's own numbering, 1/{count.total} to {count.total}/{count.total}"
    return counted(nodes, roles, replace(proof, expected=expected, text=text, end=end))


def counted(nodes: tuple[Node, ...], roles: Mapping[str, Role], proof: Proof) -> Completeness:
    """Count the main line and list the gaps of the author's posts, under a proof that has been weighed."""
    return Completeness(
        found=sum(isinstance(node, Post) and roles[node.id] is Role.MAIN for node in nodes),
        expected=proof.expected,
        proof=proof.text,
        top_proven=proof.top,
        end_proven=proof.end,
        gaps=tuple(node for node in nodes if isinstance(node, Missing) and roles[node.id] in OWN),
        stop=proof.stop,
    )
