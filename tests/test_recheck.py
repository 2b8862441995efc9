"""The second visit: what the archive says of posts, and of threads, that it holds and that are not shown any more."""

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from atmosphere import DIDS, Bluesky, page_url
from birdsite import Birdsite
from fediverse import Mastodon
from samples import NOON, later
from world import World, keeping

from archiver import collecting
from archiver.errors import ArchiverError, Gone, Interrupted, NetworkError
from archiver.exporters.markdown import render
from archiver.exporters.page.thread import page
from archiver.exporters.terminal import changed, saved_text, summary_text
from archiver.http.message import Keep, Request, Response, Send
from archiver.model import Outcome, Post, Reason, Role, Verdict
from archiver.options import Options
from archiver.platforms import find_platform
from archiver.store.store import Archive
from archiver.verbs import capture
from archiver.verbs.capture import Saved


@pytest.fixture
def network() -> Bluesky:
    return Bluesky()


def save(archive: Archive, world: World, url: str, days: float, **asked: str) -> Saved:
    world.now = NOON + timedelta(days=days)
    return capture.archive(archive, url, keeping(world), lambda: world.now, Options.of(asked))


def rebuilt(archive: Archive) -> None:
    """A rebuild out of the kept answers gives the same documents."""
    before = {one.id: archive.document(one.id) for one in archive.threads()}
    assert collecting.reparse(archive).unreadable == ()
    assert {one.id: archive.document(one.id) for one in archive.threads()} == before


def state(saved: Saved) -> dict[str, Reason]:
    return {gap.id: gap.reason for gap in saved.document.thread.gone}


def test_a_post_that_is_deleted_since_is_said_to_be_with_the_word_for_it(archive: Archive, network: Bluesky) -> None:
    uris = network.thread(6)
    url = page_url(uris[0])
    assert save(archive, network, url, 0).changes is None
    network.delete(uris[3])
    network.delete(uris[4])
    network.delete(uris[5])
    second = save(archive, network, url, 1)
    assert state(second) == dict.fromkeys(uris[3:], Reason.DELETED)
    assert second.changes
    assert (second.changes.gone, second.changes.new, second.changes.edited) == (tuple(uris[3:]), (), ())
    assert changed(second.document, second.changes) == "3 no longer there (post 4, post 5, post 6)"
    text = render(second.document)
    assert "No longer on the platform: post 4, post 5, post 6." in text
    assert text.count("**No longer there:**") == 3
    assert text.count("Last seen 12 March 2026") == 3
    assert "never captured" not in text
    assert page(second.document).count("No longer there:") == 3
    rebuilt(archive)


def test_what_was_said_first_stays_with_its_time(archive: Archive, network: Bluesky) -> None:
    uris = network.thread(3)
    save(archive, network, page_url(uris[0]), 0)
    network.delete(uris[2])
    [first] = save(archive, network, page_url(uris[0]), 1).document.thread.gone
    third = save(archive, network, page_url(uris[0]), 2)
    assert third.document.thread.gone == (first,)
    assert third.changes
    assert changed(third.document, third.changes) == "nothing has changed"


def test_a_post_that_comes_back_is_there_again(archive: Archive, network: Bluesky) -> None:
    uris = network.thread(3)
    save(archive, network, page_url(uris[0]), 0)
    network.delete(uris[2])
    save(archive, network, page_url(uris[0]), 1)
    del network.deleted[uris[2]]
    third = save(archive, network, page_url(uris[0]), 2)
    assert state(third) == {}
    assert third.changes
    assert third.changes.back == (uris[2],)
    assert "since 13 March 2026, 12:00 UTC: 1 there again (post 3)" in saved_text(third.document, "", third.changes)


@pytest.mark.parametrize("status", ["deactivated", "takendown", "suspended"])
def test_a_thread_whose_account_is_closed_says_so_and_is_not_deleted(
    archive: Archive, network: Bluesky, status: str
) -> None:
    uris = network.thread(5)
    url = page_url(uris[2])
    save(archive, network, url, 0)
    network.statuses[DIDS["ann"]] = status
    second = save(archive, network, url, 1)
    assert (second.gone, second.document.run.outcome) == (True, Outcome.GONE)
    reasons = set(state(second).values())
    assert len(state(second)) == 5
    assert Reason.DELETED not in reasons
    assert len(reasons) == 1
    text = render(second.document)
    assert "**Complete: 5 of 5 posts.**" in text
    assert "**No longer on the platform: the whole thread.**" in text
    assert "it was deleted" not in text
    [summary] = archive.threads()
    assert ", 5 gone  @ann" in summary_text(summary)
    assert "no longer on the platform: the whole thread" in saved_text(second.document, "", second.changes)
    rebuilt(archive)
    del network.statuses[DIDS["ann"]]
    third = save(archive, network, url, 2)
    assert state(third) == {}
    assert third.changes
    assert third.changes.back == tuple(uris)


