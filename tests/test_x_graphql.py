"""Documents of X's own web interface, as other programs save them."""

from typing import Any

import pytest
from statuses import AVATAR, FIRST, Json, entry, result

from archiver.errors import SHAPE_ERRORS
from archiver.model import Attachment, Author, Missing, Post, Reason
from archiver.platforms.x.graphql import parse_graphql
from archiver.platforms.x.tweet import Tweet

WREN = Author(id="7", handle="wren", name="Wren", url="https://x.com/wren", avatar=AVATAR)


def ids(*numbers: int) -> list[str]:
    return [str(FIRST + number) for number in numbers]


def document(*entries: Json) -> Json:
    instructions = [{"type": "TimelineClearCache"}, {"type": "TimelineAddEntries", "entries": [*entries]}]
    return {"data": {"threaded_conversation_with_injections_v2": {"instructions": instructions}}}


def one(data: Any) -> Tweet:
    (tweet,) = parse_graphql(data)
    return tweet


def post(data: Any) -> Post:
    found = one(data).post
    assert found is not None
    return found


def gap(data: Any) -> Missing:
    found = one(data).tombstone
    assert found is not None
    return found


def test_a_thread_is_read_from_its_entries_and_modules() -> None:
    items = [
        {"entryId": f"conversationthread-{id_}-tweet-{id_}", "item": entry(result(number, answers=number - 1), id_)}
        for number, id_ in enumerate(ids(1, 2), start=1)
    ]
    module = {"entryId": f"conversationthread-{FIRST + 1}", "content": {"items": items}}
    cursor = {"entryId": "cursor-bottom-1", "content": {"value": "abc"}}
    found = parse_graphql(document(entry(result(), str(FIRST)), module, cursor))
    assert [tweet.id for tweet in found] == ids(0, 1, 2)
    assert [tweet.node.in_reply_to for tweet in found] == [None, *ids(0, 1)]
    assert [tweet.parent_author for tweet in found] == [None, "7", "7"]
    assert {tweet.conversation for tweet in found} == {str(FIRST)}


@pytest.mark.parametrize(
    "data",
    [
        result(),
        [result()],
        {"data": {"tweetResult": {"result": result()}}},
        {"data": {"tweetResult": [{"result": result()}]}},
        {"__typename": "TweetWithVisibilityResults", "tweet": result(), "limitedActionResults": {}},
        {"tweet_results": {"result": {"tweet": result()}}},
        {"posts": {"a": {key: value for key, value in result().items() if key != "__typename"}}},
    ],
)
def test_a_post_is_found_wherever_it_is(data: Any) -> None:
    assert (one(data).id, post(data).author, post(data).content) == (str(FIRST), WREN, "<p>A text</p>")


def test_names_were_elsewhere_until_2025() -> None:
    old = result()
    legacy = {"screen_name": "wren", "name": "Wren", "profile_image_url_https": AVATAR}
    old["core"]["user_results"]["result"] = {"rest_id": "7", "legacy": legacy}
    assert post(old).author == WREN


def test_reposts_and_advertisements_are_left_out() -> None:
    repost = result(1, "RT @bo: A text", retweeted_status_result={"result": result()})
    outside = result(2, RETWEETED_STATUS_RESULT={"result": result()})
    advertisement = entry(result(3), str(FIRST + 3), promotedMetadata={"advertiser": 1})
    other = {**entry(result(4), str(FIRST + 4)), "entryId": f"promoted-tweet-{FIRST + 4}"}
    related = {"entryId": "tweetdetailrelatedtweets-1", "content": entry(result(5), str(FIRST + 5))}
    assert parse_graphql(document(entry(repost, "1"), entry(outside, "2"), advertisement, other, related)) == []


@pytest.mark.parametrize("key", ["text", "richText"])
def test_a_tombstone_has_the_id_of_its_entry(key: str) -> None:
    stone = {"__typename": "TweetTombstone", "tombstone": {key: {"text": "This Post was deleted by the Post author."}}}
    found = gap(document(entry(stone, str(FIRST))))
    assert (found.id, found.reason) == (str(FIRST), Reason.DELETED)
    assert found.detail == "X says: “This Post was deleted by the Post author.”"


def test_an_empty_tombstone_says_nothing() -> None:
    found = gap(document(entry({"__typename": "TweetTombstone", "tombstone": {"a": 1}}, "20")))
    assert found.reason is Reason.UNKNOWN


@pytest.mark.parametrize(
    ("shown", "reason", "detail"),
    [
        ({"__typename": "TweetUnavailable", "reason": "NsfwLoggedOut"}, Reason.WITHHELD, "“NsfwLoggedOut”"),
        ({"__typename": "TweetUnavailable", "reason": "Suspended"}, Reason.SUSPENDED, "“Suspended”"),
        ({"__typename": "TweetPreviewDisplay", "tweet": {"rest_id": str(FIRST)}}, Reason.WITHHELD, "subscribers"),
        ({"__typename": "TweetUnavailable"}, Reason.UNKNOWN, "nothing in its place"),
        ({}, Reason.UNKNOWN, "nothing in its place"),
        (None, Reason.UNKNOWN, "nothing in its place"),
    ],
)
def test_what_is_not_shown_says_why(shown: Json | None, reason: Reason, detail: str) -> None:
    found = gap(document(entry(shown, str(FIRST))))
    assert (found.id, found.reason) == (str(FIRST), reason)
    assert detail in found.detail


