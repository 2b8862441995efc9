"""The archive: what a run keeps, what a rebuild leaves, and what the usual tools see."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
import sqlite_utils
from hypothesis import HealthCheck, given, settings
from samples import NOON, URL, a_post, a_thread, an_exchange, later, saved, sql, threads

from archiver.errors import ArchiveError
from archiver.layout import DATABASE, LOCK
from archiver.model import Thread
from archiver.options import Options
from archiver.store.audit import Audit
from archiver.store.schema import APPLICATION_ID
from archiver.store.store import Archive
from archiver.verbs.backup import backup


@given(thread=threads())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_thread_comes_back_from_the_disk_as_it_went(tmp_path: Path, thread: Thread) -> None:
    folder = tmp_path / "any"
    shutil.rmtree(folder, ignore_errors=True)
    with Archive.open(folder, now=NOON) as archive:
        id_ = saved(archive, thread)
        assert archive.document(id_).thread == thread
        assert sql(archive, "PRAGMA foreign_key_check") == []
        assert sql(archive, "PRAGMA integrity_check") == [("ok",)]


def test_the_folder_holds_one_database_and_a_lock(archive: Archive, folder: Path) -> None:
    saved(archive, a_thread())
    assert {path.name for path in folder.iterdir()} == {DATABASE, LOCK}
    assert sql(archive, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert sql(archive, "PRAGMA journal_mode") == [("delete",)]


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_a_new_archive_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with Archive.open(tmp_path / "new" / "archive", now=NOON) as archive:
            saved(archive, a_thread())
            mode = {path.name: stat.S_IMODE(path.stat().st_mode) for path in archive.folder.iterdir()}
            backup(archive, tmp_path / "copy", NOON)
        (tmp_path / "mine").mkdir()
        Archive.open(tmp_path / "mine", now=NOON).close()
    finally:
        os.umask(before)
    assert mode == {DATABASE: 0o600, LOCK: 0o600}
    folders = ("new/archive", "copy", "mine")
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in folders] == [0o700, 0o700, 0o755]
    assert stat.S_IMODE((tmp_path / "copy" / DATABASE).stat().st_mode) == 0o600


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("threads", f"ALTER TABLE threads RENAME TO other; CREATE VIEW threads AS {ENDLESS} AS id FROM n"),
        ("media", f"DROP VIEW media; CREATE VIEW media AS {ENDLESS} AS url, '' AS path, '' AS said FROM n"),
    ],
)
def test_a_view_without_an_end_is_not_read(archive: Archive, folder: Path, name: str, change: str) -> None:
    saved(archive, a_thread())
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.execute("PRAGMA legacy_alter_table = ON")
        db.executescript(change)
    with pytest.raises(ArchiveError, match=f"its view {name} is not of this program"):
        Archive.read(folder)


def test_a_run_is_kept_with_all_that_was_asked(archive: Archive) -> None:
    run = archive.begin(URL, Options(replies=True, since=NOON, seal=3), NOON)
    keep = archive.keep(run)
    keep(an_exchange())
    keep(an_exchange("https://Files.example:8080/1", seq=1))
    keep(an_exchange(seq=2))
    archive.finish(run, "partial", ["api: refused", "html: \ud800"], later(minutes=1))
    [stored] = archive.history.runs()
    assert archive.history.stored_options(run) == {"replies": "yes", "seal": "3", "since": "2026-03-12T12:00:00+00:00"}
    assert archive.history.request_of(run) == (URL, Options(replies=True, since=NOON, seal=3))
    assert (stored.id, stored.url, stored.outcome) == (run, URL, "partial")
    assert (stored.started_at, stored.finished_at) == (NOON, later(minutes=1))
    assert (stored.requests, stored.hosts) == (3, ("social.example", "files.example:8080"))
    assert stored.failures == ("api: refused", "html: \ufffd")
    assert stored.tool.startswith("thread-archiver ")
    assert "Python 3." in stored.tool


def test_runs_come_in_the_order_of_the_ledger_whatever_the_clock_said(archive: Archive) -> None:
    def run(asked: dict[str, str], **when: float) -> str:
        id_ = archive.begin(URL, Options.of(asked), later(**when))
        archive.finish(id_, "failed", [], later(**when))
        return id_

    first, second, third = run({}, hours=1), run({}, hours=0), run({}, hours=2)
    older, newer = run({"imported": "a.warc"}, hours=-1), run({"source": "x_archive"}, hours=1.5)
    last = run({}, hours=0)
    still_open = archive.begin(URL, Options(), NOON)
    in_order = [older, first, second, newer, third, last, still_open]
    assert [run.id for run in archive.history.runs()] == in_order
    archive.close()
    with Audit.opened(archive.folder) as audit:
        assert list(audit.runs()) == in_order


def test_a_body_is_kept_once(archive: Archive) -> None:
    keep = archive.keep(archive.begin(URL, Options(), NOON))
    for seq in range(3):
        keep(an_exchange(seq=seq))
    assert sql(archive, "SELECT COUNT(*), COUNT(DISTINCT body_sha256) FROM _exchanges") == [(3, 1)]
    assert sql(archive, "SELECT COUNT(*), SUM(size) FROM _bodies") == [(1, 11)]


def test_an_exchange_is_on_the_disk_when_keep_returns(archive: Archive) -> None:
    archive.keep(archive.begin(URL, Options(), NOON))(an_exchange())
    assert sql(archive, "SELECT status, response_head FROM _exchanges") == [(200, "Content-Type: application/json\n")]


def test_a_closed_run_takes_no_exchange(archive: Archive) -> None:
    run = archive.begin(URL, Options(), NOON)
    archive.finish(run, "complete", [], NOON)
    with pytest.raises(sqlite3.IntegrityError, match="closed"):
        archive.keep(run)(an_exchange())
    assert sql(archive, "SELECT COUNT(*) FROM _bodies") == [(1,)]  # the manifest


def test_rebuilding_from_the_same_threads_gives_the_same_rows(archive: Archive) -> None:
    captures = [a_thread(a_post(1, quote=a_post(91)), a_post(2)), a_thread(a_post(1, "<p>edited</p>"), a_post(2))]
    runs = [archive.begin(URL, Options(), later(days=day)) for day in range(2)]
    for run, thread in zip(runs, captures, strict=True):
        archive.save(run, thread)
    before = [line for line in dump(archive) if "fts" not in line]
    with archive.rebuilding():
        for run, thread in zip(runs, captures, strict=True):
            archive.save(run, thread)
    assert [line for line in dump(archive) if "fts" not in line] == before


def dump(archive: Archive) -> list[str]:
    connection = sqlite3.connect(archive.folder / DATABASE)
    lines = sorted(connection.iterdump())
    connection.close()
    return lines


def test_rebuilding_that_fails_leaves_all_as_it_was(archive: Archive) -> None:
    saved(archive, a_thread())
    before = dump(archive)
    with pytest.raises(ValueError, match="not enough values"), archive.rebuilding():
        archive.save("no such run", a_thread(a_post(8)))
    assert dump(archive) == before


def test_a_save_that_fails_within_rebuilding_does_not_end_it(archive: Archive) -> None:
    run = archive.begin(URL, Options(), NOON)
    with archive.rebuilding():
        archive.save(run, a_thread(a_post(1)))
        with pytest.raises(ValueError, match="not enough values"):
            archive.save("no such run", a_thread(a_post(2)))
        archive.save(run, a_thread(a_post(3)))
    assert [line.id for line in archive.threads()] == ["social.example/1", "social.example/3"]


def test_rebuilding_does_not_touch_the_truth(archive: Archive) -> None:
    archive.keep(archive.begin(URL, Options(), NOON))(an_exchange())
    with archive.rebuilding():
        pass
    assert sql(archive, "SELECT COUNT(*) FROM _exchanges") == [(1,)]


def test_threads_share_what_they_show_and_what_they_quote_at_any_depth(archive: Archive) -> None:
    quoted = a_post(1, quote=a_post(5))
    ids = [
        saved(archive, a_thread(quoted)),
        saved(archive, a_thread(a_post(2, quote=quoted))),
        saved(archive, a_thread(a_post(3, quote=a_post(2, quote=quoted)))),
        saved(archive, a_thread(a_post(4))),
        saved(archive, a_thread(a_post(6, quote=a_post(5)))),
    ]
    first, second, third, alone, fifth = ids
    assert set(archive.index.sharing(first)) == {second, third, fifth}
    assert set(archive.index.sharing(third)) == {first, second, fifth}
    assert archive.index.sharing(alone) == ()


def test_search_finds_words_without_their_accents(archive: Archive) -> None:
    saved(archive, a_thread(a_post(1, "<p>Über den Fluß</p>"), a_post(2, "<p>nothing</p>", summary="Überfall")))
    found = list(sqlite_utils.Database(archive.folder / DATABASE)["posts"].search("uber*"))
    assert {row["id"] for row in found} == {"social.example/1", "social.example/2"}


def test_search_forgets_what_an_edit_took_away(archive: Archive) -> None:
    saved(archive, a_thread(a_post(1, "<p>heron</p>")))
    saved(archive, a_thread(a_post(1, "<p>egret</p>")), days=1)
    query = "SELECT COUNT(*) FROM posts_fts WHERE posts_fts MATCH '{}'"
    assert [sql(archive, query.format(word)) for word in ("heron", "egret")] == [[(0,)], [(1,)]]


def test_search_still_works_in_a_compacted_copy(archive: Archive, tmp_path: Path) -> None:
    saved(archive, a_thread(a_post(1, "<p>heron</p>"), a_post(2, "<p>egret</p>"), a_post(3, "<p>stork</p>")))
    connection = sqlite3.connect(archive.folder / DATABASE)
    connection.execute("VACUUM INTO ?", [str(tmp_path / "copy.db")])
    connection.close()
    copy = sqlite3.connect(tmp_path / "copy.db")
    copy.execute("VACUUM")
    query = "SELECT posts.id FROM posts JOIN posts_fts ON posts_fts.rowid = posts.rowid WHERE posts_fts MATCH 'stork'"
    assert copy.execute(query).fetchall() == [("social.example/3",)]
    copy.execute("INSERT INTO posts_fts (posts_fts) VALUES ('integrity-check')")
    copy.close()


def test_a_reader_gets_in_while_the_archive_is_open_for_writing(archive: Archive, folder: Path) -> None:
    saved(archive, a_thread())
    archive.begin(URL, Options(), NOON)
    with Archive.read(folder) as reader:
        assert len(reader.threads()) == 1
