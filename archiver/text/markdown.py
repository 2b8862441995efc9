"""Clean HTML -> Markdown that shows the same text in every common viewer; docs/markdown.md says how we know.

Where a construct of Markdown does not mean the same everywhere, or not in that spot, HTML elements stand in for it:
the few viewers that drop those still show the whole text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from archiver.text.blocks import CODE, LISTS, Block, Container, Run, shared, text_of, with_readings
from archiver.text.inline import inline
from archiver.text.reader import read

_CODE_INDENT = " " * 4
_NOTHING = "<!-- -->"
# Python-Markdown's parser of HTML stops at an unfinished reference, even in code; marked ends lines at a separator.
_NOT_IN_CODE = re.compile("&#(?![0-9]|[xX][0-9A-Fa-f])|[\u2028\u2029]")
_START = Block((), "", ())
# Neighbours that some parser would make one if only an empty line stood between them.
_MERGING = {
    ("list", "list"),
    ("list", "pre"),
    ("pre", "list"),
    ("pre", "pre"),
    ("pre", "blockquote"),
    ("blockquote", "blockquote"),
}


def markdown(html: str) -> str:
    """Clean HTML as Markdown, with no newline at its end."""
    blocks = [with_readings(block) for block in read(html)]
    markers = _markers(blocks)
    out: list[str] = []
    before, begun = _START, 0
    for block in blocks:
        common = shared(before.containers, block.containers)
        if before is not _START and not (common >= begun and _are_items(before, block, common)):
            out += _lines_between(before, block, common, markers)
        out += _lines_of(block, common, markers)
        before, begun = block, common
    return "\n".join(out)


def quote(markdown: str) -> str:
    """The Markdown as a block quote."""
    return "\n".join([f"> {line}" if line else ">" for line in markdown.split("\n")])


def _markers(blocks: Sequence[Block]) -> dict[Container, str]:
    """What each item begins with: at least four characters, for Python-Markdown knows no other indent."""
    markers: dict[Container, str] = {}
    numbers: Counter[Container] = Counter()
    for block in blocks:
        for around, item in pairwise(block.containers):
            if item.tag == "li" and item not in markers:
                number = f"{around.start + numbers[around]}."
                numbers[around] += 1
                markers[item] = "-   " if around.tag == "ul" else f"{number:3} "
    return markers


def _prefix(containers: Sequence[Container], markers: dict[Container, str]) -> str:
    """What the lines inside these containers begin with, once their items have begun."""
    return "".join(
        ["> " if container.tag == "blockquote" else " " * len(markers.get(container, "")) for container in containers]
    )


def _lines_of(block: Block, common: int, markers: dict[Container, str]) -> Iterator[str]:
    """The lines of a block with their prefixes; the containers from common on begin with it."""
    rest = _prefix(block.containers, markers)
    new = [markers.get(container) or _prefix([container], markers) for container in block.containers[common:]]
    first = _prefix(block.containers[:common], markers) + "".join(new)
    for line in _content(block, common):
        yield (first + line) if line else first.rstrip()
        first = rest


def _content(block: Block, common: int) -> Iterator[str]:
    if block.tag != "pre":
        yield from inline(block).split("\n")
    elif any(map(_NOT_IN_CODE.search, map(text_of, block.lines))):
        yield from inline(_as_paragraph(block)).split("\n")
    else:
        if block.containers[common:] and block.containers[-1].tag == "li":
            yield from (_NOTHING, "")  # an item that began with code would take the code's indent for its own
        yield from (_CODE_INDENT + text if text else "" for text in map(text_of, block.lines))


def _as_paragraph(block: Block) -> Block:
    """Code as lines of a paragraph, where there are escapes."""
    lines = tuple(tuple(Run(text, (CODE,)) for text, _ in line) for line in block.lines)
    return block._replace(tag="p", lines=lines)


def _lines_between(before: Block, block: Block, common: int, markers: dict[Container, str]) -> list[str]:
    """An empty line, and a comment where that would not keep the two apart."""
    prefix = _prefix(block.containers[:common], markers)
    if (_kind(before, common), _kind(block, common)) in _MERGING:
        return [prefix.rstrip(), prefix + _NOTHING, prefix.rstrip()]
    return [prefix.rstrip()]


def _kind(block: Block, common: int) -> str:
    """What the block, or what is around it from common on, is to its neighbour."""
    tag = block.containers[common].tag if common < len(block.containers) else block.tag
    return "list" if tag in LISTS else tag


def _are_items(before: Block, block: Block, common: int) -> bool:
    """Whether each is the text of an item, of one list; if the first holds nothing else, no line need part them."""
    return (
        "pre" not in (before.tag, block.tag)
        and len(before.containers) == len(block.containers) == common + 1
        and before.containers[common].tag == "li"
    )
