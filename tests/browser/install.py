"""Installs what looks at the pages, where it is not there yet: `python -m tests.browser.install`.

Chromium, pdftotext and pdfimages come from Debian (as root, or by sudo without a password), axe-core, html-validate and
ReplayWeb.page from npm into .browser/, PyAV, which makes films, and py-wacz from PyPI into .servers/. What cannot be
installed is named; only where the environment says CI is that an error.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tests.servers import films, wacz
from tests.servers.install import _as_root
from tests.servers.machine import Failed, Unavailable, run, tool

from . import viewer

HOME = Path(__file__).parents[2] / ".browser"
RECIPE = Path(__file__).parent / "npm"
PROGRAMS = {"chromium": "chromium", "npm": "npm", "pdftotext": "poppler-utils"}  # program -> Debian package
FONTS = {"dejavu": "fonts-dejavu-core", "noto/NotoColorEmoji.ttf": "fonts-noto-color-emoji"}  # file -> Debian package


def packages() -> None:
    """Installs the Debian packages that are missing."""
    wanted = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    wanted += [package for font, package in FONTS.items() if not (Path("/usr/share/fonts/truetype") / font).exists()]
    if wanted:
        _as_root("apt-get", "-qq", "update")
        _as_root("apt-get", "-qq", "--yes", "--no-install-recommends", "install", *wanted)


def checkers() -> None:
    """Brings the checkers from npm, unless exactly these are here already."""
    lock = RECIPE / "package-lock.json"
    installed = HOME / "installed"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    HOME.mkdir(exist_ok=True)
    for file in (RECIPE / "package.json", lock):
        shutil.copy(file, HOME)
    run(tool("npm", "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", folder=HOME)
    shutil.copy(lock, installed)


STEPS: tuple[Callable[[], None], ...] = (packages, checkers, viewer.install, films.install, wacz.install)


def main() -> int:
    """Takes every step, even where one before it failed."""
    complete = True
    for step in STEPS:
        try:
            step()
        except (Failed, Unavailable) as problem:
            complete = False
            print(f"not installed: {problem}", file=sys.stderr)
    return 1 if not complete and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
