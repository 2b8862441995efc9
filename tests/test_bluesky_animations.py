"""Animations on Bluesky are links to a host of such; they are pictures, described by their author or by nobody."""

import pytest

from archiver.model import Attachment
from archiver.platforms.bluesky.post import parse_attachments

TENOR = "https://media.tenor.com/Ab-c1AAAAC/heron-dance.gif?hh=280&ww=498"


def parsed(uri: str, **more: object) -> Attachment:
    external = {"uri": uri, "title": "Heron Dance GIF", "description": "", "thumb": "https://cdn.example/t", **more}
    [item] = parse_attachments({"$type": "app.bsky.embed.external#view", "external": external})
    return item


@pytest.mark.parametrize(
    "uri",
    [
        TENOR,
        "https://media1.tenor.com/m/Ab-c1AAAAC/heron.gif",
        "https://media2.giphy.com/media/abc/giphy.webp",
        "https://i.giphy.com/abc.gif",
        "https://static.klipy.com/ii/abc/a/b/c.webp?hh=1&ww=2",
    ],
)
def test_an_animation_is_a_picture_that_is_fetched(uri: str) -> None:
    item = parsed(uri)
    assert (item.kind, item.url, item.alt) == ("image", uri, None)


@pytest.mark.parametrize(
    ("description", "alt"),
    [
        ("Alt: A heron dances", "A heron dances"),
        ("Alt: Alt: twice", "Alt: twice"),
        ("ALT: a heron is dancing in a pond", None),
        ("A page about herons. Alt: none", None),
        ("", None),
        (None, None),
    ],
)
def test_only_the_authors_words_are_their_description(description: str | None, alt: str | None) -> None:
    assert parsed(TENOR, description=description).alt == alt
    assert parsed(TENOR, description=description).description == description


@pytest.mark.parametrize(
    "uri",
    [
        "https://tenor.com/view/heron-gif-1",
        "https://media.tenor.com/Ab-c1AAAAC/heron.mp4",
        "https://media.tenor.com.evil.example/a.gif",
        "https://evil.example/https://media.tenor.com/a.gif",
        "http://media.tenor.com/a.gif",
        "https://media.tenor.com/a?b=.gif",
        "https://media.tenor.com/a.gif/page",
        "https://news.example/a.gif",
    ],
)
def test_any_other_link_is_a_card(uri: str) -> None:
    item = parsed(uri, description="Alt: A heron")
    assert (item.kind, item.url, item.alt, item.picture) == ("card", uri, None, "https://cdn.example/t")
