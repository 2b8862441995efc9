"""Every way to change an archive is found and named, and the byte at any place of its files counts."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from attacks import attacking, body_with, content, dump, put, reread, reseal, run_of, sweep
from samples import later

from archiver.errors import ArchiverError
from archiver.evidence.chain import Receipt
from archiver.evidence.checking import check
from archiver.evidence.finding import Level
from archiver.store.audit import Audit

SEEDS, SHARES = 1000, 3  # in shares, so that several cores can take them
WORDS = b"Herons"  # in posts of the second run only


@pytest.fixture
def tampered(original: Path, tmp_path: Path) -> Path:
    """A copy of the archive, to be tampered with."""
    shutil.copytree(original, tmp_path / "archive")
    return tmp_path / "archive"


def problems(folder: Path, *receipts: Receipt, deep: bool = False) -> list[str]:
    found = check(None, folder, receipts, later(days=9), deep)
    return [str(finding) for finding in found if finding.level is Level.PROBLEM]


def newest(folder: Path) -> Receipt:
    with Audit.opened(folder) as audit:
        entry = audit.entries()[-1]
    return Receipt(entry.seq, entry.hash[:12])


def flip_a_bit(folder: Path, db: sqlite3.Connection) -> str:
    name = body_with(db, WORDS)
    [data] = db.execute("SELECT data FROM _bodies WHERE sha256 = ?", [name]).fetchone()
    damaged = bytes([*data[:40], data[40] ^ 1, *data[41:]])
    db.execute("UPDATE _bodies SET data = ? WHERE sha256 = ?", (damaged, name))
    return run_of(db, 2)


def delete_a_body(folder: Path, db: sqlite3.Connection) -> str:
    db.execute("DELETE FROM _bodies WHERE sha256 = ?", [body_with(db, WORDS)])
    return run_of(db, 2)


def change_a_post(folder: Path, db: sqlite3.Connection) -> str:
    """The body, its name, and what was read out of it: all fit again."""
    while True:
        try:
            name = body_with(db, WORDS)
        except AssertionError:
            break
        new = put(db, content(db, name).replace(WORDS, b"Ravens"))
        db.execute("UPDATE _exchanges SET body_sha256 = ? WHERE body_sha256 = ?", (new, name))
        sweep(db)
    for table in ("posts", "threads"):
        columns = ("content", "text") if table == "posts" else ("title",)
        for column in columns:
            db.execute(f"UPDATE {table} SET {column} = replace({column}, 'Herons', 'Ravens')")
    return run_of(db, 2)


def change(sql: str, number: int) -> Callable[[Path, sqlite3.Connection], str]:
    def act(folder: Path, db: sqlite3.Connection) -> str:
        run = run_of(db, number)
        assert db.execute(sql, {"run": run}).rowcount == 1
        return run

    return act


def delete_an_exchange(folder: Path, db: sqlite3.Connection) -> str:
    run = run_of(db, 3)
    db.execute("DELETE FROM _exchanges WHERE id = (SELECT MAX(id) FROM _exchanges WHERE run = ?)", [run])
    sweep(db)
    return run


def add_an_exchange(folder: Path, db: sqlite3.Connection) -> str:
    run = run_of(db, 3)
    columns = [name for _, name, *_ in db.execute("PRAGMA table_info(_exchanges)") if name not in ("id", "seq")]
    names = ", ".join(columns)
    db.execute(
        f"INSERT INTO _exchanges (seq, {names}) SELECT 99, {names} FROM _exchanges WHERE run = ? AND seq = 1", [run]
    )
    return run


def delete_a_run(folder: Path, db: sqlite3.Connection, number: int = 2) -> str:
    run = run_of(db, number)
    db.execute("DELETE FROM _ledger WHERE run = ?", [run])
    for table in ("thread_posts", "missing"):
        db.execute(f"DELETE FROM {table} WHERE thread IN (SELECT id FROM threads WHERE run = ?)", [run])
    db.execute("DELETE FROM threads WHERE run = ?", [run])
    db.execute("DELETE FROM observations WHERE run = ?", [run])
    db.execute("DELETE FROM _exchanges WHERE run = ?", [run])
    db.execute("DELETE FROM _runs WHERE id = ?", [run])
    sweep(db)
    return ""


def swap_entries(folder: Path, db: sqlite3.Connection) -> str:
    run = run_of(db, 2)
    for before, after in ((2, 0), (3, 2), (0, 3)):
        db.execute("UPDATE _ledger SET seq = ? WHERE seq = ?", (after, before))
    return run


def change_the_post_alone(folder: Path, db: sqlite3.Connection) -> str:
    [post] = db.execute("SELECT id FROM posts WHERE text LIKE 'Herons 1/%'").fetchone()
    db.execute("UPDATE posts SET content = '<p>Ravens</p>', text = 'Ravens' WHERE id = ?", [post])
    return str(post)


def cut_off_the_newest(folder: Path, db: sqlite3.Connection) -> str:
    return delete_a_run(folder, db, 4)


def rewrite(folder: Path, db: sqlite3.Connection) -> str:
    change_a_post(folder, db)
    reseal(folder, db)
    return ""


def another_token(folder: Path, db: sqlite3.Connection) -> str:
    [reply] = db.execute("SELECT reply_sha256 FROM _anchors").fetchone()
    stamp = content(db, reply)
    new = put(db, stamp[:40] + bytes(8) + stamp[48:])
    db.execute("UPDATE _anchors SET reply_sha256 = ?", [new])
    sweep(db)
    return ""


def without_anchor(act: Callable[[Path, sqlite3.Connection], str]) -> Callable[[Path, sqlite3.Connection], str]:
    def both(folder: Path, db: sqlite3.Connection) -> str:
        db.execute("DELETE FROM _anchors")
        named = act(folder, db)
        sweep(db)
        return named

    both.__name__ = f"{act.__name__}_and_delete_the_anchor"
    return both


@dataclass(frozen=True)
class Tampering:
    """What is done, how it is found, and in which words."""

    act: Callable[[Path, sqlite3.Connection], str]
    words: str
    by: str = "verify"
    name: str = ""
    reread: bool = False


TAMPERINGS = (
    Tampering(flip_a_bit, "body "),
    Tampering(delete_a_body, "is missing"),
    Tampering(change_a_post, "body_sha256 was sealed as"),
    Tampering(
        change("UPDATE _exchanges SET response_head = 'server: y' WHERE run = :run AND seq = 1", 1),
        "response_head was sealed as",
        name="change_a_response_header",
    ),
    Tampering(
        change("UPDATE _exchanges SET finished_at = '2026-03-12T09:00:00+00:00' WHERE run = :run AND seq = 2", 2),
        "finished_at was sealed as",
        name="change_a_capture_time",
    ),
    Tampering(
        change("UPDATE _runs SET operator = 'R. Roe' WHERE id = :run", 4),
        'operator was sealed as "J. Doe" and is "R. Roe"',
        name="change_the_operator",
    ),
    Tampering(delete_an_exchange, "was sealed and is not there"),
    Tampering(add_an_exchange, "was not there when the run was sealed"),
    Tampering(delete_a_run, "ledger entry 3 follows entry 1: what was between them is gone"),
    Tampering(swap_entries, "was sealed upon another entry"),
    Tampering(change_the_post_alone, "and the kept answers say", by="deep"),
    Tampering(cut_off_the_newest, "is over ledger entry 4, which is not there", reread=True),
    Tampering(rewrite, "is over another entry 4 than the one that is here", reread=True),
    Tampering(another_token, "is over something else"),
    Tampering(
        without_anchor(cut_off_the_newest), "is of an entry that the ledger does not have", "receipt", reread=True
    ),
    Tampering(without_anchor(rewrite), "does not fit: entry 4 has", "receipt", reread=True),
)


def test_there_are_sixteen_ways() -> None:
    assert len(TAMPERINGS) == 16


def test_an_archive_that_nobody_touched_is_as_it_was_sealed(original: Path) -> None:
    assert problems(original, newest(original), deep=True) == []


def test_the_attacks_themselves_leave_no_trace(tampered: Path) -> None:
    before = dump(tampered)
    with attacking(tampered) as db:
        reseal(tampered, db)
    assert dump(tampered) == before
    assert problems(tampered, newest(tampered), deep=True) == []


@pytest.mark.parametrize("how", TAMPERINGS, ids=[how.name or how.act.__name__ for how in TAMPERINGS])
def test_a_tampering_is_found_and_named(how: Tampering, tampered: Path) -> None:
    receipt = newest(tampered)
    with attacking(tampered) as db:
        named = how.act(tampered, db)
    if how.reread:
        reread(tampered)
    plainly, deeply = problems(tampered), problems(tampered, deep=True)
    outside = problems(tampered, receipt, deep=True)
    assert bool(plainly) == (how.by == "verify")
    assert bool(deeply) == (how.by != "receipt")
    found = {"verify": plainly, "deep": deeply, "receipt": outside}[how.by]
    assert any(how.words in line and named in line for line in found), found
    assert all("https://" in line for line in found if "run " in line)
    assert set(plainly) <= set(deeply) <= set(outside)


def test_a_plain_statement_is_refused(tampered: Path) -> None:
    db = sqlite3.connect(tampered / "archive.db")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute("UPDATE _exchanges SET status = 404")
    db.close()


def test_a_trigger_that_is_gone_is_found(tampered: Path) -> None:
    db = sqlite3.connect(tampered / "archive.db")
    db.execute("DROP TRIGGER _bodies_update")
    db.close()
    assert problems(tampered) == ["problem: the trigger _bodies_update is missing"]


@pytest.mark.parametrize("share", range(SHARES))
def test_any_byte_of_any_file_counts(tampered: Path, share: int) -> None:
    """A byte is changed at a random place: it is found, or the archive says the very same as before.

    The second is so where SQLite has nothing written, and where it notes how the file is laid out. Not looked at are
    the lock, which holds the number of a process that has ended, settings, and what says which documents were edited.
    What is found need not be a problem: an entry that says it was added later than its run ended is told as a note.
    """
    before, plainly, deeply = dump(tampered), lines(tampered), lines(tampered, deep=True)
    database = tampered / "archive.db"
    others = [path for path in sorted(tampered.rglob("*")) if path.is_file()]
    others = [path for path in others if not path.name.startswith(("archive.", ".exported"))]
    for seed in range(share, SEEDS, SHARES):
        chance = random.Random(seed)
        path = chance.choice(others) if seed % 10 == 0 else database
        data = path.read_bytes()
        place = chance.randrange(len(data))
        changed = bytes([data[place] ^ chance.randrange(1, 256)])
        path.write_bytes(data[:place] + changed + data[place + 1 :])
        is_found = path.suffix != ".md" and noticed(tampered, plainly)
        is_nothing = not is_found and path == database and dump(tampered) == before
        assert is_found or is_nothing or noticed(tampered, deeply, deep=True), (seed, path, place, changed)
        path.write_bytes(data)


def lines(folder: Path, deep: bool = False) -> list[str]:
    return [str(finding) for finding in check(None, folder, (), later(days=9), deep)]


def noticed(folder: Path, told: list[str], deep: bool = False) -> bool:
    """Tell whether verification says anything that it did not say before, or cannot even begin."""
    try:
        return not set(lines(folder, deep)) <= set(told)
    except ArchiverError:
        return True
