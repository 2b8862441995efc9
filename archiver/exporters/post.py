"""One post as Markdown blocks: warning, text, poll, quote card, attachments; and a gap as a sentence.

Every function returns blocks; the document puts an empty line between them.
"""

from collections.abc import Iterator
from datetime import datetime

from archiver.exporters.words import HEADINGS, cause, counted, day, ended, moment, sentence
from archiver.model import Attachment, Author, Missing, Poll, Post
from archiver.text.escape import line, link
from archiver.text.markdown import markdown, quote
from archiver.withheld import is_withheld

KINDS = {"image": "Image", "video": "Video", "audio": "Recording", "gifv": "Animation", "file": "File"}
DEEPEST = 2  # quotes in quotes


def byline(author: Author) -> str:
    """Return name and linked handle."""
    handle = link(f"@{author.handle}", author.url)
    return f"**{line(author.name)}** · {handle}" if author.name.strip() else handle


def body(post: Post, captured: datetime, depth: int = 0) -> Iterator[str]:
    """Yield what the author posted, in the order in which it is read."""
    yield from _warnings(post)
    if text := markdown(post.content):
        yield text
    if post.poll:
        yield from poll(post.poll, captured)
    yield from files(post.attachments)
    yield from cards(post.attachments)
    if post.quote:
        yield from quoted(post.quote, captured, depth)


def _warnings(post: Post) -> Iterator[str]:
    if post.summary:
        yield f"**Content warning by the author:** {line(post.summary)}"
    elif post.sensitive:
        labels = ", ".join(line(label) for label in post.labels)
        yield f"**Marked as sensitive**{f': {labels}' if labels else ''}"


def poll(poll: Poll, captured: datetime) -> Iterator[str]:
    """Yield a poll as a list: tables break in too many viewers."""
    state = "open"
    if poll.closes_at:
        state = (
            f"closed {day(poll.closes_at)}" if poll.closes_at <= captured else f"open until {moment(poll.closes_at)}"
        )
    total = f", {counted(poll.votes, 'vote')}" if poll.votes is not None else ""
    several = ", several answers allowed" if poll.multiple else ""
    yield f"**Poll**, {state}{total}{several}"
    yield "\n".join(f"- {line(option.text)}: {_votes(option.votes, poll)}" for option in poll.options)


def _votes(votes: int | None, poll: Poll) -> str:
    if votes is None:
        return "votes hidden"
    base = poll.voters if poll.multiple and poll.voters else poll.votes
    return counted(votes, "vote") + (f" ({100 * votes / base:.0f} %)" if base else "")


def files(attachments: tuple[Attachment, ...]) -> Iterator[str]:
    """Yield a line for each file, with its author's description, or the word that there is none."""
    files = [attachment for attachment in attachments if attachment.kind != "card"]
    for number, file in enumerate(files, 1):
        name = f"{KINDS.get(file.kind, 'File')} {number} of {len(files)}"
        where = link(name, file.url) if file.url else f"{name} (the platform has lost it)"
        where += f", kept as {line(file.file)}" if file.file else ""
        if file.alt and file.alt.strip():
            yield f"{where}, described by the author: {line(file.alt)}"
        else:
            yield f"{where}, no description by the author"


def cards(attachments: tuple[Attachment, ...]) -> Iterator[str]:
    """Yield a line for each link preview. The platform made it, not the author."""
    for card in attachments:
        if card.kind == "card":
            about = f": {line(card.description)}" if card.description and card.description.strip() else ""
            yield f"Link preview: {link(card.title or card.url, card.url)}{about}"


def quoted(node: Post | Missing, captured: datetime, depth: int = 0) -> Iterator[str]:
    """Yield a quoted post as a card, or the word that it is not shown."""
    if isinstance(node, Missing):
        name = link("A quoted post", node.url) if node.url else "A quoted post"
        yield f"{name} is not shown: {line(cause(node))}."
        return
    if depth >= DEEPEST:
        yield f"It quotes {link('another post', node.url)} by {byline(node.author)}."
        return
    head = f"{byline(node.author)} · {moment(node.created_at)} · {link('quoted post', node.url)}"
    yield quote(blocks(head, *body(node, captured, depth + 1)))


def gap(missing: Missing, who: str) -> Iterator[str]:
    """Yield the heading and the sentences that stand for a post that is not here."""
    yield f"## {HEADINGS[missing.reason]}"
    name = f" ({link(missing.url, missing.url)})" if missing.url else ""
    place = f" Its place is inferred {ended(line(missing.inferred))}" if missing.inferred else ""
    text = "" if is_withheld(missing) else " Its text was never captured."
    yield f"A post by {who} stood here{name}. {sentence(line(cause(missing)))}{text}{place}"


def blocks(*parts: str) -> str:
    """Join blocks with an empty line; two quotes in a row would be read as one, so something stands between them."""
    text = ""
    for part in parts:
        if part.startswith(">") and text.rsplit("\n\n", 1)[-1].startswith(">"):
            text += "\n\nIt quotes:"
        text += f"\n\n{part}" if text else part
    return text
