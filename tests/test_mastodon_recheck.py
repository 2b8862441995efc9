"""The second visit on Mastodon, and what edited posts said before."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fediverse import SITE, Mastodon
from world import answering, failing

from archiver.errors import Interrupted, NetworkError, NotRecorded, RateLimited
from archiver.model import Missing, Node, Post, Reason
from archiver.platforms.mastodon.recheck import recheck
from archiver.routes import follow

GONE = (404, {"error": "Record not found"})


@pytest.fixture
def server() -> Mastodon:
    return Mastodon()


def captured(server: Mastodon, count: int = 3) -> list[Post]:
    """Write a thread, and return it as an earlier capture has it."""
    ids = server.thread(count)
    posts = list(server.archive(server.url(ids[0])).posts)
    server.exchanges.clear()
    return posts


def visited(server: Mastodon, posts: list[Post]) -> list[Node]:
    return list(follow(recheck(posts), server))  # type: ignore[arg-type]


def test_what_is_still_there_is_asked_for_in_batches(server: Mastodon) -> None:
    posts = captured(server, 45)
    assert visited(server, posts) == posts
    assert len(server.urls) == 3


def test_what_was_edited_since_comes_as_it_is_now_and_in_its_place(server: Mastodon) -> None:
    posts = captured(server)
    status = server.statuses[posts[1].id.rsplit("/", 1)[1]]
    status.update(content="<p>Another text</p>", edited_at="2026-03-12T13:00:00.000Z", in_reply_to_id=None)
    found = visited(server, [posts[1]])[0]
    assert isinstance(found, Post)
    assert (found.content, found.in_reply_to) == ("<p>Another text</p>", posts[0].id)


@pytest.mark.parametrize("batches", [True, False])
def test_deleted_is_what_the_server_has_not_while_the_account_is_there(server: Mastodon, batches: bool) -> None:
    posts = captured(server)
    server.batches = batches
    for post in posts[:2]:
        server.delete(post.id.rsplit("/", 1)[1])
    one, other, still = visited(server, posts)
    assert isinstance(one, Missing)
    assert (one.id, one.reason, one.detail) == (posts[0].id, Reason.DELETED, "its own server answers 404 for it")
    assert (one.seen_at, one.author) == (datetime(2026, 3, 13, 9, 0, tzinfo=UTC), posts[0].author.id)
    assert isinstance(other, Missing)
    assert (other.in_reply_to, other.created_at) == (posts[0].id, posts[1].created_at)
    assert still == posts[2]
    assert len([url for url in server.urls if "lookup" in url]) == 1


@pytest.mark.parametrize(
    ("lookup", "actor", "reason", "words"),
    [
        ((200, "suspended"), None, Reason.SUSPENDED, "its author's account is suspended, says its own server"),
        (GONE, (410, ""), Reason.ACCOUNT_GONE, "not there any more: its own address answers 410"),
        (GONE, (404, ""), Reason.ACCOUNT_GONE, "not there any more: its own address answers 404"),
        (GONE, (200, {"type": "Tombstone"}), Reason.ACCOUNT_GONE, "not there any more: its own address answers 200"),
        (GONE, (200, {"type": "Person"}), Reason.DELETED, "its own server answers 404 for it"),
        (GONE, (200, {"type": "Person", "suspended": True}), Reason.SUSPENDED, "is suspended"),
        ((200, {"id": "7", "url": "https://x.example/@ann"}), (410, ""), Reason.ACCOUNT_GONE, "not there any more"),
        ((200, {"id": "7"}), None, Reason.DELETED, "its own server answers 404 for it"),
        ((405, ""), (401, {"error": "signature"}), Reason.DELETED, "its own server answers 404 for it"),
        (NetworkError("down"), (410, ""), Reason.UNKNOWN, "nor say whether the account is there"),
        (GONE, (401, {"error": "signature"}), Reason.UNKNOWN, "shows neither it nor its author's account"),
    ],
)
def test_an_account_that_is_gone_takes_its_posts_along(
    server: Mastodon, lookup: Any, actor: Any, reason: Reason, words: str
) -> None:
    posts = captured(server)
    server.statuses.clear()
    if lookup == (200, "suspended"):
        lookup = 200, {**server.account("ann"), "suspended": True}
    answers = {"/lookup": lookup, "/users/ann": actor, "/v1/statuses": None}
    server.fault = lambda request: next(
        (answer for end, answer in answers.items() if request.url.partition("?")[0].endswith(end)), None
    )
    for node in visited(server, posts):
        assert isinstance(node, Missing)
        assert node.reason is reason
        assert words in node.detail


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        ((401, {"error": "This method requires an authenticated user"}), Reason.PRIVATE, "answers 401"),
        ((403, ""), Reason.PRIVATE, "answers 403"),
        ((403, "<title>Just a moment...</title>"), Reason.UNKNOWN, "answers 403"),
        ((405, ""), Reason.UNKNOWN, "answers 405"),
        ((404, "<h1>Not found</h1>"), Reason.UNKNOWN, "answers 404"),
        (NetworkError("no such host"), Reason.NOT_LOADED, "no such host"),
        (b"[", Reason.NOT_LOADED, "damaged JSON"),
        ((200, [{"id": "1"}]), Reason.NOT_LOADED, "not a status"),
        ((200, {"id": "1", "uri": None}), Reason.UNKNOWN, "answers 200"),
    ],
)
def test_a_server_that_does_not_answer_so_has_deleted_nothing(
    server: Mastodon, answer: Any, reason: Reason, words: str
) -> None:
    posts = captured(server)
    server.fault = lambda request: answer
    for node in visited(server, posts):
        assert isinstance(node, Missing)
        assert node.reason is reason
        assert words in node.detail


def test_a_status_of_a_form_that_is_not_known_costs_no_other(server: Mastodon) -> None:
    posts = captured(server)
    server.batches = False
    strange = {"uri": posts[0].id, "account": None}
    server.fault = lambda request: (200, strange) if request.url.endswith(posts[0].id[-18:]) else None
    one, *others = visited(server, posts)
    assert isinstance(one, Missing)
    assert (one.reason, others) == (Reason.UNKNOWN, posts[1:])


def test_a_page_in_place_of_a_404_is_a_deletion_where_the_account_is_there(server: Mastodon) -> None:
    posts = captured(server)
    server.fault = answering("/v1/statuses", (404, "<h1>404 Not Found (snac/2.96)</h1>"))
    assert [node.reason for node in visited(server, posts) if isinstance(node, Missing)] == [Reason.DELETED] * 3


def test_a_server_that_asks_to_stay_away_is_left_alone(server: Mastodon) -> None:
    posts = captured(server)
    server.fault = failing("/v1/statuses", RateLimited("later"))
    nodes = visited(server, posts)
    assert [(node.reason, node.detail) for node in nodes if isinstance(node, Missing)] == [
        (Reason.NOT_LOADED, "later")
    ] * 3
    server.batches = False
    asked: list[str] = []

    def limited(request: Any) -> Any:
        asked.append(request.url)
        return RateLimited("later") if "id%5B%5D" not in request.url else None

    server.fault = limited
    assert len(visited(server, posts)) == 3
    assert len(asked) == 2


def test_what_no_recording_answers_was_not_asked(server: Mastodon) -> None:
    posts = captured(server)
    server.fault = lambda request: NotRecorded("nobody asked")
    assert visited(server, posts) == []
    server.fault = lambda request: NotRecorded("nobody asked") if "lookup" in request.url else GONE
    assert visited(server, posts) == []


def test_ctrl_c_ends_the_visit(server: Mastodon) -> None:
    posts = captured(server)
    server.fault = failing("/v1/statuses", Interrupted("stopped"))
    with pytest.raises(Interrupted):
        visited(server, posts)


def test_a_post_that_became_one_for_chosen_readers_is_not_public(server: Mastodon) -> None:
    posts = captured(server)
    server.statuses[posts[0].id.rsplit("/", 1)[1]]["visibility"] = "private"
    [node] = visited(server, posts[:1])
    assert isinstance(node, Missing)
    assert node.reason is Reason.PRIVATE


def test_another_post_under_its_id_is_not_the_post(server: Mastodon) -> None:
    posts = captured(server)
    other = server.statuses[posts[1].id.rsplit("/", 1)[1]]
    server.batches = False
    server.fault = answering(f"/v1/statuses/{posts[0].id.rsplit('/', 1)[1]}", (200, other))
    [node] = visited(server, posts[:1])
    assert isinstance(node, Missing)
    assert node.reason is Reason.UNKNOWN


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, {"type": "Note"}), None),
        ((200, {"type": "Tombstone"}), Reason.DELETED),
        ((410, ""), Reason.DELETED),
        ((401, {"error": "signature"}), Reason.UNKNOWN),
    ],
)
def test_a_post_without_an_id_is_asked_for_as_the_object_that_it_is(
    server: Mastodon, answer: Any, reason: Reason | None
) -> None:
    uri = f"{SITE}/objects/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    ids = server.thread(1)
    server.statuses[ids[0]].update(uri=uri, url=uri)
    posts = list(server.archive(uri).posts)
    server.fault = answering("/objects/", answer)
    [node] = visited(server, posts)
    assert node == posts[0] if reason is None else isinstance(node, Missing) and node.reason is reason


def test_a_post_of_a_form_that_is_not_known_is_asked_for_at_its_uri(server: Mastodon) -> None:
    posts = captured(server, 1)
    odd = replace(posts[0], id=f"{SITE}/notes/9", url=f"{SITE}/notes/9")
    server.fault = answering("/notes/9", (410, ""))
    [node] = visited(server, [odd])
    assert isinstance(node, Missing)
    assert node.reason is Reason.DELETED


# What edited posts said before

HISTORY = [
    {"content": "<p>First</p>", "created_at": "2026-03-12T12:00:00.000Z"},
    {"content": "<p>Second</p>", "created_at": "2026-03-12T12:30:00.000Z"},
    {"content": "<p>Third</p>", "created_at": "2026-03-12T13:00:00.000Z"},
]


@pytest.mark.parametrize("route", ["listing", "context"])
def test_the_versions_of_an_edited_post_are_kept_each_once(server: Mastodon, route: str) -> None:
    ids = server.thread(3)
    server.statuses[ids[1]].update(content="<p>Third</p>", edited_at="2026-03-12T13:00:00.000Z")
    server.fault = answering("/history", (200, HISTORY))
    thread = server.archive(server.url(ids[0]), route=route)
    assert [(one.post, one.version, one.content, one.route) for one in thread.observations] == [
        (server.statuses[ids[1]]["uri"], "2026-03-12T12:00:00.000Z", "<p>First</p>", route),
        (server.statuses[ids[1]]["uri"], "2026-03-12T12:30:00.000Z", "<p>Second</p>", route),
    ]
    assert len([url for url in server.urls if "history" in url]) == 1


@pytest.mark.parametrize("answer", [GONE, (200, [{}, {}]), NetworkError("down"), Interrupted("stopped")])
def test_a_history_that_is_not_shown_costs_no_thread(server: Mastodon, answer: Any) -> None:
    ids = server.thread(3)
    server.statuses[ids[1]]["edited_at"] = "2026-03-12T13:00:00.000Z"
    server.fault = answering("/history", answer) if isinstance(answer, tuple) else failing("/history", answer)
    thread = server.archive(server.url(ids[0]))
    assert (thread.completeness.found, thread.observations) == (3, ())


def test_a_storm_keeps_the_versions_too(server: Mastodon) -> None:
    server.timed = True
    ids = server.thread(2)
    server.statuses[ids[1]]["edited_at"] = "2026-03-12T13:00:00.000Z"
    server.fault = answering("/history", (200, HISTORY))
    day = datetime(2026, 3, 12, tzinfo=UTC), datetime(2026, 3, 13, tzinfo=UTC)
    assert len(server.storm("@ann@social.example", *day).observations) == 2
