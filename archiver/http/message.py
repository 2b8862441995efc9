"""What goes out and what comes back: requests, responses and exchanges as frozen values, no network.

A `Request` is what a route asks for. An `Exchange` is one time on the wire for it (a retry and a redirect
are exchanges of their own) and is what the archive keeps. A `Response` is what the route gets back.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from archiver.errors import ParseError, Refused
from archiver.model import StoredFile

Headers = tuple[tuple[str, str], ...]

LARGEST_CONTENT = 64 * 1024 * 1024  # bytes of one unpacked body; read as JSON it can take 25 times that in memory
MEMBERS = 100  # parts of one gzip body; what takes more is made to keep us busy

# zlib's window sizes by content coding. "deflate" means zlib's format, but some servers send it bare.
_WINDOWS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15), "": (), "identity": ()}

PAGE: Headers = (("Accept", "text/html,application/xhtml+xml"),)  # for the page of a thread, and for nothing else
MEDIA: Headers = (  # for what a thread shows, and for nothing else; packed by nobody, so that it is as it was posted
    ("Accept", "image/*, video/*, audio/*, */*;q=0.8"),
    ("Accept-Encoding", "identity"),
)

SOURCE = "x-imported-from"  # the header that says out of which file an answer came: its name and digest

_FOLD = re.compile(r"(?<!\s)\s*[\r\n]\s*")  # RFC 9112 section 5.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing to ask for; `auth` is the name of a credential, of which only the client knows the value.

    `reads` is how many things the answer may hold that the host's owner sends a bill for; see `spending`. `into` is
    where the body goes if it is not to be in memory: that of the response is empty then.
    """

    url: str
    method: str = "GET"
    headers: Headers = ()
    body: bytes = b""
    auth: str | None = None
    reads: int = 0
    into: "Sink | None" = field(default=None, compare=False, repr=False)


class Sink(Protocol):
    """Where the body of an answer goes while it comes; one for all tries of a request, which go on where one broke off.

    What it raises as an OSError ends the exchange, as if the host had failed.
    """

    @property
    def limit(self) -> int:
        """How many bytes it takes."""

    def wanted(self) -> Headers:
        """Return the headers that ask for what is still wanted."""

    def takes(self, begun: "Exchange") -> bool:
        """Whether the body of this answer is for it, and not for memory; called before each body."""

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""

    def closed(self, exchange: "Exchange") -> "Exchange":
        """Return the exchange with the file, at the end of a body that it took, however that ended."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A bearer token, and the only host (`example.social`, `localhost:3000`) that may see it."""

    host: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer to a request: `url` is where redirects ended, `body` the bytes as they came over the wire."""

    request: Request
    url: str
    status: int
    headers: Headers
    body: bytes
    fetched_at: datetime

    def header(self, name: str) -> str:
        """Return a header's value, "" where it is absent; several are joined as RFC 9110 section 5.3 says."""
        return header(self.headers, name)

    @property
    def digest(self) -> str:
        """The name of the wire bytes: `sha256:` and the hash in hex."""
        return "sha256:" + hashlib.sha256(self.body).hexdigest()

    @property
    def content(self) -> bytes:
        """The body with its content coding undone. Raises ParseError where it is damaged."""
        return decoded(self.body, self.header("content-encoding"), self.url)

    def json(self) -> Any:
        """Decode the body as JSON. Raises Refused for a web page, ParseError for anything else that is not JSON."""
        content = self.content
        if content.lstrip()[:1] == b"<":
            raise Refused(f"{self.url} answered {self.status} with a web page instead of data{_titled(content)}")
        return self.json_of(content)

    def json_of(self, part: bytes) -> Any:
        """Decode a part of the content as JSON, such as a line. Raises ParseError where it is not JSON."""
        try:
            return json.loads(part)
        except RecursionError:
            raise ParseError(f"{self.url} answered JSON that is nested too deeply to read") from None
        except ValueError as error:
            raise ParseError(f"{self.url} answered {self.status} with damaged JSON ({error})") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request on the wire and what came back, secrets already taken out.

    `seq` numbers the requests of a run, `attempt` the tries of one request, redirects included, from 0.
    `url` is the address on the wire; `request.url` is the one the route asked for. `status` is None where no
    answer came, `complete` is False for a body that was cut; `error` says why ("timeout: …", see `outcome`).
    `body` holds the wire bytes: transfer framing removed, content coding kept; where they went into a `file`, none.
    `peer` is the address at the other end, `tls` the protocol ("TLSv1.3"), `certificate` the SHA-256 of the host's own
    one, in hex.
    """

    request: Request
    seq: int
    attempt: int
    url: str
    request_headers: Headers
    started_at: datetime
    finished_at: datetime
    status: int | None = None
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""
    complete: bool = True
    error: str = ""
    peer: str = ""
    tls: str = ""
    certificate: str = ""
    file: StoredFile | None = None


Send = Callable[[Request], Response]
Keep = Callable[[Exchange], None]


def header(headers: Headers, name: str) -> str:
    """Return a header's value, "" where it is absent, several joined with a comma; always one line."""
    return ", ".join(_FOLD.sub(" ", value) for key, value in headers if key.lower() == name.lower())


def is_page(headers: Headers) -> bool:
    """Whether a thread's page was asked for, which is kept and never parsed."""
    return header(headers, "accept") == PAGE[0][1]


def is_media(headers: Headers) -> bool:
    """Whether it was asked for what a thread shows, or for the way there."""
    return header(headers, "accept") == MEDIA[0][1]


def is_beside(headers: Headers) -> bool:
    """Whether it was asked for something that no route asks for: a page, media."""
    return is_page(headers) or is_media(headers)


def is_part(exchange: Exchange) -> bool:
    """Whether what came is only a part of a file, and not kept apart from it."""
    return exchange.file is not None and not exchange.file.sha256


def decoded(body: bytes, coding: str, url: str) -> bytes:
    """Undo gzip and deflate, the codings that we ask for. Raises ParseError for any other, and for damage."""
    windows = _WINDOWS.get(coding.strip().lower())
    if windows is None:
        raise ParseError(f"{url} answered in a content coding that we did not ask for ({coding})")
    if not windows or not body:
        return body
    for window in windows:
        try:
            return _inflated(body, window, url)
        except zlib.error:
            continue
    raise ParseError(f"{url} answered with damaged {coding} data")


def _inflated(body: bytes, window: int, url: str) -> bytes:
    content = bytearray()
    for _ in range(MEMBERS):  # RFC 1952 section 2.2: gzip data may be several members, one after the other
        inflater = zlib.decompressobj(window)
        content += inflater.decompress(body, LARGEST_CONTENT + 1 - len(content))
        if len(content) > LARGEST_CONTENT:
            raise ParseError(f"{url} answered with data that unpack to more than {LARGEST_CONTENT >> 20} MB")
        if not inflater.eof:
            raise zlib.error("the end is missing")
        body = inflater.unused_data
        if not body:
            return bytes(content)
    raise zlib.error("members without end")


def _titled(content: bytes) -> str:
    # Imported here: few runs ever meet a block page, and the library costs more than all of ours to load.
    from bs4 import BeautifulSoup

    title = BeautifulSoup(content[:200_000], "html.parser").title
    text = " ".join(title.get_text().split()) if title else ""
    return f' ("{text[:80]}")' if text else ""
