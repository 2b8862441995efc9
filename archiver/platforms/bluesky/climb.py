"""The way up: from the pasted post to the first of the conversation, past what the AppView does not show."""

from archiver.errors import Unavailable
from archiver.platforms.bluesky.calls import FAILED, PARENTS, Call, get_list, get_tree
from archiver.platforms.bluesky.conclude import topmost
from archiver.platforms.bluesky.ids import did_of
from archiver.platforms.bluesky.known import Known
from archiver.platforms.bluesky.post import parent_of, root_of
from archiver.platforms.bluesky.servers import ask_author

HIDDEN = 25  # posts above, one after the other, that are asked of their authors' servers; a forged chain has no end


def climb(known: Known) -> Call:
    """Walk up to the conversation's first post and set `root`; a list gives 50 posts above, a tree up to 400.

    What the AppView does not show is asked of its author's server, but for the pasted post's own author: of that one
    the repository is read anyway. Where the way ends at a hole, the root that the records name is asked for by itself.
    """
    asked: set[str] = set()
    while above := parent_of(known.record(top := topmost(known))):
        if (
            above in asked or above in known.asked or known.has(above)
        ):  # known and not above it: the records go round in a circle
            break
        asked.add(above)
        yield from look_up(known, above)
        if not known.has(above) and did_of(above) != did_of(known.focus):
            if len(known.asked) == HIDDEN:
                known.doubts.append(f"more than {HIDDEN} posts above are not shown by Bluesky, not all were asked for")
                break
            known.asked.add(above)
            yield from ask_author(known, above)
        if not known.has(above):
            break
    top = topmost(known)
    known.root = (parent_of(known.record(top)) and root_of(known.record(top))) or top
    if not known.has(known.root) and did_of(known.root) != did_of(known.focus):
        yield from look_up(known, known.root)
        if not known.has(known.root):
            yield from ask_author(known, known.root)


def look_up(known: Known, uri: str) -> Call:
    """Ask the AppView for a post and what stands above it, unless it said already that it does not show it."""
    if uri in known.unshown:
        return
    try:
        yield from get_tree(known, uri, depth=0, parents=PARENTS)
    except Unavailable:
        known.unshown.add(uri)
    except FAILED:
        return


def count(known: Known) -> Call:
    """Ask for the AppView's count of the thread, unless the list around the pasted post spoke of that very root.

    It counts the thread of the root's author, so of one under somebody else's post nothing.
    """
    if known.root in known.counts or did_of(known.root) != known.author or not known.views:
        return
    try:
        yield from get_list(known, known.root, below=0)
    except FAILED:
        return
