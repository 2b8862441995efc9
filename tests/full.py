"""Documents with every field of the model set, by reflection: a field that the model gets later is set as well."""

import itertools
import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from samples import NOON

from archiver.model import (
    Attached,
    Attachment,
    Author,
    Completeness,
    Document,
    Missing,
    Observation,
    Option,
    Poll,
    Post,
    Reason,
    Reduction,
    Role,
    Run,
    Thread,
    Version,
)

Path = tuple[str | int, ...]
_numbers = itertools.count(1)

# What a field has to hold to be one that a document may show; all others hold their own name and a number.
_FORMS = {
    "content": "<p>{}</p>",
    "url": "https://social.example/{}",
    "avatar": "https://files.example/{}.png",
    "picture": "https://files.example/{}.png",
    "file": "media/{}.png",
    "avatar_file": "media/{}.png",
    "media_type": "image/{}",
}


def full(kind: Any, /, **fixed: Any) -> Any:
    """Return a value of a type of the model with every field set; `fixed` are fields that mean something."""
    hints = get_type_hints(kind)
    chosen = {field.name: _value(hints[field.name], field.name) for field in fields(kind) if field.name not in fixed}
    return kind(**chosen, **fixed)


def _value(kind: Any, name: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    number = next(_numbers)
    if origin in (Union, types.UnionType):
        return _value(arguments[0], name)
    if origin is tuple:
        return (_value(arguments[0], name),)
    if origin is Mapping:
        return {}
    if is_dataclass(kind):
        return full(kind)
    if issubclass(kind, Enum):
        return next(iter(kind))
    word = _FORMS.get(name, "{}").format(f"{name}{number}")
    return {str: word, bool: True, int: number, datetime: NOON + timedelta(minutes=number)}[kind]


def full_documents() -> list[Document]:
    """Return documents that hold every type of the model in every place: one in doubt and with gaps, one complete."""
    document = _document()
    proven = full(Completeness, found=4, expected=4, gaps=(), doubts=(), stop="")
    return [document, replace(document, thread=replace(document.thread, completeness=proven))]


def _document() -> Document:
    ann, bo, cy = (full(Author, id=name, handle=f"{name}@social.example") for name in ("ann", "bo", "cy"))

    def post(id_: str, author: Author = ann, **fixed: Any) -> Any:
        bare = {"quote": None, "attachments": (), "poll": None, "in_reply_to": None, "summary": None}
        usual = {"sensitive": False, "keyed_at": None, "indexed_at": None, "truncated": False, "day_only": False}
        return full(Post, id=id_, author=author, **{**bare, **usual, **fixed})

    card, photo = full(Attachment, kind="card"), full(Attachment, kind="image")
    lost = full(Attachment, kind="video", file=None)
    poll = full(Poll, multiple=False, options=(full(Option), full(Option)))
    several = full(Poll, multiple=True, options=(full(Option),))
    gap = full(Missing, id="gap", author="ann", in_reply_to="1", created_at=NOON, reason=Reason.DELETED)
    innermost = post("q3", cy)
    deeper = post("q2", cy, attachments=(photo,), poll=poll, sensitive=True, quote=innermost)
    quoted = post(
        "q1", bo, attachments=(card, photo, lost), poll=several, summary="b", version="v1", truncated=True, quote=deeper
    )
    nodes = (
        post("0", bo),
        full(Post, id="1", author=ann, in_reply_to="0", attachments=(photo, lost, card), poll=poll, quote=quoted),
        post("2", in_reply_to="1", sensitive=True, poll=several),
        gap,
        post("3", in_reply_to="gap", quote=full(Missing, id="q9")),
        post("4", in_reply_to="3"),
        post("5", in_reply_to="1"),
        post("6", cy, in_reply_to="1"),
        full(Missing, id="gap of nobody", author=None, in_reply_to="6"),
    )
    roles = (Role.CONTEXT, *(Role.MAIN,) * 5, Role.BRANCH, Role.REPLY, Role.UNKNOWN)
    whole = full(Completeness, found=4, expected=9, gaps=(gap,))
    seen = (full(Observation, post="2"), full(Observation, post="3", version=""))
    thread = full(
        Thread,
        id="1",
        focus="2",
        platform="mastodon",
        author=ann,
        nodes=nodes,
        completeness=whole,
        roles={node.id: role for node, role in zip(nodes, roles, strict=True)},
        gone=(full(Missing, id="4", author="ann", reason=Reason.DELETED),),
        observations=seen,
    )
    return full(
        Document,
        thread=thread,
        run=full(Run),
        versions={"2": (full(Version),)},
        last_seen={"5": NOON},
        attached=(full(Attached),),
        reductions={"5": full(Reduction)},
    )


def leaves(value: Any, path: Path = (), name: str = "document") -> Iterator[tuple[str, Path, Any]]:
    """Yield what a document holds that has no parts: what it is, as in `post.content`, its path, and its value."""
    if is_dataclass(value):
        for field in fields(value):
            below = getattr(value, field.name)
            named = f"{_name(value, name)}.{field.name}"
            yield from leaves(below, (*path, field.name), named)
    elif isinstance(value, Mapping) or (isinstance(value, tuple) and value):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, below in items:
            yield from leaves(below, (*path, key), name)
    elif value not in (None, (), {}):
        yield name, path, value


def _name(value: Any, place: str) -> str:
    """Return what a part of a document is called: in a quote, a card and among what is gone it is another thing."""
    if isinstance(value, Attachment) and value.kind == "card":
        return "card"
    kind = {"Missing": "gap"}.get(type(value).__name__, type(value).__name__.lower())
    field = place.partition(".")[2]
    if field == "quote":
        return "quoted_gap" if kind == "gap" else "quote"
    return "gone" if field == "gone" else kind


def with_leaf(document: Any, path: Path, value: Any) -> Any:
    """Return a document with another value at a path."""
    if not path:
        return value
    key, *rest = path
    if is_dataclass(document) and not isinstance(document, type):
        return replace(document, **{str(key): with_leaf(getattr(document, str(key)), tuple(rest), value)})
    if isinstance(document, Mapping):
        return {**document, key: with_leaf(document[key], tuple(rest), value)}
    place = int(key)
    return (*document[:place], with_leaf(document[place], tuple(rest), value), *document[place + 1 :])


def others(name: str, value: Any) -> Iterator[Any]:
    """Yield values that may stand in the place of another: the same kind of thing, and something else."""
    if isinstance(value, Enum):
        yield from (member for member in type(value) if member is not value)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, datetime):
        yield value + timedelta(minutes=1)
        yield value + timedelta(days=40)
    elif name.endswith(".content"):
        yield value.replace("<p>", "<p>More of ")
    elif name.endswith(".kind"):
        yield "audio"
    elif isinstance(value, str):
        yield value.replace(".png", "x.png") if value.endswith(".png") else f"{value}x"
