"""How the sources work together: each adds what it shows, and the next one is asked for what still lacks.

    thread: api_v2 ──► fxtwitter ──► nitter ──► syndication upwards ──► what lacks, by id, source by source ──► wayback
    storm:  api_v2 ──► fxtwitter ──► wayback ──► syndication: is what only the Wayback Machine shows still there?

A source that fails is noted, and the others go on. Only a search to its end or the owner's own archive proves the end.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archiver.errors import SHAPE_ERRORS, ArchiverError, Gone, Interrupted, ParseError, Refused
from archiver.http.message import Request, Response
from archiver.model import Author, Missing, Node, Post, Reason, Thread
from archiver.platforms.x import api_v2, captures, embeds, export, fxtwitter, nitter, syndication
from archiver.platforms.x.known import Known
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.tweet import SITE, author_of
from archiver.routes import Collected, Failure, Ref, Steps, most_telling
from archiver.threads import Proof, assemble, main_line, storm, with_gaps
from archiver.threads import author_of as writer_of

Call = Generator[Request, Response, None]

PAGES_WITH_THREADS = datetime(2020, 7, 1, tzinfo=UTC)  # pages captured later hold one post, or none
ROUNDS = 6  # of filling gaps; each may show further ones above
HOURS = 6  # around a lone post in which its author's other posts are looked for
NEIGHBOURS = 3  # that make a storm likely


def thread(ref: Ref) -> Steps:
    """Collect the thread of a post from all sources together."""
    known = Known(focus=ref.id, on=ref.on, replies=ref.replies, handles=(ref.author,) if ref.author else ())
    try:
        yield from _down(known)
        yield from _up(known)
        yield from _fill(known)
        yield from _look_around(known)
        known.hint = known.hint or _advice(known)
    except Interrupted as error:
        known.stop = str(error)
    return conclude(known)


def window(ref: Ref) -> Steps:
    """Collect what an author posted in a stretch of time."""
    known = Known(on=ref.on)
    try:
        if "api_v2" in known.on:
            yield from _tried(known, "api_v2", api_v2.window(known, ref))
        if "fxtwitter" in known.on and not known.whole:
            yield from _tried(known, "fxtwitter", fxtwitter.window(known, ref))
        live = bool(known.sights)
        yield from _tried(known, "wayback", captures.window(known, ref))
        yield from _tried(known, "syndication", syndication.look(known, _doubtful(known, live)))
    except Interrupted as error:
        known.stop = str(error)
    return storm_of(known, ref)


def embedded(ref: Ref) -> Steps:
    """Collect the posts that an article embeds, as the press kept them."""
    known = Known()
    yield from embeds.article(known, ref)
    return storm_of(known, ref)


def archived(ref: Ref) -> Steps:
    """Collect a thread out of its author's own archive."""
    known = Known(focus=ref.id)
    yield from export.archived(known, ref)
    return conclude(known)


def _down(known: Known) -> Call:
    """Ask the sources that may know what follows a post."""
    for name, source in (("api_v2", api_v2.conversation), ("fxtwitter", fxtwitter.chain), ("nitter", nitter.chain)):
        if name in known.on and not known.whole:
            yield from _tried(known, name, source(known))


def _up(known: Known) -> Call:
    """Climb from the highest known post of the author to the first."""
    if not known.whole:
        yield from _tried(known, "syndication", syndication.climb(known, _top(known)))
    if not known.whole and (time_of(_top(known)) or PAGES_WITH_THREADS) < PAGES_WITH_THREADS:
        yield from _tried(known, "wayback", captures.look(known, [_top(known)], _handles(known)))


def _fill(known: Known) -> Call:
    """Ask every source for the posts that are only known of, and for those of which only the beginning is."""
    for _ in range(ROUNDS):
        before = sum(map(len, known.sights.values()))
        for name, look in LOOKS.items():
            wanted = [id_ for id_ in lacking(known) if (name, id_) not in known.asked]
            if wanted and (name in known.on or name in ALWAYS):
                known.asked.update((name, id_) for id_ in wanted if name == "wayback")
                yield from _tried(known, name, look(known, wanted))
        if sum(map(len, known.sights.values())) == before:
            return


def _look_around(known: Known) -> Call:
    """Look whether a post that stands alone has neighbours in time: then it may be part of a storm."""
    nodes = known.nodes()
    first = nodes.get(known.newest(known.focus))
    if not isinstance(first, Post) or len(_members(nodes, first.id)) > 1 or (when := time_of(first.id)) is None:
        return
    try:
        count = yield from captures.neighbours(known, first.id, first.author.handle)
    except (ArchiverError, *SHAPE_ERRORS) as error:
        if isinstance(error, Interrupted):
            raise
        return
    if count >= NEIGHBOURS:
        since, until = (when + timedelta(hours=hours) for hours in (-HOURS, HOURS))
        known.hint = (
            f"@{first.author.handle} wrote at least {count} more posts within {HOURS} hours of this one, which no "
            f"replies hold together; to archive them: archiver storm {first.author.handle} "
            f"--since {since:%Y-%m-%dT%H:%MZ} --until {until:%Y-%m-%dT%H:%MZ} --platform x"
        )


