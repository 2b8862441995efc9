"""A post as a flat sequence of blocks, each with the quotes and lists that it stands in; and blocks -> HTML.

The nesting of HTML is kept as a path on every block and on every run of text. So nothing is recursive, a wrongly
nested document is as easy to keep as a right one, and what is written is always balanced.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from operator import attrgetter
from typing import Literal, NamedTuple

LISTS = ("ul", "ol")
LOOSE = ""
"""The tag of a block of text that stood in no block element."""


@dataclass(frozen=True, slots=True, eq=False)
class Container:
    """A quote, a list or an item of one. Two that are alike are still two: they compare by identity."""

    tag: str
    start: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """What an inline element says of its text. Like a container it compares by identity: two links stay two."""

    tag: str
    href: str = ""
    kind: str = "link"


class Run(NamedTuple):
    """A stretch of text under the same marks, outermost first."""

    text: str
    marks: tuple[Mark, ...] = ()


Line = tuple[Run, ...]


class Block(NamedTuple):
    """A paragraph, heading or `pre`. Its lines are those that `<br>` makes, or newlines in a `pre`."""

    containers: tuple[Container, ...]
    tag: str
    lines: tuple[Line, ...]


class Event(NamedTuple):
    """One step on the way through the marks and texts of a block."""

    kind: Literal["open", "close", "text", "break"]
    mark: Mark
    text: str = ""


PLAIN = Mark("")
BREAK = Event("break", PLAIN)
STRONG, CODE = Mark("strong"), Mark("code")


def write(blocks: Iterable[Block]) -> str:
    """The blocks as HTML: balanced, attributes in double quotes, no white space but that of the texts."""
    out: list[str] = []
    opened: tuple[Container, ...] = ()
    for containers, tag, lines in blocks:
        common = shared(opened, containers)
        out += [f"</{container.tag}>" for container in reversed(opened[common:])]
        out += [_start_of(container) for container in containers[common:]]
        out += [f"<{tag}>", _inline(lines, "\n" if tag == "pre" else "<br>"), f"</{tag}>"]
        opened = containers
    out += [f"</{container.tag}>" for container in reversed(opened)]
    return "".join(out)


def opening(mark: Mark) -> str:
    """The start tag of a mark. A link names its kind in its class, save the ordinary one."""
    if not mark.href:
        return f"<{mark.tag}>"
    kind = "" if mark.kind == "link" else f' class="{mark.kind}"'
    return f'<{mark.tag} href="{escape(mark.href)}"{kind}>'


def events(lines: Iterable[Line]) -> Iterator[Event]:
    """The lines as openings, closings, texts and breaks. A mark stays open over a break if both sides bear it."""
    opened: tuple[Mark, ...] = ()
    breaks = -1
    for line in lines:
        breaks += 1
        for text, marks in line:
            common = shared(opened, marks)
            yield from (Event("close", mark) for mark in reversed(opened[common:]))
            yield from [BREAK] * breaks
            yield from (Event("open", mark) for mark in marks[common:])
            yield Event("text", PLAIN, text)
            opened, breaks = marks, 0
    yield from (Event("close", mark) for mark in reversed(opened))


def text_of(line: Line) -> str:
    """The text of a line without its marks."""
    return "".join([run.text for run in line])


def with_readings(block: Block) -> Block:
    """The block with the readings of its ruby text in brackets, for forms that cannot set them above it."""
    return block._replace(lines=tuple(joined(map(_read_out, line)) for line in block.lines))


def joined(line: Iterable[Run]) -> Line:
    """The line with neighbouring runs under the same marks made one."""
    runs = groupby(line, attrgetter("marks"))
    return tuple(Run("".join([run.text for run in same]), marks) for marks, same in runs)


def shared(first: Sequence[object], second: Sequence[object]) -> int:
    """How many members two paths have in common before they part."""
    count = 0
    for mine, theirs in zip(first, second, strict=False):
        if mine is not theirs:
            break
        count += 1
    return count


def _read_out(run: Run) -> Run:
    marks = tuple(mark for mark in run.marks if mark.tag not in ("ruby", "rt"))
    is_reading = any(mark.tag == "rt" for mark in run.marks)
    return Run(f"({run.text})" if is_reading else run.text, marks)


def _start_of(container: Container) -> str:
    start = "" if container.start == 1 else f' start="{container.start}"'
    return f"<{container.tag}{start}>"


def _inline(lines: Iterable[Line], line_end: str) -> str:
    written = {
        "open": lambda event: opening(event.mark),
        "close": lambda event: f"</{event.mark.tag}>",
        "text": lambda event: escape(event.text, quote=False),
        "break": lambda event: line_end,
    }
    return "".join([written[event.kind](event) for event in events(lines)])
