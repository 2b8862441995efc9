"""Imports point down, whatever touches the world has one home, and so has the clock: docs/design.md holds the lists."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

import archiver

PACKAGE = Path(archiver.__file__).parent
DESIGN = (PACKAGE.parent / "docs" / "design.md").read_text(encoding="utf-8")
LAYERS, HOMES = re.findall(r"^```text\n(.*?)^```", DESIGN.split("\n## Layers\n")[1].split("\n## ")[0], re.M | re.S)

LEVELS = {room: level for level, line in enumerate(LAYERS.splitlines()) for room in line.split()}
"""How far down each room is. The lowest is `archiver/__init__.py`, which holds the version."""

HOMES_OF = {
    package: homes.split()
    for packages, homes in (re.split(r" {2,}", line) for line in HOMES.splitlines())
    for package in packages.split()
}
SOURCES = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
CLOCK = re.compile(r"\b(?:datetime|date)\.(?:now|utcnow|today)\(")
REGISTRY = "platforms/__init__.py"
DISTRIBUTIONS = {"bs4": "beautifulsoup4"}  # imported under another name than they are declared
SLOW = {"requests", "bs4", "sqlite_utils", "sqlite3"}


def imported(where: str, source: str) -> Iterator[str]:
    """Every name that a file imports, in full and wherever in the file, for type checkers only too."""
    package = ".".join(["archiver", *where.split("/")[:-1]])
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room_of(where: str) -> str:
    return where.split("/")[0].removesuffix(".py")


def points_down(where: str, name: str) -> bool:
    """Whether a file may import a name of ours: from further down, or from its own package; no platform another one."""
    parts = [*name.split("."), "", ""]
    mine, theirs = room_of(where), parts[1] if parts[1] in LEVELS else "__init__"
    if mine == theirs == "platforms" and where != REGISTRY:
        return parts[2] == where.split("/")[1].removesuffix(".py")
    return mine == theirs or LEVELS[theirs] > LEVELS[mine]


def is_at_home(where: str, name: str) -> bool:
    """Whether a file may import a name that is not ours: from the standard library, or in the home of the package."""
    for package, homes in HOMES_OF.items():
        if f"{name}.".startswith(f"{package}."):
            return any(f"{where.removesuffix('.py')}/".startswith(f"{home}/") for home in homes)
    return name.split(".")[0] in sys.stdlib_module_names


def is_right(where: str, name: str) -> bool:
    return points_down(where, name) if name.split(".")[0] == "archiver" else is_at_home(where, name)


def faults(where: str, source: str) -> list[str]:
    """What a file imports and should not."""
    return [f"{where} imports {name}" for name in imported(where, source) if not is_right(where, name)]


def test_every_room_has_its_level() -> None:
    assert {room_of(where) for where in SOURCES} == set(LEVELS)


def test_every_home_is_there() -> None:
    homes = {home for homes in HOMES_OF.values() for home in homes}
    assert all((PACKAGE / home).is_dir() or (PACKAGE / f"{home}.py").is_file() for home in homes)


def test_imports_point_down_and_every_package_is_at_home() -> None:
    assert [fault for where, source in SOURCES.items() for fault in faults(where, source)] == []


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("text/html.py", "from archiver.threads.assemble import title"),
        ("exporters/terminal.py", "from archiver.store.documents import summaries"),
        ("threads/merge.py", "from archiver import routes"),
        ("threads/join.py", "import archiver.store.rows"),
        ("store/rows.py", "from ..exporters import wording"),
        ("model.py", "if TYPE_CHECKING:\n    from archiver.routes import Ref"),
        ("config.py", "def load():\n    from archiver.model import Post"),
        ("__init__.py", "from archiver.errors import ArchiverError"),
        ("platforms/hackernews.py", "from archiver.platforms.mastodon.calls import FAILED"),
        ("platforms/bluesky/post.py", "from archiver.platforms import find"),
        ("platforms/bluesky/calls.py", "import requests"),
        ("platforms/bluesky/calls.py", "from urllib.request import urlopen"),
        ("platforms/bluesky/calls.py", "from time import sleep"),
        ("capture.py", "import sqlite3"),
        ("http/client.py", "from bs4 import BeautifulSoup"),
        ("errors.py", "import click"),
        ("warc/write.py", "from urllib.parse import urlsplit"),
        ("text/escape.py", "import yaml"),
    ],
)
def test_a_wrong_import_is_found(where: str, line: str) -> None:
    assert len(faults(where, line)) == 1


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("cli/main.py", "from archiver import __version__, collecting"),
        ("store/store.py", "from archiver.store import rows"),
        ("store/store.py", "from . import rows"),
        ("platforms/bluesky/tree.py", "from archiver.platforms.bluesky.post import at_uri"),
        ("platforms/__init__.py", "from archiver.platforms.bluesky.platform import platform"),
        ("platforms/hackernews.py", "from bs4 import BeautifulSoup\nfrom urllib.parse import quote"),
        ("http/message.py", "from bs4 import BeautifulSoup"),
        ("http/wire.py", "import http.client\nfrom requests.adapters import HTTPAdapter"),
    ],
)
def test_a_right_import_is_none_to_complain_of(where: str, line: str) -> None:
    assert faults(where, line) == []


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = (*project["dependencies"], *project["optional-dependencies"]["proof"])
    declared = {re.split("[<>=]", each)[0].replace("-", "_") for each in needed}
    named = {name.split(".")[0] for where, source in SOURCES.items() for name in imported(where, source)}
    data = {"tzdata"}  # what zoneinfo reads where the system has none
    assert {DISTRIBUTIONS.get(name, name) for name in named - sys.stdlib_module_names - {"archiver"}} == declared - data


def test_every_room_is_described() -> None:
    table = DESIGN.split("\n## The rooms\n")[1].split("\n## ")[0]
    described = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.M)))
    assert sorted(described) == sorted(LEVELS.keys() - {"__main__", "__init__"})


def test_only_the_client_reads_the_clock() -> None:
    assert [where for where, source in SOURCES.items() if CLOCK.search(source)] == ["http/client.py"]


def test_packages_begin_empty_save_the_faces_and_the_registry() -> None:
    begun = {where for where, source in SOURCES.items() if where.endswith("__init__.py") and source}
    assert begun == {"__init__.py", REGISTRY, "testing/__init__.py"}


def test_help_loads_none_of_the_slow_packages() -> None:
    # Coverage of the tests themselves would load sqlite3 into the other process as well.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, "-X", "importtime", "-m", "archiver", "--help"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=True)
    loaded = set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.M))
    assert "archiver.cli.main" in loaded
    assert loaded & SLOW == set()
