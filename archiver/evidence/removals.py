"""Does a removal hide what it says that it hides? The runs that it names are named, and compared with its thread.

By the rows alone: the runs were sealed before it, and its thread is not there out of them. By the answers: the archive
as it was before the removal gave this thread out of these runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from archiver.evidence.deep import rewound
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.http.redact import redacted_url
from archiver.ledger import Entry
from archiver.store.audit import Audit


def removals(audit: Audit, entries: Sequence[Entry], runs: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield which threads were removed, with the address of each run, and what of that cannot be as it is said."""
    sealed = {entry.run: entry.seq for entry in entries if entry.run}
    threads = {thread["id"]: thread for thread in audit.threads()}
    for told in audit.removals():
        seq, thread = told["entry"], told["thread"]
        why = f": {told['reason']}" if told["reason"] else ""
        yield note(f"thread {thread} was removed by ledger entry {seq} of {told['at']}{why}")
        for run in told["runs"]:
            if run not in runs:
                yield problem(f"ledger entry {seq} removes a run that is not there", run)
            elif sealed.get(run, 0) > seq:
                yield problem(f"ledger entry {seq} removes this run, which was sealed after it", run)
            else:
                yield note(f"is not read any more: ledger entry {seq} removed it with thread {thread}", run)
        if thread in threads and not any(sealed.get(run, seq + 1) > seq for run in threads[thread]["runs"]):
            words = f"ledger entry {seq} says that this thread was removed, and it is there, and was not saved since"
            yield problem(words, url=threads[thread]["url"])


def gave(audit: Audit, now: datetime, withheld: set[str]) -> Iterator[Finding]:
    """Yield the runs out of which, before their removal, came another thread than the one that the ledger names."""
    runs = audit.runs()
    for told in audit.removals():
        with rewound(audit, told["entry"] - 1, now) as archive:
            due = set(archive.history.runs_of(told["thread"]))
            shown = {thread.id: thread.url for thread in archive.threads()}
            gave = {run: (archive.history.thread_of(run) or ("", 0))[0] for run in told["runs"]}
        for run in (run for run in told["runs"] if run in runs and run not in due):
            url = redacted_url(str(runs[run]["url"]))
            if withheld & {row["body_sha256"] for row in audit.exchanges(run)}:
                words = "what it gave is withheld; that it gave the thread that was removed is the word of who did it"
                yield note(f"{words}, in ledger entry {told['entry']}", run, url, Level.WITHHELD)
            else:
                other = shown.get(gave[run], "no thread")
                words = f"ledger entry {told['entry']} removed it with thread {told['thread']}, and it gave {other}"
                yield problem(words, run, url)
