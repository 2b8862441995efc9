"""The archive that X gives the owner of an account, as a zip or unpacked, as a `Send` that answers thread by thread.

    read(path) ──► Export: which posts hang together; the texts stay where they are
                     │ threads                                          in order of time
                     │ copy_media(export, root, folder)
                     ▼ sender(root, keep) ──► x-archive:ROOT/tweets.json, notes.json, account.json, media.json

Files of several hundred MB are usual. The first reading keeps for each post where it stands and whom it answers, the
second copies the posts of all threads to a temporary file. What is answered are the bytes of the file, unchanged; of
the owner's account nothing but id and names is ever kept.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import IO

from archiver.errors import ArchiveError, NotRecorded, UsageError
from archiver.files import copy, source_of, source_of_folder
from archiver.http.message import Exchange, Headers, Keep, Request, Response, Send
from archiver.http.outcome import decided
from archiver.importers.x.index import Account, Index, Place, read_account, read_manifest, read_posts
from archiver.importers.x.members import Container, Member, container
from archiver.model import StoredFile
from archiver.platforms.x.export import LACKING, PARTS, ROUTE, address
from archiver.platforms.x.tweet import status_url


@dataclass(slots=True)
class Export:
    """An opened archive. `made_at` is when X made it, `lacking` says what it lacks, "" if it is whole.

    `threads` are the ids of the first posts of threads, `singles` is the number of posts that stand alone. `files`
    are the media of each post, `copied` those of each thread that were copied, by their names.
    """

    container: Container
    account: Account
    made_at: datetime
    lacking: str
    index: Index
    threads: tuple[str, ...]
    singles: int
    files: dict[int, list[tuple[str, Member]]]
    copied: dict[str, dict[str, StoredFile]] = field(default_factory=dict)
    _spool: "_Spool | None" = None

    def __enter__(self) -> "Export":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the zip and the temporary file."""
        if self._spool:
            self._spool.file.close()
        self.container.close()

    @property
    def source(self) -> str:
        """What names the archive for good: the zip, or the files of a folder that the posts are read out of."""
        path, members = self.container.path, self.container.members
        if path.is_file():
            return source_of(path)
        read = {name: member.pieces() for name, member in members.items() if name.endswith(".js")}
        return source_of_folder(path.resolve().name, read)

    @property
    def route(self) -> str:
        """The route that reads the threads."""
        return ROUTE

    def url(self, root: str) -> str:
        """Return the address of a thread, by the id of its first post."""
        return status_url(str(root), self.account.told["username"])

    def media(self, root: str) -> Iterator[tuple[str, str, Member]]:
        """Yield the files of a thread's posts: the post's id, the file's name after it, and the file."""
        for id_ in self.index.groups[root]:
            for name, member in self.files.get(id_, ()):
                yield str(id_), name, member

    def sender(self, root: str, keep: Keep) -> Send:
        """Return a `Send` over one thread; each exchange goes to `keep`, at the time when X made the archive."""
        seq = 0

        def send(request: Request) -> Response:
            nonlocal seq
            part = next((part for part in PARTS if request.url == address(root, part)), None)
            if part is None or request.method != "GET":
                raise NotRecorded(f"{request.url} is not in the archive")
            body, headers = self._answer(root, part)
            seq += 1
            exchange = Exchange(
                request=request,
                seq=seq,
                attempt=0,
                url=request.url,
                request_headers=request.headers,
                started_at=self.made_at,
                finished_at=self.made_at,
                status=200,
                headers=(("content-type", "application/json"), *headers),
                body=body,
            )
            keep(exchange)
            return decided(exchange)

        return send

    def _answer(self, root: str, part: str) -> tuple[bytes, Headers]:
        """Return a part of a thread, and from which files it is."""
        if part == "account":
            return _json(self.account.told), self._source(*self.account.files)
        if part == "media":
            files = self.copied.get(root, {})
            return _json({name: {"sha256": f.sha256, "size": f.size, "path": f.path} for name, f in files.items()}), ()
        posts = [id_ for id_ in self.index.groups[root] if part == "tweets" or id_ in self.index.notes]
        places = [self.index.places[id_] if part == "tweets" else self.index.notes[id_] for id_ in posts]
        places = list(dict.fromkeys(places))  # versions of an edited post may share a note
        spool = self._spooled()
        lacking: Headers = ((LACKING, self.lacking),) if self.lacking and part == "tweets" else ()
        body = b"[" + b",".join(map(spool.read, places)) + b"]"
        return body, (*self._source(*dict.fromkeys(place.member for place in places)), *lacking)

    def _spooled(self) -> "_Spool":
        if not self._spool:
            spool = _Spool(self.container, self.index)
            try:
                spool.fill()
            except BaseException:
                spool.file.close()
                raise
            self._spool = spool
        return self._spool

    def _source(self, *names: str) -> Headers:
        """Return which files an answer was cut out of, so that anybody who has the archive can compare."""
        return tuple(
            pair
            for name in names
            for pair in (
                ("x-member", self.container.members[name].name),
                ("x-member-sha256", self.index.digests[name]),
            )
        )