def test_a_thread_whose_first_post_is_gone_is_collected_from_another(archive: Archive, network: Bluesky) -> None:
    uris = network.thread(12)
    url = page_url(uris[0])
    save(archive, network, url, 0)
    network.delete(uris[0])
    added = network.post("ann", "One more", uris[-1])
    second = save(archive, network, url, 1)
    assert state(second) == {uris[0]: Reason.DELETED}
    assert second.changes
    assert (second.changes.new, second.changes.gone) == ((added,), (uris[0],))
    thread = second.document.thread
    assert [post.id for post in thread.posts] == [*uris, added]
    assert len(archive.threads()) == 1
    rebuilt(archive)


def test_a_thread_that_nobody_holds_is_gone_as_before(archive: Archive, network: Bluesky) -> None:
    uris = network.thread(2)
    for uri in uris:
        network.delete(uri)
    with pytest.raises(Gone):
        save(archive, network, page_url(uris[0]), 0)


def test_where_nobody_can_be_asked_nothing_is_said_to_be_gone(archive: Archive, network: Bluesky) -> None:
    uris = network.thread(3)
    url = page_url(uris[0])
    save(archive, network, url, 0)
    network.fault = lambda request: (503, "busy")
    with pytest.raises(ArchiverError):
        save(archive, network, url, 1)
    [summary] = archive.threads()
    assert (summary.gone, archive.document(summary.id).thread.gone) == (0, ())


def test_replies_that_this_visit_did_not_ask_for_are_not_asked_for(archive: Archive, network: Bluesky) -> None:
    uris = network.thread(3)
    network.post("bob", "Where was that?", uris[1])
    save(archive, network, page_url(uris[0]), 0, replies="yes")
    second = save(archive, network, page_url(uris[0]), 1)
    [reply] = [post for post in second.document.thread.posts if second.document.thread.roles[post.id] is Role.REPLY]
    text = render(second.document)
    assert state(second) == {}
    assert "**Not asked for at the last visit,** on 13 March 2026" in text
    assert "not shown" not in text.lower()
    third = save(archive, network, page_url(uris[0]), 2, replies="yes")
    assert reply.id not in third.document.last_seen


def test_a_post_that_is_still_there_speaks_against_a_proof_that_passed_over_it(
    archive: Archive, network: Bluesky
) -> None:
    uris = network.thread(4)
    save(archive, network, page_url(uris[0]), 0)

    def forgetful(request: Request) -> tuple[int, object] | None:
        """Leave the last post out of listings and threads; it is there for whoever asks for it."""
        network.hidden = {uris[3]} if "getPostThread" in request.url else set()
        if "listRecords" not in request.url:
            return None
        status, content = network.answer(request)
        return status, {**content, "records": [one for one in content["records"] if one["uri"] != uris[3]]}

    network.fault = forgetful
    saved = save(archive, network, page_url(uris[0]), 1)
    whole = saved.document.thread.completeness
    assert whole.verdict is Verdict.UNKNOWN
    assert [post.id for post in saved.document.thread.posts] == uris
    assert state(saved) == {}


@pytest.mark.parametrize("place", [0, 1, 4])
def test_a_post_in_the_middle_that_mastodon_has_forgotten_is_the_one_that_is_held(archive: Archive, place: int) -> None:
    server = Mastodon()
    ids = server.thread(6)
    save(archive, server, server.url(ids[place]), 0)
    server.delete(ids[2])
    second = save(archive, server, server.url(ids[place]), 1)
    thread = second.document.thread
    assert [post.id.rpartition("/")[2] for post in thread.posts] == ids
    assert set(thread.roles.values()) == {Role.MAIN}
    assert thread.missing == ()
    assert [(gap.id.rpartition("/")[2], gap.reason) for gap in thread.gone] == [(ids[2], Reason.DELETED)]
    assert (thread.completeness.found, thread.completeness.gaps) == (6, ())
    text = render(second.document)
    assert "never captured" not in text
    assert "No longer on the platform: post 3." in text
    assert len(archive.threads()) == 1
    rebuilt(archive)


