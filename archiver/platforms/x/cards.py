"""Cards: polls and link previews, as names with values. Nothing documents them; this is what clients find there."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from archiver.model import Attachment, Option, Poll, utc
from archiver.platforms.x.entities import items
from archiver.text.urls import is_safe

Json = dict[str, Any]

POLL = re.compile(r"poll\d+choice")
OPTIONS = range(1, 5)
PICTURES = ("summary_photo_image", "photo_image_full_size", "thumbnail_image", "player_image")  # the largest first


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
    votes = [option.votes for option in options if option.votes is not None]
    total = sum(votes) if len(votes) == len(options) else None
    end = values.get("end_datetime_utc")
    return Poll(options=options, closes_at=utc(end) if end else None, voters=total, votes=total)


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
    for found in _objects(_decoded(text)):
        if isinstance(found.get("title"), dict):
            title = title or found["title"].get("content")
            description = description or (found.get("subtitle") or {}).get("content")
        if isinstance(found.get("url_data"), dict):
            url = url or found["url_data"].get("url")
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
        found = stack.pop()
        if isinstance(found, dict):
            yield found
            stack.extend(reversed(found.values()))


def _count(text: str | None) -> int | None:
    return int(text) if text else None
