"""What a page costs, as ratios: python -m tests.bench_pages (process time, median of the rounds; in a Chromium too)."""

import tempfile
from pathlib import Path
from statistics import median

from archiver.errors import UsageError
from archiver.exporters.markdown import render
from archiver.exporters.page.thread import page
from tests.bench_store import timed
from tests.browser.chrome import chrome, loopback
from tests.browser.made import long

SHORT, LONG, ROUNDS = 200, 2000, 5


def paints(folder: Path) -> dict[str, float]:
    """Return when a Chromium shows the first screen, in milliseconds, of a short page and of a long one."""
    with chrome() as tab, loopback(folder) as address:
        tab.first_paint(f"{address}/{SHORT}.html")  # the browser itself has to warm up
        return {
            name: median(tab.first_paint(f"{address}/{name}.html") for _ in range(ROUNDS)) for name in ("200", "2000")
        }


def main() -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short, large = long(SHORT)(folder), long(LONG)(folder)
        for made in (short, large):
            (folder / f"{len(made.thread.nodes)}.html").write_text(page(made), encoding="utf-8")
        markdown, pages, small = (
            median(timed(lambda act=act, made=made: act(made)) for _ in range(ROUNDS))
            for act, made in ((render, large), (page, large), (page, short))
        )
        print(f"{'a page of 2,000 posts / its Markdown':45} {pages / markdown:8.2f}")
        print(f"{'a page of 2,000 posts / ten of 200':45} {pages / small / 10:8.2f}")
        try:
            shown = paints(folder)
        except UsageError as missing:
            print(f"in a browser: {missing}")
        else:
            print(f"{'first screen of 2,000 posts, milliseconds':45} {shown['2000']:8.0f}")
            print(f"{'first screen of 2,000 posts / of 200':45} {shown['2000'] / shown['200']:8.2f}")


if __name__ == "__main__":
    main()
