"""Routes: how a thread is collected, as generators with no network in them.

    def steps(ref):                    a route
        response = yield Request(…)    asks, and is sent the answer, or thrown the error that came instead
        …
        return Thread(…)               or raises, and then the next route is tried

`follow` drives one route with any `Send`: the network, the archive's own store, a folder of files. A route that
catches a thrown error decides itself what it still has: it returns a thread whose completeness says why it stopped.
"""

from collections.abc import Callable, Container, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

from archiver.config import NOTHING, Base, Declared, Table
from archiver.errors import (
    SHAPE_ERRORS,
    ArchiveError,
    ArchiverError,
    Gone,
    Interrupted,
    NetworkError,
    ParseError,
    RateLimited,
    Refused,
)
from archiver.http.doors import Door
from archiver.http.message import Request, Response, Send
from archiver.http.outgoing import host_of
from archiver.json_names import NO_NAMES, JsonNames
from archiver.model import Node, Post, Reason, Thread, Verdict
from archiver.threads.join import joined

Steps = Generator[Request, Response, "Thread | Collected"]
LISTED = "imported:"  # and a host: the addresses there, as JSON, of which a recording has an answer with text
Asking = Generator[Request, Response, None]
Made = TypeVar("Made")
Known = TypeVar("Known")  # what a platform's route knows so far

