"""In words: who wrote a post that is not here, what a post answers, what stands in a part of the thread."""

from collections.abc import Callable, Iterable

from archiver.exporters.view import View
from archiver.model import Author, Missing, Node, Post, Role
from archiver.threads.completeness import OWN


def with_answers(view: View, role: Role, nodes: Iterable[Node]) -> str:
    """Return what is to be added to the words for a part of the thread, where the author's answers stand in it."""
    answered = role is Role.REPLY and any(view.role(node) is Role.ANSWER for node in nodes)
    return ", with the author’s answers" if answered else ""


def whose(view: View, gap: Missing) -> str:
    """Return in words who wrote a post that is not here."""
    role = view.role(gap)
    return "the author" if role in OWN else "somebody who is not known" if gap.author is None else "somebody else"


def answering(
    view: View,
    post: Post,
    to_post: Callable[[str], str],
    to_author: Callable[[Author], str],
) -> str:
    """Return in words what a post answers, as far as is known; the form of a post's name and of an author is given."""
    parent = view.nodes.get(post.in_reply_to or "")
    if isinstance(parent, Post):
        return f"in answer to {to_post(view.names[parent.id].lower())}"
    who = view.answered(post)
    by = "" if who is None else to_author(who)
    if parent is not None:
        return f"in answer to a missing post{by and f' by {by}'}"
    if view.role(post) is Role.ANSWER:
        return f"in answer to {by or 'somebody else'}"
    return f"in answer to a post{by and f' by {by}'} that is not here"
