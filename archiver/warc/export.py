"""What was captured as a WARC or a WACZ, for others to keep, look at and check with their own tools."""

import hashlib
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import starmap
from pathlib import Path
from typing import IO

from archiver.errors import ArchiveError, UsageError
from archiver.exporters.file_names import file_name
from archiver.exporters.media import held_files
from archiver.files import replacing
from archiver.http.message import header
from archiver.model import Document
from archiver.store.opening import tool
from archiver.store.store import Archive
from archiver.warc import own_pages, wacz
from archiver.warc.write import Captured, Read, Record, Whole, digest, records, written

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a zip can name: the file must not depend on when it is made
_PLAIN = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that was made: what it holds, and its own digest in hex."""

    path: Path
    runs: int
    records: int
    sha256: str


@dataclass(slots=True)
class _Totals:
    """What is learnt while records are written."""

    size: int = 0
    records: int = 0
    tool: str = ""
    made_at: datetime = datetime.min
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    index: list[str] = field(default_factory=list)
    shown: dict[str, datetime] = field(default_factory=dict)
    whole: dict[str, dict[str, str]] = field(default_factory=dict)  # by the digest of a file, the answer that has it


def export_warc(archive: Archive, names: Iterable[str], target: Path) -> tuple[Written, ...]:
    """Write the captures of the named threads, or all of the archive, into a WARC; into a folder, one for each thread.

    Raises ArchiveError for a thread that is not there and for a file that cannot be written.
    """
    if not target.is_dir():
        return (_warc(archive, _runs(archive, _threads(archive, names)) if names else _all(archive), target),)
    ids = _threads(archive, names) or tuple(summary.id for summary in archive.threads())
    return tuple(
        _warc(archive, archive.history.runs_of(id_), target / f"{file_name(archive.document(id_).thread)}.warc.gz")
        for id_ in ids
    )


def export_wacz(archive: Archive, names: Iterable[str], target: Path) -> Written:
    """Write the captures of the named threads, or all of the archive, into one WACZ, with the threads as its pages."""
    ids = _threads(archive, names)
    runs = _runs(archive, ids) if ids else _all(archive)
    documents = tuple(archive.document(id_) for id_ in ids or [summary.id for summary in archive.threads()])
    with _new(archive, target) as file, tempfile.TemporaryFile(dir=target.parent) as data:
        totals = _write(archive, runs, data)
        _write_pages(archive, documents, runs, data, totals)
        data.seek(0)
        _zip(file, data, totals, documents)
    return Written(path=target, runs=len(runs), records=totals.records, sha256=_digest_of(target))


def _threads(archive: Archive, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(archive.index.find(name) for name in names))


def _runs(archive: Archive, threads: Iterable[str]) -> tuple[str, ...]:
    run_ids = {run for id_ in threads for run in archive.history.runs_of(id_)}
    return tuple(run for run in _all(archive) if run in run_ids)


def _all(archive: Archive) -> tuple[str, ...]:
    return tuple(run.id for run in archive.history.runs() if run.finished_at)


def _warc(archive: Archive, runs: tuple[str, ...], target: Path) -> Written:
    with _new(archive, target) as file:
        totals = _write(archive, runs, file)
    return Written(path=target, runs=len(runs), records=totals.records, sha256=totals.digest.hexdigest())


def _write(archive: Archive, runs: Iterable[str], file: IO[bytes]) -> _Totals:
    totals = _Totals()
    for captured in _captured(archive, runs):
        totals.tool, totals.made_at = captured.run.tool, captured.run.finished_at or captured.run.started_at
        for record in records(captured):
            _put(record, captured.read, file, totals)
            _notice(record, totals)
    if not totals.records:
        raise UsageError(f"nothing is archived in {archive.folder} yet; there is nothing to export")
    return totals


def _write_pages(
    archive: Archive, documents: Iterable[Document], runs: Iterable[str], file: IO[bytes], totals: _Totals
) -> None:
    """Write our own pages of the threads, and each file that they show once."""
    written, dated = set[str](), [(document, wacz.made_at(document)) for document in documents]
    if dated:
        head = archive.ledger.head()
        info = own_pages.info(tool(), max(at for _, at in dated), head.receipt if head else "", runs)
        _put(info, archive.media.content, file, totals)
    for document, at in dated:
        _put(own_pages.page_record(document, at), archive.media.content, file, totals)
        for stored in archive.media.files(held_files(document)):
            if stored.path not in written:
                answer = totals.whole.get(stored.sha256)
                again = own_pages.repeated(stored, at, answer) if answer else None
                _put(
                    again or own_pages.file_record(stored, at, archive.media.content),
                    archive.media.content,
                    file,
                    totals,
                )
                written.add(stored.path)


def _captured(archive: Archive, runs: Iterable[str]) -> Iterator[Captured]:
    all_runs = {run.id: run for run in archive.history.runs()}
    for id_ in runs:
        entry, manifest = archive.history.seal_of(id_) or (None, b"")
        yield Captured(
            run=all_runs[id_],
            asked=archive.history.stored_options(id_),
            exchanges=archive.history.exchanges(id_),
            wholes=starmap(Whole, archive.history.joined_files(id_)),
            read=archive.media.content,
            entry=entry,
            manifest=manifest,
        )


def _put(record: Record, read_file: Read, file: IO[bytes], totals: _Totals) -> None:
    size = 0
    for piece in written(record, read_file):
        file.write(piece)
        totals.digest.update(piece)
        size += len(piece)
    if line := wacz.index_line(record, totals.size, size):
        totals.index.append(line)
    totals.size += size
    totals.records += 1


def _notice(record: Record, totals: _Totals) -> None:
    """Note which answer has a whole file, and when a page was captured as a page; the last time counts."""
    exchange, url = record.exchange, header(record.fields, "WARC-Target-URI")
    is_whole = exchange is None or (exchange.status == 200 and exchange.complete and exchange.request.method == "GET")
    if record.file and is_whole and url.startswith(("http:", "https:")):
        totals.whole.setdefault(record.file.sha256, {"url": url, "date": record.date})
    if exchange and exchange.status == 200 and "html" in header(exchange.headers, "content-type"):
        totals.shown[exchange.url] = exchange.started_at
        totals.shown[exchange.request.url] = exchange.started_at


def _zip(file: IO[bytes], data: IO[bytes], totals: _Totals, documents: tuple[Document, ...]) -> None:
    small = {wacz.INDEX: wacz.index(totals.index), wacz.PAGES: wacz.pages(documents, totals.shown)}
    parts = [
        wacz.Part(path=wacz.DATA, hash=f"sha256:{totals.digest.hexdigest()}", size=totals.size),
        *(wacz.Part(path=path, hash=digest(content), size=len(content)) for path, content in small.items()),
    ]
    package = wacz.package(parts, documents, totals.tool, totals.made_at)
    small |= {wacz.PACKAGE: package, wacz.DIGEST: wacz.package_digest(package)}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as container:
        # Readers take the place of the records from the directory at the end, which knows nothing of the longer head.
        with container.open(_entry(wacz.DATA), "w", force_zip64=totals.size > zipfile.ZIP64_LIMIT) as target:
            while piece := data.read(1 << 20):
                target.write(piece)
        for path, content in small.items():
            container.writestr(
                _entry(path), content, zipfile.ZIP_STORED if path == wacz.INDEX else zipfile.ZIP_DEFLATED
            )


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _EPOCH)
    entry.external_attr = _PLAIN << 16
    return entry


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _new(archive: Archive, target: Path) -> Iterator[IO[bytes]]:
    """Yield a file that gets its name once it is whole; one that is there may only be the same.

    Raises UsageError, before anything is written, for a place within the archive and for what is no plain file.
    """
    if target.resolve().is_relative_to(archive.folder.resolve()):
        raise UsageError(f"{target} is within the archive itself; name a place outside {archive.folder}")
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise UsageError(f"{target} is no plain file; name a new one")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as file:
            yield file
            file.flush()
            if target.exists() and _digest_of(target) != _digest_of(Path(file.name)):
                raise UsageError(
                    f"{target} is there already and holds something else; nothing is overwritten, name a new file"
                )
    except OSError as error:
        raise ArchiveError(f"cannot write {target}: {error.strerror}") from error
