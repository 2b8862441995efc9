"""What the sources together come to: the posts of the thread or storm, its gaps in their places, and what is proven."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from archiver.errors import Gone, Interrupted, Refused
from archiver.model import Author, Missing, Node, Post, Reason, Thread
from archiver.platforms.x.state import State
from archiver.platforms.x.tweet import SITE, Tweet, author_of
from archiver.routes import Collected, Failure, Ref, most_telling
from archiver.threads.assemble import assemble, main_line, storm, with_gaps
from archiver.threads.assemble import author_of as writer_of
from archiver.threads.completeness import Proof

Keep = Callable[[list[Tweet]], list[Tweet]]  # takes what a page shows, returns what of it belongs here


def conclude(state: State) -> Collected:
    """Put everything that is known together. Raises the most telling failure where no source shows the post."""
    nodes = placed(state)
    focus = state.newest(state.focus)
    if state.stop and focus not in nodes:
        raise Interrupted(state.stop)
    if focus not in nodes or not any(isinstance(nodes[id_], Post) for id_ in members_of(nodes, first_of(nodes, focus))):
        raise most_telling(_failures(state, nodes.get(focus)))
    start = start_of(state, nodes, focus)
    members = {*members_of(nodes, start), *_answers(state, nodes, start)}
    context = nodes[start].in_reply_to
    thread_nodes = [nodes[id_] for id_ in (*members, *([context] if context in nodes else []))]
    assembled = assemble(
        platform="x",
        nodes=thread_nodes,
        focus=focus,
        start=start,
        proof=prove(state, nodes, start),
        replies=state.replies,
    )
    return _collected(state, assembled)


def storm_of(state: State, ref: Ref) -> Collected:
    """Put everything together that an author posted in a window; without a window, all that was found."""
    nodes = state.nodes()
    posts = [node for node in nodes.values() if isinstance(node, Post)]
    if not posts and state.stop:
        raise Interrupted(state.stop)
    if not posts and state.failures:
        raise most_telling(state.failures)
    author = _storm_author(posts, ref)
    since = ref.since or min(post.created_at for post in posts).replace(microsecond=0)
    until = ref.until or max(post.created_at for post in posts).replace(microsecond=0) + timedelta(seconds=1)
    is_article = ref.source == "embeds"
    storm_nodes = list(nodes.values()) if is_article else [_own(post, author, since, until) for post in posts]
    storm_nodes += [node for node in nodes.values() if isinstance(node, Missing)]
    own = [node.id for node in storm_nodes if isinstance(node, Post) and node.author.id == author.id]
    unseen = state.unseen(own) if state.end_proof else 0
    assembled = storm(
        platform="x",
        nodes=storm_nodes,
        author=author,
        url=author.url,
        since=since,
        until=until,
        proof=Proof(
            text=state.end_proof,
            count=len(own) + unseen if unseen else None,
            counter="X",
            top=bool(state.end_proof),
            end=bool(state.end_proof),
            doubts=unasked(state),
            stop=state.stop,
        ),
    )
    return _collected(state, assembled)


def unasked(state: State) -> tuple[str, ...]:
    """Return a doubt where the source that may hold deleted posts, which no search shows, was asked in vain."""
    failed = {failure.route for failure in state.failures}
    keepers = [source.title for source in state.sources if source.keeps and source.name in failed]
    return tuple(f"{title} could not be asked, and may hold posts that are deleted" for title in keepers)


def _collected(state: State, assembled: Thread) -> Collected:
    ids = [post.id for post in assembled.posts]
    return Collected(
        thread=replace(
            assembled,
            route=state.main_route(ids),
            gone=state.gone(ids),
            observations=state.observations(ids),
            hint=state.hint,
        ),
        failures=tuple(state.failures),
    )


def _failures(state: State, focus: Node | None) -> list[Failure]:
    """Return what failed; where nothing did and yet there is nothing, what X says of the post."""
    if isinstance(focus, Missing) or not state.failures:
        words = focus.detail if isinstance(focus, Missing) and focus.detail else "no source shows it"
        kind = Gone if isinstance(focus, Missing) and focus.reason is Reason.DELETED else Refused
        url = f"{SITE}/i/status/{state.focus}"
        tried = any(name == "wayback" for name, _ in state.questions)
        in_vain = ", and the Wayback Machine has no text of it" if tried else ""
        error = kind(f"{url} cannot be shown: {words}{in_vain}")
        return [Failure(route="x", error=error), *state.failures]
    return state.failures


def placed(state: State) -> dict[str, Node]:
    """Return all nodes, with the author's gaps of which nobody says what they answered in their likely places."""
    nodes = state.nodes()
    focus = state.newest(state.focus)
    if focus not in nodes:
        return nodes
    start = start_of(state, nodes, focus)
    gaps = [
        (gap, child)
        for child in nodes.values()
        if isinstance(child, Post)
        and isinstance(gap := nodes.get(child.in_reply_to or ""), Missing)
        and writer_of(gap) == writer_of(child) == writer_of(nodes[start])
        and state.conversation(child.id) in (None, state.conversation(start))
    ]
    return with_gaps(nodes, start, gaps)


