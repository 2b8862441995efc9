"""A document for publication: everybody but the author of the thread becomes "Reader 1", "Reader 2", and so on.

Gone are their handles, names, ids, addresses, pictures of themselves and the addresses of their posts and files, in all
fields, in the text of all posts, in quotes and in links. What they said stays, and so does what people call each other
beyond the names that the platform shows. The archive keeps the truth.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from typing import Any

from archiver.exporters.names_hidden import Masks, Person
from archiver.exporters.view import authors_of
from archiver.model import Author, Counts, Document, Missing, Observation, Post
from archiver.text.urls import is_safe

WITHHELD = "withheld:"  # in the place of an address; it leads nowhere
_OURS = frozenset(("kind", "platform", "route", "media_type", "language", "outcome"))
_IDS = frozenset(("post", "in_reply_to", "focus"))
_ADDRESSES = frozenset(("url", "picture"))


@dataclass(frozen=True, slots=True)
class Readers:
    """The pseudonyms of authors by their ids, handles and addresses; and by their ids what they were called before."""

    names: Mapping[str, str] = field(default_factory=dict)
    earlier: Mapping[str, tuple[Author, ...]] = field(default_factory=dict)


def readers(authors: Iterable[tuple[int, tuple[Author, ...]]]) -> Readers:
    """Return the pseudonyms of numbered authors, each as they are called now, then as they were before."""
    names: dict[str, str] = {}
    earlier: dict[str, tuple[Author, ...]] = {}
    for number, (now, *before) in authors:
        earlier[now.id] = tuple(before)
        for author in (now, *before):
            for word in (author.id, author.handle.lower(), author.url):
                names.setdefault(word, f"Reader {number}")
    names.pop("", None)
    return Readers(names, earlier)


def with_pseudonyms(document: Document, known: Readers) -> Document:
    """Return the document with the names of `readers`; whoever is not among them is numbered after them."""
    own = document.thread.author
    names = dict(known.names)
    shown = dict.fromkeys(author for author in authors_of(document) if author.id != own.id)
    taken = set(names.values())
    for author in shown:
        if author.id not in names:
            names[author.id] = f"Reader {len(taken) + 1}"
            taken.add(names[author.id])
    before = (author for id_ in dict.fromkeys(author.id for author in shown) for author in known.earlier.get(id_, ()))
    hiding = _Hiding(document, [Person(names[author.id], author) for author in (*shown, *before)], names)
    return replace(hiding.document(document), attached=())


class _Hiding:
    """What is needed to hide people in one document: who they are, and the new ids of their posts."""

    def __init__(self, document: Document, people: list[Person], names: Mapping[str, str]):
        self._own = document.thread.author
        self._people = {person.author.id: person for person in people}
        self._masks = Masks(self._own, people, names, document.thread.url)
        self._ids: dict[str, str] = {
            node.id: node.id for node in _nodes(document) if self._is_own(node) or node.id == document.thread.id
        }

    def document(self, document: Document) -> Document:
        """Hide everybody in all that a document holds."""
        for node in _nodes(document):  # so that ids are given in reading order, whoever asks for them first
            self._id(node.id, node)
        thread = document.thread
        hidden: Document = self._fields(document, kept=())
        return replace(hidden, thread=replace(hidden.thread, id=thread.id, url=thread.url, author=thread.author))

    def _any(self, name: str, value: Any) -> Any:
        if not isinstance(value, str) or isinstance(value, Enum) or name in _OURS:
            return self._compound(value)
        if name in _IDS:
            return self._id(value) if value else value
        if name in _ADDRESSES:
            return self._masks.address(value, WITHHELD if is_safe(value) else "")
        return self._masks.content(value) if name == "content" else self._masks.text(value)

    def _compound(self, value: Any) -> Any:
        if isinstance(value, Author):
            return self._author(value)
        if isinstance(value, Post):
            return self._post(value)
        if isinstance(value, Missing):
            return self._missing(value)
        if isinstance(value, Observation):
            return self._observation(value)
        if is_dataclass(value) and not isinstance(value, type):
            return self._fields(value)
        if isinstance(value, Mapping):
            return {self._id(key): self._any("", content) for key, content in value.items()}
        return tuple(self._any("", one) for one in value) if isinstance(value, tuple) else value

    def _fields(self, value: Any, kept: Iterable[str] = ("id",)) -> Any:
        told = {one.name: getattr(value, one.name) for one in fields(value) if one.name not in kept}
        return replace(value, **{name: self._any(name, content) for name, content in told.items()})

    def _author(self, author: Author) -> Author:
        if author.id == self._own.id:
            return author
        name = self._people[author.id].name
        return Author(id=name.lower().replace(" ", "-"), handle="", name=name)

    def _post(self, post: Post) -> Post:
        hidden: Post = self._fields(post)
        own = self._is_own(post)
        files = tuple(
            replace(file, url=was.url if own and not self._masks.tells(was.url) else WITHHELD)
            if file.kind != "card"
            else file
            for file, was in zip(hidden.attachments, post.attachments, strict=True)
        )
        if own:
            return replace(hidden, url=post.url, attachments=files)
        hidden = replace(hidden, url="", version=None, location=None, counts=Counts(), attachments=files)
        return replace(hidden, id=self._id(post.id))

    def _missing(self, gap: Missing) -> Missing:
        hidden: Missing = self._fields(gap, kept=("id", "author", "url"))
        if self._is_own(gap):
            return replace(hidden, url=gap.url)
        person = self._people.get(gap.author or "")
        return replace(hidden, id=self._id(gap.id), url=None, author=person.id if person else None)

    def _observation(self, one: Observation) -> Observation:
        hidden: Observation = self._fields(one)
        if self._ids.get(one.post) == one.post:
            return hidden
        return replace(hidden, url="", version=one.version and self._id(one.version))

    def _is_own(self, node: Post | Missing) -> bool:
        return (node.author.id if isinstance(node, Post) else node.author) == self._own.id

    def _id(self, id_: str, node: Post | Missing | None = None) -> str:
        """Return what a post is called: the author's keep their ids, those of others get new ones."""
        if id_ not in self._ids:
            wrote = node.author.id if isinstance(node, Post) else node.author if node else None
            person = self._people.get(wrote or "") or self._masks.whose(id_)
            self._ids[id_] = f"{person.id if person else 'withheld'}/post-{len(self._ids) + 1}"
        return self._ids[id_]


def _nodes(document: Document) -> Iterable[Post | Missing]:
    thread = document.thread
    for node in (*thread.nodes, *thread.gone, *thread.completeness.gaps):
        shown: Post | Missing | None = node
        while shown is not None:
            yield shown
            shown = shown.quote if isinstance(shown, Post) else None
