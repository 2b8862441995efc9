"""A page that was saved as a file, as the answer to the request for it."""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from pathlib import Path

from archiver.errors import UsageError
from archiver.files import source_of
from archiver.http.answering import answering
from archiver.http.message import Exchange, Keep, Request, Send
from archiver.http.outcome import LARGEST
from archiver.text.tokens import attributes_of, tokens
from archiver.warc.collection import Collection, Held

LARGEST_HEAD = 1 << 20  # bytes in which a page's own address is looked for
_SAVED = re.compile(r"<!-- saved from url=\(\d{4}\)(https?://[^\s<>]+) -->")  # as Chrome, Edge and Internet Explorer do


def address_of(path: Path) -> str:
    """Return where a saved page is from, as the browser that saved it or the page itself says; "" where neither does.

    Raises UsageError for a file that cannot be read.
    """
    head = _content(path)[:LARGEST_HEAD].decode("utf-8", "replace")
    if saved := _SAVED.search(head):
        return unescape(saved[1])
    metas = [attributes_of(attributes) for name, attributes in tokens(head) if name in ("link", "meta")]
    canonical = (meta.get("href", "") for meta in metas if meta.get("rel", "").lower() == "canonical")
    return next((url for url in (*canonical, *(meta["content"] for meta in metas if _is_address(meta))) if url), "")


def _is_address(meta: dict[str, str]) -> bool:
    return meta.get("property") == "og:url" and "content" in meta


def collection_of(path: Path, url: str, at: datetime) -> Collection:
    """Return a saved page as all that somebody captured: the answer of `url`, which the file alone dates, by `at`.

    Raises UsageError for a file that cannot be read.
    """
    exchange = _answer(Request(url=url), _content(path), at)
    answer = Held(method="GET", url=url, at=at, status=200, mime="text/html", load=lambda: exchange)
    return Collection(name=path.name, source=source_of(path), answers=[answer])


def sender(path: Path, keep: Keep, clock: Callable[[], datetime]) -> Send:
    """Return a `Send` that answers with the file's bytes. Raises UsageError for a file that cannot be read."""
    body = _content(path)
    return answering(lambda request: [_answer(request, body, clock())], keep)


def _answer(request: Request, body: bytes, at: datetime) -> Exchange:
    return Exchange(
        request=request,
        seq=0,
        attempt=0,
        url=request.url,
        request_headers=(),
        started_at=at,
        finished_at=at,
        status=200,
        body=body,
    )


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})") from error
    if len(body) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST >> 20} MB; that is no saved page")
    return body
