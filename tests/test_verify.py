"""archiver verify: exit codes, receipts, documents, WACZ files, the report, and what is said of damage."""

import gzip
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import zipfile
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from adversaries import append
from attacks import CASES, OPERATOR, attacking, body_with, content, put, reread, run_of
from cases import FIXTURES
from samples import NOON, URL, a_post, a_thread, an_exchange, later, saved

import archiver
from archiver.cli import main as cli
from archiver.errors import ArchiveError, UsageError
from archiver.evidence.chain import Receipt, answered, chain, changed, receipt, vouched
from archiver.evidence.checking import archive_of, check
from archiver.evidence.finding import Finding, Level, guarded, note, problem
from archiver.exporters.markdown import FORMAT
from archiver.layout import DATABASE
from archiver.ledger import Entry, canonical, following
from archiver.options import Options
from archiver.store.audit import measured
from archiver.store.store import Archive
from archiver.verbs import imports


@pytest.fixture
def made(original: Path, tmp_path: Path) -> Path:
    """A copy of an archive of four runs."""
    shutil.copytree(original, tmp_path / "archive")
    return tmp_path / "archive"


def run(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> tuple[int, list[str]]:
    """Run `verify` and return its exit code and what it printed."""
    capsys.readouterr()
    code = cli.run(["--archive", str(folder), "verify", *arguments])
    printed = capsys.readouterr()
    return code, [*printed.out.splitlines(), *printed.err.splitlines()]


def found(folder: Path, what: Path | None = None, *receipts: Receipt, deep: bool = False) -> list[str]:
    return [str(finding) for finding in check(what, folder, receipts, later(days=9), deep)]


def problems(*given: Any, **more: Any) -> list[str]:
    return [line for line in found(*given, **more) if line.startswith("problem")]


def entry_of(folder: Path, seq: int) -> tuple[str, str]:
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        hash_, run = db.execute("SELECT hash, run FROM _ledger WHERE seq = ?", [seq]).fetchone()
        return str(hash_), str(run)


# The command


def test_a_clean_archive_exits_with_0(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hash_, _ = entry_of(made, 4)
    code, lines = run(capsys, made, "--deep", "--receipt", f"4:{hash_[:12]}", "--receipt", f"ledger 4 · head {hash_}")
    assert code == 0
    assert lines[-1] == "no problem was found up to entry 4"
    assert re.fullmatch(
        rf"note: ledger 4 · head {hash_}: 4 runs, \d+ exchanges, \d+ bodies, 1 file, 1 stamp, \d threads", lines[-2]
    )


def test_a_problem_exits_with_7_and_names_run_and_thread(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, run_ = entry_of(made, 4)
    with attacking(made) as db:
        db.execute("UPDATE _runs SET operator = 'R. Roe' WHERE id = ?", [run_])
    code, lines = run(capsys, made)
    url = (FIXTURES / CASES[3] / "url").read_text().strip()
    assert code == 7
    assert lines[0] == f'problem: run {run_} ({url}): operator was sealed as "{OPERATOR}" and is "R. Roe"'
    assert lines[-1] == "1 problem found"
    code, lines = run(capsys, made, "--json")
    first, *_, last = map(json.loads, lines)
    assert (first["schema"], first["is"], first["run"], first["url"]) == (1, "problem", run_, url)
    assert (last["is"], last["problems"]) == ("result", 1)


def test_the_archive_may_be_named(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = tmp_path / "nowhere"
    assert run(capsys, nowhere, str(made))[0] == run(capsys, nowhere, str(made / DATABASE))[0] == 0
    code, lines = run(capsys, nowhere)
    assert code == 2
    assert lines == [f"error: no archive in {nowhere}; make one with: archiver save URL"]


@pytest.mark.parametrize("words", ["4", "4:abc", "x:0123456789ab", "ledger 4 head 0123456789ab"])
def test_what_is_no_receipt_is_said(made: Path, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = run(capsys, made, "--receipt", words)
    assert code == 2
    assert "is no receipt; it looks like 118:9f2c41d07a55" in lines[0]


def test_a_file_of_another_kind_is_refused(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, made, str(FIXTURES / CASES[0] / "url"))[0] == 2
    document = next((made / "threads").glob("*.md"))
    assert run(capsys, made, str(document), "--report")[0] == 2


def test_a_damaged_database_is_a_problem(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (made / DATABASE).write_bytes(b"no database at all, but long enough to be looked at" * 40)
    code, lines = run(capsys, made)
    assert (code, lines[-1]) == (7, "1 problem found")
    assert "is not a database" in lines[0]
    code, reported = run(capsys, made, "--report")
    assert (code, reported[0]) == (7, lines[0])


def test_the_folder_of_a_file_is_found(made: Path, tmp_path: Path) -> None:
    document = next((made / "threads").glob("*.md"))
    assert archive_of(document, tmp_path / "nowhere") == made
    assert archive_of(document, made) == made
    assert archive_of(None, made) == archive_of(made, tmp_path) == made


# Single entries and rows


def an_entry(last: Entry | None, kind: str = "capture", run: str | None = "r") -> Entry:
    return following(last, log="l", kind=kind, run=run, manifest=b"m", added_at="t")


def test_a_chain_that_holds_says_nothing() -> None:
    first = an_entry(None)
    assert list(chain([first, an_entry(first, "redaction", None)])) == []


def test_what_does_not_hang_together_is_named() -> None:
    first = an_entry(None)
    second = an_entry(first)
    third = an_entry(second)

    def said(*entries: Entry) -> list[str]:
        return [finding.what for finding in chain(entries)]

    assert said(second) == ["ledger entry 2 follows entry 0: what was between them is gone"]
    assert said(first, third) == ["ledger entry 3 follows entry 1: what was between them is gone"]
    other = replace(second, prev="1" * 64)
    assert said(first, other) == [
        "ledger entry 2 was sealed upon another entry 1 than the one that is here",
        "ledger entry 2 has a hash that is not the one of its manifest and predecessor",
    ]
    assert said(replace(first, manifest_sha256="no hex")) == [
        "ledger entry 1 has a hash that is not the one of its manifest and predecessor"
    ]
    assert said(replace(first, kind="redaction")) == ["ledger entry 1 is a redaction and names a run"]
    assert said(replace(first, run=None)) == ["ledger entry 1 is a capture and names no run"]


def test_a_receipt_says_what_came_after_it() -> None:
    first = an_entry(None)
    second = an_entry(first)
    third = an_entry(second, "redaction", None)
    fourth = an_entry(third)

    def since(*entries: Entry) -> str:
        [finding] = answered([first, *entries], Receipt(1, first.hash))
        assert finding.entry == 1
        return finding.since

    assert since() == ""
    assert since(second) == "entry 2 was added since: 1 run"
    assert since(second, third) == "entries 2 and 3 were added since: 1 run, 1 redaction"
    assert since(second, third, fourth) == "entries 2 to 4 were added since: 2 runs, 1 redaction"
    assert since(replace(second, log="another")) == ""
    assert list(answered([first, second], Receipt(2, "0" * 12))) == []
    assert [finding.what for finding in chain([first, replace(first, log="m")])] == [
        "the ledger has 2 logs (l with 1 entries, m with 1 entries), and an archive has one: entries were put in"
    ]
    assert "is of a kind that this program does not know: x" in next(chain([replace(first, kind="x")])).what


def test_receipts_are_read_as_they_are_printed() -> None:
    entry = an_entry(None)
    given = receipt(entry.receipt)
    assert given == receipt(f" {entry.seq}:{entry.hash.upper()} ") == Receipt(1, entry.hash)
    assert list(vouched([entry], given)) == []
    assert "does not fit: entry 1 has" in next(vouched([entry], Receipt(1, "0" * 12))).what
    assert "of an entry that the ledger does not have" in next(vouched([entry], Receipt(2, "0" * 12))).what


def test_a_manifest_says_what_has_changed() -> None:
    exchange = {"seq": 1, "attempt": 0, "method": "GET", "url": "https://a.example/" + "x" * 90, "status": 200}
    sealed = {"run": {"operator": "A"}, "exchanges": [exchange, {**exchange, "seq": 2}]}
    now = {"run": {"operator": "B"}, "exchanges": [{**exchange, "url": "-" * 90}, {**exchange, "seq": 3}]}
    said = list(changed(json.dumps(sealed).encode(), json.dumps(now).encode()))
    assert said[0] == 'operator was sealed as "A" and is "B"'
    assert re.fullmatch(r"exchange 1\.0 \(GET h\S*\): url was sealed as \"h\S{75}… and is \"-{76}…", said[1])
    assert said[2].endswith("was sealed and is not there")
    assert said[3].endswith("was not there when the run was sealed")


def test_a_finding_is_one_line() -> None:
    assert str(problem("a\nb")) == "problem: a b"
    assert str(note("x", url="u", level=Level.WARNING)) == "warning: u: x"
    assert str(Finding(level=Level.WITHHELD, what="x", run="r", url="u")) == "withheld: run r (u): x"


@pytest.mark.parametrize(
    "error", [ArchiveError("it is broken"), ValueError("it is broken"), zlib.error("it is broken")]
)
def test_a_check_that_damage_ends_says_so(error: Exception) -> None:
    def check_() -> Any:
        yield note("before")
        raise error

    assert [str(finding) for finding in guarded("this", check_)] == [
        "note: before",
        "problem: this cannot be checked: it is broken",
    ]


def test_a_body_is_measured_in_pieces_and_to_its_end() -> None:
    large = bytes(5_000_000)
    assert measured("zlib", zlib.compress(large)) == measured("raw", large)
    for damaged in (zlib.compress(large)[:-9], zlib.compress(large) + b"x", b"no zlib", b""):
        with pytest.raises(ValueError, match=r"\w"):
            measured("zlib", damaged)


def test_a_run_that_goes_on_is_a_note(folder: Path) -> None:
    with Archive.open(folder, now=NOON) as archive:
        run_ = archive.begin(URL, Options(), NOON)
        archive.keep(run_)(an_exchange())
        assert found(folder)[0] == f"note: run {run_} ({URL}): is not finished, and so not sealed"
        assert problems(folder) == []


def test_a_clock_that_was_wrong_is_a_warning(folder: Path) -> None:
    with Archive.open(folder, now=NOON) as archive:
        run_ = archive.begin(URL, Options(), NOON)
        archive.keep(run_)(an_exchange(headers=(("Date", "Thu, 12 Mar 2026 12:05:01 GMT"),)))
        archive.finish(run_, "failed", [], later(seconds=1))
        words = f"warning: run {run_} ({URL}): a host's clock and ours were 300 seconds apart; which one was right"
        assert found(folder)[0].startswith(words)
        assert problems(folder) == []


def test_what_was_sealed_late_is_a_note_and_too_early_a_problem(made: Path) -> None:
    for added_at, level in (("2026-11-12T12:00:00+00:00", "note"), ("2025-11-12T12:00:00+00:00", "problem")):
        with attacking(made) as db:
            db.execute("UPDATE _ledger SET added_at = ? WHERE seq = 2", [added_at])
        assert any(line.startswith(level) and f"on {added_at}" in line for line in found(made))


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (
            "INSERT INTO _bodies VALUES ('ab', 2, 'raw', X'6162')",
            "its bytes are others: they have the digest fb8e20fc2e4c",
        ),
        ("INSERT INTO _bodies VALUES ('ab', 2, 'brotli', X'6162')", "it is packed in an unknown way (brotli)"),
        ("INSERT INTO _bodies VALUES ('ab', 2, 'withheld', X'6162')", "no redaction in the ledger says so"),
        ("UPDATE _bodies SET size = size + 1 WHERE codec = 'raw'", "and is said to be"),
        ("DELETE FROM _ledger WHERE seq = 4", "is sealed by no entry of the ledger"),
        ("UPDATE _ledger SET run = 'no run' WHERE seq = 4", "seals this run, which is not there"),
        (
            "UPDATE _ledger SET kind = 'redaction', run = NULL WHERE seq = 4",
            "entry 4 is a redaction, and what it seals is",
        ),
        (
            "UPDATE _exchanges SET run = 'no run' WHERE id = 1",
            "_exchanges, row 1, names a row of _runs that is not there",
        ),
        ("DROP VIEW thread_overview", "the view thread_overview is missing"),
        ("UPDATE _runs SET failures = X'FF'", "cannot be checked: "),
        ("UPDATE _files SET path = '../../../etc/passwd'", "is outside of the archive"),
        ("UPDATE _files SET path = 'media'", "cannot be read (Is a directory)"),
        ("UPDATE _files SET size = 7", "and is said to have 7"),
        (
            "INSERT INTO attachments (post, position, kind, url, file)"
            " SELECT id, 99, 'image', '', 'media/gone.png' FROM posts LIMIT 1",
            "the file media/gone.png is missing",
        ),
    ],
)
def test_each_thing_that_is_wrong_has_its_words(made: Path, sql: str, words: str) -> None:
    with attacking(made) as db:
        assert db.execute(sql).rowcount
    assert any(words in line for line in problems(made)), problems(made)


@pytest.mark.parametrize(("act", "words"), [("unlink", "is missing"), ("change", "has another content than it had")])
def test_a_file_beside_the_database_counts(made: Path, act: str, words: str) -> None:
    [path] = (made / "media").iterdir()
    if act == "unlink":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"x")
    assert problems(made) == [f"problem: the file media/{path.name} {words}"]


def test_a_body_that_the_ledger_withholds_is_no_problem(made: Path) -> None:
    with attacking(made) as db:
        name, run_ = db.execute("SELECT body_sha256, run FROM _exchanges WHERE seq = 1").fetchone()
        left = put(db, b"{}")
        db.execute("DELETE FROM _bodies WHERE sha256 = ?", [left])
        db.execute("UPDATE _bodies SET codec = 'withheld', data = ? WHERE sha256 = ?", (zlib.compress(b"{}"), name))
    told = {"format": "thread-redaction/1", "reason": "by law", "bodies": [{"sha256": name, "left": left}], "kept": {}}
    with Archive.open(made, now=NOON) as archive:
        archive.ledger.note("redaction", told, later(days=5))
    withheld = [line for line in found(made) if line.startswith("withheld")]
    assert problems(made) == []
    assert withheld
    assert all("by ledger entry 5 of 2026-03-17T12:00:00+00:00: by law" in line for line in withheld)
    assert f"withheld: run {run_} (" in withheld[0]
    with attacking(made) as db:
        db.execute("UPDATE _bodies SET data = ? WHERE sha256 = ?", (zlib.compress(b"[]"), name))
    assert any("what is left of it is not what the redaction says" in line for line in problems(made))


def test_a_manifest_that_is_damaged_with_its_run_is_said(made: Path) -> None:
    _, run_ = entry_of(made, 4)
    with attacking(made) as db:
        db.execute("UPDATE _runs SET operator = 'R. Roe' WHERE id = ?", [run_])
        db.execute("DELETE FROM _bodies WHERE sha256 = (SELECT manifest_sha256 FROM _ledger WHERE seq = 4)")
    assert any("is not as ledger entry 4 has sealed it; its manifest is damaged too" in line for line in problems(made))


def test_a_manifest_that_is_another_is_said(made: Path) -> None:
    with attacking(made) as db:
        [name] = db.execute("SELECT manifest_sha256 FROM _ledger WHERE seq = 4").fetchone()
        db.execute("UPDATE _bodies SET codec = 'raw', data = X'7B7D' WHERE sha256 = ?", [name])
    said = problems(made)
    assert any("its manifest is not the one that was sealed" in line for line in said)
    assert any("ledger entry 4): its bytes are others" in line for line in said)


def test_an_archive_of_an_older_version_is_no_problem_and_cannot_be_checked(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(made / DATABASE)) as db:
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'evidence'")
        db.commit()
    code, lines = run(capsys, made)
    assert code == 2
    assert lines[0].endswith("was made by an older version; bring it up to date with: archiver reparse")


def test_a_file_that_was_attached_is_in_the_chain(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shot = tmp_path / "shot.png"
    shot.write_bytes(b"\x89PNG\r\n\x1a\nseen")
    assert cli.run(["--archive", str(made), "attach", "1", str(shot)]) == 0
    assert problems(made, deep=True) == []
    with attacking(made) as db:
        db.execute("DELETE FROM _files WHERE size = 12")
    [line] = problems(made)
    assert line.startswith("problem: the file shot.png, which ledger entry 5 of ")
    assert line.endswith(" seals, is not listed any more")


def test_a_note_that_says_another_time_is_found(made: Path) -> None:
    with Archive.open(made, now=NOON) as archive:
        archive.ledger.note("redaction", {"format": "thread-redaction/1", "at": NOON.isoformat(), "kept": {}}, NOON)
    assert problems(made) == []
    with attacking(made) as db:
        db.execute("UPDATE _ledger SET added_at = '2026-11-12T12:00:00+00:00' WHERE seq = 5")
    words = "problem: ledger entry 5 was added on 2026-03-12T12:00:00+00:00, and says 2026-11-12T12:00:00+00:00"
    assert problems(made) == [words]


def test_copies_of_time_stamps_are_compared(made: Path) -> None:
    hash_, _ = entry_of(made, 4)
    base = made / "seals" / f"4-{hash_[:8]}"
    base.parent.mkdir()
    base.with_suffix(".head").write_text(f"{hash_}\n")
    base.with_suffix(".ots").write_bytes(b"upgraded")
    assert problems(made) == []
    assert any(f"seals/{base.name}.ots was changed; “ots upgrade” does that" in line for line in found(made))
    base.with_suffix(".head").write_text("another\n")
    assert f"seals/{base.name}.head is not what the archive holds" in problems(made)[0]


# Documents


def document_of(folder: Path, words: str) -> Path:
    [path] = [path for path in (folder / "threads").glob("*.md") if words in path.read_text()]
    return path


def test_a_document_is_compared_byte_by_byte(made: Path) -> None:
    path = document_of(made, "Herons 1/6")
    assert len(found(made, path)) == 1
    read_again = "its thread was read out of the kept answers again, and these are as they were sealed"
    assert found(made, path)[0].endswith(f"{path} is byte for byte what the archive gives; {read_again}")
    path.write_text(path.read_text().replace("Herons 1/6", "Ravens 1/6", 1))
    [line] = problems(made, path)
    assert 'line 2 is “title: "Ravens 1/6"”, and would be “title: "Herons 1/6"”' in line


def test_a_document_that_was_cut_says_where(made: Path) -> None:
    path = document_of(made, "Herons 1/6")
    path.write_text(path.read_text()[:-100] + "\n")
    assert len(problems(made, path)) == 1


def test_a_receipt_that_the_ledger_does_not_have_is_found(made: Path) -> None:
    path = document_of(made, "Herons 1/6")
    path.write_text(re.sub(r"head [0-9a-f]{64}", f"head {'0' * 64}", path.read_text()))
    first, second = problems(made, path)
    assert "the receipt 2:000000000000 does not fit" in first
    assert "is not what the archive gives: line" in second


def test_a_document_of_an_earlier_capture_is_compared_with_the_archive_of_then(folder: Path) -> None:
    with Archive.open(folder, now=NOON) as archive:
        first = imports.import_recording(archive, FIXTURES / CASES[1], lambda: NOON)
        old = first.markdown.with_name("old.md")
        first.markdown.rename(old)
        imports.import_recording(archive, FIXTURES / CASES[1], lambda: NOON)
        saved(archive, a_thread(a_post(1)), days=400)
    lines = found(folder, old)
    assert problems(folder, old) == []
    assert "is byte for byte what the archive gave on " in lines[0]
    assert "at ledger entry 1; it has gone on since, to entry 3; " in lines[0]
    old.write_text(old.read_text().replace("Herons 2/6", "Ravens 2/6", 1))
    assert "is not what the archive gives: line" in problems(folder, old)[0]


def test_a_document_of_before_a_redaction_says_so(made: Path) -> None:
    path = document_of(made, "Herons 1/6")
    old = path.with_name("old.md")
    shutil.copy(path, old)
    post = re.findall(r"https://\S*/post/\w+", path.read_text())[2]
    redact = ["redact", post, "--post", post, "--reason", "a child is shown", "--yes"]
    assert cli.run(["--archive", str(made), *redact]) == 0
    assert problems(made) == []
    assert problems(made, path) == []
    assert any(line.startswith("withheld: run ") for line in found(made))
    [line] = [line for line in found(made, old) if line.startswith("unchecked")]
    assert "cannot be compared any more: ledger entry 5 of " in line
    assert "withholds something of its thread since it was written. line " in line


@pytest.mark.parametrize("how", [(), ("--mode", "article"), ("--format", "html")], ids=["record", "article", "page"])
def test_a_document_of_after_a_redaction_is_compared(made: Path, how: tuple[str, ...]) -> None:
    path = document_of(made, "Herons 1/6")
    post = re.findall(r"https://\S*/post/\w+", path.read_text())[2]
    redact = ["redact", post, "--post", post, "--reason", "a child is shown", "--yes"]
    assert cli.run(["--archive", str(made), *redact]) == 0
    assert cli.run(["--archive", str(made), "export", "1", "2", *how]) == 0
    for path in (path for path in made.glob("*/*ann.example.com*.*") if path.suffix in (".md", ".html")):
        assert problems(made, path) == []
        path.write_text(path.read_text() + "\n")
        assert "is not what the archive gives: line" in problems(made, path)[0]


def test_what_is_no_document_of_ours_is_said(made: Path, tmp_path: Path) -> None:
    other = tmp_path / "notes.md"
    other.write_text("# Shopping\n")
    assert problems(made, other) == [f"problem: {other} does not begin as a document of an archived thread does"]
    other.write_text(f'---\nsource: "https://nowhere.example/1"\nformat: {FORMAT}\n---\n')
    assert problems(made, other) == [f"problem: https://nowhere.example/1: the archive gives no document of {other}"]


def test_another_text_in_the_derived_rows_and_the_document_is_found(made: Path) -> None:
    path = document_of(made, "Herons 1/6")
    with attacking(made) as db:
        for column in ("content", "text"):
            db.execute(f"UPDATE posts SET {column} = replace({column}, 'Herons', 'Ravens')")
        db.execute("UPDATE threads SET title = replace(title, 'Herons', 'Ravens')")
    path.write_text(path.read_text().replace("Herons", "Ravens"))
    assert 'and would be “title: "Herons 1/6"”' in problems(made, path)[0]


def test_answers_that_were_changed_with_the_document_are_found(made: Path) -> None:
    path = document_of(made, "Herons 1/6")
    with attacking(made) as db:
        name = body_with(db, b"Herons 1/6")
        new = put(db, content(db, name).replace(b"Herons 1/6", b"Ravens 1/6"))
        db.execute("UPDATE _exchanges SET body_sha256 = ? WHERE body_sha256 = ?", (new, name))
    reread(made)
    assert any("body_sha256 was sealed as" in line for line in problems(made, path))


EXPORTS = (
    ("--mode", "article"),
    ("--mode", "article", "--replies"),
    ("--pseudonyms",),
    ("--mode", "article", "--pseudonyms", "--replies"),
    ("--vault", "--show-sensitive"),
    ("--format", "html"),
    ("--format", "html", "--pseudonyms", "--tz", "Europe/Paris"),
    ("--format", "html", "--show-sensitive"),
)


@pytest.mark.parametrize("how", EXPORTS, ids=" ".join)
def test_what_the_program_exports_can_be_verified(
    filled: Path, how: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["--archive", str(filled), "export", "--out", str(tmp_path), *how]) == 0
    files = [path for path in tmp_path.glob("*/*.*") if path.suffix in (".md", ".html") and "account" not in str(path)]
    assert len(files) == 2
    for path in files:
        code, lines = run(capsys, filled, str(path))
        assert (code, lines[-1][:36]) == (0, "no problem was found up to entry 2"), lines
        path.write_text(path.read_text().replace(" the ", " teh ", 1))
        code, lines = run(capsys, filled, str(path))
        assert code == 7
        assert "is not what the archive gives: line" in lines[0]


def test_a_document_in_a_form_that_is_not_known_cannot_be_compared(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = document_of(made, "Herons 1/6")
    path.write_text(path.read_text().replace(f"format: {FORMAT}", "format: thread-md/0"))
    code, lines = run(capsys, made, str(path))
    assert code == 3
    assert lines[0].endswith("is written in the form thread-md/0, which this version has not: it cannot be compared")
    assert lines[-1] == "no problem was found, and not all could be compared"


@pytest.mark.parametrize(
    ("how", "form"),
    [((), "thread-md"), (("--mode", "article"), "thread-article"), (("--format", "html"), "thread-page")],
    ids=["record", "article", "page"],
)
def test_a_forged_word_is_named_in_a_document_that_cannot_be_compared(
    filled: Path, how: tuple[str, ...], form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["--archive", str(filled), "export", "--out", str(tmp_path), *how]) == 0
    paths = [path for path in tmp_path.glob("*/*.*") if path.suffix in (".md", ".html") and "account" not in str(path)]
    for path in paths:
        old = path.read_text().replace(f"{form}/1", f"{form}/0")
        path.write_text(old.replace("Completeness", "Whole", 1))
        code, lines = run(capsys, filled, str(path))
        assert (code, [line for line in lines if line.startswith("problem")]) == (3, [])
        path.write_text(old.replace(" the ", " teh ").replace("A picture, a sound", "A picture, no sound"))
        code, lines = run(capsys, filled, str(path))
        assert code == 7
        assert "has not the words of a post that the kept answers give: “" in lines[0]


def test_documents_in_the_folder_are_compared_by_deep(made: Path) -> None:
    path = document_of(made, "Herons 1/6")
    path.write_text(path.read_text() + "and more\n")
    assert problems(made) == []
    assert f"{path} is not what the archive gives" in problems(made, deep=True)[0]


def test_an_index_that_does_not_fit_is_found_by_deep(made: Path) -> None:
    with closing(sqlite3.connect(made / DATABASE)) as db:
        db.execute("INSERT INTO posts_fts (posts_fts) VALUES ('delete-all')")
        db.commit()
    assert problems(made, deep=True)[0].startswith("problem: the search index does not fit the posts")


def test_answers_that_give_nothing_any_more_are_found_by_deep(made: Path) -> None:
    with attacking(made) as db:
        db.execute("UPDATE _exchanges SET status = 500")
    assert any(": gives no thread any more: " in line for line in problems(made, deep=True))


# WACZ


@pytest.fixture
def wacz(made: Path, tmp_path: Path) -> Path:
    assert cli.run(["--archive", str(made), "export", "--wacz", str(tmp_path / "a.wacz")]) == 0
    return tmp_path / "a.wacz"


def rewritten(path: Path, **changes: Any) -> Path:
    """Write a WACZ anew, with members changed by name (dots as `_`), or left out where the change is None."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, content in members.items():
            change = changes.get(re.sub(r"\W", "_", name), lambda content: content)
            if change is not None:
                new.writestr(name, change(content))
    return path


def test_a_wacz_is_whole_with_and_without_its_archive(made: Path, wacz: Path, tmp_path: Path) -> None:
    hash_, _ = entry_of(made, 2)
    assert problems(made, wacz, Receipt(2, hash_[:12])) == problems(tmp_path / "nowhere", wacz) == []
    assert [line for line in found(made, wacz) if line.endswith("is in the ledger of the archive")] == found(made, wacz)
    assert "has to be compared with the archive" in found(tmp_path / "nowhere", wacz)[0]
    assert "is of no run in" in problems(made, wacz, Receipt(2, "0" * 12))[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"pages_pages_jsonl": lambda content: content + b" "},
            "pages/pages.jsonl is not the one that datapackage.json",
        ),
        ({"pages_pages_jsonl": None}, "pages/pages.jsonl is listed in datapackage.json and missing"),
        (
            {"datapackage_json": lambda content: content + b" "},
            "datapackage.json is not the one that datapackage-digest",
        ),
        ({"datapackage_json": lambda content: b"{}"}, "datapackage.json cannot be read"),
        ({"datapackage_digest_json": None}, "datapackage-digest.json cannot be read"),
        ({"archive_data_warc_gz": lambda content: content[:-40]}, "cannot be read after record"),
        (
            {"archive_data_warc_gz": lambda content: content[:40] + bytes([content[40] ^ 1]) + content[41:]},
            "archive/data.warc.gz",
        ),
    ],
)
def test_a_change_in_a_wacz_is_found(wacz: Path, tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    rewritten(wacz, **changes)
    assert any(words in line for line in problems(tmp_path / "nowhere", wacz)), problems(tmp_path / "nowhere", wacz)


def test_what_is_not_listed_is_found(wacz: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wacz, "a") as container:
        container.writestr("archive/more.warc", b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: -1\r\n\r\n")
    said = problems(tmp_path / "nowhere", wacz)
    assert "archive/more.warc is not listed in datapackage.json" in said[0]
    assert any("archive/more.warc cannot be read after record 0 (a record of -1 bytes)" in line for line in said)


def test_any_byte_of_the_records_counts(wacz: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wacz) as container:
        size = container.getinfo("archive/data.warc.gz").file_size
    before = wacz.read_bytes()
    for place in range(7, size, size // 60):

        def change(content: bytes, place: int = place) -> bytes:
            return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]

        assert problems(tmp_path / "nowhere", rewritten(wacz, archive_data_warc_gz=change)), place
        wacz.write_bytes(before)


def rewarc(content: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    """Change what records say, and their digests with it."""
    records = gzip.decompress(content)
    for old, new in changes:
        assert old in records
        records = records.replace(old, new)
    parts = re.split(rb"(?=WARC/1\.1\r\n)", records)[1:]
    return b"".join(gzip.compress(_redigested(part)) for part in parts)


def _redigested(record: bytes) -> bytes:
    head, _, block = record.removesuffix(b"\r\n\r\n").partition(b"\r\n\r\n")
    payload = block.partition(b"\r\n\r\n")[2] if b"application/http" in head else block
    for name, part in ((b"Block", block), (b"Payload", payload)):
        digest = b"sha256:" + hashlib.sha256(part).hexdigest().encode()
        head = re.sub(rb"(WARC-%s-Digest: )\S+" % name, rb"\g<1>" + digest, head)
    head = re.sub(rb"(?m)^Content-Length: \d+", b"Content-Length: %d" % len(block), head)
    return head + b"\r\n\r\n" + block + b"\r\n\r\n"


def forged(path: Path, *changes: tuple[bytes, bytes]) -> Path:
    """Change records of a WACZ so that all digests in it fit again."""
    with zipfile.ZipFile(path) as container:
        content = rewarc(container.read("archive/data.warc.gz"), *changes)
        package = json.loads(container.read("datapackage.json"))
    for resource in package["resources"]:
        if resource["path"] == "archive/data.warc.gz":
            resource |= {"hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "bytes": len(content)}
    whole = json.dumps(package).encode()
    named = json.dumps({"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(whole).hexdigest()}"}).encode()
    return rewritten(
        path,
        archive_data_warc_gz=lambda _: content,
        datapackage_json=lambda _: whole,
        datapackage_digest_json=lambda _: named,
    )


def test_a_forged_answer_does_not_fit_the_manifest(wacz: Path, tmp_path: Path) -> None:
    forged(wacz)
    assert problems(tmp_path / "nowhere", wacz) == []
    forged(wacz, (b"Herons 2/6", b"Ravens 2/6"))
    said = problems(tmp_path / "nowhere", wacz)
    assert any(re.search(r"the answer to GET \S+ is not here as it was sealed", line) for line in said)
    assert any("has a body that is none that was sealed there" in line for line in said)


def test_a_forged_manifest_does_not_fit_the_receipt(made: Path, wacz: Path, tmp_path: Path) -> None:
    forged(wacz, (b'"operator":"J. Doe"', b'"operator":"R. Roe"'))
    hash_, _ = entry_of(made, 4)
    assert f"its manifest is not the one that is sealed by ledger 4 · head {hash_}" in problems(made, wacz)[0]


def test_a_receipt_that_is_taken_out_or_changed_is_found(made: Path, wacz: Path, tmp_path: Path) -> None:
    before = wacz.read_bytes()
    forged(wacz, (b"archiver-receipt: ledger 4", b"archiver-paper: ledger 4"))
    assert "no entry of a ledger is named for this run" in problems(tmp_path / "nowhere", wacz)[0]
    wacz.write_bytes(before)
    forged(wacz, (b"archiver-ledger-prev: ", b"archiver-ledger-prev: x"))
    assert "its manifest cannot be read" in problems(tmp_path / "nowhere", wacz)[0]


def test_what_is_no_wacz_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    path.write_bytes(b"PK no zip")
    assert "is damaged, or no WACZ" in problems(tmp_path, path)[0]
    with pytest.raises(UsageError, match="cannot be read"):
        problems(tmp_path, tmp_path / "gone.wacz")


# The report


def test_the_report_says_what_a_certificate_needs(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hash_, run_ = entry_of(made, 4)
    code, lines = run(capsys, made, "--report")
    text = "\n".join(lines)
    assert code == 0
    assert lines[0] == "REPORT ON AN ARCHIVE OF THREADS"
    for words in (
        "Result:    no problem was found up to entry 4",
        f"Receipt:   ledger 4 · head {hash_}",
        "Threads:   not compared (--deep does)",
        f"Run {run_}",
        f"  operator:   {OPERATOR}",
        "  with:       thread-archiver ",
        "  clocks:     at most 0 seconds between a host's clock and ours",
        "Over ledger entry 4, and so over all before it: promised by https://calendar.example",
        "I declare under penalty of perjury",
        f"{hashlib.sha256((made / DATABASE).read_bytes()).hexdigest()}  {DATABASE}",
        "What they do not prove: that the server said it.",
    ):
        assert words in text
    with closing(sqlite3.connect(made / DATABASE)) as db:
        for (digest,) in db.execute("SELECT body_sha256 FROM _exchanges WHERE body_sha256 NOTNULL"):
            assert digest in text


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="the command is one of GNU")
def test_the_digest_of_the_program_in_the_report_is_what_the_documented_command_prints(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parent.parent / "docs" / "evidence.md").read_text(encoding="utf-8")
    [command] = re.findall(r"`(find \* .*?)`", page)
    done = subprocess.run(
        ["sh", "-c", command], cwd=Path(archiver.__file__).parent, capture_output=True, text=True, check=True
    )
    _, lines = run(capsys, made, "--report")
    assert f"Program:   archiver/ sha256:{done.stdout.split()[0]}, the digest of the list of its files" in lines


def test_the_report_names_what_was_withheld_and_put_beside_and_every_run(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shot = tmp_path / "shot.png"
    shot.write_bytes(b"a picture")
    (made / "archiver.toml").write_text('[evidence]\noperator = "C. Poe"\n')
    assert cli.run(["--archive", str(made), "attach", "1", str(shot), "--note", "as a reader saw it"]) == 0
    path = document_of(made, "Herons 1/6")
    post = re.findall(r"https://\S*/post/\w+", path.read_text())[2]
    assert cli.run(["--archive", str(made), "redact", post, "--post", post, "--reason", "by law", "--yes"]) == 0
    with Archive.open(made, now=later(days=20)) as archive:
        failed = archive.begin("https://nobody.example/1", Options(), later(days=20))
        archive.finish(failed, "failed", ["no such host"], later(days=20))
    code, lines = run(capsys, made, "--report", "--deep")
    text = "\n".join(lines)
    assert code == 0
    for words in (
        "by C. Poe\n",
        "Threads:   compared with the kept answers, row by row and byte by byte",
        "Withheld:  by 1 redaction\nRemoved:   0 threads, whose runs are not read any more\nAttached:  1 file\n",
        "No thread: 1 run",
        f"Run {failed}\n  asked for:  https://nobody.example/1\n",
        "  gave:       no thread",
        "  shot.png, 9 bytes, beside https://",
        hashlib.sha256(b"a picture").hexdigest(),
        "  note: as a reader saw it",
        "  reason:  by law\n  posts:   at://",
        "6  redaction, added 20",
    ):
        assert words in text, words
    assert not [line for line in lines if line.endswith("  archiver.toml")]
    for path in made.rglob("*.md"):
        assert f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(made).as_posix()}" in text


def test_foreign_words_begin_no_line_of_the_report(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    forged = "x\n\n4. TIME STAMPS\n\u2028\x1b[2J\u202esound, by QTSP\n"
    told = dict.fromkeys(("thread", "operator", "reason", "name", "note", "at"), forged)
    with attacking(made) as db:
        for table, column in (
            ("_runs", "url"),
            ("_runs", "operator"),
            ("_runs", "tool"),
            ("_runs", "outcome"),
            ("_runs", "failures"),
            ("_exchanges", "url"),
            ("_exchanges", "method"),
            ("_exchanges", "error"),
            ("_exchanges", "peer"),
            ("_exchanges", "tls"),
            ("_anchors", "url"),
            ("threads", "title"),
            ("threads", "proof"),
            ("posts", "url"),
            ("authors", "handle"),
        ):
            db.execute(f"UPDATE {table} SET {column} = ?", [forged])
        runs = {"runs": [run_of(db, 1), forged]}
        append(db, "removal", canonical({**told, **runs, "format": "thread-removal/1"}))
        file = {"sha256": forged, "size": 1}
        append(db, "attachment", canonical({**told, **file, "format": "thread-attachment/1"}))
        parts = {"bodies": [], "files": [forged], "posts": [forged], "kept": {}, "whole": False}
        append(db, "redaction", canonical({**told, **parts, "format": "thread-redaction/1"}))
    code, lines = run(capsys, made, "--report")
    text = "\n".join(lines)
    assert code == 7
    assert lines.count("4. TIME STAMPS") == 1
    assert not [letter for letter in text if not letter.isprintable() and letter != "\n"]
    for begin in (
        "  note: ",
        "  reason:  ",
        "  reason: ",
        "  thread: ",
        "  operator:   ",
        "  with:       ",
        "  posts:   ",
    ):
        assert f"{begin}x\\n\\n4. TIME STAMPS" in text, begin


def test_the_report_is_there_for_programs_too(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with attacking(made) as db:
        db.execute("UPDATE _runs SET operator = 'R. Roe'")
    code, lines = run(capsys, made, "--report", "--json")
    records = list(map(json.loads, lines))
    assert code == 7
    assert (records[0]["is"], records[0]["problems"], records[0]["runs"]) == ("report", 4, 4)
    assert {record["is"] for record in records} >= {"report", "problem", "stamp", "thread", "run", "exchange"}
    exchange = next(record for record in records if record["is"] == "exchange")
    assert {"method", "url", "status", "body_sha256", "peer", "tls", "cert_sha256"} <= exchange.keys()


def test_all_that_is_recorded_makes_an_archive_that_verifies(folder: Path) -> None:
    with Archive.open(folder, now=NOON) as archive:
        for case in sorted(path.parent for path in FIXTURES.glob("*/*/url")):
            imports.import_recording(archive, case, lambda: NOON)
    lines = found(folder, deep=True)
    assert [line for line in lines if line.startswith("problem")] == []
    assert len(list((folder / "threads").glob("*.md"))) >= 10


# The folder


def test_other_files_in_the_folder_are_named(made: Path) -> None:
    assert not [line for line in found(made) if "does not vouch" in line]
    (made / "media" / "stray.png").write_bytes(b"nobody knows")
    (made / "pages").mkdir()
    (made / "pages" / "page.html").write_text("<p>Herons</p>")
    words = "note: the archive does not vouch for what else lies in its folder: media/stray.png, pages/page.html"
    assert words in found(made)
    assert words in found(made, deep=True)
    assert problems(made, deep=True) == []


def test_a_timeline_that_was_changed_is_found(filled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    shutil.copytree(filled, folder)
    [path] = folder.glob("threads/*.svg")
    assert problems(folder, deep=True) == []
    assert cli.run(["--archive", str(folder), "export", "--out", str(folder), "--tz", "Europe/Paris"]) == 0
    assert b">Paris<" in path.read_bytes()
    assert problems(folder, deep=True) == []
    path.write_bytes(path.read_bytes().replace(b"circle", b"square", 1))
    [line] = problems(folder, deep=True)
    assert line.endswith(f"{path} is not the timeline that the archive gives")
    shutil.copy(filled / "threads" / path.name, path.with_name("other.svg"))
    assert any("other.svg is not the timeline" in line for line in problems(folder, deep=True))


def test_articles_and_pages_in_the_folder_are_compared_too(made: Path) -> None:
    for how in (("--mode", "article"), ("--format", "html")):
        assert cli.run(["--archive", str(made), "export", "--out", str(made), *how]) == 0
    assert problems(made, deep=True) == []
    changed = [next((made / "articles").glob("*.md")), next((made / "pages").glob("*.html"))]
    for path in changed:
        path.write_text(path.read_text().replace("Archived", "Archivd").replace("captured", "captuerd"))
    assert len(problems(made, deep=True)) == 2
    upper = document_of(made, "Herons 1/6")
    upper.write_text(upper.read_text().replace("Herons", "Ravens"))
    upper.rename(upper.with_suffix(".MD"))
    assert len(problems(made, deep=True)) == 3


def test_an_earlier_versions_password_in_an_address_is_named_and_not_told(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    row = ("1", "https://joe:c4n4ry@social.example/@ann/1", "{}", "thread-archiver 0.4.0", NOON.isoformat(), "")
    archive._db.execute("INSERT INTO _runs (id, url, asked, tool, started_at, operator) VALUES (?, ?, ?, ?, ?, ?)", row)
    archive.finish("1", "failed", [], later(seconds=1))
    folder = archive.folder
    archive.close()
    code, printed = run(capsys, folder)
    assert code == 0
    assert [line for line in printed if line.startswith("warning:") and "with a password or a token" in line]
    assert "c4n4ry" not in "".join((*printed, *run(capsys, folder, "--report")[1]))
