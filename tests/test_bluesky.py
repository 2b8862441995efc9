"""The Bluesky routes against a network with the caps of the public one."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from atmosphere import DIDS, PDS, Bluesky, author, document, gone, page_url, rkey
from world import answering, failing

from archiver.errors import Gone, Interrupted, NetworkError, ParseError, RateLimited, Refused
from archiver.model import Missing, Reason, Role, Thread, Verdict
from archiver.platforms.bluesky.conclude import UNREAD


@pytest.fixture
def network() -> Bluesky:
    return Bluesky()


def texts(thread: Thread, role: Role = Role.MAIN) -> list[str]:
    return [post.content for post in thread.posts if thread.roles[post.id] is role]


def same(*threads: Thread) -> bool:
    return len({replace(thread, focus="", roles=tuple(sorted(thread.roles.items()))) for thread in threads}) == 1


@pytest.mark.parametrize("count", [1, 2, 21, 22, 45, 101, 199])
def test_a_thread_is_the_same_and_whole_from_first_middle_and_last(network: Bluesky, count: int) -> None:
    uris = network.thread(count)
    threads = [network.archive(page_url(uris[at])) for at in (0, count // 2, -1)]
    assert [len(texts(thread)) for thread in threads] == [count] * 3
    assert {thread.completeness.verdict for thread in threads} == {Verdict.COMPLETE}
    assert same(*threads)


@pytest.mark.parametrize(("count", "most"), [(40, 6), (500, 13)])
@pytest.mark.parametrize("part", [0, 0.4, 1])
@pytest.mark.parametrize("hole", [False, True])
@pytest.mark.parametrize("newest", [False, True])
def test_the_requests_for_a_thread_stay_few(
    network: Bluesky, count: int, most: int, part: float, hole: bool, newest: bool
) -> None:
    uris = network.thread(count)
    network.post("ann", "An answer", network.post("bob", "A question", uris[2]))
    if not newest:
        network.wait(30)
        network.post("ann", "Something else")
    if hole:
        network.delete(uris[count * 3 // 4])
    thread = network.archive(page_url(uris[int(part * (count - 1))]))
    assert thread.completeness.found == count - hole
    assert thread.completeness.expected == count
    assert len(network.urls) <= most + (hole and 1 + newest)


@pytest.mark.parametrize("route", ["repository", "tree"])
def test_who_asks_not_to_be_shown_to_everybody_is_archived_and_named(network: Bluesky, route: str) -> None:
    uris = network.thread(25)
    network.reserved = {DIDS["ann"]}
    if route == "tree":
        network.fault = failing("listRecords", NetworkError("down"))
    thread = network.archive(page_url(uris[12]))
    assert (len(texts(thread)), thread.missing, thread.route) == (25, (), route)
    assert thread.hint.startswith("@ann.example.com asks Bluesky not to show these posts to whoever is not logged in;")


def test_who_asks_and_is_not_seen_by_the_appview_is_known_by_its_list(network: Bluesky) -> None:
    uris = network.thread(3)
    network.reserved = {DIDS["ann"]}
    network.fault = failing("getPosts", NetworkError("down"))
    assert "@ann.example.com asks" in network.archive(page_url(uris[0])).hint


def test_a_label_that_was_taken_back_is_none(network: Bluesky) -> None:
    label = {"src": DIDS["ann"], "val": "!no-unauthenticated", "neg": True}
    network.post("ann", "Open again", view={"author": {**author(DIDS["ann"]), "labels": [label]}})
    [uri] = network.records
    assert network.archive(page_url(uri)).hint == ""


def test_others_who_ask_are_named_up_to_three(network: Bluesky) -> None:
    [first] = network.thread(1)
    for who in ("bob", "cy", "sig"):
        network.post(who, "A reply", first)
    network.reserved = {DIDS["bob"], DIDS["cy"]}
    assert network.archive(page_url(first)).hint == ""
    hint = network.archive(page_url(first), replies=True).hint
    assert hint.startswith("@bob.example.com, @cy.example.com ask Bluesky")
    network.reserved = set(DIDS.values())
    hint = network.archive(page_url(first), replies=True).hint
    assert hint.startswith("@ann.example.com, @bob.example.com, @cy.example.com and 1 more ask Bluesky")


def test_every_post_has_its_view_in_the_end(network: Bluesky) -> None:
    thread = network.archive(page_url(network.thread(120)[60]))
    assert {post.counts.likes for post in thread.posts} == {2}


def test_branches_answers_and_replies_are_told_apart(network: Bluesky) -> None:
    uris = network.thread(5)
    stranger = network.post("bob", "A question", uris[1])
    network.post("ann", "An answer", stranger)
    network.post("ann", "A second thought", uris[1])
    thread = network.archive(page_url(uris[0]))
    assert Counter(thread.roles.values()) == {Role.MAIN: 5, Role.BRANCH: 1, Role.ANSWER: 1}
    with_replies = network.archive(page_url(uris[0]), replies=True)
    assert texts(with_replies, Role.REPLY) == ["<p>A question</p>"]
    by_tree = network.archive(page_url(uris[0]), replies=True, route="tree")
    assert texts(by_tree, Role.REPLY) == ["<p>A question</p>"]


def test_replies_beyond_the_trees_edge_are_found(network: Bluesky) -> None:
    uris = network.thread(30)
    question = network.post("bob", "Late question", uris[25])
    for number in range(15):
        question = network.post("cy", f"Deep {number}", question)
    thread = network.archive(page_url(uris[0]), replies=True)
    assert len(texts(thread, Role.REPLY)) == 16
    network.delete(uris[25])
    assert len(texts(network.archive(page_url(uris[0]), replies=True))) == 29


@pytest.mark.parametrize("at", [0, 1, 3, 5])
def test_a_deleted_post_is_a_named_gap_and_what_follows_is_there(network: Bluesky, at: int) -> None:
    uris = network.thread(6)
    network.delete(uris[2])
    thread = network.archive(page_url(uris[at]))
    assert [node.id for node in thread.nodes] == uris
    assert thread.completeness.verdict is Verdict.PARTIAL
    assert (thread.completeness.found, thread.completeness.expected) == (5, 6)
    [gap] = thread.completeness.gaps
    assert (gap.id, gap.reason, gap.in_reply_to) == (uris[2], Reason.DELETED, uris[1])
    assert gap.inferred
    assert gap.seen_at


def test_a_deleted_root_leaves_the_top_missing(network: Bluesky) -> None:
    uris = network.thread(4)
    network.delete(uris[0])
    thread = network.archive(page_url(uris[2]))
    assert isinstance(thread.nodes[0], Missing)
    assert not thread.completeness.top_proven
    assert len(texts(thread)) == 3


def test_two_holes_each_find_their_place(network: Bluesky) -> None:
    uris = network.thread(8)
    network.delete(uris[2])
    network.delete(uris[5])
    assert [node.id for node in network.archive(page_url(uris[7])).nodes] == uris


def test_a_hole_whose_author_does_not_answer_is_not_called_deleted(network: Bluesky) -> None:
    uris = network.thread(4)
    network.delete(uris[1])
    network.fault = failing("repo.getRecord", NetworkError("timed out"))
    [gap] = network.archive(page_url(uris[0]), route="repository").completeness.gaps
    assert (gap.reason, gap.detail) == (Reason.NOT_LOADED, "timed out")


def test_a_post_that_the_repository_lists_elsewhere_is_fetched_by_its_key(network: Bluesky) -> None:
    uris = network.thread(3)
    odd = uris[1].replace(rkey(uris[1]), "a-key-of-another-kind")
    network.records[odd] = network.records.pop(uris[1])
    network.extras[odd] = {}
    network.records[uris[2]]["reply"]["parent"]["uri"] = odd
    network.answered = {uris[0]: [odd], odd: [uris[2]]}
    thread = network.archive(page_url(uris[2]), route="repository")
    assert len(texts(thread)) == 3


@pytest.mark.parametrize("at", [0, 3, 9])
def test_a_thread_under_somebody_elses_post_is_a_thread_of_its_own(network: Bluesky, at: int) -> None:
    question = network.post("bob", "What do herons eat?")
    uris: list[str] = []
    for number in range(10):
        uris.append(network.post("ann", f"Herons eat {number}", uris[-1] if uris else question))
    thread = network.archive(page_url(uris[at]))
    assert thread.author.handle == "ann.example.com"
    assert len(texts(thread)) == 10
    assert texts(thread, Role.CONTEXT) == ["<p>What do herons eat?</p>"]
    assert thread.completeness.verdict is Verdict.COMPLETE


def test_a_strangers_reply_leads_to_the_thread(network: Bluesky) -> None:
    uris = network.thread(5)
    stranger = network.post("bob", "A question", uris[3])
    thread = network.archive(page_url(stranger))
    assert len(texts(thread)) == 5
    assert texts(thread, Role.REPLY) == ["<p>A question</p>"]


def test_a_count_that_is_not_reached_is_partial(network: Bluesky) -> None:
    uris = network.thread(4)
    network.fault = lambda request: _with_count(network, request, 9) if "ThreadV2" in request.url else None
    thread = network.archive(page_url(uris[0]), route="repository")
    assert (thread.completeness.found, thread.completeness.expected) == (4, 9)
    assert thread.completeness.verdict is Verdict.PARTIAL


def _with_count(network: Bluesky, request: Any, count: int) -> Any:
    status, content = network.answer(request)
    for item in content["thread"]:
        item["value"]["opThreadPostCount"] = count
    return status, content


def test_without_a_count_the_end_of_the_repository_is_the_proof(network: Bluesky) -> None:
    uris = network.thread(30)
    network.thread(3)
    network.fault = failing("ThreadV2", NetworkError("down"))
    thread = network.archive(page_url(uris[15]))
    assert (thread.route, thread.completeness.found) == ("repository", 30)
    assert thread.completeness.proof == "the author's own repository was read from the first post to its end"


def test_without_a_count_two_quiet_days_end_the_listing(network: Bluesky) -> None:
    uris = network.thread(10)
    for _ in range(350):
        network.wait(1)
        network.post("ann", "Something else")
    network.fault = failing("ThreadV2", NetworkError("down"))
    thread = network.archive(page_url(uris[0]))
    assert "two days" in thread.completeness.proof
    assert sum("listRecords" in url for url in network.urls) == 2


def test_with_a_count_the_listing_ends_a_day_after_the_last_post(network: Bluesky) -> None:
    uris = network.thread(10)
    for number in range(450):
        network.wait(hours=number == 150 and 24)
        network.post("ann", "Something else")
    thread = network.archive(page_url(uris[0]))
    assert thread.completeness.verdict is Verdict.COMPLETE
    assert sum("listRecords" in url for url in network.urls) == 2


def test_a_listing_that_repeats_its_cursor_ends_and_says_so(network: Bluesky) -> None:
    uris = network.thread(250)

    def repeat(request: Any) -> Any:
        if "listRecords" not in request.url:
            return None
        status, content = network.answer(request)
        return status, {**content, "cursor": rkey(uris[20])}

    network.fault = repeat
    thread = network.archive(page_url(uris[0]), route="repository")
    assert "the same page again and again" in thread.completeness.stop
    assert thread.completeness.verdict is Verdict.PARTIAL


def test_a_post_that_the_appview_hides_is_found_in_the_repository(network: Bluesky) -> None:
    uris = network.thread(3)
    network.hidden.add(uris[1])
    thread = network.archive(page_url(uris[1]))
    assert len(texts(thread)) == 3


def test_a_silent_repository_leaves_it_to_the_trees(network: Bluesky) -> None:
    uris = network.thread(45)
    network.fault = failing(PDS, NetworkError("no answer"))
    thread, failures = network.attempt(page_url(uris[30]))
    assert (thread.route, thread.completeness.found, thread.completeness.verdict) == ("tree", 45, Verdict.UNKNOWN)
    assert thread.completeness.doubts == (UNREAD,)
    assert [str(failure) for failure in failures] == ["repository: no answer"]


def test_a_directory_that_is_down_leaves_it_to_the_trees_and_is_shown(network: Bluesky) -> None:
    uris = network.thread(12)
    network.fault = failing("plc.directory", NetworkError("no answer"))
    thread, failures = network.attempt(page_url(uris[3]))
    assert (thread.route, thread.completeness.found) == ("tree", 12)
    assert [str(failure) for failure in failures] == ["repository: no answer"]


@pytest.mark.parametrize("at", [0, 60, 119])
def test_trees_alone_give_a_long_thread(network: Bluesky, at: int) -> None:
    uris = network.thread(120)
    assert network.archive(page_url(uris[at]), route="tree").completeness.found == 120


def test_trees_climb_in_stretches(network: Bluesky) -> None:
    thread = network.archive(page_url(network.thread(430)[429]), route="tree")
    assert thread.completeness.found == 430
    assert len(network.urls) <= 5


def test_replies_to_a_root_that_is_gone_are_no_error(network: Bluesky) -> None:
    uris = network.thread(4)
    network.post("bob", "A question", uris[2])
    network.delete(uris[0])
    assert len(texts(network.archive(page_url(uris[2]), replies=True), Role.REPLY)) <= 1


@pytest.mark.parametrize("kind", ["NoUnauthenticated", "Blocked", "OfALaterVersion"])
def test_a_post_that_the_list_only_names_is_read_in_the_repository(network: Bluesky, kind: str) -> None:
    uris = network.thread(3)

    def named(request: Any) -> Any:
        if "ThreadV2" not in request.url:
            return None
        status, content = network.answer(request)
        content["thread"][1]["value"] = {"$type": f"app.bsky.unspecced.defs#threadItem{kind}"}
        return status, content

    network.fault = named
    assert len(texts(network.archive(page_url(uris[0])))) == 3


def test_trees_stop_at_a_hole_and_say_that_there_is_more(network: Bluesky) -> None:
    uris = network.thread(6)
    network.delete(uris[2])
    above = network.archive(page_url(uris[0]), route="tree").completeness
    assert (above.found, above.expected, above.verdict) == (2, 6, Verdict.PARTIAL)
    below = network.archive(page_url(uris[5]), route="tree").completeness
    assert (below.found, below.expected, below.verdict) == (5, 6, Verdict.PARTIAL)


def test_trees_without_a_count_end_where_the_author_goes_on_no_more(network: Bluesky) -> None:
    uris = network.thread(12)
    network.fault = failing("ThreadV2", NetworkError("down"))
    thread = network.archive(page_url(uris[5]), route="tree")
    assert (len(texts(thread)), thread.completeness.verdict) == (12, Verdict.UNKNOWN)
    assert thread.completeness.proof.startswith("the replies were followed to a last post")


def test_trees_whose_root_is_out_of_reach_are_partial(network: Bluesky) -> None:
    uris = network.thread(4)
    network.delete(uris[0])
    thread = network.archive(page_url(uris[3]), route="tree")
    assert thread.completeness.verdict is Verdict.PARTIAL
    assert len(texts(thread)) == 3


def test_a_tree_that_never_opens_is_not_asked_for_ever(network: Bluesky) -> None:
    uris = network.thread(30)
    network.depth = 0
    thread = network.archive(page_url(uris[0]), route="tree")
    assert thread.completeness.found == 1
    assert thread.completeness.verdict is Verdict.PARTIAL  # by the AppView's count
    network.above = 0
    network.fault = lambda request: (
        network.tree({"uri": [uris[9]], "depth": ["0"], "parentHeight": ["0"]})
        if "getPostThread?" in request.url
        else None
    )
    assert network.archive(page_url(uris[9]), route="tree").completeness.verdict is not Verdict.COMPLETE


@pytest.mark.parametrize("error", [NetworkError("gone away"), RateLimited("later"), Interrupted("stopped")])
@pytest.mark.parametrize(("route", "part"), [("repository", "listRecords"), ("tree", "depth=10&parentHeight=0")])
def test_what_came_before_a_failure_is_handed_over(network: Bluesky, error: Any, route: str, part: str) -> None:
    uris = network.thread(60)
    network.fault = failing(part, error)
    thread = network.archive(page_url(uris[0]), route=route)
    assert 1 <= thread.completeness.found < 60
    assert thread.completeness.verdict is Verdict.PARTIAL
    assert thread.completeness.stop


def test_views_that_fail_leave_the_records(network: Bluesky) -> None:
    uris = network.thread(80)
    network.fault = lambda request: (
        NetworkError("down") if "getPost" in request.url and "V2" not in request.url else None
    )
    thread = network.archive(page_url(uris[0]))
    assert (thread.completeness.found, thread.completeness.verdict) == (80, Verdict.COMPLETE)
    network.fault = answering("getPostThread?", (200, {"thread": gone(uris[79])}))
    assert network.archive(page_url(uris[0]), route="repository").completeness.found == 80


def test_a_deleted_post_is_said_to_be_gone(network: Bluesky) -> None:
    uris = network.thread(3)
    network.delete(uris[2])
    with pytest.raises(Gone, match="does not hold it") as caught:
        network.archive(page_url(uris[2]))
    assert "tree: Bluesky does not show this: Post not found" in caught.value.__notes__[0]
    network.fault = answering("getPostThread?", (200, {"thread": gone(uris[2])}))
    with pytest.raises(Refused, match="does not show this post"):
        network.archive(page_url(uris[2]), route="tree")


def test_an_unknown_handle_is_tried_at_its_own_host(network: Bluesky) -> None:
    uris = network.thread(2)
    url = f"https://bsky.app/profile/moved.example/post/{rkey(uris[0])}"
    network.fault = answering("well-known", (404, "<h1>no</h1>"))
    with pytest.raises(Gone, match=r"no account has the handle moved\.example"):
        network.archive(url)
    network.fault = answering("well-known", (200, DIDS["ann"]))
    assert network.archive(url).completeness.found == 2


@pytest.mark.parametrize(
    ("part", "answer", "error", "words"),
    [
        ("plc.directory", (404, {}), Gone, "the account did:plc:"),
        ("plc.directory", (200, {"service": []}), ParseError, "no web address"),
        ("plc.directory", (200, {}), ParseError, "unknown shape"),
        ("plc.directory", (200, {**document(DIDS["ann"]), "service": [{"id": "#atproto_pds", "serviceEndpoint": "ftp://x"}]}),
         ParseError, "no web address"),
        ("listRecords", (400, {"error": "RepoTakendown"}), None, "taken down"),
        ("listRecords", (400, {"error": "InvalidRequest", "message": "Could not find repo: x"}), None, "not served"),
        ("listRecords", (403, {"error": "Forbidden", "message": "no"}), None, "403 Forbidden: no"),
        ("listRecords", (200, "<title>Blocked</title>"), None, "web page"),
        ("listRecords", (200, []), None, "not an object"),
        ("listRecords", b'{"records": [', None, "damaged JSON"),
    ],
)  # fmt: skip
def test_a_no_is_told_apart(network: Bluesky, part: str, answer: Any, error: Any, words: str) -> None:
    uris = network.thread(3)
    network.fault = answering(part, answer)
    if error:
        with pytest.raises(error, match=words):
            network.archive(page_url(uris[0]), route="repository")
    else:
        thread = network.archive(page_url(uris[0]), route="repository")
        assert words in thread.completeness.stop
        assert thread.completeness.verdict is Verdict.PARTIAL


def test_other_kinds_of_identity(network: Bluesky) -> None:
    network.fault = lambda request: (
        (200, {"service": [{"id": "#atproto_pds", "serviceEndpoint": PDS}]}) if "did.json" in request.url else None
    )
    with pytest.raises(Refused, match="Could not find repo"):
        network.archive("at://did:web:ann.example.com/app.bsky.feed.post/3l3l3l3l3l3l3")
    assert "https://ann.example.com/.well-known/did.json" in network.urls
    with pytest.raises(NetworkError, match="kind of identity"):
        network.archive("at://did:key:zabc/app.bsky.feed.post/3l3l3l3l3l3l3", route="repository")


def test_nothing_at_all_is_an_error_of_the_network(network: Bluesky) -> None:
    uris = network.thread(3)
    network.fault = lambda request: (
        NetworkError("down") if "Record" in request.url or "getPost" in request.url else None
    )
    with pytest.raises(NetworkError, match="down"):
        network.archive(page_url(uris[0]))


def test_one_post_of_an_unknown_shape_does_not_cost_the_thread(network: Bluesky) -> None:
    uris = network.thread(4)
    network.records[uris[2]]["embed"] = {"$type": "app.bsky.embed.images", "images": [{"image": {}}]}
    thread = network.archive(page_url(uris[0]))
    [gap] = thread.completeness.gaps
    assert (gap.id, gap.reason) == (uris[2], Reason.UNKNOWN)


def test_a_refused_account_says_why(network: Bluesky) -> None:
    network.fault = lambda request: (
        (400, {"error": "AccountTakedown", "message": ""}) if "xrpc" in request.url else None
    )
    with pytest.raises(Refused, match="taken down"):
        network.archive(f"at://{DIDS['ann']}/app.bsky.feed.post/3l3l3l3l3l3l3")
