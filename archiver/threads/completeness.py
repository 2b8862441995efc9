"""Is it the whole thread? The one place where a proof is weighed, and that no route can pass by.

A route says what it knows (`Proof`), and hands over all that it read. Nothing counts as proven while something of that
speaks against it: a post of the author's that answers one nobody shows, a reply that is counted and not shown, a
first post that is named and was not reached, a count that is not what was found, a gap whose author nobody knows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from archiver.model import Completeness, Missing, Node, Post, Role
from archiver.threads.numbering import numbering

OWN = (Role.MAIN, Role.BRANCH, Role.ANSWER)  # what the author of the thread wrote
NAMED = 3  # posts in one doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a route knows about the whole.

    `text` is how the end was reached, a sentence without a full stop. `count` is the platform's count of the main line,
    deleted posts included, and `counter` who counts. `exhaustive` says that `text` tells of a list of all that the
    author posted: what anybody else counts is no objection then. `top` and `end` say that the first post was seen to be
    the first, and the last to be the last; `root` is the first post of the conversation by the platform's word.
    `doubts` are sentences without a full stop: why something may have been cut or left out. `stop` is why collecting
    ended early.
    """

    text: str = ""
    count: int | None = None
    counter: str = ""
    exhaustive: bool = False
    top: bool = False
    end: bool = False
    root: str | None = None
    doubts: tuple[str, ...] = ()
    stop: str = ""


def weighed(
    nodes: Sequence[Node], roles: Mapping[str, Role], proof: Proof, read: Mapping[str, Node] | None = None
) -> Completeness:
    """Weigh a route's proof of a thread against all that was read.

    `nodes` are the thread's, in reading order; `read` has these and what else was read along the way.
    """
    read = read or {node.id: node for node in nodes}
    line = [node for node in nodes if roles[node.id] is Role.MAIN]
    own = [node for node in nodes if roles[node.id] in OWN]
    numbers = numbering(node for node in own if isinstance(node, Post))
    numbered = numbers is not None and len(numbers.numbers) == numbers.total == len(line)
    text, end = proof.text, proof.end and bool(proof.text)
    if proof.count == len(line):  # the same sentence, however far a route happened to read
        text, end = f"{proof.counter} counts {_posts(len(line))} in this thread", True
    elif not text and numbered and all(isinstance(node, Post) for node in own):
        text, end = f"the author's own numbering, 1/{len(line)} to {len(line)}/{len(line)}", True
    doubts = [
        *proof.doubts,
        *_root(line, read, proof),
        *_fewer_counted(line, proof),
        *higher_numbers(nodes, roles),
        *_unread(line, read, roles),
        *([] if numbered or proof.exhaustive or proof.count == len(line) else _uncounted(line, read, proof)),
        *_anonymous(roles),
    ]
    return Completeness(
        found=sum(isinstance(node, Post) for node in line),
        expected=_expected(len(line), proof, end),
        proof=text,
        top_proven=proof.top,
        end_proven=end,
        gaps=tuple(node for node in own if isinstance(node, Missing)),
        doubts=tuple(dict.fromkeys(doubts)),
        stop=proof.stop,
    )


def weighed_storm(nodes: Sequence[Node], roles: Mapping[str, Role], proof: Proof) -> Completeness:
    """Weigh a proof of a storm, whose `count` has the answers as well: there is no place in it, only a time."""
    line = [node for node in nodes if roles[node.id] is Role.MAIN]
    answers = sum(role is Role.ANSWER for role in roles.values())
    count = None if proof.count is None else proof.count - answers
    return Completeness(
        found=sum(isinstance(node, Post) for node in line),
        expected=_expected(len(line), replace(proof, count=count), proof.end and bool(proof.text)),
        proof=proof.text,
        top_proven=proof.top,
        end_proven=proof.end,
        gaps=tuple(node for node in nodes if isinstance(node, Missing) and roles[node.id] in OWN),
        doubts=tuple(dict.fromkeys((*proof.doubts, *_anonymous(roles)))),
        stop=proof.stop,
    )


def _expected(length: int, proof: Proof, end: bool) -> int | None:
    """Return how many posts the main line must have, gaps included; None where neither a count nor an end tells."""
    known = proof.count is not None and proof.count >= length
    return proof.count if known else length if end else None


def _root(line: Sequence[Node], read: Mapping[str, Node], proof: Proof) -> Iterator[str]:
    """Yield a doubt where the first post by the platform's word is neither that of the thread nor above it."""
    above = {line[0].id} if line else set()
    parent = line[0].in_reply_to if line else None
    while parent is not None and parent not in above:
        above.add(parent)
        parent = read[parent].in_reply_to if parent in read else None
    if proof.root is not None and proof.root not in above:
        yield "the first post of the conversation is named, and was not reached from here"


