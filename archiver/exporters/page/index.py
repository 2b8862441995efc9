"""The list of threads: a page that can be read without a script, and searched with the small one that it brings."""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from archiver.exporters.listing import Listing
from archiver.exporters.page.head import SIGNS, platform
from archiver.exporters.page.script import SCRIPT
from archiver.exporters.page.tags import Content, Safe, joined, line, tag
from archiver.exporters.page.thread import whole
from archiver.exporters.wording import counted, day, since
from archiver.model import Verdict, utc
from archiver.text import html
from archiver.text.characters import sound

TEXT = 8_000_000  # characters of posts that the page takes along for its search

_TEXT = re.compile(r'<div class="text"[^<>]*>(.*?)(?:</div>|\Z)', re.DOTALL)
_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


class Row(NamedTuple):
    """A thread in the list: where it leads, the text that can be searched, and the passages that a search found."""

    thread: Listing
    href: str
    text: str = ""
    passages: tuple[Content, ...] = ()


def words_of(page: str) -> str:
    """Return what can be searched of a page that was written here: the texts of its posts."""
    return "\n".join(html.plain(text) for text in _TEXT.findall(page))


def index(rows: Sequence[Row]) -> str:
    """Return the list, the newest first, as a page for a folder of pages."""
    room, texts = TEXT, list[str]()
    for row in rows:
        texts.append(row.text if len(row.text) <= room else "")
        room -= len(row.text)
    reach = "titles, names and posts"
    if room < 0:
        reach = "titles and names, and in the posts of the newest threads: there are too many for one page"
    data = json.dumps([*zip(map(_names, rows), texts, strict=True)], ensure_ascii=False, separators=(",", ":"))
    form = _form("", f"Finds words in {reach}.", tag("p", class_="count", role="status"), hidden=True)
    body = [
        _masthead(f"{counted(len(rows), 'thread')}, the newest first."),
        tag("main", form, _list(rows), id="list", tabindex=-1),
    ]
    return whole(
        "Archived threads",
        body,
        skip=("#list", "Skip to the list"),
        script=SCRIPT,
        data=data.encode("utf-8", "replace").decode().translate(_IN_SCRIPT),
    )


def search_page(rows: Sequence[Row], query: str) -> str:
    """Return the list as a page that a server searches; `query` are the words that were looked for."""
    about = "Finds words in all posts of this archive; a word in quotation marks is found as it is."
    number = tag("p", f"{counted(len(rows), 'thread')} found", class_="count", role="status") if query else None
    order = "What fits best comes first." if query else "The newest first."
    body = [
        _masthead(f"{order} Read-only."),
        tag("main", _form(query, about, number), _list(rows), id="list", tabindex=-1),
    ]
    return whole("Archived threads", body, skip=("#list", "Skip to the list"), forms=True)


def _names(row: Row) -> str:
    thread = row.thread
    return sound(f"{thread.title}\n{thread.author}\n@{thread.handle}\n{thread.platform}")


def _list(rows: Sequence[Row]) -> Safe:
    return tag("ul", map(_item, rows), class_="list")


def _item(row: Row) -> Safe:
    thread, verdict = row.thread, Verdict(row.thread.verdict)
    lacks = f", {thread.missing} missing" if thread.missing else ""
    about = [
        joined(tag("bdi", line(thread.author)), " on ", platform(thread.platform)),
        day(utc(thread.written)) if thread.written else None,
        f"{counted(thread.posts, 'post')}{since(thread.edited, thread.gone)}{lacks}",
        tag("span", f"{SIGNS[verdict]} {_verdict(verdict)}", class_=f"is {verdict}"),
        tag("span", f"archived {day(utc(thread.captured))}", class_="whole"),
    ]
    name = tag("h2", tag("a", line(thread.title) or row.href, href=row.href), class_="name", dir="auto")
    dots = [joined(" · " if number else "", part) for number, part in enumerate(filter(None, about))]
    passages = [tag("p", passage, class_="found", dir="auto") for passage in row.passages]
    return tag("li", name, tag("p", dots, class_="about"), passages)


def _verdict(verdict: Verdict) -> str:
    return "not known to be whole" if verdict is Verdict.UNKNOWN else str(verdict)


def _masthead(words: str) -> Safe:
    return tag("header", tag("h1", "Archived threads"), tag("p", words, class_="kicker"), class_="masthead")


def _form(query: str, about: str, count: Content, hidden: bool = False) -> Safe:
    field = tag(
        "input", type="search", name="q", value=query or None, autocomplete="off", aria_describedby="search-help"
    )
    button = None if hidden else tag("button", "Search", type="submit")
    form = tag("form", tag("label", "Search", field), button, class_="search", role="search", hidden=hidden)
    return joined(form, tag("p", about, class_="about", id="search-help", hidden=hidden), count)
