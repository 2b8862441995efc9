"""What is said of threads on Bluesky is true: nothing is whole, or deleted, that is not."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from atmosphere import DIDS, NOON, PDS, Bluesky, cid, page_url, reference, rkey, tid
from world import answering, failing

from archiver.errors import Gone, NetworkError, NotRecorded, RateLimited, Refused
from archiver.model import Missing, Node, Post, Reason, Role, Thread, Verdict
from archiver.platforms.bluesky.conclude import UNREAD
from archiver.platforms.bluesky.feed import read_feed
from archiver.platforms.bluesky.platform import platform
from archiver.platforms.bluesky.post import parse_view
from archiver.routes import follow

ANN, BOB, CY = DIDS["ann"], DIDS["bob"], DIDS["cy"]
FROM = [0, 0.5, 1]


@pytest.fixture
def network() -> Bluesky:
    return Bluesky()


def at(uris: Sequence[str], part: float) -> str:
    """Return the address of a post of a thread, 0 for the first and 1 for the last."""
    return page_url(uris[int(part * (len(uris) - 1))])


def line(thread: Thread) -> list[str]:
    return [node.id for node in thread.nodes if thread.roles[node.id] is Role.MAIN]


def told(thread: Thread) -> tuple[Verdict, int, int | None]:
    whole = thread.completeness
    return whole.verdict, whole.found, whole.expected


def drafted(network: Bluesky, count: int, pause: int = 0) -> list[str]:
    """Write a thread whose author replaced post 11, deleted the draft later, and wrote of other things in between."""
    uris = network.thread(10)
    draft = network.post("ann", "Herons, a draft", uris[-1])
    while len(uris) < count:
        uris.append(network.post("ann", f"Herons, note no {len(uris) + 1}", uris[-1]))
        if len(uris) == 20:
            for number in range(pause):
                network.post("ann", f"Something else {number}")
    network.delete(draft)
    return uris


# The proof


@pytest.mark.parametrize("pause", [0, 260])
@pytest.mark.parametrize("part", FROM)
def test_a_count_that_is_smaller_than_what_was_found_is_no_proof(network: Bluesky, part: float, pause: int) -> None:
    uris = drafted(network, 30, pause)
    thread = network.archive(at(uris, part))
    assert network.line(uris[0]) == uris[:10]
    assert line(thread) == uris
    assert told(thread) == (Verdict.COMPLETE, 30, 30)
    assert thread.completeness.proof == "the author's own repository was read from the first post to its end"


@pytest.mark.parametrize("hidden", [3, 4])
@pytest.mark.parametrize("route", ["tree", "feed"])
def test_bluesky_alone_proves_nothing(network: Bluesky, route: str, hidden: int) -> None:
    uris = network.thread(5)
    network.hidden.update(uris[hidden:])
    network.line = lambda uri: uris[:hidden]  # type: ignore[method-assign]
    thread = network.archive(page_url(uris[0]), route=route)
    assert line(thread) == uris[:hidden]
    assert thread.completeness.verdict is Verdict.UNKNOWN
    assert thread.completeness.doubts == (UNREAD,)


@pytest.mark.parametrize("part", FROM)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_line_that_goes_on_by_a_post_that_bluesky_does_not_have_is_read(
    network: Bluesky, size: int, part: float
) -> None:
    uris = network.thread(4)
    network.post("ann", "By the way", uris[3])
    uris.append(network.post("ann", "But to go on", uris[3]))
    uris.append(network.post("ann", "And on", uris[4]))
    network.hidden.update(uris[4:])
    in_pages_of(network, size)
    thread = network.archive(at(uris, part))
    assert line(thread) == uris
    assert told(thread) == (Verdict.COMPLETE, 6, 6)
    assert thread.completeness.proof == "the author's own repository was read from the first post to its end"


def test_where_reading_shows_that_a_thread_began_earlier_it_is_read_from_there(network: Bluesky) -> None:
    uris = network.thread(3)
    question = network.post("bob", "What do they eat?", uris[0])
    answers = [network.post("ann", "Fish", question)]
    answers += [network.post("ann", "And frogs", answers[0])]
    answers += [network.post("ann", "And mice", answers[1])]
    for uri in answers:
        network.records[uri]["reply"]["root"] = reference(question)
    network.hidden |= {question, answers[1]}
    thread = network.archive(page_url(answers[2]))
    assert line(thread) == uris
    assert told(thread) == (Verdict.COMPLETE, 3, 3)
    assert [post.id for post in thread.posts if thread.roles[post.id] is Role.ANSWER] == answers


@pytest.mark.parametrize("part", FROM)
def test_reading_goes_on_after_days_of_rest_while_more_is_counted(network: Bluesky, part: float) -> None:
    uris: list[str] = []
    for days in (10, 10, 0):
        for _ in range(30):
            uris.append(network.post("ann", f"Live {len(uris)}", uris[-1] if uris else None))
        for _ in range(120 if days else 0):
            network.wait(2)
            network.post("ann", "Something else")
    thread = network.archive(at(uris, part))
    assert line(thread) == uris
    assert told(thread) == (Verdict.COMPLETE, 90, 90)


@pytest.mark.parametrize("part", FROM)
def test_without_a_count_a_rest_ends_reading_only_where_no_further_reply_is_known(
    network: Bluesky, part: float
) -> None:
    question = network.post("bob", "What do herons eat?")
    uris: list[str] = []
    for number in range(60):
        uris.append(network.post("ann", f"Herons eat {number}", uris[-1] if uris else question))
        if number == 29:
            for _ in range(250):
                network.wait(1)
                network.post("ann", "Something else")
    for _ in range(400):
        network.wait(1)
        network.post("ann", "Something else")
    thread = network.archive(at(uris, part))
    assert line(thread) == uris
    assert told(thread) == (Verdict.COMPLETE, 60, 60)
    assert "until two days after the last post" in thread.completeness.proof


def test_without_a_word_of_bluesky_a_rest_proves_nothing(network: Bluesky) -> None:
    uris = network.thread(10)
    for _ in range(2_400):
        network.wait(1)
        network.post("ann", "Something else")
    network.post("ann", "Herons, after all that", uris[-1])
    network.fault = failing("xrpc/app.bsky", NetworkError("down"))
    thread = network.archive(page_url(uris[0]), route="repository")
    assert (thread.completeness.verdict, thread.completeness.found) == (Verdict.UNKNOWN, 10)
    assert 20 < sum("listRecords" in url for url in network.urls) < 24


@pytest.mark.parametrize("hidden", [False, True])
def test_a_last_post_with_a_reply_that_is_not_shown_does_not_end_reading(network: Bluesky, hidden: bool) -> None:
    question = network.post("bob", "What do herons eat?")
    first = network.post("ann", "And frogs", network.post("ann", "Fish", question))
    if hidden:
        network.hidden.add(network.post("cy", "Frogs", first))
        network.extras[first] = {"replyCount": 1}
    else:
        network.post("cy", "Frogs", first)
    for _ in range(250):
        network.wait(1)
        network.post("ann", "Something else")
    thread = network.archive(page_url(first))
    assert told(thread) == (Verdict.COMPLETE, 2, 2)
    assert ("to its end" in thread.completeness.proof) is hidden


@pytest.mark.parametrize("wrong", ["all", "one", "third and on"])
@pytest.mark.parametrize("part", [0, 0.3, 0.5, 0.9, 1])
def test_posts_that_name_a_wrong_root_are_placed_by_what_they_answer(network: Bluesky, wrong: str, part: float) -> None:
    uris = network.thread(11)
    for number in {"all": range(1, 11), "one": [5], "third and on": range(2, 11)}[wrong]:
        reply = network.records[uris[number]]["reply"]
        network.records[uris[number]] |= {"reply": {**reply, "root": reply["parent"]}}
    thread = network.archive(at(uris, part))
    assert line(thread) == uris
    assert told(thread) == (Verdict.COMPLETE, 11, 11)


@pytest.mark.parametrize("part", FROM)
def test_a_hole_among_posts_that_name_a_wrong_root_is_never_complete(network: Bluesky, part: float) -> None:
    uris = network.thread(11)
    for uri in uris[1:]:
        network.records[uri]["reply"]["root"] = network.records[uri]["reply"]["parent"]
    network.delete(uris[5])
    del uris[5]
    assert network.archive(at(uris, part)).completeness.verdict is not Verdict.COMPLETE


def test_another_thread_of_the_author_with_a_hole_is_no_doubt(network: Bluesky) -> None:
    uris = network.thread(5)
    network.wait(72)
    gone, second, third = network.thread(3)
    network.delete(gone)
    assert told(network.archive(page_url(uris[0]))) == (Verdict.COMPLETE, 5, 5)
    assert third in network.records
    network.delete(second)
    assert told(network.archive(page_url(uris[0]))) == (Verdict.COMPLETE, 5, 5)


@pytest.mark.parametrize("count", [6, 60])
@pytest.mark.parametrize(("where", "doubted"), [("records", True), ("views", True), ("version", False)])
def test_a_post_with_two_texts_is_said_to_have_them(network: Bluesky, where: str, doubted: bool, count: int) -> None:
    uris = network.thread(count)

    def twice(request: Any) -> Any:
        if "listRecords" not in request.url:
            return None
        status, content = network.answer(request)
        records = content["records"]
        if records:
            at = count - 4
            other = {**records[at], "value": {**records[at]["value"], "text": "Herons, and something false"}}
            if where == "version":
                other["cid"] = "bafyreiother"
            records[at : at + 1] = [records[at], other] if where == "records" else [other]
        return status, content

    network.fault = twice
    thread = network.archive(page_url(uris[0]))
    assert (thread.completeness.verdict is Verdict.UNKNOWN) is doubted
    assert any("two different texts" in doubt for doubt in thread.completeness.doubts) is doubted
    [said] = [post.notices for post in thread.posts if post.notices]
    assert ("two different texts" in said[0]) is doubted


@pytest.mark.parametrize(
    "method", ["getPostThreadV2", "getPostThread?", "getPosts", "listRecords", "getAuthorFeed", "getRecord"]
)
@pytest.mark.parametrize(
    "answer", [{}, {"thread": [{}], "records": [{}], "posts": [{}], "feed": [{}], "value": 3}, {"thread": 7}]
)
@pytest.mark.parametrize("part", FROM)
def test_an_answer_of_an_unknown_shape_costs_that_answer_only(
    network: Bluesky, method: str, answer: Any, part: float
) -> None:
    uris = network.thread(150)
    source = network.post("cy", "A source")
    uris.append(network.post("ann", "Look", uris[-1], view={"embed": unseen(source)}, embed=quoting(source)))
    network.fault = answering(method, (200, answer))
    thread = network.archive(at(uris, part))
    assert line(thread) == uris
    assert told(thread) == (Verdict.UNKNOWN if method == "listRecords" else Verdict.COMPLETE, 151, 151)


@pytest.mark.parametrize(
    "reply", ["x", {"root": "x", "parent": {"uri": 3}}, {"parent": None}, {"root": {"uri": ["x"]}, "parent": {}}, 3]
)
def test_a_record_that_answers_in_an_unknown_shape_costs_no_other(network: Bluesky, reply: Any) -> None:
    uris = network.thread(4)
    odd = network.post("ann", "Odd")
    network.fault = lambda request: _odd(network, request, odd, reply) if "listRecords" in request.url else None
    thread = network.archive(page_url(uris[0]))
    assert line(thread) == uris
    assert told(thread) == (Verdict.COMPLETE, 4, 4)


def _odd(network: Bluesky, request: Any, odd: str, reply: Any) -> Any:
    status, content = network.answer(request)
    for item in content["records"]:
        if item["uri"] == odd:
            item["value"] = {**item["value"], "reply": reply}
    return status, content


@pytest.mark.parametrize("embed", ["x", 3, {"record": "x"}, {"record": {"record": 3}}, {"record": {"author": "x"}}])
def test_a_view_with_an_embed_of_an_unknown_shape_costs_no_other_post(network: Bluesky, embed: Any) -> None:
    uris = network.thread(4)
    network.extras[uris[1]] = {"embed": embed}
    assert line(network.archive(page_url(uris[0]))) == uris


def rekeyed(network: Bluesky, uri: str, key: str) -> str:
    """Give a post another key."""
    odd = uri.replace(rkey(uri), key)
    network.records[odd], network.extras[odd] = network.records.pop(uri), network.extras.pop(uri)
    for record in network.records.values():
        for named in (record.get("reply") or {}).values():
            if named["uri"] == uri:
                named.update(reference(odd))
    network.answered = {
        (odd if asked == uri else asked): [odd if one == uri else one for one in answers]
        for asked, answers in network.answered.items()
    }
    return odd


@pytest.mark.parametrize("key", ["zz-first", "first", "0"])
@pytest.mark.parametrize("part", FROM)
def test_a_first_post_whose_key_tells_no_time_hides_no_other(network: Bluesky, key: str, part: float) -> None:
    uris = network.thread(8)
    uris[0] = rekeyed(network, uris[0], key)
    thread = network.archive(at(uris, part))
    assert line(thread) == uris
    assert told(thread) == (Verdict.COMPLETE, 8, 8)
    network.fault = failing("xrpc/app.bsky", NetworkError("down"))
    thread = network.archive(at(uris, part), route="repository")
    assert line(thread) == uris
    assert told(thread) == (Verdict.COMPLETE, 8, 8)


@pytest.mark.parametrize("part", FROM)
def test_an_older_aside_under_the_root_is_not_the_thread(network: Bluesky, part: float) -> None:
    uris = network.thread(1)
    network.post("ann", "An aside", uris[0])
    for number in range(19):
        uris.append(network.post("ann", f"Herons {number}", uris[-1]))
    thread = network.archive(at(uris, part))
    assert len(network.line(uris[0])) == 2
    assert line(thread) == uris
    assert told(thread) == (Verdict.COMPLETE, 20, 20)


@pytest.mark.parametrize("part", FROM)
def test_a_numbered_line_goes_on_through_an_answer_to_somebody(network: Bluesky, part: float) -> None:
    uris: list[str] = []
    for number in range(1, 13):
        to = uris[-1] if uris else None
        if number == 7:
            to = network.post("bob", "Is that all?", to)
        uris.append(network.post("ann", f"Herons {number}/12", to))
    thread = network.archive(at(uris, part))
    assert line(thread) == uris
    assert thread.completeness.verdict is not Verdict.PARTIAL


# The way up


@pytest.mark.parametrize("deep", [49, 50, 51, 60, 470])
@pytest.mark.parametrize("replies", [False, True])
def test_a_reply_far_down_belongs_to_the_thread_at_the_top(network: Bluesky, deep: int, replies: bool) -> None:
    if replies and deep > 100:
        pytest.skip("the same, and slow")
    uris = network.thread(5)
    last = uris[2]
    for number in range(deep):
        last = network.post("cy" if number % 2 else "bob", f"Deeper {number}", last)
    thread = network.archive(page_url(last), replies=replies)
    assert (thread.id, thread.author.id, line(thread)) == (uris[0], ANN, uris)
    assert told(thread) == (Verdict.COMPLETE, 5, 5)
    assert thread.roles[last] is Role.REPLY


@pytest.mark.parametrize("part", [0, 0.6, 0.75, 1])
def test_the_context_of_a_long_chain_is_the_same_from_every_place(network: Bluesky, part: float) -> None:
    above = [network.post("bob", "A first question")]
    for number in range(70):
        above.append(network.post("cy" if number % 2 else "bob", f"A question {number}", above[-1]))
    uris: list[str] = []
    for number in range(80):
        uris.append(network.post("ann", f"An answer {number}", uris[-1] if uris else above[-1]))
    thread = network.archive(at(uris, part))
    assert line(thread) == uris
    assert [node.id for node in thread.nodes if thread.roles[node.id] is Role.CONTEXT] == above
    assert told(thread) == (Verdict.COMPLETE, 80, 80)


@pytest.mark.parametrize("error", [NetworkError("timed out"), answering("", (503, {})), RateLimited("later")])
def test_a_silent_server_below_a_far_root_is_no_unknown_shape(network: Bluesky, error: Any) -> None:
    uris = network.thread(140)
    fault = error if callable(error) else failing(PDS, error)
    network.fault = lambda request: fault(request) if PDS in request.url else None
    thread, failures = network.attempt(page_url(uris[120]))
    assert line(thread) == uris
    assert "shape" not in "".join(map(str, failures))
    network.fault = failing("http", NetworkError("timed out"))
    with pytest.raises(NetworkError, match="timed out"):
        network.archive(page_url(uris[120]))


def test_records_that_go_round_in_a_circle_end_and_prove_nothing(network: Bluesky) -> None:
    uris = network.thread(3)
    network.records[uris[0]]["reply"] = {"root": reference(uris[0]), "parent": reference(uris[2])}
    network.answered[uris[2]] = [uris[0]]
    network.fault = lambda request: NetworkError("down") if "getPostThread" in request.url else None
    assert network.archive(page_url(uris[1]), route="repository").completeness.verdict is not Verdict.COMPLETE


def test_a_forged_chain_without_an_end_is_followed_a_little(network: Bluesky) -> None:
    first = network.post("bob", "Up and up")
    parent = f"at://{CY}/app.bsky.feed.post/3mgu000000000"
    network.records[first]["reply"] = {"root": reference(parent), "parent": reference(parent)}

    def endless(request: Any) -> Any:
        if "repo.getRecord" not in request.url:
            return None
        above = f"at://{CY}/app.bsky.feed.post/3mgu{len(network.exchanges):09}"
        reply = {"root": reference(parent), "parent": reference(above)}
        return 200, {
            "uri": "x",
            "cid": "x",
            "value": {"text": "More", "createdAt": "2026-03-12T10:00:00Z", "reply": reply},
        }

    network.fault = endless
    thread = network.archive(page_url(first), route="repository")
    assert thread.completeness.verdict is not Verdict.COMPLETE
    assert "more than 25 posts above" in thread.completeness.doubts[0]
    assert len(network.urls) < 60


# What is gone, and what is not

STATUSES = [
    ("deactivated", Reason.DEACTIVATED),
    ("takendown", Reason.TAKEN_DOWN),
    ("suspended", Reason.SUSPENDED),
    ("deleted", Reason.DELETED),
    ("throttled", Reason.UNKNOWN),
]


@pytest.mark.parametrize(("status", "reason"), STATUSES)
def test_a_closed_account_is_not_a_deletion(network: Bluesky, status: str, reason: Reason) -> None:
    question = network.post("bob", "A question")
    uris = [network.post("ann", "An answer", question)]
    uris.append(network.post("ann", "More", uris[0], embed=quoting(network.post("cy", "A source"))))
    network.statuses = {BOB: status, CY: status}
    network.extras[uris[1]] = {"embed": unseen(network.records[uris[1]]["embed"]["record"]["uri"])}
    thread = network.archive(page_url(uris[1]))
    assert line(thread) == uris
    [above] = [node for node in thread.nodes if thread.roles[node.id] is Role.CONTEXT]
    quote = next(post.quote for post in thread.posts if post.id == uris[1])
    for missing in (above, quote):
        assert isinstance(missing, Missing)
        assert (missing.reason, f"“{status}”" in missing.detail) == (reason, True)
    assert sum("getRepoStatus" in url for url in network.urls) == 2
    with pytest.raises(Refused, match=status):
        network.archive(page_url(question))


def quoting(uri: str) -> dict[str, Any]:
    return {"$type": "app.bsky.embed.record", "record": reference(uri)}


def unseen(uri: str) -> dict[str, Any]:
    record = {"$type": "app.bsky.embed.record#viewNotFound", "uri": uri, "notFound": True}
    return {"$type": "app.bsky.embed.record#view", "record": record}


def test_an_account_that_is_not_active_and_does_not_say_why_is_unknown(network: Bluesky) -> None:
    question = network.post("bob", "A question")
    answer = network.post("ann", "An answer", question)
    network.statuses = {BOB: ""}
    thread = network.archive(page_url(answer))
    [above] = [node for node in thread.nodes if isinstance(node, Missing)]
    assert (above.reason, "not active" in above.detail) == (Reason.UNKNOWN, True)


@pytest.mark.parametrize("kind", ["NotFound", "Blocked"])
def test_somebody_elses_post_that_bluesky_does_not_show_is_asked_of_its_authors_server(
    network: Bluesky, kind: str
) -> None:
    question = network.post("bob", "A question")
    source = network.post("cy", "A source")
    answer = network.post("ann", "An answer", question, view={"embed": unseen(source)}, embed=quoting(source))
    more = network.post("ann", "More", answer)
    network.hidden = {question, source}
    if kind == "Blocked":
        network.gap = "Blocked"
    thread = network.archive(page_url(more))
    context, post, _ = thread.posts
    assert (context.id, thread.roles[question], thread.missing) == (question, Role.CONTEXT, ())
    assert ["block" in notice for notice in context.notices] == [kind == "Blocked"]
    assert isinstance(post.quote, Post)
    assert (post.quote.content, len(post.quote.notices)) == ("<p>A source</p>", 1)
    assert told(thread) == (Verdict.COMPLETE, 2, 2)
    network.delete(question)
    network.delete(source)
    context_, post_, _ = network.archive(page_url(more)).nodes
    assert isinstance(context_, Missing)
    assert isinstance(post_, Post)
    assert isinstance(post_.quote, Missing)
    assert context_.reason is post_.quote.reason is Reason.DELETED
    assert len(network.urls) <= 12


def test_a_quote_whose_authors_server_is_silent_is_not_called_deleted(network: Bluesky) -> None:
    source = network.post("cy", "A source")
    uri = network.post("ann", "Look", view={"embed": unseen(source)}, embed=quoting(source))
    network.fault = lambda request: NetworkError("down") if CY in request.url else None
    [post] = network.archive(page_url(uri)).posts
    assert isinstance(post.quote, Missing)
    assert post.quote.reason is Reason.UNKNOWN


def test_a_reply_to_a_deleted_post_of_somebody_leads_to_their_thread(network: Bluesky) -> None:
    uris = network.thread(4)
    question = network.post("bob", "A question", uris[1])
    network.delete(uris[1])
    thread = network.archive(page_url(question))
    assert (thread.author.id, line(thread)) == (ANN, uris)
    assert told(thread) == (Verdict.PARTIAL, 3, 4)


@pytest.mark.parametrize("part", FROM)
def test_a_chain_below_a_deleted_post_of_somebody_else_has_the_root_above_it(network: Bluesky, part: float) -> None:
    root = network.post("bob", "A question")
    between = network.post("cy", "Another", root)
    uris = [network.post("ann", "An answer", between)]
    uris.append(network.post("ann", "More", uris[0]))
    network.delete(between)
    thread = network.archive(at(uris, part))
    assert [node.id for node in thread.nodes] == [root, between, *uris]
    assert told(thread) == (Verdict.COMPLETE, 2, 2)


def test_a_chain_with_a_hole_below_somebody_elses_post_begins_where_it_begins(network: Bluesky) -> None:
    root = network.post("bob", "A question")
    uris = [network.post("ann", "An answer", root)]
    for number in range(3):
        uris.append(network.post("ann", f"More {number}", uris[-1]))
    network.delete(uris[1])
    for uri in uris[2:]:
        thread = network.archive(page_url(uri))
        assert (thread.id, line(thread)) == (uris[0], uris)
        assert told(thread) == (Verdict.PARTIAL, 3, 4)


# The handle


@pytest.mark.parametrize("error", [RateLimited("Bluesky asks us to stay away"), NetworkError("Bluesky answered 500")])
@pytest.mark.parametrize("second", [(404, "<h1>no</h1>"), NetworkError("no such host")])
def test_a_bluesky_that_does_not_answer_is_not_an_account_that_is_not_there(
    network: Bluesky, error: Exception, second: Any
) -> None:
    uris = network.thread(2)
    network.fault = lambda request: (
        error if "resolveHandle" in request.url else second if "known" in request.url else None
    )
    with pytest.raises(type(error), match=str(error)) as caught:
        network.archive(page_url(uris[0]))
    notes = "\n".join(caught.value.__notes__)
    assert ("no such host" if isinstance(second, Exception) else "answers 404 and names no account") in notes
    assert caught.value.__notes__[0] == notes.splitlines()[0]


def test_a_handle_that_bluesky_does_not_know_is_gone_even_where_its_domain_is(network: Bluesky) -> None:
    network.fault = lambda request: NetworkError("no such host") if "known" in request.url else None
    with pytest.raises(Gone, match=r"no account has the handle old\.example.*no such host.*at:// address"):
        network.archive("https://bsky.app/profile/old.example/post/3l3l3l3l3l3l3")


# Replies


def test_what_stands_under_a_reply_that_is_gone_is_kept_where_anything_leads_to_it(network: Bluesky) -> None:
    uris = network.thread(3)
    first = network.post("bob", "A question", uris[1])
    second = network.post("cy", "I wonder too", first)
    third = network.post("ann", "An answer", second)
    network.post("bob", "Thanks", third)
    network.delete(first)
    thread = network.archive(page_url(uris[0]), replies=True)
    kept = {node.id for node in thread.nodes}
    assert {first, second, third} <= kept
    assert next(node for node in thread.missing if node.id == first).reason is Reason.DELETED
    without = network.archive(page_url(uris[0]))
    assert third in {node.id for node in without.nodes}
    assert told(without) == (Verdict.COMPLETE, 3, 3)


def test_replies_that_are_counted_and_not_here_are_said(network: Bluesky) -> None:
    uris = network.thread(2)
    network.post("bob", "A question", uris[1])
    network.extras[uris[1]] = {"replyCount": 4}
    posts = {post.id: post for post in network.archive(page_url(uris[0]), replies=True).posts}
    assert posts[uris[1]].notices == ("Bluesky counts 4 replies to it, 1 are here",)
    assert posts[uris[0]].notices == ()


def test_a_hidden_reply_is_kept_and_said_to_be_hidden(network: Bluesky) -> None:
    uris = network.thread(2)
    question = network.post("bob", "A question", uris[0])
    gate = {"record": {"hiddenReplies": [question]}}
    network.extras[uris[0]] = {"threadgate": gate, "replyCount": 2}
    network.answered[uris[0]].remove(question)
    thread = network.archive(page_url(uris[0]), replies=True)
    [hidden] = [post for post in thread.posts if post.id == question]
    assert hidden.notices == ("the author of the thread has hidden this reply on Bluesky",)


# The feed of an author


@pytest.mark.parametrize("part", FROM)
def test_the_feed_shows_what_lies_behind_a_hole_while_the_server_is_down(network: Bluesky, part: float) -> None:
    uris = network.thread(58)
    for _ in range(120):
        network.post("ann", "Something else")
    network.delete(uris[9])
    network.fault = failing(PDS, NetworkError("no answer"))
    posts = [uri for uri in uris if uri != uris[9]]
    thread, _ = network.attempt(at(posts, part))
    assert line(thread) == uris
    assert told(thread) == (Verdict.PARTIAL, 57, 58)
    assert [gap.reason is Reason.DELETED for gap in thread.missing] == [False]


# The second visit


def recheck(network: Bluesky, uris: Sequence[str]) -> dict[str, Node]:
    network.exchanges.clear()
    assert platform.recheck
    posts = [parse_view(network.view(uri)) for uri in uris]
    return {node.id: node for node in follow(platform.recheck(posts), network)}


def test_posts_are_looked_up_again_in_batches_and_by_those_who_must_know(network: Bluesky) -> None:
    uris = network.thread(60)
    others = [network.post("bob", f"A question {number}", uris[0]) for number in range(3)]
    network.delete(uris[7])
    network.hidden.add(uris[8])
    network.records[uris[9]]["text"] = "Herons, edited"
    network.statuses = {BOB: "deactivated"}
    found = recheck(network, [*uris, *others])
    assert [node.id for node in found.values() if isinstance(node, Missing)] == [uris[7], *others]
    assert [found[uri].reason for uri in (uris[7], *others)] == [Reason.DELETED, *[Reason.DEACTIVATED] * 3]
    assert found[uris[9]].content == "<p>Herons, edited</p>"
    assert found[uris[8]].notices[0].startswith("Bluesky does not show this post")
    assert len(network.urls) == 3 + 4 + 3


def test_a_server_that_does_not_answer_the_second_visit_is_asked_once(network: Bluesky) -> None:
    uris = network.thread(4)
    network.fault = lambda request: (
        NetworkError("down") if "getPosts" in request.url or "getRecord" in request.url else None
    )
    found = recheck(network, uris)
    assert {node.reason for node in found.values()} == {Reason.NOT_LOADED}
    assert {node.detail for node in found.values()} == {"down"}


def test_what_was_never_asked_for_is_left_out_of_the_second_visit(network: Bluesky) -> None:
    uris = network.thread(4)
    network.fault = lambda request: NotRecorded("not in the recording")
    assert recheck(network, uris) == {}


# What a post shows and what is said of it


def test_a_time_that_is_claimed_stands_beside_those_that_are_proven(network: Bluesky) -> None:
    uri = network.post("ann", "Long ago", createdAt="1999-02-01T10:00:00.000Z")
    [post] = network.archive(page_url(uri)).posts
    assert (post.created_at.year, post.keyed_at, post.indexed_at) == (1999, *[NOON + timedelta(minutes=1)] * 2)
    network.extras[uri] = {"indexedAt": "once"}
    [post] = network.archive(page_url(uri)).posts
    assert post.indexed_at is None


def test_siblings_are_ordered_by_the_key_as_bluesky_orders_them(network: Bluesky) -> None:
    uris = network.thread(2)
    late = network.post("ann", "An aside", uris[1], createdAt="2026-03-12T12:00:30.000Z")
    uris.append(network.post("ann", "On it goes", uris[1], createdAt="2026-03-12T12:00:10.000Z"))
    thread = network.archive(page_url(uris[0]))
    assert line(thread) == [*uris[:2], late]
    assert told(thread)[0] is Verdict.COMPLETE


def test_a_post_that_bluesky_does_not_show_says_so(network: Bluesky) -> None:
    uris = network.thread(40)
    network.hidden.add(uris[35])
    thread = network.archive(page_url(uris[0]))
    assert [post.id for post in thread.posts if post.notices] == [uris[35]]


def test_a_quoted_account_that_asks_not_to_be_shown_is_named(network: Bluesky) -> None:
    source = network.post("cy", "A source")
    shown = {**network.view(source), "value": network.records[source], "$type": "app.bsky.embed.record#viewRecord"}
    network.reserved = {CY}
    shown["author"] = network.author(CY)
    embed = {"$type": "app.bsky.embed.record#view", "record": shown}
    uri = network.post("ann", "Look", view={"embed": embed}, embed=quoting(source))
    assert network.archive(page_url(uri)).hint.startswith("@cy.example.com asks Bluesky")


CARDS = [
    ("app.bsky.feed.generator", {"displayName": "Birds"}, "Birds (a feed on Bluesky)", "/profile/{}/feed/birds"),
    ("app.bsky.graph.list", {"name": "Birders"}, "Birders (a list of accounts on Bluesky)", "/profile/{}/lists/birds"),
    (
        "app.bsky.graph.starterpack",
        {"record": {"name": "Go"}},
        "Go (a starter pack on Bluesky)",
        "/starter-pack/{}/birds",
    ),
    ("app.bsky.labeler.service", {}, "A labelling service on Bluesky", "/profile/{}"),
]


@pytest.mark.parametrize(("collection", "shown", "title", "page"), CARDS)
@pytest.mark.parametrize("seen", [True, False])
def test_what_is_embedded_and_is_no_post_is_a_card(
    network: Bluesky, collection: str, shown: dict[str, Any], title: str, page: str, seen: bool
) -> None:
    target = f"at://{BOB}/{collection}/birds"
    record = {
        "$type": "app.bsky.x#aView",
        "uri": target,
        "description": "All of them",
        "avatar": "https://a/b",
        **shown,
    }
    view = {"embed": {"$type": "app.bsky.embed.record#view", "record": record}} if seen else {}
    uri = network.post(
        "ann", "Look", view=view, embed={"$type": "app.bsky.embed.record", "record": {"uri": target, "cid": "x"}}
    )
    [post] = network.archive(page_url(uri)).posts
    [card] = post.attachments
    assert (card.kind, card.url, post.quote) == ("card", f"https://bsky.app{page.format(BOB)}", None)
    assert card.title == title if seen else card.title.endswith("on Bluesky")
    assert card.picture == ("https://a/b" if seen else None)


def test_what_is_not_known_here_is_said_to_be_there(network: Bluesky) -> None:
    uri = network.post("ann", "Look", embed={"$type": "app.bsky.embed.hologram", "depth": 3})
    [post] = network.archive(page_url(uri)).posts
    assert post.notices == (
        "it also shows something of a kind that is not known here (app.bsky.embed.hologram); its data are kept",
    )


def test_the_version_that_was_quoted_is_kept(network: Bluesky) -> None:
    source = network.post("cy", "A source")
    media = {"$type": "app.bsky.embed.recordWithMedia", "record": {"record": reference(source)}, "media": {}}
    for embed in (quoting(source), media):
        uri = network.post("ann", "Look", embed=embed)
        assert network.archive(page_url(uri)).posts[0].quoted_version == cid(source)
    assert network.archive(page_url(source)).posts[0].quoted_version is None
    assert rkey(source) >= tid(NOON)


# What servers do not say


@pytest.mark.parametrize("error", [NetworkError("timed out"), Refused("no such method")])
def test_where_nobody_says_whether_an_account_is_open_nothing_is_called_deleted(
    network: Bluesky, error: Exception
) -> None:
    question = network.post("bob", "A question")
    uris = [network.post("ann", "An answer", question)]
    uris.append(network.post("ann", "More", uris[0]))
    network.delete(question)
    network.fault = lambda request: error if "getRepoStatus" in request.url else None
    [above] = network.archive(page_url(uris[1])).missing
    assert (above.reason, "does not say whether the account is open" in above.detail) == (Reason.UNKNOWN, True)


def test_an_account_that_the_directory_does_not_know_is_not_a_deletion(network: Bluesky) -> None:
    questions = [network.post("bob", "A question")]
    questions.append(network.post("bob", "A second one", questions[0]))
    uris = [network.post("ann", "An answer", questions[1])]
    uris.append(network.post("ann", "More", uris[0]))
    network.hidden = set(questions)
    network.fault = lambda request: (404, {}) if f"plc.directory/{BOB}" in request.url else None
    thread = network.archive(page_url(uris[1]))
    assert {gap.reason for gap in thread.missing} == {Reason.UNKNOWN}
    assert sum("plc.directory" in url for url in network.urls) == 2


def test_a_replay_of_an_answer_that_was_never_asked_for_ends_reading_without_a_proof(network: Bluesky) -> None:
    uris = network.thread(10)
    network.fault = lambda request: (
        NotRecorded("nobody asked")
        if "listRecords" in request.url and "listRecords" in "".join(network.urls)
        else NetworkError("down")
        if "xrpc/app.bsky" in request.url
        else None
    )
    thread = network.archive(page_url(uris[0]), route="repository")
    assert (thread.completeness.verdict, thread.completeness.stop) == (Verdict.UNKNOWN, "")
    network.fault = lambda request: NotRecorded("nobody asked") if "getRepoStatus" in request.url else None
    question = network.post("bob", "A question")
    network.delete(question)
    assert recheck(network, [question]) == {}


def test_a_tree_that_contradicts_the_list_is_a_doubt(network: Bluesky) -> None:
    uris = network.thread(3)

    def other(request: Any) -> Any:
        if "getPostThread?" not in request.url:
            return None
        status, content = network.answer(request)
        content["thread"]["post"]["record"] = {**content["thread"]["post"]["record"], "text": "Something false"}
        return status, content

    network.fault = other
    network.post("bob", "A question", uris[2])
    thread = network.archive(page_url(uris[0]), replies=True)
    assert any("two different texts" in doubt for doubt in thread.completeness.doubts)


def test_a_reply_that_the_list_says_is_hidden_is_marked(network: Bluesky) -> None:
    uris = network.thread(2)
    question = network.post("bob", "A question", uris[0])

    def marked(request: Any) -> Any:
        if "ThreadV2" not in request.url:
            return None
        status, content = network.answer(request)
        for item in content["thread"]:
            item["value"]["hiddenByThreadgate"] = item["uri"] == question
        return status, content

    network.fault = marked
    posts = {post.id: post for post in network.archive(page_url(uris[0]), replies=True).posts}
    assert "has hidden this reply" in posts[question].notices[0]


def test_views_that_fail_cost_no_reply_that_another_way_finds(network: Bluesky) -> None:
    uris = network.thread(2)
    first = network.post("bob", "A question", uris[1])
    network.post("ann", "An answer", network.post("cy", "I wonder too", first))
    network.hidden.add(first)
    network.fault = failing("getPosts", NetworkError("down"))
    assert first in {post.id for post in network.archive(page_url(uris[0]), replies=True).posts}


def test_a_last_post_whose_replies_cannot_be_had_does_not_end_reading(network: Bluesky) -> None:
    question = network.post("bob", "What do herons eat?")
    first = network.post("ann", "Fish", question)
    last = network.post("ann", "And frogs", first)
    network.post("cy", "Frogs?", last)
    for _ in range(120):
        network.wait(1)
        network.post("ann", "Something else")
    network.fault = lambda request: (
        NetworkError("down")
        if "getPostThread?" in request.url
        else (200, {"thread": []})
        if "V2" in request.url
        else None
    )
    thread = network.archive(page_url(last), route="repository")
    assert "to its end" in thread.completeness.proof


def test_a_feed_of_an_author_that_breaks_off_hands_over_what_came(network: Bluesky) -> None:
    uris = network.thread(30)
    for _ in range(120):
        network.post("ann", "Something else")
    network.fault = failing("cursor=", NetworkError("no answer"))
    thread = network.archive(page_url(uris[5]), route="feed")
    assert thread.completeness.stop == "no answer"
    network.fault = failing(PDS, NetworkError("no answer"))
    network.records[uris[12]]["createdAt"] = "2020-01-01T00:00:00Z"
    network.hidden.add(uris[8])
    thread = network.archive(page_url(uris[5]), route="feed")
    assert line(thread) == [uri for uri in uris]
    assert [gap.detail for gap in thread.missing] == ["no answer"]


def test_a_root_with_a_key_of_another_kind_is_found_in_the_feed(network: Bluesky) -> None:
    uris = network.thread(2)
    odd = uris[0].replace(rkey(uris[0]), "first")
    network.records[odd] = network.records.pop(uris[0])
    network.extras[odd] = {}
    network.records[uris[1]]["reply"] = {"root": reference(odd), "parent": reference(odd)}
    network.answered = {odd: [uris[1]]}
    assert line(network.archive(page_url(uris[1]), route="feed")) == [odd, uris[1]]
    network.hidden.add(odd)
    assert uris[1] in line(network.archive(page_url(uris[1]), route="feed"))


@pytest.mark.parametrize("fault", [failing("repo.getRecord", NetworkError("timed out")), answering("getRecord", b"{")])
def test_two_holes_at_a_silent_server_are_asked_for_once(network: Bluesky, fault: Any) -> None:
    uris = network.thread(9)
    network.delete(uris[2])
    network.delete(uris[5])
    network.fault = fault
    thread = network.archive(page_url(uris[0]), route="repository")
    assert [(gap.id, gap.reason) for gap in thread.missing] == [(uri, Reason.NOT_LOADED) for uri in (uris[2], uris[5])]
    assert len({gap.detail for gap in thread.missing}) == 1


def test_a_reply_that_is_counted_and_never_shown_proves_nothing_after_two_thousand_posts(network: Bluesky) -> None:
    question = network.post("bob", "What do herons eat?")
    last = network.post("ann", "And frogs", network.post("ann", "Fish", question))
    network.extras[last] = {"replyCount": 1}
    for _ in range(2_400):
        network.wait(1)
        network.post("ann", "Something else")
    thread = network.archive(page_url(last), route="repository")
    assert (thread.completeness.verdict, thread.completeness.found) == (Verdict.UNKNOWN, 2)


def test_an_open_account_that_is_not_served_is_unknown(network: Bluesky) -> None:
    question = network.post("bob", "A question")
    uris = [network.post("ann", "An answer", question)]
    uris.append(network.post("ann", "More", uris[0]))
    network.hidden.add(question)
    refused = (400, {"error": "InvalidRequest", "message": "Could not find repo: x"})
    network.fault = lambda request: refused if "repo.getRecord" in request.url else None
    [above] = network.archive(page_url(uris[1])).missing
    assert (above.reason, above.detail) == (Reason.UNKNOWN, "the account is not served: Could not find repo: x")


def test_a_feed_without_an_end_is_read_a_while(network: Bluesky, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(read_feed.__globals__, "PAGES", 1)
    uris = network.thread(3)
    for _ in range(300):
        network.post("ann", "Something else")
    assert told(network.archive(page_url(uris[0]), route="feed")) == (Verdict.UNKNOWN, 3, 3)
    assert sum("getAuthorFeed" in url for url in network.urls) == 2


# The line from below: a thread is climbed from the pasted post up, past what else answers the posts above


def in_pages_of(network: Bluesky, size: int) -> None:
    """Let the author's server give fewer records in a page than were asked for, as it may."""
    whole = network.page
    network.page = lambda query: whole({**query, "limit": [str(size)]})  # type: ignore[method-assign]


