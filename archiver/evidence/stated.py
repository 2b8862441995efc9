"""What answers that are left say of posts, by their plain values: for where a run cannot be read out of them any more.

Only JSON is looked at, and in it the object that bears a post's id: its words, links and marks, its time, its author.
Addresses and names of others are written in several ways in a text and are passed over there; where links lead is not.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import unquote

from archiver.errors import SHAPE_ERRORS
from archiver.model import Post
from archiver.text.html import links, plain
from archiver.urls import parts_of

_IDS = ("uri", "id_str", "rest_id")
_WITHIN = ("record", "value", "legacy")  # where platforms put what the author has written
_HTML, _PLAIN = "content", ("full_text", "text")
_TIMES = ("created_at", "createdAt", "indexedAt")
_AUTHORS, _NAMES = ("account", "author", "user"), ("display_name", "displayName", "name")
_QUOTED = re.compile(r'<p class="quote-inline">.*?</p>', re.DOTALL)  # for servers that know no quotes
_NO_MARKS = frozenset(("p", "br", "a", "span"))
_MARKS = {"b": "strong", "i": "em", "strike": "del", "s": "del"}
_TAG = re.compile(r"<([a-z]+[1-6]?)\b", re.IGNORECASE)
_NO_WORD = re.compile(r"[@./…]")

Stated = Mapping[str, list[dict[str, Any]]]


def stated(answers: Iterable[bytes]) -> Stated:
    """Return the objects in answers that bear an id, by that id."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for answer in answers:
        try:
            values = [json.loads(answer)]
        except (*SHAPE_ERRORS, RecursionError):
            continue
        while values:
            value = values.pop()
            if isinstance(value, dict):
                for id_ in {value[name] for name in _IDS if isinstance(value.get(name), str)}:
                    found[id_].append(value)
                values += value.values()
            elif isinstance(value, list):
                values += value
    return found


def contradicted(post: Post, stated: Stated) -> Iterator[str]:
    """Yield what a post has otherwise than each of the objects with its id: content, links, marks, time, author."""
    objects = stated.get(post.id, ())
    parts = [part for one in objects for part in _parts(one)]
    if any("note_tweet" in one for one in objects):
        parts = [{name: value for name, value in part.items() if name not in _PLAIN} for part in parts]
    words = [_words(text) for part in parts for text in _texts(part)]
    if words and _words(plain(post.content)) not in words:
        yield "content"
    if words:
        yield from _beside_words(post, "\n".join(_strings(objects)))
    times = [time for part in parts for name in _TIMES if (time := _time(part.get(name)))]
    if times and post.created_at and post.created_at.replace(microsecond=0) not in times:
        yield "created_at"
    authors = [part[name] for part in parts for name in _AUTHORS if isinstance(part.get(name), dict)]
    names = [_words(name) for one in authors for name in map(one.get, _NAMES) if isinstance(name, str) and name.strip()]
    if names and post.author and _words(post.author.name) not in names:
        yield "author"


def _parts(one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield one
    yield from (one[name] for name in _WITHIN if isinstance(one.get(name), dict))


def _texts(part: dict[str, Any]) -> Iterator[str]:
    """Yield what may be the words of an object; some platforms escape plain text, and some do not."""
    for name in _PLAIN:
        if isinstance(text := part.get(name), str):
            yield from (text, unescape(text))
    if isinstance(html := part.get(_HTML), str):
        yield plain(_QUOTED.sub("", html))


def has_words(id_: str, stated: Stated) -> bool:
    """Whether an answer has words of a post."""
    return any(text.strip() for one in stated.get(id_, ()) for part in _parts(one) for text in _texts(part))


def _beside_words(post: Post, text: str) -> Iterator[str]:
    """Yield what the content of a post has beside its words that is not in the text of the objects."""
    if any(not _is_stated(link.url, post.url, unescape(text)) for link in links(post.content)):
        yield "link"
    if _marks(post.content) - _marks(text):
        yield "mark"


def _is_stated(url: str, own: str, text: str) -> bool:
    """Whether an address is in a text; of people and tags on the platform itself, their name is enough."""
    name = unquote(parts_of(url).path.rstrip("/").rpartition("/")[2]).lstrip("@")
    is_own = parts_of(url).hostname == parts_of(own).hostname
    return url in text or (is_own and bool(name) and name.casefold() in text.casefold())


def _marks(html: str) -> set[str]:
    names = {name.lower() for name in _TAG.findall(html)}
    return {_MARKS.get(name, name) for name in names} - _NO_MARKS


def _strings(value: Any) -> Iterator[str]:
    values = [value]
    while values:
        value = values.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            values += value.values() if isinstance(value, dict) else value


def _words(text: str) -> list[str]:
    """Return the words of a text, but for what is written in several ways."""
    return [word for word in text.split() if not _NO_WORD.search(word.rstrip("."))]


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(value)).replace(microsecond=0)
    except ValueError:
        return None
    return time if time.tzinfo else None
