"""X's official interface: what is asked for, what it may cost, and what an answer proves."""

import json
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from archiver.errors import Gone, NetworkError, ParseError, Refused
from archiver.http.message import Request, Response
from archiver.model import Missing, Post, Reason
from archiver.platforms.x.api_v2 import FIELDS, conversation, look, window
from archiver.platforms.x.collect import SOURCES
from archiver.platforms.x.snowflake import first_id
from archiver.platforms.x.state import State
from archiver.routes import Ref

Call = Generator[Request, Response, None]
Json = dict[str, Any]

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)  # long after: a token for a week is of no use
ROOT = first_id(START)
ANN, BO = ({"id": "7", "username": "ann_ash", "name": "Ann"}, {"id": "8", "username": "bo", "name": "Bo"})
FORBIDDEN = {"detail": "Not in this plan", "type": "https://api.x.com/2/problems/client-forbidden"}


def id_at(minutes: float) -> str:
    return str(first_id(START + timedelta(minutes=minutes)))


def a_post(minutes: float, answers: float | None = None, by: Json = ANN, to: Json = ANN, **fields: Any) -> Json:
    post = {
        "id": id_at(minutes),
        "text": f"Minute {minutes:g}",
        "author_id": by["id"],
        "conversation_id": str(ROOT),
        **fields,
    }
    if answers is not None:
        post |= {"in_reply_to_user_id": to["id"], "referenced_tweets": [{"type": "replied_to", "id": id_at(answers)}]}
    return post


def page(*posts: Json, token: str = "", also: tuple[Json, ...] = (), errors: tuple[Json, ...] = ()) -> Json:
    meta = {"result_count": len(posts), **({"next_token": token} if token else {})}
    answer: Json = {"includes": {"users": [ANN, BO], "tweets": list(also)}, "meta": meta}
    return answer | ({"data": list(posts)} if posts else {}) | ({"errors": list(errors)} if errors else {})


def lacking(minutes: float, title: str = "Not Found Error", problem: str = "resource-not-found") -> Json:
    id_ = id_at(minutes)
    return {
        "value": id_,
        "resource_id": id_,
        "resource_type": "tweet",
        "parameter": "ids",
        "title": title,
        "detail": f"Could not find tweet with ids: [{id_}].",
        "type": f"https://api.twitter.com/2/problems/{problem}",
    }


def counts(total: int, token: str = "") -> Json:
    return {"data": [], "meta": {"total_tweet_count": total, **({"next_token": token} if token else {})}}


class X:
    """Answers one after the other, each a body or a status and a body; `asked` holds the requests."""

    def __init__(self, *answers: Json | tuple[int, Any], now: datetime = NOW):
        self.answers = list(answers)
        self.asked: list[Request] = []
        self.now = now

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Response(request=request, url=request.url, status=status, headers=(), body=raw, fetched_at=self.now)

    def run(self, call: Call) -> None:
        """Drive a call to its end; every answer must have been asked for."""
        try:
            request = next(call)
            while True:
                request = call.send(self(request))
        except StopIteration:
            assert self.answers == []

    @property
    def paths(self) -> list[str]:
        return [urlsplit(request.url).path.removeprefix("/2/tweets") for request in self.asked]

    @property
    def reads(self) -> list[int]:
        return [request.reads for request in self.asked]

    def query(self, number: int) -> dict[str, str]:
        return {name: " ".join(values) for name, values in parse_qs(urlsplit(self.asked[number].url).query).items()}


def known_of(minutes: float = 0) -> State:
    return State(sources=SOURCES, focus=id_at(minutes))


def shown(state: State) -> dict[str, Post | Missing]:
    return state.nodes()


# Look-ups


