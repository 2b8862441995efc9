"""The pictures in the documentation, taken anew: `python -m tests.browser.pictures`.

Of the bundled storm: its article as GitHub shows it, the first screen of its page, its timeline; and a list of threads.
"""

import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import cmarkgfm

from archiver.exporters.style import Style
from archiver.publish import Choice, publish
from archiver.store.store import Archive
from archiver.verbs import imports
from tests.bench_store import NOON
from tests.cases import FIXTURES

from .chrome import Chrome, chrome

DOCS = Path(__file__).parents[2] / "docs"
BUNDLED = ("x/storm-by-search", "bluesky/nine-boxes", "mastodon/nine-boxes", "bluesky/deleted-in-the-middle")
WIDTH = 960

# What GitHub does to a document, as far as one sees it on the first screen.
GITHUB = """
  body { max-width: 54rem; margin: 0 auto; padding: 2rem; color: #1f2328; background: #fff;
    font: 16px/1.5 -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; }
  h1 { margin: 0 0 1rem; padding-bottom: .3em; border-bottom: 1px solid #d1d9e0; font-size: 2em; line-height: 1.25; }
  p, blockquote { margin: 0 0 1rem; }
  blockquote { padding: 0 1em; color: #59636e; border-left: .25em solid #d1d9e0; }
  a { color: #0969da; }
  img { max-width: 100%; }
"""


def as_on_github(document: Path) -> Path:
    """Write a document beside itself as the page that GitHub makes of it, without its front matter."""
    text = document.read_text(encoding="utf-8").split("\n---\n", 1)[1]
    body = cmarkgfm.github_flavored_markdown_to_html(text)
    made = document.with_suffix(".github.html")
    made.write_text(f'<!doctype html><meta charset="utf-8"><style>{GITHUB}</style>{body}', encoding="utf-8")
    return made


def take(tab: Chrome, site: Path) -> None:
    """Take all pictures."""
    shots = {
        "article": (as_on_github(next((site / "articles").glob("*storm*.md"))), 1400),
        "page": (next((site / "pages").glob("*storm*.html")), 705),
        "list": (site / "index.html", 640),
        "timeline": (next((site / "threads").glob("*storm*.svg")), 110),
    }
    for name, (file, height) in shots.items():
        tab.open(file.as_uri(), width=WIDTH, height=height)
        tab.shoot(DOCS / f"storm-{name}.png")


def main() -> None:
    """Export what is bundled, and look at it."""
    with tempfile.TemporaryDirectory() as name, chrome() as tab:
        place, site = Path(name) / "archive", Path(name) / "site"
        with Archive.open(place, now=NOON) as archive:
            for case in BUNDLED:
                imports.import_recording(archive, FIXTURES / case, lambda: NOON)
            for form in ("record", "article", "html"):
                choice = Choice(form=form, style=Style(zone=ZoneInfo("America/New_York")))
                list(publish(archive, [], site, choice))
        take(tab, site)


if __name__ == "__main__":
    main()
