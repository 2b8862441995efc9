"""Is a WACZ whole, and is what it holds what was sealed? Read by the standard library alone.

Its package names every file by digest, its records have digests of their own. One that this program wrote also holds
each run's manifest and the place in the ledger: what came must be what the manifest names.
"""

import base64
import hashlib
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.errors import SHAPE_ERRORS, UsageError
from archiver.evidence.chain import SHORTEST, Receipt, receipt, vouched
from archiver.evidence.exported import Seen, SeenRun, of_run
from archiver.evidence.exported_pages import OURS, AtHead, of_pages
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.evidence.unpacked import Plain, Unpacked
from archiver.ledger import Entry
from archiver.warc.own_pages import MADE
from archiver.warc.wacz import DIGEST, PACKAGE
from archiver.warc.write import PREFIX, Record

_PIECE = 1 << 20
_LARGEST = 64 << 20  # bytes that are read of a record's own words, such as a manifest; films are not held
_KNOWN = {"sha256", "sha1", "md5"}
_END = b"\r\n\r\n"  # of the head of a message
_DAMAGE = (*SHAPE_ERRORS, zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError, NotImplementedError)

_Digests = dict[str, "hashlib._Hash"]


class _Record:
    """A record, and the digests of its block and of what this carries; of the block only its `start` is held."""

    def __init__(self, head: dict[str, str], repeats: bool):
        self.head, self.repeats = head, repeats
        self.start = bytearray()
        self.whole, self.payload = self._digests("warc-block-digest"), self._digests("warc-payload-digest")

    @property
    def kind(self) -> str | None:
        return self.head.get("warc-type")

    @property
    def url(self) -> str:
        return self.head.get("warc-target-uri", "")

    def _digests(self, field: str) -> _Digests:
        named = self.head.get(field, "").partition(":")[0].lower()
        names = {"sha256", *({named} & _KNOWN)}
        return {name: hashlib.new(name, usedforsecurity=False) for name in names}

    def read(self, file: Unpacked | Plain) -> None:
        """Read the block, piece by piece."""
        left, inside = int(self.head["content-length"]), not self._is_http
        if left < 0:
            raise ValueError(f"a record of {left} bytes")
        most = _LARGEST if self.kind in ("warcinfo", "metadata") or self.url.startswith("urn:uuid:") else _PIECE
        while left > 0:
            piece = file.read(min(left, _PIECE))
            if not piece:
                raise ValueError("a record does not end where it should")
            left -= len(piece)
            _feed(self.whole, piece)
            if len(self.start) < most:
                self.start += piece
            if inside:
                _feed(self.payload, piece)
            elif (end := self.start.find(_END)) >= 0:
                inside = True
                _feed(self.payload, self.start[end + len(_END) :])

    def seen(self, where: str, offset: int, size: int) -> Seen:
        """Return it for comparison; of HTTP the head alone."""
        end = self.start.find(_END) + len(_END) if self._is_http else len(self.start)
        whole, payload = self.whole["sha256"].hexdigest(), self.payload["sha256"].hexdigest()
        return Seen(where, self.head, bytes(self.start[:end]), whole, payload, self.repeats, offset, size)

    @property
    def _is_http(self) -> bool:
        return self.head.get("content-type", "").startswith("application/http")

    def fits(self, field: str, found: _Digests) -> bool:
        """Whether a digest is what a field says, so far as it says one that is known here."""
        name, _, value = self.head.get(field, "").partition(":")
        digest = found.get(name.lower())
        if digest is None:
            return True
        return value.lower() == digest.hexdigest() or value.upper() == base64.b32encode(digest.digest()).decode()


def _feed(digests: _Digests, piece: bytes | bytearray) -> None:
    for digest in digests.values():
        digest.update(piece)