@pytest.mark.parametrize("later", [0, 30])
@pytest.mark.parametrize("size", [1, 2, 100])
def test_from_the_end_of_a_fork_the_line_is_the_one_that_bluesky_counts(
    network: Bluesky, size: int, later: int
) -> None:
    uris = network.thread(4)
    fork = network.post("ann", "By another way", uris[2])
    network.wait(later)
    network.post("ann", "Something else")
    in_pages_of(network, size)
    thread = network.archive(page_url(fork))
    assert (line(thread), thread.roles[fork]) == (uris, Role.BRANCH)
    assert told(thread) == (Verdict.COMPLETE, 4, 4)


@pytest.mark.parametrize("counted", [False, True])
def test_a_late_reply_far_from_the_pasted_post_is_looked_at_before_reading_ends(
    network: Bluesky, counted: bool
) -> None:
    uris = network.thread(30)
    aside = network.post("ann", "By another way", uris[28])
    if counted:
        network.extras[aside] = {"replyCount": 1}
    for _ in range(102):
        network.wait(30)
        network.post("ann", "Something else")
    thread = network.archive(page_url(uris[0]))
    assert (line(thread), thread.roles[aside]) == (uris, Role.BRANCH)
    assert thread.completeness.verdict is Verdict.COMPLETE
    assert sum("listRecords" in url for url in network.urls) == (3 if counted else 1)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_reply_that_was_read_without_what_goes_on_from_it_is_no_aside(network: Bluesky, size: int) -> None:
    uris = network.thread(3)
    fork = network.post("ann", "By another way", uris[0])
    end = network.post("ann", "And on", fork)
    in_pages_of(network, size)
    assert line(network.archive(page_url(end))) == uris


