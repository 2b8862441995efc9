"""What Windows does otherwise, done to this machine: it renames no open file, opens no folder, and has no `fchmod`."""

import builtins
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cases import FIXTURES

from archiver import cli

NINE_BOXES = FIXTURES / "bluesky" / "nine-boxes"


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The three differences."""
    opened: list[Any] = []
    real_open, real_os_open, real_replace = io.open, os.open, os.replace

    def watching(*arguments: Any, **options: Any) -> Any:
        file = real_open(*arguments, **options)
        opened.append(file)
        return file

    def no_folders(path: Any, *arguments: Any, **options: Any) -> int:
        if Path(path).is_dir():
            raise PermissionError(13, "Permission denied", str(path))
        return real_os_open(path, *arguments, **options)

    def replace(source: Any, target: Any) -> None:
        taken = {os.path.abspath(file.name) for file in opened if not file.closed and isinstance(file.name, str | Path)}
        if {os.path.abspath(source), os.path.abspath(target)} & taken:
            raise PermissionError(13, "The process cannot access the file because it is being used by another process")
        real_replace(source, target)

    for module in (builtins, io):
        monkeypatch.setattr(module, "open", watching)
    monkeypatch.setattr(os, "open", no_folders)
    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.delattr(os, "fchmod")


def taken_in(place: Path) -> None:
    assert cli.run(["--archive", str(place), "import", str(NINE_BOXES)]) == 0


def exported(place: Path) -> None:
    assert cli.run(["--archive", str(place), "export", "--wacz", str(place.parent / "a.wacz")]) == 0


def published(place: Path) -> None:
    assert cli.run(["--archive", str(place), "export", "--out", str(place.parent / "site")]) == 0


def attached(place: Path) -> None:
    (place.parent / "note.txt").write_text("seen")
    assert cli.run(["--archive", str(place), "attach", "1", str(place.parent / "note.txt")]) == 0


def backed_up(place: Path) -> None:
    assert cli.run(["--archive", str(place), "backup", str(place.parent / "copy")]) == 0


@pytest.mark.parametrize("command", [exported, published, attached, backed_up])
@pytest.mark.usefixtures("windows")
def test_all_that_is_written_can_be_written_on_windows(tmp_path: Path, command: Callable[[Path], None]) -> None:
    place = tmp_path / "archive"
    taken_in(place)
    command(place)
    assert cli.run(["--archive", str(place), "verify"]) == 0
    assert not [path for path in tmp_path.rglob("*.part") if path.is_file()]
