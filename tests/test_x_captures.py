"""The Wayback Machine as a source: which captures are looked at, what of them is kept, and when it gives up."""

import json
from datetime import timedelta

import pytest
from machine import Kept, Machine, run
from old_pages import at, page, rows, tweet

from archiver.errors import NetworkError, RateLimited
from archiver.model import Missing, Post, Reason, utc
from archiver.platforms.x.captures import look_under, neighbours, window
from archiver.platforms.x.collect import SOURCES
from archiver.platforms.x.state import State
from archiver.platforms.x.tweet import Tweet, author_of
from archiver.routes import Ref

SHELL = '<div id="react-root"></div>'
EMBED = (
    '<blockquote class="twitter-tweet"><p>Words</p>&mdash; Ann (@ann) <a href="https://twitter.com/ann/status/{}">'
    "May 3, 2017</a></blockquote>"
)
DOWN = NetworkError("https://web.archive.org cannot be reached")


def lone(number: int, by: str = "ann", text: str = "Words") -> str:
    return page(tweet(at(number), text, by=by, top=at(number), focal=True))


def kept(number: int, body: object = None, time: str = "20170504", host: str = "twitter.com/ann", **more: str) -> Kept:
    shown = lone(number) if body is None else body
    return Kept(time.ljust(14, "0"), f"https://{host}/status/{at(number)}", shown, **more)  # type: ignore[arg-type]


def looked(machine: Machine, *numbers: int, handles: tuple[str, ...] = ("ann",), state: State | None = None) -> State:
    state = state or State(sources=SOURCES)
    run(look_under(state, [at(number) for number in numbers], handles), machine)
    return state


def replays(machine: Machine) -> list[str]:
    return [asked[:8] for asked in machine.asked if "id_/" in asked]


def reasons(state: State) -> dict[str, Reason]:
    return {id_: node.reason for id_, node in state.nodes().items() if isinstance(node, Missing)}


def test_a_capture_shows_the_post_at_the_time_of_the_capture() -> None:
    state = looked(Machine([kept(0)]), 0)
    [sight] = state.sights[at(0)]
    assert (sight.route, sight.seen_at) == ("wayback", utc("2017-05-04"))
    assert sight.url == f"https://web.archive.org/web/20170504000000/https://twitter.com/ann/status/{at(0)}"
    assert sight.tweet.post


def test_addresses_are_tried_until_one_has_captures() -> None:
    machine = Machine([kept(0, host="mobile.twitter.com/ash")])
    assert looked(machine, 0, handles=("ann", "ash")).has_post(at(0))
    asked = [one.replace(at(0), "0") for one in machine.asked]
    assert asked[:5] == [f"{host}/{who}/status/0*" for host in ("twitter.com", "x.com") for who in ("ann", "ash")] + [
        "mobile.twitter.com/ann/status/0*"
    ]
    assert len(asked) == 7
    machine = Machine([kept(0, host="twitter.com/i/web")])
    assert looked(machine, 0, handles=()).has_post(at(0))
    assert len(machine.asked) == 2


def test_only_useful_captures_of_the_very_post_are_looked_at() -> None:
    other = Kept("20170504000000", f"https://twitter.com/ann/status/{at(0)}1", lone(0))
    strange = Kept("20170504000000", f"https://twitter.com/ann/status/{at(0)}\N{ARABIC-INDIC DIGIT ONE}", lone(0))
    machine = Machine([other, strange, kept(0, status="302"), kept(0, time="2017050401", status="404")])
    assert looked(machine, 0).sights == {}
    assert replays(machine) == []


def test_whole_pages_come_first_then_data_then_the_rest() -> None:
    captures = [
        kept(0, SHELL + "x" * 9999, "20210101"),
        kept(0, "[]", "20210201", mime="application/json"),
        kept(0, SHELL, "20170504", digest="A"),
        kept(0, SHELL + "longer", "20170505"),
        kept(0, SHELL, "20170506", digest="A"),
        kept(0, lone(0), "20210301"),
    ]
    machine = Machine(captures)
    assert reasons(looked(machine, 0)) == {at(0): Reason.NOT_LOADED}
    assert replays(machine) == ["20170505", "20170504", "20210201", "20210101"]


