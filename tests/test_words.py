"""Words of posts are found in documents of any version, and changed ones are not."""

import pytest
from samples import a_post

from archiver.evidence.words import absent


def lacking(content: str, document: str, *, is_page: bool = False, is_article: bool = False) -> list[str]:
    post = a_post(1, content=content)
    return [words for _, words in absent(document, [post], is_page=is_page, is_article=is_article)]


@pytest.mark.parametrize(
    ("content", "document"),
    [
        ("<p>10 &lt; 20 *stars*, <br>see #herons_1</p>", "10 &lt; 20 \\*stars\\*,\\\nsee \\#herons\\_1"),
        ('<p>See <a href="https://a.example/1">a.example/1</a> here</p>', "See <https://a.example/1> here"),
        ("<ul><li><p>one</p></li><li><p>two</p></li></ul>", "1. one\n2. two"),
        ("<p><ruby>漢<rt>かん</rt></ruby>字</p>", "漢（かん）字"),
        ("<p>これは<strong>「重要」</strong>です</p>", "これは<strong>「重要」</strong>です"),
        ("<p>🧵</p>", ""),
    ],
)
def test_how_a_text_is_set_does_not_matter(content: str, document: str) -> None:
    assert lacking(content, document) == []


def test_one_other_word_is_seen() -> None:
    assert lacking("<p>Ten herons.</p><p>No ravens.</p>", "Ten herons. One ravens.") == ["No ravens."]
    assert lacking("<p>Ten herons</p>", "Ten grey herons") == ["Ten herons"]


def test_of_a_page_the_tags_are_passed_over() -> None:
    assert lacking("<p>Ten herons</p>", "<p>Ten <b>herons</b></p>", is_page=True) == []
    assert lacking("<p>Ten herons</p>", '<p title="Ten herons">Ten ravens</p>', is_page=True) == ["Ten herons"]


def test_an_article_may_set_the_numbering_aside_and_a_record_may_not() -> None:
    for content in ("<p>3/12 Ten herons</p>", "<p>Ten herons (3/)</p>"):
        assert lacking(content, "Ten herons", is_article=True) == []
        assert len(lacking(content, "Ten herons")) == 1