def test_posts_are_looked_up_by_the_hundred_and_once() -> None:
    state = known_of()
    ids = [id_at(number) for number in range(101)]
    x = X(page(*(a_post(number) for number in range(100))), page(a_post(100)))
    x.run(look(state, [*ids, ids[0]]))
    x.run(look(state, ids))
    assert x.query(0)["ids"].split(",") == ids[:100]
    assert x.query(1)["ids"] == ids[100]
    assert x.reads == [200, 2]
    assert {request.auth for request in x.asked} == {"x_bearer"}
    assert all(request.url.startswith("https://api.x.com/2/tweets?") for request in x.asked)
    assert {sight.route for sights in state.sights.values() for sight in sights} == {"api_v2"}
    assert state.sights[ids[3]][0].seen_at == NOW


def test_every_field_that_is_read_is_asked_for() -> None:
    x = X(page(a_post(0)))
    x.run(look(known_of(), [id_at(0)]))
    assert {name: x.query(0)[name] for name in FIELDS} == FIELDS
    assert {"note_tweet", "edit_controls", "withheld", "entities"} <= set(FIELDS["tweet.fields"].split(","))


def test_what_is_not_shown_leaves_a_tombstone() -> None:
    state = known_of()
    X(page(errors=(lacking(0),))).run(look(state, [id_at(0)]))
    [node] = shown(state).values()
    assert isinstance(node, Missing)
    assert node.reason is Reason.DELETED


