"""What a WACZ of ours holds beside its runs: our own pages of the threads, the list of them, and the index.

Pages and texts are made, not captured, so no manifest seals them: with the archive at hand they are made again, as it
was when its ledger ended with the entry that the file names, and compared byte by byte.
"""

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from archiver import __version__
from archiver.errors import SHAPE_ERRORS, ArchiverError, NotWritable, UsageError
from archiver.evidence.chain import receipt, vouched
from archiver.evidence.exported import Seen, SeenRun
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.exporters.markdown import FORMAT
from archiver.http.message import header
from archiver.layout import MEDIA, PAGES
from archiver.ledger import Entry
from archiver.model import Document
from archiver.store.store import Archive
from archiver.warc import wacz
from archiver.warc.own_pages import HEAD, RUNS, SITE, address, page_record
from archiver.warc.write import Record

_OF_DIGEST = {"path", "hash"}
_MADE = ("title", "created", "software", "mainPageUrl", "mainPageDate")
_OF_PACKAGE = {"profile", "wacz_version", "resources", *_MADE}
AtHead = Callable[[int], AbstractContextManager[Archive]]
OURS = "thread-archiver "
_KNOWN = {wacz.DATA, wacz.INDEX, wacz.PAGES, wacz.PACKAGE, wacz.DIGEST}
_UNCOMPARED = (
    f"pages and texts of threads, and title, time and first page in {wacz.PACKAGE}, were made by who wrote the file; "
    "they are compared where the archive is at hand"
)


def of_pages(
    container: zipfile.ZipFile,
    runs: Sequence[SeenRun],
    made: Sequence[Seen],
    lines: dict[int, Record],
    entries: Sequence[Entry],
    at_head: AtHead | None,
) -> Iterator[Finding]:
    """Yield what is wrong with pages, texts and index; `lines` are the records of runs by their offsets."""
    for name in sorted(set(container.namelist()) - _KNOWN):
        yield problem(f"{name} is no file that this program writes, and nothing vouches for it")
    yield from _more(container)
    yield from _records(made, runs, lines)
    lines |= {one.offset: one.as_record(None) for one in made}
    sizes = {one.offset: one.size for one in (*made, *(record for run in runs for record in run.records))}
    yield from _index(container.read(wacz.INDEX) if wacz.INDEX in container.namelist() else b"", lines, sizes)
    listed = _listed(container)
    if not entries or at_head is None:
        yield note(_UNCOMPARED)
    elif made:
        yield from _made_again(container, listed, runs, made, lines, entries, at_head)
    else:
        yield from _texts(listed, runs, entries, at_head)


def _more(container: zipfile.ZipFile) -> Iterator[Finding]:
    """Yield what the package and its digest say that this program does not write, such as a signature; bytes before."""
    for name, known in ((wacz.PACKAGE, _OF_PACKAGE), (wacz.DIGEST, _OF_DIGEST)):
        try:
            told = json.loads(container.read(name))
            more = sorted(set(told) - known)
        except (KeyError, *SHAPE_ERRORS):
            continue  # said where the package is checked
        if more:
            yield problem(
                f"{name} says {', '.join(more)}, which this program does not write, and nothing vouches for it"
            )
    if container.infolist() and min(entry.header_offset for entry in container.infolist()) > 0:
        yield problem("bytes stand before the first file in it, and nothing vouches for them")


def _records(made: Sequence[Seen], runs: Sequence[SeenRun], lines: Mapping[int, Record]) -> Iterator[Finding]:
    """Check the records of our own pages by themselves: files are called by their digest, and are there."""
    bodies = [one for run in runs for one in run.records if one.kind in ("response", "resource")]
    payloads = {(one.url, one.head.get("warc-date"), one.payload) for one in bodies}
    for one in made[1:]:
        if not one.url.startswith(SITE):
            yield problem(f"{one.where} stands among the pages that were made here, and is no such page")
        elif not one.url.startswith(f"{SITE}{MEDIA}/"):
            continue
        name = PurePosixPath(one.url).stem
        answer = (one.head.get("warc-refers-to-target-uri", ""), one.head.get("warc-refers-to-date"), name)
        if answer not in payloads if one.kind == "revisit" else one.payload != name:
            yield problem(f"{one.where} is not the file that it is called by")
    named = made[0].told.get(RUNS, "").split() if made else None
    if named is not None and named != [run.id for run in runs]:
        yield problem("the runs in it are not those that it names, or come in another order")
    if len({one.url for one in made}) < len(made) or any(one.kind == "warcinfo" for one in made[1:]):
        yield problem("a page of a thread, or a file of one, is in it twice")


def _index(there: bytes, lines: Mapping[int, Record], sizes: Mapping[int, int]) -> Iterator[Finding]:
    made = (wacz.index_line(record, offset, sizes[offset]) for offset, record in lines.items())
    due, found = wacz.index(filter(None, made)).splitlines(), there.splitlines()
    if due == found:
        return
    lacking, more = len(set(due) - set(found)), len(set(found) - set(due))
    yield problem(f"{wacz.INDEX} is not what the records give: {lacking} lines lack, {more} are others")