def test_what_no_capture_shows_is_a_gap_that_says_so() -> None:
    state = looked(Machine([kept(0, SHELL, "20210101"), kept(0, SHELL, "20220101", replayed="20190101000000")]), 0)
    [sight] = state.sights[at(0)]
    assert sight.tweet.tombstone
    assert "page without its text" in sight.tweet.tombstone.detail
    assert sight.seen_at == utc("2022-01-01")


@pytest.mark.parametrize(("host", "author"), [("twitter.com/Ann", "@ann"), ("twitter.com/i/web", None)])
def test_whose_an_empty_page_is_only_its_address_tells(host: str, author: str | None) -> None:
    state = looked(Machine([kept(0, SHELL, "20210101", host=host)]), 0, handles=("Ann",) if author else ())
    assert state.nodes()[at(0)].author == author
    answer = Post(
        id=at(1),
        url="",
        author=author_of("ash", "Ann", "101"),
        created_at=utc("2017-05-03"),
        content="",
        in_reply_to=at(0),
    )
    state.add([Tweet(node=answer, parent_author="101")], "syndication", utc("2026-01-01"))
    assert state.nodes()[at(0)].author == "101"


@pytest.mark.parametrize("body", [EMBED.format(at(0)), json.dumps({"url": "x", "html": EMBED.format(at(0))})])
def test_a_page_is_read_by_what_is_in_it(body: str) -> None:
    assert looked(Machine([kept(0, body)]), 0).has_post(at(0))


@pytest.mark.parametrize("body", ['{"id_str": "1"', '[{"id_str": "one", "text": "Words"}]', '{"html": 5}'])
def test_a_strange_capture_is_noted_and_the_next_one_looked_at(body: str) -> None:
    state = looked(Machine([kept(0, body + " " * 9999), kept(0, time="20170505")]), 0)
    assert state.has_post(at(0))
    assert "its bytes are kept" in str(state.failures[0])


def test_one_page_serves_the_posts_that_stand_on_it() -> None:
    thread = rows(tweet(at(1), to="ann"), tweet(at(2), to="ann"))
    machine = Machine([kept(0, page(tweet(at(0), focal=True), thread=thread)), kept(1), kept(2), kept(3)])
    state = looked(machine, 0, 1, 2, 3)
    assert len(replays(machine)) == 2
    assert [state.parent(at(number))[0] for number in range(4)] == [None, at(0), at(1), None]


def test_another_source_does_not_keep_it_from_looking() -> None:
    state = State(sources=SOURCES)
    shown = looked(Machine([kept(0)]), 0).nodes().values()
    state.add([Tweet(node=node) for node in shown], "syndication", utc("2026-01-01"))
    machine = Machine([kept(0)])
    looked(machine, 0, state=state)
    assert len(replays(machine)) == 1


STORY = page(
    tweet(at(3), to="bob", focal=True),
    above=rows(tweet(at(0), by="bob"), tweet(at(1), to="bob"), tweet(at(2), by="bob", to="ann")),
    others=rows(tweet(at(5), by="cy", to="ann"), tweet(at(6), to="cy")),
)


@pytest.mark.parametrize(
    ("replies", "handles", "expected"),
    [(False, ("Ann",), [0, 1, 2, 3, 6]), (True, ("Ann",), [0, 1, 2, 3, 5, 6]), (False, ("former",), [0, 1, 2, 3, 6])],
)
def test_of_other_people_only_what_is_answered_is_kept(
    replies: bool, handles: tuple[str, ...], expected: list[int]
) -> None:
    host = f"twitter.com/{handles[0]}"
    state = looked(
        Machine([kept(3, STORY, host=host)]), 3, handles=handles, state=State(sources=SOURCES, replies=replies)
    )
    assert sorted(state.sights) == [at(number) for number in expected]


def test_a_replay_that_fails_is_noted_and_the_next_one_asked() -> None:
    machine = Machine([kept(0, DOWN), kept(0, time="20210102")])
    state = looked(machine, 0)
    assert state.has_post(at(0))
    assert [str(failure) for failure in state.failures] == [f"wayback: {DOWN}"]


