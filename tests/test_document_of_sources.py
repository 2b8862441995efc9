"""What a document says of a thread that several sources show, and of a storm."""

from dataclasses import replace
from datetime import datetime

import pytest
from samples import ANN, BO, NOON, a_post, a_thread, later

from archiver.exporters.file_names import file_name
from archiver.exporters.markdown import render
from archiver.exporters.markdown_words import byline
from archiver.exporters.style import Style
from archiver.model import (
    Attachment,
    Completeness,
    Document,
    Kind,
    Missing,
    Observation,
    Post,
    Reason,
    Role,
    Run,
    Thread,
)

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


def held(ending: str, **fields: object) -> Attachment:
    fields = {"kind": "image", "url": "https://p.example/1", "file": f"media/ab/abc{ending}", **fields}
    return Attachment(**fields)


def test_a_picture_that_the_archive_holds_is_shown_with_its_description() -> None:
    text = text_of(a_post(1, attachments=(held(".jpg", alt="A [heron]"), held(".png"))))
    assert (
        "\n\n![A &#91;heron&#93;](../media/ab/abc.jpg)\n\n"
        "[Image 1 of 2](https://p.example/1), described by the author: A \\[heron\\]\n\n"
        "![](../media/ab/abc.png)\n\n[Image 2 of 2](https://p.example/1), no description by the author\n\n"
    ) in text


def test_what_is_no_picture_or_is_marked_as_sensitive_is_linked() -> None:
    film = held(".mp4", kind="video", url="")
    assert "Video 1 of 1, [copy kept](../media/ab/abc.mp4), no description" in text_of(a_post(1, attachments=(film,)))
    hidden = a_post(1, attachments=(held(".jpg"), held(".jpg", kind="card", title="Nests")), sensitive=True)
    text = text_of(hidden)
    assert "[Image 1 of 1](https://p.example/1), [copy kept](../media/ab/abc.jpg), no description" in text
    assert "![" not in text
    shown = render(Document(thread=a_thread(hidden), run=RUN), Style(sensitive=True))
    assert shown.count("![](../media/ab/abc.jpg)") == 2
    assert "copy kept" not in shown


def test_a_file_that_could_not_be_fetched_says_so() -> None:
    lost = Attachment(kind="video", url="https://p.example/1", fault="it is larger than 50 MB")
    text = text_of(a_post(1, attachments=(lost,)))
    assert "[Video 1 of 1](https://p.example/1), no copy kept (it is larger than 50 MB), no description by" in text


@pytest.mark.parametrize(
    "path", ["media/../../etc/passwd", "/etc/passwd", "media/.x", "media/a b", "media/a)", "a.jpg"]
)
def test_a_path_that_leads_elsewhere_is_none(path: str) -> None:
    text = text_of(a_post(1, attachments=(Attachment(kind="image", url="", file=path),)))
    assert "Image 1 of 1 (the platform has lost it), no description by the author" in text


def test_links_are_listed_once_a_post_with_those_of_previews_and_quotes() -> None:
    again = '<p><a href="https://a.example/">a</a> <a href="https://a.example/">again</a></p>'
    card = Attachment(kind="card", url="https://b.example/", title="B")
    deepest = a_post(8, '<p><a href="https://d.example/">d</a></p>')
    deep = a_post(7, '<p><a href="https://c.example/">c</a></p>', author=BO, quote=deepest)
    deep = replace(deep, quote=replace(deepest, quote=a_post(9, again.replace("a.example", "e.example"))))
    post = a_post(
        1, again, attachments=(card, replace(card, url="https://a.example/"), replace(card, url="")), quote=deep
    )
    assert text_of(post, a_post(2, again)).split("## Links\n\n")[1].split("\n\n---")[0].splitlines() == [
        "1. Post 1: <https://a.example/>",
        "2. Post 1: <https://b.example/> (link preview)",
        "3. Post 1: <https://c.example/> (in the quoted post)",
        "4. Post 1: <https://d.example/> (in the quoted post)",
        "5. Post 2: <https://a.example/>",
    ]


def test_who_is_answered_is_named_where_that_is_known() -> None:
    bo = replace(BO, id="did:plc:bo", url="https://social.example/@bo")
    quoting = a_post(1, quote=a_post(7, author=bo))
    answers = [a_post(n, in_reply_to=to) for n, to in ((3, "at://did:plc:bo/post/1"), (4, "gone"), (5, "at://x/1"))]
    gap = Missing(id="gone", reason=Reason.BLOCKED, author=bo.id)
    reply = a_post(6, author=bo, in_reply_to="at://did:plc:bo/post/2")
    roles = {"1": Role.MAIN, "gone": Role.REPLY, "6": Role.REPLY} | dict.fromkeys(("3", "4", "5"), Role.ANSWER)
    text = text_of(quoting, *answers, gap, reply, roles=roles)
    bo_link = "[@bo@social.example](https://social.example/@bo)"
    assert f"## Post 2\n\nin answer to {bo_link} · 12:03 UTC" in text
    assert f"## Post 3\n\nin answer to a missing post by {bo_link} · 12:04 UTC" in text
    assert "## Post 4\n\nin answer to somebody else · 12:05 UTC" in text
    assert f"in answer to a post by {bo_link} that is not here" in text
