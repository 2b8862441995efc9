"""X's official interface against recordings, where a machine has some: `ARCHIVER_SAMPLES` names their folder.

The table holds, of every recorded post, what can be counted; texts are known by their lengths and digests.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.model import Post, Reason
from archiver.platforms.x.api_v2_post import parse_answer, posts_in
from archiver.platforms.x.tweet import Tweet
from archiver.text.html import links, plain

SAMPLES = Path(os.environ.get("ARCHIVER_SAMPLES", "none")) / "twitter" / "api-v2"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="ARCHIVER_SAMPLES names no folder of recordings of X")

Row = tuple[str, str]

BARE = "tweepy-exchanges.json"  # asked with the fields that come by default: nobody knows who wrote the posts


def answers(name: str) -> Iterator[dict[str, Any]]:
    data = json.loads((SAMPLES / name).read_text(encoding="utf-8"))
    for answer in data if isinstance(data, list) else [data]:
        yield answer.get("json", answer)


def row(tweet: Tweet) -> Row:
    """Return id, handle, time, length and digest of the text, and what else there is; a * says described."""
    post = tweet.post
    assert post is not None
    text = plain(post.content)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    head = f"{post.id} {post.author.handle} {post.created_at:%Y-%m-%dT%H:%M:%S} {len(text)} {digest}"
    kinds = [link.kind for link in links(post.content)]
    told = [f"{kinds.count(kind)} {kind}s" for kind in ("link", "mention", "hashtag") if kind in kinds]
    told += [f"answers {post.in_reply_to} by {tweet.parent_author}"] if post.in_reply_to else []
    told += [file.kind + ("*" if file.alt else "") for file in post.attachments]
    if post.quote:
        told.append(f"quotes {post.quote.id} {'shown' if isinstance(post.quote, Post) else post.quote.reason}")
    told += [f"poll {len(post.poll.options)}/{post.poll.votes}"] if post.poll else []
    told += [f"editions {len(tweet.editions)}"] if tweet.editions else []
    return head, ", ".join([*told, *post.labels, *(["cut"] if post.truncated else [])])


TABLE: dict[str, list[Row]] = {
    "ttm-cashtag_tweet.cashtagTweet.json": [
        (
            "1301192107143561219 Ceascape_ca 2020-09-02T16:15:47 101 86a7fec4",
            "3 hashtags, quotes 1301180406226513921 not_loaded",
        )
    ],
    "ttm-cjk_tweets.koreanTweet.json": [
        ("1564281755531722755 PaniclnTheCity 2022-08-29T16:00:08 94 9e0f9d52", "4 hashtags, image")
    ],
    "ttm-emoji_tweets.emojiTweet.json": [
        ("1565545829942845440 FollowBackAddic 2022-09-02T03:43:06 264 fd40abf1", "7 hashtags")
    ],
    "ttm-image_tweet.imageTweetWithAnnotations.json": [
        ("1556457532037554176 jlengstorf 2022-08-08T01:49:27 134 89d842b9", "1 mentions, image*, image*, image*")
    ],
    "ttm-mentions_tweet.mentionsTweet.json": [
        ("1303753964291338240 kbravh 2020-09-09T17:55:42 199 e2d7c7f3", "1 links, 3 mentions, card")
    ],
    "ttm-mentions_tweet.multipleMentionsTweet.json": [
        (
            "1538271708918034433 jose_edil 2022-06-18T21:25:29 561 493b0689",
            "39 mentions, answers 1538271706682384385 by None",
        )
    ],
    "ttm-poll_tweet.pollTweet.json": [("1029121914260860929 polls 2018-08-13T21:45:59 16 802a57b6", "poll 2/4427")],
    "ttm-tweet_thread.tweetThread.json": [
        ("1277645969975377923 geoffreylitt 2020-06-29T16:51:51 171 d495bcc2", "image, image"),
        ("1277645971401433090 geoffreylitt 2020-06-29T16:51:51 235 c40cd379", "answers 1277645969975377923 by None"),
        (
            "1277645972529647616 geoffreylitt 2020-06-29T16:51:52 167 691c4467",
            "answers 1277645971401433090 by None, image, quotes 1187357294415302657 not_loaded",
        ),
    ],
    "ttm-url_tweet.singleUrlTweet.json": [
        ("1537347873565773824 TauriApps 2022-06-16T08:14:30 204 7d020218", "1 links, card")
    ],
    "twarc-csv-cashtags.json": [
        ("1611077073803841538 Trading22971312 2023-01-05T19:08:01 256 77dfc97d", "1 links, 15 hashtags, image")
    ],
    "twarc-csv-cotweet.json": [("1577318900085186562 staringispolite 2022-10-04T15:25:05 29 06872d8b", "")],
    "twarc-csv-edited_before.json": [
        ("1576994746135764992 wongmjane 2022-10-03T17:57:01 28 15bb69ea", "image*, editions 2"),
        ("1576994789110992896 wongmjane 2022-10-03T17:57:11 6 b7227bb4", "editions 2"),
    ],
    "twarc-csv-entities-errors.trimmed.json": [
        ("1574186300684607489 CecilieHolter 2022-09-25T23:57:15 247 5d6c08f2", "quotes 1574180667487035392 shown"),
        ("1574184853070807047 MimmoMonardoM5S 2022-09-25T23:51:30 274 6b37ddae", "17 hashtags, file"),
        (
            "1574184795399069697 LaghertaHedeby 2022-09-25T23:51:16 286 a74215a2",
            "1 links, 1 mentions, 6 hashtags, card",
        ),
        ("1574184196654125056 DonChisciotte73 2022-09-25T23:48:54 138 af3c72fe", "1 mentions, file"),
        (
            "1574183904948277248 alvariteus 2022-09-25T23:47:44 272 d7daaa0a",
            "answers 1574182560854335490 by 53213407, file, quotes 1574175979160977409 shown",
        ),
        ("1574186289666134017 MarcoPedde 2022-09-25T23:57:13 274 411dbe0a", "8 hashtags"),
        ("1574183967972098051 lorenzo_tondo 2022-09-25T23:47:59 371 0ad52462", "1 links, 4 hashtags, card"),
        (
            "1574182560854335490 alvariteus 2022-09-25T23:42:24 166 7da3d496",
            "file, quotes 1574175969144762368 not_loaded",
        ),
    ],
    "twarc-csv-many_urls.json": [
        (
            "1610692575752601600 uiuxadrian 2023-01-04T17:40:09 286 2b48a7a8",
            "1 links, answers 1610623087061471232 by 1328271312628936705, card",
        ),
        ("1610623087061471232 uiuxadrian 2023-01-04T13:04:02 273 19f70ea9", ""),
    ],
    "twarc-csv-quoted_edit.json": [
        (
            "1576995594388000768 dappdavid99 2022-10-03T18:00:23 15 51f0afb9",
            "1 mentions, answers 1576994789110992896 by 337119125, quotes 1576994746135764992 shown",
        ),
        ("1576994789110992896 wongmjane 2022-10-03T17:57:11 6 b7227bb4", "editions 2"),
    ],
    "twarc-csv-withheld.trimmed.json": [
        ("1388424788171841537 manavjivan 2021-05-01T09:27:19 173 1ec75d44", "1 links, card, withheld in IN")
    ],
}


def test_every_recording_is_in_the_table() -> None:
    assert {path.name for path in SAMPLES.glob("*.json")} == {*TABLE, BARE}


@pytest.mark.parametrize("name", TABLE)
def test_a_recording_is_read(name: str) -> None:
    assert [row(tweet) for answer in answers(name) for tweet in parse_answer(answer)] == TABLE[name]


def test_no_address_of_the_services_own_shortener_is_left() -> None:
    for name in TABLE:
        for answer in answers(name):
            for tweet in parse_answer(answer):
                assert tweet.post
                assert "t.co/" not in tweet.post.content


def test_posts_without_an_author_are_gaps_and_every_page_is_counted() -> None:
    found = [answer for answer in answers(BARE) if "meta" in answer or isinstance(answer["data"], list)]
    for answer in found:
        tweets = parse_answer(answer)
        assert [tweet.id for tweet in tweets] == posts_in(answer)
        assert {tweet.tombstone.reason for tweet in tweets if tweet.tombstone} == {Reason.UNKNOWN}
    assert [len(posts_in(answer)) for answer in found] == [10, 10, 2, 2]
