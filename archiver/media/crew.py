"""Several at once: threads that ask, and one that keeps what they hear, since a database belongs to one thread."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

from archiver.errors import Interrupted
from archiver.http.message import Exchange, Keep

WORKERS = 4
TICK = 0.2  # seconds between two looks at how far it has come
PATIENCE = 2.0  # seconds for the others to put down what they have when it is stopped

Item = TypeVar("Item")
Made = TypeVar("Made")


class _Handover:
    """An exchange that another thread wants to have kept."""

    def __init__(self, exchange: Exchange):
        self.exchange = exchange
        self.is_kept = False
        self.done = threading.Event()


class Relay:
    """A `Keep` that may be called by any thread, and keeps in the one that made it.

    A thread waits until its exchange is on the disk. Once the relay is closed, it is stopped instead.
    """

    def __init__(self, keep: Keep):
        self._keep = keep
        self._home = threading.get_ident()
        self._closed = threading.Event()
        self.events: SimpleQueue[object] = SimpleQueue()

    def __call__(self, exchange: Exchange) -> None:
        if threading.get_ident() == self._home:
            self._keep(exchange)
            return
        handover = _Handover(exchange)
        self.events.put(handover)
        while not handover.done.wait(TICK) and not self._closed.is_set():
            continue
        if not handover.is_kept:
            raise KeyboardInterrupt

    def settle(self, handover: _Handover) -> None:
        """Keep an exchange, and let its thread go on."""
        self._keep(handover.exchange)
        handover.is_kept = True
        handover.done.set()

    def close(self) -> None:
        """Stop the threads that wait, and those that will."""
        self._closed.set()


def together(
    items: Sequence[Item],
    work: Callable[[Item], Made],
    relay: Relay,
    tick: Callable[[], None],
    ended: threading.Event,
) -> Iterator[Made]:
    """Yield what the work gives for each item, in the order in which it is done; `tick` is called all the while.

    Raises what the work raises. However it ends, `ended` is set: no item is begun any more, and the work should look
    at it too. What the threads have by then is kept and, where the user stopped it, still yielded.
    """
    waiting = deque(items)

    def worker() -> None:
        while not ended.is_set():
            try:
                item = waiting.popleft()
            except IndexError:
                return
            try:
                relay.events.put((work(item),))
            except BaseException as error:  # to be raised where somebody can deal with it
                relay.events.put(error)
                return

    threads = [threading.Thread(target=worker, daemon=True) for _ in range(min(WORKERS, len(items)))]
    for thread in threads:
        thread.start()
    try:
        yield from _events(relay, len(items), tick)
    except (KeyboardInterrupt, Interrupted):
        ended.set()
        yield from _remaining(relay, threads)
        raise
    except BaseException:  # also where the loop over what this yields is left
        ended.set()
        for _ in _remaining(relay, threads):
            continue
        raise
    finally:
        ended.set()
        relay.close()


def _events(relay: Relay, count: int, tick: Callable[[], None]) -> Iterator[Made]:
    while count:
        tick()
        try:
            event = relay.events.get(timeout=TICK)
        except Empty:
            continue
        if isinstance(event, _Handover):
            relay.settle(event)
        elif isinstance(event, BaseException):
            raise event
        elif isinstance(event, tuple):
            count -= 1
            yield event[0]
    tick()


def _remaining(relay: Relay, threads: Sequence[threading.Thread]) -> Iterator[Made]:
    """Keep what the threads still have, and yield what they have done, until all have ended or it takes too long."""
    patience = round(PATIENCE / TICK)
    while patience and (any(thread.is_alive() for thread in threads) or not relay.events.empty()):
        try:
            event = relay.events.get(timeout=TICK)
        except Empty:
            patience -= 1
            continue
        if isinstance(event, _Handover):
            relay.settle(event)
        elif isinstance(event, tuple):
            yield event[0]
