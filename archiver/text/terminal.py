"""Text -> what a terminal may be given: no escape sequences, nothing that reorders or hides what is read."""

import re

from archiver.text.characters import BIDI_MARKS, BIDI_OVERRIDES, REPLACEMENT

_NEWLINE = re.compile(r"\r\n?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# A flag such as Scotland's is a black flag, invisible tag letters and a tag that ends them; elsewhere tags hide text.
_INVISIBLE = re.compile(
    f"(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[{BIDI_OVERRIDES}{BIDI_MARKS}\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    """The text safe to print: U+FFFD for control characters, tabs as a blank, invisible controls gone."""
    text = _CONTROL.sub(REPLACEMENT, _NEWLINE.sub("\n", text).replace("\t", " "))
    return _INVISIBLE.sub(lambda match: match[1] or "", text)
