"""How the sources work together: each adds what it shows, and the next one is asked for what still lacks.

    thread: api_v2 ──► fxtwitter ──► nitter ──► syndication upwards ──► what lacks, by id, source by source ──► wayback
    storm:  api_v2 ──► fxtwitter ──► wayback ──► syndication: is what only the Wayback Machine shows still there?

A source that fails is noted, and the others go on. Only a search to its end or the owner's own archive proves the end.
"""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta

from archiver.errors import SHAPE_ERRORS, ArchiverError, Interrupted, ParseError
from archiver.http.message import Request, Response
from archiver.model import Post
from archiver.platforms.x import api_v2, captures, embeds, export, fxtwitter, nitter, recorded, syndication
from archiver.platforms.x.conclude import (
    conclude,
    doubtful,
    handles_of,
    lacking,
    members_of,
    placed,
    storm_of,
    top_of,
)
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.state import State
from archiver.routes import Failure, Ref, Source, Steps

Call = Generator[Request, Response, None]

# In the order in which their word on a post counts.
SOURCES = (
    export.SOURCE,
    api_v2.SOURCE,
    fxtwitter.SOURCE,
    syndication.SOURCE,
    recorded.SOURCE,
    captures.SOURCE,
    nitter.SOURCE,
    embeds.SOURCE,
)

PAGES_WITH_THREADS = datetime(2020, 7, 1, tzinfo=UTC)  # pages captured later hold one post, or none
MOST = 2000  # questions for single posts; each answer may show that there is one more above
HOURS = 6  # around a lone post in which its author's other posts are looked for
NEIGHBOURS = 3  # that make a storm likely


def thread(ref: Ref) -> Steps:
    """Collect the thread of a post from all sources together."""
    state = State(
        sources=SOURCES, focus=ref.id, on=ref.on, replies=ref.replies, handles=(ref.author,) if ref.author else ()
    )
    try:
        yield from _down(state)
        yield from _up(state)
        yield from _look_below(state)
        yield from _fill(state)
        yield from _look_around(state)
        state.hint = state.hint or _advice(state)
    except Interrupted as error:
        state.stop = str(error)
    return conclude(state)


def window(ref: Ref) -> Steps:
    """Collect what an author posted in a stretch of time."""
    state = State(sources=SOURCES, on=ref.on)
    try:
        for source in SOURCES:
            # One that keeps what is deleted is asked although another has searched to the end.
            if source.window and source.is_on(state.on) and (source.keeps or not state.end_proof):
                yield from _tried(state, source, source.window(state, ref))
        yield from _tried(state, syndication.SOURCE, syndication.look(state, doubtful(state)))
    except Interrupted as error:
        state.stop = str(error)
    return storm_of(state, ref)


def embedded(ref: Ref) -> Steps:
    """Collect the posts that an article embeds, as the press kept them."""
    state = State(sources=SOURCES)
    yield from embeds.article(state, ref)
    return storm_of(state, ref)


def recorded_by_others(ref: Ref) -> Steps:
    """Collect a thread out of what a browser was shown, as somebody recorded it."""
    state = State(sources=SOURCES, focus=ref.id, replies=ref.replies, handles=(ref.author,) if ref.author else ())
    yield from recorded.read_all(state, ref)
    return conclude(state)


def archived(ref: Ref) -> Steps:
    """Collect a thread out of its author's own archive."""
    state = State(sources=SOURCES, focus=ref.id)
    yield from export.archived(state, ref)
    return conclude(state)


def _down(state: State) -> Call:
    """Ask the sources that may know what follows a post."""
    for source in SOURCES:
        if source.down and source.is_on(state.on) and not state.end_proof:
            yield from _tried(state, source, source.down(state))


def _up(state: State) -> Call:
    """Climb from the highest known post of the author to the first."""
    if not state.end_proof:
        yield from _tried(state, syndication.SOURCE, syndication.climb(state, top_of(state)))
    if not state.end_proof and (time_of(top_of(state)) or PAGES_WITH_THREADS) < PAGES_WITH_THREADS:
        yield from _tried(state, captures.SOURCE, captures.look(state, [top_of(state)]))


def _fill(state: State) -> Call:
    """Ask every source for the posts that are only known of, and for those of which only the beginning is."""
    # Those that the user has turned on come first: it is they who were wanted.
    sources = sorted((source for source in SOURCES if source.is_on(state.on)), key=lambda source: not source.switch)
    before = -1
    while before < (now := sum(map(len, state.sights.values()))) and len(state.questions) < MOST:
        before = now
        for source in sources:
            wanted = [id_ for id_ in lacking(state) if (source.name, id_) not in state.questions]
            if wanted and source.look:
                state.questions.update((source.name, id_) for id_ in wanted if source.keeps)
                yield from _tried(state, source, source.look(state, wanted))


def _look_below(state: State) -> Call:
    """Look for a post that no source shows in the captures of what its author wrote next."""
    focus, handles = state.newest(state.focus), handles_of(state)
    if state.has_post(focus) or not handles or (time_of(focus) or PAGES_WITH_THREADS) >= PAGES_WITH_THREADS:
        return

    def look() -> Call:
        pages = yield from captures.neighbours(state, focus, handles[0])
        yield from captures.below(state, focus, pages, handles)

    yield from _tried(state, captures.SOURCE, look())


def _look_around(state: State) -> Call:
    """Look what the author wrote around the first post: it may go on with the thread, or be a storm."""
    top = state.nodes().get(top_of(state))
    when = time_of(top.id) if isinstance(top, Post) else None
    if state.end_proof or not isinstance(top, Post) or when is None:
        return
    if when >= PAGES_WITH_THREADS and not _is_alone(state):
        return
    try:
        pages = yield from captures.neighbours(state, top.id, top.author.handle)
        if when < PAGES_WITH_THREADS:
            yield from captures.follow(state, top.id, pages)
    except Interrupted:
        raise
    except (ArchiverError, *SHAPE_ERRORS):
        return  # what nobody asked for may fail without a word
    if (count := len(pages)) >= NEIGHBOURS and _is_alone(state):
        since, until = (when + timedelta(hours=hours) for hours in (-HOURS, HOURS))
        state.hint = (
            f"@{top.author.handle} wrote at least {count} more posts within {HOURS} hours of this one, which no "
            f"replies hold together; to archive them: archiver storm {top.author.handle} "
            f"--since {since:%Y-%m-%dT%H:%MZ} --until {until:%Y-%m-%dT%H:%MZ} --platform x"
        )


def _is_alone(state: State) -> bool:
    """Whether no other post of the author hangs together with the first."""
    return len(members_of(placed(state), top_of(state))) == 1


def _advice(state: State) -> str:
    """Return what else could be done about an end that nothing proves."""
    if state.end_proof:
        return ""
    return (
        "whether the author went on after the last post is not known: save a later post's URL if you know one, or turn "
        "on a source that shows what follows (docs/platforms.md)"
    )


def _tried(state: State, source: Source[State], call: Call) -> Call:
    """Let a source add what it can; what stops it is noted, and does not stop the others."""
    try:
        yield from call
    except Interrupted:
        raise
    except ArchiverError as error:
        state.failures.append(Failure(route=source.name, error=error))
    except SHAPE_ERRORS as error:
        shape = f"{source.name} answered in an unknown shape ({type(error).__name__}: {error})"[:160]
        state.failures.append(Failure(route=source.name, error=ParseError(f"{shape}; its bytes are kept")))
