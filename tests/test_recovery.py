"""Runs that were interrupted, clocks that were corrected, answers that cannot be read: none looks like a forgery."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fediverse import Mastodon
from samples import NOON, later
from world import keeping

from archiver import collecting
from archiver.cli import main as cli
from archiver.errors import ArchiveError, ParseError
from archiver.evidence.checking import check
from archiver.http.message import Exchange, Keep, Send
from archiver.options import Options
from archiver.store.store import Archive
from archiver.verbs import capture
from archiver.verbs.recovery import recovered

POSTS = 5


class Killed(BaseException):
    """What no code of ours catches, as no code can catch a kill."""


@pytest.fixture
def mastodon() -> Mastodon:
    world = Mastodon()
    world.thread(POSTS)
    return world


def url(world: Mastodon) -> str:
    return world.url(next(iter(world.statuses)))


def save(archive: Archive, world: Mastodon, **when: float) -> capture.Saved:
    return capture.archive(archive, url(world), keeping(world), lambda: later(**when))


def found(folder: Path) -> list[str]:
    """What a deep verification finds that is not as it was sealed, or that somebody should look at."""
    found = check(None, folder, (), later(days=9), True)
    return [str(finding) for finding in found if finding.level in ("problem", "warning")]


# Clocks


def test_an_edit_is_the_newer_text_though_the_clock_was_corrected_in_between(
    archive: Archive, folder: Path, mastodon: Mastodon
) -> None:
    save(archive, mastodon, minutes=2)
    id_ = list(mastodon.statuses)[1]
    mastodon.statuses[id_].update(content="<p>Herons, corrected</p>", edited_at="2026-03-12T13:00:00.000Z")
    saved = save(archive, mastodon)
    collecting.reparse(archive)
    document = archive.document(saved.document.thread.id)
    assert document == saved.document
    assert document.thread.posts[1].content == "<p>Herons, corrected</p>"
    assert [run.id for run in archive.history.runs()] == list(
        archive.history.runs_of("social.example/" + document.thread.id)
    )
    assert found(folder) == [
        f"warning: run {document.run.id} ({url(mastodon)}): began on 2026-03-12T12:00:00+00:00 by the computer’s "
        "clock, which is before the end of the run that was sealed before it; the clock was wrong at one of them"
    ]


# Interrupted runs


def killed(folder: Path, world: Mastodon, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Save until something is done for the time `at`: an answer is kept, and at last the run is closed."""
    left = at

    def counted() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    def connect(keep: Keep) -> Send:
        def counting(exchange: Exchange) -> None:
            counted()
            keep(exchange)

        return keeping(world)(counting)

    finish = Archive.finish
    with Archive.open(folder, now=later(days=2 + at)) as archive, monkeypatch.context() as patch:
        patch.setattr(Archive, "finish", lambda *given: (counted(), finish(*given)))
        capture.archive(archive, url(world), connect, lambda: later(days=2 + at))


@pytest.mark.parametrize("earlier", [False, True])
def test_wherever_a_save_breaks_off_verification_is_clean_before_and_after(
    folder: Path, mastodon: Mastodon, monkeypatch: pytest.MonkeyPatch, earlier: bool
) -> None:
    if earlier:
        with Archive.open(folder, now=NOON) as archive:
            save(archive, mastodon)
        mastodon.post("ann", "One more", list(mastodon.statuses)[-1])
    requests, posts = len(mastodon.exchanges), len(mastodon.statuses)
    kept = []
    for at in range(20):
        try:
            killed(folder, mastodon, monkeypatch, at)
        except Killed:
            assert found(folder) == []
        else:
            break
        with recovered(folder, now=later(days=2 + at, hours=1)) as (archive, [note, *_]):
            assert archive.history.open_runs() == ()
            assert archive.history.runs()[-1].outcome == "interrupted"
        kept.append(note)
        assert found(folder) == []
    assert at >= 4
    run = f"note: a run of {url(mastodon)} was interrupted"
    assert kept[0] == f"{run} before it gave a thread; what came is kept"
    assert kept[-1] == f"{run}: {posts} posts are kept; save it again"
    assert f"{posts} of {posts} posts" in next((folder / "threads").iterdir()).read_text()
    assert requests < len(mastodon.exchanges)


