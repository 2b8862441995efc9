"""A small world that answers like a platform's servers: a `Send` over invented posts, and the faults that a test wants.

What real servers answer is tested against real servers (tests/servers); here the routes meet what is hard to bring a
real one to: limits, holes, refusals, broken answers, 500 posts of a busy author.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from archiver.errors import ArchiverError
from archiver.http.message import Exchange, Headers, Keep, Request, Response, Send
from archiver.http.outcome import decided, poured
from archiver.model import Thread
from archiver.platforms import find, find_author
from archiver.routes import Failure, Interruptible, collect

FETCHED = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)

Answer = tuple[int, Any]
Fault = Callable[[Request], "Answer | bytes | Exception | None"]


class World:
    """Answers requests, remembers the exchanges, and lets a test break any of them.

    `fault` looks at a request first: it returns None to let it pass, a status and JSON, raw bytes to answer in place
    of JSON, or an error to raise. `now` is the time of the answers.
    """

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.fault: Fault = lambda request: None
        self.now = FETCHED

    @property
    def urls(self) -> list[str]:
        """The addresses that were asked."""
        return [exchange.url for exchange in self.exchanges]

    def __call__(self, request: Request) -> Response:
        broken = self.fault(request)
        if isinstance(broken, Exception):
            raise broken
        if isinstance(broken, bytes):
            return self._respond(request, 200, broken, "application/json")
        status, content = broken or self.answer(request)
        if isinstance(content, bytes):
            return self._respond(request, status, content, "application/vnd.ipld.car")
        if isinstance(content, str):
            return self._respond(request, status, content.encode(), "text/html; charset=utf-8")
        return self._respond(request, status, json.dumps(content, ensure_ascii=False).encode(), "application/json")

    def answer(self, request: Request) -> Answer:
        """Return status and content for a request."""
        raise AssertionError(request)

    def _respond(self, request: Request, status: int, body: bytes, kind: str) -> Response:
        headers: Headers = (("content-type", kind),)
        exchange = Exchange(
            request=replace(request, auth=None),
            seq=len(self.exchanges),
            attempt=0,
            url=request.url,
            request_headers=(),
            started_at=self.now,
            finished_at=self.now,
            status=status,
            headers=headers,
            body=body,
        )
        self.exchanges.append(poured(exchange))
        return decided(self.exchanges[-1])

    def archive(self, url: str, *, replies: bool = False, route: str = "") -> Thread:
        """Collect the thread that an address belongs to, by one route or as the platform would."""
        return self.attempt(url, replies=replies, route=route)[0]

    def attempt(self, url: str, *, replies: bool = False, route: str = "") -> tuple[Thread, tuple[Failure, ...]]:
        """Collect a thread and return the failures on the way as well."""
        self.exchanges.clear()
        platform, ref = find(url)
        routes = tuple(each for each in platform.routes if route in ("", each.name))
        return collect(replace(platform, routes=routes), replace(ref, replies=replies), Interruptible(self))

    def storm(self, who: str, since: datetime, until: datetime) -> Thread:
        """Collect what an author posted in a stretch of time."""
        self.exchanges.clear()
        platform, ref = find_author(who)
        return collect(platform, replace(ref, since=since, until=until), Interruptible(self))[0]


def keeping(world: World) -> Callable[[Keep], Send]:
    """The way to a world, all of whose answers are kept."""

    def connect(keep: Keep) -> Send:
        def send(request: Request) -> Response:
            before = len(world.exchanges)
            try:
                return world(request)
            finally:
                for exchange in world.exchanges[before:]:
                    keep(exchange)

        return send

    return connect


def failing(part: str, error: ArchiverError) -> Fault:
    """A fault for every request whose address holds `part`."""
    return lambda request: error if part in request.url else None


def answering(part: str, answer: Answer | bytes) -> Fault:
    """Another answer for every request whose address holds `part`."""
    return lambda request: answer if part in request.url else None
