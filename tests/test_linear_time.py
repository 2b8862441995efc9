"""Text of strangers is read in linear time: each regular expression of the package meets what is worst for it.

What is worst is made from the expression itself: for each of its repeats, texts that lead there and then go on and on
without an end. Nothing is held against a clock: what an expression takes is compared with a plain walk over the same
length, in the processor's time. A quadratic one takes some thousand times as long, a linear one at most fifty.
"""

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from samples import a_post, later

import archiver
from archiver.exporters.numbering_aside import aside
from archiver.exporters.sources import differing
from archiver.http.redact import redacted_body, redacted_url
from archiver.model import Observation
from archiver.platforms.x.embeds import parse_embeds
from archiver.text import html
from archiver.text.markdown import markdown

PACKAGE = Path(archiver.__file__).parent
METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
SHORT, LONG = 200, 6000  # at the first a cubic one is found, which would take minutes at the second
BOUND = 150  # times a plain walk
WALK = re.compile(r"(?s)(?:a|.)*+\Z")
SIGNS = (" ", "\xa0", "\n", "a", "0", "-", "<", "/", ".", "é", "世")
CATEGORIES = {code.CATEGORY_SPACE: " \xa0\n", code.CATEGORY_DIGIT: "0", code.CATEGORY_WORD: "a0_"}

Tree = Iterable[tuple[Any, Any]]


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the package, by its name."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name != "__main__.py":
            parts = ["archiver", *path.relative_to(PACKAGE).with_suffix("").parts]
            yield ".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[str, str, ast.Call | None]]:
    """Yield the name that a method of expressions is called on, the method and the call; loops over a name are it."""
    loops: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension):
            names = {each.id for each in ast.walk(node.iter) if isinstance(each, ast.Name)}
            for target in ast.walk(node.target):
                if isinstance(target, ast.Name):
                    loops.setdefault(target.id, set()).update(names)
    for node in ast.walk(tree):
        call = node if isinstance(node, ast.Call) else None
        used = call.func if call else node
        if isinstance(used, ast.Attribute) and used.attr in METHODS:
            value = used.value.value if isinstance(used.value, ast.Subscript) else used.value
            if isinstance(value, ast.Name):
                yield from ((name, used.attr, call) for name in {value.id, *loops.get(value.id, ())})


def patterns(value: object) -> Iterator[re.Pattern[Any]]:
    """The expressions in a value."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | set | frozenset):
        yield from (found for each in value for found in patterns(each))
    elif isinstance(value, dict):
        yield from patterns(tuple(value.values()))


def expressions() -> dict[re.Pattern[Any], tuple[str, set[str]]]:
    """Every expression of the package: where it is, and how it is used, by `search` if that is unclear."""
    trees = dict(sources())
    used: dict[str, set[str]] = {}
    found: dict[re.Pattern[Any], tuple[str, set[str]]] = {}
    for module, tree in trees.items():
        for name, method, call in chain.from_iterable(map(calls, tree.body)):
            used.setdefault(name, set()).add(method)
            if name == "re" and call and isinstance(call.args[0], ast.Constant):
                written = re.compile(call.args[0].value)
                found.setdefault(written, (f"{module}:{call.lineno}", set()))[1].add(method)
    for module in trees:
        for name, value in vars(importlib.import_module(module)).items():
            for pattern in patterns(value):
                found.setdefault(pattern, (f"{module}.{name}", set()))[1].update(used.get(name) or {"search"})
    return found


def signs_of(tree: Tree) -> Iterator[str]:
    """The signs that an expression names."""
    for what, argument in tree:
        if what in (code.LITERAL, code.NOT_LITERAL):
            yield chr(argument)
        elif what is code.RANGE:
            yield chr(argument[0])
        elif what is code.CATEGORY:
            yield from CATEGORIES.get(argument, "a ")
        elif what is code.IN:
            yield from signs_of(argument)
        else:
            yield from (sign for inner in within(what, argument) for sign in signs_of(inner))


def within(what: Any, argument: Any) -> list[Any]:
    """The parts of a node."""
    if what in REPEATS:
        return [argument[2]]
    if what is code.SUBPATTERN:
        return [argument[3]]
    if what is code.BRANCH:
        return list(argument[1])
    if what in (code.ASSERT, code.ASSERT_NOT):
        return [argument[1]]
    return [argument] if what is code.ATOMIC_GROUP else []


def example(tree: Tree) -> str:
    """A text that an expression fits, more or less: what only looks around is left out."""
    text = ""
    for what, argument in tree:
        if what is code.IN and argument[0][0] is code.NEGATE:
            text += next(sign for sign in "a -\n0<" if sign not in set(signs_of(argument)))
        elif what is code.NOT_LITERAL or what is code.ANY:
            text += "b" if argument == ord("a") else "a"
        elif what in (code.LITERAL, code.IN):
            text += next(signs_of([(what, argument)]))
        elif what in REPEATS:
            text += example(argument[2]) * argument[0]
        elif what not in (code.ASSERT, code.ASSERT_NOT):
            text += "".join(example(inner) for inner in within(what, argument)[:1])
    return text


def repeats(tree: Tree, before: str = "") -> Iterator[tuple[str, str]]:
    """Yield for each repeat what leads there, and what it repeats."""
    for node in tree:
        if node[0] in REPEATS and node[1][1] > 30:
            yield before, example(node[1][2])
        for inner in within(*node):
            yield from repeats(inner, before)
        before += example([node])


def hostile(pattern: re.Pattern[Any], length: int) -> Iterator[str]:
    """Texts of this length that lead an expression on and do not fit in the end."""
    flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    tree = list(parser.parse(pattern.pattern, flags))
    signs = list(dict.fromkeys([*signs_of(tree), *SIGNS]))[:24]
    whole, found = example(tree), list(repeats(tree))
    leading = list(dict.fromkeys(["", *(before for before, _ in found)]))[:6]
    units = {*(("", unit) for unit in (whole, whole[:-1], whole[: len(whole) // 2])), *found}
    units |= {(before, sign) for before in leading for sign in signs}
    units |= {("", before + sign) for before in leading for sign in signs[:6]}
    units |= {("", one + other) for one in signs[:10] for other in signs[:10]}
    yield from (before + unit * (length // len(unit)) + "\0" for before, unit in units if unit)


def cost(work: Callable[[], object]) -> float:
    """The processor's time that something takes, the best of a few times: others are at work on the machine too."""
    best = float("inf")
    for _ in range(3):
        begun = time.thread_time()
        work()
        best = min(best, time.thread_time() - begun)
    return best


