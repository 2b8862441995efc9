"""The Mastodon routes against a server with the limits of a logged-out reader."""

from collections import Counter
from dataclasses import replace

import pytest
from fediverse import SITE, Mastodon
from world import answering, failing

from archiver.errors import Gone, Interrupted, NetworkError, ParseError, RateLimited, Refused
from archiver.model import Missing, Reason, Role, Thread, Verdict


@pytest.fixture
def server() -> Mastodon:
    return Mastodon()


def texts(thread: Thread, role: Role = Role.MAIN) -> list[str]:
    return [post.content for post in thread.posts if thread.roles[post.id] is role]


def same(*threads: Thread) -> bool:
    return len({replace(thread, focus="", roles=tuple(sorted(thread.roles.items()))) for thread in threads}) == 1


@pytest.mark.parametrize("count", [1, 2, 39, 40, 41, 45, 81])
def test_a_thread_is_the_same_and_whole_from_first_middle_and_last(server: Mastodon, count: int) -> None:
    ids = server.thread(count)
    threads = [server.archive(server.url(ids[at])) for at in (0, count // 2, -1)]
    assert [len(texts(thread)) for thread in threads] == [count] * 3
    assert {thread.completeness.verdict for thread in threads} == {Verdict.COMPLETE}
    assert same(*threads)


@pytest.mark.parametrize(("count", "most"), [(40, 4), (45, 4), (500, 16)])
@pytest.mark.parametrize("part", [0, 0.4, 1])
def test_the_requests_for_a_thread_stay_few(server: Mastodon, count: int, most: int, part: float) -> None:
    ids = server.thread(count)
    server.post("ann", "Something else, much later")
    thread = server.archive(server.url(ids[int(part * (count - 1))]))
    assert thread.completeness.found == count
    assert len(server.urls) <= most


def test_other_threads_of_the_author_are_left_out(server: Mastodon) -> None:
    before = server.thread(3)
    ids = server.thread(4)
    server.thread(3)
    server.post("ann", "alone")
    thread = server.archive(server.url(ids[2]))
    assert [post.id[-4:] for post in thread.posts] == [id_[-4:] for id_ in ids]
    assert not any(id_[-4:] in post.id for id_ in before for post in thread.posts)


def test_branches_answers_and_replies_are_told_apart(server: Mastodon) -> None:
    ids = server.thread(5)
    stranger = server.post("bob", "A question", ids[1])
    server.post("ann", "An answer", stranger)
    server.post("ann", "A second thought", ids[1])
    thread = server.archive(server.url(ids[0]))
    assert Counter(thread.roles.values()) == {Role.MAIN: 5, Role.BRANCH: 1, Role.ANSWER: 1}
    assert texts(thread, Role.BRANCH) == ["<p>A second thought</p>"]
    assert texts(thread, Role.ANSWER) == ["<p>An answer</p>"]
    with_replies = server.archive(server.url(ids[0]), replies=True)
    assert texts(with_replies, Role.REPLY) == ["<p>A question</p>"]


def test_answers_are_found_on_servers_that_know_no_batches(server: Mastodon) -> None:
    server.batches = False
    ids = server.thread(5)
    server.post("ann", "An answer", server.post("bob", "A question", ids[1]))
    assert texts(server.archive(server.url(ids[4])), Role.ANSWER) == ["<p>An answer</p>"]


def test_a_strangers_reply_leads_to_the_thread_and_is_shown(server: Mastodon) -> None:
    ids = server.thread(5)
    stranger = server.post("bob", "A question", ids[3])
    thread = server.archive(server.url(stranger))
    assert len(texts(thread)) == 5
    assert texts(thread, Role.REPLY) == ["<p>A question</p>"]


def test_the_authors_answer_leads_to_the_thread(server: Mastodon) -> None:
    ids = server.thread(5)
    answer = server.post("ann", "An answer", server.post("bob", "A question", ids[3]))
    thread = server.archive(server.url(answer))
    assert len(texts(thread)) == 5
    assert texts(thread, Role.ANSWER) == ["<p>An answer</p>"]


@pytest.mark.parametrize("at", [0, 3, 9])
def test_a_thread_under_somebody_elses_post_is_a_thread_of_its_own(server: Mastodon, at: int) -> None:
    question = server.post("bob", "What do herons eat?")
    ids: list[str] = []
    for number in range(10):
        ids.append(server.post("ann", f"Herons eat {number}", ids[-1] if ids else question))
    thread = server.archive(server.url(ids[at]))
    assert thread.author.handle == "ann@social.example"
    assert len(texts(thread)) == 10
    assert texts(thread, Role.CONTEXT) == ["<p>What do herons eat?</p>"]
    assert thread.completeness.verdict is Verdict.COMPLETE


@pytest.mark.parametrize("at", [0, 1, 3, 5])
@pytest.mark.parametrize("numbered", [True, False])
def test_a_deleted_post_is_a_gap_and_what_follows_is_there(server: Mastodon, at: int, numbered: bool) -> None:
    ids = server.thread(6, numbered=numbered)
    server.delete(ids[2])
    thread = server.archive(server.url(ids[at]))
    kinds = ["gap" if isinstance(node, Missing) else "post" for node in thread.nodes]
    assert kinds == ["post", "post", "gap", "post", "post", "post"]
    assert thread.completeness.verdict is Verdict.PARTIAL
    assert (thread.completeness.found, thread.completeness.expected) == (5, 6)
    [gap] = thread.completeness.gaps
    assert "were listed from the first" in thread.completeness.proof  # whichever post was pasted
    assert gap.inferred
    assert gap.reason is Reason.UNKNOWN  # nobody answered for this very id
    assert thread.url == server.url(ids[0])


def test_a_deleted_post_that_its_object_names_is_asked_at_its_own_address(server: Mastodon) -> None:
    ids = server.thread(6)
    gone = server.statuses[ids[2]]["uri"]
    server.objects[ids[3]] = {"inReplyTo": gone}
    server.delete(ids[2])
    [gap] = server.archive(server.url(ids[0])).completeness.gaps
    assert (gap.id, gap.reason, gap.detail) == (gone, Reason.DELETED, "its own address answers 404")


def test_a_server_that_forgets_everything_is_read_by_the_numbering(server: Mastodon) -> None:
    ids = server.thread(6, numbered=True)
    gone = server.statuses[ids[2]]["uri"]
    server.delete(ids[2])
    server.statuses[ids[3]]["in_reply_to_account_id"] = None
    server.objects[ids[3]] = {"inReplyTo": gone}
    for at in (0, 4):
        thread = server.archive(server.url(ids[at]))
        assert (thread.completeness.found, thread.completeness.expected) == (5, 6)


def test_the_continuation_of_another_thread_is_not_taken_for_ours(server: Mastodon) -> None:
    ours = server.thread(3)
    other = server.thread(4)
    server.delete(other[1])
    thread = server.archive(server.url(ours[0]))
    assert thread.completeness.verdict is Verdict.COMPLETE
    assert len(thread.nodes) == 3


def test_where_no_object_is_shown_only_the_next_post_in_time_is_joined(server: Mastodon) -> None:
    ours = server.thread(4)
    server.delete(ours[2])
    server.fault = lambda request: (401, {"error": "signature"}) if "/users/" in request.url else None
    thread = server.archive(server.url(ours[0]))
    assert (thread.completeness.found, len(thread.missing)) == (3, 1)
    server.fault = lambda request: NetworkError("down") if "/users/" in request.url else None
    assert len(server.archive(server.url(ours[0])).missing) == 1
    server.thread(2)
    assert len(server.archive(server.url(ours[0])).missing) == 1


def test_two_deleted_posts_are_two_gaps(server: Mastodon) -> None:
    ids = server.thread(8)
    server.delete(ids[2])
    server.delete(ids[5])
    thread = server.archive(server.url(ids[0]))
    assert ["gap" if isinstance(node, Missing) else "post" for node in thread.nodes] == [
        *("post", "post", "gap", "post", "post", "gap", "post", "post")
    ]


@pytest.mark.parametrize("at", [0, 3, 5])
def test_a_server_that_forgets_both_fields_is_asked_for_the_objects(server: Mastodon, at: int) -> None:
    before = server.thread(2)
    ids = server.thread(6)
    names = {id_: f"{1795486084 + number}{number:032x}" for number, id_ in enumerate([*before, *ids])}
    gone = server.statuses[ids[2]]["uri"]
    server.objects[ids[3]] = {"inReplyTo": gone}
    server.delete(ids[2])
    server.statuses[ids[3]]["in_reply_to_account_id"] = None
    for id_, status in server.statuses.items():
        status["id"] = names[id_]
        status["in_reply_to_id"] = names.get(status["in_reply_to_id"])
        server.objects[names[id_]] = server.objects.get(id_, {})
        server.conversations[names[id_]] = server.conversations[id_].replace(ids[0], "") + "#ctxt"
    server.statuses = {status["id"]: status for status in server.statuses.values()}
    thread = server.archive(f"{SITE}/@ann/{names[ids[at]]}")
    assert thread.completeness.verdict is Verdict.PARTIAL
    assert any(gap.id == gone for gap in thread.completeness.gaps)


def test_a_number_alone_joins_nothing(server: Mastodon) -> None:
    ids = server.thread(6, numbered=True)
    server.delete(ids[2])
    server.statuses[ids[3]]["in_reply_to_account_id"] = None
    thread = server.archive(server.url(ids[0]))
    assert (len(thread.nodes), thread.completeness.verdict) == (2, Verdict.UNKNOWN)
    alone = server.archive(server.url(ids[4]))
    assert len(alone.nodes) == 3


def test_without_a_conversation_the_number_tells_whose_continuation_it_is(server: Mastodon) -> None:
    ids = server.thread(6, numbered=True)
    gone = server.statuses[ids[2]]["uri"]
    for id_ in ids:
        server.objects[id_] = {"context": None}
    server.objects[ids[3]] = {"context": None, "inReplyTo": gone}
    server.delete(ids[2])
    assert server.archive(server.url(ids[0])).completeness.found == 5
    assert server.archive(server.url(ids[4])).completeness.found == 5
    server.fault = failing(gone, NetworkError("no answer"))
    [gap] = server.archive(server.url(ids[0])).completeness.gaps
    assert (gap.reason, gap.detail) == (Reason.NOT_LOADED, "no answer")


def test_a_root_that_is_somebody_elses_or_gone_is_not_ours(server: Mastodon) -> None:
    ids = server.thread(5)
    other = server.post("bob", "Another root")
    for root in (other, "999999"):
        server.objects[ids[3]] = {"context": f"{SITE}/contexts/1-{root}"}
        server.statuses[ids[3]].update(in_reply_to_id=None, in_reply_to_account_id="109")
        thread = server.archive(server.url(ids[4]))
        assert isinstance(thread.nodes[0], Missing)


def test_posts_that_answer_each_other_end(server: Mastodon) -> None:
    ids = server.thread(3)
    server.statuses[ids[0]].update(in_reply_to_id=ids[2], in_reply_to_account_id="109")
    assert len(server.archive(server.url(ids[1])).posts) == 3


def test_an_answer_deep_among_strangers_is_found(server: Mastodon) -> None:
    ids = server.thread(3)
    for depth in (3, 7):
        stranger = ids[0]
        for number in range(depth):
            stranger = server.post("bob", f"And {number}?", stranger)
        server.post("ann", f"Answer {depth}", stranger)
    assert texts(server.archive(server.url(ids[0])), Role.ANSWER) == ["<p>Answer 3</p>"]


def test_each_route_gives_replies(server: Mastodon) -> None:
    ids = server.thread(30)
    server.post("bob", "A question", ids[25])
    for route in ("context", "listing"):
        thread = server.archive(server.url(ids[0]), route=route, replies=True)
        assert texts(thread, Role.REPLY) == ["<p>A question</p>"]


def test_a_deleted_first_post_leaves_a_thread_whose_top_is_missing(server: Mastodon) -> None:
    ids = server.thread(4)
    server.delete(ids[0])
    thread = server.archive(server.url(ids[2]))
    assert isinstance(thread.nodes[0], Missing)
    assert thread.completeness.verdict is Verdict.PARTIAL
    assert not thread.completeness.top_proven
    assert len(texts(thread)) == 3


def test_a_parent_of_somebody_else_that_is_gone_is_nobodys_gap(server: Mastodon) -> None:
    question = server.post("bob", "What do herons eat?")
    ids = [server.post("ann", "Herons eat fish (2/9)", question)]
    server.objects[ids[0]] = {"inReplyTo": server.statuses[question]["uri"]}
    server.delete(question)
    server.statuses[ids[0]]["in_reply_to_account_id"] = None
    thread = server.archive(server.url(ids[0]))
    assert len(texts(thread)) == 1
    assert thread.completeness.gaps == ()


def test_a_listing_for_members_only_falls_back_to_context_and_says_so(server: Mastodon) -> None:
    server.listing = False
    ids = server.thread(50)
    thread, failures = server.attempt(server.url(ids[25]))
    assert (thread.route, thread.completeness.found, thread.completeness.verdict) == ("context", 50, Verdict.UNKNOWN)
    assert "does not list the author's posts" in thread.completeness.doubts[0]
    assert [failure.route for failure in failures] == ["listing"]
    assert 'token into archiver.toml under [mastodon."social.example"]' in str(failures[0])


@pytest.mark.parametrize("at", [0, 249, 499])
def test_context_alone_gives_500_posts(server: Mastodon, at: int) -> None:
    ids = server.thread(500)
    thread = server.archive(server.url(ids[at]), route="context")
    assert thread.completeness.found == 500
    assert len(server.urls) <= 30


def test_an_empty_listing_proves_nothing(server: Mastodon) -> None:
    ids = server.thread(30)
    server.fault = answering("/accounts/", (200, []))
    thread = server.archive(server.url(ids[0]))
    assert thread.completeness.found == 30
    assert "listed" not in thread.completeness.proof


def test_a_crowd_of_replies_that_hides_the_author_leaves_the_end_unproven(server: Mastodon) -> None:
    ids = server.thread(3)
    for _ in range(70):
        server.post("bob", "First!", ids[0])
    server.listing = False
    server.fault = lambda request: (
        (
            200,
            {
                "ancestors": [],
                "descendants": [
                    status for status in server.statuses.values() if status["account"]["username"] == "bob"
                ][:60],
            },
        )
        if "context" in request.url
        else None
    )
    thread = server.archive(server.url(ids[0]))
    assert thread.completeness.verdict is Verdict.UNKNOWN


def test_a_listing_that_repeats_itself_ends(server: Mastodon) -> None:
    ids = server.thread(10)
    own = [server.statuses[id_] for id_ in reversed(ids)]
    server.fault = answering("/accounts/", (200, own))
    thread = server.archive(server.url(ids[0]))
    assert (thread.completeness.found, thread.completeness.verdict) == (10, Verdict.COMPLETE)
    assert len(server.urls) <= 5


def test_an_author_who_wrote_much_else_is_followed_by_context(server: Mastodon) -> None:
    ids = [server.post("ann", "The first of some")]
    for number in range(30):
        ids.append(server.post("ann", f"Herons, {number}", ids[-1]))
        for _ in range(8):
            server.post("ann", "Something else")
    thread = server.archive(server.url(ids[0]))
    assert thread.completeness.found == 31
    assert thread.completeness.verdict is Verdict.COMPLETE
    assert len(server.urls) < 10


def test_a_pasted_copy_is_read_at_its_origin() -> None:
    origin = Mastodon("https://origin.example")
    ids = origin.thread(3)
    copy = {**origin.statuses[ids[1]], "id": "999999999999999999"}

    def elsewhere(request):
        return (200, copy) if "social.example" in request.url else None

    origin.fault = elsewhere
    thread = origin.archive(f"{SITE}/@ann@origin.example/999999999999999999")
    assert thread.completeness.found == 3
    assert [url.split("/")[2] for url in origin.urls] == [
        "social.example",
        *["origin.example"] * (len(origin.urls) - 1),
    ]


def test_a_copy_is_kept_where_the_origin_is_gone_and_proves_nothing() -> None:
    server = Mastodon()
    ids = server.thread(3)
    for status in server.statuses.values():
        status["uri"] = status["uri"].replace(SITE, "https://gone.example")
    server.fault = failing("gone.example", NetworkError("no such host"))
    thread, failures = server.attempt(f"{SITE}/@ann@gone.example/{ids[1]}")
    assert (thread.route, len(thread.posts)) == ("copy", 3)
    assert thread.completeness.verdict is Verdict.UNKNOWN
    assert [failure.route for failure in failures] == ["listing", "context"]


def test_numbering_that_counts_further_takes_the_proof_away(server: Mastodon) -> None:
    ids = [server.post("ann", "Herons 1/9")]
    ids.append(server.post("ann", "Herons 2/9", ids[-1]))
    thread = server.archive(server.url(ids[0]))
    assert thread.completeness.verdict is Verdict.UNKNOWN
    assert thread.completeness.doubts == ("the author numbers the posts to 9, 2 are known",)


def test_a_post_for_followers_only_is_a_stated_gap(server: Mastodon) -> None:
    ids = server.thread(4)
    server.statuses[ids[2]]["visibility"] = "private"
    thread = server.archive(server.url(ids[0]))
    [gap] = thread.completeness.gaps
    assert gap.reason is Reason.PRIVATE
    assert len(texts(thread)) == 3
    assert not any("note no 3" in text for text in texts(thread))


def test_one_post_of_an_unknown_shape_does_not_cost_the_thread(server: Mastodon) -> None:
    ids = server.thread(4)
    server.statuses[ids[2]]["media_attachments"] = "none"
    thread = server.archive(server.url(ids[0]))
    [gap] = thread.completeness.gaps
    assert gap.reason is Reason.UNKNOWN
    assert "form that is not known" in gap.detail


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"url": "https://here.example/a.png"}, "https://here.example/a.png"),
        ({"url": None}, "https://there.example/a.png"),
        ({"url": None, "remote_url": None}, ""),
    ],
)
def test_the_address_of_a_file_is_that_of_the_whole(server: Mastodon, given: dict[str, str | None], url: str) -> None:
    more = {"preview_url": "https://here.example/small.png", "remote_url": "https://there.example/a.png", **given}
    root = server.post("ann", "One", media_attachments=[{"id": "1", "type": "image", "description": None, **more}])
    [post] = server.archive(server.url(root)).posts
    assert [item.url for item in post.attachments] == [url]


