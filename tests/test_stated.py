"""What answers still say of posts: all that is read out of a recording agrees with it, and a changed value does not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cases import FIXTURES
from samples import NOON, a_post, later

from archiver import collecting
from archiver.evidence.stated import contradicted, stated
from archiver.model import Post
from archiver.store.store import Archive
from archiver.verbs import imports

CASES = sorted(path.parent for path in FIXTURES.glob("*/*/url"))


def test_no_recording_contradicts_what_is_read_out_of_it(tmp_path: Path) -> None:
    seen = 0
    with Archive.open(tmp_path / "archive", now=NOON) as archive:
        for case in CASES:
            imports.import_recording(archive, case, lambda: NOON)
        for run in archive.history.runs():
            thread = collecting.readable(archive, run.id)
            said = stated(answer.body for answer in archive.redactions.answers([run.id]))
            for post in thread.posts if thread else ():
                assert list(contradicted(post, said)) == [], (run.url, post.id)
                seen += post.id in said
    assert seen > 200


def a_said_post() -> Post:
    post = a_post(1, content="<p>Herons &amp; ravens, see example.com/…</p>")
    return replace(post, author=replace(post.author, name="Ann Ash"))


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (b'{"uri": "ID", "content": "<p>Herons &amp; ravens, see <a>https://example.com/1</a></p>"}', []),
        (b'[{"uri": "ID", "record": {"text": "Herons & ravens, see"}}]', []),
        (b'{"uri": "ID", "record": {"text": "Herons & crows"}}', ["content"]),
        (b'{"uri": "ID", "record": {"text": "Herons & crows"}, "note_tweet": {}}', []),
        (
            b'{"uri": "ID", "account": {"display_name": "Eve"}, "created_at": "2017-05-03T20:00:00Z"}',
            ["created_at", "author"],
        ),
        (b'{"uri": "ID", "created_at": "2017-05-03T20:00:00", "createdAt": "TIME", "account": 7}', []),
        (b'{"uri": "other", "content": "crows"}', []),
        (b"<html>ID crows</html>", []),
    ],
)
def test_each_value_is_compared_with_the_object_that_bears_the_id(answer: bytes, names: list[str]) -> None:
    post = a_said_post()
    answer = answer.replace(b"ID", post.id.encode()).replace(b"TIME", post.created_at.isoformat().encode())
    assert list(contradicted(post, stated([answer]))) == names


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ('Herons <a href="https://a.example/?x=1&amp;y=2">here</a>', []),
        ('Herons <a href="https://b.example/">here</a>', ["link"]),
        ('Herons <a href="https://social.example/@bo">here</a>', []),
        ('Herons <a href="https://social.example/@eve">here</a>', ["link"]),
        ("<strong>Herons</strong> here", []),
        ("<del>Herons</del> here", ["mark"]),
    ],
)
def test_where_links_lead_and_what_is_marked_is_compared_too(content: str, names: list[str]) -> None:
    post = a_post(1, content=f"<p>{content}</p>")
    html = '<p><b>Herons</b> here <a href="https://a.example/?x=1&amp;y=2">here</a></p><i>@Bo</i>'.replace(
        "here <", "<"
    )
    answer = json.dumps({"uri": post.id, "content": "<p>Herons here</p>", "note": html}).encode()
    assert list(contradicted(post, stated([answer]))) == names


def test_it_is_enough_that_one_answer_agrees() -> None:
    post = a_said_post()
    answers = [
        f'{{"uri": "{post.id}", "created_at": "{at.isoformat()}"}}'.encode() for at in (later(), post.created_at)
    ]
    assert list(contradicted(post, stated(answers))) == []
