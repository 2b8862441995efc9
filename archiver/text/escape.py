r"""Plain text -> Markdown that shows exactly that text, in every common viewer.

A backslash stands only before the characters that every dialect takes one before (those of the original Markdown:
``\ ` * _ { } [ ] ( ) # + - . !`` and `>`); all others are written as numeric character references. The tables
below say what is dangerous where. docs/markdown.md says which viewers were checked.
"""

import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

from archiver.text.characters import BIDI_OVERRIDES, paragraphs, replace_surrogates, sound
from archiver.text.urls import bare_urls, destination, is_safe, shows_itself

HARD_BREAK = "  \n"
"""Two blanks: the one line break that all viewers know. A backslash or `<br>` is not."""

EMPTY_LINE = "&#32;"
"""A line with nothing to see on it that does not end the paragraph."""


def backslash(text: str) -> str:
    r"""A backslash before the text: `*` -> `\*`."""
    return "\\" + text


def reference(text: str) -> str:
    """Each character by its number: `|` -> `&#124;`."""
    return "".join([f"&#{ord(character)};" for character in text])


def _entity(text: str) -> str:
    return {"<": "&lt;", "&": "&amp;"}[text]


def _item(text: str) -> str:
    return text[:-1] + {".": r"\.", ")": "&#41;"}[text[-1]]


class Rule(NamedTuple):
    """What is dangerous, and when; how it is written instead; and why: what it would have been taken for.

    What and when are regular expressions; the second looks around from the end of the first.
    """

    name: str
    what: str
    when: str
    write: Callable[[str], str]
    why: str


ANYWHERE = (
    Rule("backslash", r"[\\`*\[\]]", "", backslash, "escapes, code, emphasis, links, footnotes"),
    Rule("underscore", "_", r"(?:(?![0-9A-Za-z])|(?<![0-9A-Za-z]_))", backslash, "emphasis, save inside a word"),
    Rule("tag", "<", "", _entity, "HTML tags, <addresses>"),
    Rule("entity", "&", r"(?=\#|[0-9A-Za-z]{1,40};)", _entity, "character references"),
    Rule("brace", r"[|{]", "", reference, "tables; attribute lists, macros of Jekyll and MkDocs"),
    Rule("space", "[\t\u2028\u2029\ufeff]", "", reference, "Python-Markdown expands tabs; space to JavaScript alone"),
    Rule("highlight", "=", r"(?:(?==)|(?<===))", reference, "==highlights== in Obsidian and MkDocs"),
    Rule("comment", "%", r"(?:(?=%)|(?<=%%))", reference, "%%comments%% in Obsidian"),
    Rule("hash", r"\#", r"(?=\S)", backslash, "tags in Obsidian, numbers of issues on GitHub"),
    Rule("colon", ":", r"(?=[0-9A-Za-z_+\-]+:|//)", reference, ":emoji: on GitHub; addresses that are no links"),
    Rule("www", r"\.", r"(?<=[Ww]{3}\.)", reference, "addresses that are no links"),
    Rule("cite", "@", "(?<=-@)", reference, "-@citations in Pandoc"),
    Rule("image", "!", r"(?=\[)", backslash, "images"),
    Rule("note", r"\^", r"(?=\[)", reference, "^[notes] in Pandoc and Obsidian"),
)

BEFORE_LINK = (
    Rule("image_end", "!", r"\Z", backslash, "the link after it would become an image"),
    Rule("note_end", r"\^", r"\Z", reference, "the link after it would become a note"),
)

PAIRED = "~^$"
"""Dangerous where there are two in a paragraph: struck or lowered text, raised text, mathematics."""

AT_START = (
    Rule("block", r"[\#>]", "", backslash, "headings (Python-Markdown needs no blank after #), quotes"),
    Rule("bullet", r"[+-]", r"(?=\s|\Z)", backslash, "lists"),
    Rule("ruler", "-", r"(?=[-\s:|]*\Z)", backslash, "rules, underlines of headings, delimiters of tables"),
    Rule("fence", "[=:~^%$]", "", reference, "underlines, definitions, fences, comments, mathematics"),
    Rule("admonition", "!", "(?=!!)", backslash, "!!! boxes in MkDocs"),
    Rule("details", "[?/]", r"(?=\?\?|//)", reference, "??? and /// boxes in MkDocs"),
    Rule("bracket", r"\(", r"(?=(?:[0-9]+|[A-Za-z]+|\#|@[\w-]*)\))", reference, "(1) and (@) lists in Pandoc"),
    Rule("item", r"(?:\d+|[A-Za-z]|[IVXLCDMivxlcdm]+)[.)]", r"(?=\s|\Z)", _item, "numbered lists"),
)

IN_LABEL = (Rule("label", r"[\[\]`]", "", reference, "the end of a link, to parsers that overlook backslashes"),)
IN_HEADING = (Rule("closing", r"\#", "", backslash, "the closing marks of a heading"),)


class Place(NamedTuple):
    """Where a text is to stand: the rules for its whole length, and those for its start.

    INSIDE a line of a post, at the start of a LINE, ALONE with anything after it, as the LABEL of a link, as a HEADING.
    """

    anywhere: tuple[Rule, ...]
    at_start: tuple[Rule, ...] = ()


