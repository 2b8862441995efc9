"""The media of a thread, several at once, through the command line and from real hosts: pace, Ctrl-C, full disks."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from fediverse import Mastodon
from hosted import Hosted
from pictures import plain
from shelf import Shelf, shelf

from archiver.cli import main as cli
from archiver.config import Network
from archiver.http import pace
from archiver.http.client import Client
from archiver.http.message import Request
from archiver.http.pace import BURST, INTERVAL
from archiver.media.crew import WORKERS, Relay, together
from archiver.store.media import STOPPED
from archiver.store.store import Archive


@pytest.fixture
def files() -> Iterator[Shelf]:
    with shelf() as opened:
        yield opened


@pytest.fixture
def posts() -> Iterator[Mastodon]:
    world = Mastodon()
    hosted = Hosted(world)
    world.site = hosted.site
    yield world
    hosted.close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "archiver.toml").write_text("[network]\nallow_private = true\ntimeout = 5\n[evidence]\npage = false\n")
    return tmp_path


def picture(url: str) -> dict[str, object]:
    return {"id": "1", "type": "image", "url": url, "preview_url": None, "description": "A heron"}


def thread(posts: Mastodon, *urls: str) -> str:
    return posts.url(posts.post("ann", "One", media_attachments=[picture(url) for url in urls]))


def noted(place: Path) -> dict[str, tuple[str, ...]]:
    """Return what the archive says of each address, in the order of the runs."""
    with closing(sqlite3.connect(place / "archive.db")) as db:
        rows = db.execute("SELECT url, group_concat(said, '|') FROM _media GROUP BY url").fetchall()
    return {url: tuple(said.split("|")) for url, said in rows}


def kept(place: Path) -> set[bytes]:
    return {path.read_bytes() for path in (place / "media").glob("[0-9a-f]*/*")}


def outcomes(place: Path) -> list[str | None]:
    with Archive.read(place) as archive:
        return [run.outcome for run in archive.history.runs()]


def test_ctrl_c_keeps_what_came_and_the_next_run_goes_on_from_there(
    files: Shelf, posts: Mastodon, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One file after the other is done, others are under way, and the thread that does the last ones is busy."""
    quick = [files.put(f"/quick-{number}.png", plain(str(number))) for number in range(3)]
    content = [plain(f"slow {number}") + bytes(3_000_000) for number in range(2)]
    slow = [files.put(f"/slow-{n}.png", data, headers={"ETag": '"1"'}, wait=0.05) for n, data in enumerate(content)]
    url = thread(posts, *slow, *quick)
    command = [sys.executable, "-m", "archiver", "--archive", str(place), "save", url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while min(files.sent.get(f"/slow-{n}.png", 0) for n in range(2)) < 500_000:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "Traceback" not in out + err
    assert re.search(
        r"  \d media files fetched; 1 could not be fetched; stopped with \d still to fetch, save it again\n", out
    )
    assert kept(place) >= {plain(str(number)) for number in range(3)}
    assert not any(data in kept(place) for data in content)
    assert [noted(place)[one] for one in slow] == [(STOPPED,)] * 2
    assert [noted(place)[one] for one in quick] == [("",)] * 3
    assert STOPPED in (next((place / "threads").glob("*.md"))).read_text()
    assert outcomes(place) == ["interrupted"]
    came = {path: files.sent[path] for path in ("/slow-0.png", "/slow-1.png")}
    for n in range(2):
        files.items[f"/slow-{n}.png"].wait = 0
    files.asked()
    assert cli.run(["--archive", str(place), "save", url]) == 0
    assert set(content) <= kept(place)
    assert not any(path.startswith("/quick") for path in files.asked())
    for n in range(2):
        again = files.sent[f"/slow-{n}.png"] - came[f"/slow-{n}.png"]
        assert again < len(content[n]) - 300_000
    assert cli.run(["--archive", str(place), "verify"]) == 0
    capsys.readouterr()


def test_a_folder_that_cannot_be_written_costs_the_media_and_not_the_thread(
    files: Shelf, posts: Mastodon, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = thread(posts, files.put("/a.png", plain("a")))
    (place / "media").write_text("somebody's own file")
    assert cli.run(["--archive", str(place), "save", url]) == 2
    said = capsys.readouterr().err
    assert re.fullmatch(r"error: cannot write to .*/media: Not a directory\n", said)
    assert outcomes(place) == ["failed"]
    assert cli.run(["--archive", str(place), "verify"]) == 0
    (place / "media").unlink()
    capsys.readouterr()
    assert cli.run(["--archive", str(place), "save", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["media"] == 1
    assert cli.run(["--archive", str(place), "reparse"]) == 0


def test_a_film_of_which_a_piece_was_removed_is_fetched_again(
    files: Shelf, posts: Mastodon, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):
        files.put(f"/{number}.ts", (b"G" + bytes([number]) * 187) * 9)
    text = "#EXTM3U\n#EXTINF:1,\n0.ts\n#EXTINF:1,\n1.ts\n#EXT-X-ENDLIST\n"
    film = {**picture(files.put("/a.m3u8", text.encode())), "type": "video"}
    url = posts.url(posts.post("ann", "One", media_attachments=[film]))
    pieces = place / "media"
    for asked in (["/a.m3u8", "/0.ts", "/1.ts"], [], ["/a.m3u8", "/0.ts", "/1.ts"]):
        assert cli.run(["--archive", str(place), "save", url]) == 0
        assert files.asked() == asked
        assert len(list(pieces.rglob("*.ts"))) == 2
        if not asked:
            next(pieces.rglob("*.ts")).unlink()
    capsys.readouterr()


def asked_together(files: Shelf, paths: list[str]) -> list[float]:
    """Ask for all by several threads and a client that waits in earnest; return when each request reached the host."""
    with Client(network=Network(allow_private=True), credentials={}, bases={}, report=str) as client:
        relay = Relay(lambda exchange: None)
        send = client.recording(relay)
        done = together(
            paths, lambda path: send(Request(url=files.site + path)).status, relay, lambda: None, relay._closed
        )
        assert set(done) <= {200}
    return files.times


def test_a_hosts_pace_holds_for_all_threads_together(files: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host on this machine counts as one of the internet here."""
    monkeypatch.setattr(pace, "is_public", lambda peer: True)
    count = int(BURST) + 6
    paths = [f"/{number}.png" for number in range(count)]
    for path in paths:
        files.put(path, plain("a"))
    times = asked_together(files, paths)
    assert len(times) == count
    for first in range(count):
        for last in range(first, count):
            assert last - first + 1 <= BURST + (times[last] - times[first]) / INTERVAL + 1
    assert times[-1] - times[0] >= 5 * INTERVAL


def test_several_are_fetched_at_once(files: Shelf) -> None:
    paths = [f"/{number}.png" for number in range(12)]
    for path in paths:
        files.put(path, plain("a"), wait=0.1)
    asked_together(files, paths)
    assert 2 <= files.most_at_once <= WORKERS


def test_a_host_that_asks_to_wait_is_left_alone_by_all(files: Shelf) -> None:
    paths = [f"/{number}.png" for number in range(12)]
    for path in paths:
        files.put(path, plain("a"), wait=0.02)
    files.put("/3.png", b"", status=429, headers={"Retry-After": "1"})
    with Client(network=Network(allow_private=True), credentials={}, bases={}, report=str) as client:
        relay = Relay(lambda exchange: files.put("/3.png", plain("a")) if exchange.status == 429 else None)
        send = client.recording(relay)
        done = list(
            together(
                paths, lambda path: send(Request(url=files.site + path)).status, relay, lambda: None, relay._closed
            )
        )
    assert done == [200] * 12
    assert max(later - earlier for earlier, later in pairwise(files.times)) >= 0.9
