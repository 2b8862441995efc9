"""An archive on read-only media, as evidence is handed over: what reads it works, what is written is elsewhere."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from cases import FIXTURES

from archiver.cli import browser
from archiver.cli import main as cli

THREAD = "nine-boxes"
MOUNT = [shutil.which("mount") or "false"]


def rights(folder: Path, writable: bool) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod((0o755 if path.is_dir() else 0o644) if writable else (0o555 if path.is_dir() else 0o444))


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Have a folder mounted as a write-protected stick is, or at least without the right to write."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not is_root:
        rights(folder, False)
    elif subprocess.run([*MOUNT, "--bind", folder, folder], check=False).returncode:
        pytest.skip("root may write everywhere, and cannot mount here")
    else:
        subprocess.run([*MOUNT, "-o", "remount,bind,ro", folder], check=True)
    try:
        with pytest.raises(OSError, match=r"(?i)read-only|permission"):
            (folder / "trial").touch()
        yield
    finally:
        if is_root:
            subprocess.run(["umount", folder], check=True)
        else:
            rights(folder, True)


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., SimpleNamespace]:
    def run(*arguments: str) -> SimpleNamespace:
        code = cli.run(["--archive", str(tmp_path / "stick"), *arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    return run


def test_what_reads_works_and_the_page_is_a_copy_elsewhere(
    run: Callable[..., SimpleNamespace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(browser, "show", lambda page: bool(shown.append(page)) or True)
    assert run("import", str(FIXTURES / "bluesky" / THREAD)).code == 0
    assert run("export").code == 0
    with read_only(tmp_path / "stick"):
        for command in (["list"], ["show", "1"], ["verify"], ["verify", "--deep"], ["export"], ["export", "1"]):
            assert run(*command).code == 0, command
        assert run("export", "--out", str(tmp_path / "site"), "--format", "html").code == 0
        assert run("export", "--wacz", str(tmp_path / "x.wacz")).code == 0
        assert run("backup", str(tmp_path / "copy")).code == 0
        done = run("open", "1", "--json")
        assert done.code == 0
        assert done.err.startswith("note: cannot write ")
        assert "the page is a copy elsewhere" in done.err
        [page] = shown
        assert json.loads(done.out)["page"] == str(page)
        assert not page.is_relative_to(tmp_path)
        kept, copied = (files_in(folder / "media") for folder in (tmp_path / "stick", page.parent.parent))
        assert copied == kept != set()
        shutil.rmtree(page.parent.parent)


def test_what_must_be_written_there_is_one_line(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    assert run("import", str(FIXTURES / "bluesky" / THREAD)).code == 0
    with read_only(tmp_path / "stick"):
        for command in (["export", "--format", "csv"], ["reparse"], ["attach", "1", __file__]):
            done = run(*command)
            assert (done.code, done.err.count("\n")) == (2, 1), command
