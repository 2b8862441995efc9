"""A fault at every call that changes the disk: nothing looks like a forgery then, and the next save is whole."""

import hashlib
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from faults import FAILED, Faults
from gallery import Gallery
from samples import NOON, later

from archiver.config import Network
from archiver.errors import ArchiveError
from archiver.evidence.checking import check
from archiver.http.client import Client
from archiver.media.stage import Wanted
from archiver.store.store import Archive
from archiver.verbs import capture
from archiver.verbs.imports import import_recording
from archiver.verbs.recovery import recovered

PARTS = 2  # that run side by side


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of writes are waited for."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as name:
        yield Path(name)


@pytest.fixture
def faults(tmp_path: Path) -> Iterator[Faults]:
    made = Faults(tmp_path)
    try:
        yield made
    finally:
        assert made.close() == ""


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A small thread, and the picture of its author."""
    outside = {"network": Network(allow_private=True), "credentials": {}, "bases": {}, "now": lambda: NOON}
    with closing(Gallery()) as gallery:
        first = gallery.posts.post("ann", "One")
        with Archive.open(tmp_path / "source", now=NOON) as archive, Client(report=print, **outside) as client:  # type: ignore[arg-type]
            url = gallery.posts.url(first)
            saved = capture.archive(archive, url, client.recording, lambda: NOON, media=Wanted())
            capture.record(archive, saved.document.run.id, tmp_path / "case")
    return tmp_path / "case"


def problems(folder: Path) -> list[str]:
    """Return what a deep verification finds; an archive that was still being made has nothing."""
    if not (folder / "archive.db").exists():
        return []
    try:
        found = check(None, folder, (), later(days=1), True)
        return [str(finding) for finding in found if finding.level == "problem"]
    except ArchiveError as error:
        return [] if str(error).startswith(f"no archive in {folder}") else [str(error)]


def content(folder: Path) -> dict[str, str]:
    """Return what is in the document and in the files, but for what two runs cannot share."""
    [path] = (folder / "threads").glob("*.md")
    text = re.sub(r"run [0-9a-f-]{36} of|ledger \d+ · head [0-9a-f]{64}", "", path.read_text())
    files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (folder / "media").rglob("*.png")}
    return {path.name: text, **files}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("mode", ["k", "f"], ids=["killed", "full"])
def test_whichever_call_fails_it_is_no_forgery_and_the_next_save_is_whole(
    faults: Faults, recording: Path, place: Path, mode: str, part: int
) -> None:
    whole = place / "whole"
    code, calls = faults.save(whole, recording)
    assert code == 0
    assert calls > 100
    expected, ends = content(whole), set[int]()
    for at in range(1 + part, calls + 1, PARTS):
        folder = place / "archive"
        code, _ = faults.save(folder, recording, at, mode)
        ends.add(code)
        assert problems(folder) == [], at
        with recovered(folder, now=NOON) as (archive, _):
            import_recording(archive, recording, lambda: NOON)
        assert problems(folder) == [], at
        assert content(folder) == expected, at
        assert list((folder / "media").rglob("*.part")) == [], at
        shutil.rmtree(folder)
    assert ends == ({-signal.SIGKILL} if mode == "k" else {FAILED})
