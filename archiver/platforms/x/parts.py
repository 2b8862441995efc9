"""What a post has beside its text, as several of X's formats tell it: files, polls, link previews, counts, a language.

Cards are names with values: polls and link previews. Nothing documents them; this is what clients find there.
"""

import json
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from archiver.http.message import Request, Response
from archiver.model import Attachment, Counts, Option, Poll, utc
from archiver.platforms.x.entities import items
from archiver.routes import Original
from archiver.text.urls import is_safe

Json = dict[str, Any]

KINDS = {"photo": "image", "video": "video", "animated_gif": "gifv"}
NO_LANGUAGE = re.compile(r"und|zxx|art|q[a-t][a-z]")  # ISO 639-2: undetermined, none, made up, private use
POLL = re.compile(r"poll\d+choice")
OPTIONS = range(1, 5)
PICTURES = ("summary_photo_image", "photo_image_full_size", "thumbnail_image", "player_image")  # the largest first
_FORMS = ("application/x-mpegURL", "video/mp4")  # the better one last
_SITE = "https://pbs.twimg.com/"
# https://pbs.twimg.com/media/KEY.jpg, KEY.jpg:large, KEY?format=jpg&name=small; of a link preview card_img/NUMBER/KEY
_PICTURE = re.compile(
    r"https?://pbs\.twimg\.com/((?:media|(?:card_img|news_img)/[0-9]+)/[A-Za-z0-9_-]+)"
    r"(?:\.([a-z]{3,4}))?(?::[a-z0-9]+)?(?:\?([A-Za-z0-9_=&]*))?"
)
_FACE = re.compile(
    r"https?://pbs\.twimg\.com/(profile_images/[0-9]+/[^/?#\s]+)_(?:mini|normal|bigger|x96|[0-9]+x[0-9]+)(\.[A-Za-z]+)?"
)
_FORMAT = re.compile(r"(?:^|&)format=([a-z]{3,4})(?:&|$)")


def number_in(values: Mapping[str, Any], key: str) -> int | None:
    """Return a count, which may be written as text; None for anything else, which must not cost the post."""
    number = str(values.get(key))
    return int(number) if number.isdecimal() else None


def counts_in(values: Mapping[str, Any], replies: str, reposts: Sequence[str], likes: str, quotes: str) -> Counts:
    """Return the counts by the names that a format has for them; of `reposts`, the first name that is there."""
    name = next((name for name in reposts if name in values), reposts[-1])
    return Counts(
        replies=number_in(values, replies),
        reposts=number_in(values, name),
        likes=number_in(values, likes),
        quotes=number_in(values, quotes),
    )


def language_of(code: str | None) -> str | None:
    """Return a language, None for X's codes that say there is none ("zxx", "qme")."""
    return code if code and not NO_LANGUAGE.fullmatch(code) else None


def poll_of(options: Iterable[Option], closes_at: datetime | None) -> Poll:
    """Return a poll; each of its voters has one vote."""
    options = tuple(options)
    votes = [option.votes for option in options if option.votes is not None]
    total = sum(votes) if len(votes) == len(options) else None
    return Poll(options=options, closes_at=closes_at, voters=total, votes=total)


def file_of(kind: str, variants: Any, url: str, alt: str | None) -> Attachment:
    """Return a file. A film's address is that of its best form; where none is given `url`, the page's that shows it."""
    best = best_form(variants)
    return Attachment(
        kind=KINDS.get(kind, "file"),
        url=best["url"] if best else url,
        alt=alt,
        media_type=best["content_type"] if best else None,
    )


def best_form(variants: Any) -> Mapping[str, Any] | None:
    """Return the file of the highest bitrate, else the playlist; None where there is neither.

    A bitrate of 0 is one: loops have it.
    """
    forms = [form for form in items(variants) if form.get("content_type") in _FORMS and form.get("url")]
    return max(forms, key=lambda form: (_FORMS.index(form["content_type"]), _rate(form)), default=None)


