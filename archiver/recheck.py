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
        asked = {"post": ref.id, "author": ref.author, "site": ref.site}
        held = archive.held(platform.name, ref.url, **asked, since=ref.since, until=ref.until)
        if held is None:
            raise
        return _without_address(platform, ref, held, error, send)
    held = archive.earlier(thread)
    if held is None:
        return thread, failures
    checked, more = _checked(platform, _to_check(held, thread, ref), send)
    return with_checked(thread, held, checked), (*failures, *more)


def _without_address(
    platform: Platform, ref: Ref, held: Thread, error: ArchiverError, send: Send
) -> tuple[Thread, tuple[Failure, ...]]:
    """Visit a thread whose address, or whose first post, is gone."""
    empty = replace(held, nodes=(), roles={}, observations=(), gone=(), hint="")
    checked, failures = _checked(platform, _to_check(held, empty, ref), send)
    if not any(isinstance(node, Post) or node.reason not in UNTOLD for node in checked):
        raise error  # nobody could be asked what became of them
    failures = (Failure(route=held.route, error=error), *failures)
    gone = tuple(node for node in checked if isinstance(node, Missing))
    there = [node for node in checked if isinstance(node, Post)]
    if held.kind is Kind.STORM:
        return (with_checked(empty, held, checked) if there else replace(empty, gone=gone)), failures
    another = next((post for post in there if held.roles.get(post.id) is Role.MAIN), None)
    if another is None:
        return replace(empty, gone=gone), failures
    left = with_checked(replace(empty, id=another.id), held, checked)
    found = platform.match(another.url)
    if found is None:
        return left, failures
    try:
        thread, more = collect(platform, replace(found, replies=ref.replies, on=ref.on, source=ref.source), send)
    except ArchiverError as again:
        return left, (*failures, Failure(route=held.route, error=again))
    shown = {node.id for node in thread.nodes if isinstance(node, Post)}
    return with_checked(thread, held, [node for node in checked if node.id not in shown]), (*failures, *more)


def _to_check(held: Thread, thread: Thread, ref: Ref) -> list[Post]:
    """Return the posts that are held and not shown, of those that this visit asks for; of none of them was spoken."""
    shown = {post.id for post in thread.posts} | {one.version for one in thread.observations}
    gaps = (*thread.missing, *thread.gone)
    spoken = {gap.id for gap in gaps if gap.reason not in UNTOLD or (gap.reason is Reason.UNKNOWN and gap.seen_at)}
    asked = (*OWN, Role.CONTEXT, *((Role.REPLY, Role.OTHER) if ref.replies or held.kind is Kind.STORM else ()))
    return [
        post
        for post in held.posts
        if post.id not in shown and post.id not in spoken and held.roles.get(post.id) in asked
    ]


def _checked(platform: Platform, posts: Sequence[Post], send: Send) -> tuple[Sequence[Node], tuple[Failure, ...]]:
    """Ask for posts by themselves; what cannot be asked is left out, and said."""
    if not posts or platform.recheck is None:
        return (), ()
    try:
        return follow(platform.recheck(posts), send), ()
    except ArchiverError as error:
        return (), (Failure(route=ROUTE, error=error),)
