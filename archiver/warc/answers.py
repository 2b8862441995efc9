"""A recorded HTTP message -> what it says: framing undone, and content codings that only some can read."""

import importlib
import io
import re
from dataclasses import dataclass, replace
from typing import Any

from archiver.errors import ParseError
from archiver.http.message import LARGEST_CONTENT, Headers, header

HEAD = 1 << 18  # bytes of a head
FRAMING = "Transfer-Encoding"
_RENAMED = {f"x-archive-orig-{name.lower()}": name for name in (FRAMING, "Content-Length")}
UNDONE = "x-archive-orig-content-encoding"  # the coding that a body had when it came, and has no more

_FIRST = re.compile(r"HTTP/\d[\d.]* +(\d{3})(?: (.*))?")
_ASKED = re.compile(r"([A-Z]+) (\S+)(?: HTTP/\S+)?")
_END = re.compile(rb"\r?\n\r?\n")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r?\n")
_FOLDED = re.compile(r"\r?\n[ \t]+")
_ZLIBS = ("gzip", "x-gzip")
_OTHERS = {"br": "brotli", "zstd": "zstandard"}  # by the packages that undo them
_STEP = 256  # packed bytes that are given to brotli at once: it cannot be told how much may come out


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response: body without framing, headers as they came but for what is said of that."""

    status: int
    reason: str
    headers: Headers
    body: bytes
    complete: bool


def read_answer(block: bytes) -> Answer | None:
    """Read a response with its head; None for what is no HTTP."""
    first, headers, body = _split(block)
    line = _FIRST.fullmatch(first)
    if not line:
        return None
    complete = True
    if "chunked" in header(headers, FRAMING).lower():
        body, complete = dechunked(body)
    headers = tuple((_RENAMED.get(name.lower(), name), value) for name, value in headers)
    return Answer(status=int(line[1]), reason=line[2] or "", headers=headers, body=body, complete=complete)


def read_request(block: bytes) -> tuple[str, Headers, bytes]:
    """Return method, headers and body of a request; GET for what is none."""
    first, headers, body = _split(block)
    line = _ASKED.fullmatch(first)
    return (line[1], headers, body) if line else ("GET", (), b"")


def dechunked(body: bytes) -> tuple[bytes, bool]:
    """Return a body without its chunk framing, and whether it is whole; one that is not framed stays as it is."""
    content, position = bytearray(), 0
    while match := _SIZE.match(body, position):
        size = int(match[1], 16)
        chunk = body[match.end() : match.end() + size]
        content += chunk
        position = match.end() + size
        if not size:
            return bytes(content), True
        if len(chunk) < size:
            return bytes(content), False
        position += 2 if body.startswith(b"\r\n", position) else body.startswith(b"\n", position)
    return (bytes(content), False) if content else (body, True)


def readable(answer: Answer, url: str) -> Answer:
    """Undo a coding that this program does not ask for, and so could not undo later.

    Raises ParseError where the package for it is not installed, or the data are damaged or a bomb.
    """
    coding = header(answer.headers, "content-encoding").strip().lower()
    if not coding or not answer.body:
        return answer
    if coding in _ZLIBS and not answer.body.startswith(b"\x1f\x8b"):
        return _without(answer, answer.body)  # whoever recorded it has unpacked it, and left the header
    if coding not in _OTHERS:
        return answer
    return _without(answer, _undone(answer.body, coding, url))


def _without(answer: Answer, body: bytes) -> Answer:
    headers = tuple((UNDONE if name.lower() == "content-encoding" else name, value) for name, value in answer.headers)
    return replace(answer, headers=headers, body=body)


def _undone(body: bytes, coding: str, url: str) -> bytes:
    package = _OTHERS[coding]
    try:
        library = importlib.import_module(package)
    except ImportError:
        raise ParseError(
            f"{url} is packed with {package} in this file, which nothing here can unpack; "
            f"try: pip install {package}, and import it again"
        ) from None
    try:
        content = _unbrotli(library, body) if coding == "br" else _unzstd(library, body)
    except Exception as error:  # each library has an error of its own
        raise ParseError(f"{url} holds damaged {package} data ({' '.join(str(error).split())})") from error
    if len(content) > LARGEST_CONTENT:
        raise ParseError(f"{url} unpacks to more than {LARGEST_CONTENT >> 20} MB")
    return content


def _unbrotli(library: Any, body: bytes) -> bytes:
    unpacker, content = library.Decompressor(), bytearray()
    for start in range(0, len(body), _STEP):
        content += unpacker.process(body[start : start + _STEP])
        if len(content) > LARGEST_CONTENT:
            break
    else:
        if not unpacker.is_finished():
            raise ValueError("the end is missing")
    return bytes(content)


def _unzstd(library: Any, body: bytes) -> bytes:
    with library.ZstdDecompressor().stream_reader(io.BytesIO(body), read_across_frames=True) as reader:
        content: bytes = reader.read(LARGEST_CONTENT + 1)
        return content


def _split(block: bytes) -> tuple[str, Headers, bytes]:
    """Return first line, headers and body of a message."""
    end = _END.search(block, 0, HEAD)
    head = block[: end.start()] if end else block[:HEAD]
    first, *lines = re.split(r"\r?\n", _FOLDED.sub(" ", head.decode("latin-1")))
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon and name.strip())
    return first.rstrip(), headers, block[end.end() :] if end else b""
