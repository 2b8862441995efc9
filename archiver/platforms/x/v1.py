"""Statuses as X's version 1.1 wrote them -> posts. https://developer.x.com/en/docs/x-api/v1/data-dictionary

The form lives on: inside GraphQL ("legacy"), in what embeds show ("syndication"), in captures and in the owner's
archive, where numbers are texts. Lists that are empty may be missing, or be {}.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from archiver.errors import SHAPE_ERRORS
from archiver.model import Attachment, Author, Node, Poll, Post, Reason, utc
from archiver.platforms.x.entities import Mark, html_of_text, items, marks_of
from archiver.platforms.x.parts import counts_in, file_of, language_of, media_in, parse_card, parse_poll
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.tweet import Tweet, author_of, gap, readable, status_url

Json = dict[str, Any]

MOVING = ("video", "animated_gif")
NOWHERE = "X names a film with this post and does not say where it is"
SHORT = 240  # a text of fewer characters is whole, even where there is a long form of it
ADDRESS = re.compile(r"https?://t\.co/\w+")
STATUS = re.compile(r"/status(?:es)?/(\d+)")


def parse_status(status: Json, author: Author | None = None) -> Tweet | None:
    """Read a status, None for a repost; `author` wrote it where the status does not say."""
    if is_repost(status):
        return None
    status = {**status, **(status.get("extended_tweet") or {})}
    return read(status, author or read_user(status["user"]), _quote(status))


def is_repost(status: Json) -> bool:
    """Whether a status only passes on another; of a repost in the owner's archive that cannot be told."""
    return any(status.get(key) for key in ("retweeted_status", "retweeted_status_result", "retweeted_status_results"))


def read(status: Json, author: Author, quote: Node | None) -> Tweet:
    """Read what all relatives of the form have in common; `quote` is the quoted post that the reader has found."""
    id_ = id_in(status, "id") or ""
    entities = status.get("entities") or {}
    expanded = {item["url"]: item.get("expanded_url") or item["url"] for item in items(entities.get("urls"))}
    poll, card, card_media = _carded(status.get("card"), expanded)
    media = media_of(status)
    files = [read_media(item) for item in (*media, *card_media)]
    content, truncated = _content(status, media, quote)
    parent = id_in(status, "in_reply_to_status_id")
    post = Post(
        id=id_,
        url=status_url(id_, author.handle),
        author=author,
        created_at=time_of(id_) or told_time(status["created_at"]),
        content=content,
        sensitive=status.get("possibly_sensitive") is True,
        language=language_of(status.get("lang")),
        location=_place(status.get("place")),
        in_reply_to=parent,
        quote=quote,
        attachments=(*(file for file in files if file.url), *([card] if card else [])),
        poll=poll,
        notices=() if all(file.url for file in files) else (NOWHERE,),
        counts=counts_in(status, "reply_count", ("retweet_count",), "favorite_count", "quote_count"),
        truncated=truncated,
    )
    return Tweet(
        node=post,
        parent_author=_parent_author(status) if parent else None,
        conversation=id_in(status, "conversation_id"),
        editions=editions_of(status.get("edit_control")),
    )


def _place(place: object) -> str | None:
    """Return where a post is from: https://docs.x.com/x-api/fundamentals/data-dictionary#place"""
    name = place.get("full_name") if isinstance(place, dict) else None
    return name if isinstance(name, str) else None


def read_user(user: Json) -> Author:
    """Read who wrote a status."""
    avatar = user.get("profile_image_url_https")
    return author_of(user["screen_name"], user.get("name") or "", id_in(user, "id"), avatar)


def id_in(status: Mapping[str, Any], key: str) -> str | None:
    """Return an id as text: the number beside it may have lost its last digits."""
    id_ = status.get(f"{key}_str") or status.get(key)
    return str(id_) if id_ and str(id_).isdecimal() else None


def told_time(text: str) -> datetime:
    """Read "Wed May 03 15:05:11 +0000 2017", in English whatever the computer speaks, or an ISO 8601 time."""
    return parsedate_to_datetime(text).astimezone(UTC) if text[:1].isalpha() else utc(text)


def editions_of(control: Json | None) -> tuple[str, ...]:
    """Return the ids of all versions of an edited post, oldest first; nothing for a post that has one version."""
    control = control or {}
    ids = (control.get("edit_control_initial") or control).get("edit_tweet_ids") or ()
    return tuple(sorted(map(str, ids), key=int)) if len(ids) > 1 else ()


