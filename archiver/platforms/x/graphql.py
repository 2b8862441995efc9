"""What X's own web interface reads (GraphQL) -> posts, as other programs save it. It is not asked here.

A document is a tree of instructions, entries and modules that changes every few weeks. So posts are looked for
wherever they are: under `tweet_results`, or by themselves.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from archiver.model import Attachment, Author, Node, Post, Reason
from archiver.platforms.x.tweet import SITE, Tweet, author_of, gap, named_reason, readable, tombstone
from archiver.platforms.x.v1 import Json, id_in, is_repost, not_shown, read

HOLDERS = ("tweet_results", "tweetResult", "tweet_result")
TYPES = ("Tweet", "TweetWithVisibilityResults", "TweetTombstone", "TweetUnavailable", "TweetPreviewDisplay")
ENTRY = re.compile(r"tweet-(\d+)$")
FOREIGN = re.compile(r"promoted|tweetdetailrelatedtweets|who-to-follow|trends")


def parse_graphql(data: Any) -> list[Tweet]:
    """Read all posts and tombstones of a document, or a single result; reposts and advertisements are left out.

    A tombstone of which nothing tells the id is left out too.
    """
    read_all = (readable(partial(_tweet, result, named), _id_of(result) or named) for result, named in _results(data))
    return [tweet for tweet in read_all if tweet]


def _results(data: Any) -> Iterator[tuple[Json, str]]:
    """Yield every post in the order of the document, with the id that its entry names, "" where it names none."""
    stack: list[tuple[Any, str]] = [(data, "")]
    while stack:
        value, named = stack.pop()
        if isinstance(value, list):
            stack.extend((item, named) for item in reversed(value))
        elif isinstance(value, dict) and _is_result(value):
            yield value, named
        elif isinstance(value, dict):
            entry = str(value.get("entryId") or "")
            if "promotedMetadata" in value or FOREIGN.match(entry):
                continue
            if match := ENTRY.search(entry):
                named = match[1]
            holders = [value[key] for key in HOLDERS if key in value]
            yield from ((result, named) for holder in holders for result in _results_of(holder))
            if not holders:
                stack.extend((item, named) for item in reversed(value.values()))


def _results_of(holder: Any) -> list[Json]:
    """Return what a holder of one or several results holds, {} for one that X leaves empty."""
    holders = holder if isinstance(holder, list) else [holder]
    return [each.get("result") or {} for each in holders if isinstance(each, dict)]


def _is_result(value: Json) -> bool:
    legacy = value.get("legacy")
    return value.get("__typename") in TYPES or (isinstance(legacy, dict) and "full_text" in legacy)


def _unwrapped(result: Json) -> Json:
    """Return the post inside of what says who may answer it."""
    inner = result.get("tweet")
    return inner if isinstance(inner, dict) and "legacy" not in result else result


def _id_of(result: Json) -> str:
    post = _unwrapped(result)
    return id_in(post, "rest_id") or id_in(post.get("legacy") or {}, "id") or ""


def _tweet(result: Json, named: str, nested: bool = False) -> Tweet | None:
    post = _unwrapped(result)
    if not post.get("legacy"):
        id_ = _id_of(result) or named
        return _not_shown(result, id_) if id_ else None
    legacy = post["legacy"]
    if is_repost(legacy) or is_repost(post):
        return None
    status = {
        **legacy,
        "id_str": _id_of(post),
        "card": (post.get("card") or {}).get("legacy"),
        "edit_control": post.get("edit_control"),
        "note_tweet": post.get("note_tweet"),
    }
    tweet = read(status, _author(post["core"]["user_results"]["result"]), None if nested else _quote(post, legacy))
    return _with_article(tweet, post)


def _not_shown(result: Json, id_: str) -> Tweet:
    if stone := result.get("tombstone"):
        return tombstone(id_, (stone.get("text") or stone.get("richText") or {}).get("text") or "")
    if reason := result.get("reason"):
        return gap(id_, named_reason(reason), f"X gives the reason “{reason}”")
    if result.get("__typename") == "TweetPreviewDisplay":
        return gap(id_, Reason.WITHHELD, "X shows it to the author's subscribers only")
    return gap(id_, Reason.UNKNOWN, "X shows nothing in its place")


def _author(user: Json) -> Author:
    """Read who wrote a post; until 2025 the names were in `legacy`."""
    names = {**(user.get("legacy") or {}), **(user.get("core") or {})}
    avatar = (user.get("avatar") or {}).get("image_url") or names.get("profile_image_url_https")
    return author_of(names["screen_name"], names.get("name") or "", id_in(user, "rest_id"), avatar)


def _quote(post: Json, legacy: Json) -> Node | None:
    id_ = id_in(legacy, "quoted_status_id") or ""
    quoted = (post.get("quoted_status_result") or {}).get("result")
    if not quoted:
        return not_shown(id_, legacy.get("quoted_status_permalink")) if id_ else None
    tweet = readable(partial(_tweet, quoted, id_, nested=True), _id_of(quoted) or id_)
    return tweet.node if tweet else None


def _with_article(tweet: Tweet, post: Json) -> Tweet:
    """Add the beginning of a long article as a card: the post itself is no more than its address."""
    article = ((post.get("article") or {}).get("article_results") or {}).get("result") or {}
    if not article.get("title") or not isinstance(tweet.node, Post):
        return tweet
    card = Attachment(
        kind="card",
        url=f"{SITE}/i/article/{article['rest_id']}",
        title=article["title"],
        description=article.get("preview_text"),
    )
    return replace(tweet, node=replace(tweet.node, attachments=(*tweet.node.attachments, card)))