INSIDE = Place(ANYWHERE)
LINE = Place(ANYWHERE, AT_START)
BEFORE = Place(BEFORE_LINK)
ALONE = Place((*BEFORE_LINK, *ANYWHERE), AT_START)
LABEL = Place((*IN_LABEL, *ANYWHERE))
HEADING = Place((*IN_HEADING, *ANYWHERE), AT_START)

_LINE_ENDS = re.compile(r"(?<!\s)\s*[\n\u2028\u2029]\s*")
_OVERRIDES = re.compile(f"[{BIDI_OVERRIDES}\ufffd]")
# What YAML refuses or readers lose; and what would be a tag or a picture to a viewer that takes front matter for text.
_NOT_IN_YAML = re.compile(
    r"<|!(?=\[)|"
    "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ue000-\uf8ff\U000f0000-\U0010ffff]"
)


def escape(text: str) -> str:
    """A text of several lines as Markdown: paragraphs and lines as in the text, bare addresses as links."""
    return "\n\n".join(map(_paragraph, paragraphs(sound(text))))


def line(text: str) -> str:
    """A name, a title or the like as one line of Markdown, alone or inside of a paragraph. It holds no links.

    Line ends become a blank; white space around the text, controls and bidirectional overrides go.
    """
    return escaped(_on_one_line(text), ALONE, PAIRED)


def heading(text: str) -> str:
    """The same for use after `# `."""
    return escaped(_on_one_line(text), HEADING, PAIRED)


def link(text: str, url: str) -> str:
    """A link with the text, or with its address for want of one; only the text if the address is not safe."""
    return anchor(_on_one_line(text) or _on_one_line(url), url, PAIRED) if is_safe(url) else line(text)


def beside(text: str, path: str) -> str:
    """A link with the text to a file beside the document."""
    return f"[{escaped(_on_one_line(text), LABEL, PAIRED)}]({destination(path)})"


def image(alt: str | None, url: str) -> str:
    """An image with its description. The address may be relative."""
    return f"!{beside(alt or '', url)}"


def yaml(value: str) -> str:
    """A double-quoted string for YAML front matter, which every reader of YAML gives back as it was."""
    return _NOT_IN_YAML.sub(_yaml_escape, json.dumps(replace_surrogates(value), ensure_ascii=False))


def escaped(text: str, place: Place, paired: str) -> str:
    """The text with the rules of its place applied, the characters in paired by number wherever they stand."""
    dangerous, write = _compiled(place, paired)
    return dangerous.sub(lambda match: write[match.lastgroup or ""](match[0]), text)


def with_links(text: str, place: Place, paired: str) -> str:
    """The same with bare addresses as links: only escaped, GitHub would still link them and show the backslashes."""
    pieces: list[str] = []
    position = 0
    for start, end, url in bare_urls(text):
        pieces += [escaped(text[position:start], place, paired), anchor(text[start:end], url, paired)]
        position, place = end, INSIDE
    return chained([*pieces, escaped(text[position:], place, paired)])


def chained(pieces: Iterable[str]) -> str:
    """The pieces of a line in a row, where a link may follow a text that ends in ! or ^."""
    out: list[str] = []
    for piece in filter(None, pieces):
        if piece[0] == "[" and out:
            out[-1] = out[-1][:-1] + escaped(out[-1][-1], BEFORE, "")
        out.append(piece)
    return "".join(out)


def edges(text: str) -> tuple[str, str, str]:
    """The white space at its start, the text, the white space at its end; parsers strip both from a line."""
    core = text.strip()
    start = len(text) - len(text.lstrip())
    return text[:start], core, text[start + len(core) :]


def anchor(text: str, url: str, paired: str) -> str:
    """A link to a safe address, as `<address>` if that shows the text."""
    if text == url and shows_itself(url):
        return f"<{url}>"
    return f"[{escaped(text, LABEL, paired)}]({destination(url)})"


def paired_in(text: str) -> str:
    """Which of the paired characters the text holds more than once."""
    return "".join([character for character in PAIRED if text.count(character) > 1])


def _paragraph(text: str) -> str:
    paired = paired_in(text)
    return HARD_BREAK.join([_whole_line(part, paired) or EMPTY_LINE for part in text.split("\n")])


def _whole_line(text: str, paired: str) -> str:
    lead, core, tail = edges(text)
    return reference(lead) + with_links(core, LINE, paired) + reference(tail)


def _on_one_line(text: str) -> str:
    return _OVERRIDES.sub("", _LINE_ENDS.sub(" ", sound(text))).strip()


def _yaml_escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@cache
def _compiled(place: Place, paired: str) -> tuple[re.Pattern[str], dict[str, Callable[[str], str]]]:
    """One expression for all rules, each a named group, and what each group is written as."""
    pairs = (Rule("paired", f"[{re.escape(paired)}]", "", reference, ""),) if paired else ()
    anywhere = (*pairs, *place.anywhere)
    quick = "|".join(rule.what for rule in anywhere)  # most characters are not dangerous: tell so at once
    pattern = rf"(?=(?:{quick}))(?:{_groups(anywhere)})"
    if place.at_start:
        pattern = rf"\A(?:{_groups(place.at_start)})|{pattern}"
    return re.compile(pattern), {rule.name: rule.write for rule in (*place.at_start, *anywhere)}


def _groups(rules: Iterable[Rule]) -> str:
    return "|".join(f"(?P<{rule.name}>{rule.what}{rule.when})" for rule in rules)
