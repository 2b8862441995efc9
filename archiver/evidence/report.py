"""What a certificate needs to say of an archive: what was captured, when, by whom, how, and what vouches for it.

Values for `--json`, and for `report_text`, which writes them for a person who signs. Times are UTC.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.evidence.anchors import Anchor, anchors
from archiver.evidence.finding import Finding, Level, result
from archiver.evidence.seal import base_of, command
from archiver.http.redact import redacted_url
from archiver.layout import NOT_HANDED_OVER
from archiver.ledger import Entry, skew
from archiver.store.audit import Audit

_OF_THREAD = ("id", "title", "author", "platform", "url", "verdict", "proof", "posts", "missing", "route")
_PIECE = 1 << 20

Record = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How an archive was checked: when, by whom (may be ""), with what, on which system.

    `program` has the digest of the program that checked; see `opening.program`.
    `deep` tells whether threads and documents were compared with the answers. `trusted` has the root certificates of
    who stamps the time, those of this computer else.
    """

    at: datetime
    by: str
    tool: str
    program: str
    system: str
    deep: bool
    trusted: Path | None = None


def records(audit: Audit, findings: Sequence[Finding], check: Check) -> Iterator[Record]:
    """Yield the whole report as values: a summary, what was found, then each thing that is in the archive."""
    entries, runs, threads = audit.entries(), audit.runs(), audit.threads()
    by_run = {entry.run: entry for entry in entries}
    stamps = anchors(audit, entries, check.trusted)
    yield _summary(audit, findings, check, entries)
    yield from (finding.fields for finding in findings)
    for thread in threads:
        yield {"is": "thread", **{name: thread[name] for name in _OF_THREAD}, "runs": _in_order(runs, thread["runs"])}
    yield from (_redaction(told) for told in audit.redactions())
    addresses = {thread["id"]: thread["url"] for thread in threads}
    yield from (_removal(told, runs, audit.redactions()) for told in audit.removals())
    yield from (_attachment(told, addresses) for told in audit.attachments())
    yield from (_stamp(audit.folder, anchor) for anchor in stamps)
    yield from _files(audit.folder)
    yield from (_entry(entry) for entry in entries)
    for id_, row in runs.items():
        shown = [thread["id"] for thread in threads if id_ in thread["runs"]]
        yield _run(audit, row, shown, by_run.get(id_), stamps)
        yield from ({"is": "exchange", "run": id_, **_exchange(row)} for row in audit.exchanges(id_))


def _summary(audit: Audit, findings: Sequence[Finding], check: Check, entries: Sequence[Entry]) -> Record:
    head, came_to = (entries[-1] if entries else None), result(findings)
    return {
        "is": "report",
        "made_at": f"{check.at:%Y-%m-%d %H:%M:%S} UTC",
        "made_by": check.tool,
        "program": check.program,
        "checked_by": check.by,
        "system": check.system,
        "deep": check.deep,
        "archive": str(audit.folder.resolve()),
        "log": head.log if head else "",
        "receipt": head.receipt if head else "",
        **audit.counts(),
        "problems": came_to.problems,
        "warnings": sum(finding.level is Level.WARNING for finding in findings),
        "result": str(came_to),
    }


def _in_order(runs: Mapping[str, object], some: set[str]) -> list[str]:
    return [run for run in runs if run in some]


def _redaction(told: Mapping[str, Any]) -> Record:
    names = ("entry", "at", "operator", "reason", "thread", "posts", "files")
    return {"is": "redaction", **{name: told[name] for name in names}, "answers": len(told["bodies"])}


def _removal(
    told: Mapping[str, Any], runs: Mapping[str, Mapping[str, Any]], redactions: Sequence[Mapping[str, Any]]
) -> Record:
    names = ("entry", "at", "operator", "reason", "thread", "runs")
    return {
        "is": "removal",
        **{name: told[name] for name in names},
        "addresses": [redacted_url(runs[run]["url"]) if run in runs else "" for run in told["runs"]],
        "purged": any(
            one.get("whole") and one["thread"] == told["thread"] and one["entry"] == told["entry"] + 1
            for one in redactions
        ),
    }


def _attachment(told: Mapping[str, Any], addresses: Mapping[str, str]) -> Record:
    names = ("entry", "at", "operator", "name", "sha256", "size", "note")
    thread = told.get("thread", "")
    return {"is": "attachment", **{name: told.get(name, "") for name in names}, "thread": addresses.get(thread, thread)}


def _stamp(folder: Path, anchor: Anchor) -> Record:
    base = base_of(folder, anchor.seq, anchor.stamp.head)
    files = [path.name for path in sorted(base.parent.glob(f"{base.name}.*"))]
    told = command(base.relative_to(folder), anchor.granted.time) if anchor.granted else ""
    return {"is": "stamp", "entry": anchor.seq, "says": anchor.said, "files": files, "command": told}


def _files(folder: Path) -> Iterator[Record]:
    """Yield the files that are handed over with an archive, with their digests; hidden ones are the program's notes."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if (
            path.is_file()
            and name.as_posix() not in NOT_HANDED_OVER
            and not any(part.startswith(".") for part in name.parts)
        ):
            digest = hashlib.sha256()
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
            yield {"is": "file", "path": name.as_posix(), "size": path.stat().st_size, "sha256": digest.hexdigest()}


def _entry(entry: Entry) -> Record:
    return {
        "is": "entry",
        "entry": entry.seq,
        "kind": entry.kind,
        "run": entry.run or "",
        "added_at": entry.added_at,
        "manifest_sha256": entry.manifest_sha256,
        "hash": entry.hash,
    }


def _run(
    audit: Audit, row: Mapping[str, Any], threads: list[str], entry: Entry | None, stamps: Sequence[Anchor]
) -> Record:
    asked = json.loads(row["asked"])
    imported, at = asked.pop("imported", ""), asked.pop("imported_at", "")
    return {
        "is": "run",
        "run": row["id"],
        "threads": threads,
        "asked_for": redacted_url(row["url"]),
        "options": json.dumps(asked, sort_keys=True),
        "imported": imported,
        "imported_at": at,
        "operator": row["operator"],
        "tool": row["tool"],
        "started_at": row["started_at"],
        "finished_at": row["finished_at"],
        "outcome": row["outcome"],
        "failures": row["failures"],
        "receipt": entry.receipt if entry else "",
        "manifest_sha256": entry.manifest_sha256 if entry else "",
        "stamps": [anchor.said for anchor in stamps if entry and anchor.covers(entry)],
        "clock_skew_s": skew(audit.exchanges(row["id"])),
    }


def _exchange(row: Mapping[str, Any]) -> Record:
    names = ("started_at", "finished_at", "method", "url", "status", "error", "complete", "body_sha256")
    return {name: row[name] for name in (*names, "peer", "tls", "cert_sha256")}