def _listed(container: zipfile.ZipFile) -> list[dict[str, Any]]:
    """Return the pages that are listed; a line that is none is passed over."""
    found = []
    for line in container.read(wacz.PAGES).splitlines() if wacz.PAGES in container.namelist() else ():
        try:
            page = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(page, dict) and isinstance(page.get("url"), str):
            found.append(page)
    return found


def _made_again(
    container: zipfile.ZipFile,
    listed: Sequence[dict[str, Any]],
    runs: Sequence[SeenRun],
    made: Sequence[Seen],
    lines: Mapping[int, Record],
    entries: Sequence[Entry],
    at_head: AtHead,
) -> Iterator[Finding]:
    """Compare pages and their list with those that the archive gave when the file was written."""
    told = made[0].told
    software = told.get("software", "").partition(";")[0]
    try:
        head = receipt(told.get(HEAD, ""))
        against = [finding.what for finding in vouched(entries, head)]
    except UsageError as error:
        yield problem(f"the head of the ledger at which it was written is not told ({error})")
        return
    if against:
        yield from map(problem, against)
        return
    if software != f"{OURS}{__version__}":
        words = f"its pages were made by {software}, and this version makes others; they were not compared"
        yield note(words, level=Level.WARNING)
        return
    try:
        with at_head(head.seq) as archive:
            yield from _compared(archive, container, listed, runs, made, lines)
    except NotWritable:
        raise
    except (ArchiverError, *SHAPE_ERRORS) as error:
        yield problem(f"its pages cannot be made again: {error}")


def _compared(
    archive: Archive,
    container: zipfile.ZipFile,
    listed: Sequence[dict[str, Any]],
    runs: Sequence[SeenRun],
    made: Sequence[Seen],
    lines: Mapping[int, Record],
) -> Iterator[Finding]:
    known = {address(document): (id_, document) for id_, document in _documents(archive)}
    ours = [page["url"] for page in listed if page["url"].startswith(SITE)]
    shown = {one.url: one for one in made[1:] if one.url.startswith(f"{SITE}{PAGES}/")}
    present = {run.id for run in runs}
    for url in dict.fromkeys([*ours, *shown]):
        if url not in known or url not in shown or url not in ours:
            yield problem(f"{url} is listed, in the records, and in the archive: not in all of them")
            continue
        id_, document = known[url]
        due = page_record(document, wacz.made_at(document))
        if (shown[url].whole, shown[url].head.get("warc-date"), shown[url].id) != (due.digest[7:], due.date, due.id):
            yield problem(f"{url} is not the page that the archive gives", url=document.thread.url)
        for run in set(archive.history.runs_of(id_)) - present:
            yield problem(f"of {document.thread.url}, this run of the archive is not in it", run)
    documents = [known[url][1] for url in ours if url in known]
    newest = {run.id: run for run in archive.history.runs()}.get(runs[-1].id) if runs else None
    if newest:
        created = newest.finished_at or newest.started_at
        package = json.loads(wacz.package((), documents, newest.tool, created))
        told = json.loads(container.read(wacz.PACKAGE))
        for name in (name for name in _MADE if told.get(name) != package.get(name)):
            words = f"{wacz.PACKAGE} says {name}: {told.get(name)!r:.80}, and {package.get(name)!r:.80}"
            yield problem(f"{words} is what the archive gives")
    if container.read(wacz.PAGES) != wacz.pages(documents, _captured(lines)):
        yield problem(f"{wacz.PAGES} is not what the archive gives: a text, an address, a title or a date is another")


def _documents(archive: Archive) -> Iterator[tuple[str, Document]]:
    for summary in archive.threads():
        yield summary.id, archive.document(summary.id)


def _captured(lines: Mapping[int, Record]) -> dict[str, datetime]:
    """Return when pages of platforms were captured; see `export`."""
    shown: dict[str, datetime] = {}
    for record in lines.values():
        exchange = record.exchange
        if exchange and exchange.status == 200 and "html" in header(exchange.headers, "content-type"):
            shown |= dict.fromkeys((exchange.url, exchange.request.url), exchange.started_at)
    return shown


def _texts(
    listed: Sequence[dict[str, Any]], runs: Sequence[SeenRun], entries: Sequence[Entry], at_head: AtHead
) -> Iterator[Finding]:
    """Compare the texts of a file that was written before it had pages of our own: now, or at its newest run."""
    ids = {run.id for run in runs}
    newest = max((entry.seq for entry in entries if entry.run in ids), default=None)
    left = {page["url"]: str(page["text"]) for page in listed if "text" in page}
    for seq in (entries[-1].seq, newest) if newest is not None else ():
        with at_head(seq) as archive:
            pages = [page for page in map(json.loads, wacz.pages([d for _, d in _documents(archive)], {}).splitlines())]
            texts = {page.get("text") for page in pages}
        left = {url: text for url, text in left.items() if text not in texts}
    for url, text in left.items():
        if f"format: {FORMAT}\n" in text:
            yield problem(f"the text of {url} in {wacz.PAGES} is not what the archive gives", url=url)
        else:
            yield note(f"the text of {url} was made by another version, and not compared", url=url, level=Level.WARNING)
