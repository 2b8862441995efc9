"""What is said of threads on a real Bluesky network is true, in the cases that are made to deceive."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from .bluesky import Network
from .chains_bluesky import Ref, Scribe, page_of, seen, take_account_down, take_post_down
from .commandline import Archiver, Saved
from .conftest import NewArchiver

pytestmark = pytest.mark.servers

PARTS = (0, 0.5, 1)


@pytest.fixture(scope="module")
def new(network: Network, new_archiver: NewArchiver) -> Callable[[], Archiver]:
    """Makes an archiver that asks the network of this run."""
    return lambda: new_archiver(f'[bluesky]\nappview = "{network.appview}"\nplc = "{network.plc}"\n')


def told(saved: Saved) -> tuple[str, int, int | None]:
    return saved.line["verdict"], saved.line["posts"], saved.line["expected"]


def from_all(
    network: Network, new: Callable[[], Archiver], scribe: Scribe, refs: Sequence[Ref], *options: str
) -> list[tuple[Archiver, Saved]]:
    """Save a thread from its first, a middle and its last post, each into an archive of its own."""
    seen(network, refs[-1])
    found = []
    for part in PARTS:
        archiver = new()
        url = page_of(scribe, refs[int(part * (len(refs) - 1))])
        found.append((archiver, archiver.save(url, network, *options)))
    return found


def main_line(archiver: Archiver) -> list[str]:
    rows = archiver.query("SELECT post FROM thread_posts WHERE role = 'main' ORDER BY position")
    return [post.partition("/at:")[2] or post for (post,) in rows]


def uris(refs: Sequence[Ref]) -> list[str]:
    return [ref["uri"] for ref in refs]


def ids(archiver: Archiver, sql: str) -> list[str]:
    return [row[0][row[0].index("at://") :] for row in archiver.query(sql)]


MAIN = "SELECT post FROM thread_posts WHERE role = 'main' ORDER BY position"
CONTEXT = "SELECT post FROM thread_posts WHERE role = 'context' ORDER BY position"


@pytest.mark.parametrize("pause", [0, 260])
def test_a_draft_that_is_deleted_after_its_replacement(
    network: Network, new: Callable[[], Archiver], pause: int
) -> None:
    ann = Scribe.named(network, f"draft-{pause}")
    refs = ann.chain(10)
    draft = ann.post("A draft", refs[-1])
    refs.append(ann.post("Its replacement", refs[-1]))
    refs += ann.chain(9, refs[-1])
    ann.many(pause)
    refs += ann.chain(10, refs[-1])
    seen(network, refs[-1])
    ann.delete(draft)
    seen(network, draft, there=False)
    for archiver, saved in from_all(network, new, ann, refs):
        assert ids(archiver, MAIN) == uris(refs)
        assert told(saved) == ("complete", 30, 30)


def test_a_live_thread_with_rests_of_ten_days(network: Network, new: Callable[[], Archiver]) -> None:
    ann = Scribe.named(network, "live")
    refs = ann.chain(60)
    for count in (60, 30):
        ann.many(130, timedelta(hours=2))
        refs += ann.chain(count, refs[-1])
    for archiver, saved in from_all(network, new, ann, refs):
        assert ids(archiver, MAIN) == uris(refs)
        assert told(saved) == ("complete", 150, 150)


@pytest.mark.parametrize("replies", [[], ["--replies"]])
def test_a_reply_sixty_levels_down(network: Network, new: Callable[[], Archiver], replies: list[str]) -> None:
    ann = Scribe.named(network, f"top-{len(replies)}")
    refs = ann.chain(5)
    bob = Scribe.named(network, f"bob-{len(replies)}", ann)
    cy = Scribe.named(network, f"cy-{len(replies)}", ann)
    last = refs[2]
    for number in range(60):
        cy.at = bob.at = max(bob.at, cy.at)
        last = (cy if number % 2 else bob).post(f"Deeper {number}", last)
    seen(network, last)
    archiver = new()
    saved = archiver.save(page_of(cy, last), network, *replies)
    assert ids(archiver, MAIN) == uris(refs)
    assert told(saved) == ("complete", 5, 5)
    assert len(archiver.texts("reply")) == (60 if replies else 1)


@pytest.mark.parametrize("wrong", ["all", "one"])
def test_records_that_name_a_wrong_root(network: Network, new: Callable[[], Archiver], wrong: str) -> None:
    ann = Scribe.named(network, f"wrong-{wrong}")
    refs = ann.chain(1)
    for number in range(1, 11):
        root = refs[-1] if wrong == "all" or number == 5 else refs[0]
        refs.append(ann.post(f"Note {number}", refs[-1], root))
    for archiver, saved in from_all(network, new, ann, refs):
        assert ids(archiver, MAIN) == uris(refs)
        assert told(saved) == ("complete", 11, 11)


@pytest.mark.parametrize("closed", ["deactivated", "taken_down"])
def test_a_closed_account_is_not_a_deletion(network: Network, new: Callable[[], Archiver], closed: str) -> None:
    name = closed.replace("_", "-")
    bob = Scribe.named(network, f"bob-{name}")
    question = bob.post("A question")
    source = bob.post("A source")
    ann = Scribe.named(network, f"ann-{name}", bob)
    refs = ann.chain(2, question)
    refs.append(ann.post("Look", refs[-1], embed={"$type": "app.bsky.embed.record", "record": source}))
    seen(network, refs[-1])
    if closed == "deactivated":
        bob.deactivate()
    else:
        take_account_down(network, bob.account.did)
    seen(network, question, there=False)
    for archiver, saved in from_all(network, new, ann, refs):
        assert ids(archiver, MAIN) == uris(refs)
        assert told(saved) == ("complete", 3, 3)
        gaps = archiver.query("SELECT reason, detail FROM missing UNION SELECT reason, detail FROM missing_quotes")
        assert {reason for reason, _ in gaps} == {closed}
        assert all("says of the account" in detail for _, detail in gaps)
    gone = new().save(page_of(bob, question), network)
    assert gone.code == 4
    assert "deleted" not in gone.complaints


def test_a_post_that_bluesky_has_taken_down_is_kept_and_said_to_be_hidden(
    network: Network, new: Callable[[], Archiver]
) -> None:
    bob = Scribe.named(network, "bob-hidden")
    question, source = bob.post("A question"), bob.post("A source")
    ann = Scribe.named(network, "ann-hidden", bob)
    refs = ann.chain(5, question)
    refs.append(ann.post("Look", refs[-1], embed={"$type": "app.bsky.embed.record", "record": source}))
    seen(network, refs[-1])
    for ref in (question, source, refs[2]):
        take_post_down(network, ref)
        seen(network, ref, there=False)
    for archiver, saved in from_all(network, new, ann, refs):
        assert ids(archiver, MAIN) == uris(refs)
        assert ids(archiver, CONTEXT) == [question["uri"]]
        assert told(saved) == ("complete", 6, 6)
        assert archiver.query("SELECT count(*) FROM missing") == [(0,)]
        assert len(ids(archiver, "SELECT id FROM posts WHERE notices LIKE '%Bluesky does not show this post%'")) == 3


def test_times_that_are_claimed(network: Network, new: Callable[[], Archiver]) -> None:
    ann = Scribe.named(network, "claims")
    since = ann.at
    refs = [ann.post(f"In it {number}") for number in range(6)]
    old = [ann.post(f"Old by its claim {number}", claims=datetime(1999, 1, number, tzinfo=UTC)) for number in (1, 2)]
    until = ann.at + timedelta(minutes=1)
    ann.at += timedelta(days=100)
    late = [ann.post(f"Dated into it {number}", claims=since + timedelta(minutes=2)) for number in range(4)]
    ann.many(150)
    seen(network, late[-1])
    archiver = new()
    form = "%Y-%m-%dT%H:%M:%SZ"
    saved = archiver.ask(
        network, "storm", ann.account.handle, "--since", f"{since:{form}}", "--until", f"{until:{form}}", "--yes"
    )
    assert sorted(ids(archiver, MAIN)) == sorted(uris([*refs, *old]))
    assert told(saved) == ("complete", 8, 8)
    document = "\n".join(archiver.document())
    assert "4 posts say to be of this time" in document
    assert len(saved.asked) <= 6


def test_siblings_are_in_the_order_of_their_keys(network: Network, new: Callable[[], Archiver]) -> None:
    ann = Scribe.named(network, "siblings")
    refs = ann.chain(2)
    first = ann.post("First by its key", refs[1], claims=ann.at + timedelta(minutes=30))
    ann.post("Second by its key", refs[1], claims=ann.at - timedelta(minutes=1))
    refs += [first, *ann.chain(7, first)]
    for archiver, saved in from_all(network, new, ann, refs):
        assert ids(archiver, MAIN) == uris(refs)
        assert told(saved) == ("complete", 10, 10)
        assert len(archiver.texts("branch")) == 1


def test_the_context_of_a_long_chain(network: Network, new: Callable[[], Archiver]) -> None:
    bob = Scribe.named(network, "bob-long")
    above = bob.chain(60)
    ann = Scribe.named(network, "ann-long", bob)
    refs = ann.chain(80, above[-1])
    documents = []
    for archiver, saved in from_all(network, new, ann, refs):
        assert ids(archiver, MAIN) == uris(refs)
        assert ids(archiver, CONTEXT) == uris(above)
        assert told(saved) == ("complete", 80, 80)
        documents.append(archiver.document())
    assert documents[1:] == documents[:1] * 2


def test_hidden_replies_and_what_is_embedded_and_is_no_post(network: Network, new: Callable[[], Archiver]) -> None:
    ann = Scribe.named(network, "gates")
    refs = ann.chain(2)
    listed = f"at://{ann.account.did}/app.bsky.graph.list/3mduewntts222"
    record = {"$type": "app.bsky.graph.list", "name": "Birders", "purpose": "app.bsky.graph.defs#curatelist"}
    ann.put("app.bsky.graph.list", "3mduewntts222", {**record, "createdAt": "2026-02-02T08:00:00Z"})
    embed = {"$type": "app.bsky.embed.record", "record": {"uri": listed, "cid": refs[0]["cid"]}}
    refs.append(ann.post("Look", refs[-1], embed=embed))
    bob = Scribe.named(network, "bob-gates", ann)
    hidden = bob.post("A rude word", refs[0])
    gate = {"$type": "app.bsky.feed.threadgate", "post": refs[0]["uri"], "hiddenReplies": [hidden["uri"]]}
    seen(network, hidden)
    key = refs[0]["uri"].rsplit("/", 1)[1]
    ann.put("app.bsky.feed.threadgate", key, {**gate, "createdAt": "2026-02-02T09:00:00Z"})
    for archiver, saved in from_all(network, new, ann, refs, "--replies"):
        assert told(saved) == ("complete", 3, 3)
        assert archiver.texts("reply") == ["A rude word"]
        assert len(ids(archiver, "SELECT id FROM posts WHERE notices LIKE '%has hidden this reply%'")) == 1
        assert archiver.query("SELECT title FROM attachments WHERE kind = 'card'") == [
            ("Birders (a list of accounts on Bluesky)",)
        ]


def test_a_handle_that_changes(network: Network, new: Callable[[], Archiver]) -> None:
    ann = Scribe.named(network, "old-name")
    refs = ann.chain(10)
    seen(network, refs[-1])
    archiver, old = new(), page_of(ann, refs[0])
    archiver.save(old, network)
    ann.rename("new-name.test")
    stranger = new().save(old, network)
    assert stranger.code == 4
    assert "no account has the handle old-name.test" in stranger.complaints
    assert told(archiver.save(old, network)) == ("complete", 10, 10), "the archive knows whose it was"
    saved = archiver.save(f"https://bsky.app/profile/new-name.test/post/{refs[4]['uri'].rsplit('/', 1)[1]}", network)
    assert told(saved) == ("complete", 10, 10)
    assert [path.name.split("_")[1] for path in (archiver.folder / "threads").glob("*.md")] == ["new-name.test"]


def reasons(archiver: Archiver) -> dict[str, str]:
    """What an archive says became of posts, by their keys."""
    rows = archiver.query("SELECT id, reason FROM missing")
    return {id_.rsplit("/", 1)[1]: reason for id_, reason in rows}


def test_a_second_visit_knows_what_was_deleted_since(network: Network, new: Callable[[], Archiver]) -> None:
    ann = Scribe.named(network, "second-visit")
    refs = ann.chain(12)
    seen(network, refs[-1])
    archiver = new()
    archiver.save(page_of(ann, refs[5]), network)
    for number in (3, 4, 11):
        ann.delete(refs[number])
        seen(network, refs[number], there=False)
    saved = archiver.save(page_of(ann, refs[5]), network)
    assert ids(archiver, MAIN) == uris(refs)
    assert reasons(archiver) == {refs[number]["uri"].rsplit("/", 1)[1]: "deleted" for number in (3, 4, 11)}
    assert len(saved.asked) <= 12
    before = archiver.derived()
    assert archiver.run("reparse").returncode == 0
    assert archiver.derived() == before
    assert archiver.run("verify", "--deep").returncode == 0


@pytest.mark.parametrize("end", ["deleted", "deactivated"])
def test_a_second_visit_to_what_is_gone_as_a_whole_says_by_whose_hand(
    network: Network, new: Callable[[], Archiver], end: str
) -> None:
    ann = Scribe.named(network, f"gone-{end}")
    refs = ann.chain(6)
    seen(network, refs[-1])
    archiver = new()
    archiver.save(page_of(ann, refs[0]), network)
    if end == "deactivated":
        ann.deactivate()
    else:
        for ref in refs:
            ann.delete(ref)
    seen(network, refs[-1], there=False)
    archiver.save(page_of(ann, refs[0]), network)
    assert ids(archiver, MAIN) == uris(refs)
    assert set(reasons(archiver).values()) == {end}
    assert len(reasons(archiver)) == 6
