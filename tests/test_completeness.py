"""What speaks against a proof: nothing is complete while something that was read does."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from samples import ANN, BO, a_post, later

from archiver.model import Counts, Missing, Node, Post, Reason, Role, Thread, Verdict
from archiver.threads.assemble import assemble, main_line, storm
from archiver.threads.completeness import Proof, weighed
from archiver.threads.join import LACKS, joined

LISTED = Proof(text="the listing was read to its end", top=True, end=True)
WHOLE = replace(LISTED, exhaustive=True)


def thread_of(nodes: Sequence[Node], others: Sequence[Node] = (), proof: Proof = WHOLE, start: str = "1") -> Thread:
    return assemble(platform="p", nodes=nodes, others=others, focus=start, start=start, proof=proof, replies=False)


def chain(count: int) -> list[Post]:
    return [a_post(n, in_reply_to=str(n - 1) if n > 1 else None) for n in range(1, count + 1)]


def numbered(count: int, total: int) -> list[Post]:
    return [replace(post, content=f"<p>{post.id}/{total} herons</p>") for post in chain(count)]


def verdict(thread: Thread) -> tuple[Verdict, tuple[str, ...]]:
    return thread.completeness.verdict, thread.completeness.doubts


def answers(author: str | None) -> list[Node]:
    """Return somebody's post 4 that answers one of an author which nobody shows."""
    return [a_post(4, author=BO, in_reply_to="3x"), Missing(id="3x", reason=Reason.PRIVATE, author=author)]


HANGS = "a post by the author follows one that nobody shows, and may belong here (https://social.example/@ann/5)"


@pytest.mark.parametrize(
    ("others", "doubts"),
    [
        ([a_post(5, in_reply_to="4")], (HANGS,)),
        ([a_post(5, in_reply_to="4"), Missing(id="4", reason=Reason.UNKNOWN)], (HANGS,)),
        ([a_post(5, in_reply_to="4"), Missing(id="4", reason=Reason.UNKNOWN, author=ANN.id)], (HANGS,)),
        ([a_post(5, in_reply_to="4"), Missing(id="4", reason=Reason.UNKNOWN, author=BO.id)], ()),
        ([a_post(5, in_reply_to="4"), a_post(4, author=BO, in_reply_to="3x")], ()),
        ([a_post(5, in_reply_to="4"), *answers(ANN.id)], (HANGS,)),
        ([a_post(5, in_reply_to="4"), *answers(BO.id)], ()),
        ([a_post(5, in_reply_to="4"), *answers(None)], ()),
        (answers(ANN.id), ()),
        ([a_post(5, in_reply_to="4"), a_post(4)], ()),
        (
            [
                a_post(5, in_reply_to="4"),
                Missing(id="4", reason=Reason.UNKNOWN, author=ANN.id, created_at=later(days=-2)),
            ],
            (),
        ),
        ([a_post(5, in_reply_to="4", created_at=later(days=-1))], ()),
    ],
    ids=[
        "no word",
        "unknown",
        "own",
        "somebody's",
        "somebody's post",
        "an answer to one who answers the author",
        "one who answers somebody",
        "one who answers nobody knows whom",
        "only somebody else's",
        "another thread",
        "an older thread",
        "older",
    ],
)
def test_a_post_that_answers_what_nobody_shows_takes_the_proof_away(
    others: list[Node], doubts: tuple[str, ...]
) -> None:
    assert verdict(thread_of(chain(3), others)) == (Verdict.UNKNOWN if doubts else Verdict.COMPLETE, doubts)


def test_a_gap_in_its_place_is_missing_and_no_doubt() -> None:
    gap = Missing(id="4", reason=Reason.DELETED, author=ANN.id, in_reply_to="3")
    thread = thread_of([*chain(3), gap, a_post(5, in_reply_to="4")])
    assert verdict(thread) == (Verdict.PARTIAL, ())
    assert (thread.completeness.found, thread.completeness.expected) == (4, 5)


def test_several_that_hang_are_counted_and_three_are_named() -> None:
    [doubt] = thread_of(chain(3), [a_post(n, in_reply_to="x") for n in range(5, 10)]).completeness.doubts
    assert doubt.startswith("5 posts by the author follow one that nobody shows")
    assert doubt.endswith("/5, https://social.example/@ann/6, https://social.example/@ann/7 and 2 more)")


@pytest.mark.parametrize("parent", ["3", "5"], ids=["itself", "a later one"])
def test_posts_that_answer_each_other_in_a_circle_prove_nothing(parent: str) -> None:
    nodes = chain(6)
    nodes[2] = replace(nodes[2], in_reply_to=parent)
    assert verdict(thread_of(nodes))[0] is Verdict.UNKNOWN


