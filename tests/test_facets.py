"""Text with ranges of bytes -> clean HTML."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.text.facets import Facet, html_of
from archiver.text.html import plain

URL = "https://x.example/"
TEXTS = st.lists(st.sampled_from(["\n", "\n\n", " ", "<b>", "&amp;", "é", "👩‍👩‍👧", "a"]) | st.text(max_size=4)).map(
    "".join
)
law = settings(derandomize=True, deadline=None, max_examples=500)


def kept(text: str) -> str:
    """The text as far as it can be kept: no controls, no lone surrogates, one kind of newline, none around it."""
    text = re.sub(r"\r\n?", "\n", text)
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", text).strip("\n")


@law
@given(TEXTS)
def test_the_plain_text_of_a_text_is_the_text(text: str) -> None:
    assert plain(html_of(text)) == kept(text)


@law
@given(
    TEXTS, st.lists(st.builds(Facet, st.integers(-2, 30), st.integers(-2, 30), st.sampled_from([URL, "javascript:x"])))
)
def test_no_facet_changes_the_text(text: str, facets: list[Facet]) -> None:
    # A facet between \r and \n makes two newlines of one.
    text = text.replace("\r", "")
    assert plain(html_of(text, facets)) == kept(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\n\nb\nc", "<p>a</p><p>b<br>c</p>"),
        ("\n\na\n\n\nb\n", "<p>a<br><br><br>b</p>"),
        ("a\r\n\r\nb\rc", "<p>a</p><p>b<br>c</p>"),
        ("  a  b ", "<p>  a  b </p>"),
        ("<a> & b", "<p>&lt;a&gt; &amp; b</p>"),
        ("\ud83d a", "<p>� a</p>"),
        ("", ""),
        ("\n", ""),
    ],
)
def test_text_becomes_paragraphs_and_breaks(text: str, html: str) -> None:
    assert html_of(text) == html


def test_a_facet_counts_bytes() -> None:
    html = html_of("é 👍 @wren ok", [Facet(8, 13, URL, "mention")])
    assert html == f'<p>é 👍 <a href="{URL}" class="mention">@wren</a> ok</p>'


def test_facets_need_not_be_sorted() -> None:
    html = html_of("a b c", [Facet(4, 5, URL), Facet(0, 1, URL, "hashtag")])
    assert html == f'<p><a href="{URL}" class="hashtag">a</a> b <a href="{URL}">c</a></p>'


def test_the_first_of_two_overlapping_facets_counts() -> None:
    assert html_of("abcd", [Facet(1, 4, URL + "2"), Facet(0, 2, URL)]) == f'<p><a href="{URL}">ab</a>cd</p>'


def test_the_address_of_a_facet_is_escaped() -> None:
    assert html_of("a", [Facet(0, 1, 'https://x.example/"><b>')]) == (
        '<p><a href="https://x.example/&quot;&gt;&lt;b&gt;">a</a></p>'
    )


def test_a_facet_over_lines_makes_a_link_of_each_line() -> None:
    assert html_of("a\n\nb\nc", [Facet(0, 6, URL)]) == (
        f'<p><a href="{URL}">a</a></p><p><a href="{URL}">b</a><br><a href="{URL}">c</a></p>'
    )


@pytest.mark.parametrize(
    "facet",
    [
        Facet(1, 1, URL),
        Facet(2, 1, URL),
        Facet(-1, 1, URL),
        Facet(0, 9, URL),
        Facet(0, 2, URL),
        Facet(2, 3, URL),
        Facet(0, 1, "javascript:alert(1)"),
        Facet(0, 1, "/relative"),
        Facet(0, 1, "http://[x"),
    ],
    ids=["empty", "backwards", "negative", "too long", "end in é", "start in é", "script", "relative", "malformed"],
)
def test_a_facet_that_makes_no_sense_is_ignored(facet: Facet) -> None:
    assert html_of("aé") == html_of("aé", [facet])
