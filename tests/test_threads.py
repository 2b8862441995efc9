"""What a thread is: main line, order, numbering, title, and what a newer capture does to an older one."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import ANN, BO, NOON, a_post, later

from archiver.errors import ParseError, Refused
from archiver.model import Missing, Node, Post, Reason, Role, Thread, Verdict, utc
from archiver.threads.assemble import assemble, by_id, main_line, readable, start_of, storm, title, with_gaps
from archiver.threads.completeness import Proof
from archiver.threads.merge import merge, with_checked
from archiver.threads.numbering import mark, numbering


def threaded(*nodes: Node, start: str = "1", replies: bool = True, proof: Proof | None = None) -> Thread:
    return assemble(platform="mastodon", nodes=nodes, focus=start, start=start, proof=proof or Proof(), replies=replies)


def chain(count: int) -> list[Post]:
    return [a_post(n, in_reply_to=str(n - 1) if n > 1 else None) for n in range(1, count + 1)]


def order(thread: Thread) -> list[str]:
    return [node.id for node in thread.nodes]


@given(st.permutations(range(12)))
def test_the_order_does_not_depend_on_the_order_of_arrival(arrival: list[int]) -> None:
    nodes: list[Node] = [
        *chain(6),
        a_post(7, in_reply_to="2"),  # a branch
        a_post(8, in_reply_to="7"),
        a_post(9, in_reply_to="3", author=BO),
        a_post(10, in_reply_to="9"),  # an answer
        a_post(11, in_reply_to="10"),
        a_post(12, in_reply_to="1", author=BO),
    ]
    thread = threaded(*(nodes[at] for at in arrival))
    assert order(thread) == [*"12345678", "9", "10", "11", "12"]  # the answer stands with its question
    assert [thread.roles[id_] for id_ in ("7", "8", "10", "11", "9", "12")] == [
        Role.BRANCH,
        Role.BRANCH,
        Role.ANSWER,
        Role.ANSWER,
        Role.REPLY,
        Role.REPLY,
    ]


def test_the_oldest_reply_continues_the_line() -> None:
    thread = threaded(a_post(1), a_post(5, in_reply_to="1"), a_post(3, in_reply_to="1"), a_post(4, in_reply_to="3"))
    assert [id_ for id_ in order(thread) if thread.roles[id_] is Role.MAIN] == ["1", "3", "4"]
    assert thread.roles["5"] is Role.BRANCH


def test_a_chain_of_thousands_is_no_problem() -> None:
    assert len(threaded(*chain(5000)).nodes) == 5000


def test_a_cycle_ends() -> None:
    nodes = [a_post(1, in_reply_to="3"), a_post(2, in_reply_to="1"), a_post(3, in_reply_to="2")]
    assert order(threaded(*nodes)) == ["1", "2", "3"]
    assert start_of(by_id(nodes), "2") in "123"
    loop = [a_post(1), a_post(8, in_reply_to="9", author=BO), a_post(9, in_reply_to="8", author=BO)]
    assert sorted(order(threaded(*loop))) == ["1", "8", "9"]


def test_other_peoples_replies_are_left_out_but_for_the_pasted_one() -> None:
    nodes = [*chain(2), a_post(3, in_reply_to="1", author=BO), a_post(4, in_reply_to="1", author=BO)]
    thread = assemble(platform="x", nodes=nodes, focus="4", start="1", proof=Proof(), replies=False)
    assert order(thread) == ["1", "2", "4"]


def test_a_post_wins_over_a_gap_of_the_same_id() -> None:
    gap = Missing(id="1", reason=Reason.UNKNOWN)
    assert by_id([a_post(1), gap]) == by_id([gap, a_post(1)]) == {"1": a_post(1)}


def test_a_thread_without_one_readable_post_is_an_error() -> None:
    with pytest.raises(ParseError, match="no post of this thread could be read"):
        threaded(Missing(id="1", reason=Reason.UNKNOWN))


def test_an_unreadable_post_is_a_gap() -> None:
    gap = Missing(id="1", reason=Reason.PRIVATE)
    assert readable(lambda: a_post(1), gap) == a_post(1)
    failed = readable(lambda: [][1], gap)
    assert isinstance(failed, Missing)
    assert (failed.reason, failed.detail) == (
        Reason.UNKNOWN,
        "the platform's answer for it has a form that is not known here (IndexError)",
    )


@pytest.mark.parametrize(
    ("proof", "verdict"),
    [
        (Proof(text="counted", count=3, top=True, end=True), Verdict.COMPLETE),
        (Proof(text="counted", top=True), Verdict.UNKNOWN),
        (Proof(text="counted", count=3, end=True), Verdict.UNKNOWN),
        (Proof(top=True, end=True), Verdict.UNKNOWN),
        (Proof(text="counted", count=4, top=True, end=True), Verdict.PARTIAL),
        (Proof(text="counted", count=3, top=True, end=True, stop="timed out"), Verdict.PARTIAL),
        (Proof(), Verdict.UNKNOWN),
    ],
)
def test_complete_needs_a_proof_of_both_ends(proof: Proof, verdict: Verdict) -> None:
    assert threaded(*chain(3), proof=proof).completeness.verdict is verdict


def test_gaps_of_other_people_do_not_count() -> None:
    proof = Proof(text="counted", count=2, top=True, end=True)
    gap = Missing(id="9", reason=Reason.DELETED, in_reply_to="1", author=BO.id)
    assert threaded(*chain(2), gap, proof=proof).completeness.verdict is Verdict.COMPLETE


def test_a_gap_is_put_where_the_line_breaks_off() -> None:
    nodes = by_id([a_post(1), a_post(2, in_reply_to="1"), a_post(4, in_reply_to="3"), a_post(6, in_reply_to="5")])
    gaps = [
        (Missing(id=id_, reason=Reason.DELETED, author=ANN.id), nodes[child]) for id_, child in (("5", "6"), ("3", "4"))
    ]
    placed = with_gaps(nodes, "1", gaps)
    assert (placed["3"].in_reply_to, placed["5"].in_reply_to) == ("2", "4")
    assert [placed[id_].inferred for id_ in "35"] == ["from the order of the posts around it"] * 2


def test_a_gap_before_a_later_post_of_the_line_makes_a_branch_there() -> None:
    nodes = by_id([a_post(1), a_post(2, in_reply_to="1"), a_post(9, in_reply_to="2"), a_post(4, in_reply_to="3")])
    placed = with_gaps(nodes, "1", [(Missing(id="3", reason=Reason.DELETED, author=ANN.id), nodes["4"])])
    assert placed["3"].in_reply_to == "2"
    assert main_line(placed, "1") == ("1", "2", "9")


def test_a_gap_before_everything_or_with_a_place_of_its_own_stays_where_it_is() -> None:
    nodes = by_id([a_post(5), a_post(3, in_reply_to="2")])
    gap = Missing(id="2", reason=Reason.DELETED, author=ANN.id)
    assert with_gaps(nodes, "5", [(gap, nodes["3"])])["2"] == gap
    told = replace(gap, in_reply_to="5")
    assert with_gaps(nodes, "5", [(told, nodes["3"])])["2"] == told
    assert with_gaps(nodes, "2", [(gap, nodes["3"])])["2"] == gap


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7/40", (7, 40)),
        ("7/40 The river", (7, 40)),
        ("(7/40) The river", (7, 40)),
        ("The river 7/40", (7, 40)),
        ("The river (7 / 40).", (7, 40)),
        ("The river 🧵 7/40 🧵", (7, 40)),
        ("1/ The river", None),
        ("The river on 7/40 of its way", None),
        ("open 24/7", None),
        ("on 3/12/2026", None),
        ("https://example.org/1/2", None),
        ("1/1", None),
        ("0/4", None),
        ("", None),
    ],
)
def test_numbers_are_read_at_the_edges(text: str, number: tuple[int, int] | None) -> None:
    assert mark(a_post(1, f"<p>{text}</p>")) == number


def test_numbering_needs_half_of_the_posts_and_one_total() -> None:
    def posts(*texts: str) -> list[Post]:
        return [a_post(n, f"<p>{text}</p>") for n, text in enumerate(texts, 1)]

    found = numbering(posts("1/3", "2/3", "and"))
    assert found
    assert (found.total, found.numbers) == (3, {1, 2})
    assert numbering(posts("1/3", "2/4")) is None
    assert numbering(posts("1/3")) is None
    assert numbering(posts("1/3", "2/3", "a", "b", "c")) is None


def test_the_authors_numbering_proves_the_end_where_nothing_else_does() -> None:
    numbered = [replace(post, content=f"<p>{post.id}/3</p>") for post in chain(3)]
    whole = threaded(*numbered, proof=Proof(top=True)).completeness
    assert (whole.verdict, whole.expected) == (Verdict.COMPLETE, 3)
    assert whole.proof == "the author's own numbering, 1/3 to 3/3"
    assert threaded(*numbered[:2], proof=Proof(top=True)).completeness.verdict is Verdict.UNKNOWN


def test_what_the_numbers_promise_is_weighed_against_all_that_is_held() -> None:
    numbered = [replace(post, content=f"<p>{post.id}/4</p>") for post in chain(4)]
    proof = Proof(text="listed", exhaustive=True, top=True, end=True)
    old, last = threaded(*numbered[:2], proof=proof), threaded(replace(numbered[3], in_reply_to=None), start="4")
    assert merge(old, last).completeness.doubts == ("the author numbers the posts to 4, 3 are known",)
    old, new = threaded(*numbered), threaded(*numbered[:2], proof=proof)
    assert new.completeness.verdict is Verdict.UNKNOWN
    assert (merge(old, new).completeness.doubts, merge(old, new).completeness.verdict) == ((), Verdict.COMPLETE)


def test_a_newer_capture_replaces_an_older_one() -> None:
    old, new = threaded(*chain(3)), threaded(*chain(4))
    assert merge(old, new) == new


def test_a_post_that_is_gone_stays_and_is_marked() -> None:
    proof = Proof(text="counted", count=3, top=True, end=True)
    old = threaded(*chain(3), a_post(4, in_reply_to="1"), proof=proof)
    gap = Missing(id="2", reason=Reason.DELETED, author=ANN.id, in_reply_to="1")
    new = threaded(a_post(1), gap, a_post(3, in_reply_to="2"), proof=proof)
    merged = merge(old, new)
    assert order(merged) == ["1", "2", "3", "4"]
    assert merged.gone == (gap,)
    assert merged.completeness.gaps == ()
    assert (merged.completeness.found, merged.completeness.verdict) == (3, Verdict.COMPLETE)
    assert merged.roles["4"] is Role.BRANCH
    assert merge(merged, new) == merged


def test_absence_is_not_deletion() -> None:
    merged = merge(threaded(*chain(3)), threaded(*chain(2)))
    assert order(merged) == ["1", "2", "3"]
    assert merged.gone == ()
    assert merged.completeness.expected is None


@pytest.mark.parametrize("told", [False, True])
def test_a_gap_that_an_older_post_hangs_on_stays_in_its_place(told: bool) -> None:
    def gap(id_: str, parent: str | None) -> Missing:
        return Missing(id=id_, reason=Reason.DELETED, author=ANN.id, in_reply_to=parent)

    old = threaded(*chain(2), gap("3", "2"), gap("4", "3"), a_post(5, in_reply_to="4"))
    new = threaded(*chain(2), *([gap("4", None)] if told else []))
    merged = merge(old, new)
    assert order(merged) == ["1", "2", "3", "4", "5"]
    assert set(merged.roles.values()) == {Role.MAIN}
    assert [gap.id for gap in merged.completeness.gaps] == (["4", "3"] if told else ["3", "4"])
    assert merge(merged, old).nodes == merged.nodes


def test_a_gap_that_a_newer_post_hangs_on_stays() -> None:
    gap = Missing(id="3", reason=Reason.DELETED, author=ANN.id, in_reply_to="2", detail="It was deleted.")
    old = threaded(*chain(2), gap, a_post(4, in_reply_to="3"), a_post(5, in_reply_to="4"))
    new = with_checked(threaded(*chain(2)), old, [a_post(4, in_reply_to="3"), a_post(5, in_reply_to="4")])
    merged = merge(old, new)
    assert order(merged) == ["1", "2", "3", "4", "5"]
    assert set(merged.roles.values()) == {Role.MAIN}
    assert merged.completeness.gaps == (gap,)


def test_of_two_captures_that_go_on_differently_one_is_the_line() -> None:
    merged = merge(threaded(*chain(3)), threaded(a_post(1), a_post(4, in_reply_to="1"), a_post(5, in_reply_to="4")))
    assert order(merged) == ["1", "2", "3", "4", "5"]
    assert [merged.roles[id_] for id_ in "12345"] == [Role.MAIN] * 3 + [Role.BRANCH] * 2


def test_an_older_root_keeps_its_text_when_it_is_deleted() -> None:
    gap = Missing(id="1", reason=Reason.DELETED, author=ANN.id)
    new = threaded(gap, a_post(2, in_reply_to="1"))
    assert order(merge(threaded(*chain(2)), new)) == ["1", "2"]
    assert merge(threaded(*chain(2)), new).gone == (gap,)


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        (["<p>First line<br>second</p>"], "First line"),
        (["", "<p>The second post speaks</p>"], "The second post speaks"),
        ([""], "Thread by Ann Ash"),
        ([f"<p>{'long ' * 40}</p>"], "long " * 17 + "long…"),
        (["<p>" + "w" * 200 + "</p>"], "w" * 90 + "…"),
    ],
)
def test_the_title_is_the_first_line_that_has_text(contents: list[str], expected: str) -> None:
    posts = [replace(post, content=content) for post, content in zip(chain(len(contents)), contents, strict=True)]
    assert title(threaded(*posts)) == expected


def test_the_title_does_not_tell_what_a_warning_hides() -> None:
    assert title(threaded(a_post(1, "<p>The dead chick</p>", summary="death of an animal"))) == "death of an animal"


def test_the_model_takes_no_empty_id_and_no_time_of_another_zone() -> None:
    with pytest.raises(ValueError, match="an id is empty"):
        a_post(1, id="")
    with pytest.raises(ValueError, match="not in UTC"):
        a_post(1, created_at=NOON.astimezone(timezone(timedelta(hours=2))))
    assert utc("2026-03-12T12:00:00") == utc("2026-03-12T14:00:00+02:00") == NOON


SINCE, UNTIL = NOON, later(hours=1)


def a_storm(*nodes: Node, **proof: object) -> Thread:
    return storm(platform="p", nodes=nodes, author=ANN, url=ANN.url, since=SINCE, until=UNTIL, proof=Proof(**proof))


def test_a_storm_is_in_the_order_of_the_times_with_answers_to_others_behind() -> None:
    asked = Missing(id="0", reason=Reason.NOT_LOADED, author=BO.id)
    nodes = (
        a_post(5),
        a_post(3, in_reply_to="0"),
        a_post(4, in_reply_to="3"),
        a_post(2),
        a_post(6, in_reply_to="5"),
        asked,
    )
    made = a_storm(*nodes, count=5, text="counted", top=True, end=True)
    assert [node.id for node in made.nodes] == ["2", "5", "6", "3", "4"]
    assert [made.roles[id_] for id_ in ("2", "5", "6", "3", "4")] == [Role.MAIN] * 3 + [Role.ANSWER] * 2
    assert (made.completeness.found, made.completeness.expected) == (3, 3)
    assert made.completeness.verdict is Verdict.COMPLETE


def test_a_gap_of_a_storm_is_its_authors_and_in_the_window() -> None:
    gaps = [
        Missing(id="7", reason=Reason.DELETED, author=ANN.id, created_at=later(minutes=7)),
        Missing(id="8", reason=Reason.DELETED, author=ANN.id, created_at=later(hours=8)),
        Missing(id="9", reason=Reason.DELETED, author=BO.id, created_at=later(minutes=9)),
    ]
    assert [gap.id for gap in a_storm(a_post(1), *gaps).completeness.gaps] == ["7"]


def test_an_empty_window_is_no_storm() -> None:
    with pytest.raises(Refused, match=r"no post by @ann.* from 2026-03-12 12:00 to 2026-03-12 13:00 UTC"):
        a_storm(Missing(id="7", reason=Reason.DELETED, author=ANN.id))


def test_a_later_capture_of_a_storm_keeps_its_order() -> None:
    old, new = a_storm(a_post(1), a_post(2), a_post(3)), a_storm(a_post(1), a_post(3), a_post(4))
    merged = merge(old, new)
    assert [node.id for node in merged.nodes] == ["1", "2", "3", "4"]
    assert (merged.id, merged.completeness.found) == (new.id, 4)


def test_captures_that_begin_differently_begin_where_the_upper_one_does() -> None:
    whole, lower = chain(4), chain(4)[2:]
    old, new = threaded(*whole), threaded(*lower, start="3")
    for merged in (merge(old, new), merge(new, old)):
        assert (merged.id, order(merged)) == ("1", ["1", "2", "3", "4"])
    above = threaded(a_post(1), a_post(2, in_reply_to="1"))
    apart = threaded(a_post(3), a_post(4, in_reply_to="3"), start="3")
    merged = merge(apart, replace(above, nodes=(*above.nodes, *apart.nodes), roles={**above.roles, **apart.roles}))
    assert merged.id == "1"
    unrelated = merge(threaded(*chain(2)), threaded(a_post(0), start="0"))
    assert unrelated.id == "0"


def test_what_a_newer_capture_says_of_a_parent_counts_where_it_shows_one() -> None:
    old = threaded(*chain(3))
    moved = threaded(a_post(1), a_post(2, in_reply_to="1"), a_post(3, in_reply_to="1"))
    assert merge(old, moved).nodes[-1].in_reply_to == "1"


def test_a_gap_that_is_made_up_says_what_became_of_the_post_that_is_held() -> None:
    old = threaded(*chain(3))
    gap = Missing(
        id="2#parent", reason=Reason.DELETED, author=ANN.id, in_reply_to="1", detail="its address answers 404"
    )
    new = threaded(a_post(1), gap, a_post(3, in_reply_to="2#parent"))
    merged = merge(old, new)
    assert order(merged) == ["1", "2", "3"]
    assert merged.gone == (replace(gap, id="2", url=old.posts[1].url),)
    shared = threaded(a_post(1), gap, a_post(3, in_reply_to="2#parent"), a_post(4, in_reply_to="2#parent"))
    assert "2#parent" in order(merge(old, shared))
    untold = merge(old, threaded(a_post(1), replace(gap, reason=Reason.UNKNOWN), a_post(3, in_reply_to="2#parent")))
    assert untold.gone == ()


def test_a_parent_that_is_forgotten_without_a_gap_is_known_all_the_same() -> None:
    merged = merge(threaded(*chain(3)), threaded(a_post(1), a_post(3)))
    assert [node.in_reply_to for node in merged.nodes] == [None, "1", "2"]


def test_a_circle_of_answers_has_a_first_post_all_the_same() -> None:
    old = threaded(*chain(3))
    circle = [a_post(2, in_reply_to="3"), a_post(3, in_reply_to="2")]
    assert merge(old, threaded(*circle, start="2")).id in "12"
