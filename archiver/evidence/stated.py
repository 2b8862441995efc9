"""What answers that are left say of posts, by their plain values: for where a run cannot be read out of them any more.

Only JSON is looked at, and in it the object that bears a post's id: its words, its time, its author. Addresses and
names of others in a text are written in several ways and are passed over.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from html import unescape
from typing import Any

from archiver.errors import SHAPE_ERRORS
from archiver.model import Post
from archiver.text.html import plain

_IDS = ("uri", "id_str", "rest_id")
_WITHIN = ("record", "value", "legacy")  # where platforms put what the author has written
_HTML, _PLAIN = "content", ("full_text", "text")
_TIMES = ("created_at", "createdAt", "indexedAt")
_AUTHORS, _NAMES = ("account", "author", "user"), ("display_name", "displayName", "name")
_QUOTED = re.compile(r'<p class="quote-inline">.*?</p>', re.DOTALL)  # for servers that know no quotes
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
    """Yield what a post has otherwise than each of the objects with its id: its content, its time, its author."""
    parts = [part for one in stated.get(post.id, ()) for part in _parts(one)]
    if any("note_tweet" in one for one in stated.get(post.id, ())):
        parts = [{name: value for name, value in part.items() if name not in _PLAIN} for part in parts]
    words = [_words(text) for part in parts for text in _texts(part)]
    if words and _words(plain(post.content)) not in words:
        yield "content"
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


def _words(text: str) -> list[str]:
    """Return the words of a text, but for what is written in several ways."""
    return [word for word in text.split() if not _NO_WORD.search(word.rstrip("."))]


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(value)).replace(microsecond=0)
    except ValueError:
        return None
    return time if time.tzinfo else None
