"""What others have captured or made, archived as if we had asked for it: each kind of file is another `Send`.

    a recording, X's archive of an account, an article with embeds     as before
    WARC, WACZ, HAR ──► Collection ──► our own export: each run again, all that came in it
                                   └─► anybody else's: one run over all answers, for the thread that `url` names

What an answer says is dated from when it was captured; the run says out of which file it is and when that was read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, repeat
from pathlib import Path

from archiver.collecting import reparse
from archiver.errors import AlreadyHere, ArchiverError, NetworkError, UnknownURL, UsageError
from archiver.files import size_of, source_of
from archiver.http.message import Keep, Send
from archiver.http.outcome import LARGEST
from archiver.importers import folder, page
from archiver.importers.media import filing
from archiver.importers.x import archive as account
from archiver.importers.x.archive import copy_media
from archiver.layout import DATABASE, MEDIA
from archiver.media.stage import Wanted
from archiver.model import StoredFile
from archiver.options import Options
from archiver.platforms import find, find_platform, platforms, reader_of
from archiver.publish import keep, write_sharing
from archiver.routes import Failure, Ref
from archiver.store.store import Archive
from archiver.verbs.capture import Clock, Saved, archive
from archiver.warc import har, read
from archiver.warc.collection import Collection, Visit

SHOWN = 10  # addresses that are named where one has to be chosen

_KINDS = "a web archive (WARC, WACZ, HAR), a saved page (HTML), a folder of recorded answers, or an X account's archive"

_OURS = "is an archive of this program, and no import; write it as a WACZ (archiver export --wacz) and import that"


def import_(archive_: Archive, path: Path, clock: Clock, url: str = "") -> Iterator[Saved]:
    """Archive what a file or a folder holds; `url` says which thread is meant, where it may hold several.

    Raises UsageError for a file of another kind, and where `url` is needed; what can be read of a damaged one is read.
    """
    kind = kind_of(path)
    if url and kind in ("recording", "account"):
        raise UsageError(f"--url chooses a thread of a web archive or names an article; leave it out for {path}")
    if kind == "recording":
        yield import_recording(archive_, path, clock)
    elif kind == "page":
        yield from _page(archive_, path, clock, url)
    elif kind == "account":
        yield from _of_account(archive_, path, clock)
    else:
        reader = {"warc": read.read_warc, "wacz": read.read_wacz, "har": har.read_har}[kind]
        with reader(path) as collection:
            yield from _collected(archive_, collection, clock, url)


def kind_of(path: Path) -> str:
    """Return what a file is by what is in it: recording, account, wacz, warc, har or page.

    Raises UsageError for any other.
    """
    if (path / DATABASE).exists():
        raise UsageError(f"{path} {_OURS}")
    if path.is_dir():
        return "recording" if (path / "url").exists() else "account"
    size_of(path)
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})") from error
    if head.startswith(b"SQLite format 3"):
        raise UsageError(f"{path} {_OURS}")
    if path.suffix == ".wacz" or head.startswith(b"PK"):
        return "wacz" if path.suffix == ".wacz" or read.is_wacz(path) else "account"
    if head.startswith((b"\x1f\x8b", b"WARC/", b"filedesc:")):
        return "warc"
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first not in (b"{", b"<"):
        raise UsageError(f"{path} is of no kind that can be imported; these are: {_KINDS}")
    return "har" if first == b"{" else "page"


def import_recording(archive_: Archive, path: Path, clock: Clock) -> Saved:
    """Archive what was recorded in a folder, at the times when it came.

    What the thread shows is taken from there too, if anything of it was recorded. Anybody may have edited the folder,
    so the run says that it came out of it, as with every import.
    """
    recording = folder.read(path)
    saved = archive(
        archive_,
        recording.url,
        lambda keep: folder.sender(recording, keep),
        lambda: recording.finished_at,
        _imported(recording.options, recording.source, clock),
        media=Wanted() if recording.shows else None,
    )
    [saved] = _newest(archive_, [saved])
    return saved


def _imported(options: Options, source: str, clock: Clock) -> Options:
    """Return the options of an import's run: out of what it is, and when that was read."""
    return replace(options, imported=source, imported_at=f"{clock():%Y-%m-%dT%H:%M:%SZ}")


def _of_account(archive_: Archive, path: Path, clock: Clock) -> Iterator[Saved]:
    """Archive the threads in the archive that X gives to an account's owner."""
    with account.read(path) as export:
        options = _imported(Options(source=export.route), export.source, clock)
        for root in export.threads:
            copy_media(export, root, archive_.folder / MEDIA)
            archive_.media.hold(export.copied[root].values(), export.made_at)
            yield archive(archive_, export.url(root), partial(export.sender, root), lambda: export.made_at, options)


def _page(archive_: Archive, path: Path, clock: Clock, url: str) -> Iterator[Saved]:
    """Archive the thread that a saved page of X shows, or the posts of X that an article embeds."""
    address = url or page.address_of(path)
    ref = _ref(address)
    if ref and ref[1].id and find_platform(ref[0]).recorded_on:
        yield from _collected(archive_, page.collection_of(path, address, clock()), clock, address)
        return
    options = _imported(Options(source="embeds", platform=reader_of("embeds").name), source_of(path), clock)
    yield archive(archive_, url or f"file:{path.name}", lambda keep: page.sender(path, keep, clock), clock, options)


