"""What is handed on and taken in: a thread goes out as WARC or WACZ, and comes back as the same thread."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from birdsite import HANDLE, Birdsite
from cases import FIXTURES, cases, name
from fediverse import Mastodon
from old_pages import at, written
from pictures import plain
from samples import NOON, later
from statuses import FIRST, result
from statuses import entry as entry_of_x
from test_web_archives import a_har, a_warc, answer, entry, gzip, record
from warcio.archiveiterator import ArchiveIterator

from archiver import collecting
from archiver.cli import main as cli
from archiver.collecting import Rebuilt, reparse
from archiver.errors import ArchiverError, UsageError
from archiver.exporters.markdown import render
from archiver.exporters.media import held_files
from archiver.exporters.page.thread import page
from archiver.http.message import Exchange, Keep, Request, Response, Send, header
from archiver.importers import folder as recordings
from archiver.options import Options
from archiver.routes import collect
from archiver.store.store import Archive
from archiver.verbs import capture
from archiver.verbs.attach import attach
from archiver.verbs.imports import import_, kind_of
from archiver.warc.export import export_wacz, export_warc
from archiver.warc.read import read_wacz, read_warc

HERONS = FIXTURES / "mastodon" / "deleted-in-the-middle"
BOXES = FIXTURES / "bluesky" / "nine-boxes"
LATER = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OWN = re.compile(r"^\*\*(?:Provenance|Receipt)\.\*\*.*$", re.MULTILINE)


def now() -> datetime:
    return LATER


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Archive]:
    """Somebody else's archive."""
    with Archive.open(tmp_path / "other", now=NOON) as archive:
        yield archive


def take_in(archive: Archive, path: Path, url: str = "") -> list[capture.Saved]:
    return list(import_(archive, path, now, url))


def documents(archive: Archive) -> list[str]:
    """All documents, without what tells whose archive it is."""
    return [OWN.sub("", render(archive.document(thread.id))) for thread in archive.threads()]


# --- out and in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases(), ids=name)
def test_a_thread_that_went_out_comes_back_the_same(
    case: Path, archive: Archive, other: Archive, tmp_path: Path
) -> None:
    [saved] = take_in(archive, case)
    export_wacz(archive, ["1"], tmp_path / "out.wacz")
    [back] = take_in(other, tmp_path / "out.wacz")
    assert back.document.thread == saved.document.thread
    assert documents(other) == documents(archive)
    assert [bare(one) for one in other.history.exchanges(back.document.run.id)] == [
        bare(one) for one in archive.history.exchanges(saved.document.run.id)
    ]
    run, first = back.document.run, saved.document.run
    assert (run.started_at, run.finished_at, run.outcome) == (first.started_at, first.finished_at, first.outcome)


@pytest.mark.parametrize("case", [FIXTURES / "bluesky/nine-boxes", FIXTURES / "x/storm-by-search"], ids=name)
def test_pictures_that_went_out_come_back_as_files(
    case: Path, archive: Archive, other: Archive, tmp_path: Path
) -> None:
    take_in(archive, case)
    export_wacz(archive, ["1"], tmp_path / "out.wacz")
    take_in(other, tmp_path / "out.wacz")
    assert shown(other) == shown(archive)
    assert len(shown(other)) == 5
    assert cli.run(["--archive", str(other.folder), "verify", "--deep"]) == 0


def shown(archive: Archive) -> dict[tuple[str, str, str], bytes]:
    """Return what was fetched, from where, and the bytes."""
    with closing(sqlite3.connect(archive.folder / "archive.db")) as db:
        rows = db.execute("SELECT url, fetched_from, kind, path FROM media").fetchall()
    return {(url, source, kind): (archive.folder / path).read_bytes() for url, source, kind, path in rows}


def bare(exchange: Exchange) -> tuple[object, ...]:
    """An exchange but for the mark that says out of which file it came."""
    headers = tuple((name, value) for name, value in exchange.headers if name != "x-imported-from")
    return (
        *(exchange.request.url, exchange.request.method, exchange.seq, exchange.attempt, exchange.url, headers),
        *(exchange.status, exchange.body, exchange.complete, exchange.error, exchange.started_at, exchange.finished_at),
    )


