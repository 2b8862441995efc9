"""Films by PyAV (FFmpeg), in an environment of its own: made when they are needed, and played where they are kept."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .machine import HOW_TO_INSTALL, INSTALLED, Unavailable, place, python_packages, run

HOME = INSTALLED / "films"
PACKAGES = ("av==18.1.0",)
SCRIPT = Path(__file__).parent / "make_film.py"


def install() -> None:
    """Brings PyAV from PyPI, unless exactly this one is here already."""
    python_packages(HOME, *PACKAGES)


@contextmanager
def made() -> Iterator[Path]:
    """A folder with `film.mp4` and the same film in pieces, `hls/playlist.m3u8`, for as long as the block lasts."""
    with place("films") as folder:
        _run("make", folder)
        yield folder


def look(path: Path) -> dict[str, Any]:
    """What is seen and heard when a file or a playlist is played: frames, their size, samples."""
    seen: dict[str, Any] = json.loads(_run("look", path))
    return seen


def _run(verb: str, path: Path) -> str:
    if not (HOME / "installed").exists():
        raise Unavailable(f"PyAV is not installed: {HOW_TO_INSTALL}")
    return run(str(HOME / "bin" / "python"), "-I", str(SCRIPT), verb, str(path))
