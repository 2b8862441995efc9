"""A browser for the whole run, and the pages that it looks at."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.errors import UsageError
from archiver.exporters.listing import listing
from archiver.exporters.page.index import Row, index, words_of
from archiver.exporters.page.thread import page
from tests.servers import films

from .chrome import Chrome, chrome
from .install import HOME
from .made import PAGES


@pytest.fixture(scope="session")
def tab() -> Iterator[Chrome]:
    """A tab; where this machine lacks what is needed the tests are skipped, and in CI they fail."""
    give_up = pytest.fail if os.environ.get("CI") else pytest.skip
    brought = (HOME / "node_modules", films.HOME / "installed")
    if not all(place.exists() for place in brought) or not shutil.which("pdftotext"):
        give_up("run `python -m tests.browser.install`")
    try:
        with chrome() as opened:
            yield opened
    except UsageError as missing:
        give_up(str(missing))


@pytest.fixture(scope="session")
def site(tab: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a page of each kind, their media, and the list of them; without a `tab` there is none."""
    folder = tmp_path_factory.mktemp("site")
    entries = []
    (folder / "pages").mkdir()
    for name, make in PAGES.items():
        made = make(folder)
        text = page(made, home="../index.html")
        (folder / "pages" / f"{name}.html").write_text(text, encoding="utf-8")
        entries.append(Row(listing(made, "html", name), f"pages/{name}.html", words_of(text)))
    (folder / "index.html").write_text(index(entries), encoding="utf-8")
    return folder
