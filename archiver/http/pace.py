"""How often a host may be asked, from what it says itself. No clock and no sleep: these are sums.

Documentation: RFC 9110 section 10.2.3 (Retry-After), https://docs.joinmastodon.org/api/rate-limits/ (the
reset is an ISO 8601 time), https://docs.bsky.app/docs/advanced-guides/rate-limits and
https://docs.x.com/x-api/fundamentals/rate-limits (a Unix time),
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (seconds that are left).
What hosts do not say in their answers is in `doors`.
"""

import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from archiver.http.addresses import is_public
from archiver.http.doors import BURST, INTERVAL, PAUSES, Door
from archiver.http.message import Exchange, Headers, header
from archiver.http.outgoing import host_of
from archiver.model import utc

SOON = 10.0  # seconds after a refusal although the budget is not spent: the host counts shorter stretches as well
PATIENCE = 310.0  # seconds that we ever wait: a whole window of Mastodon's is 300

_YEAR = 366 * 86_400.0  # more is taken as this much
_UNIX = (1e9, 1e11)  # a number in this range is a Unix time, any other a count of seconds
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:\s*[,;].*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What is known of the patience behind one door; each exchange gives a new one.

    `spare` is how many requests may go at once as of `asked_at`; it grows by one an `interval` (seconds), up to
    `burst`. `least` is the shortest interval, whatever the host allows. Nothing is asked before `free_at`.
    """

    spare: float = BURST
    interval: float = INTERVAL
    burst: float = BURST
    least: float = 0.0
    asked_at: datetime | None = None
    free_at: datetime | None = None

    @classmethod
    def at(cls, door: Door) -> "Pace":
        """Return the pace at a door where nothing was asked yet."""
        least = 0.0 if door.is_common else door.interval
        return cls(spare=door.burst, burst=door.burst, interval=door.interval, least=least)

    def wait(self, now: datetime, ahead: int = 0) -> float:
        """Return the seconds to wait before the host is asked again; `ahead` requests are under way or waiting."""
        return max(self.told(now), (1 + ahead - self._spare(now)) * self.interval)

    def told(self, now: datetime) -> float:
        """Return the seconds that the host itself asks us to wait."""
        return max(0.0, (self.free_at - now).total_seconds()) if self.free_at else 0.0

    def after(self, exchange: Exchange) -> "Pace":
        """Return the pace once this exchange has gone by."""
        paced = replace(
            self,
            spare=self._spare(exchange.started_at) - 1,
            interval=self._interval(exchange),
            asked_at=max(exchange.started_at, self.asked_at or exchange.started_at),  # several are under way at once
        )
        delay = _told(exchange)
        if delay is None or delay > PATIENCE:  # beyond it, the host's own refusal shall say when to come back
            return paced
        return replace(paced, free_at=exchange.finished_at + timedelta(seconds=delay))

    def _interval(self, exchange: Exchange) -> float:
        if exchange.peer and not is_public(exchange.peer):
            return 0.0  # the user's own network is asked as fast as it answers
        remaining, reset = _left(exchange), reset_in(exchange.headers, exchange.finished_at)
        return max(self.least, min(INTERVAL, reset / remaining)) if remaining and reset is not None else self.interval

    def _spare(self, now: datetime) -> float:
        if self.asked_at is None or not self.interval:
            return self.burst
        rested = max(0.0, (now - self.asked_at).total_seconds())  # a clock may be set back
        return min(self.burst, self.spare + rested / self.interval)


def retry_after(headers: Headers, now: datetime) -> float | None:
    """Return the whole seconds that Retry-After asks for, None where it is absent or makes no sense."""
    return _seconds_until(header(headers, "retry-after"), headers, now)


def reset_in(headers: Headers, now: datetime) -> float | None:
    """Return the whole seconds until the host's rate limit begins anew, None where it does not say."""
    return _seconds_until(_first(headers, "x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset"), headers, now)


def asked_wait(exchange: Exchange) -> float | None:
    """Return the seconds that the host asks us to stay away after this exchange, None where it does not."""
    seconds = retry_after(exchange.headers, exchange.finished_at)
    if seconds is not None or exchange.status != 429:
        return seconds
    if (_left(exchange) or 0) >= 1:
        return SOON
    reset = reset_in(exchange.headers, exchange.finished_at)
    return PAUSES.get(host_of(exchange.url)) if reset is None else reset


def _left(exchange: Exchange) -> float | None:
    names = ("x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining")
    return _number(_first(exchange.headers, *names))


def _told(exchange: Exchange) -> float | None:
    """Return the seconds without requests that the host asks for, by a refusal or a budget that is spent."""
    seconds = asked_wait(exchange)
    spent = _left(exchange)
    if seconds is None and spent is not None and spent < 1:
        return reset_in(exchange.headers, exchange.finished_at)
    return seconds


def _seconds_until(text: str, headers: Headers, now: datetime) -> float | None:
    number = _number(text)
    if number is not None and not _UNIX[0] <= number < _UNIX[1]:
        return math.ceil(min(number, _YEAR))
    moment = _moment(text)
    if moment is None:
        return None
    # The host's moment is told by the host's clock: ours may be minutes off.
    clock = _moment(header(headers, "date")) or now
    return math.ceil(min(max(0.0, (moment - clock).total_seconds()), _YEAR))


def _moment(text: str) -> datetime | None:
    for parse in (_unix, utc, parsedate_to_datetime):
        try:
            moment = parse(text)
        except (ValueError, OverflowError):
            continue
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return None


def _unix(text: str) -> datetime:
    number = _number(text)
    if number is None:
        raise ValueError("not a Unix time")
    return datetime.fromtimestamp(number, UTC)


def _number(text: str) -> float | None:
    match = _NUMBER.fullmatch(text.strip())
    return float(match[1]) if match else None


def _first(headers: Headers, *names: str) -> str:
    return next((value for name in names if (value := header(headers, name))), "")
