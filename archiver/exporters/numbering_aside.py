"""The author's numbering of the posts, "7/40" or a reel of thread, set aside where a text is to run on without it.

Only what every post has in the same place is set aside, and it is handed over, so that nothing is lost.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from archiver.model import Post
from archiver.text.blocks import Block, Line, Run, text_of, write
from archiver.text.reader import read

_NUMBER = r"[(\[]?(?P<number>\d{1,3})\s?/\s?(?P<total>\d{1,3})?[)\]]?"
_REEL = r"🧵"
_MARKS = (rf"(?:{_REEL}\s?)?{_NUMBER}(?:\s?{_REEL})?[.:]?", _REEL)
_AT_START = tuple(re.compile(rf"(?P<mark>{mark})(?:\s+|$)") for mark in _MARKS)
_AT_END = tuple(re.compile(rf"(?:^|(?<=\s))(?P<mark>{mark})$") for mark in _MARKS)


class Aside(NamedTuple):
    """A post's content without its numbering, and what that was."""

    content: str
    mark: str


_Cut = Callable[[list[Block]], "tuple[list[Block], re.Match[str]] | None"]


def aside(posts: Iterable[Post]) -> dict[str, Aside]:
    """Return each post's content without its numbering, by its id; nothing unless all posts are numbered alike."""
    posts = list(posts)
    for number, start in enumerate((*_AT_START, *_AT_END)):
        cut = _at_start if number < len(_AT_START) else _at_end
        found = [cut(list(read(post.content)), start) for post in posts]
        if len(posts) > 1 and all(found) and _in_order([match for _, match in filter(None, found)]):
            return {
                post.id: Aside(write(blocks), match["mark"])
                for post, (blocks, match) in zip(posts, filter(None, found), strict=True)
            }
    return {}


def _in_order(matches: Sequence[re.Match[str]]) -> bool:
    """Whether numbers rise, and are of one total; marks without a number are always in order."""
    if "number" not in matches[0].re.groupindex:
        return True
    numbers = [int(match["number"]) for match in matches]
    return len({match["total"] for match in matches}) == 1 and numbers == sorted(set(numbers))


def _at_start(blocks: list[Block], pattern: re.Pattern[str]) -> tuple[list[Block], re.Match[str]] | None:
    if not blocks or not _is_plain(blocks[0], 0):
        return None
    first = blocks[0].lines[0]
    match = pattern.match(first[0].text)
    if match is None:
        return None
    rest = first[0]._replace(text=first[0].text[match.end() :])
    return [*_without(blocks[0], [(rest, *first[1:]), *blocks[0].lines[1:]]), *blocks[1:]], match


def _at_end(blocks: list[Block], pattern: re.Pattern[str]) -> tuple[list[Block], re.Match[str]] | None:
    if not blocks or not _is_plain(blocks[-1], -1):
        return None
    last = blocks[-1].lines[-1]
    match = pattern.search(last[-1].text)
    if match is None:
        return None
    rest = last[-1]._replace(text=last[-1].text[: match.start()].rstrip())
    return [*blocks[:-1], *_without(blocks[-1], [*blocks[-1].lines[:-1], (*last[:-1], rest)])], match


def _is_plain(block: Block, place: int) -> bool:
    """Whether a block is a paragraph on its own that begins, or ends, with text under no mark."""
    line = block.lines[place] if block.lines else ()
    return block.tag == "p" and not block.containers and bool(line) and not line[place].marks


def _without(block: Block, lines: list[Sequence[Run]]) -> list[Block]:
    """Return the block with other lines, those that have become empty at its ends left out; nothing if all have."""
    kept: list[Line] = [tuple(run for run in line if run.text) for line in lines]
    while kept and not text_of(kept[0]).strip():
        kept = kept[1:]
    while kept and not text_of(kept[-1]).strip():
        kept = kept[:-1]
    return [block._replace(lines=tuple(kept))] if kept else []
