"""Is a WACZ whole, and is what it holds what was sealed? Read by the standard library alone.

Its package names every file by digest, its records have digests of their own. One that this program wrote also holds
each run's manifest and the place in the ledger: what came must be what the manifest names.
"""

import base64
import gzip
import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from archiver.errors import SHAPE_ERRORS, UsageError
from archiver.evidence.chain import SHORTEST, Receipt, receipt, vouched
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.exporters.wacz import DIGEST, PACKAGE
from archiver.exporters.warc import PREFIX
from archiver.ledger import Entry, link

_PIECE = 1 << 20
_LARGEST = 64 << 20  # bytes that are read of a record's own words, such as a manifest; films are not held
_NOTHING = hashlib.sha256().hexdigest()  # of the body of an answer that gave a part of a file, which is not kept apart
_KNOWN = {"sha256", "sha1", "md5"}
_END = b"\r\n\r\n"  # of the head of a message
_DAMAGE = (*SHAPE_ERRORS, zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError, NotImplementedError)

_Digests = dict[str, "hashlib._Hash"]


@dataclass(slots=True)
class _Run:
    """What the records say of one run: its manifest, its place in the ledger, and the digests of what came."""

    id: str
    url: str = ""
    told: dict[str, str] = field(default_factory=dict)
    manifest: bytes = b""
    payloads: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


class _Record:
    """A record, and the digests of its block and of what this carries; of the block only its `start` is held."""

    def __init__(self, head: dict[str, str]):
        self.head = head
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

    def read(self, file: IO[bytes]) -> None:
        """Read the block, piece by piece."""
        left, inside = int(self.head["content-length"]), not self._is_http
        if left < 0:
            raise ValueError(f"a record of {left} bytes")
        most = _LARGEST if self.kind == "warcinfo" or self.url.startswith("urn:uuid:") else _PIECE
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

    @property
    def _is_http(self) -> bool:
        return self.head.get("content-type", "").startswith("application/http")

    def fits(self, field: str, found: _Digests) -> bool:
        """Tell whether a digest is what a field says, so far as it says one that is known here."""
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
) -> Iterator[Finding]:
    """Yield what is wrong with a WACZ.

    `entries` is the ledger at hand, `withheld` are the bodies that this has taken out, `receipts` what is known from
    outside.
    """
    try:
        with zipfile.ZipFile(path) as container:
            yield from _package(container)
            runs: dict[str, _Run] = {}
            for name in container.namelist():
                if name.startswith("archive/") and name.endswith((".warc", ".warc.gz")):
                    yield from _warc(container, name, runs)
    except zipfile.BadZipFile as error:
        yield problem(f"{path} is damaged, or no WACZ: {error}")
        return
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror or error})") from error
    if not runs:
        yield note("no records of this program are in it; only their own digests were checked")
    for run in runs.values():
        yield from _sealed(run, set(withheld))
        yield from _in_ledger(run, entries)
    for given in receipts:
        if not any(_is_of(given, run) for run in runs.values()):
            yield problem(f"the receipt {given.seq}:{given.hash[:SHORTEST]} is of no run in {path}")


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


def _warc(container: zipfile.ZipFile, name: str, runs: dict[str, _Run]) -> Iterator[Finding]:
    """Check each record against its own digests, and note what it says of a run."""
    number, run = 0, _Run("")
    try:
        with container.open(name) as raw:
            file = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if name.endswith(".gz") else raw
            for record in _records(file):
                number += 1
                where = f"{name}, record {number} ({record.kind} {record.url})"
                yield from (problem(f"{where} {fault}", run.id, run.url) for fault in _faults(record))
                run = _noted(record, run, runs)
    except _DAMAGE as error:
        yield problem(f"{name} cannot be read after record {number} ({error})")


def _records(file: IO[bytes]) -> Iterator[_Record]:
    while first := file.readline(_PIECE):
        if not first.startswith(b"WARC/"):
            raise ValueError("a record does not begin where one should")
        head = {}
        while line := file.readline(_PIECE).strip():
            name, _, value = line.decode("utf-8", "replace").partition(":")
            head[name.lower()] = value.strip()
        record = _Record(head)
        record.read(file)
        if file.read(4) != b"\r\n\r\n":
            raise ValueError("a record does not end where it should")
        yield record


