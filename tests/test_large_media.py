"""A film of 200 MB goes through the archive and never stands in memory; one that came in parts goes out whole."""

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fediverse import Mastodon
from film_host import MB, Films
from hosted import Hosted
from samples import sql
from warcio.archiveiterator import ArchiveIterator

from archiver.cli import main as cli
from archiver.store.store import Archive

LARGE, SMALL = 200, 3  # MB of films
MOST = 100  # MB of memory

# Prints the largest size that the process itself has had, which is not what it had before it became Python.
PROGRAM = """
import re, sys
from pathlib import Path
from archiver.cli import main as cli
code = cli.run(sys.argv[1:])
print("kB", re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
sys.exit(code)
"""


@pytest.fixture
def shown() -> Iterator[Callable[[Films], str]]:
    """Show a film in a thread, and return the thread's address."""
    world = Mastodon()
    with closing(Hosted(world)) as hosted:
        world.site = hosted.site

        def show(films: Films) -> str:
            film = {"id": "1", "type": "video", "url": films.url, "preview_url": None, "description": "A crossing"}
            return world.url(world.post("ann", "One", media_attachments=[film]))

        yield show


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "archiver.toml").write_text(
        "[network]\nallow_private = true\ntimeout = 30\n[evidence]\npage = false\n"
    )
    return tmp_path / "archive"


def film_in(wacz: Path) -> list[tuple[str, str, str]]:
    """Return the records that hold something of a film, with the digest of it, as warcio reads them."""
    found = []
    with zipfile.ZipFile(wacz) as container, container.open("archive/data.warc.gz") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            digest, size = hashlib.sha256(), 0
            while part := record.raw_stream.read(MB):
                digest.update(part)
                size += len(part)
            if size >= MB:
                found.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), digest.hexdigest()))
    return found


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells how large a process has been")
def test_a_large_film_is_never_in_memory(shown: Callable[[Films], str], place: Path, tmp_path: Path) -> None:
    def done(*words: str) -> int:
        """Run a command, and return how many MB it took at most."""
        command = [sys.executable, "-c", PROGRAM, "--archive", str(place), *words]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr + ran.stdout
        return int(ran.stdout.split("kB ")[1]) // 1000

    with closing(Films(LARGE)) as films:
        url = shown(films)
        wacz = tmp_path / "film.wacz"
        took = {
            "save": done("save", url, "--media-limit", "400MB"),
            "verify": done("verify", "--deep"),
            "export": done("export", "--wacz", str(wacz)),
            "verify a WACZ": done("verify", str(wacz)),
            "backup": done("backup", str(tmp_path / "copy")),
        }
        assert {name: size for name, size in took.items() if size >= MOST} == {}
        assert film_in(wacz) == [("response", films.url, films.digest.hexdigest())]
        [copied] = (tmp_path / "copy" / "media").rglob("*.mp4")
        assert copied.stem == films.digest.hexdigest()
        assert copied.stat().st_size == LARGE * MB
        for path in (wacz, copied, *(place / "media").rglob("*.mp4")):
            path.unlink()


def test_a_film_that_came_in_parts_goes_out_and_comes_back_whole(
    shown: Callable[[Films], str], place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(Films(SMALL, broken_after=1)) as films:
        url, name = shown(films), films.digest.hexdigest()
        assert cli.run(["--archive", str(place), "save", url]) == 0
        assert films.heard == ["", f"bytes={MB}-"]
        wacz, other = tmp_path / "film.wacz", tmp_path / "other"
        assert cli.run(["--archive", str(place), "export", "--wacz", str(wacz)]) == 0
        assert film_in(wacz) == [("resource", films.url, name)]
        assert cli.run(["--archive", str(place), "verify", str(wacz)]) == 0
        assert cli.run(["--archive", str(other), "import", str(wacz)]) == 0
    assert [path.stem for path in (other / "media").rglob("*.mp4")] == [name]
    assert cli.run(["--archive", str(other), "verify", "--deep"]) == 0
    with Archive.read(other) as archive:
        assert sql(archive, "SELECT url, sha256, said FROM media WHERE kind = 'video'") == [(films.url, name, "")]
    again = tmp_path / "again.wacz"
    assert cli.run(["--archive", str(other), "export", "--wacz", str(again)]) == 0
    assert film_in(again) == [("resource", films.url, name)]
    capsys.readouterr()
