"""Status pages of Nitter -> posts. https://github.com/zedeus/nitter/tree/master/src/views

The page tells a parent by its place only: in the main thread each post answers the one before it. Addresses are the
instance's own, for people as for files, and are turned back; a time has no seconds, but the id has.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlunsplit

from archiver.model import Attachment, Author, Counts, Missing, Node, Option, Poll, Post, Reason
from archiver.platforms.x.markup import content_of, pieces_of, shown
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.tweet import SITE, Tweet, author_of, reason_of, status_url
from archiver.text.soup import attribute, soup_of
from archiver.threads.assemble import readable
from archiver.urls import joined, parts_of

if TYPE_CHECKING:
    from bs4 import Tag

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TIME = re.compile(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}) · (\d{1,2}):(\d{2}) ([AP]M) UTC")
STATUS = re.compile(r"(?:^|/)(?P<handle>\w{0,20})/status/(?P<id>\d{1,20})")
PROXIED = re.compile(r"/(?P<kind>pic|video)/(?:orig/)?(?P<encoded>enc/)?(?P<target>.+)")
SIZE = re.compile(r"\?name=\w+$")
VOTES = re.compile(r"([\d,]+) votes?\b")

Address = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A status page: the posts of its main thread in order, `main` the id of the one that it is the page of.

    `earlier` and `later` are the ids whose pages go on where this one is cut, above and below.
    """

    tweets: tuple[Tweet, ...]
    main: str = ""
    earlier: str = ""
    later: str = ""


def parse_page(html: str, hosts: Collection[str] = ()) -> Page:
    """Read a status page; `hosts` are the instance's names, with which it may have replaced X's in links."""
    soup = soup_of(html)
    thread = soup.select_one(".main-thread")
    if thread is None:
        return Page(tweets=())
    main = address_in(thread, ".main-tweet .tweet-date a", ".main-tweet .unavailable-box")
    earlier = address_in(thread, ".before-tweet .earlier-replies a")
    later = address_in(thread, ".after-tweet .more-replies:last-child a")
    return Page(
        tweets=tuple(parse_items(thread, hosts)),
        main=main[0] if main else "",
        earlier=earlier[0] if earlier else "",
        later=later[0] if later else "",
    )


def parse_error(html: str) -> str:
    """Return what an error page says, "" for any other page."""
    return shown(soup_of(html).select_one(".error-panel"))


def parse_items(thread: "Tag", hosts: Collection[str]) -> Iterator[Tweet]:
    """Read the posts of the main thread. What follows a gap, or a post without an id, has no known parent."""
    above: Address | None = None
    for item in thread.select(".timeline-item"):
        address = address_in(item, "a.tweet-link", ".tweet-header .tweet-date a", ".unavailable-box")
        if address is None or item.select_one(".more-replies-text, .retweet-header"):
            above = None
            continue
        id_, handle = address[0], attribute(item, "data-username") or address[1]
        author = f"@{handle.lower()}" if handle else None
        gap = Missing(id=id_, reason=Reason.UNKNOWN, url=status_url(id_), author=author)
        newer = address_in(item, ".latest-post-version a")
        yield Tweet(
            node=replace(parse_node(item, id_, gap, hosts), in_reply_to=above[0] if above else None),
            parent_author=f"@{above[1].lower()}" if above and above[1] else None,
            editions=(id_, newer[0]) if newer else (),
        )
        above = id_, handle


def parse_node(tag: "Tag", id_: str, gap: Missing, hosts: Collection[str]) -> Node:
    """Read a post, or what the page says instead of it."""
    if box := tag.find(class_=["unavailable-box", "unavailable-quote"], recursive=False):
        words = shown(box).removesuffix("Learn more").strip()
        return replace(gap, reason=reason_of(words), detail=f"Nitter shows: “{words}”")
    return readable(lambda: parse_post(tag, id_, hosts), gap)


def parse_post(tag: "Tag", id_: str, hosts: Collection[str]) -> Post:
    """Read an item or the box of a quoted post."""
    quote = parse_quote(tag, hosts)
    author = parse_author(tag)
    return Post(
        id=id_,
        url=status_url(id_, author.handle),
        author=author,
        created_at=time_of(id_) or parse_time(attribute(tag.select_one(".tweet-date a"), "title")),
        content=parse_text(tag, quote, hosts),
        quote=quote,
        attachments=(*parse_files(tag, status_url(id_, author.handle)), *parse_cards(tag, hosts)),
        poll=parse_poll(tag.select_one(".poll")),
        counts=Counts(
            replies=count(tag, "comment"),
            reposts=count(tag, "retweet"),
            likes=count(tag, "heart"),
            quotes=count(tag, "quote"),
        ),
    )


def parse_quote(tag: "Tag", hosts: Collection[str]) -> Node | None:
    """Read the quoted post and take its box out, so that the rest is the post's own; None where it has no id."""
    box = tag.select_one(".quote")
    if box is None:
        return None
    box.extract()
    address = address_in(box, "a.quote-link", ".unavailable-quote")
    if address is None:
        return None
    return parse_node(box, address[0], Missing(id=address[0], reason=Reason.UNKNOWN, url=status_url(address[0])), hosts)


