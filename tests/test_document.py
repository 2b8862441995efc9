"""The Markdown document beyond the golden cases: edits, deletions since, verdicts, file names."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import cmarkgfm
import pytest
import yaml
from bs4 import BeautifulSoup
from cases import cases, document, name
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import ANN, BO, NOON, a_post, a_thread, later, threads

from archiver.exporters import terminal
from archiver.exporters.article import article
from archiver.exporters.file_names import file_name
from archiver.exporters.markdown import render
from archiver.exporters.page.thread import page
from archiver.exporters.style import Style
from archiver.exporters.table import table
from archiver.exporters.verdict import missing_posts
from archiver.model import (
    Attachment,
    Completeness,
    Counts,
    Document,
    Missing,
    Observation,
    Option,
    Poll,
    Post,
    Reason,
    Reduction,
    Role,
    Run,
    Thread,
    Version,
)

RUN = Run(
    id="r1",
    url="https://social.example/@ann/1",
    tool="thread-archiver 0",
    started_at=NOON,
    finished_at=later(hours=1),
    requests=3,
    hosts=("social.example",),
)
WHOLE = Completeness(found=2, expected=2, proof="counted", top_proven=True, end_proven=True)


def a_document(*nodes: Post | Missing, completeness: Completeness = WHOLE, **more: object) -> Document:
    thread = a_thread(*nodes, completeness=completeness)
    roles = {key: more.pop(key) for key in ("roles", "gone") if key in more}
    return Document(thread=replace(thread, **roles), run=RUN, **more)


def rendered(markdown: str) -> BeautifulSoup:
    """Return the document as GitHub's parser shows it, front matter left out."""
    body = markdown.split("\n---\n", 1)[1]
    return BeautifulSoup(cmarkgfm.github_flavored_markdown_to_html(body, Options.CMARK_OPT_UNSAFE), "html.parser")


def test_two_exports_are_equal() -> None:
    made = a_document()
    assert render(made) == render(made)


def test_an_edited_post_shows_its_mark_and_what_it_said_before() -> None:
    edited = a_post(2, "<p>No longer so</p>", in_reply_to="1", edited_at=later(minutes=5))
    versions = {"2": (Version(content="<p>It was so</p>", summary="birds", seen_at=later(minutes=3)),)}
    text = render(a_document(a_post(1), edited, versions=versions))
    assert "12:02 UTC, edited 12:05, [1 earlier version](#earlier-versions) · [original]" in text
    assert (
        "Post 2 as captured on 12 March 2026, 12:03 UTC:\n\n> **Content warning by the author:** birds\n>\n> It was so"
        in text
    )
    next_day = render(a_document(a_post(1), replace(edited, edited_at=later(days=1))))
    assert "edited 13 March 2026, 12:00 UTC" in next_day


def test_a_post_deleted_since_keeps_its_text_and_says_so() -> None:
    gone = Missing(id="2", reason=Reason.DELETED, detail="the server answers 404", seen_at=later(hours=1))
    text = render(a_document(gone=(gone,)))
    assert (
        "Post number 2\n\n**No longer there:** The server answers 404 (12 March 2026, 13:00 UTC): it was deleted."
        in text
    )


def test_absence_is_told_as_absence() -> None:
    text = render(a_document(last_seen={"2": later(minutes=30)}))
    assert (
        "**Not asked for at the last visit,** on 12 March 2026, 13:00 UTC; last seen 12 March 2026, 12:30 UTC." in text
    )
    assert "That alone does not mean that it was deleted." in text


def test_times_of_other_days_name_the_day() -> None:
    text = render(a_document(a_post(1), a_post(2, created_at=later(days=1))))
    assert "2 posts, 12 March 2026, 12:01, to 13 March 2026, 12:00 UTC" in text
    assert "\n13 March 2026, 12:00 UTC · [original]" in text
    alone = render(a_document(a_post(1), completeness=Completeness(found=1)))
    assert "1 post, 12 March 2026, 12:01 UTC · captured" in alone


