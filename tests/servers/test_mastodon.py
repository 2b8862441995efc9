"""Whole threads from a real snac2 that shows itself as a Mastodon server does, by the command line."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from .commandline import Archiver, Saved
from .conftest import NewArchiver
from .mastodon import Site
from .seed_mastodon import edit, seed_hole, seed_numbered, seed_poll, seed_story
from .snac import Snac
from .story import Seeded, Thread, with_role

pytestmark = pytest.mark.servers

STORY, LONG = 48, 520
PLACES = ("1", "20", "48")
ALWAYS = ("--since", "2020-01-01T00:00Z", "--until", "2100-01-01T00:00Z", "--yes")


class Unobserved:
    """Stands for a server that keeps no list of requests."""

    def requests(self) -> list[str]:
        """None that are known."""
        return []


@pytest.fixture(scope="module")
def new(new_archiver: NewArchiver) -> Callable[[], Archiver]:
    """Makes an archiver without a token."""
    return lambda: new_archiver("")


@pytest.fixture(scope="module")
def story(site: Site) -> Thread:
    """The story, on the server."""
    return seed_story(site.snac)


@pytest.fixture(scope="module")
def from_place(site: Site, new: Callable[[], Archiver], story: Thread) -> dict[str, tuple[Archiver, Saved]]:
    """An archive of the story for each of the places from which it was asked for."""
    archivers = {place: new() for place in PLACES}
    return {place: (archiver, archiver.save(story[place].url, site)) for place, archiver in archivers.items()}


@pytest.fixture(scope="module")
def long(site: Site) -> Thread:
    """A thread of 520 posts."""
    return seed_numbered(site.snac, "otto-lang", LONG)


@pytest.fixture(scope="module")
def plain(site: Site) -> Thread:
    """A thread of 45 posts whose author answered nobody in between."""
    return seed_numbered(site.snac, "uwe-brandt", 45)


@pytest.fixture(scope="module")
def hole(site: Site) -> Thread:
    """A thread whose third post is deleted."""
    return seed_hole(site.snac, "pia-roth")


@pytest.fixture(scope="module")
def behind_a_login(bare: Snac) -> Thread:
    """A thread on a server that shows it to its users only."""
    return seed_numbered(bare, "solo", 50)


@pytest.fixture(
    scope="module", params=[("duo", "Stair {number} of the tower. {number}/{count}"), ("trio", "Stair {number}.")]
)
def hole_behind_a_login(bare: Snac, request: pytest.FixtureRequest) -> Thread:
    """A thread on that server whose third post is deleted: by an author who counts, and by one who does not."""
    return seed_hole(bare, *request.param)


@pytest.fixture
def with_token(bare: Snac, new_archiver: NewArchiver) -> Archiver:
    """An archiver that has the token of that server's first user, whom it shows what is public."""
    return new_archiver(f'[mastodon."{urlsplit(bare.address).netloc}"]\ntoken = "{bare.tokens["solo"]}"\n')


def words(text: str) -> str:
    """The text without what snac2 takes for markup and without the hosts that it adds to mentions.

    It reads some Markdown and HTML in what is posted, and makes lists, headings and code of it.
    """
    return re.sub(r"</?b>|(?<=\w)@localhost:\d+|[\s*`#>-]", "", text)


def posted(posts: list[Seeded]) -> list[str]:
    """The words that were posted."""
    return [words(post.text) for post in posts]


def kept(archiver: Archiver, role: str) -> list[str]:
    """The words that the archive holds."""
    return [words(text) for text in archiver.texts(role)]


@pytest.mark.parametrize("place", PLACES)
def test_the_story_is_complete_from_every_place(from_place: dict[str, tuple[Archiver, Saved]], place: str) -> None:
    _, saved = from_place[place]
    told = {name: saved.line[name] for name in ("verdict", "posts", "expected", "missing")}
    assert (saved.code, told) == (0, {"verdict": "complete", "posts": STORY, "expected": STORY, "missing": 0})


@pytest.mark.parametrize("place", PLACES)
def test_the_main_line_says_what_was_posted_in_its_order(
    from_place: dict[str, tuple[Archiver, Saved]], story: Thread, place: str
) -> None:
    archiver, _ = from_place[place]
    assert kept(archiver, "main") == posted(with_role(story, "main"))


@pytest.mark.parametrize("role", ["branch", "answer"])
def test_what_the_author_wrote_beside_the_main_line_has_its_role(
    from_place: dict[str, tuple[Archiver, Saved]], story: Thread, role: str
) -> None:
    archiver, _ = from_place["1"]
    assert kept(archiver, role) == posted(with_role(story, role))


