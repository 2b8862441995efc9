"""What a killed process left open: its run is closed, sealed and read, so that nothing that came stays hidden."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from archiver.collecting import read_again
from archiver.publish import keep
from archiver.redaction import redact
from archiver.store.store import Archive


@contextmanager
def recovered(folder: Path, *, now: datetime, operator: str = "") -> Iterator[tuple[Archive, tuple[str, ...]]]:
    """Open an archive for writing, as `Archive.open` does; yield it, and a note on each run that was interrupted."""
    with Archive.open(folder, now=now, operator=operator) as archive:
        yield archive, tuple(note for run in archive.history.open_runs() for note in _closed(archive, run, now))


def _closed(archive: Archive, id_: str, now: datetime) -> Iterator[str]:
    """Close a run as interrupted, read it unless that was done before it broke off, and say what is kept of it."""
    [run] = [run for run in archive.history.runs() if run.id == id_]
    with archive.interrupted(id_, now):
        if not archive.history.thread_of(id_):
            read_again(archive, run)
    yield from redact.again(archive, id_, now)
    saw = archive.history.thread_of(id_)
    if saw is None:
        yield f"note: a run of {run.url} was interrupted before it gave a thread; what came is kept"
        return
    thread, posts = saw
    put = keep(archive.document(thread), archive.folder)
    counted = "1 post is" if posts == 1 else f"{posts} posts are"
    yield f"note: a run of {run.url} was interrupted: {counted} kept; save it again"
    yield from filter(None, [put.note])
