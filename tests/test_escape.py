"""Plain text -> Markdown: the pairs of fixtures/markdown/text.md, and what the document uses for names and the like."""

import json

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import GAPS, NASTY
from pairs import pairs

from archiver.text.escape import (
    ANYWHERE,
    AT_START,
    BEFORE_LINK,
    IN_HEADING,
    IN_LABEL,
    escape,
    heading,
    image,
    line,
    link,
    yaml,
)
from archiver.text.facets import html_of
from archiver.text.markdown import markdown

TEXTS = st.lists(st.sampled_from([*NASTY, *GAPS]) | st.text(max_size=4)).map("".join)
law = settings(derandomize=True, deadline=None, max_examples=300)


@pytest.mark.parametrize(("given", "expected"), pairs("markdown/text.md"))
def test_text_is_escaped(given: str, expected: str) -> None:
    assert escape(given) == expected


@law
@given(TEXTS)
def test_a_text_and_its_html_are_the_same_markdown(text: str) -> None:
    assert escape(text) == markdown(html_of(text))


def test_separators_of_lines_are_written_by_number() -> None:
    assert escape("a\u2028b\u2029c\r\nd\x85\ud800") == "a&#8232;b&#8233;c  \nd��"


def test_what_is_white_space_to_javascript_alone_is_written_by_number() -> None:
    assert escape("\ufeffa\ufeff") == "&#65279;a&#65279;"
    assert escape("https://x.example/\ufeff") == "<https://x.example/>&#65279;"


def test_every_rule_has_a_name_of_its_own_and_a_reason() -> None:
    rules = [*ANYWHERE, *BEFORE_LINK, *AT_START, *IN_LABEL, *IN_HEADING]
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.why for rule in rules)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wren\nExample", "Wren Example"),
        ("  Wren \r\n\n Example\u2028", "Wren Example"),
        ("a\u202eb\u2066c\x1bd", "abcd"),
        ("a  b\u200f", "a  b\u200f"),
        ("1. *one*", "1\\. \\*one\\*"),
        ("$5", "&#36;5"),
        ("Yes!", "Yes\\!"),
        ("x^", "x&#94;"),
        ("https://x.example", "https&#58;//x.example"),
        ("C# #a", "C# \\#a"),
        ("", ""),
    ],
)
def test_a_name_is_one_safe_line(text: str, expected: str) -> None:
    assert line(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("C# #", "C\\# \\#"), ("# a", "\\# a"), ("a\nb", "a b")])
def test_a_heading_has_every_number_sign_escaped(text: str, expected: str) -> None:
    assert heading(text) == expected


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        ("a", "https://x.example/", "[a](https://x.example/)"),
        ("https://x.example/a_b", "https://x.example/a_b", "<https://x.example/a_b>"),
        ("", "https://x.example/", "<https://x.example/>"),
        ("", "https://x.example/\n\n# x", "[https&#58;//x.example/ # x](https://x.example/%0A%0A#%20x)"),
        ("[a]\n`b`", "https://x.example/", "[&#91;a&#93; &#96;b&#96;](https://x.example/)"),
        ("a", "https://x.example/(b)", "[a](<https://x.example/(b)>)"),
        ("a", 'https://x.example/ <>"\\|`{}^$é', "[a](https://x.example/%20%3C%3E%22%5C%7C%60%7B%7D%5E%24é)"),
        ("a", "https://x.example/?a&copy;b", "[a](https://x.example/?a&amp;copy;b)"),
        ("a@x.example", "mailto:a@x.example", "[a@x.example](mailto:a@x.example)"),
        ("mailto:a@x.example", "mailto:a@x.example", "[mailto:a@x.example](mailto:a@x.example)"),
        ("a *b*", "javascript:alert(1)", "a \\*b\\*"),
        ("a", "/relative", "a"),
    ],
)
def test_a_link(text: str, url: str, expected: str) -> None:
    assert link(text, url) == expected


@pytest.mark.parametrize(
    ("alt", "url", "expected"),
    [
        ("A [chart]\nof *lead*", "media/a.png", "![A &#91;chart&#93; of \\*lead\\*](media/a.png)"),
        (None, "media/a.png", "![](media/a.png)"),
        ("", "media/a b.png", "![](media/a%20b.png)"),
        ("a", "", "![a](<>)"),
    ],
)
def test_an_image(alt: str | None, url: str, expected: str) -> None:
    assert image(alt, url) == expected


@law
@given(st.text())
def test_yaml_reads_a_string_back(text: str) -> None:
    read = pyyaml.safe_load(f"---\ntitle: {yaml(text)}\n")["title"]
    assert read == "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)


@pytest.mark.parametrize(
    "text", ['"', "\\", "a: b # c", "yes", "\x7f\x85\u2028\ufeff\u202e\ue000\U000f0000\uffff", "👍"]
)
def test_yaml_is_one_printable_line_in_double_quotes(text: str) -> None:
    written = yaml(text)
    assert pyyaml.safe_load(written) == text
    assert written[0] == written[-1] == '"'
    assert written.isprintable()


@pytest.mark.parametrize(
    "text", ["<script>1</script>", "a <img src=x onerror=1>", "![](https://tracker.example/1.png)"]
)
def test_yaml_is_no_markup_to_a_viewer_that_takes_it_for_text(text: str) -> None:
    written = yaml(text)
    assert "<" not in written
    assert "![" not in written
    assert pyyaml.safe_load(written) == json.loads(written) == text


def test_yaml_leaves_ordinary_signs_readable() -> None:
    assert yaml("Ann “Wren” 日本 👍") == json.dumps("Ann “Wren” 日本 👍", ensure_ascii=False)
