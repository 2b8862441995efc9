"""Every kind of WACZ of ours in ReplayWeb.page: its list leads to a page that a person can read, with its pictures."""

import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cases import FIXTURES
from samples import NOON, an_exchange, later

from archiver.options import Options
from archiver.store.store import Archive
from archiver.verbs import imports
from archiver.warc.export import export_wacz
from tests.servers import wacz

from . import viewer
from .chrome import Chrome, loopback
from .install import HOME

pytestmark = pytest.mark.browser

# What the viewer is made of lies in shadow roots, and what it shows in a frame within them.
DEEP = """
    window.all = function* (root = document) {
        for (const one of root.querySelectorAll('*')) {
            yield one;
            if (one.shadowRoot) yield* all(one.shadowRoot);
        }
    };
    window.until = async look => {
        for (let tries = 0; tries < 300; tries++) {
            const found = look();
            if (found) return found;
            await new Promise(done => setTimeout(done, 100));
        }
        return null;
    };
    window.entries = () => [...all()].filter(one => one.localName === 'wr-page-entry');
    window.framed = () => [...all()].find(one => one.localName === 'iframe')?.contentDocument;
"""
LISTED = "until(() => entries().length >= %d).then(() => entries().map(one => one.shadowRoot.textContent))"
OPENED = """(async () => {
    const entry = entries().find(one => one.shadowRoot.textContent.includes(%s));
    [...all(entry.shadowRoot)].find(one => one.localName === 'a').click();
    return until(() => framed()?.body?.innerText.includes(%s));
})()"""
PICTURES = """(async () => {
    const pictures = [...framed().images];
    pictures.forEach(one => { one.loading = 'eager' });
    await until(() => pictures.every(one => one.complete && one.naturalWidth));
    return pictures.map(one => one.naturalWidth > 0);
})()"""

BARE = "Herons and boxes: to see it, turn on JavaScript"


def a_thread(folder: Path) -> Path:
    """What is known of a thread by an API alone, with its pictures."""
    with Archive.open(folder / "api", now=NOON) as archive:
        imports.import_recording(archive, FIXTURES / "bluesky/nine-boxes", lambda: NOON)
        return export_wacz(archive, [], folder / "api.wacz").path


def with_its_page(folder: Path) -> Path:
    """The same thread, and the page on which its platform shows it."""
    a_thread(folder)
    with Archive.open(folder / "api", now=NOON) as archive:
        url = archive.threads()[0].url
        run = archive.begin(archive.history.runs()[0].url, Options(), later(days=1))
        shown = an_exchange(url, headers=(("Content-Type", "text/html"),), body=f"<p>{BARE}</p>".encode())
        archive.keep(run)(replace(shown, started_at=later(days=1), finished_at=later(days=1)))
        archive.finish(run, "failed", [], later(days=1))
        return export_wacz(archive, [], folder / "page.wacz").path


def a_storm(folder: Path) -> Path:
    """What an author posted in a stretch of time."""
    with Archive.open(folder / "storm", now=NOON) as archive:
        imports.import_recording(archive, FIXTURES / "x/storm-by-search", lambda: NOON)
        return export_wacz(archive, [], folder / "storm.wacz").path


def an_import(folder: Path) -> Path:
    """What came out of another web archive of ours."""
    source = a_thread(folder)
    with Archive.open(folder / "other", now=NOON) as archive:
        list(imports.import_(archive, source, lambda: NOON))
        return export_wacz(archive, [], folder / "import.wacz").path


@pytest.fixture
def shelf(tab: Chrome, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A folder that is served, with the viewer in it; its address and its path."""
    if not (viewer.HOME / "installed").exists():
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("run `python -m tests.browser.install`")
    viewer.place(tmp_path)
    with loopback(tmp_path) as at:
        yield at, tmp_path


@pytest.mark.parametrize(
    ("make", "words", "pictures"),
    [
        (a_thread, "The @ostermoor-water.test has opened its reading room", 5),
        (with_its_page, "The @ostermoor-water.test has opened its reading room", 5),
        (a_storm, "It's urgent. I have just learned", 5),
        (an_import, "The @ostermoor-water.test has opened its reading room", 5),
    ],
)
def test_the_list_leads_to_a_page_that_can_be_read(
    tab: Chrome, shelf: tuple[str, Path], make: object, words: str, pictures: int
) -> None:
    at, folder = shelf
    path = make(folder)  # type: ignore[operator]
    with zipfile.ZipFile(path) as container:
        _, ours, *platforms = map(json.loads, container.read("pages/pages.jsonl").splitlines())
    tab.open(f"{at}/?source={at}/{path.name}#view=pages")
    tab.run(f"{DEEP};0")
    listed = tab.run(LISTED % (1 + len(platforms)))
    assert len(listed) == 1 + len(platforms)
    assert tab.run(OPENED % (json.dumps(ours["url"]), json.dumps(words)))
    shown = tab.run(PICTURES)
    assert (len(shown) >= pictures, all(shown)) == (True, True), shown
    tab.shoot(HOME / "shots" / f"replay-{make.__name__}.png")  # type: ignore[attr-defined]
    assert [page["url"].startswith("https://") for page in platforms] == [True] * (make is with_its_page)
    for page in platforms:
        tab.open(f"{at}/?source={at}/{path.name}&again#view=pages")
        tab.run(f"{DEEP};0")
        tab.run(LISTED % 2)
        assert tab.run(OPENED % (json.dumps(page["url"]), json.dumps(BARE)))


@pytest.mark.parametrize("make", [a_thread, with_its_page, a_storm, an_import])
def test_py_wacz_finds_it_valid(make: object, tmp_path: Path) -> None:
    if not (wacz.HOME / "installed").exists():
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("run `python -m tests.browser.install`")
    wacz.validate(make(tmp_path))  # type: ignore[operator]
