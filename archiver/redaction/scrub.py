"""Take the content of posts out of kept answers. Pure: bytes in, bytes out.

In JSON the objects that are such a post keep their ids, times and references, so that the rest of a thread still hangs
together, and lose everything else. Pieces of its text and the addresses of its files are emptied wherever else they
stand, such as in a link preview; what other people's posts say themselves is left. Anything that is no JSON (a page, a
repository's blocks) and holds the post goes as a whole: nobody can tell what it says where.
"""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, reduce
from html import unescape
from itertools import chain, groupby
from operator import or_
from typing import Any

from archiver.http.message import LARGEST_CONTENT
from archiver.json_names import JsonNames
from archiver.model import Post
from archiver.platforms import platforms
from archiver.text.html import plain

SHORTEST = 16  # characters of a piece of text by which it is known; fewer may be anybody's
BEGINNING = 40  # characters that are left of a text where somebody cuts it
TAIL = 6  # characters of the end of an id by which a page is known to hold the post
CAR = "ipld.car"
EMPTY: tuple[Any, ...] = ("", None, [])  # what stands where something was taken out

_TARGET = re.compile(r"//|www\.|[@#]|(?<!^)/")  # in a word that is shown differently in different places

_KEPT_ENDINGS = re.compile(r"(?:_id|_ids|_id_str|_at|_keys?|Id|IdStr|At)$")
_PLACES = frozenset(("geo", "coordinates", "place", "location"))

# What is called so everywhere; each platform adds its own.
_COMMON = JsonNames(
    texts=frozenset(("text", "content")),
    ids=frozenset(("id",)),
    kept=frozenset(("id", "type", "date", "lang", "language", "state")),
    emptied=frozenset(("mentions", "tags", "options")),
)


@cache
def names() -> JsonNames:
    """Return what any platform calls things: a kept answer does not say whose it is."""
    return reduce(or_, (platform.names for platform in platforms()), _COMMON)


@dataclass(frozen=True, slots=True)
class Content:
    """By what posts are known in an answer: their ids and addresses, pieces of what they say, their files."""

    ids: frozenset[str] = frozenset()
    urls: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    def __or__(self, other: "Content") -> "Content":
        return Content(self.ids | other.ids, self.urls | other.urls, self.words | other.words, self.files | other.files)

    @property
    def tails(self) -> frozenset[str]:
        """The ends of the ids, which addresses of all kinds have in them."""
        ends = {id_: id_.rstrip("/").rpartition("/")[2] for id_ in self.ids}
        return frozenset(end if len(end) >= TAIL else id_ for id_, end in ends.items())


def content_of(post: Post) -> Content:
    """Return by what a post is known."""
    options = [option.text for option in post.poll.options] if post.poll else []
    files = [(file.alt, file.title, file.description) for file in post.attachments]
    texts = [plain(post.content), post.summary, post.location, *options, *chain.from_iterable(files)]
    media = {file.url for file in post.attachments if file.kind != "card" and len(file.url) >= SHORTEST}
    return Content(frozenset([post.id]), frozenset([post.url]), words_of(filter(None, texts)), frozenset(media))


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the pieces of texts by which they are known wherever somebody repeats them."""
    lines = (line.split() for text in texts for line in text.splitlines())
    groups = (groupby(line, lambda word: _TARGET.search(word) is None) for line in lines)
    pieces = [" ".join(words) for group in groups for is_plain, words in group if is_plain]
    long = {piece for piece in pieces if len(piece) >= SHORTEST}
    return frozenset(long | {piece[:BEGINNING].rstrip() for piece in long})


def scrubbed(body: bytes, what: Content, *, kind: str = "", url: str = "", all_of_it: bool = False) -> bytes | None:
    """Return what is left of an answer's content, b"" for nothing, None where it holds none of the posts.

    `kind` is its media type, `url` the address that gave it; `all_of_it` leaves nothing of what holds any of them.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return b"" if _holds(body, what, kind, url) else None
    if all_of_it and any(_whose(node, what) for node in _objects(value)):
        return b""
    walk = _Walk(what, _beside(value, what))
    box = [value]
    walk.all(box)
    if not walk.changed:
        return None
    return b"" if all_of_it else json.dumps(box[0], separators=(",", ":")).encode()


def taken(before: bytes, after: bytes) -> tuple[str, ...]:
    """Return where values were taken out of an answer's content, as JSON pointers (RFC 6901).

    Raises ValueError where anything else was changed: a redaction takes away, and puts nothing in.
    """
    places: list[str] = []
    stack = [("", json.loads(before), json.loads(after))]
    while stack:
        place, was, rest = stack.pop()
        if isinstance(was, dict) and isinstance(rest, dict) and list(was) == list(rest):
            stack += [(f"{place}/{_escaped(key)}", was[key], rest[key]) for key in was]
        elif isinstance(was, list) and isinstance(rest, list) and len(was) == len(rest):
            stack += [(f"{place}/{at}", *pair) for at, pair in enumerate(zip(was, rest, strict=True))]
        elif isinstance(was, dict | list) or repr(was) != repr(rest):  # NaN is not equal to itself, True is to 1
            if rest not in EMPTY:
                raise ValueError(f"at {place or 'its top'} stands what was not in the answer")
            places.append(place)
    return tuple(sorted(places))


