"""What `verify` checks: an archive, or a file that came out of one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from archiver.errors import ArchiveError, UsageError
from archiver.evidence.chain import Receipt, answered, vouched
from archiver.evidence.deep import deep, rewound
from archiver.evidence.document import of_document
from archiver.evidence.finding import Finding, Level, guarded, holdings, note, problem
from archiver.evidence.folder import documents, strays
from archiver.evidence.removals import gave
from archiver.evidence.verify import verify, withheld
from archiver.evidence.wacz import of_wacz
from archiver.layout import DATABASE
from archiver.store.audit import Audit
from archiver.store.database import is_damage

DOCUMENTS, CONTAINER = (".md", ".html"), ".wacz"


def archive_of(what: Path | None, folder: Path) -> Path:
    """Return the folder of the archive that is meant: the one named, or `folder`, or the one that a file lies in."""
    if what is None:
        return folder
    if what.is_dir():
        return what
    if what.name == DATABASE:
        return what.parent
    if what.suffix.lower() not in (*DOCUMENTS, CONTAINER):
        raise UsageError(
            f"{what} is neither an archive's folder nor a {', '.join(DOCUMENTS)} or {CONTAINER} file of one"
        )
    own = what.resolve().parent.parent
    return own if not (folder / DATABASE).exists() and (own / DATABASE).exists() else folder


def is_archive(what: Path | None) -> bool:
    """Whether an archive is meant, and not a file."""
    return what is None or what.is_dir() or what.name == DATABASE


def of_archive(
    audit: Audit,
    receipts: Sequence[Receipt],
    is_deep: bool,
    now: datetime,
    trusted: Path | None = None,
) -> Iterator[Finding]:
    """Yield what is found in an archive; with `is_deep`, threads and documents are compared with the answers too."""
    yield from verify(audit, trusted)
    for receipt in receipts:
        yield from guarded("a receipt", lambda receipt=receipt: _answered(audit, receipt))  # type: ignore[misc]
    if is_deep:
        yield from guarded("the derived rows", lambda: deep(audit, now))
        yield from guarded("the removals", lambda: gave(audit, now, withheld(audit)))
        yield from guarded("the documents", lambda: documents(audit, now))
    yield from guarded("the numbers", lambda: _unnumbered(audit))
    yield from guarded("the folder", lambda: strays(audit))
    yield from guarded("the archive", lambda: [_held(audit, is_head=not receipts)])


def check(
    what: Path | None,
    folder: Path,
    receipts: Sequence[Receipt],
    now: datetime,
    is_deep: bool,
    trusted: Path | None = None,
) -> Iterator[Finding]:
    """Yield what is found; `trusted` has the root certificates of who stamps the time, those of this computer else.

    Raises ArchiveError where the archive cannot be opened, unless that is because of damage.
    """
    if what and what.suffix.lower() == CONTAINER and not (folder / DATABASE).exists():
        yield from of_wacz(what, receipts=receipts)
        return
    try:
        with Audit.opened(folder) as audit:
            if what is None or is_archive(what):
                yield from of_archive(audit, receipts, is_deep, now, trusted)
            elif what.suffix.lower() == CONTAINER:
                at_head = partial(rewound, audit, now=now)
                yield from of_wacz(what, audit.entries(), withheld(audit), receipts, at_head)
            else:
                for receipt in receipts:
                    yield from vouched(audit.entries(), receipt)
                yield from guarded(str(what), lambda: of_document(audit, what, now))
    except ArchiveError as error:
        if not is_damage(error):
            raise
        yield problem(str(error))


def _answered(audit: Audit, receipt: Receipt) -> Iterator[Finding]:
    entries = audit.entries()
    yield from vouched(entries, receipt)
    yield from answered(entries, receipt)


def _unnumbered(audit: Audit) -> Iterator[Finding]:
    words = "has no number in the list any more; it gets the next one when something is saved"
    for url in audit.unnumbered():
        yield note(words, url=url, level=Level.WARNING)


def _held(audit: Audit, is_head: bool) -> Finding:
    """Return what is in the archive; without a receipt, it is the head up to which somebody can rely on it."""
    entries, counts = audit.entries(), audit.counts()
    head = entries[-1].receipt if entries else "an empty ledger"
    told = note(f"{head}: {holdings(counts)}")
    return replace(told, entry=entries[-1].seq) if entries and is_head else told
