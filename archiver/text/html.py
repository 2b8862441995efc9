"""Foreign HTML -> clean HTML, and what may be read off it.

Clean HTML is the one form in which a post's content is kept: `p h1`–`h6 pre` in `blockquote ul ol li`, and in those
`br a em strong del code sub sup ruby rt` with no attributes but `href`, `class` on a mention or hashtag, and `start`.
All text is in a block. White space is exact, as under CSS `white-space: pre-wrap`: none is there to be collapsed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from archiver.text.blocks import LISTS, LOOSE, PLAIN, Block, Line, Run, events, shared, text_of, with_readings, write
from archiver.text.reader import read
from archiver.text.tokens import attributes_of, source_of, tokens

_SPACE = " \t\n"
_SPACES = re.compile(r"[ \t\n]+")
_QUOTE_FALLBACK = "quote-inline"


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a post; kind is "link", "mention" or "hashtag"."""

    url: str
    text: str
    kind: str = "link"


def clean(html: str, base: str = "") -> str:
    """Hostile or foreign HTML as clean HTML; relative links are resolved against base.

    Scripts, frames, pictures and the like go with their content, other elements leave theirs, links to anything but
    http, https, ftp and mailto leave their text. Empty lines at the edges of a block are not kept.
    """
    return write(block for block_read in read(html, base) for block in _tidied(block_read))


def plain(html: str) -> str:
    """Clean HTML as plain text: `<br>` is a newline, blocks have an empty line between them, items of a list none."""
    blocks = [with_readings(block) for block in read(html)]
    texts = ["\n".join(map(text_of, block.lines)) for block in blocks]
    gaps = ["\n" if _are_in_one_list(one, next_one) else "\n\n" for one, next_one in pairwise(blocks)]
    return "".join([part for pair in zip(texts, [*gaps, ""], strict=False) for part in pair])


def links(html: str) -> tuple[Link, ...]:
    """The links of clean HTML in their order, each with the whole text that it holds."""
    if "<a " not in html:  # so are most posts, and reading one is what saving it costs most
        return ()
    return tuple(link for block in read(html) for link in _links_of(block))


def without_quote_fallback(html: str) -> str:
    """The HTML without the "RE: address" that stands in for a quote where quotes are not known (`quote-inline`).

    For posts whose quote is known otherwise; to be applied before clean().
    """
    if _QUOTE_FALLBACK not in html:
        return html
    pieces: list[str] = []
    element, depth = "", 0
    for name, value in tokens(html):
        if depth:
            depth += (name == element) - (name == "/" + element)
        elif name in ("p", "span") and _QUOTE_FALLBACK in attributes_of(value).get("class", "").split():
            element, depth = name, 1
        else:
            pieces.append(source_of((name, value)))
    return html if depth else "".join(pieces)


def _tidied(block: Block) -> Iterator[Block]:
    """The block with white space as a browser shows it; nothing if that is nothing."""
    lines = list(block.lines) if block.tag == "pre" else list(map(_collapsed, block.lines))
    filled = [number for number, line in enumerate(lines) if text_of(line).strip(_SPACE)]
    if not filled:
        return
    lines = lines[filled[0] : filled[-1] + 1]
    if block.tag != LOOSE:
        yield block._replace(lines=tuple(lines))
    else:
        yield from (block._replace(tag="p", lines=part) for part in _paragraphs(lines))


def _collapsed(line: Line) -> Line:
    """The line with one blank for each run of white space, and none at its ends."""
    out: list[Run] = []
    after_blank = True
    for text, marks in line:
        text = _SPACES.sub(" ", text)
        text = text.removeprefix(" ") if after_blank else text
        if text:
            out.append(Run(text, marks))
            after_blank = text.endswith(" ")
    if out and after_blank:
        out[-1] = out[-1]._replace(text=out[-1].text[:-1])
    return tuple(run for run in out if run.text)


def _paragraphs(lines: list[Line]) -> Iterator[tuple[Line, ...]]:
    """Loose lines cut where exactly one is empty, which is what `<br><br>` means there."""
    part: list[Line] = []
    for has_text, alike in groupby(lines, bool):
        group = list(alike)
        if has_text or len(group) > 1:
            part += group
        else:
            yield tuple(part)
            part = []
    yield tuple(part)


def _are_in_one_list(first: Block, second: Block) -> bool:
    """Whether both are in one list, and not as two paragraphs of one item."""
    common = first.containers[: shared(first.containers, second.containers)]
    return first.containers != second.containers and any(container.tag in LISTS for container in common)


def _links_of(block: Block) -> Iterator[Link]:
    mark, text = PLAIN, ""
    for event in events(block.lines):
        if event.kind == "open" and event.mark.href:
            mark, text = event.mark, ""
        elif event.kind == "close" and event.mark is mark:
            yield Link(mark.href, text, mark.kind)
        else:
            text += event.text or " " * (event.kind == "break")
