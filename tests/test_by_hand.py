"""What docs/evidence.md tells to type finds what it says, without this program."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from attacks import attacking, run_of
from documents import ROOT

TOOLS = ("bash", "sqlite3", "sha256sum", "xxd")
pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")


@pytest.fixture
def made(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "archive")
    return tmp_path / "archive"


def typed(folder: Path) -> str:
    """Type what the page says, in the archive's folder; return what is printed."""
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    [block] = re.findall(r"<!-- by hand -->\n```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    done = subprocess.run(["bash", "-c", block], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_an_archive_that_nobody_touched_prints_nothing(made: Path) -> None:
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    assert typed(made) == ""
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE _bodies SET data = X'7B7D', codec = 'raw' WHERE sha256 = (SELECT MIN(sha256) FROM _bodies)", "body "),
        ("UPDATE _ledger SET hash = prev WHERE seq = 2", "entry 2 is not what it was"),
        ("UPDATE _ledger SET prev = hash WHERE seq = 3", "entry 3 is not what it was"),
        ("UPDATE _exchanges SET response_head = 'x: y' WHERE run = :run AND seq = 1", "exchange "),
        ("UPDATE _exchanges SET run = :run, seq = 99 WHERE id = 1", "exchange "),
        ("DELETE FROM _exchanges WHERE run = :run AND seq = 1", "exchange "),
        ("UPDATE _runs SET operator = 'R. Roe' WHERE id = :run", "run "),
    ],
)
def test_what_was_changed_is_found(made: Path, sql: str, words: str) -> None:
    with attacking(made) as db:
        assert db.execute(sql, {"run": run_of(db, 3)} if ":run" in sql else {}).rowcount
    assert words in typed(made)