def test_other_people_are_left_out_unless_they_are_asked_for(
    site: Site, new: Callable[[], Archiver], from_place: dict[str, tuple[Archiver, Saved]], story: Thread
) -> None:
    with_replies = new()
    with_replies.save(story["1"].url, site, "--replies")
    assert kept(from_place["1"][0], "reply") == []
    assert sorted(kept(with_replies, "reply")) == sorted(posted(with_role(story, "reply")))


def test_the_document_is_the_same_from_every_place(from_place: dict[str, tuple[Archiver, Saved]]) -> None:
    first, *others = (archiver.document() for archiver, _ in from_place.values())
    assert others == [first, first]


@pytest.mark.parametrize("place", PLACES)
def test_the_story_takes_at_most_four_requests_and_one_for_each_of_four_things_more(
    from_place: dict[str, tuple[Archiver, Saved]], place: str
) -> None:
    """For whom the author answered, the replies to the last post, the edited post, and what snac2 forgets."""
    _, saved = from_place[place]
    assert len(saved.asked) == saved.line["requests"] <= 8


def test_a_content_warning_is_kept(from_place: dict[str, tuple[Archiver, Saved]], story: Thread) -> None:
    archiver, _ = from_place["1"]
    warnings = archiver.query("SELECT summary FROM posts WHERE summary != ''")
    assert warnings == [(post.entry.warning,) for post in story.values() if post.entry.warning]


def test_an_edited_post_shows_its_new_text_and_when(
    from_place: dict[str, tuple[Archiver, Saved]], story: Thread
) -> None:
    archiver, _ = from_place["1"]
    (edited,) = (post for post in story.values() if post.entry.edited_from)
    assert archiver.query("SELECT text, edited_at != '' FROM posts WHERE edited_at != ''") == [(edited.text, 1)]


def test_a_post_edited_between_two_runs_keeps_both_texts(site: Site, new: Callable[[], Archiver]) -> None:
    thread, archiver = seed_numbered(site.snac, "rosa-feld", 3), new()
    archiver.save(thread["1"].url, site)
    edit(site.snac, thread["2"], "Another way.")
    archiver.save(thread["1"].url, site)
    assert archiver.texts("main") == [thread["1"].text, "Another way.", thread["3"].text]
    assert archiver.query("SELECT text FROM post_versions") == [(thread["2"].text,)]


def test_a_poll_is_kept_with_its_options(site: Site, new: Callable[[], Archiver]) -> None:
    thread, archiver = seed_poll(site.snac, "nils-voss"), new()
    archiver.save(thread["2"].url, site)
    options = archiver.query("SELECT text FROM poll_options ORDER BY position")
    assert options == [(option,) for option in thread["1"].entry.poll]


@pytest.mark.parametrize("place", ["1", "20", "45"])
def test_a_thread_of_45_posts_is_complete_in_at_most_four_requests_and_one_for_what_snac2_forgets(
    site: Site, new: Callable[[], Archiver], plain: Thread, place: str
) -> None:
    archiver = new()
    saved = archiver.save(plain[place].url, site)
    assert (saved.code, saved.line["verdict"]) == (0, "complete")
    assert archiver.texts("main") == [post.text for post in plain.values()]
    assert len(saved.asked) == saved.line["requests"] <= 5


@pytest.mark.parametrize("place", ["1", "260", "520"])
def test_a_thread_of_520_posts_is_complete_in_at_most_16_requests(
    site: Site, new: Callable[[], Archiver], long: Thread, place: str
) -> None:
    archiver = new()
    saved = archiver.save(long[place].url, site)
    assert (saved.code, saved.line["verdict"]) == (0, "complete")
    assert archiver.texts("main") == [post.text for post in long.values()]
    assert len(saved.asked) == saved.line["requests"] <= 16


@pytest.mark.parametrize("place", ["1", "4", "6"])
def test_a_deleted_post_is_one_gap_at_its_place_where_the_server_has_forgotten_it(
    site: Site, new: Callable[[], Archiver], hole: Thread, place: str
) -> None:
    archiver = new()
    saved = archiver.save(hole[place].url, site)
    assert (saved.code, saved.line["verdict"], saved.line["missing"]) == (3, "partial", 1)
    assert archiver.query("SELECT position, role FROM missing WHERE counted IS NOT NULL") == [(2, "main")]
    assert archiver.texts("main") == [hole[key].text for key in "12456"]


@pytest.mark.parametrize("place", ["1", "4", "6"])
def test_a_deleted_post_is_the_one_gap_that_is_named_where_activitypub_names_it(
    with_token: Archiver, hole_behind_a_login: Thread, place: str
) -> None:
    saved = with_token.save(hole_behind_a_login[place].url, Unobserved())
    assert (saved.code, saved.line["verdict"], saved.line["missing"]) == (3, "partial", 1)
    ((gap, reason),) = with_token.query("SELECT id, reason FROM missing WHERE counted IS NOT NULL")
    assert gap.endswith(hole_behind_a_login["3"].uri)
    assert reason == "deleted"
    assert with_token.texts("main") == [hole_behind_a_login[key].text for key in "12456"]


