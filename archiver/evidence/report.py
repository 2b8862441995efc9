"""What a certificate needs to say of an archive: what was captured, when, by whom, how, and what vouches for it.

Plain text for a person who signs, or the same as values for `--json`. Times are UTC.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.evidence.anchors import Anchor, anchors
from archiver.evidence.finding import Finding, Level
from archiver.ledger import Entry, skew
from archiver.store.audit import Audit

MEANING = """\
What the hashes prove: that what they seal was not changed since. Each entry of the ledger seals the entries before it;
so all up to an entry is as it was when somebody outside of this archive got its receipt, a time stamp or a copy.

What they do not prove: that the server said it. An encrypted connection proves to the one who makes it whom they talk
to, and leaves nothing behind that would prove it to others. For that, this report names who captured, with which
program and by which method; the person who signs it vouches for these. The clock of the machine was taken as it was;
where hosts told the time, the largest difference is named."""

Record = dict[str, Any]


def records(
    audit: Audit, findings: Sequence[Finding], now: datetime, tool: str, trusted: Path | None = None
) -> Iterator[Record]:
    """Yield the whole report as values: the archive, its time stamps, each thread, each run with its exchanges."""
    entries, runs = audit.entries(), audit.runs()
    head = entries[-1] if entries else None
    problems = [finding for finding in findings if finding.level is Level.PROBLEM]
    yield {
        "is": "report",
        "made_at": f"{now:%Y-%m-%d %H:%M:%S} UTC",
        "made_by": tool,
        "archive": str(audit.folder.resolve()),
        "log": head.log if head else "",
        "receipt": head.receipt if head else "",
        **audit.counts(),
        "problems": len(problems),
    }
    yield from (finding.fields for finding in findings)
    by_run = {entry.run: entry for entry in entries}
    stamps = anchors(audit, entries, trusted)
    yield from ({"is": "stamp", "entry": anchor.seq, "says": anchor.said} for anchor in stamps)
    for thread in audit.threads():
        yield {"is": "thread", **{name: thread[name] for name in _OF_THREAD}}
        for run in runs:  # in the order of the ledger
            if run in thread["runs"]:
                yield _run(audit, runs[run], thread["id"], by_run.get(run), stamps)
                yield from ({"is": "exchange", "run": run, **_exchange(row)} for row in audit.exchanges(run))


_IMPORTED = "answers, times and addresses are what this file or folder says, which alone vouches for them:"
_OF_THREAD = ("id", "title", "author", "platform", "url", "verdict", "proof", "posts", "missing", "route")


def _run(audit: Audit, row: Mapping[str, Any], thread: str, entry: Entry | None, stamps: Sequence[Anchor]) -> Record:
    exchanges = audit.exchanges(row["id"])
    asked = json.loads(row["asked"])
    imported, at = asked.pop("imported", ""), asked.pop("imported_at", "")
    return {
        "is": "run",
        "run": row["id"],
        "thread": thread,
        "asked_for": row["url"],
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
        "clock_skew_s": skew(exchanges),
    }


def _exchange(row: Mapping[str, Any]) -> Record:
    names = ("started_at", "finished_at", "method", "url", "status", "error", "complete", "body_sha256")
    return {name: row[name] for name in (*names, "peer", "tls", "cert_sha256")}


def text(records: Iterable[Record]) -> Iterator[str]:
    """Yield the report as lines."""
    for record in records:
        yield from _LINES.get(record["is"], _finding)(record)
    yield from ("", *MEANING.splitlines())


def _archive(record: Record) -> Iterator[str]:
    problems = record["problems"]
    yield "REPORT ON AN ARCHIVE OF THREADS"
    yield ""
    yield f"Archive:   {record['archive']}"
    yield f"Checked:   {record['made_at']}, by {record['made_by']}"
    yield f"Result:    {_counted(problems, 'problem') if problems else 'as it was sealed; no problem was found'}"
    yield f"Ledger:    {record['receipt'] or 'empty'}; log {record['log'] or 'none'}"
    names = ("runs", "exchanges", "bodies", "files", "stamps", "threads")
    yield f"Holds:     {', '.join(f'{record[name]} {name}' for name in names)}"
    yield "Times are UTC. Digests are SHA-256."


def _finding(record: Record) -> Iterator[str]:
    where = f"run {record['run']} ({record['url']}): " if record["run"] else f"{record['url']}: " * bool(record["url"])
    yield f"{record['is']}: {where}{record['what']}"


def _stamp(record: Record) -> Iterator[str]:
    yield f"Time stamp over ledger entry {record['entry']}: {record['says']}"


def _thread(record: Record) -> Iterator[str]:
    yield ""
    yield f"THREAD {record['url']}"
    yield f"  {record['title']}"
    yield f"  by @{record['author']} on {record['platform']}; {record['verdict']}: {_counted(record['posts'], 'post')}"
    if record["proof"]:
        yield f"  {record['proof']}"


def _run_lines(record: Record) -> Iterator[str]:
    yield ""
    yield f"  Run {record['run']}"
    told = {
        "asked for": f"{record['asked_for']} {record['options'] if record['options'] != '{}' else ''}".rstrip(),
        "imported": record["imported"] and f"{_IMPORTED} {record['imported']}, on {record['imported_at']}",
        "captured": f"{record['started_at']} to {record['finished_at'] or 'not finished'}",
        "operator": record["operator"] or "not named",
        "with": record["tool"],
        "outcome": record["outcome"],
        "failures": "" if record["failures"] == "[]" else record["failures"],
        "sealed by": record["receipt"] or "nothing",
        "manifest": record["manifest_sha256"],
        "clocks": _clocks(record["clock_skew_s"]),
        "stamps": "; ".join(record["stamps"]) or "none over this entry or a later one",
    }
    yield from (f"    {name + ':':<11} {value}" for name, value in told.items() if value)
    yield "    what was asked on the wire, and the digest of what came:"


def _exchange_line(record: Record) -> Iterator[str]:
    yield f"      {record['started_at']} {record['method']} {record['url']}"
    status = "no answer" if record["status"] is None else str(record["status"])
    cut = "" if record["complete"] else ", cut"
    peer = f", from {record['peer']}" if record["peer"] else ""
    tls = f", {record['tls']}, certificate {record['cert_sha256']}" if record["tls"] else ""
    error = f", {record['error']}" if record["error"] else ""
    yield f"        {status}{cut}{error}{peer}{tls}"
    if record["body_sha256"]:
        yield f"        {record['body_sha256']}"


def _clocks(seconds: int | None) -> str:
    if seconds is None:
        return "no host told its time"
    return f"at most {_counted(abs(seconds), 'second')} between a host's clock and ours"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


_LINES = {
    "report": _archive,
    "stamp": _stamp,
    "thread": _thread,
    "run": _run_lines,
    "exchange": _exchange_line,
}
