"""HTML as values: text is escaped where it comes in, and only what is `Safe` is written as it is."""

import re
from collections.abc import Iterable
from html import escape

from archiver.text.characters import BIDI_OVERRIDES, sound
from archiver.text.urls import is_safe

_LINE_ENDS = re.compile(r"(?<!\s)\s*[\n\u2028\u2029]\s*")
_OVERRIDES = re.compile(f"[{BIDI_OVERRIDES}]")
_VOID = frozenset(("meta", "img", "input"))
_BLOCKS = """
    article audio body circle dd details div dl dt figcaption figure footer form h1 h2 h3 head header html li line main
    meta nav ol p path rect section summary svg ul video
"""
_OWN_LINE = frozenset(_BLOCKS.split())


class Safe(str):
    """Markup that was made here, and no text of anybody."""

    __slots__ = ()


Content = str | None | Iterable["Content"]
Attribute = str | int | float | bool | None


def tag(name: str, /, *content: Content, **attributes: Attribute) -> Safe:
    """Return an element. An attribute's name loses its last `_`, any other is a hyphen; None and False leave it out."""
    pairs = "".join(
        [f" {_name(key)}{_value(value)}" for key, value in attributes.items() if value not in (None, False)]
    )
    end = "\n" if name in _OWN_LINE else ""  # a file that can be read and compared; inside of a post nothing is added
    return Safe(f"<{name}{pairs}>{end}" if name in _VOID else f"<{name}{pairs}>{joined(*content)}</{name}>{end}")


def joined(*content: Content) -> Safe:
    """Return texts, elements, and lists of both, one after the other."""
    return Safe("".join([text(part) if isinstance(part, str) else joined(*(part or ())) for part in content]))


def text(words: str) -> Safe:
    """Return a text escaped, for the content of an element; markup as it is."""
    return words if isinstance(words, Safe) else Safe(escape(sound(words), quote=False))


def line(words: str) -> str:
    """Return a name or a title as one line, without what would turn the text around it."""
    return _OVERRIDES.sub("", _LINE_ENDS.sub(" ", sound(words))).strip()


def link(words: Content, url: str | None, **attributes: Attribute) -> Safe:
    """Return a link, or only its text where the address is not safe."""
    return tag("a", words, href=url, **attributes) if url and is_safe(url) else joined(words)


def between(separator: str, parts: Iterable[Content]) -> Safe:
    """Return what is not empty, with a separator in between."""
    return Safe(text(separator).join([part for part in map(joined, parts) if part]))


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: Attribute) -> str:
    return "" if value is True else f'="{escape(sound(str(value)))}"'
