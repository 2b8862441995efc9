"""The newest threads of a folder as feeds: Atom (RFC 4287) and JSON Feed 1.1 (https://jsonfeed.org/version/1.1)."""

import json
import re
import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

from archiver.exporters.index import newest_first
from archiver.exporters.listing import Listing
from archiver.exporters.wording import counted, since
from archiver.layout import ATOM, JSON_FEED
from archiver.text.characters import replace_surrogates
from archiver.text.urls import is_safe

MOST = 100
TITLE = "Archived threads"
XMLNS = "http://www.w3.org/2005/Atom"

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no way to write these


def feeds(listings: Iterable[Listing], id_: str, base: str) -> dict[str, str]:
    """Return both feeds by their names.

    `id_` is what the feed is called wherever it lies; `base` is the address of the folder once it is published, "" for
    links that are relative to the feed.
    """
    newest = newest_first(listings)[:MOST]
    return {ATOM: atom(newest, id_, base), JSON_FEED: json_feed(newest, base)}


def atom(listed: list[Listing], id_: str, base: str) -> str:
    """Return an Atom feed."""
    feed = ElementTree.Element("feed", xmlns=XMLNS)
    _add(feed, "id", id_)
    _add(feed, "title", TITLE)
    _add(feed, "updated", max((one.captured for one in listed), default="1970-01-01T00:00:00Z"))
    _add(feed, "link", rel="self", href=urljoin(base, ATOM))
    for one in listed:
        entry = ElementTree.SubElement(feed, "entry")
        _add(entry, "id", _id_of(one))
        _add(entry, "title", one.title)
        _add(entry, "updated", one.captured)
        _add(entry, "published", one.written)
        author = ElementTree.SubElement(entry, "author")
        _add(author, "name", one.author)
        if is_safe(one.account):
            _add(author, "uri", one.account)
        _add(entry, "link", rel="alternate", href=_where(one, base))
        if is_safe(one.url):
            _add(entry, "link", rel="via", href=one.url)
        _add(entry, "summary", _summary(one))
    ElementTree.indent(feed)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + ElementTree.tostring(feed, encoding="unicode") + "\n"


def json_feed(listed: list[Listing], base: str) -> str:
    """Return a JSON Feed."""
    told: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": TITLE}
    if base:
        told |= {"home_page_url": base, "feed_url": urljoin(base, JSON_FEED)}
    told["items"] = [_item(one, base) for one in listed]
    return replace_surrogates(json.dumps(told, ensure_ascii=False, indent=1)) + "\n"


def _item(one: Listing, base: str) -> dict[str, Any]:
    item: dict[str, Any] = {"id": _id_of(one), "url": _where(one, base)}
    if is_safe(one.url):
        item["external_url"] = one.url
    author = {"name": one.author}
    if is_safe(one.account):
        author["url"] = one.account
    return item | {
        "title": one.title,
        "content_text": _summary(one),
        "date_published": one.written,
        "date_modified": one.captured,
        "authors": [author],
    }


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> None:
    made = ElementTree.SubElement(parent, name, {key: _writable(value) for key, value in attributes.items()})
    made.text = _writable(text) or None


def _writable(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def _id_of(one: Listing) -> str:
    """Return an id that stays when the folder moves."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, one.id.encode('utf-8', 'replace').decode())}"


def _where(one: Listing, base: str) -> str:
    return urljoin(base, one.files[min(one.files, key=lambda form: (form != "record", form))])


def _summary(one: Listing) -> str:
    lacks = f", {one.missing} missing" if one.missing else ""
    return f"{counted(one.posts, 'post')} by @{one.handle}{since(one.edited, one.gone)}{lacks}: {one.verdict}"
