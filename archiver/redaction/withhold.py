"""Withholding posts, by law or out of mercy: their content goes out of what is kept, and the ledger says so.

    answers ── scrubbed ──► what is left of each body        the ledger: which, why, when
       │                       │ read again
       ▼ read before           ▼
    thread, withheld  ── the same? if not, it is kept as the run's transcript: no other post gets lost

What a run's answers say comes in as `read`.
"""

import gzip
import zlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from archiver.errors import ArchiveError, ParseError, UsageError
from archiver.http.message import decoded
from archiver.ledger import Entry
from archiver.model import Document, Missing, Node, Post, Thread
from archiver.redaction.scrub import Content, content_of, is_said, opened, scrubbed, taken, words_of
from archiver.store.columns import stamp
from archiver.store.exchanges import digest
from archiver.store.media import source
from archiver.store.redactions import KIND, KeptAnswer, manifest
from archiver.store.rows import quotes
from archiver.store.store import Archive
from archiver.threads.withheld import Withheld, withheld

Read = Callable[[str], Thread | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be withheld: posts by their ids, of this thread; `whole` takes along all that came with them."""

    thread: str
    posts: frozenset[str]
    reason: str
    operator: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What a redaction came to: its entry, what is left of each body by digest (of nothing: ""), and the files.

    `known` is by what the posts were known; `still` are files in the archive's folder that still say something of them.
    """

    entry: Entry
    posts: tuple[str, ...]
    bodies: Mapping[str, str]
    files: tuple[str, ...]
    known: Content
    still: tuple[Path, ...] = ()


def named(document: Document, words: Iterable[str]) -> frozenset[str]:
    """Return the ids of the posts of a thread that are named, by id, URL or the end of either.

    Raises UsageError for a post that the thread neither shows nor quotes.
    """
    thread = document.thread
    below = [*quotes(thread.posts), *thread.posts]
    gaps = [post.quote for post in below if isinstance(post.quote, Missing)]
    nodes: list[Node] = [*below, *thread.missing, *gaps]
    found = set()
    for name in words:
        ids = {node.id for node in nodes if _is_named(node, name.strip().rstrip("/"))}
        if len(ids) != 1:
            how = f"may mean {len(ids)} posts" if ids else "is no post"
            raise UsageError(f"{name} {how} of {thread.url}; see: archiver show {thread.url}")
        found |= ids
    return frozenset(found)


def _is_named(node: Post | Missing, name: str) -> bool:
    names = [node.id, *([node.url] if node.url else [])]
    return bool(name) and any(
        name in (candidate.rstrip("/"), candidate.rstrip("/").rpartition("/")[2]) for candidate in names
    )


def withhold(archive: Archive, order: Order, read: Read, now: datetime) -> Redaction:
    """Take posts out of all that is kept. To be called within `archive.redactions.changing`.

    The derived rows are left as they are.
    """
    search = _Found(archive, order, read, now)
    search.search([run.id for run in archive.history.runs()])
    files = tuple(sorted(archive.redactions.files(search.ids, search.addresses)))
    search.left |= dict.fromkeys(archive.redactions.bodies_beside(files), b"")
    return search.withheld(files)


def withhold_in(archive: Archive, order: Order, read: Read, now: datetime, runs: Iterable[str]) -> Redaction | None:
    """Do what `withhold` does in what these runs brought; None, and nothing is done, where that is nothing."""
    search = _Found(archive, order, read, now)
    search.search(list(runs))
    return search.withheld(()) if search.left else None


class _Found:
    """What was found of posts: what is left of each body, and what each run showed."""

    def __init__(self, archive: Archive, order: Order, read: Read, now: datetime):
        self.archive, self.order, self.read, self.now = archive, order, read, now
        self.store = archive.redactions
        self.ids = order.posts | self.store.editions(order.posts)
        self.known = Content(self.ids, words=words_of(self.store.texts(self.ids)))
        self.addresses: set[str] = set()  # of the files that they have shown
        self.left: dict[str, bytes] = {}
        self.taken: dict[str, tuple[str, ...]] = {}  # where, in what is left
        self.threads: dict[str, Thread | None] = {}

    def search(self, runs: Sequence[str]) -> None:
        """Look at what runs brought, and again where what they showed tells more of what to look for."""
        fresh = True
        while fresh:
            changed = list(_left(self.store.answers(runs), self.known, self.order.whole))
            self.left = {sha256: rest for sha256, rest, _ in changed}
            self.taken = {sha256: places for sha256, _, places in changed}
            transcripts = self.store.transcripts()
            touched = [*self.store.runs_with(self.left), *(run for run in runs if run in transcripts)]
            threads = {run: self._seen(run) for run in touched if run not in self.threads}
            self.threads |= threads
            fresh = bool(threads)
            for post in shown(filter(None, threads.values()), self.ids):
                self.known |= content_of(post)
                self.addresses |= {address for item in post.attachments if (address := source(item))}

    def _seen(self, run: str) -> Thread | None:
        return self.store.transcript(run) or self.read(run)

    def withheld(self, files: tuple[str, ...]) -> Redaction:
        """Change the bodies, keep what no answer gives any more, and note it all."""
        for sha256, body in self.left.items():
            self.store.replace(sha256, body)
        transcripts, stale = self._transcripts()
        bodies = {sha256: digest(body) if body else "" for sha256, body in self.left.items()}
        content = manifest(
            thread=self.order.thread,
            posts=self.ids,
            bodies=bodies | dict.fromkeys(stale, ""),
            taken=self.taken,
            files=files,
            kept=transcripts,
            whole=self.order.whole,
            reason=self.order.reason,
            at=stamp(self.now),
            operator=self.order.operator,
        )
        entry = self.archive.ledger.note(KIND, content, self.now)
        return Redaction(entry=entry, posts=tuple(sorted(self.ids)), bodies=bodies, files=files, known=self.known)

    def _transcripts(self) -> tuple[dict[str, str], list[str]]:
        """Keep the threads that the answers do not give any more; return their digests, and those that they replace."""
        why = Withheld(reason=self.order.reason, since=self.now)
        reasons = {**dict.fromkeys(self.ids, why), **self.store.standing()}
        transcripts, stale, before = dict[str, str](), list[str](), self.store.transcripts()
        for run, thread in self.threads.items():
            if thread is None:
                continue
            expected = _cleaned(withheld(thread, reasons), self.known)
            if run in before and expected != thread:
                transcripts[run] = self.store.keep(expected)
                stale.append(before[run])
                self.store.replace(before[run], b"")
            elif run not in before and not self._gives(run, expected, reasons):
                transcripts[run] = self.store.keep(expected)
        return transcripts, stale

    def _gives(self, run: str, expected: Thread, reasons: Mapping[str, Withheld]) -> bool:
        """Whether what is left of a run's answers still gives all but what is withheld."""
        after = self.read(run)
        return after is not None and _comparable(withheld(after, reasons)) == _comparable(expected)


def _left(
    answers: Iterable[KeptAnswer], what: Content, all_of_it: bool
) -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    """Yield the digests of the bodies that hold the posts, what is left of each, packed as it came, and what is out.

    Raises ArchiveError where that would be more or another thing than what came: nothing is changed then.
    """
    for answer in answers:
        try:
            content, readable = decoded(answer.body, answer.coding, answer.url), True
        except ParseError:
            content, readable = opened(answer.body), False
        rest = scrubbed(content, what, kind=answer.kind, url=answer.url, all_of_it=all_of_it or not readable)
        if rest is not None:
            try:
                places = taken(content, rest) if rest else ()
            except ValueError as error:
                raise ArchiveError(f"what is left of {answer.url} would not be what came: {error}") from error
            yield answer.sha256, _packed(rest, answer.coding) if rest else b"", places


def _packed(content: bytes, coding: str) -> bytes:
    coding = coding.strip().lower()
    if "gzip" in coding:
        return gzip.compress(content, mtime=0)
    return zlib.compress(content) if coding == "deflate" else content


def shown(threads: Iterable[Thread], ids: Container[str]) -> Iterator[Post]:
    """Yield these posts wherever threads show or quote them, and as each source showed them."""
    for thread in threads:
        for post in (*thread.posts, *quotes(thread.posts)):
            if post.id in ids:
                yield post
                yield from (
                    replace(post, content=observation.content)
                    for observation in thread.observations
                    if observation.post == post.id
                )


def _cleaned(thread: Thread, content: Content) -> Thread:
    """Return a thread without what previews in it repeat of the posts."""
    return _with_files(thread, lambda text: None if text and is_said(text, content) else text)


def _comparable(thread: Thread) -> Thread:
    """Return a thread in which an empty text and none are the same."""
    return _with_files(thread, lambda text: text or None)


def _with_files(thread: Thread, change: Callable[[str | None], str | None]) -> Thread:
    def changed(node: Node) -> Node:
        if isinstance(node, Missing):
            return node
        files = tuple(
            replace(file, alt=change(file.alt), title=change(file.title), description=change(file.description))
            for file in node.attachments
        )
        return replace(node, attachments=files, quote=changed(node.quote) if node.quote else None)

    return replace(thread, nodes=tuple(map(changed, thread.nodes)))
