"""A real pywb: a web archive of one's own, with the index of captures and the replays that the Wayback Machine has.

What is another than there, seen on 2.10: its index gives an object a line whatever `output` asks for, has no
`resumeKey`, leaves `status` out of captures that only repeat an earlier one, and counts `limit` without a sign that
there is more. A replay names the time of its capture in `Memento-Datetime`, as RFC 7089 wants it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import requests

from .machine import HOW_TO_INSTALL, INSTALLED, Unavailable, free_port, place, python_packages, run, running

HOME = INSTALLED / "pywb"
PROGRAMS = HOME / "bin"
PACKAGES = ("pywb==2.10.0", "setuptools<81")  # it needs pkg_resources, which newer ones and new Pythons lack
COLLECTION = "kept"
OUTSIDE = re.compile(rf'"GET (/{COLLECTION}/(?:cdx\?|\d+id_/)\S*) HTTP')  # what pywb asks of itself has other paths


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One capture: what an address answered at a time. With `repeats`, the digest alone: the body was the same then."""

    url: str
    time: datetime
    body: str | bytes = ""
    status: str = "200 OK"
    kind: str = "text/html; charset=utf-8"
    repeats: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Pywb:
    """A running archive: the addresses of its index and of its replays, and the log of what it was asked."""

    address: str
    log: Path

    @property
    def index(self) -> str:
        """What `wayback.cdx` is to be."""
        return f"{self.address}/{COLLECTION}/cdx"

    @property
    def replay(self) -> str:
        """What `wayback.replay` is to be."""
        return f"{self.address}/{COLLECTION}"

    def requests(self) -> list[str]:
        """Every request from outside so far, as "GET http://…"."""
        return [f"GET {self.address}{path}" for path in OUTSIDE.findall(self.log.read_text())]


def install() -> None:
    """Brings pywb from PyPI, unless exactly this one is here already."""
    python_packages(HOME, *PACKAGES)


@contextmanager
def archive(visits: Iterable[Visit]) -> Iterator[Pywb]:
    """An archive that has these captures, up for as long as the block lasts."""
    _check()
    with place("captures") as folder:
        warc = folder / "captures.warc.gz"
        told = "\n".join(json.dumps(asdict(visit), default=_plain) for visit in visits)
        # -I: the folder of the script has a module of pywb's name
        run(str(PROGRAMS / "python"), "-I", str(Path(__file__).parent / "write_warc.py"), str(warc), said=told)
        with serving(warc) as found:
            yield found


@contextmanager
def serving(warc: Path) -> Iterator[Pywb]:
    """An archive of what is in a WARC, up for as long as the block lasts."""
    _check()
    port = free_port()
    with place("pywb") as folder:
        run(str(PROGRAMS / "wb-manager"), "init", COLLECTION, folder=folder)
        run(str(PROGRAMS / "wb-manager"), "add", COLLECTION, str(warc), folder=folder)
        found = Pywb(address=f"http://127.0.0.1:{port}", log=folder / "log")
        with running(
            [PROGRAMS / "wayback", "-b", "127.0.0.1", "-p", str(port)],
            ready=lambda: _answers(found),
            log=found.log,
            folder=folder,
        ):
            yield found


def _plain(value: datetime | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value.isoformat()


def _check() -> None:
    if not (HOME / "installed").exists():
        raise Unavailable(f"pywb is not installed: {HOW_TO_INSTALL}")


def _answers(found: Pywb) -> bool:
    try:
        return requests.get(f"{found.replay}/", timeout=5).ok
    except requests.ConnectionError:
        return False
