"""Is an archive as it was sealed? Each check yields what it finds; none of them ends because of damage.

    the file ── the ledger ── runs and exchanges against their manifests ── bodies against their names ── files, stamps

A finding names the run. Posts and threads are only compared with the answers by `deep`: they can be made anew.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from archiver.errors import SHAPE_ERRORS
from archiver.evidence import proofs
from archiver.evidence.anchors import anchors, findings, taken_away
from archiver.evidence.beside import copies, held
from archiver.evidence.chain import chain as linked
from archiver.evidence.chain import changed
from archiver.evidence.finding import Finding, Level, guarded, note, problem
from archiver.evidence.removals import removals
from archiver.http.redact import redacted_url
from archiver.ledger import SKEWED, Entry
from archiver.redaction.scrub import standing
from archiver.store.audit import Audit, Body, measured
from archiver.store.exchanges import unpacked


@dataclass(frozen=True, slots=True)
class Withheld:
    """What the ledger says of a body that was withheld: the digest of what is left, and where something was taken out.

    `places` is None for an entry of an earlier version, which does not say.
    """

    left: str
    said: str
    places: tuple[str, ...] | None


RESTS = "that ledger entry {entry} has changed nothing else in the answers with these posts is the word of its author"


class _Archive:
    """What several checks want to know of one archive."""

    def __init__(self, audit: Audit, trusted: Path | None = None):
        self.audit, self.trusted = audit, trusted
        self.entries: list[Entry] = []
        self.runs: Mapping[str, Mapping[str, Any]] = {}
        self.withheld: dict[str, Withheld] = {}
        self.withheld_files: set[str] = set()
        self.transcripts: dict[str, str] = {}  # by run, and what the ledger says of each
        self.attached: dict[str, str] = {}  # digests of files that the ledger names, and what it says of each

    def url(self, run: str) -> str:
        return redacted_url(str(self.runs[run]["url"])) if run in self.runs else ""


def verify(audit: Audit, trusted: Path | None = None) -> Iterator[Finding]:
    """Yield all that is not as it was sealed, and what somebody should know of.

    `trusted` has the root certificates of who stamps the time, those of this computer else.
    """
    yield from _checked(_Archive(audit, trusted), {**_TRUTH, **_BESIDE})


def truth(audit: Audit) -> Iterator[Finding]:
    """Yield what is found in the database alone: the ledger, the runs, and what came."""
    yield from _checked(_Archive(audit), _TRUTH)


def _checked(archive: _Archive, checks: Mapping[str, Callable[[_Archive], Iterable[Finding]]]) -> Iterator[Finding]:
    for name, check in checks.items():
        for finding in guarded(name, lambda check=check: check(archive)):  # type: ignore[misc]
            yield finding if finding.url or not finding.run else _located(finding, archive)


def _located(finding: Finding, archive: _Archive) -> Finding:
    return Finding(level=finding.level, what=finding.what, run=finding.run, url=archive.url(finding.run))


def _database(archive: _Archive) -> Iterator[Finding]:
    yield from map(problem, archive.audit.damages())
    yield from map(problem, archive.audit.alterations())


def _ledger(archive: _Archive) -> Iterator[Finding]:
    archive.runs = archive.audit.runs()
    archive.entries = archive.audit.entries()
    yield from linked(archive.entries)


def _notes(archive: _Archive) -> Iterator[Finding]:
    """Check the entries that are no runs, and learn what was withheld."""
    for entry in archive.entries:
        if entry.run is not None:
            continue
        told = json.loads(archive.audit.body(entry.manifest_sha256) or b"null")
        if not isinstance(told, dict) or told.get("format") != f"thread-{entry.kind}/1":
            yield problem(f"ledger entry {entry.seq} is a {entry.kind}, and what it seals is not")
            continue
        if told.get("at", entry.added_at) != entry.added_at:
            yield problem(f"ledger entry {entry.seq} was added on {told['at']}, and says {entry.added_at}")
        if entry.kind == "redaction":
            said = f"ledger entry {entry.seq} of {entry.added_at}: {told.get('reason', '')}"
            for body in told.get("bodies", ()):
                archive.withheld[body["sha256"]] = _withheld(body, said, archive.withheld.get(body["sha256"]))
            archive.withheld_files |= set(told.get("files", ()))
            archive.transcripts |= dict.fromkeys(told.get("kept", {}), said)
        elif entry.kind == "attachment":
            archive.attached[told["sha256"]] = f"{told['name']}, which ledger entry {entry.seq} of {told['at']} seals"


def _removals(archive: _Archive) -> Iterator[Finding]:
    yield from removals(archive.audit, archive.entries, archive.runs)


def _withheld(body: Mapping[str, Any], said: str, before: Withheld | None) -> Withheld:
    """Return what all entries so far say of a body; what an earlier one took out is still to be out."""
    taken = body.get("taken")
    earlier = before.places if before else ()
    return Withheld(body["left"], said, None if taken is None or earlier is None else (*earlier, *taken))


def _runs(archive: _Archive) -> Iterator[Finding]:
    sealed = Counter(entry.run for entry in archive.entries)
    by_run = {entry.run: entry for entry in archive.entries}
    for run, row in archive.runs.items():
        if row["finished_at"] is None:
            yield note("is not finished, and so not sealed", run, row["url"])
        elif sealed[run] != 1:
            times = "by no entry" if not sealed[run] else f"by {sealed[run]} entries"
            yield problem(f"is sealed {times} of the ledger", run, row["url"])
        else:
            yield from guarded(f"run {run}", lambda run=run: _run(archive, run, by_run[run]))  # type: ignore[misc]
    for entry in archive.entries:
        if entry.run is not None and entry.run not in archive.runs:
            told = json.loads(archive.audit.body(entry.manifest_sha256) or b"{}")
            url = told.get("run", {}).get("url", "")
            yield problem(f"ledger entry {entry.seq} seals this run, which is not there", entry.run, url)


def _clocks(archive: _Archive) -> Iterator[Finding]:
    """Tell of what began, by the computer's clock, before that which was sealed before it had ended."""
    ended = ""
    for entry in archive.entries:
        row = archive.runs.get(entry.run or "")
        if row is None and entry.run:
            continue
        if row and '"imported"' in str(row["asked"]):  # its time is what its file says
            at = str(json.loads(row["asked"]).get("imported_at", ""))
            ended = at.replace("Z", "+00:00") or ended
            continue
        began = str(row["started_at"]) if row else entry.added_at
        if began < ended:
            what = "began" if row else f"ledger entry {entry.seq} ({entry.kind}) was added"
            words = (
                f"{what} on {began} by the computer’s clock, which is before the end of the run that was "
                "sealed before it; the clock was wrong at one of them"
            )
            yield note(words, entry.run or "", row["url"] if row else "", Level.WARNING)
        ended = (str(row["finished_at"] or "") if row else entry.added_at) or ended


