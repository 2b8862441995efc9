"""Web archives that others have made: WARC, ARC, WACZ and HAR, whole, damaged and made to do harm."""

import base64
import gzip
import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import ArchiveError, ArchiverError, NetworkError, ParseError, UsageError
from archiver.http.message import SOURCE, Exchange, Request, decoded, header
from archiver.warc import answers, har, records
from archiver.warc import read as warc
from archiver.warc.answers import dechunked
from archiver.warc.collection import Collection, comparable

SAMPLES = Path(os.environ.get("ARCHIVER_SAMPLES", "none")) / "warc"
FILES = sorted([*SAMPLES.glob("*.warc*"), *SAMPLES.glob("*.arc*")])  # none: those tests are skipped
NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
A, B = "https://social.example/a", "https://social.example/b"


def record(kind: str = "response", block: bytes = b"", **fields: str) -> bytes:
    """A record; fields by their names with underscores."""
    told = {"WARC_Type": kind, "WARC_Date": "2026-03-12T12:00:00Z", "WARC_Target_URI": A, **fields}
    told.setdefault("Content_Length", str(len(block)))
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
    return f"WARC/1.0\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def answer(body: bytes = b"hello", *headers: str, status: str = "200 OK") -> bytes:
    head = "".join(f"{line}\r\n" for line in ("Content-Type: text/html", *headers))
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def a_warc(folder: Path, *parts: bytes, name: str = "a.warc") -> Path:
    path = folder / name
    path.write_bytes(b"".join(parts))
    return path


def packed(*parts: bytes) -> bytes:
    return b"".join(gzip.compress(part, mtime=0) for part in parts)


def get(collection: Collection, url: str = A, kept: list[Exchange] | None = None, **more: Any) -> Any:
    return collection.sender((kept if kept is not None else []).append)(Request(url=url, **more))


def read(folder: Path, *parts: bytes) -> Collection:
    return warc.read_warc(a_warc(folder, *parts))


# --- what an answer is -------------------------------------------------------------------------------------------


def test_an_answer_is_dated_from_its_capture_and_says_out_of_which_file_it_is(tmp_path: Path) -> None:
    kept: list[Exchange] = []
    collection = read(tmp_path, record(block=answer(), WARC_IP_Address="203.0.113.9"))
    response = get(collection, kept=kept)
    assert (response.status, response.body, response.fetched_at, response.url) == (200, b"hello", NOON, A)
    assert response.header(SOURCE) == collection.source == warc.source_of(tmp_path / "a.warc")
    assert collection.source.startswith("a.warc sha256:")
    [exchange] = kept
    assert (exchange.peer, exchange.started_at, exchange.finished_at) == ("203.0.113.9", NOON, NOON)
    collection.close()


def test_a_request_that_nobody_recorded_has_no_answer(tmp_path: Path) -> None:
    with read(tmp_path, record(block=answer())) as collection, pytest.raises(NetworkError, match=r"is not in a\.warc"):
        get(collection, B)


@pytest.mark.parametrize(
    "url",
    ["http://social.example/a?x=1&y=2", "https://social.example/a?y=2&x=1", "https://Social.example/a?x=1&y=2#top"],
)
def test_what_makes_no_difference_in_an_address_makes_none(tmp_path: Path, url: str) -> None:
    with read(tmp_path, record(block=answer(), WARC_Target_URI=f"<{A}?x=1&y=2>")) as collection:
        assert get(collection, url).body == b"hello"
        with pytest.raises(NetworkError):
            get(collection, f"{A}?x=1")


def test_an_address_that_is_none_is_compared_too() -> None:
    assert comparable("http://[::1") == comparable("https://[::1/") != comparable("http://[::2")


def test_the_newest_answer_counts_unless_it_is_a_refusal(tmp_path: Path) -> None:
    with read(
        tmp_path,
        record(block=answer(b"new"), WARC_Date="2026-03-12T12:00:05Z"),
        record(block=answer(b"old")),
        record(block=answer(b"no", status="503 Busy"), WARC_Date="2026-03-12T12:00:09Z"),
    ) as collection:
        assert get(collection).body == b"new"


