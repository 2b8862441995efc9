"""A WACZ of ours against somebody who knows how it is made, and repairs every digest in it after each change."""

import gzip
import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cases import FIXTURES
from fediverse import Mastodon
from pictures import plain
from samples import NOON, an_exchange, later
from world import keeping

from archiver.evidence.checking import check
from archiver.options import Options
from archiver.store.store import Archive
from archiver.verbs import capture, imports
from archiver.verbs.attach import attach
from archiver.warc import wacz as written
from archiver.warc.export import export_wacz

Records = list[bytes]
URL = "https://social.example/@ann/112150000000000001"
BARE = b"<p>To use this site, turn on JavaScript</p>"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a thread in two runs, one of which has its page, and of one with pictures; a picture beside it."""
    folder = tmp_path_factory.mktemp("made") / "archive"
    world = Mastodon()
    world.thread(3)
    with Archive.open(folder, now=NOON, operator="J. Doe") as archive:
        capture.archive(archive, URL, keeping(world), lambda: NOON)
        run = archive.begin(URL, Options(), later(hours=1))
        page = an_exchange(URL, headers=(("Content-Type", "text/html"),), body=BARE)
        archive.keep(run)(replace(page, started_at=later(hours=1), finished_at=later(hours=1)))
        archive.finish(run, "failed", [], later(hours=1))
        imports.import_recording(archive, FIXTURES / "bluesky/nine-boxes", lambda: later(days=1))
        (folder / "shot.png").write_bytes(plain("as I saw it"))
        attach(archive, URL, folder / "shot.png", "", later(days=1))
    return folder


@pytest.fixture
def wacz(made: Path, tmp_path: Path) -> Path:
    with Archive.read(made) as archive:
        return export_wacz(archive, [], tmp_path / "a.wacz").path


def found(path: Path, folder: Path, level: str = "problem") -> list[str]:
    findings = check(path, folder, (), later(days=9), False)
    return [str(finding) for finding in findings if finding.level == level]


@dataclass
class Parts:
    """What a WACZ holds, to be changed: its records, unpacked, and its other files."""

    records: Records
    files: dict[str, bytes]

    def at(self, *words: bytes) -> int:
        """Return the number of the first record that has all the words."""
        return next(number for number, record in enumerate(self.records) if all(word in record for word in words))

    def change(self, number: int, old: bytes, new: bytes) -> None:
        assert old in self.records[number], self.records[number][:900]
        self.records[number] = self.records[number].replace(old, new)

    def change_all(self, old: bytes, new: bytes) -> None:
        assert any(old in record for record in self.records)
        self.records = [record.replace(old, new) for record in self.records]


def redigested(record: bytes) -> bytes:
    """Make the digests and the length of a record fit again."""
    head, _, block = record.removesuffix(b"\r\n\r\n").partition(b"\r\n\r\n")
    payload = block.partition(b"\r\n\r\n")[2] if b"application/http" in head else block
    for name, content in ((b"Block", block), (b"Payload", payload)):
        if b"WARC-Type: revisit" not in head or name == b"Block":
            digest = b"sha256:" + hashlib.sha256(content).hexdigest().encode()
            head = re.sub(rb"(WARC-%s-Digest: )\S+" % name, rb"\g<1>" + digest, head)
    head = re.sub(rb"(?m)^Content-Length: \d+", b"Content-Length: %d" % len(block), head)
    return head + b"\r\n\r\n" + block + b"\r\n\r\n"


def changed(path: Path, act: Callable[[Parts], None]) -> Path:
    """Change a WACZ, and repair all digests, the index and the package in it."""
    with zipfile.ZipFile(path) as container:
        files = {name: container.read(name) for name in container.namelist()}
    data = gzip.decompress(files.pop(written.DATA))
    lines = files[written.INDEX]
    parts = Parts(re.split(rb"(?=WARC/1\.1\r\n)", data)[1:], files)
    act(parts)
    packed = [gzip.compress(redigested(record)) for record in parts.records]
    if parts.files[written.INDEX] == lines:
        parts.files[written.INDEX] = reindexed(lines, parts.records, packed)
    files = {written.DATA: b"".join(packed), **parts.files}
    package = json.loads(files.pop(written.PACKAGE))
    del files[written.DIGEST]
    package["resources"] = [
        {"name": name, "path": name, "hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "bytes": len(content)}
        for name, content in files.items()
    ]
    files[written.PACKAGE] = json.dumps(package).encode()
    files[written.DIGEST] = written.package_digest(files[written.PACKAGE])
    with zipfile.ZipFile(path, "w") as container:
        for name, content in files.items():
            container.writestr(name, content)
    return path


def reindexed(lines: bytes, records: Records, packed: Records) -> bytes:
    """Return the index with the places, statuses and digests that the records have now."""
    places: dict[tuple[bytes, bytes], list[tuple[int, int, bytes]]] = {}
    offset = 0
    for record, member in zip(records, packed, strict=True):
        head = redigested(record).partition(b"\r\n\r\n")[0]
        url, date = (re.search(rb"WARC-%s: (\S+)" % name, head) for name in (b"Target-URI", b"Date"))
        if url and date and re.search(rb"WARC-Type: (response|resource|revisit)", head):
            digest = re.search(rb"WARC-Payload-Digest: (\S+)", head)
            key = (url[1], re.sub(rb"\D", b"", date[1])[:14])
            places.setdefault(key, []).append((offset, len(member), digest[1] if digest else b""))
        offset += len(member)
    made = []
    for line in lines.splitlines():
        surt, stamp, told = line.split(b" ", 2)
        fields = json.loads(told)
        for offset, length, digest in places.get((fields["url"].encode(), stamp), [])[:1]:
            fields |= {"offset": str(offset), "length": str(length), "digest": digest.decode() or fields["digest"]}
            made.append(b" ".join((surt, stamp, json.dumps(fields).encode())))
    return b"".join(sorted(line + b"\n" for line in made))


def test_what_nobody_has_changed_is_whole_with_and_without_its_archive(made: Path, wacz: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert found(wacz, made) == found(wacz, tmp_path / "nowhere") == []
        assert found(wacz, made, "warning") == found(wacz, tmp_path / "nowhere", "warning") == []
        changed(wacz, lambda parts: None)


def test_one_thread_of_several_and_an_archive_that_has_gone_on(made: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(made, tmp_path / "archive")
    with Archive.open(folder, now=later(days=2)) as archive:
        one = export_wacz(archive, [URL], tmp_path / "one.wacz").path
        world = Mastodon()
        world.thread(4)
        capture.archive(archive, URL, keeping(world), lambda: later(days=3))
    assert found(one, folder) == []
    assert "note no 4 of" in next((folder / "threads").glob("*ann*.md")).read_text()


def swap_addresses(parts: Parts) -> None:
    one, two = (
        parts.at(b"msgtype=response", b"/api/v1/statuses/"),
        parts.at(b"msgtype=response", b"/accounts/109/statuses"),
    )
    urls = [re.search(rb"WARC-Target-URI: \S+", parts.records[number])[0] for number in (one, two)]  # type: ignore[index]
    parts.change(one, urls[0], urls[1])
    parts.change(two, urls[1], urls[0])


def another_address(parts: Parts) -> None:
    parts.change_all(
        b"https://social.example/api/v1/statuses/112150000000000001", b"https://other.example/api/v1/statuses/1"
    )


def dates_of_2017(parts: Parts) -> None:
    parts.records = [re.sub(rb"WARC-Date: 2026", b"WARC-Date: 2017", record) for record in parts.records]


def a_header_more(parts: Parts) -> None:
    number = parts.at(b"msgtype=response", b"/accounts/109/statuses")
    parts.change(number, b"\r\n\r\n[", b"\r\nX-Signed: by the host\r\n\r\n[")


def another_status(parts: Parts) -> None:
    number = parts.at(b"msgtype=response", b"/accounts/109/statuses")
    parts.change(number, b"HTTP/1.1 200", b"HTTP/1.1 404")


def another_request(parts: Parts) -> None:
    number = parts.at(b"msgtype=request", b"/accounts/109/statuses")
    parts.change(number, b"GET /api", b"GET /private/api")


def another_operator(parts: Parts) -> None:
    parts.change(0, b"operator: J. Doe", b"operator: R. Roe")
    parts.change(0, b"archiver-outcome: ", b"archiver-outcome: un")


def another_url(parts: Parts) -> None:
    parts.change(0, b"archiver-url: https://social.example", b"archiver-url: https://other.example")


def a_run_less(parts: Parts) -> None:
    first, second = (
        (
            number
            for number, record in enumerate(parts.records)
            if b"archiver-outcome: failed" in record or b"archiver-outcome: partial" in record
        )
        if False
        else (0, 0)
    )
    starts = [number for number, record in enumerate(parts.records) if b"WARC-Type: warcinfo" in record]
    first, second = starts[1], starts[2]
    parts.records[first:second] = []
    number = parts.at(b"archiver-made: pages")
    parts.records[number] = re.sub(rb"(archiver-runs: \S+) \S+", rb"\1", parts.records[number])


def a_conversion(parts: Parts) -> None:
    number = parts.at(b"msgtype=response", b"/accounts/109/statuses")
    more = parts.records[number].replace(b"WARC-Type: response", b"WARC-Type: conversion")
    parts.records.insert(number + 1, more.replace(b"uuid:", b"uuid:0"))


def records_before_the_first_run(parts: Parts) -> None:
    parts.records.insert(0, parts.records[parts.at(b"msgtype=response", b"/accounts/109/statuses")])


def a_second_warc(parts: Parts) -> None:
    parts.files["archive/more.warc"] = redigested(
        parts.records[parts.at(b"msgtype=response", b"/accounts/109/statuses")]
    )


def another_text(parts: Parts) -> None:
    parts.files[written.PAGES] = parts.files[written.PAGES].replace(b"note no 2 of", b"note no 7 of")


def another_page(parts: Parts) -> None:
    parts.change(parts.at(b"thread-archiver.invalid/pages/2026-03-12_ann"), b"note no 2 of", b"note no 7 of")


def another_address_of_a_page(parts: Parts) -> None:
    parts.files[written.PAGES] = parts.files[written.PAGES].replace(f'"{URL}"'.encode(), b'"https://other.example/"')


def a_line_less(parts: Parts) -> None:
    lines = parts.files[written.INDEX].splitlines(keepends=True)
    parts.files[written.INDEX] = b"".join(line for line in lines if b"/accounts/109/statuses" not in line)


def all_foreign(parts: Parts) -> None:
    parts.change_all(b"archiver-run: ", b"another-run: ")
    parts.change_all(b"note no 2 of", b"note no 7 of")


def another_picture(parts: Parts) -> None:
    number = parts.at(b"WARC-Type: revisit")
    refers = re.findall(rb"WARC-Refers-To-Target-URI: (\S+)", b"".join(parts.records))
    mine = re.search(rb"WARC-Refers-To-Target-URI: (\S+)", parts.records[number])[1]  # type: ignore[index]
    parts.change(number, mine, next(url for url in refers if url != mine))


def a_file_more(parts: Parts) -> None:
    parts.files["pages/extraPages.jsonl"] = b'{"url": "https://other.example/"}\n'


def an_older_look(parts: Parts) -> None:
    """Take our own pages away, as if an earlier version had written it, and change the text."""
    del parts.records[parts.at(b"archiver-made: pages") :]
    head, *lines = parts.files[written.PAGES].splitlines(keepends=True)
    text = next(line for line in lines if b"note no 2 of" in line)
    parts.files[written.PAGES] = head + text.replace(b"note no 2 of", b"note no 7 of")


ATTACKS = (
    swap_addresses,
    another_address,
    dates_of_2017,
    a_header_more,
    another_status,
    another_request,
    another_operator,
    another_url,
    a_conversion,
    records_before_the_first_run,
    a_second_warc,
    a_line_less,
    all_foreign,
    another_picture,
    a_file_more,
)
# Whoever made the file can have made these as they liked: only the archive tells.
WITH_THE_ARCHIVE = (a_run_less, another_text, another_page, another_address_of_a_page, an_older_look)


@pytest.mark.parametrize("act", ATTACKS)
def test_a_change_is_found_without_the_archive_too(
    made: Path, wacz: Path, tmp_path: Path, act: Callable[[Parts], None]
) -> None:
    changed(wacz, act)
    alone, compared = found(wacz, tmp_path / "nowhere"), found(wacz, made)
    assert alone != []
    assert compared != []
    assert not any("cannot be read" in line for line in (*alone, *compared))  # it is what was meant that is found


@pytest.mark.parametrize("act", WITH_THE_ARCHIVE)
def test_what_is_made_and_not_sealed_is_compared_with_the_archive(
    made: Path, wacz: Path, tmp_path: Path, act: Callable[[Parts], None]
) -> None:
    changed(wacz, act)
    assert found(wacz, made) != []
    assert any("compared where the archive is at hand" in line for line in found(wacz, tmp_path / "nowhere", "note"))


def test_a_file_of_another_program_is_said_to_be_sealed_by_nobody(wacz: Path, made: Path) -> None:
    def act(parts: Parts) -> None:
        all_foreign(parts)
        del parts.records[parts.at(b"archiver-made: pages") :]
        parts.records = [record for record in parts.records if b"WARC-Type: warcinfo" not in record]
        package = json.loads(parts.files[written.PACKAGE])
        parts.files[written.PACKAGE] = json.dumps({**package, "software": "another"}).encode()

    changed(wacz, act)
    assert found(wacz, made) == []
    assert found(wacz, made, "warning") == [
        "warning: no run of this program is in it: nothing is sealed, and only its own digests were checked"
    ]


def test_pages_of_another_version_are_not_called_forged(wacz: Path, made: Path) -> None:
    def act(parts: Parts) -> None:
        number = parts.at(b"archiver-made: pages")
        parts.records[number] = re.sub(
            rb"software: thread-archiver [^;]+", b"software: thread-archiver 9.9", parts.records[number]
        )

    changed(wacz, act)
    assert found(wacz, made) == []
    assert (
        "its pages were made by thread-archiver 9.9, and this version makes others" in found(wacz, made, "warning")[0]
    )


def told_otherwise(path: Path, name: str = written.PACKAGE, **more: object) -> Path:
    """Change what the package says of the file, and repair its digest."""
    with zipfile.ZipFile(path) as container:
        files = {one: container.read(one) for one in container.namelist()}
    if name == written.PACKAGE:
        files[name] = json.dumps(json.loads(files[name]) | more).encode()
        files[written.DIGEST] = written.package_digest(files[name])
    else:
        files[name] = json.dumps(json.loads(files[name]) | more).encode()
    with zipfile.ZipFile(path, "w") as container:
        for one, content in files.items():
            container.writestr(one, content)
    return path


@pytest.mark.parametrize("name", ["title", "created", "mainPageUrl", "mainPageDate"])
def test_what_the_package_says_of_the_file_is_compared(made: Path, wacz: Path, tmp_path: Path, name: str) -> None:
    told_otherwise(wacz, **{name: "2017-05-03T00:00:00Z"})
    assert [line for line in found(wacz, made) if f"says {name}: '2017-05-03T00:00:00Z', and" in line]
    assert "title, time and first page in datapackage.json" in " ".join(found(wacz, tmp_path / "nowhere", "note"))


def test_what_nobody_vouches_for_is_named_without_the_archive_too(made: Path, wacz: Path, tmp_path: Path) -> None:
    told_otherwise(wacz, description="Sworn by a notary")
    told_otherwise(wacz, written.DIGEST, signedData={"domain": "court.example"})
    wacz.write_bytes(b"#!/bin/sh\n" + wacz.read_bytes())
    for folder in (made, tmp_path / "nowhere"):
        said = "\n".join(found(wacz, folder))
        assert "datapackage.json says description, which this program does not write" in said
        assert "datapackage-digest.json says signedData, which this program does not write" in said
        assert "bytes stand before the first file in it" in said
