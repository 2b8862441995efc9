"""Time stamps as an archive holds them: over which entries they speak, and what is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from archiver.evidence.der import Damaged
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.evidence.openssl import Signature, signature
from archiver.evidence.stamps import (
    OPENTIMESTAMPS,
    PROOF,
    QUERY,
    RFC3161,
    Granted,
    Stamp,
    digest_of,
    is_promise,
    problems_of,
    read_reply,
    told_by,
)
from archiver.ledger import SKEWED, Entry
from archiver.model import utc
from archiver.store.audit import Audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A time stamp over an entry of the ledger; `entry` is None where that is not as it was stamped.

    `faults` says what is wrong with it, `granted` what an authority vouches for, `signature` what OpenSSL says of that.
    `is_asked_for` tells whether a run asked for a promise: nobody can check one by itself before it is complete.
    """

    log: str
    seq: int
    at: str
    stamp: Stamp
    entry: Entry | None
    faults: tuple[str, ...]
    granted: Granted | None = None
    signature: Signature | None = None
    is_asked_for: bool = True

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"the time stamp of {self.at} by {self.stamp.url}"

    @property
    def said(self) -> str:
        """What it says, and whether that was checked."""
        checked = f"; {self.signature.said}" if self.signature else ""
        checked += "" if self.is_asked_for else "; no run here asked for it, so anybody may have put it in"
        return "; ".join([f"{told_by(self.stamp)}{checked}", *(f"it {fault}" for fault in self.faults)])

    def covers(self, entry: Entry) -> bool:
        """Whether it vouches for an entry: for those of its own log up to the one that was stamped."""
        speaks = self.granted is not None or self.stamp.kind == OPENTIMESTAMPS
        return speaks and not self.faults and entry.log == self.log and entry.seq <= self.seq


def anchors(audit: Audit, entries: Sequence[Entry], trusted: Path | None = None) -> list[Anchor]:
    """Return the time stamps of an archive; `trusted` has root certificates, those of this computer else."""
    by_place = {(entry.log, entry.seq): entry for entry in entries}
    return [_anchor(audit, row, by_place, trusted) for row in audit.anchors()]


def _anchor(
    audit: Audit, row: Mapping[str, Any], entries: Mapping[tuple[str, int], Entry], trusted: Path | None
) -> Anchor:
    stamp, entry = stamp_of(audit, row), entries.get((row["log"], row["seq"]))
    place = {"log": row["log"], "seq": row["seq"], "at": row["added_at"], "stamp": stamp}
    if stamp.kind not in (RFC3161, OPENTIMESTAMPS):
        return Anchor(**place, entry=None, faults=(f"is of a kind that this program does not know: {stamp.kind}",))
    faults = [] if entry else [f"is over ledger entry {row['seq']}, which is not there"]
    if entry and entry.hash != stamp.head:
        faults, entry = [f"is over another entry {row['seq']} than the one that is here"], None
    faults += [*problems_of(stamp), *_asked_of(audit, row, stamp)]
    granted, judged = None, None
    if stamp.kind == RFC3161:
        try:
            answer = read_reply(stamp.reply)
            if isinstance(answer, Granted):
                granted, judged = answer, signature(stamp, trusted)
        except Damaged:
            pass  # kept as it came; `said` tells
    if judged and judged.is_sound is False:
        faults.append("has a signature that is not sound: it was changed")
    is_asked_for = stamp.kind == RFC3161 or bool(_promises_in(audit, stamp))
    return Anchor(
        **place, entry=entry, faults=tuple(faults), granted=granted, signature=judged, is_asked_for=is_asked_for
    )


def _asked_of(audit: Audit, row: Mapping[str, Any], stamp: Stamp) -> list[str]:
    """Compare who is said to have stamped, and when, with who was asked, as the sealed run has it."""
    if stamp.kind == OPENTIMESTAMPS:
        return _promised_by(audit, row, stamp)
    asked = audit.answered_by(row["reply_sha256"])
    if not asked:
        return []
    faults = (
        [] if any(row["url"] == url for url, _, _ in asked) else [f"came from {', '.join(url for url, *_ in asked)}"]
    )
    if not any(came <= row["added_at"] <= (ended or row["added_at"]) for _, came, ended in asked):
        faults.append(f"came at {', '.join(came for _, came, _ in asked)}")
    return faults


