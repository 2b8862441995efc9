"""Saving a thread again, and what its document tells."""

from dataclasses import replace

from samples import ANN, BO, NOON, URL, a_post, a_thread, an_exchange, later, saved, sql

from archiver.model import Completeness, Missing, Reason, Role, Verdict, Version
from archiver.options import Options
from archiver.store.store import Archive


def test_an_unchanged_thread_changes_no_post_and_nothing_of_the_search(archive: Archive) -> None:
    quote = a_post(91, author=BO, quote=Missing(id="92", reason=Reason.BLOCKED))
    thread = a_thread(a_post(1, quote=quote), Missing(id="2", reason=Reason.DELETED), a_post(3))
    saved(archive, thread)
    before = state(archive)
    saved(archive, thread, days=1)
    assert state(archive) == before
    assert sql(archive, "SELECT COUNT(*), COUNT(DISTINCT run) FROM observations") == [(6, 2)]
    assert sql(archive, "SELECT first_captured_at < captured_at FROM threads") == [(1,)]


def state(archive: Archive) -> dict[str, list[tuple[object, ...]]]:
    """Everything that a second save of the same should leave alone; the search's own tables tell of any write to it."""
    tables = "posts post_versions authors author_versions thread_posts missing missing_quotes links"
    tables += " posts_fts_data posts_fts_idx posts_fts_docsize"
    return {table: sql(archive, f"SELECT * FROM {table}") for table in tables.split()}


def test_only_what_changed_is_written(archive: Archive) -> None:
    saved(archive, a_thread(*map(a_post, range(1, 40))))
    archive._db.execute("CREATE TEMP TABLE touched (id)")
    archive._db.execute(
        "CREATE TEMP TRIGGER a AFTER UPDATE ON main.posts BEGIN INSERT INTO touched VALUES (NEW.id); END"
    )
    archive._db.execute(
        "CREATE TEMP TRIGGER b AFTER INSERT ON main.posts BEGIN INSERT INTO touched VALUES (NEW.id); END"
    )
    nodes = [*map(a_post, range(1, 41))]
    nodes[6] = replace(nodes[6], language="fi")
    saved(archive, a_thread(*nodes), days=1)
    assert archive._db.rows("SELECT id FROM touched ORDER BY id") == [("social.example/40",), ("social.example/7",)]


def test_an_edit_adds_a_version_with_the_time_of_its_first_sight(archive: Archive) -> None:
    for day, content in enumerate(["one", "one", "two", "three"]):
        id_ = saved(archive, a_thread(a_post(1, f"<p>{content}</p>", summary="s" if day else None)), days=day)
    document = archive.document(id_)
    assert document.thread.posts[0].content == "<p>three</p>"
    assert document.versions == {
        "1": (
            Version(content="<p>one</p>", summary=None, seen_at=NOON),
            Version(content="<p>one</p>", summary="s", seen_at=later(days=1)),
            Version(content="<p>two</p>", summary="s", seen_at=later(days=2)),
        )
    }


def test_a_new_name_leaves_the_old_one_in_the_versions(archive: Archive) -> None:
    birch = replace(ANN, name="Ann Birch")
    saved(archive, a_thread())
    saved(archive, a_thread(a_post(1, author=birch), author=birch), days=1)
    assert sql(archive, "SELECT name FROM authors") == [("Ann Birch",)]
    assert sql(archive, "SELECT number, name, handle FROM author_versions") == [(1, "Ann Ash", "ann@social.example")]


def test_what_a_post_no_longer_carries_goes(archive: Archive) -> None:
    link = '<p><a href="https://a.example/">a</a> <a href="https://b.example/">b</a></p>'
    saved(archive, a_thread(a_post(1, link), a_post(2, link)))
    saved(archive, a_thread(a_post(1, "<p>none</p>"), a_post(2, link)), days=1)
    assert sql(archive, "SELECT DISTINCT post FROM links") == [("social.example/2",)]


def test_a_gap_that_is_filled_goes(archive: Archive) -> None:
    saved(archive, a_thread(a_post(1), Missing(id="2", reason=Reason.NOT_LOADED)))
    id_ = saved(archive, a_thread(a_post(1), a_post(2)), days=1)
    assert [node.id for node in archive.document(id_).thread.posts] == ["1", "2"]
    assert sql(archive, "SELECT COUNT(*) FROM missing") == [(0,)]


def test_a_post_that_is_not_saved_again_stays_in_its_thread(archive: Archive) -> None:
    saved(archive, a_thread(a_post(1), a_post(2)))
    id_ = saved(archive, a_thread(a_post(1)), days=1)
    assert [node.id for node in archive.document(id_).thread.nodes] == ["1", "2"]


