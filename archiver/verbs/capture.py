"""Capturing a thread: collected from the network or from a file, kept, merged, written.

    url ── find() ──► Platform, Ref ── collect() ──► Thread ── merge() ── save() ──► Document ── render() ──► file
                                          │  ▲
                                  Request ▼  │ Response
                             the network, the archive's own store, or a folder of files; each keeps what came

`imports` goes the same way with another `Send`, and so does `collecting.reparse`. Times are arguments: nothing here
reads a clock.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.collecting import gather, keep_thread, ref_of, refusal
from archiver.errors import ArchiveError, ArchiverError, Interrupted, UsageError
from archiver.exporters.terminal import saved_fields, saved_text
from archiver.http.message import PAGE, Keep, Request, Send, is_page
from archiver.http.outgoing import host_of
from archiver.importers import folder, page
from archiver.ledger import SKEWED
from archiver.media.crew import Relay
from archiver.media.stage import Stage, Wanted
from archiver.model import Changes, Document, Outcome, Thread, Verdict
from archiver.options import Options
from archiver.platforms import is_address, package_of
from archiver.publish import keep, write_sharing
from archiver.redaction import redact
from archiver.routes import Failure, Interruptible, Platform, follow
from archiver.store.store import Archive
from archiver.threads.merge import changes

Connect = Callable[[Keep], Send]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a run came to: the thread as the archive now holds it, where its document is, what failed on the way.

    `url` is the address as it was given. `changes` says what has become of the thread since the visit before, None
    where there was none. `notes` are lines for the user that say nothing of the thread.
    """

    url: str
    document: Document
    markdown: Path
    failures: tuple[Failure, ...]
    changes: Changes | None = None
    notes: tuple[str, ...] = ()

    @property
    def interrupted(self) -> bool:
        """Whether the user stopped the run, so that this is only what had come."""
        return self.document.run.outcome == Outcome.INTERRUPTED

    @property
    def gone(self) -> bool:
        """Whether the platform shows nothing of the thread any more."""
        return self.document.run.outcome == Outcome.GONE

    @property
    def complete(self) -> bool:
        """Whether the thread is known to be whole."""
        return self.document.thread.completeness.verdict is Verdict.COMPLETE

    @property
    def fields(self) -> dict[str, Any]:
        """What `save --json` says of it."""
        return saved_fields(self.document, self.url, str(self.markdown), self.changes)

    def __str__(self) -> str:
        return saved_text(self.document, str(self.markdown), self.changes)

    @property
    def remarks(self) -> Iterator[str]:
        """Lines for the user beside the result: a hint, what was tried and failed, notes."""
        thread = self.document.thread
        if thread.hint:
            yield f"hint: {thread.hint}"
        for failure in self.failures:
            same = failure.route in ("proof", "recheck", thread.route)
            yield f"note: {failure}" if same else f"another way was tried and failed: {failure}"
        yield from self.notes


def archive(
    archive: Archive,
    url: str,
    connect: Connect,
    clock: Clock,
    options: Options | None = None,
    with_page: bool = False,
    media: Wanted | None = None,
) -> Saved:
    """Collect what an address leads to, as `options` say, save it and write its document.

    With `with_page`, the public page of the thread is kept beside its data: whoever reads the evidence knows pages.
    With `media`, what the thread shows is fetched once the thread itself is safe.
    Raises UnknownURL before anything is begun; whatever fails later, every answer is kept and the run is closed.
    """
    options = options or Options()
    platform, _ = ref_of(url, options)
    run = archive.begin(url, options, clock(), package_of(platform.name))
    relay = Relay(archive.keep(run))
    send = Interruptible(connect(relay))
    try:
        thread, failures = gather(archive, url, options, send)
        there = bool(thread.nodes)
        if there and options.proof:
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
    seen = Outcome(thread.completeness.verdict) if there else Outcome.GONE
    outcome = Outcome.INTERRUPTED if send.stopped else seen
    archive.finish(run, outcome, [str(failure) for failure in failures], clock())
    again = redact.again(archive, run, clock())
    document = archive.document(id_)
    put = keep(document, archive.folder, former=before)
    write_sharing(archive, id_)
    return Saved(
        url=url,
        document=document,
        markdown=put.path,
        failures=failures,
        changes=changes(before[-1].thread, document.thread, before[-1].captured_at) if before else None,
        notes=(*notes, *again, *clocks(archive, run), *filter(None, [put.note])),
    )


def _failed(archive: Archive, run: str, error: ArchiverError, clock: Clock) -> None:
    """Close a run that ends with an error."""
    outcome = Outcome.INTERRUPTED if isinstance(error, Interrupted) else Outcome.FAILED
    archive.finish(run, outcome, [str(error), *getattr(error, "__notes__", ())], clock())
    redact.again(archive, run, clock())


def page_of(thread: Thread, send: Send) -> tuple[str, ...]:
    """Ask once for the public page of a thread, for which no route asks; return a note where it is not to be had."""
    try:
        response = send(Request(url=thread.url, headers=PAGE))
    except ArchiverError as error:
        return (f"note: the page of the thread could not be kept: {error}",)
    note = f"note: instead of the thread’s page, what {response.url} answers with status {response.status} is kept"
    return () if response.status < 400 else (note,)


def clocks(archive: Archive, run: str) -> tuple[str, ...]:
    """Return a warning where the clock of a host and ours differ so much that somebody should look."""
    seconds, url = archive.history.skew(run)
    if abs(seconds) <= SKEWED:
        return ()
    which = "ahead of" if seconds > 0 else "behind"
    return (f"warning: the clock of {host_of(url)} is {abs(seconds)} s {which} this computer’s; check yours",)


def save(
    archive_: Archive,
    target: str,
    connect: Connect,
    clock: Clock,
    options: Options,
    with_page: bool,
    media: Wanted | None,
) -> Saved:
    """Do what `archive` does with whatever the user has named: an address, or an article that was saved as a file.

    Raises what `refusal` returns, before anything is begun.
    """
    if error := refusal(target, options):
        raise error
    if options.source and not is_address(target):
        return replace(archive_page(archive_, Path(target), clock, options), url=target)
    return archive(archive_, target, connect, clock, options, with_page=with_page, media=media)


def archive_page(archive_: Archive, path: Path, clock: Clock, options: Options) -> Saved:
    """Do what `archive` does with a page that was saved as a file."""
    return archive(archive_, f"file:{path.name}", lambda keep: page.sender(path, keep, clock), clock, options)


def prove(platform: Platform, thread: Thread, send: Send) -> tuple[Failure, ...]:
    """Fetch what the author of a thread has signed; what goes wrong is returned, and costs nothing but the proof."""
    try:
        if platform.proofs is None:
            raise UsageError(f"posts on {platform.title} are not signed in a way that can be kept")
        return follow(platform.proofs(thread), send)
    except ArchiverError as error:
        return (Failure(route="proof", error=error),)


def record(archive: Archive, run: str, target: Path) -> None:
    """Write a run's answers as a folder that `imports.import_recording` reads."""
    url, options = archive.history.request_of(run)
    exchanges = [exchange for exchange in archive.history.last_exchanges(run) if not is_page(exchange.request_headers)]
    folder.write(target, url, options, exchanges)
