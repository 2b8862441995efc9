"""The verbs: what the command line can do, each in a few lines over the rooms below.

    url ── find() ──► Platform, Ref ── collect() ──► Thread ── merge() ── save() ──► Document ── render() ──► file
                                          │  ▲
                                  Request ▼  │ Response
                             the network, the archive's own store, or a folder of files; each keeps what came

`archive` and `reparse` are the same way with another `Send`, and so is all of `imports`. Times are arguments: nothing
here reads a clock.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from archiver.config import Config
from archiver.errors import (
    SHAPE_ERRORS,
    ArchiveError,
    ArchiverError,
    Interrupted,
    NotWritable,
    ParseError,
    UnknownURL,
    UsageError,
)
from archiver.evidence import redaction
from archiver.evidence.deep import Reading, Rebuilt
from archiver.evidence.finding import Finding, Level, note
from archiver.exporters.names import file_name
from archiver.exporters.numbers import captured_at
from archiver.http.message import PAGE, Keep, Request, Send, is_page
from archiver.http.outgoing import host_of
from archiver.importers import folder, page
from archiver.layout import THREADS
from archiver.ledger import SKEWED
from archiver.media.crew import Relay
from archiver.media.stage import Stage, Wanted
from archiver.model import Changes, Document, Run, Thread, Verdict, utc
from archiver.platforms import find, find_author, find_platform, is_address, order_of
from archiver.publish import FORM_OF, drop, keep, renew, written
from archiver.recheck import visit
from archiver.routes import Failure, Interruptible, Platform, Ref, follow
from archiver.store.store import Archive
from archiver.threads.merge import changes, merge
from archiver.threads.withheld import withheld

GONE = "gone"  # how a run ends that finds nothing any more of a thread that the archive holds

# What a run was asked for, beside its address: `replies`; `proof`, what the author has signed; for a storm `since`,
# `until` and `platform`, and `tz`, the zone that was named with them; `on`, the sources that the configuration turns
# on; `source`, where only one is taken. It is stored with the run, for `reparse`.
Asked = Mapping[str, str]
Connect = Callable[[Keep], Send]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a run came to: the thread as the archive now holds it, where its document is, what failed on the way.

    `changes` says what has become of it since the visit before, None where there was none. `notes` are lines for the
    user that say nothing of the thread.
    """

    document: Document
    markdown: Path
    failures: tuple[Failure, ...]
    changes: Changes | None = None
    notes: tuple[str, ...] = ()

    @property
    def interrupted(self) -> bool:
        """Tell whether the user stopped the run, so that this is only what had come."""
        return self.document.run.outcome == "interrupted"

    @property
    def gone(self) -> bool:
        """Whether the platform shows nothing of the thread any more."""
        return self.document.run.outcome == GONE


def archive(
    archive: Archive,
    url: str,
    connect: Connect,
    clock: Clock,
    asked: Asked | None = None,
    with_page: bool = False,
    media: Wanted | None = None,
) -> Saved:
    """Collect what an address leads to, as `asked` says, save it and write its document.

    With `with_page`, the public page of the thread is kept beside its data: whoever reads the evidence knows pages.
    With `media`, what the thread shows is fetched once the thread itself is safe.
    Raises UnknownURL before anything is begun; whatever fails later, every answer is kept and the run is closed.
    """
    asked = asked or {}
    platform, _ = ref_of(url, asked)
    run = archive.begin(url, asked, clock())
    relay = Relay(archive.keep(run))
    send = Interruptible(connect(relay))
    try:
        thread, failures = gather(archive, url, asked, send)
        there = bool(thread.nodes)
        if there and "proof" in asked:
            failures += prove(platform, thread, send)
        notes = page_of(thread, send) if there and with_page and not send.stopped else ()
        before = archive.before(thread)
        id_ = keep_thread(archive, run, thread)
    except ArchiveError:
        raise  # the archive takes no more; what it holds of the run is read when it is opened again
    except ArchiverError as error:
        _failed(archive, run, error, clock)
        raise
    if there and media and not send.stopped:
        stage = Stage(archive=archive, run=run, platform=platform, send=send, relay=relay, clock=clock)
        try:
            stage.fetch(archive.document(id_).thread, media)
        except ArchiverError as error:  # the disk does not take them
            _failed(archive, run, error, clock)
            raise
    outcome = "interrupted" if send.stopped else str(thread.completeness.verdict) if there else GONE
    archive.finish(run, outcome, [str(failure) for failure in failures], clock())
    again = redaction.again(archive, run, clock(), way(archive))
    document = archive.document(id_)
    put = keep(document, archive.folder, former=before)
    write_sharing(archive, id_)
    return Saved(
        document=document,
        markdown=put.path,
        failures=failures,
        changes=changes(before[-1].thread, document.thread, captured_at(before[-1])) if before else None,
        notes=(*notes, *again, *clocks(archive, run), *filter(None, [put.note])),
    )


