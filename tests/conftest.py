"""Fixtures that several tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from samples import NOON

from archiver.store.store import Archive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where an archive is to be; nothing is there yet."""
    return tmp_path / "an archive"


@pytest.fixture
def archive(folder: Path) -> Iterator[Archive]:
    """A new archive in `folder`, open for writing."""
    with Archive.open(folder, now=NOON) as archive:
        yield archive
