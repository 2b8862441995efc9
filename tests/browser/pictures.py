"""The pictures in the documentation, taken anew: `python -m tests.browser.pictures`.

Of the bundled storm: the first screen of its page, its timeline, and the list of all that is bundled.
"""

import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

from archiver import pipeline
from archiver.exporters.style import Style
from archiver.publish import Choice, publish
from archiver.store.store import Archive
from tests.bench_store import NOON
from tests.cases import FIXTURES

from .chrome import Chrome, chrome

DOCS = Path(__file__).parents[2] / "docs"
BUNDLED = ("x/storm-by-search", "bluesky/nine-boxes", "mastodon/nine-boxes", "bluesky/deleted-in-the-middle")


def take(tab: Chrome, site: Path) -> None:
    """Take all pictures."""
    storm = next((site / "pages").glob("*storm*.html"))
    tab.open(storm.as_uri())
    tab.shoot(DOCS / "storm-page.png")
    tab.open((site / "index.html").as_uri(), height=620)
    tab.shoot(DOCS / "storm-list.png")
    picture = next((site / "threads").glob("*storm*.svg"))
    tab.open(picture.as_uri(), width=960, height=110)
    tab.shoot(DOCS / "storm-timeline.png")


def main() -> None:
    """Export what is bundled, and look at it."""
    with tempfile.TemporaryDirectory() as name, chrome() as tab:
        place, site = Path(name) / "archive", Path(name) / "site"
        with Archive.open(place, now=NOON) as archive:
            for case in BUNDLED:
                pipeline.import_recording(archive, FIXTURES / case)
            for form in ("record", "html"):
                choice = Choice(form=form, style=Style(zone=ZoneInfo("America/New_York")))
                list(publish(archive, [], site, choice))
        take(tab, site)


if __name__ == "__main__":
    main()
