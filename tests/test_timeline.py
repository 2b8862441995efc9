"""The timeline: every post of the author has its shape in its place, and the words say the same."""

import re
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from cases import cases, document, name
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import NOON, a_post, a_thread, later, times

from archiver.exporters import timeline
from archiver.exporters.page.style import STYLE
from archiver.exporters.style import Style
from archiver.exporters.view import View
from archiver.model import Attachment, Document, Kind, Missing, Node, Observation, Reason, Role, Run, Version

RUN = Run(id="r", url="https://social.example/@ann/1", tool="t", started_at=NOON)
NEW_YORK = ZoneInfo("America/New_York")
SVG = "{http://www.w3.org/2000/svg}"


def a_storm(*nodes: Node, **more: object) -> Document:
    about = {key: more.pop(key) for key in ("gone", "observations", "kind") if key in more}
    return Document(thread=a_thread(*nodes, **{"kind": Kind.STORM, **about}), run=RUN, **more)


def drawn(document: Document, zone: tzinfo | None = None) -> View:
    return View(document, Style(zone=zone))


def shapes(picture: str) -> list[tuple[str, str, float]]:
    """Each shape of a post: its class, what it is called, how far right it stands."""
    tree = ElementTree.fromstring(picture)
    found = [shape for shape in tree.iter() if shape.tag in (f"{SVG}circle", f"{SVG}rect") and len(shape)]
    return [
        (
            f"{shape.tag.removeprefix(SVG)} {shape.get('class')}",
            shape[0].text,
            float(shape.get("cx") or shape.get("x", "")),
        )
        for shape in found
    ]


@pytest.mark.parametrize("case", cases(), ids=name)
def test_every_telling_case_has_a_picture_of_all_its_posts(case: Path) -> None:
    made = document(case)
    if not timeline.is_telling(drawn(made)):
        assert timeline.inline(drawn(made)) == ""
        return
    picture = timeline.file(drawn(made, NEW_YORK))
    assert len(shapes(picture)) == len(timeline.marks(drawn(made)))
    assert picture == timeline.file(drawn(made, NEW_YORK))


def test_each_kind_of_post_has_its_shape_and_its_words() -> None:
    picture = Attachment(kind="image", url="https://files.example/1.png")
    gap = Missing(id="6", reason=Reason.DELETED, author="7", created_at=later(minutes=30))
    placed = Missing(id="7", reason=Reason.DELETED, author="7")
    made = a_storm(
        a_post(1),
        a_post(2, attachments=(picture, Attachment(kind="card", url=""))),
        a_post(3, edited_at=later(hours=1)),
        a_post(4),
        a_post(5, edited_at=NOON, attachments=(picture,)),
        gap,
        placed,
        a_post(8, day_only=True),
        a_post(90),
        gone=(Missing(id="4", reason=Reason.DELETED),),
        versions={"1": (Version(content="", summary=None, seen_at=NOON),)},
        observations=(Observation(post="90", route="r", seen_at=NOON, content="", version="v"),),
    )
    assert [(shape, words) for shape, words, _ in shapes(timeline.file(drawn(made)))] == [
        ("circle t-edited", "post 1, 12 March 2026, 12:01 UTC, edited"),
        ("rect t-post", "post 2, 12 March 2026, 12:02 UTC, with media"),
        ("circle t-edited", "post 3, 12 March 2026, 12:03 UTC, edited"),
        ("circle t-post", "post 4, 12 March 2026, 12:04 UTC, no longer on the platform"),
        ("rect t-edited", "post 5, 12 March 2026, 12:05 UTC, with media, edited"),
        ("circle t-gap", "a missing post, after 12 March 2026, 12:05 UTC"),
        ("circle t-gap", "a missing post, 12 March 2026, 12:30 UTC"),
        ("circle t-edited", "post 7, 12 March 2026, 13:30 UTC, edited"),
    ]
    assert timeline.words_of(drawn(made)) == (
        "Timeline of 6 posts, 12 March 2026, 12:01 to 13:30 UTC. "
        "Most in one hour: 7, from 12:01 UTC on 12 March 2026. "
        "Longest pause: 1 hour, after a missing post. "
        "With pictures or other media: post 2, post 5. Edited: post 1, post 3, post 5, post 7. "
        "No longer on the platform: post 4. 2 posts missing. "
        "Not in it: 1 post of which only the day is known."
    )
    shown = timeline.inline(drawn(made))
    assert f'aria-label="{timeline.words_of(drawn(made))}"' in shown
    assert "a crossed one is no longer on the platform, a dashed ring is missing. Times in UTC." in shown
    assert shown.count("t-gone") == 1


