"""Pictures that X has no more, and the Wayback Machine has."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pictures
import pytest
from birdsite import HANDLE, MORNING, Birdsite, photo, uploaded
from samples import NOON, an_exchange, later

from archiver.http.message import Request, Response, is_beside
from archiver.http.outcome import decided, poured
from archiver.media.captured import largest
from archiver.media.fetch import Fetcher
from archiver.media.plan import Medium
from archiver.media.stage import Wanted
from archiver.model import Attachment
from archiver.options import Options
from archiver.routes import follow
from archiver.store.store import Archive
from archiver.verbs.capture import Saved
from archiver.verbs.capture import archive as archived

SINCE, UNTIL = MORNING - timedelta(minutes=30), MORNING + timedelta(hours=15)
WINDOW = {"since": SINCE.isoformat(), "until": UNTIL.isoformat(), "platform": "x"}
NO_COPY = "404, and the Wayback Machine has no copy"


@pytest.fixture
def site() -> Birdsite:
    """A day of three posts with a picture each, of which X shows nothing any more."""
    site = Birdsite()
    site.up = {"wayback"}
    ids = [site.write(f"Picture {number}", after=3600, photo=True) for number in range(3)]
    site.captured = set(ids)
    site.lost = {photo(id_) for id_ in ids}
    return site


def save(archive: Archive, site: Birdsite, **more: str) -> Saved:
    """Save the day, with its media."""
    return archived(
        archive, f"https://x.com/{HANDLE}", site.recording, later, Options.of({**WINDOW, **more}), media=Wanted()
    )


def items(saved: Saved) -> list[Attachment]:
    return [item for post in saved.document.thread.posts for item in post.attachments]


def index_of(url: str) -> str:
    """Return the question for all sizes of a picture."""
    name = quote(url.removeprefix("https://").removesuffix(".jpg"), safe="")
    return (
        f"https://web.archive.org/cdx/search/cdx?url={name}&matchType=prefix&output=json"
        "&filter=statuscode%3A200&limit=5000&showResumeKey=true"
    )


def asked(site: Birdsite) -> list[str]:
    """Return what was asked for the sake of pictures."""
    return sorted(url for url in site.urls if "pbs.twimg.com" in url)


def test_a_capture_stands_in_for_a_picture_that_is_gone(archive: Archive, site: Birdsite) -> None:
    first, second, third = (photo(id_) for id_ in sorted(site.tweets))
    site.captured |= {first, third}
    found = items(save(archive, site))
    assert [(item.url, item.fault) for item in found] == [
        (first, ""),
        (second, f"could not be fetched: {NO_COPY}"),
        (third, ""),
    ]
    for item in (found[0], found[2]):
        assert (archive.folder / (item.file or "")).read_bytes() == site.picture(item.url)
    at = ("160000", "170000", "180000")
    there = (first, second, third)
    uploads = map(uploaded, there)
    captures = [f"https://web.archive.org/web/20170503{time}id_/{url}" for time, url in zip(at, there, strict=True)]
    assert asked(site) == sorted([*there, *uploads, *captures, index_of(second)])
    with closing(sqlite3.connect(archive.folder / "archive.db")) as db:
        rows = db.execute("SELECT asked_url FROM _media WHERE sha256 IS NOT NULL ORDER BY asked_url").fetchall()
    assert rows == [(captures[0],), (captures[2],)]


def test_the_archive_is_not_asked_for_what_is_there(archive: Archive, site: Birdsite) -> None:
    site.captured |= site.lost
    site.lost.clear()
    found = items(save(archive, site))
    assert asked(site) == [uploaded(item.url) for item in found]
    for item in found:
        assert (archive.folder / (item.file or "")).read_bytes() == site.picture(uploaded(item.url))


def test_the_archive_is_not_asked_about_posts_that_it_has_not_shown(archive: Archive, site: Birdsite) -> None:
    site.up = {"api_v2"}
    site.captured = set(site.lost)
    found = items(save(archive, site, on="api_v2"))
    assert [item.fault for item in found] == ["could not be fetched: 404"] * 3
    assert asked(site) == sorted([*site.lost, *map(uploaded, site.lost)])


def test_another_size_stands_in_where_the_index_knows_one(site: Birdsite, tmp_path: Path) -> None:
    url = min(site.lost)
    stem = url.removesuffix(".jpg")
    small, large = f"{stem}?format=jpg&name=small", f"{stem}.jpg:large"
    another = f"{stem}9.jpg"
    site.pictures = {small: pictures.plain(""), large: pictures.scene("ferry"), another: pictures.scene("drawing")}
    site.captured = {small, large, another}
    tried = Fetcher(site, tmp_path / "media", 10**6, lambda: NOON).fetch(Medium(url, "image", captured_at=MORNING))
    assert tried.asked_url == f"https://web.archive.org/web/20170503150000id_/{large}"
    assert (tmp_path / tried.files[0].path).read_bytes() == pictures.scene("ferry")
    assert [at.rpartition("_/")[2] for at in site.urls] == [url, url, index_of(url), large]
    assert all(is_beside(exchange.request.headers) for exchange in site.exchanges)


@pytest.mark.parametrize("answer", [(403, "blocked"), (200, [["timestamp", "original", "length"], [1, 2, 3]])])
def test_an_index_that_does_not_answer_costs_nothing_else(
    site: Birdsite, tmp_path: Path, answer: tuple[int, object]
) -> None:
    site.fault = lambda request: answer if "/cdx/" in request.url else None
    medium = Medium(min(site.lost), "image", captured_at=MORNING)
    assert Fetcher(site, tmp_path / "media", 10**6, lambda: NOON).fetch(medium).said == NO_COPY


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://pbs.twimg.com/media/Ab_c-1.jpg", "http://pbs.twimg.com:80/media/Ab_c-1.jpg:orig", True),
        ("https://pbs.twimg.com/media/Ab_c-1?format=png&name=large", "https://pbs.twimg.com/media/Ab_c-1.png#x", True),
        ("https://pbs.twimg.com/media/Ab_c-1.jpg", "https://pbs.twimg.com/media/Ab_c-12.jpg", False),
        ("https://pbs.twimg.com/media/Ab_c-1.jpg", "https://pbs.twimg.com/media/Ab_c-1/2.jpg", False),
        ("https://pbs.twimg.com/media/Ab_c-1.jpg", "https://another.example/media/Ab_c-1.jpg", False),
    ],
)
def test_sizes_of_one_picture_are_told_from_other_pictures(one: str, other: str, same: bool) -> None:
    assert chosen(one, [row(other)]) == (
        f"https://web.archive.org/web/20170503160000id_/{quoted(other)}" if same else ""
    )


def test_the_largest_is_chosen_and_no_page() -> None:
    url = "https://pbs.twimg.com/media/Ab_c-1.jpg"
    rows = [row(f"{url}:small", length="10"), row(f"{url}:large", length="90"), row(url, "text/html", "900")]
    assert chosen(url, rows).endswith(":large")


@pytest.mark.parametrize(
    "url", ["https://pbs.twimg.com", "https://pbs.twimg.com/media/", "https://a.example/?x=1", "x"]
)
def test_what_has_no_name_is_not_looked_for(url: str) -> None:
    assert chosen(url, None) == ""


def row(url: str, mime: str = "image/jpeg", length: str = "10") -> list[str]:
    return ["20170503160000", url, mime, "200", length]


def quoted(url: str) -> str:
    return url.replace("#", "%23")


def chosen(url: str, rows: list[list[str]] | None) -> str:
    """Return what is chosen where the index knows these rows; without rows it may not be asked."""

    def send(request: Request) -> Response:
        assert rows is not None
        head = ["timestamp", "original", "mimetype", "statuscode", "length"]
        return decided(an_exchange(request=request, body=json.dumps([head, *rows]).encode()))

    return follow(largest(url), send)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<!DOCTYPE html><title>Wayback Machine</title>", (("memento-datetime", "Wed, 03 May 2017 16:00:00 GMT"),)),
        (b"words", (("memento-datetime", "Wed, 03 May 2017 16:00:00 GMT"),)),
        (b"\x89PNG\r\n\x1a\n a picture of its own", ()),
    ],
)
def test_what_the_archive_says_itself_is_no_copy(
    site: Birdsite, tmp_path: Path, body: bytes, headers: tuple[tuple[str, str], ...]
) -> None:
    url = min(site.lost)
    site.captured.clear()
    medium = Medium(url, "image", captured_at=MORNING)

    def send(request: Request) -> Response:
        if "/web/" not in request.url:
            return site(request)
        return decided(poured(an_exchange(request=request, url=request.url, headers=headers, body=body)))

    tried = Fetcher(send, tmp_path / "media", 10**6, lambda: NOON).fetch(medium)
    assert (tried.files, tried.said, tried.asked_url) == ((), NO_COPY, url)
