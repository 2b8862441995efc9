"""What somebody does who knows this program, has all files and all time, and repairs every digest."""

import hashlib
import sqlite3
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from attacks import PICTURE, attacking, body_with, content, put, reseal, run_of
from samples import later

from archiver import collecting
from archiver.evidence.stamps import OPENTIMESTAMPS, digest_of, proof_of
from archiver.layout import DATABASE
from archiver.ledger import Entry, canonical, following
from archiver.model import Missing, Node, Post, StoredFile, Thread
from archiver.store import attached
from archiver.store.ledger import Ledger
from archiver.store.redactions import EPOCH, TRANSCRIPT, manifest
from archiver.store.rows import rows_of
from archiver.store.store import Archive

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


def removal(db: sqlite3.Connection, thread: str, *runs: str, at: str = LATER) -> None:
    """Add the entry of a removal that never was."""
    told = {"format": "thread-removal/1", "thread": thread, "runs": list(runs), "reason": "x", "operator": "", "at": at}
    append(db, "removal", canonical(told), at=at)


def thread_of(db: sqlite3.Connection, run: str) -> str:
    query = "SELECT DISTINCT thread FROM thread_posts JOIN observations USING (post) WHERE run = ?"
    [[thread]] = db.execute(query, [run]).fetchall()
    return str(thread)


def seen_by(folder: Path, number: int) -> tuple[str, Thread]:
    """Return a run, and what its answers give."""
    with sqlite3.connect(folder / DATABASE) as db:
        run = run_of(db, number)
    with Archive.read(folder) as archive:
        thread = collecting.readable(archive, run)
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
    rows = rows_of(thread, latest=thread, run="", seen_at=EPOCH)
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


def transcript_beside_a_run_that_cannot_be_read(change: Callable[[Post], Node]) -> Act:
    """Return the act of taking the first answer of a run, without which nothing is read, and changing what others say.

    The run is the one in whose listing the other posts still stand.
    """

    def act(folder: Path) -> None:
        run, thread = seen_by(folder, 3)
        nodes = tuple(change(node) if isinstance(node, Post) else node for node in thread.nodes)
        assert nodes != thread.nodes
        author = nodes[0].author if isinstance(nodes[0], Post) else thread.author
        with attacking(folder) as db:
            told = take_out(db, bodies_of(db, run)[0])
            redaction(db, bodies=told, kept={run: put_transcript(db, replace(thread, nodes=nodes, author=author))})
        with Archive.read(folder) as archive:
            assert collecting.readable(archive, run) is None

    return act


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


def removal_in_the_name_of_another_thread(folder: Path) -> None:
    """The run of one thread is hidden, and the entry names another."""
    with attacking(folder) as db:
        removal(db, thread_of(db, run_of(db, 3)), run_of(db, 2))


def removal_in_the_name_of_no_thread(folder: Path) -> None:
    """The run of a thread is hidden, and the entry names a thread that never was."""
    with attacking(folder) as db:
        removal(db, "social.example/9", run_of(db, 2))


def removal_of_no_run(folder: Path) -> None:
    with attacking(folder) as db:
        removal(db, "social.example/9", "00000000-0000-4000-8000-000000000000")


def removal_before_its_run(folder: Path) -> None:
    """The entry of the removal and that of the run change places."""
    with attacking(folder) as db:
        removal(db, thread_of(db, run_of(db, 2)), run_of(db, 2))
        db.execute("DELETE FROM _anchors")
        for before, after in ((2, 0), (5, 2), (0, 5)):
            db.execute("UPDATE _ledger SET seq = ? WHERE seq = ?", (after, before))


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
    marks = ", ".join("?" for _ in columns)
    db.execute(f"INSERT INTO _runs ({', '.join(columns)}) VALUES ({marks})", list(row.values()))
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
        """Enough of a database for `Ledger.manifest_of`."""

        def records(self, sql: str, *values: Any) -> list[dict[str, Any]]:
            cursor = db.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    return Ledger(Reader()).manifest_of(run)  # type: ignore[arg-type]


def appended_run(folder: Path) -> None:
    """A run of 2017 at the end of the chain, with all that belongs to it."""
    with attacking(folder) as db:
        run = fabricated_run(db, LONG_AGO)
        append(db, "capture", manifest_in(folder, db, run), run=run, at=LONG_AGO)


def appended_run_that_looks_live(folder: Path) -> None:
    """The same, that does not say that it is an import, and whose hosts told no time."""
    with attacking(folder) as db:
        run = fabricated_run(db, LONG_AGO)
        db.execute("UPDATE _runs SET asked = '{}' WHERE id IN (?, ?)", (run, run_of(db, 4)))
        append(db, "capture", manifest_in(folder, db, run), run=run, at=LONG_AGO)


