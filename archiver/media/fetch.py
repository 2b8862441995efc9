"""One thing of a thread from the network to the disk: the uploaded file if there is a way to it, else what is shown.

    the original, of its digest ──no──► what the thread names ──► a file ────────────────────┐
                                               no│    └──► a playlist ──► its pieces, and ours ─┼─► Attempt
                                                 └──► a capture of it, where the post is known ─┘
                                                      from one

What comes is judged by its content. A web page in the place of a picture is a failure, whatever the host calls it.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from archiver.errors import ArchiveError, ArchiverError, Interrupted, NetworkError, NotRecorded, RateLimited
from archiver.files import copy
from archiver.http.message import MEDIA, Request, Response, Send
from archiver.http.outcome import OverLimit
from archiver.kinds import PAGE, PLAYLIST
from archiver.media import hls
from archiver.media.captured import largest, nearest
from archiver.media.hosts import Hosts
from archiver.media.part import IncomingFile, size_text
from archiver.media.plan import AVATAR, CARD, Medium
from archiver.model import StoredFile
from archiver.routes import Original, follow
from archiver.store.media import Attempt
from archiver.wayback import is_replayed

DEEPEST = 2  # playlists below a playlist
LONGEST = timedelta(minutes=30)  # for the pieces of one film
PICTURES = ("image", CARD, AVATAR)
PLAYED = ("video", "audio")


class _Budget:
    """What a film may take with all its pieces."""

    def __init__(self, limit: int, clock: Callable[[], datetime]):
        self._limit, self._spent = limit, 0
        self._clock, self._until = clock, clock() + LONGEST

    def remaining(self) -> int:
        """Return how many bytes are left. Raises NetworkError where it takes too long."""
        if self._clock() > self._until:
            raise NetworkError(f"takes longer than {LONGEST.seconds // 60} minutes")
        return self._limit - self._spent

    def spend(self, size: int) -> None:
        """Count bytes."""
        self._spent += size
        if self._spent > self._limit:
            raise self.exceeded()

    def exceeded(self) -> NetworkError:
        """Return the error for a film that is too large."""
        return NetworkError(f"is larger than the limit of {size_text(self._limit)}")


@dataclass(frozen=True, slots=True)
class _Content:
    """What an address gave: a file, or the text of a playlist; `capture` is the address of a web archive's copy."""

    kind: str
    held: StoredFile | None
    body: bytes = b""
    capture: str = ""


