"""py-wacz, the tool of those who specify WACZ: no server, but 53 packages that nobody wants beside ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .machine import HOW_TO_INSTALL, INSTALLED, Unavailable, python_packages, run

HOME = INSTALLED / "wacz"
PACKAGES = ("wacz==0.6.0",)


def install() -> None:
    """Brings it from PyPI, unless exactly this one is here already."""
    python_packages(HOME, *PACKAGES)


@contextmanager
def installed() -> Iterator[None]:
    """A block in which it is there."""
    if not (HOME / "installed").exists():
        raise Unavailable(f"py-wacz is not installed: {HOW_TO_INSTALL}")
    yield


def validate(path: Path) -> None:
    """Raises Failed where the file is no valid WACZ."""
    run(str(HOME / "bin" / "wacz"), "validate", "-f", str(path))