def test_the_address_of_a_deleted_post_ends_with_a_clear_line(
    site: Site, new: Callable[[], Archiver], hole: Thread
) -> None:
    saved = new().save(hole["3"].url, site)
    assert saved.code == 4
    (complaint,) = [line for line in saved.complaints.splitlines() if line.startswith("error: ")]
    assert "not there" in complaint


@pytest.mark.parametrize("place", PLACES)
def test_the_servers_own_form_of_address_gives_the_same_thread(
    site: Site, new: Callable[[], Archiver], from_place: dict[str, tuple[Archiver, Saved]], story: Thread, place: str
) -> None:
    archiver = new()
    saved = archiver.save(story[place].uri, site)
    assert (saved.code, saved.line["posts"]) == (0, STORY)
    assert archiver.document() == from_place["1"][0].document()


def test_a_storm_is_all_that_the_author_posted(site: Site, new: Callable[[], Archiver], story: Thread) -> None:
    archiver = new()
    saved = archiver.ask(site, "storm", f"{site.url}/@marta_olsen", *ALWAYS)
    own = [post for post in story.values() if post.entry.by == "marta-olsen"]
    answers = with_role(story, "answer")
    assert (saved.code, saved.line["verdict"]) == (0, "complete")
    assert kept(archiver, "main") == posted([post for post in own if post not in answers])
    assert kept(archiver, "answer") == posted(answers)
    assert len(saved.asked) == saved.line["requests"] <= 5  # one post was edited


def test_a_storm_of_45_posts_takes_at_most_four_requests(
    site: Site, new: Callable[[], Archiver], plain: Thread
) -> None:
    archiver = new()
    saved = archiver.ask(site, "storm", f"{site.url}/@uwe_brandt", *ALWAYS)
    assert (saved.code, saved.line["verdict"]) == (0, "complete")
    assert archiver.texts("main") == [post.text for post in plain.values()]
    assert len(saved.asked) == saved.line["requests"] <= 4


def test_a_storm_of_a_time_without_posts_is_refused(site: Site, new: Callable[[], Archiver], plain: Thread) -> None:
    times = ("--since", "2020-01-01T00:00Z", "--until", "2020-01-02T00:00Z")
    saved = new().ask(site, "storm", f"{site.url}/@uwe_brandt", *times)
    assert saved.code == 4
    assert "no post by @uwe_brandt" in saved.complaints


def test_reparse_rebuilds_the_same_rows(from_place: dict[str, tuple[Archiver, Saved]]) -> None:
    archiver, _ = from_place["20"]
    before = archiver.derived()
    assert archiver.run("reparse").returncode == 0
    assert archiver.derived() == before
    assert len(before["posts"]) > STORY


def test_a_server_that_wants_a_login_is_not_taken_for_an_empty_one(
    new: Callable[[], Archiver], behind_a_login: Thread
) -> None:
    saved = new().save(behind_a_login["20"].url, Unobserved())
    assert saved.code == 4
    assert "token" in saved.complaints
    assert "posts" not in saved.line


def test_the_authors_token_opens_a_server_that_wants_a_login(with_token: Archiver, behind_a_login: Thread) -> None:
    saved = with_token.save(behind_a_login["20"].url, Unobserved())
    assert (saved.code, saved.line["verdict"]) == (0, "complete")
    assert with_token.texts("main") == [post.text for post in behind_a_login.values()]


def test_a_token_is_sent_and_never_kept(bare: Snac, with_token: Archiver, behind_a_login: Thread) -> None:
    saved = with_token.save(behind_a_login["20"].url, Unobserved())
    assert saved.code == 0
    assert bare.tokens["solo"].encode() not in (with_token.folder / "archive.db").read_bytes()


def test_the_public_page_is_one_request_more(new: Callable[[], Archiver], site: Site, plain: Thread) -> None:
    without = new().save(plain["1"].url, site)
    archiver = new()
    archiver.config.write_text(archiver.config.read_text().replace("page = false", "page = true"))
    saved = archiver.save(plain["1"].url, site)
    assert (saved.code, saved.complaints) == (0, "")
    assert (saved.line["requests"], saved.line["page_requests"]) == (without.line["requests"], 1)
    assert len(saved.asked) == saved.line["requests"] + 1
    [(status, head)] = archiver.query("SELECT status, response_head FROM _exchanges ORDER BY seq DESC LIMIT 1")
    assert status == 200
    assert "text/html" in head.lower()
    before = archiver.derived()
    assert archiver.run("reparse").returncode == 0
    assert archiver.derived() == before
