"""The archive in a browser: read-only, on this machine, from the same templates as the exported pages.

    GET /                 all threads; /?q=words what a search finds
    GET /pages/ID         a thread, by the archive's id for it
    GET /media/…          a file that the archive holds, or the part of it that is asked for: films are watched so

Nothing is written, and nothing is answered to a name that is not this machine's own: a page of somebody else, whose
name suddenly leads here, gets nothing to read (DNS rebinding). Nor is anything answered that the page of another site
has asked for, which it cannot read and could time: what takes long was found.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import tzinfo
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote

from archiver import __version__
from archiver.errors import ArchiveError, ArchiverError, UsageError
from archiver.exporters.listing import summarized
from archiver.exporters.media import UNSHOWN, held, media_type
from archiver.exporters.page.content import anchor
from archiver.exporters.page.index import Row, search_page
from archiver.exporters.page.tags import Content, joined, tag
from archiver.exporters.page.thread import page, whole
from archiver.exporters.style import Style
from archiver.exporters.view import View
from archiver.layout import PAGES
from archiver.model import Document
from archiver.store.index import LEFT, RIGHT, Found, TooLong
from archiver.store.rows import key
from archiver.store.store import Archive
from archiver.urls import parts_of

HOST = "127.0.0.1"
SHOWN = 5  # posts that were found, for each thread in the list
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


PIECE = 1 << 16
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent: a page, or a file by its path, of which `part` names the first byte and the one behind the last."""

    status: HTTPStatus
    body: bytes = b""
    file: Path | None = None
    part: tuple[int, int] = (0, 0)
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = "text/html; charset=utf-8"


def answer(folder: Path, target: str, zone: tzinfo | None = None, part: str = "", unless: str = "") -> Answer:
    """Return what an address of this server leads to.

    `part` and `unless` are what was asked with it: the headers Range and If-Range.
    """
    parts = parts_of(target)
    if parts.path == "/":
        try:
            return _html(listed(folder, parse_qs(parts.query).get("q", [""])[0].strip()))
        except TooLong as error:
            return _message("Too long", str(error), HTTPStatus.BAD_REQUEST)
    room, _, rest = parts.path.removeprefix("/").partition("/")
    if room == PAGES:
        try:
            with Archive.read(folder) as archive:
                document = archive.document(unquote(rest))
        except UsageError as error:
            return _nothing(str(error))
        return _html(page(document, Style(zone=zone), home="../"))
    return _file(folder, f"{room}/{rest}", part, unless)


def listed(folder: Path, query: str) -> str:
    """Return the list of all threads, or of those in which a search finds something."""
    with Archive.read(folder) as archive:
        threads = archive.threads()
        if not query:
            newest = sorted(threads, key=lambda thread: thread.captured_at, reverse=True)
            return search_page([Row(summarized(thread), _address(thread.id)) for thread in newest], "")
        hits: dict[str, list[Found]] = {}
        for hit in archive.index.search(query):
            hits.setdefault(hit.thread, []).append(hit)
        summaries = {thread.id: thread for thread in threads}
        rows = [
            Row(
                summarized(summaries[id_]), _address(id_), "", _passages(archive.document(id_), id_, hits_there[:SHOWN])
            )
            for id_, hits_there in hits.items()
        ]
    return search_page(rows, query)


def _passages(document: Document, thread: str, hits: list[Found]) -> tuple[Content, ...]:
    """Return the words around what was found, each as a link to its post."""
    view = View(document=document)
    ids = {key(document.thread.url, id_): id_ for id_ in view.names}
    passages: list[Content] = []
    for hit in hits:
        if id_ := ids.get(hit.post):  # a post that is withheld, or only quoted, has no place of its own
            where = tag("a", view.names[id_], href=f"{_address(thread)}#{anchor(view, id_)}")
            passages.append([where, ": ", _marked(hit.words)])
    return tuple(passages)


def _marked(words: str) -> Content:
    first, *rest = words.split(LEFT)
    return joined(first, [[tag("mark", hit), after] for hit, _, after in (part.partition(RIGHT) for part in rest)])


def _address(thread: str) -> str:
    return f"/{PAGES}/{quote(thread, safe='')}"


