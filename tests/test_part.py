"""A file while it comes: continued where it broke off and only if it is the same, under its limit, or not at all."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from samples import NOON
from shelf import Shelf
from web import World, ending, reply, web

from archiver.errors import ArchiveError, NetworkError
from archiver.http.message import Request, Response
from archiver.http.outcome import OverLimit
from archiver.layout import PARTS
from archiver.media.part import SETTLED, SMALL, IncomingFile, size_text

LARGE = b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(SETTLED + SETTLED // 2)
PNG = b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(300_000)
TAG = {"ETag": '"v1"'}
LONG_AGO = {"Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT", "Date": "Thu, 12 Mar 2026 12:00:00 GMT"}


@pytest.fixture
def media(tmp_path: Path) -> Path:
    return tmp_path / "media"


def get(world: World, url: str, media: Path, limit: int = 50_000_000, **more: Callable[..., object]) -> IncomingFile:
    """Fetch one thing in a run of its own."""
    part = IncomingFile(url, media, limit, **more)  # type: ignore[arg-type]
    with world.client() as send:
        response = send(Request(url=url, into=part))
    assert isinstance(response, Response)
    assert response.status in (200, 206)
    return part


def broken(world: World, url: str, media: Path, limit: int = 50_000_000) -> str:
    """Fetch one thing in vain; return what is said of it."""
    with pytest.raises(NetworkError) as caught:
        get(world, url, media, limit)
    return str(caught.value).removeprefix(url).strip()


def kept(media: Path) -> dict[str, bytes]:
    """Return what is under the name of a digest."""
    return {path.stem: path.read_bytes() for path in media.glob("[0-9a-f]*/*")}


def parts(media: Path) -> list[tuple[int, str]]:
    """Return what is there of files that have not come as a whole."""
    return sorted((path.stat().st_size, path.name[64:]) for path in (media / PARTS).glob("*"))


def is_kept(part: IncomingFile, media: Path, content: bytes) -> bool:
    digest = hashlib.sha256(content).hexdigest()
    held = part.held
    return bool(held) and (held.sha256, held.size) == (digest, len(content)) and kept(media) == {digest: content}


def test_a_file_comes_as_it_is_and_leaves_no_part(world: World, host: Shelf, media: Path) -> None:
    heard: list[int] = []
    part = get(world, host.put("/a.png", LARGE, headers=TAG), media, report=heard.append)
    assert is_kept(part, media, LARGE)
    assert sum(heard) == len(LARGE)
    assert parts(media) == []
    [exchange] = world.kept
    assert (exchange.body, exchange.file, exchange.complete) == (b"", part.held, True)


@pytest.mark.parametrize("version", [TAG, LONG_AGO])
def test_the_rest_of_a_file_is_fetched_by_the_next_run_and_nothing_twice(
    world: World, host: Shelf, media: Path, version: dict[str, str]
) -> None:
    url = host.put("/a.png", LARGE, headers=version, cut=1_000_000)
    broken(world, url, media)
    assert kept(media) == {}
    came = host.sent["/a.png"]
    assert came == 4_000_000  # four tries, each of which went on where the one before was cut
    host.put("/a.png", LARGE, headers=version)
    heard: list[int] = []
    part = get(World(), url, media, report=heard.append)
    assert is_kept(part, media, LARGE)
    assert host.sent["/a.png"] == len(LARGE)
    assert sum(heard) == len(LARGE) - came
    assert host.heard[-1][1]["Range"] == "bytes=4000000-"
    assert host.heard[-1][1]["If-Range"] == next(iter(version.values()))
    assert parts(media) == []


def test_each_exchange_tells_how_many_bytes_came_with_it(world: World, host: Shelf, media: Path) -> None:
    broken(world, host.put("/a.png", PNG, headers=TAG, cut=70_000), media)
    sizes = [(exchange.file.size if exchange.file else None, exchange.complete) for exchange in world.kept]
    assert sizes == [(70_000, False)] * 4
    assert [exchange.status for exchange in world.kept] == [200, 206, 206, 206]
    assert [exchange.request_headers[-3:-1] for exchange in world.kept[1:]] == [
        (("Range", f"bytes={size}-"), ("If-Range", '"v1"')) for size in (70_000, 140_000, 210_000)
    ]


@pytest.mark.parametrize(
    "version",
    [
        {},
        {"ETag": 'W/"v1"'},
        {"ETag": 'W/"v1"', **LONG_AGO},
        {"Last-Modified": LONG_AGO["Date"], "Date": LONG_AGO["Date"]},
        {"Last-Modified": "yesterday", "Date": LONG_AGO["Date"]},
    ],
)
def test_what_has_no_name_that_can_be_relied_on_begins_anew(
    world: World, host: Shelf, media: Path, version: dict[str, str]
) -> None:
    url = host.put("/a.png", PNG, headers=version, cut=200_000)
    broken(world, url, media)
    host.put("/a.png", PNG, headers=version)
    assert is_kept(get(world, url, media), media, PNG)
    assert not any("Range" in headers for _, headers in host.heard)


def test_another_version_begins_anew(world: World, host: Shelf, media: Path) -> None:
    url = host.put("/a.png", PNG, headers=TAG, cut=60_000)
    broken(world, url, media)
    other = PNG[::-1]
    host.put("/a.png", b"GIF89a" + other, headers={"ETag": '"v2"'})
    assert is_kept(get(world, url, media), media, b"GIF89a" + other)
    assert host.heard[-1][1]["If-Range"] == '"v1"'


def test_a_host_that_gives_no_parts_gives_the_whole(world: World, host: Shelf, media: Path) -> None:
    url = host.put("/a.png", PNG, headers=TAG, cut=200_000, ranges=False)
    broken(world, url, media)
    host.put("/a.png", PNG, headers=TAG, ranges=False)
    assert is_kept(get(world, url, media), media, PNG)
    assert host.heard[-1][1]["Range"] == "bytes=200000-"


def partly(content: bytes, said: str, tag: str = '"v1"') -> bytes:
    return reply(content, f"Content-Range: {said}", f"ETag: {tag}", status="206 Partial Content")


CUT = ending(reply(PNG, 'ETag: "v1"')[: -len(PNG) + 1000])
SIZE = len(PNG)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (partly(PNG[999:], f"bytes 999-{SIZE - 1}/{SIZE}"), "another place"),
        (partly(PNG[1000:], f"bytes 1000-{SIZE - 1}/*"), "nobody knows where it ends"),
        (partly(PNG[1000:-5], f"bytes 1000-{SIZE - 6}/{SIZE}"), "not the whole rest"),
        (partly(PNG[1000:], f"bytes 1000-{SIZE - 1}/{SIZE}", '"v2"'), "another version"),
        (partly(PNG[1000:-1], f"bytes 1000-{SIZE - 1}/{SIZE}"), "fewer bytes than it says"),
        (partly(PNG[1000:] + b"!", f"bytes 1000-{SIZE - 1}/{SIZE}"), "more bytes than it says"),
        (partly(PNG[1000:], "bytes 1000-999/1000"), "nothing"),
        (partly(PNG[1000:], "items 1000-"), "another unit"),
        (partly(PNG[1000:], f"bytes {'9' * 5000}-{'9' * 5000}/{'9' * 5000}"), "more than can be counted"),
        (reply(PNG[1000:], status="206 Partial Content"), "no place"),
        (reply(b"", f"Content-Range: bytes */{SIZE}", status="416 No"), "no such part"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_a_part_that_is_not_the_rest_is_not_taken(world: World, media: Path, answer: bytes, why: str) -> None:
    with web(CUT, answer, reply(PNG, 'ETag: "v1"')) as host:
        part = IncomingFile(host.url(), media, SIZE + 10)
        with world.client() as send:
            request = Request(url=host.url(), into=part)
            if send(request).status == 416:
                part.forget()
                send(request)
        assert is_kept(part, media, PNG), why
        assert "Range: bytes=1000-" in host.requests[1]
        assert "Range" not in host.requests[2]
    assert parts(media) == []


def test_a_part_that_nobody_asked_for_is_not_taken(world: World, media: Path) -> None:
    with web(partly(PNG, f"bytes 0-{SIZE - 1}/{SIZE}")) as host:
        assert broken(world, host.url(), media) == "gives another part than it was asked for"
    assert (kept(media), parts(media)) == ({}, [])


@pytest.mark.parametrize("length", [True, False])
def test_what_is_over_the_limit_leaves_nothing(world: World, host: Shelf, media: Path, length: bool) -> None:
    url = host.put("/a.png", PNG, headers={**TAG, **({} if length else {"Content-Length": "999999999999"})})
    limit = SIZE - 1 if length else SIZE
    assert broken(world, url, media, limit) == f"is larger than the limit of {size_text(limit)}"
    assert (kept(media), parts(media)) == ({}, [])
    assert len(world.kept) == 1
    assert len(host.heard) == 1
    assert not world.slept


def test_what_does_not_say_its_length_is_stopped_at_the_limit(world: World, media: Path) -> None:
    body = b"HTTP/1.1 200 OK\r\nConnection: close\r\nETag: \"v1\"\r\n\r\n" + PNG  # fmt: skip
    with web(ending(body)) as host:
        assert broken(world, host.url(), media, 100_000) == "is larger than the limit of 100 kB"
    assert (kept(media), parts(media)) == ({}, [])
    with web(ending(body)) as host:
        assert is_kept(get(world, host.url(), media, SIZE), media, PNG)


@pytest.mark.parametrize("length", ["9" * 5000, "-5", "²", "1e3"])
def test_a_length_that_is_none_ends_nothing_but_this(world: World, media: Path, length: str) -> None:
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode("latin-1") + PNG
    with web(ending(answer)) as host:
        try:
            assert is_kept(get(world, host.url(), media), media, PNG)
        except NetworkError:
            assert kept(media) == {}


def test_the_rest_is_not_asked_for_where_the_whole_is_over_the_limit(world: World, host: Shelf, media: Path) -> None:
    url = host.put("/a.png", PNG, headers=TAG, cut=70_000)
    broken(world, url, media)
    assert "limit of 290 kB" in broken(world, url, media, 290_000)
    assert (world.kept[-1].status, world.kept[-1].file) == (206, None)
    assert parts(media) == []


@pytest.mark.parametrize(
    ("content", "is_file"),
    [
        (b"<!doctype html><title>no</title>", False),
        (b"#EXTM3U\n", False),
        (b"words", False),
        (b"words" + bytes(SMALL), True),
        (b"GIF89a", True),
        (b"<svg>", True),
    ],
)
def test_what_may_be_no_file_is_kept_as_an_answer(
    world: World, host: Shelf, media: Path, content: bytes, is_file: bool
) -> None:
    part = get(world, host.put("/a", content), media)
    [exchange] = world.kept
    assert (part.body, exchange.body) == ((b"", b"") if is_file else (content, content))
    assert [*kept(media).values()] == ([content] if is_file else [])
    assert exchange.file == part.held


@pytest.mark.parametrize(
    "note", ["", "[]", "{}", '{"version": "\\"v1\\"", "size": 900000}', '{"version": 1, "size": "x"}']
)
def test_a_note_that_does_not_fit_is_no_note(world: World, host: Shelf, media: Path, note: str) -> None:
    url = host.put("/a.png", PNG, headers=TAG, cut=70_000)
    broken(world, url, media)
    [path] = (media / PARTS).glob("*.note.part")
    path.write_text(note)
    host.put("/a.png", PNG, headers=TAG)
    assert is_kept(get(world, url, media), media, PNG)


def test_what_came_after_the_last_note_is_not_relied_on(world: World, host: Shelf, media: Path) -> None:
    """As after a power cut: the part is longer than what was surely on the disk, and its end is not what came."""
    url = host.put("/a.png", PNG, headers=TAG, cut=70_000)
    broken(world, url, media)
    [path] = (path for path in (media / PARTS).glob("*.part") if ".note" not in path.name)
    [note] = (media / PARTS).glob("*.note.part")
    note.write_text(json.dumps({"version": '"v1"', "size": 200_000}))
    path.write_bytes(PNG[:200_000] + bytes(200_000))
    host.put("/a.png", PNG, headers=TAG)
    assert is_kept(get(world, url, media), media, PNG)
    assert host.heard[-1][1]["Range"] == "bytes=200000-"


def test_a_note_says_no_more_than_what_is_surely_on_the_disk(
    world: World, host: Shelf, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, settled = os.fsync, []

    def fsync(handle: int) -> None:
        settle(handle)
        settled.append(os.fstat(handle).st_size)

    monkeypatch.setattr(os, "fsync", fsync)
    url = host.put("/a.png", PNG, headers=TAG, cut=70_000)
    broken(world, url, media)
    [note] = (media / PARTS).glob("*.note.part")
    assert json.loads(note.read_text())["size"] == 280_000
    assert settled.index(280_000) < len(settled) - 1
    host.put("/a.png", PNG, headers=TAG)
    get(world, url, media)
    assert SIZE in settled


def test_a_folder_that_cannot_be_written_is_one_clear_error(world: World, host: Shelf, media: Path) -> None:
    media.write_text("a file in its place")
    with pytest.raises(ArchiveError, match=f"^cannot write to {media}: Not a directory$"):
        get(world, host.put("/a.png", PNG), media)


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from archiver.config import Network
from archiver.http.client import Client
from archiver.http.message import Request
from archiver.media.part import IncomingFile

url, media = sys.argv[1], Path(sys.argv[2])
client = Client(network=Network(allow_private=True), credentials={}, bases={}, report=print)
client.recording(lambda exchange: None)(Request(url=url, into=IncomingFile(url, media, 10**9)))
"""


