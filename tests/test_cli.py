"""The command line end to end, against worlds on 127.0.0.1: results, exit codes, and one line for every mistake."""

import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from atmosphere import DIDS, Bluesky, page_url
from cases import FIXTURES
from fediverse import Mastodon
from hosted import Hosted
from world import FETCHED, answering

from archiver.cli import main as cli
from archiver.cli.terminal import LINE, Progress
from archiver.errors import ArchiverError
from archiver.http.message import Request
from archiver.platforms import platforms
from archiver.store.store import Archive
from archiver.verbs import capture


@pytest.fixture
def mastodon() -> Iterator[SimpleNamespace]:
    world = Mastodon()
    hosted = Hosted(world)
    world.site = hosted.site
    yield SimpleNamespace(world=world, hosted=hosted)
    hosted.close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "archiver.toml").write_text("[network]\nallow_private = true\ntimeout = 5\n[media]\nfetch = false\n")
    return tmp_path


class Ran(SimpleNamespace):
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(place: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> Ran:
        code = cli.run(["--archive", str(place), *arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Ran(code=code, out=captured.out, err=captured.err)

    return run


def test_save_list_show_export_and_reparse(run: Any, mastodon: Any, place: Path, tmp_path_factory: Any) -> None:
    ids = mastodon.world.thread(45)
    saved = run("save", mastodon.world.url(ids[20]), "--json")
    assert saved.code == 0
    [line] = saved.lines
    assert line == {
        "schema": 1,
        "url": mastodon.world.url(ids[20]),
        "thread": mastodon.world.statuses[ids[0]]["uri"],
        "platform": "mastodon",
        "kind": "thread",
        "author": f"ann@{urlsplit(mastodon.hosted.site).netloc}",
        "posts": 45,
        "missing": 0,
        "expected": 45,
        "verdict": "complete",
        "doubts": [],
        "proof": line["proof"],
        "route": "listing",
        "hint": "",
        "receipt": line["receipt"],
        "since": None,
        "new": [],
        "edited": [],
        "gone": [],
        "hidden": [],
        "back": [],
        "requests": 4,
        "page_requests": 1,
        "media_requests": 0,
        "media": 0,
        "media_failed": 0,
        "media_left": 0,
        "markdown": line["markdown"],
    }
    assert re.fullmatch(r"ledger 1 · head [0-9a-f]{64}", line["receipt"])
    document = Path(line["markdown"])
    assert document.parent == place / "threads"
    assert document.read_text().count("\n## Post ") == 45

    listed = run("list", "--json").lines
    assert [(one["number"], one["posts"], one["verdict"]) for one in listed] == [(1, 45, "complete")]
    assert "45 posts" in run("list").out
    shown = run("show", "1", "--json").lines
    assert [post["text"] for post in shown] == [f"Herons, note no {n} of the day" for n in range(1, 46)]
    assert "Herons, note no 45 of the day" in run("show", mastodon.world.url(ids[3])).out

    before = dump(place)
    assert run("reparse", "--json").lines == [{"schema": 1, "runs": 1, "threads": 1, "unreadable": []}]
    assert dump(place) == before
    assert "1 thread from 1 run" in run("reparse").out

    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert run("export", "--out", str(elsewhere)).code == 0
    assert (elsewhere / "threads" / document.name).read_bytes() == document.read_bytes()
    listed = {path.name for path in elsewhere.iterdir()}
    assert listed == {"threads", "index.md", "feed.xml", "feed.json", ".exported.json"}
    assert run("export", "1", "--json").lines[0]["markdown"] == line["markdown"]


def dump(place: Path) -> dict[str, list[Any]]:
    """Return every row of every table but the search index's own, whose pages depend on what was there before."""
    with sqlite3.connect(place / "archive.db") as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {
            name: sorted(map(repr, db.execute(f'SELECT * FROM "{name}"')))
            for name in names
            if not name.startswith("posts_fts_")
        }


def test_a_second_save_finds_edits_and_deletions(run: Any, mastodon: Any) -> None:
    world = mastodon.world
    ids = world.thread(5)
    run("save", world.url(ids[0]))
    world.statuses[ids[1]].update(content="<p>Herons, corrected</p>", edited_at="2026-03-12T13:00:00.000Z")
    world.statuses[ids[3]]["uri_was"] = world.statuses[ids[3]]["uri"]
    world.objects[ids[3]] = {"inReplyTo": world.statuses[ids[2]]["uri"]}
    world.delete(ids[2])
    saved = run("save", world.url(ids[4]), "--json")
    text = Path(saved.lines[0]["markdown"]).read_text()
    assert "edited 13:00, [1 earlier version](#earlier-versions)" in text
    assert "> Herons, note no 2 of the day" in text
    assert "Herons, note no 3 of the day\n\n**No longer there:** Its own address answers 404" in text
    assert run("list", "--json").lines[0]["posts"] == 5
    before = run("show", "1", "--json").out
    run("reparse")
    assert run("show", "1", "--json").out == before


def test_a_partial_thread_has_an_exit_code_of_its_own(run: Any, mastodon: Any) -> None:
    ids = mastodon.world.thread(6, numbered=True)
    mastodon.world.delete(ids[2])
    ran = run("save", mastodon.world.url(ids[0]))
    assert ran.code == 3
    assert "partial: 5 of 6 posts" in ran.out
    assert "  missing: " in ran.out


def test_a_failed_route_is_shown_beside_the_result(run: Any, mastodon: Any) -> None:
    mastodon.world.listing = False
    ran = run("save", mastodon.world.url(mastodon.world.thread(3)[0]))
    assert ran.code == 3  # what the server still gives proves no end
    assert "another way was tried and failed: listing: 127.0.0.1" in ran.err
    assert "Another way was tried and failed: Listing:" in Path(ran.out.splitlines()[-1].strip()).read_text()


def test_several_addresses_each_get_their_line_and_the_worst_code_counts(run: Any, mastodon: Any) -> None:
    ids = mastodon.world.thread(3)
    gone = mastodon.world.url("112150000000009999")
    ran = run("save", gone, "https://threads.net/@ann/post/1", mastodon.world.url(ids[0]), "--json")
    assert ran.code == 4
    assert [line.get("code", line.get("verdict")) for line in ran.lines] == ["Gone", "UnknownURL", "complete"]
    assert ran.err.count("error: ") == 2


def test_other_peoples_replies_only_on_request(run: Any, mastodon: Any) -> None:
    ids = mastodon.world.thread(3)
    mastodon.world.post("bob", "A question", ids[0])
    run("save", mastodon.world.url(ids[0]))
    assert "A question" not in run("show", "1").out
    run("save", mastodon.world.url(ids[0]), "--replies")
    assert "A question" in run("show", "1").out


def test_a_recorded_thread_is_imported_offline(run: Any) -> None:
    ran = run("import", str(FIXTURES / "bluesky" / "deleted-in-the-middle"))
    assert ran.code == 3
    assert "partial: 5 of 6 posts by @ann.example.com" in ran.out
    assert "captured 13 March 2026, 09:00 UTC" in Path(ran.out.splitlines()[-1].strip()).read_text()


def test_an_older_recording_does_not_hide_a_newer_capture(run: Any, mastodon: Any, place: Path, tmp_path: Path) -> None:
    world = mastodon.world
    ids = world.thread(3)
    run("save", world.url(ids[0]))
    with Archive.open(place, now=FETCHED) as archive:
        capture.record(archive, archive.history.runs()[0].id, tmp_path / "recorded")
    for file in (tmp_path / "recorded").glob("*.http"):
        file.write_text(re.sub("date: .*", "date: Thu, 12 Mar 2026 12:00:00 GMT", file.read_text()))
    world.statuses[ids[1]].update(content="<p>Herons, corrected</p>", edited_at="2026-03-12T13:00:00.000Z")
    run("save", world.url(ids[0]))
    assert run("import", str(tmp_path / "recorded")).code == 0
    assert "Herons, corrected" in run("show", "1").out
    before = dump(place)
    run("reparse")
    assert dump(place) == before


@pytest.fixture
def network(place: Path) -> Iterator[Bluesky]:
    """A Bluesky network of this machine, which the configuration names."""
    network = Bluesky()
    hosted = Hosted(network)
    real = network.answer
    network.answer = lambda request: real(
        Request(url=request.url.replace(hosted.site, "https://plc.directory"))
        if "did:plc" in urlsplit(request.url).path else request
    )  # fmt: skip
    import atmosphere

    network.fault = lambda request: (
        (200, {**atmosphere.document(urlsplit(request.url).path.strip("/")), "service": [
            {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": hosted.site}
        ]}) if urlsplit(request.url).path.startswith("/did:plc") else None
    )  # fmt: skip
    (place / "archiver.toml").write_text(
        f'[network]\nallow_private = true\n[bluesky]\nappview = "{hosted.site}"\nplc = "{hosted.site}"\n'
        "[evidence]\npage = false\n[media]\nfetch = false\n"
    )
    yield network
    hosted.close()


def test_the_local_network_of_the_configuration_is_asked(run: Any, network: Bluesky) -> None:
    ran = run("save", page_url(network.thread(30)[10]), "--json")
    assert (ran.code, ran.lines[0]["posts"], ran.lines[0]["requests"]) == (0, 30, 5)


def test_who_asks_not_to_be_shown_to_everybody_is_named_beside_the_result(run: Any, network: Bluesky) -> None:
    url = page_url(network.thread(3)[1])
    network.reserved = {DIDS["ann"]}
    hint = "hint: @ann.example.com asks Bluesky not to show these posts to whoever is not logged in;"
    ran = run("save", url)
    assert (ran.code, ran.err.count(hint), ran.out.count("logged in")) == (0, 1, 0)
    ran = run("save", url, "--json")
    assert (ran.err.count(hint), ran.lines[0]["hint"] in ran.err, ran.lines[0]["verdict"]) == (1, True, "complete")


SITE_PATH = "/@ann/112150000000000001"
DEEP = b'{"a":' * 1000 + b"1" + b"}" * 1000


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ((404, {"error": "Record not found"}), 4, "deleted, private or never posted"),
        ((401, {"error": "This method requires an authenticated user"}), 4, "logged-in readers only"),
        ((403, "<title>Just a moment...</title>"), 4, 'a web page instead of data ("Just a moment...")'),
        ((200, "<title>Log in</title>"), 4, 'a web page instead of data ("Log in")'),
        (b'{"id": "11215', 6, "damaged JSON"),
        (DEEP, 6, "answered"),
        (b"[" * 100_000, 6, "answered"),
        ((200, {"id": "1", "uri": "x"}), 6, "unknown shape"),
        ((200, []), 6, "not a status"),
    ],
)
@pytest.mark.usefixtures("swept")
def test_every_bad_answer_is_one_clear_line_and_is_kept(
    run: Any, mastodon: Any, place: Path, answer: Any, code: int, words: str
) -> None:
    mastodon.world.fault = answering("", answer)
    ran = run("save", mastodon.hosted.site + SITE_PATH)
    assert ran.code == code
    assert ran.err.startswith("error: ")
    assert words in ran.err
    assert mastodon.hosted.site in ran.err
    with sqlite3.connect(place / "archive.db") as db:
        [(kept,)] = db.execute("SELECT COUNT(*) FROM _exchanges")
        assert [outcome for (outcome,) in db.execute("SELECT outcome FROM _runs")] == ["failed"]
    assert kept >= 1
    assert run("list").out == ""
    assert run("reparse").code == 0


def test_too_many_requests_says_until_when(run: Any, mastodon: Any) -> None:
    mastodon.hosted.headers = {"Retry-After": "3600"}
    mastodon.world.fault = answering("", (429, {"error": "Too many requests"}))
    ran = run("save", mastodon.hosted.site + SITE_PATH)
    assert ran.code == 5
    assert re.search(r"try again after 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC", ran.err)


def test_a_host_that_is_not_there(run: Any) -> None:
    ran = run("save", "http://127.0.0.1:9/@ann/112150000000000001")
    assert ran.code == 6
    assert ran.err.splitlines()[-1].startswith("error: http://127.0.0.1:9/")
    assert ran.err.count("before the next try") == 2


def test_a_private_address_is_refused_unless_allowed(run: Any, mastodon: Any, place: Path) -> None:
    (place / "archiver.toml").unlink()
    ran = run("save", mastodon.hosted.site + SITE_PATH)
    assert ran.code == 6
    assert "network.allow_private = true" in ran.err
    assert mastodon.world.exchanges == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["save"], "Missing argument 'URL...'"),
        (["save", "https://threads.net/@ann/post/1"], "threads on Threads cannot be collected yet"),
        (
            ["save", "https://bsky.app/profile/ann.example.com"],
            "archiver storm https://bsky.app/profile/ann.example.com",
        ),
        (["save", "hello"], "not a web address"),
        (["frobnicate"], "No such command 'frobnicate'"),
        (["show", "1"], "no archive in"),
        (["list"], "no archive in"),
        (["export"], "no archive in"),
        (["import", "no-such-folder"], "cannot be read (No such file or directory)"),
        (["import", "."], "holds no data/tweets.js"),
        (["--config", "no.toml", "save", "https://a.example/@ann/112150000000000001"], "no.toml cannot be read"),
    ],
)
def test_wrong_use_is_one_line_and_code_2(run: Any, arguments: list[str], words: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert words in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[network]\nalow_private = true", "unknown key network.alow_private; did you mean allow_private?"),
        ("[netwrk]", "unknown table netwrk; did you mean network?"),
        ("[network\n", "not valid TOML"),
    ],
)
def test_a_wrong_configuration_names_the_key(run: Any, place: Path, text: str, words: str) -> None:
    (place / "archiver.toml").write_text(text)
    ran = run("save", "https://a.example/@ann/112150000000000001")
    assert ran.code == 2
    assert words in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("save", "foo"),
        ("save", "foo", "https://bsky.app/profile/ann.example.com", "--seal"),
        ("save", "--embeds", "no-such-file.html"),
        ("import", "/dev/null"),
        ("reparse",),
        ("seal",),
        ("attach", "1", "note.txt"),
        ("redact", "1", "--post", "1", "--reason", "r"),
    ],
)
def test_a_slip_of_the_hand_makes_nothing(tmp_path: Path, arguments: tuple[str, ...], capsys: Any) -> None:
    folder = tmp_path / "elsewhere"
    assert cli.run(["--archive", str(folder), *arguments]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("error: ")) == ("", 2 if "--seal" in arguments else 1)
    assert not folder.exists()


