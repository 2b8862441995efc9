"""What the Wayback Machine has: the source for posts that are gone, and for what one author wrote in a window.

A capture of a post's page may hold the whole thread, the post alone or nothing; which of these, only its replay tells.
Its index finds addresses by how they begin, and an id begins with its time: so a window is a few questions.
"""

from collections.abc import Generator, Iterable
from datetime import UTC, datetime, timedelta

from archiver.errors import SHAPE_ERRORS, NetworkError, ParseError
from archiver.http.message import Request, Response
from archiver.model import Reason
from archiver.platforms.x.conclude import Keep, handles_of, posts_in, related
from archiver.platforms.x.markup import status_in
from archiver.platforms.x.recorded import read
from archiver.platforms.x.snowflake import first_id, prefixes, time_of
from archiver.platforms.x.state import State
from archiver.platforms.x.tweet import Tweet, gap
from archiver.routes import Failure, Ref, Source
from archiver.wayback import ROUTE, Capture, Page, captures, replay

Call = Generator[Request, Response, None]

HOSTS = TWITTER, X, MOBILE = "twitter.com", "x.com", "mobile.twitter.com"
SHELLS = datetime(2020, 7, 1, tzinfo=UTC)  # from then on most pages are filled by the browser only
RENAMED = datetime(2023, 7, 23, tzinfo=UTC)  # Twitter becomes X
REPLAYS = 4  # of one post: the first good capture mostly is enough, and each is a request
PATIENCE = 3  # replays without any answer, one after the other: then the archive itself is the matter
STRANGERS = 3  # pages, one after the other, that have nothing of the thread
AROUND = timedelta(hours=6)
EMPTY = "the Wayback Machine has it only as a page without its text"


def look(state: State, ids: Iterable[str]) -> Call:
    """Look for captures of posts, under each name that their author is known to have had."""
    yield from look_under(state, ids, handles_of(state))


def look_under(state: State, ids: Iterable[str], handles: Iterable[str]) -> Call:
    """Look for captures of posts, under each of these names."""
    names = list(handles)
    for id_ in ids:
        if not _served(state, id_):
            pages = yield from _of_post(id_, names)
            yield from _show(state, id_, sorted(pages, key=_promise), related(state, {id_}, names))


def window(state: State, ref: Ref) -> Call:
    """Look for captures of all that an author wrote in a stretch of time."""
    assert ref.since
    assert ref.until
    handle = ref.author.lstrip("@")
    pages: dict[str, list[Capture]] = {}
    for host in HOSTS:
        if (host == X and ref.until <= RENAMED) or (host == MOBILE and pages):
            continue
        for beginning in prefixes(ref.since, ref.until):
            listed = yield from captures(_address(host, handle, beginning), prefix=True, status="200")
            _sort_in(pages, listed, ref.since, ref.until)
    keep = _own(handle, ref.since, ref.until)
    for id_ in sorted(pages, key=int):
        if not state.has_whole_text(id_):
            yield from _show(state, id_, sorted(pages[id_], key=_age), keep)


def neighbours(state: State, id_: str, handle: str) -> Generator[Request, Response, dict[str, list[Capture]]]:
    """Return the captures of the author's other posts within six hours of a post, by their ids, with one question."""
    time = time_of(id_)
    pages: dict[str, list[Capture]] = {}
    if time is not None:
        since, until = time - AROUND, time + AROUND
        beginning = next(beginning for beginning in prefixes(since, until) if id_.startswith(beginning))
        listed = yield from captures(_address(TWITTER, handle, beginning), prefix=True, status="200")
        _sort_in(pages, listed, since, until)
    pages.pop(id_, None)
    return {neighbour: listed for neighbour, listed in pages.items() if neighbour not in state.sights}


def follow(state: State, top: str, pages: dict[str, list[Capture]]) -> Call:
    """Look which of these posts go on with a thread, the last one first: its page shows all that stands above it."""
    conversation, strangers = state.conversation(top) or top, 0
    later = sorted((id_ for id_ in pages if int(id_) > int(top)), key=int, reverse=True)
    for id_ in later:
        if strangers < STRANGERS and not state.has_post(id_):
            yield from _replay(state, id_, sorted(pages[id_], key=_promise), _of_conversation(conversation))
            strangers = 0 if state.has_post(id_) else strangers + 1


def below(state: State, id_: str, pages: dict[str, list[Capture]], handles: Iterable[str]) -> Call:
    """Look for a post without a page of its own in those of its author's next posts, which show what stands above."""
    names = list(handles)
    later = sorted((neighbour for neighbour in pages if int(neighbour) > int(id_)), key=int)
    for neighbour in later[:STRANGERS]:
        if not state.has_post(id_):
            keep = related(state, {id_, neighbour}, names)
            yield from _replay(state, neighbour, sorted(pages[neighbour], key=_promise), keep)


def _of_post(id_: str, handles: list[str]) -> Generator[Request, Response, list[Capture]]:
    """Return the useful captures of a post's page, from the first address that has some."""
    addresses = [_address(host, handle, id_) for host in HOSTS for handle in handles]
    if not handles or (time_of(id_) or SHELLS) >= SHELLS:  # pages without a name in their address are of later years
        addresses.append(f"{TWITTER}/i/web/status/{id_}")
    for address in addresses:
        listed = yield from captures(address, prefix=True)
        if useful := [capture for capture in listed if _id_of(capture) == id_ and capture.status in ("200", "-", "")]:
            return useful
    return []


