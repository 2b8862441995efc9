"""Several at once: who keeps, in which order things come, and how it ends."""

import threading
import time
from collections.abc import Iterator

import pytest
from samples import an_exchange

from archiver.errors import Interrupted
from archiver.http.message import Exchange
from archiver.media.crew import WORKERS, Relay, together


class Desk:
    """Keeps exchanges, and notes which thread did so."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.threads: set[int] = set()
        self.fail: BaseException | None = None
        self.relay = Relay(self.keep)
        self.ended = threading.Event()

    def keep(self, exchange: Exchange) -> None:
        if self.fail:
            raise self.fail
        self.kept.append(exchange.seq)
        self.threads.add(threading.get_ident())


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    assert desk.ended.is_set()
    assert desk.relay.events.empty()


def quiet() -> None:
    """Tell nobody how far it has come."""


def test_all_are_done_and_what_they_hear_is_kept_by_the_thread_that_began(desk: Desk) -> None:
    def work(number: int) -> int:
        desk.relay(an_exchange(seq=number))
        return number * 2

    ticks: list[int] = []
    done = list(together(range(50), work, desk.relay, lambda: ticks.append(1), desk.ended))
    assert sorted(done) == [number * 2 for number in range(50)]
    assert sorted(desk.kept) == list(range(50))
    assert desk.threads == {threading.get_ident()}
    assert len(ticks) > 50


def test_several_are_done_at_once_and_no_more(desk: Desk) -> None:
    barrier, most = threading.Barrier(WORKERS, timeout=10), 0

    def work(number: int) -> int:
        nonlocal most
        barrier.wait()
        most = max(most, threading.active_count())
        return number

    before = threading.active_count()
    assert len(list(together(range(WORKERS * 3), work, desk.relay, quiet, desk.ended))) == WORKERS * 3
    assert most == before + WORKERS


def test_nothing_to_do_is_done(desk: Desk) -> None:
    assert list(together([], lambda item: item, desk.relay, quiet, desk.ended)) == []


def test_an_exchange_counts_as_kept_only_when_it_is(desk: Desk) -> None:
    def work(number: int) -> bool:
        desk.relay(an_exchange(seq=number))
        return number in desk.kept

    assert all(together(range(20), work, desk.relay, quiet, desk.ended))


@pytest.mark.parametrize("error", [ValueError("a bug"), OSError("a disk"), SystemExit(3)])
def test_what_goes_wrong_in_the_work_surfaces(desk: Desk, error: BaseException) -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 5:
            raise error
        time.sleep(0.01)
        return number

    with pytest.raises(type(error)) as caught:
        list(together(range(1000), work, desk.relay, quiet, desk.ended))
    assert caught.value is error
    assert len(begun) < 20


def test_what_cannot_be_kept_surfaces_and_stops_those_who_wait(desk: Desk) -> None:
    desk.fail = OSError("a disk")
    stopped: list[BaseException] = []

    def work(number: int) -> int:
        try:
            desk.relay(an_exchange(seq=number))
        except KeyboardInterrupt as error:
            stopped.append(error)
            raise
        return number

    with pytest.raises(OSError, match="a disk"):
        list(together(range(10), work, desk.relay, quiet, desk.ended))
    deadline = time.monotonic() + 10
    while len(stopped) < WORKERS and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(stopped) == WORKERS
    while not desk.relay.events.empty():
        desk.relay.events.get()


@pytest.mark.parametrize("by", ["tick", "work"])
def test_what_is_done_when_the_user_stops_is_kept_and_handed_over(desk: Desk, by: str) -> None:
    """The threads end one piece of work after the stop, and hear something in it."""
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if by == "work" and number == 9:
            raise Interrupted("stopped by the user")
        time.sleep(0.1)
        desk.relay(an_exchange(seq=number))
        return number

    def tick() -> None:
        if by == "tick" and len(begun) > 8:
            raise KeyboardInterrupt

    done: list[int] = []
    with pytest.raises((KeyboardInterrupt, Interrupted)):
        done.extend(together(range(1000), work, desk.relay, tick, desk.ended))
    assert sorted(done) == sorted(desk.kept) == sorted(set(begun) - ({9} if by == "work" else set()))
    assert len(begun) < 20


def test_who_leaves_the_loop_ends_it(desk: Desk) -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        desk.relay(an_exchange(seq=number))
        return number

    for number in together(range(1000), work, desk.relay, quiet, desk.ended):
        if number == 20:
            break
    assert sorted(desk.kept) == sorted(begun)
    assert len(begun) < 100


def test_a_thread_that_hangs_is_not_waited_for_for_ever(desk: Desk) -> None:
    release, waited = threading.Event(), list[int]()

    def work(number: int) -> int:
        release.wait(30)
        waited.append(number)
        return number

    def tick() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(together(range(10), work, desk.relay, tick, desk.ended))
    assert waited == []
    release.set()
    deadline = time.monotonic() + 10
    while desk.relay.events.qsize() < WORKERS and time.monotonic() < deadline:
        time.sleep(0.01)
    while not desk.relay.events.empty():
        desk.relay.events.get()


def test_who_comes_after_the_end_is_stopped(desk: Desk) -> None:
    list(together([1], lambda item: item, desk.relay, quiet, desk.ended))
    caught: list[BaseException] = []

    def late() -> None:
        try:
            desk.relay(an_exchange())
        except KeyboardInterrupt as error:
            caught.append(error)

    thread = threading.Thread(target=late)
    thread.start()
    thread.join(10)
    assert len(caught) == 1
    assert desk.kept == []
    desk.relay.events.get()
