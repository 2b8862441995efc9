"""Plain text with marked ranges -> clean HTML. https://docs.bsky.app/docs/advanced-guides/post-richtext"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from archiver.text.blocks import Mark, opening
from archiver.text.characters import paragraphs, replace_surrogates, sound
from archiver.text.urls import is_safe


@dataclass(frozen=True, slots=True)
class Facet:
    """A range that leads somewhere: offsets into the text's UTF-8 bytes, the end not included.

    Kind is "link", "mention" or "hashtag".
    """

    start: int
    end: int
    href: str
    kind: str = "link"


def html_of(text: str, facets: Iterable[Facet] = ()) -> str:
    """The text as clean HTML: one empty line parts paragraphs, every other line end is a `<br>`.

    A facet that is empty, out of range, cuts a character, leads nowhere safe, or begins inside an earlier one
    is ignored.
    """
    marked = "".join(_linked(sound(part), facet) for part, facet in _parts(text, facets))
    lines = [part.replace("\n", "<br>") for part in paragraphs(marked)]
    return "".join([f"<p>{part}</p>" for part in lines])


def _parts(text: str, facets: Iterable[Facet]) -> Iterator[tuple[str, Facet | None]]:
    """The text cut at the facets, in order; text between them comes with None."""
    source = replace_surrogates(text).encode()
    position = 0
    for facet in sorted(facets, key=lambda facet: facet.start):
        if position <= facet.start < facet.end <= len(source) and _is_whole(source, facet) and is_safe(facet.href):
            yield source[position : facet.start].decode(), None
            yield source[facet.start : facet.end].decode(), facet
            position = facet.end
    yield source[position:].decode(), None


def _is_whole(source: bytes, facet: Facet) -> bool:
    """Whether both ends stand between two characters: bytes 0b10xxxxxx continue one."""
    return all(source[at : at + 1] < b"\x80" or source[at : at + 1] >= b"\xc0" for at in (facet.start, facet.end))


def _linked(text: str, facet: Facet | None) -> str:
    """The text as HTML but for its line ends. A link ends with its line, so that paragraphs can be cut there."""
    lines = escape(text, quote=False).split("\n")
    if facet:
        start = opening(Mark("a", sound(facet.href), facet.kind))
        lines = [f"{start}{line}</a>" if line else "" for line in lines]
    return "\n".join(lines)