# When every route fails, the failure that says most about the thread itself is the one to report.
TELLING = (Gone, Refused, RateLimited, ParseError, NetworkError, ArchiverError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """What a user asked for, before anything is fetched.

    `id` is the platform's own post id, `site` the scheme and host that the URL names. `replies` asks for other
    people's replies as well. A storm has no `id`, but an `author` and the times `since` (included) and `until` (not
    included). `on` names the sources that the user has turned on, `source` the only route to take, where it is given.
    """

    url: str
    id: str
    site: str = ""
    author: str = ""
    replies: bool = False
    since: datetime | None = None
    until: datetime | None = None
    on: frozenset[str] = frozenset()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to collect a thread; `applies` says whether it makes sense for a reference at all."""

    name: str
    steps: Callable[[Ref], Steps]
    applies: Callable[[Ref], bool] = lambda ref: True


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Generic[Known]):
    """One of several who show a platform's posts: all that anybody has to know of it stands here.

    For people: `title` names it in documents; who runs it, what turns it on, what it shows and what it can never show
    (`limits`); `thread` and `storm` say what 40 posts of a thread and 45 of a storm take.

    `base` is where it is asked, `switch` the key in the platform's table that turns it on, "" for what needs none.
    `down` collects what follows a post, `look` asks for posts by their ids, `window` for what an author posted in a
    stretch of time; None where it cannot. Each adds to what the route knows so far.

    `shows_parents`: that it names no parent means that there is none. `is_owner`: its word is the platform's own, as of
    now. `counts`: it says how many posts there are. `keeps`: it may hold what the platform has deleted. `tells_why`: it
    has the words in which the platform tells people why a post is not shown.
    """

    name: str
    title: str
    run_by: str
    needs: str
    shows: str
    limits: str
    thread: str
    storm: str
    base: Base | None = None
    switch: str = ""
    down: Callable[[Known], Asking] | None = None
    look: Callable[[Known, Sequence[str]], Asking] | None = None
    window: Callable[[Known, Ref], Asking] | None = None
    shows_parents: bool = True
    is_owner: bool = False
    counts: bool = False
    keeps: bool = False
    tells_why: bool = False

    def is_on(self, on: Container[str]) -> bool:
        """Whether it may be asked, where these are turned on by name."""
        return not self.switch or self.name in on


@dataclass(frozen=True, slots=True)
class Original:
    """Where the very file is that an author has uploaded, and the digest that it must have, in hex; "" for any.

    `fault` is why it cannot be asked for, where nobody could say on which server it is.
    """

    url: str
    sha256: str = ""
    fault: str = ""


Originals = Generator[Request, Response, Mapping[str, Original]]
Rechecks = Generator[Request, Response, Sequence[Node]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One place where threads are posted: whose URLs these are, and the routes in the order to be tried.

    `match` is pure and returns None for a URL of somebody else's. `examples` are URL forms for people to read.
    `profile` reads the handle or the address of an author. `advice` says what a URL lacks that is nearly one of these,
    "" for any other. `storms` are the routes to what one posted in a stretch
    of time. `sources` are those of a platform that has several, the one whose word on a post counts most first.
    `proofs` asks for what the authors have signed, and returns what went wrong; None where nobody signs anything.
    `originals` finds the uploaded files behind addresses that show copies of them; None where there is no way to them.
    `recheck` asks for posts that an earlier capture holds and a later one does not show, each by itself. For those that
    it could ask it returns the post, if it is still there, or why it is not, in the words of whoever answered. None
    where no post can be asked for by itself.
    `declared` is what the configuration may say of it, `doors` what is known of its hosts' limits,
    `names` what a redaction must know of its JSON. `page_of` is the address of the post that a call of its API asks
    for, "" for any other address. Of what a browser was shown on the hosts `recorded_on` and somebody recorded, the
    route `recorded` reads every answer.
    """

    name: str
    title: str
    match: Callable[[str], Ref | None]
    routes: tuple[Route, ...]
    examples: tuple[str, ...]
    profile: Callable[[str], Ref | None] = lambda text: None
    advice: Callable[[str], str] = lambda url: ""
    storms: tuple[Route, ...] = ()
    sources: tuple[Source[Any], ...] = ()
    proofs: "Callable[[Thread], Generator[Request, Response, tuple[Failure, ...]]] | None" = None
    originals: Callable[[Sequence[str]], Originals] | None = None
    recheck: Callable[[Sequence[Post]], Rechecks] | None = None
    declared: Declared = NOTHING
    doors: tuple[Door, ...] = ()
    names: JsonNames = NO_NAMES
    page_of: Callable[[str], str] = lambda url: ""
    recorded_on: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, ...]:
        """The names of the sources, the best first."""
        return tuple(source.name for source in self.sources)

    def turned_on(self, table: Table) -> tuple[str, ...]:
        """The names of the sources that the platform's table in the configuration turns on."""
        return tuple(source.name for source in self.sources if source.switch and table.get(source.switch))

    def onlookers(self, table: Table, storm: bool) -> dict[str, str]:
        """The hosts of third parties who learn what is asked for, by the settings that name them."""
        bases = [source.base for source in self.sources if source.base and (source.window or not storm)]
        return {
            f"{self.name}.{base.key}": host_of(str(table[base.key]))
            for base in bases
            if base.by_name and table.get(base.key)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A route that gave no thread, and why."""

    route: str
    error: ArchiverError

    def __str__(self) -> str:
        return f"{self.route}: {self.error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """A thread that several sources gave together, and which of them failed on the way."""

    thread: Thread
    failures: tuple[Failure, ...]


def follow(steps: Generator[Request, Response, Made], send: Send) -> Made:
    """Drive one route to its end. Raises what the route does not catch, and ParseError for unknown shapes."""
    advance: Callable[[], Request] = partial(next, steps)
    url = ""
    while True:
        try:
            request = advance()
        except StopIteration as stop:
            result: Made = stop.value
            return result
        except SHAPE_ERRORS as error:
            raise ParseError(f"{url} answered in an unknown shape ({_shape(error)}); its bytes are kept") from error
        url = request.url
        try:
            response = send(request)
        except ArchiveError:
            raise  # no answer of anybody: the archive itself takes no more
        except ArchiverError as error:
            advance = partial(steps.throw, error)
        else:
            advance = partial(steps.send, response)


def collect(platform: Platform, ref: Ref, send: Send) -> tuple[Thread, tuple[Failure, ...]]:
    """Try the platform's routes in order; return the best thread and every failure on the way.

    The first thread that another route could not better ends the search; what lesser ones showed is joined to the best.
    Raises the most telling error when no route gave a thread; its `__notes__` hold the other failures.
    """
    threads: list[Thread] = []
    failures: list[Failure] = []
    send = once(send)
    for route in _routes(platform, ref):
        try:
            result = follow(route.steps(ref), send)
        except Interrupted:
            if not threads:
                raise
            break
        except ArchiveError:
            raise
        except ArchiverError as error:
            failures.append(Failure(route=route.name, error=error))
            continue
        if isinstance(result, Collected):
            failures += result.failures
            thread = result.thread
        else:
            thread = replace(result, route=route.name)
        threads.append(thread)
        if _settled(thread):
            break
    if not threads:
        raise most_telling(failures)
    best = max(threads, key=_rank)  # the first of equals
    lesser = [thread for thread in threads if thread is not best]
    failures += [_short(thread) for thread in lesser]
    return joined(best, lesser), tuple(failures)


def _short(thread: Thread) -> Failure:
    """Return why a route's thread gave way to a better one."""
    completeness = thread.completeness
    why = completeness.stop or f"it found {completeness.found} posts, {completeness.verdict}"
    return Failure(route=thread.route, error=NetworkError(why))


class Interruptible:
    """A `Send` that turns Ctrl-C into `Interrupted`, for the request it met and for all that follow.

    So a route can hand over what it has, and no other route begins.
    """

    def __init__(self, send: Send):
        self._send = send
        self.stopped = False

    def __call__(self, request: Request) -> Response:
        if not self.stopped:
            try:
                return self._send(request)
            except (KeyboardInterrupt, Interrupted):
                self.stopped = True
        raise Interrupted


def once(send: Send) -> Send:
    """Ask nothing twice: a route that begins where another one failed gets the answer, or the error, that is known."""
    answers: dict[Request, Response | ArchiverError] = {}

    def asked(request: Request) -> Response:
        if request not in answers:
            try:
                answers[request] = send(request)
            except ArchiverError as error:
                answers[request] = error
        answer = answers[request]
        if isinstance(answer, ArchiverError):
            raise answer
        return answer

    return asked


def _rank(thread: Thread) -> tuple[int, int, bool, bool]:
    """The order of readings: a way that shows less never wins over one that shows more."""
    completeness = thread.completeness
    is_at_end = completeness.end_proven and not completeness.stop
    return completeness.found, len(thread.posts), completeness.verdict is Verdict.COMPLETE, is_at_end


def _settled(thread: Thread) -> bool:
    """Whether another route could add nothing: it is whole, or all that lacks is gone for good."""
    completeness = thread.completeness
    if completeness.verdict is Verdict.COMPLETE:
        return True
    return (
        not completeness.stop
        and completeness.end_proven
        and all(gap.reason is not Reason.NOT_LOADED for gap in completeness.gaps)
    )


def _routes(platform: Platform, ref: Ref) -> Iterator[Route]:
    for route in platform.storms if ref.since else platform.routes:
        if route.name == ref.source if ref.source else route.applies(ref):
            yield route


def most_telling(failures: Sequence[Failure]) -> ArchiverError:
    """Return the failure that says most about the thread itself, with the others as its `__notes__`."""
    for kind in TELLING:
        for failure in failures:
            if isinstance(failure.error, kind):
                for other in failures:
                    if other.error is not failure.error:
                        failure.error.add_note(str(other))
                return failure.error
    raise AssertionError("a platform without an applicable route")


def _shape(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:120]
