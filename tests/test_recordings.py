"""Recorded exchanges as a folder: what is written is what is read."""

import gzip
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pictures
import pytest
from cases import FIXTURES
from samples import NOON
from x_exports import a_folder, a_tweet, a_zip, an_archive, id_at

from archiver.cli import main as cli
from archiver.errors import NetworkError, UsageError
from archiver.exporters.markdown import render
from archiver.exporters.page.thread import page
from archiver.http.message import Exchange, Request
from archiver.http.redact import redacted
from archiver.importers import folder
from archiver.model import utc
from archiver.options import Options
from archiver.store.exchanges import digest
from archiver.store.store import Archive
from archiver.verbs.capture import record
from archiver.verbs.imports import import_, import_recording
from archiver.warc.export import export_warc

URL = "https://a.example/api/1"

ASKED = Options(replies=True, since=utc("2017-05-03T14:30:00+00:00"))


def an_exchange(**more: object) -> Exchange:
    exchange = Exchange(
        request=Request(url=URL),
        seq=1,
        attempt=0,
        url=URL,
        request_headers=(),
        started_at=NOON,
        finished_at=NOON,
        status=200,
        headers=(("Content-Type", "application/json"), ("Date", "x"), ("X-Runtime", "0.1"), ("Link", "<x>")),
        body=b'{"n": 1}',
    )
    return replace(exchange, **more)


def test_a_recording_comes_back_as_it_went(tmp_path: Path) -> None:
    zipped = an_exchange(
        request=Request(url=URL + "0"),
        url="https://b.example/",
        headers=(("content-type", "text/html; charset=utf-8"), ("content-encoding", "gzip")),
        body=gzip.compress(b"<p>hello"),
    )
    failed = an_exchange(request=Request(url=URL + "1"), status=None, error="timeout: timed out", body=b"")
    folder.write(tmp_path, "https://a.example/@ann/1", ASKED, [an_exchange(), zipped, failed])
    assert (tmp_path / "1.http").read_text().splitlines() == [
        f"GET {URL}",
        "",
        "200",
        "content-type: application/json",
        "link: <x>",
        "date: Thu, 12 Mar 2026 12:00:00 GMT",
    ]
    assert (tmp_path / "2.body.html").read_bytes() == b"<p>hello"
    recording = folder.read(tmp_path)
    assert (recording.url, recording.options, recording.finished_at) == ("https://a.example/@ann/1", ASKED, NOON)

    kept: list[Exchange] = []
    send = folder.sender(recording, kept.append)
    assert send(Request(url=URL)).json() == {"n": 1}
    assert (send(Request(url=URL + "0")).url, send(Request(url=URL + "0")).content) == (
        "https://b.example/",
        b"<p>hello",
    )
    with pytest.raises(NetworkError, match="did not answer in time"):
        send(Request(url=URL + "1"))
    with pytest.raises(NetworkError, match="is not in the recording"):
        send(Request(url=URL + "2"))
    assert [exchange.seq for exchange in kept] == [1, 2, 3, 4]


@pytest.mark.parametrize("kind", ["application/activity+json", "application/did+ld+json"])
def test_what_is_json_by_another_name_is_a_json_file(tmp_path: Path, kind: str) -> None:
    folder.write(tmp_path, URL, Options(), [an_exchange(headers=(("content-type", kind),))])
    assert (tmp_path / "1.body.json").read_bytes() == b'{"n": 1}'


def test_answers_to_one_request_come_in_their_order(tmp_path: Path) -> None:
    folder.write(tmp_path, URL, Options(), [an_exchange(), an_exchange(body=b'{"n": 2}')])
    send = folder.sender(folder.read(tmp_path), lambda exchange: None)
    assert [send(Request(url=URL)).json()["n"] for _ in range(3)] == [1, 2, 2]


def test_a_request_is_known_by_what_is_kept_of_its_address(tmp_path: Path) -> None:
    sent = [an_exchange(request=Request(url=f"{URL}?id={n}&token=abc{n}"), body=b'{"n": %d}' % n) for n in (1, 2)]
    folder.write(tmp_path, URL, Options(), map(redacted, sent))
    assert "abc" not in (tmp_path / "1.http").read_text()
    send = folder.sender(folder.read(tmp_path), lambda exchange: None)
    assert [send(exchange.request).json()["n"] for exchange in reversed(sent)] == [2, 1]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "holds no recording"),
        ({"url": URL}, "holds no recorded answers"),
        ({"url": URL, "1.http": "nonsense"}, "holds no recording that can be read"),
        ({"url": URL, "1.http": f"GET {URL}\n\n200\n"}, "holds no recording that can be read"),
        ({"url": URL, "one.http": f"GET {URL}\n\n200\n"}, "holds no recording that can be read"),
    ],
)
def test_what_is_no_recording_is_a_clear_error(tmp_path: Path, files: dict[str, str], words: str) -> None:
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    with pytest.raises(UsageError, match=words):
        folder.read(tmp_path)