@pytest.mark.parametrize("remembered", [True, False])
def test_a_first_post_that_mastodon_has_forgotten_is_the_one_that_is_held(archive: Archive, remembered: bool) -> None:
    server = Mastodon()
    ids = server.thread(4)
    save(archive, server, server.url(ids[1]), 0)
    server.delete(ids[0])
    if not remembered:
        server.fault = lambda request: (404, "gone") if "/users/" in request.url else None
    second = save(archive, server, server.url(ids[1]), 1)
    assert [post.id.rpartition("/")[2] for post in second.document.thread.posts] == ids
    assert [gap.id.rpartition("/")[2] for gap in second.document.thread.gone] == [ids[0]]
    assert second.document.thread.missing == ()
    assert len(archive.threads()) == 1
    rebuilt(archive)


def test_what_only_members_are_shown_any_more_is_hidden_and_not_gone(archive: Archive) -> None:
    server = Mastodon()
    ids = server.thread(4)
    save(archive, server, server.url(ids[0]), 0)
    server.fault = lambda request: (401, {"error": "This method requires an authenticated user"})
    second = save(archive, server, server.url(ids[0]), 1)
    assert set(state(second).values()) == {Reason.PRIVATE}
    assert second.changes
    assert (second.changes.gone, len(second.changes.hidden)) == ((), 4)
    assert "**Not shown to everybody any more: the whole thread.**" in render(second.document)
    assert "No longer on the platform" not in render(second.document)
    [summary] = archive.threads()
    assert (summary.gone, summary.hidden) == (0, 4)
    assert ", 4 hidden  @ann" in summary_text(summary)
    rebuilt(archive)


def test_a_visit_that_is_stopped_says_that_the_thread_was_proven_before(archive: Archive, network: Bluesky) -> None:
    uris = network.thread(6)
    first = save(archive, network, page_url(uris[0]), 0)
    assert first.document.thread.proven_at == NOON
    network.fault = lambda request: Interrupted("stopped by the user") if "listRecords" in request.url else None
    second = save(archive, network, page_url(uris[0]), 1)
    assert second.document.thread.completeness.verdict is not Verdict.COMPLETE
    assert "On 12 March 2026, 12:00 UTC, it was proven to be complete as it was then." in render(second.document)
    assert "proven to be complete" not in render(first.document)
    rebuilt(archive)


def test_replies_that_are_asked_for_again_are_asked_for(archive: Archive, network: Bluesky) -> None:
    uris = network.thread(3)
    reply = network.post("bob", "Where was that?", uris[1])
    save(archive, network, page_url(uris[0]), 0, replies="yes")
    network.delete(reply)
    assert state(save(archive, network, page_url(uris[0]), 1)) == {}
    assert state(save(archive, network, page_url(uris[0]), 2, replies="yes")) == {reply: Reason.DELETED}


def test_a_storm_of_which_nothing_is_left_is_gone(archive: Archive, network: Bluesky) -> None:
    uris = network.thread(3)
    since, until = NOON.isoformat(), (NOON + timedelta(hours=1)).isoformat()
    asked = {"since": since, "until": until, "platform": "bluesky"}
    url = f"https://bsky.app/profile/{DIDS['ann']}"
    save(archive, network, url, 0, **asked)
    for uri in uris:
        network.delete(uri)
    second = save(archive, network, url, 1, **asked)
    assert second.gone
    assert state(second) == dict.fromkeys(uris, Reason.DELETED)
    assert "the whole storm" in render(second.document)
    rebuilt(archive)


@pytest.mark.parametrize("deleted", [False, True])
def test_a_thread_that_cannot_be_collected_again_is_not_gone(archive: Archive, deleted: bool) -> None:
    """Its posts are there, each by itself; only the ways to the thread as a whole are closed."""
    server = Mastodon()
    server.listing = False
    ids = server.thread(3)
    save(archive, server, server.url(ids[0]), 0)
    if deleted:
        server.delete(ids[0])
    server.fault = lambda request: (401, {"error": "no"}) if "/context" in request.url else None
    second = save(archive, server, server.url(ids[0]), 1)
    assert not second.gone
    assert {gap.id.rpartition("/")[2] for gap in second.document.thread.gone} == ({ids[0]} if deleted else set())
    assert [post.id.rpartition("/")[2] for post in second.document.thread.posts] == ids
    assert second.document.thread.completeness.verdict is not Verdict.COMPLETE
    rebuilt(archive)


def test_a_post_that_has_the_same_id_on_another_server_is_another_one(archive: Archive) -> None:
    here, there = Mastodon(), Mastodon("https://other.example")
    ids = here.thread(2)
    assert there.thread(2) == ids
    save(archive, here, here.url(ids[0]), 0)
    there.statuses.clear()
    with pytest.raises(Gone):
        save(archive, there, there.url(ids[0]), 1)
    save(archive, here, here.url(ids[0]), 2)
    [summary] = archive.threads()
    assert summary.gone == 0


