"""Which thread does a person mean?"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from samples import BO, NOON, a_post, a_thread, saved

from archiver.errors import ArchiveError
from archiver.model import Missing, Reason
from archiver.options import Options
from archiver.store.store import Archive


@pytest.fixture
def threads(archive: Archive) -> Archive:
    """Two threads: 71 to 73, whose 72 is missing, asked for by another address; and one with an awkward id."""
    gap = Missing(id="72", reason=Reason.DELETED, url="https://social.example/@ann/72")
    run = archive.begin("https://reader.example/social.example/71", Options(), NOON)
    archive.save(run, a_thread(a_post(71), gap, a_post(73)))
    other = a_post(80, "<p>On egrets</p>", id="at://did:x/post/3kq'%", url="https://sky.example/p/3kq")
    saved(archive, a_thread(other, url="https://sky.example/p/3kq"), days=1)
    return archive


@pytest.mark.parametrize(
    "words",
    [
        *("social.example/71", "71", "https://social.example/@ann/71"),
        *("73", "social.example/73", "https://social.example/@ann/73", " 73\n"),
        *("72", "https://social.example/@ann/72"),
        "https://reader.example/social.example/71",
        *("1", "social", "social.ex"),
    ],
)
def test_a_thread_is_found_by_all_that_names_it(threads: Archive, words: str) -> None:
    assert threads.index.find(words) == "social.example/71"


@pytest.mark.parametrize(
    "words", ["2", "3kq'%", "at://did:x/post/3kq'%", "post/3", "did:x/po", "https://sky.example/p/3kq"]
)
def test_an_awkward_id_is_only_text(threads: Archive, words: str) -> None:
    assert threads.index.find(words) == "sky.example/at://did:x/post/3kq'%"


def test_a_number_that_is_also_an_id_is_asked_about(threads: Archive) -> None:
    saved(threads, a_thread(a_post(1)), days=2)
    with pytest.raises(ArchiveError, match="1 may mean 2 threads: "):
        threads.index.find("1")
    assert threads.index.find("social.example/1") == "social.example/1"
    assert threads.index.find("3") == "social.example/1"


def test_digits_are_never_a_beginning(archive: Archive) -> None:
    saved(archive, a_thread(a_post(3344556677)))
    for digits in ("3", "33", "334455667", "33445566770"):
        with pytest.raises(ArchiveError, match=f'no thread in .* is named by "{digits}"'):
            archive.index.find(digits)
    assert archive.index.find("3344556677") == archive.index.find("1")


def test_what_changes_a_thread_takes_no_beginning(threads: Archive) -> None:
    for words in ("social.ex", "https://sky.example/p/3k", "post/3"):
        with pytest.raises(ArchiveError, match="is named by"):
            threads.index.named(words)
    for words in ("1", "71", "73", "social.example/71", "https://social.example/@ann/72"):
        assert threads.index.named(words) == "social.example/71"
    assert threads.index.named("3kq'%") == "sky.example/at://did:x/post/3kq'%"


@pytest.mark.parametrize("words", ["", " ", "nothing", "4", "%", "_", "7", "soci", "did:", "ocial.example"])
def test_words_that_name_nothing_are_an_error(threads: Archive, words: str) -> None:
    said = f'no thread in {threads.folder} is named by "{words.strip()}"; see: archiver list'
    with pytest.raises(ArchiveError, match=re.escape(said)):
        threads.index.find(words)


def test_words_that_name_several_threads_name_the_first_of_them(archive: Archive) -> None:
    for number in range(10, 17):
        saved(archive, a_thread(a_post(number)), days=number)
    candidates = ", ".join(f'social.example/{number} ("Post number {number}")' for number in range(10, 15))
    said = f"social.example/1 may mean 7 threads: {candidates}, …; give the id of one"
    with pytest.raises(ArchiveError, match=re.escape(said)):
        archive.index.find("social.example/1")


def test_a_post_in_two_threads_names_both(archive: Archive) -> None:
    shared = a_post(5, author=BO)
    for number in (1, 2):
        saved(archive, a_thread(a_post(number), shared))
    with pytest.raises(ArchiveError, match=r'5 may mean 2 threads: social.example/1 \("Post number 1"\), social'):
        archive.index.find("5")


def test_a_document_is_named_as_a_thread_is(threads: Archive) -> None:
    assert threads.document("73").thread.id == "71"


def test_one_id_on_two_servers_is_asked_about(archive: Archive) -> None:
    for host in ("a.example", "b.example"):
        saved(archive, replace(a_thread(a_post(5)), url=f"https://{host}/5"))
    with pytest.raises(ArchiveError, match=r"5 may mean 2 threads: a\.example/5 .*, b\.example/5 .*; give"):
        archive.index.find("5")
    assert archive.document("b.example/5").thread.url == "https://b.example/5"


def test_an_empty_archive_says_so_too(folder: Path) -> None:
    with Archive.open(folder, now=NOON) as archive, pytest.raises(ArchiveError, match="see: archiver list"):
        archive.index.find("1")


def listed(archive: Archive) -> dict[str, int]:
    return {thread.id: thread.number for thread in archive.threads()}


def test_a_number_stays_with_its_thread(archive: Archive) -> None:
    saved(archive, a_thread(a_post(50)), days=5)
    saved(archive, a_thread(a_post(40)), days=1)  # captured earlier, and taken in later
    before = {"social.example/50": 1, "social.example/40": 2}
    assert listed(archive) == before
    assert [archive.index.find(number) for number in "12"] == list(before)
    with archive.rebuilding():
        saved(archive, a_thread(a_post(40)), days=1)
        saved(archive, a_thread(a_post(60)), days=0)
    assert listed(archive) == {"social.example/40": 2, "social.example/60": 3}
    with pytest.raises(ArchiveError, match=r"has the number 1 \(it is not there any more\)"):
        archive.index.find("1")
    saved(archive, a_thread(a_post(50)), days=5)
    assert listed(archive) == {**before, "social.example/60": 3}


def test_a_thread_that_takes_another_in_has_its_number(archive: Archive) -> None:
    saved(archive, a_thread(a_post(2, in_reply_to="1"), a_post(3, in_reply_to="2")))
    saved(archive, a_thread(a_post(9)))
    saved(archive, a_thread(a_post(1), a_post(2, in_reply_to="1"), a_post(3, in_reply_to="2")), days=1)
    assert listed(archive) == {"social.example/1": 1, "social.example/9": 2}