def _fewer_counted(line: Sequence[Node], proof: Proof) -> Iterator[str]:
    if proof.count is not None and proof.count < len(line) and not proof.exhaustive:
        yield f"{proof.counter} counts {_posts(proof.count)} in this thread, and {len(line)} were found"


def higher_numbers(nodes: Iterable[Node], roles: Mapping[str, Role]) -> Iterator[str]:
    """Yield a doubt where the author counts further than anybody shows, or to posts that stand beside the line."""
    own = [node for node in nodes if roles[node.id] in OWN]
    line = [node for node in own if roles[node.id] is Role.MAIN]
    numbers = numbering(node for node in own if isinstance(node, Post))
    if numbers is None or numbers.total <= len(line):
        return
    here = max(len(line), len(numbers.numbers))
    if numbers.total > here:
        yield f"the author numbers the posts to {numbers.total}, {here} are known"
    elif all(isinstance(node, Post) for node in own):
        yield f"the author numbers the posts to {numbers.total}, and some of these answer other people"


def _unread(line: Sequence[Node], read: Mapping[str, Node], roles: Mapping[str, Role]) -> Iterator[str]:
    """Yield a doubt for the author's posts that hang on what nobody shows, unless that is older than the thread.

    They may hang on it by way of what other people answered. What stands in the thread as a gap is no doubt: it is
    missing. Posts that answer each other in a circle hang on nothing: then something that was read is wrong.
    """
    if not line:
        return
    first, author = line[0], author_of(line[0])
    safe: dict[str, bool] = {first.id: True}
    for node in read.values():
        path: dict[str, None] = {}
        while node.id not in safe and node.id not in path:
            path[node.id] = None
            if not isinstance(node, Post) or _is_older(node, first):
                safe[node.id] = True
            elif isinstance(parent := read.get(node.in_reply_to or ""), Post):
                node = parent
            elif node.author.id == author:
                safe[node.id] = node.in_reply_to is None or not _may_be_own(parent, author, first, roles)
            else:  # of what strangers answer, only what is known to be the author's can belong here
                safe[node.id] = parent is None or parent.author is None or not _may_be_own(parent, author, first, roles)
        safe.update(dict.fromkeys(path, safe.get(node.id, False)))
    hanging = [node for node in read.values() if not safe[node.id] and author_of(node) == author]
    if hanging:
        named = ", ".join(node.url or node.id for node in hanging[:NAMED])
        more = f" and {len(hanging) - NAMED} more" if len(hanging) > NAMED else ""
        which = "a post by the author follows" if len(hanging) == 1 else f"{len(hanging)} posts by the author follow"
        yield f"{which} one that nobody shows, and may belong here ({named}{more})"


def _may_be_own(parent: Node | None, author: str | None, first: Node, roles: Mapping[str, Role]) -> bool:
    """Whether a parent that was not read may be the author's and of the time of this thread, and is no gap in it."""
    if parent is None:
        return True
    return parent.id not in roles and author_of(parent) in (author, None) and not _is_older(parent, first)


def _is_older(node: Node, first: Node) -> bool:
    return node.at is not None and first.at is not None and node.at < first.at


def _uncounted(line: Sequence[Node], read: Mapping[str, Node], proof: Proof) -> Iterator[str]:
    """Yield a doubt where the last post has more replies by the platform's count than were shown."""
    last = line[-1] if line else None
    if not isinstance(last, Post) or last.counts.replies is None or not proof.text:
        return
    replies = sum(node.in_reply_to == last.id for node in read.values())
    if last.counts.replies > replies:
        yield f"the platform counts {_replies(last.counts.replies)} to the last post, and {replies} were shown"


def _anonymous(roles: Mapping[str, Role]) -> Iterator[str]:
    number = sum(role is Role.UNKNOWN for role in roles.values())
    if number:
        what = "a post" if number == 1 else f"{number} posts"
        are = "is" if number == 1 else "are"
        yield f"{what} below the author’s {are} missing, and nobody says who wrote {'it' if number == 1 else 'them'}"


def author_of(node: Node) -> str | None:
    """Return the id of a node's author, None where it is not known."""
    return node.author.id if isinstance(node, Post) else node.author


def _posts(number: int) -> str:
    return f"{number} post" if number == 1 else f"{number} posts"


def _replies(number: int) -> str:
    return f"{number} reply" if number == 1 else f"{number} replies"