def test_boosts_in_the_listing_are_passed_over(server: Mastodon) -> None:
    ids = server.thread(3)
    server.post("ann", "boosted", reblog={"id": "1"})
    assert len(server.archive(server.url(ids[0])).posts) == 3


@pytest.mark.parametrize("error", [NetworkError("gone away"), RateLimited("later"), Interrupted("stopped")])
def test_what_came_before_a_failure_is_handed_over(server: Mastodon, error: Exception) -> None:
    ids = server.thread(120)
    server.fault = lambda request: error if f"min_id={ids[80]}" in request.url or "context" in request.url else None
    thread = server.archive(server.url(ids[0]))
    assert (thread.completeness.found, thread.completeness.verdict) == (81, Verdict.PARTIAL)
    assert thread.completeness.stop


def test_context_hands_over_what_came_too(server: Mastodon) -> None:
    server.listing = False
    ids = server.thread(60)
    server.fault = failing(f"{ids[20]}/context", NetworkError("gone away"))
    thread = server.archive(server.url(ids[0]))
    assert (thread.completeness.found, thread.completeness.stop) == (21, "gone away")


def test_what_context_keeps_back_is_asked_for_by_its_id(server: Mastodon) -> None:
    question = server.post("bob", "What do herons eat?")
    ids = [server.post("ann", "Fish", question)]
    ids.append(server.post("ann", "And frogs", ids[0]))
    server.fault = answering("context", (401, {"error": "no"}))
    thread = server.archive(server.url(ids[0]), route="listing")
    assert texts(thread, Role.CONTEXT) == ["<p>What do herons eat?</p>"]
    assert thread.completeness.verdict is Verdict.COMPLETE


