"""What differs from server to server of the fediverse: how they page, what they hide, what they forget."""

from collections.abc import Callable
from typing import Any

import pytest
from conversation_servers import Fediverse
from fediverse import SITE, Mastodon
from world import answering

from archiver.errors import NetworkError, NotRecorded
from archiver.model import Missing, Reason, Role, Thread, Verdict


@pytest.fixture
def server() -> Mastodon:
    return Mastodon()


def gotosocial(server: Mastodon) -> None:
    server.filters, server.forgotten, server.signed = True, (), True


def takahe(server: Mastodon) -> None:
    server.forgotten, server.batches = (), False
    server.fault = lambda request: (405, "") if "id%5B%5D" in request.url else None


def hollo(server: Mastodon) -> None:
    server.lean, server.upwards = True, "since"
    server.forgotten = ("in_reply_to_id", "in_reply_to_account_id")


def snac(server: Mastodon) -> None:
    """As snac2 shows itself to the token of somebody who is not the author."""
    server.upwards, server.context_limits = "", None


def mastodon(server: Mastodon) -> None:
    """Nothing differs."""


EVERYWHERE = pytest.mark.parametrize("habits", [mastodon, gotosocial, takahe, hollo, snac])
Habits = Callable[[Mastodon], None]


def line(thread: Thread) -> list[str]:
    """Return the last two digits of the posts of the main line, "-" for a gap."""
    main = (node for node in thread.nodes if thread.roles[node.id] is Role.MAIN)
    return ["-" if isinstance(node, Missing) else node.id[-2:] for node in main]


def told(thread: Thread) -> tuple[str, int, int | None]:
    whole = thread.completeness
    return whole.verdict.value, whole.found, whole.expected


