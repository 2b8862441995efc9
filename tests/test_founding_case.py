"""The day for which this tool was made: a senator's forty posts that do not answer each other, by both ways to them.

What is known of that day is read from `founding-case/storm.json` in the folder that `ARCHIVER_SAMPLES` names: who,
when, and the texts that the press has published. The ids of the posts are not known; those here are invented, in the
right order and within the right hours.
"""

import html
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest
from birdsite import Birdsite, Tweet
from bs4 import BeautifulSoup, Tag
from cmarkgfm.cmark import Options
from hosted import Gateway, asked_at, listening

from archiver.cli import main as cli
from archiver.platforms.x.snowflake import first_id

CASE = Path(os.environ.get("ARCHIVER_SAMPLES", "none"), "founding-case", "storm.json")

pytestmark = pytest.mark.skipif(not CASE.is_file(), reason="ARCHIVER_SAMPLES names no folder with the founding case")


class Day:
    """The day as a world: pages in the Wayback Machine, and an article that embeds the posts, one of them cut."""

    def __init__(self, told: dict[str, Any]) -> None:
        account = told["account"]
        self.handle, self.name, self.user = account["handle"], account["name"], account["user_id"]
        self.since, self.until = told["window"]["since"], told["window"]["until"]
        self.texts: list[str] = told["published_in_order"]
        self.cut: list[str] = told["published_cut"]
        self.tagged: list[str] = told["tagged"]
        self.birdsite = Birdsite()
        self.birdsite.up = {"wayback"}
        begin = datetime.fromisoformat(self.since) + timedelta(minutes=30)
        for number, text in enumerate([*self.texts, *self.cut]):
            id_ = str(first_id(begin + timedelta(minutes=7 * number)) + 1)  # invented
            self.birdsite.tweets[id_] = Tweet(id=id_, text=text, handle=self.handle, name=self.name, user=self.user)
        self.ids = list(self.birdsite.tweets)
        self.birdsite.captured = set(self.ids[: len(self.texts)])
        self.birdsite.article = self.article()

    def article(self) -> str:
        """The posts as the press embeds them."""
        quotes = "".join(
            f'<blockquote class="twitter-tweet" data-lang="en"><p lang="en" dir="ltr">{with_links(tweet.text)}</p>'
            f'&mdash; {tweet.name} (@{tweet.handle}) <a href="https://twitter.com/{tweet.handle}/status/{tweet.id}">'
            f"{tweet.time:%B} {tweet.time.day}, {tweet.time.year}</a></blockquote><p>And then:</p>"
            for tweet in self.birdsite.tweets.values()
        )
        return f"<!DOCTYPE html><html><body><article><h1>What the senator did</h1>{quotes}</article></body></html>"


def with_links(text: str) -> str:
    """A text as an embed has it, people linked."""
    return re.sub(r"(?<!\w)@(\w+)", r'<a href="https://twitter.com/\1">@\1</a>', html.escape(text, quote=False))


@pytest.fixture
def day() -> Day:
    return Day(json.loads(CASE.read_text(encoding="utf-8")))


