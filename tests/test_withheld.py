"""A withheld post is a gap in its place, wherever it is shown, and nothing else changes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import ANN, BO, NOON, a_post, a_thread, later, threads

from archiver.exporters.markdown import render
from archiver.exporters.terminal import saved_text
from archiver.model import Completeness, Document, Missing, Observation, Post, Reason, Role, Run, Thread
from archiver.store.rows import quotes
from archiver.threads.merge import merge
from archiver.threads.withheld import Withheld, is_withheld, withheld

TOLD = {"2": Withheld(reason="a child is shown", since=NOON)}
GAP = Missing(
    id="2",
    reason=Reason.WITHHELD,
    url="https://social.example/@ann/2",
    in_reply_to="1",
    author=ANN.id,
    detail="withheld by this archive: a child is shown",
    created_at=later(minutes=2),
    seen_at=NOON,
)


def chain(**fields: object) -> Thread:
    posts = (a_post(1), a_post(2, in_reply_to="1", **fields), a_post(3, in_reply_to="2"))
    whole = Completeness(found=3, expected=3, proof="counted", top_proven=True, end_proven=True)
    return a_thread(*posts, completeness=whole)


def document(thread: Thread) -> str:
    return render(Document(thread=thread, run=Run(id="r", url=thread.url, tool="t", started_at=NOON)))


def test_nothing_withheld_is_nothing_changed() -> None:
    assert withheld(chain(), {}) is chain() or withheld(chain(), {}) == chain()


def test_a_withheld_post_is_a_gap_in_its_place() -> None:
    thread = withheld(chain(), TOLD)
    assert thread.nodes == (a_post(1), GAP, a_post(3, in_reply_to="2"))
    assert thread.completeness.gaps == (GAP,)
    assert (thread.completeness.found, thread.completeness.expected, thread.completeness.verdict) == (2, 3, "partial")
    assert withheld(thread, TOLD) == thread


def test_what_the_platform_said_of_it_gives_way() -> None:
    gone = Missing(id="2", reason=Reason.DELETED, in_reply_to="1", inferred="from the order", author=ANN.id)
    whole = Completeness(found=1, gaps=(gone,))
    thread = withheld(a_thread(a_post(1), gone, completeness=whole), TOLD)
    assert (
        thread.missing
        == thread.completeness.gaps
        == (replace(GAP, url=None, created_at=None, inferred="from the order"),)
    )
    shown = withheld(replace(chain(), gone=(gone, replace(gone, id="3"))), TOLD)
    assert [gap.id for gap in shown.gone] == ["3"]


def test_a_gap_that_is_not_the_authors_is_not_counted() -> None:
    thread = withheld(replace(chain(), roles={"1": Role.MAIN, "2": Role.REPLY, "3": Role.REPLY}), TOLD)
    assert (thread.completeness.gaps, thread.completeness.found) == ((), 3)


def test_a_quote_of_it_is_a_gap_however_deep() -> None:
    quoted = a_post(9, author=BO, quote=a_post(8, author=BO, quote=a_post(2, in_reply_to="1", quote=a_post(7))))
    thread = withheld(a_thread(a_post(1, quote=quoted), a_post(4, quote=a_post(5))), TOLD)
    assert [node.id for node in quotes(thread.posts)] == ["9", "8", "5"]
    assert next(post.quote for post in quotes(thread.posts) if post.id == "8") == GAP


def test_what_sources_showed_of_it_goes() -> None:
    seen = [Observation(post=id_, route="r", seen_at=NOON, content="x") for id_ in "123"]
    assert [one.post for one in withheld(replace(chain(), observations=tuple(seen)), TOLD).observations] == ["1", "3"]


@given(thread=threads(), data=st.data())
def test_nothing_of_it_is_left_anywhere(thread: Thread, data: st.DataObject) -> None:
    ids = [node.id for node in thread.nodes]
    chosen = data.draw(st.lists(st.sampled_from(ids), unique=True))
    told = {id_: Withheld(reason="r", since=NOON) for id_ in chosen}
    left = withheld(thread, told)
    assert [node.id for node in left.nodes] == ids
    assert {node.id for node in left.nodes if is_withheld(node)} >= set(chosen)
    assert not {node.id for node in (*left.posts, *quotes(left.posts))} & set(chosen)
    assert withheld(left, told) == left


def test_documents_say_who_withholds_it_and_why() -> None:
    thread = withheld(chain(), TOLD)
    text = document(thread)
    assert "One post is missing: after post 1 (this archive withholds it)." in text
    said = "Withheld by this archive: a child is shown (12 March 2026, 12:00 UTC)."
    assert f"stood here (<https://social.example/@ann/2>). {said}\n" in text
    assert "never captured" not in text
    assert "Every answer is kept as it came, less what is withheld: run r" in text
    assert "withheld by this archive: a child is shown" in saved_text(
        Document(thread=thread, run=Run(id="r", url=thread.url, tool="t", started_at=NOON)), ""
    )


@pytest.mark.parametrize("others", [(), (a_post(3, in_reply_to="2", author=BO),)])
def test_a_thread_of_which_nothing_is_left_still_has_a_document(others: tuple[Post, ...]) -> None:
    roles = {"2": Role.MAIN, **dict.fromkeys([post.id for post in others], Role.REPLY)}
    text = document(withheld(a_thread(a_post(2), *others, roles=roles), TOLD))
    assert "date: 2026-03-12T12:02:00Z" in text
    assert "0 posts · captured" in text
    assert "# Thread by Ann Ash" in text


def test_a_later_capture_without_it_does_not_lose_the_gap() -> None:
    old = withheld(chain(), TOLD)
    merged = merge(old, a_thread(a_post(1), completeness=Completeness(found=1)))
    assert [node.id for node in merged.nodes] == ["1", "2", "3"]
    assert merged.completeness.gaps == (GAP,)
    last = withheld(a_thread(a_post(1), a_post(2, in_reply_to="1")), TOLD)
    assert merge(last, a_thread(a_post(1))).missing == (GAP,)
