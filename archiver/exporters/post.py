"""One post as Markdown blocks: warning, text, poll, quote card, attachments; and a gap as a sentence.

Every function returns blocks; the document puts an empty line between them.
"""

from collections.abc import Iterator
from datetime import datetime

from archiver.exporters.media import KINDS, held, is_playlist
from archiver.exporters.remarks import Remark, of_itself
from archiver.exporters.view import View
from archiver.exporters.words import HEADINGS, cause, counted, day, ended, moment, sentence
from archiver.model import Attachment, Author, Missing, Poll, Post
from archiver.text.escape import image, line, link
from archiver.text.markdown import markdown, quote
from archiver.threads.withheld import is_withheld

PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif")
DEEPEST = 2  # quotes in quotes


def byline(author: Author) -> str:
    """Return name and linked handle; the name alone where there is no handle."""
    handle = link(f"@{author.handle}", author.url)
    if not author.name.strip():
        return handle
    return f"**{line(author.name)}** · {handle}" if author.handle else f"**{line(author.name)}**"


def is_shown(attachment: Attachment, post: Post, view: View) -> bool:
    """Whether a document shows a file as a picture: one that is held, unless it is marked as sensitive."""
    return held(attachment.file).endswith(PICTURES) and (view.style.sensitive or not post.sensitive)


def body(post: Post, view: View, depth: int = 0) -> Iterator[str]:
    """Yield what the author posted, in the order in which it is read."""
    yield from warnings(post)
    if text := markdown(post.content):
        yield text
    yield from beside(post, view, depth)


def warnings(post: Post) -> Iterator[str]:
    """Yield what the author, or the platform, says before the text."""
    if post.summary:
        yield f"**Content warning by the author:** {line(post.summary)}"
    elif post.sensitive:
        labels = ", ".join(line(label) for label in post.labels)
        yield f"**Marked as sensitive**{f': {labels}' if labels else ''}"


def beside(post: Post, view: View, depth: int = 0) -> Iterator[str]:
    """Yield what a post has beside its text: poll, files, link previews, a quoted post."""
    if post.poll:
        yield from poll(post.poll, view)
    yield from files(post, view)
    yield from cards(post, view)
    if post.quote:
        yield from quoted(post.quote, view, depth)


def poll(poll: Poll, view: View) -> Iterator[str]:
    """Yield a poll as a list: tables break in too many viewers."""
    yield f"**Poll**, {poll_state(poll, view.captured)}"
    yield "\n".join(f"- {line(option.text)}: {votes(option.votes, poll)}" for option in poll.options)


def poll_state(poll: Poll, captured: datetime) -> str:
    """Return until when a poll is open, how many voted, and whether several answers are allowed."""
    state = "open"
    if poll.closes_at:
        is_closed = poll.closes_at <= captured
        state = f"closed {day(poll.closes_at)}" if is_closed else f"open until {moment(poll.closes_at)}"
    total = f", {counted(poll.votes, 'vote')}" if poll.votes is not None else ""
    return f"{state}{total}{', several answers allowed' if poll.multiple else ''}"


def votes(number: int | None, poll: Poll) -> str:
    """Return in words how many chose an option, and their share."""
    if number is None:
        return "votes hidden"
    base = poll.voters if poll.multiple and poll.voters else poll.votes
    return counted(number, "vote") + (f" ({100 * number / base:.0f} %)" if base else "")


def files(post: Post, view: View) -> Iterator[str]:
    """Yield each file: the picture, if it is shown, and a line with its author's description, or that there is none."""
    files = [attachment for attachment in post.attachments if attachment.kind != "card"]
    for number, file in enumerate(files, 1):
        if shown := is_shown(file, post, view):
            yield image(file.alt, view.style.media + held(file.file))
        where = _where(file, f"{KINDS.get(file.kind, 'File')} {number} of {len(files)}")
        where += _kept(file, view, shown)
        if file.alt and file.alt.strip():
            yield f"{where}, described by the author: {line(file.alt)}"
        else:
            yield f"{where}, no description by the author"


def _where(file: Attachment, name: str) -> str:
    if file.url:
        return link(name, file.url)
    return name if held(file.file) else f"{name} (the platform has lost it)"


def _kept(file: Attachment, view: View, shown: bool) -> str:
    """Return where the copy of a file is that is not shown, or why there is none."""
    path = held(file.file)
    if path:
        pieces = " as a playlist of pieces, for VLC or mpv" if is_playlist(path) else ""
        lesser = f", not as it was posted ({line(file.fault)})" if file.fault else ""
        return lesser if shown else f", [copy kept]({view.style.media}{path}){pieces}{lesser}"
    return f", no copy kept ({line(file.fault)})" if file.fault else ""


def cards(post: Post, view: View) -> Iterator[str]:
    """Yield each link preview. The platform made it, not the author."""
    for card in post.attachments:
        if card.kind != "card":
            continue
        if shown := is_shown(card, post, view):
            yield image(card.alt, view.style.media + held(card.file))
        about = f": {line(card.description)}" if card.description and card.description.strip() else ""
        picture = _kept(card, view, shown)
        lacks = f" (its picture{picture})" if picture else ""
        yield f"Link preview: {link(card.title or card.url, card.url)}{about}{lacks}"


def quoted(node: Post | Missing, view: View, depth: int = 0) -> Iterator[str]:
    """Yield a quoted post as a card, or the word that it is not shown."""
    if isinstance(node, Missing):
        name = link("A quoted post", node.url) if node.url else "A quoted post"
        yield f"{name} is not shown: {line(cause(node))}."
        return
    if depth >= DEEPEST:
        yield f"It quotes {link('another post', node.url)} by {byline(node.author)}."
        return
    yield card(node, "quoted post", view, depth)


def card(post: Post, name: str, view: View, depth: int = 0) -> str:
    """Return somebody's post as a block quote, with who wrote it and when."""
    head = f"{byline(post.author)} · {moment(post.dated_at)} · {link(name, post.url)}"
    return quote(blocks(head, *body(post, view, depth + 1), *map(remark, of_itself(post))))


def remark(remark: Remark) -> str:
    """Return a remark as a paragraph."""
    return f"**{remark.opening}** {line(remark.text)}"


def gap(missing: Missing, who: str) -> Iterator[str]:
    """Yield the heading and the sentences that stand for a post that is not here."""
    yield f"## {HEADINGS[missing.reason]}"
    yield lacking(missing, who)


def lacking(missing: Missing, who: str) -> str:
    """Return the sentences that stand for a post that is not here."""
    name = f" ({link(missing.url, missing.url)})" if missing.url else ""
    place = f" Its place is inferred {ended(line(missing.inferred))}" if missing.inferred else ""
    text = "" if is_withheld(missing) else " Its text was never captured."
    return f"A post by {who} stood here{name}. {sentence(line(cause(missing)))}{text}{place}"


def blocks(*parts: str) -> str:
    """Join blocks with an empty line; two quotes in a row would be read as one, so something stands between them."""
    blocks: list[str] = []
    last = ""
    for part in parts:
        if part.startswith(">") and last.startswith(">"):
            blocks.append("It quotes:")
        blocks.append(part)
        last = part.rsplit("\n\n", 1)[-1]
    return "\n\n".join(blocks)
