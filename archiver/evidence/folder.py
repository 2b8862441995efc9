"""The archive's own folder: are its documents and timelines what the archive gives, and what lies there besides?"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import available_timezones

from archiver.evidence.deep import rewound
from archiver.evidence.document import compared, now_of, told_of
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.exporters import timeline
from archiver.exporters.style import Style
from archiver.exporters.view import View
from archiver.layout import COMING, DATABASE, DOCUMENTS, EXPORTED, MEDIA, NOT_HANDED_OVER, PARTS, SEALS, THREADS
from archiver.model import Document
from archiver.store.audit import Audit
from archiver.store.store import Archive
from archiver.window import time_zone

NAMED = 12  # of the files that are not looked at


def documents(audit: Audit, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with the documents and their timelines; the derived rows are checked apart."""
    there, gone = {thread["url"] for thread in audit.threads()}, audit.removals()
    for path in _paths(audit.folder, DOCUMENTS):
        if _is_compared(path):
            for finding in compared(audit, path, now, lambda told: now_of(audit, told)):
                if not finding.entry:
                    yield finding
                elif gone and finding.url not in there:
                    words = (
                        f"{path} is of a thread that was removed, and is left: the archive does not give it any more"
                    )
                    yield note(words, url=finding.url, level=Level.WARNING)
    with Archive.read(audit.folder) as archive:
        drawn = _drawn(archive)
    for path in _paths(audit.folder, (THREADS,)):
        if path.suffix.lower() == ".svg" and not _is_drawn(path, drawn.get(path.name)):
            yield from _of_earlier(audit, path, now)


def strays(audit: Audit) -> Iterator[Finding]:
    """Yield which files in the folder are none that the archive knows: nothing vouches for them."""
    known = {path for path, _, _ in audit.files()} | {path for path, _ in audit.named_files()}
    known |= {DATABASE, f"{DATABASE}-journal", EXPORTED, COMING, *NOT_HANDED_OVER}
    seals = {f"{row['seq']}-{str(row['head'])[:8]}" for row in audit.anchors()}
    found = [path.relative_to(audit.folder) for path in _paths(audit.folder, ("",), also_hidden=True)]
    names = [
        path.as_posix()
        for path in found
        if path.as_posix() not in known
        and not path.as_posix().startswith(f"{MEDIA}/{PARTS}/")
        and not (_is_shown(path) and _is_compared(audit.folder / path))
        and not (path.parts[0] == SEALS and path.stem in seals)
        and not (path.parts[0] == THREADS and path.suffix.lower() == ".svg")
    ]
    if names:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield note(f"the archive does not vouch for what else lies in its folder: {', '.join(names[:NAMED])}{more}")


def _paths(folder: Path, places: tuple[str, ...], *, also_hidden: bool = False) -> Iterator[Path]:
    """Yield the files in these places of a folder."""
    for place in places:
        for path in sorted((folder / place).rglob("*")):
            if path.is_file() and (also_hidden or _is_shown(path.relative_to(folder))):
                yield path


def _is_shown(path: Path) -> bool:
    return not any(part.startswith(".") for part in path.parts)


def _is_compared(path: Path) -> bool:
    """Whether a file is a document: in its own place, all in Markdown are taken for some."""
    if path.parent.name == THREADS and path.suffix.lower() == ".md":
        return True
    return path.parent.name in DOCUMENTS and path.suffix.lower() in (".md", ".html") and told_of(path) is not None


def _drawn(archive: Archive) -> dict[str, Document]:
    """Return the documents that have a timeline, by the name of its file."""
    documents = [archive.document(thread.id) for thread in archive.threads()]
    return {timeline.name(document.thread): document for document in documents if timeline.is_shown(View(document))}


def _is_drawn(path: Path, document: Document | None) -> bool:
    there = path.read_bytes()
    return document is not None and any(
        timeline.file(View(document, Style(zone=zone))).encode("utf-8", "replace") == there for zone in _zones(there)
    )


def _of_earlier(audit: Audit, path: Path, now: datetime) -> Iterator[Finding]:
    """Compare a timeline with what the archive gave at the receipt of the document that it lies beside."""
    own = path.with_suffix(".md")
    told = told_of(own) if own.exists() else None
    if told and told.receipt:
        with rewound(audit, told.receipt.seq, now) as archive:
            if _is_drawn(path, _drawn(archive).get(path.name)):
                return
    yield problem(f"{path} is not the timeline that the archive gives", url=told.source if told else "")


def _zones(picture: bytes) -> Iterator[tzinfo | None]:
    """Yield the zones in which a timeline may be drawn: the usual one, and those that it names."""
    yield None
    for name in sorted(available_timezones()):
        if f">{name.rpartition('/')[2].replace('_', ' ')}<".encode() in picture:
            yield time_zone(name)