def read(path: Path) -> Export:
    """Open an archive and find its threads. Raises UsageError, in one line, where that cannot be done."""
    files, index = container(path), Index()
    try:
        manifest = read_manifest(files, index)
        account = read_account(files, manifest, index)
        read_posts(files, manifest, account, index)
    except BaseException:
        files.close()
        raise
    made_at = manifest.made_at or max(member.date for name, member in files.members.items() if name.endswith(".js"))
    return Export(
        container=files,
        account=account,
        made_at=made_at,
        lacking="; ".join(filter(None, [manifest.lacking, *index.faults])),
        index=index,
        threads=tuple(sorted(index.groups, key=lambda root: index.groups[root][0])),
        singles=index.singles,
        files=_media_of(files),
    )


def _media_of(files: Container) -> dict[int, list[tuple[str, Member]]]:
    """Return the media by the post that their name begins with."""
    media: dict[int, list[tuple[str, Member]]] = {}
    for path, member in files.members.items():
        folder, _, name = path.rpartition("/")
        id_, dash, rest = name.partition("-")
        if folder and dash and id_.isdecimal() and len(id_) < 20:
            media.setdefault(int(id_), []).append((rest, member))
    return media


def copy_media(export: Export, root: str, target: Path) -> dict[str, str]:
    """Copy the files of a thread's posts; return where each is, relative to the folder that `target` is in.

    They have to be copied before the thread is asked for, so that its answer can tell. A file that is damaged is left
    out: the post still has its address. Raises ArchiveError where nothing can be written.
    """
    copied = {}
    for id_, name, member in export.media(root):
        try:
            with closing(member.pieces()) as pieces:
                copied[f"{id_}-{name}"] = copy(pieces, target)
        except ArchiveError:
            raise
        except UsageError:
            continue
    export.copied[root] = copied
    return {name: file.path for name, file in copied.items()}


class _Spool:
    """The elements of all threads in a temporary file, so that the archive is not unpacked again for each thread."""

    def __init__(self, container: Container, index: Index):
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the archive
        self._container = container
        self._wanted = {
            places[id_]
            for posts in index.groups.values()
            for id_ in posts
            for places in (index.places, index.notes)
            if id_ in places
        }
        self._places: dict[Place, int] = {}

    def fill(self) -> None:
        """Copy what is wanted, file by file. Raises ArchiveError where there is no room."""
        try:
            for name, places in groupby(sorted(self._wanted), key=attrgetter("member")):
                with closing(self._container.members[name].pieces()) as pieces:
                    self._copy(pieces, places)
        except OSError as error:
            raise ArchiveError(
                f"cannot write a temporary file ({error.strerror}); set TMPDIR to another disk"
            ) from error

    def _copy(self, pieces: Iterator[bytes], places: Iterable[Place]) -> None:
        end = 0  # in the file, of what `held` holds
        rest = b""
        for place in places:
            while end < place.end:
                piece = next(pieces)
                rest = rest[max(0, place.start - end + len(rest)) :] + piece
                end += len(piece)
            self._places[place] = self.file.tell()
            start = place.start - end + len(rest)
            self.file.write(rest[start : start + place.length])

    def read(self, place: Place) -> bytes:
        """Return the bytes of one element."""
        self.file.seek(self._places[place])
        return self.file.read(place.length)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
