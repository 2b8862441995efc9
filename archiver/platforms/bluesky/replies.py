"""Other people's replies, for whoever asks for them: by the AppView's trees, and what these leave out.

A tree ends at a deleted reply, and what stands below that is reached only by what answers it.
"""

from archiver.errors import Unavailable
from archiver.platforms.bluesky.calls import BATCH, FAILED, Call, get_tree, get_views
from archiver.platforms.bluesky.ids import did_of, rkey_of
from archiver.platforms.bluesky.known import Known
from archiver.platforms.bluesky.post import parent_of, root_of
from archiver.platforms.bluesky.servers import ask_author

UNSEEN = 25  # posts that are answered and not shown, each asked of its author's server


def other_replies(known: Known) -> Call:
    """Fetch other people's replies, the hidden ones too, and what is answered and not shown by any tree."""
    asked: set[str] = set()
    yield from _trees(known, asked)
    hidden = [uri for uri in sorted(known.hidden) if not known.has(uri)]
    yield from _views(known, hidden)
    unseen = 0
    while todo := [uri for uri in _answered(known) if uri not in asked]:
        yield from _views(known, todo)
        for uri in todo:
            asked.add(uri)
            if not known.has(uri) and unseen < UNSEEN:
                unseen += 1
                yield from ask_author(known, uri)
        yield from _trees(known, asked)


def _trees(known: Known, asked: set[str]) -> Call:
    """Fetch a tree from the root, and one from each post at a tree's edge."""
    while edge := sorted(
        (uri for uri in {known.root, *known.views} if uri not in asked and is_open(known, uri)), key=rkey_of
    ):
        asked.add(edge[0])  # the oldest first: its tree closes many that come later
        try:
            yield from get_tree(known, edge[0])
        except Unavailable:
            continue


def _views(known: Known, uris: list[str]) -> Call:
    for first in range(0, len(uris), BATCH):
        try:
            yield from get_views(known, uris[first : first + BATCH])
        except FAILED:
            return


def _answered(known: Known) -> list[str]:
    """Return what posts of the conversation answer and is not here, but for the author's own."""
    parents = [parent_of(known.record(uri)) for uri in {**known.views, **known.records}]
    return [
        uri
        for uri in dict.fromkeys(parents)
        if uri and not known.has(uri) and uri not in known.gone and did_of(uri) != known.author
    ]


def is_open(known: Known, uri: str) -> bool:
    """Tell whether a post of this conversation may have replies that were not shown."""
    if uri in known.closed or (uri in known.views and not known.views[uri].get("replyCount")):
        return False
    return uri == known.root or (known.has(uri) and root_of(known.record(uri)) == known.root)