def test_what_was_tried_in_vain_goes_out_too(archive: Archive, other: Archive, tmp_path: Path) -> None:
    """A second capture and one that failed: all of it is in the file, and counts as it did."""
    world = Mastodon()
    ids = world.thread(5)
    url = world.url(ids[0])

    def save(minute: int) -> None:
        with suppress(ArchiverError):
            capture.archive(archive, url, lambda keep: keeping(world, keep), lambda: later(minutes=minute))

    save(1)
    world.statuses[ids[1]].update(content="<p>Herons, corrected</p>", edited_at="2026-03-12T13:00:00.000Z")
    save(2)
    world.fault = lambda request: (503, {})
    save(3)
    outcomes = [run.outcome for run in archive.history.runs()]
    assert outcomes[0] == "complete"
    assert outcomes[2] == "failed"
    export_warc(archive, [], tmp_path / "all.warc.gz")
    take_in(other, tmp_path / "all.warc.gz")
    assert [run.outcome for run in other.history.runs()] == outcomes
    assert documents(other) == documents(archive)
    assert "Herons, note no 2 of the day" in documents(other)[0]
    with pytest.raises(UsageError, match=r"everything in all\.warc\.gz is in this archive already"):
        take_in(other, tmp_path / "all.warc.gz")
    with pytest.raises(UsageError, match="in this archive already"):
        take_in(archive, tmp_path / "all.warc.gz")


def keeping(world: Mastodon, keep: Keep) -> Send:
    """A `Send` over an invented server that keeps what it answers."""
    seq = count()

    def send(request: Request) -> Response:
        response = world(request)
        keep(replace(world.exchanges[-1], request_headers=request.headers, seq=next(seq), attempt=0))
        return response

    return send


def stopping(world: Mastodon, keep: Keep, after: int, kept: bool) -> Send:
    """A `Send` that the user stops after so many answers; the one that was coming is kept in part, or not."""
    send, left = keeping(world, keep), count(after, -1)

    def asked(request: Request) -> Response:
        if next(left) > 0:
            return send(request)
        if kept:
            half = {"complete": False, "error": "interrupted: ", "body": b"", "status": None, "headers": ()}
            keep(replace(world.exchanges[-1], request=request, url=request.url, seq=99, attempt=0, **half))
        raise KeyboardInterrupt

    return asked


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_run_that_was_stopped_comes_back_as_far_as_it_came(
    archive: Archive, other: Archive, tmp_path: Path, after: int, kept: bool
) -> None:
    world = Mastodon()
    ids = world.thread(45)
    with suppress(ArchiverError):
        capture.archive(archive, world.url(ids[20]), lambda keep: stopping(world, keep, after, kept), lambda: NOON)
    assert [run.outcome for run in archive.history.runs()] == ["interrupted"]
    with suppress(ArchiverError):
        import_by_wacz(archive, other, tmp_path)
    assert [run.outcome for run in other.history.runs()] == ["interrupted"]
    assert documents(other) == documents(archive)


def test_the_page_of_a_thread_goes_along_and_is_no_answer_to_a_route(
    archive: Archive, other: Archive, tmp_path: Path
) -> None:
    world = Mastodon()
    url = world.url(world.thread(3)[0])
    capture.archive(archive, url, lambda keep: keeping(world, keep), lambda: NOON, with_page=True)
    [back] = import_by_wacz(archive, other, tmp_path)
    urls = [exchange.url for exchange in other.history.exchanges(back.document.run.id)]
    assert urls == [exchange.url for exchange in archive.history.exchanges(archive.history.runs()[0].id)]
    assert url in urls
    assert collecting.reparse(other) == Rebuilt(1, 1, ())
    assert documents(other) == documents(archive)


def import_by_wacz(archive: Archive, other: Archive, folder: Path) -> list[capture.Saved]:
    return take_in(other, export_wacz(archive, [], folder / "a.wacz").path)


def test_runs_that_gave_no_thread_go_out_and_say_why(archive: Archive, other: Archive, tmp_path: Path) -> None:
    world = Mastodon()
    ids = world.thread(1)
    world.delete(ids[0])
    with pytest.raises(ArchiverError) as failed:
        capture.archive(archive, world.url(ids[0]), lambda keep: keeping(world, keep), lambda: NOON)
    with pytest.raises(type(failed.value)) as again:
        import_by_wacz(archive, other, tmp_path)
    assert str(again.value) == str(failed.value)
    assert [run.failures for run in other.history.runs()] == [run.failures for run in archive.history.runs()]


def test_it_is_said_out_of_which_file_and_when_a_thread_was_taken_in(
    archive: Archive, other: Archive, tmp_path: Path
) -> None:
    take_in(archive, HERONS)
    written = export_wacz(archive, [], tmp_path / "out.wacz")
    [back] = take_in(other, written.path)
    asked = other.history.stored_options(back.document.run.id)
    assert asked["imported"] == f"out.wacz sha256:{written.sha256}"
    assert asked["imported_at"] == "2026-11-24T09:00:00Z"
    assert asked["imported_run"] == archive.history.runs()[0].id
    assert dict(next(other.history.exchanges(back.document.run.id)).headers)["x-imported-from"] == asked["imported"]
    assert collecting.reparse(other) == Rebuilt(1, 1, ())
    said = f"out of the file out.wacz sha256:{written.sha256}: answers of social.example, 6 requests"
    assert said in back.markdown.read_text()
    assert "Every answer is kept as it was in that file, which alone vouches for" in back.markdown.read_text()


