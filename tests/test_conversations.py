"""Whatever happens in a conversation, what is said of it is true: random ones, from every server (`conversations`).

Nothing counts as whole that is not, nothing as deleted that is there, nothing that was shown is left out, no later
visit loses a post, the numbers agree, and a rebuild gives the same.
"""

import os

import pytest
from conversation_servers import HABITS
from conversations import an_archive, drawn, faults, faults_alone, rebuilt_otherwise, staged, tree

from archiver.model import Verdict

BASE = int(os.environ.get("CONVERSATIONS", "0"))  # another number draws others
TOGETHER = 50  # conversations in one archive
COUNT = 2000


@pytest.mark.parametrize("first", range(BASE, BASE + COUNT, TOGETHER))
def test_what_is_said_of_a_conversation_is_true(first: int) -> None:
    wrong: list[str] = []
    with an_archive() as archive:
        for seed in range(first, first + TOGETHER):
            found = faults(drawn(seed), archive)
            wrong += [f"python -m tests.conversations {seed} small: {each}" for each in found]
        wrong += [f"seeds {first} to {first + TOGETHER - 1}: {each}" for each in rebuilt_otherwise(archive)]
    assert not wrong, "\n".join(wrong)


def test_a_seed_gives_the_same_conversation() -> None:
    for seed in range(50):
        one, other = staged(drawn(seed)), staged(drawn(seed))
        assert tree(one) == tree(other)


def test_all_kinds_of_servers_and_of_events_are_drawn() -> None:
    conversations = [drawn(seed) for seed in range(500)]
    assert {each.kind for each in conversations} == {"bluesky", *HABITS}
    steps = [step for each in conversations for step in (*each.before, *each.after)]
    assert {step.do for step in steps} == {"post", "others", "delete", "edit", "close", "fail"}
    hows = {"", "unlisted", "followers", "backdated", "ahead", "rootless", "strange", "hidden"}
    assert {step.how for step in steps if step.do == "post"} == hows


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_a_program_that_calls_everything_whole_is_caught(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.model.Completeness.verdict", property(lambda self: Verdict.COMPLETE))
    assert any(faults_alone(drawn(each)) for each in range(seed, seed + 10))