def test_a_quote_does_not_replace_what_the_posts_own_thread_said(archive: Archive) -> None:
    whole = a_post(1, language="en", author=BO)
    saved(archive, a_thread(whole, author=BO))
    saved(archive, a_thread(a_post(5, quote=replace(whole, language=None))), days=1)
    assert sql(archive, "SELECT id, language, quoted_only FROM posts ORDER BY id") == [
        ("social.example/1", "en", 0),
        ("social.example/5", None, 0),
    ]


def test_a_quoted_post_becomes_a_whole_one_when_its_thread_is_saved(archive: Archive) -> None:
    first = saved(archive, a_thread(a_post(5, quote=a_post(1, author=BO))))
    saved(archive, a_thread(a_post(1, author=BO, language="en"), author=BO), days=1)
    assert sql(archive, "SELECT quoted_only, language FROM posts WHERE id LIKE '%/1'") == [(0, "en")]
    quote = archive.document(first).thread.posts[0].quote
    assert quote == a_post(1, author=BO, language="en")


def test_a_document_tells_what_the_newest_run_did_not_see(archive: Archive) -> None:
    first = a_thread(a_post(1), a_post(2), a_post(3))
    gone = (Missing(id="2", reason=Reason.DELETED, seen_at=later(days=2)),)
    saved(archive, first)
    saved(archive, first, a_thread(a_post(1), a_post(2)), days=1)
    id_ = saved(archive, replace(first, gone=gone), a_thread(a_post(1)), days=2)
    document = archive.document(id_)
    assert document.last_seen == {"2": later(days=1), "3": NOON}
    assert document.thread.gone == gone
    assert document.run == archive.history.runs()[-1]


def test_an_earlier_capture_of_a_thread_is_found_by_the_next(archive: Archive) -> None:
    earlier = a_thread(a_post(1), a_post(2))
    assert archive.earlier(earlier) is None
    saved(archive, earlier)
    assert archive.earlier(a_thread(a_post(1), a_post(3))) == earlier
    assert archive.earlier(replace(earlier, url="https://other.example/1")) is None


def test_a_post_is_seen_when_the_last_answer_of_its_run_came(archive: Archive) -> None:
    run = archive.begin(URL, Options(), NOON)
    archive.keep(run)(an_exchange(finished_at=later(minutes=5)))
    archive.keep(run)(an_exchange(seq=1, finished_at=later(minutes=9)))
    archive.save(run, a_thread(a_post(1)))
    assert archive.threads()[0].captured_at == later(minutes=9)


def test_the_list_counts_the_authors_posts_and_the_known_gaps(archive: Archive) -> None:
    gap = Missing(id="2", reason=Reason.DELETED)
    nodes = (a_post(1, "<p>On herons</p>"), gap, a_post(3), a_post(4), a_post(5, author=BO), a_post(6, author=BO))
    roles = dict(zip("123456", (Role.MAIN, Role.MAIN, Role.BRANCH, Role.ANSWER, Role.REPLY, Role.CONTEXT), strict=True))
    whole = Completeness(found=3, expected=4, gaps=(gap,))
    saved(archive, a_thread(*nodes, roles=roles, completeness=whole))
    [line] = archive.threads()
    assert (line.title, line.author, line.author_name) == ("On herons", "ann@social.example", "Ann Ash")
    assert (line.posts, line.missing, line.expected, line.verdict) == (3, 1, 4, Verdict.PARTIAL)
    assert sql(archive, "SELECT others FROM thread_overview") == [(2,)]


def test_the_list_goes_by_the_first_capture(archive: Archive) -> None:
    saved(archive, a_thread(a_post(9)))
    saved(archive, a_thread(a_post(1)), days=1)
    saved(archive, a_thread(a_post(9)), days=2)
    assert [line.id for line in archive.threads()] == ["social.example/9", "social.example/1"]


def test_a_thread_without_one_post_is_listed(archive: Archive) -> None:
    saved(archive, a_thread(Missing(id="1", reason=Reason.UNKNOWN)))
    assert [(line.title, line.posts) for line in archive.threads()] == [("Thread by Ann Ash", 0)]


def test_surrogates_and_nuls_do_not_stop_a_save(archive: Archive) -> None:
    id_ = saved(archive, a_thread(a_post(1, "<p>a\ud800b\0c</p>"), url="https://social.example/\udfff"))
    assert archive.document(id_).thread.posts[0].content == "<p>a\ufffdb\ufffdc</p>"


def test_a_text_of_ten_megabytes_is_kept(archive: Archive) -> None:
    content = f"<p>{'word ' * 2_000_000}</p>"
    id_ = saved(archive, a_thread(a_post(1, content)))
    assert archive.document(id_).thread.posts[0].content == content


def test_a_count_beyond_64_bits_does_not_stop_a_save(archive: Archive) -> None:
    saved(archive, a_thread(completeness=Completeness(found=10**40)))
    assert sql(archive, "SELECT found FROM threads") == [(2**63 - 1,)]