def test_what_went_on_from_archive_to_archive_is_known_again(archive: Archive, other: Archive, tmp_path: Path) -> None:
    take_in(archive, HERONS)
    export_wacz(archive, [], tmp_path / "one.wacz")
    take_in(other, tmp_path / "one.wacz")
    export_wacz(other, [], tmp_path / "two.wacz")
    with pytest.raises(UsageError, match="in this archive already"):
        take_in(archive, tmp_path / "two.wacz")


def test_an_older_capture_does_not_hide_a_newer_one(archive: Archive, other: Archive, tmp_path: Path) -> None:
    world = Mastodon()
    ids = world.thread(3)
    capture.archive(other, world.url(ids[0]), lambda keep: keeping(world, keep), lambda: NOON)
    export_wacz(other, [], tmp_path / "old.wacz")
    world.statuses[ids[1]].update(content="<p>Corrected</p>", edited_at="2026-03-12T13:00:00.000Z")
    capture.archive(archive, world.url(ids[0]), lambda keep: keeping(world, keep), lambda: later(hours=1))
    [back] = take_in(archive, tmp_path / "old.wacz")
    assert back.document.thread.posts[1].content == "<p>Corrected</p>"
    assert [version.content for version in back.document.versions[back.document.thread.posts[1].id]] == [
        "<p>Herons, note no 2 of the day</p>"
    ]
    assert back.markdown.read_text().count("Corrected") == 1


def test_only_the_runs_of_the_threads_that_are_named_go_out(archive: Archive, tmp_path: Path) -> None:
    take_in(archive, HERONS)
    take_in(archive, BOXES)
    of_one = export_warc(archive, [archive.threads()[0].id], tmp_path / "one.warc.gz")[0]
    assert of_one.runs == 1
    with read_warc(of_one.path) as collection:
        assert [visit.id for visit in collection.visits] == [archive.threads()[0].run]
    both = export_warc(archive, [], tmp_path)
    assert [file.path.suffixes[-2:] for file in both] == [[".warc", ".gz"]] * 2
    assert export_warc(archive, [], tmp_path / "all.warc.gz")[0].runs == 2
    pages = zipfile.ZipFile(export_wacz(archive, ["1"], tmp_path / "one.wacz").path).read("pages/pages.jsonl")
    assert len(pages.splitlines()) == 2  # the first says what the others are


def test_one_of_several_runs_can_be_chosen(archive: Archive, other: Archive, tmp_path: Path) -> None:
    take_in(archive, HERONS)
    take_in(archive, BOXES)
    url = recordings.read(BOXES).url.replace("https://bsky.app", "https://other.example")
    export_wacz(archive, [], tmp_path / "both.wacz")
    [one] = take_in(other, tmp_path / "both.wacz", url)
    assert one.document.run.url == recordings.read(BOXES).url
    [rest] = take_in(other, tmp_path / "both.wacz")
    assert rest.document.thread.platform == "mastodon"


def test_two_storms_of_one_author_come_back(archive: Archive, other: Archive, tmp_path: Path) -> None:
    world = Mastodon()
    world.thread(5)
    first = min(status["created_at"] for status in world.statuses.values())[:10]
    for days in (2, 3):
        since = datetime.fromisoformat(first).replace(tzinfo=UTC)
        options = Options(since=since, until=since + timedelta(days=days), platform="mastodon")
        capture.archive(archive, f"{world.site}/@ann", lambda keep: keeping(world, keep), lambda: LATER, options)
    assert len(archive.threads()) == 2
    assert len(import_by_wacz(archive, other, tmp_path)) == 2
    assert sorted(documents(other)) == sorted(documents(archive))


def test_two_exports_are_equal(archive: Archive, tmp_path: Path) -> None:
    take_in(archive, HERONS)
    one, two = (export_wacz(archive, [], tmp_path / f"{number}.wacz") for number in (1, 2))
    assert one.path.read_bytes() == two.path.read_bytes()
    assert one.sha256 == two.sha256


