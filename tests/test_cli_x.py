"""X by the command line, end to end: an invented world of it on 127.0.0.1, and what a user sees of each way to it."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from birdsite import HANDLE, Birdsite, photo
from hosted import Gateway, asked_at, listening
from x_exports import OWNER, a_tweet, a_zip, an_archive, id_at

from archiver.cli import main as cli

DAY = ("--since", "2017-05-03T14:30Z", "--until", "2017-05-04T06:00Z", "--platform", "x")
BEARER = "canary-of-the-api-5f2e"
DELETED = "This Post was deleted by the Post author. Learn more"


@pytest.fixture
def site() -> Birdsite:
    return Birdsite()


@pytest.fixture
def servers(site: Birdsite) -> Iterator[SimpleNamespace]:
    """X's API at one port, everybody else at another."""
    with ExitStack() as stack:
        api, others = (stack.enter_context(listening(Gateway(site))) for _ in range(2))
        yield SimpleNamespace(api=api, others=others, asked=lambda: [path for path, _ in [*api.heard, *others.heard]])


class Office:
    """An archive with its configuration, and the command line."""

    def __init__(self, place: Path, servers: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self.servers, self.capsys = place, servers, capsys
        self.config = place / "archiver.toml"
        self.set()

    def set(self, **more: object) -> None:
        """Write the configuration, with these entries for X."""
        site = self.servers.others.site
        self.config.write_text(asked_at(site, **{"api": f"{self.servers.api.site}/api.x.com", **more}))
        self.config.chmod(0o600)

    def __call__(self, *arguments: str) -> SimpleNamespace:
        """Run a command."""
        code = cli.run(["--archive", str(self.place), *arguments])
        said = self.capsys.readouterr()
        assert "Traceback" not in said.err
        lines = [json.loads(line) for line in said.out.splitlines()] if "--json" in arguments else []
        return SimpleNamespace(code=code, out=said.out, err=said.err, lines=lines)

    def texts(self, name: str = "1") -> list[str]:
        """The texts of a thread."""
        return [post["text"] for post in self("show", name, "--json").lines if "text" in post]

    def dump(self) -> dict[str, list[Any]]:
        """Every row, but how the search index lies on its pages."""
        with sqlite3.connect(self.place / "archive.db") as db:
            names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
            names = [name for name in names if not name.startswith("posts_fts_")]
            return {name: sorted(map(repr, db.execute(f'SELECT * FROM "{name}"'))) for name in names}

    def documents(self) -> dict[str, bytes]:
        """The documents of all threads, written anew."""
        assert self("export").code == 0
        return {path.name: path.read_bytes() for path in (self.place / "threads").glob("*.md")}


@pytest.fixture
def office(tmp_path: Path, servers: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> Office:
    return Office(tmp_path, servers, capsys)


def write_storm(site: Birdsite, length: int = 44) -> list[str]:
    """Over forty posts of one day that do not answer each other, captured."""
    ids = [
        site.write(f"Call {number} to @HarbourOffice: no answer & no ferry.", after=820, photo=number % 10 == 4)
        for number in range(1, length + 1)
    ]
    site.captured |= set(ids)
    return ids


def written(site: Birdsite, ids: list[str]) -> list[str]:
    return [site.tweets[id_].text for id_ in ids]


def test_a_storm_with_the_times_of_its_place(office: Office, site: Birdsite) -> None:
    ids = write_storm(site)
    local = ("--since", "2017-05-03T10:30", "--until", "2017-05-04T02:00", "--tz", "America/New_York")
    ran = office("storm", HANDLE, *local, "--json")
    [line] = ran.lines
    assert (ran.code, line["kind"], line["posts"], line["verdict"], line["route"]) == (
        3,
        "storm",
        44,
        "unknown",
        "wayback",
    )
    assert line["requests"] == len(office.servers.asked())
    assert "New York" in Path(line["markdown"]).with_suffix(".svg").read_text(encoding="utf-8")
    assert office.texts() == written(site, ids)
    again = office("storm", f"@{HANDLE.lower()}", *DAY, "--json")
    assert again.lines[0]["thread"] == line["thread"]
    assert len(office("list", "--json").lines) == 1


def test_a_storm_is_listed_shown_and_exported(
    office: Office, site: Birdsite, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ids = write_storm(site)
    said = office("storm", HANDLE, *DAY).out.splitlines()
    [path] = [line.strip() for line in said if line.endswith(".md")]
    assert said[0].startswith(f"unknown: 44 posts by @{HANDLE}: Call 1 to @HarbourOffice")
    [listed] = office("list", "--json").lines
    assert (listed["posts"], listed["author"], listed["platform"]) == (44, HANDLE, "x")
    shown = office("show", "1").out
    assert [shown.count(text) for text in written(site, ids)[1:]] == [1] * 43
    assert [line["id"] for line in office("show", f"https://x.com/{HANDLE}/status/{ids[9]}", "--json").lines] == ids
    pictured = [post["attachments"] for post in office("show", "1", "--json").lines if post["attachments"]]
    unfetched = {"kind": "image", "fault": ""} | dict.fromkeys(
        ("alt", "title", "description", "media_type", "picture", "file")
    )
    assert pictured == [[{**unfetched, "url": photo(ids[n])}] for n in (3, 13, 23, 33, 43)]
    [exported] = office("export", "--out", str(tmp_path_factory.mktemp("site")), "--json").lines
    assert Path(exported["markdown"]).read_bytes() == Path(path).read_bytes()


def test_a_long_window_wants_a_word(office: Office, site: Birdsite) -> None:
    write_storm(site, 3)
    month = ("storm", HANDLE, "--since", "2017-05-01T00:00Z", "--until", "2017-06-01T00:00Z", "--platform", "x")
    ran = office(*month)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: 31 days may mean thousands of posts; nothing was done; allow it with --yes\n"
    assert office.servers.asked() == []
    assert "3 posts" in office(*month, "--yes").out
    week = ("storm", HANDLE, "--since", "2017-05-01T00:00Z", "--until", "2017-05-08T00:00Z", "--platform", "x")
    assert "3 posts" in office(*week).out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((HANDLE, *DAY[:1], "2017-05-03T10:30", *DAY[2:], "--tz", "America/Harbourtown"), "America/Harbourtown"),
        ((HANDLE, *DAY[:1], "2017-05-03T10:30", *DAY[2:]), "--tz"),
        ((HANDLE, *DAY[:1], "2017-05-05T00:00Z", *DAY[2:]), "before it begins"),
        ((HANDLE, *DAY[:1], "Wednesday", *DAY[2:]), "Wednesday"),
        (("not a handle", *DAY), "not the handle of an author on x"),
        ((HANDLE, *DAY[:4], "--platform", "friendster"), "friendster"),
    ],
)
def test_a_storm_that_cannot_be_meant_is_one_line(office: Office, arguments: tuple[str, ...], words: str) -> None:
    ran = office("storm", *arguments)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert words in ran.err
    assert office.servers.asked() == []


def test_what_costs_money_is_not_asked_without_a_word(office: Office, site: Birdsite) -> None:
    ids = write_storm(site)
    office.set(bearer=BEARER)
    ran = office("storm", HANDLE, *DAY, "--json")
    assert (ran.code, ran.lines[0]["route"], office.texts()) == (3, "wayback", written(site, ids))
    [refused] = [line for line in ran.err.splitlines() if "api_v2" in line]
    assert re.search(r"would cost up to \$0\.\d\d so far; allow it, such as with --max-cost 1\.00$", refused)
    assert office.servers.api.heard == []


def test_what_was_allowed_to_cost_is_counted(office: Office, site: Birdsite) -> None:
    ids = write_storm(site)
    site.up.add("api_v2")
    office.set(bearer=BEARER)
    little = office("storm", HANDLE, *DAY, "--max-cost", "0.1", "--json")
    assert little.lines[0]["route"] == "wayback"
    assert re.search(r"api_v2: .* cost up to \$0\.[23]\d so far", little.err, re.MULTILINE)
    assert all("/counts/" in path for path, _ in office.servers.api.heard)
    enough = office("storm", HANDLE, *DAY, "--max-cost", "1", "--json")
    line = enough.lines[0]
    assert (enough.code, enough.err) == (0, "")
    assert (line["route"], line["verdict"], line["posts"], line["expected"]) == ("api_v2", "complete", 44, 44)
    assert office.texts(line["thread"]) == written(site, ids)
    assert any("/2/tweets/search/all" in path for path, _ in office.servers.api.heard)


def test_the_token_goes_to_x_alone_and_is_kept_nowhere(office: Office, site: Birdsite) -> None:
    site.captured |= set(site.thread(4))
    focus = list(site.tweets)[2]
    site.up |= {"api_v2", "fxtwitter"}
    office.set(bearer=BEARER, fxtwitter=f"{office.servers.others.site}/api.fxtwitter.com")
    assert office("save", site.url(focus), "--max-cost", "1").code == 0
    assert office("storm", HANDLE, *DAY, "--max-cost", "1").code == 0
    site.fault = lambda request: (401, {"title": "Unauthorized"}) if "api.x.com" in request.url else None
    assert office("save", site.url(focus), "--max-cost", "1").code == 3
    assert {headers["Authorization"] for _, headers in office.servers.api.heard} == {f"Bearer {BEARER}"}
    assert office.servers.others.heard
    assert not any(BEARER in f"{path}{headers}" for path, headers in office.servers.others.heard)
    office.config.unlink()
    files = [path for path in office.place.rglob("*") if path.is_file()]
    assert len(files) >= 3
    assert not any(BEARER.encode() in path.read_bytes() for path in files)


def test_who_else_sees_what_is_asked_for_is_said(office: Office, site: Birdsite, servers: SimpleNamespace) -> None:
    ids = site.thread(5)
    host = servers.others.site.removeprefix("http://")
    note = f"note: {host} is asked too, and whoever runs it sees which posts you archive ({{}} in archiver.toml)"
    office.set(fxtwitter=f"{servers.others.site}/api.fxtwitter.com")
    site.up.add("fxtwitter")
    ran = office("save", site.url(ids[1]), site.url(ids[2]))
    assert [line for line in ran.err.splitlines() if line.startswith("note: ")] == [note.format("x.fxtwitter")]
    assert office.texts() == written(site, ids)
    assert any("/api.fxtwitter.com/" in path for path in servers.asked())
    site.fault = lambda request: (404, "<title>No</title>") if "nowhere" in request.url else None
    nowhere = f"{servers.others.site}/nowhere.example"
    office.set(fxtwitter=nowhere, nitter=nowhere)
    both = office("save", "https://nowhere.example/ann", site.url(ids[1])).err.splitlines()
    assert [line for line in both if line.startswith("note: ")] == [note.format("x.fxtwitter"), note.format("x.nitter")]
    storm = office("storm", HANDLE, *DAY).err.splitlines()
    assert [line for line in storm if line.startswith("note: ")] == [note.format("x.fxtwitter")]
    assert "note: " not in office("save", "https://nowhere.example/ann", f"{nowhere}/@ann/112150000000000001").err
    assert "note: " not in office("save", "--embeds", f"{nowhere}/article").err


def test_without_third_parties_nobody_is_named(office: Office, site: Birdsite) -> None:
    assert "note: " not in office("save", site.url(site.thread(2)[-1])).err


def test_an_article_by_its_address_and_by_a_file(office: Office, site: Birdsite, tmp_path: Path) -> None:
    ids = write_storm(site, 8)
    site.article = site.embedding(ids)
    by_address = office("save", "--embeds", f"{office.servers.others.site}/news.example/2017/05/03/senator", "--json")
    assert (by_address.code, by_address.lines[0]["posts"], by_address.lines[0]["requests"]) == (3, 8, 1)
    page = tmp_path / "saved.html"
    page.write_text(site.article, encoding="utf-8")
    by_file = office("save", "--embeds", str(page), "--json")
    assert (by_file.code, by_file.lines[0]["posts"], by_file.lines[0]["route"]) == (3, 8, "embeds")
    assert office.texts() == written(site, ids)
    assert len(office.servers.asked()) == 1
    text = Path(by_file.lines[0]["markdown"]).read_text()
    assert "saved.html" in text


def test_an_article_that_is_not_there_or_embeds_nothing(office: Office, site: Birdsite, tmp_path: Path) -> None:
    gone = office("save", "--embeds", f"{office.servers.others.site}/news.example/2017/05/03/senator")
    page = tmp_path / "saved.html"
    page.write_text("<html>nothing</html>")
    empty = office("save", "--embeds", str(page))
    assert (gone.code, empty.code) == (4, 4)
    assert "answered 404" in gone.err
    assert "holds no embedded post of X" in empty.err


def an_export(path: Path) -> tuple[Path, list[str]]:
    """The archive of an account with a thread of three, one of two, and a post that stands alone."""
    ids = [id_at(number) for number in range(6)]
    tweets = [
        a_tweet(ids[0], "one of three"),
        a_tweet(ids[1], "two of three", to=ids[0]),
        a_tweet(ids[2], "three of three", to=ids[1]),
        a_tweet(ids[3], "one of two"),
        a_tweet(ids[4], "two of two", to=ids[3]),
        a_tweet(ids[5], "alone"),
    ]
    return a_zip(path / "twitter.zip", an_archive(tweets)), ids


def test_the_owners_archive_is_imported_offline(office: Office, tmp_path: Path) -> None:
    path, ids = an_export(tmp_path)
    ran = office("import", str(path), "--json")
    assert ran.code == 0
    assert [(line["posts"], line["verdict"], line["author"]) for line in ran.lines] == [
        (3, "complete", OWNER["username"]), (2, "complete", OWNER["username"])
    ]  # fmt: skip
    assert office.texts(f"https://x.com/{OWNER['username']}/status/{ids[1]}") == [
        "one of three", "two of three", "three of three"
    ]  # fmt: skip
    assert office.servers.asked() == []


def test_a_bare_id_is_enough(office: Office, site: Birdsite) -> None:
    ids = site.thread(6)
    ran = office("save", ids[-1], "--json")
    assert (ran.code, ran.lines[0]["posts"], ran.lines[0]["route"]) == (3, 6, "syndication")
    assert office.texts(ids[2]) == written(site, ids)


def test_the_hint_of_a_lone_post_is_a_command_that_works(office: Office, site: Birdsite) -> None:
    ids = write_storm(site)
    ran = office("save", site.url(ids[20]))
    [command] = re.findall(r"archiver (storm .+)$", ran.err, re.MULTILINE)
    assert office(*command.split(), "--json").lines[0]["posts"] == 44


@pytest.mark.parametrize("command", ["save", "storm"])
def test_where_nothing_is_signed_a_proof_is_not_to_be_had_and_that_is_said(
    office: Office, site: Birdsite, command: str
) -> None:
    ids = write_storm(site)
    asked = [site.url(ids[-1])] if command == "save" else [HANDLE, *DAY]
    ran = office(command, *asked, "--proof")
    assert ran.code in (0, 3)
    assert ran.err.count("posts on X (Twitter) are not signed in a way that can be kept") == 1


def test_exit_codes(office: Office, site: Birdsite) -> None:
    first, last = site.thread(2)
    alone = site.write("Alone", after=90_000)
    site.change(alone, gone=DELETED)
    gone = office("save", site.url(alone))
    assert (gone.code, gone.out) == (4, "")
    assert "deleted by the Post author" in gone.err
    assert office("save", "https://x.com/SenMarlow").code == 2
    assert office("save", site.url(last)).code == 3
    assert office("storm", "nobody_here", *DAY).code == 4
    site.change(first, gone=DELETED)
    site.captured.clear()
    assert office("save", site.url(last), site.url(alone)).code == 4


def test_a_network_that_is_down_is_code_6(office: Office, site: Birdsite) -> None:
    [id_] = site.thread(1)
    office.set(syndication="http://127.0.0.1:9")
    ran = office("save", site.url(id_))
    assert ran.code == 6
    assert sum(line.startswith("error: ") for line in ran.err.splitlines()) == 1


def test_reparse_gives_the_same_documents_byte_for_byte(office: Office, site: Birdsite, tmp_path: Path) -> None:
    storm = write_storm(site)
    site.article = site.embedding(storm[:9])
    thread = [site.write("Above all", after=700_000)]
    for number in range(11):
        thread.append(site.write(f"Then {number}", thread[-1]))
    site.change(storm[7], gone=DELETED)
    site.change(thread[5], gone=DELETED)
    site.up |= {"api_v2", "fxtwitter"}
    page = tmp_path / "saved.html"
    page.write_text(site.embedding(storm[3:6]), encoding="utf-8")
    office("storm", HANDLE, *DAY)
    office("save", site.url(storm[20]))
    office("save", thread[-1])
    office("save", "--embeds", f"{office.servers.others.site}/news.example/2017/05/03/senator", str(page))
    office("import", str(an_export(tmp_path)[0]))
    office.set(bearer=BEARER, fxtwitter=f"{office.servers.others.site}/api.fxtwitter.com")
    office("storm", HANDLE, *DAY, "--max-cost", "1")
    office("save", site.url(thread[3]), "--replies", "--max-cost", "1")
    office("save", site.url(thread[3]))
    rows, documents, asked = office.dump(), office.documents(), len(office.servers.asked())
    assert len(documents) == 7  # captures from above and from below the gap are one thread
    ran = office("reparse", "--json")
    assert (ran.code, ran.lines) == (0, [{"schema": 1, "runs": 10, "threads": 7, "unreadable": []}])
    assert office.dump() == rows
    for path in (office.place / "threads").iterdir():
        path.unlink()
    assert office.documents() == documents
    assert len(office.servers.asked()) == asked
