"""What came, written as WARC: the records, checked by tools that others have written, and read back."""

import gzip
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from samples import NOON, URL, an_exchange, later
from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from archiver.http.message import SOURCE, Exchange, Request
from archiver.ledger import following
from archiver.model import Run, StoredFile
from archiver.options import Options
from archiver.warc.read import read_warc
from archiver.warc.wacz import index, index_line, surt
from archiver.warc.write import Captured, Record, Whole, digest, records, target, written

RUN = Run(
    id="11111111-2222-3333-4444-555555555555",
    url=URL,
    tool="thread-archiver 1; Python 3",
    started_at=NOON,
    finished_at=later(minutes=1),
    outcome="complete",
    operator="J. Doe\nof the desk",
)
MANIFEST = b'{"format":"thread-manifest/1"}'
ENTRY = following(None, log="l", kind="capture", run=RUN.id, manifest=MANIFEST, added_at="t")

POSTED = an_exchange(
    request=Request(url="https://social.example/api/2?b=1&a=2", method="POST", body=b'{"q": 1}'),
    url="https://social.example/api/2?b=1&a=2",
    seq=2,
    request_headers=(("Content-Type", "application/json"), ("Authorization", "[redacted]")),
    headers=(("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip"), ("X", "one\ntwo")),
    body=gzip.compress(b"hello", mtime=0),
)
ALL = (
    an_exchange("https://social.example/a", status=429, reason="Slow", headers=(("Retry-After", "1"),), body=b""),
    an_exchange("https://social.example/a", attempt=1, status=301, headers=(("Location", "/b"),), body=b""),
    an_exchange("https://social.example/a", attempt=2, url="https://social.example/b", tls="TLSv1.3", certificate="ab"),
    an_exchange(
        "https://social.example/c", seq=1, status=None, reason="", headers=(), body=b"", peer="",
        complete=False, error="timeout: timed out",
    ),
    POSTED,
    an_exchange("https://social.example/d", seq=3, body=b"half", complete=False, error="cut: IncompleteRead"),
    an_exchange("https://social.example/e", seq=4, body=b"big", complete=False, error="too large: 32 MB and more"),
    an_exchange("https://social.example/f", seq=5, body=b"slow", complete=False, error="too slow: 9 bytes"),
    an_exchange("x-archive:1/posts é.json", seq=6, peer="", started_at=later(seconds=1.5)),
)  # fmt: skip


FILM = b"".join(bytes([number, 255 - number]) for number in range(200)) * 30
HELD = StoredFile(sha256=hashlib.sha256(FILM).hexdigest(), size=len(FILM), path="media/f.mp4")
MP4 = (("Content-Type", "video/mp4"),)
CUT = (*MP4, ("Content-Length", str(len(FILM))))
FILMS = (
    an_exchange("https://cdn.example/film.mp4", headers=MP4, body=b"", file=HELD),
    an_exchange("https://cdn.example/cut.mp4", seq=1, headers=CUT, body=b"", file=StoredFile("", 0, ""), complete=False,
                error="cut: IncompleteRead"),
    an_exchange("https://cdn.example/cut.mp4", seq=1, attempt=1, status=206, headers=MP4, body=b"",
                file=StoredFile("", 0, "")),
)  # fmt: skip

WHOLES = (Whole(HELD, NOON, "https://cdn.example/cut.mp4", "video/mp4"), Whole(HELD, NOON, "", ""))


def read_film(held: StoredFile) -> Iterator[bytes]:
    """What is in the file that is held, in pieces of odd sizes."""
    assert held == HELD
    yield FILM[:7]
    yield FILM[7:5000]
    yield FILM[5000:]


def captured(*exchanges: Exchange, wholes: tuple[Whole, ...] = ()) -> Captured:
    return Captured(
        run=RUN,
        asked={"replies": "yes"},
        exchanges=exchanges,
        wholes=wholes,
        read=read_film,
        entry=ENTRY,
        manifest=MANIFEST,
    )


def file_of(*exchanges: Exchange, wholes: tuple[Whole, ...] = ()) -> bytes:
    return b"".join(piece for one in records(captured(*exchanges, wholes=wholes)) for piece in written(one, read_film))


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    path = tmp_path / "all.warc.gz"
    path.write_bytes(file_of(*ALL))
    return path


@pytest.fixture
def films(tmp_path: Path) -> Path:
    path = tmp_path / "films.warc.gz"
    path.write_bytes(file_of(*FILMS, wholes=WHOLES))
    return path


def read(data: bytes) -> Iterator[tuple[ArcWarcRecord, bytes]]:
    """Every record as warcio reads it, with its payload."""
    for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
        yield record, record.raw_stream.read()


def test_each_time_on_the_wire_is_a_request_an_answer_and_what_else_is_known() -> None:
    kinds = [record.rec_type for record, _ in read(file_of(*ALL))]
    whole = ["request", "response", "metadata"]
    assert kinds == ["warcinfo", "resource", *whole * 3, "request", "metadata", *whole * 5]