def of_wacz(
    path: Path,
    entries: Sequence[Entry] = (),
    withheld: Iterable[str] = (),
    receipts: Iterable[Receipt] = (),
    at_head: AtHead | None = None,
) -> Iterator[Finding]:
    """Yield what is wrong with a WACZ.

    `entries` is the ledger at hand, `withheld` are the bodies that this has taken out, `receipts` what is known from
    outside, `at_head` opens the archive at hand as it was.
    """
    try:
        with zipfile.ZipFile(path) as container:
            yield from _package(container)
            held = _Held()
            for name in container.namelist():
                if name.startswith("archive/") and name.endswith((".warc", ".warc.gz")):
                    yield from _warc(container, name, held)
            yield from _whole(container, held, entries, set(withheld), at_head)
    except zipfile.BadZipFile as error:
        yield problem(f"{path} is damaged, or no WACZ: {error}")
        return
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror or error})") from error
    for given in receipts:
        if not any(_is_of(given, run) for run in held.runs):
            yield problem(f"the receipt {given.seq}:{given.hash[:SHORTEST]} is of no run in {path}")


@dataclass(slots=True)
class _Held:
    """What the records of a file are: runs of ours, our own pages, and what is neither."""

    runs: list[SeenRun] = field(default_factory=list)
    made: list[Seen] = field(default_factory=list)
    foreign: list[Seen] = field(default_factory=list)

    @property
    def is_ours(self) -> bool:
        return bool(self.runs or self.made)


def _whole(
    container: zipfile.ZipFile,
    held: _Held,
    entries: Sequence[Entry],
    withheld: set[str],
    at_head: AtHead | None,
) -> Iterator[Finding]:
    """Check what the records say together."""
    software = str(_json(container, PACKAGE).get("software", ""))
    if not held.is_ours and not software.startswith(OURS):
        yield note(
            "no run of this program is in it: nothing is sealed, and only its own digests were checked",
            level=Level.WARNING,
        )
        return
    if not held.runs:
        yield problem(f"{software or 'this program'} is said to have made it, and no run of it is in it")
    if held.foreign:
        more = f", and {len(held.foreign) - 1} more" if held.foreign[1:] else ""
        yield problem(f"{held.foreign[0].where}{more}: of no run; this program did not export it, and nothing seals it")
    lines = dict[int, Record]()
    for run in held.runs:
        yield from of_run(run, withheld, lines)
        yield from _in_ledger(run, entries)
    for id_, times in Counter(run.id for run in held.runs).items():
        if times > 1:
            yield problem("is in it more than once", id_)
    yield from of_pages(container, held.runs, held.made, lines, entries, at_head)


def _json(container: zipfile.ZipFile, name: str) -> dict[str, Any]:
    try:
        told = json.loads(container.read(name))
        return told if isinstance(told, dict) else {}
    except _DAMAGE:
        return {}


def _package(container: zipfile.ZipFile) -> Iterator[Finding]:
    try:
        package = container.read(PACKAGE)
        resources = {resource["path"]: resource for resource in json.loads(package)["resources"]}
    except _DAMAGE as error:
        yield problem(f"{PACKAGE} cannot be read ({error})")
        return
    try:
        if json.loads(container.read(DIGEST))["hash"] != f"sha256:{hashlib.sha256(package).hexdigest()}":
            yield problem(f"{PACKAGE} is not the one that {DIGEST} names")
    except _DAMAGE as error:
        yield problem(f"{DIGEST} cannot be read ({error})")
    names = set(container.namelist()) - {PACKAGE, DIGEST}
    for name in sorted(resources.keys() | names):
        if name not in names:
            yield problem(f"{name} is listed in {PACKAGE} and missing")
        elif name not in resources:
            yield problem(f"{name} is not listed in {PACKAGE}")
        elif fault := _fault(container, name, resources[name].get("hash"), resources[name].get("bytes")):
            yield problem(f"{name} {fault}")


