"""What can be wrong with an archive's folder, its file or its disk."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlite_utils
from samples import NOON, URL, a_post, a_thread, an_exchange, saved

from archiver.errors import ArchiveError
from archiver.layout import DATABASE
from archiver.options import Options
from archiver.store.store import Archive


def test_reading_makes_nothing(folder: Path) -> None:
    with pytest.raises(ArchiveError, match=r"no archive in .*; make one with: archiver save URL"):
        Archive.read(folder)
    assert not folder.exists()


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ArchiveError, match="there is a file of that name"):
            Archive.open(folder, now=NOON)


def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(ArchiveError, match="cannot write to /proc/archive: No such file"):
        Archive.open(Path("/proc/archive"), now=NOON)


@pytest.mark.parametrize("open_", [lambda folder: Archive.open(folder, now=NOON), Archive.read])
def test_a_file_that_is_no_database_is_named_and_left_alone(folder: Path, open_) -> None:
    folder.mkdir()
    (folder / DATABASE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(ArchiveError, match=r"archive\.db is not a database"):
        open_(folder)
    assert (folder / DATABASE).read_bytes().startswith(b"not a database")


@pytest.mark.parametrize("open_", [lambda folder: Archive.open(folder, now=NOON), Archive.read])
@pytest.mark.parametrize("statement", ["CREATE TABLE theirs (id)", "PRAGMA application_id = 77"])
def test_a_database_of_another_program_is_left_alone(folder: Path, open_, statement: str) -> None:
    folder.mkdir()
    with sqlite_utils.Database(folder / DATABASE).conn as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(statement)
    connection.close()
    before = (folder / DATABASE).read_bytes()
    with pytest.raises(ArchiveError, match="a database of another program; choose another folder"):
        open_(folder)
    assert (folder / DATABASE).read_bytes() == before


@pytest.mark.parametrize("open_", [lambda folder: Archive.open(folder, now=NOON), Archive.read])
def test_an_archive_from_a_newer_version_is_not_touched(folder: Path, open_) -> None:
    Archive.open(folder, now=NOON).close()
    change(folder, "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('archiver', 'future', '')")
    with pytest.raises(ArchiveError, match="newer version of this program; update it"):
        open_(folder)


def test_an_archive_from_an_older_version_is_brought_up_to_date_by_a_writer(folder: Path) -> None:
    Archive.open(folder, now=NOON).close()
    change(folder, "DROP VIEW posts_with_context")
    change(folder, "DROP VIEW thread_overview")
    change(folder, "DELETE FROM _sqlite_migrations WHERE name = 'views'")
    with pytest.raises(ArchiveError, match="older version; bring it up to date with: archiver reparse"):
        Archive.read(folder)
    with Archive.open(folder, now=NOON) as archive:
        assert archive.threads() == ()


def change(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / DATABASE, isolation_level=None)
    connection.execute(statement)
    connection.close()


def test_a_second_writer_is_told_who_the_first_is(archive: Archive, folder: Path) -> None:
    with pytest.raises(ArchiveError, match=rf"process {os.getpid()}\) is writing to .*an archive; try again"):
        Archive.open(folder, now=NOON)


def test_the_next_writer_gets_in_when_the_first_has_closed(folder: Path) -> None:
    Archive.open(folder, now=NOON).close()
    with Archive.open(folder, now=NOON) as archive:
        assert archive.begin(URL, Options(), NOON) in {run.id for run in archive.history.runs()}


def test_a_folder_that_could_not_be_opened_is_not_locked(folder: Path) -> None:
    folder.mkdir()
    (folder / DATABASE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(ArchiveError):
        Archive.open(folder, now=NOON)
    (folder / DATABASE).unlink()
    Archive.open(folder, now=NOON).close()


def test_closing_twice_is_no_error(folder: Path) -> None:
    archive = Archive.open(folder, now=NOON)
    archive.close()
    archive.close()
    with Archive.open(folder, now=NOON) as again:
        assert again.history.runs() == ()


def test_a_reader_cannot_write(archive: Archive, folder: Path) -> None:
    with (
        Archive.read(folder) as reader,
        pytest.raises(ArchiveError, match="cannot be written to; check its permissions"),
    ):
        reader.begin(URL, Options(), NOON)


def test_a_full_disk_is_named_and_costs_only_what_was_being_written(archive: Archive) -> None:
    saved(archive, a_thread())
    [(pages,)] = archive._db.rows("PRAGMA page_count")
    archive._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ArchiveError, match="cannot grow: the disk is full"):
        archive.keep(archive.begin(URL, Options(), NOON))(an_exchange(body=os.urandom(100_000)))
    archive._db.execute("PRAGMA max_page_count = 100000")
    saved(archive, a_thread(a_post(5)))
    assert len(archive.threads()) == 2


def test_a_damaged_file_is_named(folder: Path) -> None:
    with Archive.open(folder, now=NOON) as archive:
        saved(archive, a_thread(*map(a_post, range(1, 200))))
    data = bytearray((folder / DATABASE).read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    (folder / DATABASE).write_bytes(data)
    with pytest.raises(ArchiveError, match="is damaged; restore a copy"), Archive.open(folder, now=NOON) as archive:
        archive.threads()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="another user can be taken by root only")
def test_an_archive_in_a_read_only_folder_can_be_read_and_not_written(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    with Archive.open(folder, now=NOON) as archive:
        saved(archive, a_thread())
    script = """
import os, sys
from datetime import datetime, UTC
from pathlib import Path
from archiver.errors import ArchiveError
from archiver.store.store import Archive
os.setuid(65534)
folder = Path(sys.argv[1])
with Archive.read(folder) as archive:
    print(archive.document("1").thread.id)
try:
    Archive.open(folder, now=datetime.now(UTC))
except ArchiveError as error:
    print(error)
"""
    for path in (folder, *folder.parents):
        if path.owner() == "root" and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    (folder / DATABASE).chmod(0o644)  # its owner lets somebody read it
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["1", f"cannot write to {folder}: Permission denied"], done.stderr
