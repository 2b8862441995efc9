"""WARC records and threads as a WACZ, which opens in ReplayWeb.page: https://specs.webrecorder.net/wacz/1.1.1/

archive/data.warc.gz      the records
indexes/index.cdx         where each answer stands in it
pages/pages.jsonl         for each thread our own page of it, with its text; then the platform's, if it was captured
datapackage.json          what is in the file, with digests; datapackage-digest.json has its own
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.exporters.markdown import render
from archiver.http.message import header, is_part
from archiver.model import Document
from archiver.threads.assemble import title
from archiver.urls import parts_of
from archiver.warc.own_pages import address
from archiver.warc.write import Record, digest

DATA = "archive/data.warc.gz"
INDEX = "indexes/index.cdx"
PAGES = "pages/pages.jsonl"
PACKAGE, DIGEST = "datapackage.json", "datapackage-digest.json"

_OTHER = re.compile(r"\D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file of the WACZ: its path, and digest and size of its content."""

    path: str
    hash: str
    size: int


def index_line(record: Record, offset: int, length: int) -> str | None:
    """Return a record's line in the index; None for what no viewer asks for: anything but a GET's answer or a file."""
    url, status = header(record.fields, "WARC-Target-URI"), _status(record)
    if not status or not parts_of(url).netloc:
        return None
    fields = {
        "url": url,
        "mime": _mime(record),
        "status": status,
        "digest": header(record.fields, "WARC-Payload-Digest") or digest(b""),
        "length": str(length),
        "offset": str(offset),
        "filename": DATA.rpartition("/")[2],
    }
    return f"{surt(url)} {_OTHER.sub('', record.date)[:14]} {json.dumps(fields)}"


def _status(record: Record) -> str:
    if record.kind in ("resource", "revisit"):
        return "200"
    exchange = record.exchange
    if exchange is None or exchange.request.method != "GET" or is_part(exchange):
        return ""
    return str(exchange.status)


def _mime(record: Record) -> str:
    headers = record.exchange.headers if record.exchange else record.fields
    return header(headers, "content-type").partition(";")[0].strip()


def surt(url: str) -> str:
    """Return an address in the form by which an index is sorted: `com,example)/path?a=1&b=2`."""
    parts = parts_of(url.lower())
    host, colon, port = parts.netloc.rpartition("@")[2].removeprefix("www.").partition(":")
    query = "&".join(sorted(parts.query.split("&")))
    name = host if host.startswith("[") else ",".join(reversed(host.split(".")))
    return f"{name}{colon}{port}){parts.path or '/'}{'?' if query else ''}{query}"


def index(lines: Iterable[str]) -> bytes:
    """Return the index, in the order that its readers search in."""
    return b"".join(sorted(f"{line}\n".encode() for line in lines))


def pages(documents: Iterable[Document], dates: Mapping[str, datetime]) -> bytes:
    """Return the list of pages. `dates` has when pages of platforms were captured."""
    lines: list[dict[str, Any]] = [{"format": "json-pages-1.0", "id": "pages", "title": "Threads", "hasText": True}]
    for document in documents:
        thread, name = document.thread, title(document.thread)
        lines.append({**_page(address(document), name, made_at(document)), "text": render(document)})
        if when := dates.get(thread.url):
            host = parts_of(thread.url).netloc
            lines.append(_page(thread.url, f"{name} – as {host} showed it, without its scripts", when))
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf-8", "replace")


def _page(url: str, name: str, when: datetime) -> dict[str, Any]:
    id_ = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:22]
    return {"id": id_, "url": url, "title": name, "ts": stamp(when)}


def made_at(document: Document) -> datetime:
    """Return the time that our own page of a thread has: when what it shows had come."""
    return document.run.finished_at or document.run.started_at


def package(parts: Iterable[Part], documents: Iterable[Document], software: str, created: datetime) -> bytes:
    """Return what says what is in the file; `created` is when the newest of it came, so that it is always the same."""
    documents = tuple(documents)
    fields: dict[str, Any] = {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": "; ".join(title(document.thread) for document in documents)[:200] or "Captures without a thread",
        "software": software,
        "created": stamp(created),
        "resources": [
            {"name": part.path.rpartition("/")[2], "path": part.path, "hash": part.hash, "bytes": part.size}
            for part in parts
        ],
    }
    if documents:
        fields |= {"mainPageUrl": address(documents[0]), "mainPageDate": stamp(made_at(documents[0]))}
    return (json.dumps(fields, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def package_digest(content: bytes) -> bytes:
    """Return what vouches for the package."""
    return (json.dumps({"path": PACKAGE, "hash": digest(content)}, indent=2) + "\n").encode()


def stamp(moment: datetime) -> str:
    """Return a time as pages and packages have it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