def start_of(state: State, nodes: dict[str, Node], focus: str) -> str:
    """Return the first post: the top of the conversation if the same author began that, else the top of the chain."""
    top = state.conversation(focus)
    if top in nodes and writer_of(nodes[top]) == writer_of(nodes[focus]):
        return top
    return first_of(nodes, focus)


def _answers(state: State, nodes: dict[str, Node], start: str) -> list[str]:
    """Return the ids of what else the author wrote in a conversation of the author's own: answers to other people."""
    return [
        id_
        for id_, node in nodes.items()
        if isinstance(node, Post)
        and state.conversation(start) == start == state.conversation(id_)
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


def members_of(nodes: dict[str, Node], start: str) -> set[str]:
    """Return the ids of the first post, and of all that its author added to it."""
    author = writer_of(nodes[start])
    members = {start}
    for id_ in sorted(nodes, key=int):
        node = nodes[id_]
        if node.in_reply_to in members and writer_of(node) == author:
            members.add(id_)
    return members


def prove(state: State, nodes: dict[str, Node], start: str) -> Proof:
    """Weigh what is known of the whole."""
    first = nodes[start]
    above = nodes.get(first.in_reply_to or "")
    by_other = above is not None and writer_of(above) not in (None, writer_of(first))
    top = isinstance(first, Post) and (state.is_first(start) or by_other)
    end_proof = state.end_proof if top else ""
    line = main_line(nodes, start)
    own = {*line, *_answers(state, nodes, start)}
    if any(nodes[id_].in_reply_to is None for id_ in own - {start} if isinstance(nodes[id_], Post)):
        end_proof = ""  # a post of the conversation that answers nothing: what was between is not known
    unseen = state.unseen(own) if end_proof else 0
    count = len(line) + unseen if unseen else None
    return Proof(
        text=end_proof,
        count=count,
        counter="X",
        exhaustive=True,
        top=top,
        end=bool(end_proof),
        doubts=unasked(state) if end_proof else (),
        stop=state.stop,
    )


def lacking(state: State) -> list[str]:
    """Return the ids of the author's posts in the thread that no source has shown whole, and of what it answers."""
    nodes = placed(state)
    focus = state.newest(state.focus)
    if focus not in nodes:
        return [focus]
    start = start_of(state, nodes, focus)
    members = {*members_of(nodes, start), *([parent] if (parent := nodes[start].in_reply_to) else [])}
    return [id_ for id_ in sorted(members, key=int) if not state.has_whole_text(id_)]


def top_of(state: State) -> str:
    """Return the id of the highest post that is reached from the pasted one through its author's own."""
    nodes = state.nodes()
    focus = state.newest(state.focus)
    return first_of(nodes, focus) if focus in nodes else focus


def handles_of(state: State) -> list[str]:
    """Return the handles under which the author's posts may have been captured."""
    nodes = state.nodes()
    author = writer_of(nodes[focus]) if (focus := state.newest(state.focus)) in nodes else None
    posts = [node for node in nodes.values() if isinstance(node, Post) and node.author.id == author]
    return list(dict.fromkeys([*(post.author.handle for post in posts), *state.handles]))


def related(state: State, ids: set[str], handles: list[str]) -> Keep:
    """Keep of a page what belongs to a thread: its author's posts and what they answer; replies if asked for."""
    names = {handle.lower() for handle in handles}

    def keep(tweets: list[Tweet]) -> list[Tweet]:
        writers = {post.author.id for post in posts_in(tweets) if post.id in ids or post.author.handle.lower() in names}
        own = {post.id for post in posts_in(tweets) if post.author.id in writers} | ids
        for tweet in reversed(tweets):  # a page has what is answered above the answer
            if tweet.id in own and tweet.node.in_reply_to:
                own.add(tweet.node.in_reply_to)
        return [tweet for tweet in tweets if state.replies or tweet.id in own]

    return keep


def posts_in(tweets: Iterable[Tweet]) -> Iterator[Post]:
    """Yield the posts among what sources showed, without the tombstones."""
    return (tweet.post for tweet in tweets if tweet.post)


def doubtful(state: State) -> list[str]:
    """Return the ids that want another word: what has no whole text, and what no living source shows any more."""
    routes = {id_: {sight.route for sight in sights} for id_, sights in state.sights.items()}
    keepers = {source.name for source in state.sources if source.keeps}
    live = any(of_post - keepers for of_post in routes.values())
    alone = [id_ for id_, of_post in routes.items() if live and of_post <= keepers]
    return sorted({*alone, *(id_ for id_ in routes if not state.has_whole_text(id_))}, key=int)


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
