"""The media of a thread, within the run that has collected it: what lacks is fetched, and what came of it is noted."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archiver import layout
from archiver.errors import ArchiverError, Interrupted
from archiver.media.crew import Relay, together
from archiver.media.fetch import Fetcher, beside
from archiver.media.part import size_text
from archiver.media.plan import Medium, to_fetch
from archiver.model import Thread
from archiver.routes import Interruptible, Original, Platform, follow
from archiver.store.media import STOPPED, Attempt
from archiver.store.store import Archive

LIMIT = 50_000_000  # bytes of one file
WIDTH = 20  # of the bar that says how far it has come


@dataclass(frozen=True, slots=True)
class Wanted:
    """That media are wanted: how many bytes of each at most, and who is told how far it has come."""

    limit: int = LIMIT
    report: Callable[[str], None] = lambda text: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A run that is under way: where its media go, and how they are asked for.

    `send` is the run's own, and `relay` what keeps its exchanges.
    """

    archive: Archive
    run: str
    platform: Platform
    send: Interruptible
    relay: Relay
    clock: Callable[[], datetime]

    def fetch(self, thread: Thread, wants: Wanted) -> None:
        """Fetch what a thread shows and the archive does not hold; each thing counts as soon as it is there.

        Whatever is wrong with one costs that one only. If the user stops it, what is there stays, and the rest is
        noted as not fetched. Raises ArchiveError where the disk does not take it.
        """
        media = to_fetch(thread, self._is_post, self._is_there)
        if not media:
            return
        pending = {medium.url: medium for medium in media}
        try:
            for attempt in self._attempts(media, wants):
                self.archive.media.note(self.run, attempt)
                del pending[attempt.url]
        except (KeyboardInterrupt, Interrupted):
            self.send.stopped = True
            for url in pending:
                attempt = Attempt(url=url, asked_url=url, at=self.clock(), said=STOPPED)
                self.archive.media.note(self.run, attempt)

    def _is_there(self, file: str) -> bool:
        """Whether a file is in the archive's folder, and all without which it is nothing."""
        return all((self.archive.folder / path).is_file() for path in (file, *self.archive.media.pieces([file])))

    def _is_post(self, url: str) -> bool:
        return self.platform.match(url) is not None

    def _attempts(self, media: Sequence[Medium], wants: Wanted) -> Iterator[Attempt]:
        originals = self._originals(media)
        folder, ended = self.archive.folder / layout.MEDIA, threading.Event()
        far = _Far(len(media))
        fetcher = Fetcher(self.send, folder, wants.limit, self.clock, far.came, ended.is_set)

        def work(medium: Medium) -> Attempt:
            return fetcher.fetch(medium, originals.get(medium.url))

        try:
            for attempt in together(media, work, self.relay, lambda: wants.report(str(far)), ended):
                far.done += 1
                yield attempt
        finally:
            ended.set()

    def _originals(self, media: Sequence[Medium]) -> Mapping[str, Original]:
        if self.platform.originals is None:
            return {}
        try:
            return follow(self.platform.originals([medium.url for medium in media]), beside(self.send))
        except Interrupted:
            raise
        except ArchiverError:
            return {}


@dataclass(slots=True)
class _Far:
    """How far it has come."""

    count: int
    done: int = 0
    size: int = 0

    def came(self, size: int) -> None:
        """Count bytes. Several threads do so at once, and a number that is a little off does no harm."""
        self.size += size

    def __str__(self) -> str:
        bar = "#" * (WIDTH * self.done // max(self.count, 1))
        return f"media [{bar:-<{WIDTH}}] {self.done} of {self.count}, {size_text(self.size)}"
