"""Stretches of time as people write them."""

from datetime import UTC, datetime

import pytest

from archiver.errors import UsageError
from archiver.window import window


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "zone", "first", "last"),
    [
        ("2017-05-03T14:30:00Z", "2017-05-04T06:00Z", None, utc(2017, 5, 3, 14, 30), utc(2017, 5, 4, 6)),
        ("2017-05-03T10:30", "2017-05-04", "America/New_York", utc(2017, 5, 3, 14, 30), utc(2017, 5, 4, 4)),
        ("2017-05-03T10:30-04:00", " 2017-05-04 ", "Europe/Paris", utc(2017, 5, 3, 14, 30), utc(2017, 5, 3, 22)),
    ],
)
def test_times_have_a_zone_or_get_the_one_that_is_named(
    since: str, until: str, zone: str | None, first: datetime, last: datetime
) -> None:
    assert window(since, until, zone) == (first, last)


@pytest.mark.parametrize(
    ("since", "until", "zone", "told"),
    [
        ("2017-05-03T10:30", "2017-05-04", None, "has no time zone; write 2017-05-03T10:30:00Z for UTC, or add --tz"),
        ("2017-05-03", "2017-05-04", None, "has no time zone; write 2017-05-03T00:00:00Z for UTC"),
        ("yesterday", "2017-05-04Z", None, "yesterday is not a time"),
        ("2017-05-04T00:00Z", "2017-05-04T00:00Z", None, "ends .* before it begins"),
        ("2017-05-03", "2017-05-04", "Mars/Olympus", "Mars/Olympus is no known time zone"),
        ("2017-05-03", "2017-05-04", "../../etc/passwd", "is no known time zone"),
        ("0001-01-01T00:00+14:00", "2017-05-04T00:00Z", None, "is too far away"),
    ],
)
def test_what_is_wrong_with_a_window_is_said_in_a_line(since: str, until: str, zone: str | None, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        window(since, until, zone)