GAP = Missing(id="9", reason=Reason.NOT_LOADED, author=ANN.id)
LATER_GAP = Missing(id="10", reason=Reason.DELETED, author=ANN.id, in_reply_to="2")


@pytest.mark.parametrize(
    ("whole", "words"),
    [
        (WHOLE, "**Complete: 2 of 2 posts.** Counted."),
        (replace(WHOLE, end_proven=False), "**Not known to be the whole thread: 2 posts.** Counted."),
        (Completeness(found=1, top_proven=True), "whole thread: 1 post.** Nothing proves that there is no more."),
        (Completeness(found=2), "posts.** The beginning is not proven. Nothing proves"),
        (
            Completeness(found=2, expected=4, proof="counted"),
            "**Partial: 2 of 4 posts.** Two posts that the platform counts could not be found. The beginning",
        ),
        (Completeness(found=2, stop="it timed out"), "**Partial: 2 posts.** Collecting ended early: It timed out."),
        (
            Completeness(found=2, expected=14),
            "12 posts that the platform counts could not be found.",
        ),
    ],
)
def test_the_verdict_says_what_is_known(whole: Completeness, words: str) -> None:
    assert words in render(a_document(completeness=whole))


def test_gaps_say_where_they_are() -> None:
    whole = Completeness(found=2, gaps=(GAP, LATER_GAP), top_proven=True)
    text = render(a_document(GAP, a_post(1), a_post(2), LATER_GAP, completeness=whole))
    assert (
        "Two posts are missing: before the first post (it could not be loaded); after post 2 (it was deleted)." in text
    )
    assert "## Post not reached\n\nA post by the author stood here." in text


def test_somebody_elses_gap_is_theirs() -> None:
    gap = Missing(id="9", reason=Reason.BLOCKED, author=BO.id)
    roles = {"1": Role.MAIN, "9": Role.REPLY}
    assert "## Withheld post\n\nA post by somebody else stood here." in render(a_document(a_post(1), gap, roles=roles))


def test_an_answer_says_what_it_answers() -> None:
    gap = Missing(id="8", reason=Reason.BLOCKED, author=BO.id)
    nodes = (
        a_post(3, author=BO),
        a_post(1, in_reply_to="3"),
        a_post(2, in_reply_to="7"),
        gap,
        a_post(9, in_reply_to="8"),
    )
    reply = a_post(4, author=BO, in_reply_to="77")
    of_context = a_post(5, author=BO, in_reply_to="3")
    roles = {
        "3": Role.CONTEXT,
        "1": Role.MAIN,
        "2": Role.ANSWER,
        "8": Role.REPLY,
        "9": Role.ANSWER,
        "4": Role.REPLY,
        "5": Role.REPLY,
    }
    text = render(a_document(*nodes, reply, of_context, roles=roles))
    assert "## Answered post 1" in text
    assert "in answer to somebody else · 12:02" in text
    assert "in answer to a missing post" in text
    assert "in answer to a post that is not here" in text
    assert "in answer to [answered post 1](#answered-post-1)" in text
    assert re.findall(r"^## Reply (\d)", text, re.MULTILINE) == ["1", "2"]


def test_a_quote_card_after_a_quoting_post_stays_a_card_of_its_own() -> None:
    inner = a_post(7, author=BO)
    deep = a_post(5, quote=a_post(6, quote=inner, author=BO), author=BO)
    text = render(a_document(a_post(1, "<blockquote><p>so it was said</p></blockquote>", quote=deep), a_post(2)))
    assert "> so it was said\n\nIt quotes:\n\n> @bo@social.example · " in text
    assert "> > It quotes [another post](https://social.example/@ann/7) by @bo@social.example." in text


