"""The list of what the author linked to; note marks inside the text would not be the author's."""

from collections.abc import Iterator

from archiver.exporters.view import DEEPEST, View
from archiver.model import Post
from archiver.text import html
from archiver.text.escape import link

_CARD, _QUOTED = "link preview", "in the quoted post"


def links(view: View) -> Iterator[str]:
    """Yield the list of the links of all posts, each address once a post."""
    found = [
        f"Post {view.numbers[post.id]}: {link(url, url)}{about and f' ({about})'}"
        for post in view.own
        for url, about in links_of(post).items()
    ]
    if found:
        yield "## Links"
        yield "\n".join(f"{number}. {text}" for number, text in enumerate(found, 1))


def links_of(post: Post) -> dict[str, str]:
    """Return where a post leads, and of each address where it stands if that is not in the text itself."""
    found: dict[str, str] = {}
    shown: object = post
    for depth in range(DEEPEST + 1):
        if not isinstance(shown, Post):
            break
        for url, about in _own(shown):
            found.setdefault(url, _QUOTED if depth else about)
        shown = shown.quote
    return found


def _own(post: Post) -> Iterator[tuple[str, str]]:
    yield from ((target.url, "") for target in html.links(post.content) if target.kind == "link")
    yield from ((item.url, _CARD) for item in post.attachments if item.kind == "card" and item.url)
