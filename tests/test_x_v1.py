"""Statuses of X's version 1.1."""

from datetime import UTC, datetime
from typing import Any

import pytest
from statuses import AVATAR, FIRST, Json, photo, status, user, video

from archiver.model import Author, Counts, Missing, Post, Reason
from archiver.platforms.x.parts import language_of
from archiver.platforms.x.tweet import Tweet
from archiver.platforms.x.v1 import editions_of, parse_status, told_time

PAGE = "https://x.com/wren/status/1/video/1"
WREN = Author(id="7", handle="wren", name="Wren", url="https://x.com/wren", avatar=AVATAR)


def read(one: Json) -> Tweet:
    tweet = parse_status(one)
    assert tweet is not None
    return tweet


def post(one: Json) -> Post:
    found = read(one).post
    assert found is not None
    return found


def test_a_film_without_an_address_is_said_and_costs_no_post() -> None:
    film = {"type": "video", "video_info": {"variants": []}}
    tweet = post(status(extended_entities={"media": [film, photo()]}))
    assert [file.kind for file in tweet.attachments] == ["image"]
    assert tweet.notices == ("X names a film with this post and does not say where it is",)


def test_a_status_becomes_a_post() -> None:
    counts = {"reply_count": 1, "retweet_count": "2", "favorite_count": 0, "quote_count": ""}
    tweet = read(status(1, "A &amp; B", answers=0, conversation_id_str="9", possibly_sensitive=True, **counts))
    assert tweet == Tweet(
        node=Post(
            id=str(FIRST + 1),
            url=f"https://x.com/wren/status/{FIRST + 1}",
            author=WREN,
            created_at=datetime(2019, 2, 25, 11, 50, 11, 668000, tzinfo=UTC),
            content="<p>A &amp; B</p>",
            sensitive=True,
            language="en",
            in_reply_to=str(FIRST),
            counts=Counts(replies=1, reposts=2, likes=0),
        ),
        parent_author="7",
        conversation="9",
    )


def test_a_post_from_before_the_ids_that_tell_the_time_is_dated_by_its_word() -> None:
    assert post(status(id_str="20")).created_at == datetime(2019, 2, 25, 11, 50, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["Wed May 03 15:05:11 +0000 2017", "2017-05-03T15:05:11.000Z", "Wed May 03 17:05:11 +0200 2017"]
)
def test_a_time_comes_in_two_forms(text: str) -> None:
    assert told_time(text) == datetime(2017, 5, 3, 15, 5, 11, tzinfo=UTC)
    assert told_time(text).tzinfo is UTC


def test_ids_may_be_numbers_only() -> None:
    old = status(in_reply_to_status_id=FIRST - 1, in_reply_to_user_id=8)
    for key in ("id_str", "in_reply_to_status_id_str", "in_reply_to_user_id_str"):
        del old[key]
    tweet = read({**old, "id": FIRST})
    assert (tweet.id, tweet.node.in_reply_to, tweet.parent_author) == (str(FIRST), str(FIRST - 1), "8")


def test_a_parents_author_may_be_known_by_handle_alone_or_not_at_all() -> None:
    reply = status(1, answers=0, in_reply_to_user_id_str=None, in_reply_to_screen_name="Wren")
    assert read(reply).parent_author == "@wren"
    assert read({**reply, "in_reply_to_screen_name": None}).parent_author is None
    assert read(status(in_reply_to_user_id_str="8")).parent_author is None  # a mention, no reply


def test_a_status_without_its_author_is_read_with_the_one_that_is_given() -> None:
    own = status()
    del own["user"]
    tweet = parse_status(own, WREN)
    assert tweet
    assert tweet.post
    assert tweet.post.author == WREN
    with pytest.raises(KeyError):
        parse_status(own)


@pytest.mark.parametrize("key", ["retweeted_status", "retweeted_status_result", "retweeted_status_results"])
def test_a_repost_is_nothing(key: str) -> None:
    assert parse_status({**status(text="RT @bo: A text"), key: status(1)}) is None


def test_a_text_that_was_cut_is_read_whole_where_it_is_given_whole() -> None:
    own = f"https://twitter.com/i/web/status/{FIRST}"
    entities = {"urls": [{"url": "https://t.co/more", "expanded_url": own, "indices": [10, 27]}]}
    cut = status(text="The begin… https://t.co/more", truncated=True, entities=entities)
    cut["text"] = cut.pop("full_text")
    assert (post(cut).content, post(cut).truncated) == ("<p>The begin…</p>", True)
    pictures = {"media": [photo()]}
    extended = {"full_text": "The beginning and the end https://t.co/pic", "extended_entities": pictures}
    whole = post({**cut, "extended_tweet": extended})
    assert (whole.content, whole.truncated) == ("<p>The beginning and the end</p>", False)
    assert len(whole.attachments) == 1


@pytest.mark.parametrize(("length", "truncated"), [(239, False), (240, True)])
def test_a_long_form_that_is_only_named_makes_a_long_text_a_beginning(length: int, truncated: bool) -> None:
    assert post(status(text="a" * length, note_tweet={"id": "Tm90ZQ=="})).truncated is truncated
    assert not post(status(text="a" * length)).truncated


def test_a_long_form_is_taken_with_its_own_entities_and_is_not_escaped() -> None:
    long = {"text": "a &amp; @bo " + "b" * 300, "entity_set": {"user_mentions": [{"screen_name": "bo"}]}}
    note = {"note_tweet_results": {"result": long}}
    found = post(status(text="a &amp;amp; https://t.co/pic", note_tweet=note, extended_entities={"media": [photo()]}))
    mention = '<a href="https://x.com/bo" class="mention">@bo</a>'
    assert found.content == f"<p>a &amp;amp; {mention} {'b' * 300}</p>"
    assert not found.truncated