def test_redirects_are_followed_and_each_hop_is_kept(tmp_path: Path) -> None:
    kept: list[Exchange] = []
    with read(
        tmp_path,
        record(block=answer(b"", "Location: /b", status="302 Found")),
        record(block=answer(), WARC_Target_URI=B),
    ) as collection:
        assert get(collection, kept=kept).url == B
    assert [(one.url, one.attempt, one.request.url) for one in kept] == [(A, 0, A), (B, 1, A)]


def test_a_redirect_to_what_is_not_there_ends_there(tmp_path: Path) -> None:
    moved = record(block=answer(b"", "Location: /b", status="302 Found"))
    with read(tmp_path, moved) as collection, pytest.raises(NetworkError, match="/b is not in"):
        get(collection)
    circle = record(block=answer(b"", "Location: /a", status="302 Found"))
    with read(tmp_path, circle) as collection, pytest.raises(NetworkError, match="too often"):
        get(collection)


def test_a_request_tells_the_method_wherever_it_stands(tmp_path: Path) -> None:
    post = b"POST /a HTTP/1.1\r\nX-Asked: yes\r\n\r\nbody"
    before = (record("request", post, WARC_Record_ID="<q>"), record(block=answer(), WARC_Record_ID="<r>"))
    named = (
        record(block=answer(), WARC_Record_ID="<r>", WARC_Concurrent_To="<q>"),
        record("request", post, WARC_Record_ID="<q>", WARC_Concurrent_To="<r>"),
    )
    for parts in (before, before[::-1], named, (before[0], record("metadata"), named[0])):
        kept: list[Exchange] = []
        with read(tmp_path, *parts) as collection:
            with pytest.raises(NetworkError):
                get(collection)
            assert get(collection, kept=kept, method="POST").body == b"hello"
        assert kept[0].request.method == "POST"
        assert kept[0].request_headers == (("X-Asked", "yes"),)


def test_secrets_are_taken_out(tmp_path: Path) -> None:
    kept: list[Exchange] = []
    url = f"{A}?token=abc"
    request = b"GET /a?token=abc HTTP/1.1\r\nCookie: a=b\r\nAuthorization: Bearer s3cret\r\n\r\n"
    with read(
        tmp_path,
        record("request", request, WARC_Target_URI=url),
        record(block=answer(b"x", "Set-Cookie: a=b"), WARC_Target_URI=url),
    ) as collection:
        get(collection, url, kept)
    said = repr(kept)
    assert "s3cret" not in said
    assert "abc" not in said
    assert "a=b" not in said
    assert "Set-Cookie" in said


# --- framing and codings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content", "whole"),
    [
        (b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde", True),
        (b"3;x=y\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", b"abc", True),
        (b"3\nabc\n0\n\n", b"abc", True),
        (b"3\r\nabc\r\n5\r\nde", b"abcde", False),
        (b"3\r\nabc\r\nnonsense", b"abc", False),
        (b"3\r\nabc", b"abc", False),
        (b"<html>", b"<html>", True),
        (b"ffffffff\r\nab", b"ab", False),
        (b"", b"", True),
    ],
)
def test_chunks_are_put_together(body: bytes, content: bytes, whole: bool) -> None:
    assert dechunked(body) == (content, whole)


def test_a_broken_frame_is_an_answer_that_is_cut(tmp_path: Path) -> None:
    kept: list[Exchange] = []
    block = answer(b"5\r\nhel", "Transfer-Encoding: chunked")
    with (
        read(tmp_path, record(block=block)) as collection,
        pytest.raises(NetworkError, match="stopped in the middle"),
    ):
        get(collection, kept=kept)
    assert (kept[0].complete, kept[0].body) == (False, b"hel")


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
        ("gzip", bytes),
        ("identity", bytes),
    ],
)
def test_codings_are_undone(tmp_path: Path, coding: str, pack: Callable[[bytes], bytes]) -> None:
    content = b"<p>hello</p>" * 500
    with read(tmp_path, record(block=answer(pack(content), f"Content-Encoding: {coding}"))) as collection:
        response = get(collection)
    assert response.content == content
    plain = coding in ("br", "zstd") or (pack is bytes and coding == "gzip")
    assert response.header("content-encoding") == ("" if plain else coding)
    assert response.header("x-archive-orig-content-encoding") == (coding if plain else "")


