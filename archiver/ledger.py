"""The ledger: what was captured, entry by entry, each sealed by the next. Pure sums over rows; the store holds them.

    run, exchanges ── manifest ──► canonical JSON ── sha256 ──┐
    the entry before ── its hash ─────────────────────────────┴── sha256 ──► this entry's hash, the head

Whoever knows one head can tell whether anything before it was changed. A manifest names bodies by their digests, so a
body can be withheld later without breaking the chain. Canonical JSON: keys sorted, no spaces, UTF-8.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from archiver.http.message import header
from archiver.http.redact import REDACTED, USER
from archiver.model import utc

GENESIS = "0" * 64
FORMAT = "thread-manifest/1"
KINDS = ("capture", "attachment", "redaction", "removal")  # of entries
SKEWED = 60  # seconds between the host's clock and ours from which somebody should look

# What a run's manifest says of it, by the names of the columns of `_runs`; the same for each exchange.
OF_RUN = ("id", "url", "asked", "tool", "operator", "started_at", "finished_at", "outcome", "failures")
OF_EXCHANGE = (
    *("seq", "attempt", "asked_url", "url", "method", "request_head", "request_body_sha256"),
    *("started_at", "finished_at", "status", "reason", "response_head", "body_sha256"),
    *("complete", "error", "peer", "tls", "cert_sha256"),
)

OF_MEDIA = ("url", "place", "asked_url", "sha256", "kind", "said", "at")  # of `_media`

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger; `kind` is capture, attachment or redaction, `run` None unless it is a capture.

    `hash` seals the entry, its manifest and all entries before it.
    """

    log: str
    seq: int
    kind: str
    run: str | None
    manifest_sha256: str
    prev: str
    hash: str
    added_at: str

    @property
    def receipt(self) -> str:
        """What to publish or mail, so that somebody outside can vouch for the archive."""
        return f"ledger {self.seq} · head {self.hash}"


def canonical(value: Any) -> bytes:
    """Return the one way in which a value is written: two archives agree on every byte."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def manifest(run: Row, exchanges: Iterable[Row], media: Iterable[Row] = ()) -> bytes:
    """Return what a run's entry seals: all that is stored of the run and of each exchange, bodies by their digests.

    A run that fetched no media says nothing of them, as before there were any.
    """
    exchange_rows = [{name: row[name] for name in OF_EXCHANGE} for row in exchanges]
    fetched = [{name: row[name] for name in OF_MEDIA} for row in media]
    return canonical(
        {
            **({"media": fetched} if fetched else {}),
            "format": FORMAT,
            "run": {name: run[name] for name in OF_RUN},
            "exchanges": exchange_rows,
            "redacted": sorted({name for row in exchange_rows for name in _redacted(row)}),
            "clock_skew_s": skew(exchange_rows),
        }
    )


def link(prev: str, manifest_sha256: str) -> str:
    """Return an entry's hash. Both are SHA-256 in hex."""
    return hashlib.sha256(bytes.fromhex(prev) + bytes.fromhex(manifest_sha256)).hexdigest()


def following(last: Entry | None, *, log: str, kind: str, run: str | None, manifest: bytes, added_at: str) -> Entry:
    """Return the entry that comes after the last one, or the first of a log."""
    prev = last.hash if last else GENESIS
    digest = hashlib.sha256(manifest).hexdigest()
    return Entry(
        log=last.log if last else log,
        seq=last.seq + 1 if last else 1,
        kind=kind,
        run=run,
        manifest_sha256=digest,
        prev=prev,
        hash=link(prev, digest),
        added_at=added_at,
    )


def skew(exchanges: Iterable[Row]) -> int | None:
    """Return the largest difference between the hosts' clocks and ours, in whole seconds; None where no host told."""
    return max((seconds for seconds, _ in skews(exchanges)), key=abs, default=None)


def skews(exchanges: Iterable[Row]) -> Iterator[tuple[int, str]]:
    """Yield how many seconds a host's clock was ahead of ours at each exchange where it told, and the address."""
    for row in exchanges:
        try:
            headers = _headers(row["response_head"])
            age = timedelta(seconds=int(header(headers, "age") or 0))  # an answer out of a cache is dated when it began
            host_time = parsedate_to_datetime(header(headers, "date")) + age
            yield round((host_time - utc(row["finished_at"])).total_seconds()), row["url"]
        except (ValueError, TypeError, OverflowError):
            continue


def _redacted(row: Row) -> Iterable[str]:
    """Yield the names of headers, and "url" for an address, of which something was taken out before it was kept."""
    if any(mark in row[name] for mark in (REDACTED, f"//{USER}@") for name in ("url", "asked_url")):
        yield "url"
    for head in (row["request_head"], row["response_head"]):
        yield from (name.lower() for name, value in _headers(head) if REDACTED in value)


def _headers(head: str) -> tuple[tuple[str, str], ...]:
    lines = (line.partition(": ") for line in head.split("\n"))
    return tuple((name, value) for name, _, value in lines if value)