def test_versions_of_an_edited_post_are_told() -> None:
    assert editions_of({"edit_tweet_ids": ["10", "9"]}) == ("9", "10")
    assert editions_of({"initial_tweet_id": "9", "edit_control_initial": {"edit_tweet_ids": ["9", "10"]}}) == (
        "9",
        "10",
    )
    assert editions_of({"edit_tweet_ids": ["9"]}) == editions_of(None) == ()
    ids = [str(FIRST), str(FIRST + 1)]
    assert read(status(edit_control={"edit_tweet_ids": ids})).editions == tuple(ids)


def test_codes_for_no_language_are_none() -> None:
    assert [language_of(code) for code in ("en", "zxx", "und", "qme", "art", "", None)] == ["en"] + [None] * 6


def test_media_are_read_from_where_they_are_all() -> None:
    one, other = photo(), photo(media_url_https="https://pbs.twimg.com/media/B.jpg", ext_alt_text="A wren")
    entities = {"media": [{**one, "indices": [5, 21]}]}
    own = status(text="Look https://t.co/pic", entities=entities)
    assert [file.alt for file in post(own).attachments] == [None]
    files = post({**own, "extended_entities": {"media": [one, other]}}).attachments
    assert [(file.kind, file.url, file.alt) for file in files] == [
        ("image", "https://pbs.twimg.com/media/A.jpg", None),
        ("image", "https://pbs.twimg.com/media/B.jpg", "A wren"),
    ]
    assert post({**own, "extended_entities": {}, "mediaDetails": [one, other]}).attachments == files
    assert post(own).content == "<p>Look</p>"


@pytest.mark.parametrize(
    ("item", "kind", "url"),
    [
        (video(832000, 2176000, 256000), "video", "https://video.twimg.com/2176000.mp4"),
        (video(None, 0, kind="animated_gif"), "gifv", "https://video.twimg.com/0.mp4"),
        (video(), "video", "https://video.twimg.com/a.m3u8"),
        (photo(type="video", expanded_url=PAGE), "video", PAGE),
        (photo(type="video"), "video", "https://pbs.twimg.com/media/A.jpg"),
        (photo(type="model3d"), "file", "https://pbs.twimg.com/media/A.jpg"),
    ],
)
def test_the_best_file_of_a_video_is_taken(item: Json, kind: str, url: str) -> None:
    (file,) = post(status(extended_entities={"media": [item]})).attachments
    assert (file.kind, file.url) == (kind, url)
    types = {"mp4": "video/mp4", "3u8": "application/x-mpegURL"}
    assert file.media_type == types.get(url[-3:])


def quoting(text: str, target: str, **changes: Any) -> Json:
    urls = [{"url": "https://t.co/q", "expanded_url": target}]
    other = {"url": "https://t.co/o", "expanded_url": "https://ash.example/"}
    return status(1, text, entities={"urls": [*urls, other]}, **changes)


def test_a_quoted_post_is_read_and_its_address_goes_from_the_end() -> None:
    target = f"https://twitter.com/bo/status/{FIRST}?s=20"
    quoted = status(text="Quoted", user=user("bo", "8"), quoted_status=status(2), is_quote_status=True)
    found = post(quoting("Look https://t.co/q", target, quoted_status=quoted))
    assert isinstance(found.quote, Post)
    assert (found.quote.author.handle, found.quote.content, found.quote.quote) == ("bo", "<p>Quoted</p>", None)
    assert found.content == "<p>Look</p>"
    assert post(quoting("Look https://t.co/q", target)).content.endswith("?s=20</a></p>")
    middle = post(quoting("As https://t.co/q says", target, quoted_status=quoted))
    assert middle.content.endswith("</a> says</p>")
    other = post(quoting("Look https://t.co/o https://t.co/q", target, quoted_status=quoted))
    assert other.content == '<p>Look <a href="https://ash.example/">https://ash.example/</a></p>'


def test_a_quoted_post_may_be_one_that_was_cut_or_be_under_another_name() -> None:
    quoted = status(text="Cut…", extended_tweet={"full_text": "Not cut"})
    found = post(status(1, quoted_tweet=quoted)).quote
    assert isinstance(found, Post)
    assert found.content == "<p>Not cut</p>"


def test_a_quoted_post_that_is_only_named_is_a_gap() -> None:
    link = {"url": "https://t.co/q", "expanded": f"https://twitter.com/bo/status/{FIRST}"}
    named = status(1, "Look https://t.co/q", quoted_status_id_str=str(FIRST), quoted_status_permalink=link)
    found = post(named)
    assert isinstance(found.quote, Missing)
    assert (found.quote.id, found.quote.reason, found.quote.url) == (str(FIRST), Reason.NOT_LOADED, link["expanded"])
    assert found.content == "<p>Look</p>"
    bare = post({**named, "quoted_status_permalink": None}).quote
    assert isinstance(bare, Missing)
    assert bare.url == f"https://x.com/i/status/{FIRST}"


def test_a_strange_quoted_post_does_not_cost_the_post() -> None:
    quoted = status()
    del quoted["user"]
    found = post(status(1, quoted_status=quoted)).quote
    assert isinstance(found, Missing)
    assert (found.reason, "KeyError" in found.detail) == (Reason.UNKNOWN, True)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ({"full_name": "Lower Quays, Ostermoor"}, "Lower Quays, Ostermoor"),
        ({"full_name": 7}, None),
        ("?", None),
        (None, None),
    ],
)
def test_the_place_of_a_post_is_what_x_calls_it(place: object, name: str | None) -> None:
    assert post(status(id_str="20", place=place)).location == name
