"""One post as Markdown blocks: warning, text, poll, quote card, attachments; and a gap as a sentence.

Every function returns blocks; the document puts an empty line between them.
"""

from collections.abc import Iterator

from archiver.exporters import said
from archiver.exporters.markdown_words import blocks, byline, written
from archiver.exporters.media import held, is_playlist
from archiver.exporters.remarks import of_itself
from archiver.exporters.view import DEEPEST, View
from archiver.exporters.wording import HEADINGS, moment
from archiver.model import Attachment, Missing, Poll, Post
from archiver.text.escape import image, line, link
from archiver.text.markdown import markdown, quote

PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif")


def is_shown(attachment: Attachment, post: Post, view: View) -> bool:
    """Whether a document shows a file as a picture: one that is held, unless it is marked as sensitive."""
    return held(attachment.file).endswith(PICTURES) and (view.style.sensitive or not post.sensitive)


def body(post: Post, view: View, depth: int = 0) -> Iterator[str]:
    """Yield what the author posted, in the order in which it is read."""
    yield from warnings(post, view)
    if text := markdown(post.content):
        yield text
    yield from beside(post, view, depth)


def warnings(post: Post, view: View) -> Iterator[str]:
    """Yield what the author, or the platform, says before the text."""
    if warning := said.warning(post):
        yield written(view, warning)


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
    yield written(view, said.poll(poll, view.captured))
    yield "\n".join(f"- {line(option.text)}: {said.votes(option.votes, poll)}" for option in poll.options)


def files(post: Post, view: View) -> Iterator[str]:
    """Yield each file: the picture, if it is shown, and a line with its author's description, or that there is none."""
    files = [attachment for attachment in post.attachments if attachment.kind != "card"]
    for number, file in enumerate(files, 1):
        if shown := is_shown(file, post, view):
            yield image(file.alt, view.style.media + held(file.file))
        name, description = said.file_name(file, number, len(files)), said.description(file)
        yield f"{written(view, name)}{_kept(file, view, shown)}{written(view, description)}"


def _kept(file: Attachment, view: View, shown: bool) -> str:
    """Return where the copy of a file is that is not shown, or why there is none."""
    path = held(file.file)
    if path:
        pieces = " as a playlist of pieces, for VLC or mpv" if is_playlist(path) else ""
        lesser = written(view, said.not_as_posted(file))
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
    if isinstance(node, Missing) or depth >= DEEPEST:
        yield written(view, said.unseen_quote(node))
        return
    yield card(node, "quoted post", view, depth)


def card(post: Post, name: str, view: View, depth: int = 0) -> str:
    """Return somebody's post as a block quote, with who wrote it and when."""
    head = f"{byline(post.author)} · {moment(post.dated_at)} · {link(name, post.url)}"
    return quote(
        blocks(head, *body(post, view, depth + 1), *(written(view, remark.sentence) for remark in of_itself(post)))
    )


def gap(missing: Missing, view: View) -> Iterator[str]:
    """Yield the heading and the sentences that stand for a post that is not here."""
    yield f"## {HEADINGS[missing.reason]}"
    yield written(view, said.gap(view, missing))
