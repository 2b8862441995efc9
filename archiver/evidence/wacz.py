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
_LARGEST = 512 * 1024 * 1024  # bytes of one record
_NOTHING = hashlib.sha256().hexdigest()  # of the body of an answer that gave a part of a file, which is not kept apart
_DAMAGE = (*SHAPE_ERRORS, zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError, NotImplementedError)


@dataclass(slots=True)
class _Run:
    """What the records say of one run: its manifest, its place in the ledger, and the digests of what came."""

    id: str
    url: str = ""
    told: dict[str, str] = field(default_factory=dict)
    manifest: bytes = b""
    payloads: dict[str, str] = field(default_factory=dict)


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
            for head, block in _records(file):
                number += 1
                where = f"{name}, record {number} ({head.get('warc-type')} {head.get('warc-target-uri', '')})"
                yield from (problem(f"{where} {fault}", run.id, run.url) for fault in _faults(head, block))
                run = _noted(head, block, run, runs)
    except _DAMAGE as error:
        yield problem(f"{name} cannot be read after record {number} ({error})")


def _records(file: IO[bytes]) -> Iterator[tuple[dict[str, str], bytes]]:
    while first := file.readline(_PIECE):
        if not first.startswith(b"WARC/"):
            raise ValueError("a record does not begin where one should")
        head = {}
        while line := file.readline(_PIECE).strip():
            name, _, value = line.decode("utf-8", "replace").partition(":")
            head[name.lower()] = value.strip()
        length = int(head["content-length"])
        if not 0 <= length <= _LARGEST:
            raise ValueError(f"a record of {length} bytes")
        block = file.read(length)
        if len(block) != length or file.read(4) != b"\r\n\r\n":
            raise ValueError("a record does not end where it should")
        yield head, block


def _faults(head: dict[str, str], block: bytes) -> Iterator[str]:
    if not _fits(head.get("warc-block-digest"), block):
        yield "is not what its digest says"
    elif b"\ntransfer-encoding: chunked" in block[:_PIECE].lower() or head.get("warc-type") == "revisit":
        return  # some digest what is in the chunks; a revisit has another record's
    elif not _fits(head.get("warc-payload-digest"), _payload(head, block)):
        yield "has a body that is not what its digest says"


def _fits(told: str | None, content: bytes) -> bool:
    name, _, value = (told or "").partition(":")
    if name.lower() not in ("sha256", "sha1", "md5"):
        return True
    digest = hashlib.new(name.lower(), content, usedforsecurity=False)
    return value.lower() == digest.hexdigest() or value.upper() == base64.b32encode(digest.digest()).decode()


def _payload(head: dict[str, str], block: bytes) -> bytes:
    is_http = head.get("content-type", "").startswith("application/http")
    return block.partition(b"\r\n\r\n")[2] if is_http else block


def _noted(head: dict[str, str], block: bytes, run: _Run, runs: dict[str, _Run]) -> _Run:
    """Note what a record says of its run; return the run that the next one belongs to."""
    kind = head.get("warc-type")
    if kind == "warcinfo":
        lines = (line.partition(": ") for line in block.decode("utf-8", "replace").splitlines())
        told = {name.removeprefix(PREFIX): value for name, _, value in lines if name.startswith(PREFIX)}
        run = _Run(told.get("run", ""), told.get("url", ""), told)
        if run.id:
            runs[run.id] = run
    elif kind == "resource" and head.get("warc-target-uri") == f"urn:uuid:{run.id}":
        run.manifest = block
    elif kind == "response":
        run.payloads[hashlib.sha256(_payload(head, block)).hexdigest()] = head.get("warc-target-uri", "")
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
        rows = json.loads(run.manifest)["exchanges"]
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