def test_a_wacz_has_what_a_viewer_looks_for(archive: Archive, tmp_path: Path) -> None:
    [saved] = take_in(archive, HERONS)
    with zipfile.ZipFile(export_wacz(archive, [], tmp_path / "a.wacz").path) as container:
        files = {info.filename: container.read(info) for info in container.infolist()}
        data = container.getinfo("archive/data.warc.gz")
        assert (data.compress_type, data.header_offset) == (zipfile.ZIP_STORED, 0)
    # What ReplayWeb.page takes for the beginning of the records: the head, as long as the directory at the end says.
    head_size = 30 + len("archive/data.warc.gz") + len(data.extra)
    assert (tmp_path / "a.wacz").read_bytes()[head_size:][:2] == b"\x1f\x8b"
    head, listed = map(json.loads, files["pages/pages.jsonl"].splitlines())
    assert (head["format"], head["hasText"]) == ("json-pages-1.0", True)
    ours = f"http://thread-archiver.invalid/pages/{saved.markdown.stem}.html"
    assert (listed["url"], listed["title"]) == (ours, "Post about herons 1/6")
    assert datetime.fromisoformat(listed["ts"]) == saved.document.run.finished_at
    assert listed["text"] == render(saved.document)
    package = json.loads(files["datapackage.json"])
    assert (package["profile"], package["wacz_version"], package["mainPageUrl"]) == (
        *("data-package", "1.1.1"),
        ours,
    )
    assert [resource["path"] for resource in package["resources"]] == [
        *("archive/data.warc.gz", "indexes/index.cdx", "pages/pages.jsonl")
    ]
    for line in files["indexes/index.cdx"].decode().splitlines():
        told = json.loads(line.split(" ", 2)[2])
        start, length = int(told["offset"]), int(told["length"])
        member = gzip.decompress(files["archive/data.warc.gz"][start : start + length])
        assert f"WARC-Target-URI: {told['url']}\r\n".encode() in member
        assert f"WARC-Payload-Digest: {told['digest']}\r\n".encode() in member


def test_a_viewer_gets_our_own_page_with_each_picture_once(archive: Archive, other: Archive, tmp_path: Path) -> None:
    [saved] = take_in(archive, BOXES)
    (tmp_path / "shot.png").write_bytes(plain("a screenshot"))
    attach(archive, saved.document.thread.url, tmp_path / "shot.png", "as I saw it", LATER)
    document = archive.document(saved.document.thread.url)
    path = export_wacz(archive, [], tmp_path / "a.wacz").path
    with zipfile.ZipFile(path) as container, container.open("archive/data.warc.gz") as file:
        made: list[tuple[str, str, bytes]] = []
        answers = {}
        for each in ArchiveIterator(file, check_digests="raise"):
            url, block = each.rec_headers.get_header("WARC-Target-URI") or "", each.content_stream().read()
            if made or b"archiver-made: pages" in block:
                made.append((each.rec_type, url, block))
            if each.rec_type == "revisit":
                told = [each.rec_headers.get_header(f"WARC-Refers-To-{name}") for name in ("Target-URI", "Date")]
                assert answers[tuple(told)] == each.rec_headers.get_header("WARC-Payload-Digest")
            if each.rec_type == "response":
                date = each.rec_headers.get_header("WARC-Date")
                answers[url, date] = each.rec_headers.get_header("WARC-Payload-Digest")
    site = "http://thread-archiver.invalid"
    [info, shown, *files] = made
    assert info[0] == "warcinfo"
    assert shown == ("resource", f"{site}/pages/{saved.markdown.stem}.html", page(document).encode())
    assert {url for _, url, _ in files} == {f"{site}/{name}" for name in held_files(document)}
    assert [block for kind, _, block in files if kind == "resource"] == [plain("a screenshot")]
    assert [kind for kind, *_ in files].count("revisit") == 5
    with read_wacz(path) as collection:
        assert [held.url for held in collection.answers if held.url.startswith(site)] == []
    [back] = take_in(other, path)
    assert back.document.thread == saved.document.thread


def test_a_page_that_was_captured_is_beside_our_own(archive: Archive, tmp_path: Path) -> None:
    url = "https://social.example/@ann/112150000000000001"
    html = record(block=answer(b"<p>page"), WARC_Target_URI=url, WARC_Date="2026-03-13T08:00:00Z")
    [saved] = take_in(archive, HERONS)
    with read_warc(a_warc(tmp_path, html)) as collection:
        run = archive.begin(url, Options(), NOON)
        collection.sender(archive.keep(run))(Request(url=url))
        archive.finish(run, "failed", [], NOON)
    assert saved.document.thread.url == url
    with zipfile.ZipFile(export_wacz(archive, [], tmp_path / "a.wacz").path) as container:
        [_, ours, theirs] = map(json.loads, container.read("pages/pages.jsonl").splitlines())
    assert ours["url"].startswith("http://thread-archiver.invalid/pages/")
    assert (theirs["url"], theirs["ts"]) == (url, "2026-03-13T08:00:00Z")
    assert theirs["title"] == "Post about herons 1/6 – as social.example showed it, without its scripts"


