"""A thread as rows, and back."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from samples import ANN, BO, NOON, a_post, a_thread, later, threads

from archiver.model import (
    Attachment,
    Author,
    Completeness,
    Counts,
    Missing,
    Observation,
    Option,
    Poll,
    Post,
    Reason,
    Role,
    Thread,
)
from archiver.store.columns import COLUMNS, TABLES, stamp, storable
from archiver.store.restore import thread_of
from archiver.store.rows import Rows, host_of, key, rows_of


def rows(thread: Thread, **fields: object) -> Rows:
    return rows_of(thread, **{"latest": thread, "run": "r", "seen_at": NOON, **fields})


def column(rows: Rows, table: str, name: str) -> list[object]:
    return [row[COLUMNS[table].index(name)] for row in rows[table]]


def back(thread: Thread, **fields: object) -> Thread:
    return thread_of(rows(thread, **fields))


@given(threads())
def test_a_thread_comes_back_as_it_went(thread: Thread) -> None:
    assert back(thread) == thread


@given(threads())
@settings(max_examples=20)
def test_a_row_has_a_value_for_each_column_of_its_table(thread: Thread) -> None:
    made = rows(thread)
    assert made.keys() == COLUMNS.keys()
    assert all(len(row) == len(COLUMNS[table]) for table, of_table in made.items() for row in of_table)


def test_no_alt_text_and_an_empty_one_stay_different() -> None:
    files = tuple(Attachment(kind="image", url="https://i.example/1", alt=alt) for alt in (None, "", "A heron"))
    thread = a_thread(a_post(1, attachments=files))
    assert [file.alt for file in back(thread).posts[0].attachments] == [None, "", "A heron"]


def test_quotes_are_posts_of_their_own_two_levels_deep() -> None:
    blocked = Missing(id="93", reason=Reason.BLOCKED)
    quote = a_post(91, author=BO, quote=a_post(92, quote=blocked))
    made = rows(a_thread(a_post(1, quote=quote)))
    assert column(made, "thread_posts", "post") == ["social.example/1"]
    assert dict(zip(column(made, "posts", "id"), column(made, "posts", "quote"), strict=True)) == {
        "social.example/1": "social.example/91",
        "social.example/91": "social.example/92",
        "social.example/92": None,
    }
    assert column(made, "missing_quotes", "id") == ["social.example/93"]
    assert thread_of(made).posts[0].quote == quote


def test_a_quote_shows_as_many_levels_as_the_platform_did() -> None:
    first = a_post(1)
    second = a_post(2, quote=first)
    third = a_post(3, quote=replace(second, quote=None))
    assert [post.quote for post in back(a_thread(first, second, third)).posts] == [
        None,
        first,
        replace(second, quote=None),
    ]


def test_the_thread_knows_more_of_its_own_post_than_a_quote_of_it() -> None:
    whole = a_post(1, language="en")
    less = replace(whole, language=None)
    assert back(a_thread(whole, a_post(2, quote=less))).posts == (whole, a_post(2, quote=whole))


def test_the_deepest_of_several_quotes_of_a_post_is_kept() -> None:
    deep = a_post(91, quote=a_post(92))
    for order in ([replace(deep, quote=None), deep], [deep, replace(deep, quote=None)]):
        made = rows(a_thread(*(a_post(place, quote=quote) for place, quote in enumerate(order, 1))))
        assert "social.example/92" in column(made, "posts", "quote")


def test_a_quoted_post_that_a_thread_shows_by_itself_is_left_alone() -> None:
    made = rows(a_thread(a_post(1, quote=a_post(91))), settled={"social.example/91"})
    assert column(made, "posts", "id") == ["social.example/1"]
    assert column(made, "observations", "post") == ["social.example/1", "social.example/91"]


def test_what_this_run_did_not_see_is_not_observed() -> None:
    thread = a_thread(a_post(1), a_post(2))
    assert column(rows(thread, latest=a_thread(a_post(1), a_post(3))), "observations", "post") == ["social.example/1"]


def test_a_gap_is_one_row_that_says_where_it_is_and_that_it_counts() -> None:
    gap = Missing(id="2", reason=Reason.DELETED)
    whole = Completeness(found=1, gaps=(gap,))
    [row] = rows(a_thread(a_post(1), gap, completeness=whole))["missing"]
    said = {name: value for name, value in zip(COLUMNS["missing"], row, strict=True) if value not in (None, "")}
    assert said == {
        "thread": "social.example/1",
        "number": 1,
        "id": "social.example/2",
        "position": 1,
        "role": "main",
        "counted": 1,
        "reason": "deleted",
    }


def test_a_gap_gives_way_to_the_post_that_is_held() -> None:
    made = rows(a_thread(a_post(1), Missing(id="2", reason=Reason.UNKNOWN), a_post(3)))
    held = rows(a_thread(a_post(1), a_post(2), a_post(3)))
    assert thread_of({**held, "missing": made["missing"]}).nodes == (a_post(1), a_post(2), a_post(3))


def test_what_is_said_of_a_held_post_comes_back_in_its_order() -> None:
    gone = tuple(Missing(id=id_, reason=Reason.DELETED, seen_at=NOON) for id_ in ("2", "1"))
    thread = a_thread(gone=gone)
    assert back(thread).gone == gone
    assert back(thread).nodes == thread.nodes


def test_links_mentions_and_hashtags_are_told_apart() -> None:
    post = a_post(
        1,
        '<p><a href="https://a.example/">site</a> <a href="https://b.example/@bo" class="mention">@bo</a>'
        ' <a href="https://b.example/t" class="hashtag">#ÖPNV</a> <a href="https://c.example/">two</a></p>',
    )
    made = rows(a_thread(post))
    id_ = "social.example/1"
    assert made["links"] == [(id_, 0, "https://a.example/", "site"), (id_, 3, "https://c.example/", "two")]
    assert made["mentions"] == [(id_, 1, "https://b.example/@bo", "@bo")]
    assert made["hashtags"] == [(id_, 2, "öpnv", "https://b.example/t", "#ÖPNV")]


def test_text_is_the_content_as_it_reads() -> None:
    assert column(rows(a_thread(a_post(1, "<p>One</p><p>two<br>three</p>"))), "posts", "text") == ["One\n\ntwo\nthree"]


def test_what_sqlite_cannot_hold_is_replaced_and_nothing_breaks() -> None:
    author = Author(id="\ud800", handle="\0")
    post = Post(id="a\0b", url="\udfff", author=author, created_at=NOON, content="<p>x\ud83dy\0</p>", language="\ud800")
    thread = a_thread(post, author=author, roles={})
    made = rows(thread)
    assert column(made, "posts", "id") == ["social.example/a\ufffdb"]
    assert column(made, "posts", "content") == ["<p>x\ufffdy\ufffd</p>"]
    assert thread_of(made).author == Author(id="\ufffd", handle="\ufffd")


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (10**30, 2**63 - 1),
        (-(10**30), -(2**63) + 1),
        (True, 1),
        (None, None),
        ("\U0001f9f5", "\U0001f9f5"),
        ("a\ud800", "a\ufffd"),
    ],
)
def test_values_are_made_to_fit(value: object, stored: object) -> None:
    assert storable(value) == stored


def test_times_sort_as_text_with_microseconds_and_without() -> None:
    times = [NOON, later(microseconds=500_000), later(seconds=1)]
    assert [stamp(time) for time in times] == sorted(map(stamp, times))
    assert stamp(NOON) == "2026-03-12T12:00:00+00:00"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Social.example/@ann/1", "social.example"),
        ("https://u:p@social.example:8080/1", "social.example:8080"),
        ("at://did:plc:x/y", "did:plc:x"),
        ("http://[::1", "[::1"),
        ("no address", ""),
        ("", ""),
    ],
)
def test_an_id_is_named_after_the_host_of_its_thread(url: str, host: str) -> None:
    assert host_of(url) == host
    assert key(url, "a/1") == f"{host}/a/1"


def test_one_id_on_two_servers_is_two_posts() -> None:
    other = replace(a_thread(a_post(1)), url="https://other.example/1")
    assert column(rows(other), "posts", "id") != column(rows(a_thread(a_post(1))), "posts", "id")


def test_roles_come_back_for_posts_and_gaps() -> None:
    gap = Missing(id="2", reason=Reason.UNKNOWN)
    thread = a_thread(a_post(1), gap, a_post(3, author=BO), roles={"1": Role.MAIN, "2": Role.ANSWER, "3": Role.REPLY})
    assert back(thread).roles == {"1": "main", "2": "answer", "3": "reply"}


def test_an_author_who_only_owns_the_thread_is_stored_too() -> None:
    thread = a_thread(a_post(1, author=BO))
    assert back(thread).author == ANN


def test_rows_of_a_transcript_by_an_earlier_version_are_read() -> None:
    thread = a_thread()
    rows = rows_of(thread, latest=thread, run="r1", seen_at=NOON)
    added = {
        "posts": ("keyed_at", "indexed_at", "quoted_version", "notices", "location"),
        "threads": ("doubts", "proven_at"),
    }
    older = {
        table: [
            tuple(v for name, v in zip(COLUMNS[table], row, strict=True) if name not in added.get(table, ()))
            for row in of
        ]
        for table, of in rows.items()
    }
    assert thread_of(older) == thread_of(rows) == thread


@pytest.mark.parametrize(
    ("kind", "table", "part", "elsewhere"),
    [
        (Author, "authors", "", {"avatar_file"}),  # files are joined when a thread is read
        (Post, "posts", "", {"author", "quote", "attachments", "poll", "counts"}),
        (Counts, "posts", "counts", set()),
        (Thread, "threads", "", {"author", "nodes", "roles", "completeness", "gone", "observations"}),
        (Completeness, "threads", "completeness", {"gaps"}),
        (Attachment, "attachments", "", {"fault"}),
        (Poll, "polls", "", {"options"}),
        (Option, "poll_options", "", set()),
        (Missing, "missing", "", set()),
        (Missing, "missing_quotes", "", set()),
        (Observation, "observations", "", set()),
    ],
)
def test_each_field_of_the_model_has_a_column_or_a_place_elsewhere(
    kind: type, table: str, part: str, elsewhere: set[str]
) -> None:
    paths = [column.field.rpartition(".") for column in TABLES[table]]
    stored = {name for owner, _, name in paths if name and owner == part}
    assert stored | elsewhere == {field.name for field in fields(kind)}
    assert not stored & elsewhere
