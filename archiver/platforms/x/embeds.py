"""Posts that an article embeds as quotes -> posts, and the source that reads an article.

https://developer.x.com/en/docs/x-for-websites/embedded-posts: a quote with the text, then "— Name (@handle) day". It is
the article's own copy, so it stays when the post is gone. An answer of oEmbed holds one such quote.
"""

import re
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archiver.errors import Refused
from archiver.http.message import Request, Response
from archiver.model import Missing, Post, Reason
from archiver.platforms.x.markup import Piece, content_of, page_of, pieces_of, shown, status_in
from archiver.platforms.x.parts import language_of
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.state import State
from archiver.platforms.x.tweet import Tweet, author_of, status_url
from archiver.routes import Ref, Source
from archiver.text.soup import attribute, soup_of
from archiver.threads.assemble import readable

if TYPE_CHECKING:
    from bs4 import Tag

Call = Generator[Request, Response, None]

ROUTE = "embeds"
EMBEDS = ("twitter-tweet", "twitter-video", "twitter-tweet-rendered")
INNERMOST = "blockquote:not(:has(blockquote))"
# The name may hold anything but the dash before it and the end of its line; so that dash is the last of the text.
DASH = "—"
_HANDLE = r"\((?:@|＠)(?P<handle>[A-Za-z0-9_]{1,20})\)[\s,:·|-]*+$"
_NAME = rf"[^\n(]*+(?:(?!{_HANDLE.replace('?P<handle>', '?:')})\([^\n(]*+)*+"
SIGNED = re.compile(rf"(?:^|(?<=\s)){DASH}\s*+(?P<name>{_NAME})\s*+{_HANDLE}")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
DAYS = (
    re.compile(r"(?P<month>[A-Za-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{1,2}) (?P<month>[A-Za-z]{3,9})\.?,? (?P<year>\d{4})"),
)
WALLS = (401, 402, 403, 451, 503)


def article(state: State, ref: Ref) -> Call:
    """Read the posts that an article embeds. Raises Refused where it embeds none, or is not shown to programs."""
    response = yield Request(url=ref.url)
    if response.status in WALLS:
        raise Refused(
            f"{response.url} answered {response.status}, as to a robot; "
            "save the page in a browser, and give the file in place of the address"
        )
    if response.status != 200:
        raise Refused(f"{response.url} answered {response.status}; a capture in a web archive may still have the page")
    tweets = _read(response)
    if not tweets:
        raise Refused(
            f"{response.url} holds no embedded post of X; where a browser shows some, save the page there once they "
            "have appeared, and give the file in place of the address"
        )
    state.add(tweets, ROUTE, response.fetched_at, url=ref.url)


def _read(response: Response) -> list[Tweet]:
    """Read a page, or the answer of oEmbed."""
    content = response.content
    return parse_embeds(response.json()["html"] if content.lstrip()[:1] == b"{" else page_of(response))


def parse_embeds(html: bytes | str) -> list[Tweet]:
    """Return every post that is embedded, once, in the order of the page; the fullest quote of each."""
    tweets: dict[str, Tweet] = {}
    for quote in soup_of(html).select(INNERMOST):
        tweet = _tweet(quote)
        if tweet and not (tweet.id in tweets and tweets[tweet.id].post):
            tweets[tweet.id] = tweet
    return list(tweets.values())


def _tweet(quote: "Tag") -> Tweet | None:
    """Read a quote that leads to a post with its last link; None for any other quote."""
    links = quote.select("a[href]")
    status = status_in(attribute(links[-1], "href")) if links else None
    if not status:
        return None
    id_, handle = status
    pieces = pieces_of(quote, exact=False, left_out=lambda tag: tag is links[-1])
    pieces, name, signed = _unsigned(pieces)
    if not signed and not set(EMBEDS).intersection(quote.get_attribute_list("class")):
        return None
    author = signed or handle
    url = status_url(id_, author or "i")
    gap = Missing(id=id_, reason=Reason.UNKNOWN, url=url, author=f"@{author.lower()}" if author else None)
    if not author or not any(piece.text.strip() for piece in pieces):
        detail = "the page embeds it without its text"
        return Tweet(node=replace(gap, reason=Reason.NOT_LOADED, detail=detail))
    return Tweet(node=readable(lambda: _post(quote, gap, author, name, pieces), gap))


def _post(quote: "Tag", gap: Missing, handle: str, name: str, pieces: list[Piece]) -> Post:
    exact, day = time_of(gap.id), _day(quote.select("a[href]")[-1])
    if not exact and not day:
        raise ValueError("neither the id nor the page tells its day")
    return Post(
        id=gap.id,
        url=gap.url or "",
        author=author_of(handle, name),
        created_at=exact or day or datetime.min,
        content=content_of(pieces),
        language=language_of(attribute(quote.select_one("p[lang]"), "lang")),
        truncated="".join(piece.text for piece in pieces).rstrip().endswith("…"),
        day_only=exact is None,
    )


def _unsigned(pieces: list[Piece]) -> tuple[list[Piece], str, str]:
    """Cut the signature off; return what is before it, the name and the handle, "" where there is no signature."""
    text = "".join(piece.text for piece in pieces)
    match = SIGNED.match(text, max(0, text.rfind(DASH)))
    if not match:
        return pieces, "", ""
    before, position = [], 0
    for piece in pieces:
        before.append(replace(piece, text=piece.text[: max(0, match.start() - position)]))
        position += len(piece.text)
    return before, match["name"].rstrip(), match["handle"]


def _day(link: "Tag") -> datetime | None:
    """Return the day that a link names in English; older embeds have the whole time beside it."""
    if stamp := attribute(link, "data-datetime"):
        return datetime.fromisoformat(stamp).astimezone(UTC)
    matches = (form.search(shown(link)) for form in DAYS)
    for match in matches:
        month = [number for number, name in enumerate(MONTHS, 1) if match and name.startswith(match["month"].lower())]
        if match and month:
            return datetime(int(match["year"]), month[0], int(match["day"]), tzinfo=UTC)
    return None


SOURCE: Source[State] = Source(
    name=ROUTE,
    title="the press",
    run_by="the press",
    needs="`save --embeds URL` or a saved page",
    shows="text, author and id of each post that an article quotes",
    limits="parents, pictures, the rest of long texts; never complete",
    thread="",
    storm="1",
    shows_parents=False,
)
