"""The thread that a run's knowledge makes: whose it is, where it begins, its gaps, and what proves it whole."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from archiver.model import DAY, Missing, Node, Post, Reason, Thread
from archiver.platforms.bluesky.ids import did_of, rkey_of, tid_time
from archiver.platforms.bluesky.known import Known
from archiver.platforms.bluesky.post import gap, parent_of, root_of
from archiver.threads.assemble import assemble, main_line, start_of, with_gaps
from archiver.threads.completeness import Proof

NAMED = 3
BESIDE = "not every reply was shown to the posts above the one that was asked for, so the thread may go on by another"
UNREAD = (
    "the author's own repository was not read until a day after the last post, so posts that Bluesky does not show may "
    "be missing"
)
INFERRED = "from the first post that the conversation's records name"


def adopt(known: Known, fresh: Iterable[str] | None = None) -> bool:
    """Move the author's posts that belong to the conversation from `read` to `records`; tell whether there were any.

    A post belongs by the root that it names or by what it answers: many programs name a wrong root. It belongs as well
    if it answers what another post of the conversation does, though nobody shows that. `fresh` are those that were read
    since the last time; only if any of these belongs the others are looked at again.
    """
    belonged = False
    while True:
        parents = {parent_of(known.record(uri)) for uri in {**known.views, **known.records}} - {""}
        moved = [uri for uri in (known.read if fresh is None else fresh) if _adopted(known, uri, parents)]
        if not moved:
            return belonged
        for uri in moved:
            known.read.pop(uri, None)
        belonged, fresh = True, None


def _adopted(known: Known, uri: str, parents: Container[str]) -> bool:
    item = known.read.get(uri)
    if item is None or not (
        uri == known.root
        or root_of(item["value"]) == known.root
        or known.has(root_of(item["value"]))
        or known.has(parent_of(item["value"]))
        or parent_of(item["value"]) in parents
    ):
        return False
    known.add_record(item)
    if "view" in item:
        known.add_view(item["view"])
    return True


def find_author(known: Known) -> None:
    """Set the account whose thread it is: the root's, unless the pasted post is of somebody else's own chain."""
    known.author = did_of(known.root)
    if known.author != did_of(known.focus):
        known.author = did_of(start_of(linked(known), known.focus))


def topmost(known: Known) -> str:
    """Return the highest post that is known above the pasted one, without a hole between them."""
    top, seen = known.focus, {known.focus}
    while (above := parent_of(known.record(top))) and known.has(above) and above not in seen:
        top = above
        seen.add(top)
    return top


def linked(known: Known) -> dict[str, Node]:
    """Return all nodes, with the root where the chain above the pasted post breaks off below it.

    What lies between is not known; that it hangs on the root is what its own records say.
    """
    nodes = known.nodes()
    nodes.setdefault(known.root, gap(known.root, Reason.NOT_LOADED))
    top = topmost(known)
    hole = parent_of(known.record(top))
    if hole and hole != known.root and top != known.root and not known.has(hole):
        nodes[hole] = replace(_hole(known, hole), in_reply_to=known.root, inferred=INFERRED)
    return nodes


def _hole(known: Known, uri: str) -> Missing:
    return known.gone.get(uri) or gap(uri, Reason.NOT_LOADED)


def start(known: Known, nodes: dict[str, Node]) -> str:
    """Return the first post of the thread: the conversation's, or the author's own chain under somebody else's post."""
    if did_of(known.root) == known.author and any(isinstance(nodes[id_], Post) for id_ in main_line(nodes, known.root)):
        return known.root
    first = start_of(nodes, known.focus)
    if isinstance(nodes[first], Post):
        return first
    heads = [  # the chain breaks off at one of the author's own: it begins with what else they answered there before it
        post.id
        for post in nodes.values()
        if isinstance(post, Post) and post.author.id == known.author and post.in_reply_to
        if did_of(post.in_reply_to) != known.author and rkey_of(post.id) < rkey_of(first)
    ]
    return max(heads, key=rkey_of, default=first)


def with_holes(known: Known) -> dict[str, Node]:
    """Return all nodes and, in their likely places, the author's posts that are answered and that nobody shows."""
    nodes = linked(known)
    first = start(known, nodes)
    gaps = []
    for post in list(nodes.values()):
        parent = post.in_reply_to
        if not isinstance(post, Post) or post.author.id != known.author or not parent or did_of(parent) != known.author:
            continue
        if not isinstance(nodes.get(parent), Post):
            gaps.append((known.gone.get(parent) or gap(parent, Reason.UNKNOWN), post))
    nodes.update({missing.id: missing for missing, _ in gaps if missing.id != first})
    return with_gaps(nodes, first, gaps)


def others(known: Known, nodes: dict[str, Node]) -> list[Node]:
    """Return what was read beside the thread and speaks for or against its being whole.

    Gaps for other people's posts that its author answers, and the author's posts that answer one of their own which
    nobody shows. Such a post belongs to another conversation if it names that as its root; but a program that names
    wrong roots says the same of this one. So it counts where such roots were seen here, or where it answers a post of
    the time of this thread.
    """
    own = [node for node in nodes.values() if isinstance(node, Post) and node.author.id == known.author]
    unseen = {post.in_reply_to for post in own if post.in_reply_to} - set(nodes)
    beside: list[Node] = [_hole(known, uri) for uri in sorted(unseen) if did_of(uri) != known.author]
    wrong = any(root_of(known.record(post.id)) not in ("", known.root) for post in own)
    last = max((time for post in own if (time := tid_time(rkey_of(post.id)))), default=None)
    began = tid_time(rkey_of(known.root))
    for item in known.read.values():
        parent = parent_of(item["value"])
        at = tid_time(rkey_of(parent))
        if not parent or did_of(parent) != known.author or parent in known.read or (at and began and at < began):
            continue
        if wrong or at is None or (last and at - last <= DAY and root_of(item["value"]) == parent):
            beside += [known.post_of(item), _hole(known, parent)]
    return beside


