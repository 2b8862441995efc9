"""Cards of X's posts, and the words for what is not shown."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from statuses import FIRST, Json, status, video

from archiver.model import Attachment, Missing, Option, Poll, Post, Reason
from archiver.platforms.x.parts import parse_card, parse_poll
from archiver.platforms.x.tweet import named_reason, readable, reason_of, tombstone
from archiver.platforms.x.v1 import parse_status


def post(one: Json) -> Post:
    tweet = parse_status(one)
    assert tweet
    assert tweet.post
    return tweet.post


def card(name: str, **values: str) -> Json:
    found = [{"key": key, "value": {"type": "STRING", "string_value": value}} for key, value in values.items()]
    found.append({"key": "photo", "value": {"type": "IMAGE", "image_value": {"url": "https://pbs.twimg.com/a"}}})
    return {"name": name, "url": "https://t.co/card", "binding_values": found}


def test_a_poll_is_read() -> None:
    end = {"end_datetime_utc": "2019-02-26T08:00:00Z"}
    asked = card("poll2choice_text_only", choice1_label="Yes", choice2_label="No", **end)
    closes = datetime(2019, 2, 26, 8, tzinfo=UTC)
    assert parse_poll(asked) == Poll(options=(Option(text="Yes"), Option(text="No")), closes_at=closes)
    told = card("1:poll2choice_image", choice1_label="Yes", choice1_count="3", choice2_label="No", choice2_count="0")
    poll = Poll(options=(Option(text="Yes", votes=3), Option(text="No", votes=0)), voters=3, votes=3)
    assert parse_poll(told) == poll
    as_map = {**told, "binding_values": {item["key"]: item["value"] for item in told["binding_values"]}}
    found = post(status(card=as_map))
    assert (found.poll, found.attachments) == (poll, ())
    assert parse_poll(card("summary")) is parse_poll(None) is None


def test_a_link_preview_is_a_card() -> None:
    urls = {"urls": [{"url": "https://t.co/card", "expanded_url": "https://ash.example/news"}]}
    preview = card("summary", title="News", description="All of it")
    found = post(status(text="See https://t.co/card", entities=urls, card=preview))
    news = Attachment(kind="card", url="https://ash.example/news", title="News", description="All of it")
    assert found.attachments == (news,)
    assert "https://ash.example/news</a>" in found.content
    assert parse_card(preview, {}) == replace(news, url="https://t.co/card")
    picture = {"key": "thumbnail_image_original", "value": {"image_value": {"url": "https://pbs.twimg.com/b"}}}
    pictured = {**preview, "binding_values": [*preview["binding_values"], picture]}
    assert parse_card(pictured, {}) == replace(news, url="https://t.co/card", picture="https://pbs.twimg.com/b")
    live = card("1:broadcast", broadcast_title="Live", broadcast_url="https://x.com/i/broadcasts/1")
    assert parse_card(live, {}) == Attachment(kind="card", url="https://x.com/i/broadcasts/1", title="Live")


def test_a_card_that_tells_nothing_is_none() -> None:
    assert parse_card(None, {}) is None
    assert parse_card(card("summary"), {}) is None
    assert parse_card({**card("summary", title="News"), "url": "card://1"}, {}) is None
    assert parse_card({}, {}) is None


def test_a_card_with_its_own_media_is_read() -> None:
    details = {"data": {"title": {"content": "Shop"}, "subtitle": {"content": "shop.example"}}}
    again = {"data": {"title": {"content": "Other"}}}
    target = {"data": {"url_data": {"url": "https://shop.example/"}}}
    unified = {
        "component_objects": {"details_1": details, "details_2": again, "media_1": {"data": {"id": "13_1"}}},
        "destination_objects": {"one": target, "two": {"data": {"url_data": {"url": "https://shop.example/2"}}}},
        "media_entities": {"13_1": {**video(288000), "url": ""}},
    }
    found = post(status(card=card("unified_card", unified_card=json.dumps(unified)))).attachments
    assert [(file.kind, file.url, file.title, file.description) for file in found] == [
        ("video", "https://video.twimg.com/288000.mp4", None, None),
        ("card", "https://shop.example/", "Shop", "shop.example"),
    ]


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"media_entities": [], "a": {"title": "b"}}'])
def test_a_card_of_another_form_is_left_out(text: str) -> None:
    assert post(status(card=card("unified_card", unified_card=text))).attachments == ()


def test_a_strange_card_does_not_cost_the_post() -> None:
    found = post(status(card={"name": "summary", "binding_values": [1]}))
    assert (found.content, found.attachments) == ("<p>A text</p>", ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("This Post was deleted by the Post author. Learn more", Reason.DELETED),
        ("This Tweet was deleted.", Reason.DELETED),
        ("This Post is from an account that no longer exists. Learn more", Reason.DELETED),
        ("This Post is from a suspended account. Learn more", Reason.SUSPENDED),
        ("You’re unable to view this Post because this account owner limits who can view their Posts.", Reason.PRIVATE),
        ("These Tweets are protected", Reason.PRIVATE),
        ("You can’t see this Post because its author has blocked you", Reason.BLOCKED),
        ("This Post has been withheld in Atlantis in response to a legal demand.", Reason.WITHHELD),
        ("This Post violated the X Rules. Learn more", Reason.WITHHELD),
        ("Age-restricted adult content. This content might not be appropriate for everybody.", Reason.WITHHELD),
        ("This Post is unavailable. Learn more", Reason.UNKNOWN),
        ("", Reason.UNKNOWN),
    ],
)
def test_the_words_of_a_tombstone_give_its_reason(text: str, reason: Reason) -> None:
    assert reason_of(text) is reason


def test_a_tombstone_keeps_the_words() -> None:
    gap = tombstone(str(FIRST), "This Post was deleted by the Post author. Learn more").node
    assert isinstance(gap, Missing)
    assert gap.detail == "X says: “This Post was deleted by the Post author.”"
    assert (gap.url, gap.created_at is not None) == (f"https://x.com/i/status/{FIRST}", True)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("NsfwLoggedOut", Reason.WITHHELD),
        ("NsfwViewerHasNoStatedAge", Reason.WITHHELD),
        ("Protected", Reason.PRIVATE),
        ("Suspended", Reason.SUSPENDED),
        ("Unknown", Reason.UNKNOWN),
    ],
)
def test_a_reason_may_be_a_name(name: str, reason: Reason) -> None:
    assert named_reason(name) is reason


def test_a_strange_answer_without_an_id_is_an_error() -> None:
    with pytest.raises(KeyError):
        readable(lambda: parse_status({}), "")
