"""Clean HTML: the pairs of fixtures/markdown/clean.md, laws, attacks, and what is read off it."""

from html.parser import HTMLParser
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import pairs

from archiver.text.html import Link, clean, links, plain, without_quote_fallback
from archiver.text.reader import DEPTH

MARKUP = """
    <p> </p> <br> <b> </b> <i> </i> <code> </code> <pre> </pre> <ul> <ol> </ul> <li> </li> <blockquote> </blockquote>
    <a href="https://x.example/1"> <a href=/2> </a> <h2> </h2> <ruby> <rt> <rp> </ruby> <div> <sup> </sup> <img alt=x>
    <script> </script> <svg> </svg> <!-- --> &lt; &amp; &nbsp; &#13; < > & " ' = a b 1
"""
FRAGMENTS = st.lists(st.sampled_from([*MARKUP.split(), " ", "\n", "\t", "\f", "<b", "<!"]) | st.text(max_size=3)).map(
    "".join
)
law = settings(derandomize=True, deadline=None, max_examples=300)


class Balance(HTMLParser):
    """Fails on the first end tag that does not end what was opened last."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= {"href", "class", "start"}
        self.open += [tag] if tag != "br" else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(("given", "expected"), pairs("markdown/clean.md"))
def test_html_is_cleaned(given: str, expected: str) -> None:
    assert clean(given, "https://x.example/post") == expected


@law
@given(FRAGMENTS)
def test_cleaning_twice_changes_nothing(html: str) -> None:
    assert clean(clean(html)) == clean(html)


@law
@given(FRAGMENTS)
def test_clean_html_is_balanced_and_holds_no_other_attributes(html: str) -> None:
    balance = Balance()
    balance.feed(clean(html))
    balance.close()
    assert balance.open == []


@law
@given(FRAGMENTS)
def test_clean_html_can_be_written_in_utf8(html: str) -> None:
    assert "\ufffd" in clean("\ud800" + html).encode().decode()


def test_control_characters_and_lone_surrogates_are_replaced() -> None:
    assert clean("a\x00b\x1b[1mc\x85d\udc00e&#0;f&#xD800;g") == "<p>a�b�[1mc�d�e�f�g</p>"


def test_form_feeds_and_carriage_returns_are_white_space() -> None:
    assert clean("a\fb\r\nc<pre>d\re&#13;f</pre>") == "<p>a b c</p><pre>d\ne\nf</pre>"


def test_blanks_that_do_not_break_stay() -> None:
    assert clean("<p>&nbsp; a&#x3000;</p><p>\u00a0</p>") == "<p>\u00a0 a\u3000</p><p>\u00a0</p>"


def test_quotes_and_lists_nested_too_deep_are_flattened() -> None:
    html = clean("<blockquote>" * 5000 + "a")
    assert html == "<blockquote>" * DEPTH + "<p>a</p>" + "</blockquote>" * DEPTH


def test_a_flattened_quote_ends_where_it_ended() -> None:
    html = clean("<blockquote>" * (DEPTH + 3) + "a" + "</blockquote>" * 3 + "b" + "</blockquote>" * DEPTH + "c")
    assert html == "<blockquote>" * DEPTH + "<p>a</p><p>b</p>" + "</blockquote>" * DEPTH + "<p>c</p>"


def test_the_items_of_a_flattened_list_are_paragraphs() -> None:
    html = clean("<blockquote>" * DEPTH + "<ul><li>a</li><li>b</li></ul>c")
    assert html == "<blockquote>" * DEPTH + "<p>a</p><p>b</p><p>c</p>" + "</blockquote>" * DEPTH


HOSTILE = (
    "<b>",
    "<b>x",
    "<p>x",
    "<a href=",
    '<a ="',
    "<!--",
    "<![<!",
    "</",
    "<",
    "&",
    "&#",
    "<blockquote>",
    "<ul><li>",
)
HOSTILE += ("<pre>\n", "<a href='https://x.example/'>x<p>", "<script>", "<svg>", "<ruby>x<rt>", "x<br>", '<p class="')
HOSTILE += ("<span class=quote-inline>", "<b>x<i>y</b>", "  x ", "\r")


def seconds_for(html: str) -> float:
    started = process_time()
    without_quote_fallback(html)
    clean(html)
    return process_time() - started


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_large_hostile_document_takes_linear_time(unit: str) -> None:
    small, large = (seconds_for(unit * (length // len(unit))) for length in (50_000, 200_000))
    assert large < 10 * small + 0.5  # four times the length: 4 where it is linear, 16 where it is quadratic


def test_plain_text_of_blocks_lists_and_code() -> None:
    html = clean(
        "<h2>a</h2>b<br>c<ul><li>d<ol><li>e</ol><li><p>f</p><p>g</p></ul><blockquote>h</blockquote><pre>i\n j</pre>"
    )
    assert plain(html) == "a\n\nb\nc\n\nd\ne\nf\n\ng\n\nh\n\ni\n j"


def test_plain_text_of_two_lists_has_an_empty_line_between_them() -> None:
    assert plain(clean("<ul><li>a</ul><ul><li>b</ul>")) == "a\n\nb"


def test_plain_text_has_readings_in_brackets() -> None:
    assert plain(clean("<ruby>漢<rt>kan</rt></ruby> x")) == "漢(kan) x"


def test_plain_text_of_nothing_is_empty() -> None:
    assert plain("") == ""


def test_links_come_in_order_with_their_kind_and_whole_text() -> None:
    html = clean(
        '<p>a <a href="https://x.example/@wren" class="mention">@<b>wren</b></a> '
        '<a href="https://x.example/tags/t" class="mention hashtag">#t</a></p>'
        '<ul><li><a href="https://y.example/?a=1&amp;b=2">b<br>c</a></li></ul>'
    )
    assert links(html) == (
        Link("https://x.example/@wren", "@wren", "mention"),
        Link("https://x.example/tags/t", "#t", "hashtag"),
        Link("https://y.example/?a=1&b=2", "b c", "link"),
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p class="quote-inline">RE: <a href="https://x.example/1">x</a></p><p>a &lt; b</p>', "<p>a &lt; b</p>"),
        ('<p>a<span class="x quote-inline"><br>RE: <span>x</span></span></p>', "<p>a</p>"),
        ('<p class="quote">a</p>', '<p class="quote">a</p>'),
        ('<p title="quote-inline">a</p>', '<p title="quote-inline">a</p>'),
        ('<p class="quote-inline">never ended', '<p class="quote-inline">never ended'),
    ],
)
def test_the_fallback_for_a_quote_is_removed(html: str, expected: str) -> None:
    assert without_quote_fallback(html) == expected
