"""WARC and WACZ files as a `Collection`: read once to the end, what may be asked for goes into a temporary file.

warcinfo    of our own exports: a run, with what it was asked
response    an answer; its request tells the method, its metadata (in our exports) which request of the run it was
revisit     an answer whose body another record has
resource    a file without an answer around it
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import IO

from archiver.http.message import Exchange, Headers, Request, header
from archiver.http.outcome import LARGEST
from archiver.model import utc
from archiver.options import Options
from archiver.warc.answers import Answer, read_answer, read_request, readable
from archiver.warc.collection import Held, Visit
from archiver.warc.records import Record

PREFIX = "archiver-"  # of the fields that our own exports have
MANY = 500_000  # answers that are kept track of

_NEVER_ASKED = ("image/", "video/", "audio/", "font/", "text/css", "text/javascript", "application/javascript")
_ANSWERS = ("response", "revisit", "resource")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a record is in the temporary file, its fields in JSON before its block; and whether it was cut."""

    start: int
    fields: int
    block: int
    cut: bool


@dataclass(frozen=True, slots=True)
class _Note:
    """What is remembered of an answer: enough to find it."""

    id: str
    url: str
    at: datetime
    status: int
    mime: str
    place: _Place


@dataclass(slots=True)
class Book:
    """What a file's records are, and where; `add` each record, then make the collection."""

    file: IO[bytes]
    notes: list[_Note] = field(default_factory=list)
    places: dict[str, _Place] = field(default_factory=dict)  # of requests and answers, by their ids
    asked_by: dict[str, str] = field(default_factory=dict)  # the request of an answer
    methods: dict[str, str] = field(default_factory=dict)  # of requests
    bodies: dict[str, _Place] = field(default_factory=dict)  # the first answer with this body, by digest or address
    told: dict[str, dict[str, str]] = field(default_factory=dict)  # metadata of ours, by the record that it is about
    runs: dict[str, dict[str, str]] = field(default_factory=dict)  # warcinfo of ours, by run
    last: tuple[str, str, str] = ("", "", "")  # kind, address and id of the record before
    is_made: bool = False  # what follows was not captured: the pages that our own exports have for viewers
    count: int = 0

    def add(self, record: Record) -> None:
        """Note a record."""
        match record.kind:
            case "warcinfo":
                self._info(_fields(record.block))
            case _ if self.is_made:
                pass
            case "metadata":
                fields = _fields(record.block) if record.field("content-type").startswith("application/warc") else {}
                if f"{PREFIX}run" in fields:
                    self.told[record.field("warc-concurrent-to")] = fields
            case "request":
                self._request(record)
            case "response" | "revisit" | "resource":
                self._answer(record)
        self.last = record.kind, _url(record), self._id(record)
        self.count += 1

    def _id(self, record: Record) -> str:
        """Return a record's id; ARC has none, and a careless writer neither."""
        return record.field("warc-record-id") or f"#{self.count}"

    def _info(self, fields: dict[str, str]) -> None:
        self.is_made = f"{PREFIX}made" in fields
        if run := fields.get(f"{PREFIX}run"):
            self.runs[run] = fields

    def _request(self, record: Record) -> None:
        id_, about = self._id(record), record.field("warc-concurrent-to")
        self.places[id_] = self._put(record)
        self.methods[id_] = read_request(record.block)[0]
        kind, url, before = self.last
        if about:
            self.asked_by[about] = id_
        elif kind in _ANSWERS and url == _url(record):
            self.asked_by.setdefault(before, id_)

    def _answer(self, record: Record) -> None:
        id_, url, about = self._id(record), _url(record), record.field("warc-concurrent-to")
        kind, before_url, before = self.last
        if about in self.places:
            self.asked_by.setdefault(id_, about)
        elif kind == "request" and before_url == url:
            self.asked_by.setdefault(id_, before)
        answer = _answer_in(record)
        at = _time(record)
        if answer is None or at is None or len(self.notes) >= MANY:
            return
        mime = header(answer.headers, "content-type").lower()
        if (mime.startswith(_NEVER_ASKED) and not self.runs) or url.startswith("urn:"):
            return
        place = self._put(record)
        self.places[id_] = place
        if record.kind != "revisit":
            for name in filter(None, (record.field("warc-payload-digest"), _visit(url, record.field("warc-date")))):
                self.bodies.setdefault(name, place)
        self.notes.append(_Note(id_, url, at, answer.status, mime, place))

    def _put(self, record: Record) -> _Place:
        fields = json.dumps(record.fields).encode()
        start = self.file.seek(0, 2)
        self.file.write(fields)
        self.file.write(record.block)
        return _Place(start, len(fields), len(record.block), record.cut)

    def read(self, place: _Place) -> Record:
        """Return a record that was noted."""
        self.file.seek(place.start)
        fields: Headers = tuple((name, value) for name, value in json.loads(self.file.read(place.fields)))
        return Record(fields=fields, block=self.file.read(place.block), cut=place.cut)

    def held(self) -> Iterator[Held]:
        """Yield every answer."""
        for note in self.notes:
            yield Held(
                method=self.methods.get(self.asked_by.get(note.id, ""), "GET"),
                url=note.url,
                at=note.at,
                status=note.status,
                mime=note.mime,
                load=partial(self.exchange, note),
            )

    def exchange(self, note: _Note, ours: bool = False) -> Exchange:
        """Return an answer as an exchange, with what its file tells of it; `ours` is left as it came."""
        record = self.read(note.place)
        answer = _answer_in(record)
        assert answer is not None
        if record.kind == "revisit":
            answer = self._revisited(record, answer)
        cut = record.cut or bool(record.field("warc-truncated")) or not answer.complete
        answer = answer if cut or ours else readable(answer, note.url)
        exchange = self._asked(note.id, note.url, note.at)
        return replace(
            exchange,
            status=answer.status,
            reason=answer.reason,
            headers=answer.headers,
            body=answer.body,
            complete=not cut,
            error="cut: the file holds only its beginning" if cut else "",
            peer=record.field("warc-ip-address"),
        )

    def _asked(self, answer: str, url: str, at: datetime) -> Exchange:
        """Return the exchange of an answer's request, before the answer."""
        request = self.places.get(self.asked_by.get(answer, answer))
        method, headers, body = read_request(self.read(request).block) if request else ("GET", (), b"")
        return Exchange(
            request=Request(url=url, method=method, body=body),
            seq=0,
            attempt=0,
            url=url,
            request_headers=headers,
            started_at=at,
            finished_at=at,
        )

    def _revisited(self, record: Record, answer: Answer) -> Answer:
        """Return an answer with the body that an earlier record has."""
        then = _visit(record.field("warc-refers-to-target-uri").strip("<>"), record.field("warc-refers-to-date"))
        place = (
            self.places.get(record.field("warc-refers-to"))
            or self.bodies.get(then)
            or self.bodies.get(record.field("warc-payload-digest"))
        )
        earlier = _answer_in(self.read(place)) if place else None
        if earlier is None:
            return replace(answer, complete=False)
        if not answer.headers:
            return earlier
        return replace(answer, body=earlier.body, complete=earlier.complete)

    def visits(self) -> Iterator[Visit]:
        """Yield the runs of our own exports, those of which enough is told."""
        of_run: dict[str, list[tuple[str, dict[str, str]]]] = {}
        for about, records in self.told.items():
            of_run.setdefault(records[f"{PREFIX}run"], []).append((about, records))
        notes = {note.id: note for note in self.notes}
        for run, info in self.runs.items():
            try:
                options = Options.of(json.loads(info[f"{PREFIX}asked"]))
                started, finished = (utc(info[f"{PREFIX}{name}"]) for name in ("started", "finished"))
                url, outcome = info[f"{PREFIX}url"], info.get(f"{PREFIX}outcome", "")
            except (KeyError, ValueError, AttributeError):
                continue
            yield Visit(
                id=run,
                url=url,
                options=options,
                outcome=outcome,
                started_at=started,
                finished_at=finished,
                exchanges=partial(self._replayed, tuple(of_run.get(run, ())), notes),
            )

    def _replayed(
        self, records: tuple[tuple[str, dict[str, str]], ...], notes: dict[str, _Note]
    ) -> tuple[Exchange, ...]:
        exchanges = []
        for about, facts in records:
            exchange = self._ours(about, facts, notes)
            if exchange:
                exchanges.append(exchange)
        return tuple(sorted(exchanges, key=lambda exchange: (exchange.seq, exchange.attempt)))

    def _ours(self, about: str, facts: dict[str, str], notes: dict[str, _Note]) -> Exchange | None:
        """Return an exchange as our own export tells of it; None where the file lacks a part of it."""
        try:
            if about in notes:
                exchange = self.exchange(notes[about], ours=True)
            else:
                record = self.read(self.places[about])
                exchange = self._asked(about, _url(record), utc(record.field("warc-date")))
                exchange = replace(exchange, peer=record.field("warc-ip-address"))
            return replace(
                exchange,
                request=replace(exchange.request, url=facts[f"{PREFIX}asked-url"]),
                seq=int(facts[f"{PREFIX}seq"]),
                attempt=int(facts[f"{PREFIX}attempt"]),
                finished_at=utc(facts[f"{PREFIX}finished"]),
                complete=facts.get(f"{PREFIX}complete") == "yes",
                error=facts.get(f"{PREFIX}error", ""),
                tls=facts.get(f"{PREFIX}tls", ""),
                certificate=facts.get(f"{PREFIX}certificate-sha256", ""),
            )
        except (KeyError, ValueError):
            return None


def _answer_in(record: Record) -> Answer | None:
    if record.kind == "resource":
        headers: Headers = (("Content-Type", record.field("content-type")),)
        return Answer(status=200, reason="", headers=headers, body=record.block, complete=True)
    if record.kind == "revisit" and not record.block:
        return Answer(status=200, reason="", headers=(), body=b"", complete=True)
    answer = read_answer(record.block)
    return replace(answer, complete=False) if answer and len(answer.body) > LARGEST else answer


def _url(record: Record) -> str:
    return record.field("warc-target-uri").strip("<>")  # wget once wrote them so


def _visit(url: str, date: str) -> str:
    return f"{url} {date}"


def _time(record: Record) -> datetime | None:
    try:
        return utc(record.field("warc-date"))
    except (ValueError, OverflowError):
        return None


def _fields(block: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in block.decode("utf-8", "replace").splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}
