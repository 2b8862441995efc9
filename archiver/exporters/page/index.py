"""The list of threads: a page that can be read without a script, and searched with the small one that it brings."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archiver.exporters.listing import Listing
from archiver.exporters.page.head import SIGNS, platform
from archiver.exporters.page.script import SCRIPT
from archiver.exporters.page.tags import Content, Safe, joined, line, tag
from archiver.exporters.page.thread import whole
from archiver.exporters.words import counted, day, since
from archiver.model import Summary, Verdict, utc
from archiver.text import html
from archiver.text.characters import sound

TEXT = 8_000_000  # characters of posts that the page takes along for its search

_TEXT = re.compile(r'<div class="text"[^<>]*>(.*?)(?:</div>|\Z)', re.DOTALL)
_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A thread in the list; `text` is what can be searched beside its title and author."""

    href: str
    title: str
    author: str
    handle: str
    platform: str
    written: str
    posts: int
    missing: int
    verdict: Verdict
    archived: str
    edited: int = 0
    gone: int = 0
    text: str = ""
    found: tuple[Content, ...] = ()


def words_of(page: str) -> str:
    """Return what can be searched of a page that was written here: the texts of its posts."""
    return "\n".join(html.plain(text) for text in _TEXT.findall(page))


def entry(listing: Listing, href: str, text: str) -> Entry:
    """Return the line of a thread that is exported as a page, with the words of that page."""
    return Entry(
        href=href,
        title=listing.title,
        author=listing.author,
        handle=listing.handle,
        platform=listing.platform,
        written=day(utc(listing.written)),
        posts=listing.posts,
        missing=listing.missing,
        verdict=Verdict(listing.verdict),
        archived=day(utc(listing.captured)),
        edited=listing.edited,
        gone=listing.gone,
        text=text,
    )


def entry_of(summary: Summary, href: str, found: Sequence[Content] = ()) -> Entry:
    """Return the line of a thread of which only a summary was read; `found` is what a search found in it."""
    return Entry(
        href=href,
        title=summary.title,
        author=summary.author_name or summary.author,
        handle=summary.author,
        platform=summary.platform,
        written="",
        posts=summary.posts,
        missing=summary.missing,
        verdict=summary.verdict,
        archived=day(summary.captured_at),
        edited=summary.edited,
        gone=summary.gone,
        found=tuple(found),
    )


def index(ordered: Sequence[Entry]) -> str:
    """Return the list, the newest first, as a page for a folder of pages."""
    room, texts = TEXT, list[str]()
    for one in ordered:
        texts.append(one.text if len(one.text) <= room else "")
        room -= len(one.text)
    told = (
        "Finds words in titles, names and posts."
        if room >= 0
        else (
            "Finds words in titles and names, and in the posts of the newest threads: there are too many for one page."
        )
    )
    names = [sound(f"{one.title}\n{one.author}\n@{one.handle}\n{one.platform}") for one in ordered]
    data = json.dumps([*zip(names, texts, strict=True)], ensure_ascii=False, separators=(",", ":"))
    form = _form("", told, tag("p", class_="count", role="status"), hidden=True)
    body = [
        _masthead(f"{counted(len(ordered), 'thread')}, the newest first."),
        tag("main", form, rows(ordered), id="list", tabindex=-1),
    ]
    return whole(
        "Archived threads",
        body,
        skip=("#list", "Skip to the list"),
        script=SCRIPT,
        data=data.encode("utf-8", "replace").decode().translate(_IN_SCRIPT),
    )


def found(entries: Sequence[Entry], asked: str) -> str:
    """Return the list as a page that a server searches; `asked` are the words that were looked for."""
    told = "Finds words in all posts of this archive; a word in quotation marks is found as it is."
    number = tag("p", f"{counted(len(entries), 'thread')} found", class_="count", role="status") if asked else None
    order = "What fits best comes first." if asked else "The newest first."
    body = [
        _masthead(f"{order} Read-only."),
        tag("main", _form(asked, told, number), rows(entries), id="list", tabindex=-1),
    ]
    return whole("Archived threads", body, skip=("#list", "Skip to the list"), forms=True)


def rows(entries: Iterable[Entry]) -> Safe:
    """Return the list itself."""
    return tag("ul", [_row(one) for one in entries], class_="list")


def _row(one: Entry) -> Safe:
    lacks = f", {one.missing} missing" if one.missing else ""
    about = [
        joined(tag("bdi", line(one.author)), " on ", platform(one.platform)),
        one.written or None,
        f"{counted(one.posts, 'post')}{since(one.edited, one.gone)}{lacks}",
        tag("span", f"{SIGNS[one.verdict]} {_verdict(one.verdict)}", class_=f"is {one.verdict}"),
        tag("span", f"archived {one.archived}", class_="whole"),
    ]
    name = tag("h2", tag("a", line(one.title) or one.href, href=one.href), class_="name", dir="auto")
    dots = [joined(" · " if number else "", part) for number, part in enumerate(filter(None, about))]
    return tag(
        "li", name, tag("p", dots, class_="about"), [tag("p", part, class_="found", dir="auto") for part in one.found]
    )


def _verdict(verdict: Verdict) -> str:
    return "not known to be whole" if verdict is Verdict.UNKNOWN else str(verdict)


def _masthead(told: str) -> Safe:
    return tag("header", tag("h1", "Archived threads"), tag("p", told, class_="kicker"), class_="masthead")


def _form(asked: str, told: str, count: Content, hidden: bool = False) -> Safe:
    field = tag(
        "input", type="search", name="q", value=asked or None, autocomplete="off", aria_describedby="search-help"
    )
    button = None if hidden else tag("button", "Search", type="submit")
    form = tag("form", tag("label", "Search", field), button, class_="search", role="search", hidden=hidden)
    return joined(form, tag("p", told, class_="about", id="search-help", hidden=hidden), count)