@pytest.mark.parametrize("size", [1, 2, 100])
def test_an_aside_that_bluesky_counts_does_not_end_reading(network: Bluesky, size: int) -> None:
    uris = network.thread(2)
    aside = network.post("ann", "By the way", uris[1])
    uris.append(network.post("ann", "But to go on", uris[1]))
    uris.append(network.post("ann", "And on", uris[2]))
    in_pages_of(network, size)
    for start in (uris[0], aside, uris[-1]):
        thread = network.archive(page_url(start))
        assert line(thread) == uris
        assert told(thread) == (Verdict.COMPLETE, 4, 4)


@pytest.mark.parametrize("lists", [True, False])
@pytest.mark.parametrize("to", [0, 2])
def test_trees_see_what_else_answers_the_posts_above(network: Bluesky, to: int, lists: bool) -> None:
    uris = network.thread(4)
    fork = network.post("ann", "By another way", uris[to])
    if not lists:
        network.fault = failing("ThreadV2", NetworkError("down"))
    thread = network.archive(page_url(fork), route="tree")
    assert line(thread) == uris
    assert thread.completeness.doubts == (UNREAD,)


def test_where_replies_above_are_not_shown_a_thread_is_not_known_to_be_whole(network: Bluesky) -> None:
    uris = network.thread(3)
    network.extras[uris[1]] = {"replyCount": 2}
    network.hidden.add(network.post("bob", "A question", uris[1]))
    network.depth = 0
    thread = network.archive(page_url(uris[2]), route="tree")
    assert thread.completeness.verdict is not Verdict.COMPLETE


