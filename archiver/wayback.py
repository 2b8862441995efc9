"""The Wayback Machine: which captures of an address it has, and the bytes of one.

https://archive.org/developers/wayback-cdx-server.html, https://www.rfc-editor.org/rfc/rfc7089 (Memento). Archives that
run pywb answer the same two questions; their index gives an object a line, and has no pages.
"""

import re
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from archiver.errors import Refused
from archiver.http.message import Request, Response

ROUTE = "wayback"  # what routes call it as a source
INDEX = "https://web.archive.org/cdx/search/cdx"
REPLAY = "https://web.archive.org/web"
ROWS = 5000  # captures that one answer of the index lists
FORM = "%Y%m%d%H%M%S"
FAR = timedelta(days=1)  # a page may change, and what is found so near is mostly another capture of the same visit

_OTHER_NAMES = {"url": "original", "mime": "mimetype", "status": "statuscode"}  # as pywb calls the columns
_EXCLUDED = "AdministrativeAccessControlException"
_AS_STORED = re.compile(r"/[0-9]{14}id_/")
_TIMESTAMP = re.compile(r"[0-9]{14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One visit to an address, as the index lists it; `length` counts the bytes of the packed record."""

    timestamp: str
    original: str
    mime: str = ""
    status: str = ""
    digest: str = ""
    length: int = 0

    @property
    def time(self) -> datetime:
        """When it was made."""
        return datetime.strptime(self.timestamp, FORM).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a capture holds. `capture` is the one that was replayed, which need not be the one that was asked for."""

    capture: Capture
    response: Response

    @property
    def captured_at(self) -> datetime:
        """When the archive saw it so."""
        return self.capture.time

    @property
    def address(self) -> str:
        """Where a person can look at it: in the archive that answered, with its frame around."""
        return _AS_STORED.sub(f"/{self.capture.timestamp}/", self.response.url, count=1)


def captures(
    url: str, *, prefix: bool, since: datetime | None = None, until: datetime | None = None, status: str = ""
) -> Generator[Request, Response, list[Capture]]:
    """List the captures of an address, or of all that begin with it, made from `since` on and before `until`.

    `status` leaves out all but those that answered so. Raises Refused where the archive shows none on principle.
    """
    query = {"url": url, "matchType": "prefix" if prefix else "exact", "output": "json"}
    query |= {"from": f"{since:{FORM}}"} if since else {}
    query |= {"to": f"{until - timedelta(seconds=1):{FORM}}"} if until else {}
    query |= {"filter": f"statuscode:{status}"} if status else {}
    query |= {"limit": str(ROWS), "showResumeKey": "true"}
    captures_by_time: dict[tuple[str, str, str], Capture] = {}
    keys: list[str] = []
    while True:
        response = yield Request(url=f"{INDEX}?{urlencode(query)}")
        rows, key = _table(response)
        for capture in _readable(rows):
            captures_by_time.setdefault((capture.timestamp, capture.original, capture.digest), capture)
        if not key and len(rows) >= ROWS and query.pop("limit", ""):
            continue  # an index without keys, such as pywb's, stops at its limit and does not say so
        if not key or key in keys:
            return [capture for capture in captures_by_time.values() if status in ("", capture.status)]
        keys.append(key)
        query["resumeKey"] = key


def stored_at(url: str, timestamp: str) -> str:
    """Return where the archive has an address as it was stored at a time, or at the nearest time to it."""
    return f"{REPLAY}/{timestamp}id_/{url.replace('#', '%23')}"


def is_replayed(response: Response) -> bool:
    """Whether an answer is a capture. If not, it is the archive's own: not archived, excluded."""
    return _made_at(response) is not None


def replay(capture: Capture) -> Generator[Request, Response, Page | None]:
    """Fetch a capture as it was stored, whatever its status; None where the archive cannot show this one."""
    response = yield Request(url=stored_at(capture.original, capture.timestamp))
    made_at = _made_at(response)
    if made_at is None or abs(made_at - capture.time) > FAR:
        return None
    return Page(capture=replace(capture, timestamp=f"{made_at:{FORM}}"), response=response)


def _made_at(response: Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.header("memento-datetime")).astimezone(UTC)
    except ValueError:
        return None


def _table(response: Response) -> tuple[list[dict[str, Any]], str]:
    """Return the rows of an answer by the names of their columns, and the key to the next ones, "" for the end."""
    content = response.content.strip()
    if _EXCLUDED.encode() in content or _EXCLUDED in response.header("x-archive-wayback-runtime-error"):
        raise Refused(f"{response.url} answered {response.status}: the archive shows nobody its captures of this site")
    if response.status != 200:
        raise Refused(f"{response.url} answered {response.status}; this index of captures cannot be asked so")
    if content[:1] == b"{":
        return list(map(response.json_of, filter(bytes.strip, content.splitlines()))), ""
    rows = response.json() if content else []
    end = rows.index([]) if [] in rows else len(rows)
    key = rows[end + 1][0] if len(rows) > end + 1 else ""
    return [dict(zip(rows[0], row, strict=False)) for row in rows[1:end]], key


def _readable(rows: Iterable[Mapping[str, Any]]) -> Iterable[Capture]:
    """Yield the captures of a table, rows without a usable time left out."""
    for row in rows:
        fields = {_OTHER_NAMES.get(name, name): value for name, value in row.items()}
        length = str(fields.get("length"))
        capture = Capture(
            timestamp=str(fields["timestamp"]),
            original=fields["original"],
            mime=fields.get("mimetype") or "",
            status=fields.get("statuscode") or "",
            digest=fields.get("digest") or "",
            length=int(length) if length.isdecimal() else 0,
        )
        if _is_time(capture.timestamp):
            yield capture


def _is_time(timestamp: str) -> bool:
    if not _TIMESTAMP.fullmatch(timestamp):
        return False
    try:
        datetime.strptime(timestamp, FORM)
    except ValueError:
        return False
    return True