def test_an_unknown_field_is_left_out_and_asked_without_once() -> None:
    message = "The `tweet.fields` query parameter value [article] is not one of [attachments,lang]"
    x = X((400, {"errors": [{"message": message}]}), page(a_post(0)))
    x.run(look(known_of(), [id_at(0)]))
    fields = x.query(1)["tweet.fields"].split(",")
    assert "article" not in fields
    assert "attachments" in fields
    x = X((400, {"errors": [{"message": message}]}), (400, {"errors": [{"message": message}]}))
    with pytest.raises(Refused, match="is not one of"):
        x.run(look(known_of(), [id_at(0)]))


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (
            401,
            {"title": "Unauthorized"},
            r"X answers 401 for https://api.x.com/2/tweets \(Unauthorized\); check x.bearer",
        ),
        (402, {"detail": "credits\ndepleted"}, r"\(credits depleted\); what your account has paid is used up"),
        (403, {"title": "SpendCapReached", "type": "https://api.x.com/2/problems/credits"}, r"\(SpendCapReached\)$"),
        (400, {"errors": [{"message": "Bad ids"}], "detail": "One or more"}, r"\(Bad ids\)$"),
        (404, b"<html>", "answers 404 for https://api.x.com/2/tweets$"),
        (404, [], "answers 404 for https://api.x.com/2/tweets$"),
        (404, {}, "answers 404 for https://api.x.com/2/tweets$"),
    ],
)
def test_a_no_is_told_in_one_line_with_what_to_do(status: int, body: Any, words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        X((status, body)).run(look(known_of(), [id_at(0)]))
    assert "\n" not in str(caught.value)


def test_an_answer_that_is_no_object_is_no_answer() -> None:
    with pytest.raises(ParseError, match="not an object"):
        X([]).run(look(known_of(), [id_at(0)]))  # type: ignore[arg-type]


# Conversations


def test_a_whole_conversation_takes_a_look_up_a_count_and_a_search() -> None:
    state = known_of(2)
    posts = [a_post(number, number - 1 if number else None) for number in range(4)]
    x = X(page(posts[2]), counts(4), page(*reversed(posts)))
    x.run(conversation(state))
    assert x.paths == ["", "/counts/all", "/search/all"]
    query = f"conversation_id:{ROOT} from:ann_ash"
    assert x.query(1) == {
        "query": query,
        "start_time": "2026-03-01T11:59:59Z",
        "end_time": "2026-03-31T11:59:59Z",
        "granularity": "day",
    }
    assert (x.query(2)["query"], x.query(2)["start_time"]) == (query, "2026-03-01T11:59:59Z")
    assert "end_time" not in x.query(2)
    assert (x.query(2)["max_results"], x.reads) == ("10", [2, 2, 12])
    assert sorted(shown(state)) == sorted(post["id"] for post in posts)
    assert state.end_proof == "X's full-archive search gave all 4 posts by @ann_ash in the conversation that it shows"
    assert state.expected == 4


def test_a_long_conversation_is_read_to_its_last_page_and_charged_once() -> None:
    state = known_of()
    posts = [a_post(number, number - 1 if number else None) for number in range(620)]
    x = X(page(posts[0]), counts(619), page(*posts[120:], token="next"), page(*posts[:120], token="next"))
    x.run(conversation(state))
    assert [x.query(number)["max_results"] for number in (2, 3)] == ["500", "119"]
    assert x.query(3)["next_token"] == "next"
    assert "next_token" not in x.query(2)
    assert x.reads == [2, 2, 621, 0]
    assert len(shown(state)) == 620


def test_what_is_found_beyond_the_count_is_charged_when_it_is_asked_for() -> None:
    posts = [a_post(number, number - 1 if number else None) for number in range(20)]
    x = X(page(posts[0]), counts(3), page(*posts[10:], token="a"), page(*posts[:10]))
    x.run(conversation(known_of()))
    assert x.reads == [2, 2, 12, 10]


@pytest.mark.parametrize(("count", "expected"), [(1, 2), (2, 2), (3, 3)])
def test_posts_that_x_counts_and_does_not_show_are_expected(count: int, expected: int) -> None:
    state = known_of()
    X(page(a_post(0)), counts(count), page(a_post(0), a_post(1, 0))).run(conversation(state))
    assert (bool(state.end_proof), state.expected) == (True, expected)


def test_what_was_added_after_the_time_that_is_counted_does_not_disagree() -> None:
    state, late = known_of(), 60 * 24 * 40
    X(page(a_post(0)), counts(1), page(a_post(late, 0), a_post(0))).run(conversation(state))
    assert state.expected == 2


def test_a_young_conversation_is_counted_up_to_now() -> None:
    x = X(page(a_post(0)), counts(1), page(a_post(0)), now=START + timedelta(hours=1))
    x.run(conversation(known_of()))
    assert x.query(1)["end_time"] == "2026-03-01T12:59:00Z"


def test_a_first_post_that_the_search_does_not_give_is_fetched_apart() -> None:
    state = known_of(2)
    x = X(page(a_post(2, 1)), counts(2), page(a_post(2, 1), a_post(1, 0)), page(a_post(0)))
    x.run(conversation(state))
    assert x.paths[3:] == [""]
    assert x.query(3)["ids"] == id_at(0)
    assert state.expected == 3


def test_gaps_in_the_own_chain_are_looked_up_until_there_are_none() -> None:
    state = known_of(4)
    x = X(
        page(a_post(4, 3)),
        counts(1),
        page(a_post(4, 3)),
        page(a_post(3, 2)),
        page(errors=(lacking(2),)),
    )
    x.run(conversation(state))
    assert [x.query(number)["ids"] for number in (3, 4)] == [id_at(3), id_at(2)]
    stone = shown(state)[id_at(2)]
    assert isinstance(stone, Missing)
    assert (stone.reason, stone.author) == (Reason.DELETED, "7")
    assert state.end_proof
    assert state.expected is None  # nobody showed the first post


def test_somebody_elses_conversation_is_not_looked_up_and_nothing_is_expected_of_it() -> None:
    state = known_of(2)
    parent = a_post(1, 0, by=BO, to=BO)
    mine = a_post(2, 1, to=BO)
    x = X(page(mine, also=(parent,)), counts(2), page(a_post(3, 2), mine, also=(parent,)))
    x.run(conversation(state))
    assert len(x.asked) == 3
    assert state.parent(id_at(2)) == (id_at(1), "8")
    assert (bool(state.end_proof), state.expected) == (True, None)


def test_all_versions_of_an_edited_first_post_are_searched() -> None:
    versions = [id_at(0), id_at(0.5)]
    edited = {"edit_history_tweet_ids": versions}
    new = a_post(0.5, conversation_id=versions[1], **edited)
    old = a_post(0, conversation_id=versions[0], **edited)
    state = known_of(0)
    x = X(page(old, also=(new,)), counts(1), page(new))
    x.run(conversation(state))
    assert x.query(1)["query"] == f"(conversation_id:{versions[0]} OR conversation_id:{versions[1]}) from:ann_ash"
    assert x.query(1)["start_time"] == "2026-03-01T11:59:59Z"
    assert list(shown(state)) == [versions[1]]


def test_an_edited_parent_is_not_looked_up_under_its_old_id() -> None:
    versions = [id_at(0), id_at(0.5)]
    edited = {"edit_history_tweet_ids": versions}
    x = X(page(a_post(0.5, **edited)), counts(2), page(a_post(1, 0), a_post(0.5, **edited)))
    x.run(conversation(known_of(0.5)))
    assert len(x.asked) == 3


def test_a_post_from_before_ids_knew_times_is_searched_from_the_beginning() -> None:
    state = State(sources=SOURCES, focus="20")
    old = {"id": "20", "text": "Old", "author_id": "7", "conversation_id": "20", "created_at": "2006-03-22T10:00:00Z"}
    x = X(page(old), counts(1), page(old))
    x.run(conversation(state))
    assert x.query(2)["start_time"] == "2006-03-20T23:59:59Z"
    assert state.expected == 1


def test_a_post_without_a_conversation_is_its_own() -> None:
    post = {key: value for key, value in a_post(0).items() if key != "conversation_id"}
    x = X(page(post), counts(1), page(post))
    x.run(conversation(known_of()))
    assert x.query(1)["query"] == f"conversation_id:{ROOT} from:ann_ash"


def test_an_author_without_a_handle_is_searched_for_by_the_number() -> None:
    x = X(page(a_post(0) | {"author_id": "9"}), counts(1), page(a_post(0) | {"author_id": "9"}))
    x.run(conversation(known_of()))
    assert x.query(1)["query"] == f"conversation_id:{ROOT} from:9"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (page(errors=(lacking(0),)), Gone, r"x\.com/i/status/\d+ to this token: X says: “Could not find tweet"),
        (page(errors=(lacking(0, "Authorization Error", "not-authorized-for-resource"),)), Refused, "Could not find"),
        (page(), Refused, "its interface says nothing of it"),
        (page(a_post(0) | {"author_id": None}), Refused, "form that is not known"),
    ],
)
def test_a_post_that_is_not_shown_ends_it(answer: Json, error: type[Exception], words: str) -> None:
    state = known_of()
    with pytest.raises(error, match=words):
        X(answer).run(conversation(state))
    assert (state.end_proof, state.expected) == ("", None)


