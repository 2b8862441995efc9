"""Exchanges as rows of the truth, and the way back. Pure: no database here.

Bodies are named by their SHA-256 and kept as they came over the wire: what the server has compressed stays as it is,
the rest is packed. A head is text, one header a line, in the order and the case of the wire.
"""

import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

from archiver.http.message import Exchange, Headers, Request
from archiver.model import utc
from archiver.store.columns import Value, stamp, storable

COLUMNS = (
    *("run", "seq", "attempt", "asked_url", "url", "method", "request_head", "request_body_sha256"),
    *("started_at", "finished_at", "status", "reason", "response_head", "body_sha256"),
    *("complete", "error", "peer", "tls", "cert_sha256"),
)

FILE = "file"  # the codec of a body that lies beside the database; `_files` says where

_GZIP = b"\x1f\x8b"


def row_of(exchange: Exchange, run: str) -> tuple[Value, ...]:
    """Return the exchange as a row of `_exchanges`."""
    request = exchange.request
    row = (
        run,
        exchange.seq,
        exchange.attempt,
        request.url,
        exchange.url,
        request.method,
        head_of(exchange.request_headers),
        digest(request.body) if request.body else None,
        stamp(exchange.started_at),
        stamp(exchange.finished_at),
        exchange.status,
        exchange.reason,
        head_of(exchange.headers),
        _name_of(exchange),
        exchange.complete,
        exchange.error,
        exchange.peer,
        exchange.tls,
        exchange.certificate,
    )
    return tuple(map(storable, row))


def bodies_of(exchange: Exchange) -> list[tuple[str, int, str, bytes]]:
    """Return the bodies of the exchange as rows of `_bodies`."""
    bodies = [exchange.request.body] if exchange.request.body else []
    if exchange.status is not None and not exchange.file:
        bodies.append(exchange.body)
    rows = [(digest(body), len(body), *packed(body)) for body in bodies]
    if exchange.file and exchange.file.sha256:
        rows.append((exchange.file.sha256, exchange.file.size, FILE, b""))
    return rows


def _name_of(exchange: Exchange) -> str | None:
    """Return the name of the answer's body, None where there is none, or it is only a part of a file."""
    if exchange.file:
        return exchange.file.sha256 or None
    return None if exchange.status is None else digest(exchange.body)


def exchange_of(row: Mapping[str, Any], request: Request, body: bytes) -> Exchange:
    """Return the exchange that a row and its body stand for, as the answer to this request."""
    return Exchange(
        request=request,
        seq=row["seq"],
        attempt=row["attempt"],
        url=row["url"],
        request_headers=headers_of(row["request_head"]),
        started_at=utc(row["started_at"]),
        finished_at=utc(row["finished_at"]),
        status=row["status"],
        reason=row["reason"],
        headers=headers_of(row["response_head"]),
        body=body,
        complete=bool(row["complete"]),
        error=row["error"],
        peer=row["peer"],
        tls=row["tls"],
        certificate=row["cert_sha256"],
    )


def digest(body: bytes) -> str:
    """Return the name of a body: its SHA-256 in hex."""
    return hashlib.sha256(body).hexdigest()


def packed(body: bytes) -> tuple[str, bytes]:
    """Return the codec and the bytes to store: as it is where the server has compressed it or packing gains nothing."""
    if not body.startswith(_GZIP):
        smaller = zlib.compress(body)
        if len(smaller) < len(body):
            return "zlib", smaller
    return "raw", body


def unpacked(codec: str, data: bytes) -> bytes:
    """Undo `packed`; of a body that is withheld, return what is left."""
    return data if codec == "raw" else zlib.decompress(data)


def head_of(headers: Headers) -> str:
    """Return headers as text; a line break within a value is folded as in RFC 9112 section 5.2."""
    return "".join(f"{name}: {_folded(value)}\n" for name, value in headers)


def headers_of(head: str) -> Headers:
    """Undo `head_of`."""
    lines = head.replace("\n ", "\0").split("\n")[:-1]
    pairs = (line.partition(": ") for line in lines)
    return tuple((name, value.replace("\0", "\n")) for name, _, value in pairs)


def _folded(value: str) -> str:
    return value.replace("\n", "\n ")