@pytest.mark.parametrize(
    ("coding", "body", "words"),
    [
        ("br", brotli.compress(bytes(70 << 20)), "unpacks to more than 64 MB"),
        ("zstd", zstandard.compress(bytes(70 << 20)), "unpacks to more than 64 MB"),
        ("br", b"nonsense", "damaged brotli data"),
        ("br", brotli.compress(b"hello" * 99)[:-9], "damaged brotli data"),
        ("zstd", b"nonsense", "damaged zstandard data"),
    ],
)
def test_codings_that_do_harm_are_one_clear_line(tmp_path: Path, coding: str, body: bytes, words: str) -> None:
    with (
        read(tmp_path, record(block=answer(body, f"Content-Encoding: {coding}"))) as collection,
        pytest.raises(ParseError, match=words),
    ):
        get(collection)


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(answers._OTHERS, "br", "a_package_that_nobody_has")
    with (
        read(tmp_path, record(block=answer(b"x", "Content-Encoding: br"))) as collection,
        pytest.raises(ParseError, match="pip install a_package_that_nobody_has"),
    ):
        get(collection)


# --- kinds of records --------------------------------------------------------------------------------------------


REVISIT = {
    "WARC_Type": "revisit",
    "WARC_Date": "2026-03-12T13:00:00Z",
    "WARC_Payload_Digest": "sha1:X",
    "WARC_Refers_To_Target_URI": A,
    "WARC_Refers_To_Date": "2026-03-12T12:00:00Z",
}


@pytest.mark.parametrize(
    ("first", "left_out"),
    [
        ({}, ()),
        ({"WARC_Payload_Digest": "sha1:X"}, ("WARC_Refers_To_Target_URI", "WARC_Refers_To_Date")),
        ({"WARC_Record_ID": "<one>"}, ("WARC_Refers_To_Target_URI", "WARC_Payload_Digest")),
    ],
)
def test_a_revisit_has_the_body_of_the_first_visit(
    tmp_path: Path, first: dict[str, str], left_out: tuple[str, ...]
) -> None:
    fields = {name: value for name, value in REVISIT.items() if name not in left_out} | {"WARC_Refers_To": "<one>"}
    head = answer(b"", "X-Visit: second")
    for block, visit in ((head, "second"), (b"", "first")):
        with read(
            tmp_path, record(block=answer(b"hello", "X-Visit: first"), **first), record(block=block, **fields)
        ) as collection:
            response = get(collection)
        assert (response.body, response.header("x-visit")) == (b"hello", visit)
        assert response.fetched_at == NOON.replace(hour=13)


def test_a_revisit_of_what_is_not_there_is_cut(tmp_path: Path) -> None:
    with read(tmp_path, record(block=answer(b""), **REVISIT)) as collection, pytest.raises(NetworkError):
        get(collection)


def test_a_resource_is_an_answer_too(tmp_path: Path) -> None:
    with read(tmp_path, record("resource", b"<p>", Content_Type="text/html")) as collection:
        assert (get(collection).body, get(collection).header("content-type")) == (b"<p>", "text/html")


def test_an_arc_file_is_read(tmp_path: Path) -> None:
    block = answer(b"hello")
    head = b"filedesc://x.arc 0.0.0.0 20140216050221 text/plain 3\n1 0\n\n"
    one = f"{A} 93.184.216.119 20140216050221 text/html {len(block)}\n".encode() + block + b"\n"
    two = f"{B} 1.2.3.4 20140216050222 text/html 200 - - 0 x.arc {len(block)}\n".encode() + block + b"\n"
    with read(tmp_path, head, one, two) as collection:
        assert get(collection).fetched_at == datetime(2014, 2, 16, 5, 2, 21, tzinfo=UTC)
        assert get(collection, B).body == b"hello"
        assert collection.damages == 0


