"""Whatever happens in a thread on X, and whoever shows what of it: nothing counts as whole or deleted that is not."""

import os
import random
from typing import Any

import pytest
from birdsite import HANDLE, Birdsite
from world import Answer

from archiver.errors import ArchiverError
from archiver.model import Missing, Reason, Thread, Verdict
from archiver.text import html

BASE = int(os.environ.get("CONVERSATIONS", "0"))  # another number draws others
TOGETHER, COUNT = 50, 600
DELETED = "This Post was deleted by the Post author. Learn more"
SUSPENDED = "This Post is from a suspended account. Learn more"
BOB: dict[str, Any] = {"handle": "bob", "name": "Bob", "user": "5"}
SOURCES = ("api_v2", "fxtwitter", "nitter")


class Sparse(Birdsite):
    """An X whose search leaves posts out that its count has: `dropped`."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped: set[str] = set()

    def _api_v2(self, path: str, query: dict[str, str]) -> Answer:
        if not path.startswith("/2/tweets/search/"):
            return super()._api_v2(path, query)
        hidden, self.hidden["api_v2"] = self.hidden.get("api_v2", set()), self.dropped
        answer = super()._api_v2(path, query)
        self.hidden["api_v2"] = hidden
        return answer


def drawn(seed: int) -> tuple[Sparse, list[str], str, str]:
    """A thread with a fork, answers and gaps; its author's ids, the id that is pasted, and the sources turned on."""
    dice, site = random.Random(seed), Sparse()
    own = site.thread(dice.randint(1, 7))
    for number in range(dice.randint(0, 3)):
        if dice.random() < 0.5:
            asked = site.write(f"And who paid, question {number}?", dice.choice(own), **BOB)
            own.append(site.write(f"The town did, answer {number}.", asked))
        else:
            own.append(site.write(f"Further to that, note {number}.", dice.choice(own)))
    pasted = dice.choice(own)
    site.up = {source for source in (*SOURCES, "syndication", "wayback") if dice.random() < 0.7}
    # These call everything deleted that is not there.
    why = (DELETED,) if site.up & {"api_v2", "fxtwitter"} else (DELETED, SUSPENDED)
    for id_ in own:
        if dice.random() < 0.15:
            site.change(id_, gone=dice.choice(why))
        if dice.random() < 0.1:
            site.dropped.add(id_)
        for source in ("syndication", "fxtwitter"):
            if dice.random() < 0.1:
                site.hidden.setdefault(source, set()).add(id_)
    site.pages = dice.choice((1, 2, 20))
    site.captured = {id_ for id_ in own if dice.random() < 0.3}
    return site, own, pasted, " ".join(source for source in SOURCES if dice.random() < 0.5)


def faults(seed: int) -> list[str]:
    """What is said of a drawn thread and is not so."""
    site, own, pasted, on = drawn(seed)
    try:
        thread, _ = site.collect(pasted, on)
    except ArchiverError:
        return []  # that it cannot be shown is true, or is said by somebody
    return [f"seed {seed}: {each}" for each in (*false_words(site, thread), *false_whole(site, own, thread))]


def false_words(site: Sparse, thread: Thread) -> list[str]:
    """Posts that nobody wrote so, and deletions that nobody has spoken of."""
    altered = [post.id for post in thread.posts if html.plain(post.content) != site.tweets[post.id].text]
    gaps = [*(node for node in thread.nodes if isinstance(node, Missing)), *thread.gone]
    deleted = [gap.id for gap in gaps if gap.reason is Reason.DELETED and site.tweets[gap.id].gone != DELETED]
    return [f"{id_} is not what was written" for id_ in altered] + [f"{id_} is not deleted" for id_ in deleted]


def false_whole(site: Sparse, own: list[str], thread: Thread) -> list[str]:
    """What lacks of a thread that is called whole."""
    if thread.completeness.verdict is not Verdict.COMPLETE:
        return []
    posts = {post.id for post in thread.posts if post.author.handle == HANDLE}
    return [f"whole, and lacks {id_}" for id_ in own if not site.tweets[id_].gone and id_ not in posts]


@pytest.mark.parametrize("first", range(BASE, BASE + COUNT, TOGETHER))
def test_what_is_said_of_a_thread_is_true(first: int) -> None:
    assert [fault for seed in range(first, first + TOGETHER) for fault in faults(seed)] == []


def test_some_threads_are_whole_and_some_are_not() -> None:
    verdicts = set()
    for seed in range(100):
        site, _, pasted, on = drawn(seed)
        try:
            verdicts.add(site.collect(pasted, on)[0].completeness.verdict)
        except ArchiverError as error:
            verdicts.add(type(error).__name__)
    assert {*Verdict} < verdicts


def test_a_program_that_calls_everything_whole_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.model.Completeness.verdict", property(lambda self: Verdict.COMPLETE))
    assert any(faults(seed) for seed in range(20))


def test_a_first_post_that_the_search_leaves_out_is_asked_for() -> None:
    site = Sparse()
    [first] = site.thread(1)
    answer = site.write("The town did.", site.write("Who paid?", first, **BOB))
    site.up, site.dropped = {"api_v2"}, {first}
    thread, _ = site.collect(answer, "api_v2")
    assert {first, answer} <= {post.id for post in thread.posts}
    assert thread.id == first


def test_what_the_search_leaves_out_of_somebody_elses_conversation_may_lack_here() -> None:
    site = Sparse()
    answer = site.write("The town did.", site.write("Who paid?", **BOB))
    further = site.write("All of it.", answer)
    site.up = {"api_v2"}
    whole, _ = site.collect(answer, "api_v2")
    site.dropped = {further}
    thread, _ = site.collect(answer, "api_v2")
    assert whole.completeness.verdict is Verdict.COMPLETE
    assert thread.completeness.verdict is Verdict.UNKNOWN