def test_what_another_source_showed_is_not_the_word_of_this_one() -> None:
    state = known_of()
    X(page(a_post(0))).run(look(state, [id_at(0)]))
    state.sights[id_at(0)] = [replace(sight, route="wayback") for sight in state.sights[id_at(0)]]
    with pytest.raises(Refused, match="says nothing of it"):
        X().run(conversation(state))


def test_a_token_for_a_week_is_enough_for_a_young_conversation() -> None:
    state = known_of()
    x = X(page(a_post(0)), (403, FORBIDDEN), counts(1), page(a_post(0)), now=START + timedelta(days=6))
    x.run(conversation(state))
    assert x.paths == ["", "/counts/all", "/counts/recent", "/search/recent"]
    assert state.end_proof == (
        "X's search of the last seven days gave all 1 posts by @ann_ash in the conversation that it shows"
    )


def test_a_page_of_the_small_search_holds_a_hundred() -> None:
    posts = [a_post(number, number - 1 if number else None) for number in range(150)]
    x = X(
        *(page(posts[0]), (403, FORBIDDEN), counts(150), page(*posts[50:], token="a"), page(*posts[:50])),
        now=START + timedelta(days=1),
    )
    x.run(conversation(known_of()))
    assert [x.query(number)["max_results"] for number in (3, 4)] == ["100", "50"]


