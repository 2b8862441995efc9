"""A storm: what an account posted in a stretch of time, read in its own repository downwards from the end.

A record's key is a TID, the time at which it was made, and the repository lists by keys. So the stretch is cut by keys,
while a post is shown with its createdAt: that is what the author's app wrote, and it may be any time. Reposts are
records of another kind.

Requests for a storm of N posts: handle, DID document, a page of listRecords per 100 posts, one more where the account
has nothing older, the views as for a thread, one getRecord for each post of that time that is answered and not there.
"""

from dataclasses import replace

from archiver.completeness import Proof
from archiver.errors import Interrupted
from archiver.model import Node, Reason, Thread
from archiver.platforms.bluesky.calls import FAILED, Call, get_record, identity, repository_of
from archiver.platforms.bluesky.known import Known, wish
from archiver.platforms.bluesky.post import did_of, first_tid, gap, rkey_of
from archiver.platforms.bluesky.repository import hydrate, list_page
from archiver.routes import Ref, Steps
from archiver.threads import EARLIEST, LATEST
from archiver.threads import storm as assemble


def storm(ref: Ref) -> Steps:
    """Collect what an account posted from `since` on and before `until`. Raises Refused where that is nothing."""
    did = yield from identity(ref)
    server, account = yield from repository_of(did)
    known = Known(focus="", author=did, authors={did: account})
    try:
        yield from list_posts(known, server, ref)
        yield from fill_holes(known, server, ref)
        yield from hydrate(known, conclude(known, ref).nodes)
    except (*FAILED, Interrupted) as error:
        if not known.records:
            raise
        known.stop = str(error)
    return conclude(known, ref)


def list_posts(known: Known, server: str, ref: Ref) -> Call:
    """Read the author's posts from the newest of the storm down to the first that is older, or to the last page.

    A short page need not be the last one; an empty one is, every other carries a cursor.
    """
    first, cursor = keys(ref)
    seen: set[str] = set()
    while cursor not in seen:
        seen.add(cursor)
        page, cursor = yield from list_page(server, known.author, cursor, upwards=False)
        known.records.update((item["uri"], item) for item in page if belongs(item["uri"], known, ref))
        if not page or rkey_of(page[-1]["uri"]) < first:
            known.whole = "the author's own repository was read from the end of this time to its beginning"
            return
    known.stop = f"{server} lists the same page again and again"


def keys(ref: Ref) -> tuple[str, str]:
    """Return the least key of the storm, and the least one after it."""
    return first_tid(ref.since or EARLIEST), first_tid(ref.until or LATEST)


def belongs(uri: str, known: Known, ref: Ref) -> bool:
    """Tell whether a post is the author's and, by its key, of the storm's time."""
    first, end = keys(ref)
    return did_of(uri) == known.author and first <= rkey_of(uri) < end


def fill_holes(known: Known, server: str, ref: Ref) -> Call:
    """Ask the repository for each post of the storm that is answered and not there, until nothing new turns up."""
    while todo := [
        uri
        for uri in answered(known, ref)
        if belongs(uri, known, ref) and uri not in known.records and uri not in known.gone
    ]:
        for uri in todo:
            yield from get_record(known, server, uri)


def members(known: Known, ref: Ref) -> list[Node]:
    """Return the storm's posts and gaps; the AppView may have shown others along with them."""
    return [node for uri, node in known.nodes().items() if belongs(uri, known, ref)]


def answered(known: Known, ref: Ref) -> list[str]:
    """Return what the storm's posts answer, whoever wrote it."""
    parents = (node.in_reply_to for node in members(known, ref))
    return [uri for uri in dict.fromkeys(parents) if uri]


def conclude(known: Known, ref: Ref) -> Thread:
    """Put everything that is known together into the storm."""
    own = members(known, ref)
    others = [gap(uri, Reason.NOT_LOADED) for uri in answered(known, ref) if did_of(uri) != known.author]
    whole, author = bool(known.whole), known.authors[known.author]
    thread = assemble(
        platform="bluesky",
        nodes=[*own, *others],
        author=author,
        url=author.url,
        since=ref.since or EARLIEST,
        until=ref.until or LATEST,
        proof=Proof(text=known.whole, top=whole, end=whole, stop=known.stop),
    )
    return replace(thread, hint=wish(known, thread))
