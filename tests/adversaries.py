"""What somebody does who knows this program, has all files and all time, and repairs every digest."""

import hashlib
import sqlite3
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from attacks import attacking, body_with, content, put, run_of
from samples import later

from archiver import pipeline
from archiver.ledger import Entry, canonical, following
from archiver.model import Post, Thread
from archiver.store.ledger import manifest_of
from archiver.store.redactions import EPOCH, TRANSCRIPT, manifest
from archiver.store.rows import rows_of
from archiver.store.store import DATABASE, Archive

WORDS, OTHERS = "Herons", "Ravens"  # the first are in posts of the second run
LONG_AGO = "2017-05-03T20:00:00+00:00"
LATER = later(days=5).isoformat()
FIELDS = ("log", "seq", "kind", "run", "manifest_sha256", "prev", "hash", "added_at")

Act = Callable[[Path], None]


def put_entry(db: sqlite3.Connection, entry: Entry) -> None:
    """Add an entry as it is."""
    marks = ", ".join("?" for _ in FIELDS)
    db.execute(f"INSERT INTO _ledger ({', '.join(FIELDS)}) VALUES ({marks})", [getattr(entry, name) for name in FIELDS])


def append(db: sqlite3.Connection, kind: str, told: bytes, run: str | None = None, at: str = LATER) -> None:
    """Add an entry that hangs together with the others."""
    last = db.execute(f"SELECT {', '.join(FIELDS)} FROM _ledger ORDER BY seq DESC LIMIT 1").fetchone()
    before = Entry(**dict(zip(FIELDS, last, strict=True)))
    put(db, told)
    put_entry(db, following(before, log="", kind=kind, run=run, manifest=told, added_at=at))


def redaction(db: sqlite3.Connection, **told: Any) -> None:
    """Add the entry of a redaction that never was."""
    append(db, "redaction", canonical(manifest(at=LATER, reason="by law", **told)))


def seen_by(folder: Path, number: int) -> tuple[str, Thread]:
    """Return a run, and what its answers give."""
    with sqlite3.connect(folder / DATABASE) as db:
        run = run_of(db, number)
    with Archive.read(folder) as archive:
        thread = pipeline.readable(archive, run)
    assert thread
    return run, thread


def with_other_words(thread: Thread) -> Thread:
    """Return a thread with a word changed in each post."""
    nodes = tuple(
        replace(node, content=node.content.replace(WORDS, OTHERS)) if isinstance(node, Post) else node
        for node in thread.nodes
    )
    assert nodes != thread.nodes
    return replace(thread, nodes=nodes)


def put_transcript(db: sqlite3.Connection, thread: Thread) -> str:
    rows = rows_of(thread, seen=thread, run="", seen_at=EPOCH)
    return put(db, canonical({"format": TRANSCRIPT, "tables": rows}))


def bodies_of(db: sqlite3.Connection, run: str) -> list[str]:
    query = "SELECT DISTINCT body_sha256 FROM _exchanges WHERE run = ? AND body_sha256 NOTNULL ORDER BY seq"
    return [name for (name,) in db.execute(query, [run])]


def take_out(db: sqlite3.Connection, sha256: str, left: bytes = b"") -> dict[str, str]:
    """Keep of a body only this; return what the entry has to say of it."""
    db.execute("UPDATE _bodies SET codec = 'withheld', data = ? WHERE sha256 = ?", (zlib.compress(left), sha256))
    return {sha256: hashlib.sha256(left).hexdigest() if left else ""}


# Redactions


def transcript_without_a_reason(folder: Path) -> None:
    """Nothing is withheld, and a transcript says other words."""
    run, thread = seen_by(folder, 2)
    with attacking(folder) as db:
        redaction(db, kept={run: put_transcript(db, with_other_words(thread))})


def transcript_beside_answers(folder: Path) -> None:
    """An answer without which the run can be read is taken out, and a transcript says other words than the rest."""
    run, thread = seen_by(folder, 2)
    with attacking(folder) as db:
        [page] = [body for body in bodies_of(db, run) if WORDS.encode() not in content(db, body)][:1]
        redaction(
            db, bodies=take_out(db, page, content(db, page)), kept={run: put_transcript(db, with_other_words(thread))}
        )