PICTURES = (
    ("fixtures/bluesky/nine-boxes", {4: "boxes", 13: "rules", 21: "letter"}),
    ("fixtures/x/storm-by-search", {10: "drawing", 28: "pier", 34: "ferry", 40: "drawing"}),
)


@pytest.mark.parametrize(("case", "shown"), PICTURES)
def test_a_recording_with_pictures_gives_them_byte_for_byte(
    archive: Archive, tmp_path: Path, case: str, shown: dict[int, str]
) -> None:
    saved = import_recording(archive, FIXTURES.parent / case, lambda: NOON)
    posts = saved.document.thread.posts
    files = {
        number: (archive.folder / item.file).read_bytes()
        for number, post in enumerate(posts, 1)
        for item in post.attachments
        if item.file
    }
    assert files == {number: pictures.scene(scene) for number, scene in shown.items()}
    assert all(post.author.avatar_file for post in posts)
    assert (saved.document.run.media, saved.document.run.media_failed) == (5, 0)

    record(archive, saved.document.run.id, tmp_path / "again")
    with Archive.open(tmp_path / "other", now=NOON) as other:
        again = import_recording(other, tmp_path / "again", lambda: NOON)
    assert again.document.thread == saved.document.thread


def test_a_recording_without_pictures_says_nothing_of_them(archive: Archive, tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "x/storm-by-search", tmp_path / "case")
    for file in tmp_path.glob("case/*.body.png"):
        file.unlink()
        Path(f"{file}".removesuffix(".body.png") + ".http").unlink()
    document = import_recording(archive, tmp_path / "case", lambda: NOON).document
    assert (document.run.media, document.run.media_failed) == (0, 0)
    items = [item for post in document.thread.posts for item in post.attachments]
    assert [(item.file, item.fault) for item in items] == [(None, "")] * 4


def test_a_picture_that_is_not_in_a_recording_is_told(archive: Archive, tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "x/storm-by-search", tmp_path / "case")
    (http,) = (file for file in tmp_path.glob("case/*.http") if "P859877305349070849" in file.read_text())
    http.unlink()
    document = import_recording(archive, tmp_path / "case", lambda: NOON).document
    assert (document.run.media, document.run.media_failed) == (4, 1)
    faults = [item.fault for post in document.thread.posts for item in post.attachments]
    assert faults == ["", "could not be fetched: is not in the recording", "", ""]


@pytest.mark.parametrize(
    ("kind", "body", "name"),
    [
        ("image/jpeg", pictures.plain("a"), "1.body.png"),  # what it is, not what is said of it
        ("application/octet-stream", b"\0", "1.body.bin"),
    ],
)
def test_files_are_named_by_what_they_are(tmp_path: Path, kind: str, body: bytes, name: str) -> None:
    folder.write(tmp_path, URL, Options(), [an_exchange(headers=(("content-type", kind),), body=body)])
    assert (tmp_path / name).read_bytes() == body


def test_a_folder_that_anybody_may_have_edited_is_an_import_everywhere(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = shutil.copytree(FIXTURES / "mastodon/deleted-in-the-middle", tmp_path / "case")
    listed = [file.name for file in case.iterdir() if re.fullmatch(r"url|options|\d+\.(http|body\..*)", file.name)]
    as_printed = "".join(f"{digest((case / file).read_bytes())}  {file}\n" for file in sorted(listed))  # by sha256sum
    source = f"case/ sha256:{digest(as_printed.encode())}"
    document = import_recording(archive, case, lambda: NOON).document
    asked = archive.history.stored_options(document.run.id)
    assert (asked["imported"], asked["imported_at"]) == (source, "2026-03-12T12:00:00Z")
    assert document.run.imported == source
    assert "was in that folder, which alone vouches for where and when it came" in render(document)
    assert "that folder alone vouches for where and when it came" in page(document)
    assert cli.run(["--archive", str(archive.folder), "verify", "--report"]) == 0
    assert f"{source}, on 2026-03-12T12:00:00Z" in capsys.readouterr().out
    [written] = export_warc(archive, (), tmp_path / "a.warc.gz")
    assert source.encode() in gzip.decompress(written.path.read_bytes())
    body = next(case.glob("*.body.json"))
    body.write_bytes(body.read_bytes() + b" ")
    assert import_recording(archive, case, lambda: NOON).document.run.imported not in ("", source)


@pytest.mark.parametrize(("made", "name"), [(a_zip, "x.zip"), (a_folder, "x/")])
def test_the_archive_of_an_x_account_is_an_import(
    archive: Archive, tmp_path: Path, made: Callable[[Path, dict[str, bytes]], Path], name: str
) -> None:
    path = made(tmp_path / name, an_archive([a_tweet(id_at(0), "One"), a_tweet(id_at(1), "Two", id_at(0))]))
    [saved] = import_(archive, path, lambda: NOON)
    assert re.fullmatch(rf"{name} sha256:[0-9a-f]{{64}}", saved.document.run.imported)
    [other] = import_(archive, path, lambda: NOON)
    assert other.document.run.imported == saved.document.run.imported