def _failed(archive: Archive, run: str, error: ArchiverError, clock: Clock) -> None:
    """Close a run that ends with an error."""
    outcome = "interrupted" if isinstance(error, Interrupted) else "failed"
    archive.finish(run, outcome, [str(error), *getattr(error, "__notes__", ())], clock())
    redaction.again(archive, run, clock(), way(archive))


def page_of(thread: Thread, send: Send) -> tuple[str, ...]:
    """Ask once for the public page of a thread, for which no route asks; return a note where it is not to be had."""
    try:
        response = send(Request(url=thread.url, headers=PAGE))
    except ArchiverError as error:
        return (f"note: the page of the thread could not be kept: {error}",)
    said = f"note: instead of the thread’s page, what {response.url} answers with status {response.status} is kept"
    return () if response.status < 400 else (said,)


def clocks(archive: Archive, run: str) -> tuple[str, ...]:
    """Return a warning where the clock of a host and ours differ so much that somebody should look."""
    seconds, url = archive.history.skew(run)
    if abs(seconds) <= SKEWED:
        return ()
    which = "ahead of" if seconds > 0 else "behind"
    return (f"warning: the clock of {host_of(url)} is {abs(seconds)} s {which} this computer’s; check yours",)


def archive_page(archive_: Archive, path: Path, clock: Clock, asked: Asked) -> Saved:
    """Do what `archive` does with a page that was saved as a file."""
    return archive(archive_, f"file:{path.name}", lambda keep: page.sender(path, keep, clock), clock, asked)


def gather(archive: Archive, url: str, asked: Asked, send: Send) -> tuple[Thread, tuple[Failure, ...]]:
    """Collect a thread from whatever answers, and what became of what the archive holds of it."""
    platform, ref = ref_of(url, asked)
    return visit(archive, platform, ref, send)


def prove(platform: Platform, thread: Thread, send: Send) -> tuple[Failure, ...]:
    """Fetch what the author of a thread has signed; what goes wrong is returned, and costs nothing but the proof."""
    try:
        if platform.proofs is None:
            raise UsageError(f"posts on {platform.title} are not signed in a way that can be kept")
        return follow(platform.proofs(thread), send)
    except ArchiverError as error:
        return (Failure(route="proof", error=error),)


def refusal(url: str, asked: Asked) -> UsageError | None:
    """Return why an address, or the file that an article was saved in, cannot be asked for; None where it can."""
    try:
        ref_of(url, asked)
    except UnknownURL as error:
        return error
    if "source" in asked and not is_address(url) and not Path(url).is_file():
        return UsageError(f"{url}: neither the address of an article, nor a file that is there")
    return None


def ref_of(url: str, asked: Asked) -> tuple[Platform, Ref]:
    """Return the platform of an address, and the reference with the run's options."""
    if "seal" in asked:
        raise UnknownURL(f"{url} was asked to stamp the time, not for a thread")
    named = asked.get("platform", "")
    if "since" in asked:
        platform, ref = find_author(url, named)
        ref = replace(ref, since=utc(asked["since"]), until=utc(asked["until"]))
    elif named:
        platform, ref = find_platform(named), Ref(url=url, id="")
    else:
        platform, ref = find(url)
    on = frozenset(asked.get("on", "").split())
    return platform, replace(ref, replies=bool(asked.get("replies")), on=on, source=asked.get("source", ""))


def onlookers(settings: Config, urls: Iterable[str], asked: Asked) -> dict[str, str]:
    """Return the hosts of third parties who will see what is asked for, by the settings that name them."""
    given = {"x.fxtwitter": settings.x.fxtwitter, "x.nitter": "" if "since" in asked else settings.x.nitter}
    if "source" in asked or not any(given.values()) or not any(_is_of_x(url, asked) for url in urls):
        return {}
    return {name: host_of(base) for name, base in given.items() if base}


def _is_of_x(url: str, asked: Asked) -> bool:
    try:
        return ref_of(url, asked)[0].name == "x"
    except UnknownURL:
        return False


