"""Fixtures that several tests share."""

import gc
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from attacks import make
from cases import FIXTURES
from hypothesis import settings
from samples import NOON
from shelf import Shelf, shelf
from web import World

from archiver.store.store import Archive
from archiver.verbs import imports

# The same examples each time, however busy the machine is; `--hypothesis-profile=default` looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

# What a shell starts in the background is deaf to Ctrl-C, and so would be all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def swept() -> Iterator[None]:
    """Nothing that earlier tests have left is collected in this one: destructors fail where a test fills the stack."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where an archive is to be; nothing is there yet."""
    return tmp_path / "an archive"


@pytest.fixture
def archive(folder: Path) -> Iterator[Archive]:
    """A new archive in `folder`, open for writing."""
    with Archive.open(folder, now=NOON) as archive:
        yield archive


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a storm and a thread; nothing in it is changed."""
    folder = tmp_path_factory.mktemp("archive")
    with Archive.open(folder, now=NOON) as archive:
        for case in (FIXTURES / "x" / "storm-by-search", FIXTURES / "mastodon" / "everything-a-post-can-hold"):
            imports.import_recording(archive, case, lambda: NOON)
    return folder


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of several runs, to be copied; see `attacks.make`."""
    folder = tmp_path_factory.mktemp("original") / "archive"
    make(folder)
    return folder


@pytest.fixture
def world() -> World:
    """What a client needs beside the network: a clock that sleeping moves, and a list for what it keeps."""
    return World()


@pytest.fixture
def host() -> Iterator[Shelf]:
    """A host of files."""
    with shelf() as opened:
        yield opened
