"""What the parts of a page share: how a post's content, people and times are shown, and where links on it lead."""

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from archiver.exporters.media import held, shown_as
from archiver.exporters.page.tags import Attribute, Safe, between, joined, line, link, tag
from archiver.exporters.said import (
    Address,
    Clause,
    Copy,
    Ending,
    Foreign,
    Link,
    Part,
    Quoted,
    Sentence,
    Strong,
    Time,
    To,
)
from archiver.exporters.view import View
from archiver.exporters.wording import day, ended, moment, sentence
from archiver.model import Author, Post
from archiver.text.blocks import LOOSE, STRONG, Block, Mark, Run, write
from archiver.text.reader import read

_LANGUAGE = re.compile(r"(?!und|zxx|mul|art|q[a-t][a-z])[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def anchor(view: View, id_: str) -> str:
    """Return the id that a post or a gap has on the page."""
    return view.names[id_].lower().replace(" ", "-")


def written(view: View, said: Sentence) -> Safe:
    """Return a sentence as HTML."""
    return joined([_part(view, part) for part in said])


def _words(view: View, part: str) -> str:
    match part:
        case Strong():
            return tag("strong", str(part))
        case Address():
            return link(line(part), part, class_="bare")
        case Copy():
            return tag("a", str(part), href=address(view, part), download=not shown_as(part))
        case Clause():
            return sentence(line(part))
        case Ending():
            return ended(line(part))
        case Foreign():
            return line(part)
        case Quoted():
            return tag("bdi", str(part))
        case _:
            return part


def _part(view: View, part: Part) -> str:
    match part:
        case str():
            return _words(view, part)
        case Time(at, words):
            return time(at, words)
        case Link(words, url):
            return link(written(view, words), url)
        case To(id_, words):
            return tag("a", words or view.names[id_].lower(), href=f"#{anchor(view, id_)}")
    author = part.author
    return byline(replace(author, name="") if part.short and author.handle else author)


def address(view: View, path: str) -> str:
    """Return the address of a file that the archive holds, as seen from the page."""
    return f"{view.style.media}{quote(path)}"


def content(html: str) -> Safe:
    """Return a post's content: read and written anew, so that nothing but the allow-listed elements can be in it."""
    return Safe(write(map(_shown, read(html))))


def _shown(block: Block) -> Block:
    """Headings become bold lines, for the outline is the page's; links that show their address are marked for print."""
    heading = block.tag.startswith("h")
    texts: dict[Mark, str] = {}
    for text, marks in (run for runs in block.lines for run in runs):
        texts |= {mark: texts.get(mark, "") + text for mark in marks if mark.href and mark.kind == "link"}
    bare = {mark: replace(mark, kind="bare") for mark, text in texts.items() if mark.href.endswith(text.strip("… "))}
    lines = tuple(
        tuple(
            Run(
                text,
                (*((STRONG,) if heading and STRONG not in marks else ()), *(bare.get(mark, mark) for mark in marks)),
            )
            for text, marks in runs
        )
        for runs in block.lines
    )
    return block._replace(tag="p" if heading or block.tag == LOOSE else block.tag, lines=lines)


def language(post: Post | None) -> str | None:
    """Return a post's language where it is one that a browser understands."""
    return post.language if post and post.language and _LANGUAGE.fullmatch(post.language) else None


def byline(author: Author) -> Safe:
    """Return name and linked handle, each apart from the direction of the text around it."""
    name = line(author.name)
    handle = link(tag("bdi", f"@{line(author.handle)}"), author.url) if author.handle else None
    return between(" ", [tag("strong", tag("bdi", name)) if name else None, handle])


def avatar(view: View, author: Author, loading: str = "lazy") -> Safe | None:
    """Return somebody's picture where the archive holds it. It says nothing that the name beside it does not."""
    path = held(author.avatar_file)
    if shown_as(path) != "image":
        return None
    return tag("img", src=address(view, path), alt="", loading=loading, class_="avatar")


def time(when: datetime, words: str = "", *, day_only: bool = False, **attributes: Attribute) -> Safe:
    """Return a time for people and programs."""
    stamp = when.date().isoformat() if day_only else when.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    return tag("time", words or (day(when) if day_only else moment(when)), datetime=stamp, **attributes)
