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
from archiver.platforms.x.known import Known
from archiver.platforms.x.snowflake import time_of
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
    known = Known(
        sources=SOURCES, focus=ref.id, on=ref.on, replies=ref.replies, handles=(ref.author,) if ref.author else ()
    )
    try:
        yield from _down(known)
        yield from _up(known)
        yield from _look_below(known)
        yield from _fill(known)
        yield from _look_around(known)
        known.hint = known.hint or _advice(known)
    except Interrupted as error:
        known.stop = str(error)
    return conclude(known)


def window(ref: Ref) -> Steps:
    """Collect what an author posted in a stretch of time."""
    known = Known(sources=SOURCES, on=ref.on)
    try:
        for source in SOURCES:
            # One that keeps what is deleted is asked although another has searched to the end.
            if source.window and source.is_on(known.on) and (source.keeps or not known.whole):
                yield from _tried(known, source, source.window(known, ref))
        yield from _tried(known, syndication.SOURCE, syndication.look(known, doubtful(known)))
    except Interrupted as error:
        known.stop = str(error)
    return storm_of(known, ref)


def embedded(ref: Ref) -> Steps:
    """Collect the posts that an article embeds, as the press kept them."""
    known = Known(sources=SOURCES)
    yield from embeds.article(known, ref)
    return storm_of(known, ref)


def recorded_by_others(ref: Ref) -> Steps:
    """Collect a thread out of what a browser was shown, as somebody recorded it."""
    known = Known(sources=SOURCES, focus=ref.id, replies=ref.replies, handles=(ref.author,) if ref.author else ())
    yield from recorded.read_all(known, ref)
    return conclude(known)


def archived(ref: Ref) -> Steps:
    """Collect a thread out of its author's own archive."""
    known = Known(sources=SOURCES, focus=ref.id)
    yield from export.archived(known, ref)
    return conclude(known)


def _down(known: Known) -> Call:
    """Ask the sources that may know what follows a post."""
    for source in SOURCES:
        if source.down and source.is_on(known.on) and not known.whole:
            yield from _tried(known, source, source.down(known))


def _up(known: Known) -> Call:
    """Climb from the highest known post of the author to the first."""
    if not known.whole:
        yield from _tried(known, syndication.SOURCE, syndication.climb(known, top_of(known)))
    if not known.whole and (time_of(top_of(known)) or PAGES_WITH_THREADS) < PAGES_WITH_THREADS:
        yield from _tried(known, captures.SOURCE, captures.look(known, [top_of(known)]))


def _fill(known: Known) -> Call:
    """Ask every source for the posts that are only known of, and for those of which only the beginning is."""
    # Those that the user has turned on come first: it is they who were wanted.
    sources = sorted((source for source in SOURCES if source.is_on(known.on)), key=lambda source: not source.switch)
    before = -1
    while before < (now := sum(map(len, known.sights.values()))) and len(known.asked) < MOST:
        before = now
        for source in sources:
            wanted = [id_ for id_ in lacking(known) if (source.name, id_) not in known.asked]
            if wanted and source.look:
                known.asked.update((source.name, id_) for id_ in wanted if source.keeps)
                yield from _tried(known, source, source.look(known, wanted))


def _look_below(known: Known) -> Call:
    """Look for a post that no source shows in the captures of what its author wrote next."""
    focus, handles = known.newest(known.focus), handles_of(known)
    if known.seen(focus) or not handles or (time_of(focus) or PAGES_WITH_THREADS) >= PAGES_WITH_THREADS:
        return

    def look() -> Call:
        found = yield from captures.neighbours(known, focus, handles[0])
        yield from captures.below(known, focus, found, handles)

    yield from _tried(known, captures.SOURCE, look())


def _look_around(known: Known) -> Call:
    """Look what the author wrote around the first post: it may go on with the thread, or be a storm."""
    top = known.nodes().get(top_of(known))
    when = time_of(top.id) if isinstance(top, Post) else None
    if known.whole or not isinstance(top, Post) or when is None:
        return
    if when >= PAGES_WITH_THREADS and not _is_alone(known):
        return
    try:
        found = yield from captures.neighbours(known, top.id, top.author.handle)
        if when < PAGES_WITH_THREADS:
            yield from captures.follow(known, top.id, found)
    except Interrupted:
        raise
    except (ArchiverError, *SHAPE_ERRORS):
        return  # what nobody asked for may fail without a word
    if (count := len(found)) >= NEIGHBOURS and _is_alone(known):
        since, until = (when + timedelta(hours=hours) for hours in (-HOURS, HOURS))
        known.hint = (
            f"@{top.author.handle} wrote at least {count} more posts within {HOURS} hours of this one, which no "
            f"replies hold together; to archive them: archiver storm {top.author.handle} "
            f"--since {since:%Y-%m-%dT%H:%MZ} --until {until:%Y-%m-%dT%H:%MZ} --platform x"
        )


def _is_alone(known: Known) -> bool:
    """Tell whether no other post of the author hangs together with the first."""
    return len(members_of(placed(known), top_of(known))) == 1


def _advice(known: Known) -> str:
    """Return what else could be done about an end that nothing proves."""
    if known.whole:
        return ""
    return (
        "whether the author went on after the last post is not known: save a later post's URL if you know one, or turn "
        "on a source that shows what follows (docs/platforms.md)"
    )


def _tried(known: Known, source: Source[Known], call: Call) -> Call:
    """Let a source add what it can; what stops it is noted, and does not stop the others."""
    try:
        yield from call
    except Interrupted:
        raise
    except ArchiverError as error:
        known.failures.append(Failure(route=source.name, error=error))
    except SHAPE_ERRORS as error:
        shape = f"{source.name} answered in an unknown shape ({type(error).__name__}: {error})"[:160]
        known.failures.append(Failure(route=source.name, error=ParseError(f"{shape}; its bytes are kept")))