def _promised_by(audit: Audit, row: Mapping[str, Any], stamp: Stamp) -> list[str]:
    promises = _promises_in(audit, stamp)
    calendars = sorted({answer.asked_url.removesuffix("/digest") for answer in promises})
    names = sorted(url.rstrip("/") for url in str(row["url"]).split())
    faults = [f"came from {', '.join(calendars)}"] if promises and names != calendars else []
    if any(str(row["added_at"]) < answer.at for answer in promises):
        faults.append(f"came at {max(answer.at for answer in promises)}")
    return faults


def _promises_in(audit: Audit, stamp: Stamp) -> list["_Vouching"]:
    answers = (answer for answer in _vouching(audit) if answer.kind == OPENTIMESTAMPS)
    return [answer for answer in answers if answer.body in stamp.reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vouching:
    """An answer that vouches for a digest, as a run has it; `run_url` is what the run was asked for."""

    kind: str
    digest: bytes
    asked_url: str
    at: str
    sha256: str
    body: bytes
    run: str
    run_url: str


def _vouching(audit: Audit) -> Iterator[_Vouching]:
    """Yield what authorities and calendars have answered, but for refusals."""
    for run, row in audit.runs().items():
        for exchange in audit.exchanges(run):
            answer = audit.body(exchange["body_sha256"] or "") or b""
            kind, digest = _vouched_for(audit, exchange, answer)
            if digest:
                yield _Vouching(
                    kind=kind,
                    digest=digest,
                    asked_url=exchange["asked_url"],
                    at=exchange["finished_at"],
                    sha256=exchange["body_sha256"],
                    body=answer,
                    run=run,
                    run_url=row["url"],
                )


def _vouched_for(audit: Audit, exchange: Mapping[str, Any], answer: bytes) -> tuple[str, bytes]:
    """Return as what kind of stamp an answer vouches for which digest; b"" where it vouches for nothing."""
    head = str(exchange["request_head"]).lower()
    if PROOF in head and is_promise(answer):
        return OPENTIMESTAMPS, audit.body(exchange["request_body_sha256"] or "") or b""
    try:
        granted = read_reply(answer) if QUERY in head else None
    except Damaged:
        granted = None
    return RFC3161, granted.imprint if isinstance(granted, Granted) else b""


def taken_away(audit: Audit, entries: Sequence[Entry]) -> Iterator[Finding]:
    """Yield the stamps that came in a run, over an entry that is here, and are kept as stamps no more."""
    rows = audit.anchors()
    replies = {row["reply_sha256"] for row in rows}
    proofs = [audit.body(row["reply_sha256"]) or b"" for row in rows if row["kind"] == OPENTIMESTAMPS]
    entry_of = {digest_of(entry.hash): entry.seq for entry in entries}
    for answer in _vouching(audit):
        is_kept = answer.sha256 in replies or any(answer.body in proof for proof in proofs)
        if answer.digest in entry_of and not is_kept:
            verb = "promised to stamp" if answer.kind == OPENTIMESTAMPS else "stamped"
            words = (
                f"{answer.asked_url} {verb} ledger entry {entry_of[answer.digest]} in it, and that stamp is not kept"
            )
            said = f"{words} as one: somebody took it away, or nobody put it there"
            yield note(said, answer.run, answer.run_url, Level.WARNING)


def stamp_of(audit: Audit, anchor: Mapping[str, Any]) -> Stamp:
    """Return a row of `_anchors` as a stamp; what is missing of it is empty."""
    return Stamp(
        kind=anchor["kind"],
        url=anchor["url"],
        head=anchor["head"],
        request=audit.body(anchor["request_sha256"] or "") or b"",
        reply=audit.body(anchor["reply_sha256"]) or b"",
    )


def findings(anchor: Anchor) -> Iterator[Finding]:
    """Yield what is wrong with a time stamp, and what it says."""
    yield from (problem(f"{anchor.name} {fault}") for fault in anchor.faults)
    if anchor.faults:
        return
    doubtful = not anchor.is_asked_for or (anchor.signature is not None and not anchor.signature.is_trusted)
    yield note(f"ledger entry {anchor.seq}: {anchor.said}", level=Level.WARNING if doubtful else Level.NOTE)
    if anchor.granted and anchor.entry and anchor.granted.time < utc(anchor.entry.added_at) - timedelta(seconds=SKEWED):
        words = f"{anchor.name} says {anchor.granted.time:%Y-%m-%d %H:%M:%S}, and what it stamps was added later, on "
        yield note(f"{words}{anchor.entry.added_at}: one of the two is wrong", level=Level.WARNING)