def media_of(status: Json) -> list[Json]:
    """Return the files of a status; `entities` alone hold only the first one."""
    lists = (status.get("mediaDetails"), (status.get("extended_entities") or {}).get("media"))
    return next(filter(None, map(items, lists)), items((status.get("entities") or {}).get("media")))


def read_media(item: Json) -> Attachment:
    """Read a file, which in old forms does not say of what kind it is."""
    kind, alt = item.get("type") or "photo", item.get("ext_alt_text")
    if kind not in MOVING:
        return file_of(kind, (), item["media_url_https"], alt)
    variants = (item.get("video_info") or {}).get("variants")
    return file_of(kind, variants, item.get("expanded_url") or item.get("media_url_https") or "", alt)


def not_shown(quoted: str, permalink: Json | None) -> Node:
    """Return what stands for a quoted post of which only the id is given."""
    url = (permalink or {}).get("expanded")
    return gap(quoted, Reason.NOT_LOADED, "the answer names the quoted post without showing it", url).node


def _quote(status: Json) -> Node | None:
    quoted = status.get("quoted_status") or status.get("quoted_tweet")
    id_ = id_in(status, "quoted_status_id") or id_in(quoted or {}, "id")
    if not id_:
        return None
    if not quoted:
        return not_shown(id_, status.get("quoted_status_permalink"))
    tweet = readable(lambda: _quoted(quoted), id_)
    return tweet.node if tweet else None


def _quoted(status: Json) -> Tweet:
    long_form = {**status, **(status.get("extended_tweet") or {})}
    return read(long_form, read_user(long_form["user"]), None)


def _parent_author(status: Json) -> str | None:
    handle = status.get("in_reply_to_screen_name")
    return id_in(status, "in_reply_to_user_id") or (f"@{handle.lower()}" if handle else None)


def _content(status: Json, media: list[Json], quote: Node | None) -> tuple[str, bool]:
    """Return the text as clean HTML, and whether only its beginning is given."""
    note = ((status.get("note_tweet") or {}).get("note_tweet_results") or {}).get("result") or {}
    if note.get("text"):
        return _html(status, note["text"], note.get("entity_set"), media, quote, escaped=False), False
    text = next((value for name in ("full_text", "text") if (value := status.get(name)) is not None), None)
    if not isinstance(text, str):
        raise TypeError("a post without its text")  # which is not an empty one
    cut = bool(status.get("truncated")) and not status.get("full_text")
    long = bool(status.get("note_tweet")) and len(text) >= SHORT
    return _html(status, text, status.get("entities"), media, quote, escaped=True), cut or long


def _html(status: Json, text: str, entities: Any, media: list[Json], quote: Node | None, *, escaped: bool) -> str:
    hidden = _hidden(status, text, entities or {}, quote)
    marks = [*marks_of(entities, media, hidden), *(Mark(-1, -1, "hidden", url) for url in sorted(hidden))]
    return html_of_text(text, marks, escaped=escaped)


def _hidden(status: Json, text: str, entities: Json, quote: Node | None) -> set[str]:
    """Return the addresses at the text's end that X added: of the quoted post, of the rest of a text that was cut."""
    added = {str((status.get("quoted_status_permalink") or {}).get("url"))} if quote else set()
    own = f"/i/web/status/{id_in(status, 'id')}"
    for item in items(entities.get("urls")):
        target = item.get("expanded_url") or ""
        linked = STATUS.search(target)
        if target.endswith(own) or (quote and linked and linked[1] == quote.id):
            added.add(item["url"])
    return added & set(ADDRESS.findall(text, tail_of(text)))


def tail_of(text: str) -> int:
    """Return where the addresses begin with which a text ends, and that X puts behind it."""
    begins = len(text)
    for address in reversed(list(ADDRESS.finditer(text))):
        if text[address.end() : begins].strip():
            break
        begins = address.start()
    return begins


def _carded(card: Json | None, expanded: Mapping[str, str]) -> tuple[Poll | None, Attachment | None, list[Json]]:
    """Read a card; a strange one must not cost the post."""
    try:
        return parse_poll(card), parse_card(card, expanded), media_in(card)
    except SHAPE_ERRORS:
        return None, None, []
