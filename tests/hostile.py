"""Documents with something hostile in every text of the model: a field that it gets later is in them as well."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from samples import NOON

from archiver.model import Attached, Author, Document, Missing, Node, Observation, Post, Role, Run, Thread, Version
from archiver.text.html import clean

TEXTS = (
    *("</style><script>alert(1)</script>", "</title><script>alert(1)</script>", "</script><script>alert(1)//"),
    *('" onerror="alert(1)', "' onmouseover='alert(1)", "<img src=x onerror=alert(1)>", "--><svg onload=alert(1)>"),
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>", "file:///etc/passwd"),
    *('https://x.example/"onclick="alert(1)', "https://x.example/a b)(<>\"'", "https://x.example/\n\n# x", "ftp://x/|"),
    *("<!--", "]]>", "&lt;script&gt;", "&#60;b&#62;", "<?xml version='1.0'?>", "</svg><foreignObject>", "</text>"),
    *("](javascript:alert(1))", "![x](https://tracker.example/1.png)", "[x]: https://x.example", "[^1]: note"),
    *('"\n---\nevil: true\n---\n', "# heading\n\n## Post 99", "> quote\n- list\n```\ncode", "| a | b |\n|---|---|"),
    *("{{ site.secret }} {% include x %}", "$a$ ==b== %%c%% ^[d]", "[[a|b]] #tag ^block", "- : |", "1. one", "=\n-"),
    *(
        "\u202eesrever",
        "\u2066a",
        "a\x00b\x1b[31m\x85",
        "\ud83d",
        "\u2028\u2029",
        "\ufeff",
        " ",
        "\t",
        "\r\n",
        "é" * 300,
    ),
    *("media/../../../etc/passwd", "../media/x.png", "media/ab/ab.png", "/etc/passwd", "C:\\con", "CON", "..", "a/b"),
    *("=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "&", "%00", "'", "*", "_", "`", "~", "https://[", "http://a.example:b/"),
)
KINDS = ("image", "video", "gifv", "audio", "file", "card")
LANGUAGES = ("en", "he", "und")

texts = st.sampled_from(TEXTS) | st.text(min_size=1, max_size=20)
numbers = st.none() | st.integers(-1, 2**53)
times = st.integers(0, 10_000).map(lambda minutes: NOON + timedelta(minutes=minutes))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any document of a few posts in which every id means one thing, and every text is somebody's."""
    made = _Maker(draw)
    authors = [made.any(Author) for _ in range(2)]
    nodes = tuple(_node(draw, made, authors, depth=0) for _ in range(draw(st.integers(1, 3))))
    thread: Thread = replace(
        made.any(Thread),
        id=nodes[0].id,
        author=authors[0],
        nodes=nodes,
        roles={node.id: draw(st.sampled_from(Role)) for node in nodes},
        observations=tuple(replace(made.any(Observation), post=draw(st.sampled_from(nodes)).id) for _ in range(2)),
        gone=(replace(made.any(Missing), id=nodes[-1].id),),
    )
    gaps = tuple(node for node in nodes if isinstance(node, Missing))
    whole = replace(thread.completeness, found=draw(st.integers(0, 3)), expected=draw(numbers), gaps=gaps)
    return Document(
        thread=replace(thread, completeness=whole),
        run=made.any(Run),
        versions={nodes[0].id: (made.any(Version), made.any(Version))},
        last_seen={nodes[0].id: NOON},
        attached=(made.any(Attached),),
    )


def _node(draw: st.DrawFn, made: "_Maker", authors: list[Author], depth: int) -> Node:
    if draw(st.integers(0, 3)) == 0:
        return replace(made.any(Missing), id=made.id(), created_at=draw(times))
    post: Post = replace(made.any(Post), id=made.id(), author=draw(st.sampled_from(authors)), quote=None)
    return replace(post, quote=_node(draw, made, authors, depth + 1)) if depth < 3 and draw(st.booleans()) else post


class _Maker:
    """Makes values of any type that the model has."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._count = 0

    def id(self) -> str:
        """Return an id that nobody else has."""
        self._count += 1
        return f"{self._draw(texts)}{self._count}"

    def any(self, kind: Any, name: str = "") -> Any:
        """Return a value of a type; `name` is the field that it is for."""
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Union, types.UnionType):
            return None if self._draw(st.booleans()) else self.any(arguments[0], name)
        if origin is tuple:
            return tuple(self.any(arguments[0], name) for _ in range(self._draw(st.integers(0, 2))))
        if origin is Mapping:
            return {}
        if is_dataclass(kind) and isinstance(kind, type):
            hints = get_type_hints(kind)
            return kind(
                **{one.name: self.any(hints[one.name], one.name) for one in fields(kind) if one.name != "quote"}
            )
        if isinstance(kind, type) and issubclass(kind, Enum):
            return self._draw(st.sampled_from(kind))
        return self._draw(self._one(kind, name))

    def _one(self, kind: Any, name: str) -> st.SearchStrategy[Any]:
        named = {
            "content": texts.map(clean),
            "kind": st.sampled_from(KINDS) | texts,
            "language": st.sampled_from(LANGUAGES) | texts,
        }
        plain = {str: named.get(name, texts), datetime: times, bool: st.booleans(), int: st.integers(0, 2**53)}
        return plain[kind]
