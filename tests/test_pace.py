"""How long to wait, from headers and times alone."""

import math
from datetime import datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON, an_exchange, later

from archiver.http.doors import BURST, INTERVAL, door_of
from archiver.http.message import Exchange, Headers
from archiver.http.pace import PATIENCE, SOON, Pace, asked_wait, reset_in, retry_after
from archiver.platforms.x.platform import platform as X

YEAR = 366 * 86_400
SEARCH = "https://api.x.com/2/tweets/search/all?query=x"
CDX = "https://web.archive.org/cdx/search/cdx?url=x"
REPLAY = "https://web.archive.org/web/20170503id_/https://x.com/"


def answered(*headers: tuple[str, str], **fields: object) -> Exchange:
    """An exchange at noon with a public host."""
    known = {"headers": headers, "peer": "93.184.216.34", "started_at": NOON, "finished_at": NOON}
    return an_exchange(**{**known, **fields})


def budget(left: str, reset: str) -> Headers:
    return (("X-RateLimit-Remaining", left), ("X-RateLimit-Reset", reset))


def http_date(time: datetime) -> str:
    return format_datetime(time, usegmt=True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("40", 40),
        (" 0 ", 0),
        ("1.2", 2),
        ("120, 120", 120),
        (http_date(later(seconds=40)), 40),
        ("Thursday, 12-Mar-26 12:01:00 GMT", 60),
        ("Thu Mar 12 12:01:00 2026", 60),
        (http_date(later(seconds=-40)), 0),
        ("9" * 400, YEAR),
        ("9" * 12, YEAR),
        (http_date(later(days=40_000)), YEAR),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("1e3", None),
        ("Thu, 99 Mar 2026 12:00:00 GMT", None),
        (f"Thu, 12 Mar {'9' * 30} 12:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_nothing_else(text: str, seconds: float | None) -> None:
    assert retry_after((("retry-after", text),), NOON) == seconds


@pytest.mark.parametrize(
    ("name", "text", "seconds"),
    [
        ("X-RateLimit-Reset", "2026-03-12T12:04:59.500000Z", 300),
        ("X-RateLimit-Reset", "2026-03-12T13:05:00+01:00", 300),
        ("X-RateLimit-Reset", f"{later(minutes=5).timestamp():.0f}", 300),
        ("X-RateLimit-Reset", "299.1", 300),
        ("RateLimit-Reset", f"{later(minutes=5).timestamp():.0f}", 300),
        ("RateLimit-Reset", "300", 300),
        ("x-rate-limit-reset", f"{later(minutes=5).timestamp():.0f}", 300),
        ("RateLimit-Reset", "0001-01-01T00:00:00+14:00", None),
        ("RateLimit-Reset", "later", None),
        ("RateLimit-Limit", "300", None),
    ],
)
def test_a_reset_is_read_in_every_form(name: str, text: str, seconds: float | None) -> None:
    assert reset_in(((name, text),), NOON) == seconds


@pytest.mark.parametrize("form", [http_date, datetime.isoformat])
def test_a_hosts_moment_is_told_by_the_hosts_clock(form: object) -> None:
    headers = (("Date", http_date(later(hours=-2))), ("Retry-After", form(later(hours=-2, seconds=40))))  # type: ignore[operator]
    assert retry_after(headers, NOON) == 40


@given(st.text(), st.text())
def test_no_header_is_too_strange(text: str, date: str) -> None:
    for name in ("Retry-After", "X-RateLimit-Reset"):
        for read in (retry_after, reset_in):
            seconds = read(((name, text), ("Date", date)), NOON)
            assert seconds is None or 0 <= seconds <= YEAR


@given(st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,12} \d{1,3}:\d\d:\d\d [+-]?\w{1,6}", fullmatch=True))
def test_no_date_is_too_strange(text: str) -> None:
    seconds = retry_after((("Retry-After", text),), NOON)
    assert seconds is None or seconds >= 0


def test_a_refusal_without_retry_after_lasts_until_the_reset() -> None:
    assert asked_wait(answered(*budget("0", "90"), status=429)) == 90


def test_retry_after_comes_before_the_reset() -> None:
    assert asked_wait(answered(*budget("0", "90"), ("Retry-After", "7"), status=429)) == 7


def test_a_reset_that_comes_with_an_answer_asks_for_nothing() -> None:
    assert asked_wait(answered(*budget("0", "90"))) is None


def test_a_refusal_before_the_budget_is_spent_is_short() -> None:
    assert asked_wait(answered(*budget("1", "900"), status=429)) == SOON
    assert asked_wait(answered(("x-rate-limit-remaining", "297"), status=429)) == SOON


@pytest.mark.parametrize(("url", "seconds"), [(CDX, 60), (REPLAY, 60), (SEARCH, None), ("http://127.0.0.1/cdx/", None)])
def test_a_refusal_that_says_nothing_lasts_as_long_as_is_known_of_the_door(url: str, seconds: float | None) -> None:
    assert asked_wait(answered(url=url, status=429)) == seconds
    assert asked_wait(answered(("Retry-After", "7"), url=url, status=429)) == 7
    assert asked_wait(answered(url=url, status=503)) is None


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://a.example/x", "https://A.example/y?z"),
        (CDX, "https://web.archive.org/web/timemap/json/https://x.com/"),
        (REPLAY, "https://web.archive.org/"),
        (SEARCH, "https://api.x.com/2/tweets/search/all"),
        ("http://[::1", "http://"),
    ],
)
def test_one_door_has_one_pace(url: str, same: str) -> None:
    assert door_of(url, X.doors) == door_of(same, X.doors)


