"""The driver of routes: what is sent, what is thrown, what is tried next."""

import pytest
from samples import a_thread

from archiver.errors import (
    ArchiveError,
    ArchiverError,
    Gone,
    Interrupted,
    NetworkError,
    ParseError,
    RateLimited,
    Refused,
)
from archiver.http.message import Request, Response
from archiver.model import Completeness, Missing, Reason, Thread
from archiver.routes import Interruptible, Platform, Ref, Route, Steps, collect, follow

REF = Ref(url="https://a.example/1", id="1")
WHOLE = Completeness(found=2, expected=2, proof="counted", top_proven=True, end_proven=True)


def never(request: Request) -> Response:
    raise AssertionError(request)


def giving(thread: Thread | ArchiverError, calls: list[str] | None = None, name: str = "") -> Route:
    def steps(ref: Ref) -> Steps:
        if calls is not None:
            calls.append(name)
        if isinstance(thread, ArchiverError):
            raise thread
        return thread
        yield

    return Route(name=name or "a", steps=steps)


def platform(*routes: Route) -> Platform:
    return Platform(name="p", title="P", match=lambda url: None, routes=routes, examples=())


def asking(ref: Ref) -> Steps:
    try:
        yield Request(url=ref.url)
    except NetworkError:
        return a_thread()
    raise AssertionError("not thrown")


def test_an_error_of_the_network_is_thrown_into_the_route() -> None:
    def fail(request: Request) -> Response:
        raise NetworkError("down")

    assert follow(asking(REF), fail) == a_thread()


def test_an_archive_that_takes_no_more_ends_all_routes_at_once() -> None:
    def full(request: Request) -> Response:
        raise ArchiveError("the disk is full")

    def careless(ref: Ref) -> Steps:
        try:
            yield Request(url=ref.url)
        except ArchiverError:
            return a_thread()
        raise AssertionError("not thrown")

    calls: list[str] = []
    with pytest.raises(ArchiveError, match="the disk is full"):
        collect(platform(Route(name="a", steps=careless), giving(a_thread(), calls, "b")), REF, full)
    assert calls == []


def test_an_error_that_the_route_does_not_catch_goes_on() -> None:
    def fail(request: Request) -> Response:
        raise Refused("no")

    with pytest.raises(Refused):
        follow(asking(REF), fail)


@pytest.mark.parametrize(
    "error", [KeyError("uri"), TypeError("x"), ValueError("x"), AttributeError("x"), IndexError(), RecursionError()]
)
def test_an_unknown_shape_is_a_parse_error_that_names_the_address(error: Exception) -> None:
    def steps(ref: Ref) -> Steps:
        try:
            yield Request(url="https://a.example/api")
        except NetworkError:
            raise error from None
        return a_thread()

    def fail(request: Request) -> Response:
        raise NetworkError("x")

    with pytest.raises(ParseError, match=r"https://a\.example/api answered in an unknown shape"):
        follow(steps(REF), fail)


def test_a_bug_in_the_sender_is_not_taken_for_a_shape() -> None:
    def broken(request: Request) -> Response:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        follow(asking(REF), broken)


def test_a_whole_thread_ends_the_search() -> None:
    calls: list[str] = []
    first, second = giving(a_thread(completeness=WHOLE), calls, "a"), giving(a_thread(), calls, "b")
    thread, failures = collect(platform(first, second), REF, never)
    assert (thread.route, calls, failures) == ("a", ["a"], ())


def test_a_thread_whose_gaps_are_final_ends_the_search() -> None:
    gap = Missing(id="2", reason=Reason.DELETED)
    part = Completeness(found=1, expected=2, proof="counted", top_proven=True, end_proven=True, gaps=(gap,))
    calls: list[str] = []
    collect(platform(giving(a_thread(completeness=part), calls, "a"), giving(a_thread(), calls, "b")), REF, never)
    assert calls == ["a"]


def test_the_better_thread_wins_and_the_other_is_shown() -> None:
    short = a_thread(completeness=Completeness(found=1, stop="timed out"))
    long = a_thread(completeness=Completeness(found=2))
    thread, failures = collect(platform(giving(short, name="a"), giving(long, name="b")), REF, never)
    assert thread.route == "b"
    assert [str(failure) for failure in failures] == ["a: timed out"]
    thread, failures = collect(
        platform(giving(long, name="a"), giving(short, name="b"), giving(long, name="c")), REF, never
    )
    assert thread.route == "a"
    assert [str(failure) for failure in failures] == ["b: timed out", "c: it found 2 posts, unknown"]


def test_routes_that_do_not_apply_are_passed_over() -> None:
    skipped = Route(name="a", steps=giving(NetworkError("x")).steps, applies=lambda ref: False)
    thread, failures = collect(platform(skipped, giving(a_thread(), name="b")), REF, never)
    assert (thread.route, failures) == ("b", ())


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ([NetworkError("n"), Gone("g")], "g"),
        ([RateLimited("l"), Refused("r")], "r"),
        ([NetworkError("n"), RateLimited("l")], "l"),
        ([NetworkError("n"), ParseError("p")], "p"),
        ([ArchiverError("a"), NetworkError("n")], "n"),
    ],
)
def test_the_most_telling_failure_is_raised_with_the_others(errors: list[ArchiverError], told: str) -> None:
    with pytest.raises(ArchiverError) as caught:
        collect(platform(*(giving(error, name=str(error)) for error in errors)), REF, never)
    assert str(caught.value) == told
    assert caught.value.__notes__ == [f"{error}: {error}" for error in errors if str(error) != told]


def test_a_platform_without_a_route_for_a_reference_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="applicable"):
        collect(platform(), REF, never)


def test_ctrl_c_stops_all_routes_and_keeps_what_came() -> None:
    def stop(request: Request) -> Response:
        raise KeyboardInterrupt

    def steps(ref: Ref) -> Steps:
        try:
            yield Request(url=ref.url)
        except Interrupted as error:
            return a_thread(completeness=Completeness(found=1, stop=str(error)))
        raise AssertionError

    def next_one(ref: Ref) -> Steps:
        yield Request(url=ref.url)
        raise AssertionError

    send = Interruptible(stop)
    routes = (Route(name="a", steps=steps), Route(name="b", steps=next_one), Route(name="c", steps=next_one))
    thread, failures = collect(platform(*routes), REF, send)
    assert send.stopped
    assert (thread.route, thread.completeness.stop) == ("a", "stopped by the user")
    assert failures == ()
    with pytest.raises(Interrupted):
        collect(platform(Route(name="b", steps=next_one)), REF, send)
