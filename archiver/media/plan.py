"""What is to be fetched of a thread: files of posts, pictures of cards, avatars, each address once. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.model import Author, Post, Thread
from archiver.store.media import source
from archiver.wayback import ROUTE

KINDS = ("image", "video", "audio", "gifv", "file")
AVATAR = "avatar"
CARD = "card"


@dataclass(frozen=True, slots=True)
class Medium:
    """One thing to fetch: `url` as the thread names it, and what it is there: a kind of attachment, or an avatar.

    `captured_at` is when a web archive captured the post that shows it, None where none did.
    """

    url: str
    what: str
    captured_at: datetime | None = None


def to_fetch(thread: Thread, is_post: Callable[[str], bool], is_there: Callable[[str], bool]) -> tuple[Medium, ...]:
    """Return what a thread shows and the archive does not hold, in reading order, the avatars last.

    What it holds only as the platform shows it, and not as it was posted, is wanted again.
    `is_post` says whether an address is a post's page: where a platform does not give a film, it is that. `is_there`
    says whether a file that the archive should hold is in its folder.
    """
    posts = list(_all(thread.posts))
    captured = {
        observation.post: observation.seen_at
        for observation in reversed(thread.observations)
        if observation.route == ROUTE
    }
    posts_at = [(post, captured.get(first.id)) for first in thread.posts for post in _all([first])]
    media = [medium for post, at in posts_at for medium in _of_post(post, at, is_there)]
    authors = dict.fromkeys((thread.author, *(post.author for post in posts)))
    media += [medium for author in authors for medium in _avatar(author, is_there)]
    once: dict[str, Medium] = {}
    for medium in media:
        once.setdefault(medium.url, medium)
    return tuple(medium for medium in once.values() if not is_post(medium.url))


def _all(posts: Iterable[Post]) -> Iterator[Post]:
    """Yield posts, and those that they quote."""
    for post in posts:
        node: object = post
        while isinstance(node, Post):
            yield node
            node = node.quote


def _of_post(post: Post, captured_at: datetime | None, is_there: Callable[[str], bool]) -> Iterator[Medium]:
    for item in post.attachments:
        url = source(item)
        if url and (item.fault or not (item.file and is_there(item.file))):
            yield Medium(url, item.kind if item.kind in KINDS else CARD, captured_at)


def _avatar(author: Author, is_there: Callable[[str], bool]) -> Iterator[Medium]:
    if author.avatar and not (author.avatar_file and is_there(author.avatar_file)):
        yield Medium(author.avatar, AVATAR)