def test_a_gap_without_a_place_is_told_all_the_same() -> None:
    lost = Missing(id="77", reason=Reason.PRIVATE)
    text = render(a_document(a_post(1), completeness=Completeness(found=1, gaps=(lost,))))
    assert "One post is missing: one whose place is not known (it is not public)." in text


@given(threads())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_thread_gives_a_document_and_an_article(thread: Thread) -> None:
    roles = {**dict.fromkeys((node.id for node in thread.nodes), Role.MAIN), **thread.roles}
    made = Document(thread=replace(thread, roles=roles), run=RUN)
    for text in (render(made), article(made, Style(replies=True))):
        front = yaml.safe_load(text.split("\n---\n", 1)[0].removeprefix("---"))
        assert front["missing"] == missing_posts(made.thread)


def test_failures_and_an_unfinished_run_are_shown() -> None:
    run = replace(RUN, finished_at=None, failures=("listing: needs a token",))
    text = render(replace(a_document(), run=run))
    assert "Another way was tried and failed: Listing: needs a token." in text
    assert "captured 12 March 2026, 12:00 UTC" in text


@pytest.mark.parametrize("case", cases(), ids=name)
def test_a_document_shows_each_post_exactly_once_and_in_order(case: Path) -> None:
    made = document(case)
    page = rendered(render(made))
    headings = [heading.get_text() for heading in page.find_all("h2")]
    posts = [text for text in headings if re.match(r"(Post|Reply|Answered post) \d", text)]
    assert len(posts) == len(made.thread.posts)
    assert len([text for text in headings if text in ("Missing post", "Withheld post", "Post not reached")]) == len(
        made.thread.missing
    )


@pytest.mark.parametrize(
    ("handle", "id_", "file"),
    [
        ("ann@social.example", "https://social.example/users/ann/statuses/1100", "2026-03-12_ann_social.example_1100"),
        (
            "ann.example.com",
            "at://did:plc:x/app.bsky.feed.post/3lbq2vxkm4s2a",
            "2026-03-12_ann.example.com_3lbq2vxkm4s2a",
        ),
    ],
)
def test_a_file_name_tells_day_author_and_post(handle: str, id_: str, file: str) -> None:
    assert file_name(_named(handle, id_)) == file


def _named(handle: str, id_: str) -> Thread:
    author = replace(ANN, handle=handle)
    return replace(a_thread(a_post(1)), id=id_, author=author)


@given(st.text(max_size=300), st.text(min_size=1, max_size=300))
def test_a_file_name_is_legal_everywhere(handle: str, id_: str) -> None:
    assert re.fullmatch(r"2026-03-12[a-z0-9._-]{2,105}(?<![._])", file_name(_named(handle, id_)))


def test_ids_that_differ_in_case_alone_have_files_of_their_own() -> None:
    assert file_name(_named("ann", "AbC")) != file_name(_named("ann", "aBC")) != file_name(_named("ann", "abc"))


def test_lines_for_the_terminal_and_for_programs() -> None:
    post = a_post(
        1,
        summary="birds",
        attachments=(Attachment(kind="image", url="https://x.example/1.png", alt="A nest"),),
        poll=Poll(options=(Option(text="Yes", votes=2),)),
        quote=a_post(9),
        edited_at=later(minutes=4),
    )
    whole = Completeness(found=1, expected=2, proof="counted", gaps=(GAP,), stop="timed out")
    made = a_document(post, GAP, completeness=whole)
    shown = terminal.text(made)
    for words in (
        "partial: 1 of 2 posts by @ann@social.example: birds",
        "  missing: 9: it could not be loaded",
        "  ended early: timed out",
        "Post 1 · 12 March 2026, 12:01 UTC · @ann@social.example · https://social.example/@ann/1\n[Edited 12 March",
        "[content warning: birds]\nPost number 1\n[image: https://x.example/1.png: A nest]\n[poll: open]\n",
        "[poll: Yes: 2 votes]\n",
        "\n> Post number 9",
        "[Post not reached: 9: it could not be loaded]",
    ):
        assert words in shown
    first, gap = terminal.json_lines(made)
    assert (first["text"], first["quote"], first["edited_at"]) == ("Post number 1", "9", "2026-03-12T12:04:00+00:00")
    assert (gap["missing"], gap["role"]) == ("not_loaded", "main")
    assert json.dumps([first, gap])
    assert terminal.saved_fields(made, "https://u.example", "a.md", None)["verdict"] == "partial"
    assert "Nothing" not in terminal.saved_text(a_document(completeness=Completeness(found=2)), "a.md")


