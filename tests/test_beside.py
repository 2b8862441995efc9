"""What a run keeps beside the thread's data: its public page, who ran it, and whose clock was wrong."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cases import FIXTURES
from fediverse import Mastodon
from hosted import Hosted, listening, settings
from samples import NOON, URL, an_exchange
from world import answering

from archiver.cli import main as cli
from archiver.errors import NetworkError
from archiver.http.message import PAGE, Request
from archiver.options import Options
from archiver.store.store import Archive
from archiver.verbs import capture

PAGES = "SELECT status, asked_url FROM _exchanges WHERE request_head LIKE '%text/html,application/xhtml+xml%'"


class Desk:
    """A server with one thread, an archive, and the command line."""

    def __init__(self, place: Path, hosted: Hosted, world: Mastodon, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self.hosted, self.world, self.capsys = place, hosted, world, capsys
        self.url = world.url(world.thread(3)[0])
        self.set(page=True)

    def set(self, **evidence: object) -> None:
        """Write the configuration."""
        (self.place / "archiver.toml").write_text(settings({"evidence": evidence}))

    def __call__(self, *arguments: str) -> SimpleNamespace:
        """Run a command."""
        code = cli.run(["--archive", str(self.place), *arguments])
        said = self.capsys.readouterr()
        lines = [json.loads(line) for line in said.out.splitlines()] if "--json" in arguments else []
        return SimpleNamespace(code=code, out=said.out, err=said.err, lines=lines)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return rows of the archive."""
        with sqlite3.connect(self.place / "archive.db") as db:
            return db.execute(sql).fetchall()

    def told_at(self, time: datetime) -> None:
        """Set the clock of the server."""
        handler = self.hosted.server.RequestHandlerClass
        handler.date_time_string = lambda *_: format_datetime(time, usegmt=True)  # type: ignore[attr-defined]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    world = Mastodon()
    with listening(Hosted(world)) as hosted:
        world.site = hosted.site
        yield Desk(tmp_path, hosted, world, capsys)


def test_the_public_page_is_kept_beside_the_data(desk: Desk) -> None:
    desk.set(page=False)
    without = desk("save", desk.url, "--json").lines[0]
    assert (without["page_requests"], without["media_requests"]) == (0, 0)
    assert desk.query(PAGES) == []
    desk.set(page=True)
    done = desk("save", desk.url, "--json")
    line = done.lines[0]
    assert (done.code, done.err) == (0, "")
    assert (line["requests"], line["page_requests"]) == (without["requests"], 1)
    [(status, asked)] = desk.query(PAGES)
    assert (status, asked) == (200, desk.url)
    assert [path for path, _ in desk.hosted.heard].count(desk.url.removeprefix(desk.hosted.site)) == 1


def test_of_a_storm_the_authors_page_is_kept(desk: Desk) -> None:
    page = f"{desk.hosted.site}/@ann"
    time = desk.world.statuses[desk.url.rpartition("/")[2]]["created_at"][:10]
    done = desk("storm", page, "--since", f"{time}T00:00Z", "--until", f"{time}T23:59Z", "--json")
    assert (done.lines[0]["kind"], done.err) == ("storm", "")
    assert desk.query(PAGES) == [(200, page)]


def test_reparse_does_not_need_the_page(desk: Desk) -> None:
    desk("save", desk.url)
    before = desk.query("SELECT * FROM posts"), desk.query("SELECT * FROM threads")
    assert desk("reparse").code == 0
    assert (desk.query("SELECT * FROM posts"), desk.query("SELECT * FROM threads")) == before


def test_a_page_that_is_refused_is_kept_and_noted_and_no_failure_of_the_thread(desk: Desk) -> None:
    desk.world.fault = answering("/@ann/", (403, "<title>Log in</title>"))
    done = desk("save", desk.url)
    assert (done.code, done.err.count("\n")) == (0, 1)
    assert done.err.startswith(f"note: instead of the thread’s page, what {desk.url} answers with status 403 is kept")
    assert desk.query(PAGES) == [(403, desk.url)]
    assert desk.query("SELECT outcome, failures FROM _runs") == [("complete", "[]")]
    assert desk("reparse").code == 0


def test_a_page_that_cannot_be_had_costs_nothing_else(desk: Desk) -> None:
    desk.hosted.headers = {}
    desk.world.fault = answering("/@ann/", (302, ""))
    desk.hosted.headers = {"Location": "/@ann/elsewhere"}
    done = desk("save", desk.url)
    assert done.code == 0
    assert done.err.startswith("note: the page of the thread could not be kept: ")
    assert {status for status, _ in desk.query(PAGES)} == {302}


def test_an_import_asks_for_no_page(desk: Desk) -> None:
    assert desk("import", str(FIXTURES / "mastodon" / "everything-a-post-can-hold")).code in (0, 3)
    assert desk.query(PAGES) == []


def test_a_recording_holds_what_routes_asked_for(desk: Desk, tmp_path: Path) -> None:
    desk("save", desk.url)
    with Archive.read(desk.place) as archive:
        capture.record(archive, archive.history.runs()[0].id, tmp_path / "recorded")
        asked = archive.history.runs()[0].requests
    assert len(list((tmp_path / "recorded").glob("*.http"))) == asked


def test_a_route_never_meets_the_page(archive: Archive) -> None:
    run = archive.begin(URL, Options(), NOON)
    archive.keep(run)(an_exchange(URL, body=b"first"))
    archive.keep(run)(an_exchange(URL, seq=1, body=b"<html>", request_headers=PAGE))
    send = archive.history.replay(run)
    assert [send(Request(url=URL)).body for _ in range(2)] == [b"first", b"first"]
    other = archive.begin(URL, Options(), NOON)
    archive.keep(other)(an_exchange(URL, body=b"<html>", request_headers=PAGE))
    with pytest.raises(NetworkError, match="is not in the archive"):
        archive.history.replay(other)(Request(url=URL))


def test_the_operator_is_stored_with_every_run(desk: Desk) -> None:
    desk.set(operator="J. Doe")
    desk("save", desk.url)
    desk("import", str(FIXTURES / "bluesky" / "nine-boxes"))
    desk.set()
    desk("save", desk.url)
    assert desk.query("SELECT operator FROM _runs ORDER BY rowid") == [("J. Doe",), ("J. Doe",), ("",)]
    told = desk.query("SELECT COUNT(*) FROM _ledger")
    assert told == [(3,)]


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(75, "75 s ahead of"), (-90, "90 s behind"), (40, ""), (-40, "")],
)
def test_a_clock_that_differs_is_warned_about(desk: Desk, ahead: int, words: str) -> None:
    desk.told_at(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=ahead))
    said = desk("save", desk.url).err
    if not words:
        assert said == ""
        return
    number = int(words.split()[0])
    nearly = [words.replace(str(number), str(number + off)) for off in range(-4, 5)]
    host = desk.hosted.site.removeprefix("http://")
    assert any(said == f"warning: the clock of {host} is {one} this computer’s; check yours\n" for one in nearly)
