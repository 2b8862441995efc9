"""Whole pages: what must be there, what may be, and what a picture stands for."""

import pytest

from archiver.text.soup import attribute, first, soup_of, words

PAGE = soup_of('<div class="post big"><p>A  <b>heron</b>\n<img alt="🪶"><img></p><a href="/1">more</a></div>')


def test_what_must_be_there_is_a_tag_or_an_error_of_shape() -> None:
    assert attribute(first(PAGE, "a"), "href") == "/1"
    with pytest.raises(KeyError, match="no time on the page"):
        first(PAGE, "time")


def test_an_attribute_that_is_not_there_is_empty() -> None:
    assert attribute(first(PAGE, "div"), "class") == "post big"
    assert attribute(PAGE.select_one("a"), "title") == ""
    assert attribute(PAGE.select_one("time"), "datetime") == ""


def test_the_words_of_a_tag_are_one_line_with_what_pictures_stand_for() -> None:
    assert words(PAGE.select_one("p")) == "A heron 🪶"
    assert words(None) == ""


@pytest.mark.parametrize("page", [b"", "no page", b"\xff\xfe", "https://looks.example/like-an-address"])
def test_whatever_is_no_page_is_parsed_in_silence(page: bytes | str) -> None:
    assert soup_of(page).select_one("p") is None
