"""A storm: what an account posted in a stretch of time, read in its own repository downwards from the end.

A record's key is a TID, the time at which it was made, and the repository lists by keys. So the stretch is cut and
ordered by keys. A createdAt is what the author's app wrote, and may be any time: the AppView's feed, which lists by it,
is read as well. It shows the views, and which posts only claim to be of this time. Reposts are records of another kind.

Requests for a storm of N posts: handle, DID document, a page of listRecords per 100 posts, one more where the account
has nothing older; a page of the feed per 100 posts, one more where the time is long ago; the views of posts that claim
another time, 25 a request; one getRecord for each post of that time that is answered and not there.
"""

from collections.abc import Callable
from dataclasses import replace

from archiver.errors import Interrupted, Refused
from archiver.model import Node, Reason, Thread
from archiver.platforms.bluesky.calls import FAILED, Call, identity
from archiver.platforms.bluesky.conclude import wish
from archiver.platforms.bluesky.feed import claimed, read_feed, record_of
from archiver.platforms.bluesky.filling import hydrate
from archiver.platforms.bluesky.ids import did_of, first_tid, rkey_of, tid_time, web_url
from archiver.platforms.bluesky.known import Known
from archiver.platforms.bluesky.post import gap, parse_indexed
from archiver.platforms.bluesky.servers import ask_author, get_page, server_of
from archiver.routes import Ref, Steps
from archiver.threads.assemble import EARLIEST, LATEST
from archiver.threads.assemble import storm as assemble
from archiver.threads.completeness import Proof

NAMED = 3


def storm(ref: Ref) -> Steps:
    """Collect what an account posted from `since` on and before `until`. Raises Refused where that is nothing."""
    did = yield from identity(ref)
    known = Known(focus="", author=did)
    yield from server_of(known, did)
    return (yield from _collected(known, ref, list_posts))


def by_feed(ref: Ref) -> Steps:
    """Collect the same from the AppView alone, for when the author's server does not answer; that proves nothing."""
    did = yield from identity(ref)
    return (yield from _collected(Known(focus="", author=did), ref, None))


def _collected(known: Known, ref: Ref, listing: Callable[[Known, Ref], Call] | None) -> Steps:
    claims: list[str] = []
    try:
        if listing:
            yield from listing(known, ref)
            yield from fill_holes(known, ref)
        yield from add_feed(known, ref, claims, whole=not listing)
        if known.records:
            yield from hydrate(known, conclude(known, ref, claims).nodes)
    except (*FAILED, Interrupted) as error:
        if not known.records:
            raise
        known.stop = str(error)
    return conclude(known, ref, claims)


def list_posts(known: Known, ref: Ref) -> Call:
    """Read the author's posts from the newest of the storm down to the first that is older, or to the last page.

    A short page need not be the last one; an empty one is, every other carries a cursor.
    """
    server = known.servers[known.author]
    first, cursor = keys(ref)
    seen: set[str] = set()
    while cursor not in seen:
        seen.add(cursor)
        page, cursor = yield from get_page(server, known.author, cursor, upwards=False)
        known.open.add(known.author)
        for item in page:
            if belongs(item["uri"], known, ref):
                known.add_record(item)
        if not page or rkey_of(page[-1]["uri"]) < first:
            known.whole = "the author's own repository was read from the end of this time to its beginning"
            return
    known.stop = f"{server} lists the same page again and again"


def add_feed(known: Known, ref: Ref, claims: list[str], *, whole: bool) -> Call:
    """Read the AppView's feed: it has the views of the posts, and posts that only claim to be of this time.

    Unless it is the only source, what goes wrong with it costs the counters and nothing else.
    """
    since, until = ref.since or EARLIEST, ref.until or LATEST
    try:
        views = yield from read_feed(known.author, since, until)
    except FAILED:
        if whole:
            raise
        return
    for view in views:
        if belongs(view["uri"], known, ref):
            known.add_view(view)
            if whole:
                known.add_record(record_of(view))
        elif tid_time(rkey_of(view["uri"])) is None:  # no key to go by: when Bluesky saw it first is the next best
            if since <= (parse_indexed(view) or claimed(view)) < until:
                known.add_view(view)
                known.add_record(record_of(view))
        elif since <= claimed(view) < until:
            claims.append(view["uri"])


def keys(ref: Ref) -> tuple[str, str]:
    """Return the least key of the storm, and the least one after it."""
    return first_tid(ref.since or EARLIEST), first_tid(ref.until or LATEST)


def belongs(uri: str, known: Known, ref: Ref) -> bool:
    """Tell whether a post is the author's and, by its key, of the storm's time; what was taken up already is."""
    first, end = keys(ref)
    timed = tid_time(rkey_of(uri)) is not None and first <= rkey_of(uri) < end
    return did_of(uri) == known.author and (timed or uri in known.records)


def fill_holes(known: Known, ref: Ref) -> Call:
    """Ask the repository for each post of the storm that is answered and not there, until nothing new turns up."""
    while todo := [
        uri
        for uri in answered(known, ref)
        if belongs(uri, known, ref) and uri not in known.records and uri not in known.gone
    ]:
        for uri in todo:
            yield from ask_author(known, uri)


def members(known: Known, ref: Ref) -> list[Node]:
    """Return the storm's posts and gaps; the AppView may have shown others along with them."""
    return [node for uri, node in known.nodes().items() if belongs(uri, known, ref)]


def answered(known: Known, ref: Ref) -> list[str]:
    """Return what the storm's posts answer, whoever wrote it."""
    parents = (node.in_reply_to for node in members(known, ref))
    return [uri for uri in dict.fromkeys(parents) if uri]


def conclude(known: Known, ref: Ref, claims: list[str]) -> Thread:
    """Put everything that is known together into the storm. Raises Refused where there is nothing."""
    own = members(known, ref)
    others = [gap(uri, Reason.NOT_LOADED) for uri in answered(known, ref) if did_of(uri) != known.author]
    whole, author = bool(known.whole), known.authors[known.author]
    since, until = ref.since or EARLIEST, ref.until or LATEST
    also = claimants(claims)
    try:
        thread = assemble(
            platform="bluesky",
            nodes=[*own, *others],
            author=author,
            url=author.url,
            since=since,
            until=until,
            proof=Proof(
                text=f"{known.whole}; {also}" if whole and also else known.whole,
                counter="Bluesky",
                top=whole,
                end=whole,
                doubts=tuple(known.contradictions()),
                stop=known.stop,
            ),
        )
    except Refused as error:
        raise Refused(f"{error}; {also}" if also else str(error)) from error
    return replace(thread, hint="; ".join(filter(None, (wish(known, thread), also))))


def claimants(uris: list[str]) -> str:
    """Name the posts that claim to be of a storm's time and were made at another, "" where there are none."""
    if not uris:
        return ""
    named = ", ".join(map(web_url, uris[:NAMED])) + (f" and {len(uris) - NAMED} more" if len(uris) > NAMED else "")
    which = "1 post says" if len(uris) == 1 else f"{len(uris)} posts say"
    made = "was made" if len(uris) == 1 else "were made"
    return f"{which} to be of this time and, by the key in the repository, {made} at another: {named}"