def test_a_post_whose_replays_failed_is_not_called_empty() -> None:
    assert looked(Machine([kept(0, DOWN)]), 0).sights == {}


def test_an_archive_that_does_not_answer_is_left_alone() -> None:
    machine = Machine([kept(0, DOWN, f"2021010{day}") for day in range(1, 5)])
    with pytest.raises(NetworkError, match="cannot be reached"):
        looked(machine, 0)
    assert len(replays(machine)) == 3
    with pytest.raises(RateLimited):
        looked(Machine([kept(0, RateLimited("later"))]), 0)


def storm(machine: Machine, hours: float = 1, state: State | None = None, since: str = "2017-05-03T15:00") -> State:
    state = state or State(sources=SOURCES)
    begin = utc(since)
    until = begin + timedelta(hours=hours)
    run(window(state, Ref(url="https://x.com/ann", id="", author="@ann", since=begin, until=until)), machine)
    return state


def test_a_window_is_found_by_how_its_ids_begin() -> None:
    machine = Machine([kept(number) for number in (-1, 0, 1, 59, 60)])
    state = storm(machine)
    assert sorted(state.sights) == [at(0), at(1), at(59)]
    assert all(node.route == "wayback" for node in state.nodes().values() if not isinstance(node, Missing))
    asked = [one for one in machine.asked if "id_/" not in one]
    assert all(one.startswith("twitter.com/ann/status/8597") for one in asked)
    assert len(asked) <= 3


def test_the_earliest_useful_capture_is_replayed() -> None:
    machine = Machine([kept(0, SHELL, "20180101"), kept(0, time="20190101"), kept(0, time="20190102")])
    storm(machine)
    assert replays(machine) == ["20180101", "20190101"]


def test_what_is_known_whole_is_not_replayed() -> None:
    machine = Machine([kept(0), kept(1)])
    storm(machine, state=looked(Machine([kept(0)]), 0))
    assert [asked.rpartition("/")[2] for asked in machine.asked if "id_/" in asked] == [at(1)]


def test_of_a_page_only_the_authors_posts_of_the_window_are_kept() -> None:
    renamed = lone(7).replace('data-screen-name="ann"', 'data-screen-name="ash"')
    machine = Machine([kept(3, STORY), kept(7, renamed), kept(8, lone(8, by="bob")), kept(9, SHELL, "20210101")])
    state = storm(machine)
    assert sorted(state.sights) == [at(number) for number in (1, 3, 6, 7, 9)]
    assert reasons(state) == {at(9): Reason.NOT_LOADED, at(0): Reason.NOT_LOADED, at(2): Reason.NOT_LOADED}
    later = storm(Machine([kept(3, STORY)]), since="2017-05-03T15:02")
    assert sorted(later.sights) == [at(3), at(6)]


def hosts(machine: Machine) -> list[str]:
    return list(dict.fromkeys(asked.partition("/")[0] for asked in machine.asked if "id_/" not in asked))


def test_the_phone_page_is_asked_for_where_nothing_is_found() -> None:
    machine = Machine([kept(0, host="mobile.twitter.com/ann")])
    assert storm(machine).has_post(at(0))
    assert hosts(machine) == ["twitter.com", "mobile.twitter.com"]


def test_x_is_asked_for_since_it_is_called_so() -> None:
    machine = Machine()
    storm(machine, since="2024-01-01")
    assert hosts(machine) == ["twitter.com", "x.com", "mobile.twitter.com"]


def test_neighbours_are_counted_with_one_question() -> None:
    machine = Machine([kept(number) for number in (-400, -300, 0, 2, 300, 400)] + [kept(2, time="2019")])
    assert len(run(neighbours(State(sources=SOURCES), at(0), "ann"), machine)) == 3
    assert len(machine.asked) == 1
    state = State(sources=SOURCES)
    state.add([Tweet(node=Missing(id=at(2), reason=Reason.UNKNOWN))], "wayback", utc("2020-01-01"))
    assert run(neighbours(state, at(0), "ann"), Machine([kept(0), kept(2)])) == {}


def test_a_post_without_a_time_has_no_neighbours() -> None:
    machine = Machine()
    assert run(neighbours(State(sources=SOURCES), "20", "ann"), machine) == {}
    assert machine.asked == []
