"""One answer of a Mastodon server spoilt: never more is said to be proven than is, and the next save heals."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fediverse import Mastodon
from world import failing, keeping

from archiver.errors import NetworkError
from archiver.http.message import Request
from archiver.model import Reason, Role, Thread, Verdict
from archiver.store.store import Archive
from archiver.verbs import capture

COUNT = 150
Status = dict[str, Any]
Spoil = Callable[[list[Status]], list[Status]]


@pytest.fixture
def server() -> Mastodon:
    return Mastodon()


def spoilt(server: Mastodon, number: int, spoil: Spoil, *, on: bool = False) -> None:
    """Spoil the page of the listing with this number, counted from 0, or from there on."""
    seen: list[str] = []

    def fault(request: Request) -> Any:
        if "/accounts/" not in request.url or "statuses?" not in request.url:
            return None
        if request.url not in seen:
            seen.append(request.url)
        at = seen.index(request.url)
        status, page = server.answer(request)
        return (status, page and spoil(json.loads(json.dumps(page)))) if at == number or (on and at > number) else None

    server.fault = fault


def without(*places: int) -> Spoil:
    return lambda page: [status for place, status in enumerate(page) if place not in {n % len(page) for n in places}]


def answering_itself(page: list[Status]) -> list[Status]:
    page[len(page) // 2]["in_reply_to_id"] = page[len(page) // 2]["id"]
    return page


def answering_a_later_one(page: list[Status]) -> list[Status]:
    page[len(page) // 2]["in_reply_to_id"] = page[0]["id"]
    return page


def with_somebody_else(page: list[Status]) -> list[Status]:
    middle = page[len(page) // 2]
    middle["account"] = {**middle["account"], "id": "110", "uri": "https://social.example/users/bob", "acct": "bob"}
    return page


SPOILT = {
    "empty": lambda page: [],
    "without-one": without(15),
    "without-the-first": without(0),
    "without-the-last": without(-1),
    "without-three": without(3, 9, 20),
    "five": lambda page: page[-5:],
    "one": lambda page: page[-1:],
    "itself": answering_itself,
    "later": answering_a_later_one,
    "somebody-else": with_somebody_else,
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("on", [False, True])
@pytest.mark.parametrize("number", [0, 1, 3])
@pytest.mark.parametrize("at", [0, 74, 149])
def test_nothing_is_complete_that_is_not(server: Mastodon, spoil: Spoil, on: bool, number: int, at: int) -> None:
    ids = server.thread(COUNT)
    spoilt(server, number, spoil, on=on)
    thread = server.archive(server.url(ids[at]))
    main = [node.id for node in thread.nodes if thread.roles[node.id] is Role.MAIN]
    whole = [server.statuses[id_]["uri"] for id_ in ids]
    assert thread.completeness.verdict is not Verdict.COMPLETE or main == whole
    assert len(server.urls) < COUNT + 20


@pytest.mark.parametrize("spoil", ["empty", "without-one", "without-the-first", "without-the-last", "without-three"])
@pytest.mark.parametrize("number", [0, 2])
@pytest.mark.parametrize("at", [0, 74, 149])
def test_what_a_page_lacks_is_found_elsewhere(server: Mastodon, spoil: str, number: int, at: int) -> None:
    ids = server.thread(COUNT)
    spoilt(server, number, SPOILT[spoil])
    assert server.archive(server.url(ids[at])).completeness.found == COUNT


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("at", [0, 5, 9])
def test_a_status_that_answers_itself_or_a_later_one_proves_nothing(server: Mastodon, at: int, later: bool) -> None:
    ids = server.thread(10)
    status = server.statuses[ids[at]]
    wrong = {**status, "in_reply_to_id": ids[9] if later else ids[at], "in_reply_to_account_id": "109"}
    server.fault = lambda request: (200, wrong) if request.url.endswith(f"/v1/statuses/{ids[at]}") else None
    thread = server.archive(server.url(ids[at]))
    assert len(thread.posts) == 10  # its object tells what it answers
    assert (thread.completeness.verdict is Verdict.COMPLETE) == (at > 0)
    server.signed = True
    thread = server.archive(server.url(ids[at]))
    assert thread.completeness.verdict is not Verdict.COMPLETE
    assert len(thread.posts) == 10  # nothing that was shown is lost


@pytest.mark.parametrize("null", [None, 7, ["a"]])
def test_a_text_that_is_none_is_a_gap(server: Mastodon, null: Any) -> None:
    ids = server.thread(3)
    server.statuses[ids[1]]["content"] = null
    thread = server.archive(server.url(ids[0]))
    [gap] = thread.completeness.gaps
    assert (gap.reason, thread.completeness.verdict) == (Reason.UNKNOWN, Verdict.PARTIAL)
    assert "form that is not known" in gap.detail


@pytest.mark.parametrize(
    ("text", "shown", "noticed"),
    [
        ("a\x00b", "a\ufffdb", True),
        ("a\ud800b", "a\ufffdb", True),
        ("a\ufffdb", "a\ufffdb", False),
        ("a \u202edcb\u202c e", "a \u202edcb\u202c e", False),
    ],
)
def test_what_no_text_can_hold_is_replaced_and_said(server: Mastodon, text: str, shown: str, noticed: bool) -> None:
    ids = server.thread(2)
    status = {**server.statuses[ids[1]], "content": f"<p>{text}</p>"}
    server.fault = lambda request: json.dumps([status]).encode() if "min_id" in request.url else None
    post = server.archive(server.url(ids[0])).posts[1]
    assert post.content == f"<p>{shown}</p>"
    assert bool(post.notices) is noticed


def test_a_long_text_is_kept_to_its_last_letter(server: Mastodon) -> None:
    ids = server.thread(2)
    server.statuses[ids[1]]["content"] = "<p>" + "heron " * 40_000 + "end</p>"
    thread = server.archive(server.url(ids[0]))
    assert thread.completeness.verdict is Verdict.COMPLETE
    assert thread.posts[1].content.count("heron") == 40_000
    assert thread.posts[1].content.endswith("end</p>")


def test_a_question_about_a_hole_that_fails_leaves_the_verdict_open_and_the_next_save_heals(
    server: Mastodon, archive: Archive
) -> None:
    names = server.thread(6)
    ids = {id_: f"{1795486084 + number}{number:032x}" for number, id_ in enumerate(names)}
    gone = server.statuses[names[2]]["uri"]
    server.forgotten = ("in_reply_to_id", "in_reply_to_account_id")
    server.objects[ids[names[3]]] = {"inReplyTo": gone}
    server.delete(names[2])
    for id_, status in server.statuses.items():
        status.update(id=ids[id_], in_reply_to_id=ids.get(status["in_reply_to_id"]))
        server.conversations[ids[id_]] = server.conversations[id_].replace(names[0], "") + "#ctxt"
    server.statuses = {status["id"]: status for status in server.statuses.values()}
    url = f"https://social.example/@ann/{ids[names[5]]}"
    server.fault = failing("/users/", NetworkError("no answer"))
    broken = saved(archive, server, url)
    assert (broken.completeness.verdict, len(broken.posts)) == (Verdict.UNKNOWN, 3)
    assert broken.completeness.doubts == ("what a post answers could not be asked for (no answer)",)
    server.fault = lambda request: None
    healed = saved(archive, server, url)
    assert (healed.completeness.verdict, healed.completeness.found) == (Verdict.PARTIAL, 5)
    assert [gap.id for gap in healed.missing] == [gone]
    assert len(archive.threads()) == 1


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("number", [0, 1])
def test_the_next_save_heals(server: Mastodon, archive: Archive, spoil: Spoil, number: int) -> None:
    ids = server.thread(60)
    spoilt(server, number, spoil, on=True)
    saved(archive, server, server.url(ids[30]))
    server.fault = lambda request: None
    healed = saved(archive, server, server.url(ids[30])).completeness
    assert (healed.verdict, healed.found, healed.doubts) == (Verdict.COMPLETE, 60, ())
    assert len(archive.threads()) == 1


def saved(archive: Archive, server: Mastodon, url: str) -> Thread:
    """Save a thread a day after the last time."""
    server.exchanges.clear()
    server.now += timedelta(days=1)
    return capture.archive(archive, url, keeping(server), lambda: server.now).document.thread