def test_an_archive_without_a_run_has_nothing_to_hand_on(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is nothing to export"):
        export_wacz(archive, [], tmp_path / "a.wacz")
    assert sorted(tmp_path.glob("*wacz*")) == []


# --- web archives of others --------------------------------------------------------------------------------------


def foreign(case: Path, folder: Path, left_out: str = "\0") -> Path:
    """A case as another program would have recorded it: the last answers alone, without a word of ours."""
    recording = recordings.read(case)
    parts = []
    for exchange in recording.exchanges:
        if left_out in exchange.url or exchange.status is None:
            continue
        kind = dict(exchange.headers).get("content-type", "application/json")
        head = f"HTTP/1.1 {exchange.status} X\r\nContent-Type: {kind}\r\n\r\n".encode()
        parts.append(
            record(
                block=head + exchange.body,
                WARC_Target_URI=exchange.url,
                WARC_Date=f"{exchange.finished_at:%Y-%m-%dT%H:%M:%SZ}",
            )
        )
    return a_warc(folder, *(gzip.compress(part) for part in parts), name="foreign.warc.gz")


@pytest.mark.parametrize("case", [HERONS, BOXES], ids=name)
def test_a_web_archive_of_somebody_else_gives_the_same_thread(case: Path, archive: Archive, tmp_path: Path) -> None:
    recording = recordings.read(case)
    [saved] = take_in(archive, foreign(case, tmp_path), recording.url)
    thread, _ = collect(
        *collecting.ref_of(recording.url, recording.options), recordings.sender(recording, lambda exchange: None)
    )
    assert saved.document.thread.nodes == thread.nodes
    routes = [one for one in recording.exchanges if not header(one.headers, "content-type").startswith("image/")]
    assert saved.document.run.finished_at == max(one.finished_at for one in routes)
    assert collecting.reparse(archive) == Rebuilt(1, 1, ())


def test_the_thread_of_a_web_archive_is_found_by_its_pages(archive: Archive, tmp_path: Path) -> None:
    page = record(block=answer(b"<p>"), WARC_Target_URI="https://social.example/@ann/112150000000000001")
    path = a_warc(tmp_path, foreign(HERONS, tmp_path).read_bytes(), gzip.compress(page), name="a.warc.gz")
    [saved] = take_in(archive, path)
    assert saved.document.thread.id == "https://social.example/users/ann/statuses/112150000000000001"


@pytest.mark.parametrize(
    ("call", "page"),
    [
        (
            "https://social.example/api/v1/statuses/112150000000000001/context",
            "social.example/statuses/112150000000000001",
        ),
        ("https://cdn.syndication.twimg.com/tweet-result?lang=en&id=859&token=a", "x.com/i/status/859"),
        (
            "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread?uri=at://did:plc:abc/app.bsky.feed.post/3mg&depth=6",
            "",
        ),
    ],
)
def test_where_nobody_looked_at_a_page_the_calls_tell(archive: Archive, tmp_path: Path, call: str, page: str) -> None:
    with suppress(ArchiverError):
        take_in(archive, a_warc(tmp_path, record(block=answer(b"{}"), WARC_Target_URI=call)))
    assert [run.url for run in archive.history.runs()] == [f"https://{page}" if page else call]


def test_where_several_posts_are_meant_one_has_to_be_named(archive: Archive, tmp_path: Path) -> None:
    pages = [
        record(block=answer(b"<p>"), WARC_Target_URI=f"https://social.example/@ann/{112150000000000000 + number}")
        for number in range(12)
    ]
    with pytest.raises(
        UsageError, match=r"several posts; choose one with --url: https://social\.example/@ann/\d+, "
    ) as told:
        take_in(archive, a_warc(tmp_path, *pages))
    assert str(told.value).endswith("and 2 more")
    assert archive.history.runs() == ()


def test_a_web_archive_without_a_post_asks_for_one(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no page that is known to be a post; name the thread's with --url"):
        take_in(archive, a_warc(tmp_path, record(block=answer())))


def test_what_a_web_archive_lacks_is_said_and_the_run_is_kept(archive: Archive, tmp_path: Path) -> None:
    path = a_warc(tmp_path, record(block=answer()))
    with pytest.raises(ArchiverError, match=r"is not in a\.warc"):
        take_in(archive, path, "https://social.example/@ann/112150000000000001")
    assert [run.outcome for run in archive.history.runs()] == ["failed"]


def test_damage_is_told_beside_what_could_be_read(archive: Archive, tmp_path: Path) -> None:
    whole = foreign(HERONS, tmp_path).read_bytes()
    path = a_warc(tmp_path, whole, gzip.compress(record(block=answer()))[:-30], name="a.warc.gz")
    [saved] = take_in(archive, path, recordings.read(HERONS).url)
    assert [str(failure) for failure in saved.failures][-1] == (
        "import: 1 parts of a.warc.gz are damaged and were left out"
    )


def test_a_har_of_a_browser_gives_a_thread(archive: Archive, tmp_path: Path) -> None:
    recording = recordings.read(HERONS)
    entries = [entry(exchange.url, exchange.body.decode(), exchange.status or 0) for exchange in recording.exchanges]
    [saved] = take_in(archive, a_har(tmp_path, *entries), recording.url)
    assert saved.document.thread.completeness.found == 5


def shown_by_x(count: int, start: int = 0) -> bytes:
    """What X's own interface answers to a browser: some posts of a thread."""
    answering = ({}, *({"answers": number - 1} for number in range(1, count)))
    entries = [entry_of_x(result(number, **answering[number]), str(FIRST + number)) for number in range(start, count)]
    instructions = [{"type": "TimelineAddEntries", "entries": entries}]
    return json.dumps({"data": {"threaded_conversation_with_injections_v2": {"instructions": instructions}}}).encode()


def answer_of_somebody_else() -> bytes:
    core = {
        "user_results": {"result": {"__typename": "User", "rest_id": "8", "core": {"screen_name": "bo", "name": "Bo"}}}
    }
    return json.dumps(entry_of_x(result(20, answers=6, CORE=core), str(FIRST + 20))).encode()


def test_what_x_showed_to_a_browser_is_a_thread(archive: Archive, tmp_path: Path) -> None:
    page = f"https://x.com/wren/status/{FIRST}"
    call = "https://x.com/i/api/graphql/abc/TweetDetail?variables=%7B%22cursor%22%3A"
    path = a_har(
        tmp_path,
        entry(page, "<html><body></body></html>"),
        entry(f"{call}1", shown_by_x(4).decode(), mimeType="application/json"),
        entry(f"{call}2", shown_by_x(7, 3).decode(), mimeType="application/json"),
        entry(f"{call}3", "{", mimeType="application/json"),
        entry(f"{call}5", answer_of_somebody_else().decode(), mimeType="application/json"),
        entry(f"{call}4", '{"html": 7}', mimeType="application/json"),
        entry("https://notx.com/i", shown_by_x(9, 7).decode(), mimeType="application/json"),
        pages=[{"title": page}],
    )
    [saved] = take_in(archive, path)
    thread = saved.document.thread
    assert [post.id for post in thread.posts] == [str(FIRST + number) for number in range(7)]
    assert (thread.route, thread.completeness.verdict) == ("recorded", "unknown")
    assert [str(failure).split("?")[0] for failure in saved.failures] == [f"recorded: {call.split('?')[0]}"] * 2
    assert collecting.reparse(archive) == Rebuilt(1, 1, ())


def test_old_pages_of_twitter_are_read_out_of_a_web_archive(archive: Archive, tmp_path: Path) -> None:
    site = Birdsite()
    ids = [site.write("1. Why")]
    for number in (2, 3, 4):
        ids.append(site.write(f"{number}. Because", ids[-1]))
    parts = [
        record(
            block=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + site.page(ids[-1]).encode(),
            WARC_Target_URI=f"https://twitter.com/{HANDLE}/status/{ids[-1]}",
            WARC_Date="2017-05-04T00:00:00Z",
        )
    ]
    [saved] = take_in(archive, a_warc(tmp_path, *parts))
    assert [post.id for post in saved.document.thread.posts] == ids
    assert saved.document.run.finished_at == datetime(2017, 5, 4, tzinfo=UTC)


ARTICLE = FIXTURES / "x" / "storm-in-an-article" / "1.body.html"


@pytest.mark.parametrize("url", ["", "https://news.example/2017/05/senator"])
def test_a_saved_article_gives_the_posts_that_it_embeds(archive: Archive, url: str) -> None:
    [saved] = take_in(archive, ARTICLE, url)
    assert saved.document.run.url == (url or "file:1.body.html")
    assert archive.history.stored_options(saved.document.run.id)["imported"].startswith("1.body.html sha256:")
    assert len(saved.document.thread.posts) > 3


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"WARC/1.0\r\n", "warc"),
        (b"\x1f\x8b\x08", "warc"),
        (b"filedesc://x", "warc"),
        (b'\xef\xbb\xbf {"log": {}}', "har"),
        (b"\n<!doctype html>", "page"),
        (b"PK\x03\x04", "account"),
    ],
)
def test_a_file_is_known_by_its_content(tmp_path: Path, content: bytes, kind: str) -> None:
    (tmp_path / "a file").write_bytes(content)
    assert kind_of(tmp_path / "a file") == kind