def test_a_post_belongs_that_answers_the_same_deleted_post_as_another(network: Bluesky) -> None:
    uris = network.thread(3)
    wrong = network.post("ann", "And on", uris[2])
    network.records[wrong]["reply"]["root"] = reference(uris[2])
    reply = network.post("bob", "Really?", uris[2])
    network.delete(uris[2])
    thread = network.archive(page_url(reply))
    assert line(thread) == [*uris, wrong]
    assert told(thread) == (Verdict.PARTIAL, 3, 4)


@pytest.mark.parametrize("replies", [True, False])
def test_an_answer_belongs_by_a_root_that_is_a_post_of_the_conversation(network: Bluesky, replies: bool) -> None:
    question = network.post("bob", "What do herons eat?")
    uris = [network.post("ann", "Fish", question)]
    uris.append(network.post("ann", "And frogs", uris[0]))
    reply = network.post("bob", "Really?", uris[0])
    network.records[reply]["reply"]["root"] = reference(uris[0])
    answer = network.post("ann", "Really", reply)
    thread = network.archive(page_url(uris[1]), replies=replies)
    assert thread.roles[answer] is Role.ANSWER


def test_an_answer_below_a_deleted_first_post_is_a_thread_of_its_own(network: Bluesky) -> None:
    first = network.post("ann", "Herons")
    answer = network.post("ann", "Fish", network.post("bob", "What do they eat?", first))
    network.delete(first)
    thread = network.archive(page_url(answer))
    assert line(thread) == [answer]
    assert [gap.reason for gap in thread.missing] == [Reason.DELETED]
