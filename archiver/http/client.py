"""The `Send` that asks the network: in the host's own pace, again where that helps, and on the record.

This is the only module that reads the clock and sleeps. What it decides with is next door and pure:
`pace` (how long to wait), `outcome` (what an exchange comes to) and `redact` (what nobody may keep).
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, repeat
from types import TracebackType

from urllib3.util.connection import create_connection

from archiver.config import Network
from archiver.errors import ArchiverError
from archiver.http.doors import Door, door_of
from archiver.http.message import Credential, Exchange, Keep, Request, Response, Send
from archiver.http.outcome import decided, redirect_target, wait_before_retry
from archiver.http.outgoing import address_of, headers_of, host_of
from archiver.http.pace import Pace
from archiver.http.redact import redacted
from archiver.http.wire import Connect, Resolve, Wire, resolve

HOPS = 5  # redirects that are followed
WORTH_SAYING = 2.0  # seconds of waiting from which the user is told


Heard = tuple[Exchange, BaseException | None]
Numbers = Iterator[tuple[int, int]]  # seq and attempt of the exchanges of one request


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


class Client:
    """The way to the network for as many runs as a command has: they share connections and each host's pace.

    Several threads may ask at once. A host's pace holds for all of them together.
    Use it in a `with` block to have its connections closed. `credentials` are by the name that requests use; a name
    without one is sent without. `bases` has addresses to ask in the place of others, as base URLs. `report` gets a line
    when there is something to wait for. `doors` are limits of hosts that platforms declare. The last four are the
    outside world.
    """

    def __init__(
        self,
        *,
        network: Network,
        credentials: Mapping[str, Credential],
        bases: Mapping[str, str],
        report: Callable[[str], None],
        doors: Sequence[Door] = (),
        now: Callable[[], datetime] = now,
        sleep: Callable[[float], None] = time.sleep,
        resolve: Resolve = resolve,
        connect: Connect = create_connection,
    ):
        self._network = network
        self._credentials = credentials
        self._bases = bases
        self._report = report
        self._doors = doors
        self._now = now
        self._sleep = sleep
        self._wire = Wire(network=network, now=now, resolve=resolve, connect=connect)
        self._lock = threading.Lock()
        self._paces: dict[Door, Pace] = {}
        self._ahead: Counter[Door] = Counter()  # requests that are under way, or wait for their turn

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.close()

    def recording(self, keep: Keep) -> Send:
        """Return the `Send` of one run, whose requests are numbered from 0.

        `keep` gets every exchange before anything is done with it. The `Send` follows where a request leads, and
        raises RateLimited or NetworkError.
        """
        seq = count()
        return lambda request: self._sent(request, keep, zip(repeat(next(seq)), count()))

    def _sent(self, request: Request, keep: Keep, numbers: Numbers) -> Response:
        exchange, cause = self._tried(request, request.url, keep, numbers)
        for _ in range(HOPS):
            target = redirect_target(exchange)
            if target is None:
                break
            exchange, cause = self._tried(request, target, keep, numbers)
        try:
            return decided(redacted(exchange))
        except ArchiverError as error:
            raise error from cause

    def _tried(self, request: Request, url: str, keep: Keep, numbers: Numbers) -> Heard:
        """Ask once, and again as long as that may help; return the last exchange and its cause of failure."""
        url = address_of(url, self._bases)
        wait: float | None = 0.0
        retry = 0
        while wait is not None:
            with self._turn(url, wait):
                exchange, cause = self._once(request, url, keep, next(numbers))
            wait = wait_before_retry(exchange, retry)
            retry += 1
        return exchange, cause

    def _once(self, request: Request, url: str, keep: Keep, number: tuple[int, int]) -> Heard:
        begun = self._now()
        into = request.into.wanted() if request.into else ()
        credential = self._credentials.get(request.auth or "")
        draft = Exchange(
            request=request,
            seq=number[0],
            attempt=number[1],
            url=url,
            request_headers=headers_of(
                replace(request, headers=(*request.headers, *into)), url, credential, self._network
            ),
            started_at=begun,
            finished_at=begun,
        )
        exchange, cause = self._wire.answered(draft)
        keep(redacted(exchange))
        if isinstance(cause, KeyboardInterrupt):
            raise cause
        with self._lock:
            self._paces[door_of(url, self._doors)] = self._pace(url).after(exchange)
        return exchange, cause

    @contextmanager
    def _turn(self, url: str, seconds: float) -> Iterator[None]:
        """Sleep for so long, or longer where the host's pace says so; then it is our turn to ask."""
        door = door_of(url, self._doors)
        with self._lock:
            pace, now = self._pace(url), self._now()
            seconds = max(seconds, pace.wait(now, self._ahead[door]))
            self._ahead[door] += 1
        try:
            while seconds:
                if seconds >= WORTH_SAYING and seconds > pace.interval:
                    why = "as it asked" if pace.told(now) else "before the next try"
                    self._report(f"waiting {math.ceil(seconds)} s for {host_of(url)}, {why}")
                self._sleep(seconds)
                pace, now = self._pace(url), self._now()
                seconds = pace.told(now)  # another thread may have been refused in between
            yield
        finally:
            with self._lock:
                self._ahead[door] -= 1

    def _pace(self, url: str) -> Pace:
        door = door_of(url, self._doors)
        return self._paces.get(door) or Pace.at(door)
