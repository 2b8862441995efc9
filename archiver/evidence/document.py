"""Is a Markdown document what the archive gives? It is rendered again and compared byte by byte.

A document of an earlier capture is compared with the archive as it was then: what came later is left out, in a copy.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

from archiver.errors import ArchiveError
from archiver.evidence.chain import Receipt, vouched
from archiver.evidence.deep import Reading, rewound
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.exporters.markdown import FORMAT, render
from archiver.store.audit import Audit
from archiver.store.store import Archive

_FIELD = re.compile(r"^(source|format): (.*)$", re.MULTILINE)
_RECEIPT = re.compile(r"^\*\*Receipt\.\*\* ledger (\d{1,18}) · head ([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a document says of itself; `receipt` is None for one that was written before there was a ledger."""

    source: str
    format: str
    receipt: Receipt | None


def of_document(audit: Audit, path: Path, reading: Reading, now: datetime) -> Iterator[Finding]:
    """Yield what a document is, or where it differs from what the archive gives."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read ({error.strerror})") from error
    told = _told(content.decode("utf-8", "backslashreplace"))
    if told is None:
        yield problem(f"{path} does not begin as a document of an archived thread does")
        return
    against = list(vouched(audit.entries(), told.receipt)) if told.receipt else []
    yield from (problem(f"{path}: {finding.what}", url=told.source) for finding in against)
    made = _now(audit, told.source)
    if content in made:
        yield note(f"{path} is byte for byte what the archive gives", url=told.source)
        return
    if told.receipt and not against and _went_on(audit, told.receipt):
        made = _then(audit, told, told.receipt, reading, now)
        if content in made:
            yield _of_earlier(audit, path, told, told.receipt)
            return
    yield from _differing(path, told, content, made)
    for entry in audit.entries():
        if entry.kind == "redaction" and told.receipt and entry.seq > told.receipt.seq:
            words = f"ledger entry {entry.seq} of {entry.added_at} withholds something since {path} was written"
            yield note(words, url=told.source, level=Level.WITHHELD)


def documents(audit: Audit, reading: Reading, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with the documents in the archive's own folder."""
    for path in sorted((audit.folder / "threads").glob("*.md")):
        for finding in of_document(audit, path, reading, now):
            if not finding.what.endswith("what the archive gives"):
                yield finding


def _told(text: str) -> _Told | None:
    front, ends, _ = text.removeprefix("---\n").partition("\n---\n")
    fields = dict(_FIELD.findall(front)) if ends and text.startswith("---\n") else {}
    try:
        source = str(json.loads(fields["source"]))
    except (KeyError, ValueError):
        return None
    receipts = _RECEIPT.findall(text)  # the last one: a post may quote another
    receipt = Receipt(int(receipts[-1][0]), receipts[-1][1]) if receipts else None
    return _Told(source, fields.get("format", ""), receipt)


def _now(audit: Audit, source: str) -> list[bytes]:
    try:
        with Archive.read(audit.folder) as archive:
            return _rendered(archive, source)
    except ArchiveError:
        return []


def _then(audit: Audit, told: _Told, receipt: Receipt, reading: Reading, now: datetime) -> list[bytes]:
    try:
        with rewound(audit, receipt.seq, reading, now) as archive:
            return _rendered(archive, told.source)
    except Exception:  # damage may come out anywhere in a parser; what it is, the check of the archive says
        return []


def _rendered(archive: Archive, source: str) -> list[bytes]:
    """Return the documents of all threads with this address: an author's storms have that of the author's page."""
    ids = [thread.id for thread in archive.threads() if thread.url == source]
    return [render(archive.document(id_)).encode("utf-8", "replace") for id_ in ids]


def _went_on(audit: Audit, receipt: Receipt) -> bool:
    """Tell whether anything came after an entry of the ledger; a run that is not finished has none yet."""
    is_open = any(run["finished_at"] is None for run in audit.runs().values())
    return is_open or receipt.seq < audit.entries()[-1].seq


def _of_earlier(audit: Audit, path: Path, told: _Told, receipt: Receipt) -> Finding:
    entries = audit.entries()
    [of_then] = [entry for entry in entries if entry.seq == receipt.seq and entry.hash.startswith(receipt.hash)]
    return note(
        f"{path} is byte for byte what the archive gave on {of_then.added_at}, at ledger entry {of_then.seq}; "
        f"it has gone on since, to entry {entries[-1].seq}",
        run=of_then.run or "",
        url=told.source,
    )


def _differing(path: Path, told: _Told, content: bytes, made: list[bytes]) -> Iterator[Finding]:
    if not made:
        yield problem(f"the archive gives no document of {path}", url=told.source)
        return
    number, there, here = max((_first_difference(content, document) for document in made), key=lambda found: found[0])
    yield problem(
        f"{path} is not what the archive gives: line {number} is {_short(there)}, and would be {_short(here)}",
        url=told.source,
    )
    if told.format != FORMAT:
        yield note(
            f"{path} is written in the form {told.format or 'of another program'}, and this version has {FORMAT}"
        )


def _first_difference(content: bytes, document: bytes) -> tuple[int, str | None, str | None]:
    """Return the number of the first line that differs, as it is and as it would be."""
    theirs, ours = (text.decode("utf-8", "backslashreplace").split("\n") for text in (content, document))
    pairs = enumerate(zip_longest(theirs, ours), 1)
    return next(((number, *pair) for number, pair in pairs if pair[0] != pair[1]), (len(ours), None, None))


def _short(text: str | None) -> str:
    if text is None:
        return "not there"
    return f"“{text}”" if len(text) <= 100 else f"“{text[:97]}…”"