def test_what_no_platform_asks_for_is_passed_over(tmp_path: Path) -> None:
    picture = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx"
    with read(
        tmp_path,
        record(block=answer()),
        record(block=picture, WARC_Target_URI=B),
        record(block=b"no HTTP", WARC_Target_URI="dns:social.example"),
        record(block=answer(), WARC_Date="soon"),
        record("resource", b"{}", WARC_Target_URI="urn:uuid:1"),
        record("conversion", b"x"),
    ) as collection:
        assert [held.url for held in collection.answers] == [A]


# --- damage ------------------------------------------------------------------------------------------------------


def test_what_can_be_read_of_a_damaged_file_is_read(tmp_path: Path) -> None:
    parts = [record(block=answer(name), WARC_Target_URI=f"{A}{name.decode()}") for name in (b"1", b"2", b"3")]
    members = [gzip.compress(part, mtime=0) for part in parts]
    broken = bytearray(members[1])
    broken[len(broken) // 2] ^= 0xFF
    with read(tmp_path, members[0], bytes(broken), members[2]) as collection:
        assert {held.url for held in collection.answers} >= {f"{A}1", f"{A}3"}
        assert get(collection, f"{A}3").body == b"3"
        assert collection.damages >= 1


def test_padding_between_members_is_passed_over(tmp_path: Path) -> None:
    parts = [gzip.compress(record(block=answer(), WARC_Target_URI=url), mtime=0) for url in (A, B)]
    with read(tmp_path, parts[0], bytes(3 * records.PIECE), parts[1], bytes(records.PIECE)) as collection:
        assert [held.url for held in collection.answers] == [A, B]
        assert collection.damages == 0


@pytest.mark.parametrize("pack", [packed, b"".join])
def test_a_file_that_ends_early_gives_what_came_before(tmp_path: Path, pack: Callable[..., bytes]) -> None:
    first, second = record(block=answer(b"one")), record(block=answer(os.urandom(9000)), WARC_Target_URI=B)
    whole = packed(first, second) if pack is packed else first + second
    with read(tmp_path, whole[:-4000]) as collection:
        assert get(collection).body == b"one"
        with pytest.raises(NetworkError, match="stopped in the middle"):
            get(collection, B)


@pytest.mark.parametrize(
    "end",
    [
        b"WARC/1.0\r\nWARC-Type: response\r\n\r\n",
        b"WARC/1.0\r\nContent-Length: -1\r\n\r\n",
        b"WARC/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"WARC/1.0\r\nContent-Length: \xd9\xa3\r\n\r\n",
        b"WARC/1.0\r\nContent-Le",
        b"WARC/1.0\r\n" + b"X: y\r\n" * 100_000,
        b"WARC/1.0\r\nX: " + b"y" * 1_000_000,
        b"nonsense\n" + record(block=answer(b"forged")),
    ],
)
def test_what_follows_damage_in_a_plain_file_is_left_alone(tmp_path: Path, end: bytes) -> None:
    with read(tmp_path, record(block=answer(b"one")), end) as collection:
        assert get(collection).body == b"one"
        assert (len(collection.answers), collection.damages) == (1, 1)


def test_every_beginning_of_a_file_is_read_or_refused(tmp_path: Path) -> None:
    plain = b"".join(record(block=answer(), WARC_Target_URI=url) for url in (A, B))
    for whole in (plain, packed(plain), packed(plain[: len(plain) // 2], plain[len(plain) // 2 :])):
        for end in range(len(whole)):
            with suppress(UsageError):
                read(tmp_path, whole[:end]).close()


def test_every_changed_byte_is_read_or_refused(tmp_path: Path) -> None:
    whole = packed(*(record(block=answer(), WARC_Target_URI=url) for url in (A, B)))
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0x55
        try:
            with read(tmp_path, bytes(changed)) as collection:
                assert len(collection.answers) <= 2
        except UsageError:
            continue


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    bomb = gzip.compress(record(block=answer(bytes(300 << 20))), 9)
    with pytest.raises(UsageError, match="unpacks to absurdly more"):
        read(tmp_path, bomb)


def test_folded_fields_are_one(tmp_path: Path) -> None:
    found = list(
        records.records(
            io.BytesIO(b"WARC/1.1\r\nWARC-Type: response\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n"), 9, "a", int
        )
    )
    assert found[0].field("x") == "a b"


def test_a_block_larger_than_anybody_posts_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big = record(block=answer(bytes(records.MOST + 1)))
    with read(tmp_path, big, record(block=answer(b"two"), WARC_Target_URI=B)) as collection:
        assert get(collection, B).body == b"two"
        with pytest.raises(NetworkError):
            get(collection)
        assert collection.damages == 0


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    for opened in (warc.read_warc, warc.read_wacz, har.read_har):
        with pytest.raises((UsageError, ArchiveError), match="cannot be read"):
            opened(tmp_path / "nothing")


def test_what_our_own_exports_tell_is_passed_over_where_it_makes_no_sense(tmp_path: Path) -> None:
    run = b"archiver-run: 1\r\narchiver-url: x\r\narchiver-asked: {}\r\n"
    times = b"archiver-started: 2026-03-12T12:00:00Z\r\narchiver-finished: 2026-03-12T12:00:00Z\r\n"
    about = b"archiver-run: 1\r\narchiver-seq: "
    fields = {"Content_Type": "application/warc-fields", "WARC_Concurrent_To": "<r>"}
    with read(
        tmp_path,
        record("warcinfo", run),
        record("warcinfo", run.replace(b"1", b"2") + times),
        record("warcinfo", run.replace(b"1", b"3").replace(b"{}", b"[]") + times),
        record(block=answer(), WARC_Record_ID="<r>"),
        record("metadata", about + b"x", **fields),
        record("metadata", about.replace(b"1", b"2"), **{**fields, "WARC_Concurrent_To": "<gone>"}),
        record("metadata", b"fetchTimeMs: 3", **fields),
        record("metadata", b"{}", Content_Type="application/json"),
    ) as collection:
        [visit] = collection.visits
        assert (visit.id, visit.exchanges()) == ("2", ())


# --- WACZ --------------------------------------------------------------------------------------------------------


PAGES = b'{"format": "json-pages-1.0"}\nnonsense\n[]\n{"url": 7}\n{"url": "https://social.example/@ann/1"}\n'


def a_wacz(folder: Path, files: dict[str, bytes], resources: Any = None, packing: int = zipfile.ZIP_STORED) -> Path:
    path = folder / "a.wacz"
    with zipfile.ZipFile(path, "w", packing) as container:
        for name, content in files.items():
            container.writestr(name, content)
        if resources is not None:
            container.writestr("datapackage.json", json.dumps({"resources": resources}))
    return path


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


WARC = packed(record(block=answer()))


def test_a_wacz_is_its_warcs_and_its_pages(tmp_path: Path) -> None:
    files = {"archive/a.warc.gz": WARC, "archive/b.warc": record(block=answer(b"b"), WARC_Target_URI=B)}
    path = a_wacz(
        tmp_path,
        {**files, "pages/pages.jsonl": PAGES, "../../evil": b"x", "archive/deep/c.warc": b"x"},
        [{"path": "archive/a.warc.gz", "hash": sha256(WARC)}, {"path": "x"}, 7],
    )
    assert warc.is_wacz(path)
    with warc.read_wacz(path) as collection:
        assert (get(collection).body, get(collection, B).body) == (b"hello", b"b")
        assert collection.pages == ["https://social.example/@ann/1"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.wacz"]


@pytest.mark.parametrize(("path", "hash"), [("archive/a.warc.gz", "sha256:00"), ("archive/gone.warc.gz", sha256(WARC))])
def test_a_wacz_that_is_not_what_it_says_is_refused(tmp_path: Path, path: str, hash: str) -> None:
    with pytest.raises(UsageError, match=f"is not what it was: {path} is another one"):
        warc.read_wacz(a_wacz(tmp_path, {"archive/a.warc.gz": WARC}, [{"path": path, "hash": hash}]))


@pytest.mark.parametrize("resources", [None, {}, "x"])
def test_a_wacz_without_a_list_of_contents_is_read(tmp_path: Path, resources: Any) -> None:
    with warc.read_wacz(a_wacz(tmp_path, {"archive/a.warc.gz": WARC}, resources)) as collection:
        assert get(collection).body == b"hello"


def test_a_wacz_that_is_damaged_is_one_clear_line(tmp_path: Path) -> None:
    path = a_wacz(tmp_path, {"archive/a.warc": record(block=answer(b"hello" * 999))}, packing=zipfile.ZIP_DEFLATED)
    whole = path.read_bytes()
    for place in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[place] ^= 0x55
        path.write_bytes(changed)
        with suppress(ArchiverError), warc.read_wacz(path) as collection:
            get(collection)
    path.write_bytes(whole[:-40])
    with pytest.raises(UsageError, match="is damaged, or no WACZ"):
        warc.read_wacz(path)
    assert not warc.is_wacz(path)


def test_a_wacz_with_a_bomb_is_refused(tmp_path: Path) -> None:
    path = a_wacz(tmp_path, {"archive/a.warc": bytes(100 << 20)}, packing=zipfile.ZIP_DEFLATED)
    with pytest.raises(UsageError, match="unpacks to absurdly more"):
        warc.read_wacz(path)


# --- HAR ---------------------------------------------------------------------------------------------------------


def entry(url: str = A, text: str | None = "hello", status: int = 200, **more: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"mimeType": "text/html", "size": 5}
    if text is not None:
        content["text"] = text
    return {
        "startedDateTime": "2026-03-12T13:00:00.000+01:00",
        "serverIPAddress": "[2001:db8::1]",
        "request": {
            "method": more.pop("method", "GET"),
            "url": url,
            "headers": [
                {"name": ":authority", "value": "x"},
                {"name": "Cookie", "value": "a=b"},
                {"name": "X", "value": "y"},
            ],
            "postData": more.pop("postData", None),
        },
        "response": {
            "status": status,
            "statusText": "OK",
            "headers": [{"name": "content-encoding", "value": "br"}, {"name": "Content-Type", "value": "text/html"}],
            "content": {**content, **more},
        },
    }


def a_har(folder: Path, *entries: object, **log: object) -> Path:
    path = folder / "a.har"
    path.write_text(json.dumps({"log": {"entries": entries, **log}}))
    return path


def test_a_har_is_its_answers_without_the_users_secrets(tmp_path: Path) -> None:
    kept: list[Exchange] = []
    binary = base64.b64encode(b"\xff\x00").decode()
    with har.read_har(
        a_har(
            tmp_path,
            entry(),
            entry(B, binary, encoding="base64"),
            entry(B, "posted", method="POST", postData={"text": "q"}),
            pages=[{"title": "https://social.example/@ann/1"}, {"title": "A page"}, 7],
        )
    ) as collection:
        response = get(collection, kept=kept)
        assert (response.content, response.fetched_at, response.header("x-archive-orig-content-encoding")) == (
            b"hello",
            NOON,
            "br",
        )
        assert get(collection, B).body == b"\xff\x00"
        assert get(collection, B, kept, method="POST").body == b"posted"
        assert collection.pages == ["https://social.example/@ann/1"]
        assert SOURCE in dict(response.headers)
    assert kept[0].request_headers == (("Cookie", "[redacted]"), ("X", "y"))
    assert kept[0].peer == "2001:db8::1"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (entry(text=None), "without its text"),
        (entry(status=0), "had no answer when a.har was made"),
        (entry(text="*", encoding="base64"), "unknown shape"),
    ],
)
def test_an_answer_that_a_har_lacks_is_one_clear_line(tmp_path: Path, made: dict[str, Any], words: str) -> None:
    with har.read_har(a_har(tmp_path, made)) as collection, pytest.raises(NetworkError, match=words):
        get(collection)


def test_a_text_longer_than_anybody_posts_is_cut(tmp_path: Path) -> None:
    with (
        har.read_har(a_har(tmp_path, entry(text="x" * (33 << 20)))) as collection,
        pytest.raises(NetworkError, match="more than 32 MB"),
    ):
        get(collection)


def test_entries_in_a_strange_shape_are_counted_as_damage(tmp_path: Path) -> None:
    with har.read_har(a_har(tmp_path, 7, {}, {**entry(), "startedDateTime": "soon"}, entry())) as collection:
        assert (len(collection.answers), collection.damages) == (1, 3)


@pytest.mark.parametrize(
    "text", ["{}", '{"log": 1}', "{", '{"log": {"entries": []}}', '{"log": {"entries": 7}}', "[" * 99999]
)
def test_what_is_no_har_is_one_clear_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.har").write_text(text)
    with pytest.raises(UsageError, match=r"another kind than HAR|is no HAR file|holds no answer"):
        har.read_har(tmp_path / "a.har")


def test_a_har_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.har").open("wb") as file:
        file.truncate(har.LARGEST_FILE + 1)
    with pytest.raises(UsageError, match="larger than 256 MB"):
        har.read_har(tmp_path / "a.har")


# --- samples of other programs, where a machine has some ---------------------------------------------------------


def by_warcio(path: Path) -> list[tuple[str, str]]:
    """Addresses of answers, and digests of what warcio makes of their bodies."""
    with path.open("rb") as file:
        return [
            (found.rec_headers.get_header("WARC-Target-URI"), sha256(found.content_stream().read()))
            for found in ArchiveIterator(file, arc2warc=True)
            if found.rec_type == "response"
        ]


def by_fastwarc(path: Path) -> list[tuple[str, str]]:
    """The same by FastWARC."""
    with path.open("rb") as file:
        return [
            (found.headers["WARC-Target-URI"], sha256(found.reader.read()))
            for found in FastIterator(file, record_types=WarcRecordType.response, auto_decode="all")
        ]


def by_us(path: Path) -> list[tuple[str, str]]:
    with path.open("rb") as file:
        found = list(records.records(file, path.stat().st_size, path.name, partial(int)))
    told = [(one, answers.read_answer(one.block)) for one in found if one.kind == "response"]
    return [
        (one.field("warc-target-uri"), sha256(decoded(made.body, header(made.headers, "content-encoding"), "a")))
        for one, made in told
        if made
    ]


# warcio wants a record to be one gzip member, FastWARC reads no ARC, and neither judges a body that is cut.
@pytest.mark.parametrize(
    ("path", "theirs"),
    [
        pytest.param(path, theirs, id=f"{path.name}-{theirs.__name__}")
        for path in FILES
        for theirs in (by_warcio, by_fastwarc)
        if not ("trunc" in path.name or ("chunks" in path.name and theirs is by_warcio))
        and not (".arc" in path.name and theirs is by_fastwarc)
    ],
)
def test_files_of_other_programs_are_read_as_those_read_them(path: Path, theirs: Any) -> None:
    found = by_us(path)
    assert found
    assert found == theirs(path)


@pytest.mark.parametrize("path", FILES)
def test_files_of_other_programs_answer(path: Path) -> None:
    with warc.read_warc(path) as collection:
        assert collection.answers
        for held in collection.answers:
            assert get(collection, held.url, method=held.method).status == 200
            assert held.at.year in (2013, 2014, 2017, 2018, 2020, 2021)