def _show(state: State, id_: str, pages: list[Capture], keep: Keep) -> Call:
    """Replay captures of a post; where none of them has its text, that is said of the post."""
    empty = yield from _replay(state, id_, pages, keep)
    if pages and empty:
        last = max(pages, key=lambda capture: capture.time)
        state.add([_empty(id_, last)], ROUTE, last.time)


def _replay(state: State, id_: str, pages: list[Capture], keep: Keep) -> Generator[Request, Response, bool]:
    """Replay captures one after the other until one shows the post; what else that one shows is kept too.

    Returns whether all were read and none has the post.
    """
    bodies, failed, is_shown = set[str](), list[NetworkError](), False
    for capture in pages:
        if is_shown or len(bodies) >= REPLAYS:
            break
        if capture.digest in bodies:
            continue
        bodies.add(capture.digest or capture.timestamp)
        try:
            page = yield from replay(capture)
        except NetworkError as error:
            failed.append(error)
            state.failures.append(Failure(route=ROUTE, error=error))
            if len(failed) >= PATIENCE:
                raise
            continue
        tweets = _read(state, page) if page else []
        is_shown = any(tweet.id == id_ and tweet.post for tweet in tweets)
        if page:
            state.add(keep(tweets), ROUTE, page.captured_at, url=page.address)
    return not is_shown and not failed


def _empty(id_: str, capture: Capture) -> Tweet:
    """Return what stands for a post of which no page has the text; whose it is, only the page's address tells."""
    _, handle = status_in(capture.original) or ("", "")
    return gap(id_, Reason.NOT_LOADED, EMPTY, author=f"@{handle.lower()}" if handle else None)


def _read(state: State, page: Page) -> list[Tweet]:
    """Read a page by what is in it: the archive's own word on its type is the one of whoever asked at the time."""
    try:
        return read(page.response)
    except (*SHAPE_ERRORS, ParseError) as error:
        shape = f"{page.address} has an unknown shape ({type(error).__name__}: {error})"[:200]
        state.failures.append(Failure(route=ROUTE, error=ParseError(f"{shape}; its bytes are kept")))
        return []


def _served(state: State, id_: str) -> bool:
    """Whether a capture has shown the post already, its own or another post's."""
    return any(sight.route == ROUTE and sight.tweet.post for sight in state.sights.get(id_, ()))


def _of_conversation(id_: str) -> Keep:
    """Keep of a page the posts of one conversation by whoever began it."""

    def keep(tweets: list[Tweet]) -> list[Tweet]:
        inside = [tweet for tweet in tweets if tweet.conversation == id_]
        writers = {post.author.id for post in posts_in(inside) if post.id == id_}
        return [tweet for tweet in inside if tweet.post and tweet.post.author.id in writers]

    return keep


def _own(handle: str, since: datetime, until: datetime) -> Keep:
    """Keep of pages an author's posts of a window; the user id, once seen, holds under any other name too."""
    writers: set[str] = set()

    def keep(tweets: list[Tweet]) -> list[Tweet]:
        writers.update(post.author.id for post in posts_in(tweets) if post.author.handle.lower() == handle.lower())
        own = {post.id for post in posts_in(tweets) if post.author.id in writers}
        return [tweet for tweet in tweets if tweet.id in own and _is_within(tweet.id, since, until)]

    return keep


def _sort_in(pages: dict[str, list[Capture]], listed: Iterable[Capture], since: datetime, until: datetime) -> None:
    """Add captures to the posts that they are of, if these are of the window."""
    for capture in listed:
        id_ = _id_of(capture)
        if id_ and _is_within(id_, since, until):
            pages.setdefault(id_, []).append(capture)


def _is_within(id_: str, since: datetime, until: datetime) -> bool:
    return first_id(since) <= int(id_) < first_id(until)


def _id_of(capture: Capture) -> str | None:
    status = status_in(capture.original)
    return status[0] if status else None


def _address(host: str, handle: str, beginning: str) -> str:
    return f"{host}/{handle}/status/{beginning}"


def _kind(capture: Capture) -> int:
    """Rank what a capture may hold: a whole page, data, a page that only a browser would fill."""
    if capture.mime == "text/html" and capture.time < SHELLS:
        return 0
    return 1 if "json" in capture.mime else 2


def _promise(capture: Capture) -> tuple[int, int]:
    return _kind(capture), -capture.length


def _age(capture: Capture) -> tuple[int, datetime]:
    return _kind(capture), capture.time


SOURCE = Source(
    name=ROUTE,
    title="the Wayback Machine",
    run_by="the Internet Archive",
    needs="nothing",
    shows="what somebody once saved, deleted or not; before mid-2020 with all that stood above it",
    limits="what nobody saved; most of what was saved after mid-2020; never complete",
    thread="up to 4 of its index, then one a page that is needed: 1 or 2 before mid-2020",
    storm="2 of its index, then 45",
    look=look,
    window=window,
    shows_parents=False,
    keeps=True,
)