def test_what_is_known_of_a_post_beside_its_text_is_said_in_every_form() -> None:
    inner = a_post(7, quote=a_post(6, quote=a_post(5)))
    root = a_post(
        1, truncated=True, sensitive=True, labels=("graphic",), notices=("the platform limits it",), quote=inner
    )
    hidden = a_post(2, "<p>Two</p>", in_reply_to="1", sensitive=True)
    poll = a_post(3, in_reply_to="2", poll=Poll(options=(Option(text="A"), Option(text="B", votes=1)), votes=1))
    branch, lost = a_post(4, in_reply_to="1"), a_post(8, in_reply_to="3", quote=GAP)
    thread = replace(
        a_thread(root, hidden, poll, lost, branch),
        gone=(Missing(id="2", reason=Reason.DELETED, detail="its address answers 404"),),
        roles={**{id_: Role.MAIN for id_ in ("1", "2", "3", "8")}, "4": Role.BRANCH},
    )
    before = {"3": (Version(content="<p>C</p>", summary=None, seen_at=NOON),)}
    made = Document(thread=thread, run=RUN, versions=before, last_seen={"8": NOON})
    shown, cells = terminal.text(made), list(csv.DictReader(io.StringIO(table(made)[1:], newline="")))
    said = {
        "1": [
            "Marked as sensitive: graphic.",
            "Only the beginning of this post was shown. The rest of its text was not captured.",
            "The platform says: The platform limits it.",
        ],
        "2": [
            "Marked as sensitive.",
            "No longer there: Its address answers 404: it was deleted. The text shown here was captured before.",
        ],
        "3": ["1 earlier version kept."],
        "8": [
            "Not asked for at the last visit, on 12 March 2026, 13:00 UTC; last seen 12 March 2026, 12:00 UTC. "
            "That alone does not mean that it was deleted."
        ],
        "4": [],
    }
    assert {line["id"]: line["remarks"] for line in terminal.json_lines(made)} == said
    assert {row["id"]: row["remarks"].splitlines() for row in cells} == said
    assert all(f"[{remark}]" in shown for remarks in said.values() for remark in remarks)
    assert "--- Branches: later replies" in shown
    assert "Post 5 · in answer to post 1 · " in shown
    assert "[poll: A: votes hidden]\n[poll: B: 1 vote (100 %)]" in shown
    assert "None" not in shown
    assert "> > Post number 6\n> > [quotes @ann@social.example" in shown
    assert "Post number 5" not in shown
    assert "[quotes 9: it could not be loaded]" in shown
    row = {row["id"]: row for row in cells}
    assert (row["1"]["quoted_author"], row["1"]["quoted_text"]) == ("ann@social.example", "Post number 7")
    assert (row["3"]["poll"], row["8"]["quoted_text"]) == (
        "A: votes hidden\nB: 1 vote (100 %)",
        "it could not be loaded",
    )
    polls = [line["poll"] for line in terminal.json_lines(made)]
    assert polls[2] == [{"text": "A", "votes": None}, {"text": "B", "votes": 1}]


def test_a_source_that_shows_a_post_otherwise_is_said_in_text_too() -> None:
    other = Observation(post="1", route="nitter", seen_at=NOON, content="<p>Quite another text</p>")
    made = Document(thread=replace(a_thread(a_post(1)), observations=(other,)), run=RUN)
    assert "[1 source shows it differently.]" in terminal.text(made)


