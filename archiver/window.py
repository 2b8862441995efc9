"""Stretches of time as people write them: with a zone, or with the zone named once for both ends."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archiver.errors import UsageError


def window(since: str, until: str, zone: str | None = None) -> tuple[datetime, datetime]:
    """Return both ends in UTC. A date alone is its midnight. `zone` is a name such as America/New_York.

    Raises UsageError for what is no time, has no zone, or ends before it begins.
    """
    place = time_zone(zone) if zone else None
    first, last = _moment(since, place), _moment(until, place)
    if last <= first:
        raise UsageError(f"the window ends ({until}) before it begins ({since})")
    return first, last


def time_zone(name: str) -> tzinfo:
    """Return the zone of a name. Raises UsageError where it is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"{name} is no known time zone; write it as Europe/Paris or America/New_York") from error


def _moment(text: str, place: tzinfo | None) -> datetime:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{text} is not a time; write it as 2017-05-03T10:30-04:00, or 2017-05-03") from error
    if time.tzinfo is None and place is None:
        iso_time = f"{time.isoformat()}Z"
        raise UsageError(
            f"{text} has no time zone; write {iso_time} for UTC, or add --tz, such as --tz America/New_York"
        )
    try:
        return (time.replace(tzinfo=place) if time.tzinfo is None else time).astimezone(UTC)
    except OverflowError as error:
        raise UsageError(f"{text} is too far away") from error
