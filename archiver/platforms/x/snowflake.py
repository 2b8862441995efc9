"""Ids that hold the time at which they were given out. https://github.com/twitter-archive/snowflake/tree/snowflake-2010

The upper bits count the milliseconds since 4 November 2010; the lower 22 tell apart what was posted within one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=1_288_834_974_657)
SHIFT = 22
FIRST = 300_000_000_000_000  # smaller ids were counted one by one, and know no time
ROOM = 10  # how many times the window its prefixes may cover: asking more often costs more than reading more


def time_of(id_: str) -> datetime | None:
    """Return when an id was given out, to the millisecond; None for ids that do not say."""
    number = int(id_)
    return EPOCH + timedelta(milliseconds=number >> SHIFT) if FIRST <= number < 1 << 63 else None


def first_id(time: datetime) -> int:
    """Return the smallest id that can be given out at a time, 0 before there were such ids."""
    return max(0, (time - EPOCH) // timedelta(milliseconds=1)) << SHIFT


def prefixes(since: datetime, until: datetime) -> tuple[str, ...]:
    """Return the beginnings that together cover all ids of a window; they cover more, so look at what they find.

    A web archive finds addresses by how they begin, and so an id's beginning is a stretch of time.
    """
    first = first_id(since)
    last = max(first, first_id(until) - 1)
    lengths = range(len(str(first)), len(str(last)) + 1)  # an id of more digits begins otherwise
    return tuple(
        prefix
        for digits in lengths
        for prefix in _beginnings(max(first, 10 ** (digits - 1)), min(last, 10**digits - 1), digits)
    )


def _beginnings(first: int, last: int, digits: int) -> Iterator[str]:
    """Yield the shortest beginnings that cover little more than these numbers, which all have so many digits."""
    units = (10**cut for cut in range(digits - 1, -1, -1))
    unit = next(
        unit for unit in units if unit == 1 or (last // unit - first // unit + 1) * unit <= ROOM * (last - first + 1)
    )
    yield from map(str, range(first // unit, last // unit + 1))
