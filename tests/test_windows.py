"""What Windows does otherwise, done to this machine: it renames no open file, opens no folder, and has no `fchmod`."""

import builtins
import io
import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cases import FIXTURES
from samples import ANN, a_post, a_thread

from archiver.cli import main as cli
from archiver.errors import ArchiveError
from archiver.exporters.file_names import account_name, file_name
from archiver.store import lock

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


def test_a_lock_says_who_holds_it_wherever_the_system_has_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows locks a byte far behind the text, and stays there where it is refused."""
    (tmp_path / "archive.lock").write_text("4711\n")

    def refused(file: int) -> None:
        os.lseek(file, 1 << 20, os.SEEK_SET)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(lock, "_take", refused)
    with pytest.raises(ArchiveError, match=r"another archiver \(process 4711\) is writing"):
        lock.lock(tmp_path / "archive.lock")
    with pytest.raises(ArchiveError, match=r"cannot be locked \(Permission denied\); is it on a network drive"):
        lock.lock(tmp_path / "other.lock")


RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


@pytest.mark.parametrize("handle", ["con", "AUX", "nul.example", "com1", "lpt9@social.example", "a:b|c?d", "ann. "])
def test_no_file_has_a_name_that_windows_reserves_or_refuses(handle: str) -> None:
    thread = a_thread(a_post(1, author=replace(ANN, handle=handle)), author=replace(ANN, handle=handle))
    for name in (file_name(thread), account_name(handle)):
        assert not RESERVED.fullmatch(name)
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]|[. ]$', name)


def test_time_zones_are_there_on_windows() -> None:
    project = tomllib.loads((FIXTURES.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [one for one in project["dependencies"] if one.startswith("tzdata") and 'sys_platform == "win32"' in one]
