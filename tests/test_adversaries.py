"""Whatever somebody does who knows this program, verification names it.

Each attack is made on a copy of one archive. The verifier has the receipt that was known before, and looks deeply. An
attack has to be named by a line that was not there before.
"""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import adversaries as act
import pytest
from attacks import reread
from samples import later

from archiver.evidence.chain import Receipt
from archiver.evidence.checking import check
from archiver.ledger import OF_EXCHANGE, OF_RUN
from archiver.model import Counts, Missing, Reason
from archiver.store.audit import Audit
from archiver.store.store import Archive

NOW = later(days=9)
RESTS = "has changed nothing else in the answers with these posts is the word of"


SINCE = "was added since"
REREAD = "and the kept answers say"


@dataclass(frozen=True)
class Attack:
    """What is done, and a part of the line that names it; `reread` makes derived rows and documents fit afterwards.

    `deep` where it takes to read the answers again.
    """

    act: act.Act
    words: str
    reread: bool = True
    deep: bool = True


@pytest.fixture
def attacked(original: Path, tmp_path: Path) -> Path:
    """A copy of the archive, to be attacked."""
    shutil.copytree(original, tmp_path / "archive")
    return tmp_path / "archive"


@pytest.fixture(scope="session")
def receipt(original: Path) -> Receipt:
    """What somebody outside knows from before the attack."""
    with Audit.opened(original) as audit:
        last = audit.entries()[-1]
    return Receipt(last.seq, last.hash)


@pytest.fixture(scope="session")
def told_before(original: Path, receipt: Receipt) -> set[str]:
    """What is said of the archive that nobody touched."""
    return set(lines(original, receipt))


def lines(folder: Path, *receipts: Receipt, deep: bool = True) -> list[str]:
    found = check(None, folder, receipts, NOW, deep)
    return [str(finding).replace(str(folder), "ARCHIVE") for finding in found]


SCHEMA = (
    *(
        Attack(act.trigger(name, f"AFTER INSERT ON {table}"), f"the trigger {name} is not of this program")
        for name, table in (("z1", "posts"), ("posts", "posts"), ("sent", "threads"), ("seen", "observations"))
    ),
    Attack(
        act.statement("CREATE TRIGGER late BEFORE INSERT ON _exchanges BEGIN SELECT RAISE(IGNORE); END"),
        "the trigger late is not of this program",
        reread=False,
    ),
    Attack(act.statement("CREATE VIEW more AS SELECT 1"), "the view more is not of this program"),
    Attack(act.statement("CREATE TABLE more (a)"), "the table more is not of this program"),
    Attack(act.statement("CREATE INDEX more ON posts (text)"), "the index more is not of this program"),
    Attack(
        act.statement("INSERT INTO posts_fts (posts_fts) VALUES ('delete-all')"),
        "the search index does not fit the posts",
        reread=False,
    ),
    Attack(
        act.statement("ALTER TABLE posts ADD COLUMN more"), "the table posts is not as this program makes it", False
    ),
    Attack(
        act.statement(
            "DROP TRIGGER _bodies_update; CREATE TRIGGER _bodies_update BEFORE UPDATE ON _bodies BEGIN SELECT 1; END"
        ),
        "the trigger _bodies_update is not as this program makes it",
    ),
    Attack(
        act.statement("DROP VIEW thread_overview; CREATE VIEW thread_overview AS SELECT * FROM threads"),
        "the view thread_overview is not as this program makes it",
        reread=False,
    ),
)

