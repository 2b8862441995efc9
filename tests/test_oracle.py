"""Whatever was posted is what every parser shows. docs/markdown.md says how to run this for longer."""

import os
import re
from collections import Counter
from collections.abc import Callable

import pytest
from html_posts import html_posts
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import CONTAINERS, GAPS, NASTY, Render, Sample, Shown, nasty_texts, renderers, wrong

from archiver.text.escape import escape, heading, image, line, link
from archiver.text.html import clean
from archiver.text.markdown import markdown, quote

SEED = int(os.environ.get("ORACLE_SEED", "1"))
TEXTS = int(os.environ.get("ORACLE_TEXTS", "2000"))
RENDERERS = renderers()
MARKS = frozenset(["em", "strong", "del", "code", "sup"])
in_every_parser = pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)


def lines_of(text: str) -> str:
    """The text as far as any form can keep it."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", re.sub(r"\r\n?", "\n", text)).strip("\n")


def title_of(text: str) -> str:
    """The text on one line, as names and titles have it."""
    text = re.sub(r"\s*[\n\u2028\u2029]\s*", " ", lines_of(text))
    return re.sub("[\u202a-\u202e\u2066-\u2069\ufffd]", "", text).strip()


def post(text: str, write: Callable[[str], str] = escape) -> Sample:
    """A text as the title of a document, as a post, and in the card of a quoted post."""
    paragraphs = re.split(r"(?<!\n)\n\n(?!\n)", lines_of(text))
    title = title_of(text)
    written = ["# " + heading(text)] if title else []
    return Sample(
        text,
        "\n\n".join([*written, write(text), quote(f"**By** x\n\n{write(text)}")]),
        [Shown((), "h1", title)] * len(written)
        + [Shown((), "p", paragraph) for paragraph in paragraphs]
        + [Shown(("blockquote",), "p", paragraph) for paragraph in ("By x", *paragraphs)],
        {"blockquote": 1},
        frozenset(["strong"]),
    )


def name(text: str) -> Sample:
    """A text as a name in bold, as the text of a link, as the description of an image, and in a list."""
    title = title_of(text) or "x"
    return Sample(
        text,
        f"**{line(title)}** · {link(title, 'https://x.example/a_(b)')} · x\n\n"
        f"{image(title, 'media/a.png')}\n\n"
        f"- {line(title)}: 3 votes\n- {line(title)}{link('x', 'https://x.example/')}",
        [
            Shown((), "p", f"{title} · {title} · x"),
            Shown((), "p", title),
            Shown(("ul", "li"), "p", f"{title}: 3 votes"),
            Shown(("ul", "li"), "p", f"{title}x"),
        ],
        {"ul": 1, "li": 2},
        frozenset(["strong", "img"]),
    )


def posts_of(seed: int, count: int) -> list[Sample]:
    """HTML posts, and the same in a quote."""
    samples: list[Sample] = []
    for source in html_posts(seed, count):
        html = clean(source.html)
        containers = {tag: found for tag in CONTAINERS if (found := len(re.findall(f"<{tag}[ >]", html)))}
        written = markdown(html)
        samples.append(Sample(source.html, written, source.shown, containers, MARKS))
        quoted = [shown._replace(around=("blockquote", *shown.around)) for shown in source.shown]
        samples.append(
            Sample(source.html, quote(written), quoted, dict(Counter(containers) + Counter(["blockquote"])), MARKS)
        )
    return samples


@pytest.fixture(scope="module")
def texts() -> list[Sample]:
    return [post(text) for text in nasty_texts(SEED, TEXTS)]


@pytest.fixture(scope="module")
def names() -> list[Sample]:
    return [name(text) for text in nasty_texts(SEED + 1, TEXTS // 4)]


@pytest.fixture(scope="module")
def posts() -> list[Sample]:
    return posts_of(SEED, TEXTS // 4)


def test_there_are_enough_nasty_pieces() -> None:
    assert len(NASTY) >= 140


@in_every_parser
def test_texts_are_shown_as_they_were_posted(render: Render, texts: list[Sample]) -> None:
    assert wrong(render, texts) == []


@in_every_parser
def test_names_titles_and_descriptions_are_shown_as_they_are(render: Render, names: list[Sample]) -> None:
    assert wrong(render, names) == []


@in_every_parser
def test_html_posts_are_shown_as_they_were_posted(render: Render, posts: list[Sample]) -> None:
    assert wrong(render, posts) == []


@in_every_parser
def test_code_that_stops_python_markdown_is_shown_all_the_same(render: Render) -> None:
    html = clean("<ul><li><pre>a &# b;\n  &amp;</pre></li></ul><p><code>&#;</code> 1 &# 2</p>")
    shown = [Shown(("ul", "li"), "p", "a &# b;\n&"), Shown((), "p", "&#; 1 &# 2")]
    assert wrong(render, [Sample(html, markdown(html), shown, {"ul": 1, "li": 1}, MARKS)]) == []


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(st.sampled_from([*NASTY, *GAPS]) | st.text(max_size=5), min_size=1).map("".join))
def test_any_text_is_shown_as_it_was_posted(text: str) -> None:
    assert [name for name, render in RENDERERS.items() if wrong(render, [post(text + "x")])] == []


def untouched(text: str) -> str:
    return text.strip("\n")


def with_hard_breaks(text: str) -> str:
    return text.strip("\n").replace("\n", "  \n")


def with_backslashes(text: str) -> str:
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", with_hard_breaks(text))


@in_every_parser
@pytest.mark.parametrize("naive", [untouched, with_hard_breaks, with_backslashes])
def test_the_oracle_finds_what_a_naive_escaper_does_wrong(render: Render, naive: Callable[[str], str]) -> None:
    assert len(wrong(render, [post(text, naive) for text in nasty_texts(SEED, 200)])) > 100


@in_every_parser
@pytest.mark.parametrize(
    "markdown",
    ["a *b*", "a  \nb", "a  b", "a b&#32;", "a\u00a0b", "> a b", "- a b", "    a b", "# a b", "a b\n\n&#32;"],
)
def test_the_oracle_sees_the_least_difference(render: Render, markdown: str) -> None:
    assert wrong(render, [Sample("a b", markdown, [Shown((), "p", "a b")], {})])
