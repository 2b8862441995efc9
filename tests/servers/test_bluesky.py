"""Whole threads from a real Bluesky network, by the command line."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from archiver.errors import Unproven
from archiver.evidence import proofs
from archiver.store.audit import Audit

from .bluesky import Network
from .commandline import Archiver, Saved
from .conftest import NewArchiver
from .seed_bluesky import rewrite, seed_hole, seed_numbered, seed_story, sign_in
from .story import Thread, with_role

pytestmark = pytest.mark.servers

STORY, LONG = 48, 520
PLACES = ("1", "20", "48")


@pytest.fixture(scope="module")
def new(network: Network, new_archiver: NewArchiver) -> Callable[[], Archiver]:
    """Makes an archiver that asks the network of this run."""
    return lambda: new_archiver(f'[bluesky]\nappview = "{network.appview}"\nplc = "{network.plc}"\n')


@pytest.fixture(scope="module")
def story(network: Network) -> Thread:
    """The story, on the network."""
    return seed_story(network)


@pytest.fixture(scope="module")
def from_place(network: Network, new: Callable[[], Archiver], story: Thread) -> dict[str, tuple[Archiver, Saved]]:
    """An archive of the story for each of the places from which it was asked for."""
    archivers = {place: new() for place in PLACES}
    return {place: (archiver, archiver.save(story[place].url, network)) for place, archiver in archivers.items()}


@pytest.fixture(scope="module")
def long(network: Network) -> Thread:
    """A thread of 520 posts."""
    return seed_numbered(network, "otto-lang", LONG)


@pytest.fixture(scope="module")
def hole(network: Network) -> Thread:
    """A thread whose third post is deleted."""
    return seed_hole(network, "pia-roth")


@pytest.mark.parametrize("place", PLACES)
def test_the_story_is_complete_from_every_place(from_place: dict[str, tuple[Archiver, Saved]], place: str) -> None:
    _, saved = from_place[place]
    told = {name: saved.line[name] for name in ("verdict", "posts", "expected", "missing")}
    assert (saved.code, told) == (0, {"verdict": "complete", "posts": STORY, "expected": STORY, "missing": 0})


@pytest.mark.parametrize("place", PLACES)
def test_the_main_line_is_word_for_word_what_was_posted(
    from_place: dict[str, tuple[Archiver, Saved]], story: Thread, place: str
) -> None:
    archiver, _ = from_place[place]
    assert archiver.texts("main") == [post.text for post in with_role(story, "main")]


@pytest.mark.parametrize("role", ["branch", "answer"])
def test_what_the_author_wrote_beside_the_main_line_has_its_role(
    from_place: dict[str, tuple[Archiver, Saved]], story: Thread, role: str
) -> None:
    archiver, _ = from_place["1"]
    assert archiver.texts(role) == [post.text for post in with_role(story, role)]


def test_other_people_are_left_out_unless_they_are_asked_for(
    network: Network, new: Callable[[], Archiver], from_place: dict[str, tuple[Archiver, Saved]], story: Thread
) -> None:
    with_replies = new()
    with_replies.save(story["1"].url, network, "--replies")
    assert from_place["1"][0].texts("reply") == []
    assert sorted(with_replies.texts("reply")) == sorted(post.text for post in with_role(story, "reply"))


def test_the_document_is_the_same_from_every_place(from_place: dict[str, tuple[Archiver, Saved]]) -> None:
    first, *others = (archiver.document() for archiver, _ in from_place.values())
    assert others == [first, first]


@pytest.mark.parametrize("place", PLACES)
def test_the_story_takes_at_most_seven_requests(from_place: dict[str, tuple[Archiver, Saved]], place: str) -> None:
    _, saved = from_place[place]
    assert len(saved.asked) == saved.line["requests"] <= 7  # the last of them sees that the repository ends here


def test_an_image_keeps_its_alternative_text(from_place: dict[str, tuple[Archiver, Saved]], story: Thread) -> None:
    archiver, _ = from_place["1"]
    alts = archiver.query("SELECT alt FROM attachments WHERE kind = 'image' ORDER BY alt")
    assert alts == sorted((post.entry.image_alt,) for post in story.values() if post.entry.image_alt)


def test_a_quoted_post_is_kept_with_its_text(from_place: dict[str, tuple[Archiver, Saved]], story: Thread) -> None:
    archiver, _ = from_place["1"]
    quoted = archiver.query("SELECT q.text FROM posts JOIN posts AS q ON q.id = posts.quote")
    assert quoted == [(story["notice"].text,)]


def test_a_link_card_is_kept(from_place: dict[str, tuple[Archiver, Saved]], story: Thread) -> None:
    archiver, _ = from_place["1"]
    cards = archiver.query("SELECT url, title, description FROM attachments WHERE kind = 'card'")
    posted = [post.entry.card for post in story.values() if post.entry.card]
    assert cards == [(card["url"], card["title"], card["description"]) for card in posted]


def test_a_rewritten_post_shows_its_new_text(from_place: dict[str, tuple[Archiver, Saved]], story: Thread) -> None:
    archiver, _ = from_place["1"]
    (edited,) = (post for post in story.values() if post.entry.edited_from)
    assert archiver.texts("main").count(edited.text) == 1
    assert edited.entry.edited_from not in archiver.texts("main")


def test_a_post_rewritten_between_two_runs_keeps_both_texts(network: Network, new: Callable[[], Archiver]) -> None:
    thread, archiver = seed_numbered(network, "rosa-feld", 3), new()
    archiver.save(thread["1"].url, network)
    rewrite(network, sign_in(network, "rosa-feld"), thread["2"], "Another way.")
    archiver.save(thread["1"].url, network)
    assert archiver.texts("main") == [thread["1"].text, "Another way.", thread["3"].text]
    assert archiver.query("SELECT text FROM post_versions") == [(thread["2"].text,)]


@pytest.mark.parametrize("place", ["1", "260", "520"])
def test_a_thread_of_520_posts_is_complete_in_at_most_13_requests(
    network: Network, new: Callable[[], Archiver], long: Thread, place: str
) -> None:
    archiver = new()
    saved = archiver.save(long[place].url, network)
    assert (saved.code, saved.line["verdict"]) == (0, "complete")
    assert archiver.texts("main") == [post.text for post in long.values()]
    assert len(saved.asked) == saved.line["requests"] <= 13


@pytest.mark.parametrize("place", ["1", "4", "6"])
def test_a_deleted_post_is_the_one_gap_that_is_named(
    network: Network, new: Callable[[], Archiver], hole: Thread, place: str
) -> None:
    archiver = new()
    saved = archiver.save(hole[place].url, network)
    assert (saved.code, saved.line["verdict"], saved.line["missing"]) == (3, "partial", 1)
    ((gap, reason),) = archiver.query("SELECT id, reason FROM missing WHERE counted IS NOT NULL")
    assert gap.endswith(hole["3"].uri)
    assert reason == "deleted"
    assert archiver.texts("main") == [hole[key].text for key in "12456"]
    assert len(saved.asked) == saved.line["requests"] <= 7


def test_the_address_of_a_deleted_post_ends_with_a_clear_line(
    network: Network, new: Callable[[], Archiver], hole: Thread
) -> None:
    saved = new().save(hole["3"].url, network)
    assert saved.code == 4
    (complaint,) = [line for line in saved.complaints.splitlines() if line.startswith("error: ")]
    assert "deleted" in complaint or "not there" in complaint


def test_a_storm_is_what_the_author_posted_in_its_time(
    network: Network, new: Callable[[], Archiver], story: Thread
) -> None:
    archiver, day = new(), "2026-03-12"
    since, until = f"{day}T11:40Z", f"{day}T15:08Z"
    saved = archiver.ask(network, "storm", "marta-olsen.test", "--since", since, "--until", until)
    own = [
        post
        for post in story.values()
        if post.entry.by == "marta-olsen" and since[11:16] <= f"{post.entry.at:%H:%M}" < until[11:16]
    ]
    answers = [post for post in own if post.entry.role == "answer"]
    assert (saved.code, saved.line["verdict"], len(answers)) == (0, "complete", 1)
    assert archiver.texts("main") == [post.text for post in own if post not in answers]
    assert archiver.texts("answer") == [post.text for post in answers]
    assert len(saved.asked) == saved.line["requests"] <= 5


def test_a_storm_of_45_posts_that_are_all_there_is_takes_at_most_five_requests(
    network: Network, new: Callable[[], Archiver]
) -> None:
    thread, archiver = seed_numbered(network, "uwe-brandt", 45), new()
    saved = archiver.ask(
        network, "storm", "@uwe-brandt.test", "--since", "2026-03-14T06:00Z", "--until", "2026-03-14T07:00Z"
    )
    assert (saved.code, saved.line["verdict"]) == (0, "complete")
    assert archiver.texts("main") == [post.text for post in thread.values()]
    assert len(saved.asked) == saved.line["requests"] <= 5


def test_each_post_of_the_story_is_proven_by_its_authors_signature(
    network: Network, new: Callable[[], Archiver], story: Thread
) -> None:
    archiver = new()
    saved = archiver.save(story["1"].url, network, "--proof")
    assert (saved.code, saved.line["verdict"], len(saved.asked)) == (0, "complete", saved.line["requests"])
    with Audit.opened(archiver.folder) as audit:
        assert [str(finding) for finding in proofs.findings(audit)] == [
            f"note: signed by the account's repository key, as the archive shows it: {STORY} posts"
        ]
    archiver.run("reparse")
    assert len(archiver.texts("main")) == STORY


def test_a_real_proof_with_one_changed_byte_proves_nothing(network: Network, new: Callable[[], Archiver]) -> None:
    archiver = new()
    archiver.save(seed_numbered(network, "vera-holm", 3)["2"].url, network, "--proof")
    with Audit.opened(archiver.folder) as audit:
        [first, *_] = proofs.proofs_in(audit)
    assert proofs.told(first, []) == proofs.UNSHOWN
    for place, byte in enumerate(first.car):
        wrong = first.car[:place] + bytes([byte ^ 1]) + first.car[place + 1 :]
        with pytest.raises(Unproven):
            proofs.told(replace(first, car=wrong), [])


def test_a_deleted_post_is_proven_to_be_gone(network: Network, new: Callable[[], Archiver], hole: Thread) -> None:
    archiver = new()
    archiver.save(hole["1"].url, network, "--proof")
    with Audit.opened(archiver.folder) as audit:
        assert [str(finding) for finding in proofs.findings(audit)] == [
            "note: signed by the account's repository key, as the archive shows it: 5 posts",
            "note: proven not to have been in the account's repository when it was asked: 1 post",
        ]


def test_reparse_rebuilds_the_same_rows(from_place: dict[str, tuple[Archiver, Saved]]) -> None:
    archiver, _ = from_place["20"]
    before = archiver.derived()
    assert archiver.run("reparse").returncode == 0
    assert archiver.derived() == before
    assert len(before["posts"]) > STORY
