"""What docs/evidence.md gives to run finds what it says, without this program."""

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from attacks import attacking, run_of
from documents import ROOT

from archiver.layout import DATABASE
from archiver.ledger import OF_EXCHANGE, OF_RUN


@pytest.fixture
def made(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "archive")
    return tmp_path / "archive"


def typed(folder: Path) -> str:
    """Run what the page says, in the archive's folder; return what is printed."""
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    [block] = re.findall(r"<!-- by hand -->\n```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-I", "-c", block], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_an_archive_that_nobody_touched_prints_nothing(made: Path) -> None:
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    assert typed(made) == ""
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before


MANIFEST = "SELECT manifest_sha256 FROM _ledger WHERE seq = 2"


@pytest.mark.parametrize("column", [*OF_RUN[1:], *(f"_exchanges.{name}" for name in OF_EXCHANGE)])
def test_every_column_that_is_sealed_is_compared(made: Path, column: str) -> None:
    table, name = column.split(".") if "." in column else ("_runs", column)
    with attacking(made) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        where = "id = (SELECT MAX(id) FROM _exchanges)" if table == "_exchanges" else "id = :run"
        assert db.execute(f"UPDATE {table} SET {name} = '99' WHERE {where}", {"run": run_of(db, 3)}).rowcount == 1
    assert "is not as it was sealed" in typed(made)


def test_a_view_in_the_place_of_a_table_is_named(made: Path) -> None:
    with closing(sqlite3.connect(made / DATABASE)) as db:
        db.execute("ALTER TABLE _anchors RENAME TO anchors")
        db.execute("CREATE VIEW _anchors AS SELECT * FROM anchors")
    assert "_anchors is no table" in typed(made)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE _bodies SET data = X'7B7D', codec = 'raw' WHERE sha256 = (SELECT MIN(sha256) FROM _bodies)", "body "),
        ("UPDATE _ledger SET hash = prev WHERE seq = 2", "entry 2 is not what it was"),
        ("UPDATE _ledger SET prev = hash WHERE seq = 3", "entry 3 is not what it was"),
        ("UPDATE _exchanges SET response_head = 'x: y' WHERE run = :run AND seq = 1", "exchange "),
        ("UPDATE _exchanges SET run = :run, seq = 99 WHERE id = 1", "exchange "),
        ("DELETE FROM _exchanges WHERE run = :run AND seq = 1", "exchange "),
        (
            "UPDATE _bodies SET codec = 'withheld' WHERE sha256 = (SELECT MIN(sha256) FROM _bodies)",
            "cannot be checked: it is",
        ),
        ("UPDATE _bodies SET codec = 'file' WHERE sha256 = (SELECT MIN(sha256) FROM _bodies)", "cannot be checked: "),
        ("DELETE FROM _bodies WHERE sha256 = (SELECT MIN(body_sha256) FROM _exchanges)", "cannot be checked: "),
        (f"UPDATE _bodies SET codec = 'withheld', data = X'7B7D' WHERE sha256 = ({MANIFEST})", "none is ever withheld"),
        (f"UPDATE _bodies SET codec = 'raw', data = X'7B7D' WHERE sha256 = ({MANIFEST})", "is not what it was"),
        ("UPDATE _files SET path = 'media/none'", "cannot be checked: "),
        ("DELETE FROM _ledger WHERE seq = (SELECT MAX(seq) FROM _ledger WHERE run NOTNULL)", "is sealed by no entry"),
        (
            "INSERT INTO _media (run, url, place, asked_url, sha256, kind, said, at)"
            " VALUES (:run, 'https://a.example/', 0, 'https://a.example/', NULL, '', 'gone', '2026')",
            "a picture or film",
        ),
        ("UPDATE _runs SET id = 'another' WHERE id = :run", "is sealed by no entry"),
        ("UPDATE _runs SET operator = 'R. Roe' WHERE id = :run", "run "),
    ],
)
def test_what_was_changed_is_found(made: Path, sql: str, words: str) -> None:
    with attacking(made) as db:
        assert db.execute(sql, {"run": run_of(db, 3)} if ":run" in sql else {}).rowcount
    assert words in typed(made)
