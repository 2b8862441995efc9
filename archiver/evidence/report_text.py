"""The report as text for a person who signs: a summary, how it was made, what vouches for it, and then all of it.

It follows what the US Federal Rules of Evidence 902(13) and (14) and the Berkeley Protocol on Digital Open Source
Investigations (sections 153 to 167) ask for.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from archiver.evidence.finding import holdings
from archiver.evidence.report import Record

PROCESS = """\
The archive was made by the program that each run names, in these steps:
(a) It asked the public interfaces and pages of a platform, request by request, as Appendix C lists them; where the
    connection was encrypted, the version of TLS and the digest of the host's certificate are there.
(b) Each request and each answer was written to the disk as it crossed the wire, before it was read, with the times by
    this computer's clock and by the host's where it told one. Passwords, tokens and cookies were replaced before that.
(c) When a run ended, a list of all of it, with the SHA-256 digest of each answer, was sealed by an entry of the ledger,
    whose hash also covers the entry before it (Appendix B).
(d) The threads were read out of the kept answers. That can be repeated at any time and gives the same; documents are
    written from it.
A run that was imported was recorded by another program: the file or folder that is named with it vouches for its times
and addresses, and nothing else does."""

MEANING = """\
What the hashes prove: that what they seal was not changed since. Each entry of the ledger seals the entries before it;
so all up to an entry is as it was when somebody outside of this archive got its receipt, a time stamp or a copy.

What they do not prove: that the server said it. An encrypted connection proves to the one who makes it whom they talk
to, and leaves nothing behind that would prove it to others. For that, this report names who captured, with which
program and by which method; the person who signs it vouches for these. The clock of the machine was taken as it was;
where hosts told the time, the largest difference is named."""

SIGNATURE = """\
To be filled in by a qualified person, for instance under the US Federal Rules of Evidence 902(11), (13) and (14).
Strike out what is not true, and take advice: this page is none.

I, _____________________________ (name), _____________________________ (position, employer), am qualified to state
this by ______________________________________________________ (training, experience, acquaintance with the program).

[ ] I captured what is listed here, or supervised that.        [ ] I have only checked it, as is written above.
1. The records in this archive were made at the time, and by the process, that this report describes.
2. The process produces an accurate result; the computer and its clock worked properly, so far as I know, but for:
   ________________________________________________________________________________________________________________
3. The copy that is handed over has the digests that are listed in Appendix A; they are those of the original.
4. From when it was captured until today the archive was kept by: _________________________________________________

I declare under penalty of perjury that the foregoing is true and correct.

Date: ____________________    Place: ______________________________    Signature: ______________________________