def test_an_archive_without_threads_says_so(run: Any, mastodon: Any) -> None:
    run("save", mastodon.world.url("112150000000009999"))
    ran = run("list")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("no threads yet in ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("https://bsky.app/profile/a.example/post/3lbq2vxkm4s2a",), "archiver save URL"),
        (("search", "x"), "No such command 'search'.\n"),
        (("watch", "x"), "No such command 'watch'.\n"),
        (("exprot",), "No such command 'exprot'. Did you mean 'export'?\n"),
        (("list", "--archive", "x"), "--archive stands before the command: archiver --archive … COMMAND\n"),
        (("export", "--base", "nonsense"), "--base nonsense is no address"),
        (("redact", "1", "--post", "1", "--reason", "  "), "--reason is empty"),
    ],
)
def test_a_mistake_gets_the_way_on_and_no_wrong_guess(run: Any, arguments: tuple[str, ...], words: str) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out, ran.err.endswith(words) or words in ran.err) == (2, "", True)


def test_every_line_of_a_result_fits_into_80_columns_but_texts_and_paths(run: Any, mastodon: Any) -> None:
    out = run("save", mastodon.world.url(mastodon.world.thread(3)[0])).out
    receipt = re.search(r"^  receipt (1:[0-9a-f]{64})$", out, re.MULTILINE)
    assert receipt
    assert run("verify", "--receipt", receipt[1]).code == 0
    help_ = run("--help").out
    assert "..." not in help_.partition("Commands:")[2]