def open_run(folder: Path) -> None:
    """A run that is said to go on: it is sealed by nothing."""
    with attacking(folder) as db:
        run = fabricated_run(db, LONG_AGO)
        db.execute("UPDATE _runs SET finished_at = NULL, outcome = '' WHERE id = ?", [run])


def appended_attachment(folder: Path) -> None:
    """A picture that is said to have been put beside a thread."""
    picture = b"a picture of something else"
    name = hashlib.sha256(picture).hexdigest()
    with attacking(folder) as db:
        [thread] = db.execute("SELECT id FROM threads LIMIT 1").fetchone()
        copied = StoredFile(name, len(picture), f"media/{name}.png")
        (folder / copied.path).write_bytes(picture)
        db.execute("INSERT INTO _files VALUES (?, ?, ?, ?)", (name, copied.size, copied.path, LONG_AGO))
        append(db, "attachment", canonical(attached.manifest(thread, copied, "shot.png", "", "J. Doe", later(days=5))))


def entry_of_2017(kind: str) -> Act:
    """Return the act of adding an entry that says that it was made before the runs that it follows."""

    def act(folder: Path) -> None:
        with attacking(folder) as db:
            thread = thread_of(db, run_of(db, 2))
            if kind == "removal":
                removal(db, thread, run_of(db, 2), at=LONG_AGO)
            elif kind == "redaction":
                append(db, kind, canonical(manifest(at=LONG_AGO, reason="by law", thread=thread)), at=LONG_AGO)
            else:
                name = hashlib.sha256(PICTURE).hexdigest()
                copied = StoredFile(name, len(PICTURE), f"media/{name}.png")
                told = attached.manifest(thread, copied, "shot.png", "", "J. Doe", datetime.fromisoformat(LONG_AGO))
                append(db, kind, canonical(told), at=LONG_AGO)

    return act


def chain_made_anew(folder: Path) -> None:
    """A word is changed in an answer, and everything is sealed again; stamps go."""
    with attacking(folder) as db:
        db.execute("DELETE FROM _anchors")
        while True:
            try:
                name = body_with(db, WORDS.encode())
            except AssertionError:
                break
            new = put(db, content(db, name).replace(WORDS.encode(), OTHERS.encode()))
            db.execute("UPDATE _exchanges SET body_sha256 = ? WHERE body_sha256 = ?", (new, name))
            db.execute("DELETE FROM _bodies WHERE sha256 = ?", [name])
        reseal(folder, db)


def runs_in_another_order(folder: Path) -> None:
    """The second and the third run change places, and the chain is made anew over that."""
    with attacking(folder) as db:
        db.execute("DELETE FROM _anchors")
        for before, after in ((2, 0), (3, 2), (0, 3)):
            db.execute("UPDATE _ledger SET seq = ? WHERE seq = ?", (after, before))
        reseal(folder, db)


def log_of_another_name(folder: Path) -> None:
    """All entries are moved to a log of another name; the stamps are not."""
    with attacking(folder) as db:
        db.execute("UPDATE _ledger SET log = 'another'")


def second_redaction(folder: Path) -> None:
    """Answers go as a whole with a true transcript, and a second entry puts another in its place."""
    run, thread = seen_by(folder, 2)
    with attacking(folder) as db:
        told: dict[str, str] = {}
        for body in bodies_of(db, run):
            told |= take_out(db, body)
        true = put_transcript(db, thread)
        redaction(db, bodies=told, kept={run: true})
        redaction(db, bodies=take_out(db, true), kept={run: put_transcript(db, with_other_words(thread))})


def transcript_with(change: Callable[[Post], Post]) -> Act:
    """Return the act of putting in a transcript in which posts were changed, where one answer is withheld."""

    def act(folder: Path) -> None:
        run, thread = seen_by(folder, 2)
        nodes = tuple(change(node) if isinstance(node, Post) else node for node in thread.nodes)
        with attacking(folder) as db:
            transcript = put_transcript(db, replace(thread, nodes=nodes, author=nodes[0].author))
            [page] = [body for body in bodies_of(db, run) if WORDS.encode() not in content(db, body)][:1]
            redaction(db, bodies=take_out(db, page, content(db, page)), kept={run: transcript})

    return act


