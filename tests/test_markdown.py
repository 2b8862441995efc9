"""Clean HTML -> Markdown: the pairs of fixtures/markdown/post.md, and quotes."""

from time import process_time

import pytest
from html_posts import html_posts
from pairs import pairs

from archiver.text.html import clean
from archiver.text.markdown import markdown, quote


@pytest.mark.parametrize(("given", "expected"), pairs("markdown/post.md"))
def test_a_post_is_written_as_markdown(given: str, expected: str) -> None:
    assert markdown(given) == expected


def test_a_quote_has_every_line_marked() -> None:
    assert quote("a  \nb\n\n    c") == "> a  \n> b\n>\n>     c"


@pytest.mark.parametrize(
    ("code", "expected"),
    [("a &amp;#\n *b*", "a &amp;#  \n&#32;\\*b\\*"), ("a\u2028", "a&#8232;"), ("&amp;#x;", "&amp;\\#x;")],
)
def test_code_that_some_parser_would_not_read_is_written_as_lines(code: str, expected: str) -> None:
    assert markdown(f"<pre>{code}</pre>") == f"<code>{expected}</code>"


def test_a_finished_reference_in_code_is_only_code() -> None:
    assert markdown("<pre>&amp;#35; &amp;#xA;</pre>") == "    &#35; &#xA;"


def test_a_text_without_a_block_is_a_paragraph() -> None:
    assert markdown("a *b*") == "a \\*b\\*"


@pytest.mark.parametrize(
    "unit", ["<p>x</p>", "x<br>", "*", "<b>x</b>", "http://x.example/)", "&amp;copy;", "<ul><li>x", "$"]
)
def test_a_large_post_takes_linear_time(unit: str) -> None:
    html = clean(unit * (100_000 // len(unit)))
    started = process_time()
    markdown(html)
    assert process_time() - started < 5


def test_no_line_ends_in_white_space_but_for_the_two_blanks_of_a_break() -> None:
    for post in html_posts(seed=3, count=200):
        for written in markdown(clean(post.html)).split("\n"):
            assert written.rstrip(" ") in (written, written[:-2])
