"""A thread as rows of the derived tables. Pure: no database here; `restore` is the way back.

The law: what `restore` makes of the rows is the thread, as long as it gives each post and author id one meaning.
A quoted post becomes a post of its own; where the thread, or another one, shows the same post by itself, that one is
kept, because a platform shows less of a post in a quote.
"""

import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count

from archiver.model import Missing, Observation, Post, Thread
from archiver.text.html import links, plain
from archiver.threads.assemble import title

Value = str | int | None
Row = tuple[Value, ...]
Rows = dict[str, list[Row]]

_MISSING = ("reason", "url", "in_reply_to", "author", "detail", "inferred", "created_at", "seen_at")

# The columns in the order of the values in a row; parents come before what refers to them.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "authors": ("id", "handle", "name", "url", "avatar", "seen_at"),
    "posts": (
        *("id", "url", "author", "created_at", "content", "text", "summary", "sensitive", "edited_at", "language"),
        *("in_reply_to", "quote", "replies", "reposts", "likes", "quotes", "labels", "version"),
        *("keyed_at", "indexed_at", "quoted_version", "notices"),
        *("route", "truncated", "day_only", "quoted_only", "seen_at"),
    ),
    "threads": (
        *("id", "platform", "url", "title", "author", "focus", "route"),
        *("found", "expected", "proof", "top_proven", "end_proven", "doubts", "stop", "verdict", "proven_at"),
        *("kind", "hint", "run", "first_captured_at", "captured_at"),
    ),
    "thread_posts": ("thread", "post", "position", "role", "quoted"),
    "attachments": ("post", "position", "kind", "url", "alt", "title", "description", "media_type", "picture", "file"),
    "polls": ("post", "multiple", "closes_at", "voters", "votes"),
    "poll_options": ("post", "position", "text", "votes"),
    "missing_quotes": ("post", "id", *_MISSING),
    "missing": ("thread", "number", "id", "position", "role", "counted", "gone", *_MISSING),
    "links": ("post", "position", "url", "text"),
    "mentions": ("post", "position", "url", "text"),
    "hashtags": ("post", "position", "tag", "url", "text"),
    "observations": ("post", "run", "route", "url", "version", "seen_at", "content"),
}

_AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#]*@)?([^/?#]+)", re.IGNORECASE)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LARGEST = 2**63 - 1


def stamp(time: datetime) -> str:
    """Return a time as text; such texts sort as their times do ("+00:00" comes before ".5+00:00", "Z" would not)."""
    return time.isoformat()


def storable(value: Value) -> Value:
    """Return what SQLite can hold of a value: U+FFFD for NUL and lone surrogates, numbers within 64 bits."""
    if isinstance(value, str):
        return text_of(value)
    return value if value is None else max(-_LARGEST, min(int(value), _LARGEST))


def text_of(value: str) -> str:
    """Return the text as the archive holds it."""
    if value.isascii() and "\0" not in value:
        return value
    return _UNSTORABLE.sub("\ufffd", value)


def key(url: str, id_: str) -> str:
    """Return the archive's name for a platform's id: two servers may use one id for different things."""
    return text_of(f"{host_of(url)}/{id_}")


def host_of(url: str) -> str:
    """Return the host and port of an address, "" where it names none; unlike urlsplit, never an error."""
    found = _AUTHORITY.match(url)
    return found[1].lower() if found else ""


def rows_of(
    thread: Thread,
    *,
    seen: Thread,
    run: str,
    seen_at: datetime,
    settled: Container[str] = frozenset(),
    better: Container[str] = frozenset(),
) -> Rows:
    """Return the rows of a thread by table.

    `seen` is what this run alone showed, where `thread` also holds what earlier ones did. `settled` holds the keys of
    posts that some thread of the archive shows by itself: what a quote shows of them is left out. `better` holds those
    that the archive has from a better source: they stay as they are.
    """
    name = _Namer(thread.url)
    shown = {name(post.id): post for post in thread.posts}
    quoted = {name(post.id): post for post in sorted(quotes(thread.posts), key=_depth)}
    posts = {
        **{id_: post for id_, post in quoted.items() if id_ not in settled and id_ not in better},
        **{id_: post for id_, post in shown.items() if id_ not in better},
    }
    authors = {name(author.id): author for author in (*(post.author for post in posts.values()), thread.author)}
    observed = {name(post.id) for post in (*quotes(seen.posts), *seen.posts)} & {*quoted, *shown}
    at = stamp(seen_at)
    rows: Rows = {
        "authors": [(id_, who.handle, who.name, who.url, who.avatar, at) for id_, who in authors.items()],
        "posts": [_post(post, name, id_ not in shown, at) for id_, post in posts.items()],
        "threads": [_thread(thread, name, run, at)],
        "thread_posts": list(_thread_posts(thread, name)),
        "missing": list(_missing(thread, name)),
        "observations": list(_observations(seen, name, run, observed, at)),
        **_links(posts),
    }
    for table, parts in _PARTS.items():
        rows[table] = [(id_, *part) for id_, post in posts.items() for part in parts(post, name)]
    return {table: [tuple(map(storable, row)) for row in of_table] for table, of_table in rows.items()}


def quotes(posts: Iterable[Post]) -> Iterator[Post]:
    """Yield the quoted posts of all posts, and those that they quote, nearest first."""
    for post in posts:
        quote = post.quote
        while isinstance(quote, Post):
            yield quote
            quote = quote.quote