def uses(pattern: re.Pattern[Any], methods: set[str]) -> Iterator[Callable[[Any], object]]:
    """The ways in which an expression is used; those that go through a whole text do so alike."""
    yield from (getattr(pattern, method) for method in methods & {"match", "fullmatch", "search"})
    if methods - {"match", "fullmatch", "search"}:
        yield pattern.findall


def slow(pattern: re.Pattern[Any], methods: set[str]) -> str:
    """Return the beginning of a text that an expression is slow with, "" where there is none."""
    for length in (SHORT, LONG):
        bound = BOUND * max(cost(lambda length=length: WALK.match("b" * length)), 1e-6)  # type: ignore[misc]
        for text in hostile(pattern, length):
            content = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
            for use in uses(pattern, methods):
                begun = time.thread_time()
                use(content)
                if time.thread_time() - begun > bound and cost(lambda: use(content)) > bound:  # noqa: B023
                    return f"{len(text)} signs as {text[:30]!r}"
    return ""


def test_every_regular_expression_takes_linear_time() -> None:
    found = expressions()
    assert len(found) > 170
    told = {where: slow(pattern, methods) for pattern, (where, methods) in found.items()}
    assert {where: text for where, text in told.items() if text} == {}


@pytest.mark.parametrize("written", [r"\s*x", r"a+a+$", r"—\s*([^\n—]*?)\s*\(@\w+\)$", r"\S*://\S*"])
def test_a_slow_one_is_found(written: str) -> None:
    assert slow(re.compile(written), {"search"})


def test_a_quick_one_is_none() -> None:
    assert not slow(re.compile(r"(?<!\s)\s*\n"), {"sub"})


CITED = (
    '<blockquote class="twitter-tweet"><p>{}</p>— Ann (@ann) <a href="https://x.com/ann/status/1">day</a></blockquote>'
)
WORK: dict[str, Callable[[str], object]] = {
    "an embedded post": lambda text: parse_embeds(CITED.format(text)),
    "an embed's signature": lambda text: parse_embeds(CITED.replace("Ann (", f"{text}(")),
    "what was sent": lambda text: redacted_body(text.encode()),
    "an address": redacted_url,
    "plain text": html.plain,
    "Markdown": lambda text: markdown(f"<p>{text}</p>"),
    "numbering": lambda text: aside([a_post(1, f"<p>{text}</p>"), a_post(2, f"<p>{text} 2/2</p>")]),
    "what sources show": lambda text: differing(
        text, (Observation(post="1", route="r", seen_at=later(), content=f"{text}b"),)
    ),
}
TEXTS = (
    "世",
    "\xa0",
    "— ",
    "a.a/",
    "<a =",
    "(@a)",
    "https://t.co/a ",
    "name=token\n",
    '"token":[',
    "http://a@",
    "1/2 ",
)


@pytest.mark.parametrize("name", WORK)
def test_a_long_text_takes_as_much_longer_as_it_is(name: str) -> None:
    work = WORK[name]
    for unit in TEXTS:
        short, long = (unit * (length // len(unit)) for length in (10_000, 80_000))
        work(short)  # what is loaded at first is no part of it
        assert cost(lambda: work(long)) < 30 * max(cost(lambda: work(short)), 1e-4), unit  # noqa: B023
