"""The browsers of this machine: one to show a page in, and a Chromium that prints one without a network."""

import os
import shutil
import subprocess
import tempfile
import webbrowser
from collections.abc import Iterable
from pathlib import Path

from archiver.errors import ArchiveError, UsageError
from archiver.files import write

# Names of Chromium and its kin, the one that Debian has first.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "brave-browser")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PATIENCE = 180  # seconds; thousands of posts with pictures take a while


def show(page: Path) -> bool:
    """Open a page in the user's browser; return whether there is one."""
    return webbrowser.open(page.resolve().as_uri())


def chromium(names: Iterable[str] = (*NAMES, *MAC)) -> str:
    """Return where a Chromium is. Raises UsageError where none is found."""
    program = next((path for name in names if (path := shutil.which(name))), None)
    if program is None:
        raise UsageError(
            "no Chromium or Chrome was found to print with; install one (Debian: apt install chromium), "
            "or open the page with `archiver open` and print it from the browser"
        )
    return program


def pdf(page: Path, target: Path, program: str) -> None:
    """Print a page into a PDF file; the browser cannot reach any host meanwhile.

    Raises ArchiveError where it does not give one.
    """
    with tempfile.TemporaryDirectory(prefix="archiver-pdf-") as workdir:
        draft = Path(workdir, "page.pdf")
        command = [
            *(program, "--headless", "--disable-gpu", f"--user-data-dir={workdir}/profile"),
            *("--host-resolver-rules=MAP * ~NOTFOUND", "--disable-extensions", "--no-first-run"),
            *(
                ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
            ),  # as root it starts in no other way
            *("--no-pdf-header-footer", f"--print-to-pdf={draft}", page.resolve().as_uri()),
        ]
        try:
            printing = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ArchiveError(f"{program} could not print {page}: {type(error).__name__}") from error
        if not draft.exists():
            last = (printing.stderr.strip().splitlines() or [f"it ended with {printing.returncode}"])[-1]
            raise ArchiveError(f"{program} did not print {page}: {last}")
        write(target, draft.read_bytes())
