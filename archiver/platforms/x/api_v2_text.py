"""The text of a post in X's official interface, version 2 -> clean HTML. Indices count the escaped text.

A long post has two forms: the short one is cut, and not always marked so.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

from archiver.model import Node
from archiver.platforms.x.entities import Kind, Mark, cashtag_url, hashtag_url, html_of_text, items
from archiver.platforms.x.tweet import SITE

Json = dict[str, Any]

STATUS = re.compile(r"https?://(?:\w+\.)?(?:twitter|x)\.com/(?:\w+|i/web)/status/(\d+)", re.IGNORECASE | re.ASCII)
OWN_FILE = re.compile(r"/(?:photo|video)/\d+$")
ADDRESS = re.compile(r"https?://t\.co/\w+", re.ASCII)
RAW = re.compile(r"[<>]|&(?!(?:amp|lt|gt);)")  # what is not in an escaped text
LONG = 240  # characters; a shorter text is whole, also where there is a long form of it


def content_of(post: Json, quote: Node | None) -> tuple[str, bool]:
    """Return the text as clean HTML, and whether only its beginning is given."""
    text = post["text"]
    marks = _marks(post, text, post.get("entities") or {}, quote)
    note = either(post, "note_tweet") or {}
    if long_text := note.get("text"):
        # What the short form says of an address holds in the long one as well, but for the place.
        moved = [replace(mark, start=-1, end=-1) for mark in marks]
        marks = [*_marks(post, long_text, note.get("entities") or {}, quote), *moved]
        return html_of_text(long_text, marks, escaped=not RAW.search(long_text)), False
    truncated = len(text) >= LONG and bool(note or _leads_on(post, text))
    return html_of_text(text, marks, escaped=True), truncated


def _marks(post: Json, text: str, entities: Json, quote: Node | None) -> list[Mark]:
    marks = []
    for item in items(entities.get("urls")):
        url, target = item["url"], item.get("expanded_url") or item["url"]
        if _is_added(post, text, item, quote):
            marks.append(_mark(item, "hidden", url))
        else:
            marks.append(replace(_mark(item, "link", url, target), shown=target))
    for item in items(entities.get("mentions")):
        marks.append(_mark(item, "mention", f"@{item['username']}", f"{SITE}/{item['username']}"))
    for item in items(entities.get("hashtags")):
        marks.append(_mark(item, "hashtag", f"#{item['tag']}", hashtag_url(item["tag"])))
    for item in items(entities.get("cashtags")):
        marks.append(_mark(item, "hashtag", f"${item['tag']}", cashtag_url(item["tag"])))
    return marks


def either(value: Mapping[str, Any], name: str) -> Any:
    """Return a field by its name with "tweet", or by the one that says "post" instead; None where it has neither."""
    value_of_tweet = value.get(name)
    return value.get(name.replace("tweet", "post")) if value_of_tweet is None else value_of_tweet


def editions_of(post: Json) -> tuple[str, ...]:
    """Return the ids of all versions of an edited post, oldest first; none of one that was not edited."""
    ids = either(post, "edit_history_tweet_ids") or ()
    return tuple(sorted(ids, key=int)) if len(ids) > 1 else ()


def _is_added(post: Json, text: str, item: Json, quote: Node | None) -> bool:
    """Whether an address is one that X added for what is shown beside the text: a file, the quoted post."""
    if "media_key" in item:
        return True
    status = _status_in(item)
    if status is None or item["url"] not in _added(text):
        return False
    if OWN_FILE.search(item["expanded_url"]) and status == post["id"]:
        return bool((post.get("attachments") or {}).get("media_keys"))
    return status in {post["id"], *editions_of(post), *([quote.id] if quote else [])}


def _leads_on(post: Json, text: str) -> bool:
    """Whether a text is cut, and ends with the address at which it goes on."""
    added = _added(text)
    rest = [item for item in urls_of(post) if (item.get("expanded_url") or "").endswith(f"/i/web/status/{post['id']}")]
    return any(item["url"] in added for item in rest) and text.split()[-len(added) - 1].endswith("…")


def _added(text: str) -> list[str]:
    """Return the addresses at the end of a text: there X adds those of what it shows."""
    return list(takewhile(ADDRESS.fullmatch, reversed(text.split())))


def _mark(item: Json, kind: Kind, expected: str, href: str = "") -> Mark:
    return Mark(item.get("start", -1), item.get("end", -1), kind, expected, href)


def _status_in(item: Json) -> str | None:
    """Return the id of the post that an address leads to."""
    status = STATUS.match(item.get("expanded_url") or "")
    return status[1] if status else None


def urls_of(post: Json) -> list[Json]:
    """Return the addresses in both forms of a post's text."""
    forms = (post, either(post, "note_tweet") or {})
    return [item for form in forms for item in items((form.get("entities") or {}).get("urls"))]