@pytest.mark.parametrize(("signed", "verdict"), [(False, Verdict.COMPLETE), (True, Verdict.UNKNOWN)])
def test_what_a_thread_answers_and_nobody_shows_is_somebody_elses_only_where_its_address_says_so(
    server: Mastodon, signed: bool, verdict: Verdict
) -> None:
    question = server.post("bob", "What do herons eat?")
    ids = [server.post("ann", "Fish", question)]
    ids.append(server.post("ann", "And frogs", ids[0]))
    server.hidden.add(question)
    server.objects[ids[0]] = {"inReplyTo": server.statuses[question]["uri"]}
    server.signed = signed
    for id_ in ids:
        thread = server.archive(server.url(id_))
        assert texts(thread) == ["<p>Fish</p>", "<p>And frogs</p>"]
        assert (thread.completeness.verdict, thread.completeness.gaps) == (verdict, ())
        assert thread.roles[thread.missing[0].id] is Role.CONTEXT


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((404, {"error": "Record not found"}), Gone, "deleted, private or never posted"),
        ((410, {"error": "Gone"}), Gone, "deleted, private or never posted"),
        ((404, "<h1>Not found</h1>"), Refused, "not Mastodon's interface"),
        ((401, {"error": "This method requires an authenticated user"}), Refused, "logged-in readers only"),
        ((401, ""), Refused, "logged-in readers only"),
        ((403, {"error": "This action is not allowed"}), Refused, "logged-in readers only"),
        ((403, "<title>Just a moment...</title>"), Refused, 'a web page instead of data ("Just a moment...")'),
        ((403, {"message": "Forbidden"}), Refused, "answered 403 for"),
        ((404, {"message": "Not Found"}), Refused, "not Mastodon's interface"),
        ((404, [1]), Refused, "not Mastodon's interface"),
        ((405, ""), Refused, "answered 405 for"),
        ((422, {"error": "no"}), Refused, "422"),
        ((200, "<html><title>Log in</title>"), Refused, 'a web page instead of data ("Log in")'),
        ((200, []), ParseError, "not a status"),
        ((200, {"id": "1"}), ParseError, "not a status"),
        (b'{"id": "1", "uri', ParseError, "damaged JSON"),
        ((500, {}), NetworkError, "500"),
    ],
)
def test_a_no_is_told_apart_and_never_zero_posts(server, answer, error, words) -> None:
    server.fault = answering("/api/v1/statuses/", answer)
    with pytest.raises(error, match=words.replace("(", r"\(").replace(")", r"\)")):
        server.archive(f"{SITE}/@ann/112233445566778899")


def test_a_listing_that_is_no_list_fails_over(server: Mastodon) -> None:
    ids = server.thread(3)
    server.fault = answering("/accounts/", (200, {"statuses": []}))
    thread, failures = server.attempt(server.url(ids[0]))
    assert thread.route == "context"
    assert "not a list of statuses" in str(failures[0])


def test_an_address_without_an_id_is_searched(server: Mastodon) -> None:
    url = f"{SITE}/objects/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    with pytest.raises(Gone, match="knows no post"):
        server.archive(url)
    ids = server.thread(3)
    server.statuses[ids[1]]["uri"] = url
    stray = [server.statuses[ids[0]]]
    server.fault = lambda request: (200, {"statuses": stray + stray}) if "search" in request.url else None
    with pytest.raises(Gone, match="knows no post"):
        server.archive(url)
    server.fault = lambda request: None
    assert server.archive(url).completeness.found == 3
