"""Whatever somebody does who knows this program, verification names it.

Each attack is made on a copy of one archive. The verifier has the receipt that was known before, and looks deeply. An
attack has to be named by a line that was not there before.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import adversaries as act
import pytest
from attacks import reread
from samples import later

from archiver import pipeline
from archiver.evidence.chain import Receipt
from archiver.evidence.checking import check
from archiver.store.audit import Audit

NOW = later(days=9)
RESTS = "has changed nothing else in the answers with these posts is the word of"


@dataclass(frozen=True)
class Attack:
    """What is done, and a part of the line that names it; `reread` makes derived rows and documents fit afterwards."""

    act: act.Act
    words: str
    reread: bool = True


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


def lines(folder: Path, *receipts: Receipt, deep: bool = True) -> list[str]:
    return [str(finding) for finding in check(None, folder, receipts, pipeline.READING, NOW, deep)]


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
        act.statement("DROP VIEW thread_overview; CREATE VIEW thread_overview AS SELECT * FROM threads"),
        "the view thread_overview is not as this program makes it",
        reread=False,
    ),
)

ATTACKS = (
    Attack(act.transcript_without_a_reason, "puts a transcript in the place of its answers, of which none is withheld"),
    Attack(act.transcript_beside_answers, "its transcript, which a redaction has put in, has another content of post"),
    Attack(act.transcript_in_the_place_of_answers, RESTS),
    Attack(act.other_words_left, "it has not the places from which the redaction says that it took something"),
    Attack(act.other_words_left_without_places, RESTS),
    Attack(act.withheld_by_name_only, "is said to be withheld, and an answer still has it"),
    Attack(act.second_log, "the ledger has 2 logs"),
    Attack(act.unknown_kind_of_entry, "is of a kind that this program does not know: correction"),
    *SCHEMA,
)


def test_an_archive_that_nobody_touched_has_no_problem(attacked: Path, receipt: Receipt) -> None:
    assert not [line for line in lines(attacked, receipt) if line.startswith(("problem", "withheld"))]


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.act.__name__ for attack in ATTACKS])
def test_an_attack_is_named(attack: Attack, attacked: Path, receipt: Receipt) -> None:
    before = set(lines(attacked, receipt))
    attack.act(attacked)
    if attack.reread:
        reread(attacked)
    named = [line for line in lines(attacked, receipt) if line not in before]
    assert any(attack.words in line for line in named), named


def test_the_copy_for_a_deep_look_runs_no_trigger_that_was_added(attacked: Path) -> None:
    act.trigger("z1", "AFTER INSERT ON posts")(attacked)
    reread(attacked)
    assert any("text is 'Ravens" in line and "the kept answers say 'Herons" in line for line in lines(attacked))