Digest of this report, once it is saved (sha256sum REPORT.txt): ___________________________________________________"""

_KINDS = ("report", "thread", "redaction", "removal", "attachment", "stamp", "file", "entry", "run", "exchange")


def text(records: Iterable[Record]) -> Iterator[str]:
    """Yield the report as lines; where an archive is too damaged for more, what was found."""
    by_kind: defaultdict[str, list[Record]] = defaultdict(list)
    for record in map(_escaped, records):
        by_kind[record["is"] if record["is"] in _KINDS else "finding"].append(record)
    findings = [line for record in by_kind["finding"] for line in _finding(record)]
    if not by_kind["report"]:
        yield from findings
        return
    yield from _summary(by_kind)
    yield from _part("1. WHAT WAS FOUND", findings)
    yield from _part("2. HOW IT WAS MADE", PROCESS.splitlines())
    yield from _part("3. WHAT IT PROVES", MEANING.splitlines())
    yield from _part("4. TIME STAMPS", _each(by_kind["stamp"], _stamp))
    yield from _part("5. WHAT WAS WITHHELD", _each(by_kind["redaction"], _redaction))
    yield from _part("6. WHAT WAS REMOVED", _each(by_kind["removal"], _removal))
    yield from _part("7. WHAT WAS PUT BESIDE THREADS", _each(by_kind["attachment"], _attachment))
    yield from _part("8. STATEMENT", SIGNATURE.splitlines())
    yield from _part("APPENDIX A: THE FILES, WITH THEIR DIGESTS (SHA-256)", _each(by_kind["file"], _file))
    yield from _part("APPENDIX B: THE LEDGER", _each(by_kind["entry"], _entry))
    yield from _part("APPENDIX C: EACH RUN", _runs(by_kind))


def _escaped(value: Any) -> Any:
    """Return a value with line breaks and other characters that nobody sees written out: nothing begins a line anew."""
    if isinstance(value, str):
        return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in value)
    if isinstance(value, list):
        return [_escaped(part) for part in value]
    return {name: _escaped(part) for name, part in value.items()} if isinstance(value, dict) else value


def _part(name: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", name, "")
    yield from list(lines) or ["None."]


def _each(records: Iterable[Record], lines: Callable[[Record], Iterable[str]]) -> Iterator[str]:
    for record in records:
        yield from lines(record)


def _summary(by_kind: defaultdict[str, list[Record]]) -> Iterator[str]:
    [told], runs = by_kind["report"], by_kind["run"]
    operators = sorted({run["operator"] or "not named" for run in runs})
    deep = (
        "compared with the kept answers, row by row and byte by byte" if told["deep"] else "not compared (--deep does)"
    )
    yield "REPORT ON AN ARCHIVE OF THREADS"
    yield ""
    lines = {
        "Archive": told["archive"],
        "Checked": f"{told['made_at']}, by {told['checked_by'] or 'somebody who is not named'}",
        "With": told["made_by"],
        "Program": f"{told['program']}, the digest of the list of its files",
        "On": f"{told['system']}; its clock was taken as it was",
        "Result": told["result"] + (f"; {_counted(told['warnings'], 'warning')}" if told["warnings"] else ""),
        "Threads": deep,
        "Receipt": told["receipt"] or "none: the ledger is empty",
        "Log": told["log"] or "none",
        "Captured": _span([run["started_at"] for run in runs], [run["finished_at"] for run in runs]),
        "By": ", ".join(operators) or "nobody",
        "Holds": holdings(told),
    }
    yield from (f"{name + ':':<10} {value}" for name, value in lines.items())
    yield "Times are UTC. Digests are SHA-256."
    for thread in by_kind["thread"]:
        yield from _thread(thread)
    imported = [run for run in runs if run["imported"]]
    alone = [run for run in runs if not run["threads"]]
    yield ""
    yield f"Imported:  {_counted(len(imported), 'run')} out of files or folders, which alone vouch for them"
    yield f"Withheld:  by {_counted(len(by_kind['redaction']), 'redaction')}"
    yield f"Removed:   {_counted(len(by_kind['removal']), 'thread')}, whose runs are not read any more"
    yield f"Attached:  {_counted(len(by_kind['attachment']), 'file')}"
    yield f"No thread: {_counted(len(alone), 'run')}, such as one that failed or that asked for a time stamp"


def _span(began: Sequence[str], ended: Sequence[str | None]) -> str:
    last = [end for end in ended if end]
    return f"{min(began)} to {max(last) if last else 'now'}" if began else "nothing"


def _thread(record: Record) -> Iterator[str]:
    yield ""
    yield f"THREAD {record['url']}"
    yield f"  {record['title']}"
    yield f"  by @{record['author']} on {record['platform']}; {record['verdict']}: {_counted(record['posts'], 'post')}"
    if record["proof"]:
        yield f"  {record['proof']}"
    runs = ", ".join(run[:8] for run in record["runs"])
    yield f"  out of {_counted(len(record['runs']), 'run')} of Appendix C: {runs}"


def _finding(record: Record) -> Iterator[str]:
    where = f"run {record['run']} ({record['url']}): " if record["run"] else f"{record['url']}: " * bool(record["url"])
    yield f"{record['is']}: {where}{record['what']}"


def _stamp(record: Record) -> Iterator[str]:
    yield f"Over ledger entry {record['entry']}, and so over all before it: {record['says']}"
    if record["files"]:
        yield f"  in seals/: {', '.join(record['files'])}"
    if record["command"]:
        yield f"  {record['command']}"


def _redaction(record: Record) -> Iterator[str]:
    yield f"Ledger entry {record['entry']}, {record['at']}, by {record['operator'] or 'somebody who is not named'}"
    yield f"  reason:  {record['reason']}"
    yield f"  posts:   {', '.join(record['posts'])} of {record['thread'] or 'what came again'}"
    files = f", and these files deleted: {', '.join(record['files'])}" if record["files"] else ""
    yield f"  changed: {_counted(record['answers'], 'answer')}{files}"


def _removal(record: Record) -> Iterator[str]:
    yield f"Ledger entry {record['entry']}, {record['at']}, by {record['operator'] or 'somebody who is not named'}"
    yield f"  thread: {record['thread']}"
    yield f"  reason: {record['reason'] or 'not given'}"
    yield f"  {'what came for it alone was purged' if record['purged'] else 'what came is kept'}, in these runs:"
    for run, address in zip(record["runs"], record["addresses"], strict=True):
        yield f"    {run} of {address or 'an address that is not known: no such run is here'}"


def _attachment(record: Record) -> Iterator[str]:
    yield f"Ledger entry {record['entry']}, {record['at']}, by {record['operator'] or 'somebody who is not named'}"
    yield f"  {record['name']}, {_counted(record['size'], 'byte')}, beside {record['thread']}"
    yield f"  {record['sha256']}"
    if record["note"]:
        yield f"  note: {record['note']}"


def _file(record: Record) -> Iterator[str]:
    yield f"{record['sha256']}  {record['path']}"


def _entry(record: Record) -> Iterator[str]:
    of = f" of run {record['run']}" if record["run"] else ""
    yield f"{record['entry']}  {record['kind']}{of}, added {record['added_at']}"
    yield f"   manifest {record['manifest_sha256']}"
    yield f"   head     {record['hash']}"


def _runs(by_kind: defaultdict[str, list[Record]]) -> Iterator[str]:
    exchanges: defaultdict[str, list[Record]] = defaultdict(list)
    for record in by_kind["exchange"]:
        exchanges[record["run"]].append(record)
    addresses = {thread["id"]: thread["url"] for thread in by_kind["thread"]}
    for number, run in enumerate(by_kind["run"]):
        yield from [""] * bool(number)
        yield from _run(run, ", ".join(addresses[thread] for thread in run["threads"]))
        for exchange in exchanges[run["run"]]:
            yield from _exchange(exchange)


def _run(record: Record, threads: str) -> Iterator[str]:
    yield f"Run {record['run']}"
    only = "answers, times and addresses are what this file or folder says, which alone vouches for them:"
    told = {
        "asked for": f"{record['asked_for']} {record['options'] if record['options'] != '{}' else ''}".rstrip(),
        "imported": record["imported"] and f"{only} {record['imported']}, on {record['imported_at']}",
        "captured": f"{record['started_at']} to {record['finished_at'] or 'not finished'}",
        "operator": record["operator"] or "not named",
        "with": record["tool"],
        "outcome": record["outcome"],
        "gave": threads or "no thread",
        "failures": "" if record["failures"] == "[]" else record["failures"],
        "sealed by": record["receipt"] or "nothing",
        "manifest": record["manifest_sha256"],
        "clocks": _clocks(record["clock_skew_s"]),
        "stamps": "; ".join(record["stamps"]) or "none over this entry or a later one",
    }
    yield from (f"  {name + ':':<11} {value}" for name, value in told.items() if value)
    yield "  what was asked on the wire, and the digest of what came:"


def _exchange(record: Record) -> Iterator[str]:
    yield f"    {record['started_at']} {record['method']} {record['url']}"
    status = "no answer" if record["status"] is None else str(record["status"])
    cut = "" if record["complete"] else ", cut"
    peer = f", from {record['peer']}" if record["peer"] else ""
    tls = f", {record['tls']}, certificate {record['cert_sha256']}" if record["tls"] else ""
    error = f", {record['error']}" if record["error"] else ""
    yield f"      {status}{cut}{error}{peer}{tls}"
    if record["body_sha256"]:
        yield f"      {record['body_sha256']}"


def _clocks(seconds: int | None) -> str:
    if seconds is None:
        return "no host told its time"
    return f"at most {_counted(abs(seconds), 'second')} between a host's clock and ours"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