def _rate(form: Mapping[str, Any]) -> int:
    rate = form.get("bitrate", form.get("bit_rate"))
    return -1 if rate is None else int(rate)


def originals(urls: Sequence[str]) -> Generator[Request, Response, Mapping[str, Original]]:
    """Return where the uploads are; nothing has to be asked for that. X names no digest of them."""
    yield from ()
    return {url: Original(original) for url in urls if (original := original_of(url))}


def original_of(url: str) -> str:
    """Return the address of a picture as it was uploaded; "" where it is that, and for any other address."""
    if face := _FACE.fullmatch(url):
        return f"{_SITE}{face[1]}{face[2] or ''}"
    picture = _PICTURE.fullmatch(url)
    if picture is None:
        return ""
    named_form = _FORMAT.search(picture[3] or "")
    form = named_form[1] if named_form else picture[2]
    original = f"{_SITE}{picture[1]}?format={form}&name=orig"
    return original if form and original != url else ""


def values_of(card: Json) -> dict[str, str]:
    """Return a card's texts by name. They come as a list of pairs, or as a mapping."""
    values = card.get("binding_values") or {}
    if isinstance(values, list):
        values = {item["key"]: item["value"] for item in values}
    return {key: value["string_value"] for key, value in values.items() if value.get("string_value")}


def picture_of(card: Json) -> str | None:
    """Return the address of a card's picture, as large as there is one."""
    values = card.get("binding_values") or {}
    if isinstance(values, list):
        values = {item["key"]: item["value"] for item in values}
    for name in (f"{picture}{size}" for size in ("_original", "") for picture in PICTURES):
        image = (values.get(name) or {}).get("image_value")
        if isinstance(image, dict) and is_safe(str(image.get("url") or "")):
            return str(image["url"])
    return None


def parse_poll(card: Json | None) -> Poll | None:
    """Read a poll; each of its voters has one vote."""
    if not card or not POLL.search(card.get("name") or ""):
        return None
    values = values_of(card)
    options = tuple(
        Option(text=values[f"choice{number}_label"], votes=_count(values.get(f"choice{number}_count")))
        for number in OPTIONS
        if f"choice{number}_label" in values
    )
    end = values.get("end_datetime_utc")
    return poll_of(options, utc(end) if end else None)


def parse_card(card: Json | None, expanded: Mapping[str, str]) -> Attachment | None:
    """Read a link preview, None where it tells nothing of what it leads to; `expanded` are the t.co of the text."""
    if not card or POLL.search(card.get("name") or ""):
        return None
    values = values_of(card)
    title = values.get("title") or values.get("broadcast_title")
    description = values.get("description")
    urls = [expanded.get(card.get("url") or ""), values.get("broadcast_url"), card.get("url")]
    if "unified_card" in values:
        title, description, url = _unified(values["unified_card"])
        urls = [url, *urls]
    url = next((url for url in urls if url and is_safe(url)), None)
    if not url or not (title or description):
        return None
    return Attachment(kind="card", url=url, title=title, description=description, picture=picture_of(card))


def media_in(card: Json | None) -> list[Json]:
    """Return the pictures and videos of a card that has its own, in the form of a post's."""
    text = values_of(card).get("unified_card") if card else None
    if not text:
        return []
    entities = _decoded(text).get("media_entities")
    return items(list(entities.values())) if isinstance(entities, dict) else []


def _unified(text: str) -> tuple[str | None, str | None, str | None]:
    """Return title, description and target of a card that is JSON in a text."""
    title, description, url = None, None, None
    for item in _objects(_decoded(text)):
        if isinstance(item.get("title"), dict):
            title = title or item["title"].get("content")
            description = description or (item.get("subtitle") or {}).get("content")
        if isinstance(item.get("url_data"), dict):
            url = url or item["url_data"].get("url")
    return title, description, url


def _decoded(text: str) -> Json:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[Json]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield item
            stack.extend(reversed(item.values()))


def _count(text: str | None) -> int | None:
    return int(text) if text else None