@pytest.mark.parametrize("proof", [LISTED, WHOLE])
def test_replies_that_are_counted_and_not_shown(proof: Proof) -> None:
    nodes = chain(3)
    nodes[2] = replace(nodes[2], counts=Counts(replies=2))
    reply = a_post(9, author=BO, in_reply_to="3")
    doubts = ("the platform counts 2 replies to the last post, and 1 were shown",)
    assert verdict(thread_of([*nodes, reply], proof=proof)) == (
        (Verdict.COMPLETE, ()) if proof.exhaustive else (Verdict.UNKNOWN, doubts)
    )
    assert verdict(thread_of([*nodes, reply], [replace(reply, id="10")], proof=proof)) == (Verdict.COMPLETE, ())


def test_the_authors_own_last_number_outweighs_replies_that_are_not_shown() -> None:
    nodes = numbered(3, 3)
    nodes[2] = replace(nodes[2], counts=Counts(replies=2))
    assert verdict(thread_of(nodes, proof=LISTED)) == (Verdict.COMPLETE, ())


def test_a_count_proves_only_where_it_is_what_was_found() -> None:
    count = Proof(count=3, counter="Bluesky", top=True)
    assert thread_of(chain(3), proof=count).completeness.proof == "Bluesky counts 3 posts in this thread"
    assert verdict(thread_of(chain(3), proof=count)) == (Verdict.COMPLETE, ())
    assert verdict(thread_of(chain(2), proof=count)) == (Verdict.PARTIAL, ())
    fewer = ("Bluesky counts 3 posts in this thread, and 4 were found",)
    assert verdict(thread_of(chain(4), proof=count)) == (Verdict.UNKNOWN, fewer)
    assert verdict(thread_of(chain(4), proof=replace(LISTED, count=3, counter="Bluesky"))) == (Verdict.UNKNOWN, fewer)
    whole = thread_of(chain(4), proof=replace(WHOLE, count=3, counter="Bluesky")).completeness
    assert (whole.verdict, whole.doubts, whole.proof) == (Verdict.COMPLETE, (), WHOLE.text)
    assert verdict(thread_of(chain(2), proof=replace(WHOLE, count=3, counter="Bluesky")))[0] is Verdict.PARTIAL


def test_the_root_that_is_named_must_have_been_reached() -> None:
    named = replace(WHOLE, root="0")
    assert verdict(thread_of(chain(2), proof=named)) == (
        Verdict.UNKNOWN,
        ("the first post of the conversation is named, and was not reached from here",),
    )
    above = [a_post(0, author=BO), replace(chain(1)[0], in_reply_to="0"), chain(2)[1]]
    assert verdict(thread_of(above, proof=named)) == (Verdict.COMPLETE, ())
    assert verdict(thread_of(chain(2), proof=replace(WHOLE, root="1"))) == (Verdict.COMPLETE, ())


def test_what_a_route_doubts_counts() -> None:
    assert verdict(thread_of(chain(2), proof=replace(WHOLE, doubts=("a page was cut",)))) == (
        Verdict.UNKNOWN,
        ("a page was cut",),
    )


def test_an_unknown_author_is_neither_the_author_nor_somebody_else() -> None:
    gap = Missing(id="4", reason=Reason.DELETED, in_reply_to="3")
    below = a_post(5, in_reply_to="4")
    thread = thread_of([*chain(3), gap, below])
    doubt = "a post below the author’s is missing, and nobody says who wrote it"
    assert verdict(thread) == (Verdict.UNKNOWN, (doubt,))
    assert (thread.roles["4"], thread.roles["5"]) == (Role.UNKNOWN, Role.ANSWER)
    assert [node.id for node in thread.nodes] == ["1", "2", "3", "4", "5"]
    two = thread_of([*chain(3), gap, replace(gap, id="6", in_reply_to="4")])
    assert verdict(two)[1] == ("2 posts below the author’s are missing, and nobody says who wrote them",)
    under_a_reply = [*chain(3), a_post(8, author=BO, in_reply_to="1"), replace(gap, in_reply_to="8")]
    assert verdict(thread_of(under_a_reply)) == (Verdict.COMPLETE, ())


def test_numbers_that_the_author_has_given_to_answers_are_known() -> None:
    nodes = numbered(3, 4)
    apart = replace(a_post(9, in_reply_to="8"), content="<p>4/4 herons</p>")
    others = [a_post(8, author=BO, in_reply_to="1")]
    assert verdict(thread_of([*nodes, *others, apart])) == (
        Verdict.UNKNOWN,
        ("the author numbers the posts to 4, and some of these answer other people",),
    )
    assert verdict(thread_of([*nodes, *others])) == (
        Verdict.UNKNOWN,
        ("the author numbers the posts to 4, 3 are known",),
    )


