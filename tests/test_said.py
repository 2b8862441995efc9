"""A sentence has one wording, and each form writes its parts in its own escape."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from samples import NOON, a_post, a_thread, later

from archiver.exporters import markdown_words
from archiver.exporters.page import content
from archiver.exporters.said import (
    Address,
    Clause,
    Copy,
    Ending,
    Foreign,
    Link,
    Part,
    Person,
    Quoted,
    Strong,
    Time,
    To,
    answering,
    plain,
)
from archiver.exporters.view import View
from archiver.model import Author, Document, Missing, Reason, Role, Run

BO = Author(id="bo", handle="bo@news.example", name="Bo *B*", url="https://news.example/@bo")
READER = Author(id="reader-1", handle="", name="Reader 1")
HERE = "https://x.example/1"
RUN = Run(id="r", url=HERE, tool="t", started_at=NOON)
VIEW = View(Document(thread=a_thread(a_post(1)), run=RUN))


@pytest.mark.parametrize(
    ("part", "text", "markdown", "html"),
    [
        ("our words", "our words", "our words", "our words"),
        (Foreign("a*b* <i>"), "a*b* <i>", r"a\*b\* &lt;i>", "a*b* &lt;i&gt;"),
        (Clause("it *was*"), "it *was*", r"It \*was\*.", "It *was*."),
        (Ending("so"), "so", "so.", "so."),
        (Quoted("<b>"), "<b>", "&lt;b>", "<bdi>&lt;b&gt;</bdi>"),
        (Strong("Poll"), "Poll", "**Poll**", "<strong>Poll</strong>"),
        (Address(HERE), HERE, f"<{HERE}>", f'<a href="{HERE}" class="bare">{HERE}</a>'),
        (Address("*a*"), "*a*", r"\*a\*", "*a*"),
        (Link(("here",), HERE), "here", f"[here]({HERE})", f'<a href="{HERE}">here</a>'),
        (Link(("here",), "javascript:x"), "here", "here", "here"),
        (Time(later(), "noon"), "noon", "noon", '<time datetime="2026-03-12T12:00:00Z">noon</time>'),
        (To("1"), "post 1", "post 1", '<a href="#post-1">post 1</a>'),
        (To("1", "there"), "there", "there", '<a href="#post-1">there</a>'),
        (
            Copy("media/a.png"),
            "media/a.png",
            "[media/a.png](../media/a.png)",
            '<a href="../media/a.png">media/a.png</a>',
        ),
    ],
)
def test_each_part_is_written_in_the_escape_of_its_form(part: Part, text: str, markdown: str, html: str) -> None:
    assert plain(VIEW, (part,)) == text
    assert markdown_words.written(VIEW, (part,)) == markdown
    assert content.written(VIEW, (part,)) == html


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (Person(BO), r"**Bo \*B\*** · [@bo@news.example](https://news.example/@bo)"),
        (Person(BO, short=True), "[@bo@news.example](https://news.example/@bo)"),
        (Person(READER), "**Reader 1**"),
        (Person(READER, short=True), "Reader 1"),
    ],
)
def test_people_without_a_handle_go_by_their_name(person: Person, words: str) -> None:
    assert markdown_words.written(VIEW, (person,)) == words
    assert plain(VIEW, (person,)) == (f"@{person.author.handle}" if person.author.handle else person.author.name)
    shown = BeautifulSoup(content.written(VIEW, (person,)), "html.parser").get_text()
    assert ("Bo" in shown, "@bo" in shown) == (person.author is BO and not person.short, person.author is BO)
    assert ("Reader 1" in shown) == (person.author is READER)


def test_whom_a_post_answers_is_named_alike_in_every_form() -> None:
    gap = Missing(id="9", reason=Reason.DELETED, author="reader-1")
    quoted = replace(a_post(3), author=READER)
    nodes = (a_post(1, quote=quoted), gap, replace(a_post(2), in_reply_to="9"))
    thread = a_thread(*nodes, roles={"1": Role.MAIN, "9": Role.REPLY, "2": Role.ANSWER})
    view = View(Document(thread=thread, run=RUN))
    sentence = answering(view, thread.posts[1])
    words = "in answer to a missing post by Reader 1"
    assert plain(view, sentence) == words
    assert markdown_words.written(view, sentence) == words
    assert BeautifulSoup(content.written(view, sentence), "html.parser").get_text() == words
