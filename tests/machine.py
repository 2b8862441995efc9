"""A web archive in a test: it has a few captures, and answers for its index and for replays as the real ones do."""

import json
import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import islice
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from samples import NOON

from archiver.errors import ArchiverError
from archiver.http.message import Headers, Request, Response
from archiver.wayback import INDEX, REPLAY

Result = TypeVar("Result")


def run(call: Generator[Request, Response, Result], send: object) -> Result:
    """Drive a call to its result; errors of `send` are thrown in."""
    assert callable(send)
    try:
        request = next(call)
        while True:
            try:
                response = send(request)
            except ArchiverError as error:
                request = call.throw(error)
            else:
                request = call.send(response)
    except StopIteration as stop:
        result: Result = stop.value
        return result


def answer(request: Request, body: str | bytes = b"", status: int = 200, headers: Headers = ()) -> Response:
    """An answer at NOON."""
    content = body.encode() if isinstance(body, str) else body
    return Response(request=request, url=request.url, status=status, headers=headers, body=content, fetched_at=NOON)


@dataclass(frozen=True, slots=True)
class Kept:
    """One capture that the archive holds."""

    timestamp: str
    url: str
    body: str | bytes | ArchiverError = ""
    mime: str = "text/html"
    status: str = "200"
    replayed: str = ""  # the time of the one that is shown in its place
    digest: str = ""

    @property
    def row(self) -> list[str]:
        size = len(self.body) if isinstance(self.body, str | bytes) else 0
        key = self.url.partition("://")[2]
        return [key, self.timestamp, self.url, self.mime, self.status, self.digest or self.timestamp, str(size)]


@dataclass(slots=True)
class Machine:
    """A `Send`. Its index gives `page` rows an answer and a key to the next; with `lines` it answers as pywb does."""

    kept: Iterable[Kept] = ()
    lines: bool = False
    page: int = 1000
    asked: list[str] = field(default_factory=list)

    COLUMNS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
    PYWB = ("urlkey", "timestamp", "url", "mime", "status", "digest", "length")

    def __call__(self, request: Request) -> Response:
        if request.url.startswith(f"{INDEX}?"):
            return self._index(request)
        found = re.fullmatch(re.escape(REPLAY) + r"/(\d{14})id_/(.+)", request.url)
        assert found, request.url
        self.asked.append(found[0].removeprefix(f"{REPLAY}/"))
        for kept in self.kept:
            if (kept.timestamp, kept.url) == (found[1], found[2]):
                return self._replay(request, kept)
        return answer(request, "<title>Wayback Machine</title>", 404)

    def _replay(self, request: Request, kept: Kept) -> Response:
        if isinstance(kept.body, ArchiverError):
            raise kept.body
        made = datetime.strptime(kept.replayed or kept.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        headers = (("Memento-Datetime", format_datetime(made, usegmt=True)), ("Content-Type", kept.mime))
        return answer(request, kept.body, int(kept.status) if kept.status.isdecimal() else 200, headers)

    def _index(self, request: Request) -> Response:
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
        self.asked.append(query["url"] + ("*" if query["matchType"] == "prefix" else ""))
        rows = [kept.row for kept in self.kept if self._matches(kept, query)]
        if self.lines:
            objects = (json.dumps(dict(zip(self.PYWB, row, strict=True))) for row in rows)
            return answer(request, "".join(f"{line}\n" for line in islice(objects, int(query.get("limit", len(rows))))))
        begin = int(query.get("resumeKey", "0"))
        table: list[list[str]] = rows[begin : begin + self.page]
        more = [[], [str(begin + self.page)]] if len(rows) > begin + self.page else []
        return answer(request, json.dumps([list(self.COLUMNS), *table, *more] if rows else []))

    @staticmethod
    def _matches(kept: Kept, query: dict[str, str]) -> bool:
        address = re.sub(r"^https?://(www\.)?", "", kept.url).lower()
        wanted = query["url"].lower()
        fits = address.startswith(wanted) if query["matchType"] == "prefix" else address == wanted
        status = query.get("filter", "").removeprefix("statuscode:")
        times = query.get("from", "") <= kept.timestamp <= query.get("to", "9")
        return fits and times and status in ("", kept.status)
