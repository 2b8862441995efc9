"""What still lacks when the posts of a thread are known: those that others answer, the views, the quoted posts."""

from collections.abc import Sequence

from archiver.model import Missing, Node, Post, Reason
from archiver.platforms.bluesky.calls import BATCH, FAILED, PARENTS, Call, get_tree, get_views
from archiver.platforms.bluesky.conclude import adopt, with_holes
from archiver.platforms.bluesky.known import Known
from archiver.platforms.bluesky.post import gap
from archiver.platforms.bluesky.servers import ask_author


def fill_holes(known: Known) -> Call:
    """Ask the repository for each post that is answered and not there, until nothing new turns up.

    A server that does not answer once is not asked again.
    """
    asked: set[str] = set()
    while todo := [
        node.id
        for node in with_holes(known).values()
        if isinstance(node, Missing) and node.author == known.author and node.id not in asked
    ]:
        asked.update(todo)
        for number, uri in enumerate(todo):
            yield from ask_author(known, uri)
            if uri in known.gone and known.gone[uri].reason is Reason.NOT_LOADED:
                why = known.gone[uri].detail
                known.gone.update({rest: gap(rest, Reason.NOT_LOADED, detail=why) for rest in todo[number:]})
                return
        adopt(known)


def hydrate(known: Known, nodes: Sequence[Node]) -> Call:
    """Fetch the views that lack: long stretches of the chain by walking up from their end, the rest in batches."""
    try:
        while len(stretch := longest_stretch(known, nodes)) > BATCH:
            yield from get_tree(known, stretch[-1], depth=0, parents=min(PARENTS, len(stretch) - 1))
            if stretch[-1] not in known.views:
                break
        lacking = [node.id for node in nodes if isinstance(node, Post) and node.id not in known.views]
        lacking = [uri for uri in lacking if uri not in known.unshown]
        for first in range(0, len(lacking), BATCH):
            yield from get_views(known, lacking[first : first + BATCH])
    except FAILED:
        return  # the records are whole without their views: only counters and names of files are poorer


def longest_stretch(known: Known, nodes: Sequence[Node]) -> list[str]:
    """Return the longest run of posts, each the answer to the one before, of which no view is known yet."""
    runs: list[list[str]] = [[]]
    for node in nodes:
        lacks = isinstance(node, Post) and node.id not in known.views
        if not lacks or (runs[-1] and node.in_reply_to != runs[-1][-1]):
            runs.append([])
        if lacks:
            runs[-1].append(node.id)
    return max(runs, key=len)
