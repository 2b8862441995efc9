"""Storms on Bluesky and Mastodon: what one author posted in a stretch of time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from atmosphere import DIDS, NOON, PDS, Bluesky, author, tid
from fediverse import SITE, Mastodon
from world import World, answering, failing

from archiver.errors import Gone, Interrupted, NetworkError, ParseError, RateLimited, Refused, UnknownURL
from archiver.http.message import Request
from archiver.model import Kind, Missing, Reason, Role, Thread, Verdict
from archiver.platforms import find_author
from archiver.platforms.bluesky.ids import first_tid, tid_time
from archiver.platforms.bluesky.storm import storm as from_repository
from archiver.platforms.mastodon.address import moment as read_moment
from archiver.platforms.mastodon.storm import storm as from_listing
from archiver.routes import Ref, follow

BLUE, MAST = "ann.example.com", "@ann@social.example"
EVER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
DAY = NOON, NOON + timedelta(days=1)


@pytest.fixture
def network() -> Bluesky:
    return Bluesky()


@pytest.fixture
def server() -> Mastodon:
    made = Mastodon()
    made.timed = True
    return made


def texts(thread: Thread, role: Role = Role.MAIN) -> list[str]:
    return [
        post.content.removeprefix("<p>").removesuffix("</p>") for post in thread.posts if thread.roles[post.id] is role
    ]


def told(thread: Thread) -> tuple[Verdict, int, int | None]:
    whole = thread.completeness
    return whole.verdict, whole.found, whole.expected


def scattered(world: Bluesky | Mastodon, count: int, *, before: int = 3, after: int = 3) -> tuple[datetime, datetime]:
    """Write single posts of an author in a stretch of time, and some days before and after it; return the stretch."""
    for number in range(before):
        world.post("ann", f"Before {number}")
    world.wait(48)
    since = moment(world)
    for number in range(count):
        world.post("ann", f"Herons {number}")
    until = moment(world)
    world.wait(48)
    for number in range(after):
        world.post("ann", f"After {number}")
    return since, until


def moment(world: Bluesky | Mastodon) -> datetime:
    """Return the time of the next post."""
    if isinstance(world, Bluesky):
        return NOON + timedelta(minutes=world._minute + 1)
    return NOON + timedelta(minutes=len(world.statuses) + world._waited)


def handle(world: World) -> str:
    return BLUE if isinstance(world, Bluesky) else MAST


@pytest.fixture(params=["bluesky", "mastodon", "counted"])
def world(request: pytest.FixtureRequest) -> Bluesky | Mastodon:
    """A network, a server whose ids are times, and one whose ids are not."""
    if request.param == "bluesky":
        return Bluesky()
    made = Mastodon()
    made.timed = request.param == "mastodon"
    return made


@pytest.mark.parametrize(("before", "after"), [(3, 3), (0, 3), (3, 0), (150, 150)])
@pytest.mark.parametrize("count", [1, 25, 39, 40, 41, 101])
def test_a_storm_holds_what_was_posted_in_its_time_and_nothing_else(
    world: Bluesky | Mastodon, count: int, before: int, after: int
) -> None:
    since, until = scattered(world, count, before=before, after=after)
    thread = world.storm(handle(world), since, until)
    assert texts(thread) == [f"Herons {number}" for number in range(count)]
    assert told(thread) == (Verdict.COMPLETE, count, count)
    assert (thread.kind, thread.author.name[:3]) == (Kind.STORM, "Ann")


def test_the_first_moment_is_included_and_the_last_is_not(world: Bluesky | Mastodon) -> None:
    since, until = scattered(world, 5)
    thread = world.storm(handle(world), since + timedelta(minutes=1), until - timedelta(minutes=1))
    assert texts(thread) == ["Herons 1", "Herons 2", "Herons 3"]


def test_self_replies_are_main_and_answers_to_others_are_answers(world: Bluesky | Mastodon) -> None:
    first = world.thread(3)
    question = world.post("bob", "A question", first[1])
    answer = world.post("ann", "An answer", question)
    world.post("ann", "More of the answer", answer)
    world.post("ann", "Alone")
    thread = world.storm(handle(world), *EVER)
    assert [text.split(" of ")[0] for text in texts(thread)] == [*(f"Herons, note no {n}" for n in (1, 2, 3)), "Alone"]
    assert texts(thread, Role.ANSWER) == ["An answer", "More of the answer"]
    assert len(thread.nodes) == 6
    assert told(thread) == (Verdict.COMPLETE, 4, 4)


def test_a_reply_to_oneself_of_an_earlier_time_is_main(world: Bluesky | Mastodon) -> None:
    first = world.post("ann", "Yesterday")
    world.wait(24)
    since = moment(world)
    world.post("ann", "Today", first)
    thread = world.storm(handle(world), since, EVER[1])
    assert texts(thread) == ["Today"]
    assert told(thread) == (Verdict.COMPLETE, 1, 1)


def test_nothing_in_the_time_is_refused_with_a_clear_line(world: Bluesky | Mastodon) -> None:
    scattered(world, 2)
    with pytest.raises(Refused, match="no post by @ann"):
        world.storm(handle(world), datetime(2021, 1, 1, tzinfo=UTC), datetime(2021, 1, 2, tzinfo=UTC))
    with pytest.raises(Refused, match="no post by @ann"):
        world.storm(handle(world), EVER[1], EVER[1] + timedelta(days=1))


def test_a_storm_without_ends_is_everything(world: Bluesky | Mastodon) -> None:
    scattered(world, 2)
    route = from_repository if isinstance(world, Bluesky) else from_listing
    thread = follow(route(Ref(url="", id="", site=SITE, author=BLUE if isinstance(world, Bluesky) else "ann")), world)
    assert isinstance(thread, Thread)
    assert len(thread.posts) == 8


@pytest.mark.parametrize(
    "error", [NetworkError("timed out"), RateLimited("later"), Interrupted("stopped by the user")], ids=str
)
def test_what_came_before_a_failure_is_handed_over(world: Bluesky | Mastodon, error: Exception) -> None:
    since, until = scattered(world, 120)
    part = "listRecords" if isinstance(world, Bluesky) else "109/statuses"
    allowed = 1 if isinstance(world, Bluesky) else 2

    def broken(request: Request) -> Exception | None:
        if "getAuthorFeed" in request.url:
            return NetworkError("down")
        return error if part in request.url and sum(part in url for url in world.urls) >= allowed else None

    world.fault = broken
    thread = world.storm(handle(world), since, until)
    assert 0 < thread.completeness.found < 120
    assert thread.completeness.stop == str(error)
    assert told(thread)[::2] == (Verdict.PARTIAL, None)


def test_what_was_not_reached_is_no_gap(world: Bluesky | Mastodon) -> None:
    world.thread(120)
    part = "listRecords" if isinstance(world, Bluesky) else "109/statuses"
    error = NetworkError("timed out")
    world.fault = lambda request: (
        error
        if "getAuthorFeed" in request.url or (part in request.url and any(part in url for url in world.urls[3:]))
        else None
    )
    thread = world.storm(handle(world), *EVER)
    assert (thread.completeness.stop, thread.missing) == ("timed out", ())


@pytest.mark.parametrize(
    "error", [NetworkError("timed out"), RateLimited("later"), Interrupted("stopped by the user")], ids=str
)
def test_nothing_before_a_failure_is_that_failure(world: Bluesky | Mastodon, error: Any) -> None:
    since, until = scattered(world, 2)
    parts = ("listRecords", "getAuthorFeed") if isinstance(world, Bluesky) else ("109/statuses",)
    world.fault = lambda request: error if any(part in request.url for part in parts) else None
    with pytest.raises(type(error), match=str(error)):
        world.storm(handle(world), since, until)


# Bluesky


@pytest.mark.parametrize("after", [0, 3, 200])
def test_45_posts_on_bluesky_take_at_most_five_requests(network: Bluesky, after: int) -> None:
    since, until = scattered(network, 45, after=after)
    assert len(network.storm(BLUE, since, until).posts) == 45
    assert len(network.urls) <= 5


def test_45_posts_of_a_thread_that_are_all_there_is_take_at_most_five_requests(network: Bluesky) -> None:
    network.thread(45)
    assert told(network.storm(BLUE, *DAY)) == (Verdict.COMPLETE, 45, 45)
    assert len(network.urls) <= 5


def test_the_keys_count_and_not_what_the_app_says_of_the_time(network: Bluesky) -> None:
    network.post("ann", "Moved here from elsewhere", createdAt="2019-05-01T10:00:00.000Z")
    thread = network.storm(BLUE, *DAY)
    assert [(post.created_at.year, post.at.year) for post in thread.posts] == [(2019, 2026)]
    with pytest.raises(
        Refused, match=r"no post by @ann.*; 1 post says to be of this time .* https://bsky.app/profile/"
    ):
        network.storm(BLUE, datetime(2019, 1, 1, tzinfo=UTC), datetime(2019, 12, 31, tzinfo=UTC))


@pytest.mark.parametrize("form", ["{milliseconds}__{cid}", "{iso}"])
@pytest.mark.parametrize("after", [0, 200])
def test_posts_that_only_claim_to_be_of_the_time_are_named(network: Bluesky, form: str, after: int) -> None:
    network.feed_cursor = form
    since, until = scattered(network, 60, after=after)
    claimed = since + timedelta(minutes=10)
    backdated = [network.post("ann", "Backdated", createdAt=f"{claimed:%Y-%m-%dT%H:%M:%S.000Z}") for _ in range(4)]
    thread = network.storm(BLUE, since, until)
    assert told(thread) == (Verdict.COMPLETE, 60, 60)
    assert thread.completeness.proof.startswith("the author's own repository was read")
    assert "4 posts say to be of this time and, by the key in the repository, were made at another:" in thread.hint
    assert sum(uri.rsplit("/", 1)[1] in thread.completeness.proof for uri in backdated) == 3
    assert "and 1 more" in thread.completeness.proof
    assert {post.counts.likes for post in thread.posts} == {2}
    assert len(network.urls) <= 6


def test_a_post_whose_key_tells_no_time_is_of_the_time_when_bluesky_saw_it(network: Bluesky) -> None:
    since, until = scattered(network, 5)
    uris = list(network.records)
    for number, key in ((1, "before"), (4, "zz-within"), (5, "0")):
        odd = uris[number].replace(uris[number].rsplit("/", 1)[1], key)
        network.records[odd], network.extras[odd] = network.records.pop(uris[number]), {}
        network.extras[odd]["indexedAt"] = network.records[odd]["createdAt"]
    thread = network.storm(BLUE, since, until)
    assert texts(thread) == [f"Herons {number}" for number in range(5)]
    assert "say to be of this time" not in thread.hint


def test_a_storm_of_an_author_whose_server_is_down_is_shown_and_not_proven(network: Bluesky) -> None:
    since, until = scattered(network, 60)
    network.fault = failing(PDS, NetworkError("no answer"))
    thread = network.storm(BLUE, since, until)
    assert (thread.route, told(thread)) == ("feed", (Verdict.UNKNOWN, 60, None))
    assert thread.completeness.proof == ""


def test_who_asks_not_to_be_shown_to_everybody_is_named(network: Bluesky) -> None:
    network.thread(2)
    network.reserved = {DIDS["ann"]}
    thread = network.storm(BLUE, NOON, NOON + timedelta(hours=1))
    assert (len(thread.posts), thread.hint.partition(" not ")[0]) == (2, "@ann.example.com asks Bluesky")


def test_every_post_of_a_storm_has_its_view(network: Bluesky) -> None:
    scattered(network, 30)
    network.thread(30)
    assert {post.counts.likes for post in network.storm(BLUE, *EVER).posts} == {2}


def test_a_post_without_its_view_is_taken_as_the_author_wrote_it(network: Bluesky) -> None:
    uris = network.thread(3)
    network.hidden.add(uris[1])
    thread = network.storm(BLUE, *DAY)
    assert [post.counts.likes for post in thread.posts] == [2, None, 2]
    network.fault = failing("xrpc/app.bsky", NetworkError("timed out"))
    thread = network.storm(BLUE, *DAY)
    assert (len(thread.posts), thread.author.handle, thread.author.name) == (3, BLUE, "")
    assert told(thread) == (Verdict.COMPLETE, 3, 3)


def test_an_answered_post_of_the_time_that_is_gone_is_a_gap(network: Bluesky) -> None:
    early = network.post("ann", "Long before")
    network.wait(48)
    since = moment(network)
    uris = network.thread(4)
    network.post("ann", "And today", early)
    network.delete(early)
    network.delete(uris[1])
    thread = network.storm(BLUE, since, EVER[1])
    [found] = thread.completeness.gaps
    assert (found.id, found.reason, thread.nodes.index(found)) == (uris[1], Reason.DELETED, 1)
    assert told(thread) == (Verdict.PARTIAL, 4, 5)
    assert sum("getRecord" in url for url in network.urls) == 1


def test_a_post_that_the_listing_left_out_is_fetched_by_its_key(network: Bluesky) -> None:
    uris = network.thread(4)
    listed = network.page

    def page(query: dict[str, list[str]]) -> Any:
        status, answer = listed(query)
        kept = [item for item in answer["records"] if item["uri"] not in uris[1:3]]
        return status, {**answer, "records": kept}

    network.page = page  # type: ignore[method-assign]
    thread = network.storm(BLUE, *DAY)
    assert [post.id for post in thread.posts] == uris
    assert told(thread) == (Verdict.COMPLETE, 4, 4)


def test_a_repository_that_begins_with_the_cursor_itself_gives_nothing_of_the_time_after(network: Bluesky) -> None:
    since, until = scattered(network, 3)
    listed = network.page

    def page(query: dict[str, list[str]]) -> Any:
        if query["cursor"] == [first_tid(until)]:
            return listed({**query, "cursor": [first_tid(until + timedelta(microseconds=1))]})
        return listed(query)

    network.page = page  # type: ignore[method-assign]
    network._minute = int((until - NOON) / timedelta(minutes=1)) - 1
    network.post("ann", "A moment later")
    assert texts(network.storm(BLUE, since, until)) == ["Herons 0", "Herons 1", "Herons 2"]


def test_one_record_of_an_unknown_shape_does_not_cost_the_storm(network: Bluesky) -> None:
    uris = network.thread(3)
    network.records[uris[1]]["text"] = None
    thread = network.storm(BLUE, *DAY)
    assert isinstance(thread.nodes[1], Missing)
    assert told(thread) == (Verdict.PARTIAL, 2, 3)
    assert sum("getRecord" in url for url in network.urls) == 0


def test_a_repository_that_repeats_itself_ends_and_says_so(network: Bluesky) -> None:
    uris = network.thread(2)
    items = [{"uri": uri, "cid": "x", "value": network.records[uri]} for uri in uris]
    network.fault = answering("listRecords", (200, {"records": items, "cursor": "same"}))
    thread = network.storm(BLUE, *DAY)
    assert thread.completeness.stop == f"{PDS} lists the same page again and again"
    assert (told(thread)[0], len(thread.posts)) == (Verdict.PARTIAL, 2)


def test_an_account_that_is_not_there_is_gone(network: Bluesky) -> None:
    network.fault = answering("well-known", (404, "<html></html>"))
    with pytest.raises(Gone, match=r"no account has the handle nobody\.example\.com"):
        network.storm("nobody.example.com", *DAY)
    with pytest.raises(Gone, match="the account did:plc:nobody is not there"):
        network.storm("did:plc:nobody", *DAY)


def test_people_who_were_shown_along_with_the_storm_are_left_out(network: Bluesky) -> None:
    question = network.post("bob", "A question")
    since = moment(network)
    last = question
    for number in range(30):
        last = network.post("ann", f"Answer {number}", last)
    tree = network.tree

    def with_more(query: dict[str, list[str]]) -> Any:
        return tree({**query, "parentHeight": ["400"]})

    network.tree = with_more  # type: ignore[method-assign]
    thread = network.storm(BLUE, since, EVER[1])
    assert {post.author.handle for post in thread.posts} == {author(thread.author.id)["handle"]}
    assert len(texts(thread, Role.ANSWER)) == 30


def test_a_key_of_a_time_is_the_least_of_it() -> None:
    time = datetime(2026, 3, 12, 12, 0, 0, 123456, tzinfo=UTC)
    assert tid_time(first_tid(time)) == time
    assert first_tid(time) == tid(time) < tid(time + timedelta(microseconds=1))
    assert first_tid(datetime(1900, 1, 1, tzinfo=UTC)) == "2222222222222"
    assert first_tid(datetime(9999, 1, 1, tzinfo=UTC)) == "bzzzzzzzzzz22"


# Mastodon


@pytest.mark.parametrize("after", [0, 3, 200])
@pytest.mark.parametrize("before", [0, 3])
def test_45_posts_on_mastodon_take_at_most_four_requests(server: Mastodon, before: int, after: int) -> None:
    since, until = scattered(server, 45, before=before, after=after)
    assert len(server.storm(MAST, since, until).posts) == 45
    assert len(server.urls) <= 4


def test_a_post_that_was_stored_a_little_later_than_it_was_made_belongs_to_the_time_it_was_made(
    server: Mastodon,
) -> None:
    since, until = scattered(server, 2)
    (last,) = (status for status in server.statuses.values() if "Herons 1" in status["content"])
    last["id"] = str(int((until.timestamp() + 5) * 1000) << 16)
    thread = server.storm(MAST, since, until)
    assert texts(thread) == ["Herons 0", "Herons 1"]


def test_ids_that_are_counted_only_are_not_taken_for_times(server: Mastodon) -> None:
    server.timed, server._next = False, 1000
    since, until = scattered(server, 3)
    assert len(server.storm(MAST, since, until).posts) == 3
    assert len(server.urls) == 2


def test_ids_that_are_made_of_the_time_in_another_way_are_not_taken_for_mastodons(server: Mastodon) -> None:
    server.timed, server._next = False, 120_000_000_000_000_000
    since, until = scattered(server, 45)
    assert told(server.storm(MAST, since, until)) == (Verdict.COMPLETE, 45, 45)


def test_a_time_before_the_first_post_is_not_searched_for_page_by_page(server: Mastodon) -> None:
    scattered(server, 200)
    for year in (1960, 2021):
        with pytest.raises(Refused, match="no post by"):
            server.storm(MAST, datetime(year, 1, 1, tzinfo=UTC), datetime(year, 2, 1, tzinfo=UTC))
        assert len(server.urls) == 3
        assert year != 1960 or server.urls[1].endswith("max_id=0")


def test_a_short_page_is_not_the_last(server: Mastodon) -> None:
    since, until = scattered(server, 145, before=0)
    server.filters = True
    server.hidden.add(list(server.statuses)[60])
    assert told(server.storm(MAST, since, until)) == (Verdict.COMPLETE, 144, 144)
    assert len(server.urls) == 6


@pytest.mark.parametrize("odd", ["AbCdEfGhIjKlMnOpQr", "01HE7XJ1CG84TBKH5V9XKBVGF5"])
def test_a_server_whose_accounts_have_other_ids_is_read_from_the_newest_post(server: Mastodon, odd: str) -> None:
    since, until = scattered(server, 3)
    account = server.account

    def named(who: str) -> dict[str, Any]:
        return {**account(who), "id": odd}

    for status in server.statuses.values():
        status["account"]["id"] = odd
    server.account = named  # type: ignore[method-assign]
    assert told(server.storm(MAST, since, until)) == (Verdict.COMPLETE, 3, 3)
    assert "max_id" not in server.urls[1]


@pytest.mark.parametrize("page", [(404, "<html>Our town</html>"), b"Our town"])
def test_a_host_that_names_another_server_is_followed_there(page: Any) -> None:
    server = Mastodon("https://posts.example")
    server.timed = True
    server.thread(3)

    def fault(request: Request) -> Any:
        if "well-known" in request.url:
            links = [
                {"rel": "http://webfinger.net/rel/profile-page"},
                {"rel": "self", "href": f"{server.site}/users/ann"},
            ]
            return 200, {"subject": "acct:ann@town.example", "links": links}
        return page if "//town.example" in request.url else None

    server.fault = fault
    thread = server.storm("@ann@town.example", *DAY)
    assert told(thread) == (Verdict.COMPLETE, 3, 3)
    assert "https://town.example/.well-known/webfinger?resource=acct:ann@town.example" in server.urls


@pytest.mark.parametrize(
    "webfinger",
    [
        (404, {}),
        (404, {"links": [{"rel": "self", "href": "https://elsewhere.example/users/cy"}]}),
        (200, {"links": [{"rel": "self", "href": f"{SITE}/users/cy"}]}),
        (200, {"links": [{"rel": "self", "href": "not an address"}]}),
        (200, "<html></html>"),
        NetworkError("timed out"),
    ],
)
def test_an_account_that_is_nowhere_is_gone(server: Mastodon, webfinger: Any) -> None:
    server.fault = lambda request: webfinger if "well-known" in request.url else None
    with pytest.raises(Gone, match=r"social\.example answers that it has no account cy"):
        follow(from_listing(Ref(url="", id="", site=SITE, author="cy")), server)
    assert sum("lookup" in url for url in server.urls) == 1


@pytest.mark.parametrize(
    ("part", "answer", "error", "words"),
    [
        ("lookup", (401, {"error": "login"}), Refused, "logged-in readers only"),
        ("lookup", (200, []), ParseError, "not an account"),
        ("lookup", (200, {"error": "?"}), ParseError, "not an account"),
        ("109/statuses", (401, {"error": "login"}), Refused, "logged-in readers only"),
        ("109/statuses", (200, []), Refused, "counts 1234 posts of ann and shows none"),
        ("109/statuses", (200, {}), ParseError, "not a list of statuses"),
    ],
)
def test_a_no_is_told_apart_and_never_an_empty_storm(
    server: Mastodon, part: str, answer: Any, error: Any, words: str
) -> None:
    server.thread(2)
    server.fault = lambda request: (404, {}) if "well-known" in request.url else answering(part, answer)(request)
    with pytest.raises(error, match=words):
        server.storm(MAST, *DAY)


def test_an_account_that_never_posted_is_an_empty_storm(server: Mastodon) -> None:
    empty = {**server.account("ann"), "statuses_count": 0}
    server.fault = answering("lookup", (200, empty))
    with pytest.raises(Refused, match=r"no post by @ann@social\.example"):
        server.storm(MAST, *DAY)


def test_a_listing_that_repeats_itself_ends_and_says_so(server: Mastodon) -> None:
    ids = server.thread(40)
    server.fault = answering("109/statuses", (200, [server.statuses[id_] for id_ in reversed(ids)]))
    thread = server.storm(MAST, *DAY)
    assert thread.completeness.stop == "social.example lists the same page again and again"
    assert told(thread) == (Verdict.PARTIAL, 40, None)


def test_boosts_are_passed_over(server: Mastodon) -> None:
    ids = server.thread(3)
    server.post("ann", "", reblog=server.statuses[ids[0]], created_at="2019-01-01T00:00:00.000Z")
    server.thread(39)
    thread = server.storm(MAST, *DAY)
    assert told(thread) == (Verdict.COMPLETE, 42, 42)


@pytest.mark.parametrize("known", [True, False])
def test_an_answered_post_that_is_deleted_is_a_gap_of_the_storm(server: Mastodon, known: bool) -> None:
    ids = server.thread(4)
    uri = server.statuses[ids[1]]["uri"]
    server.delete(ids[1])
    if known:
        server.objects[ids[2]] = {"inReplyTo": uri}
    thread = server.storm(MAST, *DAY)
    [gap] = thread.completeness.gaps
    assert (gap.id, gap.reason) == (
        (uri, Reason.DELETED) if known else (f"{server.statuses[ids[2]]['uri']}#parent", Reason.UNKNOWN)
    )
    assert told(thread) == (Verdict.PARTIAL, 3, 4)
    assert thread.nodes.index(gap) == (1 if known else 0)


def test_a_deleted_post_of_another_time_is_no_gap(server: Mastodon) -> None:
    early = server.post("ann", "Long before")
    uri = server.statuses[early]["uri"]
    server.wait(48)
    since = moment(server)
    today = server.post("ann", "Today", early)
    server.delete(early)
    server.objects[today] = {"inReplyTo": uri}
    assert told(server.storm(MAST, since, EVER[1])) == (Verdict.COMPLETE, 1, 1)


def test_a_parent_that_the_object_names_and_the_listing_shows_is_no_gap(server: Mastodon) -> None:
    ids = server.thread(2)
    server.statuses[ids[1]]["in_reply_to_id"] = None
    parent = server.statuses[ids[0]]["uri"]
    server.objects[ids[1]] = {"inReplyTo": parent}
    assert told(server.storm(MAST, *DAY)) == (Verdict.COMPLETE, 2, 2)
    assert parent not in server.urls


@pytest.mark.parametrize(("hour", "gaps"), [(13, 1), (11, 0)])
def test_the_time_of_a_deleted_post_is_read_from_the_addresses_of_snac_too(
    server: Mastodon, hour: int, gaps: int
) -> None:
    time = NOON.replace(hour=hour)
    ids = server.thread(2)
    server.delete(ids[0])
    server.objects[ids[1]] = {"inReplyTo": f"{SITE}/ann/p/{time.timestamp():.6f}"}
    thread = server.storm(MAST, *DAY)
    assert [gap.created_at for gap in thread.completeness.gaps] == [time] * gaps


def test_an_own_hidden_post_of_another_time_is_no_gap(server: Mastodon) -> None:
    early = server.post("ann", "Long before")
    server.wait(48)
    since = moment(server)
    server.post("ann", "Today", early)
    del server.statuses[early]
    assert told(server.storm(MAST, since, EVER[1])) == (Verdict.COMPLETE, 1, 1)


def test_an_own_post_that_the_listing_hides_is_a_gap(server: Mastodon) -> None:
    ids = server.thread(4)
    hidden = server.statuses.pop(ids[1])
    server.post("ann", "A second thought", hidden["id"], in_reply_to_id=hidden["id"], in_reply_to_account_id="109")
    thread = server.storm(MAST, *DAY)
    [gap] = thread.completeness.gaps
    assert (gap.id, gap.reason) == (hidden["uri"], Reason.UNKNOWN)
    assert told(thread) == (Verdict.PARTIAL, 4, 5)


@pytest.mark.parametrize("timed", [True, False])
def test_a_deleted_parent_that_is_still_named_is_a_gap_of_its_time(server: Mastodon, timed: bool) -> None:
    server.timed, server.forgotten = timed, ()
    old = server.post("ann", "Long before")
    server.wait(24 * 8)
    since = moment(server)
    ids = [server.post("ann", "Today", old), *server.thread(3)]
    gone = server.statuses[ids[2]]["uri"]
    server.delete(ids[2])
    thread = server.storm(MAST, since, EVER[1])
    assert [(gap.id, gap.reason) for gap in thread.completeness.gaps] == [(gone, Reason.UNKNOWN)]
    assert "404: deleted, or for chosen readers only" in thread.completeness.gaps[0].detail
    server.delete(old)  # of its id nobody can tell the time
    gaps = server.storm(MAST, since, EVER[1]).completeness.gaps
    assert len(gaps) == (1 if timed else 2)


@pytest.mark.parametrize(
    ("id_", "time"),
    [
        ("01HE7XJ1CG84TBKH5V9XKBVGF5", "2023-11-02 11:44:06"),
        ("018b7a3c-1234-7abc-8def-0123456789ab", "2023-10-29 07:00:39"),
        ("018b7a3c-1234-4abc-8def-0123456789ab", None),
        ("ffffffff-ffff-7abc-8def-0123456789ab", None),
        ("8ZZZZZZZZZ84TBKH5V9XKBVGF5", None),
        ("AbCdEfGhIjKlMnOpQr", None),
    ],
)
def test_the_time_that_an_id_holds(id_: str, time: str | None) -> None:
    found = read_moment(id_)
    assert (found and f"{found:%Y-%m-%d %H:%M:%S}") == time


def test_a_post_that_only_its_own_address_shows_is_one_of_the_storm(server: Mastodon) -> None:
    ids = server.thread(4)
    page = [server.statuses[id_] for id_ in reversed(ids) if id_ != ids[1]]
    server.fault = lambda request: (
        (200, [] if "max_id=116" in request.url else page) if "/109/" in request.url else None
    )
    assert texts(server.storm(MAST, *DAY)) == [f"Herons, note no {number} of the day" for number in (1, 2, 3, 4)]


def test_more_hidden_posts_than_are_asked_for_are_gaps_too(server: Mastodon) -> None:
    ids = server.thread(24)
    server.hidden.update(ids[1::2])
    thread = server.storm(MAST, *DAY)
    assert told(thread) == (Verdict.PARTIAL, 12, 23)
    assert {gap.reason for gap in thread.completeness.gaps} == {Reason.UNKNOWN}
    assert len([url for url in server.urls if "/v1/statuses/" in url]) == 8


def test_a_post_for_followers_is_a_gap_at_its_time(server: Mastodon) -> None:
    ids = server.thread(3)
    server.statuses[ids[1]]["visibility"] = "private"
    thread = server.storm(MAST, *DAY)
    assert isinstance(thread.nodes[1], Missing)
    assert (thread.nodes[1].reason, told(thread)) == (Reason.PRIVATE, (Verdict.PARTIAL, 2, 3))


@pytest.mark.parametrize(
    ("count", "skipped", "verdict"),
    [(100, 0, "complete"), (256, 0, "partial"), (256, 9, "complete"), (300, 0, "complete")],
)
def test_where_a_listing_ends_at_256_posts_the_beginning_is_not_proven(
    server: Mastodon, count: int, skipped: int, verdict: str
) -> None:
    for number in range(count):
        server.post("ann", f"Herons {number}")
    statuses = list(server.statuses.values())
    for number, status in enumerate(statuses):
        status["id"] = f"{1773316800 + number * 60}{number:032x}"

    def page(account: str, query: dict[str, list[str]]) -> Any:
        ids = [status["id"] for status in statuses]
        end = ids.index(query["max_id"][0]) if query.get("max_id", [""])[0] in ids else len(ids)
        return 200, statuses[:end][::-1][:40]

    server.page = page  # type: ignore[method-assign]
    thread = server.storm(MAST, NOON + timedelta(minutes=skipped), EVER[1])
    assert (told(thread)[0], len(thread.posts)) == (verdict, count - skipped)
    assert ("newest 256" in thread.completeness.stop) == (verdict == "partial")


def test_elsewhere_a_listing_of_256_posts_is_whole(server: Mastodon) -> None:
    scattered(server, 256, before=0, after=0)
    assert told(server.storm(MAST, *EVER)) == (Verdict.COMPLETE, 256, 256)


# Whom a handle names


@pytest.mark.parametrize(
    ("text", "platform", "author", "url"),
    [
        ("ann.example.com", "bluesky", "ann.example.com", "https://bsky.app/profile/ann.example.com"),
        ("@Ann.bsky.social", "bluesky", "ann.bsky.social", "https://bsky.app/profile/ann.bsky.social"),
        ("did:plc:abc234", "bluesky", "did:plc:abc234", "https://bsky.app/profile/did:plc:abc234"),
        ("at://ann.example.com", "bluesky", "ann.example.com", "https://bsky.app/profile/ann.example.com"),
        ("https://bsky.app/profile/ann.example.com", "bluesky", "ann.example.com", None),
        (" bsky.app/profile/did%3Aplc%3Aabc234/?x=1 ", "bluesky", "did:plc:abc234", None),
        ("@ann@Social.example", "mastodon", "ann", "https://social.example/@ann"),
        ("ann@social.example", "mastodon", "ann", "https://social.example/@ann"),
        ("acct:ann@social.example", "mastodon", "ann", "https://social.example/@ann"),
        ("https://social.example/@ann", "mastodon", "ann", "https://social.example/@ann"),
        ("social.example/web/@ann/media", "mastodon", "ann", "https://social.example/@ann"),
        ("https://other.example/@ann@social.example", "mastodon", "ann", "https://social.example/@ann"),
        ("http://localhost:3000/users/ann/", "mastodon", "ann", "http://localhost:3000/@ann"),
        ("https://snac.example/ann", "mastodon", "ann", "https://snac.example/@ann"),
    ],
)
def test_handles_and_profiles_are_recognised(text: str, platform: str, author: str, url: str | None) -> None:
    found, ref = find_author(text)
    assert (found.name, ref.author, ref.id) == (platform, author, "")
    assert url in (None, ref.url)
    assert find_author(ref.url)[1] == ref


@pytest.mark.parametrize(
    "text",
    [
        "https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a",
        "https://social.example/@ann/112233445566778899",
        "https://social.example/users/ann/statuses/112233445566778899",
        "https://social.example/",
    ],
)
@pytest.mark.parametrize("platform", ["bluesky", "mastodon"])
def test_what_is_no_profile_is_not_taken_for_one(text: str, platform: str) -> None:
    with pytest.raises(UnknownURL):
        find_author(text, platform)