def test_an_archive_that_cannot_be_used(run: Any, place: Path, tmp_path: Path, capsys: Any) -> None:
    (place / "archive.db").write_text("not a database at all, " * 100)
    assert "is not a database" in run("list").err
    (place / "archive.db").unlink()
    sqlite3.connect(place / "archive.db").execute("CREATE TABLE mine (x)").connection.close()
    ran = run("save", "https://a.example/@ann/112150000000000001")
    assert (ran.code, "database of another program" in ran.err) == (2, True)
    file = tmp_path / "file"
    file.write_text("")
    assert cli.run(["--archive", str(file), "save", "https://a.example/@ann/112150000000000001"]) == 2
    assert "there is a file of that name" in capsys.readouterr().err
    assert cli.run(["--archive", "/proc/none", "save", "https://a.example/@ann/112150000000000001"]) == 2
    assert "cannot write to /proc/none" in capsys.readouterr().err


def test_an_archive_of_a_newer_version_is_left_alone(run: Any, mastodon: Any, place: Path) -> None:
    run("save", mastodon.world.url(mastodon.world.thread(2)[0]))
    with sqlite3.connect(place / "archive.db") as db:
        [(name,)] = db.execute("SELECT name FROM sqlite_master WHERE name LIKE '%migrations'")
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})") if row[1] != "id"]
        values = ", ".join("'m999_later'" if column == "name" else column for column in columns)
        db.execute(f"INSERT INTO {name} ({', '.join(columns)}) SELECT {values} FROM {name} LIMIT 1")
    ran = run("list")
    assert (ran.code, "newer version" in ran.err) == (2, True)


