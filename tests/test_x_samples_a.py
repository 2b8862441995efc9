"""X's own forms against recordings, where a machine has some: `ARCHIVER_SAMPLES` names their folder.

The table holds, of every recorded post, what can be counted; texts are known by their lengths and digests.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.model import Post
from archiver.platforms.x.graphql import parse_graphql
from archiver.platforms.x.syndication import parse_result
from archiver.platforms.x.tweet import Tweet
from archiver.platforms.x.v1 import parse_status
from archiver.text.html import plain

SAMPLES = Path(os.environ.get("ARCHIVER_SAMPLES", "none")) / "twitter"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="ARCHIVER_SAMPLES names no folder of recordings of X")

Row = tuple[int | str, ...]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def tweets(name: str) -> list[Tweet]:
    data = json.loads((SAMPLES / name).read_text(encoding="utf-8"))
    if name.startswith("graphql/"):
        return parse_graphql(data)
    if name.startswith("syndication/"):
        return [parse_result(data, data["id_str"])]
    tweet = parse_status(data)
    return [tweet] if tweet else []


def row(tweet: Tweet) -> str:
    """Return id, handle, time, length and digest of the text, then what else there is; a * says described."""
    post = tweet.post
    if post is None:
        assert tweet.tombstone
        return f"{tweet.id} {tweet.tombstone.reason}"
    text = plain(post.content)
    told = [post.id, post.author.handle, f"{post.created_at:%Y-%m-%dT%H:%M:%S}", str(len(text)), digest(text)]
    told += [f"answers {post.in_reply_to}"] if post.in_reply_to else []
    told += [file.kind + ("*" if file.alt else "") for file in post.attachments]
    if post.quote:
        told.append(f"quotes {post.quote.id} {'' if isinstance(post.quote, Post) else post.quote.reason}".strip())
    told += [f"poll {len(post.poll.options)}/{post.poll.votes}"] if post.poll else []
    told += [f"editions {len(tweet.editions)}"] if tweet.editions else []
    return " ".join([*told, *(["cut"] if post.truncated else [])])


def all_of(found: list[Tweet]) -> Row:
    """Return a long document in one line: how many posts, authors, replies, media, and all texts."""
    posts = [tweet.post for tweet in found if tweet.post]
    assert len(posts) == len(found)
    handles = {post.author.handle for post in posts}
    replies = sum(post.in_reply_to is not None for post in posts)
    text = "\n".join(plain(post.content) for post in posts)
    return len(posts), len(handles), replies, sum(len(post.attachments) for post in posts), len(text), digest(text)


LONG: dict[str, Row] = {
    "graphql/TweetDetail-thread-1649191520250245121.json": (37, 31, 36, 3, 5111, "b3675a7b"),
    "graphql/TweetDetail-video-TweetWithVisibilityResults.json": (11, 11, 10, 2, 654, "7a20d727"),
}

TABLE: dict[str, list[str]] = {
    "graphql/TweetDetail-card-summary.json": [
        "1696922210588410217 FortniteGame 2023-08-30T16:25:56 129 e35315fc video card",
        "1697647115038601453 0xVarano 2023-09-01T16:26:27 30 f94fd47a answers 1696922210588410217",
        "1700484666006847827 tonyilpensante 2023-09-09T12:21:52 35 899d6e18 answers 1696922210588410217",
        "1701331048762593620 damechevvoi 2023-09-11T20:25:05 21 d0743cba answers 1696922210588410217",
        "1779861744510189910 FortniteGame 2024-04-15T13:18:02 47 f408c691 video",
    ],
    "graphql/TweetDetail-issue42.json": [],
    "graphql/fxembed-TweetDetail-1848831595014459513.json": [
        "1848831595014459513 SpaceX 2024-10-22T20:59:36 154 f3bc7b6c image image image",
    ],
    "graphql/fxembed-TweetDetail-1899954694652309701.json": [
        "1899954694652309701 Vyseroy 2025-03-12T22:44:33 139 2aa00021 poll 4/22",
    ],
    "graphql/fxembed-TweetDetail-1902059299591090335.json": [
        "1902059299591090335 carrionkid 2025-03-18T18:07:30 0 e3b0c442 video quotes 1900793157786255768",
    ],
    "graphql/fxembed-TweetDetail-20.json": [
        "20 jack 2006-03-21T20:50:14 24 c6f7257a",
    ],
    "graphql/fxembed-TweetDetail-991202.json": [
        "991200 fixturethread 2024-01-01T00:00:00 4 4813494d",
        "991201 deleted",
        "991202 fixturethread 2024-01-01T01:00:00 3 393281b3 answers 991200",
    ],
    "graphql/fxembed-TweetDetail-991204.json": [
        "991201 suspended",
        "991301 fixturethread 2024-01-01T00:30:00 3 90ac1678 answers 991199",
        "991302 fixturethread 2024-01-01T01:00:00 3 393281b3 answers 991301",
    ],
    "graphql/fxembed-TweetDetail-991503.json": [
        "991503 suspended",
    ],
    "graphql/fxembed-TweetDetail-991610.json": [
        "991610 DivineDropbear 2024-10-01T19:59:18 162 7a8f5b47 video video",
    ],
    "graphql/fxembed-TweetResultByRestId-1964084223871971826.json": [
        "1964084223871971826 vo1twasdowned 2025-09-05T21:52:24 0 e3b0c442 image",
    ],
    "graphql/fxembed-TweetResultByRestId-991001.json": [
        "991001 fixtureuser991 2024-01-01T12:00:00 10 b161a988 quotes 991888 not_loaded",
    ],
    "graphql/fxembed-TweetResultByRestId-991004.json": [
        "991004 quotehost991 2024-01-01T12:00:00 3 a76b3388 quotes 991999 suspended",
    ],
    "graphql/fxembed-TweetResultByRestId-991500.json": [],
    "graphql/fxembed-UserTweets-783214.json": [
        "2036082537949434164 rtwlz 2026-03-23T14:08:00 70 32564369 video",
    ],
    "graphql/tweet-1560295462028120064-alt-nonbmp.json": [
        "1560295462028120064 XDevelopers 2022-08-18T16:00:01 337 26669a0c image*",
    ],
    "graphql/tweet-1677037919880507392-quote.json": [
        "1677037919880507392 SisuMisu3 2023-07-06T19:32:52 90 4bbfca1d quotes 1677035434214412289",
    ],
    "graphql/tweet-1780600897959346531-mixed-media-nonbmp.json": [
        "1780600897959346531 TrollFootball 2024-04-17T14:15:10 42 5fe41d53 video image",
    ],
    "graphql/tweet-1790441814857826439-card-broadcast.json": [
        "1790441814857826439 XDevelopers 2024-05-14T17:59:28 86 44309fbb card",
    ],
    "graphql/tweet-1980412193624785337-esc-nonbmp.json": [
        "1980412193624785337 XDevelopers 2025-10-20T23:13:55 224 14239b46 image",
    ],
    "graphql/tweet-2075716337603907695-note-nonbmp.json": [
        "2075716337603907695 agno_three 2026-07-10T22:58:34 533 949b13dc",
    ],
    "graphql/tweet-2079319709330423928-note-richtext.json": [
        "2079319709330423928 taycaldwell 2026-07-20T21:37:05 14 497b22d4",
    ],
    "graphql/tweet-2079756440722665849-article.json": [
        "2079756440722665849 XFreeze 2026-07-22T02:32:30 42 3d23146e card",
    ],
    "graphql/tweet-2085425911407444056-card-player.json": [
        "2085425911407444056 FSIStanford 2026-08-06T18:00:57 215 2fa01b61 card",
    ],
    "graphql/tweet-2085434166422778146-edited.json": [
        "2085434166422778146 ragipsoylu 2026-08-06T18:33:45 108 510e0be0 image editions 2",
    ],
    "graphql/tweet-2085447741409227138-note-3media.json": [
        "2085447741409227138 vic_010100 2026-08-06T19:27:41 333 e41b9d92 answers 2085447731301032135 image image image",
    ],
    "graphql/tweet-2085455895677341704-retweet.json": [],
    "syndication/reconstructed-thread-1649191520250245121.json": [
        "1649191520250245121 XDevelopers 2023-04-20T23:21:13 98 6a884d33",
    ],
    "syndication/reconstructed-thread-1649191521323995138.json": [
        "1649191521323995138 XDevelopers 2023-04-20T23:21:13 190 a41056a2 answers 1649191520250245121",
    ],
    "syndication/reconstructed-thread-1649191522485817345.json": [
        "1649191522485817345 XDevelopers 2023-04-20T23:21:14 258 fe1bd31c answers 1649191521323995138 card",
    ],
    "syndication/reconstructed-thread-1649191523697979392.json": [
        "1649191523697979392 XDevelopers 2023-04-20T23:21:14 200 cd5a7fac answers 1649191522485817345",
    ],
    "wayback/json-v1-890659426796945408.json": [
        "890659426796945408 DrupalLeaks 2017-07-27T19:45:29 140 41d497b4",
    ],
}


def test_every_recording_is_in_a_table() -> None:
    names = [*SAMPLES.glob("graphql/*.json"), *SAMPLES.glob("syndication/*.json"), *SAMPLES.glob("wayback/json-v1-*")]
    assert {str(name.relative_to(SAMPLES)) for name in names} == {*TABLE, *LONG}


@pytest.mark.parametrize("name", TABLE)
def test_every_post_is_read(name: str) -> None:
    assert [row(tweet) for tweet in tweets(name)] == TABLE[name]


@pytest.mark.parametrize("name", LONG)
def test_long_documents_are_read(name: str) -> None:
    assert all_of(tweets(name)) == LONG[name]


def results(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every GraphQL result with a text."""
    stack = [value]
    while stack:
        found = stack.pop()
        if isinstance(found, dict):
            stack.extend(found.values())
            if "full_text" in (found.get("legacy") or {}) and "retweeted_status_result" not in found["legacy"]:
                yield found
        elif isinstance(found, list):
            stack.extend(found)


def expected(found: dict[str, Any]) -> str:
    """Return the text as replacing words makes it, without a look at any index."""
    text: str
    legacy = found["legacy"]
    note = (found.get("note_tweet") or {}).get("note_tweet_results", {}).get("result")
    text, entities = (note["text"], note["entity_set"]) if note else (legacy["full_text"], legacy["entities"])
    for item in legacy["entities"].get("media") or ():
        text = text.removesuffix(item["url"]).rstrip()
    for item in entities.get("urls") or ():
        text = text.replace(item["url"], item["expanded_url"])
    return text if note else text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_every_text_is_the_recorded_one() -> None:
    checked = 0
    for path in sorted(SAMPLES.glob("graphql/*.json")):
        for found in results(json.loads(path.read_text(encoding="utf-8"))):
            (tweet,) = parse_graphql(found)
            assert tweet.post
            assert plain(tweet.post.content) == expected(found)
            checked += 1
    assert checked > 70
