"""The second visit: what became of the posts that the archive holds and that a new capture does not show.

Each is asked for by itself, by the platform's `recheck`. So the archive can say of a post that it was deleted, since
when and by whose word, and of another one that it was only not asked for.
"""

from collections.abc import Sequence
from dataclasses import replace

from archiver.errors import ArchiverError, Unavailable
from archiver.http.message import Send
from archiver.model import Kind, Missing, Node, Post, Reason, Role, Thread
from archiver.routes import Failure, Platform, Ref, collect, follow, once
from archiver.store.store import Archive
from archiver.threads.completeness import OWN
from archiver.threads.merge import UNTOLD, with_checked

ROUTE = "recheck"


def visit(archive: Archive, platform: Platform, ref: Ref, send: Send) -> tuple[Thread, tuple[Failure, ...]]:
    """Collect what a reference leads to, and ask for what the archive holds of it and the capture does not show.

    Where the address leads nowhere any more, a thread that is held is collected from a post of it that is still there;
    if none is, the result shows no post and says in `gone` what became of each. Raises what `routes.collect` raises,
    where nothing is held.
    """
    send = once(send)
    try:
        thread, failures = collect(platform, ref, send)
    except Unavailable as error:
        names = {"post": ref.id, "author": ref.author, "site": ref.site}
        earlier = archive.holding(platform.name, ref.url, **names, since=ref.since, until=ref.until)
        if earlier is None:
            raise
        return _without_address(platform, ref, earlier, error, send)
    earlier = archive.earlier(thread)
    if earlier is None:
        return thread, failures
    checked, more = _checked(platform, _to_check(earlier, thread, ref), send)
    return with_checked(thread, earlier, checked), (*failures, *more)


def _without_address(
    platform: Platform, ref: Ref, earlier: Thread, error: ArchiverError, send: Send
) -> tuple[Thread, tuple[Failure, ...]]:
    """Visit a thread whose address, or whose first post, is gone."""
    empty = replace(earlier, nodes=(), roles={}, observations=(), gone=(), hint="")
    checked, failures = _checked(platform, _to_check(earlier, empty, ref), send)
    if not any(isinstance(node, Post) or node.reason not in UNTOLD for node in checked):
        raise error  # nobody could be asked what became of them
    failures = (Failure(route=earlier.route, error=error), *failures)
    gone = tuple(node for node in checked if isinstance(node, Missing))
    there = [node for node in checked if isinstance(node, Post)]
    if earlier.kind is Kind.STORM:
        return (with_checked(empty, earlier, checked) if there else replace(empty, gone=gone)), failures
    another = next((post for post in there if earlier.roles.get(post.id) is Role.MAIN), None)
    if another is None:
        return replace(empty, gone=gone), failures
    rest = with_checked(replace(empty, id=another.id), earlier, checked)
    match = platform.match(another.url)
    if match is None:
        return rest, failures
    try:
        thread, more = collect(platform, replace(match, replies=ref.replies, on=ref.on, source=ref.source), send)
    except ArchiverError as again:
        return rest, (*failures, Failure(route=earlier.route, error=again))
    present = {node.id for node in thread.nodes if isinstance(node, Post)}
    return with_checked(thread, earlier, [node for node in checked if node.id not in present]), (*failures, *more)


def _to_check(earlier: Thread, thread: Thread, ref: Ref) -> list[Post]:
    """Return the posts that are held and not shown, of those that this visit asks for; of none of them was spoken."""
    present = {post.id for post in thread.posts} | {observation.version for observation in thread.observations}
    gaps = (*thread.missing, *thread.gone)
    spoken = {gap.id for gap in gaps if gap.reason not in UNTOLD or (gap.reason is Reason.UNKNOWN and gap.seen_at)}
    roles = (*OWN, Role.CONTEXT, *((Role.REPLY, Role.OTHER) if ref.replies or earlier.kind is Kind.STORM else ()))
    return [
        post
        for post in earlier.posts
        if post.id not in present and post.id not in spoken and earlier.roles.get(post.id) in roles
    ]


def _checked(platform: Platform, posts: Sequence[Post], send: Send) -> tuple[Sequence[Node], tuple[Failure, ...]]:
    """Ask for posts by themselves; what cannot be asked is left out, and said."""
    if not posts or platform.recheck is None:
        return (), ()
    try:
        return follow(platform.recheck(posts), send), ()
    except ArchiverError as error:
        return (), (Failure(route=ROUTE, error=error),)
