"""X's text with entities -> clean HTML: what the indices count, and what happens where they are wrong."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.platforms.x.entities import Mark, html_of_text, items, marks_of
from archiver.text.html import Link, links, plain

law = settings(derandomize=True, deadline=None, max_examples=300)

WORDS = st.lists(
    st.sampled_from(["😀", "👩‍👩‍👧", "&", "<b>", ">", "word", "é", "日本", "&amp;", "&lt;", "\n", "\n\n"]), max_size=4
).map(" ".join)
KINDS = st.lists(st.sampled_from(["urls", "user_mentions", "hashtags", "symbols"]), max_size=6)
SHIFTS = st.sampled_from([None, 0, 1, -3, 500])


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def entity(kind: str, number: int) -> tuple[str, str, dict[str, Any], Link]:
    """Return how an entity is written, how it is shown, what X says of it, and the link that it is to be."""
    word = f"w{chr(97 + number)}"
    if kind == "urls":
        target = f"https://ash.example/?a={number}&b=😀"
        link = Link(target, target)
        return f"https://t.co/{word}", target, {"url": f"https://t.co/{word}", "expanded_url": target}, link
    if kind == "user_mentions":
        link = Link(f"https://x.com/{word}", f"@{word.upper()}", "mention")
        return f"@{word.upper()}", f"@{word.upper()}", {"screen_name": word}, link
    if kind == "hashtags":
        link = Link(f"https://x.com/hashtag/{word}%E6%97%A5", f"＃{word}日", "hashtag")
        return f"＃{word}日", f"＃{word}日", {"text": f"{word}日"}, link
    return f"${word}", f"${word}", {"text": word}, Link(f"https://x.com/search?q=%24{word}", f"${word}", "hashtag")


@law
@given(WORDS, st.lists(WORDS, min_size=6, max_size=6), KINDS, SHIFTS, st.booleans())
def test_every_entity_becomes_its_link_and_the_text_around_stays(
    start: str, between: list[str], kinds: list[str], shift: int | None, is_escaped: bool
) -> None:
    coded = escaped if is_escaped else str
    text, shown, wanted = coded(start) + " ", start + " ", []
    entities: dict[str, list[dict[str, Any]]] = {}
    for number, (kind, words) in enumerate(zip(kinds, between, strict=False)):
        written, seen, told, link = entity(kind, number)
        if shift is not None:
            told = {**told, "indices": [str(len(text) + shift), str(len(text) + shift + len(written))]}
        entities.setdefault(kind, []).append(told)
        text, shown = f"{text}{written} {coded(words)} ", f"{shown}{seen} {words} "
        wanted.append(link)
    html = html_of_text(text, marks_of(entities), escaped=is_escaped)
    assert plain(html) == shown.strip("\n")
    assert list(links(html)) == wanted


@pytest.mark.parametrize("end", [12, 13])  # where it is wrong, the handle is looked for
def test_indices_count_code_points_of_the_escaped_text(end: int) -> None:
    mark = Mark(8, end, "mention", "@wren", "https://x.com/wren")
    html = html_of_text("😀 &amp; @wren @wren", [mark], escaped=True)
    assert html == '<p>😀 &amp; <a href="https://x.com/wren" class="mention">@wren</a> @wren</p>'


def test_the_place_that_is_told_wins_over_the_first_one() -> None:
    html = html_of_text("#ash #ash", marks_of({"hashtags": [{"text": "ash", "indices": [5, 9]}]}), escaped=True)
    assert html == '<p>#ash <a href="https://x.com/hashtag/ash" class="hashtag">#ash</a></p>'
    near = html_of_text("#ash #ash", marks_of({"hashtags": [{"text": "ash", "indices": [6, 10]}]}), escaped=True)
    assert near == html


def test_two_entities_of_unknown_place_take_two_places() -> None:
    mark = Mark(-1, -1, "hashtag", "#ash", "https://x.com/hashtag/ash")
    assert len(links(html_of_text("#ash #ash #ash", [mark, mark], escaped=False))) == 2


@pytest.mark.parametrize("text", ["@wrenna", "a@wren", "@wren_"])
def test_a_part_of_a_word_is_not_taken_for_the_word(text: str) -> None:
    assert html_of_text(text, marks_of({"user_mentions": [{"screen_name": "wren"}]}), escaped=True) == f"<p>{text}</p>"


def test_japanese_may_follow_an_address_and_a_handle() -> None:
    entities = {
        "urls": [{"url": "https://t.co/a", "expanded_url": "https://ash.example/"}],
        "user_mentions": [{"screen_name": "wren"}],
    }
    html = html_of_text("＠wrenさん https://t.co/aです", marks_of(entities), escaped=True)
    assert plain(html) == "＠wrenさん https://ash.example/です"
    assert len(links(html)) == 2
    assert links(html_of_text("#ashさん", marks_of({"hashtags": [{"text": "ash"}]}), escaped=True)) == ()


def test_a_mark_whose_text_is_nowhere_is_ignored() -> None:
    entities = {"urls": [{"url": "https://t.co/a", "expanded_url": "https://ash.example/", "indices": [0, 10]}]}
    assert html_of_text("Learn more", marks_of(entities), escaped=True) == "<p>Learn more</p>"


def test_several_pictures_share_one_address() -> None:
    media = [{"url": "https://t.co/pic", "indices": [5, 21]}] * 4
    text = "Four https://t.co/pic"
    assert html_of_text(text, marks_of({"media": media[:1]}, media), escaped=True) == "<p>Four</p>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("https://t.co/a", ""),
        ("https://t.co/a word", "<p>word</p>"),
        ("https://t.co/a https://t.co/b word", "<p>word</p>"),
        ("word\n\nhttps://t.co/a https://t.co/b", "<p>word</p>"),
        ("one https://t.co/a two", "<p>one two</p>"),
        ("https://t.co/a @wren", '<p><a href="https://x.com/wren" class="mention">@wren</a></p>'),
        ("@wren https://t.co/a x", '<p><a href="https://x.com/wren" class="mention">@wren</a> x</p>'),
    ],
)
def test_what_is_hidden_goes_with_the_white_space_before_it(text: str, html: str) -> None:
    entities = {"media": [{"url": "https://t.co/a"}, {"url": "https://t.co/b"}]}
    assert html_of_text(text, marks_of({**entities, "user_mentions": [{"screen_name": "wren"}]}), escaped=True) == html


def test_addresses_may_be_named_as_hidden() -> None:
    entities = {
        "urls": [
            {"url": "https://t.co/a", "expanded_url": "https://x.com/wren/status/1"},
            {"url": "https://t.co/b", "expanded_url": "https://ash.example/"},
        ]
    }
    text = "word https://t.co/b https://t.co/a"
    assert plain(html_of_text(text, marks_of(entities, hidden={"https://t.co/a"}), escaped=True)) == (
        "word https://ash.example/"
    )


def test_addresses_from_before_the_shortener_are_escaped_too() -> None:
    entities = {"urls": [{"url": "http://ash.example/?a=1&b=2", "expanded_url": None, "indices": [0, 31]}]}
    html = html_of_text("http://ash.example/?a=1&amp;b=2 ok", marks_of(entities), escaped=True)
    assert links(html) == (Link("http://ash.example/?a=1&b=2", "http://ash.example/?a=1&b=2"),)


def test_only_what_x_escapes_is_unescaped() -> None:
    assert plain(html_of_text("&amp;lt; &quot; &lt;", [], escaped=True)) == "&lt; &quot; <"
    assert plain(html_of_text("&amp;lt;", [], escaped=False)) == "&amp;lt;"


@pytest.mark.parametrize("entities", [None, {}, [], {"urls": {}, "media": None, "hashtags": []}])
def test_empty_lists_come_in_many_forms(entities: Any) -> None:
    assert marks_of(entities) == []


def test_items_are_the_objects_of_a_list() -> None:
    assert items([{"a": 1}, None, "b"]) == [{"a": 1}]
    assert items({"a": 1}) == []


def test_media_without_an_address_hide_nothing() -> None:
    assert marks_of({"media": [{"url": "", "indices": [0, 0]}]}) == []
