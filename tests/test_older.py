"""Archives that earlier versions have made: nothing is lost, and what was sealed is as it was sealed.

tests/archives has one of each, with a thread of three posts in two runs: a picture, a card, an edit, an attached file.
"""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from samples import NOON

from archiver.cli import main as cli
from archiver.store.store import Archive

ARCHIVES = sorted((Path(__file__).parent / "archives").glob("*.tar.xz"))
URL = "https://social.example/@ann/112150000000000001"
HEADS = {
    "0.3.0": "ledger 3 · head 24db3ebec9dba79321fbac22b4d54deb06c7d01af93231d05d3222d996da0939",
    "0.4.0": "ledger 3 · head 907ed0d808a7906af45314ee3ccc73c1fca3c4072826f3e7654a55a002b23299",
}


@pytest.fixture(params=ARCHIVES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def head(request: pytest.FixtureRequest, folder: Path) -> str:
    """Unpack an archive into the folder, and return the receipt of it that was printed then."""
    with tarfile.open(request.param) as packed:
        packed.extractall(folder, filter="data")
    return str(HEADS[request.param.name.removesuffix(".tar.xz")])


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> tuple[int, str, str]:
        code = cli.run(["--archive", str(folder), *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def truth(folder: Path) -> set[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        tables = ("_runs", "_exchanges", "_bodies", "_ledger", "_files")
        return {row for table in tables for row in db.execute(f"SELECT * FROM {table}")}


def test_a_reader_says_what_to_do_and_changes_nothing(head: str, run: Any, folder: Path) -> None:
    before = (folder / "archive.db").read_bytes()
    for command in (["list"], ["verify"], ["show", "1"]):
        code, _, err = run(*command)
        assert code == 2
        assert "was made by an older version; bring it up to date with: archiver reparse" in err
    assert (folder / "archive.db").read_bytes() == before


@pytest.mark.parametrize("first", ["reparse", "attach"])
def test_the_first_writer_brings_it_up_to_date(head: str, run: Any, folder: Path, tmp_path: Path, first: str) -> None:
    before = truth(folder)
    (tmp_path / "a.txt").write_text("a")
    code, _, err = run(first, *(["1", str(tmp_path / "a.txt")] if first == "attach" else []))
    assert (code, err.splitlines()) == (
        0,
        ["note: an older version made this archive; what it holds was read again. Documents: archiver export"],
    )
    assert before <= truth(folder)
    assert run("verify", "--receipt", head.replace("ledger ", "").replace(" · head ", ":"))[0] == 0
    with Archive.read(folder) as archive:
        document = archive.document(URL)
        [card] = document.thread.posts[1].attachments
        assert [len(archive.history.runs()), archive.history.runs()[0].media] == [2, 0]
    assert card.picture == "https://cdn.example/card.png"  # that version knew nothing of it
    assert [version.content for version in document.versions[document.thread.posts[2].id]] == ["<p>It has come</p>"]
    assert document.attached[0].name == "timetable.txt"
    code, _, err = run("export")
    assert (code, err) == (0, "")
    assert run("verify", "--deep")[:1] == (0,)


def test_it_is_an_archive_like_any_other_afterwards(head: str, run: Any, folder: Path, tmp_path: Path) -> None:
    with Archive.open(folder, now=NOON) as archive:
        assert archive.older
    with Archive.open(folder, now=NOON) as archive:
        assert not archive.older
    assert run("reparse")[2] == ""
    assert run("export", "--wacz", str(tmp_path / "a.wacz"))[0] == 0
    assert run("verify", str(tmp_path / "a.wacz"))[0] == 0
    assert run("redact", URL, "--post", "112150000000000002", "--reason", "by order", "--yes")[0] == 0
    assert run("backup", str(tmp_path / "copy"))[0] == 0
    assert run("verify", "--deep")[0] == 0


def test_a_document_of_then_is_not_said_to_be_forged(head: str, run: Any, folder: Path) -> None:
    assert run("reparse")[0] == 0
    [path] = (folder / "threads").glob("*.md")
    path.write_text(path.read_text().replace("**Complete: 3 of 3", "**Whole: 3 of 3"))  # as another version says it
    code, out, _ = run("verify", str(path))
    assert code == 3
    assert "differs, as one may that thread-archiver 0." in out
    assert "cannot be compared; archiver export writes it anew. line 2" in out
    assert run("verify", "--deep")[0] == 3
    path.unlink()
    assert run("export")[0] == 0
    assert run("verify", str(path))[0] == run("verify", "--deep")[0] == 0
