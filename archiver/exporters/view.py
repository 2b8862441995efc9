"""A document with what its forms ask of it again and again, computed once: numbers, names, sources, what became of it.

Every form of a document takes one. Each answer is computed for all posts at once, when it is first asked for, so that
a thread of thousands of posts takes thousands of steps and not millions.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from itertools import groupby

from archiver.errors import UsageError
from archiver.exporters.sources import differing, known_editions
from archiver.exporters.style import USUAL, Style
from archiver.model import Author, Document, Missing, Node, Observation, Post, Reason, Role, Thread, Version
from archiver.threads.assemble import parts
from archiver.threads.assemble import title as title_of
from archiver.threads.completeness import OWN
from archiver.threads.merge import HIDDEN, UNTOLD
from archiver.window import time_zone

KINDS = {
    **dict.fromkeys(OWN, "Post"),
    Role.CONTEXT: "Answered post",
    **dict.fromkeys((Role.REPLY, Role.UNKNOWN), "Reply"),
    Role.OTHER: "Other post",
}
DEEPEST = 2  # quotes in quotes that are shown


@dataclass(frozen=True, eq=False)
class View:
    """A document on its way to a reader, and the style in which it is written."""

    document: Document
    style: Style = USUAL

    @property
    def thread(self) -> Thread:
        """The thread that is shown."""
        return self.document.thread

    @property
    def captured(self) -> datetime:
        """When the thread was captured last."""
        return self.document.captured_at

    @cached_property
    def title(self) -> str:
        """The thread's title."""
        return title_of(self.thread)

    @cached_property
    def posts(self) -> tuple[Post, ...]:
        """The posts in reading order, gaps left out."""
        return self.thread.posts

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Posts and gaps by id."""
        return {node.id: node for node in self.thread.nodes}

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The posts' numbers by id: each kind is counted by itself in reading order."""
        numbers: dict[str, int] = {}
        last = dict.fromkeys(KINDS.values(), 0)
        for post in self.posts:
            kind = self.kind(post)
            last[kind] += 1
            numbers[post.id] = last[kind]
        return numbers

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What each post and each gap is called, by id: `Post 3`, `Reply 1`, `Gap 1`."""
        gaps = {gap.id: f"Gap {number}" for number, gap in enumerate(self.thread.missing, 1)}
        return gaps | {post.id: f"{self.kind(post)} {self.numbers[post.id]}" for post in self.posts}

    def role(self, node: Node) -> Role:
        """Return what a node is to the thread."""
        return self.thread.roles[node.id]

    def kind(self, post: Post) -> str:
        """Return what a post is called, without its number."""
        return KINDS[self.role(post)]

    def is_own(self, node: Node) -> bool:
        """Whether the author of the thread wrote it."""
        return self.role(node) in OWN

    @cached_property
    def own(self) -> tuple[Post, ...]:
        """What the author of the thread wrote, in reading order."""
        return tuple(post for post in self.posts if self.is_own(post))

    @property
    def first(self) -> Post | None:
        """The author's first post, None where the archive withholds all of them."""
        return next(iter(self.own), None)

    @cached_property
    def part(self) -> Mapping[str, Role]:
        """In which part of the thread each node stands, by id; see `parts`."""
        return parts(self.thread.nodes, self.thread.roles)

    @cached_property
    def sections(self) -> list[tuple[Role, list[Node]]]:
        """The nodes in reading order, cut where another part of the thread begins."""
        by_part = groupby(self.thread.nodes, key=lambda node: self.part[node.id])
        return [(role, list(nodes)) for role, nodes in by_part]

    @cached_property
    def written(self) -> datetime:
        """When the thread began, also where no post of it is shown."""
        if self.first:
            return self.first.dated_at
        return min((when for node in self.thread.nodes if (when := node.dated_at)), default=self.captured)

    @cached_property
    def zone(self) -> tzinfo | None:
        """The zone of the style, or the one that was named when the thread was collected, if this machine knows it."""
        run = self.document.run
        try:
            return self.style.zone or (time_zone(run.zone) if run.zone else None)
        except UsageError:
            return None

    # What became of the posts.

    @cached_property
    def edited(self) -> tuple[Post, ...]:
        """The posts that said something else before, as far as is known."""
        earlier = {seen.post for seen in self.thread.observations if seen.version} | set(self.document.versions)
        return tuple(post for post in self.posts if post.edited_at or post.id in earlier)

    @cached_property
    def gone(self) -> tuple[Post, ...]:
        """The posts that are here and that somebody says are deleted, or whose accounts are closed."""
        return self._lost({reason for reason in Reason if reason not in (*UNTOLD, *HIDDEN)})

    @cached_property
    def hidden(self) -> tuple[Post, ...]:
        """The posts that are here and that somebody does not show to everybody any more."""
        return self._lost(set(HIDDEN))

    def _lost(self, reasons: set[Reason]) -> tuple[Post, ...]:
        ids = {gap.id for gap in self.thread.gone if gap.reason in reasons}
        return tuple(post for post in self.posts if post.id in ids)

    @cached_property
    def losses(self) -> Mapping[str, Missing]:
        """What the newest capture says of posts that an older one holds, by id."""
        return {gap.id: gap for gap in reversed(self.thread.gone)}

    @cached_property
    def lost_whole(self) -> Missing | None:
        """What is said of the author's first post, where all that the author wrote is gone or hidden; else None."""
        lost = {gap.id: gap for gap in self.thread.gone if gap.reason not in UNTOLD}
        return lost[self.own[0].id] if self.own and all(post.id in lost for post in self.own) else None

    # What sources showed of the posts.

    @cached_property
    def observations(self) -> Mapping[str, list[Observation]]:
        """What sources showed of each post, by id."""
        observations: defaultdict[str, list[Observation]] = defaultdict(list)
        for observation in self.thread.observations:
            observations[observation.post].append(observation)
        return observations

    @cached_property
    def only_place(self) -> Observation | None:
        """What was seen in the one page that shows all posts, of which what is here is a copy; else None."""
        urls = {observation.url for observation in self.thread.observations}
        return self.thread.observations[0] if len(urls) == 1 and len(self.posts) > 1 and urls.pop() else None

    @cached_property
    def editions(self) -> Mapping[str, tuple[Observation, ...]]:
        """The earlier versions of posts that sources know of, by the ids of those that have any."""
        editions = ((id_, known_editions(seen)) for id_, seen in self.observations.items())
        return {id_: earlier for id_, earlier in editions if earlier}

    @cached_property
    def contradictions(self) -> Mapping[str, tuple[Observation, ...]]:
        """What sources showed of posts that is another text, by the ids of those of which any did."""
        others = ((post.id, differing(post.content, self.observations.get(post.id, ()))) for post in self.posts)
        return {id_: other for id_, other in others if other}

    def earlier(self, post: Post) -> tuple[Version | Observation, ...]:
        """Return all earlier versions of a post: those that were captured, then those that sources know of."""
        return (*self.document.versions.get(post.id, ()), *self.editions.get(post.id, ()))

    def shown_by(self, post: Post) -> Observation | None:
        """Return where the text of a post that is shown was seen, None where that is not known."""
        seen = reversed(self.observations.get(post.id, ()))
        return next((one for one in seen if one.route == post.route and not one.version), None)

    # Whom a post answers, and where a gap stands.

    @cached_property
    def authors(self) -> Mapping[str, Author]:
        """Everybody of whom the document shows a post, quoted ones included, by id; the author of the thread first."""
        authors: dict[str, Author] = {}
        for author in authors_of(self.document):
            authors.setdefault(author.id, author)
        return authors

    def answered(self, post: Post) -> Author | None:
        """Return who wrote what a post answers, where that is not shown and its author is known all the same."""
        parent = post.in_reply_to or ""
        # Some platforms name a post by its author's id and a part of its own.
        ids = {self._wrote.get(parent) or ""}
        for path in (parent, parent.removeprefix("at://")):
            ids.update(path[:end] for end, sign in enumerate(path) if sign == "/")
        known = ids & self.authors.keys()
        return self.authors[min(known, key=self._order.__getitem__)] if known else None

    @cached_property
    def _wrote(self) -> Mapping[str, str | None]:
        gaps = (*self.thread.missing, *self.thread.gone)
        return {gap.id: gap.author for gap in reversed(gaps)}

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {id_: number for number, id_ in enumerate(self.authors)}

    @cached_property
    def post_before(self) -> Mapping[str, int]:
        """The number of the author's last post before each node, 0 before the first, by id."""
        before: dict[str, int] = {}
        number = 0
        for node in self.thread.nodes:
            before[node.id] = number
            if isinstance(node, Post) and self.is_own(node):
                number = self.numbers[node.id]
        return before


def authors_of(document: Document) -> Iterator[Author]:
    """Yield everybody of whom the document shows a post, quoted ones included; the author of the thread first."""
    yield document.thread.author
    for node in document.thread.nodes:
        shown: Node | None = node
        while isinstance(shown, Post):
            yield shown.author
            shown = shown.quote
