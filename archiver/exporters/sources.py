"""Which source showed a post, what else was shown of it, and whether that is the same text."""

import re
from collections.abc import Iterator

from archiver.exporters.words import moment, source
from archiver.model import Observation, Post, Thread
from archiver.text import html
from archiver.text.escape import line, link

SHORTEST = 60  # characters of a text that a source cut off; less may be another text
# How an address begins within a word, and how one that was cut for readers does; between them may be no blank, as in
# Japanese. Both begin where no sign of a host is before them, so that a long text is read once.
_ADDRESS = re.compile(r"(?<![A-Za-z0-9.+-])[A-Za-z0-9.+-]*+://|\bpic\.(?:twitter|x)\.com|\bt\.co/")
_CUT = re.compile(r"(?<![\w.-])[\w-]++(?:\.[\w-]++)++/")


def shown_by(thread: Thread, post: Post) -> Iterator[str]:
    """Yield who showed a post, where that differs from post to post, and where to look at it."""
    if one_place(thread):
        return
    one = next((one for one in reversed(_of(thread, post)) if one.route == post.route and not one.version), None)
    if post.route and (post.route != thread.route or (one and one.url)):
        yield observed(one) if one else f"as shown by {line(source(post.route))}"


def observed(one: Observation) -> str:
    """Return who showed it, and when that was captured."""
    when = f"captured {moment(one.seen_at)}"
    where = link(when, one.url) if one.url.startswith(("https://", "http://")) else when
    return f"as shown by {line(source(one.route))}, {where}"


def one_place(thread: Thread) -> str:
    """Return a sentence on the one page that shows all posts, "" where there is none: what is here is its copy."""
    urls = {one.url for one in thread.observations}
    if len(urls) != 1 or len(thread.posts) < 2 or not (url := urls.pop()):
        return ""
    route = next(one.route for one in thread.observations)
    page = link(url, url) if "://" in url else line(url)
    return f"All posts are shown as {line(source(route))} kept them, in {page}: a copy, and no word of the platform."


def editions(thread: Thread, post: Post) -> tuple[Observation, ...]:
    """Return the earlier versions that sources know of, oldest first, each once and with its text if any has it."""
    best: dict[str, Observation] = {}
    for one in _of(thread, post):
        if one.version and not (best.get(one.version) and best[one.version].content):
            best[one.version] = one
    return tuple(best[version] for version in sorted(best, key=lambda version: (len(version), version)))


def contradictions(thread: Thread, post: Post) -> tuple[Observation, ...]:
    """Return the observations of a post that show another text than the one in its place, each text once."""
    others = {_words(one.content): one for one in _of(thread, post) if not one.version}
    shown = _words(post.content) if others else ""
    return tuple(one for words, one in others.items() if not _agree(shown, words))


def _agree(one: str, other: str) -> bool:
    """Tell whether two texts are the same, or one the beginning of the other: sources cut long texts without a sign."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= SHORTEST and long.startswith(short))


def _words(content: str) -> str:
    """Return a text without what sources show differently: addresses, which are shortened, and white space."""
    return " ".join(filter(None, map(_without_address, html.plain(content).split()))).rstrip(" …")


def _without_address(word: str) -> str:
    if address := _ADDRESS.search(word):
        return word[: address.start()]
    before, _, after = word.rpartition("…")
    cut = _CUT.search(before)
    return before[: cut.start()] + after if cut else word


def _of(thread: Thread, post: Post) -> list[Observation]:
    return [one for one in thread.observations if one.post == post.id]