def test_documents_that_cannot_be_written(run: Any, mastodon: Any, place: Path) -> None:
    (place / "threads").write_text("a file in the way")
    ran = run("save", mastodon.world.url(mastodon.world.thread(2)[0]))
    assert (ran.code, "cannot write" in ran.err) == (2, True)
    (place / "threads").unlink()
    assert run("export").code == 0


def test_documents_are_readable_for_others_and_leave_no_parts(run: Any, mastodon: Any, place: Path) -> None:
    run("save", mastodon.world.url(mastodon.world.thread(2)[0]))
    [file] = (place / "threads").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    written = file.stat().st_mtime_ns
    run("export")
    assert file.stat().st_mtime_ns == written


EVIL = "\x1b]0;owned\x07\u202eevil\u202c \x1b[2J\x9b31m\x00 end"


def test_what_a_post_says_never_reaches_the_terminal_raw(run: Any, mastodon: Any) -> None:
    world = mastodon.world
    id_ = world.post("ann", f"<p>{EVIL}</p>", spoiler_text=EVIL)
    world.statuses[id_]["account"]["display_name"] = EVIL
    world.statuses[id_]["account"]["acct"] = f"ann{EVIL}"
    seen = [run("save", world.url(id_)), run("list"), run("show", "1"), run("show", "1", "--json"), run("export")]
    for ran in seen:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", ran.out + ran.err)
    world.fault = answering("", (200, f"<title>{EVIL}</title>"))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", run("save", world.url(id_)).err)