def _fault(container: zipfile.ZipFile, name: str, told: object, size: object) -> str:
    digest, found = hashlib.sha256(), 0
    try:
        with container.open(name) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                found += len(piece)
    except _DAMAGE as error:
        return f"is damaged ({error})"
    if told != f"sha256:{digest.hexdigest()}":
        return f"is not the one that {PACKAGE} names"
    return "" if size == found else f"has {found} bytes, and is said to have {size}"


def _warc(container: zipfile.ZipFile, name: str, held: _Held) -> Iterator[Finding]:
    """Check each record against its own digests, and note to what it belongs."""
    number, run = 0, SeenRun()
    try:
        with container.open(name) as raw:
            for record, offset, size in _records(Unpacked(raw) if name.endswith(".gz") else Plain(raw)):
                number += 1
                where = f"{name}, record {number} ({record.kind} {record.url})"
                yield from (problem(f"{where} {fault}", run.id, run.url) for fault in _faults(record))
                run = _noted(record.seen(where, offset, size), run, held)
    except _DAMAGE as error:
        yield problem(f"{name} cannot be read after record {number} ({error})")


def _records(file: "Unpacked | Plain") -> Iterator[tuple[_Record, int, int]]:
    """Yield each record, with its place among the packed bytes."""
    while first := file.readline(_PIECE):
        if not first.startswith(b"WARC/"):
            raise ValueError("a record does not begin where one should")
        offset, head, repeats = file.start, dict[str, str](), False
        while line := file.readline(_PIECE).strip():
            name, _, value = line.decode("utf-8", "replace").partition(":")
            repeats |= name.lower() in head
            head[name.lower()] = value.strip()
        record = _Record(head, repeats)
        record.read(file)
        if file.read(4) != b"\r\n\r\n":
            raise ValueError("a record does not end where it should")
        yield record, offset, file.end - offset


def _faults(record: _Record) -> Iterator[str]:
    if not record.fits("warc-block-digest", record.whole):
        yield "is not what its digest says"
    elif b"\ntransfer-encoding: chunked" in record.start[:_PIECE].lower() or record.kind == "revisit":
        return  # some digest what is in the chunks; a revisit has another record's
    elif not record.fits("warc-payload-digest", record.payload):
        yield "has a body that is not what its digest says"


def _noted(seen: Seen, run: SeenRun, held: _Held) -> SeenRun:
    """Note to what a record belongs; return the run that the next one belongs to."""
    if seen.kind == "warcinfo":
        run = SeenRun([seen])
        if run.id:
            held.runs.append(run)
            return run
        (held.made if MADE in seen.told else held.foreign).append(seen)
        return run
    if run.id:
        run.records.append(seen)
    elif run.records and MADE in run.told:
        held.made.append(seen)
    else:
        held.foreign.append(seen)
    return run


def _is_of(given: Receipt, run: SeenRun) -> bool:
    told = _receipt(run)
    return told is not None and told.seq == given.seq and told.hash.startswith(given.hash)


def _receipt(run: SeenRun) -> Receipt | None:
    try:
        return receipt(run.told.get(f"{PREFIX}receipt", ""))
    except UsageError:
        return None


def _in_ledger(run: SeenRun, entries: Sequence[Entry]) -> Iterator[Finding]:
    given = _receipt(run)
    if given is None:
        return
    said, log = run.told[f"{PREFIX}receipt"], run.told.get("isPartOf", "").removeprefix("urn:uuid:")
    if not any(entry.run == run.id for entry in entries):
        yield note(f"{said} is what has to be compared with the archive, or with what was published", run.id, run.url)
        return
    against = [finding.what for finding in vouched(entries, given)]
    if not against and not any((entry.seq, entry.run, entry.log) == (given.seq, run.id, log) for entry in entries):
        against = [f"{said} is of another run, or of another log, in the ledger of the archive"]
    yield from (problem(what, run.id, run.url) for what in against)
    if not against:
        yield note(f"{said} is in the ledger of the archive", run.id, run.url)
