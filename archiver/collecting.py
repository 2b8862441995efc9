"""From answers to rows: whatever answers, the network or what was kept, gives the same thread and the same tables.

    address, options ──► Platform, Ref ──► recheck.visit over a Send ──► Thread ──► merged ──► derived rows

`reparse` does so again, for all runs, with the archive's own answers.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.config import Config
from archiver.errors import SHAPE_ERRORS, ArchiverError, NotWritable, ParseError, UnknownURL, UsageError
from archiver.http.message import Send
from archiver.model import Run, Thread, Verdict
from archiver.options import Options
from archiver.platforms import find, find_author, find_platform, is_address, order_of
from archiver.recheck import visit
from archiver.routes import Failure, Interruptible, Platform, Ref
from archiver.store.opening import PLUG_IN
from archiver.store.store import Archive
from archiver.threads.merge import merge
from archiver.threads.withheld import withheld


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A run whose kept answers cannot be read: what is wrong, and whether it gave a thread when it was made."""

    run: str
    url: str
    what: str
    gave_thread: bool

    def __str__(self) -> str:
        return f"{'problem' if self.gave_thread else 'note'}: run {self.run} ({self.url}): {self.what}"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of reading all runs again: how many there are, how many threads they gave, which could not be read."""

    runs: int
    threads: int
    unreadable: tuple[Unreadable, ...]


def ref_of(url: str, options: Options) -> tuple[Platform, Ref]:
    """Return the platform of an address, and the reference with the run's options."""
    if options.seal is not None:
        raise UnknownURL(f"{url} was asked to stamp the time, not for a thread")
    if options.since:
        platform, ref = find_author(url, options.platform)
    elif options.platform:
        platform, ref = find_platform(options.platform), Ref(url=url, id="")
    else:
        platform, ref = find(url)
    return platform, with_options(ref, options)


def with_options(ref: Ref, options: Options) -> Ref:
    """Return a reference with the run's options."""
    sources = frozenset(options.third_parties)
    since, until = options.since, options.until
    return replace(ref, since=since, until=until, replies=options.replies, on=sources, source=options.source)


def refusal(url: str, options: Options) -> UsageError | None:
    """Return why an address, or the file that an article was saved in, cannot be asked for; None where it can."""
    try:
        ref_of(url, options)
    except UnknownURL as error:
        return error
    if options.source and not is_address(url) and not Path(url).is_file():
        return UsageError(f"{url}: neither the address of an article, nor a file that is there")
    return None


def onlookers(settings: Config, urls: Iterable[str], options: Options) -> dict[str, str]:
    """Return the hosts of third parties who will see what is asked for, by the settings that name them."""
    if options.source:
        return {}
    concerned = {platform.name: platform for url in urls if (platform := _platform_of(url, options))}
    hosts: dict[str, str] = {}
    for name, platform in concerned.items():
        hosts |= platform.onlookers(settings.table(name), storm=options.since is not None)
    return hosts


def _platform_of(url: str, options: Options) -> Platform | None:
    try:
        return ref_of(url, options)[0]
    except UnknownURL:
        return None


def gather(archive: Archive, url: str, options: Options, send: Send) -> tuple[Thread, tuple[Failure, ...]]:
    """Collect a thread from whatever answers, and what became of what the archive holds of it."""
    platform, ref = ref_of(url, options)
    return visit(archive, platform, ref, send)


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
        return archive.save(run, merged, latest=thread, order=order_of(thread.platform))
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
    unreadable = tuple(result for result in read if isinstance(result, Unreadable))
    return Rebuilt(len(runs), sum(1 for _ in archive.threads()), unreadable)


def read_again(archive: Archive, run: Run) -> str | Unreadable | None:
    """Save what a run's kept answers give, and return the archive's id for the thread.

    None for a run that gave no thread and gives none; what is wrong with one that cannot be read.
    """
    try:
        thread = archive.redactions.transcript(run.id) or gathered(archive, run.id)
    except NotWritable:
        raise
    except ArchiverError as error:
        package = run.tool.partition(PLUG_IN)[2]
        if package and isinstance(error, UnknownURL):
            missing = f"was read by the plug-in {package}, which is not installed; install it, and run reparse again"
            return Unreadable(run.id, run.url, missing, gave_thread=False)  # nothing of it is damaged
        return Unreadable(run.id, run.url, f"gives no thread any more: {error}", True) if run.gave_thread else None
    except Exception as error:  # damage may come out anywhere in a parser
        return Unreadable(run.id, run.url, f"cannot be read: {str(error) or type(error).__name__}", run.gave_thread)
    try:
        return keep_thread(archive, run.id, thread)
    except ParseError as error:
        return Unreadable(run.id, run.url, f"cannot be read: {error}", run.gave_thread)


def readable(archive: Archive, run: str) -> Thread | None:
    """Return what a run's kept answers give, None where that is no thread."""
    try:
        return gathered(archive, run)
    except ArchiverError:
        return None


def gathered(archive: Archive, run: str) -> Thread:
    """Read out of a run's kept answers what it collected."""
    url, options = archive.history.request_of(run)
    return gather(archive, url, options, Interruptible(archive.history.replay(run)))[0]
