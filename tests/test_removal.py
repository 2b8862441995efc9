"""Threads that were saved by mistake: out of sight, told by the ledger, kept or purged, and back when saved again."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cases import FIXTURES

from archiver.cli import main as cli

BOXES = FIXTURES / "bluesky" / "nine-boxes"
STORM = FIXTURES / "x" / "storm-by-search"
WORD = "reading room"  # of the first post of BOXES
SEARCH = "SELECT COUNT(*) FROM posts_fts WHERE posts_fts MATCH 'Quay'"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command line over an archive with a thread and a storm, and their pages."""

    def run(*arguments: object) -> SimpleNamespace:
        code = cli.run(["--archive", str(tmp_path / "archive"), *map(str, arguments)])
        said = capsys.readouterr()
        lines = [json.loads(line) for line in said.out.splitlines()] if "--json" in arguments else []
        return SimpleNamespace(code=code, out=said.out, err=said.err, lines=lines)

    assert run("import", BOXES).code == run("import", STORM).code == run("export", "--format", "html").code == 0
    return run


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def files(place: Path, folder: str) -> list[str]:
    return sorted(path.name for path in (place / folder).rglob("*") if path.is_file())


def rows(place: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(place / "archive.db")) as db:
        return db.execute(query).fetchall()


def authors(run: Any) -> list[str]:
    return sorted(line["author"] for line in run("list", "--json").lines)


def test_a_removed_thread_is_out_of_sight_and_its_evidence_kept(run: Any, place: Path) -> None:
    bodies, media = rows(place, "SELECT sha256, codec FROM _bodies"), files(place, "media")
    ran = run("remove", "1", "--reason", "the wrong one", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert re.fullmatch(r"removed: https://bsky\.app/\S+\n  receipt 3:[0-9a-f]{64}\n", ran.out)
    for _ in range(2):
        assert authors(run) == ["SenMarlow"]
        assert rows(place, SEARCH)[0][0] == 0
        assert not [name for folder in ("threads", "pages") for name in files(place, folder) if "marta" in name]
        assert not [name for name in ("index.md", "index.html") if "marta" in (place / name).read_text("utf-8")]
        assert run("reparse").out == "1 thread from 1 run\n"
    assert set(bodies) <= set(rows(place, "SELECT sha256, codec FROM _bodies"))
    assert files(place, "media") == media
    verified = run("verify", "--deep")
    assert verified.code == 0
    assert re.search(r"note: thread \S+ was removed by ledger entry 3 of \S+: the wrong one\n", verified.out)


def test_saving_it_again_brings_it_back(run: Any) -> None:
    before = run("show", "1").out.partition("\n\n")[2]
    run("remove", "1", "--yes")
    assert run("import", BOXES).code == 0
    assert authors(run) == ["SenMarlow", "marta-olsen.test"]
    assert run("show", "1").out.partition("\n\n")[2] == before
    assert run("reparse").out == "2 threads from 2 runs\n"
    assert run("verify", "--deep").code == 0


def test_a_purge_takes_what_came_for_this_thread_alone(run: Any, place: Path) -> None:
    ours = rows(place, "SELECT url FROM _runs")
    ran = run("remove", "1", "--purge", "--reason", "by law", "--yes", "--json")
    [line] = ran.lines
    assert (ran.code, line["removed"] > 3, line["files"]) == (0, True, 5)
    for path in place.rglob("*"):
        assert path.is_dir() or WORD.encode() not in path.read_bytes()
    assert len(files(place, "media")) == 4  # of the storm
    assert len(run("show", "2", "--json").lines) == 44
    assert rows(place, "SELECT url FROM _runs") == ours
    verified = run("verify", "--deep")
    assert (verified.code, "by law" in verified.out) == (0, True)
    assert run("import", BOXES).code == 0  # byte for byte what was purged
    assert authors(run) == ["SenMarlow", "marta-olsen.test"]
    assert run("reparse").code == run("verify", "--deep").code == 0
    assert len(files(place, "media")) == 9


def test_what_others_hold_too_is_not_purged(run: Any, place: Path, tmp_path: Path) -> None:
    run("export", "--wacz", tmp_path / "a.wacz", "1")
    url = run("list", "--json").lines[0]["url"]
    run("attach", "1", STORM / "url")
    ran = run("remove", url, "--purge", "--reason", "r", "--yes", "--json")
    assert ran.code == 0
    assert run("verify", "--deep").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("remove", "1"),
            r"thread 1 \(“.+” by @marta-olsen.test, 48 posts, https://bsky.app/\S+\) would be removed, "
            "and what came is kept; nothing was done; allow it with --yes",
        ),
        (("remove", "1", "--purge", "--yes"), "give a --reason"),
        (("remove", "7", "--yes"), 'no thread in .* is named by "7"'),
    ],
)
def test_nothing_is_removed_without_a_word(run: Any, arguments: tuple[str, ...], words: str) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out, len(authors(run))) == (2, "", 2)
    assert re.search(words, ran.err)