class _Namer:
    """Gives ids their names in the archive."""

    def __init__(self, url: str):
        self.prefix = key(url, "")

    def __call__(self, id_: str) -> str:
        return self.prefix + text_of(id_)

    def maybe(self, id_: str | None) -> str | None:
        return None if id_ is None else self(id_)


def _post(post: Post, name: _Namer, quoted_only: bool, seen_at: str) -> Row:
    return (
        name(post.id),
        post.url,
        name(post.author.id),
        stamp(post.created_at),
        post.content,
        plain(post.content),
        post.summary,
        post.sensitive,
        _maybe(post.edited_at),
        post.language,
        name.maybe(post.in_reply_to),
        name(post.quote.id) if isinstance(post.quote, Post) else None,
        post.counts.replies,
        post.counts.reposts,
        post.counts.likes,
        post.counts.quotes,
        _json(post.labels),
        post.version,
        _maybe(post.keyed_at),
        _maybe(post.indexed_at),
        post.quoted_version,
        _json(post.notices),
        post.route,
        post.truncated,
        post.day_only,
        quoted_only,
        seen_at,
    )


def _thread(thread: Thread, name: _Namer, run: str, seen_at: str) -> Row:
    whole = thread.completeness
    return (
        name(thread.id),
        thread.platform,
        thread.url,
        title(thread),
        name(thread.author.id),
        name(thread.focus),
        thread.route,
        whole.found,
        whole.expected,
        whole.proof,
        whole.top_proven,
        whole.end_proven,
        _json(whole.doubts),
        whole.stop,
        whole.verdict,
        _maybe(thread.proven_at),
        thread.kind,
        thread.hint,
        run,
        seen_at,
        seen_at,
    )


def _thread_posts(thread: Thread, name: _Namer) -> Iterator[Row]:
    for position, node in enumerate(thread.nodes):
        if isinstance(node, Post):
            yield name(thread.id), name(node.id), position, thread.roles.get(node.id), _depth(node)


def _observations(seen: Thread, name: _Namer, run: str, observed: Iterable[str], at: str) -> Iterator[Row]:
    """Yield what each source showed, and for posts of which only the run as a whole is known that it did."""
    told = {name(one.post) for one in seen.observations}
    for one in seen.observations:
        version = name(one.version) if one.version else ""
        yield name(one.post), run, one.route, one.url, version, stamp(one.seen_at), one.content
    for id_ in sorted(observed):
        if id_ not in told:
            yield id_, run, seen.route, "", "", at, None


def in_order(one: Observation) -> tuple[str, str, datetime, str, str, str]:
    """The order in which observations come back."""
    return one.post, one.version, one.seen_at, one.route, one.url, one.content


def _depth(post: Post) -> int:
    return sum(1 for _ in quotes([post]))


def _missing(thread: Thread, name: _Namer) -> Iterator[Row]:
    """Yield each gap once, with its places in the thread and in the two lists that may name it."""
    position = {node: place for place, node in enumerate(thread.nodes) if isinstance(node, Missing)}
    counted = {gap: number for number, gap in enumerate(thread.completeness.gaps, 1)}
    gone = {gap: number for number, gap in enumerate(thread.gone, 1)}
    for number, gap in enumerate({**position, **counted, **gone}, 1):
        role = thread.roles.get(gap.id) if gap in position else None
        places = (position.get(gap), role, counted.get(gap), gone.get(gap))
        yield name(thread.id), number, name(gap.id), *places, *_gap(gap, name)


def _gap(gap: Missing, name: _Namer) -> Row:
    return (
        gap.reason,
        gap.url,
        name.maybe(gap.in_reply_to),
        name.maybe(gap.author),
        gap.detail,
        gap.inferred,
        _maybe(gap.created_at),
        _maybe(gap.seen_at),
    )


def _attachments(post: Post, name: _Namer) -> Iterator[Row]:
    for position, file in enumerate(post.attachments):
        told = (file.title, file.description, file.media_type, file.picture, file.file)
        yield position, file.kind, file.url, file.alt, *told


def _poll(post: Post, name: _Namer) -> Iterator[Row]:
    if poll := post.poll:
        yield poll.multiple, _maybe(poll.closes_at), poll.voters, poll.votes


def _poll_options(post: Post, name: _Namer) -> Iterator[Row]:
    for position, option in enumerate(post.poll.options if post.poll else ()):
        yield position, option.text, option.votes


def _missing_quote(post: Post, name: _Namer) -> Iterator[Row]:
    if isinstance(post.quote, Missing):
        yield name(post.quote.id), *_gap(post.quote, name)


def _links(posts: Mapping[str, Post]) -> Rows:
    """Return the rows of links, mentions and hashtags; `position` is the place among all links of the post."""
    rows: Rows = {"links": [], "mentions": [], "hashtags": []}
    for id_, post in posts.items():
        position = count()
        for link in links(post.content):
            tag = (link.text.strip().lstrip("#＃").casefold(),) if link.kind == "hashtag" else ()
            rows[link.kind + "s"].append((id_, next(position), *tag, link.url, link.text))
    return rows


_PARTS: Mapping[str, Callable[[Post, _Namer], Iterator[Row]]] = {
    "attachments": _attachments,
    "polls": _poll,
    "poll_options": _poll_options,
    "missing_quotes": _missing_quote,
}


def _json(texts: Sequence[str]) -> str | None:
    return json.dumps(texts, ensure_ascii=False) if texts else None


def _maybe(time: datetime | None) -> str | None:
    return None if time is None else stamp(time)