REDACTIONS = (
    Attack(act.transcript_without_a_reason, "puts a transcript in the place of its answers, of which none is withheld"),
    Attack(act.transcript_beside_answers, "its transcript, which a redaction has put in, has another content of post"),
    Attack(act.transcript_in_the_place_of_answers, RESTS),
    Attack(act.transcript_without_a_post, "its transcript, which a redaction has put in, leaves out post"),
    *(
        Attack(act.transcript_with(change), f"which a redaction has put in, has another {name} of post")
        for name, change in (
            ("created_at", lambda post: replace(post, created_at=later(days=-3000))),
            ("author", lambda post: replace(post, author=replace(post.author, name="Somebody else"))),
            ("url", lambda post: replace(post, url="https://other.example/1")),
            ("counts", lambda post: replace(post, counts=Counts(likes=1_000_000))),
        )
    ),
    *(
        Attack(act.transcript_beside_a_run_that_cannot_be_read(change), f"has another {name} of post https://social.")
        for name, change in (
            ("content", lambda post: replace(post, content=post.content.replace("erons", "avens"))),
            ("created_at", lambda post: replace(post, created_at=later(days=-3000))),
            ("author", lambda post: replace(post, author=replace(post.author, name="Somebody else"))),
            ("link", lambda post: replace(post, content=f'{post.content} <a href="https://other.example/">…</a>')),
            ("mark", lambda post: replace(post, content=f"<del>{post.content}</del>")),
        )
    ),
    Attack(
        act.transcript_beside_a_run_that_cannot_be_read(
            lambda post: Missing(id=post.id, reason=Reason.DELETED, url=post.url, author=post.author.id)
        ),
        "is missing (deleted), and an answer that is left has its words",
    ),
    Attack(
        act.transcript_with_gaps(lambda gap: replace(gap, reason=Reason.BLOCKED)),
        "says that it is blocked, and the answers say that post at:",
    ),
    Attack(act.transcript_with_gaps(lambda gap: None), "says nothing of that, and the answers say that post at:"),
    Attack(
        act.transcript_with_gaps(lambda gap: replace(gap, detail="x")),
        "calls the thread complete, and the answers that are left prove less: partial",
    ),
    Attack(act.second_redaction, RESTS),
    Attack(act.other_words_left, "it has not the places from which the redaction says that it took something"),
    Attack(act.other_words_left_without_places, RESTS),
    Attack(act.something_added_to_what_is_left, "it has not the places from which the redaction says that"),
    Attack(act.file_of_a_redaction, "is withheld, as the ledger says"),
    Attack(act.file_of_a_redaction, f"entry 5 {SINCE}: 1 redaction"),
    Attack(act.withheld_by_name_only, "is said to be withheld, and an answer still has it"),
    Attack(act.withheld_without_a_word, "it was taken out, and no redaction in the ledger says so", reread=False),
)

LEDGER = (
    Attack(act.second_log, "the ledger has 2 logs"),
    Attack(act.unknown_kind_of_entry, "is of a kind that this program does not know: correction"),
    Attack(act.appended_run, f"entry 5 {SINCE}: 1 run"),
    Attack(act.appended_run_that_looks_live, f"entry 5 {SINCE}: 1 run"),
    Attack(act.appended_run_that_looks_live, "began on 2017-05-03T20:00:00+00:00 by the computer’s clock, which is"),
    Attack(act.open_run, "is not finished, and so not sealed"),
    Attack(act.appended_attachment, f"entry 5 {SINCE}: 1 attachment"),
    *(
        Attack(act.entry_of_2017(kind), f"ledger entry 5 ({kind}) was added on 2017-05", deep=False)
        for kind in ("attachment", "redaction", "removal")
    ),
    Attack(act.chain_made_anew, "does not fit: entry 4 has"),
    Attack(act.runs_in_another_order, "does not fit: entry 4 has"),
    Attack(act.log_of_another_name, "is over ledger entry 4, which is not there", reread=False),
    Attack(
        act.changed("UPDATE _ledger SET added_at = '2017-05-03T20:00:00+00:00' WHERE seq = 2"), "sealed before that"
    ),
    Attack(act.changed("DELETE FROM _ledger WHERE seq = 3"), "what was between them is gone"),
    Attack(act.changed("UPDATE _ledger SET run = NULL, kind = 'redaction' WHERE seq = 3"), "what it seals is not"),
)

REMOVALS = (
    Attack(act.removal_in_the_name_of_another_thread, "says that this thread was removed, and it is there", deep=False),
    Attack(act.removal_in_the_name_of_another_thread, "is not read any more: ledger entry 5 removed it", deep=False),
    Attack(act.removal_in_the_name_of_another_thread, "and it gave https://bsky.app/"),
    Attack(act.removal_in_the_name_of_no_thread, "removed it with thread social.example/9, and it gave https://bsky."),
    Attack(act.removal_of_no_run, "removes a run that is not there", deep=False),
    Attack(act.removal_before_its_run, "removes this run, which was sealed after it", deep=False),
)

STAMPS = (
    Attack(act.stamp_of_an_unknown_kind, "is of a kind that this program does not know: notary", False, False),
    Attack(act.stamp_over_another_entry, "is over another entry 2 than the one that is here", False, False),
    Attack(
        act.promise_that_nobody_asked_for,
        "by https://qualified.example; complete it in some hours with: ots upgrade; no run here asked for it",
        False,
        False,
    ),
    Attack(act.stamp_that_says_nothing, "answered what this program cannot read", False, False),
)