def test_a_run_says_who_asked_for_what_and_where_it_stands_in_the_ledger() -> None:
    [(info, told), (manifest, content), *_] = read(file_of(*ALL))
    fields = dict(line.split(": ", 1) for line in told.decode().splitlines())
    assert fields["software"] == RUN.tool
    assert fields["operator"] == "J. Doe of the desk"
    assert (fields["archiver-url"], fields["archiver-asked"]) == (URL, '{"replies": "yes"}')
    assert fields["archiver-receipt"] == ENTRY.receipt
    assert info.rec_headers.get_header("WARC-Date") == "2026-03-12T12:00:00Z"
    assert content == MANIFEST
    assert manifest.rec_headers.get_header("WARC-Payload-Digest") == f"sha256:{fields['archiver-manifest-sha256']}"


def test_a_run_that_is_not_sealed_says_so_by_silence() -> None:
    open_ = Captured(run=replace(RUN, finished_at=None, operator=""), asked={}, exchanges=(), read=read_film)
    [info] = records(open_)
    assert b"receipt" not in info.block
    assert b"finished" not in info.block


def test_answers_say_from_where_they_came_and_are_bytes_of_the_wire() -> None:
    answers = {
        record.rec_headers.get_header("WARC-Target-URI"): (record, body)
        for record, body in read(file_of(POSTED))
        if record.rec_type == "response"
    }
    [(record, body)] = answers.values()
    assert record.rec_headers.get_header("WARC-IP-Address") == "203.0.113.9"
    assert body == POSTED.body
    assert record.rec_headers.get_header("WARC-Payload-Digest") == digest(POSTED.body)
    assert record.http_headers.get_header("X-Archive-Orig-Transfer-Encoding") == "chunked"
    assert record.http_headers.get_header("Transfer-Encoding") is None
    assert record.http_headers.get_header("Content-Encoding") == "gzip"


def test_requests_have_their_head_and_their_body() -> None:
    [(record, body)] = [found for found in read(file_of(POSTED)) if found[0].rec_type == "request"]
    assert (record.http_headers.protocol, record.http_headers.statusline) == ("POST", "/api/2?b=1&a=2 HTTP/1.1")
    assert record.http_headers.get_header("Authorization") == "[redacted]"
    assert body == b'{"q": 1}'


def test_why_a_body_is_cut_is_said() -> None:
    cut = [
        record.rec_headers.get_header("WARC-Truncated")
        for record, _ in read(file_of(*ALL))
        if record.rec_type == "response"
    ]
    assert cut == [None, None, None, None, "disconnect", "length", "time", None]


def test_an_address_that_is_none_is_written_so_that_it_can_be_read() -> None:
    found = [record.rec_headers.get_header("WARC-Target-URI") for record, _ in read(file_of(ALL[-1]))]
    assert found[-1] == "x-archive:1/posts%20%C3%A9.json"
    assert target("https://a.example/\ud800") == "https://a.example/%3F"
    assert b"GET x-archive:1/posts%20%C3%A9.json HTTP/1.1" in gzip.decompress(file_of(ALL[-1]))


def test_headers_that_were_never_on_a_wire_are_written_in_utf8() -> None:
    exchange = an_exchange(headers=(("X-Name", "Zoë – 🧵"), ("X-Latin", "é")))
    assert "X-Name: Zoë – 🧵".encode() in gzip.decompress(file_of(exchange))


def test_two_exports_are_equal_and_ids_name_what_they_name() -> None:
    assert file_of(*ALL) == file_of(*ALL)
    ids = [record.id for record in records(captured(*ALL))]
    assert len(set(ids)) == len(ids)
    again = [record.id for record in records(captured(replace(ALL[0], body=b"other"), *ALL[1:]))]
    assert [one != other for one, other in zip(ids, again, strict=True)].count(True) == 1


def test_what_lies_in_a_file_is_written_as_if_it_had_been_in_memory() -> None:
    in_memory = replace(FILMS[0], body=FILM, file=None)
    [(one, body), (other, same)] = [
        next(found for found in read(file_of(exchange)) if found[0].rec_type == "response")
        for exchange in (FILMS[0], in_memory)
    ]
    assert body == same == FILM
    assert str(one.rec_headers) == str(other.rec_headers)


def test_a_file_that_came_in_parts_stands_beside_the_answers_that_gave_them() -> None:
    made = list(read(file_of(*FILMS[1:], wholes=WHOLES)))
    answers = [(record, body) for record, body in made if record.rec_type == "response"]
    assert [body for _, body in answers] == [b"", b""]
    assert [record.rec_headers.get_header("WARC-Truncated") for record, _ in answers] == ["disconnect", "unspecified"]
    first = answers[0][0].http_headers
    assert first.get_header("X-Archive-Orig-Content-Length") == str(len(FILM))
    assert first.get_header("Content-Length") is None  # a reader would wait for what is not there
    files = [(record, body) for record, body in made[2:] if record.rec_type == "resource"]
    assert [body for _, body in files] == [FILM, FILM]
    told = [
        [record.rec_headers.get_header(name) for name in ("WARC-Target-URI", "Content-Type")] for record, _ in files
    ]
    assert told == [
        ["https://cdn.example/cut.mp4", "video/mp4"],
        [f"urn:sha256:{HELD.sha256}", "application/octet-stream"],
    ]


