"""What somebody has broken or taken out of an archive is told in one line by whatever meets it; no traceback."""

import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from attacks import attacking
from cases import FIXTURES

from archiver.cli import main as cli
from archiver.layout import DATABASE

Run = Callable[..., SimpleNamespace]
EVERYTHING = FIXTURES / "mastodon" / "everything-a-post-can-hold"
BOXES = FIXTURES / "bluesky" / "nine-boxes"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line over an archive of two threads."""

    def run(*arguments: object) -> SimpleNamespace:
        capsys.readouterr()
        code = cli.run(["--archive", str(tmp_path / "archive"), *map(str, arguments)])
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    assert run("import", EVERYTHING).code == run("import", BOXES).code == 0
    return run


BROKEN = [("zlib", b"no zlib"), ("raw", b"no JSON"), ("zlib", zlib.compress(b"[")), ("file", b"")]


@pytest.mark.parametrize(("codec", "data"), BROKEN)
@pytest.mark.parametrize("kind", ["redaction", "attachment"])
def test_a_damaged_manifest_ends_an_export_in_one_line(
    run: Run, tmp_path: Path, kind: str, codec: str, data: bytes
) -> None:
    (tmp_path / "shot.txt").write_text("shot")
    assert run("redact", "1", "--post", "112150000000000005", "--reason", "a child", "--yes").code == 0
    assert run("attach", "1", tmp_path / "shot.txt").code == 0
    with attacking(tmp_path / "archive") as db:
        [(name,)] = db.execute("SELECT manifest_sha256 FROM _ledger WHERE kind = ?", [kind]).fetchall()
        db.execute("UPDATE _bodies SET codec = ?, data = ? WHERE sha256 = ?", (codec, data, name))
    for command in (["export"], ["show", "1"], ["export", "--format", "json"]):
        done = run(*command)
        assert (done.code, len(done.err.splitlines())) == (2, 1)
        assert done.err.startswith("error: ")
        if codec != "file":
            assert f"body {name} is missing or damaged in" in done.err
    assert run("verify").code == 7


@pytest.mark.parametrize("codec", ["zlib", "withheld"])
def test_what_is_left_of_a_withheld_answer_is_damaged(run: Run, tmp_path: Path, codec: str) -> None:
    assert run("redact", "1", "--post", "112150000000000005", "--reason", "a child", "--yes").code == 0
    with attacking(tmp_path / "archive") as db:
        assert db.execute("UPDATE _bodies SET data = X'00' WHERE codec = 'withheld'").rowcount
        db.execute("UPDATE _bodies SET codec = ? WHERE data = X'00'", [codec])
    for command in (["export"], ["redact", "1", "--post", "112150000000000006", "--reason", "too", "--yes"]):
        done = run(*command)
        if codec == "withheld" or command[0] == "redact":
            assert (done.code, len(done.err.splitlines())) == (2, 1)
            assert "is missing or damaged in" in done.err


def test_a_thread_without_a_number_is_listed_without_one_until_something_is_saved(run: Run, tmp_path: Path) -> None:
    with attacking(tmp_path / "archive") as db:
        assert db.execute("DELETE FROM _numbers WHERE number = 1").rowcount
    listed = run("list")
    assert listed.code == 0
    assert [line.split()[0] for line in listed.out.splitlines()] == ["2", "-"]
    assert [json.loads(line)["number"] for line in run("list", "--json").out.splitlines()] == [2, 0]
    verified = run("verify")
    assert verified.code == 0
    assert "warning: https://social.example/@ann/112150000000000003: has no number in the list any more" in verified.out
    assert run("show", "112150000000000003").code == 0
    assert run("import", BOXES).code == 0
    assert [line.split()[0] for line in run("list").out.splitlines()] == ["2", "3"]
    assert "number" not in run("verify").out
    with closing(sqlite3.connect(tmp_path / "archive" / DATABASE)) as db:
        assert db.execute("SELECT number FROM _numbers ORDER BY number").fetchall() == [(2,), (3,)]