def _file(folder: Path, path: str, part: str, unless: str) -> Answer:
    """Return a file under the archive's media; a path that leads anywhere else leads nowhere."""
    name = held(unquote(path))
    place = folder / name
    if not name or not place.is_file() or not place.resolve().is_relative_to(folder.resolve()):
        return _nothing("there is nothing here")
    size, tag = place.stat().st_size, f'"{place.stem}"'  # it is named by its content, so that is as good as a digest
    complete = Answer(
        status=HTTPStatus.OK,
        file=place,
        part=(0, size),
        headers=(("Accept-Ranges", "bytes"), ("ETag", tag)),
        media_type=media_type(name),
    )
    wanted = _part(part, size) if unless in ("", tag) else None
    if wanted is None:
        return complete
    first, last = wanted
    if first >= last:
        headers = (*complete.headers, ("Content-Range", f"bytes */{size}"))
        return Answer(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    headers = (*complete.headers, ("Content-Range", f"bytes {first}-{last - 1}/{size}"))
    return replace(complete, status=HTTPStatus.PARTIAL_CONTENT, part=(first, last), headers=headers)


def _part(header: str, size: int) -> tuple[int, int] | None:
    """Return the first byte of a part and the one behind its last; None for what is none, and for several at once."""
    ranged = _RANGE.fullmatch(header.strip())
    if not ranged or ranged.groups() == ("", ""):
        return None
    first, last = ranged.groups()
    if not first:
        return max(size - int(last), 0), size
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size


def _html(text: str, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    return Answer(status=status, body=text.encode("utf-8", "replace"))


def _nothing(words: str) -> Answer:
    return _message("Not found", words, HTTPStatus.NOT_FOUND)


def _message(heading: str, words: str, status: HTTPStatus) -> Answer:
    back = tag("p", tag("a", "All threads", href="/"))
    body = tag("main", tag("h1", heading), tag("p", words), back, id="main", tabindex=-1)
    return _html(whole(heading, body, skip=("#main", "Skip to the text")), status)


@contextmanager
def server(folder: Path, port: int, zone: tzinfo | None = None) -> Iterator[ThreadingHTTPServer]:
    """Yield a server for an archive that is ready to `serve_forever`; port 0 takes one that is free.

    Raises ArchiveError where there is no archive, or the port is taken.
    """
    with Archive.read(folder):
        pass

    class Handler(_Handler):
        archive_folder, time_zone = folder, zone

    try:
        http_server = ThreadingHTTPServer((HOST, port), Handler)
    except OSError as error:
        raise ArchiveError(f"port {port} cannot be used: {error.strerror}; take another with --port") from error
    with http_server:
        yield http_server


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD, to this machine by its own name."""

    server: ThreadingHTTPServer
    archive_folder: Path
    time_zone: tzinfo | None
    server_version = f"thread-archiver/{__version__}"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        port = self.server.server_port
        if self.headers.get("Host", "").lower() not in (f"{HOST}:{port}", f"localhost:{port}"):
            self._send(_html("This server answers to its own name only.\n", HTTPStatus.MISDIRECTED_REQUEST))
            return
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            words = "A page of another site leads here. To follow it, copy the address into a new tab."
            self._send(_message("Not from there", words, HTTPStatus.FORBIDDEN))
            return
        try:
            ranges = (self.headers.get(name, "") for name in ("Range", "If-Range"))
            self._send(answer(self.archive_folder, self.path, self.time_zone, *ranges))
        except ArchiverError as error:
            self._send(_message("This archive cannot be shown", str(error), HTTPStatus.INTERNAL_SERVER_ERROR))

    do_HEAD = do_GET

    def _send(self, response: Answer) -> None:
        first, last = response.part if response.file else (0, len(response.body))
        own = (("Content-Type", response.media_type), ("Content-Length", str(last - first)))
        self.send_response(response.status)
        for name, value in (*HEADERS.items(), *response.headers, *own):
            self.send_header(name, value)
        if response.media_type == UNSHOWN:
            self.send_header("Content-Disposition", "attachment")
        self.end_headers()
        if self.command == "HEAD":
            return
        if response.file is None:
            self.wfile.write(response.body)
            return
        with suppress(ConnectionError), response.file.open("rb") as file:  # who has seen enough of a film just goes
            file.seek(first)
            while first < last and (piece := file.read(min(PIECE, last - first))):
                first += self.wfile.write(piece)

    def log_message(self, format: str, *arguments: object) -> None:
        """What is read is nobody's business."""