class Fetcher:
    """Fetches into a folder. Several threads may use it; what two of them want at once is fetched once.

    `limit` is in bytes, for each thing with all its pieces. `report` is told how many bytes have come, and
    `is_stopped` says whether to end.
    """

    def __init__(
        self,
        send: Send,
        media: Path,
        limit: int,
        clock: Callable[[], datetime],
        report: Callable[[int], None] = lambda size: None,
        is_stopped: Callable[[], bool] = lambda: False,
    ):
        self._send, self._media, self._limit, self._clock = send, media, limit, clock
        self._report, self._is_stopped = report, is_stopped
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._contents: dict[str, _Content] = {}
        self._hosts = Hosts()

    def fetch(self, medium: Medium, original: Original | None = None) -> Attempt:
        """Fetch one thing. Raises Interrupted, and ArchiveError where the disk does not take it."""
        fetched = Attempt(url=medium.url, asked_url=medium.url, at=self._clock())
        refused = ""
        if original and original.fault:
            refused = f"the file that was posted could not be fetched: {original.fault}"
        elif original:
            try:
                content = self._original(original)
                return replace(
                    fetched, asked_url=original.url, at=self._clock(), files=content.files, kind=content.kind
                )
            except (ArchiveError, Interrupted):
                raise
            except NotRecorded:
                pass  # nobody asked for it
            except ArchiverError as error:
                refused = f"the file that was posted could not be fetched: {_reason(error, original.url)}"
        try:
            content = self._as_shown(medium)
        except (ArchiveError, Interrupted):
            raise
        except ArchiverError as error:
            return self._rescued(medium, replace(fetched, at=self._clock(), said=_reason(error, medium.url)))
        posted = original and content.files[0].sha256 == original.sha256
        return replace(
            fetched, at=self._clock(), files=content.files, kind=content.kind, said="" if posted else refused
        )

    def _rescued(self, medium: Medium, failed: Attempt) -> Attempt:
        """Return the copy that a web archive made when it captured the post; without one, what failed."""
        captured_at = medium.captured_at
        if captured_at is None:
            return failed
        content = self._copy(lambda: nearest(medium.url, captured_at)) or self._copy(
            lambda: follow(largest(medium.url), beside(self._send))
        )
        if content is None or content.held is None:
            return replace(failed, at=self._clock(), said=f"{failed.said}, and the Wayback Machine has no copy")
        return replace(
            failed, asked_url=content.capture, at=self._clock(), files=(content.held,), kind=content.kind, said=""
        )

    def _copy(self, address: Callable[[], str]) -> "_Content | None":
        """Return what a web archive has at an address that may have to be asked for first."""
        try:
            url = address()
            content = self._content(url, self._limit) if url else None
        except (ArchiveError, Interrupted):
            raise
        except ArchiverError:
            return None
        return content if content and content.capture and content.held and content.kind else None

    def _original(self, original: Original) -> "_Files":
        content = self._content(original.url, self._limit)
        if content.held is None or not content.kind or original.sha256 not in ("", content.held.sha256):
            raise NetworkError("is another file than the one that was posted")
        return _Files(content.kind, (content.held,))

    def _as_shown(self, medium: Medium) -> "_Files":
        content = self._content(medium.url, self._limit)
        if content.kind == PLAYLIST:
            if medium.what in PICTURES:
                raise NetworkError("is no picture")
            return _Files("video", tuple(self._film(content.body, medium.url, _Budget(self._limit, self._clock))))
        if content.held is None or not (content.kind or medium.what == "file"):
            raise NetworkError("is no picture, film or recording")
        if medium.what in PLAYED and content.kind == "image":  # a still of it: where no film is given, some name that
            raise NetworkError("a picture came in its place")
        return _Files(content.kind or "file", (content.held,))

    def _content(self, url: str, limit: int) -> _Content:
        """Return what an address gives. Raises NetworkError for a refusal, for a page, and for nothing."""
        with self._locks[url]:
            if url not in self._contents:
                self._contents[url] = self._load(url, limit)
            return self._contents[url]

    def _load(self, url: str, limit: int) -> _Content:
        if not url.lower().startswith(("https://", "http://")):
            raise NetworkError("is no address of the web")
        part = IncomingFile(url, self._media, limit, self._report, self._is_stopped)
        response = self._answered(url, part)
        kind = part.kind.name if part.kind else ""
        if response.status not in (200, 206):
            raise NetworkError(str(response.status))
        if response.header("content-encoding").lower() not in ("", "identity"):
            raise NetworkError("is packed in a way that was not asked for")
        if kind == PAGE:
            raise NetworkError("a web page came in its place")
        if part.held is None and not part.body:
            raise NetworkError("is empty")
        if kind == PLAYLIST and not part.body:
            raise NetworkError(f"is a playlist of {size_text(part.held.size if part.held else 0)}")
        return _Content(kind, part.held, part.body, response.url if is_replayed(response) else "")

    def _answered(self, url: str, part: IncomingFile) -> Response:
        self._hosts.check(url)
        request = Request(url=url, headers=MEDIA, into=part)
        try:
            response = self._send(request)
            if response.status == 416:  # what is there is no part of what the host has
                part.forget()
                response = self._send(request)
        except (NetworkError, RateLimited) as error:
            self._hosts.failed(url, error)
            raise
        self._hosts.answered(url)
        return response

    def _film(self, body: bytes, url: str, budget: _Budget, depth: int = 0) -> Iterator[StoredFile]:
        """Yield a playlist of our copies, then these."""
        playlist = hls.parse(body, url)
        best = playlist.best()
        if best is None:
            yield from self._pieces(playlist, budget)
            return
        if depth >= DEEPEST:
            raise NetworkError("is a playlist of playlists without end")
        films = [list(self._below(of, budget, depth)) for of in (best.url, best.sound) if of]
        if best.sound:
            yield self._store(hls.together(_beside(films[0][0]), _beside(films[1][0]), best.bandwidth))
        for film in films:
            yield from film

    def _below(self, url: str, budget: _Budget, depth: int) -> Iterator[StoredFile]:
        content = self._content(url, budget.remaining())
        if content.kind != PLAYLIST:
            raise NetworkError("is a playlist that leads to none")
        return self._film(content.body, url, budget, depth + 1)

    def _pieces(self, playlist: hls.Playlist, budget: _Budget) -> Iterator[StoredFile]:
        copies = {url: self._piece(url, budget) for url in playlist.pieces()}
        names: Mapping[str, str] = {url: _beside(file) for url, file in copies.items()}
        yield self._store(playlist.of_copies(names))
        yield from dict.fromkeys(copies.values())

    def _piece(self, url: str, budget: _Budget) -> StoredFile:
        try:
            content = self._content(url, budget.remaining())
        except NetworkError as error:
            raise (budget.exceeded() if isinstance(error.__cause__, OverLimit) else error) from error.__cause__
        if content.kind == PLAYLIST:
            raise NetworkError("has a playlist for a piece")
        file = content.held or self._store(content.body)
        budget.spend(file.size)
        return file

    def _store(self, text: str | bytes) -> StoredFile:
        data = text.encode() if isinstance(text, str) else text
        return copy([data], self._media)


def beside(send: Send) -> Send:
    """Return a `Send` whose requests are told apart from those for the thread."""

    def apart(request: Request) -> Response:
        return send(replace(request, headers=(*request.headers, *MEDIA)))

    return apart


@dataclass(frozen=True, slots=True)
class _Files:
    kind: str
    files: tuple[StoredFile, ...]


def _beside(file: StoredFile) -> str:
    """Return the path of a file as seen from another one: both are in folders of the folder of media."""
    return "../" + file.path.partition("/")[2]


def _reason(error: ArchiverError, url: str) -> str:
    """Return why a file could not be fetched, without the address and without advice: readers can do nothing."""
    words = str(error).partition("; ")[0]
    first, _, reason = words.partition(" ")
    return reason if first.startswith(("http://", "https://")) else words