def standing(content: bytes, places: Iterable[str]) -> Iterator[str]:
    """Yield which of these places of what is left still hold something. Raises ValueError where that is no JSON."""
    try:
        value = json.loads(content)
    except ValueError:
        value = json.loads(opened(content))
    for place in places:
        node = value
        for name in place.split("/")[1:]:
            key = name.replace("~1", "/").replace("~0", "~")
            node = node[int(key)] if isinstance(node, list) else node[key]
        if node not in EMPTY:
            yield place


def opened(body: bytes) -> bytes:
    """Return what can be read of a body that may be packed, damaged or cut."""
    for window in (47, 15, -15):  # gzip or zlib by its head; zlib; bare
        with suppress(zlib.error):
            return zlib.decompressobj(window).decompress(body, LARGEST_CONTENT)
    return body


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def is_said(text: str, what: Content) -> bool:
    """Whether a text repeats something of the posts."""
    if len(text) < SHORTEST:
        return False
    sentence = " ".join(unescape(_without_tags(text)).split())
    return any(word in sentence or word in text for word in what.words)


def _without_tags(text: str) -> str:
    *parts, last = text.split(">")
    return "".join(part.partition("<")[0] + (" " if "<" in part else ">") for part in parts) + last


def _holds(body: bytes, what: Content, kind: str, url: str) -> bool:
    text = body.decode("utf-8", "replace")
    if is_said(text, what) or any(file in text for file in what.files) or any(tail in url for tail in what.tails):
        return bool(body)
    # The blocks of one record name those that it answers; they hold no word of them.
    return CAR not in kind and any(name in text for name in (*what.tails, *what.ids))


def _beside(value: Any, what: Content) -> frozenset[str]:
    """Return the keys of what an answer holds beside the posts, such as their files in X's interface."""
    keys: set[str] = set()
    for node in _objects(value):
        if _whose(node, what):
            attached = node.get("attachments")
            lists = attached.values() if isinstance(attached, dict) else ()
            keys.update(
                key for of_kind in lists if isinstance(of_kind, list) for key in of_kind if isinstance(key, str)
            )
    return frozenset(keys)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _whose(node: dict[str, Any], what: Content) -> bool | None:
    """Whether an object is one of the posts, or (False) another post; None where it is no post."""
    if not _is_post(node):
        return None
    ids = [str(node[name]) for name in sorted(names().ids) if isinstance(node.get(name), str | int)]
    if any(id_ in what.ids for id_ in ids) or str(node.get("url")) in what.urls:
        return True
    return False if any(_names_post(id_) for id_ in ids) else None


def _names_post(id_: str) -> bool:
    form = names().post_id
    return form is not None and form.search(id_) is not None


def _is_post(node: dict[str, Any]) -> bool:
    if any(isinstance(node.get(name), str) for name in names().texts):
        return True
    inner = [node[name] for name in names().inner if isinstance(node.get(name), dict)]
    return any("text" in part or "full_text" in part for part in inner)


@dataclass(slots=True)
class _Walk:
    """Goes through a value with a stack and changes it in place; a state is what `_whose` tells."""

    what: Content
    beside: frozenset[str]
    changed: bool = False
    _stack: list[tuple[Any, str, bool | None]] = field(default_factory=list)

    def all(self, value: list[Any]) -> None:
        self._stack.append((value, "", None))
        while self._stack:
            node, name, state = self._stack.pop()
            if isinstance(node, dict):
                owner = _whose(node, self.what)
                state = state if owner is None else owner
                if self.beside & {str(node.get("media_key")), str(node.get("id"))} and owner is None:
                    state = True
                for key in list(node):
                    self._visit(node, key, key, state)
            else:
                for at in range(len(node)):
                    self._visit(node, at, name, state)

    def _visit(self, holder: Any, key: Any, name: str, state: bool | None) -> None:
        value = holder[key]
        if isinstance(value, str):
            if not self._stays(name, value, state):
                self._put(holder, key, "")
        elif state and name in _PLACES:
            self._put(holder, key, None)
        elif state and isinstance(value, list) and name in names().emptied:
            self._put(holder, key, [])
        elif isinstance(value, dict | list) and not (state and name in names().people):
            self._stack.append((value, name, state))

    def _put(self, holder: Any, key: Any, value: Any) -> None:
        if holder[key] != value:
            holder[key] = value
            self.changed = True

    def _stays(self, name: str, value: str, state: bool | None) -> bool:
        if state is False:  # the same photo in another post is that post's
            return name in names().texts or not is_said(value, self.what)
        if state is None:
            return not (is_said(value, self.what) or any(file in value for file in self.what.files))
        if name in names().kept or _KEPT_ENDINGS.search(name) or value in self.what.ids | self.what.urls:
            return True
        if name == "uri":
            return _names_post(value) and not value.startswith("http")  # that would be an address
        return name == "url" and any(tail in value for tail in self.what.tails)
