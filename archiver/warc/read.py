"""WARC, ARC and WACZ files as a `Collection`. https://specs.webrecorder.net/wacz/1.1.1/

A WACZ is a zip of WARCs with a list of pages. Its names are only compared, never used as paths, and nothing is unpacked
to the disk. What its list of contents vouches for must be so.
"""

import hashlib
import json
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from archiver.errors import ArchiveError, UsageError
from archiver.files import source_of
from archiver.warc.book import Book
from archiver.warc.collection import Collection
from archiver.warc.records import RATIO, SMALL, records

PACKAGE = "datapackage.json"
LARGEST_LIST = 1 << 24  # bytes of the list of contents
LARGEST_LINE = 1 << 24  # bytes of a page's line, which may have its whole text

_WARC = re.compile(r"archive/[^/]+\.w?arc(?:\.gz)?")
_PAGES = re.compile(r"pages/[^/]+\.jsonl")
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError)

Files = Iterable[tuple[str, int, IO[bytes]]]


def read_warc(path: Path) -> Collection:
    """Open a WARC or an ARC file. Raises UsageError where it cannot be read or holds no answer."""
    try:
        with path.open("rb") as file:
            return _collected(path, [(path.name, path.stat().st_size, file)], ())
    except OSError as error:
        raise _unreadable(path, error) from error


def read_wacz(path: Path) -> Collection:
    """Open a WACZ. Raises UsageError where it cannot be read, is not what it says, or holds no answer."""
    try:
        with zipfile.ZipFile(path) as container:
            infos = {info.filename: info for info in container.infolist()}
            for info in infos.values():
                if info.file_size > max(SMALL, info.compress_size * RATIO):
                    raise UsageError(f"{path} holds {info.filename!r}, which unpacks to absurdly more than it takes")
            _check(path, container, infos)
            pages = [page for name, info in infos.items() if _PAGES.fullmatch(name) for page in _pages(container, info)]
            return _collected(path, _warcs(container, infos), pages)
    except _DAMAGE as error:
        raise UsageError(f"{path} is damaged, or no WACZ ({error})") from error
    except OSError as error:
        raise _unreadable(path, error) from error


def is_wacz(path: Path) -> bool:
    """Whether a zip holds WARCs."""
    try:
        with zipfile.ZipFile(path) as container:
            return any(map(_WARC.fullmatch, container.namelist()))
    except (*_DAMAGE, OSError):
        return False


def _collected(path: Path, files: Files, pages: Iterable[str]) -> Collection:
    spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the collection
    book = Book(spool)
    collection = Collection(name=path.name, source=source_of(path), pages=list(pages), close=spool.close)

    def damaged() -> None:
        collection.damages += 1

    try:
        for name, size, file in files:
            for record in records(file, size, name, damaged):
                book.add(record)
        collection.answers = list(book.held())
        collection.visits = list(book.visits())
        if not collection.answers and not collection.visits:
            raise UsageError(f"{path} holds no answer of a web server that can be read")
    except BaseException:
        spool.close()
        raise
    return collection


def _warcs(container: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo]) -> Iterator[tuple[str, int, IO[bytes]]]:
    for name in sorted(filter(_WARC.fullmatch, infos)):
        with container.open(infos[name]) as file:
            yield name, infos[name].file_size, file


def _check(path: Path, container: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo]) -> None:
    """Compare what we read with the list of contents. Raises UsageError for the first file that differs."""
    if PACKAGE not in infos:
        return
    with container.open(infos[PACKAGE]) as file:
        listed = json.loads(file.read(LARGEST_LIST))
    resources = listed.get("resources") if isinstance(listed, dict) else None
    for resource in resources if isinstance(resources, list) else ():
        name, digest = (str(resource.get(key)) if isinstance(resource, dict) else "" for key in ("path", "hash"))
        if not (_WARC.fullmatch(name) or _PAGES.fullmatch(name)) or not digest.startswith("sha256:"):
            continue
        if name not in infos or f"sha256:{_digest(container, infos[name])}" != digest.lower():
            raise UsageError(f"{path} is not what it was: {name} is another one than {PACKAGE} vouches for")


def _digest(container: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    digest = hashlib.sha256()
    with container.open(info) as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _pages(container: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[str]:
    """Yield the addresses in a list of pages; a line that is none is passed over."""
    with container.open(info) as file:
        while line := file.readline(LARGEST_LINE):
            try:
                page = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(page, dict) and isinstance(page.get("url"), str):
                yield page["url"]


def _unreadable(path: Path, error: OSError) -> ArchiveError:
    return ArchiveError(f"{path} cannot be read, or no temporary file written ({error.strerror or error})")
