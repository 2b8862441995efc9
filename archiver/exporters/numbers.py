"""What the parts of a document ask of it: the numbers of the posts, who wrote them, when it was captured."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo
from itertools import groupby

from archiver.errors import UsageError
from archiver.model import Author, Document, Missing, Node, Post, Reason, Role
from archiver.threads.assemble import parts
from archiver.threads.completeness import OWN
from archiver.threads.merge import HIDDEN, UNTOLD
from archiver.window import time_zone

KINDS = {
    **dict.fromkeys(OWN, "Post"),
    Role.CONTEXT: "Answered post",
    **dict.fromkeys((Role.REPLY, Role.UNKNOWN), "Reply"),
    Role.OTHER: "Other post",
}


def numbered(document: Document) -> dict[str, int]:
    """Number the posts of each kind in reading order: the author's, those that they answer, other people's replies."""
    numbers: dict[str, int] = {}
    for kind in dict.fromkeys(KINDS.values()):
        shown = [post for post in document.thread.posts if KINDS[role_of(document, post)] == kind]
        numbers.update({post.id: number for number, post in enumerate(shown, 1)})
    return numbers


def named(document: Document, post: Post, numbers: dict[str, int]) -> str:
    """Return what a post is called in its document: `Post 3`, `Reply 1`."""
    return f"{KINDS[role_of(document, post)]} {numbers[post.id]}"


def role_of(document: Document, node: Node) -> Role:
    """Return what a post is to its thread."""
    return document.thread.roles[node.id]


def sections(document: Document) -> list[tuple[Role, list[Node]]]:
    """Return the nodes in reading order, cut where another part of the thread begins; see `threads.parts`."""
    part = parts(document.thread.nodes, document.thread.roles)
    return [(role, list(nodes)) for role, nodes in groupby(document.thread.nodes, key=lambda node: part[node.id])]


def with_answers(document: Document, role: Role, nodes: Iterable[Node]) -> str:
    """Return what is to be added to the words for a part of the thread, where the author's answers stand in it."""
    answered = role is Role.REPLY and any(role_of(document, node) is Role.ANSWER for node in nodes)
    return ", with the author’s answers" if answered else ""


def whose(document: Document, gap: Missing) -> str:
    """Return in words who wrote a post that is not here."""
    role = role_of(document, gap)
    return "the author" if role in OWN else "somebody who is not known" if gap.author is None else "somebody else"


def own_posts(document: Document) -> list[Post]:
    """Return what the author of the thread wrote."""
    return [post for post in document.thread.posts if role_of(document, post) in OWN]


def edited_posts(document: Document) -> list[Post]:
    """Return the posts that said something else before, as far as is known."""
    earlier = {one.post for one in document.thread.observations if one.version} | set(document.versions)
    return [post for post in document.thread.posts if post.edited_at or post.id in earlier]


def gone_posts(document: Document) -> list[Post]:
    """Return the posts that are here and that somebody says are deleted, or whose accounts are closed."""
    return _said_to_be(document, lambda reason: reason not in (*UNTOLD, *HIDDEN))


def hidden_posts(document: Document) -> list[Post]:
    """Return the posts that are here and that somebody does not show to everybody any more."""
    return _said_to_be(document, lambda reason: reason in HIDDEN)


def _said_to_be(document: Document, why: Callable[[Reason], bool]) -> list[Post]:
    gone = {missing.id for missing in document.thread.gone if why(missing.reason)}
    return [post for post in document.thread.posts if post.id in gone]


def all_gone(document: Document) -> Missing | None:
    """Return what is said of the author's first post, where all that the author wrote is gone or hidden; else None."""
    own, gone = own_posts(document), {gap.id: gap for gap in document.thread.gone if gap.reason not in UNTOLD}
    return gone[own[0].id] if own and all(post.id in gone for post in own) else None


def state_of(document: Document, gap: Missing) -> str:
    """Return in words what has become of the whole thread, of whose first post this is said."""
    state = "Not shown to everybody any more" if gap.reason in HIDDEN else "No longer on the platform"
    return f"{state}: the whole {document.thread.kind}"


def first_of(document: Document) -> Post | None:
    """Return the author's first post, None where the archive withholds all of them."""
    return next(iter(own_posts(document)), None)


def captured_at(document: Document) -> datetime:
    """Return when the thread was captured last."""
    return document.run.finished_at or document.run.started_at


def written_at(document: Document) -> datetime:
    """Return when a thread began, also where no post of it is shown."""
    if first := first_of(document):
        return first.dated_at
    return min((when for node in document.thread.nodes if (when := node.dated_at)), default=captured_at(document))


def zone_of(document: Document) -> tzinfo | None:
    """Return the zone that was named when the thread was collected, None where this machine does not know it."""
    try:
        return time_zone(document.run.zone) if document.run.zone else None
    except UsageError:
        return None


def authors_of(document: Document) -> Iterator[Author]:
    """Yield everybody of whom the document shows a post, quoted ones included; the author of the thread first."""
    yield document.thread.author
    for node in document.thread.nodes:
        shown: Node | None = node
        while isinstance(shown, Post):
            yield shown.author
            shown = shown.quote


def answered(document: Document, post: Post) -> Author | None:
    """Return who wrote what a post answers, where that is not shown and its author is known all the same."""
    asked = post.in_reply_to or ""
    gaps = (*document.thread.missing, *document.thread.gone)
    wrote = next((gap.author for gap in gaps if isinstance(gap, Missing) and gap.id == asked), None)
    for author in authors_of(document):
        # Some platforms name a post by its author's id and a part of its own.
        if author.id == wrote or asked.startswith((f"at://{author.id}/", f"{author.id}/")):
            return author
    return None


def answering(
    document: Document,
    post: Post,
    numbers: dict[str, int],
    to_post: Callable[[str], str],
    to_author: Callable[[Author], str],
) -> str:
    """Return in words what a post answers, as far as is known; the form of a post's name and of an author is given."""
    parent = next((node for node in document.thread.nodes if node.id == post.in_reply_to), None)
    if isinstance(parent, Post):
        return f"in answer to {to_post(named(document, parent, numbers).lower())}"
    who = answered(document, post)
    by = "" if who is None else to_author(who)
    if parent is not None:
        return f"in answer to a missing post{by and f' by {by}'}"
    if role_of(document, post) is Role.ANSWER:
        return f"in answer to {by or 'somebody else'}"
    return f"in answer to a post{by and f' by {by}'} that is not here"