def test_a_document_that_somebody_has_edited_stays(run: Any, place: Path) -> None:
    [document] = (place / "threads").glob("*marta*.md")
    document.write_text("mine")
    ran = run("remove", "1", "--yes", "--json")
    assert ran.lines[0]["edited"] == [f"threads/{document.name}"]
    assert document.read_text() == "mine"
    assert "stays as it is" in ran.err


def test_a_document_that_is_left_of_a_removed_thread_is_named(run: Any, place: Path) -> None:
    [document] = (place / "threads").glob("*marta*.md")
    left = document.read_bytes()
    run("remove", "1", "--yes")
    document.write_bytes(left)
    verified = run("verify", "--deep")
    assert verified.code == 0
    assert f"{document} is of a thread that was removed, and is left" in verified.out
    run("import", BOXES)
    assert "and is left" not in run("verify", "--deep").out


@pytest.mark.parametrize(
    ("purge", "words"), [((), "what came is kept"), (("--purge",), "came for it alone was purged")]
)
def test_the_report_names_thread_runs_and_addresses(run: Any, place: Path, purge: tuple[str, ...], words: str) -> None:
    [[id_, url]] = rows(place, "SELECT id, url FROM _runs WHERE url LIKE '%bsky%'")
    run("remove", "1", *purge, "--reason", "the wrong one", "--yes")
    ran = run("verify", "--deep", "--report")
    assert ran.code == 0
    section = ran.out.partition("\n6. WHAT WAS REMOVED\n")[2].partition("\n7. ")[0]
    assert re.search(
        r"Ledger entry 3, \S+, by somebody who is not named\n  thread: \S+\n  reason: the wrong one\n", section
    )
    assert words in section
    assert f"\n    {id_} of {url}\n" in section
    assert f"note: run {id_} ({url}): is not read any more: ledger entry 3 removed it" in ran.out


def test_the_number_of_a_removed_thread_names_no_other(run: Any) -> None:
    assert run("remove", "1", "--yes").code == 0
    for arguments in (("remove", "1", "--yes"), ("remove", "1", "--purge", "--reason", "r", "--yes"), ("show", "1")):
        ran = run(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert "has the number 1 (it was removed); see: archiver list" in ran.err
    assert run("remove", "17").code == run("remove", "3", "--yes").code == 2
    assert authors(run) == ["SenMarlow"]


@pytest.mark.parametrize(
    "arguments", [("remove", "--yes"), ("redact", "--post", "x", "--reason", "r", "--yes"), ("attach",)]
)
def test_only_a_whole_id_may_be_changed(run: Any, arguments: tuple[str, ...]) -> None:
    command, *options = arguments
    ran = run(command, "bsky.app/at", *([BOXES / "url"] if command == "attach" else []), *options)
    assert (ran.code, ran.out, 'is named by "bsky.app/at"' in ran.err) == (2, "", True)
    assert run("show", "bsky.app/at").code == 0


@pytest.mark.parametrize("options", [(), ("--purge", "--reason", "by mistake")])
def test_documents_of_threads_that_share_posts_with_it_are_written_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    def run(*arguments: object) -> int:
        return cli.run(["--archive", str(tmp_path / "archive"), *map(str, arguments)])

    for name in ("everything-a-post-can-hold", "deleted-in-the-middle"):
        assert run("import", FIXTURES / "mastodon" / name) in (0, 3)
    (tmp_path / "shot.txt").write_text("hello")
    assert run("export", "--format", "html") == run("attach", "1", tmp_path / "shot.txt") == 0
    [document] = (tmp_path / "archive/threads").glob("*0003.md")
    before = document.read_text()
    assert run("remove", "2", *options, "--yes") == 0
    assert document.read_text() != before
    assert run("verify", "--deep") == 0, capsys.readouterr().out
    assert len(list((tmp_path / "archive/pages").glob("*.html"))) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_a_capture_writes_the_documents_of_threads_that_share_posts_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], order: int
) -> None:
    def run(*arguments: object) -> int:
        return cli.run(["--archive", str(tmp_path / "archive"), *map(str, arguments)])

    first, second = ("everything-a-post-can-hold", "deleted-in-the-middle")[::order]
    (tmp_path / "shot.txt").write_text("hello")
    assert run("import", FIXTURES / "mastodon" / first) in (0, 3)
    assert run("attach", "1", tmp_path / "shot.txt") == 0
    [document] = (tmp_path / "archive/threads").glob("*.md")
    before = document.read_text()
    assert run("import", FIXTURES / "mastodon" / second) in (0, 3)
    assert document.read_text() != before
    assert run("verify", "--deep") == 0, capsys.readouterr().out