def _advice(known: Known) -> str:
    """Return what else could be done about an end that nothing proves."""
    if known.whole:
        return ""
    return (
        "whether the author went on after the last post is not known: save a later post's URL if you know one, or turn "
        "on a source that shows what follows (docs/platforms.md)"
    )


def _look_at_captures(known: Known, ids: Iterable[str]) -> Call:
    yield from captures.look(known, ids, _handles(known))


LOOKS: dict[str, Callable[[Known, Iterable[str]], Call]] = {
    "api_v2": api_v2.look,
    "fxtwitter": fxtwitter.look,
    "syndication": syndication.look,
    "wayback": _look_at_captures,
}
ALWAYS = ("syndication", "wayback")


def _tried(known: Known, name: str, call: Call) -> Call:
    """Let a source add what it can; what stops it is noted, and does not stop the others."""
    try:
        yield from call
    except Interrupted:
        raise
    except ArchiverError as error:
        known.failures.append(Failure(route=name, error=error))
    except SHAPE_ERRORS as error:
        shape = f"{name} answered in an unknown shape ({type(error).__name__}: {error})"[:160]
        known.failures.append(Failure(route=name, error=ParseError(f"{shape}; its bytes are kept")))


def conclude(known: Known) -> Collected:
    """Put everything that is known together. Raises the most telling failure where no source shows the post."""
    nodes = placed(known)
    focus = known.newest(known.focus)
    if known.stop and focus not in nodes:
        raise Interrupted(known.stop)
    if focus not in nodes or not any(isinstance(nodes[id_], Post) for id_ in _members(nodes, first_of(nodes, focus))):
        raise most_telling(_failures(known, nodes.get(focus)))
    start = start_of(known, nodes, focus)
    members = {*_members(nodes, start), *_answers(known, nodes, start)}
    context = nodes[start].in_reply_to
    kept = [nodes[id_] for id_ in (*members, *([context] if context in nodes else []))]
    made = assemble(
        platform="x", nodes=kept, focus=focus, start=start, proof=prove(known, nodes, start), replies=known.replies
    )
    return _collected(known, made)


def storm_of(known: Known, ref: Ref) -> Collected:
    """Put everything together that an author posted in a window; without a window, all that was found."""
    nodes = known.nodes()
    posts = [node for node in nodes.values() if isinstance(node, Post)]
    if not posts and known.stop:
        raise Interrupted(known.stop)
    if not posts and known.failures:
        raise most_telling(known.failures)
    author = _storm_author(posts, ref)
    since = ref.since or min(post.created_at for post in posts).replace(microsecond=0)
    until = ref.until or max(post.created_at for post in posts).replace(microsecond=0) + timedelta(seconds=1)
    shown = list(nodes.values()) if ref.source == "embeds" else [_own(node, author, since, until) for node in posts]
    shown += [node for node in nodes.values() if isinstance(node, Missing)]
    own = sum(isinstance(node, Post) and node.author.id == author.id for node in shown)
    made = storm(
        platform="x",
        nodes=shown,
        author=author,
        url=author.url,
        since=since,
        until=until,
        proof=Proof(
            text=known.whole,
            expected=max(known.expected or own, own) if known.whole else None,
            top=bool(known.whole),
            end=bool(known.whole),
            stop=known.stop,
        ),
    )
    return _collected(known, made)


def _collected(known: Known, made: Thread) -> Collected:
    ids = [post.id for post in made.posts]
    return Collected(
        thread=replace(
            made,
            route=known.main_route(ids),
            gone=known.gone(ids),
            observations=known.observations(ids),
            hint=known.hint,
        ),
        failures=tuple(known.failures),
    )


def _failures(known: Known, focus: Node | None) -> list[Failure]:
    """Return what failed; where nothing did and yet there is nothing, what X says of the post."""
    if isinstance(focus, Missing) or not known.failures:
        said = focus.detail if isinstance(focus, Missing) and focus.detail else "no source shows it"
        kind = Gone if isinstance(focus, Missing) and focus.reason is Reason.DELETED else Refused
        url = f"{SITE}/i/status/{known.focus}"
        error = kind(f"{url} cannot be shown: {said}, and the Wayback Machine has no text of it")
        return [Failure(route="x", error=error), *known.failures]
    return known.failures


