"""Is a document what the archive gives? Its thread is read out of the kept answers again, and it is compared by bytes.

    the document says: of which thread, in which form, under which receipt
        ▼
    answers, as far as the receipt reaches ── read again ──► thread ── written in that form, in each way ──► the same?

A document of an earlier capture is compared with the archive as it was then: what came later is left out, in a copy.
What cannot be compared is said to be so, and is no problem.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import unescape
from itertools import zip_longest
from pathlib import Path

from archiver import __version__
from archiver.collecting import readable
from archiver.errors import SHAPE_ERRORS, ArchiveError, NotWritable, UsageError
from archiver.evidence.chain import Receipt, receipt, vouched
from archiver.evidence.deep import rewound
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.evidence.redacted import redacted
from archiver.evidence.verify import truth
from archiver.evidence.words import absent
from archiver.model import Post, Role
from archiver.publish import FORM_OF, Manner, written
from archiver.store.audit import Audit
from archiver.store.store import Archive
from archiver.threads.withheld import HERE

_FIELD = re.compile(r"^(source|format|pseudonyms): (.*)$", re.MULTILINE)
_RECEIPT = re.compile(r"^\*\*Receipt\.\*\* (ledger \d{1,18} · head [0-9a-f]{64})$", re.MULTILINE)
_META = re.compile(r'^<meta name="thread-archiver" content="([^"]*)">$', re.MULTILINE)
ARTICLE = "thread-article/"
OURS = f"thread-archiver {__version__}"
Making = Callable[["Told"], list[bytes]]


@dataclass(frozen=True, slots=True)
class Told:
    """What a document says of itself; `receipt` is None for one that was written before there was a ledger."""

    source: str
    written: Manner
    receipt: Receipt | None


def of_document(audit: Audit, path: Path, now: datetime) -> Iterator[Finding]:
    """Yield what a document is, or where it differs from what the archive gives; and what is wrong with the latter."""
    found = list(compared(audit, path, now, lambda told: _then(audit, told, _head(audit), now)))
    yield from found
    sources = {finding.url for finding in found}
    for finding in truth(audit):
        if finding.level is Level.PROBLEM or (finding.level is Level.WITHHELD and finding.url in sources):
            yield finding
    if audit.redactions():
        with rewound(audit, _head(audit), now) as archive:
            yield from redacted(archive, partial(readable, archive))


def told_of(path: Path) -> Told | None:
    """Return what a file says of itself as a document of an archived thread, None where it is none."""
    return _told(path.read_text(encoding="utf-8", errors="backslashreplace"))


def compared(audit: Audit, path: Path, now: datetime, make: Making) -> Iterator[Finding]:
    """Yield what a document is against what `make` gives of what it says of itself, or the archive at its receipt."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read ({error.strerror})") from error
    told = _told(content.decode("utf-8", "backslashreplace"))
    if told is None:
        yield problem(f"{path} does not begin as a document of an archived thread does")
        return
    if told.written.format not in FORM_OF:
        words = (
            f"{path} is written in the form {told.written.format or 'of another program'}, which this version has not"
        )
        yield from _other_words(audit, path, told, content, now)
        yield note(f"{words}: it cannot be compared", url=told.source, level=Level.UNCHECKED)
        return
    against = list(vouched(audit.entries(), told.receipt)) if told.receipt else []
    yield from (problem(f"{path}: {finding.what}", url=told.source) for finding in against)
    made = make(told)
    if content in made:
        yield _same(path, told, f"is byte for byte what the archive gives{_of(told)}", _head(audit))
        return
    if told.receipt and not against and _went_on(audit, told.receipt):
        of_now, made = made, _then(audit, told, told.receipt.seq, now)
        if content in made:
            yield _of_earlier(audit, path, told, told.receipt)
            return
        later = _redaction_since(audit, told, told.receipt)
        if later and not _is_of_now(content, of_now):
            words = (
                f"{path} cannot be compared any more: {later} withholds something of its thread since it was written"
            )
            yield from _other_words(audit, path, told, content, now)
            yield note(f"{words}. {_difference(content, made)}", url=told.source, level=Level.UNCHECKED)
            return
        made = [*of_now, *made]
    if made and told.receipt and not against and (other := _other_version(audit, told.receipt)):
        yield from _other_words(audit, path, told, content, now)
        words = f"{path} differs, as one may that {other} wrote, which captured its thread: it cannot be compared"
        said = f"{words}; archiver export writes it anew. {_difference(content, made)}"
        yield note(said, url=told.source, level=Level.UNCHECKED)
    elif not made:
        yield problem(f"the archive gives no document of {path}", url=told.source)
    else:
        yield problem(f"{path} is not what the archive gives: {_difference(content, made)}", url=told.source)