def test_where_a_gap_may_be_the_number_that_lacks_it_is_missing_and_no_doubt() -> None:
    question = a_post(8, author=BO, in_reply_to="1")
    gap = Missing(id="9", reason=Reason.DELETED, author=ANN.id, in_reply_to="8")
    last = replace(a_post(10, in_reply_to="9"), content="<p>4/4 herons</p>")
    assert verdict(thread_of([*numbered(3, 4), question, gap, last])) == (Verdict.PARTIAL, ())


def test_a_numbered_line_goes_on_through_an_answer_to_somebody() -> None:
    nodes = numbered(5, 5)
    nodes[3] = replace(nodes[3], in_reply_to="31")
    questions = [a_post(30, author=BO, in_reply_to="3"), a_post(31, author=BO, in_reply_to="30")]
    thread = thread_of([*nodes, *questions], proof=replace(WHOLE, exhaustive=False))
    assert main_line({node.id: node for node in (*nodes, *questions)}, "1") == tuple("12345")
    assert (thread.completeness.verdict, thread.completeness.found) == (Verdict.COMPLETE, 5)


def test_of_several_replies_the_one_with_the_next_number_goes_on() -> None:
    nodes = numbered(3, 3)
    aside = a_post(11, in_reply_to="1", created_at=later(seconds=70))
    after = a_post(12, in_reply_to="11", created_at=later(seconds=80))
    assert main_line({node.id: node for node in (*nodes, aside, after)}, "1") == tuple("123")


@pytest.mark.parametrize(("hours", "line"), [(3, ("1", "3", "4")), (30, ("1", "2"))])
def test_an_older_aside_gives_way_to_what_goes_on_within_a_day(hours: int, line: tuple[str, ...]) -> None:
    nodes = [
        a_post(1),
        a_post(2, in_reply_to="1"),
        a_post(3, in_reply_to="1", created_at=later(hours=hours)),
        a_post(4, in_reply_to="3", created_at=later(hours=hours, minutes=1)),
    ]
    assert main_line({node.id: node for node in nodes}, "1") == line


def test_siblings_stand_in_the_order_of_the_proven_times() -> None:
    nodes = [
        a_post(1),
        a_post(2, in_reply_to="1", created_at=later(days=-9), keyed_at=later(minutes=5)),
        a_post(3, in_reply_to="1", created_at=later(minutes=9), indexed_at=later(minutes=4)),
    ]
    assert main_line({node.id: node for node in nodes}, "1") == ("1", "3")


def test_what_any_way_showed_is_kept_and_a_proof_that_lacks_it_does_not_hold() -> None:
    proven, longer = thread_of(chain(1), proof=WHOLE), thread_of(chain(4), proof=replace(LISTED, text=""))
    thread = joined(proven, [longer])
    assert [node.id for node in thread.nodes] == list("1234")
    assert (thread.completeness.found, thread.completeness.expected) == (4, 4)
    assert verdict(thread) == (Verdict.UNKNOWN, (LACKS,))
    assert joined(longer, [proven]) == longer


def test_a_first_post_that_only_another_way_reached_is_the_first() -> None:
    lower = thread_of([replace(post, in_reply_to=post.in_reply_to or "0") for post in chain(3)][1:], start="2")
    thread = joined(lower, [thread_of(chain(2))])
    assert (thread.id, [node.id for node in thread.nodes]) == ("1", ["1", "2", "3"])


def test_replies_that_only_another_way_showed_are_no_doubt() -> None:
    reply = a_post(9, author=BO, in_reply_to="1")
    asked = assemble(platform="p", nodes=[*chain(2), reply], focus="9", start="1", proof=Proof(), replies=False)
    thread = joined(replace(thread_of(chain(2)), focus="9"), [asked])
    assert verdict(thread) == (Verdict.COMPLETE, ())
    assert thread.roles["9"] is Role.REPLY


def test_a_storm_has_what_any_way_to_it_showed() -> None:
    def a_storm(*nodes: Node) -> Thread:
        window = {"since": later(minutes=0), "until": later(hours=1)}
        return storm(platform="p", nodes=nodes, author=ANN, url=ANN.url, proof=WHOLE, **window)

    answer = a_post(2, in_reply_to="x")
    to = Missing(id="x", reason=Reason.NOT_LOADED, author=BO.id)
    thread = joined(a_storm(a_post(1), a_post(4)), [a_storm(a_post(3), answer, to)])
    assert [node.id for node in thread.nodes] == ["1", "3", "4", "2"]
    assert (thread.completeness.found, thread.completeness.verdict) == (3, Verdict.UNKNOWN)


def test_a_first_post_that_was_not_read_has_no_time() -> None:
    nodes = [Missing(id="1", reason=Reason.DELETED, author=ANN.id), a_post(2, in_reply_to="1")]
    doubts = thread_of(nodes, [a_post(5, in_reply_to="4")]).completeness.doubts
    assert doubts == (HANGS,)


def test_a_thread_without_a_line_says_nothing() -> None:
    assert weighed([], {}, WHOLE).doubts == ()
