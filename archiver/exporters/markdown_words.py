"""Sentences and blocks in Markdown: every part of a sentence in its escape, and what stands between two blocks."""

from collections.abc import Callable

from archiver.exporters.said import (
    Address,
    Clause,
    Copy,
    Ending,
    Foreign,
    Link,
    Part,
    Quoted,
    Sentence,
    Strong,
    Time,
    To,
    plain,
)
from archiver.exporters.view import View
from archiver.exporters.wording import ended, moment, sentence
from archiver.model import Author
from archiver.text.escape import beside, line, link


def by_name(view: View, to: To) -> str:
    """Return what a post or a gap is called within a sentence."""
    return to.words or view.names[to.id].lower()


def written(view: View, said: Sentence, to_post: Callable[[View, To], str] = by_name) -> str:
    """Return a sentence as Markdown; `to_post` writes the names of posts, which lead nowhere unless it says so."""
    return "".join(_part(view, part, to_post) for part in said)


def _words(view: View, part: str) -> str:
    match part:
        case Strong():
            return f"**{part}**"
        case Address():
            return link(part, part) if "://" in part else line(part)
        case Copy():
            return beside(part, view.style.media + part)
        case Clause():
            return sentence(line(part))
        case Ending():
            return ended(line(part))
        case Foreign() | Quoted():
            return line(part)
        case _:
            return part


def _part(view: View, part: Part, to_post: Callable[[View, To], str]) -> str:
    match part:
        case str():
            return _words(view, part)
        case Time(at, words):
            return words or moment(at)
        case Link(words, url):
            return link(plain(view, words), url or "")
        case To():
            return to_post(view, part)
    return byline(part.author, part.short)


def byline(author: Author, short: bool = False) -> str:
    """Return name and linked handle, `short` without the name; the name alone where there is no handle."""
    handle = link(f"@{author.handle}", author.url)
    if short:
        return handle if author.handle else line(author.name)
    if not author.name.strip():
        return handle
    return f"**{line(author.name)}** · {handle}" if author.handle else f"**{line(author.name)}**"


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