def keep_thread(archive: Archive, run: str, thread: Thread) -> str:
    """Save what a run saw, together with what earlier runs saw of the same thread.

    Raises ParseError where it holds what no post can hold.
    """
    try:
        thread = withheld(thread, archive.redactions.standing())
        if thread.nodes and thread.completeness.verdict is Verdict.COMPLETE:
            thread = replace(thread, proven_at=archive.seen_at(run))
        earlier = archive.earlier(thread)
        merged = merge(earlier, thread) if earlier else thread
        return archive.save(run, merged, seen=thread, order=order_of(thread.platform))
    except SHAPE_ERRORS as error:  # a value of another kind than it should be, such as a number for an id
        said = f"{type(error).__name__}: {error}"[:120]
        raise ParseError(f"{thread.url} was shown in an unknown shape ({said}); its bytes are kept") from error


def reparse(archive: Archive, seen: Container[str] = ()) -> Rebuilt:
    """Rebuild every derived row from the answers that were kept.

    A run that cannot be read is named, and the others go on. One that is still open is read only if it had been;
    `seen` names those of which the derived rows do not tell.
    """
    unread = [run for run in archive.history.open_runs() if not (run in seen or archive.history.thread_of(run))]
    runs = [run for run in archive.history.runs() if run.id not in archive.removals.runs().union(unread)]
    with archive.rebuilding():
        read = [read_again(archive, run) for run in runs]
    unreadable = tuple(result for result in read if isinstance(result, Finding))
    return Rebuilt(len(runs), sum(1 for _ in archive.threads()), unreadable)


def documents(archive: Archive) -> dict[str, Document]:
    """Return all threads, by the archive's ids for them."""
    return {summary.id: archive.document(summary.id) for summary in archive.threads()}


def removed(archive: Archive, before: Mapping[str, Document]) -> tuple[str, ...]:
    """Take away the documents of threads that are gone, and write those anew that are others than they were `before`.

    Threads may share posts. Return the files that somebody has edited, which stay.
    """
    now = documents(archive)
    left = [name for id_, document in before.items() if id_ not in now for name in drop(document, archive.folder)]
    return (*left, *renew([one for id_, one in now.items() if before.get(id_) != one], archive.folder))


def read_again(archive: Archive, run: Run) -> str | Finding | None:
    """Save what a run's kept answers give, and return the archive's id for the thread.

    None for a run that gave no thread and gives none; what is wrong with one that cannot be read.
    """
    gave_one = run.outcome in ("complete", "partial", "unknown", GONE)
    level = Level.PROBLEM if gave_one else Level.NOTE
    try:
        thread = archive.redactions.transcript(run.id) or gathered(archive, run.id)
    except NotWritable:
        raise
    except ArchiverError as error:
        return note(f"gives no thread any more: {error}", run.id, run.url, level) if gave_one else None
    except Exception as error:  # damage may come out anywhere in a parser
        return note(f"cannot be read: {str(error) or type(error).__name__}", run.id, run.url, level)
    try:
        return keep_thread(archive, run.id, thread)
    except ParseError as error:
        return note(f"cannot be read: {error}", run.id, run.url, level)


def readable(archive: Archive, run: str) -> Thread | None:
    """Return what a run's kept answers give, None where that is no thread."""
    try:
        return gathered(archive, run)
    except ArchiverError:
        return None


def gathered(archive: Archive, run: str) -> Thread:
    """Read out of a run's kept answers what it collected."""
    url = archive.history.run(run).url
    return gather(archive, url, archive.history.asked(run), Interruptible(archive.history.replay(run)))[0]


READING = Reading(reparse, readable, written, FORM_OF)
"""What a verification needs of this room."""


def way(archive: Archive) -> redaction.Way:
    """Return what a redaction needs of this room."""
    out = archive.folder / THREADS
    write = partial(write_document, out=out, over=True)
    return redaction.Way(readable, keep_thread, reparse, partial(path_of, out), write)


def write_document(document: Document, out: Path, over: bool = False) -> Path:
    """Write a document into the archive's own folder `out` and return its path; see `publish.keep`."""
    return keep(document, out.parent, over).path


def write_sharing(archive: Archive, thread: str) -> None:
    """Write the documents of the threads that show a post of this one, which has changed."""
    for id_ in archive.index.sharing(thread):
        keep(archive.document(id_), archive.folder)


def path_of(out: Path, document: Document) -> Path:
    """Return where in a folder a document is written."""
    return out / f"{file_name(document.thread)}.md"


def record(archive: Archive, run: str, target: Path) -> None:
    """Write a run's answers as a folder that `imports.import_recording` reads."""
    url = archive.history.run(run).url
    exchanges = [exchange for exchange in archive.history.last_exchanges(run) if not is_page(exchange.request_headers)]
    folder.write(target, url, archive.history.asked(run), exchanges)
