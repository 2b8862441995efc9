"""X as a whole: threads from any post, by each source and by all together; storms; what is said of what lacks."""

from datetime import timedelta

import pytest
from birdsite import HANDLE, MORNING, Birdsite

from archiver.errors import Gone, NetworkError
from archiver.model import Post, Reason, Role, Thread, Verdict
from archiver.text import html


def texts(thread: Thread) -> list[str]:
    return [html.plain(post.content) for post in thread.posts if thread.roles[post.id] in (Role.MAIN, Role.ANSWER)]


def written(site: Birdsite, ids: list[str]) -> list[str]:
    return [site.tweets[id_].text for id_ in ids]


@pytest.fixture
def site() -> Birdsite:
    return Birdsite()


@pytest.mark.parametrize("place", [0, 20, 39])
@pytest.mark.parametrize(
    ("on", "most"),
    [("api_v2", 4), ("fxtwitter", 12)],
)
def test_forty_posts_from_any_of_them(site: Birdsite, place: int, on: str, most: int) -> None:
    ids = site.thread(40)
    site.up = {on, "syndication", "wayback"}
    thread, failures = site.collect(ids[place], on)
    assert texts(thread) == written(site, ids)
    assert (thread.id, thread.focus, thread.route, failures) == (ids[0], ids[place], on, ())
    assert thread.completeness.top_proven
    assert len(site.urls) <= most
    whole = on == "api_v2"
    assert thread.completeness.verdict is (Verdict.COMPLETE if whole else Verdict.UNKNOWN)


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
    assert sum("tweet-result" in url for url in site.urls) == 40


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
    thread, _ = site.storm(*WINDOW, "api_v2")
    assert texts(thread) == written(site, ids)
    assert [(post.id, post.route) for post in thread.posts if post.route != "api_v2"] == [(ids[7], "wayback")]
    assert [(gone.id, gone.reason) for gone in thread.gone] == [(ids[7], Reason.DELETED)]
    assert sum("web.archive.org/web/" in url for url in site.urls) == 1


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
