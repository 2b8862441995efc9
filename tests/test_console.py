"""What is seen of a command: on a terminal, in any encoding, and where nobody reads or nothing more fits."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cases import FIXTURES
from gallery import Gallery
from pictures import plain

from archiver.cli import main as cli

BOXES = FIXTURES / "bluesky" / "nine-boxes"
ODD = FIXTURES / "mastodon" / "everything-a-post-can-hold"
ERASE = "\r\x1b[K"


@pytest.fixture
def gallery() -> Iterator[Gallery]:
    with closing(Gallery()) as hosted:
        yield hosted


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    settings = "[network]\nallow_private = true\ntimeout = 20\n[evidence]\npage = false\n"
    (folder / "archiver.toml").write_text(settings)
    return folder


@pytest.fixture
def boxes(place: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """An archive with two threads in it."""
    assert [cli.run(["--archive", str(place), "import", str(case)]) for case in (BOXES, ODD)] == [0, 0]
    capsys.readouterr()
    return place


def command(place: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "archiver", "--archive", str(place), *arguments]


def on_a_terminal(place: Path, *arguments: str, **environment: str) -> SimpleNamespace:
    """Run a command on a terminal; return its code, all that was sent, and the lines that stay on the screen."""
    leader, follower = pty.openpty()
    sent = bytearray()

    def listen() -> None:
        while True:
            try:
                sent.extend(os.read(leader, 65536))
            except OSError:
                return

    listener = threading.Thread(target=listen)
    listener.start()
    ran = subprocess.run(
        command(place, *arguments),
        stdin=follower, stdout=follower, stderr=follower, timeout=60,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment},
    )  # fmt: skip
    os.close(follower)
    listener.join(10)
    os.close(leader)
    text = sent.decode().replace("\r\n", "\n")
    lines = [line.rpartition(ERASE)[2] for line in text.split("\n")]
    return SimpleNamespace(code=ran.returncode, sent=text, lines=[line for line in lines if line])


def with_pictures(gallery: Gallery) -> str:
    """A thread of three posts with pictures."""
    pictures = [gallery.picture(gallery.show(f"{n}.png", plain(str(n)))) for n in range(3)]
    root = gallery.posts.post("ann", "One", media_attachments=pictures)
    return gallery.posts.url(root)


def test_the_verdict_stands_on_a_line_of_its_own(gallery: Gallery, place: Path) -> None:
    url = with_pictures(gallery)
    first, again = (on_a_terminal(place, "save", url) for _ in range(2))
    for ran in (first, again):
        assert ran.code == 0
        assert re.search(r"\x1b\[K\d requests?, 127\.0\.0\.1", ran.sent)
        assert ran.lines[0].startswith("complete: 1 of 1 post by @ann@")
        assert not [line for line in ran.lines if line.startswith("media [")]
    assert "media [####################] 4 of 4" in first.sent
    assert "of 0" not in again.sent


def test_json_and_errors_stand_on_lines_of_their_own(gallery: Gallery, place: Path) -> None:
    ran = on_a_terminal(place, "save", "--json", with_pictures(gallery), gallery.posts.url("112150000000009999"))
    saved, failed = map(json.loads, ran.lines[:2])
    assert (saved["verdict"], failed["exit"]) == ("complete", 4)
    assert ran.lines[2].startswith("error: ")


def test_a_narrow_terminal_gets_lines_that_fit(gallery: Gallery, place: Path) -> None:
    ran = on_a_terminal(place, "save", with_pictures(gallery), COLUMNS="20")
    drawn = re.findall(r"\x1b\[K([^\r\n]+)", ran.sent.partition("complete: ")[0])
    assert drawn
    assert max(map(len, drawn)) == 19


def test_a_dumb_terminal_gets_no_control_characters(gallery: Gallery, place: Path) -> None:
    ran = on_a_terminal(place, "save", with_pictures(gallery), TERM="dumb")
    assert (ran.code, "\x1b" in ran.sent, "\r" in ran.sent) == (0, False, False)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp437", "ascii", "utf-8"])
def test_any_encoding_will_do(boxes: Path, encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    for arguments in (("list",), ("show", "1"), ("show", "2"), ("save", "ftp://a.example/…日本")):
        ran = subprocess.run(command(boxes, *arguments), env=environment, capture_output=True)
        assert (ran.returncode, b"Traceback" in ran.stderr) == (2 if "save" in arguments else 0, False)
    assert (b"\\u65e5" in ran.stderr) == (encoding not in ("utf-8", "ascii"))


def test_a_report_in_a_file_is_utf_8(boxes: Path) -> None:
    reports = [
        subprocess.run(command(boxes, "verify", "--report"), env={**os.environ, **more}, capture_output=True)
        for more in ({"PYTHONIOENCODING": "cp1252"}, {"PYTHONUTF8": "1"})
    ]
    assert [ran.returncode for ran in reports] == [0, 0]
    texts = [re.sub("Checked: .*", "", ran.stdout.decode("utf-8")) for ran in reports]
    assert texts[0] == texts[1]
    assert "·" in texts[0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [("list",), ("show", "1", "--json"), ("verify", "--report"), ("--help",)])
def test_output_that_does_not_fit_is_one_line_and_code_2(boxes: Path, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(command(boxes, *arguments), stdout=full, stderr=subprocess.PIPE, text=True)
    assert (ran.returncode, ran.stderr) == (2, "error: the output cannot be written: No space left on device\n")


@pytest.mark.parametrize("arguments", [("list",), ("show", "1", "--json"), ("verify", "--report"), ("--help",)])
def test_a_reader_who_leaves_changes_nothing(boxes: Path, arguments: tuple[str, ...]) -> None:
    assert without_a_reader(boxes, *arguments) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [("search", "harbour"), ("list", "--nosuch"), ("save", "nonsense")])
def test_a_mistake_that_nobody_can_be_told_has_its_code(boxes: Path, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        assert subprocess.run(command(boxes, *arguments), stderr=full).returncode == 2
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as left:
        assert subprocess.run(command(boxes, *arguments), stderr=left).returncode == 2


def test_a_thread_is_saved_and_its_code_the_same_without_a_reader(gallery: Gallery, place: Path) -> None:
    ids = gallery.posts.thread(3)
    lost = gallery.posts.url("112150000000009999")
    code, err = without_a_reader(place, "save", gallery.posts.url(ids[0]), lost, with_pictures(gallery))
    assert code == 4
    assert len([line for line in err.splitlines() if line.startswith("error: ")]) == 1
    assert len(list((place / "threads").glob("*.md"))) == 2


def without_a_reader(place: Path, *arguments: str) -> tuple[int, str]:
    """Run a command whose stdout is a pipe that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(command(place, *arguments), stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    return ran.returncode, ran.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_closed_window_and_a_shutdown_are_like_ctrl_c(gallery: Gallery, place: Path, number: int) -> None:
    ids = gallery.posts.thread(200)
    process = begun(gallery, place, ids)
    process.send_signal(number)
    process.send_signal(number)  # the shell passes it on as well
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "ended early: stopped by the user" in out
    [document] = (place / "threads").glob("*.md")
    assert "Herons, note no 1 of the day" in document.read_text()


def test_what_nohup_ignores_is_ignored(gallery: Gallery, place: Path) -> None:
    ids = gallery.posts.thread(45)
    process = begun(gallery, place, ids, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, "complete: 45 of 45" in out) == (0, True), err


def begun(gallery: Gallery, place: Path, ids: list[str], **more: Any) -> "subprocess.Popen[str]":
    """Begin to save a thread from a slow server; return when it has been asked twice."""
    gallery.delay = 0.3
    url = gallery.posts.url(ids[0])
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command(place, "save", url, "--no-media"), **pipes, text=True, **more)
    deadline = time.monotonic() + 30
    while len(gallery.heard) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    return process
