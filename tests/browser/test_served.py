"""What `archiver serve` shows, in a real browser: every kind of its pages is accessible, valid and silent."""

import json
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote

import pytest
from cases import FIXTURES

from archiver.options import Options
from archiver.store.store import Archive
from archiver.verbs import imports
from archiver.verbs.serve import server

from .chrome import Chrome
from .install import HOME
from .made import MORNING, PAGES

pytestmark = pytest.mark.browser

CASES = ("x/storm-by-search", "mastodon/everything-a-post-can-hold")
KINDS = ("all", "found", "nothing-found", "storm", "versions", "not-found")


WATCHED = """(() => {
    const film = document.querySelectorAll('video')[%d];
    const seen = new Promise(done => {
        film.onloadedmetadata = () => { film.currentTime = 2 };
        film.onseeked = () => done([Math.round(film.currentTime), film.videoWidth]);
        film.onerror = () => done(film.error.message);
    });
    film.load();
    film.preload = 'auto';
    return Promise.race([seen, new Promise(late => setTimeout(() => late('nothing'), 9000))]);
})()"""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A running server; yields its address."""
    with server(folder, 0) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of a running server's pages, by their kinds."""
    folder = tmp_path_factory.mktemp("archive")
    with Archive.open(folder, now=MORNING) as archive:
        for case in CASES:
            imports.import_recording(archive, FIXTURES / case, lambda: MORNING)
        storm, thread = (quote(one.id, safe="") for one in archive.threads())
    with serving(folder) as at:
        paths = ("/", "/?q=hour", "/?q=" + quote('<b>"x'), f"/pages/{storm}", f"/pages/{thread}", "/nothing")
        yield {kind: at + path for kind, path in zip(KINDS, paths, strict=True)}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_accessible_fits_and_asks_nobody_else(
    tab: Chrome, pages: dict[str, str], kind: str, dark: bool
) -> None:
    for width in (1280, 390):
        tab.open(pages[kind], width=width, height=844 if width < 600 else 900, dark=dark)
        assert tab.run("document.documentElement.scrollWidth") <= width
        tab.shoot(HOME / "shots" / f"serve-{kind}-{width}-{'dark' if dark else 'light'}.png")
    tab.run(f"{(HOME / 'node_modules' / 'axe-core' / 'axe.min.js').read_text(encoding='utf-8')}\n;0")
    assert tab.run("axe.run(document).then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))") == []
    own = (pages["all"], "data:")
    assert [url for url in tab.requests if not url.startswith(own)] == []
    assert [words for words in tab.complaints if kind != "not-found" or " 404 " not in words] == []


def test_html_validate_finds_nothing(tab: Chrome, pages: dict[str, str], tmp_path: Path) -> None:
    for kind, address in pages.items():
        (tmp_path / f"{kind}.html").write_bytes(body_of(address))
    (tmp_path / ".htmlvalidate.json").write_text(json.dumps({"extends": ["html-validate:standard"], "root": True}))
    command = [str(HOME / "node_modules" / ".bin" / "html-validate"), *(f"{kind}.html" for kind in KINDS)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:]


def test_a_film_is_watched_from_its_middle(tab: Chrome, tmp_path: Path) -> None:
    made = PAGES["full-of-media"](tmp_path)
    with Archive.open(tmp_path, now=MORNING) as archive:
        run = archive.begin(made.thread.url, Options(), MORNING)
        id_ = archive.save(run, made.thread)
        archive.finish(run, "complete", [], MORNING)
    with serving(tmp_path) as at:
        tab.open(f"{at}/pages/{quote(id_, safe='')}")
        for number in (0, 1):
            assert tab.run(WATCHED % number) == [2, 320]
        assert [url for url in tab.requests if not url.startswith((at, "data:"))] == []


def body_of(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return bytes(answer.read())
    except HTTPError as refused:
        return refused.read()


def test_a_search_leads_to_the_post(tab: Chrome, pages: dict[str, str]) -> None:
    tab.open(pages["all"])
    tab.run("document.querySelector('input').value = 'wait one hour'; document.forms[0].requestSubmit()")
    tab.run("new Promise(done => setTimeout(done, 500))")
    link = "document.querySelector('.found a')"
    assert tab.run(f"{link}.textContent") == "Post 22"
    tab.open(tab.run(f"{link}.href"))
    top = "document.getElementById('post-22').getBoundingClientRect().top"
    assert -5 <= tab.run(f"new Promise(done => setTimeout(() => done({top}), 300))") <= 300