def _run(archive: _Archive, run: str, entry: Entry) -> Iterator[Finding]:
    content, row = archive.audit.manifest_of(run), archive.runs[run]
    sealed = archive.audit.body(entry.manifest_sha256)
    if hashlib.sha256(content).hexdigest() == entry.manifest_sha256:
        if sealed is not None and sealed != content:
            yield problem("its manifest is not the one that was sealed", run)
    elif sealed is None or hashlib.sha256(sealed).hexdigest() != entry.manifest_sha256:
        yield problem(f"is not as ledger entry {entry.seq} has sealed it; its manifest is damaged too", run)
    else:
        for words in changed(sealed, content):
            yield problem(words, run)
    if entry.added_at < row["finished_at"]:
        yield problem(f"ended on {row['finished_at']}, and was sealed before that, on {entry.added_at}", run)
    elif entry.added_at != row["finished_at"]:
        yield note(f"ended on {row['finished_at']}, and was sealed on {entry.added_at}", run)
    if redacted_url(row["url"]) != row["url"]:
        said = "its address was stored and sealed with a password or a token, by an earlier version; change that"
        yield note(said, run, level=Level.WARNING)
    skew = json.loads(content)["clock_skew_s"]
    if skew is not None and abs(skew) > SKEWED:
        said = f"a host's clock and ours were {abs(skew)} seconds apart"
        yield note(f"{said}; which one was right is not known", run, level=Level.WARNING)


def _bodies(archive: _Archive) -> Iterator[Finding]:
    for body in archive.audit.bodies():
        if body.codec == "file":
            continue  # it is looked at with the other files
        if said := _fault(body, archive.withheld.get(body.sha256)):
            yield from _named(archive, body.sha256, said)
        elif body.codec == "withheld":
            words = f"withheld by {archive.withheld[body.sha256].said}"
            yield from _named(archive, body.sha256, words, Level.WITHHELD)


