"""A document as one JSON object that loses nothing, and the way back; docs/json.md has the fields.

Every field of the model is there under its own name, whether it is given or not. What may be a post or a gap says so in
`is`. Times are ISO 8601 in UTC.
"""

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from archiver.errors import SHAPE_ERRORS, ParseError
from archiver.exporters.style import USUAL, Style
from archiver.model import Document, Missing, Post
from archiver.text.characters import replace_surrogates

FORMAT = "thread-json/1"
_NODES = {"post": Post, "missing": Missing}


def exact(document: Document, style: Style = USUAL) -> str:
    """Return a document as JSON, ending with a newline; the style has no say in it."""
    plain = {"format": FORMAT, **_plain(document)}
    return replace_surrogates(json.dumps(plain, ensure_ascii=False, indent=1)) + "\n"


def read_exact(text: str) -> Document:
    """Return the document that was written. Raises ParseError for anything else."""
    try:
        plain = json.loads(text)
        if plain.pop("format") != FORMAT:
            raise ParseError(f"the format is not {FORMAT}")
        document: Document = _made(Document, plain)
    except SHAPE_ERRORS as error:
        raise ParseError(f"no thread as {FORMAT} has it ({type(error).__name__}: {error})") from error
    return document


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        kind = next(({"is": name} for name, node in _NODES.items() if isinstance(value, node)), {})
        return {**kind, **{one.name: _plain(getattr(value, one.name)) for one in fields(value)}}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(content) for key, content in value.items()}
    if isinstance(value, tuple):
        return [_plain(content) for content in value]
    return value


def _made(kind: Any, plain: Any) -> Any:
    """Return what JSON says as the type that the model has for it."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if plain is None else _made(_one_of(arguments, plain), plain)
    if origin is tuple:
        return tuple(_made(arguments[0], one) for one in plain)
    if origin is Mapping:
        return {key: _made(arguments[1], content) for key, content in plain.items()}
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{name: _made(hints[name], content) for name, content in plain.items() if name != "is"})
    if kind is datetime:
        return datetime.fromisoformat(plain)
    return kind(plain) if isinstance(kind, type) and issubclass(kind, StrEnum) else plain


def _one_of(arguments: tuple[Any, ...], plain: Any) -> Any:
    if isinstance(plain, dict) and "is" in plain:
        return _NODES[plain["is"]]
    return next(one for one in arguments if one is not types.NoneType)
