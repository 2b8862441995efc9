"""The article: the words of the posts and nothing else, in one running text that leads back to each of them."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
import yaml
from html_posts import html_posts
from oracle import CONTAINERS, TOGETHER, Render, Sample, Shown, nasty_texts, renderers, views_of, wrong
from samples import BO, NOON, a_post, a_thread, later

from archiver.exporters.article import article, linked, running
from archiver.exporters.markdown_words import blocks
from archiver.exporters.numbering_aside import aside
from archiver.exporters.style import Style
from archiver.exporters.view import View
from archiver.model import (
    Attachment,
    Completeness,
    Document,
    Missing,
    Observation,
    Option,
    Poll,
    Post,
    Reason,
    Role,
    Run,
)
from archiver.text.facets import html_of
from archiver.text.html import clean, plain
from archiver.text.reader import read

SEED = int(os.environ.get("ORACLE_SEED", "1"))
TEXTS = int(os.environ.get("ORACLE_TEXTS", "2000"))
RENDERERS = renderers()
MARKS = frozenset(["em", "strong", "del", "code", "sup"])
RUN = Run(id="r1", url="https://x.example/ann/1", tool="thread-archiver 0", started_at=NOON, finished_at=later(hours=1))
in_every_parser = pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)


def shown_linked(content: str, shown: Sequence[Shown], number: int) -> list[Shown]:
    """What should be seen of a post in an article: its blocks, each paragraph with its number behind it."""
    found = [
        one._replace(text=f"{one.text} [{number}]") if block.tag == "p" and not block.containers else one
        for block, one in zip(read(content), shown, strict=True)
    ]
    ends = found and found[-1].text.endswith(f" [{number}]")
    return found if ends else [*found, Shown((), "p", f"[{number}]")]


def sample(content: str, shown: Sequence[Shown], number: int) -> Sample:
    containers = {tag: found for tag in CONTAINERS if (found := len(re.findall(f"<{tag}[ >]", content)))}
    written = linked(content, number, "https://x.example/p/(1)_2")
    return Sample(content, written, shown_linked(content, shown, number), containers, MARKS)


def texts() -> list[tuple[str, list[Shown]]]:
    made = [html_of(text) for text in nasty_texts(SEED, TEXTS // 5)]
    return [(html, [Shown((), "p", text) for text in re.split(r"(?<!\n)\n\n(?!\n)", plain(html))]) for html in made]


def posts_of_html() -> list[tuple[str, list[Shown]]]:
    return [(clean(source.html), source.shown) for source in html_posts(SEED, TEXTS // 10)]


ALL = [*texts(), *posts_of_html()]


@in_every_parser
def test_no_word_of_a_post_is_changed_dropped_or_added(render: Render) -> None:
    assert wrong(render, [sample(content, shown, number) for number, (content, shown) in enumerate(ALL, 1)]) == []


@in_every_parser
def test_posts_that_follow_each_other_stay_what_they_are(render: Render) -> None:
    """Twenty posts in one text, with what may stand between them: a poll, a quote, a picture, a gap."""
    for start in range(0, len(ALL), TOGETHER):
        batch = ALL[start : start + TOGETHER]
        made = document(
            *(a_post(n, content, in_reply_to=None, **between(n)) for n, (content, _) in enumerate(batch, 1))
        )
        text = blocks("## All", *running(View(made), {}))
        [view] = views_of(render(f"{text}\n"))
        wanted = [
            one for n, (html, shown) in enumerate(batch, 1) for one in (*shown_linked(html, shown, n), *beside(n))
        ]
        assert [(one.around, one.tag, lines(one.text)) for one in view.blocks] == [
            (one.around, one.tag, lines(one.text)) for one in wanted
        ]


def lines(text: str) -> str:
    return re.sub(r"(?m)^ $", "", text)


def between(number: int) -> dict[str, object]:
    fields = ({}, {"poll": Poll(options=(Option(text="Yes", votes=1),))}, {"quote": a_post(90, author=BO)})
    return fields[number % 3]


def beside(number: int) -> list[Shown]:
    said = (
        [],
        [Shown((), "p", "Poll, open"), Shown(("ul", "li"), "p", "Yes: 1 vote")],
        [
            Shown(("blockquote",), "p", "@bo@social.example · 12 March 2026, 13:30 UTC · quoted post"),
            Shown(("blockquote",), "p", "Post number 90"),
        ],
    )
    return said[number % 3]


def changed(text: str) -> Iterator[str]:
    """A text with one word lost, one more, one in another place, one spelled in another way, one in bold."""
    first, second, *rest = text.split(" ")
    yield " ".join([first, *rest])
    yield " ".join([first, first, second, *rest])
    yield " ".join([second, first, *rest])
    yield " ".join([first, second.capitalize(), *rest])
    yield " ".join([first, f"**{second}**", *rest])
    yield text.replace(" ", "\n\n", 1)


@in_every_parser
def test_the_oracle_sees_every_change(render: Render) -> None:
    right = sample(
        "<p>Well seven had six times the limit</p>", [Shown((), "p", "Well seven had six times the limit")], 1
    )
    right = right._replace(marks=frozenset())
    assert wrong(render, [right]) == []
    for text in changed(right.markdown):
        assert wrong(render, [right._replace(markdown=text)]) != []


@in_every_parser
@pytest.mark.parametrize("number", ["{}/{} ", "({}/{}) ", "🧵 "])
def test_a_whole_article_has_all_the_words_and_the_numbers_are_in_its_front_matter(render: Render, number: str) -> None:
    """Of forty posts, read off the article as each parser shows it, with what was set aside put back in front."""
    samples = [text for text in nasty_texts(SEED, 400) if text.strip() and plain(html_of(f"x {text}")) == f"x {text}"]
    words = [f"{number.format(place, 40)}Post {text}" for place, text in enumerate(samples[:40], 1)]
    made = document(*(a_post(place, html_of(text), id=str(place)) for place, text in enumerate(words, 1)))
    front, text = article(made).removeprefix("---\n").split("\n---\n", 1)
    set_aside = yaml.safe_load(front)["numbering"]
    running_text = text.split("\n\n", 3)[3].rsplit("\n\n## Sources", 1)[0]
    [view] = views_of(render(f"## All\n\n{running_text}\n"))
    posts = [re.sub(r" ?\[\d+\]$", "", one.text) for one in view.blocks]
    shown = "".join(" ".join(posts).split())
    assert len(set_aside) == 40
    wanted = (text.removeprefix(mark).strip() for text, mark in zip(words, set_aside, strict=True))
    assert shown == "".join("".join(wanted).split())


def document(*nodes: Post | Missing, **fields: object) -> Document:
    more = {key: fields.pop(key) for key in ("versions", "last_seen") if key in fields}
    return Document(thread=replace(a_thread(*nodes), **fields), run=RUN, **more)


def p(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


@pytest.mark.parametrize(
    ("contents", "marks", "left"),
    [
        (("1/3 One", "2/3 Two", "3/3 Three"), ["1/3", "2/3", "3/3"], ["One", "Two", "Three"]),
        (("One (1/2)", "Two (2/2)"), ["(1/2)", "(2/2)"], ["One", "Two"]),
        (("🧵 1/ One", "2/ Two"), ["🧵 1/", "2/"], ["One", "Two"]),
        (("One 🧵", "Two 🧵"), ["🧵", "🧵"], ["One", "Two"]),
        (("🧵", "🧵<br>Two"), ["🧵", "🧵"], ["", "Two"]),
        (("One<br>1/2", "2/2"), ["1/2", "2/2"], ["One", ""]),
        (("One<br>1/2", "Two<br><br>2/2"), ["1/2", "2/2"], ["One", "Two"]),
        (("1/3 One", "Two", "3/3 Three"), [], []),
        (("1/3 One", "1/3 Two"), [], []),
        (("1/3 One", "2/4 Two"), [], []),
        (("1/3 One",), [], []),
        (("1/2/2026 One", "2/2/2026 Two"), [], []),
        (("1/2cups", "2/2cups"), [], []),
        (("<strong>1/2</strong> One", "2/2 Two"), [], []),
        (("1/2 One", ""), [], []),
    ],
)
def test_only_what_every_post_has_is_set_aside(contents: tuple[str, ...], marks: list[str], left: list[str]) -> None:
    found = aside([a_post(n, p(content), id=str(n)) for n, content in enumerate(contents, 1)])
    assert [one.mark for one in found.values()] == marks
    assert [plain(one.content) for one in found.values()] == left


def test_code_and_quotes_are_not_searched_for_numbers() -> None:
    assert aside([a_post(1, "<pre>1/2 a</pre>"), a_post(2, "<blockquote><p>2/2 b</p></blockquote>")]) == {}
    assert aside([replace(a_post(1), content=""), a_post(2)]) == {}


def test_what_is_set_aside_is_in_the_front_matter_and_nowhere_else() -> None:
    text = article(document(a_post(1, p("1/2 One")), a_post(2, p("2/2 Two"))))
    front = yaml.safe_load(text.split("\n---\n")[0].removeprefix("---"))
    assert (front["mode"], front["numbering"], front["format"]) == ("article", ["1/2", "2/2"], "thread-article/1")
    body = text.split("\n\n> ")[1]
    assert "\n\nOne [&#91;1&#93;](https://social.example/@ann/1)\n\nTwo [&#91;2&#93;](https" in body
    assert "numbering" not in article(document(a_post(1, p("1/2 One")), a_post(2)))


def test_gaps_and_what_became_of_posts_stand_in_brackets() -> None:
    gap = Missing(id="2", reason=Reason.DELETED, author="7", in_reply_to="1")
    gone = Missing(id="3", reason=Reason.DELETED, detail="it answers 404")
    whole = Completeness(found=2, gaps=(gap,))
    text = article(document(a_post(1), gap, a_post(3, truncated=True), completeness=whole, gone=(gone,)))
    assert "\n\n\\[A post by the author stood here. It was deleted. Its text was never captured.\\]\n\n" in text
    assert "\n\n\\[**Only the beginning of this post was shown.** The rest" in text
    assert "\n\n\\[**No longer there:** It answers 404" in text
    assert "after post 1 (it was deleted)" in text


def test_the_sources_are_numbered_as_in_the_text() -> None:
    edited = a_post(2, edited_at=later(minutes=9), route="a")
    seen = Observation(post="2", route="a", seen_at=NOON, content="<p>So it was</p>", version="1")
    text = article(document(a_post(1, day_only=True), edited, a_post(4, url="javascript:x"), observations=(seen,)))
    assert text.split("## Sources\n\n")[1].startswith(
        "1. [12 March 2026](https://social.example/@ann/1)\n"
        "2. [12 March 2026, 12:02 UTC](https://social.example/@ann/2), edited 12 March 2026, 12:09 UTC, "
        "[1 earlier version](#earlier-versions)\n"
        "3. 12 March 2026, 12:04 UTC\n\n## Earlier versions\n\nPost 2 before it was edited"
    )
    assert "Post number 4 \\[3\\]" in text


def conversation() -> Document:
    nodes = (
        a_post(9, author=BO),
        a_post(1, in_reply_to="9", summary="birds"),
        a_post(2, in_reply_to="1", attachments=(Attachment(kind="image", url="", file="media/ab/c.png"),)),
        a_post(3, in_reply_to="5"),
        a_post(5, author=BO, in_reply_to="2"),
        Missing(id="6", reason=Reason.BLOCKED, author=BO.id),
    )
    roles = {"9": Role.CONTEXT, "3": Role.ANSWER, "5": Role.REPLY, "6": Role.REPLY, "1": Role.MAIN, "2": Role.MAIN}
    return document(*nodes, roles=roles)


def test_what_is_beside_the_main_line_is_left_out_or_an_appendix() -> None:
    text = article(conversation())
    assert "\n\n\\[In answer to:\\]\n\n> @bo@social.example" in text
    assert "\n\n**Content warning by the author:** birds\n\nPost number 1 [" in text
    assert "\n\n![](../media/ab/c.png)\n\nImage 1 of 1, no description by the author\n\n" in text
    assert "\\[1 more post by the author, beside the main line, is in the record.\\]" in text
    assert "Post number 5" not in text
    assert "Post number 3" not in text
    appendix = article(conversation(), Style(replies=True)).split("\n\n## Answers\n\n")[1].split("\n\n## Sources")[0]
    answers, replies = appendix.split("\n\n## Replies\n\n")
    assert answers.startswith(
        "*What the author wrote to other people in between.*\n\n### Post 3\n\n**Ann Ash** · [@ann@social.example]"
    )
    assert " · in answer to reply 1 · 12 March 2026, 12:03 UTC · [original]" in answers
    assert replies.startswith(
        "*What other people wrote.*\n\n### Reply 1\n\n@bo@social.example · in answer to post 2 · "
    )
    assert replies.endswith("\\[A post by somebody else stood here. It is blocked. Its text was never captured.\\]")
    assert "in the record" not in replies
    assert "## Replies" not in article(document(a_post(1)), Style(replies=True))


def test_an_appendix_tells_branches_answers_and_other_peoples_posts_apart() -> None:
    nodes = (
        *(a_post(1), a_post(2, in_reply_to="1"), a_post(3, in_reply_to="1"), a_post(4, in_reply_to="9")),
        *(a_post(5, in_reply_to="3"), a_post(6, author=BO), a_post(9, author=BO, in_reply_to="1")),
    )
    kinds = (Role.MAIN, Role.MAIN, Role.BRANCH, Role.ANSWER, Role.BRANCH, Role.OTHER, Role.REPLY)
    made = document(*nodes, roles={node.id: kind for node, kind in zip(nodes, kinds, strict=True)})
    text = article(made, Style(replies=True))
    found = re.findall(r"^(?:## |### |\*)([^*\n]+)", text.split("captured")[-1], re.MULTILINE)
    assert found[: found.index("Sources")] == [
        *("Branches", "Later replies by the author to posts that the thread above had already continued."),
        *("Post 3", "Post 5", "Answers", "What the author wrote to other people in between.", "Post 4"),
        *("Replies", "What other people wrote.", "Reply 1"),
        *("Other posts", "What other people wrote, in the same source.", "Other post 1"),
    ]
    for node in nodes:
        assert text.split("\n\n> ")[1].count(plain(node.content)) == 1
    assert "3 more posts by the author, beside the main line, are in the record" in article(made)


def test_two_articles_are_equal() -> None:
    assert article(conversation()) == article(conversation())


def test_a_thread_whose_main_line_is_withheld_has_no_sources() -> None:
    gap = Missing(id="1", reason=Reason.WITHHELD, author="7", created_at=NOON)
    assert "## Sources" not in article(document(gap, a_post(2), roles={"1": Role.MAIN, "2": Role.ANSWER}))
