"""JSON that somebody saved of X -> posts, whichever interface gave it: that is told by its keys, not by its age."""

from functools import partial
from typing import Any

from archiver.platforms.x import api_v2_post, fx_status, graphql, syndication, v1
from archiver.platforms.x.embeds import parse_embeds
from archiver.platforms.x.tweet import Tweet
from archiver.platforms.x.unavailable import readable

Json = dict[str, Any]

FX = {"tweetID", "tweet", "status", "thread", "results"}  # FxTwitter's names beside its `code`, and vxTwitter's
TEXTS = {"text", "full_text", "extended_tweet"}


def parse_json(data: Any) -> list[Tweet]:
    """Return every post of a saved answer, or of a list of them; [] for JSON of another kind."""
    if isinstance(data, list):
        return [tweet for item in data for tweet in parse_json(item)]
    if not isinstance(data, dict):
        return []
    if _is_v2(data):
        return api_v2_post.parse_answer(data)
    if "tweetID" in data or ("code" in data and FX & data.keys()):
        return fx_status.parse_answer(data)
    if "html" in data:
        return parse_embeds(data["html"])
    if isinstance(data.get("statuses"), list):  # a search of version 1.1
        return parse_json(data["statuses"])
    if "mediaDetails" in data or data.get("__typename") == "TweetTombstone":
        return _syndicated(data)
    if "id_str" in data and TEXTS & data.keys():
        tweet = readable(partial(v1.parse_status, data), v1.id_in(data, "id") or "")
        return [tweet] if tweet else []
    return graphql.parse_graphql(data)


def _is_v2(data: Json) -> bool:
    """Tell whether this is an answer of the official API: `data` is a post or posts there, a tree elsewhere."""
    posts = data.get("data")
    first = posts[0] if isinstance(posts, list) and posts else posts
    return isinstance(first, dict) and {"id", "text"} <= first.keys()


def _syndicated(data: Json) -> list[Tweet]:
    """Read what embeds are made of; a tombstone in it does not say whose it is."""
    id_ = v1.id_in(data, "id")
    return [syndication.parse_result(data, id_)] if id_ else []