def test_platforms_shows_the_forms(run: Any) -> None:
    assert "https://bsky.app/profile/ann.example.com/post/" in run("platforms").out
    assert [line["platform"] for line in run("platforms", "--json").lines] == [one.name for one in platforms()]


def test_the_token_of_the_configuration_is_sent_and_never_kept(run: Any, mastodon: Any, place: Path) -> None:
    host = urlsplit(mastodon.hosted.site).netloc
    config = place / "archiver.toml"
    config.write_text(
        f'[network]\nallow_private = true\n[media]\nfetch = false\n[mastodon."{host}"]\ntoken = "canary-7d1f"\n'
    )
    assert "chmod 600" in run("save", mastodon.world.url(mastodon.world.thread(2)[0])).err
    config.unlink()
    for path in place.rglob("*"):
        assert path.is_dir() or b"canary-7d1f" not in path.read_bytes()


def archiver(place: Path, *arguments: str, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "archiver", "--archive", str(place), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def test_ctrl_c_keeps_what_came_and_the_next_run_completes_it(run: Any, mastodon: Any, place: Path) -> None:
    ids = mastodon.world.thread(200)
    mastodon.hosted.delay = 0.3
    process = archiver(place, "save", mastodon.world.url(ids[0]))
    deadline = time.monotonic() + 20
    while kept(place) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "ended early: stopped by the user" in out
    before = run("show", "1", "--json").out
    assert 40 <= len(before.splitlines()) < 200
    run("reparse")
    assert run("show", "1", "--json").out == before
    mastodon.hosted.delay = 0
    ran = run("save", mastodon.world.url(ids[0]), "--json")
    assert (ran.code, ran.lines[0]["posts"]) == (0, 200)


def kept(place: Path) -> int:
    try:
        with sqlite3.connect(f"file:{place / 'archive.db'}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT COUNT(*) FROM _exchanges").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_a_second_writer_is_told_who_writes(run: Any, mastodon: Any, place: Path) -> None:
    mastodon.hosted.delay = 1
    process = archiver(place, "save", mastodon.world.url(mastodon.world.thread(5)[0]))
    deadline = time.monotonic() + 20
    while not (place / "archive.lock").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    ran = run("save", mastodon.world.url("112150000000000001"))
    process.kill()
    process.communicate()
    assert ran.code == 2
    assert str(process.pid) in ran.err


def test_the_reader_of_a_pipe_may_leave(run: Any, mastodon: Any, place: Path) -> None:
    run("save", mastodon.world.url(mastodon.world.thread(150)[0]))
    process = archiver(place, "show", "1")
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=20)
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


