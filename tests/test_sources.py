"""Posts that several sources show: which one is shown in the end, and what is kept of the others."""

from dataclasses import replace

import pytest
from samples import NOON, a_post, a_thread, later, saved, sql

from archiver.model import Kind, Observation, Thread
from archiver.store.store import Archive
from archiver.threads.merge import merge

ORDER = ("best", "good", "poor")


def shown(route: str, content: str, **fields: object) -> Thread:
    """A thread of one post as one source has it; contents are seen in their alphabetical order."""
    seen = Observation(post="1", route=route, seen_at=later(minutes=ord(content[3])), content=content)
    post = a_post(1, content, route=route, **fields)
    return a_thread(post, route=route, observations=(seen,))


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        (shown("best", "<p>a</p>"), shown("poor", "<p>b</p>"), "<p>a</p>"),
        (shown("poor", "<p>a</p>"), shown("best", "<p>b</p>"), "<p>b</p>"),
        (shown("best", "<p>a</p>", truncated=True), shown("poor", "<p>b</p>"), "<p>b</p>"),
        (shown("poor", "<p>a</p>"), shown("best", "<p>b</p>", truncated=True), "<p>a</p>"),
        (shown("good", "<p>a</p>"), shown("good", "<p>b</p>"), "<p>b</p>"),
        (shown("unheard of", "<p>a</p>"), shown("poor", "<p>b</p>"), "<p>b</p>"),
    ],
)
def test_the_better_source_is_shown_and_a_whole_text_before_a_beginning(
    archive: Archive, first: Thread, then: Thread, expected: str
) -> None:
    id_ = saved(archive, first, order=ORDER)
    saved(archive, merge(archive.document(id_).thread, then), latest=then, order=ORDER, days=1)
    document = archive.document(id_)
    assert document.thread.posts[0].content == expected
    assert [one.content for one in document.thread.observations] == ["<p>a</p>", "<p>b</p>"]
    versions = [version.content for found in document.versions.values() for version in found]
    assert versions == (["<p>a</p>"] if first.route == then.route else [])


def test_a_lesser_source_does_not_overwrite_a_post_in_another_thread_either(archive: Archive) -> None:
    id_ = saved(archive, a_thread(a_post(1, "<p>a</p>", route="best"), a_post(2)), order=ORDER)
    other = a_thread(a_post(3), a_post(1, "<p>b</p>", route="poor"), kind=Kind.STORM)
    saved(archive, other, order=ORDER, days=1)
    assert archive.document(id_).thread.posts[0].content == "<p>a</p>"
    assert [post.content for post in archive.document("3").thread.posts][1] == "<p>a</p>"


def test_each_source_and_capture_is_an_observation_of_its_own(archive: Archive) -> None:
    seen = tuple(
        Observation(post="1", route=route, seen_at=later(minutes=minute), content=f"<p>{minute}</p>", url=url)
        for route, minute, url in [
            ("best", 1, ""),
            ("poor", 2, "https://web.example/1"),
            ("poor", 3, "https://web.example/2"),
        ]
    )
    id_ = saved(archive, a_thread(a_post(1), observations=seen))
    assert archive.document(id_).thread.observations == seen
    assert sql(archive, "SELECT route, url, content FROM observations ORDER BY seen_at") == [
        ("best", "", "<p>1</p>"),
        ("poor", "https://web.example/1", "<p>2</p>"),
        ("poor", "https://web.example/2", "<p>3</p>"),
    ]


def test_a_post_that_has_a_new_id_since_it_was_edited_is_an_earlier_version_of_that_one(archive: Archive) -> None:
    id_ = saved(
        archive,
        a_thread(
            a_post(0),
            replace(shown("best", "<p>tyop</p>").posts[0]),
            observations=(Observation(post="1", route="best", seen_at=NOON, content="<p>tyop</p>"),),
        ),
    )
    edited = Observation(post="2", route="best", seen_at=later(days=1), content="", version="1")
    now = Observation(post="2", route="best", seen_at=later(days=1), content="<p>typo</p>")
    new = a_thread(a_post(0), a_post(2, "<p>typo</p>"), observations=(edited, now))
    saved(archive, merge(archive.document(id_).thread, new), latest=new, days=1)
    thread = archive.document(id_).thread
    assert [post.id for post in thread.posts] == ["0", "2"]
    assert [(one.version, one.content) for one in thread.observations if one.post == "2"] == [
        ("", "<p>typo</p>"),
        ("1", ""),
    ]