def test_what_cannot_be_imported_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"%PDF-1.7")
    with pytest.raises(UsageError, match="of no kind that can be imported; these are: a web archive"):
        kind_of(tmp_path / "a")
    with pytest.raises(UsageError, match="cannot be read"):
        kind_of(tmp_path / "b")


# --- the command line --------------------------------------------------------------------------------------------


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> SimpleNamespace:
        code = cli.run(["--archive", str(folder), *map(str, arguments)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        lines = [json.loads(line) for line in said.out.splitlines()] if "--json" in arguments else []
        return SimpleNamespace(code=code, out=said.out, err=said.err, lines=lines)

    return run


def test_export_and_import_by_the_command_line(run: Any, folder: Path, tmp_path: Path) -> None:
    run("import", HERONS)
    made = run("export", "--wacz", tmp_path / "out.wacz", "1", "--json")
    [line] = made.lines
    assert (made.code, line["file"], line["runs"]) == (0, str(tmp_path / "out.wacz"), 1)
    assert (
        run("export", "--warc", tmp_path)
        .out.splitlines()[1]
        .startswith(f"  {line['records'] - 2} records of 1 run, sha256 ")  # without a page, and what says so
    )
    again = run("import", tmp_path / "out.wacz")
    assert (again.code, again.err) == (0, "note: everything in out.wacz is in this archive already\n")
    elsewhere = cli.run(["--archive", str(tmp_path / "elsewhere"), "import", str(tmp_path / "out.wacz")])
    assert elsewhere == 3
    with sqlite3.connect(folder / "archive.db") as one, sqlite3.connect(tmp_path / "elsewhere" / "archive.db") as two:
        query = "SELECT id, text, created_at FROM posts ORDER BY id"
        assert one.execute(query).fetchall() == two.execute(query).fetchall()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("export", "--wacz", "a.wacz", "--out", "x"), "are three ways to export; give one of them"),
        (("export", "--warc", "a.warc", "nothing"), 'no thread in .* is named by "nothing"'),
        (("export", "--wacz", "/proc/no/a.wacz"), "cannot write /proc/no/a.wacz"),
    ],
)
def test_mistakes_are_one_clear_line(run: Any, arguments: tuple[str, ...], words: str) -> None:
    run("import", HERONS)
    said = run(*arguments)
    assert said.code == 2
    assert re.fullmatch(f"error: .*{words}.*\n", said.err)