def placed(known: Known) -> dict[str, Node]:
    """Return all nodes, with the author's gaps of which nobody says what they answered in their likely places."""
    nodes = known.nodes()
    focus = known.newest(known.focus)
    if focus not in nodes:
        return nodes
    start = start_of(known, nodes, focus)
    gaps = [
        (gap, child)
        for child in nodes.values()
        if isinstance(child, Post)
        and isinstance(gap := nodes.get(child.in_reply_to or ""), Missing)
        and writer_of(gap) == writer_of(child) == writer_of(nodes[start])
        and known.conversation(child.id) in (None, known.conversation(start))
    ]
    return with_gaps(nodes, start, gaps)


def start_of(known: Known, nodes: dict[str, Node], focus: str) -> str:
    """Return the first post: the top of the conversation if the same author began that, else the top of the chain."""
    top = known.conversation(focus)
    if top in nodes and writer_of(nodes[top]) == writer_of(nodes[focus]):
        return top
    return first_of(nodes, focus)


def _answers(known: Known, nodes: dict[str, Node], start: str) -> list[str]:
    """Return the ids of what else the author wrote in a conversation of the author's own: answers to other people."""
    return [
        id_
        for id_, node in nodes.items()
        if isinstance(node, Post)
        and known.conversation(start) == start == known.conversation(id_)
        and writer_of(node) == writer_of(nodes[start])
    ]


def first_of(nodes: dict[str, Node], focus: str) -> str:
    """Return the id of the thread's first post: the highest that is reached through posts of the same author."""
    chain = [focus]
    while (
        (parent := nodes[chain[-1]].in_reply_to) in nodes
        and parent not in chain
        and writer_of(nodes[parent]) == writer_of(nodes[focus])
    ):
        chain.append(parent)
    return chain[-1]


def _members(nodes: dict[str, Node], start: str) -> set[str]:
    """Return the ids of the first post, and of all that its author added to it."""
    author = writer_of(nodes[start])
    found = {start}
    for id_ in sorted(nodes, key=int):
        node = nodes[id_]
        if node.in_reply_to in found and writer_of(node) == author:
            found.add(id_)
    return found


def prove(known: Known, nodes: dict[str, Node], start: str) -> Proof:
    """Weigh what is known of the whole."""
    first = nodes[start]
    above = nodes.get(first.in_reply_to or "")
    by_other = above is not None and writer_of(above) not in (None, writer_of(first))
    top = isinstance(first, Post) and (known.is_first(start) or by_other)
    whole = known.whole if top else ""
    expected = len(main_line(nodes, start)) if whole else None
    return Proof(text=whole, expected=expected, top=top, end=bool(whole), stop=known.stop)


def lacking(known: Known) -> list[str]:
    """Return the ids of the author's posts in the thread that no source has shown whole, and of what it answers."""
    nodes = placed(known)
    focus = known.newest(known.focus)
    if focus not in nodes:
        return [focus]
    start = start_of(known, nodes, focus)
    members = {*_members(nodes, start), *([parent] if (parent := nodes[start].in_reply_to) else [])}
    return [id_ for id_ in sorted(members, key=int) if not known.whole_text(id_)]


def _top(known: Known) -> str:
    """Return the id of the highest post that is reached from the pasted one through its author's own."""
    nodes = known.nodes()
    focus = known.newest(known.focus)
    return first_of(nodes, focus) if focus in nodes else focus


def _handles(known: Known) -> list[str]:
    """Return the handles under which the author's posts may have been captured."""
    nodes = known.nodes()
    author = writer_of(nodes[focus]) if (focus := known.newest(known.focus)) in nodes else None
    posts = [node for node in nodes.values() if isinstance(node, Post) and node.author.id == author]
    return list(dict.fromkeys([*(post.author.handle for post in posts), *known.handles]))


def _doubtful(known: Known, live: bool) -> list[str]:
    """Return the ids that want another word: what has no whole text, and what no living source shows any more."""
    routes = {id_: {sight.route for sight in sights} for id_, sights in known.sights.items()}
    alone = [id_ for id_, of_post in routes.items() if live and of_post == {"wayback"}]
    return sorted({*alone, *(id_ for id_ in routes if not known.whole_text(id_))}, key=int)


def _storm_author(posts: list[Post], ref: Ref) -> Author:
    named = [post.author for post in posts if post.author.handle.lower() == ref.author.lower()]
    if named or ref.author:
        return named[0] if named else author_of(ref.author, "")
    [(most, _)] = Counter(post.author.id for post in posts).most_common(1)
    return next(post.author for post in posts if post.author.id == most)


def _own(post: Post, author: Author, since: datetime, until: datetime) -> Node:
    """Return a post of the window as it is, any other as what it means to the storm: somebody's, and not here."""
    if post.author.id == author.id and since <= post.created_at < until:
        return post
    return Missing(id=post.id, reason=Reason.NOT_LOADED, author=post.author.id, created_at=post.created_at)
