"""The ledger as sums: does it hang together, and what is not as it was sealed? Pure: the rows come from elsewhere."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archiver.errors import SHAPE_ERRORS, UsageError
from archiver.evidence.finding import Finding, Level, problem
from archiver.ledger import GENESIS, KINDS, Entry, link

SHORTEST = 12  # hex digits of a receipt's hash

_RECEIPT = re.compile(r"(?:ledger )?(\d{1,18})(?: · head |:)([0-9a-f]{12,64})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What somebody outside wrote down: the number of an entry, and its hash or the beginning of that."""

    seq: int
    hash: str


def receipt(text: str) -> Receipt:
    """Read a receipt as it was printed, or as `N:HASH`. Raises UsageError for anything else."""
    found = _RECEIPT.fullmatch(text.strip())
    if not found:
        raise UsageError(
            f'"{text}" is no receipt; it looks like 118:9f2c41d07a55 ({SHORTEST} digits of the hash, or more)'
        )
    return Receipt(int(found[1]), found[2].lower())


def vouched(entries: Sequence[Entry], given: Receipt) -> Iterator[Finding]:
    """Yield what a receipt says against the ledger."""
    known = [entry.hash for entry in entries if entry.seq == given.seq]
    if not known:
        yield problem(f"the receipt {given.seq}:{given.hash[:SHORTEST]} is of an entry that the ledger does not have")
    elif not any(hash_.startswith(given.hash) for hash_ in known):
        yield problem(
            f"the receipt {given.seq}:{given.hash[:SHORTEST]} does not fit: entry {given.seq} has {known[0][:SHORTEST]}"
        )


def answered(entries: Sequence[Entry], given: Receipt) -> Iterator[Finding]:
    """Yield up to where a receipt that fits answers, and what was added since."""
    for entry in entries:
        if entry.seq == given.seq and entry.hash.startswith(given.hash):
            since = _since([later for later in entries if later.log == entry.log and later.seq > entry.seq])
            words = f"the receipt fits: entry {entry.seq} and all before it are what they were when it was given"
            words += f"; {since or 'nothing was added since'}"
            yield Finding(level=Level.NOTE, what=words, entry=entry.seq, since=since)


def _since(entries: Sequence[Entry]) -> str:
    """Return in words which entries these are: what came after a receipt, for which it does not answer; "" for none."""
    if not entries:
        return ""
    counts = Counter("run" if entry.kind == "capture" else entry.kind for entry in entries)
    kinds = ", ".join(f"1 {kind}" if number == 1 else f"{number} {kind}s" for kind, number in counts.items())
    numbers = f"entry {entries[0].seq} was" if len(entries) == 1 else f"entries {_places(entries)} were"
    return f"{numbers} added since: {kinds}"


def _places(entries: Sequence[Entry]) -> str:
    first, last = entries[0].seq, entries[-1].seq
    return f"{first} and {last}" if len(entries) == 2 else f"{first} to {last}"


def chain(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Yield every place where the entries do not hang together. An archive has one log, from entry 1 without a gap."""
    logs: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        logs[entry.log].append(entry)
    if len(logs) > 1:
        names = ", ".join(f"{log} with {len(of_log)} entries" for log, of_log in logs.items())
        yield problem(f"the ledger has {len(logs)} logs ({names}), and an archive has one: entries were put in")
    for log in logs.values():
        before: Entry | None = None
        for entry in log:
            yield from _after(before, entry)
            before = entry


def _after(before: Entry | None, entry: Entry) -> Iterator[Finding]:
    seq, prev = (before.seq + 1, before.hash) if before else (1, GENESIS)
    name = f"ledger entry {entry.seq}"
    if entry.seq != seq:
        yield problem(f"{name} follows entry {seq - 1}: what was between them is gone", entry.run or "")
    elif entry.prev != prev:
        yield problem(f"{name} was sealed upon another entry {seq - 1} than the one that is here", entry.run or "")
    if entry.kind not in KINDS:
        yield problem(f"{name} is of a kind that this program does not know: {entry.kind}", entry.run or "")
    elif (entry.kind == "capture") != (entry.run is not None):
        yield problem(f"{name} is a {entry.kind} and names {'a' if entry.run else 'no'} run", entry.run or "")
    try:
        right = link(entry.prev, entry.manifest_sha256)
    except SHAPE_ERRORS:
        right = ""
    if entry.hash != right:
        yield problem(f"{name} has a hash that is not the one of its manifest and predecessor", entry.run or "")


def changed(sealed: bytes, now: bytes) -> Iterator[str]:
    """Yield in words how a run's manifest differs from the one that was sealed. Both are valid manifests."""
    then_, now_ = json.loads(sealed), json.loads(now)
    for name in _differing(then_["run"], now_["run"]):
        yield f"{name} was sealed as {_short(then_['run'].get(name))} and is {_short(now_['run'].get(name))}"
    before, after = _by_place(then_), _by_place(now_)
    for place in sorted(before.keys() | after.keys()):
        exchange = before.get(place) or after[place]
        name = f"exchange {place[0]}.{place[1]} ({exchange['method']} {exchange['url']})"
        if place not in after:
            yield f"{name} was sealed and is not there"
        elif place not in before:
            yield f"{name} was not there when the run was sealed"
        else:
            for column in _differing(before[place], after[place]):
                then, is_ = before[place].get(column), after[place].get(column)
                yield f"{name}: {column} was sealed as {_short(then)} and is {_short(is_)}"
    yield from _changed_media(then_.get("media", []), now_.get("media", []))


def _changed_media(then: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[str]:
    for row in (row for row in then if row not in now):
        yield f"that {row['url']} gave the file {row['sha256']} was sealed and is not there"
    for row in (row for row in now if row not in then):
        yield f"that {row['url']} gave the file {row['sha256']} was not there when the run was sealed"


def _by_place(manifest: Mapping[str, Any]) -> dict[tuple[int, int], Mapping[str, Any]]:
    return {(row["seq"], row["attempt"]): row for row in manifest["exchanges"]}


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"
