"""Files of a withheld post: they go, with all that they need, and what other posts show too stays."""

import gzip
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from gallery import Gallery
from pictures import plain, portrait, scene

from archiver.cli import main as cli
from archiver.store.store import Archive

SHARED, MINE, EARLIER, CARD = scene("ferry"), plain("mine"), plain("earlier"), plain("card")
PIECES = [b"\x47" + bytes([number]) * 187 + b"\x47" + bytes(187) for number in (1, 2)]  # of an MPEG transport stream
PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n0.ts\n#EXTINF:4,\n1.ts\n#EXT-X-ENDLIST\n"


@pytest.fixture
def gallery() -> Iterator[Gallery]:
    with closing(Gallery()) as hosted:
        yield hosted


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "archiver.toml").write_text("[network]\nallow_private = true\ntimeout = 5\n[evidence]\npage = false\n")
    return folder


@pytest.fixture
def run(place: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command, which has to end well, and return its JSON."""

    def run(*words: str) -> list[dict[str, Any]]:
        code = cli.run(["--archive", str(place), *words, "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.out
        assert all(line.startswith("note: ") for line in captured.err.splitlines()), captured.err
        return [json.loads(line) for line in captured.out.splitlines()]

    return run


@pytest.fixture
def thread(gallery: Gallery) -> list[str]:
    """Three posts; the second shows a picture and a film of its own, and a picture that the third shows too."""
    posts = gallery.posts
    shared, copy = gallery.show("a.png", SHARED), gallery.show("copy.png", SHARED)
    film = gallery.show("film/list.m3u8", PLAYLIST.encode(), "application/vnd.apple.mpegurl")
    for number, piece in enumerate(PIECES):
        gallery.show(f"film/{number}.ts", piece, "video/mp2t")
    card = {"url": "https://news.example/", "title": "News", "image": gallery.show("card.png", CARD), "type": "link"}
    first = posts.post("ann", "One")
    shown = [
        gallery.picture(gallery.show("mine.png", MINE), "A child with a ball"),
        gallery.picture(copy),
        {**gallery.picture(film), "type": "video"},
    ]
    second = posts.post("ann", "A child is shown", first, media_attachments=shown, card=card)
    third = posts.post("ann", "Three", second, media_attachments=[gallery.picture(shared)])
    return [first, second, third]


def contents(folder: Path) -> list[bytes]:
    """Return what is in all files that are no text, each once."""
    found = [path.read_bytes() for path in (folder / "media").rglob("*") if path.is_file()]
    return sorted(set(found))


def all_of(folder: Path) -> bytes:
    """Return all that somebody could find in a folder, a WACZ unpacked."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def withhold(run: Any, gallery: Gallery, post: str) -> dict[str, Any]:
    url = gallery.posts.url(post)
    [done] = run("redact", url, "--post", url, "--reason", "a child is shown", "--yes")
    return dict(done)


def test_what_only_a_withheld_post_shows_is_nowhere_any_more(
    gallery: Gallery, thread: list[str], run: Any, place: Path, tmp_path: Path
) -> None:
    run("save", gallery.posts.url(thread[0]))
    before = contents(place)
    assert {MINE, SHARED, CARD, *PIECES, portrait("ann")} < set(before)
    done = withhold(run, gallery, thread[1])
    assert len(done["files"]) == 5  # two pictures, two pieces of a film, and its playlist
    assert contents(place) == sorted([SHARED, portrait("ann")])
    assert {line["is"] for line in run("verify", "--deep")} == {"withheld", "note", "result"}
    run("export", "--out", str(tmp_path / "site"), "--format", "html")
    assert contents(tmp_path / "site") == contents(place)
    run("backup", str(tmp_path / "copy"))
    assert contents(tmp_path / "copy") == contents(place)
    run("export", "--wacz", str(tmp_path / "a.wacz"))
    with zipfile.ZipFile(tmp_path / "a.wacz") as container:
        captured = gzip.decompress(container.read("archive/data.warc.gz"))
    assert not any(content in captured for content in (MINE, CARD, *PIECES))
    assert SHARED in captured
    said = [line for line in run("verify", str(tmp_path / "a.wacz")) if line["is"] == "withheld"]
    assert len(said) >= 5
    for folder in (place, tmp_path / "site", tmp_path / "copy"):
        assert not any(content in all_of(folder) for content in (MINE, CARD, *PIECES))


def test_a_withheld_post_brings_its_files_back_in_no_later_run(
    gallery: Gallery, thread: list[str], run: Any, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = gallery.posts.url(thread[0])
    run("save", url)
    withhold(run, gallery, thread[1])
    gallery.asked()
    assert cli.run(["--archive", str(place), "save", url]) == 3
    capsys.readouterr()
    assert gallery.asked() == []
    assert contents(place) == sorted([SHARED, portrait("ann")])
    run("reparse")
    assert run("verify")[-1]["problems"] == 0


def test_a_picture_that_an_edit_took_away_goes_too(gallery: Gallery, thread: list[str], run: Any, place: Path) -> None:
    url, post = gallery.posts.url(thread[0]), gallery.posts.statuses[thread[1]]
    now = post["media_attachments"]
    post["media_attachments"] = [gallery.picture(gallery.show("earlier.png", EARLIER))]
    run("save", url)
    post.update(media_attachments=now, edited_at="2026-03-12T13:00:00.000Z", content="A child was shown")
    run("save", url)
    assert EARLIER in contents(place)
    withhold(run, gallery, thread[1])
    assert contents(place) == sorted([SHARED, portrait("ann")])


def test_a_file_that_another_thread_shows_stays(gallery: Gallery, thread: list[str], run: Any, place: Path) -> None:
    other = gallery.posts.post("ann", "Another", media_attachments=[gallery.picture(f"{gallery.site}/mine.png")])
    run("save", gallery.posts.url(thread[0]))
    run("save", gallery.posts.url(other))
    withhold(run, gallery, thread[1])
    assert contents(place) == sorted([SHARED, MINE, portrait("ann")])
    with Archive.read(place) as archive:
        [post] = archive.document(gallery.posts.url(other)).thread.posts
    assert [(place / str(item.file)).read_bytes() for item in post.attachments] == [MINE]
    withhold(run, gallery, other)
    assert contents(place) == sorted([SHARED, portrait("ann")])
    assert run("verify")[-1]["problems"] == 0
