"""What came, as WARC records: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/

    warcinfo    for each run: who asked for what, with which tool, how it ended, and its place in the ledger
    resource    the run's manifest, over whose digest the ledger's hash is made
    request     ─┐
    response     ├ for each time on the wire: redirects, refusals and retries too
    metadata    ─┘ what neither of them can say; for a try without an answer it stands in the answer's place
    resource    each file that no single answer gave: it came in several parts, or was made here, as playlists are

Bodies are as they are kept: content coding untouched, transfer framing removed (its header gets another name, or a
reader would look for the framing). Files are read twice, to sum up and to write, and never held. The same runs give
the same bytes: ids are made from what they name.
"""

import hashlib
import json
import re
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from archiver.http.message import Exchange, Headers, is_part
from archiver.ledger import Entry
from archiver.model import Run, StoredFile
from archiver.urls import parts_of

VERSION = "WARC/1.1"
RENAMED = "X-Archive-Orig-"  # before the names of headers that are true of the wire, and not of the record
FIELDS = "application/warc-fields"
PREFIX = "archiver-"  # of the fields in a block that are nobody's but ours

_OURS = uuid.UUID("6f2b1a1e-6d0c-5a57-9d3c-0d6c3f2a7b11")
_TIGHT, _LIGHT = 9, 1  # how hard to pack: films and pictures are packed already
_TIMES = frozenset(("timeout", "too slow"))
_UNWRITABLE = re.compile(r"[^\x21-\x7e]")
_BREAK = re.compile(r"\r\n|\r|\n")

