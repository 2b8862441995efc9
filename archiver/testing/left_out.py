"""What recorded answers say and a thread does not: where a parser forgets a text, it is a line in a golden file."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from html import unescape
from itertools import pairwise
from typing import Any

from archiver.http.message import Exchange, header
from archiver.model import Thread
from archiver.text import html
from archiver.text.soup import attribute, soup_of

SHORTEST = 8  # letters and blanks of a text; a shorter one is a word of the interface, or stands anywhere
LONGEST = 100
MOST = 5  # lines of one field: more of them are dates, or words of the interface
_LETTERS = re.compile(r"[^\W\d_]{2}")
_MARKUP = re.compile(r"<[a-zA-Z!/]")
_SAID_BY_TAGS = ("alt", "title", "aria-label")


def left_out(thread: Thread, exchanges: Iterable[Exchange]) -> str:
    """Return a line for each text of the answers that no post has: the name of its field, and how it begins."""
    shown = _bare("\n".join(_texts(thread)))
    fields: dict[str, dict[str, None]] = {}
    for exchange in exchanges:
        for field, text in _said(exchange):
            if len(text) >= SHORTEST and _has_words(text) and _bare(text) not in shown:
                fields.setdefault(field, {})[" ".join(text.split())[:LONGEST]] = None
    return "".join(f"{line}\n" for field, texts in fields.items() for line in _lines(field, list(texts)))


def _lines(field: str, texts: list[str]) -> list[str]:
    more = [f"{field} | … and {len(texts) - MOST} more"] if len(texts) > MOST else []
    return [*(f"{field} | {text}" for text in texts[:MOST]), *more]


def _said(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Yield the texts of an answer, each with the field, and within markup the attribute, that holds it."""
    if header(exchange.headers, "content-type").partition(";")[0].endswith("html"):
        yield from _in_markup("page", exchange.body.decode("utf-8", "replace"))
        return
    try:
        value = json.loads(exchange.body)
    except (ValueError, RecursionError):
        return
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        field, value = stack.pop()
        if isinstance(value, dict):
            stack += reversed([(str(key), below) for key, below in value.items()])
        elif isinstance(value, list):
            stack += [(field, below) for below in reversed(value)]
        elif isinstance(value, str):
            yield from _in_markup(field, value) if _MARKUP.search(value) else [(field, unescape(value))]


def _in_markup(field: str, text: str) -> Iterator[tuple[str, str]]:
    soup = soup_of(text)
    for tag in soup.find_all(True):
        for name in _SAID_BY_TAGS:
            yield f"{field}@{name}", attribute(tag, name)
    for tag in soup.find_all(["script", "style", "head"]):
        tag.decompose()
    yield from ((field, line) for line in soup.get_text("\n").split("\n"))


def _texts(value: Any) -> Iterator[str]:
    if is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, str):
        yield html.plain(value) if _MARKUP.search(value) else value


def _has_words(text: str) -> bool:
    """Whether two words follow each other: names, hashes and addresses have none."""
    return any(all(map(_LETTERS.search, pair)) for pair in pairwise(text.split()))


def _bare(text: str) -> str:
    """Return a text as letters and digits alone: sources differ in blanks, signs and what they escape."""
    return "".join(filter(str.isalnum, text))
