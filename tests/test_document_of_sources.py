"""What a document says of a thread that several sources show, and of a storm."""

from dataclasses import replace
from datetime import datetime

import pytest
from samples import ANN, BO, NOON, a_post, a_thread, later

from archiver.exporters.markdown import render
from archiver.exporters.names import file_name
from archiver.exporters.post import byline
from archiver.model import Attachment, Completeness, Document, Kind, Observation, Post, Role, Run, Thread

RUN = Run(id="r1", url="https://x.example/ann/1", tool="thread-archiver 0", started_at=NOON, finished_at=later(hours=1))
LONG = "The harbour board has met three times since March and has not once asked the ferry's crew"
CAPTURE = "https://web.example/2017/1"


def seen(post: str, route: str, content: str, url: str = "", version: str = "", at: datetime = NOON) -> Observation:
    return Observation(post=post, route=route, seen_at=at, content=content, url=url, version=version)


def text_of(*posts: Post, observations: tuple[Observation, ...] = (), **fields: object) -> str:
    thread = replace(a_thread(*posts, route="main"), observations=observations, **fields)
    return render(Document(thread=thread, run=RUN))


def test_a_post_says_who_showed_it_where_that_is_not_the_source_of_the_thread() -> None:
    text = text_of(
        a_post(1, route="main"),
        a_post(2, route="other"),
        a_post(3, route="web"),
        observations=(seen("1", "main", "<p>a</p>"), seen("3", "web", "<p>Post number 3</p>", CAPTURE)),
    )
    first, second, third = text.split("## Post ")[1:]
    assert "as shown by" not in first
    assert "as shown by the route “other”" in second
    assert f"as shown by the route “web”, [captured 12 March 2026, 12:00 UTC]({CAPTURE})" in third


def test_each_capture_is_linked_and_one_page_that_shows_all_is_named_once() -> None:
    posts = a_post(1, route="main"), a_post(2, route="main")
    captures = [seen(post, "main", f"<p>Post number {post}</p>", f"{CAPTURE}/{post}") for post in ("1", "2")]
    assert text_of(*posts, observations=tuple(captures)).count("as shown by the route “main”, [captured") == 2
    article = [replace(one, url="https://news.example/a") for one in captures]
    text = text_of(*posts, observations=tuple(article))
    assert "as shown by" not in text
    assert "> All posts are shown as the route “main” kept them, in <https://news.example/a>: a copy" in text
    file = [replace(one, url="file:page.html") for one in captures]
    assert "kept them, in file:page.html: a copy" in text_of(*posts, observations=tuple(file))


@pytest.mark.parametrize(
    ("shown", "other", "differs"),
    [
        ("<p>It is off</p>", "<p>It is on</p>", True),
        (f"<p>{LONG} or anybody else.</p>", f"<p>{LONG}</p>", False),
        (f"<p>{LONG} or anybody else.</p>", f"<p>{LONG}…</p>", False),
        ("<p>See https://a.example/long/way</p>", "<p>See  a.example/long…</p>", False),
        ("<p>See this</p>", "<p>See this pic.twitter.com/abc</p>", False),
        ("<p>Not</p>", "<p>Not guilty</p>", True),
    ],
)
def test_sources_contradict_each_other_where_the_words_differ(shown: str, other: str, differs: bool) -> None:
    observations = (seen("1", "main", shown), seen("1", "web", other, CAPTURE))
    text = text_of(a_post(1, shown, route="main"), a_post(2), observations=observations)
    assert ("[1 source shows it differently](#shown-differently)" in text) is differs
    assert ("## Shown differently\n\nPost 1 as shown by the route “web”, [captured" in text) is differs
    if differs:
        assert f"> {other[3:-4]}" in text


def test_earlier_versions_that_sources_know_of_are_shown_or_named() -> None:
    versions = (
        seen("1", "a", "", version="90"),
        seen("1", "b", "<p>tyop</p>", version="90"),
        seen("1", "a", "", version="100"),
    )
    text = text_of(a_post(1, edited_at=later(minutes=20)), a_post(2), observations=versions)
    assert ", [2 earlier versions](#earlier-versions)" in text
    first, then = text.index("Post 1 before it was edited, version 90:\n\n> tyop"), text.index("version (100)")
    assert first < then
    assert "Post 1 had an earlier version (100). Its text was not captured." in text


def test_a_cut_post_and_a_time_that_is_only_a_day_say_so() -> None:
    text = text_of(a_post(1, day_only=True), a_post(2, truncated=True), a_post(3))
    assert "2 posts, 12 March 2026 ·" not in text
    assert "3 posts, 12 March 2026, 12:01 to 12:03 UTC" not in text
    assert "3 posts, 12 March 2026 · captured" in text
    assert "## Post 1\n\n12 March 2026 · [original]" in text
    assert "**Only the beginning of this post was shown.**" in text.split("## Post 2")[1].split("## Post 3")[0]
    spread = text_of(a_post(1, day_only=True), a_post(2, created_at=later(days=2)))
    assert "2 posts, 12 March 2026 to 14 March 2026 · captured" in spread


def a_storm() -> Thread:
    thread = a_thread(a_post(1), a_post(5, author=BO), a_post(2), kind=Kind.STORM, id="storm/7/x/y", focus="")
    return replace(thread, roles={**thread.roles, "5": Role.OTHER}, completeness=Completeness(found=2))


def test_a_storm_is_no_thread() -> None:
    text = render(Document(thread=a_storm(), run=RUN))
    assert "\nkind: storm\n" in text
    assert "[the author’s page](" in text
    assert "**Not known to be the whole storm: 2 posts.**" in text
    assert text.index("## Post 1") < text.index(f"## Other post 1\n\n{byline(BO)}") < text.index("## Post 2")


def test_a_storm_has_a_file_name_that_no_thread_has() -> None:
    names = {file_name(a_storm()), file_name(replace(a_storm(), id="storm/7/x/z")), file_name(a_thread(a_post(1)))}
    assert len(names) == 3
    assert any(name.startswith(f"2026-03-12_{ANN.handle.replace('@', '_')}_storm-") for name in names)


def test_a_file_that_the_archive_holds_is_named() -> None:
    held = Attachment(kind="image", url="https://p.example/1.jpg", alt="A heron", file="media/ab/abc.jpg")
    text = text_of(a_post(1, attachments=(held,)))
    assert "[Image 1 of 1](https://p.example/1.jpg), kept as media/ab/abc.jpg, described by the author: A heron" in text
