"""What lacks, on a real snac2: as a Mastodon server shows it, to its author, and to another user of the server."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from .commandline import Archiver, Saved
from .conftest import NewArchiver
from .mastodon import Site
from .seed_mastodon import delete, edit, seed_with, username
from .snac import Snac
from .story import Thread

pytestmark = pytest.mark.servers

ENDS = ("first", "middle", "last")
ALWAYS = ("--since", "2020-01-01T00:00Z", "--until", "2100-01-01T00:00Z", "--yes")
READERS = ("nobody", "the author", "another")


class Unobserved:
    """Stands for a server that keeps no list of requests."""

    def requests(self) -> list[str]:
        """None that are known."""
        return []


@dataclass(frozen=True)
class Reader:
    """Somebody who reads a server: in front of the proxy, or with a token of the author or of another user."""

    who: str
    snac: Snac
    new: Callable[[str], Archiver]
    threads: dict[tuple[str, str], Thread]

    def thread(self, name: str, count: int, *, hidden: str = "", deleted: str = "") -> Thread:
        """The thread of an author, written when it is first asked for."""
        key = (self.snac.address, name)
        if key not in self.threads:
            self.threads[key] = seed_with(self.snac, name, count, hidden=hidden.split(), deleted=deleted.split())
        return self.threads[key]

    def archiver(self, name: str) -> Archiver:
        """An archiver with an empty archive and this reader's token."""
        user = {"the author": username(name), "another": "solo"}.get(self.who)
        host = urlsplit(self.snac.address).netloc
        return self.new(f'[mastodon."{host}"]\ntoken = "{self.snac.tokens[user]}"\n' if user else "")

    def saved(self, thread: Thread, end: str, name: str) -> tuple[Archiver, Saved]:
        """An archive of a thread, from one of its public posts."""
        public = [post for post in thread.values() if post.entry.visibility == "public"]
        post = public[{"first": 0, "middle": len(public) // 2, "last": -1}[end]]
        archiver = self.archiver(name)
        return archiver, archiver.save(post.url, Unobserved())


@pytest.fixture(scope="module")
def threads() -> dict[tuple[str, str], Thread]:
    """The threads that were written so far."""
    return {}


@pytest.fixture(params=READERS)
def reader(
    request: pytest.FixtureRequest,
    site: Site,
    bare: Snac,
    new_archiver: NewArchiver,
    threads: dict[tuple[str, str], Thread],
) -> Reader:
    """Each of the readers."""
    snac = site.snac if request.param == "nobody" else bare
    return Reader(request.param, snac, new_archiver, threads)


def gaps(archiver: Archiver) -> list[tuple[str, str]]:
    """The gaps of the author's, with their reasons."""
    return archiver.query("SELECT id, reason FROM missing WHERE counted IS NOT NULL ORDER BY counted")


@pytest.mark.parametrize("end", ENDS)
def test_sixty_posts_are_whole_for_every_reader(reader: Reader, end: str) -> None:
    thread = reader.thread("plain", 60)
    archiver, saved = reader.saved(thread, end, "plain")
    assert (saved.code, saved.line["verdict"], saved.line["posts"]) == (0, "complete", 60)
    assert archiver.texts("main") == [post.text for post in thread.values()]


@pytest.mark.parametrize("end", ENDS)
def test_posts_for_followers_are_gaps_and_what_follows_them_is_there(reader: Reader, end: str) -> None:
    thread = reader.thread("friends", 17, hidden="6 12")
    archiver, saved = reader.saved(thread, end, "friends")
    assert (saved.code, saved.line["verdict"], saved.line["posts"]) == (3, "partial", 15)
    assert archiver.texts("main") == [p.text for p in thread.values() if p.entry.visibility == "public"]
    assert [id_.endswith(thread[key].uri) for (id_, _), key in zip(gaps(archiver), ("6", "12"), strict=True)] == [
        True
    ] * 2
    assert {reason for _, reason in gaps(archiver)} <= {"private", "unknown"}


@pytest.mark.parametrize("end", ENDS)
def test_deleted_posts_are_gaps_at_their_places(reader: Reader, end: str) -> None:
    thread = reader.thread("thrice", 20, deleted="4 9 15")
    archiver, saved = reader.saved({key: thread[key] for key in thread if key not in ("4", "9", "15")}, end, "thrice")
    assert (saved.code, saved.line["verdict"], saved.line["posts"]) == (3, "partial", 17)
    assert archiver.query("SELECT position FROM missing WHERE counted IS NOT NULL ORDER BY counted") == [
        (3,),
        (8,),
        (14,),
    ]


@pytest.mark.parametrize("end", ENDS)
def test_a_deleted_first_post_of_an_account_is_a_gap(reader: Reader, end: str) -> None:
    thread = reader.thread("orphan", 8, deleted="1")
    archiver, saved = reader.saved({key: thread[key] for key in thread if key != "1"}, end, "orphan")
    assert (saved.code, saved.line["verdict"], saved.line["posts"]) == (3, "partial", 7)
    assert len(gaps(archiver)) == 1


def test_a_storm_takes_the_servers_own_address_of_a_profile(reader: Reader) -> None:
    thread = reader.thread("asked", 5)
    archiver = reader.archiver("asked")
    saved = archiver.ask(Unobserved(), "storm", f"{reader.snac.public}/asked", *ALWAYS)
    assert (saved.code, saved.line["verdict"]) == (0, "complete")
    assert archiver.texts("main") == [post.text for post in thread.values()]


@pytest.mark.parametrize("end", ["first", "last"])
def test_a_second_visit_says_what_was_deleted_and_what_was_edited(reader: Reader, end: str) -> None:
    name = f"visited_{reader.who.split()[-1]}"
    thread = seed_with(reader.snac, name, 8)
    archiver, saved = reader.saved(thread, end, name)
    assert (saved.code, saved.line["verdict"]) == (0, "complete")
    delete(reader.snac, thread["4"])
    edit(reader.snac, thread["6"], "The tide table was wrong.")
    again = archiver.save(thread["1" if end == "first" else "8"].url, Unobserved())
    assert (again.code, again.line["posts"]) == (0, 8)  # the archive holds them all
    assert [text for (text,) in archiver.query("SELECT text FROM post_versions")] == [thread["6"].text]
    gone = archiver.query("SELECT id, reason FROM missing WHERE gone IS NOT NULL")
    assert [(id_.partition("/")[2], reason) for id_, reason in gone] == [(thread["4"].uri, "deleted")]
    assert thread["4"].text in "\n".join(archiver.document())
    assert archiver.texts("main")[3] == thread["4"].text


def test_a_thread_that_is_gone_is_said_to_be_deleted(reader: Reader) -> None:
    name = f"left_{reader.who.split()[-1]}"
    thread = seed_with(reader.snac, name, 4)
    archiver, _ = reader.saved(thread, "first", name)
    for post in reversed(thread.values()):
        delete(reader.snac, post)
    archiver.save(thread["1"].url, Unobserved())
    gone = archiver.query("SELECT reason FROM missing WHERE gone IS NOT NULL")
    assert gone == [("deleted",)] * 4
    assert archiver.texts("main") == [post.text for post in thread.values()]