def _other_words(audit: Audit, path: Path, told: Told, content: bytes, now: datetime) -> Iterator[Finding]:
    """Yield where a document that cannot be compared byte by byte has not the words that the kept answers give.

    None with pseudonyms: which name stands for whom is the choice of a version.
    """
    if told.written.pseudonyms:
        return
    text, is_page = content.decode("utf-8", "replace"), path.suffix.lower() == ".html"
    is_article = told.written.format.startswith(ARTICLE)
    lacking = [
        [(post.url, words) for post, words in absent(text, posts, is_page=is_page, is_article=is_article)]
        for posts in _posts_then(audit, told, now, is_article)
    ]
    for url, words in min(lacking, key=len, default=[]):
        yield problem(f"{path} has not the words of a post that the kept answers give: {_short(words)}", url=url)


def _posts_then(audit: Audit, told: Told, now: datetime, is_article: bool) -> list[tuple[Post, ...]]:
    """Return the posts of each thread with a document's address, as of its receipt; of an article, the main line."""
    seqs = {entry.seq for entry in audit.entries()}
    seq = told.receipt.seq if told.receipt and told.receipt.seq in seqs else _head(audit)
    try:
        with rewound(audit, seq, now) as archive:
            threads = [archive.document(one.id).thread for one in archive.threads() if one.url == told.source]
    except NotWritable:
        raise
    except Exception:  # damage may come out anywhere in a parser; what it is, the check of the archive says
        return []
    return [
        tuple(post for post in thread.posts if not is_article or thread.roles.get(post.id) is Role.MAIN)
        for thread in threads
    ]


def _told(text: str) -> Told | None:
    """Return what a document says of itself, in its front matter or in the head of a page; None for anything else."""
    try:
        if found := _META.search(text):
            meta = json.loads(unescape(found[1]))
            own = receipt(meta["receipt"]) if meta["receipt"] else None
            return Told(meta["source"], Manner(meta["format"], bool(meta["pseudonyms"]), meta["zone"]), own)
        front, ends, _ = text.removeprefix("---\n").partition("\n---\n")
        fields = dict(_FIELD.findall(front)) if ends and text.startswith("---\n") else {}
        receipts = _RECEIPT.findall(text)  # the last one: a post may quote another
        written = Manner(fields.get("format", ""), fields.get("pseudonyms") == "true", "")
        return Told(str(json.loads(fields["source"])), written, receipt(receipts[-1]) if receipts else None)
    except (UsageError, *SHAPE_ERRORS):
        return None


def _of(told: Told) -> str:
    return ", with pseudonyms" if told.written.pseudonyms else ""


def _head(audit: Audit) -> int:
    return max((entry.seq for entry in audit.entries()), default=0)


def now_of(audit: Audit, told: Told) -> list[bytes]:
    """Return what the derived rows give of a document that says this of itself."""
    try:
        with Archive.read(audit.folder) as archive:
            return _rendered(archive, told)
    except ArchiveError:
        return []


def _then(audit: Audit, told: Told, seq: int, now: datetime) -> list[bytes]:
    """Return what the answers give that had come when the ledger ended with this entry."""
    try:
        with rewound(audit, seq, now) as archive:
            return _rendered(archive, told)
    except NotWritable:
        raise
    except Exception:  # damage may come out anywhere in a parser; what it is, the check of the archive says
        return []