@EVERYWHERE
@pytest.mark.parametrize("later", [0, 1, 50])
@pytest.mark.parametrize("count", [2, 40, 41, 60])
def test_threads_are_whole_from_everywhere(server: Mastodon, habits: Habits, count: int, later: int) -> None:
    habits(server)
    ids = server.thread(count)
    for _ in range(later):
        server.post("ann", "Something else")
    for at in (0, count // 2, -1):
        thread = server.archive(server.url(ids[at]))
        assert told(thread) == ("complete", count, count), (at, thread.completeness)
        assert thread.route == "listing"
        assert len(server.urls) <= 8


@EVERYWHERE
@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("at", [0, 1, 3, 5])
def test_a_post_for_chosen_readers_is_one_gap_at_its_place(
    server: Mastodon, habits: Habits, numbered: bool, at: int
) -> None:
    habits(server)
    ids = server.thread(6, numbered=numbered)
    server.hidden.add(ids[2])
    thread = server.archive(server.url(ids[at]))
    assert line(thread) == ["01", "02", "-", "04", "05", "06"]
    assert told(thread) == ("partial", 5, 6)
    [gap] = thread.completeness.gaps
    assert (gap.id, gap.reason) == (server.statuses[ids[2]]["uri"], Reason.UNKNOWN)
    assert gap.detail == "its own server answers 404: deleted, or for chosen readers only"


@pytest.mark.parametrize("habits", [gotosocial, takahe])
@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("at", [0, 1, 3, 5])
def test_a_deleted_parent_that_is_still_named_is_one_gap_and_no_second_thread(
    server: Mastodon, habits: Habits, numbered: bool, at: int
) -> None:
    habits(server)
    server.post("ann", "Something before")
    ids = server.thread(6, numbered=numbered)
    server.post("ann", "Something after")
    gone = server.statuses[ids[2]]["uri"]
    server.delete(ids[2])
    thread = server.archive(server.url(ids[at]))
    assert thread.id == server.statuses[ids[0]]["uri"]
    assert line(thread) == ["02", "03", "-", "05", "06", "07"]
    [gap] = thread.completeness.gaps
    assert (gap.id, gap.reason) == (gone, Reason.UNKNOWN)  # it may be for chosen readers only


@pytest.mark.parametrize("habits", [mastodon, gotosocial, takahe])
@pytest.mark.parametrize("at", [0, 7, 10, 19])
def test_several_holes_leave_one_thread_with_a_gap_for_each(server: Mastodon, habits: Habits, at: int) -> None:
    habits(server)
    server.post("ann", "Something before")
    ids = server.thread(20)
    for deleted in (4, 9, 15):
        server.delete(ids[deleted])
    thread = server.archive(server.url(ids[at]))
    assert thread.id == server.statuses[ids[0]]["uri"]
    assert [place for place, digits in enumerate(line(thread)) if digits == "-"] == [4, 9, 15]
    assert told(thread) == ("partial", 17, 20)


def test_a_second_hole_that_its_own_address_fills_is_none(server: Mastodon) -> None:
    gotosocial(server)
    ids = server.thread(20)
    server.delete(ids[8])
    unlisted = server.statuses[ids[3]]

    def fault(request: Any) -> Any:
        if "/accounts/" not in request.url:
            return None
        status, page = server.answer(request)
        return status, [each for each in page if each is not unlisted]

    server.fault = fault
    thread = server.archive(server.url(ids[19]))
    assert [place for place, digits in enumerate(line(thread)) if digits == "-"] == [8]
    assert told(thread) == ("partial", 19, 20)


def test_a_410_for_the_very_id_is_a_deletion(server: Mastodon) -> None:
    ids = server.thread(3)
    server.hidden.add(ids[1])
    server.fault = answering(f"statuses/{ids[1]}", (410, {"error": "gone"}))
    [gap] = server.archive(server.url(ids[0])).completeness.gaps
    assert (gap.reason, gap.detail) == (Reason.DELETED, "its own server answers 410")


def test_a_refusal_of_the_very_id_is_no_deletion(server: Mastodon) -> None:
    ids = server.thread(3)
    server.hidden.add(ids[1])
    server.fault = answering(f"statuses/{ids[1]}", (403, {"error": "no"}))
    [gap] = server.archive(server.url(ids[0])).completeness.gaps
    assert (gap.reason, gap.detail) == (Reason.PRIVATE, "its own server answers 403")


@pytest.mark.parametrize("at", [0, 59, 149])
def test_a_page_that_is_cut_before_it_is_filtered_is_not_the_last(server: Mastodon, at: int) -> None:
    server.filters = True
    ids = server.thread(60)
    server.hidden.add(server.post("ann", "For friends"))
    while len(ids) < 150:
        ids.append(server.post("ann", "Herons, again", ids[-1]))
    thread = server.archive(server.url(ids[at]))
    assert told(thread) == ("complete", 150, 150)
    assert len(server.urls) <= 8


@pytest.mark.parametrize("at", [0, 30])
def test_an_empty_page_in_the_middle_is_not_the_last(server: Mastodon, at: int) -> None:
    server.filters = True
    ids = server.thread(41)
    server.hidden.update(server.post("ann", "For friends") for _ in range(40))
    ids += [server.post("ann", "Herons, after a while", ids[-1])]
    for _ in range(60):
        ids.append(server.post("ann", "Herons, again", ids[-1]))
    thread = server.archive(server.url(ids[at]))
    assert told(thread) == ("complete", 102, 102)


def test_what_a_server_says_of_a_conversation_is_kept_though_the_post_above_is_deleted(server: Mastodon) -> None:
    ids = server.thread(3)
    question = server.post("bob", "Is that so?", ids[1])
    below = server.post("cleo", "I wonder, too", question)
    server.post("ann", "It is", below)
    server.forgotten = ()
    context = server.context(ids[2])["descendants"] or server.context(ids[1])["descendants"]
    server.delete(question)
    server.statuses[ids[1]]["replies_count"] = 2
    shown = [status for status in context if status["id"] in server.statuses]
    server.fault = answering("/context", (200, {"ancestors": [], "descendants": shown}))
    thread = server.archive(server.url(ids[0]), replies=True)
    kept = {post.content for post in thread.posts}
    assert {"<p>I wonder, too</p>", "<p>It is</p>"} <= kept
    [gap] = thread.missing
    assert gap.in_reply_to is not None
    assert "conversation" in gap.inferred


def test_a_whole_conversation_without_what_was_deleted_keeps_its_posts(server: Mastodon) -> None:
    """Pleroma gives all posts of a conversation, and forgets both what was deleted and whose it was."""
    server.listing = False
    ids = server.thread(5)
    server.forgotten = ("in_reply_to_id", "in_reply_to_account_id")
    server.delete(ids[2])

    def conversation(request: Any) -> Any:
        if "/context" not in request.url:
            return None
        id_ = request.url.split("/")[-2]
        return 200, {
            "ancestors": [status for status in server.statuses.values() if status["id"] < id_],
            "descendants": [status for status in server.statuses.values() if status["id"] >= id_],
        }

    server.fault = conversation
    thread = server.archive(server.url(ids[0]))
    assert [post.id[-2:] for post in thread.posts] == ["01", "02", "04", "05"]
    assert [thread.roles[gap.id] for gap in thread.missing] == [Role.UNKNOWN]  # nobody says who wrote what is gone
    assert thread.completeness.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("at", [0, 1, 3, 4])
def test_a_hole_in_a_thread_under_somebody_elses_post_is_a_gap(server: Mastodon, at: int) -> None:
    """Mastodon names whom the first post answered all the way down, so it does not say that the author was answered."""
    question = server.post("bob", "What do herons eat?")
    ids: list[str] = []
    for number in range(5):
        ids.append(server.post("ann", f"Herons eat {number}", ids[-1] if ids else question))
    server.delete(ids[2])
    thread = server.archive(server.url(ids[at]))
    assert thread.completeness.verdict is not Verdict.COMPLETE
    assert any(node.id.endswith("#parent") for node in thread.missing)


def test_the_last_posts_other_replies_are_seen_before_it_counts_as_the_last(server: Mastodon) -> None:
    ids = server.thread(5)
    server.post("bob", "A question", ids[4])
    thread = server.archive(server.url(ids[0]))
    assert told(thread) == ("complete", 5, 5)
    assert len(server.urls) == 4
    server.hidden.add(server.post("cleo", "For friends", ids[4]))
    assert server.archive(server.url(ids[0])).completeness.verdict is Verdict.UNKNOWN


def test_more_replies_than_a_context_shows_are_no_objection_to_a_listing_that_was_read_twice(server: Mastodon) -> None:
    ids = server.thread(5)
    for _ in range(70):
        server.post("bob", "First!", ids[4])
    assert told(server.archive(server.url(ids[0]))) == ("complete", 5, 5)
    server.listing = False
    assert server.archive(server.url(ids[0])).completeness.verdict is Verdict.UNKNOWN


def test_a_context_that_shows_nothing_proves_nothing(server: Mastodon) -> None:
    server.context_limits, server.listing = None, False
    ids = server.thread(2)
    assert server.archive(server.url(ids[0])).completeness.verdict is Verdict.UNKNOWN
    for status in server.statuses.values():
        del status["replies_count"]
    assert server.archive(server.url(ids[0])).completeness.verdict is Verdict.UNKNOWN


@EVERYWHERE
@pytest.mark.parametrize("numbered", [False, True])
def test_a_context_without_a_listing_is_no_proof_but_the_authors_numbers_are(
    server: Mastodon, habits: Habits, numbered: bool
) -> None:
    habits(server)
    ids = server.thread(4, numbered=numbered)
    server.context_limits, server.listing = (40, 60, 20), False
    assert told(server.archive(server.url(ids[0])))[0] == ("complete" if numbered else "unknown")
    server.delete(ids[2])
    assert told(server.archive(server.url(ids[0])))[0] == "unknown"


@pytest.mark.parametrize("asides", [0, 1, 3, 7, 8, 9])
@pytest.mark.parametrize("hours", [0, 30])
def test_what_follows_a_deleted_post_behind_other_posts_is_found_or_doubted(asides: int, hours: int) -> None:
    server = Fediverse("own-snac", 1)
    first = server.write("ann", "Herons", None, "")
    gone = server.write("ann", "Herons eat fish", first, "")
    for number in range(asides):
        server.write("ann", f"Something else {number}", None, "")
    server.write("ann", "And frogs", gone, "")
    server.delete(gone)
    server.wait(hours)
    server.write("ann", "Something else", None, "")
    thread = server.archive(server.url(first))
    if asides < 8:
        assert told(thread) == ("partial", 2, 3)
    else:
        assert told(thread)[0] == "unknown"
        assert "within a day the author wrote what may belong here" in thread.completeness.doubts[0]


@pytest.mark.parametrize("version", ["", "of another thread"])
@pytest.mark.parametrize("silent", [False, True])
def test_an_answer_to_somebody_may_hang_on_a_hidden_post_of_the_author(version: str, silent: bool) -> None:
    server = Fediverse("mastodon", 1)
    ids = [server.write("ann", "Herons", None, "")]
    start = server.write("bob", "Frogs?", None, "") if version else ids[0]
    question = server.write("bob", "And frogs?", start, "")
    hidden = server.write("ann", "Between us: frogs", question, "followers")
    last = server.write("ann", "Frogs", hidden, "")
    if silent:
        server.fault = lambda request: (401, {"error": "signature"}) if "/users/" in request.url else None
    assert server.statuses[last]["in_reply_to_account_id"] == server.statuses[question]["account"]["id"]
    thread = server.archive(server.url(ids[0]))
    if silent:
        assert told(thread)[0] == "unknown"
        assert "nobody" in thread.completeness.doubts[0]
    else:
        assert told(thread) == (("complete", 1, 1) if version else ("partial", 2, 3))


def test_posts_that_are_far_apart_are_found_by_what_they_answer(server: Mastodon) -> None:
    ids: list[str] = []
    for number in range(4):
        ids.append(server.post("ann", f"Herons {number}", ids[-1] if ids else None))
        for _ in range(120):
            server.post("ann", "Something else")
    thread = server.archive(server.url(ids[3]))
    assert told(thread) == ("complete", 4, 4)
    assert len(server.urls) <= 12


def test_a_server_that_shows_what_is_above_one_by_one_is_not_asked_for_ever(server: Mastodon) -> None:
    server.context_limits = None
    ids = server.thread(90)
    server.fault = answering("/accounts/", (200, [server.statuses[ids[89]]]))
    thread = server.archive(server.url(ids[89]))
    assert (
        thread.completeness.stop == "the first post was not reached: social.example shows what is above one by one only"
    )
    assert len(server.urls) < 100


def test_a_forgetful_server_is_asked_about_the_first_post_of_an_account(server: Mastodon) -> None:
    ids = server.thread(3)
    names = {id_: f"{1795486084 + number}{number:032x}" for number, id_ in enumerate(ids)}
    gone = server.statuses[ids[0]]["uri"]
    server.forgotten = ("in_reply_to_id", "in_reply_to_account_id")
    server.delete(ids[0])
    for id_, status in server.statuses.items():
        status.update(id=names[id_], in_reply_to_id=names.get(status["in_reply_to_id"]))
        server.conversations[names[id_]] = f"{SITE}/x#ctxt"
    server.statuses = {status["id"]: status for status in server.statuses.values()}
    server.objects[names[ids[1]]] = {"inReplyTo": gone}
    thread = server.archive(f"{SITE}/@ann/{names[ids[2]]}")
    assert (thread.nodes[0].id, thread.completeness.verdict) == (gone, Verdict.PARTIAL)
    assert isinstance(gap := thread.nodes[0], Missing)
    assert gap.reason is Reason.DELETED


def as_hollo(server: Mastodon) -> dict[str, str]:
    """Give the posts ids of Hollo's kind, and return them by those that they had."""
    hollo(server)
    names = {id_: f"019cdf00-{number:04x}-7abc-8def-0123456789ab" for number, id_ in enumerate(server.statuses)}
    for id_, status in server.statuses.items():
        status.update(id=names[id_], in_reply_to_id=names.get(status["in_reply_to_id"]))
    server.conversations = {names[id_]: name for id_, name in server.conversations.items() if id_ in names}
    server.statuses = {status["id"]: status for status in server.statuses.values()}
    return names


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("at", [0, 1, 3, 5])
def test_where_nothing_tells_of_a_deletion_neither_half_counts_as_the_whole(
    server: Mastodon, numbered: bool, at: int
) -> None:
    server.forgotten = ("in_reply_to_id", "in_reply_to_account_id")
    ids = server.thread(6, numbered=numbered)
    server.delete(ids[2])
    names = as_hollo(server)
    thread = server.archive(f"{SITE}/@ann/{names[ids[at]]}")
    assert thread.completeness.verdict is not Verdict.COMPLETE
    if not numbered:
        assert "within a day the author wrote what may belong here" in thread.completeness.doubts[0]


@pytest.mark.parametrize(("hours", "verdict"), [(23, Verdict.UNKNOWN), (25, Verdict.COMPLETE)])
def test_posts_of_another_day_are_no_doubt(server: Mastodon, hours: int, verdict: Verdict) -> None:
    ids = server.thread(3)
    server.wait(hours)
    server.post("ann", "Something else")
    names = as_hollo(server)
    assert server.archive(f"{SITE}/@ann/{names[ids[0]]}").completeness.verdict is verdict


# What is rare


def only(part: str, answer: Any) -> Callable[[Any], Any]:
    return lambda request: answer if part in request.url else None


@pytest.mark.parametrize("at", [0, 99])
def test_where_newer_pages_are_empty_and_contexts_too_the_newest_page_of_all_is_read(server: Mastodon, at: int) -> None:
    ids = server.thread(100)
    server.context_limits = None
    server.fault = only("min_id", (200, []))
    assert told(server.archive(server.url(ids[at]))) == ("complete", 100, 100)


@pytest.mark.parametrize("at", [0, 2, 3, 5])
def test_pages_that_hold_nothing_but_boosts_are_not_the_end(server: Mastodon, at: int) -> None:
    server.context_limits = None
    ids = server.thread(3)
    for _ in range(95):
        server.post("ann", "boosted", reblog={"id": "1"})
    for _ in range(3):
        ids.append(server.post("ann", "Herons, again", ids[-1]))
    assert told(server.archive(server.url(ids[at])))[1:] == (6, 6)


def test_a_crowd_in_which_an_older_reply_by_the_author_is_lost_leaves_the_line_open(server: Mastodon) -> None:
    server.listing = False
    first = server.post("ann", "Herons")
    for _ in range(70):
        server.post("bob", "First!", first)
    server.post("ann", "The story goes on", first)
    aside = server.post("ann", "An aside", first)
    thread = server.archive(server.url(aside))
    assert thread.completeness.verdict is Verdict.UNKNOWN


def test_what_only_its_own_address_shows_is_asked_for_there(server: Mastodon) -> None:
    server.batches, server.context_limits = False, None
    ids = server.thread(5)
    page = [server.statuses[id_] for id_ in reversed(ids) if id_ != ids[2]]
    server.fault = only("/accounts/", (200, page))
    assert told(server.archive(server.url(ids[0])))[1:] == (5, 5)


def test_a_post_that_comes_by_another_id_than_it_was_asked_for_is_the_one_that_was_answered(server: Mastodon) -> None:
    server.batches, server.context_limits = False, None
    ids = server.thread(5)
    page = [server.statuses[id_] for id_ in reversed(ids) if id_ != ids[2]]
    edited = {**server.statuses[ids[2]], "id": "112150000000099999"}
    server.fault = lambda request: (
        (200, page)
        if "/accounts/" in request.url
        else (200, edited)
        if request.url.endswith(f"/v1/statuses/{ids[2]}")
        else None
    )
    assert server.archive(server.url(ids[0])).completeness.found == 5


@pytest.mark.parametrize("route", ["listing", "context"])
def test_two_people_who_are_said_to_answer_each_other_come_to_an_end(server: Mastodon, route: str) -> None:
    one = server.post("ann", "One")
    two = server.post("bob", "Two", one)
    server.statuses[one].update(in_reply_to_id=two, in_reply_to_account_id="110")
    thread = server.archive(server.url(one), route=route)
    assert thread.completeness.verdict is not Verdict.COMPLETE


def test_a_last_post_whose_replies_are_for_members_only_leaves_the_end_open(server: Mastodon) -> None:
    ids = server.thread(3)
    server.post("bob", "A question", ids[2])
    server.fault = only("/context", (401, {"error": "no"}))
    thread = server.archive(server.url(ids[0]), route="listing")
    assert (thread.completeness.found, thread.completeness.verdict) == (3, Verdict.UNKNOWN)


def test_where_the_question_for_what_is_answered_fails_it_is_named_all_the_same(server: Mastodon) -> None:
    question = server.post("bob", "What do herons eat?")
    ids = [server.post("ann", "Fish", question)]
    ids.append(server.post("ann", "And frogs", ids[0]))
    server.hidden.add(question)
    server.fault = only(f"/v1/statuses/{question}", NetworkError("down"))
    thread = server.archive(server.url(ids[1]))
    [gap] = thread.missing
    assert (gap.reason, thread.roles[gap.id]) == (Reason.NOT_LOADED, Role.CONTEXT)
    assert thread.completeness.stop == "down"


def test_a_batch_that_is_no_list_ends_the_collecting(server: Mastodon) -> None:
    ids = server.thread(2)
    server.post("ann", "An answer", server.post("bob", "A question", ids[0]))
    server.fault = only("id%5B%5D", (200, {}))
    assert "not a list of statuses" in server.archive(server.url(ids[0]), route="listing").completeness.stop


def test_a_parent_that_its_object_names_and_nobody_shows_is_a_gap(server: Mastodon) -> None:
    ids = server.thread(4)
    server.hidden.add(ids[1])
    server.statuses[ids[2]]["in_reply_to_id"] = ids[2]
    server.objects[ids[2]] = {"inReplyTo": server.statuses[ids[1]]["uri"]}
    thread = server.archive(server.url(ids[3]))
    assert line(thread) == ["01", "-", "03", "04"]


def test_where_neither_list_nor_object_tells_what_stood_above_that_is_a_gap(server: Mastodon) -> None:
    server.listing, server.signed = False, True
    ids = server.thread(4)
    server.delete(ids[1])
    thread = server.archive(server.url(ids[2]))
    assert line(thread) == ["-", "03", "04"]
    assert thread.completeness.verdict is Verdict.PARTIAL


@pytest.mark.parametrize("part", ["max_id", "/users/", "/context", "id%5B%5D"])
def test_what_an_earlier_version_did_not_ask_for_costs_a_recording_nothing_but_proofs(
    server: Mastodon, part: str
) -> None:
    ids = server.thread(41)
    if part != "max_id":
        server.post("bob", "A question", ids[40])
        server.post("ann", "An answer", server.post("cleo", "Another", ids[3]))
        server.delete(ids[20])
    server.fault = lambda request: NotRecorded("nobody asked") if part in request.url or "/con" in request.url else None
    thread = server.archive(server.url(ids[0]), route="listing")
    assert thread.completeness.stop == ""
    assert len(texts_of(thread)) >= 20
    if part == "max_id":
        assert told(thread) == ("complete", 41, 41)
        assert thread.completeness.proof.startswith("its server lists nothing newer")


def test_a_listing_of_an_author_who_wrote_much_since_is_not_read_down_for_ever(server: Mastodon) -> None:
    hollo(server)
    ids = server.thread(45)
    for _ in range(700):
        server.post("ann", "Something else")
    assert told(server.archive(server.url(ids[0]))) == ("complete", 45, 45)
    assert len(server.urls) < 20


def test_where_no_batches_are_known_the_context_above_tells_whom_the_author_answered(server: Mastodon) -> None:
    server.batches = False
    question = server.post("bob", "What do herons eat?")
    ids = [server.post("ann", "Fish", question)]
    ids.append(server.post("ann", "And frogs", ids[0]))
    server.post("ann", "Voles", server.post("cleo", "What else?", ids[0]))
    thread = server.archive(server.url(ids[0]))
    assert [post.content for post in thread.posts if thread.roles[post.id] is Role.ANSWER] == ["<p>Voles</p>"]


def texts_of(thread: Thread) -> list[str]:
    return [post.content for post in thread.posts if thread.roles[post.id] is Role.MAIN]


def answered_on_snac() -> tuple[Fediverse, list[str], str, str]:
    """A thread of three posts, somebody's question below the first and its author's answer."""
    server = Fediverse("snac", 1)
    ids = [server.write("ann", "Herons", None, "")]
    ids.append(server.write("ann", "Herons, again", ids[0], ""))
    question = server.write("bob", "What do they eat?", ids[0], "")
    return server, [server.key(id_) for id_ in ids], question, server.write("ann", "Fish", question, "")


def test_somebody_elses_post_that_no_context_shows_is_asked_for_by_its_id() -> None:
    server, ids, _, answer = answered_on_snac()
    thread = server.archive(server.url(answer))
    assert [post.id for post in thread.posts if thread.roles[post.id] is Role.MAIN] == ids
    assert thread.roles[server.key(answer)] is Role.ANSWER


def test_where_nobody_kept_the_answer_to_that_question_the_thread_is_as_it_was() -> None:
    server, _, question, answer = answered_on_snac()
    server.fault = lambda request: NotRecorded("no") if request.url.endswith(f"/statuses/{question}") else None
    assert server.archive(server.url(answer), route="listing").id == server.key(answer)


@pytest.mark.parametrize("habits", [gotosocial, takahe])
def test_an_answer_below_a_deleted_first_post_that_is_still_named_is_a_thread_of_its_own(
    server: Mastodon, habits: Habits
) -> None:
    habits(server)
    first = server.post("ann", "Herons")
    question = server.post("bob", "What do they eat?", first)
    answer = server.post("ann", "Fish", question)
    server.delete(first)
    thread = server.archive(server.url(answer))
    assert line(thread) == [answer[-2:]]
    assert thread.posts[0].id == server.statuses[question]["uri"]