def test_a_picture_that_would_tell_nothing_is_not_drawn() -> None:
    assert not timeline.is_telling(drawn(a_storm(a_post(1))))
    assert not timeline.is_telling(drawn(a_storm(a_post(1), a_post(2, created_at=later(minutes=1)))))
    assert not timeline.is_telling(drawn(a_storm(a_post(1), a_post(2), kind=Kind.THREAD)))
    assert timeline.is_telling(drawn(a_storm(*(a_post(number) for number in range(1, 9)), kind=Kind.THREAD)))
    lost = Missing(id="1", reason=Reason.DELETED, author="7")
    other = replace(a_storm(a_post(1), a_post(2)).thread, roles={"1": Role.OTHER, "2": Role.OTHER})
    assert timeline.marks(drawn(a_storm(lost))) == timeline.marks(drawn(Document(thread=other, run=RUN))) == ()


def test_there_is_a_second_axis_where_the_zone_is_known() -> None:
    made = a_storm(a_post(1), a_post(2, created_at=later(hours=15)))
    alone, both = timeline.file(drawn(made)), timeline.file(drawn(made, NEW_YORK))
    assert re.findall(r">(\d\d:\d\d)", alone) == ["15:00", "18:00", "21:00", "00:00", "03:00"]
    assert re.findall(r">(\d\d:\d\d)", both)[5:] == ["09:00", "12:00", "15:00", "18:00", "21:00"]
    assert "New York" in both
    assert ", 13 Mar" in alone
    assert "below in America/New_York" in timeline.inline(drawn(made, NEW_YORK))


def test_the_zone_that_a_storm_was_asked_for_in_is_the_second_axis() -> None:
    made = a_storm(a_post(1), a_post(2, created_at=later(hours=15)))
    named = replace(made, run=replace(RUN, zone="America/New_York"))
    assert timeline.file(drawn(named)) == timeline.file(drawn(made, NEW_YORK))
    assert timeline.inline(drawn(named)) == timeline.inline(drawn(made, NEW_YORK))
    assert timeline.file(drawn(named, ZoneInfo("Asia/Tokyo"))) == timeline.file(drawn(made, ZoneInfo("Asia/Tokyo")))
    assert timeline.file(drawn(replace(made, run=replace(RUN, zone="Mars/Base")))) == timeline.file(drawn(made))


def test_posts_of_one_moment_stand_above_each_other() -> None:
    made = a_storm(*(a_post(number, created_at=NOON) for number in range(1, 40)), a_post(99))
    tree = ElementTree.fromstring(timeline.file(drawn(made)))
    heights = [float(shape.get("cy", "")) for shape in tree.iter(f"{SVG}circle") if float(shape.get("cx", "")) < 50]
    assert len(set(heights)) == len(heights) == 39
    assert min(heights) > 0


def test_long_lists_are_cut_and_long_times_are_told_in_days() -> None:
    posts = [a_post(number, edited_at=NOON, created_at=later(days=number)) for number in range(1, 20)]
    words = timeline.words_of(drawn(a_storm(*posts)))
    assert "post 12 and 7 more" in words
    assert "Longest pause: 24 hours" in words
    assert "Longest pause: 3.0 days" in timeline.words_of(
        drawn(a_storm(a_post(1), a_post(2, created_at=later(days=3, minutes=1))))
    )
    assert "Longest pause: 1 hour 2 minutes" in timeline.words_of(drawn(a_storm(a_post(1), a_post(63))))


@given(st.lists(times, min_size=2, max_size=30), st.sampled_from([None, NEW_YORK, ZoneInfo("Asia/Kathmandu")]))
@settings(deadline=None)
def test_any_times_give_a_sound_picture(moments: list[datetime], zone: ZoneInfo | None) -> None:
    made = a_storm(*(a_post(number, created_at=when) for number, when in enumerate(moments, 1)))
    if not timeline.is_telling(drawn(made)):
        return
    tree = ElementTree.fromstring(timeline.file(drawn(made, zone)))
    for shape in tree.iter():
        for coordinate in ("x", "cx", "x1"):
            assert 0 <= float(shape.get(coordinate, 1)) <= timeline.WIDTH
    labels = [text for text in tree.iter(f"{SVG}text")]
    assert len(labels) <= 2 * (timeline.TICKS + 2)


def test_the_picture_in_a_page_takes_the_colours_of_the_page() -> None:
    for kind in set(re.findall(r"\.(t-[a-z]+)", timeline.STYLE)) - {"t-back"}:
        assert f".{kind} {{" in STYLE


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("day", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_the_first_and_last_of_all_moments_have_an_axis_too(day: datetime, zone: str) -> None:
    made = a_storm(a_post(1, created_at=day), a_post(2, created_at=day.replace(hour=23)))
    assert "UTC" in timeline.file(drawn(made, ZoneInfo(zone)))
