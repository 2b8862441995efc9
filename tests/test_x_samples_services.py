"""FxTwitter, vxTwitter and Nitter against samples of their answers: `ARCHIVER_SAMPLES` names the folder, if any.

The samples hold other people's posts, so they are no part of the project, and nothing of their words stands here.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from archiver.model import Missing, Post, Reason
from archiver.platforms.x.fx_status import REASONS, parse_answer
from archiver.platforms.x.nitter_page import parse_error, parse_page
from archiver.platforms.x.tweet import Tweet
from archiver.text import html

SAMPLES = Path(os.environ.get("ARCHIVER_SAMPLES", "none")) / "twitter"
FX, NITTER = SAMPLES / "fxtwitter", SAMPLES / "nitter"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="ARCHIVER_SAMPLES names no folder of recordings")

Row = tuple[Any, ...]

# file: (id, handle, time, length and hash of the text, links, parent, its author), and what else there is
POSTS: dict[str, list[tuple[Row, dict[str, Any]]]] = {
    "v1-alttext-1580661436132757506.json": [
        (
            ("1580661436132757506", "Twitter", "2022-10-13T20:47:08", 11, "1cff029c", 0, None, None),
            {"kinds": ["image"], "alts": [62], "counts": (4675, 2422, 43852, None), "author": "783214"},
        )
    ],
    "v2-birdclaw-conversation-truncated.json": [
        (("100", "example", "2006-03-21T20:50:14", 17, "a7387c3f", 0, None, None), {"counts": (9, 2, 10, 1)}),
        (("102", "reply", "2006-03-21T20:52:14", 18, "b009e02e", 0, "100", "12"), {"author": "34"}),
    ],
    "v2-birdclaw-rate-limit.json": [],
    "v2-birdclaw-search-cursor-cycle.json": [],
    "v2-birdclaw-search-page-1.json": [
        (("200", "searcher", "2006-03-21T20:50:14", 19, "8462da05", 0, None, None), {}),
        (("201", "finder", "2006-03-21T20:51:14", 20, "bee15520", 0, None, None), {}),
    ],
    "v2-birdclaw-search-page-terminal.json": [
        (("201", "finder", "2006-03-21T20:51:14", 20, "bee15520", 0, None, None), {}),
        (("202", "terminal", "2006-03-21T20:52:14", 22, "6420e632", 0, None, None), {}),
    ],
    "v2-birdclaw-thread-truncated.json": [
        (("100", "example", "2006-03-21T20:50:14", 11, "f531dc8c", 0, None, None), {}),
        (("101", "example", "2006-03-21T20:51:14", 19, "b809759c", 0, "100", "12"), {}),
    ],
    "v2-birdclaw-upstream-error.json": [],
    "vx-testMediaTweet-1534672932106035200.json": [
        (
            (
                "1534672932106035200",
                "pdxdylan",
                "2022-06-08T23:05:14",
                3,
                "384f98e2",
                0,
                "1534672673422381057",
                "@pdxdylan",
            ),
            {"kinds": ["image"], "alts": [None], "conversation": "1534672673422381057"},
        )
    ],
    "vx-testMixedMediaTweet-1760638922084741177.json": [
        (
            ("1760638922084741177", "salebeerfest", "2024-02-22T12:13:24", 145, "e49324fa", 0, None, None),
            {"kinds": ["image", "gifv"], "alts": [None, None]},
        )
    ],
    "vx-testNSFWTweet-1581185279376838657.json": [
        (
            ("1581185279376838657", "kuyacoy", "2022-10-15T07:28:42", 133, "447c14df", 0, None, None),
            {"kinds": ["image"], "alts": [None]},
        )
    ],
    "vx-testPollTweet-651169346518056960.json": [
        (
            ("651169346518056960", "norm", "2015-10-05T22:57:25", 46, "ee98aa05", 0, None, None),
            {"poll": [124875, 33554]},
        )
    ],
    "vx-testQRTTweet-1611477137319514129.json": [
        (
            (
                "1611477137319514129",
                "pdxdylan",
                "2023-01-06T21:37:43",
                100,
                "7ad888c2",
                0,
                "1611476665821003776",
                "@pdxdylan",
            ),
            {"quote": "1518309187515781125"},
        )
    ],
    "vx-testQrtVideoTweet-1674561759422578690.json": [
        (
            ("1674561759422578690", "pdxdylan", "2023-06-29T23:33:29", 4, "770e6076", 0, None, None),
            {"quote": "1674197531301904388"},
        )
    ],
    "vx-testTextTweet-20.json": [(("20", "jack", "2006-03-21T20:50:14", 24, "c6f7257a", 0, None, None), {})],
    "vx-testVinePlayerTweet-583302104342638592.json": [
        (
            ("583302104342638592", "Roblox", "2015-04-01T16:17:13", 121, "a4363af2", 2, None, None),
            {"kinds": ["video"], "alts": [None]},
        )
    ],
}
DEVELOPERS = [
    (("1649191520250245121", "XDevelopers", "2023-04-20T23:21:13", 98, "6a884d33", 0, None, None), {}),
    (
        (
            "1649191521323995138",
            "XDevelopers",
            "2023-04-20T23:21:13",
            190,
            "a41056a2",
            0,
            "1649191520250245121",
            "@xdevelopers",
        ),
        {"counts": (8, 46, 73, None)},
    ),
    (
        (
            "1649191522485817345",
            "XDevelopers",
            "2023-04-20T23:21:14",
            258,
            "fe1bd31c",
            1,
            "1649191521323995138",
            "@xdevelopers",
        ),
        {"kinds": ["card"], "alts": [None], "counts": (31, 41, 134, None)},
    ),
    (
        (
            "1649191523697979392",
            "XDevelopers",
            "2023-04-20T23:21:14",
            200,
            "cd5a7fac",
            1,
            "1649191522485817345",
            "@xdevelopers",
        ),
        {"counts": (35, 39, 126, None)},
    ),
]
PAGES = {  # file: the main post, the pages above and below that go on, the posts
    "reconstructed-status-last.html": ("1649191523697979392", "", "", DEVELOPERS),
    "reconstructed-status-root.html": ("1649191520250245121", "", "", DEVELOPERS),
    "reconstructed-status-root-truncated.html": ("1649191520250245121", "", "1649191521323995138", DEVELOPERS[:2]),
}


def check(tweet: Tweet, row: Row, more: dict[str, Any]) -> None:
    post = tweet.node
    assert isinstance(post, Post)
    text = html.plain(post.content)
    assert row == (
        post.id,
        post.author.handle,
        f"{post.created_at:%Y-%m-%dT%H:%M:%S}",
        len(text),
        hashlib.sha256(text.encode()).hexdigest()[:8],
        len(html.links(post.content)),
        post.in_reply_to,
        tweet.parent_author,
    )
    assert [file.kind for file in post.attachments] == more.get("kinds", [])
    assert [file.alt and len(file.alt) for file in post.attachments] == more.get("alts", [])
    assert (post.quote and post.quote.id) == more.get("quote")
    assert (post.poll and [option.votes for option in post.poll.options]) == more.get("poll")
    assert post.author.id == more.get("author", post.author.id)
    counts = (post.counts.replies, post.counts.reposts, post.counts.likes, post.counts.quotes)
    assert counts == more.get("counts", counts)
    assert not post.truncated
    assert tweet.conversation == more.get("conversation", tweet.conversation)


def test_every_sample_is_in_the_table() -> None:
    assert {path.name for path in FX.glob("*.json")} == {*POSTS, "openapi.json"}
    others = {"reconstructed-error-404.html", "reconstructed-fragments.html"}
    assert {path.name for path in NITTER.iterdir()} == {*PAGES, *others}


@pytest.mark.parametrize("name", POSTS)
def test_answers_of_fxtwitter_and_vxtwitter(name: str) -> None:
    tweets = parse_answer(json.loads((FX / name).read_text(encoding="utf-8")))
    assert len(tweets) == len(POSTS[name])
    for tweet, (row, more) in zip(tweets, POSTS[name], strict=True):
        check(tweet, row, more)


def test_every_reason_of_fxtwitter_is_known() -> None:
    schemas = json.loads((FX / "openapi.json").read_text(encoding="utf-8"))["components"]["schemas"]
    words = set(schemas["APIStatusTombstone"]["properties"]["reason"]["enum"])
    assert words - {"unavailable"} == set(REASONS) - {"not_loaded"}


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_nitter(name: str) -> None:
    page = parse_page((NITTER / name).read_text(encoding="utf-8"))
    main, earlier, later, posts = PAGES[name]
    assert (page.main, page.earlier, page.later) == (main, earlier, later)
    assert len(page.tweets) == len(posts)
    for tweet, (row, more) in zip(page.tweets, posts, strict=True):
        check(tweet, row, more)


def test_the_error_page_of_nitter() -> None:
    page = (NITTER / "reconstructed-error-404.html").read_text(encoding="utf-8")
    assert len(parse_error(page)) == 15
    assert parse_page(page).tweets == ()


def test_the_parts_of_nitters_pages() -> None:
    source = (NITTER / "reconstructed-fragments.html").read_text(encoding="utf-8")
    assert len(parse_page(source).tweets) == 1  # the other one is shown as somebody's repost
    page = parse_page(source.replace("retweet-header", "x"))
    assert (page.main, page.earlier) == ("1700000000000000002", "1700000000000000001")
    gap, tweet = page.tweets
    assert isinstance(gap.node, Missing)
    assert (gap.id, gap.node.reason, gap.node.author) == ("1700000000000000001", Reason.DELETED, "@example")
    row = (
        "1700000000000000002",
        "example",
        "2023-09-08T04:15:59",
        79,
        "013e3a8f",
        3,
        "1700000000000000001",
        "@example",
    )
    more = {"kinds": ["image", "video"], "alts": [16, None], "quote": "1699999999999999999", "poll": [None, None]}
    check(tweet, row, {**more, "counts": (5, 0, 1234, None)})
    assert tweet.editions == ("1700000000000000002", "1700000000000000003")
    assert tweet.post is not None
    assert tweet.post.poll is not None
    assert tweet.post.poll.votes == 1234
    assert [file.url for file in tweet.post.attachments] == [
        "https://pbs.twimg.com/media/AbCdEf123.jpg",
        "https://video.twimg.com/ext_tw_video/1/pu/vid/720x720/x.mp4",
    ]
