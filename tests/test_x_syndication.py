"""What X gives other people's pages of a post: climbing, looking, and the answers that are no post."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from statuses import FIRST, Json, shown, user

from archiver.errors import ArchiverError, RateLimited, Refused
from archiver.http.message import Request, Response
from archiver.model import Missing, Post, Reason
from archiver.platforms.x.collect import SOURCES
from archiver.platforms.x.state import State
from archiver.platforms.x.syndication import Call, climb, look, parse_result, token

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
STONE = {"__typename": "TweetTombstone", "tombstone": {"text": {"text": "This Post was deleted by the Post author."}}}

Answer = tuple[int, Any] | ArchiverError


def id_of(number: int) -> str:
    return str(FIRST + number)


class Pages:
    """Answers for each number of a post, and what was asked, as numbers."""

    def __init__(self, answers: dict[int, Answer]):
        self.answers = answers
        self.asked: list[int] = []

    def __call__(self, request: Request) -> Response:
        id_ = request.url.split("id=")[1].split("&")[0]
        expected = f"https://cdn.syndication.twimg.com/tweet-result?id={id_}&lang=en&token={token(id_)}"
        assert request == Request(url=expected)
        self.asked.append(int(id_) - FIRST)
        answer = self.answers[self.asked[-1]]
        if isinstance(answer, ArchiverError):
            raise answer
        status, content = answer
        body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        return Response(request=request, url=request.url, status=status, headers=(), body=body, fetched_at=NOON)


def drive(call: Call, send: Callable[[Request], Response]) -> None:
    steps: Iterator[Request] = call
    try:
        request = next(steps)
        while True:
            request = call.send(send(request))
    except StopIteration:
        return


def thread(count: int) -> dict[int, Answer]:
    return {number: (200, shown(number, answers=number - 1 if number else None)) for number in range(count)}


@pytest.mark.parametrize(
    ("id_", "word"),
    [
        ("20", "6dq1a2xwd93"),
        ("1641086480675225601", "3z7miaszni8"),
        ("2023357708301455483", "4wkkd5uwebk"),
        ("859784610000000000", "2313cjoju3m"),
        ("463440424141459456", "14fxvks611f"),
        ("7312", "1ssyszzh2bd"),
    ],
)
def test_the_token_is_what_javascript_makes_of_an_id(id_: str, word: str) -> None:
    assert token(id_) == word


def test_a_thread_is_climbed_from_its_last_post() -> None:
    state, pages = State(sources=SOURCES), Pages(thread(5))
    drive(climb(state, id_of(4)), pages)
    assert pages.asked == [4, 3, 2, 1, 0]
    nodes = state.nodes()
    assert [nodes[id_of(number)].in_reply_to for number in range(5)] == [None, *map(id_of, range(4))]
    assert all(isinstance(node, Post) and node.route == "syndication" for node in nodes.values())
    assert state.is_first(id_of(0))


def test_the_post_above_is_not_taken_from_the_answer() -> None:
    state, pages = (
        State(sources=SOURCES),
        Pages({1: (200, {**shown(1, answers=0), "parent": shown(0)}), 0: (404, "<html>")}),
    )
    drive(climb(state, id_of(1)), pages)
    assert not state.has_post(id_of(0))


def test_climbing_ends_at_somebody_elses_post() -> None:
    reply = shown(2, answers=1, in_reply_to_user_id_str="8", in_reply_to_screen_name="bo")
    state, pages = State(sources=SOURCES), Pages({2: (200, reply)})
    drive(climb(state, id_of(2)), pages)
    assert pages.asked == [2]
    assert state.parent(id_of(2)) == (id_of(1), "8")


def test_climbing_knows_the_author_by_handle_too() -> None:
    reply = shown(1, answers=0, in_reply_to_user_id_str=None, in_reply_to_screen_name="WREN")
    pages = Pages({1: (200, reply), 0: (200, shown(0))})
    drive(climb(State(sources=SOURCES), id_of(1)), pages)
    assert pages.asked == [1, 0]


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        ((404, "<html>not here</html>"), Reason.UNKNOWN, "X answers 404 and does not say why"),
        ((404, {"error": "Not found"}), Reason.UNKNOWN, "X answers 404 and does not say why"),
        ((404, []), Reason.UNKNOWN, "X answers 404 and does not say why"),
        ((404, STONE), Reason.DELETED, "X says: “This Post was deleted by the Post author.”"),
        ((400, {"error": "Bad request."}), Reason.UNKNOWN, "X answers 400: there is no such id"),
        ((200, {}), Reason.UNKNOWN, "X shows it to no logged-out reader"),
        (
            (200, {"__typename": "TweetTombstone", "tombstone": {}}),
            Reason.UNKNOWN,
            "X shows it to no logged-out reader",
        ),
        ((200, STONE), Reason.DELETED, "X says: “This Post was deleted by the Post author.”"),
        ((200, {**shown(1, answers=0), "user": None}), Reason.UNKNOWN, "X shows it without its author"),
    ],
)
def test_climbing_ends_at_what_is_not_shown(answer: Answer, reason: Reason, detail: str) -> None:
    state, pages = State(sources=SOURCES), Pages({**thread(3), 1: answer})
    drive(climb(state, id_of(2)), pages)
    assert pages.asked == [2, 1]
    gap = state.nodes()[id_of(1)]
    assert isinstance(gap, Missing)
    assert (gap.reason, gap.detail, gap.seen_at) == (reason, detail, NOON)


def test_nothing_is_asked_twice() -> None:
    state, pages = State(sources=SOURCES), Pages(thread(3))
    drive(look(state, [id_of(1), id_of(1), id_of(2)]), pages)
    drive(look(state, [id_of(2)]), pages)
    drive(climb(state, id_of(2)), pages)
    assert pages.asked == [1, 2]


def test_an_answer_that_is_no_word_on_the_post_is_refused() -> None:
    with pytest.raises(Refused, match="403"):
        drive(look(State(sources=SOURCES), [id_of(0)]), Pages({0: (403, {})}))
    with pytest.raises(Refused, match="web page"):
        drive(look(State(sources=SOURCES), [id_of(0)]), Pages({0: (200, "<html>")}))


def test_a_limit_ends_it_and_what_was_seen_stays() -> None:
    state, pages = State(sources=SOURCES), Pages({**thread(3), 1: RateLimited("later")})
    with pytest.raises(RateLimited):
        drive(climb(state, id_of(2)), pages)
    assert state.has_post(id_of(2))


def read(answer: Json) -> Post:
    post = parse_result(answer, id_of(0)).post
    assert post is not None
    return post


def test_a_long_text_is_a_beginning() -> None:
    assert read(shown(text="a" * 275, note_tweet={"id": "Tm90ZQ=="})).truncated
    assert not read(shown(text="a short one", note_tweet={"id": "Tm90ZQ=="})).truncated


def test_media_quote_card_and_versions_are_read() -> None:
    picture = {"type": "photo", "url": "https://t.co/p", "media_url_https": "https://pbs.twimg.com/media/A.jpg"}
    values = {"title": {"type": "STRING", "string_value": "News"}, "vanity_url": {"type": "STRING"}}
    answer = shown(
        text="Look https://t.co/p",
        mediaDetails=[picture],
        photos=[{"url": "https://pbs.twimg.com/media/A.jpg"}],
        quoted_tweet=shown(1, "Quoted", user=user("bo", "8")),
        card={"name": "summary", "url": "https://t.co/c", "binding_values": values},
        edit_control={"edit_tweet_ids": [id_of(1), id_of(0)]},
        entities={"urls": {}, "hashtags": {}},
    )
    post = read(answer)
    assert post.content == "<p>Look</p>"
    assert [(file.kind, file.title) for file in post.attachments] == [("image", None), ("card", "News")]
    assert isinstance(post.quote, Post)
    assert post.quote.author.handle == "bo"
    assert parse_result(answer, id_of(0)).editions == (id_of(0), id_of(1))


def test_a_strange_answer_is_a_gap() -> None:
    gap = parse_result({**shown(), "user": {"id_str": "7"}}, id_of(0)).tombstone
    assert gap
    assert (gap.id, gap.reason) == (id_of(0), Reason.UNKNOWN)


def test_a_repost_is_a_gap() -> None:
    gap = parse_result(shown(retweeted_status=shown(1)), id_of(0)).tombstone
    assert gap
    assert gap.reason is Reason.UNKNOWN