def test_a_process_that_is_killed_leaves_a_part_and_nothing_under_a_digest(
    world: World, host: Shelf, media: Path
) -> None:
    content = LARGE * 4
    url = host.put("/a.png", content, headers=TAG, wait=0.005)
    process = subprocess.Popen([sys.executable, "-c", KILLED, url, str(media)])
    while host.sent.get("/a.png", 0) < 2 * SETTLED + SETTLED // 2:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert kept(media) == {}
    host.put("/a.png", content, headers=TAG)
    assert is_kept(get(world, url, media), media, content)
    first = int(host.heard[-1][1]["Range"].removeprefix("bytes=").removesuffix("-"))
    assert first >= SETTLED
    assert parts(media) == []


FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
"""


def test_a_disk_that_takes_no_more_is_one_clear_error_and_leaves_nothing_half(
    world: World, host: Shelf, media: Path
) -> None:
    url = host.put("/a.png", LARGE, headers=TAG)
    ended = subprocess.run([sys.executable, "-c", FULL + KILLED, url, str(media)], capture_output=True, text=True)
    assert ended.stderr.splitlines()[-1] == f"archiver.errors.ArchiveError: cannot write to {media}: File too large"
    assert kept(media) == {}
    assert len(host.heard) == 1
    assert is_kept(get(world, url, media), media, LARGE)


def test_what_is_stopped_keeps_what_came(world: World, host: Shelf, media: Path) -> None:
    url = host.put("/a.png", LARGE, headers=TAG)
    came: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        get(world, url, media, report=came.append, is_stopped=lambda: sum(came) > 1_000_000)
    [exchange] = world.kept
    assert (exchange.complete, exchange.error) == (False, "interrupted: ")
    assert exchange.file
    assert exchange.file.size == sum(came)
    assert is_kept(get(world, url, media), media, LARGE)
    assert host.heard[-1][1]["Range"] == f"bytes={sum(came)}-"


def test_what_is_packed_is_not_taken_as_a_file(world: World, host: Shelf, media: Path) -> None:
    url = host.put("/a.png", PNG, headers={"Content-Encoding": "gzip"})
    part = get(world, url, media)
    assert (part.held, part.body, kept(media)) == (None, b"", {})


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (1550, "1.6 kB"), (50_000_000, "50 MB"), (10**10, "10 GB")],
)
def test_sizes_are_said_as_people_say_them(size: int, text: str) -> None:
    assert size_text(size) == text


def test_the_limit_is_told_by_its_cause(world: World, host: Shelf, media: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        get(world, host.put("/a.png", PNG), media, 1)
    assert isinstance(caught.value.__cause__, OverLimit)
    assert world.time == NOON