def _fault(body: Body, withheld: Withheld | None) -> str:
    """Return in words what is wrong with a body, "" where nothing is."""
    if body.codec not in ("raw", "zlib", "withheld"):
        return f"it is packed in an unknown way ({body.codec})"
    if body.codec == "withheld" and withheld is None:
        return "it was taken out, and no redaction in the ledger says so"
    try:
        digest, size = measured(body.codec, body.data)
    except SHAPE_ERRORS as error:
        return f"it cannot be unpacked ({error})"
    if withheld and body.codec == "withheld":
        return _fault_of_rest(body, withheld, digest, size)
    if digest != body.sha256:
        return f"its bytes are others: they have the digest {digest[:12]}…"
    return "" if size == body.size else f"its size is {size}, and is said to be {body.size}"


def _fault_of_rest(body: Body, withheld: Withheld, digest: str, size: int) -> str:
    if not (size or withheld.left):
        return ""
    if digest != withheld.left:
        return "what is left of it is not what the redaction says"
    try:
        still = list(standing(unpacked(body.codec, body.data), withheld.places or ()))
    except SHAPE_ERRORS:
        return "what is left of it has not the places from which the redaction says that it took something"
    return f"at {still[0]} stands something that the redaction says it took out" if still else ""


def _redacted(archive: _Archive) -> Iterator[Finding]:
    """Yield what rests on the word of whoever has redacted, and transcripts for which there was no reason."""
    for run, said in archive.transcripts.items():
        bodies = {row["body_sha256"] for row in archive.audit.exchanges(run)}
        if not bodies & archive.withheld.keys():
            yield problem(f"{said} puts a transcript in the place of its answers, of which none is withheld", run)
        else:
            words = f"what it showed is kept as {said} wrote it down; its answers do not give all of it any more"
            yield note(words, run, level=Level.WITHHELD)
    for url, reduction, posts in archive.audit.reduced():
        ids = ", ".join(posts)
        yield note(f"{RESTS.format(entry=reduction.entry)}: {ids}", url=url, level=Level.WITHHELD)


def _named(archive: _Archive, sha256: str, said: str, level: Level = Level.PROBLEM) -> Iterator[Finding]:
    """Yield a finding for each run that a body belongs to."""
    uses = archive.audit.uses(sha256)
    for run in dict.fromkeys(use.run for use in uses):
        names = ", ".join(dict.fromkeys(use.what for use in uses if use.run == run))
        yield note(f"body {str(sha256)[:12]}… ({names}): {said}", run, level=level)
    if not uses:
        yield note(f"body {str(sha256)[:12]}…: {said}", level=level)


def _names(archive: _Archive) -> Iterator[Finding]:
    for sha256, use in archive.audit.lacking():
        yield problem(f"body {str(sha256)[:12]}… ({use.what}) is missing", use.run)
    for sha256, use in archive.audit.unlisted():
        yield problem(f"body {str(sha256)[:12]}… ({use.what}) is said to be a file, and none is listed", use.run)
    for sha256 in archive.audit.strays():
        yield problem(f"body {str(sha256)[:12]}… belongs to nothing that is here")


def _files(archive: _Archive) -> Iterator[Finding]:
    yield from held(archive.audit, archive.withheld_files, archive.attached)


def _proofs(archive: _Archive) -> Iterator[Finding]:
    yield from proofs.findings(archive.audit)


def _anchors(archive: _Archive) -> Iterator[Finding]:
    there = anchors(archive.audit, archive.entries, archive.trusted)
    for anchor in there:
        yield from findings(anchor)
    yield from taken_away(archive.audit, archive.entries)
    yield from copies(archive.audit.folder, [(anchor.seq, anchor.stamp) for anchor in there])


def withheld(audit: Audit) -> set[str]:
    """Return the digests of bodies and files that were taken out, as the ledger says."""
    archive = _Archive(audit)
    archive.entries = audit.entries()
    list(_notes(archive))  # what is wrong with them is told elsewhere
    return set(archive.withheld) | {PurePosixPath(file).stem for file in archive.withheld_files}


_TRUTH: Mapping[str, Callable[[_Archive], Iterable[Finding]]] = {
    "the database": _database,
    "the ledger": _ledger,
    "the notes in the ledger": _notes,
    "the runs": _runs,
    "the removals": _removals,
    "the clocks": _clocks,
    "the bodies": _bodies,
    "what names bodies": _names,
    "what was redacted": _redacted,
}
_BESIDE: Mapping[str, Callable[[_Archive], Iterable[Finding]]] = {
    "the files": _files,
    "the time stamps": _anchors,
    "the proofs by authors": _proofs,
}
