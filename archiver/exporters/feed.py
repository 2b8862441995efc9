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
    _add(feed, "updated", max((thread.captured for thread in listed), default="1970-01-01T00:00:00Z"))
    _add(feed, "link", rel="self", href=urljoin(base, ATOM))
    for thread in listed:
        entry = ElementTree.SubElement(feed, "entry")
        _add(entry, "id", _id_of(thread))
        _add(entry, "title", thread.title)
        _add(entry, "updated", thread.captured)
        _add(entry, "published", thread.written)
        author = ElementTree.SubElement(entry, "author")
        _add(author, "name", thread.author)
        if is_safe(thread.account):
            _add(author, "uri", thread.account)
        _add(entry, "link", rel="alternate", href=_where(thread, base))
        if is_safe(thread.url):
            _add(entry, "link", rel="via", href=thread.url)
        _add(entry, "summary", _summary(thread))
    ElementTree.indent(feed)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + ElementTree.tostring(feed, encoding="unicode") + "\n"


def json_feed(listed: list[Listing], base: str) -> str:
    """Return a JSON Feed."""
    fields: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": TITLE}
    if base:
        fields |= {"home_page_url": base, "feed_url": urljoin(base, JSON_FEED)}
    fields["items"] = [_item(thread, base) for thread in listed]
    return replace_surrogates(json.dumps(fields, ensure_ascii=False, indent=1)) + "\n"


def _item(thread: Listing, base: str) -> dict[str, Any]:
    item: dict[str, Any] = {"id": _id_of(thread), "url": _where(thread, base)}
    if is_safe(thread.url):
        item["external_url"] = thread.url
    author = {"name": thread.author}
    if is_safe(thread.account):
        author["url"] = thread.account
    return item | {
        "title": thread.title,
        "content_text": _summary(thread),
        "date_published": thread.written,
        "date_modified": thread.captured,
        "authors": [author],
    }


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> None:
    made = ElementTree.SubElement(parent, name, {key: _writable(value) for key, value in attributes.items()})
    made.text = _writable(text) or None


def _writable(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def _id_of(thread: Listing) -> str:
    """Return an id that stays when the folder moves."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, thread.id.encode('utf-8', 'replace').decode())}"


def _where(thread: Listing, base: str) -> str:
    return urljoin(base, thread.files[min(thread.files, key=lambda form: (form != "record", form))])


def _summary(thread: Listing) -> str:
    lacks = f", {thread.missing} missing" if thread.missing else ""
    posts = f"{counted(thread.posts, 'post')} by @{thread.handle}"
    return f"{posts}{since(thread.edited, thread.gone)}{lacks}: {thread.verdict}"
