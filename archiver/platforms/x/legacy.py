"""Pages of twitter.com as its own server wrote them, to the middle of 2020 -> posts.

Attributes are read, never words: the page was in the language of whoever asked. A post stands in many containers, and
wherever it does it is a `div.tweet`; what it answers is told by its place only.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from archiver.model import Attachment, Counts, Missing, Post, Reason
from archiver.platforms.x.markup import content_of, is_id, original, pieces_of, shown, status_in
from archiver.platforms.x.parts import language_of
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.tweet import Tweet, author_of, status_url, written_at
from archiver.text.soup import attribute
from archiver.threads.assemble import readable

if TYPE_CHECKING:
    from bs4 import Tag

POST = "div.tweet[data-tweet-id]"
ABOVE = "#ancestors ol, .in-reply-to ol"
BELOW = ".ThreadedConversation--selfThread ol"
FOCAL = "div.permalink-tweet[data-tweet-id]"
QUOTE = ".QuoteTweet-innerContainer[data-item-id]"
ADDRESSED = "data-reply-to-users-json"
OWN_MEDIA = re.compile(r"pic\.(?:twitter|x)\.com/")


def parse(page: "Tag") -> list[Tweet]:
    """Return every post of a page once, whoever wrote it."""
    parents = _parents(page)
    tags = {attribute(tag, "data-tweet-id"): tag for tag in reversed(_number(page))}
    return [_tweet(tag, parents.get(id_)) for id_, tag in reversed(tags.items())]


def _tweet(tag: "Tag", parent: str | None) -> Tweet:
    id_ = attribute(tag, "data-tweet-id")
    gap = Missing(id=id_, reason=Reason.UNKNOWN, in_reply_to=parent)
    return Tweet(
        node=_withheld(tag, gap) or readable(lambda: _post(tag, id_, parent), gap),
        parent_author=_parent_author(tag),
        conversation=attribute(tag, "data-conversation-id") or None,
    )


def _withheld(tag: "Tag", gap: Missing) -> Missing | None:
    """Return what stands for a post that X does not show in the country of whoever asked."""
    notice = tag.select_one(".StreamItemContent--withheld")
    if not notice:
        return None
    return Missing(id=gap.id, reason=Reason.WITHHELD, in_reply_to=gap.in_reply_to, detail=f"X says: “{shown(notice)}”")


def _post(tag: "Tag", id_: str, parent: str | None) -> Post:
    handle, text = attribute(tag, "data-screen-name"), tag.select("p.tweet-text")[0]
    quote = _quote(tag.select_one(QUOTE))
    attachments = tuple(_attachments(tag.select("[data-image-url], .PlayableMedia"), status_url(id_, handle)))
    return Post(
        id=id_,
        url=status_url(id_, handle),
        author=author_of(
            handle,
            attribute(tag, "data-name"),
            attribute(tag, "data-user-id"),
            original(attribute(tag.select_one("img.avatar"), "src")),
        ),
        created_at=written_at(id_, _told(tag.select("._timestamp[data-time]")[0])),
        content=content_of(pieces_of(text, left_out=lambda link: _is_shown(link, quote, attachments))),
        language=language_of(attribute(text, "lang")),
        in_reply_to=parent,
        quote=quote,
        attachments=attachments,
        counts=Counts(replies=_count(tag, "reply"), reposts=_count(tag, "retweet"), likes=_count(tag, "favorite")),
    )


def _told(timestamp: "Tag") -> datetime:
    return datetime.fromtimestamp(int(attribute(timestamp, "data-time")), UTC)


def _is_shown(link: "Tag", quote: Post | Missing | None, attachments: tuple[Attachment, ...]) -> bool:
    """Whether a link is only the address of what the page shows below the text."""
    if "u-hidden" not in link.get_attribute_list("class"):
        return False
    status = status_in(attribute(link, "data-expanded-url"))
    is_quote = bool(quote and status and status[0] == quote.id)
    return is_quote or (bool(attachments) and bool(OWN_MEDIA.match(link.get_text().strip())))


def _quote(tag: "Tag | None") -> Post | Missing | None:
    """Return the quoted post. The page does not tell its time: where its id does not either, it is not shown."""
    if not tag:
        return None
    id_, handle = attribute(tag, "data-item-id"), attribute(tag, "data-screen-name")
    time, text = time_of(id_), tag.select_one(".QuoteTweet-text")
    if not time or not text:
        return Missing(id=id_, reason=Reason.NOT_LOADED, url=status_url(id_, handle), created_at=time)
    return Post(
        id=id_,
        url=status_url(id_, handle),
        author=author_of(handle, shown(tag.select_one(".QuoteTweet-fullname")), attribute(tag, "data-user-id")),
        created_at=time,
        content=content_of(pieces_of(text)),
        language=language_of(attribute(text, "lang")),
        attachments=tuple(_attachments(tag.select("[data-image-url]"), "", quoted=True)),
    )


def _attachments(tags: "list[Tag]", page: str, quoted: bool = False) -> Iterator[Attachment]:
    """Yield pictures, and the page of the post for what moves: its file is not in the page."""
    for tag in tags:
        if not quoted and tag.find_parent(class_="QuoteTweet"):
            continue
        if url := original(attribute(tag, "data-image-url")):
            yield Attachment(kind="image", url=url, alt=attribute(tag.select_one("img"), "alt") or None)
        else:
            moving = "PlayableMedia--gif" in tag.get_attribute_list("class")
            yield Attachment(kind="gifv" if moving else "video", url=f"{page}/video/1")


def _count(tag: "Tag", action: str) -> int | None:
    value = attribute(
        tag.select_one(f".ProfileTweet-action--{action} [data-tweet-stat-count]"), "data-tweet-stat-count"
    )
    return int(value) if value.isdecimal() else None


def _parents(page: "Tag") -> dict[str, str]:
    """Return what each post answers where its place proves it: above the post that was asked for, and in its thread."""
    focal = _number(page, FOCAL)[:1]
    parents: dict[str, str] = {}
    for row in ([*_row(page, ABOVE), *focal], [*focal, *_row(page, BELOW)]):
        for above, tag in pairwise(row):
            if above and tag and _answers(tag, above):
                parents[attribute(tag, "data-tweet-id")] = attribute(above, "data-tweet-id")
    return parents


def _number(page: "Tag", what: str = POST) -> "list[Tag]":
    return [tag for tag in page.select(what) if is_id(attribute(tag, "data-tweet-id"))]


def _row(page: "Tag", where: str) -> "list[Tag | None]":
    """Return the posts of a list in their order, None for whatever else stands between them and parts them."""
    listed = page.select_one(where)
    numbers = [_number(item) for item in listed.find_all(recursive=False)] if listed else []
    return [tags[0] if len(tags) == 1 else None for tags in numbers]


def _answers(tag: "Tag", above: "Tag") -> bool:
    """Whether a post answers the one that stands above it, by what the page says of each."""
    older = int(attribute(above, "data-tweet-id")) < int(attribute(tag, "data-tweet-id"))
    same = attribute(tag, "data-conversation-id") == attribute(above, "data-conversation-id")
    named = not tag.has_attr(ADDRESSED) or attribute(above, "data-user-id") in _addressed(tag)  # older pages lack it
    return _is_reply(tag) and older and same and named


def _is_reply(tag: "Tag") -> bool:
    return "true" in (attribute(tag, "data-has-parent-tweet"), attribute(tag, "data-is-reply-to"))


def _addressed(tag: "Tag") -> list[str]:
    """Return the user ids that an answer would go to: the author first, then who is answered and mentioned."""
    try:
        return [user["id_str"] for user in json.loads(attribute(tag, ADDRESSED) or "[]")]
    except (ValueError, TypeError, KeyError):
        return []


def _parent_author(tag: "Tag") -> str | None:
    """Return who is answered: the author's own posts name nobody else, other answers the person first."""
    users = _addressed(tag)
    if not _is_reply(tag) or not users:
        return None
    named = attribute(tag.select_one(".ReplyingToContextBelowAuthor a[data-user-id]"), "data-user-id")
    return named or (users[0] if len(users) == 1 else None)
