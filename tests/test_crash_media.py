"""A save that is killed while media come: nothing half has a whole one's name, and the next one goes on."""

import hashlib
import random
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from film_host import Films
from gallery import Gallery
from pictures import plain, scene
from samples import NOON
from savers import Savers

from archiver.evidence.checking import check
from archiver.evidence.finding import Level
from archiver.store.store import Archive

MOMENTS = 20  # at least


@contextmanager
def shown() -> Iterator[tuple[Films, str]]:
    """A thread with a film that trickles, and pictures; yields the film and the thread's address."""
    with closing(Films(2, slices=20_000)) as films, closing(Gallery()) as gallery:
        film = {"id": "1", "type": "video", "url": films.url, "preview_url": None, "description": "A crossing"}
        pictures = [gallery.picture(gallery.show(f"{number}.png", plain(str(number)))) for number in range(4)]
        first = gallery.posts.post("ann", "One", media_attachments=[film, *pictures])
        gallery.posts.post(
            "ann", "Two", first, media_attachments=[gallery.picture(gallery.show("f.png", scene("ferry")))]
        )
        yield films, gallery.posts.url(first)


def test_a_save_that_is_killed_while_media_come_leaves_nothing_half(tmp_path: Path) -> None:
    moments, seen, went_on = random.Random(4), set(), 0
    with shown() as (films, url), closing(Savers(tmp_path / "first", url, "media")) as savers:
        began = time.monotonic()
        assert savers.save(tmp_path / "whole", url) == 0
        took = time.monotonic() - began
        expected = files(tmp_path / "whole")
        assert len(expected) == 7
        for number in count():
            folder = tmp_path / str(number)
            ended = savers.save(folder, url, killed_after=moments.uniform(0, took))
            came = sound(folder)
            films.heard.clear()
            assert savers.save(folder, url) == 0
            went_on += any(films.heard)
            assert sound(folder) == len(expected)
            assert files(folder) == expected
            assert document(folder) == document(tmp_path / "whole")
            assert not list((folder / "media" / ".parts").glob("[0-9a-f]*.part"))
            with Archive.read(folder) as archive:
                first = archive.history.runs()[0].outcome
            assert ended == -signal.SIGKILL or first == "complete"
            seen.add((first, came))
            shutil.rmtree(folder)
            outcomes, several = {outcome for outcome, _ in seen}, len({came for _, came in seen}) > 2
            # Until it was killed before, while and after they came, and a film was not begun anew.
            if number >= MOMENTS and several and went_on and outcomes == {"interrupted", "complete"}:
                break
            assert number < 10 * MOMENTS, (seen, went_on)


def sound(folder: Path) -> int:
    """Check that what has a name is what the name says, and is there; return how many files that are."""
    if not (folder / "archive.db").exists():
        return 0
    there = files(folder)
    assert all(Path(name).stem == digest for name, digest in there.items())
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = '_media'").fetchone():
            return 0
        listed = {path for (path,) in db.execute("SELECT path FROM _files")}
    assert listed <= there.keys()
    found = check(None, folder, (), NOON, True)
    assert [str(finding) for finding in found if finding.level is Level.PROBLEM] == []
    return len(there)


def files(folder: Path) -> dict[str, str]:
    """Return the digests of the files that have a name."""
    found = [path for path in (folder / "media").rglob("*") if path.is_file() and path.suffix != ".part"]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def document(folder: Path) -> str:
    """Return the document without what two runs cannot share: the run's id and its receipt in the ledger."""
    text = max((path.read_text() for path in (folder / "threads").glob("*.md")), key=len)
    return re.sub(r"run [0-9a-f-]{36} of|ledger \d+ · head [0-9a-f]{64}", "", text)