def test_a_capture_that_sees_no_way_up_from_an_answer_is_of_the_thread_that_holds_it(archive: Archive) -> None:
    server = Mastodon()
    ids = server.thread(3)
    question = server.post("bob", "What do herons eat?", ids[1])
    answer = server.post("ann", "Fish", question)
    server.post("ann", "And frogs", answer)
    save(archive, server, server.url(answer), 0)
    server.delete(question)
    second = save(archive, server, server.url(answer), 1)
    assert [post.id.rpartition("/")[2] for post in second.document.thread.posts][:3] == ids
    assert second.document.thread.completeness.verdict is not Verdict.COMPLETE
    assert len(archive.threads()) == 1
    rebuilt(archive)


def test_a_check_that_fails_costs_nothing_else(
    archive: Archive, network: Bluesky, monkeypatch: pytest.MonkeyPatch
) -> None:
    uris = network.thread(3)
    save(archive, network, page_url(uris[0]), 0)
    network.delete(uris[2])
    bluesky = find_platform("bluesky")
    broken = replace(bluesky, recheck=lambda posts: broken_steps())
    monkeypatch.setattr("archiver.collecting.find", lambda url: (broken, bluesky.match(url)))
    second = save(archive, network, page_url(uris[0]), 1)
    assert [failure.route for failure in second.failures] == ["recheck"]
    assert state(second) == {}
    assert "**Not asked for at the last visit,**" in render(second.document)


def broken_steps() -> Generator[Request, Response, tuple[Post, ...]]:
    raise NetworkError("nobody answers")
    yield Request(url="https://bsky.example/")


def test_posts_of_a_storm_on_x_are_asked_for_one_by_one(archive: Archive) -> None:
    site = Birdsite()
    ids = [site.write(f"Note {number}") for number in range(6)]
    site.up = {"api_v2", "syndication", "wayback"}
    since, until = site.tweets[ids[0]].time - timedelta(hours=1), site.tweets[ids[-1]].time + timedelta(hours=1)
    options = Options(since=since, until=until, platform="x", third_parties=("api_v2",))
    url = "https://x.com/SenMarlow"

    def again(days: int) -> Saved:
        return capture.archive(archive, url, lambda keep: site.recording(keep), lambda: later(days=days), options)

    again(0)
    site.change(ids[2], gone="This Post was deleted by the Post author.")
    site.change(ids[4], gone="This Post is from a suspended account.")
    second = again(1)
    assert state(second) == {ids[2]: Reason.DELETED, ids[4]: Reason.SUSPENDED}
    assert [post.id for post in second.document.thread.posts] == ids
    rebuilt(archive)
    site.fault = lambda request: (503, "busy") if "tweet-result" in request.url else None
    third = again(2)
    assert state(third) == state(second)
    rebuilt(archive)


def test_captures_that_began_at_different_posts_are_one_thread(archive: Archive, tmp_path: Path) -> None:
    """The first save of a thread on X stops on its way up; a later one reaches the first post."""
    site = Birdsite()
    ids = site.thread(8)
    site.up = {"syndication"}

    def connect(refused: str) -> "capture.Connect":
        def connecting(keep: Keep) -> Send:
            send = site.recording(keep)

            def sending(request: Request) -> Response:
                if refused and f"id={refused}" in request.url:
                    site.up = set()
                try:
                    return send(request)
                finally:
                    site.up = {"syndication"}

            return sending

        return connecting

    first = capture.archive(archive, site.url(ids[-1]), connect(ids[3]), lambda: NOON)
    attached = archive.threads()[0].id
    assert (first.document.thread.id, len(first.document.thread.posts)) == (ids[3], 4)
    second = capture.archive(archive, site.url(ids[-1]), connect(""), lambda: later(days=1))
    assert (second.document.thread.id, [post.id for post in second.document.thread.posts]) == (ids[0], ids)
    [only] = archive.threads()
    assert archive.index.find(attached) == only.id
    assert [path.name for path in (archive.folder / "threads").glob("*.md")] == [second.markdown.name]
    rebuilt(archive)
    lower = capture.archive(archive, site.url(ids[-1]), connect(ids[3]), lambda: later(days=2))
    assert (lower.document.thread.id, len(lower.document.thread.posts)) == (ids[0], 8)
    assert len(archive.threads()) == 1
    rebuilt(archive)
