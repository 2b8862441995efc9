"""The lines of one block -> Markdown: texts, links, emphasis and code."""

import re
from collections.abc import Iterator

from archiver.text.blocks import BREAK, STRONG, Block, Event, Line, Run, events, opening, text_of
from archiver.text.escape import (
    EMPTY_LINE,
    HARD_BREAK,
    INSIDE,
    LABEL,
    LINE,
    anchor,
    chained,
    edges,
    escaped,
    paired_in,
    reference,
    with_links,
)
from archiver.text.urls import destination

_EMPHASIS = {"em": "*", "strong": "**"}
_OUTSIDE = "()[].,;:!?\"'"
_SIMPLE_CODE = re.compile(r"(?!.*&#)[^\s{|](?:[^\t\n\u2028\u2029\ufeff{|]*[^\s{|])?")


def inline(block: Block) -> str:
    """The lines of a paragraph with their marks; those of a heading in bold, for the document has its own headings."""
    lines = tuple(map(_bold, block.lines)) if block.tag.startswith("h") else block.lines
    return _Writer(lines).markdown()


def _bold(line: Line) -> Line:
    return tuple(Run(text, (STRONG, *(mark for mark in marks if mark is not STRONG))) for text, marks in line)


class _Writer:
    """The events of a block, between two breaks, and what is written for each of them."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        self._steps = [BREAK, *events(lines), BREAK]
        self._written = [""] * len(self._steps)
        self._text_of_block = "\n".join(map(text_of, lines))
        self._paired = paired_in(self._text_of_block)

    def markdown(self) -> str:
        """The whole block. Emphasis comes last: whether `*` works depends on what stands beside it."""
        spans = list(self._spans())
        self._write_texts()
        for start, end in spans:
            if self._steps[start].mark.href:
                self._write_link(start, end)
        for start, end in spans:
            if not self._steps[start].mark.href:
                self._write_mark(start, end)
        return chained(self._written[1:-1])

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Where each mark opens and closes."""
        opened: list[int] = []
        for place, step in enumerate(self._steps):
            if step.kind == "open":
                opened.append(place)
            elif step.kind == "close":
                yield opened.pop(), place

    def _write_texts(self) -> None:
        in_link = False
        for place, step in enumerate(self._steps[1:-1], 1):
            if step.kind == "break":
                self._written[place] = (EMPTY_LINE if self._steps[place - 1] is BREAK else "") + HARD_BREAK
            elif step.kind == "text":
                self._written[place] = self._text(place, in_link)
            elif step.mark.href:
                in_link = step.kind == "open"

    def _text(self, place: int, in_link: bool) -> str:
        text = self._steps[place].text
        if in_link:
            return escaped(text, LABEL, self._paired)
        starts, ends = self._steps[place - 1] is BREAK, self._steps[place + 1] is BREAK
        lead, core, tail = edges(text)
        write_lead = reference if starts or (ends and not core) else _inside
        write_tail = reference if ends else _inside
        return write_lead(lead) + with_links(core, LINE if starts else INSIDE, self._paired) + write_tail(tail)

    def _write_link(self, start: int, end: int) -> None:
        href = self._steps[start].mark.href
        if end == start + 2:
            self._written[start + 1] = anchor(self._steps[start + 1].text, href, self._paired)
        else:
            self._written[start], self._written[end] = "[", f"]({destination(href)})"

    def _write_mark(self, start: int, end: int) -> None:
        mark = self._steps[start].mark
        if mark.tag == "code" and self._is_simple_code(start, end):
            self._written[start : end + 1] = ["`", self._steps[start + 1].text, "`"]
        elif mark.tag in _EMPHASIS and self._can_be_starred(start, end):
            self._written[start] = self._written[end] = _EMPHASIS[mark.tag]
        else:
            self._written[start], self._written[end] = opening(mark), f"</{mark.tag}>"

    def _is_simple_code(self, start: int, end: int) -> bool:
        """Whether backticks can hold it: text with nothing to escape, with no mark beside it and no other backtick."""
        beside = (self._steps[start - 1], self._steps[end + 1])
        return (
            end == start + 2
            and "`" not in self._text_of_block
            and not any(step.mark.tag for step in beside)
            and not beside[0].text.endswith("\\")
            and _SIMPLE_CODE.fullmatch(self._steps[start + 1].text) is not None
        )

    def _can_be_starred(self, start: int, end: int) -> bool:
        """Whether asterisks work in every viewer.

        That is so on one line, with no other mark inside or beside, and at both ends with a letter or digit inside or
        white space or punctuation outside: a narrow form of what CommonMark allows
        (https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run).
        """
        if any(map(_is_mark, self._steps[start + 1 : end])) or BREAK in self._steps[start:end]:
            return False
        if _is_mark(self._steps[start - 1]) or _is_mark(self._steps[end + 1]):
            return False
        inside = "".join(self._written[start + 1 : end])
        before, after = self._written[start - 1][-1:], self._written[end + 1][:1]
        return _flanks(before, inside[0]) and _flanks(after, inside[-1])


def _inside(spaces: str) -> str:
    return escaped(spaces, INSIDE, "")


def _is_mark(step: Event) -> bool:
    """Whether the step opens or closes anything but a link."""
    return step.kind in ("open", "close") and not step.mark.href


def _flanks(outside: str, inside: str) -> bool:
    # cmark-gfm looks past a tilde for the character that decides.
    may_touch = not outside or outside.isspace() or outside in _OUTSIDE
    return inside.isalnum() or (may_touch and inside != "~" and not inside.isspace())