def test_a_viewer_is_led_to_the_whole_file() -> None:
    made = records(captured(*FILMS, wholes=WHOLES))
    lines = [json.loads(line.split(" ", 2)[2]) for record in made if (line := index_line(record, 7, 9))]
    assert [(line["url"], line["mime"], line["status"], line["digest"]) for line in lines] == [
        ("https://cdn.example/film.mp4", "video/mp4", "200", f"sha256:{HELD.sha256}"),
        ("https://cdn.example/cut.mp4", "video/mp4", "200", f"sha256:{HELD.sha256}"),
    ]


@pytest.mark.parametrize("tool", ["warcio.cli", "fastwarc.cli"])
def test_other_tools_accept_films(films: Path, tool: str) -> None:
    assert check(tool, films) == 0
    content = bytearray(gzip.decompress(films.read_bytes()))
    content[content.index(FILM[:40])] ^= 1
    films.with_name("changed.warc").write_bytes(content)
    assert check(tool, films.with_name("changed.warc")) != 0


@pytest.mark.parametrize("tool", ["warcio.cli", "fastwarc.cli"])
def test_other_tools_accept_it_and_see_one_changed_bit(warc: Path, tool: str) -> None:
    assert check(tool, warc) == 0
    content = bytearray(gzip.decompress(warc.read_bytes()))
    content[content.index(b"half")] ^= 1
    warc.with_name("changed.warc").write_bytes(content)
    assert check(tool, warc.with_name("changed.warc")) != 0


def check(tool: str, path: Path) -> int:
    program = f"import sys; from {tool} import main; sys.exit(main())"
    return subprocess.run([sys.executable, "-c", program, "check", str(path)], capture_output=True).returncode


def test_what_is_written_is_read_back(warc: Path) -> None:
    with read_warc(warc) as collection:
        [visit] = collection.visits
        assert (visit.id, visit.url, visit.options, visit.outcome) == (RUN.id, URL, Options(replies=True), "complete")
        assert (visit.started_at, visit.finished_at) == (RUN.started_at, RUN.finished_at)
        expected = [replace(exchange, headers=folded(exchange)) for exchange in ALL[:-1]]
        found = visit.exchanges()
        assert [replace(one, request=replace(one.request, headers=())) for one in found[:-1]] == expected
        assert found[-1].request.url == ALL[-1].request.url
        assert collection.damages == 0
        assert SOURCE not in dict(found[0].headers)


def test_what_is_said_of_a_part_is_read_back(films: Path) -> None:
    with read_warc(films) as collection:
        [visit] = collection.visits
        assert [(one.status, one.headers, one.body) for one in visit.exchanges()] == [
            (200, MP4, FILM),
            (200, CUT, b""),
            (206, MP4, b""),
        ]


def folded(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    """Headers without line breaks, which HTTP wants to be read as one blank."""
    return tuple((name, value.replace("\n", " ")) for name, value in exchange.headers)


@pytest.mark.parametrize(
    ("url", "sorted_as"),
    [
        ("https://www.Social.example/@Ann/1?b=2&a=1#x", "example,social)/@ann/1?a=1&b=2"),
        ("http://user@social.example:8080", "example,social:8080)/"),
        ("http://[2001:db8::1]/x", "[2001:db8::1])/x"),
    ],
)
def test_the_index_is_sorted_by_the_host_from_its_end(url: str, sorted_as: str) -> None:
    assert surt(url) == sorted_as


def test_only_what_a_viewer_asks_for_is_in_the_index() -> None:
    made: list[Record] = list(records(captured(*ALL)))
    lines = [line for record in made if (line := index_line(record, 7, 9))]
    urls = [line.split('"url": "')[1].split('"')[0].rpartition("/")[2] for line in lines]
    assert urls == ["a", "a", "b", "d", "e", "f"]
    assert lines[2].startswith('example,social)/b 20260312120000 {"url": "https://social.example/b", "mime": "appl')
    assert '"length": "9", "offset": "7", "filename": "data.warc.gz"' in lines[2]
    assert index(["b 2", "a 3", "a 1"]) == b"a 1\na 3\nb 2\n"


def test_times_are_as_exact_as_they_are_known() -> None:
    exchange = an_exchange(started_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC))
    assert {record.date for record in records(captured(exchange))} == {
        "2026-03-12T12:00:00Z",
        "2026-01-02T03:04:05.678901Z",
    }


def test_an_address_that_is_none_can_be_written() -> None:
    odd = an_exchange("https://[redacted]@social.example/a?b=1")
    told = list(records(captured(odd)))
    [request, answer] = [one for one in told if one.kind in ("request", "response")]
    assert request.block.startswith(b"GET /a?b=1 HTTP/1.1\r\n")
    line = index_line(answer, 0, 1)
    assert line is not None
    assert line.startswith("example,social)/a?b=1 ")