def test_every_limit_has_a_door_of_its_own() -> None:
    lookup, counts = "https://api.x.com/2/tweets?ids=1", "https://api.x.com/2/tweets/counts/all?query=x"
    doors = {
        door_of(url, X.doors)
        for url in (SEARCH, counts, lookup, CDX, REPLAY, "https://archive.org/cdx/", "http://x:1/")
    }
    assert len(doors) == 7


def run(pace: Pace, exchange: Exchange, times: int) -> list[float]:
    """Ask so many times as soon as it is allowed; return the seconds that were waited before each."""
    waits, clock = [], 0.0
    for _ in range(times):
        waits.append(pace.wait(later(seconds=clock)))
        clock += waits[-1]
        time = later(seconds=clock)
        pace = pace.after(an_exchange(peer=exchange.peer, headers=exchange.headers, started_at=time, finished_at=time))
    return waits


def test_a_thread_of_common_length_is_not_slowed_and_a_long_one_is() -> None:
    waits = run(Pace(), answered(), 24)
    assert waits[: int(BURST)] == [0] * int(BURST)
    assert waits[int(BURST) :] == [INTERVAL] * 4


@pytest.mark.parametrize(("url", "interval"), [(SEARCH, 1), (CDX, 60 / 24), (REPLAY, 1 / 5)])
def test_a_door_with_a_limit_is_never_asked_faster(url: str, interval: float) -> None:
    for headers in ((), budget("3000", "300")):
        waits = run(Pace.at(door_of(url, X.doors)), answered(*headers), 5)
        assert waits == pytest.approx([0, *[interval] * 4])
    rested = Pace.at(door_of(url, X.doors)).after(answered())
    assert rested.after(answered(started_at=later(hours=1))).wait(later(hours=1)) == pytest.approx(interval)


def test_a_door_without_a_known_limit_has_the_common_pace() -> None:
    assert Pace.at(door_of("https://social.example/")) == Pace()


def test_a_door_on_the_own_network_is_asked_as_fast_as_it_answers() -> None:
    assert run(Pace.at(door_of(CDX)), answered(peer="127.0.0.1"), 100) == [0] * 100


def test_a_pause_earns_a_burst_and_no_more_than_one() -> None:
    spent = Pace(spare=0, asked_at=NOON)
    assert spent.wait(later(seconds=INTERVAL / 2)) == INTERVAL / 2
    assert spent.wait(later(seconds=INTERVAL)) == 0
    rested = spent.after(answered(started_at=later(hours=1)))
    assert rested.spare == BURST - 1


def test_a_clock_that_is_set_back_earns_and_costs_nothing() -> None:
    assert Pace(spare=1, asked_at=NOON).wait(later(hours=-1)) == 0
    assert Pace(spare=0, asked_at=NOON).wait(later(hours=-1)) == INTERVAL


@pytest.mark.parametrize(("left", "reset", "interval"), [("3000", "300", 0.1), ("10", "300", INTERVAL), ("5", "0", 0)])
def test_a_host_that_allows_more_is_asked_faster(left: str, reset: str, interval: float) -> None:
    assert Pace().after(answered(*budget(left, reset))).interval == pytest.approx(interval)


@pytest.mark.parametrize("headers", [budget("x", "300"), budget("10", "x"), budget("10", ""), ()])
def test_half_a_budget_changes_nothing(headers: Headers) -> None:
    assert Pace(interval=0.2).after(answered(*headers)).interval == 0.2


def test_a_private_host_is_asked_as_fast_as_it_answers() -> None:
    assert run(Pace(), answered(peer="192.168.0.7"), 100) == [0] * 100


def test_a_private_host_that_wants_a_pause_gets_it() -> None:
    assert Pace().after(answered(*budget("0", "9"), peer="127.0.0.1")).wait(NOON) == 9


@pytest.mark.parametrize(
    "headers",
    [
        budget("0", "90"),
        (("Retry-After", "90"),),
        (("RateLimit-Remaining", "0"), ("RateLimit-Reset", "90")),
        (("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "90")),
    ],
)
def test_a_host_that_wants_a_pause_is_not_asked_before(headers: Headers) -> None:
    pace = Pace().after(answered(*headers))
    assert [pace.wait(later(seconds=seconds)) for seconds in (0, 89.5, 90, 1000)] == [90, 0.5, 0, 0]
    assert (pace.told(NOON), Pace().told(NOON)) == (90, 0)


def test_a_spent_budget_without_a_reset_is_no_pause() -> None:
    assert Pace().after(answered(("RateLimit-Remaining", "0"))).wait(NOON) == 0


def test_a_pause_beyond_our_patience_is_left_to_the_hosts_refusal() -> None:
    assert Pace().after(answered(*budget("0", f"{PATIENCE:.0f}"))).wait(NOON) == PATIENCE
    assert Pace().after(answered(*budget("0", f"{PATIENCE + 1:.0f}"))).wait(NOON) == 0


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=30))
def test_no_wait_is_endless(budgets: list[tuple[int, int]]) -> None:
    pace = Pace()
    for left, reset in budgets:
        pace = pace.after(answered(*budget(str(left), str(reset))))
        assert 0 <= pace.wait(NOON) <= PATIENCE
        assert math.isfinite(pace.spare)