def _rendered(archive: Archive, told: Told) -> list[bytes]:
    """Return the documents of all threads with this address: an author's storms have that of the author's page."""
    ids = [thread.id for thread in archive.threads() if thread.url == told.source]
    texts = (text for id_ in ids for text in written(archive, id_, told.written))
    return [text.encode("utf-8", "replace") for text in texts]


def _went_on(audit: Audit, receipt: Receipt) -> bool:
    """Whether anything came after an entry of the ledger; a run that is not finished has none yet."""
    is_open = any(run["finished_at"] is None for run in audit.runs().values())
    return is_open or receipt.seq < _head(audit)


def _other_version(audit: Audit, receipt: Receipt) -> str:
    """Return the program that made the run of a receipt, which its manifest seals; "" where that is this version."""
    [run] = [entry.run for entry in audit.entries() if (entry.seq, entry.kind) == (receipt.seq, "capture")] or [None]
    program = str(audit.runs()[run]["tool"]).partition(";")[0] if run in audit.runs() else OURS
    return "" if program == OURS else program


def _redaction_since(audit: Audit, told: Told, receipt: Receipt) -> str:
    """Return the redaction since a receipt that took something out of answers of the thread, "" for none."""
    runs = {run for thread in audit.threads() if thread["url"] == told.source for run in thread["runs"]}
    bodies = {row["body_sha256"] for run in runs for row in audit.exchanges(run)}
    later = {entry.seq: entry for entry in audit.entries() if entry.kind == "redaction" and entry.seq > receipt.seq}
    for redaction in audit.redactions():
        if redaction["entry"] in later and any(body["sha256"] in bodies for body in redaction["bodies"]):
            return f"ledger entry {redaction['entry']} of {later[redaction['entry']].added_at}"
    return ""


def _is_of_now(content: bytes, made: list[bytes]) -> bool:
    """Whether a document tells of what is withheld as the one that is written now does: then it was written since."""
    for document in made:
        lines = [line for line in document.splitlines() if HERE.encode() in line.lower()]
        if lines and all(line in content for line in lines):
            return True
    return False


def _same(path: Path, told: Told, words: str, entry: int) -> Finding:
    checked = "its thread was read out of the kept answers again, and these are as they were sealed"
    return Finding(level=Level.NOTE, what=f"{path} {words}; {checked}", url=told.source, entry=entry)


def _of_earlier(audit: Audit, path: Path, told: Told, receipt: Receipt) -> Finding:
    entries = audit.entries()
    [of_then] = [entry for entry in entries if entry.seq == receipt.seq and entry.hash.startswith(receipt.hash)]
    since = f"it has gone on since, to entry {entries[-1].seq}"
    words = f"is byte for byte what the archive gave on {of_then.added_at}, at ledger entry {of_then.seq}; {since}"
    return _same(path, told, words, of_then.seq)


def _difference(content: bytes, made: list[bytes]) -> str:
    """Return where a document differs from what the archive gives, from the nearest of several."""
    if not made:
        return "The archive gives none"
    number, there, here = max((_first_difference(content, document) for document in made), key=lambda found: found[0])
    return f"line {number} is {_short(there)}, and would be {_short(here)}"


def _first_difference(content: bytes, document: bytes) -> tuple[int, str | None, str | None]:
    """Return the number of the first line that differs, as it is and as it would be."""
    theirs, ours = (text.decode("utf-8", "backslashreplace").split("\n") for text in (content, document))
    pairs = enumerate(zip_longest(theirs, ours), 1)
    return next(((number, *pair) for number, pair in pairs if pair[0] != pair[1]), (len(ours), None, None))


def _short(text: str | None) -> str:
    if text is None:
        return "not there"
    return f"“{text}”" if len(text) <= 100 else f"“{text[:97]}…”"
