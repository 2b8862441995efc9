"""Saved JSON: which interface gave it is told by its keys."""

from typing import Any

import pytest

from archiver.platforms.x.saved import parse_json

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
