"""What X shows of a single post on other people's pages, without a login. Clients: react-tweet, yt-dlp.

It knows of each post which one it answers, so a thread is climbed from its last post; nothing leads down. Long texts
are cut, and what X shows to no logged-out reader (an age limit, a country) is no word on whether it is there.

The second visit asks here too, whether posts that an earlier capture holds are still there: it costs nothing.
"""

import math
from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from archiver.config import Base
from archiver.errors import SHAPE_ERRORS, ArchiverError, NetworkError, NotRecorded, RateLimited, Refused, Unavailable
from archiver.http.message import Request, Response
from archiver.model import Missing, Node, Post, Reason
from archiver.platforms.x.state import State
from archiver.platforms.x.tweet import Tweet, gap, readable, tombstone
from archiver.platforms.x.v1 import parse_status
from archiver.routes import Source

ROUTE = "syndication"
BASE = Base(key="syndication", url="https://cdn.syndication.twimg.com")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
RADIX = len(DIGITS)
FAILED = (Unavailable, NetworkError, RateLimited)

Call = Generator[Request, Response, None]


def climb(state: State, start: str) -> Call:
    """Ask for a post and, as long as its author answers himself, for the one above."""
    above: str | None = start
    while above and (ROUTE, above) not in state.questions:
        tweet = yield from _ask(state, above)
        post = tweet.post
        own = post and tweet.parent_author in (post.author.id, f"@{post.author.handle.lower()}")
        above = tweet.node.in_reply_to if own else None


def look(state: State, ids: Iterable[str]) -> Call:
    """Ask for posts one by one, for none a second time."""
    for id_ in ids:
        if (ROUTE, id_) not in state.questions:
            yield from _ask(state, id_)


def _ask(state: State, id_: str) -> Generator[Request, Response, Tweet]:
    state.questions.add((ROUTE, id_))
    tweet, seen_at = yield from ask(id_)
    state.add([tweet], ROUTE, seen_at)
    return tweet


def ask(id_: str) -> Generator[Request, Response, tuple[Tweet, datetime]]:
    """Ask for one post; return what stands for it, and when that was."""
    response = yield Request(url=f"{BASE.url}/tweet-result?id={id_}&lang=en&token={token(id_)}")
    return parse_answer(response, id_), response.fetched_at


def recheck(posts: Sequence[Post]) -> Generator[Request, Response, tuple[Node, ...]]:
    """Ask for posts one by one; those for which nobody asked, as a replay shows, are left out.

    Where X does not answer for one it is not asked for the others.
    """
    silent = ""
    nodes: list[Node] = []
    for post in posts:
        gap = Missing(
            id=post.id, url=post.url, reason=Reason.NOT_LOADED, author=post.author.id, created_at=post.created_at
        )
        if silent:
            nodes.append(replace(gap, detail=silent))
            continue
        try:
            tweet, seen_at = yield from ask(post.id)
        except NotRecorded:
            continue
        except FAILED as error:
            silent = str(error)
            nodes.append(replace(gap, detail=silent))
            continue
        if isinstance(tweet.node, Post):
            nodes.append(replace(tweet.node, route=ROUTE))
        else:
            nodes.append(replace(gap, reason=tweet.node.reason, detail=tweet.node.detail, seen_at=seen_at))
    return tuple(nodes)


def parse_answer(response: Response, id_: str) -> Tweet:
    """Read the answer for a post. Raises Refused where it is no word on the post."""
    if response.status == 404:
        return _words_of(response, id_) or gap(id_, Reason.UNKNOWN, "X answers 404 and does not say why")
    if response.status == 400:
        return gap(id_, Reason.UNKNOWN, "X answers 400: there is no such id")
    answer = response.json()
    if response.status != 200:
        raise Refused(f"X answered {response.status} for {response.url}")
    return parse_result(answer, id_)


def _words_of(response: Response, id_: str) -> Tweet | None:
    """Return why X says that a post is not there; None where it says nothing, as its usual page for a 404 does.

    That page is no word on the post: X would answer so too if the address or its token were to change.
    """
    try:
        tweet = parse_result(response.json(), id_)
    except (ArchiverError, *SHAPE_ERRORS):
        return None
    return tweet if tweet.tombstone and tweet.tombstone.reason is not Reason.UNKNOWN else None


def parse_result(answer: Any, id_: str) -> Tweet:
    """Read what stands for one post, a tombstone included."""
    stone = answer.get("tombstone")
    if text := ((stone or {}).get("text") or {}).get("text"):
        return tombstone(id_, text)
    if not answer.get("id_str"):
        return gap(id_, Reason.UNKNOWN, "X shows it to no logged-out reader")
    if not answer.get("user"):  # seen where the account was suspended, but that is not said
        return gap(id_, Reason.UNKNOWN, "X shows it without its author")
    tweet = readable(lambda: parse_status(answer), id_)
    return tweet or gap(id_, Reason.UNKNOWN, "it is a repost of somebody else's")


def token(id_: str) -> str:
    """Return the word that a request carries: `(id / 1e15 * Math.PI).toString(36)` without its zeros and its dot."""
    value = int(id_) / 1e15 * math.pi
    return "".join(DIGITS[digit] for digit in [*_integer(int(value)), *_fraction(value)] if digit)


def _integer(number: int) -> list[int]:
    digits: list[int] = []
    while number:
        number, digit = divmod(number, RADIX)
        digits.insert(0, digit)
    return digits


def _fraction(value: float) -> list[int]:
    """Return as few digits as tell a number from its neighbours, as JavaScript does: the last one may be rounded up."""
    rest, delta = value - int(value), 0.5 * (math.nextafter(value, math.inf) - value)
    digits: list[int] = []
    while rest >= delta:
        rest, delta = rest * RADIX, delta * RADIX
        digits.append(int(rest))
        rest -= digits[-1]
        if rest > 0.5 and rest + delta > 1 and digits[-1] < RADIX - 1:
            digits[-1] += 1
            break
    return digits


SOURCE = Source(
    name=ROUTE,
    title="X’s embedded posts",
    run_by="X, for embedded posts",
    needs="nothing",
    shows="one post, and which one it answers; why X does not show it",
    limits="what follows; the rest of long texts; posts for logged-in readers",
    thread="40, from the last post upwards",
    storm="1 for a post in doubt",
    base=BASE,
    look=look,
    is_owner=True,
    tells_why=True,
)
