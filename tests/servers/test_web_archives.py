"""What is exported, by the programs of web archives: py-wacz validates it, pywb shows it."""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pictures
import pytest
import requests
from cases import FIXTURES
from samples import NOON

from archiver.http.message import Exchange
from archiver.store.store import Archive
from archiver.verbs.imports import import_
from archiver.warc.export import export_wacz, export_warc

from . import wacz
from .conftest import started
from .machine import Failed
from .pywb import Pywb, serving

pytestmark = pytest.mark.servers

CASES = ("mastodon/everything-a-post-can-hold", "bluesky/nine-boxes", "x/thread-by-search", "x/storm-by-search")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive of four threads, two of them with pictures."""
    with Archive.open(tmp_path_factory.mktemp("archive"), now=NOON) as archive:
        for case in CASES:
            list(import_(archive, FIXTURES / case, lambda: NOON))
        yield archive


@pytest.fixture(scope="module")
def pywb(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pywb]:
    """A pywb that has our WARC."""
    path = tmp_path_factory.mktemp("warc") / "all.warc.gz"
    export_warc(archive, [], path)
    with ExitStack() as stack:
        yield started(stack, serving(path))


@pytest.fixture
def package(archive: Archive, tmp_path: Path) -> Path:
    """A WACZ of all of it."""
    return export_wacz(archive, [], tmp_path / "all.wacz").path


@pytest.fixture(scope="module")
def _tool() -> None:
    with ExitStack() as stack:
        started(stack, wacz.installed())


@pytest.mark.usefixtures("_tool")
def test_a_wacz_is_valid(package: Path) -> None:
    wacz.validate(package)


@pytest.mark.usefixtures("_tool")
@pytest.mark.parametrize("name", ["pages/pages.jsonl", "archive/data.warc.gz", "indexes/index.cdx"])
def test_a_changed_byte_makes_it_invalid(package: Path, name: str) -> None:
    changed = package.with_name("changed.wacz")
    with zipfile.ZipFile(package) as container, zipfile.ZipFile(changed, "w") as target:
        for info in container.infolist():
            content = bytearray(container.read(info))
            if info.filename == name:
                content[len(content) // 2] ^= 1
            target.writestr(info.filename, bytes(content))
    with pytest.raises(Failed):
        wacz.validate(changed)


def test_pywb_answers_what_was_answered(archive: Archive, pywb: Pywb) -> None:
    answered = [
        exchange
        for run in archive.history.runs()
        for exchange in archive.history.exchanges(run.id)
        if exchange.status == 200 and exchange.request.method == "GET"
    ]
    assert len(answered) > 10
    for exchange in answered:
        assert replayed(pywb, exchange).content == body(archive, exchange)


def test_pywb_shows_the_pictures(archive: Archive, pywb: Pywb) -> None:
    drawn = set(map(pictures.scene, pictures.SCENES))
    shown = [
        replayed(pywb, exchange)
        for run in archive.history.runs()
        for exchange in archive.history.exchanges(run.id)
        if body(archive, exchange) in drawn
    ]
    assert {answer.content for answer in shown} == drawn
    assert {answer.headers["Content-Type"] for answer in shown} == {"image/png"}


def body(archive: Archive, exchange: Exchange) -> bytes:
    """What came, from the database or from its file."""
    return b"".join(archive.media.content(exchange.file)) if exchange.file else exchange.body


def replayed(pywb: Pywb, exchange: Exchange) -> requests.Response:
    """The answer to the same request, out of pywb."""
    return requests.get(f"{pywb.replay}/{exchange.started_at:%Y%m%d%H%M%S}id_/{exchange.url}", timeout=20)