@pytest.mark.parametrize("shown", [{"__typename": "TweetUnavailable", "reason": "Suspended"}, {}, None])
def test_what_has_no_id_is_left_out(shown: Json | None) -> None:
    assert parse_graphql({"data": {"tweetResult": {"result": shown}}}) == []
    assert parse_graphql({"data": {"tweetResult": [None, {"result": shown}]}}) == []


def test_one_strange_post_does_not_cost_the_others() -> None:
    strange = result(1)
    del strange["core"]
    found = parse_graphql(document(entry(result(), str(FIRST)), entry(strange, str(FIRST + 1))))
    assert [tweet.id for tweet in found] == ids(0, 1)
    assert found[1].tombstone
    assert found[1].tombstone.reason is Reason.UNKNOWN


def test_a_strange_post_without_an_id_is_an_error() -> None:
    strange = result()
    del strange["rest_id"]
    with pytest.raises(SHAPE_ERRORS):
        parse_graphql(strange)


def test_the_whole_text_of_a_long_post_is_taken() -> None:
    note = {"note_tweet_results": {"result": {"text": "a & b " * 100, "entity_set": {}}}, "is_expandable": True}
    found = post(result(text="a &amp; b " * 28, NOTE_TWEET=note))
    assert (found.content, found.truncated) == ("<p>" + "a &amp; b " * 100 + "</p>", False)
    assert post(result(text="a" * 276, NOTE_TWEET={"note_tweet_results": {}})).truncated


def test_versions_and_polls_are_read() -> None:
    control = {"initial_tweet_id": str(FIRST), "edit_control_initial": {"edit_tweet_ids": ids(0, 1)}}
    values = [{"key": "choice1_label", "value": {"string_value": "Yes"}}]
    card = {"rest_id": "card://1", "legacy": {"name": "poll2choice_text_only", "binding_values": values}}
    tweet = one(result(1, EDIT_CONTROL=control, CARD=card))
    assert tweet.editions == tuple(ids(0, 1))
    assert tweet.post
    assert tweet.post.poll
    assert [option.text for option in tweet.post.poll.options] == ["Yes"]
    assert post(result(CARD={"rest_id": "https://t.co/a"})).attachments == ()


def test_an_article_is_shown_by_its_beginning() -> None:
    article = {"rest_id": "99", "title": "On wrens", "preview_text": "Wrens are small."}
    entities = {"urls": [{"url": "https://t.co/a", "expanded_url": "http://x.com/i/article/99", "indices": [0, 14]}]}
    found = post(result(text="https://t.co/a", entities=entities, ARTICLE={"article_results": {"result": article}}))
    card = Attachment(kind="card", url="https://x.com/i/article/99", title="On wrens", description="Wrens are small.")
    assert found.attachments == (card,)
    assert "http://x.com/i/article/99</a>" in found.content
    assert post(result(ARTICLE={})).attachments == ()


def quoting(quoted: Any, **changes: Any) -> Post:
    return post(result(1, quoted_status_id_str=str(FIRST), QUOTED_STATUS_RESULT={"result": quoted}, **changes))


def test_a_quoted_post_is_read_one_level_deep() -> None:
    inner = result(text="Quoted", quoted_status_id_str="20", QUOTED_STATUS_RESULT={"result": result(2)})
    for quoted in (inner, {"__typename": "TweetWithVisibilityResults", "tweet": inner}):
        found = quoting(quoted)
        assert isinstance(found.quote, Post)
        assert (found.quote.id, found.quote.content, found.quote.quote) == (str(FIRST), "<p>Quoted</p>", None)


@pytest.mark.parametrize(
    ("quoted", "reason"),
    [
        ({"__typename": "TweetUnavailable", "reason": "Suspended"}, Reason.SUSPENDED),
        ({"__typename": "TweetTombstone", "tombstone": {"text": {"text": "withheld"}}}, Reason.WITHHELD),
        ({}, Reason.NOT_LOADED),
        ({"legacy": {"full_text": "strange"}}, Reason.UNKNOWN),
    ],
)
def test_a_quoted_post_that_is_not_shown_is_a_gap(quoted: Json, reason: Reason) -> None:
    found = quoting(quoted)
    assert isinstance(found.quote, Missing)
    assert (found.quote.id, found.quote.reason) == (str(FIRST), reason)


def test_a_quoted_post_without_a_word_or_an_id_is_none() -> None:
    assert post(result(QUOTED_STATUS_RESULT={"result": {"__typename": "TweetUnavailable"}})).quote is None
    assert post(result(QUOTED_STATUS_RESULT={})).quote is None


@pytest.mark.parametrize(
    "data", [None, [], {}, "text", {"data": {"user": {"legacy": None}}}, {"errors": [{"code": 88}]}]
)
def test_a_document_without_posts_has_none(data: Any) -> None:
    assert parse_graphql(data) == []