TRUTH = tuple(
    Attack(act.changed(sql), words, False, False)
    for sql, words in (
        *(
            (f"UPDATE _runs SET {column} = '2017' WHERE id = :run", f"{column} was sealed as")
            for column in OF_RUN
            if column not in ("id", "failures")
        ),
        *(
            (f"UPDATE _exchanges SET {column} = '7' WHERE run = :run AND seq = 1", f"{column} was sealed as")
            for column in OF_EXCHANGE
            if column not in ("seq", "attempt")
        ),
        ("UPDATE _runs SET failures = '[\"x\"]' WHERE id = :run", "failures was sealed as"),
        ("UPDATE _exchanges SET seq = 99 WHERE run = :run AND seq = 1", "was sealed and is not there"),
        ("UPDATE _exchanges SET attempt = 9 WHERE run = :run AND seq = 1", "was not there when the run was sealed"),
        ("DELETE FROM _exchanges WHERE run = :run AND seq = 1", "was sealed and is not there"),
        ("UPDATE _bodies SET data = X'00' WHERE sha256 = (SELECT MIN(sha256) FROM _bodies)", "body "),
        ("UPDATE _bodies SET size = 1 WHERE sha256 = (SELECT MIN(sha256) FROM _bodies)", "its size is "),
        ("UPDATE _bodies SET codec = 'other' WHERE sha256 = (SELECT MIN(sha256) FROM _bodies)", "in an unknown way"),
        ("DELETE FROM _bodies WHERE sha256 = (SELECT body_sha256 FROM _exchanges LIMIT 1)", "is missing"),
        ("INSERT INTO _bodies VALUES ('ab', 1, 'raw', X'61')", "belongs to nothing that is here"),
        ("UPDATE _files SET sha256 = 'ab'", "has another content than it had"),
        ("UPDATE _files SET path = 'media/other.png'", "the file media/other.png is missing"),
        ("DELETE FROM _files", "the archive does not vouch for what else lies in its folder: media/"),
        (
            "INSERT INTO _media (run, url, place, asked_url, kind, said, at)"
            " VALUES (:run, 'https://a.example/1.jpg', 0, '', 'image', 'gone', '2017')",
            "was not there when the run was sealed",
        ),
    )
)

ONE = "id = (SELECT post FROM thread_posts ORDER BY thread, position LIMIT 1)"
DERIVED = tuple(
    Attack(act.changed(sql), words, reread=False)
    for sql, words in (
        *(
            (f"UPDATE posts SET {column} = {value} WHERE {ONE}", f": {column} is ")
            for column, value in (
                ("content", "'<p>Ravens</p>'"),
                ("text", "'Ravens'"),
                ("text", "''"),
                ("summary", "'a warning'"),
                ("created_at", "'2017-05-03T20:00:00+00:00'"),
                ("edited_at", "'2017-05-03T20:00:00+00:00'"),
                ("url", "'https://other.example/1'"),
                ("language", "'xx'"),
                ("likes", "1000000"),
                ("sensitive", "1 - sensitive"),
                ("in_reply_to", "'other/1'"),
                ("route", "'other'"),
                ("truncated", "1"),
                ("seen_at", "'2017-05-03T20:00:00+00:00'"),
            )
        ),
        ("UPDATE authors SET name = 'Somebody else'", ": name is 'Somebody else'"),
        ("UPDATE authors SET handle = 'somebody'", ": handle is 'somebody'"),
        ("UPDATE threads SET proof = 'all of it, sworn'", ": proof is 'all of it, sworn'"),
        ("UPDATE threads SET found = found + 1", ": found is "),
        ("UPDATE threads SET title = 'Ravens'", ": title is 'Ravens'"),
        ("UPDATE threads SET first_captured_at = '2017-05-03T20:00:00+00:00'", ": first_captured_at is '2017"),
        ("UPDATE thread_posts SET position = 1000 - position", ": position is "),
        ("UPDATE thread_posts SET role = 'reply'", ": role is 'reply'"),
        ("UPDATE missing SET reason = 'deleted', detail = 'so it is said'", ": detail is 'so it is said'"),
        ("DELETE FROM missing", "the kept answers give this row, and it is not there"),
        ("UPDATE observations SET seen_at = '2017-05-03T20:00:00+00:00'", ": seen_at is '2017"),
        (
            "INSERT INTO post_versions (post, number, content, summary, text, version, seen_at)"
            " SELECT id, 1, 'Ravens', '', 'Ravens', '', seen_at FROM posts LIMIT 1",
            "the kept answers give no such row",
        ),
    )
)

