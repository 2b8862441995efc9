"""The archive from a server on this machine: pages, a search, files in parts, and nothing else to anybody else."""

import http.client
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from pages import faults, read
from samples import NOON, a_post, a_thread, saved, sql

from archiver.errors import ArchiveError
from archiver.model import Attachment
from archiver.store.store import Archive
from archiver.verbs.serve import HOST, answer, server


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """A running server; yields its port."""
    with server(folder, 0) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield running.server_port
        finally:
            running.shutdown()
            thread.join()


def asked(port: int, path: str, method: str = "GET", host: str = "", **more: str) -> http.client.HTTPResponse:
    """Ask a server of this machine, as a client that believes to talk to `host`."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    connection.request(method, path, headers={"Host": host or f"{HOST}:{port}", **more})
    answer = connection.getresponse()
    answer.text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer


def test_the_archive_is_served_read_only(filled: Path) -> None:
    with Archive.read(filled) as archive:
        before, ids = sql(archive, "SELECT COUNT(*) FROM _exchanges"), [one.id for one in archive.threads()]
    with serving(filled) as port:
        first = asked(port, "/")
        assert (first.status, first.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert faults(first.text) == []
        links = [link["href"] for link in read(first.text).select(".list a")]
        assert sorted(links) == sorted(f"/pages/{quote(id_, safe='')}" for id_ in ids)
        page = asked(port, links[0])
        assert page.status == 200
        assert faults(page.text) == []
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Cache-Control"] == "no-store"
        assert asked(port, "/pages/nothing").status == 404
        assert asked(port, "/elsewhere").status == 404
        head = asked(port, "/", "HEAD")
        assert (head.status, head.text, int(head.headers["Content-Length"])) == (200, "", len(first.text.encode()))
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert asked(port, "/", method).status == 501
        assert asked(port, "/", host=f"localhost:{port}").status == 200
        for stranger in (
            "evil.example",
            f"evil.example:{port}",
            HOST,
            "localhost",
            f"{HOST}:{port}.evil.example",
            "[::1]",
        ):
            assert asked(port, "/", host=stranger).status == 421
        with pytest.raises(ArchiveError, match="take another with --port"), server(filled, port):
            pass
    with Archive.read(filled) as archive:
        assert sql(archive, "SELECT COUNT(*) FROM _exchanges") == before


def test_the_search_of_the_server_leads_to_posts(filled: Path) -> None:
    text = answer(filled, "/?q=" + quote('"wait one hour"')).body.decode()
    assert faults(text) == []
    tree = read(text)
    assert "1 thread found" in tree.get_text()
    [found] = tree.select(".list .found")
    assert found.a["href"].endswith("#post-22")
    assert [mark.get_text() for mark in found.find_all("mark")] == ["wait one hour"] or len(found.find_all("mark")) == 3
    assert tree.select_one("input[name=q]")["value"] == '"wait one hour"'
    hostile = answer(filled, "/?q=" + quote('"><script>alert(1)</script>')).body.decode()
    assert faults(hostile) == []
    assert "0 threads found" in hostile


def test_an_archive_that_goes_away_is_an_answer_too(filled: Path, tmp_path: Path) -> None:
    with Archive.open(tmp_path, now=NOON):
        pass
    with serving(tmp_path) as port:
        (tmp_path / "archive.db").unlink()
        gone = asked(port, "/")
        assert gone.status == 500
        assert "no archive in" in gone.text
    with pytest.raises(ArchiveError), server(tmp_path, 0):
        pass


def test_files_of_the_archive_are_served_and_nothing_else(tmp_path: Path) -> None:
    kept = {"ab/a.png": b"picture", "ab/a.svg": b"<svg onload=alert(1)>", "ab/a.html": b"<script>", "ab/a.mp4": b"film"}
    with Archive.open(tmp_path, now=NOON) as archive:
        saved(archive, a_thread(a_post(1, attachments=(Attachment(kind="image", url="u", file="media/ab/a.png"),))))
    for name, data in kept.items():
        (tmp_path / "media" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "media" / name).write_bytes(data)
    (tmp_path / "secret.png").write_bytes(b"secret")
    (tmp_path / "media" / "ab" / "link.png").symlink_to("/etc/hostname")
    with serving(tmp_path) as port:
        [thread] = [link["href"] for link in read(asked(port, "/").text).select(".list a")]
        shown = read(asked(port, thread).text).img["src"]
        assert shown == "../media/ab/a.png"
        picture = asked(port, "/media/ab/a.png")
        assert (picture.text, picture.headers["Content-Type"]) == ("picture", "image/png")
        assert "Content-Disposition" not in picture.headers
        assert asked(port, "/media/ab/a.mp4").headers["Content-Type"] == "video/mp4"
        assert asked(port, "/media/ab/a.png", "HEAD").text == ""
        for name in ("a.svg", "a.html"):
            file = asked(port, f"/media/ab/{name}")
            assert (file.headers["Content-Type"], file.headers["Content-Disposition"]) == (
                *("application/octet-stream", "attachment"),
            )
        for path in (
            *(
                "/archive.db",
                "/secret.png",
                "/media/../secret.png",
                "/media/%2e%2e/secret.png",
                "/media/ab/..%2F..%2Fsecret.png",
            ),
            *(
                "/media/ab/link.png",
                "/media/ab/",
                "/media/ab/none.png",
                "/media//etc/hostname",
                "//etc/hostname",
                "/media",
            ),
        ):
            assert asked(port, path).status == 404, path


@pytest.mark.parametrize(
    ("asked_for", "status", "range_", "body"),
    [
        ({}, 200, None, "0123456789"),
        ({"Range": "bytes=0-3"}, 206, "bytes 0-3/10", "0123"),
        ({"Range": "bytes=7-"}, 206, "bytes 7-9/10", "789"),
        ({"Range": "bytes=8-99"}, 206, "bytes 8-9/10", "89"),
        ({"Range": "bytes=-4"}, 206, "bytes 6-9/10", "6789"),
        ({"Range": "bytes=-99"}, 206, "bytes 0-9/10", "0123456789"),
        ({"Range": "bytes=10-"}, 416, "bytes */10", ""),
        ({"Range": "bytes=-0"}, 416, "bytes */10", ""),
        ({"Range": "bytes=2-3", "If-Range": '"f1f1"'}, 206, "bytes 2-3/10", "23"),
        ({"Range": "bytes=2-3", "If-Range": '"other"'}, 200, None, "0123456789"),
        ({"Range": "bytes=2-3", "If-Range": "Tue, 24 Nov 2026 12:00:00 GMT"}, 200, None, "0123456789"),
        *[
            ({"Range": told}, 200, None, "0123456789")
            for told in ("bytes=5-2", "bytes=-", "bytes=0-1,4-5", "lines=0-1", "bytes=" + "9" * 40 + "-", "bytes=a-b")
        ],
    ],
)
def test_a_film_is_served_in_the_parts_that_a_browser_asks_for(
    tmp_path: Path, asked_for: dict[str, str], status: int, range_: str | None, body: str
) -> None:
    with Archive.open(tmp_path, now=NOON):
        (tmp_path / "media" / "f1").mkdir(parents=True)
    (tmp_path / "media" / "f1" / "f1f1.mp4").write_bytes(b"0123456789")
    with serving(tmp_path) as port:
        for method in ("GET", "HEAD"):
            got = asked(port, "/media/f1/f1f1.mp4", method, **asked_for)
            assert (got.status, got.headers["Content-Range"]) == (status, range_)
            assert got.text == (body if method == "GET" else "")
            assert int(got.headers["Content-Length"]) == len(body)
            assert (got.headers["Accept-Ranges"], got.headers["ETag"]) == ("bytes", '"f1f1"')
            assert got.headers["X-Content-Type-Options"] == "nosniff"


def test_who_has_seen_enough_of_a_film_may_go(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Archive.open(tmp_path, now=NOON):
        (tmp_path / "media" / "f1").mkdir(parents=True)
    with (tmp_path / "media" / "f1" / "f1.mp4").open("wb") as film:
        film.truncate(50_000_000)
    with serving(tmp_path) as port:
        connection = http.client.HTTPConnection(HOST, port, timeout=10)
        connection.request("GET", "/media/f1/f1.mp4", headers={"Host": f"{HOST}:{port}"})
        assert connection.getresponse().read(10) == bytes(10)
        connection.close()
        assert asked(port, "/").status == 200
    assert capfd.readouterr().err == ""


def test_serve_says_where_and_ends_with_ctrl_c(filled: Path) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-u",
            "-m",
            "archiver",
            "--archive",
            str(filled),
            "serve",
            "--port",
            "0",
            "--tz",
            "Asia/Tokyo",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = process.stdout.readline()
    port = int(re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\n", address)[1])
    assert asked(port, "/").status == 200
    process.send_signal(2)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "stopped\n")


@pytest.mark.parametrize(
    ("site", "status"), [("none", 200), ("same-origin", 200), ("cross-site", 403), ("same-site", 403), ("", 403)]
)
def test_what_the_page_of_another_site_asks_for_is_not_answered(filled: Path, site: str, status: int) -> None:
    with serving(filled) as port:
        answers = [asked(port, path, **{"Sec-Fetch-Site": site}) for path in ("/", "/?q=quay", "/pages/1")]
        assert [answer.status for answer in answers] == [status, status, 200 if status == 200 else 403]
        assert asked(port, "/").status == 200  # a client that is no browser


@pytest.mark.parametrize("words", ["a+" * 5000, "quay+" * 21, "q" * 201])
def test_a_search_is_bounded(filled: Path, words: str) -> None:
    with serving(filled) as port:
        told = asked(port, f"/?q={words}")
        assert told.status == 400
        assert "at most 20 words and 200 characters" in told.text
        assert asked(port, f"/?q={'quay+' * 20}").status == 200