def test_a_token_for_a_week_proves_nothing_of_an_older_conversation() -> None:
    state = known_of()
    x = X(page(a_post(0)), (403, FORBIDDEN), now=START + timedelta(days=7))
    with pytest.raises(
        Refused, match=r"403 for https://api.x.com/2/tweets/counts/all \(Not in this plan\); the app of"
    ):
        x.run(conversation(state))
    assert state.end_proof == ""


def test_money_that_is_used_up_is_no_reason_for_the_small_search() -> None:
    x = X(page(a_post(0)), (403, {"title": "SpendCapReached"}), now=START + timedelta(days=1))
    with pytest.raises(Refused, match="SpendCapReached"):
        x.run(conversation(known_of()))
    assert len(x.asked) == 2


def test_what_came_before_a_search_broke_is_kept_and_nothing_is_proven() -> None:
    state = known_of()
    call = conversation(state)
    x = X(page(a_post(0)), counts(700), page(*(a_post(number, 0) for number in range(1, 500)), token="a"))
    request = next(call)
    for _ in range(3):
        request = call.send(x(request))
    with pytest.raises(NetworkError):
        call.throw(NetworkError("cut"))
    assert len(state.sights) == 500
    assert (state.end_proof, state.expected) == ("", None)


# Windows

DAY = Ref(url="", id="", author="@ann_ash", since=START, until=START + timedelta(hours=12))


def test_a_window_takes_a_count_and_a_search() -> None:
    state = State(sources=SOURCES)
    x = X(counts(2), page(a_post(2), a_post(1, 0, by=ANN, to=BO)))
    x.run(window(state, DAY))
    assert x.paths == ["/counts/all", "/search/all"]
    for number in (0, 1):
        asked = x.query(number)
        assert asked["query"] == "from:ann_ash -is:retweet"
        assert (asked["start_time"], asked["end_time"]) == ("2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z")
    assert state.end_proof == "X's full-archive search gave every post of the window that it shows"
    assert state.expected == 2
    assert x.reads == [2, 12]


def test_a_long_window_is_counted_page_by_page() -> None:
    state = State(sources=SOURCES)
    x = X(counts(1, token="more"), counts(1), page(a_post(1), a_post(2)))
    x.run(window(state, DAY))
    assert x.query(1)["next_token"] == "more"
    assert state.expected == 2


@pytest.mark.parametrize(("count", "expected"), [(0, 1), (3, 3)])
def test_a_window_expects_what_x_counts(count: int, expected: int) -> None:
    state = State(sources=SOURCES)
    X(counts(count), page(a_post(1))).run(window(state, DAY))
    assert (bool(state.end_proof), state.expected) == (True, expected)


def test_an_empty_window_is_an_answer() -> None:
    state = State(sources=SOURCES)
    X({"meta": {"total_post_count": 0}}, page()).run(window(state, DAY))
    assert (state.sights, state.expected) == ({}, 0)


def test_a_window_that_has_not_ended_is_asked_up_to_now() -> None:
    state = State(sources=SOURCES)
    late = "Invalid 'end_time':'2026-03-02T00:00:00Z'. 'end_time' must be a minimum of 10 seconds prior to the request"
    x = X((400, {"errors": [{"message": late}]}), counts(1), page(a_post(1)))
    x.run(window(state, DAY))
    assert ["end_time" in x.query(number) for number in range(3)] == [True, False, False]
    assert state.end_proof == "X's full-archive search gave every post of the window up to now that it shows"


def test_a_young_window_takes_the_small_search() -> None:
    state = State(sources=SOURCES)
    X((403, FORBIDDEN), counts(1), page(a_post(1)), now=START + timedelta(days=2)).run(window(state, DAY))
    assert state.end_proof == "X's search of the last seven days gave every post of the window that it shows"