FILES = (
    Attack(act.removed("media/*"), "is missing", False, False),
    Attack(act.rewritten("media/*", b"PNG", b"GIF"), "has another content than it had", False, False),
    Attack(
        act.added("media/stray.png"), "does not vouch for what else lies in its folder: media/stray.png", False, False
    ),
    Attack(act.added("seals/9-abcdefab.tsr"), "what else lies in its folder: seals/9-abcdefab.tsr", False, False),
    Attack(act.added("threads/.note.md"), "what else lies in its folder: threads/.note.md", False, False),
    Attack(act.added("pages/page.html"), "what else lies in its folder: pages/page.html", False, False),
    Attack(act.added("threads/note.MD"), "does not begin as a document of an archived thread does", False),
    Attack(act.added("threads/other.svg"), "is not the timeline that the archive gives", False),
    Attack(act.rewritten("threads/*.md", b"Herons", b"Ravens"), "is not what the archive gives: line 2", False),
    Attack(act.rewritten("threads/*.md", b"Herons", "Her\u03bfns".encode()), "is not what the archive", False),
    Attack(act.rewritten("threads/*.md", b"\n\n", b"\n \n"), "is not what the archive gives: line", False),
    Attack(act.rewritten("threads/*.md", b"\n", b"\r\n"), "does not begin as a document", False),
    Attack(
        act.rewritten("threads/*.md", b"format: thread-md/1", b"format: thread-md/0"), "it cannot be compared", False
    ),
)

ATTACKS = (*REDACTIONS, *LEDGER, *REMOVALS, *STAMPS, *SCHEMA, *TRUTH, *DERIVED, *FILES)

HARMLESS = (
    # Nobody reads these: numbers of rows, when a migration was applied, a number that SQLite keeps for programs.
    act.statement("PRAGMA user_version = 7"),
    act.changed("UPDATE _sqlite_migrations SET applied_at = '2017-05-03'"),
    act.changed("UPDATE _exchanges SET id = id + 1000"),
    act.changed("UPDATE _anchors SET id = id + 1000"),
    # When a file came is said by the run or the attachment that brought it; this time is shown nowhere.
    act.changed("UPDATE _files SET added_at = '2017-05-03T20:00:00+00:00'"),
    # In which order a search lists what it has found.
    act.statement("INSERT INTO posts_fts (posts_fts, rank) VALUES ('rank', 'bm25(10.0)')"),
    # A document that is gone can be written again; where it lies and what it is called is the reader's choice.
    act.removed("threads/*.md"),
    # Notes of the program for itself, in which nothing of a thread stands that a reader is shown.
    act.removed(".exported.json"),
)


def test_there_are_more_than_a_hundred_attacks() -> None:
    assert len(ATTACKS) > 100


def test_an_archive_that_nobody_touched_has_no_problem(attacked: Path, receipt: Receipt) -> None:
    assert not [line for line in lines(attacked, receipt) if line.startswith(("problem", "withheld"))]


def _named(attack: Attack) -> str:
    return getattr(attack.act, "__name__", "act")


@pytest.mark.parametrize("attack", ATTACKS, ids=map(_named, ATTACKS))
def test_an_attack_is_named(attack: Attack, attacked: Path, receipt: Receipt, told_before: set[str]) -> None:
    attack.act(attacked)
    if attack.reread:
        reread(attacked)
    named = [line for line in lines(attacked, receipt, deep=attack.deep) if line not in told_before]
    assert any(attack.words in line for line in named), named


@pytest.mark.parametrize("harmless", HARMLESS, ids=lambda harmless: harmless.__name__)
def test_what_is_not_named_changes_nothing_that_anybody_is_shown(harmless: act.Act, attacked: Path) -> None:
    with Archive.read(attacked) as archive:
        before = [archive.document(thread.id) for thread in archive.threads()]
    harmless(attacked)
    assert not [line for line in lines(attacked) if line.startswith("problem")]
    with Archive.read(attacked) as archive:
        assert [archive.document(thread.id) for thread in archive.threads()] == before


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (act.transcript_without_a_reason, "puts a transcript in the place of its answers, of which none is withheld"),
        (act.transcript_beside_answers, "its transcript, which a redaction has put in, has another content of post"),
        (act.transcript_in_the_place_of_answers, RESTS),
        (act.other_words_left_without_places, RESTS),
        (act.chain_made_anew, "the receipt 2:"),
        (act.trigger("z1", "AFTER INSERT ON posts"), 'and would be “title: "Herons 1/6"”'),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_attack_is_named_to_somebody_with_a_document(attack: act.Act, words: str, attacked: Path) -> None:
    """What was mailed before, and what the archive gives after the attack: each is told from what was captured."""
    shutil.copytree(attacked / "threads", attacked / "mailed")
    attack(attacked)
    reread(attacked)
    documents = [*(attacked / "mailed").glob("*.md"), *(attacked / "threads").glob("*.md")]
    told = [str(finding) for path in documents for finding in check(path, attacked, (), NOW, False)]
    assert any(words in line for line in told), told


def test_the_copy_for_a_deep_look_runs_no_trigger_that_was_added(attacked: Path) -> None:
    act.trigger("z1", "AFTER INSERT ON posts")(attacked)
    reread(attacked)
    assert any("text is 'Ravens" in line and "the kept answers say 'Herons" in line for line in lines(attacked))
