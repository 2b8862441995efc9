"""Addresses and ids of X: every form that people paste, and the time that an id holds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.config import Wayback
from archiver.platforms import find, find_author
from archiver.platforms.x.platform import parse_address, parse_handle
from archiver.platforms.x.snowflake import FIRST, first_id, prefixes, time_of
from archiver.wayback import INDEX, REPLAY

ID = "859784611230646272"


@pytest.mark.parametrize(
    "url",
    [
        f"https://x.com/ann/status/{ID}",
        f"x.com/ann/status/{ID}",
        f"http://www.twitter.com/ann/statuses/{ID}",
        f"https://mobile.twitter.com/ann/status/{ID}/photo/1",
        f"https://m.twitter.com/ann/status/{ID}/video/2",
        f"https://X.com/Ann/Status/{ID}?s=20&t=abc#m",
        f"https://x.com/i/status/{ID}",
        f"https://x.com/i/web/status/{ID}",
        f"https://fxtwitter.com/ann/status/{ID}",
        f"https://fixupx.com/ann/status/{ID}",
        f"https://d.fixupx.com/ann/status/{ID}",
        f"https://vxtwitter.com/ann/status/{ID}",
        f"https://fixvx.com/ann/status/{ID}",
        f"https://nitter.example.org/ann/status/{ID}#m",
        f"https://xcancel.com/ann/status/{ID}",
        f"https://web.archive.org/web/20170503160000/https://twitter.com/ann/status/{ID}",
        f"https://web.archive.org/web/2017id_/twitter.com/ann/status/{ID}",
        f"<https://twitter.com/ann/status/{ID}>.",
        ID,
    ],
)
def test_every_form_of_an_address_is_known(url: str) -> None:
    platform, ref = find(url)
    assert (platform.name, ref.id, ref.site) == ("x", ID, "https://x.com")
    assert ref.author.lower() in ("ann", "")


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/ann",
        "https://x.com/ann/status/",
        "https://x.com/ann/status/12a",
        f"https://x.com.evil.example/ann/status/{ID}",
        f"https://evil.example/https://x.com/ann/status/{ID}",
        f"https://x.com/ann/lists/{ID}",
        "12345",
        "0859784611230646272",
        "https://web.archive.org/web/2017/https://a.example/ann/status/1",
        "ftp://x.com/ann/status/1",
    ],
)
def test_other_addresses_are_not_its_own(url: str) -> None:
    assert parse_address(url) is None


def test_leading_zeros_do_not_make_another_post() -> None:
    address = parse_address("https://x.com/ann/status/0020")
    assert address
    assert (address.id, address.handle) == ("20", "ann")


@pytest.mark.parametrize(
    "text", ["ann", "@ann", "https://x.com/ann", "https://twitter.com/ann/", "https://x.com/ann/with_replies?x=1"]
)
def test_a_handle_or_a_profile_names_an_author(text: str) -> None:
    platform, ref = find_author(text)
    assert (platform.name, ref.author, ref.url) == ("x", "ann", "https://x.com/ann")


@pytest.mark.parametrize("text", ["i", "https://x.com/home", "https://x.com/", "a" * 16, "ann.example", "a b", "", "@"])
def test_what_is_no_handle_names_nobody(text: str) -> None:
    assert parse_handle(text) is None


def test_an_id_holds_its_time_to_the_millisecond() -> None:
    assert time_of("2105362093482401889") == datetime(2026, 9, 30, 18, 20, 13, 479000, UTC)
    assert time_of(ID) == datetime(2017, 5, 3, 15, 0, tzinfo=UTC)
    assert first_id(datetime(2017, 5, 3, 15, 0, tzinfo=UTC)) == int(ID)


def test_ids_that_were_counted_one_by_one_hold_none() -> None:
    assert [time_of(id_) for id_ in ("20", str(FIRST - 1), str(1 << 63))] == [None, None, None]
    assert first_id(datetime(2006, 3, 21, tzinfo=UTC)) == 0


def test_a_window_is_few_beginnings_of_ids() -> None:
    day = datetime(2017, 5, 3, 14, 30, tzinfo=UTC), datetime(2017, 5, 4, 6, 0, tzinfo=UTC)
    assert prefixes(*day) == ("859", "860")
    assert prefixes(datetime(2006, 1, 1, tzinfo=UTC), datetime(2006, 1, 2, tzinfo=UTC)) == ()


TIMES = st.datetimes(datetime(2010, 11, 5), datetime(2060, 1, 1), timezones=st.just(UTC))


@given(TIMES, st.timedeltas(timedelta(seconds=1), timedelta(days=40)), st.floats(0, 1))
def test_every_id_of_a_window_begins_with_one_of_its_beginnings(since: datetime, length: timedelta, at: float) -> None:
    until = since + length
    inside = first_id(since) + int(at * (first_id(until) - 1 - first_id(since)))
    found = prefixes(since, until)
    assert any(str(inside).startswith(prefix) for prefix in found)
    assert len(found) <= 20


def test_the_configuration_names_what_the_sources_ask() -> None:
    assert Wayback() == Wayback(cdx=INDEX, replay=REPLAY)


def test_the_address_of_a_post_without_its_id_names_nobody() -> None:
    assert parse_handle("https://x.com/ann/status/") is None
