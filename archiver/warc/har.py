"""A HAR file, which browsers write of what they loaded: http://www.softwareishard.com/blog/har-12-spec/

Its texts are unpacked already, and text stands as text: the bytes of the wire are not in it. What a browser sent to
name its user (cookies, tokens) is taken out before anything is kept.
"""

import base64
import json
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from archiver.errors import SHAPE_ERRORS, NetworkError, UsageError
from archiver.files import source_of
from archiver.http.message import Exchange, Headers, Request
from archiver.http.outcome import LARGEST
from archiver.model import utc
from archiver.warc.answers import UNDONE
from archiver.warc.collection import Collection, Held

LARGEST_FILE = 1 << 28  # bytes; read as JSON it takes several times that in memory

_FRAMES = {"content-encoding": UNDONE, "transfer-encoding": "x-archive-orig-transfer-encoding"}


def read_har(path: Path) -> Collection:
    """Open a HAR file. Raises UsageError where it cannot be read or holds no answer."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError(f"{path} is larger than {LARGEST_FILE >> 20} MB; save less into it")
        document = json.loads(path.read_bytes())
        entries = document["log"]["entries"]
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror or error})") from error
    except (*SHAPE_ERRORS, RecursionError) as error:
        raise UsageError(f"{path} is no HAR file that a browser has saved, or a damaged one") from error
    collection = Collection(name=path.name, source=source_of(path))
    for entry in entries if isinstance(entries, list) else ():
        try:
            collection.answers.append(_held(entry, path.name))
        except SHAPE_ERRORS:
            collection.damages += 1
    if not collection.answers:
        raise UsageError(f"{path} holds no answer of a web server that can be read")
    collection.pages = _pages(document)
    return collection


def _held(entry: dict[str, Any], name: str) -> Held:
    request, response = entry["request"], entry["response"]
    url, status, at = str(request["url"]), int(response["status"]), utc(entry["startedDateTime"])
    mime = str(response["content"].get("mimeType", "")).lower()
    return Held(
        method=str(request["method"]),
        url=url,
        at=at,
        status=status,
        mime=mime,
        load=partial(_exchange, entry, url, status, at, name),
    )


def _exchange(entry: dict[str, Any], url: str, status: int, at: datetime, name: str) -> Exchange:
    """Read an entry. Raises NetworkError where the browser had no answer, or did not write its text down."""
    request, response = entry["request"], entry["response"]
    if not status:
        raise NetworkError(f"{url} had no answer when {name} was made")
    content = response["content"]
    if "text" not in content and content.get("size"):
        raise NetworkError(f"{url} is in {name} without its text; save the HAR again, with content")
    try:
        text = str(content.get("text", ""))
        body = (
            base64.b64decode(text, validate=True)
            if content.get("encoding") == "base64"
            else text.encode("utf-8", "replace")
        )
        headers = _headers(response)
        return Exchange(
            request=Request(
                url=url,
                method=str(request["method"]),
                body=str((request.get("postData") or {}).get("text", "")).encode(),
            ),
            seq=0,
            attempt=0,
            url=url,
            request_headers=_headers(request),
            started_at=at,
            finished_at=at,
            status=status,
            reason=str(response.get("statusText", "")),
            headers=tuple((_FRAMES.get(key.lower(), key), value) for key, value in headers),
            body=body[:LARGEST],
            complete=len(body) <= LARGEST,
            error="" if len(body) <= LARGEST else "too large: more than anybody posts",
            peer=str(entry.get("serverIPAddress", "")).strip("[]"),
        )
    except SHAPE_ERRORS as error:
        raise NetworkError(
            f"{url} stands in {name} in an unknown shape ({type(error).__name__}: {error})"[:300]
        ) from error


def _headers(message: dict[str, Any]) -> Headers:
    pairs = ((str(item["name"]), str(item["value"])) for item in message.get("headers", ()))
    return tuple((name, value) for name, value in pairs if name and not name.startswith(":"))


def _pages(log: dict[str, Any]) -> list[str]:
    """Return the addresses of the pages that were looked at, where their titles are such."""
    pages = log["log"].get("pages")
    titles = (str(page.get("title", "")) for page in pages if isinstance(page, dict)) if isinstance(pages, list) else ()
    return [title for title in titles if title.startswith(("https://", "http://"))]