@pytest.mark.parametrize("option", ["--warc", "--wacz"])
def test_an_export_harms_neither_the_archive_nor_a_file(run: Any, folder: Path, tmp_path: Path, option: str) -> None:
    run("import", HERONS)
    held = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    [document] = (folder / "threads").glob("*.md")
    for target in (
        folder / "archive.db",
        document,
        folder / "new.wacz",
        folder / "x" / "a",
        folder / ".." / folder / "a",
    ):
        said = run("export", option, target, "1")
        assert (said.code, said.out) == (2, "")
        assert "is within the archive itself" in said.err
    notes = tmp_path / "notes.docx"
    notes.write_bytes(b"mine")
    (tmp_path / "link").symlink_to(folder / "archive.db")
    for target, words in (
        (notes, "is there already and holds something else"),
        (tmp_path / "link", "within the archive"),
    ):
        said = run("export", option, target, "1")
        assert (said.code, words in said.err) == (2, True)
    assert notes.read_bytes() == b"mine"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == held
    assert sorted(path.name for path in tmp_path.iterdir()) == [folder.name, "link", "notes.docx"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("option", ["--warc", "--wacz"])
def test_a_device_or_a_link_is_no_target(run: Any, tmp_path: Path, option: str) -> None:
    run("import", HERONS)
    (tmp_path / "link").symlink_to(tmp_path / "other")
    os.mkfifo(tmp_path / "pipe")
    for target in ("/dev/full", "/dev/stdout", tmp_path / "pipe", tmp_path / "link"):
        said = run("export", option, target, "1")
        assert (said.code, said.out, said.err) == (2, "", f"error: {target} is no plain file; name a new one\n")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--out", ""), "it is empty; name a folder"),
        (("--warc", ""), "it is empty; name a file"),
        (("--wacz", ""), "it is empty; name a file"),
        (("--out", "-"), "- is not the standard output here; name a folder"),
        (("--warc", "-"), "- is not the standard output here; name a file"),
        (("--wacz", "-"), "- is not the standard output here; name a file"),
        (("--wacz", "new/"), "new/ is a folder; name a file in it"),
        (("--wacz", "a.wacz", "--format", "html"), "--format is for documents, and --wacz writes what came"),
        (("--warc", "a.warc", "--mode", "record"), "--mode is for documents, and --warc writes what came"),
        (("--warc", "a.warc", "--show-sensitive"), "--show-sensitive is for documents"),
    ],
)
def test_a_target_that_cannot_be_meant_is_refused(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    run("import", HERONS)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    said = run("export", *arguments, "1")
    assert (said.code, said.out, words in said.err) == (2, "", True)
    assert not list((tmp_path / "empty").iterdir())


def test_no_folder_of_the_archive_is_one_to_publish(run: Any, folder: Path) -> None:
    run("import", HERONS)
    held = sorted(folder.rglob("*"))
    for place in ("media", "threads", "site", "threads/deep"):
        said = run("export", "--out", folder / place)
        assert (said.code, said.out, "is within the archive itself" in said.err) == (2, "", True)
    assert sorted(folder.rglob("*")) == held
    assert run("export", "--out", folder).code == 0


def test_an_export_that_is_there_already_is_fine(run: Any, tmp_path: Path) -> None:
    run("import", HERONS)
    assert [run("export", "--wacz", tmp_path / "a.wacz", "1").code for _ in range(2)] == [0, 0]


def test_a_slash_at_the_end_means_a_folder(run: Any, tmp_path: Path) -> None:
    run("import", HERONS)
    run("import", BOXES)
    said = run("export", "--warc", f"{tmp_path}/new/", "1", "2", "--json")
    assert [Path(line["file"]).parent for line in said.lines] == [tmp_path / "new"] * 2
    (tmp_path / "file").write_text("")
    assert run("export", "--warc", f"{tmp_path}/file/", "1").err.startswith("error: cannot write to ")


def test_what_cannot_be_imported_is_named_in_json_too(run: Any, folder: Path, tmp_path: Path) -> None:
    run("import", HERONS)
    (tmp_path / "urls.txt").write_text("https://a.example/\n")
    (tmp_path / "a.har").write_text('{"log": 1}')
    for path, words, options in (
        (tmp_path / "urls.txt", "is of no kind that can be imported", ()),
        (tmp_path / "a.har", "is no HAR file that a browser has saved", ()),
        (folder, "is an archive of this program", ()),
        (folder / "archive.db", "is an archive of this program", ()),
        (HERONS, "leave it out", ("--url", "https://a.example/@ann/112233445566778899")),
    ):
        said = run("import", path, *options, "--json")
        assert (said.code, len(said.lines), words in said.lines[0]["error"]) == (2, 1, True)


def test_an_export_is_written_by_a_reader_while_nobody_else_is_disturbed(
    run: Any, folder: Path, tmp_path: Path
) -> None:
    run("import", HERONS)
    with Archive.open(folder, now=NOON):
        command = [sys.executable, "-m", "archiver", "--archive", str(folder), "export", "--warc", str(tmp_path / "a")]
        assert subprocess.run(command, capture_output=True).returncode == 0


def test_no_secret_of_a_browser_is_kept_out_of_a_har(archive: Archive, tmp_path: Path) -> None:
    secret = ("X-Goog-Api-Key", "DPoP", "X-Client-Token", "Cookie", "X-Session", "Authorization")
    site = Birdsite()
    ids = site.thread(1)
    names = ("session", "sessionid", "code", "ticket", "auth", "pass", "hdnts")
    query = "&".join(f"{name}=c4n4ry" for name in names)
    entry = {
        "startedDateTime": "2026-03-13T09:00:00Z",
        "serverIPAddress": "192.0.2.1",
        "request": {
            "method": "GET",
            "url": f"https://x.com/i/api/graphql/q/TweetDetail?{query}",
            "headers": [{"name": name, "value": "c4n4ry"} for name in secret],
        },
        "response": {
            "status": 200,
            "headers": [{"name": "Set-Cookie", "value": "c4n4ry"}],
            "content": {"mimeType": "application/json", "text": json.dumps(site._envelope(ids))},
        },
    }
    file = tmp_path / "x.har"
    file.write_text(json.dumps({"log": {"entries": [entry]}}), encoding="utf-8")
    [saved] = import_(archive, file, lambda: NOON, site.url(ids[0]))
    assert len(saved.document.thread.posts) == 1
    assert "c4n4ry" not in "\n".join(archive._db.connection.iterdump())


@pytest.mark.parametrize(
    "own",
    [
        "<!-- saved from url=(0055)https://x.com/ann/status/{} -->",
        '<link rel="canonical" href="https://x.com/ann/status/{}">',
        '<meta content="https://x.com/ann/status/{}" property="og:url">',
    ],
)
def test_a_saved_page_of_x_gives_the_thread_that_it_shows(archive: Archive, tmp_path: Path, own: str) -> None:
    posts = [written(at(number), f"Part {number}", parent=at(number - 1) if number else "") for number in range(3)]
    file = tmp_path / "page.html"
    file.write_text(f"<html>{own.format(at(1))}{''.join(posts)}{written(at(3), by='bob', parent=at(2))}</html>")
    [saved] = import_(archive, file, lambda: NOON)
    thread = saved.document.thread
    assert (thread.id, thread.focus, thread.route) == (at(0), at(1), "recorded")
    assert [post.id for post in thread.posts] == [at(0), at(1), at(2)]
    assert str(thread.completeness.verdict) == "unknown"
    assert "page.html" in render(saved.document)
    assert reparse(archive).threads == 1


def test_a_saved_page_of_x_without_a_post_is_one_line(archive: Archive, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(f'<link rel="canonical" href="https://x.com/ann/status/{at(0)}"><div id="react-root"></div>')
    with pytest.raises(ArchiverError, match=r"no source shows it$"):
        list(import_(archive, file, lambda: NOON))
