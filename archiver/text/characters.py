"""Characters that need care wherever a text goes: they cannot be stored, or they act on the text around them."""

import re

BIDI_OVERRIDES = "\u202a-\u202e\u2066-\u2069"
BIDI_MARKS = "\u061c\u200e\u200f"
REPLACEMENT = "\ufffd"

_NEWLINE = re.compile(r"\r\n?")
_UNSOUND = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PARAGRAPH = re.compile(r"(?<!\n)\n\n(?!\n)")


def sound(text: str) -> str:
    r"""The text with `\n` as its only line end, and U+FFFD for control characters and lone surrogates.

    No form that we write can hold those: XML forbids them, UTF-8 has no surrogates, and a browser shows the
    reference `&#133;` as three dots. The captured bytes keep them.
    """
    return _UNSOUND.sub(REPLACEMENT, _NEWLINE.sub("\n", text))


def replace_surrogates(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which JSON can deliver and UTF-8 cannot hold; as long in bytes."""
    return _SURROGATE.sub(REPLACEMENT, text)


def paragraphs(text: str) -> list[str]:
    """The parts of a text between single empty lines; several empty lines in a row stay lines of a paragraph."""
    text = text.strip("\n")
    return _PARAGRAPH.split(text) if text else []
