"""HTML -> blocks. It takes any HTML, however wrong; what each element does stands in the table at the end."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from archiver.text.blocks import CODE, LISTS, LOOSE, STRONG, Block, Container, Mark, Run, joined
from archiver.text.tokens import TEXT, Token, attributes_of, tokens
from archiver.text.urls import resolved

DEPTH = 24
"""Quotes and lists nested deeper than this become part of the one around them."""

_EM, _DEL = Mark("em"), Mark("del")
_MARKS = {
    "em": _EM,
    "i": _EM,
    "strong": STRONG,
    "b": STRONG,
    "del": _DEL,
    "s": _DEL,
    "strike": _DEL,
    "code": CODE,
    "sub": Mark("sub"),
    "sup": Mark("sup"),
}
_RUBY = {name: Mark(name) for name in ("ruby", "rt", "rp")}
_BOUNDARIES = """
    address article aside body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form
    header hgroup hr html legend main menu nav section summary table tbody td tfoot th thead tr
"""
_WITHOUT_TEXT = """
    applet audio canvas datalist head iframe math noembed noframes noscript object script select style svg template
    textarea title video xmp
"""
_DROPPED = frozenset(_WITHOUT_TEXT.split())
_START = re.compile(r"\s*([0-9]{1,8})\s*")  # Markdown has numbers of nine digits at most
_HTML_SPACE = " \t\n"


def read(html: str, base: str = "") -> list[Block]:
    """The blocks of a fragment with white space as it stands in the source, relative links resolved against base."""
    reader = _Reader(base)
    for name, value in _without_dropped(tokens(html)):
        if name == TEXT:
            reader.text(value)
        elif handler := _HANDLERS.get(name):
            handler(reader, name, value)
    reader.end_block()
    return reader.blocks


def _without_dropped(source: Iterable[Token]) -> Iterator[Token]:
    """The tokens outside of elements whose content is nothing to read."""
    dropped, depth = "", 0
    for name, value in source:
        if depth:
            depth += (name == dropped) - (name == "/" + dropped)
        elif name in _DROPPED and not value.endswith("/"):
            dropped, depth = name, 1
        else:
            yield name, value


class _Reader:
    """Where we stand in the document: the open containers and marks, and the lines of the block in the making."""

    def __init__(self, base: str) -> None:
        self.blocks: list[Block] = []
        self._base = base
        self._containers: list[Container] = []
        self._flattened: Counter[str] = Counter()
        self._marks: list[Mark] = []
        self._opened: Counter[str] = Counter()
        self._tag = LOOSE
        self._lines: list[list[Run]] = [[]]

    def text(self, text: str) -> None:
        """Text, here with the marks that are open now; a `pre` has none, and newlines in it end lines."""
        if self._tag == "pre":
            first, *more = text.split("\n")
            self._lines[-1].append(Run(first))
            self._lines += [[Run(line)] for line in more]
        elif _RUBY["rp"] not in self._marks:
            self._lines[-1].append(Run(text, tuple(self._marks)))

    def image(self, name: str, attributes: str) -> None:
        """An image inside a text stands for its description: custom emoji are such images."""
        self.text(attributes_of(attributes).get("alt", ""))

    def end_line(self, name: str, attributes: str) -> None:
        """A line break."""
        self._lines.append([])

    def start_block(self, name: str, attributes: str) -> None:
        """A paragraph, heading or `pre` begins; one inside another ends it."""
        self.end_block()
        self._tag = name

    def end_block(self, name: str = "", attributes: str = "") -> None:
        """A block ends here, or a boundary parts two pieces of loose text."""
        lines = tuple(map(joined, self._lines))
        if any(run.text.strip(_HTML_SPACE) or (run.text and self._tag) for line in lines for run in line):
            self._enter_item()
            self.blocks.append(Block(tuple(self._containers), self._tag, lines))
            # Browsers would carry an unclosed link on; a long address over many blocks is an attack.
            self._drop_marks("a")
        self._tag, self._lines = LOOSE, [[]]

    def start_container(self, name: str, attributes: str) -> None:
        """A quote or list begins."""
        self.end_block()
        if len(self._containers) >= DEPTH:
            self._flattened[name] += 1
            return
        self._enter_item()
        start = _START.fullmatch(attributes_of(attributes).get("start", "")) if name == "ol" else None
        self._containers.append(Container(name, int(start[1]) if start else 1))

    def end_container(self, name: str, attributes: str) -> None:
        """A quote or list ends, and whatever is still open in it."""
        self.end_block()
        tag = name[1:]
        if self._flattened[tag]:
            self._flattened[tag] -= 1
        else:
            del self._containers[self._last(tag) :]

    def start_item(self, name: str, attributes: str) -> None:
        """The item before ends only now: what strays between two items belongs to the first."""
        self.end_block()
        if self._containers and self._containers[-1].tag == "li":
            self._containers.pop()
        self._enter_item()

    def end_item(self, name: str, attributes: str) -> None:
        """What is still open in the item ends; the item itself stays for strays."""
        self.end_block()
        del self._containers[self._last("li") + 1 :]

    def start_mark(self, name: str, attributes: str) -> None:
        """Emphasis and its kin; nested in its own kind it changes nothing."""
        mark = _MARKS[name]
        self._opened[mark.tag] += 1
        if self._opened[mark.tag] == 1:
            self._add_mark(mark)

    def end_mark(self, name: str, attributes: str) -> None:
        """The outermost of its kind ends the mark, whatever was opened in between."""
        tag = _MARKS[name[1:]].tag
        self._opened[tag] -= self._opened[tag] > 0
        if not self._opened[tag]:
            self._drop_marks(tag)

    def start_link(self, name: str, attributes: str) -> None:
        """A link ends the one before. One that leads nowhere safe is only its text."""
        self._drop_marks("a")
        values = attributes_of(attributes)
        if url := resolved(values.get("href", ""), self._base):
            self._add_mark(Mark("a", url, _kind_of(values)))

    def start_ruby(self, name: str, attributes: str) -> None:
        """Text with a reading beside it; `rt` and `rp` mean something in a `ruby` only, and end one another."""
        self._drop_marks("rt", "rp")
        if (name == "ruby") != (_RUBY["ruby"] in self._marks):
            self._add_mark(_RUBY[name])

    def end_ruby(self, name: str, attributes: str) -> None:
        """With the `ruby` its readings end."""
        self._drop_marks("rt", "rp", name[1:])

    def end_link(self, name: str, attributes: str) -> None:
        """The link ends; a second one to the same address will be another link."""
        self._drop_marks("a")

    def _add_mark(self, mark: Mark) -> None:
        # Code is innermost, for in Markdown it can hold nothing but text.
        self._marks.insert(len(self._marks) - (self._marks[-1:] == [CODE]), mark)

    def _drop_marks(self, *tags: str) -> None:
        self._marks = [mark for mark in self._marks if mark.tag not in tags]

    def _enter_item(self) -> None:
        # A list holds items and nothing else.
        if self._containers and self._containers[-1].tag in LISTS:
            self._containers.append(Container("li"))

    def _last(self, tag: str) -> int:
        """The place of the innermost container of a kind; past the end if there is none."""
        places = [place for place, container in enumerate(self._containers) if container.tag == tag]
        return places[-1] if places else len(self._containers)


def _kind_of(attributes: dict[str, str]) -> str:
    classes = attributes.get("class", "").split()
    # Mastodon's hashtags are of the class "mention" too.
    if "hashtag" in classes or "tag" in attributes.get("rel", "").split():
        return "hashtag"
    return "mention" if "mention" in classes else "link"


_Handler = Callable[[_Reader, str, str], None]


def _both(names: Iterable[str], start: _Handler, end: _Handler) -> dict[str, _Handler]:
    return {tag: handler for name in names for tag, handler in ((name, start), ("/" + name, end))}


_HANDLERS: dict[str, _Handler] = {
    "br": _Reader.end_line,
    "/br": _Reader.end_line,
    "img": _Reader.image,
    **_both(["a"], _Reader.start_link, _Reader.end_link),
    **_both(_MARKS, _Reader.start_mark, _Reader.end_mark),
    **_both(_RUBY, _Reader.start_ruby, _Reader.end_ruby),
    **_both(("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre"), _Reader.start_block, _Reader.end_block),
    **_both(("blockquote", *LISTS), _Reader.start_container, _Reader.end_container),
    **_both(["li"], _Reader.start_item, _Reader.end_item),
    **_both(_BOUNDARIES.split(), _Reader.end_block, _Reader.end_block),
}