def _collected(archive_: Archive, collection: Collection, clock: Clock, url: str) -> Iterator[Saved]:
    """Archive what a web archive holds: the runs of our own export, or the one thread that is meant."""
    options = _imported(Options(), collection.source, clock)
    visits = [visit for visit in collection.visits if not url or _is_same(visit.url, url)]
    saved = (
        list(_visited(archive_, collection, _new(archive_, collection, visits), clock))
        if visits
        else [_met(archive_, collection, url or _only(collection), options)]
    )
    if collection.damages:
        lost = Failure(
            route="import",
            error=NetworkError(f"{collection.damages} parts of {collection.name} are damaged and were left out"),
        )
        saved = [replace(result, failures=(*result.failures, lost)) for result in saved]
    yield from _newest(archive_, saved)


def _visited(archive_: Archive, collection: Collection, visits: Iterable[Visit], clock: Clock) -> Iterator[Saved]:
    """Archive runs of an export again. One that gave no thread then gives none now; that is kept, and no error."""
    failure: ArchiverError | None = None
    any_ = False
    for visit in visits:
        times = chain([visit.started_at], repeat(visit.finished_at))
        try:
            yield archive(
                archive_,
                visit.url,
                partial(_again, archive_, collection, visit),
                partial(next, times),
                replace(_imported(visit.options, collection.source, clock), imported_run=visit.id),
                media=Wanted(LARGEST) if visit.shows else None,
            )
            any_ = True
        except ArchiverError as error:
            failure = error
    if failure and not any_:
        raise failure


def _again(archive_: Archive, collection: Collection, visit: Visit, keep: Keep) -> Send:
    """Return what answers as a run of ours did; media that came whole are kept as files, as they were then."""

    def hold(file: StoredFile) -> None:
        archive_.media.hold([file], visit.finished_at)

    return collection.again(visit, filing(keep, archive_.folder / MEDIA, hold))


def _new(archive_: Archive, collection: Collection, visits: list[Visit]) -> list[Visit]:
    """Return the runs that the archive has not got yet. Raises UsageError where it has them all."""
    run_ids = {run.id for run in archive_.history.runs()}
    run_ids |= {archive_.history.request_of(run)[1].imported_run for run in run_ids}
    new = [visit for visit in visits if run_ids.isdisjoint((visit.id, visit.options.imported_run or visit.id))]
    if not new:
        raise AlreadyHere(f"everything in {collection.name} is in this archive already")
    return new


def _met(archive_: Archive, collection: Collection, url: str, options: Options) -> Saved:
    """Archive one thread out of all answers, at the time when the last of those that it needs was captured."""
    newest = max(answer.at for answer in collection.answers)
    ref = _ref(url)
    if ref and any(map(collection.at, find_platform(ref[0]).recorded_on)):
        options = replace(options, source="recorded")
    return archive(archive_, url, collection.sender, lambda: newest, options)


def _newest(archive_: Archive, saved: list[Saved]) -> Iterator[Saved]:
    """Yield what was saved as it is now: what was captured earlier must not hide what is held from later."""
    runs = [run.id for run in archive_.history.runs()]
    newest_runs = [result.document.run.id for result in saved]
    if runs[-len(newest_runs) :] != newest_runs:
        reparse(archive_)
    for result in saved:
        document = archive_.document(result.document.thread.id)
        yield replace(result, document=document, markdown=keep(document, archive_.folder).path)
        write_sharing(archive_, archive_.index.find(document.thread.id))


def _only(collection: Collection) -> str:
    """Return the address of the one thread that a file is about. Raises UsageError where that cannot be told."""
    pages = [answer.url for answer in collection.answers if answer.html]
    calls = [address for answer in collection.answers for address in _addresses(answer.url)]
    for urls in (collection.pages, pages, calls):
        addresses = _recognised(urls)
        if len(addresses) > 1:
            more = f" and {len(addresses) - SHOWN} more" if len(addresses) > SHOWN else ""
            raise UsageError(
                f"{collection.name} holds several posts; choose one with --url: {', '.join(addresses[:SHOWN])}{more}"
            )
        if addresses:
            return addresses[0]
    raise UsageError(f"{collection.name} holds no page that is known to be a post; name the thread's with --url")


def _addresses(url: str) -> Iterator[str]:
    """Yield what a call may be about: an address within it, or the page of the post that it asks for."""
    yield url
    yield from filter(None, (platform.page_of(url) for platform in platforms()))


def _recognised(urls: Iterable[str]) -> list[str]:
    """Return the addresses that a platform knows as a post's, one for each post."""
    addresses: dict[tuple[str, str], str] = {}
    for url in urls:
        ref = _ref(url)
        if ref and ref[1].id:
            addresses.setdefault((ref[0], ref[1].id), url)
    return list(addresses.values())


def _is_same(url: str, address: str) -> bool:
    first, second = _ref(url), _ref(address)
    return url == address or bool(first and second and (first[0], first[1].id) == (second[0], second[1].id))


def _ref(url: str) -> tuple[str, Ref] | None:
    try:
        platform, ref = find(url)
    except UnknownURL:
        return None
    return platform.name, ref