def test_pauses_are_told_where_no_terminal_is(capsys: Any) -> None:
    Progress().say("waiting 40 s for a.example, as it asked")
    Progress().show("media [##]")
    assert capsys.readouterr().err == "waiting 40 s for a.example, as it asked\n"


def test_requests_are_counted_in_the_last_line(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    keep = Progress().counting(lambda exchange: None)
    world = Mastodon()
    world.archive(world.url(world.thread(1)[0]))
    keep(world.exchanges[0])
    keep(replace(world.exchanges[0], url="https://[redacted]@b.example/"))  # as earlier versions stored it
    LINE.clear()
    said = capsys.readouterr().err
    assert "1 request, social.example" in said
    assert "2 requests, [redacted]@b.example\r\x1b[K" in said


def test_every_command_has_help_with_an_example() -> None:
    for command in cli.cli.commands.values():
        assert command.help
        assert "archiver " in (command.epilog or "") or command.name in (command.epilog or "")


def test_errors_know_their_codes() -> None:
    def tree(kind: type[ArchiverError]) -> list[type[ArchiverError]]:
        return [kind, *(below for each in kind.__subclasses__() for below in tree(each))]

    codes = {kind.__name__: kind.exit_code for kind in tree(ArchiverError)}
    named = {
        "ArchiverError": 1,
        "AlreadyHere": 0,
        **dict.fromkeys(["UsageError", "UnknownURL", "ConfigError", "ArchiveError"], 2),
        **dict.fromkeys(["Unavailable", "Gone", "Refused"], 4),
        "RateLimited": 5,
        **dict.fromkeys(["NetworkError", "ParseError"], 6),
        "Unproven": 7,
        "Interrupted": 130,
    }
    assert named.items() <= codes.items()
    table = (FIXTURES.parent / "README.md").read_text(encoding="utf-8")
    documented = {int(code) for code in re.findall(r"^\| (\d+) \| ", table, re.MULTILINE)}
    assert set(codes.values()) <= documented | {ArchiverError.exit_code}


def test_import_of_an_address_names_save(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--archive", str(tmp_path / "a"), "import", "https://mastodon.example/@ann/1", "--json"]) == 2
    printed = capsys.readouterr()
    assert json.loads(printed.out)["error"] == "import reads files; to fetch a thread: archiver save URL"
    assert not (tmp_path / "a").exists()


def test_a_name_that_no_disk_takes_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["list"], ["open", "1"], ["verify"]):
        assert cli.run(["--archive", "x" * 5000, *command]) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ")
        assert line.endswith(": File name too long")


def test_help_is_there_without_an_archive() -> None:
    environment = {**os.environ, "ARCHIVER_ARCHIVE": "/nowhere"}
    command = [sys.executable, "-m", "archiver", "save", "--help"]
    help_ = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert "Archive the thread that each URL belongs to." in help_.stdout