Read = Callable[[StoredFile], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that no answer of its run gave whole, and when it was; `url` is an address that gave it in parts.

    `kind` is its media type, in the words of the host; both are "" where nobody told.
    """

    held: StoredFile
    at: datetime
    url: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """A run and all that came in it; `entry` seals the manifest, None where the run is not sealed yet.

    `read` gives what is in a file, in pieces.
    """

    run: Run
    asked: Mapping[str, Any]
    exchanges: Iterable[Exchange]
    wholes: Iterable[Whole] = ()
    read: Read
    entry: Entry | None = None
    manifest: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: `kind` is its WARC-Type, `fields` are those beside type, id, length and digest of the block.

    The block is `block`, and what is in the `file` behind it; `digest` is of all that. `exchange` is what a response
    record is the answer of, None for any other record.
    """

    kind: str
    id: str
    date: str
    fields: Headers
    block: bytes
    digest: str
    file: StoredFile | None = None
    exchange: Exchange | None = None


def records(captured: Captured) -> Iterator[Record]:
    """Yield the records of a run, in the order in which it went."""
    first = info(captured)
    yield first
    own: Headers = (("WARC-Warcinfo-ID", first.id),)
    if captured.manifest:
        fields: Headers = (
            *own,
            ("WARC-Target-URI", f"urn:uuid:{captured.run.id}"),
            ("WARC-Payload-Digest", digest(captured.manifest)),
            ("Content-Type", "application/json"),
        )
        yield new_record("resource", _when(captured), fields, captured.manifest, captured.run.id)
    for exchange in captured.exchanges:
        for record in of_exchange(exchange, captured):
            yield replace(record, fields=(*own, *record.fields))
    for file in captured.wholes:
        record = _of_whole(file, captured)
        yield replace(record, fields=(*own, *record.fields))


def written(record: Record, read_file: Read) -> Iterator[bytes]:
    """Yield a record as it stands in a file, in a gzip member of its own."""
    head: list[tuple[str, str]] = [
        ("WARC-Type", record.kind),
        ("WARC-Record-ID", record.id),
        ("WARC-Date", record.date),
        *record.fields,
        ("WARC-Block-Digest", record.digest),
        ("Content-Length", str(len(record.block) + (record.file.size if record.file else 0))),
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in head)
    packer = zlib.compressobj(_LIGHT if record.file else _TIGHT, wbits=31)  # a gzip member without a time
    yield packer.compress(f"{VERSION}\r\n{lines}\r\n".encode())
    for piece in _pieces(record.block, record.file, read_file):
        yield packer.compress(piece)
    yield packer.compress(b"\r\n\r\n") + packer.flush()


def digest(data: bytes) -> str:
    """Return how the digest of bytes is written."""
    return _digest([data])


def _digest(pieces: Iterable[bytes]) -> str:
    sha256 = hashlib.sha256()
    for piece in pieces:
        sha256.update(piece)
    return f"sha256:{sha256.hexdigest()}"


def _pieces(block: bytes, file: StoredFile | None, read_file: Read) -> Iterator[bytes]:
    yield block
    if file:
        yield from read_file(file)


def target(url: str) -> str:
    """Return an address as a record may have it: what is no sign of a URI is escaped."""
    return _UNWRITABLE.sub(lambda sign: quote(sign[0], errors="replace"), url)


def time(moment: datetime) -> str:
    """Return a time as WARC 1.1 has it, to the microsecond where it is known so exactly."""
    return moment.replace(tzinfo=None).isoformat() + "Z"


def info(captured: Captured) -> Record:
    """Return the record that says of a run who asked for what, how it ended, and where the ledger seals it."""
    run, entry = captured.run, captured.entry
    fields = {
        "software": run.tool,
        "operator": run.operator,
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "description": _description(run),
        f"{PREFIX}run": run.id,
        f"{PREFIX}url": run.url,
        f"{PREFIX}asked": json.dumps(dict(captured.asked), sort_keys=True),
        f"{PREFIX}started": time(run.started_at),
        f"{PREFIX}finished": time(run.finished_at) if run.finished_at else "",
        f"{PREFIX}outcome": run.outcome,
    }
    if entry:
        fields |= {
            "isPartOf": f"urn:uuid:{entry.log}",
            f"{PREFIX}receipt": entry.receipt,
            f"{PREFIX}manifest-sha256": entry.manifest_sha256,
            f"{PREFIX}ledger-prev": entry.prev,
        }
    return new_record("warcinfo", _when(captured), (("Content-Type", FIELDS),), fields_of(fields), run.id)


def _description(run: Run) -> str:
    if run.imported:
        return (
            f"What {run.imported} had of {run.url}; that {run.imported_from} alone vouches for where and when it came"
        )
    return f"All that came when {run.url} was archived"


def _when(captured: Captured) -> str:
    return time(captured.run.started_at)


def place_of(run: str, exchange: Exchange) -> str:
    """Return by what the records of an exchange are named."""
    return f"{run} {exchange.seq} {exchange.attempt}"


def of_exchange(exchange: Exchange, captured: Captured) -> Iterator[Record]:
    """Yield the request, the answer if there is one, and what neither of them can say."""
    run = captured.run.id
    place = place_of(run, exchange)
    date, peer = time(exchange.started_at), (("WARC-IP-Address", exchange.peer),) if exchange.peer else ()
    common: Headers = (("WARC-Target-URI", target(exchange.url)), *peer)
    request = new_record(
        "request",
        date,
        (
            *common,
            *_payload(exchange, digest(exchange.request.body) if exchange.request.body else ""),
            ("Content-Type", "application/http; msgtype=request"),
        ),
        _request(exchange),
        place,
    )
    answered = _response(exchange, date, common, place, captured.read) if exchange.status is not None else None
    if answered:
        yield replace(request, fields=(("WARC-Concurrent-To", answered.id), *request.fields))
        yield answered
    else:
        yield request
    about = answered or request
    fields = (*common, ("WARC-Concurrent-To", about.id), ("Content-Type", FIELDS))
    yield new_record("metadata", date, fields, fields_of(_told(exchange, run)), place)


def _response(exchange: Exchange, date: str, common: Headers, place: str, read_file: Read) -> Record:
    moved = ("transfer-encoding", "content-length" if is_part(exchange) else "")
    head = ((RENAMED + name.title() if name.lower() in moved else name, value) for name, value in exchange.headers)
    block = _http(f"HTTP/1.1 {exchange.status} {exchange.reason}", tuple(head), exchange.body)
    file = None if is_part(exchange) else exchange.file
    cut: Headers = (
        () if exchange.complete and not is_part(exchange) else (("WARC-Truncated", _truncated(exchange.error)),)
    )
    came = f"sha256:{file.sha256}" if file else digest(exchange.body) if exchange.body else ""
    kind = ("Content-Type", "application/http; msgtype=response")
    record = new_record(
        "response", date, (*common, *_payload(exchange, came), *cut, kind), block, place, file, read_file
    )
    return replace(record, exchange=exchange)


def _of_whole(file: Whole, captured: Captured) -> Record:
    name, kind = file.held.sha256, " ".join(file.kind.split()) or "application/octet-stream"
    url = target(file.url) if file.url else f"urn:sha256:{name}"
    fields = (("WARC-Target-URI", url), ("WARC-Payload-Digest", f"sha256:{name}"), ("Content-Type", kind))
    return new_record("resource", time(file.at), fields, b"", captured.run.id, file.held, captured.read)


def _request(exchange: Exchange) -> bytes:
    parts = parts_of(exchange.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    path_asked = path if parts.netloc else exchange.url
    return _http(
        f"{exchange.request.method} {target(path_asked)} HTTP/1.1", exchange.request_headers, exchange.request.body
    )


def _http(first: str, headers: Headers, body: bytes) -> bytes:
    lines = (_BREAK.sub("\r\n ", f"{name}: {value}") for name, value in headers)
    return _latin("".join(f"{line}\r\n" for line in (" ".join(first.split("\n")), *lines))) + b"\r\n" + body


def _latin(text: str) -> bytes:
    """Headers come as Latin-1, which is how Python reads the wire; what does not fit was never on one."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _told(exchange: Exchange, run: str) -> dict[str, str]:
    return {
        f"{PREFIX}run": run,
        f"{PREFIX}seq": str(exchange.seq),
        f"{PREFIX}attempt": str(exchange.attempt),
        f"{PREFIX}asked-url": exchange.request.url,
        f"{PREFIX}finished": time(exchange.finished_at),
        f"{PREFIX}complete": "yes" if exchange.complete else "no",
        f"{PREFIX}error": exchange.error,
        f"{PREFIX}tls": exchange.tls,
        f"{PREFIX}certificate-sha256": exchange.certificate,
    }


def _truncated(error: str) -> str:
    """Return why a body is cut, in one of the words that WARC has for it."""
    name = error.partition(":")[0]
    if not error:
        return "unspecified"
    if name in ("too large", "over the limit"):
        return "length"
    return "time" if name in _TIMES else "disconnect"


def _payload(exchange: Exchange, payload: str) -> Headers:
    """Return the digest of a body, if there is one; readers take HTTP apart at addresses of the web only."""
    return (("WARC-Payload-Digest", payload),) if payload and exchange.url.startswith(("http:", "https:")) else ()


def fields_of(values: Mapping[str, str]) -> bytes:
    """Return a block of fields; those without a value are left out."""
    lines = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in values.items() if value)
    return lines.encode("utf-8", "replace")


def new_record(
    kind: str,
    date: str,
    fields: Headers,
    block: bytes,
    place: str,
    file: StoredFile | None = None,
    read_file: Read = lambda held: (),
) -> Record:
    """Return a record, named by what is in it and by its `place`, so that the same gives the same bytes."""
    block_digest = _digest(_pieces(block, file, read_file))
    id_ = record_id(kind, place, date, block_digest)
    return Record(kind=kind, id=id_, date=date, fields=fields, block=block, digest=block_digest, file=file)


def record_id(kind: str, place: str, date: str, block: str) -> str:
    """Return the id of a record, by the digest of its block and what it is."""
    return f"<urn:uuid:{uuid.uuid5(_OURS, f'{kind} {place} {date} {block}')}>"