def conclude(known: Known, *, replies: bool) -> Thread:
    """Put everything that is known together into the thread."""
    nodes = with_holes(known)
    if replies:
        nodes = {node.id: node for node in with_counts(nodes.values())}
    first = start(known, nodes)
    beside = others(known, nodes)
    thread = assemble(
        platform="bluesky",
        nodes=nodes.values(),
        others=beside,
        focus=known.focus,
        start=first,
        proof=prove(known, nodes, first),
        replies=replies,
    )
    return replace(thread, hint=wish(known, thread))


def with_counts(nodes: Iterable[Node]) -> Iterable[Node]:
    """Return the nodes; each post that has more replies by Bluesky's count than are here says so."""
    nodes = list(nodes)
    here: dict[str | None, int] = {}
    for node in nodes:
        here[node.in_reply_to] = here.get(node.in_reply_to, 0) + 1
    for node in nodes:
        counted = (isinstance(node, Post) and node.counts.replies) or 0
        if isinstance(node, Post) and counted > here.get(node.id, 0):
            replies = "1 reply" if counted == 1 else f"{counted} replies"
            said = f"Bluesky counts {replies} to it, {here.get(node.id, 0)} are here"
            node = replace(node, notices=(*node.notices, said))
        yield node


def prove(known: Known, nodes: dict[str, Node], start: str) -> Proof:
    """Hand over what is known of the whole: the AppView's count, how the end was reached, whether the top was seen.

    Where the count is what was found it is the proof, however far reading went: from every post the same. Where it is
    higher, only the end of the whole repository is an end. But the AppView neither shows nor counts what it does not
    have, so its word alone proves nothing: the author's repository must have been read for a day beyond the last post.
    """
    line = main_line(nodes, start)
    length, count = len(line), known.counted or 0
    ended = "" if count == length or (count > length and not known.exhausted) else known.whole
    above = nodes[start].in_reply_to
    top = isinstance(nodes[start], Post) and (above is None or did_of(above) != known.author)
    return Proof(
        text=ended,
        count=known.counted,
        counter="Bluesky",
        exhaustive=known.exhausted,
        top=top,
        end=bool(ended),
        root=known.root,
        doubts=(*known.doubts, *known.contradictions(), *_unread(known, line)),
        stop=known.stop,
    )


def _unread(known: Known, line: Sequence[str]) -> Iterable[str]:
    """Yield why reading went less far than a proof needs, or past other ways to go on."""
    if not (known.exhausted or known.stop or is_day_later(line[-1], known.reached)):
        yield UNREAD
    if unsettled(known, line):
        yield BESIDE


def unsettled(known: Known, line: Sequence[str]) -> list[tuple[str, str]]:
    """Return the posts of a line, each with the next one, beside which the author may have gone on in another way.

    A thread is climbed from the pasted post up, past older replies. None is left out where the AppView counts no
    further reply, or counts the next post as part of the thread, or where all that the author wrote until then was
    read; beside the last post until a day later, for that may be an aside. Nor may there be more to what was.
    """
    if known.exhausted:
        return []
    answers: dict[str, list[str]] = {}
    for uri in {**known.views, **known.records}:
        answers.setdefault(parent_of(known.record(uri)), []).append(uri)

    def has_more(uri: str) -> bool:
        if uri in known.closed or not known.has(uri):
            return False
        return uri not in known.views or (known.views[uri].get("replyCount") or 0) > len(answers.get(uri, ()))

    def is_open(post: str, following: str) -> bool:
        beside = [uri for uri in answers.get(post, ()) if did_of(uri) == known.author and uri != following]
        if following == line[-1] and has_more(post) and not is_day_later(post, known.reached):
            return True
        if has_more(post) and following not in known.tallied and rkey_of(following) > known.reached:
            return True
        # what is left out as an aside is the line if the author goes on from it
        return any(has_more(uri) and (rkey_of(uri) < rkey_of(following) or following == line[-1]) for uri in beside)

    return [pair for pair in pairwise(line) if is_open(*pair)]


def is_day_later(uri: str, key: str) -> bool:
    """Tell whether a record key is of a time more than a day after a post's, as far as both keys tell a time."""
    since, until = tid_time(rkey_of(uri)), tid_time(key)
    return since is not None and until is not None and until - since > DAY


def wish(known: Known, thread: Thread) -> str:
    """Return whose posts in a thread were not meant for everybody, "" where nobody asked for that."""
    shown = [post.author for post in thread.posts]
    shown += [post.quote.author for post in thread.posts if isinstance(post.quote, Post)]
    names = sorted({f"@{author.handle}" for author in shown if author.id in known.reserved})
    if not names:
        return ""
    who = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    ask = "asks" if len(names) == 1 else "ask"
    return f"{who} {ask} Bluesky not to show these posts to whoever is not logged in; weigh that before you publish"


def lacking_quotes(known: Known, thread: Thread) -> list[str]:
    """Return the quoted posts of a thread that the AppView does not show, each once."""
    quotes = [post.quote for post in thread.posts if isinstance(post.quote, Missing)]
    asked = [quote.id for quote in quotes if quote.reason is Reason.UNKNOWN and quote.id not in known.quoted]
    return list(dict.fromkeys(asked))
