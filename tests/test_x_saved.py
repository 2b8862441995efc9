"""Saved JSON: which interface gave it is told by its keys."""

from typing import Any

import pytest
from samples import NOON

from archiver.model import Post
from archiver.platforms.x.collect import SOURCES
from archiver.platforms.x.recorded import parse_json
from archiver.platforms.x.state import State

ID = "859784611230646272"
USER = {"id_str": "101", "screen_name": "ann", "name": "Ann Ash"}
V1 = {
    "id_str": ID,
    "created_at": "Wed May 03 15:00:00 +0000 2017",
    "text": "Words",
    "user": USER,
    "entities": {},
    "truncated": False,
}
V2_POST = {"id": ID, "text": "Words", "author_id": "101", "created_at": "2017-05-03T15:00:00.000Z"}
V2_USERS = {"users": [{"id": "101", "username": "ann", "name": "Ann Ash"}]}
GRAPHQL_USER = {"rest_id": "101", "core": {"screen_name": "ann", "name": "Ann Ash"}}
RESULT = {
    "__typename": "Tweet",
    "rest_id": ID,
    "core": {"user_results": {"result": GRAPHQL_USER}},
    "legacy": {"id_str": ID, "full_text": "Words", "created_at": V1["created_at"], "entities": {}},
}
FX = {
    "id": ID,
    "text": "Words",
    "author": {"id": "101", "screen_name": "ann", "name": "Ann Ash"},
    "created_timestamp": 1493823600,
    "created_at": V1["created_at"],
}
VX = {
    "tweetID": ID,
    "text": "Words",
    "user_screen_name": "ann",
    "user_name": "Ann Ash",
    "date_epoch": 1493823600,
    "date": V1["created_at"],
    "tweetURL": f"https://twitter.com/ann/status/{ID}",
}
EMBED = f"""<blockquote class="twitter-tweet"><p>Words</p>&mdash; Ann Ash (@ann)
<a href="https://twitter.com/ann/status/{ID}">May 3, 2017</a></blockquote>"""


@pytest.mark.parametrize(
    "data",
    [
        V1,
        {**V1, "text": "Wo…", "extended_tweet": {"full_text": "Words", "entities": {}}},
        {**V1, "created_at": "2017-05-03T15:00:00.000Z", "mediaDetails": [], "__typename": "Tweet"},
        {"data": V2_POST, "includes": V2_USERS},
        {"data": [V2_POST], "includes": V2_USERS, "meta": {"result_count": 1}},
        {"data": {"tweetResult": {"result": RESULT}}},
        RESULT,
        {"code": 200, "message": "OK", "tweet": FX},
        {"code": 200, "status": FX},
        VX,
        {"url": "https://twitter.com/ann", "html": EMBED},
        [V1, {"version": 1}],
    ],
)
def test_every_form_gives_the_post(data: Any) -> None:
    [tweet] = parse_json(data)
    assert tweet.post
    assert (tweet.id, tweet.post.author.handle, tweet.post.content) == (ID, "ann", "<p>Words</p>")
    assert f"{tweet.post.created_at:%Y-%m-%d %H:%M}" == "2017-05-03 15:00"


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        5,
        "text",
        None,
        {"data": []},
        {"code": 1},
        {"__typename": "TweetTombstone", "tombstone": {"text": {"text": "This Post was deleted."}}},
        {**V1, "retweeted_status": V1},
    ],
)
def test_other_data_and_reposts_give_none(data: Any) -> None:
    assert parse_json(data) == []


@pytest.mark.parametrize(
    "data",
    [
        {**V1, "text": None},
        {name: value for name, value in V1.items() if name != "entities"} | {"text": 7},
        {"data": {**V2_POST, "text": None}, "includes": V2_USERS},
        {"code": 200, "status": {**FX, "text": None}},
        {**VX, "text": None},
        {**V1, "user": {**USER, "screen_name": None}},
        {"code": 200, "status": {**FX, "author": {"id": "101", "screen_name": 7, "name": "Ann"}}},
    ],
)
def test_a_post_without_its_text_or_its_author_is_a_gap_and_no_empty_post(data: Any) -> None:
    [tweet] = parse_json(data)
    assert (tweet.id, tweet.post) == (ID, None)


def test_an_author_of_whom_only_the_number_is_told_is_named_by_it() -> None:
    [tweet] = parse_json({"data": V2_POST})
    assert tweet.post
    assert (tweet.post.content, tweet.post.url) == ("<p>Words</p>", f"https://x.com/i/status/{ID}")
    author = tweet.post.author
    assert (author.id, author.handle, author.url) == ("101", "i/user/101", "https://x.com/i/user/101")
    state = State(sources=SOURCES)
    state.add([tweet], "api_v2", NOON)
    other = parse_json({**V1, "id_str": str(int(ID) + 1)})
    state.add(other, "syndication", NOON)
    assert {node.author.handle for node in state.nodes().values() if isinstance(node, Post)} == {"ann"}


@pytest.mark.parametrize(
    "data",
    [
        {"data": [V2_POST, {**V2_POST, "text": "Other words"}], "includes": V2_USERS},
        {"data": V2_POST, "includes": {**V2_USERS, "tweets": [{**V2_POST, "text": "Other words"}]}},
        {"code": 200, "status": FX, "thread": [FX, {**FX, "text": "Other words"}]},
        {"statuses": [V1, {**V1, "text": "Other words"}]},
    ],
)
def test_a_post_with_two_texts_in_one_answer_says_so(data: Any) -> None:
    state = State(sources=SOURCES)
    state.add(parse_json(data), "fxtwitter", NOON)
    [post] = state.nodes().values()
    assert isinstance(post, Post)
    assert post.content == "<p>Words</p>"
    assert [notice for notice in post.notices if "two texts" in notice]
    once = State(sources=SOURCES)
    once.add(parse_json(V1), "syndication", NOON)
    [post] = once.nodes().values()
    assert isinstance(post, Post)
    assert post.notices == ()
