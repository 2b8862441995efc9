"""The Wayback Machine: both forms of its index, its pages, and what a replay is worth."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from machine import Kept, Machine, answer, run

from archiver.errors import ParseError, Refused
from archiver.http.message import Request, Response
from archiver.wayback import FAR, ROWS, Capture, captures, replay

ANN = "https://twitter.com/ann/status"
MAY = [Kept(f"2017050{day}120000", f"{ANN}/{day}", "text" * day) for day in range(1, 8)]


def listed(machine: object, url: str = "twitter.com/ann/status/", **more: object) -> list[Capture]:
    return run(captures(url, prefix=True, **more), machine)  # type: ignore[arg-type]


@pytest.mark.parametrize("lines", [False, True])
def test_the_index_is_read_in_both_forms(lines: bool) -> None:
    found = listed(Machine(MAY, lines=lines))
    assert [capture.original for capture in found] == [kept.url for kept in MAY]
    assert found[1] == Capture(
        timestamp="20170502120000",
        original=f"{ANN}/2",
        mime="text/html",
        status="200",
        digest="20170502120000",
        length=8,
    )
    assert found[1].time == datetime(2017, 5, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("lines", [False, True])
def test_an_empty_index_is_no_error(lines: bool) -> None:
    assert listed(Machine(lines=lines)) == []


def test_columns_are_read_by_their_names() -> None:
    rows = [["original", "timestamp", "mimetype", "statuscode"], [f"{ANN}/1", "20170501120000", "text/html", "200"]]
    [capture] = listed(lambda request: answer(request, json.dumps(rows)))
    assert (capture.original, capture.length, capture.digest) == (f"{ANN}/1", 0, "")


def test_pages_are_followed_to_the_end() -> None:
    machine = Machine(MAY, page=3)
    assert len(listed(machine)) == 7
    assert len(machine.asked) == 3


def test_an_index_that_stops_at_its_limit_is_asked_without_one() -> None:
    machine = Machine([Kept("20170501120000", f"{ANN}/{number}") for number in range(ROWS + 1)], lines=True)
    assert len(listed(machine)) == ROWS + 1
    assert len(machine.asked) == 2
    assert len(listed(Machine(machine.kept, page=ROWS))) == ROWS + 1


def test_a_key_that_comes_again_ends_the_pages() -> None:
    rows = [["timestamp", "original"], ["20170501120000", f"{ANN}/1"], [], ["again"]]
    asked: list[Request] = []

    def send(request: Request) -> Response:
        asked.append(request)
        return answer(request, json.dumps(rows))

    assert len(listed(send)) == 1
    assert len(asked) == 2


def test_a_key_goes_back_as_it_came() -> None:
    rows = [["timestamp", "original"], [], ["com%2Ctwitter%29%2F+1%3A"]]
    call = captures("twitter.com/", prefix=False)
    call.send(None)  # type: ignore[arg-type]
    request = call.send(answer(Request(url="https://web.archive.org/"), json.dumps(rows)))
    assert "resumeKey=com%252Ctwitter%2529%252F%2B1%253A" in request.url
    assert "matchType=exact" in request.url


def test_rows_that_repeat_or_have_no_time_are_left_out() -> None:
    odd = [Kept(time, f"{ANN}/1") for time in ("20170501120000", "20170501120000", "20179901120000", "2017")]
    assert [capture.timestamp for capture in listed(Machine(odd))] == ["20170501120000"]


def test_a_window_and_a_status_narrow_the_question() -> None:
    machine = Machine([*MAY, Kept("20170503130000", f"{ANN}/9", status="302")])
    days = {"since": datetime(2017, 5, 3, tzinfo=UTC), "until": datetime(2017, 5, 5, 12, tzinfo=UTC)}
    assert [capture.original[-1] for capture in listed(machine, **days)] == ["3", "4", "9"]
    assert [capture.original[-1] for capture in listed(machine, **days, status="200")] == ["3", "4"]


def test_a_status_holds_where_the_index_does_not_know_the_filter() -> None:
    lines = '{"timestamp": "20170501120000", "url": "https://x.com/", "status": "302"}\n\n'
    assert listed(lambda request: answer(request, lines), status="200") == []
    assert len(listed(lambda request: answer(request, lines))) == 1


@pytest.mark.parametrize(
    ("body", "status", "headers", "words"),
    [
        ("AdministrativeAccessControlException: Blocked", 403, (), "shows nobody"),
        ("", 403, (("X-Archive-Wayback-Runtime-Error", "AdministrativeAccessControlException: no"),), "shows nobody"),
        ("no", 403, (), "answered 403"),
        ("<html><title>Wayback Machine</title></html>", 200, (), "web page"),
    ],
)
def test_a_no_is_an_error(body: str, status: int, headers: tuple[tuple[str, str], ...], words: str) -> None:
    with pytest.raises(Refused, match=words):
        listed(lambda request: answer(request, body, status, headers))


def test_a_damaged_index_is_an_error() -> None:
    with pytest.raises(ParseError):
        listed(lambda request: answer(request, "[["))


def test_a_replay_gives_the_bytes_and_their_time() -> None:
    machine = Machine([Kept("20170501120000", f"{ANN}/1#top", "hello", status="404")])
    [capture] = listed(Machine(machine.kept))
    asked: list[str] = []

    def send(request: Request) -> Response:
        asked.append(request.url)
        when = (("Memento-Datetime", "Mon, 01 May 2017 12:00:03 GMT"),)
        return answer(request, "hello", 404, when)

    page = run(replay(capture), send)
    assert page is not None
    assert asked == [f"https://web.archive.org/web/20170501120000id_/{ANN}/1%23top"]
    assert (page.response.content, page.captured_at.second) == (b"hello", 3)
    assert page.address == f"https://web.archive.org/web/20170501120003/{ANN}/1%23top"


def test_a_page_is_where_the_archive_is_that_was_asked() -> None:
    machine = Machine(MAY)

    def send(request: Request) -> Response:
        own = "http://127.0.0.1:8080/kept"
        return replace(machine(request), url=request.url.replace("https://web.archive.org/web", own))

    page = run(replay(listed(machine)[0]), send)
    assert page is not None
    assert page.address == f"http://127.0.0.1:8080/kept/20170501120000/{ANN}/1"


@pytest.mark.parametrize(("replayed", "shown"), [("20170502120000", True), ("20170502120001", False)])
def test_a_capture_of_another_day_is_not_taken_for_this_one(replayed: str, shown: bool) -> None:
    machine = Machine([Kept("20170501120000", f"{ANN}/1", "hello", replayed=replayed)])
    [capture] = listed(machine)
    page = run(replay(capture), machine)
    assert (page is not None) == shown
    assert FAR.days == 1


@pytest.mark.parametrize("headers", [(), (("Memento-Datetime", "yesterday"),)])
def test_the_archives_own_pages_are_no_captures(headers: tuple[tuple[str, str], ...]) -> None:
    capture = Capture(timestamp="20170501120000", original=f"{ANN}/1")
    assert run(replay(capture), lambda request: answer(request, "<title>Wayback Machine</title>", 200, headers)) is None


def test_a_line_of_the_index_that_is_nested_too_deeply_is_one_clear_error() -> None:
    def deep(request: Request) -> Response:
        body = b'{"timestamp": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        return answer(request, body)

    with pytest.raises(ParseError, match="nested too deeply"):
        listed(deep)