def _faults(record: _Record) -> Iterator[str]:
    if not record.fits("warc-block-digest", record.whole):
        yield "is not what its digest says"
    elif b"\ntransfer-encoding: chunked" in record.start[:_PIECE].lower() or record.kind == "revisit":
        return  # some digest what is in the chunks; a revisit has another record's
    elif not record.fits("warc-payload-digest", record.payload):
        yield "has a body that is not what its digest says"


def _noted(record: _Record, run: _Run, runs: dict[str, _Run]) -> _Run:
    """Note what a record says of its run; return the run that the next one belongs to."""
    if record.kind == "warcinfo":
        lines = (line.partition(": ") for line in record.start.decode("utf-8", "replace").splitlines())
        told = {name.removeprefix(PREFIX): value for name, _, value in lines if name.startswith(PREFIX)}
        run = _Run(told.get("run", ""), told.get("url", ""), told)
        if run.id:
            runs[run.id] = run
    elif record.kind == "resource" and record.url == f"urn:uuid:{run.id}":
        run.manifest = bytes(record.start)
    elif record.kind == "resource":
        run.files[record.payload["sha256"].hexdigest()] = record.url
    elif record.kind == "response":
        run.payloads[record.payload["sha256"].hexdigest()] = record.url
    return run


def _sealed(run: _Run, withheld: set[str]) -> Iterator[Finding]:
    """Compare what came with the manifest, and the manifest with the hash in the receipt."""
    if "receipt" not in run.told:
        yield problem("no entry of a ledger is named for this run", run.id, run.url)
        return
    try:
        manifest = hashlib.sha256(run.manifest).hexdigest()
        if link(run.told["ledger-prev"], manifest) != receipt(run.told["receipt"]).hash:
            yield problem(f"its manifest is not the one that is sealed by {run.told['receipt']}", run.id, run.url)
            return
        told = json.loads(run.manifest)
        rows, files = told["exchanges"], {row["sha256"] for row in told.get("media", ())}
        named = {row["body_sha256"]: f"{row['method']} {row['url']}" for row in rows if row["body_sha256"]}
    except (*SHAPE_ERRORS, UsageError) as error:
        yield problem(f"its manifest cannot be read ({error})", run.id, run.url)
        return
    parts = {_NOTHING} if any(row["status"] and not row["body_sha256"] for row in rows) else set()
    lacking, more = named.keys() - run.payloads.keys(), run.payloads.keys() - named.keys() - parts
    for sha256 in sorted(lacking & withheld):
        yield note(f"the answer to {named[sha256]} is withheld by the archive", run.id, run.url, Level.WITHHELD)
    for sha256 in sorted(lacking - withheld):
        yield problem(f"the answer to {named[sha256]} is not here as it was sealed", run.id, run.url)
    for sha256 in sorted(more if not lacking & withheld else ()):
        yield problem(f"the answer from {run.payloads[sha256]} is none that was sealed", run.id, run.url)
    for sha256 in sorted(run.files.keys() - files):
        yield problem(f"the file {run.files[sha256]} is none that was sealed", run.id, run.url)


def _is_of(given: Receipt, run: _Run) -> bool:
    told = _receipt(run)
    return told is not None and told.seq == given.seq and told.hash.startswith(given.hash)


def _receipt(run: _Run) -> Receipt | None:
    try:
        return receipt(run.told.get("receipt", ""))
    except UsageError:
        return None


def _in_ledger(run: _Run, entries: Sequence[Entry]) -> Iterator[Finding]:
    given = _receipt(run)
    if given is None:
        return
    if not any(entry.run == run.id for entry in entries):
        words = f"{run.told['receipt']} is what has to be compared with the archive, or with what was published"
        yield note(words, run.id, run.url)
        return
    against = list(vouched(entries, given))
    yield from (problem(finding.what, run.id, run.url) for finding in against)
    if not against:
        yield note(f"{run.told['receipt']} is in the ledger of the archive", run.id, run.url)
