"""What a thread shows, from a server on 127.0.0.1 to the archive, the document and what is printed."""

import json
import os
import pty
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from gallery import Gallery
from pictures import plain, portrait, scene
from samples import NOON

from archiver import collecting
from archiver.cli import main as cli
from archiver.store.store import Archive

PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head></html>"


@pytest.fixture
def gallery() -> Iterator[Gallery]:
    hosted = Gallery()
    yield hosted
    hosted.close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "archiver.toml").write_text("[network]\nallow_private = true\ntimeout = 5\n[evidence]\npage = false\n")
    return tmp_path


@pytest.fixture
def save(place: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Save, and return the exit code and what was said of it."""

    def save(url: str, *options: str) -> tuple[int, dict[str, Any]]:
        code = cli.run(["--archive", str(place), "save", url, "--json", *options])
        captured = capsys.readouterr()
        assert captured.err == ""
        return code, json.loads(captured.out)

    return save


def document(place: Path) -> str:
    [file] = (place / "threads").glob("*.md")
    return file.read_text(encoding="utf-8")


def rows(place: Path) -> list[tuple[object, ...]]:
    """Return what the archive says of when each post was seen."""
    with closing(sqlite3.connect(place / "archive.db")) as db:
        posts = db.execute("SELECT id, seen_at FROM posts ORDER BY id").fetchall()
        return posts + db.execute("SELECT id, first_captured_at, captured_at FROM threads ORDER BY id").fetchall()


def posts_of(document: str) -> str:
    """Return the part of a document that says nothing of the run."""
    return document.partition("\n## ")[2].partition("\n---\n")[0]


def kept(place: Path) -> dict[str, bytes]:
    """Return the files of the archive by their names, which are their digests."""
    files = [path for path in (place / "media").rglob("*") if path.is_file()] if (place / "media").exists() else []
    return {path.name: path.read_bytes() for path in files}


def test_everything_that_a_thread_shows_is_kept_as_it_was_posted(gallery: Gallery, save: Any, place: Path) -> None:
    first, same = gallery.show("a.png", scene("ferry")), gallery.show("copy.png", scene("ferry"))
    card, quoted = gallery.show("card.png", plain("card")), gallery.show("quoted.png", plain("quoted"))
    gallery.show("avatars/bob.png", portrait("bob"))
    posts = gallery.posts
    other = posts.post("bob", "What I saw", media_attachments=[gallery.picture(quoted, "A quay")])
    root = posts.post("ann", "One", media_attachments=[gallery.picture(first, "The ferry"), gallery.picture(same)])
    link = {"url": "https://news.example/", "title": "News", "description": "", "image": card, "type": "link"}
    quote = {"state": "accepted", "quoted_status": posts.statuses[other]}
    posts.post("ann", "Two", root, card=link)
    posts.post("ann", "Three", root, quote=quote)
    code, said = save(posts.url(root))
    assert (code, said["media"], said["media_failed"]) == (0, 6, 0)
    assert sorted(kept(place).values()) == sorted(
        [scene("ferry"), plain("card"), plain("quoted"), portrait("ann"), portrait("bob")]
    )
    assert gallery.asked() == [
        "/a.png",
        "/avatars/ann.png",
        "/avatars/bob.png",
        "/card.png",
        "/copy.png",
        "/quoted.png",
    ]
    written = document(place)
    assert "![The ferry](../media/" in written
    assert "no description by the author" in written
    assert "could not be fetched" not in written


def test_what_is_there_is_not_asked_for_again(
    gallery: Gallery, save: Any, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = gallery.posts.post("ann", "One", media_attachments=[gallery.picture(gallery.show("a.png", plain("a")))])
    url = gallery.posts.url(root)
    save(url)
    gallery.asked()
    written = document(place)
    code, said = save(url)
    assert (code, said["media"], said["media_failed"], gallery.asked()) == (0, 0, 0, [])
    assert "](../media/" in document(place)
    assert cli.run(["--archive", str(place), "reparse"]) == 0
    capsys.readouterr()
    assert posts_of(document(place)) == posts_of(written)
    for path in (place / "media").rglob("*.png"):
        path.unlink()
    _, said = save(url)
    assert (said["media"], gallery.asked()) == (2, ["/a.png", "/avatars/ann.png"])


def test_what_fails_is_a_gap_that_is_stated_and_tried_again(gallery: Gallery, save: Any, place: Path) -> None:
    page = gallery.show("page.jpg", PAGE, "image/jpeg")
    gone = f"{gallery.site}/gone.png"
    large = gallery.show("large.png", plain("large") + bytes(30_000))
    root = gallery.posts.post(
        "ann", "One", media_attachments=[gallery.picture(url, "A heron") for url in (page, gone, large)]
    )
    code, said = save(gallery.posts.url(root), "--media-limit", "20kB")
    assert (code, said["verdict"], said["media"], said["media_failed"]) == (0, "complete", 1, 3)
    assert len(kept(place)) == 1
    written = document(place)
    assert "a web page came in its place" in written
    assert "404" in written
    assert "is larger than the limit of 20 kB" in written
    assert written.count("described by the author: A heron") == 3
    gallery.show("page.jpg", plain("page"), "image/jpeg")
    gallery.show("gone.png", plain("gone"))
    gallery.asked()
    code, said = save(gallery.posts.url(root))
    assert (code, said["media"], said["media_failed"]) == (0, 3, 0)
    assert gallery.asked() == ["/gone.png", "/large.png", "/page.jpg"]
    assert "could not be fetched" not in document(place)
    assert all(content in kept(place).values() for content in (plain("page"), plain("gone")))


@pytest.mark.parametrize("said_by", ["option", "configuration"])
def test_nothing_is_fetched_that_is_not_wanted(gallery: Gallery, save: Any, place: Path, said_by: str) -> None:
    root = gallery.posts.post("ann", "One", media_attachments=[gallery.picture(gallery.show("a.png", plain("a")))])
    if said_by == "configuration":
        with (place / "archiver.toml").open("a") as file:
            file.write("[media]\nfetch = false\n")
    code, said = save(gallery.posts.url(root), *(["--no-media"] if said_by == "option" else []))
    assert (code, said["media"], said["media_failed"], gallery.asked(), kept(place)) == (0, 0, 0, [], {})
    assert f"{gallery.site}/a.png" in document(place)


def test_the_configuration_limits_what_no_option_does(gallery: Gallery, save: Any, place: Path) -> None:
    root = gallery.posts.post(
        "ann", "One", media_attachments=[gallery.picture(gallery.show("a.png", plain("a") + bytes(30_000)))]
    )
    with (place / "archiver.toml").open("a") as file:
        file.write("[media]\nlimit = 0.02\n")
    assert save(gallery.posts.url(root))[1]["media_failed"] == 1
    assert save(gallery.posts.url(root), "--media-limit", "1 MB")[1]["media"] == 1


@pytest.mark.parametrize("size", ["", "much", "0", "-5MB", "5 TB", "1e9", "0.5"])
def test_a_size_that_is_none_is_refused(place: Path, size: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--archive", str(place), "save", "https://a.example/@a/1", "--media-limit", size]) == 2
    assert "is no size; it looks like 50MB" in capsys.readouterr().err


def test_media_neither_count_as_requests_nor_make_a_thread_later(gallery: Gallery, save: Any, place: Path) -> None:
    root = gallery.posts.post("ann", "One", media_attachments=[gallery.picture(gallery.show("a.png", plain("a")))])
    _, plainly = save(gallery.posts.url(root), "--no-media")
    _, said = save(gallery.posts.url(root))
    assert said["requests"] == plainly["requests"]
    with Archive.read(place) as archive:
        [thread] = archive.threads()
        run = archive.document(thread.id).run
        urls = [exchange.url for exchange in archive.history.exchanges(run.id)]
        kept_rows = rows(place)
        assert (run.requests, run.media) == (said["requests"], 2)
        assert len(urls) == said["requests"] + 2
        before = archive.document(thread.id), thread
    with Archive.open(place, now=NOON) as archive:
        collecting.reparse(archive)
        [thread] = archive.threads()
        assert (archive.document(thread.id), thread) == before
        assert rows(place) == kept_rows


def test_a_storm_shows_what_its_posts_do(gallery: Gallery, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        picture = gallery.picture(gallery.show(f"{number}.png", plain(str(number))))
        gallery.posts.post("ann", f"Note {number}", media_attachments=[picture])
    window = ["--since", "2026-03-12T00:00Z", "--until", "2026-03-13T00:00Z"]
    code = cli.run(["--archive", str(place), "storm", f"{gallery.site}/@ann", *window, "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (code, said["media"]) == (0 if said["verdict"] == "complete" else 3, 4)
    assert document(place).count("](../media/") == 3


def test_on_a_terminal_it_says_how_far_the_media_have_come(gallery: Gallery, place: Path) -> None:
    pictures = [gallery.picture(gallery.show(f"{n}.png", plain(str(n)) + bytes(100_000))) for n in range(3)]
    root = gallery.posts.post("ann", "One", media_attachments=pictures)
    leader, follower = pty.openpty()
    heard = bytearray()

    def listen() -> None:
        while True:
            try:
                heard.extend(os.read(leader, 65536))
            except OSError:
                return

    listener = threading.Thread(target=listen)
    listener.start()
    command = [sys.executable, "-m", "archiver", "--archive", str(place), "save", gallery.posts.url(root)]
    saved = subprocess.run(command, stdout=subprocess.PIPE, stderr=follower, timeout=60)
    os.close(follower)
    listener.join(10)
    os.close(leader)
    assert saved.returncode == 0
    assert b"media [--------------------] 0 of 4, " in heard
    assert b"media [####################] 4 of 4, 30" in heard
    assert b"4 media files fetched" in saved.stdout
    piped = subprocess.run(command, capture_output=True, timeout=60)
    assert b"media" not in piped.stderr