def transcript_in_the_place_of_answers(folder: Path) -> None:
    """All answers are taken out: nothing can be compared any more, and that is said of each post."""
    run, thread = seen_by(folder, 2)
    with attacking(folder) as db:
        told: dict[str, str] = {}
        for body in bodies_of(db, run):
            told |= take_out(db, body)
        redaction(db, bodies=told, kept={run: put_transcript(db, with_other_words(thread))})


def other_words_left(folder: Path) -> None:
    """What is left of an answer is the whole answer with one word changed."""
    with attacking(folder) as db:
        told: dict[str, str] = {}
        while True:
            try:
                name = body_with(db, WORDS.encode())
            except AssertionError:
                break
            told |= take_out(db, name, content(db, name).replace(WORDS.encode(), OTHERS.encode()))
        redaction(db, bodies=told, taken={name: ["/content"] for name in told})


def other_words_left_without_places(folder: Path) -> None:
    """The same, as an earlier version has written it."""
    with attacking(folder) as db:
        name = body_with(db, WORDS.encode())
        told = take_out(db, name, content(db, name).replace(WORDS.encode(), OTHERS.encode()))
        entry = manifest(at=later(days=5).isoformat(), reason="by law", bodies=told)
        for body in entry["bodies"]:
            del body["taken"]
        append(db, "redaction", canonical(entry))


def withheld_by_name_only(folder: Path) -> None:
    """A post is hidden: the entry names it, and takes nothing out of the answers."""
    _, thread = seen_by(folder, 2)
    with attacking(folder) as db:
        redaction(db, posts=[thread.posts[1].id])


# The ledger


def second_log(folder: Path) -> None:
    """A run of 2017, in a log of its own."""
    with attacking(folder) as db:
        run = fabricated_run(db, LONG_AGO)
        told = manifest_in(folder, db, run)
        put(db, told)
        put_entry(db, following(None, log="another", kind="capture", run=run, manifest=told, added_at=LONG_AGO))


def unknown_kind_of_entry(folder: Path) -> None:
    with attacking(folder) as db:
        append(db, "correction", canonical({"format": "thread-correction/1"}))


def fabricated_run(db: sqlite3.Connection, at: str) -> str:
    """Put in a run that never was, with the answers of another, changed."""
    source = run_of(db, 2)
    columns = [name for _, name, *_ in db.execute("PRAGMA table_info(_runs)")]
    row = dict(zip(columns, db.execute("SELECT * FROM _runs WHERE id = ?", [source]).fetchone(), strict=True))
    row |= {"id": "00000000-0000-4000-8000-000000000000", "started_at": at, "finished_at": at}
    db.execute(
        f"INSERT INTO _runs ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})", list(row.values())
    )
    names = [name for _, name, *_ in db.execute("PRAGMA table_info(_exchanges)") if name != "id"]
    for exchange in db.execute(f"SELECT {', '.join(names)} FROM _exchanges WHERE run = ?", [source]).fetchall():
        values = dict(zip(names, exchange, strict=True)) | {"run": row["id"], "started_at": at, "finished_at": at}
        values["response_head"] = ""
        if values["body_sha256"]:
            body = content(db, values["body_sha256"]).replace(WORDS.encode(), OTHERS.encode())
            values["body_sha256"] = put(db, body)
        marks = ", ".join("?" for _ in names)
        db.execute(f"INSERT INTO _exchanges ({', '.join(names)}) VALUES ({marks})", list(values.values()))
    return str(row["id"])


def manifest_in(folder: Path, db: sqlite3.Connection, run: str) -> bytes:
    class Reader:
        """Enough of a database for `manifest_of`."""

        def records(self, sql: str, *values: Any) -> list[dict[str, Any]]:
            cursor = db.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    return manifest_of(Reader(), run)  # type: ignore[arg-type]


# The schema


def statement(sql: str) -> Act:
    """Return the act of running some SQL, triggers and all."""

    def act(folder: Path) -> None:
        with sqlite3.connect(folder / DATABASE) as db:
            db.executescript(sql)

    act.__name__ = sql[:50]
    return act


def trigger(name: str, when: str) -> Act:
    """Return the act of adding a trigger that changes words in whatever is written."""
    change = f"replace(text, '{WORDS}', '{OTHERS}'), content = replace(content, '{WORDS}', '{OTHERS}')"
    return statement(f"CREATE TRIGGER {name} {when} BEGIN UPDATE posts SET text = {change}; END")