def parse_author(tag: "Tag") -> Author:
    """Read who wrote a post; beside the name stands a badge, so its title is read."""
    name, handle = tag.select_one("a.fullname"), shown(tag.select_one("a.username")).lstrip("@")
    if not handle:
        raise ValueError("no author")
    avatar = attribute(tag.select_one("img.avatar"), "src")
    return author_of(handle, attribute(name, "title") or shown(name), avatar=original_file(avatar) if avatar else None)


def parse_time(text: str) -> datetime:
    """Read "May 3, 2017 · 3:05 PM UTC"."""
    match = TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"not a time: {text}")
    month, day, year, hour, minute, half = match.groups()
    hours = int(hour) % 12 + (12 if half == "PM" else 0)
    return datetime(int(year), MONTHS.index(month) + 1, int(day), hours, int(minute), tzinfo=UTC)


def parse_text(tag: "Tag", quote: Node | None, hosts: Collection[str]) -> str:
    """Read the text. Links are shown short there, and here as the address that they lead to."""
    text = tag.select_one(".tweet-content, .quote-text")
    if text is None:
        return ""
    pieces = [
        replace(piece, href=url, text=url) if piece.href and piece.kind == "link" else piece
        for piece in pieces_of(text, left_out=lambda each: "tweet-geo" in each.get_attribute_list("class"))
        for url in [original_address(piece.href, hosts)]
    ]
    while pieces and not pieces[-1].text.strip():
        pieces.pop()
    if quote and pieces and (address := STATUS.search(pieces[-1].href)) and address["id"] == quote.id:
        pieces.pop()
    return content_of(pieces)


def parse_files(tag: "Tag", page: str) -> Iterator[Attachment]:
    """Read the pictures and videos; a video that the instance does not play has the address of the post's `page`."""
    for box in tag.select(".attachment"):
        alt = re.sub(r"^ALT\s+", "", shown(box.select_one(".alt-text"))) or attribute(box.select_one("img"), "alt")
        if picture := box.select_one("a.still-image"):
            yield Attachment(kind="image", url=original_file(attribute(picture, "href")), alt=alt or None)
            continue
        moving = box.select_one("video.gif") or box.find_parent(class_="media-gif")
        links = (("a.video-download", "href"), ("source", "src"), ("video", "src"), ("video", "data-url"))
        url = next((url for name, key in links if (url := attribute(box.select_one(name), key))), "")
        yield Attachment(kind="gifv" if moving else "video", url=original_file(url) if url else page, alt=alt or None)


def parse_cards(tag: "Tag", hosts: Collection[str]) -> Iterator[Attachment]:
    """Read the link preview."""
    for card in tag.select(".card:not(.attachments)"):
        if href := attribute(card.select_one("a.card-container, a.card-content-container"), "href"):
            yield Attachment(
                kind="card",
                url=original_address(href, hosts),
                title=shown(card.select_one(".card-title")) or None,
                description=shown(card.select_one(".card-description")) or None,
            )


def parse_poll(poll: "Tag | None") -> Poll | None:
    """Read a poll. The votes of each answer are told in per cent only, and so are not known."""
    if poll is None:
        return None
    total = VOTES.match(shown(poll.select_one(".poll-info")))
    return Poll(
        options=tuple(Option(text=shown(option)) for option in poll.select(".poll-choice-option")),
        votes=int(total[1].replace(",", "")) if total else None,
    )


def count(tag: "Tag", icon: str) -> int | None:
    """Read a count; an empty one is 0, and one that the instance does not show is None."""
    stat = tag.select_one(f".tweet-stat:has(.icon-{icon})")
    return None if stat is None else int(shown(stat).replace(",", "") or 0)


def address_in(tag: "Tag", *selectors: str) -> Address | None:
    """Return the id and the handle ("" for none) of the first address of a post that the selectors find."""
    for selector in selectors:
        if match := STATUS.search(attribute(tag.select_one(selector), "href")):
            return match["id"], "" if match["handle"] == "i" else match["handle"]
    return None


def original_address(href: str, hosts: Collection[str]) -> str:
    """Turn a link back that leads to the instance, where X's would lead to X or to t.co."""
    parts = parts_of(joined(SITE, href))
    if parts.hostname not in (*hosts, parts_of(SITE).hostname):
        return href
    path = urlunsplit(("", "", parts.path, parts.query, "" if parts.fragment == "m" else parts.fragment))
    return f"https:/{path}" if path.startswith("/t.co/") else f"{SITE}{path}"


def original_file(path: str) -> str:
    """Turn the address of a file back that the instance passes on: what follows is X's, encoded one way or another."""
    match = PROXIED.match(parts_of(path).path)
    if match is None:
        return path
    target = match["target"].partition("/")[2] if match["kind"] == "video" else match["target"]
    target = urlsafe_b64decode(target + "=" * (-len(target) % 4)).decode() if match["encoded"] else unquote(target)
    if not target.startswith("https://"):
        target = f"https://{target}" if "twimg.com" in target else f"https://pbs.twimg.com/{target}"
    return SIZE.sub("", target)
