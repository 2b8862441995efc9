"""What the parts of a page share: the thread by ids and names, and how a post's content is shown."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from urllib.parse import quote

from archiver.exporters.media import held, shown_as
from archiver.exporters.numbers import captured_at, named, numbered, own_posts, role_of
from archiver.exporters.page.tags import Attribute, Safe, between, line, link, tag
from archiver.exporters.sources import one_place
from archiver.exporters.style import USUAL, Style
from archiver.exporters.words import day, moment
from archiver.model import Author, Document, Missing, Node, Observation, Post, Role, Thread
from archiver.text.blocks import LOOSE, STRONG, Block, Mark, Run, write
from archiver.text.reader import read

_LANGUAGE = re.compile(r"(?!und|zxx|mul|art|q[a-t][a-z])[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, eq=False)
class View:
    """A document on its way to a page."""

    document: Document
    style: Style = USUAL

    @property
    def thread(self) -> Thread:
        """The thread that is shown."""
        return self.document.thread

    @cached_property
    def captured(self) -> datetime:
        """When the newest run had seen it."""
        return captured_at(self.document)

    @cached_property
    def names(self) -> dict[str, str]:
        """What each post and each gap is called, by id: `Post 3`, `Gap 1`."""
        numbers = numbered(self.document)
        gaps = {gap.id: f"Gap {number}" for number, gap in enumerate(self.thread.missing, 1)}
        return gaps | {post.id: named(self.document, post, numbers) for post in self.thread.posts}

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Posts and gaps by id."""
        return {node.id: node for node in self.thread.nodes}

    @cached_property
    def own(self) -> tuple[Post, ...]:
        """What the author wrote."""
        return tuple(own_posts(self.document))

    @cached_property
    def gone(self) -> dict[str, Missing]:
        """What the newest capture says of posts that an older one holds."""
        return {missing.id: missing for missing in reversed(self.thread.gone)}

    @cached_property
    def one_place(self) -> bool:
        """Whether one page shows all posts."""
        return bool(one_place(self.thread))

    def observed(self, post: Post) -> Thread:
        """Return the thread with nothing but what was observed of one post: some threads have thousands of them."""
        return replace(self.thread, nodes=(post,), observations=tuple(self._observations[post.id]))

    @cached_property
    def _observations(self) -> defaultdict[str, list[Observation]]:
        found: defaultdict[str, list[Observation]] = defaultdict(list)
        for one in self.thread.observations:
            found[one.post].append(one)
        return found

    def role(self, node: Node) -> Role:
        """Return what a node is to the thread."""
        return role_of(self.document, node)

    def anchor(self, id_: str) -> str:
        """Return the id that a post or a gap has on the page."""
        return self.names[id_].lower().replace(" ", "-")

    def at(self, path: str) -> str:
        """Return the address of a file that the archive holds, as seen from the page."""
        return f"{self.style.media}{quote(path)}"

    def to(self, id_: str) -> Safe:
        """Return a link to a post or a gap on the page."""
        return tag("a", self.names[id_].lower(), href=f"#{self.anchor(id_)}")


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
    return tag("img", src=view.at(path), alt="", loading=loading, class_="avatar")


def time(when: datetime, words: str = "", *, day_only: bool = False, **attributes: Attribute) -> Safe:
    """Return a time for people and programs."""
    stamp = when.date().isoformat() if day_only else when.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    return tag("time", words or (day(when) if day_only else moment(when)), datetime=stamp, **attributes)
