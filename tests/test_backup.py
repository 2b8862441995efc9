"""A copy of the whole archive: while a writer is at work, verified, and never half of one."""

import json
import sqlite3
from pathlib import Path

import pytest
from cases import FIXTURES
from samples import NOON, a_post, a_thread, later, saved, sql

from archiver.cli import main as cli
from archiver.errors import ArchiveError, UsageError
from archiver.layout import FOLDERS
from archiver.options import Options
from archiver.publish import FORMS
from archiver.store.database import Database
from archiver.store.store import Archive
from archiver.verbs.attach import attach
from archiver.verbs.backup import backup
from archiver.verbs.recovery import recovered


@pytest.fixture
def full(archive: Archive, tmp_path: Path) -> Archive:
    """An archive with a thread, a file beside it, a document, a seal and settings."""
    saved(archive, a_thread())
    (tmp_path / "a.pdf").write_bytes(b"%PDF-")
    attach(archive, "1", tmp_path / "a.pdf", "", NOON)
    for name in ("threads/1.md", "seals/1-ab.head", "index-2026.md", "archiver.toml", "media/x.part"):
        (archive.folder / name).parent.mkdir(exist_ok=True)
        (archive.folder / name).write_text("token = 'canary'")
    return archive


def problems(findings: object) -> list[str]:
    return [str(finding) for finding in findings if finding.level == "problem"]  # type: ignore[attr-defined]


def test_all_is_copied_but_what_may_hold_tokens(full: Archive, tmp_path: Path) -> None:
    target = tmp_path / "far" / "copy"
    with Archive.read(full.folder) as reader:
        copied = backup(reader, target, NOON)
    assert problems(copied.findings) == []
    assert copied.entry == full.ledger.head()
    names = sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
    [media] = [name for name in names if name.startswith("media/")]
    [document] = [name for name in names if name.startswith("threads/2")]
    own = ["archive.db", "index-2026.md", media, "seals/1-ab.head", document, "threads/1.md"]
    assert names == sorted([".exported.json", *own])
    assert copied.files == len(names)
    assert [path.name for path in target.parent.iterdir()] == ["copy"]
    with Archive.open(target, now=later(days=1)) as copy:
        assert copy.document("1") == full.document("1")
        saved(copy, a_thread(a_post(5)), days=1)
    assert len(full.threads()) == 1


@pytest.mark.parametrize("name", ["copy", "media/copy", "threads/../deep/copy"])
def test_no_backup_lies_within_its_archive(full: Archive, name: str) -> None:
    before = sorted(full.folder.rglob("*"))
    with pytest.raises(UsageError, match="is within the archive itself"):
        backup(full, full.folder / name, NOON)
    assert sorted(full.folder.rglob("*")) == before


def test_the_disk_that_is_full_is_named(full: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Database.opened

    def small(path: Path, mode: str) -> Database:
        opened = real(path, mode)
        if mode == "rwc":
            opened.execute("PRAGMA max_page_count = 3")
        return opened

    monkeypatch.setattr(Database, "opened", small)
    with pytest.raises(ArchiveError, match="cannot grow: the disk is full") as caught:
        backup(full, tmp_path / "far" / "copy", NOON)
    assert str(caught.value).startswith(str(tmp_path / "far"))
    assert list((tmp_path / "far").iterdir()) == []


def test_what_was_written_for_readers_is_copied_and_known_in_the_copy(tmp_path: Path) -> None:
    place, copy = tmp_path / "archive", tmp_path / "copy"

    def run(*words: object) -> int:
        return cli.run([*map(str, words)])

    assert run("--archive", place, "import", FIXTURES / "bluesky" / "nine-boxes") == 0
    for form in FORMS.values():
        assert form.folder in FOLDERS
    for options in (("--mode", "article"), ("--format", "html"), ("--format", "csv")):
        assert run("--archive", place, "export", *options) == 0
    assert run("--archive", place, "backup", copy) == 0
    kept = {path.relative_to(place) for path in place.rglob("*") if path.is_file()}
    assert kept - {path.relative_to(copy) for path in copy.rglob("*")} == {Path("archive.lock")}
    (tmp_path / "note.txt").write_text("seen")
    assert run("--archive", copy, "attach", "1", tmp_path / "note.txt") == 0
    assert [path.name for path in (copy / "threads").glob("*.new*")] == []


def test_a_writer_at_work_does_not_disturb(full: Archive, tmp_path: Path) -> None:
    run = full.begin("https://social.example/@ann/5", Options(), later(days=1))
    with Archive.read(full.folder) as reader:
        copied = backup(reader, tmp_path / "copy", later(days=1))
    assert problems(copied.findings) == []
    full.finish(run, "failed", [], later(days=1))
    with recovered(tmp_path / "copy", now=later(days=2)) as (copy, _):
        assert sql(copy, f"SELECT outcome FROM _runs WHERE id = '{run}'") == [("interrupted",)]


def test_nothing_is_overwritten(full: Archive, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("there", "link", "a.pdf"):
        with pytest.raises(UsageError, match="is there already"):
            backup(full, tmp_path / name, NOON)
    assert list((tmp_path / "there").iterdir()) == []


def test_where_nothing_can_be_written_nothing_is_left(full: Archive, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot copy to "):
        backup(full, tmp_path / "a.pdf" / "copy", NOON)
    (full.folder / "media" / "dangling").symlink_to("nowhere")
    with pytest.raises(ArchiveError, match="cannot copy to "):
        backup(full, tmp_path / "copy", NOON)
    assert not list(tmp_path.glob(".copy*"))
    assert not (tmp_path / "copy").exists()


def test_damage_is_copied_and_found(full: Archive, tmp_path: Path) -> None:
    [file] = [path for path in (full.folder / "media").rglob("*.pdf")]
    file.write_bytes(b"%PDF+")
    copied = backup(full, tmp_path / "copy", NOON)
    assert len(problems(copied.findings)) == 1
    assert file.name in problems(copied.findings)[0]


def test_an_empty_archive_can_be_copied(archive: Archive, tmp_path: Path) -> None:
    copied = backup(archive, tmp_path / "copy", NOON)
    assert (copied.entry, copied.files, problems(copied.findings)) == (None, 1, [])


def test_the_command_prints_the_receipt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--archive", str(tmp_path / "archive")]
    assert cli.run([*place, "import", str(FIXTURES / "bluesky" / "nine-boxes")]) == 0
    capsys.readouterr()
    assert cli.run([*place, "backup", str(tmp_path / "copy")]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{tmp_path / 'copy'}: 8 files, ")
    assert "\n  receipt 1:" in out
    assert out.endswith("\n  verified: no problem was found up to entry 1\n")
    assert cli.run([*place, "backup", str(tmp_path / "copy")]) == 2
    with sqlite3.connect(tmp_path / "archive" / "archive.db") as db:
        db.execute("DROP TRIGGER _ledger_update")
        db.execute("UPDATE _ledger SET added_at = 'x', hash = hash || '0'")
    capsys.readouterr()
    assert cli.run([*place, "backup", str(tmp_path / "other"), "--json"]) == 7
    said = capsys.readouterr()
    assert json.loads(said.out)["problems"] == len(said.err.splitlines()) > 0
    assert cli.run(["--archive", str(tmp_path / "none"), "backup", str(tmp_path / "third")]) == 2
