"""Every way to change what a thread shows is found and named; the byte at any place of its files counts."""

import hashlib
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from attacks import attacking, put
from cases import FIXTURES
from samples import NOON, later

from archiver.evidence.checking import check
from archiver.evidence.finding import Level
from archiver.store.store import Archive
from archiver.verbs import imports

SEEDS = 150


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shown") / "archive"
    with Archive.open(folder, now=NOON) as archive:
        imports.import_recording(archive, FIXTURES / "bluesky/nine-boxes", lambda: NOON)
    return folder


@pytest.fixture
def tampered(original: Path, tmp_path: Path) -> Path:
    """A copy of the archive, to be tampered with."""
    shutil.copytree(original, tmp_path / "archive")
    return tmp_path / "archive"


def lines(folder: Path, level: Level | None = None) -> list[str]:
    found = check(None, folder, (), later(days=9), False)
    return [str(finding) for finding in found if level in (None, finding.level)]


def picture(folder: Path, db: sqlite3.Connection) -> tuple[str, Path]:
    """Return the digest and the path of a file that a post shows."""
    query = (
        "SELECT _files.sha256, _files.path FROM attachments JOIN _media ON _media.url = attachments.url"
        " JOIN _files ON _files.sha256 = _media.sha256 ORDER BY _files.sha256"
    )
    name, path = db.execute(query).fetchone()
    return name, folder / path


def change_a_byte(folder: Path, db: sqlite3.Connection) -> str:
    name, path = picture(folder, db)
    data = path.read_bytes()
    path.write_bytes(data[:300] + bytes([data[300] ^ 1]) + data[301:])
    return name


def take_a_file_away(folder: Path, db: sqlite3.Connection) -> str:
    name, path = picture(folder, db)
    path.unlink()
    return name


def put_another_in_its_place(folder: Path, db: sqlite3.Connection) -> str:
    """With its right name, and its right row: only the seal is against it."""
    name, path = picture(folder, db)
    data = path.read_bytes() + b"\0"
    new = hashlib.sha256(data).hexdigest()
    other = folder / "media" / new[:2] / f"{new}.png"
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(data)
    db.execute("INSERT INTO _files SELECT ?, ?, ?, added_at FROM _files WHERE sha256 = ?",
               (new, len(data), str(other.relative_to(folder)), name))  # fmt: skip
    db.execute("INSERT INTO _bodies VALUES (?, ?, 'file', '')", (new, len(data)))
    db.execute("UPDATE _media SET sha256 = ? WHERE sha256 = ?", (new, name))
    db.execute("UPDATE _exchanges SET body_sha256 = ? WHERE body_sha256 = ?", (new, name))
    db.execute("DELETE FROM _bodies WHERE sha256 = ?", [name])
    db.execute("DELETE FROM _files WHERE sha256 = ?", [name])
    path.unlink()
    return name


def swap_what_two_addresses_gave(folder: Path, db: sqlite3.Connection) -> str:
    (one, first), (other, second) = db.execute(
        "SELECT id, sha256 FROM _media WHERE sha256 NOTNULL GROUP BY sha256 ORDER BY id LIMIT 2"
    ).fetchall()
    db.execute("UPDATE _media SET sha256 = ? WHERE id = ?", (second, one))
    db.execute("UPDATE _media SET sha256 = ? WHERE id = ?", (first, other))
    return str(first)


def say_that_a_film_was_never_there(folder: Path, db: sqlite3.Connection) -> str:
    name, _ = picture(folder, db)
    db.execute("UPDATE _media SET sha256 = NULL, said = '404' WHERE sha256 = ?", [name])
    return name


def add_what_no_address_gave(folder: Path, db: sqlite3.Connection) -> str:
    name, _ = picture(folder, db)
    db.execute(
        "INSERT INTO _media (run, url, place, asked_url, sha256, kind, said, at)"
        " SELECT run, 'https://cdn.example/x.png', 0, asked_url, sha256, kind, said, at FROM _media WHERE sha256 = ?"
        " LIMIT 1",
        [name],
    )
    return "https://cdn.example/x.png"


def take_a_row_of_media_away(folder: Path, db: sqlite3.Connection) -> str:
    name, _ = picture(folder, db)
    db.execute("DELETE FROM _media WHERE sha256 = ?", [name])
    return name


def take_the_list_entry_away(folder: Path, db: sqlite3.Connection) -> str:
    """The file stays, and nothing says where it is."""
    name, _ = picture(folder, db)
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("DELETE FROM _files WHERE sha256 = ?", [name])
    return name[:12]


def put_a_body_in_place_of_a_file(folder: Path, db: sqlite3.Connection) -> str:
    name, _ = picture(folder, db)
    new = put(db, b"no picture")
    db.execute("UPDATE _exchanges SET body_sha256 = ? WHERE body_sha256 = ?", (new, name))
    return "body_sha256 was sealed as"


Attack = Callable[[Path, sqlite3.Connection], str]
ATTACKS: tuple[tuple[Attack, str], ...] = (
    (change_a_byte, "another content"),
    (take_a_file_away, "is missing"),
    (put_another_in_its_place, "body_sha256 was sealed as"),
    (swap_what_two_addresses_gave, "was sealed and is not there"),
    (say_that_a_film_was_never_there, "was sealed and is not there"),
    (add_what_no_address_gave, "was not there when the run was sealed"),
    (take_a_row_of_media_away, "was sealed and is not there"),
    (take_the_list_entry_away, "is said to be a file, and none is listed"),
    (put_a_body_in_place_of_a_file, "body_sha256 was sealed as"),
)


def test_an_archive_that_nobody_touched_is_as_it_was_sealed(original: Path) -> None:
    assert lines(original, Level.PROBLEM) == []
    assert ", 0 files, " not in "".join(lines(original))


@pytest.mark.parametrize(("attack", "words"), ATTACKS, ids=[attack.__name__ for attack, _ in ATTACKS])
def test_what_was_done_to_it_is_found_and_named(attack: Attack, words: str, tampered: Path) -> None:
    with attacking(tampered) as db:
        named = attack(tampered, db)
    found = lines(tampered, Level.PROBLEM)
    assert any(words in line for line in found), found
    assert any(named[:12] in line for line in found), found


def test_any_byte_of_any_file_counts(tampered: Path) -> None:
    files = sorted(path for path in (tampered / "media").rglob("*") if path.is_file())
    before = set(lines(tampered))
    for seed in range(SEEDS):
        chance = random.Random(seed)
        path = chance.choice(files)
        data = path.read_bytes()
        place = chance.randrange(len(data))
        path.write_bytes(data[:place] + bytes([data[place] ^ chance.randrange(1, 256)]) + data[place + 1 :])
        [found] = set(lines(tampered)) - before
        assert path.stem[:12] in found
        path.write_bytes(data)
    assert set(lines(tampered)) == before