def test_posts_that_are_only_counted_are_said_to_be_missing() -> None:
    whole = Completeness(found=2, expected=5)
    made = Document(thread=replace(a_thread(), completeness=whole), run=RUN)
    assert "  missing: 3 posts that the platform counts and does not show\n" in terminal.saved_text(made, "a.md")


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, ""),
        ({"media": 1}, "  1 media file fetched\n"),
        ({"media": 2, "media_failed": 3}, "  2 media files fetched; 3 could not be fetched\n"),
        ({"media_left": 4}, "  0 media files fetched; stopped with 4 still to fetch, save it again\n"),
    ],
)
def test_what_was_fetched_and_what_is_left_is_said(counts: dict[str, int], words: str) -> None:
    made = Document(thread=a_thread(), run=replace(RUN, receipt="ledger 1 · head ab", **counts))
    said = terminal.saved_text(made, "a.md")
    assert words in said
    assert ("media file" in said) == bool(words)
    assert "\n  receipt 1:ab\n" in said


def test_what_is_gone_or_edited_is_said_at_the_top_at_most_eight_by_name() -> None:
    posts = [replace(a_post(n), edited_at=later(hours=2)) if n == 10 else a_post(n) for n in range(1, 12)]
    gone = [Missing(id=str(n), reason=Reason.DELETED) for n in range(1, 10)]
    told = render(a_document(*posts, gone=tuple(gone))).split("\n## ")[0]
    names = ", ".join(f"post {n}" for n in range(1, 9))
    assert f"> No longer on the platform: {names} and 1 more. Edited: post 10." in told
    assert "No longer" not in render(a_document(*posts[:3])).split("\n## ")[0]


def test_posts_that_rest_on_a_redaction_are_named() -> None:
    posts = [a_post(number) for number in range(1, 7)]
    answer = a_post(9, author=BO)
    reduction = Reduction(entry=5, at=NOON, operator="*Doe*", reason="by law")
    other = Reduction(entry=7, at=later(days=1), operator="", reason="by law")
    elsewhere = replace(other, entry=8)
    told = {post.id: reduction for post in (*posts[:3], posts[5], answer)} | {posts[4].id: other, "quoted": elsewhere}
    roles = {post.id: Role.MAIN for post in posts} | {answer.id: Role.REPLY}
    document = a_document(*posts, answer, roles=roles, reductions=told)
    text = render(document)
    said = "the answers that they came in were changed on"
    assert f"> Posts 1 to 3, 6 and reply 1: {said} 12 March 2026 by \\*Doe\\*, to withhold" in text
    assert f"> Post 5: {said} 13 March 2026, to withhold something (ledger entry 7). That the rest" in text
    assert f"Posts 1 to 3, 6 and reply 1: {said} 12 March 2026 by *Doe*, to withhold" in page(document)
    assert "entry 8" not in text


def test_it_is_said_whether_replies_that_were_asked_for_are_all_here() -> None:
    first = a_post(1, counts=Counts(replies=3))
    reply = a_post(3, author=BO, in_reply_to="1", counts=Counts(replies=0))
    second = a_post(2, in_reply_to="1", counts=Counts(replies=0))
    roles = {"1": Role.MAIN, "2": Role.MAIN, "3": Role.REPLY}

    def said(*nodes: Post, asked: bool = True) -> str:
        made = a_document(*nodes, roles=roles)
        return " ".join(render(replace(made, run=replace(made.run, replies=asked))).split())

    assert "1 reply by other people is kept; the platform counts 1 more and does not show it." in said(
        first, second, reply
    )
    assert "1 reply by other people is kept, all that the platform counts." in said(
        replace(first, counts=Counts(replies=2)), second, reply
    )
    assert "0 replies by other people are kept; whether that is all, nobody says." in said(
        first, replace(second, counts=Counts())
    )
    assert "by other people" not in said(first, second, reply, asked=False)
