"""The forms for programs: JSON that comes back as it went, tables that no spreadsheet runs, plain text."""

import csv
import io
import json
from dataclasses import replace

import pytest
from cases import cases, document, name
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import BO, NOON, a_post, a_thread, later, threads

from archiver.errors import ParseError
from archiver.exporters.exact_json import exact, read_exact
from archiver.exporters.table import COLUMNS, harmless, plain_text, table
from archiver.model import Attachment, Document, Missing, Reason, Role, Run, Thread, Version

RUN = Run(id="r1", url="https://x.example/1", tool="thread-archiver 0", started_at=NOON, failures=("a: b",))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(threads())
def test_a_thread_comes_back_from_json_as_it_went(thread: Thread) -> None:
    versions = {"1": (Version(content="<p>a</p>", summary=None, seen_at=NOON),)}
    made = Document(thread=thread, run=RUN, versions=versions, last_seen={"1": later(days=1)})
    assert read_exact(exact(made)) == made


@pytest.mark.parametrize("case", cases(), ids=name)
def test_every_case_comes_back_from_json(case) -> None:  # type: ignore[no-untyped-def]
    made = document(case)
    assert read_exact(exact(made)) == made


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "thread-json/2"}', '{"format": "thread-json/1"}'])
def test_what_is_no_thread_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        read_exact(text)


def test_a_half_character_is_replaced() -> None:
    made = Document(thread=a_thread(a_post(1, "<p>\ud83d</p>")), run=RUN)
    assert json.loads(exact(made).encode("utf-8"))["thread"]["nodes"][0]["content"] == "<p>\ufffd</p>"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_row_for_each_post_and_each_gap() -> None:
    gap = Missing(id="2", reason=Reason.DELETED, in_reply_to="1", created_at=NOON)
    first = a_post(
        1,
        '<p>a<br>b, "c"</p>',
        summary="birds",
        edited_at=later(minutes=5),
        attachments=(
            Attachment(kind="image", url="https://p.example/1", fault="could not be fetched: 404"),
            Attachment(kind="card", url="https://c.example", alt="=A\nnest", file="media/a/b.png"),
        ),
        quote=a_post(9, author=BO),
    )
    text = table(Document(thread=replace(a_thread(first, gap, a_post(3)), roles={"1": Role.MAIN}), run=RUN))
    one, two, three = rows(text)
    assert text.startswith('\ufeff"position","role","id"')
    assert text.endswith("\r\n")
    assert tuple(one) == COLUMNS
    assert (one["text"], one["content_warning"], one["quote"]) == ('a\nb, "c"', "birds", "9")
    assert one["attachments"] == "https://p.example/1 https://c.example"
    assert (one["descriptions"], one["files"], one["faults"]) == (
        *("'\n=A nest", "'\nmedia/a/b.png", "could not be fetched: 404\n"),
    )
    assert (three["descriptions"], three["files"], three["faults"]) == ("", "", "")
    assert (one["created_at"], one["edited_at"]) == ("2026-03-12T12:01:00+00:00", "2026-03-12T12:05:00+00:00")
    assert (two["missing"], two["reason"], two["text"], two["role"]) == ("deleted", "it was deleted", "", "")
    assert three["position"] == "2"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("'tis", "'tis"),
        ("a=1", "a=1"),
        ("a\0b", "a\ufffdb"),
        ("", ""),
    ],
)
def test_a_cell_runs_nowhere_and_can_be_had_back(cell: str, written: str) -> None:
    assert harmless(cell) == written


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from("'=+-@\t\r\n\"a,;") | st.characters(exclude_categories=["Cs"])).map("".join))
def test_no_cell_begins_as_a_formula(cell: str) -> None:
    written = harmless(cell)
    assert written[:1] not in {*"=+-@\t\r\n＝＋－＠"}
    [row] = csv.reader(io.StringIO(rowed(written), newline=""))
    assert row == [written, "x"]


def rowed(cell: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([cell, "x"])
    return out.getvalue()


def test_plain_text_acts_on_nothing() -> None:
    text = plain_text(Document(thread=a_thread(a_post(1, "<p>\x1b[2J\u202eevil</p>")), run=RUN))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.endswith("\ufffd[2Jevil\n")
