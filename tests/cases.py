"""Cases: a folder of recorded answers, and the thread and the document that they must give.

    python -m tests.cases golden                        write the golden files of every case anew
    python -m tests.cases record URL PLATFORM/CASE      record a thread from the network as a case

A person reads the difference before it is committed.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver import collecting, config, network
from archiver.exporters import timeline
from archiver.exporters.article import article
from archiver.exporters.markdown import render
from archiver.exporters.page.thread import page
from archiver.exporters.table import plain_text, table
from archiver.exporters.view import View
from archiver.http.client import now
from archiver.http.message import Exchange
from archiver.importers import folder
from archiver.model import Document, Run, Thread
from archiver.platforms import declared
from archiver.routes import collect
from archiver.store.rows import host_of
from archiver.store.store import Archive
from archiver.verbs import capture

LEFT_OUT = ("route", "hint", "kind", "fault")  # fields that are shown only where they say something
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


def document(case: Path) -> Document:
    """Return the document that a case gives, by the same way as a saved one but for the database."""
    recording = folder.read(case)
    kept: list[Exchange] = []
    thread, failures = collect(
        *collecting.ref_of(recording.url, recording.asked), folder.sender(recording, kept.append)
    )
    run = Run(
        id="00000000-0000-0000-0000-000000000000",
        url=recording.url,
        tool="thread-archiver",
        started_at=min(exchange.started_at for exchange in kept),
        finished_at=max(exchange.finished_at for exchange in kept),
        outcome=str(thread.completeness.verdict),
        replies=bool(recording.asked.get("replies")),
        requests=len(kept),
        hosts=tuple(dict.fromkeys(host_of(exchange.url) or exchange.url.partition("/")[0] for exchange in kept)),
        failures=tuple(str(failure) for failure in failures),
        zone=recording.asked.get("tz", ""),
        imported=recording.source,
    )
    return Document(thread=thread, run=run)


def goldens(case: Path) -> dict[str, str]:
    """Return the content of a case's golden files."""
    made = document(case)
    files = {"thread.json": thread_json(made.thread), "thread.md": render(made)}
    if timeline.is_shown(View(made)):
        files["timeline.svg"] = timeline.file(View(made))
    if name(case) in PAGES:
        files["page.html"] = page(made)
    if name(case) in ALL_FORMS:
        files |= {f"thread.{ending}": write(made) for ending, write in FORMS.items()}
    return files


def thread_json(thread: Thread) -> str:
    """Return a thread as JSON that a person can read; what is not given is left out."""
    return json.dumps(plain(thread), ensure_ascii=False, indent=1) + "\n"


def plain(value: Any) -> Any:
    """Return a model object as JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        given = (
            (entry.name, content)
            for entry in fields(value)
            if (content := getattr(value, entry.name)) != entry.default or entry.name not in LEFT_OUT
        )
        return {
            "is": type(value).__name__,
            **{key: plain(content) for key, content in given if content not in (None, (), False)},
        }
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(content) for key, content in value.items()}
    if isinstance(value, tuple):
        return [plain(content) for content in value]
    return value


def write_goldens() -> Iterator[str]:
    """Write the golden files; yield the names of those that changed."""
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
