"""X as a whole: threads from any post, by each source and by all together; storms; what is said of what lacks."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from birdsite import HANDLE, MORNING, Birdsite
from samples import later, saved
from statuses import status
from world import Answer

from archiver import collecting
from archiver.errors import ArchiverError, Gone, Interrupted, NetworkError, Refused
from archiver.http.message import Request, Response
from archiver.model import Missing, Post, Reason, Role, Thread, Verdict
from archiver.platforms import find_platform
from archiver.platforms.x.collect import SOURCES
from archiver.platforms.x.state import State
from archiver.platforms.x.tweet import Tweet
from archiver.routes import Ref, collect
from archiver.store.store import Archive
from archiver.text import html
from archiver.threads.merge import merge
from archiver.verbs import capture


def texts(thread: Thread) -> list[str]:
    return [html.plain(post.content) for post in thread.posts if thread.roles[post.id] in (Role.MAIN, Role.ANSWER)]


def written(site: Birdsite, ids: list[str]) -> list[str]:
    return [site.tweets[id_].text for id_ in ids]


@pytest.fixture
def site() -> Birdsite:
    return Birdsite()


def asked(site: Birdsite, part: str) -> int:
    return sum(part in url for url in site.urls)


@pytest.mark.parametrize("place", [0, 20, 39])
@pytest.mark.parametrize(("on", "most"), [("api_v2", 3), ("fxtwitter", 5)])
def test_forty_posts_from_any_of_them(site: Birdsite, place: int, on: str, most: int) -> None:
    ids = site.thread(40)
    site.up = {on, "syndication", "wayback"}
    thread, failures = site.collect(ids[place], on)
    assert texts(thread) == written(site, ids)
    assert (thread.id, thread.focus, thread.route, failures) == (ids[0], ids[place], on, ())
    assert thread.completeness.top_proven
    assert asked(site, "//api.") <= most
    whole = on == "api_v2"
    assert asked(site, "") <= (most if whole else most + 5)
    assert thread.completeness.verdict is (Verdict.COMPLETE if whole else Verdict.UNKNOWN)


@pytest.mark.parametrize("place", [0, 20, 39])
@pytest.mark.parametrize("pages", ["each", "the last"])
def test_forty_posts_from_any_of_them_out_of_the_wayback_machine(site: Birdsite, place: int, pages: str) -> None:
    ids = site.thread(40)
    site.up = {"wayback"}
    site.captured = set(ids) if pages == "each" else {ids[-1], ids[place]}
    thread, _ = site.collect(ids[place])
    assert texts(thread) == written(site, ids)
    assert (thread.id, thread.route, thread.completeness.verdict) == (ids[0], "wayback", Verdict.UNKNOWN)
    assert asked(site, "/cdx/") <= 4
    assert asked(site, "/web/") <= 2


@pytest.mark.parametrize(("place", "captured"), [(0, 3), (3, 5), (7, 7)])
def test_a_post_without_a_capture_is_found_in_those_of_later_posts(site: Birdsite, place: int, captured: int) -> None:
    ids = site.thread(8)
    site.up = {"wayback"}
    site.captured = {ids[captured]}
    thread, _ = site.collect(ids[place])
    assert [post.id for post in thread.posts] == ids[: captured + 1]
    assert asked(site, "/web/") <= 2
    assert thread.completeness.verdict is Verdict.UNKNOWN


def test_what_follows_is_looked_at_no_further_than_needed(site: Birdsite) -> None:
    ids = site.thread(8)
    site.up = {"wayback"}
    site.captured = {ids[4], ids[6]}
    thread, _ = site.collect(ids[3])
    assert [post.id for post in thread.posts] == ids[:7]


def test_a_post_that_no_capture_shows_is_refused_after_a_few_questions(site: Birdsite) -> None:
    ids = site.thread(3)
    others = [site.write(f"Something else {number}") for number in range(6)]
    site.up = {"wayback"}
    site.captured = set(others)
    with pytest.raises(Refused):
        site.collect(ids[2])
    assert asked(site, "/web/") <= 3


def test_a_thread_is_followed_through_captures_past_what_is_no_part_of_it(site: Birdsite) -> None:
    ids = site.thread(6)
    others = [site.write(f"Something else {number}") for number in range(2)]
    site.up = {"wayback"}
    site.captured = {*ids, *others}
    thread, _ = site.collect(ids[0])
    assert [post.id for post in thread.posts] == ids
    assert thread.missing == ()
    others += [site.write(f"Something else {number}") for number in range(30)]
    site.captured = {*ids, *others}
    site.collect(ids[0])
    assert asked(site, "/web/") == 4


def test_syndication_climbs_from_the_last_post(site: Birdsite) -> None:
    ids = site.thread(40)
    thread, _ = site.collect(ids[-1])
    assert texts(thread) == written(site, ids)
    assert (thread.route, thread.completeness.top_proven, thread.completeness.end_proven) == (
        "syndication",
        True,
        False,
    )
    assert thread.completeness.verdict is Verdict.UNKNOWN
    assert asked(site, "tweet-result") == 40
    assert asked(site, "/cdx/") <= 4


def test_the_wayback_machine_has_all_that_stood_above_a_page(site: Birdsite) -> None:
    ids = site.thread(40)
    site.up = {"wayback"}
    site.captured = {ids[-1]}
    thread, failures = site.collect(ids[-1])
    assert texts(thread) == written(site, ids)
    assert thread.route == "wayback"
    assert {failure.route for failure in failures} == {"syndication"}


def test_a_post_that_one_source_has_as_a_tombstone_is_shown_by_another(site: Birdsite) -> None:
    ids = site.thread(12)
    site.change(ids[5], gone="This Post was deleted by the Post author. Learn more")
    site.captured = {ids[5]}
    for on in ("", "fxtwitter", "api_v2"):
        site.up = {"syndication", "wayback", *on.split()}
        thread, _ = site.collect(ids[-1], on)
        assert texts(thread) == written(site, ids), on
        assert [post.id for post in thread.posts if post.route == "wayback"][-1] == ids[5]
        assert [(one.id, one.reason) for one in thread.gone] == [(ids[5], Reason.DELETED)]


def test_a_post_that_nobody_shows_is_a_gap_with_its_reason(site: Birdsite) -> None:
    ids = site.thread(12)
    site.change(ids[5], gone="This Post was deleted by the Post author. Learn more")
    site.up.add("api_v2")
    thread, _ = site.collect(ids[2], "api_v2")
    [gap] = thread.missing
    assert (gap.id, gap.reason, thread.roles[gap.id]) == (ids[5], Reason.DELETED, Role.MAIN)
    assert "deleted by the Post author" in gap.detail
    assert thread.completeness.verdict is Verdict.PARTIAL


def storm_of(site: Birdsite) -> list[str]:
    """Over forty posts of one afternoon that do not answer each other, tagged, with pictures."""
    ids = []
    for number in range(44):
        tag = "@HarbourOffice " if number % 3 == 0 else ""
        text = (
            f"{tag}The ferry with the Olsens on board is held, hour {number // 4 + 1}. Let them land & call the office!"
        )
        ids.append(site.write(text, after=820, photo=number % 10 == 4))
    return ids


WINDOW = (MORNING - timedelta(minutes=30), MORNING + timedelta(hours=15))


@pytest.mark.parametrize("on", ["api_v2", "fxtwitter", ""])
def test_a_storm_by_each_source(site: Birdsite, on: str) -> None:
    ids = storm_of(site)
    site.captured = set(ids)
    site.up |= set(on.split())
    thread, failures = site.storm(*WINDOW, on)
    assert texts(thread) == written(site, ids)
    assert (thread.kind, thread.route, failures) == ("storm", on or "wayback", ())
    assert all(role is Role.MAIN for role in thread.roles.values())
    assert thread.completeness.verdict is (Verdict.COMPLETE if on == "api_v2" else Verdict.UNKNOWN)
    assert sum(len(post.attachments) for post in thread.posts) == 4


def test_a_deleted_post_of_a_storm_is_shown_as_it_was_captured_and_said_to_be_gone(site: Birdsite) -> None:
    ids = storm_of(site)
    site.captured = set(ids)
    site.change(ids[7], gone="This Post was deleted by the Post author. Learn more")
    site.up.add("api_v2")
    site.avatars = {HANDLE: "https://pbs.twimg.com/profile_images/1/marlow_normal.jpg"}
    thread, _ = site.storm(*WINDOW, "api_v2")
    assert texts(thread) == written(site, ids)
    assert [(post.id, post.route) for post in thread.posts if post.route != "api_v2"] == [(ids[7], "wayback")]
    assert {post.author for post in thread.posts} == {thread.author}  # the capture has no picture of its author
    assert thread.author.avatar == site.avatars[HANDLE]
    assert [(gone.id, gone.reason) for gone in thread.gone] == [(ids[7], Reason.DELETED)]
    assert sum("web.archive.org/web/" in url for url in site.urls) == 1


def test_what_is_known_comes_in_the_same_order_in_every_process() -> None:
    state = State(sources=SOURCES)
    gap = Missing(id="9", reason=Reason.DELETED)
    state.add([Tweet(node=replace(gap, id=str(id_))) for id_ in (100, 20, 3)], "syndication", MORNING)
    assert list(state.nodes()) == ["3", "20", "100"]


@pytest.mark.parametrize("up", ["wayback", "wayback syndication"])
def test_a_post_of_a_storm_that_is_kept_only_as_an_empty_page_is_a_gap(site: Birdsite, up: str) -> None:
    ids = storm_of(site)
    site.captured, site.up = set(ids), set(up.split())
    site.fault = lambda request: (
        (200, '<div id="react-root"></div>' if "id_/" in request.url else "{}") if ids[7] in request.url else None
    )
    thread, _ = site.storm(*WINDOW)
    [gap] = thread.missing
    assert (gap.id, thread.roles[gap.id], [node.id for node in thread.nodes]) == (ids[7], Role.MAIN, ids)
    assert thread.completeness.verdict is Verdict.PARTIAL
    assert gap.detail


def test_a_lone_post_with_neighbours_names_the_command_for_a_storm(site: Birdsite) -> None:
    ids = storm_of(site)
    site.captured = set(ids)
    thread, _ = site.collect(ids[20])
    assert len(thread.posts) == 1
    assert f"archiver storm {HANDLE} --since 2017-05-03T13:3" in thread.hint


def test_an_answer_to_somebody_else_stands_below_what_it_answers(site: Birdsite) -> None:
    other = site.write("Is that so?", handle="ann_ash", name="Ann Ash", user="42")
    first = site.write("@ann_ash It is so.", other)
    second = site.write("And this is why.", first)
    thread, _ = site.collect(second)
    assert [thread.roles[node.id] for node in thread.nodes] == [Role.CONTEXT, Role.MAIN, Role.MAIN]
    assert isinstance(thread.nodes[0], Post)
    assert thread.completeness.top_proven


def test_a_note_whose_beginning_has_no_mark_is_filled_by_another_source(site: Birdsite) -> None:
    note = "The harbour board has known since March. " * 12
    [_, second] = site.thread(2)
    site.change(second, text=note[:270].strip(), note=note.strip())
    thread, _ = site.collect(second)
    assert [post.truncated for post in thread.posts] == [False, True]
    site.up.add("fxtwitter")
    thread, _ = site.collect(second, "fxtwitter")
    assert [post.truncated for post in thread.posts] == [False, False]
    assert html.plain(thread.posts[1].content) == note.strip()


def test_an_edited_post_is_one_post_with_its_versions(site: Birdsite) -> None:
    first = site.write("Fist draft")
    second, third = site.write("First darft"), site.write("First draft")
    for id_ in (first, second, third):
        site.change(id_, editions=(first, second, third))
    last = site.write("And the rest", third)
    site.up.add("api_v2")
    thread, _ = site.collect(last, "api_v2")
    assert [post.id for post in thread.posts] == [third, last]
    assert {one.version for one in thread.observations if one.version} == {first, second}
    assert thread.posts[0].created_at == site.tweets[first].time
    assert thread.posts[0].edited_at == site.tweets[third].time


def test_posts_of_one_second_keep_their_order(site: Birdsite) -> None:
    ids: list[str] = []
    for number in range(5):
        ids.append(site.write(f"At once {number}", ids[-1] if ids else None, after=0.001))
    thread, _ = site.collect(ids[-1])
    assert [post.id for post in thread.posts] == ids
    assert len({post.created_at.replace(microsecond=0) for post in thread.posts}) == 1


def test_a_post_that_is_gone_everywhere_is_said_to_be_gone(site: Birdsite) -> None:
    [id_] = site.thread(1)
    site.change(id_, gone="This Post was deleted by the Post author. Learn more")
    with pytest.raises(Gone, match="deleted by the Post author"):
        site.collect(id_)


def test_nothing_reachable_is_a_fault_of_the_network(site: Birdsite) -> None:
    [id_] = site.thread(1)
    site.fault = lambda request: NetworkError("down")
    with pytest.raises(NetworkError):
        site.collect(id_)


def stopping(site: Birdsite, after: int) -> None:
    """Have the user press Ctrl-C at a request."""

    def fault(request: Request) -> None:
        if len(site.exchanges) >= after:
            raise KeyboardInterrupt

    site.fault = fault


def test_ctrl_c_leaves_what_had_come(site: Birdsite) -> None:
    ids = site.thread(12)
    stopping(site, 5)
    thread, _ = site.collect(ids[-1])
    assert [post.id for post in thread.posts] == ids[-5:]
    assert (thread.completeness.verdict, thread.completeness.stop) == (Verdict.PARTIAL, "stopped by the user")
    stopping(site, 0)
    with pytest.raises(Interrupted):
        site.collect(ids[-1])


def test_ctrl_c_leaves_what_had_come_of_a_storm(site: Birdsite) -> None:
    site.captured = set(storm_of(site))
    stopping(site, 9)
    thread, _ = site.storm(*WINDOW)
    assert 0 < len(thread.posts) < 10
    assert thread.completeness.verdict is Verdict.PARTIAL
    stopping(site, 0)
    with pytest.raises(Interrupted):
        site.storm(*WINDOW)


def test_ctrl_c_while_neighbours_are_looked_for_stops(site: Birdsite) -> None:
    [id_] = site.thread(1)
    site.collect(id_)
    stopping(site, len(site.urls) - 1)
    thread, _ = site.collect(id_)
    assert len(thread.posts) == 1
    assert thread.completeness.stop == "stopped by the user"


def test_an_answer_in_an_unknown_shape_does_not_stop_the_other_sources(site: Birdsite) -> None:
    ids = site.thread(3)
    site.up.add("api_v2")
    site.fault = lambda request: b'[[["x"]], [[1]]]' if "/cdx/" in request.url else None
    thread, failures = site.storm(*WINDOW, "api_v2")
    assert texts(thread) == written(site, ids)
    [failure] = failures
    assert failure.route == "wayback"
    assert "unknown shape" in str(failure)


def test_a_failing_search_for_neighbours_costs_nothing_but_the_hint(site: Birdsite) -> None:
    [id_] = site.thread(1)
    site.up = {"syndication"}
    thread, failures = site.collect(id_)
    assert len(thread.posts) == 1
    assert sum("prefix" in str(failure) and "859%" in str(failure) for failure in failures) == 0
    assert "storm" not in thread.hint
    assert "save a later post's URL" in thread.hint


def test_a_window_in_which_nothing_was_posted_says_so(site: Birdsite) -> None:
    with pytest.raises(Refused, match="no post by @SenMarlow from 2017-05-03 14:30 to 2017-05-04 06:00 UTC"):
        site.storm(*WINDOW)


def test_a_window_that_nobody_could_look_into_is_a_failure(site: Birdsite) -> None:
    site.fault = lambda request: NetworkError("down")
    with pytest.raises(NetworkError, match="down"):
        site.storm(*WINDOW)


def test_posts_that_answer_others_stand_behind_the_storm_and_what_they_answer_is_not_part_of_it(site: Birdsite) -> None:
    other = site.write("Is that so?", handle="ann_ash", name="Ann Ash", user="42")
    first, answer, last = site.write("One"), site.write("@ann_ash It is.", other), site.write("Two")
    site.up.add("api_v2")
    thread, _ = site.storm(*WINDOW, "api_v2")
    assert [(node.id, thread.roles[node.id]) for node in thread.nodes] == [
        (first, Role.MAIN),
        (last, Role.MAIN),
        (answer, Role.ANSWER),
    ]
    assert (thread.completeness.found, thread.completeness.expected) == (2, 2)


def test_other_peoples_posts_in_an_article_are_shown_as_theirs(site: Birdsite) -> None:
    ids = [*storm_of(site)[:3], site.write("A voice", handle="ann_ash", name="Ann Ash", user="42")]
    site.article = site.embedding(ids)
    thread, _ = site.embedded()
    assert [thread.roles[id_] for id_ in ids] == [Role.MAIN] * 3 + [Role.OTHER]
    assert (thread.author.handle, thread.url) == (HANDLE, f"https://x.com/{HANDLE}")


def test_an_article_without_posts_or_that_is_not_there_says_so(site: Birdsite) -> None:
    with pytest.raises(Refused, match="answered 404"):
        site.embedded()
    site.article = "<html><body>Nothing</body></html>"
    with pytest.raises(Refused, match="no embedded post"):
        site.embedded()


def test_a_later_capture_of_a_storm_keeps_what_the_earlier_one_had(site: Birdsite) -> None:
    ids = storm_of(site)
    site.up.add("api_v2")
    before, _ = site.storm(*WINDOW, "api_v2")
    site.change(ids[3], gone="This Post was deleted by the Post author. Learn more")
    site.hidden = {"api_v2": {ids[3]}, "wayback": {ids[3]}}
    after, _ = site.storm(*WINDOW, "api_v2")
    assert ids[3] not in [post.id for post in after.posts]
    merged = merge(before, after)
    assert [post.id for post in merged.posts] == ids
    assert merged.completeness.found == merged.completeness.expected == 44


def test_five_hundred_posts_are_not_slow(site: Birdsite) -> None:
    ids = site.thread(500)
    site.up.add("api_v2")
    site.search_page = 100
    thread, _ = site.collect(ids[250], "api_v2")
    assert [post.id for post in thread.posts] == ids
    assert len(site.urls) <= 9


def test_the_owners_archive_is_enough_by_itself() -> None:
    elements = [status(number, f"Part {number}", answers=number - 1 if number else None) for number in range(3)]
    answers = {
        "tweets": [{"tweet": element} for element in elements],
        "notes": [],
        "account": {"accountId": "7", "username": "wren", "accountDisplayName": "Wren"},
        "media": {},
    }

    def send(request: Request) -> Response:
        [part] = [part for part in answers if request.url.endswith(f"/{part}.json")]
        body = json.dumps(answers[part]).encode()
        return Response(request=request, url=request.url, status=200, headers=(), body=body, fetched_at=MORNING)

    root = elements[0]["id_str"]
    thread, failures = collect(find_platform("x"), Ref(url="x", id=root, source="x_archive"), send)
    assert [html.plain(post.content) for post in thread.posts] == ["Part 0", "Part 1", "Part 2"]
    assert (thread.route, failures, thread.completeness.verdict) == ("x_archive", (), Verdict.COMPLETE)


def test_a_chain_is_climbed_post_by_post_where_nothing_else_is_left(site: Birdsite) -> None:
    ids = site.thread(12)
    site.up = {"api_v2"}
    site.fault = lambda request: (403, {"title": "Forbidden"}) if "/search/" in request.url else None
    thread, failures = site.collect(ids[-1], "api_v2")
    assert [post.id for post in thread.posts] == ids
    assert {failure.route for failure in failures} == {"api_v2", "syndication", "wayback"}


YEARS = 4 * 365 * 86_400  # seconds; pages captured so much later hold one post at most


def test_a_later_thread_is_not_looked_for_in_captures(site: Birdsite) -> None:
    site.write("Long ago", handle="ann_ash", name="Ann Ash", user="42")
    ids = [site.write("One", after=YEARS)]
    ids.append(site.write("Two", ids[0]))
    thread, _ = site.collect(ids[1])
    assert [post.id for post in thread.posts] == ids
    assert asked(site, "web.archive.org") == 0


def test_a_later_lone_post_may_be_part_of_a_storm_too(site: Birdsite) -> None:
    site.write("Long ago", handle="ann_ash", name="Ann Ash", user="42")
    ids = [site.write("One", after=YEARS), *(site.write(f"More {number}") for number in range(3))]
    site.captured = set(ids)
    thread, _ = site.collect(ids[0])
    assert f"archiver storm {HANDLE}" in thread.hint
    assert asked(site, "/web/2") == 0


FALSE_PARENTS = {"itself": 20, "a later post": 23}


@pytest.mark.parametrize("place", [0, 20, 39])
@pytest.mark.parametrize("answered", FALSE_PARENTS)
def test_a_post_that_is_said_to_answer_itself_or_a_later_one_proves_nothing(
    site: Birdsite, place: int, answered: str
) -> None:
    ids = site.thread(40)
    site.up = {"api_v2"}
    honest = site._api_v2

    def lying(path: str, query: dict[str, str]) -> Answer:
        status, told = honest(path, query)
        for post in told.get("data", []):
            if post["id"] == ids[20]:
                post["referenced_tweets"] = [{"type": "replied_to", "id": ids[FALSE_PARENTS[answered]]}]
        return status, told

    site._api_v2 = lying  # type: ignore[method-assign]
    thread, _ = site.collect(ids[place], "api_v2")
    assert thread.completeness.verdict is not Verdict.COMPLETE
    assert {post.id for post in thread.posts} == set(ids)


HOSTILE: dict[str, Callable[[str, Any], Any]] = {
    "ids as numbers": lambda name, value: int(value) if isinstance(value, str) and value.isdecimal() else value,
    "texts without a text": lambda name, value: None if name in ("text", "full_text") else value,
    "authors without a name": lambda name, value: None if name in ("screen_name", "username") else value,
    "counts that are none": lambda name, value: {"a": "1"} if type(value) is int else value,
    "counts without an end": lambda name, value: 10**30 if type(value) is int else value,
    "lists that are objects": lambda name, value: {"0": "1"} if isinstance(value, list) else value,
    "texts that are no text": lambda name, value: True if isinstance(value, str) else value,
    "halves of signs": lambda name, value: f"{value}\ud83d\0" if name == "text" else value,
    "depth": lambda name, value: json.loads("[" * 900 + "]" * 900) if name in ("user", "entities") else value,
}


def twisted(value: Any, twist: Callable[[str, Any], Any], name: str = "") -> Any:
    made = twist(name, value) if name else value
    if made is not value:
        return made
    if isinstance(value, dict):
        return {key: twisted(part, twist, key) for key, part in value.items()}
    return [twisted(part, twist) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("how", HOSTILE)
@pytest.mark.parametrize("source", ["api_v2", "fxtwitter", "syndication"])
def test_no_form_of_an_answer_ends_in_anything_but_one_line(
    site: Birdsite, archive: Archive, source: str, how: str
) -> None:
    ids = site.thread(6)
    site.up = {source, "wayback"}
    honest = getattr(site, f"_{source}")

    def twisting(path: str, query: dict[str, str]) -> Answer:
        status, told = honest(path, query)
        return status, json.dumps(twisted(told, HOSTILE[how]))

    setattr(site, f"_{source}", twisting)
    with suppress(ArchiverError):
        thread, _ = site.collect(ids[-1], source)
        saved(archive, thread)
        assert not [post for post in thread.posts if not html.plain(post.content)]


SPOILT: dict[str, Answer] = {
    "a fault": (502, ""),
    "a refusal": (401, {}),
    "a page of a wall": (403, "<html>"),
    "not found": (404, "<html>"),
    "an empty object": (200, {}),
    "half an answer": (200, '{"id_str": "1'),
}


@pytest.mark.parametrize("is_edited", [False, True])
@pytest.mark.parametrize("how", SPOILT)
def test_a_save_that_stopped_on_its_way_up_is_healed_by_the_next(
    site: Birdsite, archive: Archive, how: str, is_edited: bool
) -> None:
    ids = site.thread(12)
    honest = site._syndication
    site._syndication = lambda path, query: SPOILT[how] if query["id"] == ids[5] else honest(path, query)  # type: ignore[method-assign]
    stopped = capture.archive(archive, site.url(ids[-1]), site.recording, later)
    assert [post.id for post in stopped.document.thread.posts] == ids[6:]
    if is_edited:
        stopped.markdown.write_text(stopped.markdown.read_text(encoding="utf-8") + "My own words.\n", encoding="utf-8")
    site._syndication = honest  # type: ignore[method-assign]
    for _ in range(2):
        whole = capture.archive(archive, site.url(ids[-1]), site.recording, lambda: later(days=1))
        assert [post.id for post in whole.document.thread.posts] == ids
        assert (whole.document.thread.missing, whole.document.thread.gone) == ((), ())
        assert [one.id for one in archive.threads()] == [f"x.com/{ids[0]}"]
        left = {whole.markdown, stopped.markdown} if is_edited else {whole.markdown}
        assert set(whole.markdown.parent.glob("*.md")) == left
        collecting.reparse(archive)