def transcript_with_gaps(change: Callable[[Missing], Missing | None]) -> Act:
    """Return the act of putting in a transcript in which gaps were changed or left out, where a page is withheld."""

    def act(folder: Path) -> None:
        run, thread = seen_by(folder, 2)
        changed = [change(node) if isinstance(node, Missing) else node for node in thread.nodes]
        nodes = tuple(node for node in changed if node)
        assert nodes != thread.nodes
        whole = replace(thread.completeness, gaps=(), expected=None, proof="the author says so", doubts=())
        whole = replace(whole, top_proven=True, end_proven=True, stop="")
        roles = {node.id: thread.roles[node.id] for node in nodes}
        with attacking(folder) as db:
            transcript = put_transcript(db, replace(thread, nodes=nodes, roles=roles, completeness=whole))
            [page] = [body for body in bodies_of(db, run) if WORDS.encode() not in content(db, body)][:1]
            redaction(db, bodies=take_out(db, page, content(db, page)), kept={run: transcript})

    return act


def transcript_without_a_post(folder: Path) -> None:
    """A post is left out of a transcript, and no entry says that it is withheld."""
    run, thread = seen_by(folder, 2)
    last = thread.posts[-1]
    roles = {id_: role for id_, role in thread.roles.items() if id_ != last.id}
    nodes = tuple(node for node in thread.nodes if node.id != last.id)
    with attacking(folder) as db:
        transcript = put_transcript(db, replace(thread, nodes=nodes, roles=roles))
        [page] = [body for body in bodies_of(db, run) if WORDS.encode() not in content(db, body)][:1]
        redaction(db, bodies=take_out(db, page, content(db, page)), kept={run: transcript})


def file_of_a_redaction(folder: Path) -> None:
    """A file is deleted, and an entry says that it was withheld."""
    path = next((folder / "media").iterdir())
    with attacking(folder) as db:
        redaction(db, files=[path.relative_to(folder).as_posix()])
    path.unlink()


def something_added_to_what_is_left(folder: Path) -> None:
    """What is left of an answer has no place from which the entry says that it took something out."""
    with attacking(folder) as db:
        name = body_with(db, WORDS.encode())
        told = take_out(db, name, b'{"thread": []}')
        redaction(db, bodies=told, taken={name: ["/thread/0/post/record/text"]})


def withheld_without_a_word(folder: Path) -> None:
    """An answer is taken out, and the ledger has no entry for it."""
    with attacking(folder) as db:
        take_out(db, body_with(db, WORDS.encode()))


# Time stamps


def stamp_of_an_unknown_kind(folder: Path) -> None:
    with attacking(folder) as db:
        db.execute("UPDATE _anchors SET kind = 'notary'")


def stamp_over_another_entry(folder: Path) -> None:
    with attacking(folder) as db:
        db.execute("UPDATE _anchors SET seq = 2")


def stamp_that_says_nothing(folder: Path) -> None:
    """An anchor that is no time stamp at all."""
    with attacking(folder) as db:
        [log, seq, hash_] = db.execute("SELECT log, seq, hash FROM _ledger WHERE seq = 4").fetchone()
        row = (log, seq, hash_, "rfc3161", "https://tsa.example", LONG_AGO, put(db, b"asked"), put(db, b"no stamp"))
        db.execute(
            "INSERT INTO _anchors (log, seq, head, kind, url, added_at, request_sha256, reply_sha256)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )


def promise_that_nobody_asked_for(folder: Path) -> None:
    """A proof of OpenTimestamps of their own making, over the head."""
    with attacking(folder) as db:
        [log, seq, hash_] = db.execute("SELECT log, seq, hash FROM _ledger WHERE seq = 4").fetchone()
        proof = proof_of(digest_of(hash_), [bytes.fromhex("83dfe30d2ef90c8e") + b"another"])
        url = "https://qualified.example"
        row = (log, seq, hash_, OPENTIMESTAMPS, url, LATER, put(db, digest_of(hash_)), put(db, proof))
        db.execute(
            "INSERT INTO _anchors (log, seq, head, kind, url, added_at, request_sha256, reply_sha256)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )


# Single values


def changed(sql: str) -> Act:
    """Return the act of changing rows; `:run` is the second run. The search index is made to fit."""

    def act(folder: Path) -> None:
        with attacking(folder) as db:
            assert db.execute(sql, {"run": run_of(db, 2)} if ":run" in sql else {}).rowcount > 0, sql

    act.__name__ = sql
    return act


def removed(pattern: str) -> Act:
    """Return the act of deleting a file."""

    def act(folder: Path) -> None:
        next(folder.glob(pattern)).unlink()

    act.__name__ = f"removed {pattern}"
    return act


def rewritten(pattern: str, old: bytes, new: bytes) -> Act:
    """Return the act of changing words in a file."""

    def act(folder: Path) -> None:
        path = next(path for path in folder.glob(pattern) if old in path.read_bytes())
        path.write_bytes(path.read_bytes().replace(old, new, 1))

    act.__name__ = f"rewritten {pattern} {old!r}"
    return act


def added(name: str) -> Act:
    """Return the act of putting a file into the folder."""

    def act(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"Ravens")

    act.__name__ = f"added {name}"
    return act


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