def test_a_run_that_broke_off_is_said_and_shown_when_the_archive_is_opened_again(
    folder: Path, mastodon: Mastodon, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Killed):
        killed(folder, mastodon, monkeypatch, 3)
    assert cli.run(["--archive", str(folder), "reparse"]) == 0
    assert f"{POSTS} posts are kept; save it again" in capsys.readouterr().err
    assert cli.run(["--archive", str(folder), "list"]) == 0
    assert f"{POSTS} posts" in capsys.readouterr().out
    assert cli.run(["--archive", str(folder), "reparse"]) == 0
    assert "interrupted" not in capsys.readouterr().err


def test_an_archive_that_takes_no_more_leaves_the_run_open_and_asks_no_other_route(
    archive: Archive, folder: Path, mastodon: Mastodon
) -> None:
    kept = 0

    def connect(keep: Keep) -> Send:
        def full(exchange: Exchange) -> None:
            nonlocal kept
            kept += 1
            if kept == 2:
                raise ArchiveError("the disk is full")
            keep(exchange)

        return keeping(mastodon)(full)

    with pytest.raises(ArchiveError, match="the disk is full"):
        capture.archive(archive, url(mastodon), connect, lambda: NOON)
    assert (kept, len(archive.history.open_runs())) == (2, 1)
    assert found(folder) == []
    archive.close()
    with recovered(folder, now=NOON):
        assert found(folder) == []


# Answers that cannot be read


@pytest.fixture
def tripping(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, BaseException], None]:
    """Have the reading of a run, by its id, end with an error."""

    def trip(run: str, error: BaseException) -> None:
        real = collecting.gathered

        def gathered(archive: Archive, id_: str) -> object:
            if id_ == run:
                raise error
            return real(archive, id_)

        monkeypatch.setattr(collecting, "gathered", gathered)

    return trip


def test_a_run_that_cannot_be_read_any_more_is_named_and_the_others_go_on(
    archive: Archive,
    folder: Path,
    mastodon: Mastodon,
    tripping: Callable[[str, BaseException], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    lost = save(archive, mastodon).document
    other = Mastodon("https://other.example")
    other.thread(2)
    kept = save(archive, other, hours=1).document
    archive.close()
    tripping(lost.run.id, RecursionError("maximum recursion depth exceeded"))
    words = f"run {lost.run.id} ({lost.run.url}): cannot be read: maximum recursion depth exceeded"
    assert found(folder) == [f"problem: {words}"]
    assert cli.run(["--archive", str(folder), "reparse", "--json"]) == 6
    printed = capsys.readouterr()
    assert printed.err == f"problem: {words}\n"
    assert f'"runs": 2, "threads": 1, "unreadable": ["{lost.run.id}"]' in printed.out
    with Archive.read(folder) as again:
        assert [line.url for line in again.threads()] == [kept.thread.url]


def test_a_run_that_never_gave_a_thread_and_trips_a_parser_is_no_problem(
    archive: Archive, folder: Path, mastodon: Mastodon, tripping: Callable[[str, BaseException], None]
) -> None:
    run = archive.begin(url(mastodon), Options(), NOON)
    archive.finish(run, "failed", [], NOON)
    save(archive, mastodon)
    tripping(run, ZeroDivisionError())
    [lost] = collecting.reparse(archive).unreadable
    assert str(lost) == f"note: run {run} ({url(mastodon)}): cannot be read: ZeroDivisionError"
    assert found(folder) == []


def test_an_id_that_is_a_number_is_one_clear_error_and_poisons_nothing(
    archive: Archive, folder: Path, mastodon: Mastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = collecting.gather

    def gather(*given: object) -> object:
        thread, failures = real(*given)  # type: ignore[arg-type]
        return replace(thread, nodes=tuple(replace(post, id=int(post.id[-9:], 36)) for post in thread.posts)), failures

    save(archive, mastodon)
    monkeypatch.setattr(collecting, "gather", gather)
    monkeypatch.setattr(capture, "gather", gather)
    with pytest.raises(ParseError, match=r"was shown in an unknown shape \(\w+: .*\); its bytes are kept"):
        save(archive, mastodon, days=1)
    assert [run.outcome for run in archive.history.runs()] == ["complete", "failed"]
    [lost, *_] = collecting.reparse(archive).unreadable
    assert "cannot be read: " in lost.what
    monkeypatch.setattr(collecting, "gather", real)
    monkeypatch.setattr(capture, "gather", real)
    collecting.reparse(archive)
    assert found(folder) == []
