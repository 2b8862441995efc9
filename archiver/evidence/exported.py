"""A run in a web archive of ours, record by record against what its manifest seals. Pure: it is given the records.

    manifest ──► the records that an export makes of it ──► compared: kind, date, every field, head, body, id, order

Bodies are not in a manifest, only their digests; so what should be there is made without them.
"""

import hashlib
import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any

from archiver.errors import SHAPE_ERRORS, UsageError
from archiver.evidence.chain import receipt
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.http.message import Exchange, Headers, Request, header
from archiver.ledger import Entry, link
from archiver.model import Run, StoredFile, utc
from archiver.store.exchanges import exchange_of, headers_of
from archiver.warc.write import PREFIX, Captured, Record, info, of_exchange, place_of, record_id, target, time

NOTHING = hashlib.sha256().hexdigest()
# Fields that are compared with what is there, and not with a text.
_OF_ANY = frozenset(
    ("warc-record-id", "warc-block-digest", "content-length", "warc-payload-digest", "warc-concurrent-to")
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as it stands in a file: its fields in lower case, its block, and its digests in hex.

    Of HTTP, the block is the head alone. `where` says which one it is, in words; `offset` and `size` are its place
    among the packed bytes.
    """

    where: str
    head: Mapping[str, str]
    block: bytes
    whole: str
    payload: str
    repeats: bool = False
    offset: int = 0
    size: int = 0

    @property
    def kind(self) -> str:
        return self.head.get("warc-type", "")

    @property
    def url(self) -> str:
        return self.head.get("warc-target-uri", "")

    @property
    def id(self) -> str:
        return self.head.get("warc-record-id", "")

    def as_record(self, exchange: Exchange | None) -> Record:
        """Return it as an export has it, for its line in the index; `exchange` is what it is the answer of."""
        date, fields = self.head.get("warc-date", ""), tuple(self.head.items())
        return Record(kind=self.kind, id=self.id, date=date, fields=fields, block=b"", digest="", exchange=exchange)

    @property
    def told(self) -> dict[str, str]:
        """What a block of fields says."""
        lines = (line.partition(": ") for line in self.block.decode("utf-8", "replace").splitlines())
        return {name: value for name, _, value in lines if name}


@dataclass(slots=True)
class SeenRun:
    """The records of a run, in the order of the file; the first is its warcinfo, before which there is no run."""

    records: list[Seen] = field(default_factory=list)

    @property
    def told(self) -> dict[str, str]:
        return self.records[0].told if self.records else {}

    @property
    def id(self) -> str:
        return self.told.get(f"{PREFIX}run", "")

    @property
    def url(self) -> str:
        return self.told.get(f"{PREFIX}url", "")


@dataclass(frozen=True, slots=True)
class _Expected:
    """A record that should be there, and its name in words; `body` is the digest of what it carries."""

    record: Record
    name: str
    place: str
    body: str | None = None
    about: int | None = None  # how many records after it, or before it, the one is that it names


def of_run(run: SeenRun, withheld: Container[str], lines: dict[int, Record]) -> Iterator[Finding]:
    """Yield where a run is not as its manifest says, or the manifest not as the ledger's hash says.

    `lines` is given, by their offsets, the records that an index may name.
    """
    manifest = run.records[1].block if len(run.records) > 1 else b""
    said = run.told.get(f"{PREFIX}receipt")
    if said is None:
        yield problem("no entry of a ledger is named for this run", run.id, run.url)
        return
    try:
        sealed = hashlib.sha256(manifest).hexdigest()
        if link(run.told.get(f"{PREFIX}ledger-prev", ""), sealed) != receipt(said).hash:
            yield problem(f"its manifest is not the one that is sealed by {said}", run.id, run.url)
            return
        expected = list(_expected(run, manifest))
    except (*SHAPE_ERRORS, UsageError) as error:
        yield problem(f"its manifest cannot be read ({error})", run.id, run.url)
        return
    for seen, due, about in _pairs(run, expected):
        if due is None:
            assert seen
            yield problem(f"{seen.where} is none that was sealed", run.id, run.url)
        elif seen is None:
            is_withheld = due.body in withheld
            words = "is withheld by the archive" if is_withheld else "is not here as it was sealed"
            level = Level.WITHHELD if is_withheld else Level.PROBLEM
            yield note(f"{due.name} {words}", run.id, run.url, level)
        else:
            yield from _compared(run, seen, due, about, withheld)
            lines[seen.offset] = seen.as_record(due.record.exchange)


def _expected(run: SeenRun, manifest: bytes) -> Iterator[_Expected]:
    """Yield the records that an export makes of a run."""
    told = json.loads(manifest)
    captured = _captured(run, told, manifest)
    yield _Expected(info(captured), "what the file says of the run", captured.run.id)
    fields: Headers = (("WARC-Target-URI", f"urn:uuid:{captured.run.id}"), ("Content-Type", "application/json"))
    date = time(captured.run.started_at)
    record = Record(kind="resource", id="", date=date, fields=fields, block=manifest, digest="")
    yield _Expected(record, "the manifest", captured.run.id, hashlib.sha256(manifest).hexdigest())
    for row in told["exchanges"]:
        yield from _of_row(row, captured)
    yield from _wholes(told, captured.run.id)


def _captured(run: SeenRun, told: Mapping[str, Any], manifest: bytes) -> Captured:
    row, said = told["run"], run.told
    asked, given = json.loads(row["asked"]), receipt(said[f"{PREFIX}receipt"])
    entry = Entry(
        log=said.get("isPartOf", "").removeprefix("urn:uuid:"),
        seq=given.seq,
        kind="capture",
        run=row["id"],
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
        prev=said[f"{PREFIX}ledger-prev"],
        hash=given.hash,
        added_at="",
    )
    known = Run(
        id=row["id"],
        url=row["url"],
        tool=row["tool"],
        operator=row["operator"],
        outcome=row["outcome"],
        started_at=utc(row["started_at"]),
        finished_at=utc(row["finished_at"]),
        imported=str(asked.get("imported", "")),
    )
    return Captured(run=known, asked=asked, exchanges=(), read=lambda held: (), entry=entry, manifest=manifest)


def _of_row(row: Mapping[str, Any], captured: Captured) -> Iterator[_Expected]:
    """Yield the records of an exchange: without bodies, whose digests are told instead."""
    exchange = exchange_of(row, Request(url=row["asked_url"], method=row["method"]), b"")
    if row["status"] is not None and row["body_sha256"] != NOTHING:
        exchange = replace(exchange, file=StoredFile(row["body_sha256"] or "", 0, ""))
    records = list(of_exchange(exchange, captured))
    name, place = f"{row['method']} {row['url']}", place_of(captured.run.id, exchange)
    names = [f"what was sent to {row['url']}", f"the answer to {name}", f"what is told of {name}"]
    bodies = [row["request_body_sha256"] or NOTHING, row["body_sha256"] or NOTHING, None]
    abouts = [1, None, -1]
    if len(records) == 2:  # no answer came
        names, bodies, abouts = [names[0], names[2]], [bodies[0], None], [None, -1]
    for record, said, body, about in zip(records, names, bodies, abouts, strict=True):
        yield _Expected(record, said, place, body, about)


def _wholes(told: Mapping[str, Any], run: str) -> Iterator[_Expected]:
    """Yield the files that no answer gave whole, in the order in which they came."""
    answered = {row["body_sha256"] for row in told["exchanges"]}
    parts = {row["asked_url"]: row for row in reversed(told["exchanges"]) if row["status"] == 206 and row["complete"]}
    for row in {row["sha256"]: row for row in reversed(told.get("media", ())) if row["sha256"]}.values():
        if row["sha256"] in answered:
            continue
        part = parts.get(row["asked_url"])
        kind = " ".join(header(headers_of(part["response_head"]), "content-type").split()) if part else ""
        url = target(part["asked_url"]) if part else f"urn:sha256:{row['sha256']}"
        fields: Headers = (("WARC-Target-URI", url), ("Content-Type", kind or "application/octet-stream"))
        record = Record(kind="resource", id="", date=time(utc(row["at"])), fields=fields, block=b"", digest="")
        yield _Expected(record, f"the file {row['url']}", run, row["sha256"])


_Pair = tuple[Seen | None, _Expected | None, str]


def _pairs(run: SeenRun, expected: Sequence[_Expected]) -> Iterator[_Pair]:
    """Yield each record with the one that should be there, and the id that it should name.

    Where there are as many as there should be, it is their order that counts.
    """
    seen = run.records
    if len(seen) == len(expected):
        for number, (one, due) in enumerate(zip(seen, expected, strict=True)):
            yield one, due, seen[number + due.about].id if due.about is not None else ""
        return
    ours = [(one.kind, one.head.get("warc-date", ""), one.url) for one in seen]
    due_ = [(due.record.kind, due.record.date, header(due.record.fields, "WARC-Target-URI")) for due in expected]
    found: dict[int, Seen] = {}
    for first, second, length in SequenceMatcher(None, ours, due_, autojunk=False).get_matching_blocks():
        found |= {second + number: seen[first + number] for number in range(length)}
    there = {one.offset for one in found.values()}
    yield from ((one, None, "") for one in seen if one.offset not in there)
    for number, due in enumerate(expected):
        about = found.get(number + due.about) if due.about is not None else None
        yield found.get(number), due, about.id if about else ""


def _compared(run: SeenRun, seen: Seen, due: _Expected, about: str, withheld: Container[str]) -> Iterator[Finding]:
    """Yield how a record differs from the one that should be there; the first difference says enough."""
    if due.body is not None and seen.payload != due.body:
        if due.body in withheld:
            yield note(f"{due.name} is withheld by the archive", run.id, run.url, Level.WITHHELD)
        else:
            yield problem(f"{due.name} is not here as it was sealed", run.id, run.url)
            yield problem(f"{seen.where} has a body that is none that was sealed there", run.id, run.url)
    for words in _differing(seen, due, about, run.records[0].id):
        yield problem(f"{due.name}: {seen.where} {words}", run.id, run.url)
        return


def _differing(seen: Seen, due: _Expected, about: str, info: str) -> Iterator[str]:
    record, ours = due.record, {name.lower(): value for name, value in due.record.fields}
    ours |= {} if record.kind == "warcinfo" else {"warc-warcinfo-id": info}
    if seen.repeats:
        yield "names a field twice"
    ours |= {"warc-type": record.kind, "warc-date": record.date}
    for name in sorted((ours.keys() | seen.head.keys()) - _OF_ANY):
        if seen.head.get(name) != ours.get(name):
            yield f"says {name}: {seen.head.get(name)}, and {ours.get(name)} was sealed"
    if due.about is not None and seen.head.get("warc-concurrent-to") != about:
        yield "names another record than the one that it is about"
    if record.kind == "warcinfo":
        theirs, told = seen.told, Seen("", {}, record.block, "", "").told
        theirs["description"] = told["description"]  # words for people, which change with the version
        if theirs != told:
            yield _first(theirs, told)
    elif seen.block != record.block and record.kind != "resource":
        yield _first(*(dict(enumerate(block.decode("latin-1").splitlines())) for block in (seen.block, record.block)))
    if seen.id != record_id(record.kind, due.place, record.date, f"sha256:{seen.whole}"):
        yield "has another id than an export gives it"


def _first(theirs: Mapping[Any, str], told: Mapping[Any, str]) -> str:
    """Return in words the first line in which two blocks differ."""
    for name in [*told, *theirs]:
        if theirs.get(name) != told.get(name):
            return f"says {theirs.get(name)!r:.80}, and {told.get(name)!r:.80} was sealed"
    return "has another order than was sealed"
