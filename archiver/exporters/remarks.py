"""What is to be said behind a post, each thing once for all forms; the post's own text stays as it is."""

from collections.abc import Iterator
from typing import NamedTuple

from archiver.exporters.said import Foreign, Sentence, Strong
from archiver.exporters.view import View
from archiver.exporters.wording import cause, moment, sentence
from archiver.model import Missing, Post, Reason
from archiver.threads.merge import UNTOLD

SAYS_NOTHING = "That alone does not mean that it was deleted."


class Remark(NamedTuple):
    """A remark: its kind, how it begins, and the rest, which may hold somebody else's words."""

    kind: str
    opening: str
    text: str

    @property
    def sentence(self) -> Sentence:
        """The remark as a sentence."""
        return (Strong(self.opening), " ", Foreign(self.text))


def remarks(view: View, post: Post) -> Iterator[Remark]:
    """Yield what has to be known about a post: that it is cut or misdated, and what was learnt of it since."""
    yield from of_itself(post)
    if loss := view.losses.get(post.id):
        yield _gone(view, loss)
    elif seen := view.document.last_seen.get(post.id):
        asked = f"on {moment(view.captured)}; last seen {moment(seen)}. {SAYS_NOTHING}"
        yield Remark("unseen", "Not asked for at the last visit,", asked)


def of_itself(post: Post) -> Iterator[Remark]:
    """Yield what has to be known about any post, also one that is only quoted."""
    if post.truncated:
        yield Remark("cut", "Only the beginning of this post was shown.", "The rest of its text was not captured.")
    if post.location:
        yield Remark("place", "The author says where:", sentence(post.location))
    for notice in post.notices:
        yield Remark("notice", "The platform says:", sentence(notice))
    if post.misdated:
        yield Remark("misdated", "The time that it claims cannot be proven.", misdated(post))
    if is_quote_edited(post):
        yield Remark("quote", "The quoted post was edited after it was quoted.", "It is shown as it is now.")


def misdated(post: Post) -> str:
    """Return which times of a post contradict each other, as a sentence."""
    proven = [
        f"{says} {moment(time)}"
        for says, time in (("its key says", post.keyed_at), ("the platform first saw it", post.indexed_at))
        if time
    ]
    return f"Its author’s app dates it {moment(post.created_at)}; {', and '.join(proven)}."


def is_quote_edited(post: Post) -> bool:
    """Whether the quoted post that is shown is not the version that was quoted."""
    quote = post.quote
    return bool(isinstance(quote, Post) and post.quoted_version and quote.version not in (None, post.quoted_version))


def _gone(view: View, gap: Missing) -> Remark:
    seen = view.document.last_seen.get(gap.id)
    since = f" Last seen {moment(seen)}." if seen else ""
    if gap.reason in UNTOLD:
        return Remark("unseen", "Not seen again:", f"{sentence(cause(gap))}{since} {SAYS_NOTHING}")
    opening = "No longer there:" if gap.reason is Reason.DELETED else "No longer shown:"
    return Remark("deleted", opening, f"{sentence(cause(gap))}{since} The text shown here was captured before.")
