"""Cases: a folder of recorded answers, and the thread and the document that they must give.

    python -m tests.cases golden                        write the golden files of every case anew
    python -m tests.cases record URL PLATFORM/CASE      record a thread from the network as a case

A person reads the difference before it is committed.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from archiver import config, network
from archiver.exporters import timeline
from archiver.exporters.article import article
from archiver.exporters.page.thread import page
from archiver.exporters.table import plain_text, table
from archiver.exporters.view import View
from archiver.http.client import now
from archiver.model import Document
from archiver.platforms import declared, find_platform
from archiver.routes import Platform
from archiver.store.store import Archive
from archiver.testing import invented
from archiver.testing.case import document as document_of
from archiver.testing.case import goldens as goldens_of
from archiver.verbs import capture

FIXTURES = Path(__file__).parent.parent / "fixtures"
ALL_FORMS = (
    "bluesky/nine-boxes",
    "mastodon/everything-a-post-can-hold",
    "x/deleted-in-the-middle",
    "x/storm-by-search",
)
FORMS = {"article.md": article, "csv": table, "txt": plain_text}
PAGES = (
    "bluesky/everything-a-post-can-hold",
    "mastodon/everything-a-post-can-hold",
    "x/deleted-in-the-middle",
    "x/storm-by-search",
)
"""The cases that have a page as a golden file as well."""


def cases() -> list[Path]:
    """Return the folders of all cases."""
    return sorted(path.parent for path in FIXTURES.glob("*/*/url"))


def name(case: Path) -> str:
    """Return a case's name: platform and case."""
    return str(case.relative_to(FIXTURES))


def platform_of(case: Path) -> Platform:
    """Return the platform whose case this is: it lies in the folder of that name."""
    return find_platform(case.parent.name)


def document(case: Path) -> Document:
    """Return the document that a case gives."""
    return document_of(platform_of(case), case)


def goldens(case: Path) -> dict[str, str]:
    """Return the content of a case's golden files."""
    made = document(case)
    files = goldens_of(platform_of(case), case)
    if timeline.is_shown(View(made)):
        files["timeline.svg"] = timeline.file(View(made))
    if name(case) in PAGES:
        files["page.html"] = page(made)
    if name(case) in ALL_FORMS:
        files |= {f"thread.{ending}": write(made) for ending, write in FORMS.items()}
    return files


def write_goldens() -> Iterator[str]:
    """Write the golden files; yield the names of those that changed."""
    for file in FIXTURES.glob(f"*/*/{invented.FILE}"):
        invented.write(file.parent)
    for case in cases():
        for file, content in goldens(case).items():
            path = case / file
            if not path.exists() or path.read_bytes() != content.encode():
                path.write_bytes(content.encode())
                yield str(path.relative_to(FIXTURES))


def record(url: str, case: str, settings: str) -> None:
    """Save a thread into an archive of its own, and write its answers as a case."""
    with tempfile.TemporaryDirectory() as place:
        chosen = config.load(Path(settings) if settings else None, Path(place), Path(place), declared())
        with Archive.open(Path(place), now=now()) as archive, network.client(chosen, print) as client:
            saved = capture.archive(archive, url, client.recording, now)
            target = FIXTURES / (case or f"{saved.document.thread.platform}/new-case")
            capture.record(archive, saved.document.run.id, target)
    print(f"{target}: {saved.document.run.requests} answers; now: make golden")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["golden"]:
            print("\n".join(write_goldens()) or "nothing changed")
        case ["record", url, *rest] if url:
            record(url, *[*rest, "", ""][:2])
        case _:
            sys.exit("usage: make golden | make record URL=https://… [CASE=platform/name] [CONFIG=FILE]")
