"""A thread as rows of the derived tables. Pure: no database here; `restore` is the way back.

The law: what `restore` makes of the rows is the thread, as long as it gives each post and author id one meaning.
A quoted post becomes a post of its own; where the thread, or another one, shows the same post by itself, that one is
kept, because a platform shows less of a post in a quote.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import count

from archiver.model import Missing, Observation, Post, Thread
from archiver.store.columns import Row, row_of, stamp, storable, text_of
from archiver.text.html import links, plain
from archiver.threads.assemble import title

Rows = dict[str, list[Row]]

_AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#]*@)?([^/?#]+)", re.IGNORECASE)


def key(url: str, id_: str) -> str:
    """Return the archive's name for a platform's id: two servers may use one id for different things."""
    return text_of(f"{host_of(url)}/{id_}")


def host_of(url: str) -> str:
    """Return the host and port of an address, "" where it names none; unlike urlsplit, never an error."""
    match = _AUTHORITY.match(url)
    return match[1].lower() if match else ""


def rows_of(
    thread: Thread,
    *,
    latest: Thread,
    run: str,
    seen_at: datetime,
    settled: Container[str] = frozenset(),
    better: Container[str] = frozenset(),
) -> Rows:
    """Return the rows of a thread by table.

    `latest` is what this run alone showed, where `thread` also holds what earlier ones did. `settled` holds the keys of
    posts that some thread of the archive shows by itself: what a quote shows of them is left out. `better` holds those
    that the archive has from a better source: they stay as they are.
    """
    prefix = key(thread.url, "")
    in_thread = {prefix + text_of(post.id): post for post in thread.posts}
    quoted = {prefix + text_of(post.id): post for post in sorted(quotes(thread.posts), key=_depth)}
    posts = {
        **{id_: post for id_, post in quoted.items() if id_ not in settled and id_ not in better},
        **{id_: post for id_, post in in_thread.items() if id_ not in better},
    }
    authors = {
        prefix + text_of(author.id): author for author in (*(post.author for post in posts.values()), thread.author)
    }
    observed = {prefix + text_of(post.id) for post in (*quotes(latest.posts), *latest.posts)} & {*quoted, *in_thread}
    at = stamp(seen_at)
    rows: Rows = {
        "authors": [row_of("authors", author, prefix, seen_at=at) for author in authors.values()],
        "posts": [_post(post, prefix, id_ not in in_thread, at) for id_, post in posts.items()],
        "threads": [_thread(thread, prefix, run, at)],
        "thread_posts": list(_thread_posts(thread, prefix)),
        "missing": list(_missing(thread, prefix)),
        "observations": list(_observations(latest, prefix, run, observed, at)),
        **_links(posts),
    }
    for table, parts in _PARTS.items():
        rows[table] = [row for id_, post in posts.items() for row in parts(post, prefix, id_)]
    return {table: [tuple(map(storable, row)) for row in of_table] for table, of_table in rows.items()}


def quotes(posts: Iterable[Post]) -> Iterator[Post]:
    """Yield the quoted posts of all posts, and those that they quote, nearest first."""
    for post in posts:
        quote = post.quote
        while isinstance(quote, Post):
            yield quote
            quote = quote.quote


def _post(post: Post, prefix: str, quoted_only: bool, seen_at: str) -> Row:
    quote = prefix + text_of(post.quote.id) if isinstance(post.quote, Post) else None
    text = plain(post.content)
    return row_of("posts", post, prefix, text=text, quote=quote, quoted_only=quoted_only, seen_at=seen_at)


def _thread(thread: Thread, prefix: str, run: str, seen_at: str) -> Row:
    verdict = thread.completeness.verdict
    times = {"first_captured_at": seen_at, "captured_at": seen_at}
    return row_of("threads", thread, prefix, title=title(thread), verdict=verdict, run=run, **times)


def _thread_posts(thread: Thread, prefix: str) -> Iterator[Row]:
    for position, node in enumerate(thread.nodes):
        if isinstance(node, Post):
            role = thread.roles.get(node.id)
            yield prefix + text_of(thread.id), prefix + text_of(node.id), position, role, _depth(node)


def _observations(latest: Thread, prefix: str, run: str, observed: Iterable[str], at: str) -> Iterator[Row]:
    """Yield what each source showed, and for posts of which only the run as a whole is known that it did."""
    by_source = {prefix + text_of(observation.post) for observation in latest.observations}
    for observation in latest.observations:
        yield row_of("observations", observation, prefix, run=run)
    for id_ in sorted(observed):
        if id_ not in by_source:
            yield id_, run, latest.route, "", "", at, None


def in_order(observation: Observation) -> tuple[str, str, datetime, str, str, str]:
    """The order in which observations come back."""
    item = observation
    return item.post, item.version, item.seen_at, item.route, item.url, item.content


def _depth(post: Post) -> int:
    return sum(1 for _ in quotes([post]))


def _missing(thread: Thread, prefix: str) -> Iterator[Row]:
    """Yield each gap once, with its places in the thread and in the two lists that may name it."""
    position = {node: place for place, node in enumerate(thread.nodes) if isinstance(node, Missing)}
    counted = {gap: number for number, gap in enumerate(thread.completeness.gaps, 1)}
    gone = {gap: number for number, gap in enumerate(thread.gone, 1)}
    thread_id = prefix + text_of(thread.id)
    for number, gap in enumerate({**position, **counted, **gone}, 1):
        role = thread.roles.get(gap.id) if gap in position else None
        places = {"position": position.get(gap), "counted": counted.get(gap), "gone": gone.get(gap)}
        yield row_of("missing", gap, prefix, thread=thread_id, number=number, role=role, **places)


def _attachments(post: Post, prefix: str, id_: str) -> Iterator[Row]:
    for position, file in enumerate(post.attachments):
        yield row_of("attachments", file, prefix, post=id_, position=position)


def _poll(post: Post, prefix: str, id_: str) -> Iterator[Row]:
    if post.poll:
        yield row_of("polls", post.poll, prefix, post=id_)


def _poll_options(post: Post, prefix: str, id_: str) -> Iterator[Row]:
    for position, option in enumerate(post.poll.options if post.poll else ()):
        yield row_of("poll_options", option, prefix, post=id_, position=position)


def _missing_quote(post: Post, prefix: str, id_: str) -> Iterator[Row]:
    if isinstance(post.quote, Missing):
        yield row_of("missing_quotes", post.quote, prefix, post=id_)


def _links(posts: Mapping[str, Post]) -> Rows:
    """Return the rows of links, mentions and hashtags; `position` is the place among all links of the post."""
    rows: Rows = {"links": [], "mentions": [], "hashtags": []}
    for id_, post in posts.items():
        position = count()
        for link in links(post.content):
            tag = (link.text.strip().lstrip("#＃").casefold(),) if link.kind == "hashtag" else ()
            rows[link.kind + "s"].append((id_, next(position), *tag, link.url, link.text))
    return rows


_PARTS: Mapping[str, Callable[[Post, str, str], Iterator[Row]]] = {
    "attachments": _attachments,
    "polls": _poll,
    "poll_options": _poll_options,
    "missing_quotes": _missing_quote,
}
