"""Whole pages -> tags, texts and attributes. What must be there and is not is an error of shape, and never None."""

import re
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from bs4.element import PageElement

_SPACES = re.compile(r"\s+")


def soup_of(html: bytes | str) -> "BeautifulSoup":
    """Parse a page, whatever it is: pages come in every encoding and form, and some are no pages."""
    from bs4 import BeautifulSoup

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "looks like XML", "looks like a file name": said to who wrote the program
        return BeautifulSoup(html, "html.parser")


def first(tag: "Tag", selector: str) -> "Tag":
    """Return the first tag below that a CSS selector finds. Raises KeyError where there is none."""
    if below := tag.select_one(selector):
        return below
    raise KeyError(f"no {selector} on the page")


def attribute(tag: "Tag | None", name: str) -> str:
    """Return an attribute, "" where the tag or the attribute is not there."""
    value = tag.get(name) if tag else None
    return " ".join(value) if isinstance(value, list) else value or ""


def words(tag: "Tag | None") -> str:
    """Return the text of a tag in one line, "" where the tag is not there; a picture counts as its description."""
    if tag is None:
        return ""
    return _SPACES.sub(" ", "".join(map(_piece, tag.descendants))).strip()


def _piece(part: "PageElement") -> str:
    from bs4 import Tag

    if isinstance(part, Tag):
        return attribute(part, "alt") if part.name == "img" else ""
    return str(part)