class Office:
    """An archive, and the command line that fills it."""

    def __init__(self, place: Path, site: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self.capsys = place, capsys
        self.article = f"{site}/news.example/2017/05/03/senator"
        (place / "archiver.toml").write_text(asked_at(site))

    def run(self, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
        """Run a command; return its code and what it says in JSON."""
        code = cli.run(["--archive", str(self.place), *arguments, "--json"])
        said = self.capsys.readouterr()
        assert "Traceback" not in said.err
        return code, [json.loads(line) for line in said.out.splitlines()]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return rows of the archive."""
        with sqlite3.connect(self.place / "archive.db") as db:
            return db.execute(sql).fetchall()


@pytest.fixture
def office(day: Day, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Office]:
    with listening(Gateway(day.birdsite)) as hosted:
        yield Office(tmp_path, hosted.site, capsys)


def seen(line: dict[str, Any]) -> BeautifulSoup:
    """What a reader sees of a document, with its metadata left out."""
    body = Path(line["markdown"]).read_text(encoding="utf-8").split("\n---\n", 1)[1]
    return BeautifulSoup(cmarkgfm.github_flavored_markdown_to_html(body, Options.CMARK_OPT_UNSAFE), "html.parser")


def posts(page: BeautifulSoup) -> list[list[Tag]]:
    """The paragraphs of each post: what is said of it, its text, and the rest."""
    found = []
    for heading in page.find_all("h2", string=re.compile(r"Post \d+")):
        below = []
        for tag in heading.find_next_siblings(True):
            if tag.name in ("h2", "hr"):
                break
            below.append(tag)
        found.append(below)
    return found


def check_texts(page: BeautifulSoup, texts: list[str], tagged: list[str]) -> None:
    """Every text is there once, exactly as it was published, in its order, with its people linked."""
    shown = posts(page)
    assert [post[1].get_text() for post in shown] == texts
    whole = "\n".join(tag.get_text() for post in shown for tag in post)
    assert [whole.count(text) for text in texts] == [1] * len(texts)
    links = {a.get_text(): a["href"] for post in shown for a in post[1].find_all("a")}
    named = [name for name in tagged if any(f"@{name}" in text for text in texts)]
    assert named
    assert links == {f"@{name}": f"https://x.com/{name}" for name in named}


def check_said(page: BeautifulSoup, day: Day, line: dict[str, Any]) -> None:
    """The author is named, and it is said that nothing proves that this is all."""
    assert (line["verdict"], line["missing"], line["kind"], line["author"]) == ("unknown", 0, "storm", day.handle)
    assert [day.name in tag.get_text() for tag in page.find_all("p")[:1]] == [True]
    assert "Not known to be the whole storm" in page.find_all("blockquote")[0].get_text()


def test_the_day_from_the_wayback_machine(day: Day, office: Office) -> None:
    code, [line] = office.run("storm", day.handle, "--since", day.since, "--until", day.until)
    assert (code, line["route"], line["posts"]) == (3, "wayback", len(day.texts))
    page = seen(line)
    check_texts(page, day.texts, day.tagged)
    check_said(page, day, line)
    times = [datetime.fromisoformat(time) for (time,) in office.query("SELECT created_at FROM posts ORDER BY id")]
    assert times == [day.birdsite.tweets[id_].time for id_ in day.ids[: len(day.texts)]]
    captures = [a["href"] for post in posts(page) for a in post[0].find_all("a") if "captured" in a.get_text()]
    assert [address.rpartition("/")[2] for address in captures] == day.ids[: len(day.texts)]


@pytest.mark.parametrize("form", ["address", "file"])
def test_the_day_from_an_article(day: Day, office: Office, tmp_path: Path, form: str) -> None:
    file = tmp_path / "saved page.html"
    file.write_text(day.article(), encoding="utf-8")
    where = office.article if form == "address" else str(file)
    code, [line] = office.run("save", "--embeds", where)
    assert (code, line["route"], line["posts"]) == (3, "embeds", len(day.ids))
    page = seen(line)
    check_texts(page, [*day.texts, *day.cut], day.tagged)
    check_said(page, day, line)
    assert "copy" in page.find_all("blockquote")[0].get_text()
    assert (office.article if form == "address" else "saved page.html") in page.get_text()
    cut = [post for post in posts(page) if "Only the beginning of this post was shown" in post[-1].get_text()]
    assert [post[1].get_text() for post in cut] == day.cut


@pytest.mark.parametrize("order", ["wayback first", "article first"])
def test_both_in_one_archive(day: Day, office: Office, order: str) -> None:
    storm = ("storm", day.handle, "--since", day.since, "--until", day.until)
    article = ("save", "--embeds", office.article)
    for command in (storm, article) if order == "wayback first" else (article, storm):
        assert office.run(*command)[0] == 3
    assert office.query("SELECT count(*) FROM posts") == [(len(day.ids),)]
    assert office.query("SELECT count(*) FROM posts_fts") == [(len(day.ids),)]
    routes = {(id_, "embeds") for id_ in day.ids} | {(id_, "wayback") for id_ in day.ids[: len(day.texts)]}
    seen_by = office.query("SELECT post, route FROM observations")
    assert sorted(seen_by) == sorted((f"x.com/{id_}", route) for id_, route in routes)
    shown = office.query("SELECT route, text FROM posts ORDER BY id")
    assert shown == [("wayback", text) for text in day.texts] + [("embeds", text) for text in day.cut]
    _, documents = office.run("export")
    for line in documents:
        whole = "\n".join(tag.get_text() for post in posts(seen(line)) for tag in post)
        assert [whole.count(text) for text in day.texts] == [1] * len(day.texts)
    before = [Path(line["markdown"]).read_bytes() for line in documents]
    assert office.run("reparse")[0] == 0
    _, documents = office.run("export")
    assert [Path(line["markdown"]).read_bytes() for line in documents] == before
