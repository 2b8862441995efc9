"""A storm and a thread out of a web archive that we did not write: pywb, with pages of 2017 in a WARC."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pictures
import pytest
from birdsite import HANDLE, MORNING, Birdsite, Tweet
from hosted import Hosted, listening
from world import Answer, World

from archiver.http.message import Request
from archiver.platforms.x.snowflake import first_id
from archiver.store.store import Archive
from archiver.verbs import capture

from .commandline import Archiver, Saved
from .conftest import NewArchiver, started
from .machine import free_port
from .pywb import COLLECTION, Pywb, Visit, archive

pytestmark = pytest.mark.servers

STORM = 44
WINDOW = ("--since", "2017-05-03T10:30", "--until", "2017-05-04T02:00", "--tz", "America/New_York")
LATE, SHELL, REPEATED, TWICE = 5, 9, 12, 20  # places in the storm of posts whose captures are not just one page
EMPTY = '<!DOCTYPE html><html><body><div id="react-root"></div><noscript>JavaScript is not available.</noscript></html>'
LATER = datetime(2021, 3, 1, 12, 0, tzinfo=UTC)


class Silence(World):
    """X as it shows nothing to who is not logged in, and has no picture any more."""

    def answer(self, request: Request) -> Answer:
        """The same for every post."""
        return (404, "<title>Gone</title>") if "/media/" in request.url else (200, {})


@dataclass(frozen=True, kw_only=True)
class Past:
    """What was written, and who still has it: pywb some captures, X nothing at all."""

    birdsite: Birdsite
    storm: list[str]
    thread: list[str]
    pywb: Pywb
    x: Hosted

    @property
    def config(self) -> str:
        """The archiver's settings for asking these two."""
        return (
            f'[wayback]\ncdx = "{self.pywb.index}"\nreplay = "{self.pywb.replay}"\n[x]\nsyndication = "{self.x.site}"\n'
        )

    def requests(self) -> list[str]:
        """What both were asked."""
        return [*self.pywb.requests(), *(f"GET {self.x.site}{path}" for path, _ in self.x.heard)]

    def texts(self, ids: list[str]) -> list[str]:
        """What was written."""
        return [self.birdsite.tweets[id_].text for id_ in ids]

    def captured(self, id_: str, after: timedelta = timedelta(hours=1)) -> str:
        """The address in pywb of a capture that was made so long after a post was written."""
        time = self.birdsite.tweets[id_].time + after
        return f"{self.pywb.address}/{COLLECTION}/{time:%Y%m%d%H%M%S}/{address(id_)}"


def address(id_: str, handle: str = HANDLE) -> str:
    """The address of a post in those years."""
    return f"https://twitter.com/{handle}/status/{id_}"


def pictured(storm: list[str], x: Hosted) -> dict[int, str]:
    """The addresses of the pictures of the storm, by their places in it; X is on this machine, and so are they."""
    return {place: f"{x.site}/media/P{id_}.jpg" for place, id_ in enumerate(storm) if place % 10 == 4}


def write_storm(site: Birdsite) -> list[str]:
    """Writes over forty posts of one day that do not answer each other."""
    return [
        site.write(
            f"Hour {number // 4 + 1}, call {number + 1}: the ferry is held & @HarbourOffice says nothing. #LetThemLand",
            after=820,
            photo=number % 10 == 4,
        )
        for number in range(STORM)
    ]


def write_at(site: Birdsite, time: datetime, text: str, **fields: str) -> str:
    """Writes a post at a time that was chosen."""
    id_ = str(first_id(time) + 7)
    site.tweets[id_] = Tweet(id=id_, text=text, **fields)
    return id_


def write_thread(site: Birdsite) -> list[str]:
    """Writes twelve posts that answer each other, a week later."""
    ids = [write_at(site, MORNING + timedelta(days=7), "1. Why it happened")]
    for number in range(2, 13):
        ids.append(site.write(f"{number}. What I was told by <b>official</b> no {number} & whom I believe", ids[-1]))
    return ids


def visits(site: Birdsite, storm: list[str], thread: list[str], x: Hosted) -> Iterator[Visit]:
    """Yields the captures: mostly the page of a post an hour later; some of other people, and of other days.

    Of the four pictures, one was captured with its page, one three days later, one in another size and else as a page;
    the last is nowhere.
    """
    hour = timedelta(hours=1)
    first, second, third, _ = pictured(storm, x).items()
    for place, url, after in ((*first, hour), (*second, 72 * hour), (third[0], f"{third[1]}:large", hour)):
        time = site.tweets[storm[place]].time + after
        yield Visit(url=url, time=time, body=pictures.plain(url), kind="image/png")
    yield Visit(url=third[1], time=site.tweets[storm[third[0]]].time + hour, body="<title>Log in</title>")
    for place, id_ in enumerate(storm):
        time, page = site.tweets[id_].time, site.page(id_).replace("https://pbs.twimg.com", x.site)
        if place == SHELL:
            yield Visit(url=address(id_), time=LATER, body=EMPTY)
            continue
        if place == LATE:
            yield Visit(url=address(id_), time=time + hour / 2, body="<title>Not found</title>", status="404 Not Found")
        yield Visit(url=address(id_), time=time + hour, body=page)
        if place == REPEATED:
            yield Visit(url=address(id_), time=time + 26 * hour, repeats=time + hour)
        if place == TWICE:
            yield Visit(url=f"{address(id_, HANDLE.lower())}?lang=de", time=time + 2 * hour, body=page)
    last = thread[-1]
    yield Visit(url=address(last), time=site.tweets[last].time + hour, body=site.page(last))
    for time in (MORNING - timedelta(hours=5), MORNING + timedelta(hours=17)):
        other_day = write_at(site, time, "Good morning to the harbour.")
        yield Visit(url=address(other_day), time=time + hour, body=site.page(other_day))
    other = write_at(site, MORNING + hour, "I say so too.", handle="SenMarlowFan", name="A Fan", user="42")
    yield Visit(url=address(other, "SenMarlowFan"), time=MORNING + 2 * hour, body=site.page(other))


@pytest.fixture(scope="module")
def past() -> Iterator[Past]:
    """A day that only a web archive remembers."""
    site = Birdsite()
    storm = write_storm(site)
    thread = write_thread(site)
    with ExitStack() as stack:
        x = stack.enter_context(listening(Hosted(Silence())))
        pywb = started(stack, archive(visits(site, storm, thread, x)))
        yield Past(birdsite=site, storm=storm, thread=thread, pywb=pywb, x=x)


@pytest.fixture(scope="module")
def new(past: Past, new_archiver: NewArchiver) -> Callable[[], Archiver]:
    """Makes an archiver that asks the two."""
    return lambda: new_archiver(past.config)


@pytest.fixture(scope="module")
def stormy(past: Past, new: Callable[[], Archiver]) -> tuple[Archiver, Saved]:
    """An archive of the storm, and what came of saving it."""
    archiver = new()
    return archiver, archiver.ask(past, "storm", HANDLE, *WINDOW, "--platform", "x")


def without(ids: list[str], *places: int) -> list[str]:
    """The ids but those at these places."""
    return [id_ for place, id_ in enumerate(ids) if place not in places]


def test_every_post_of_the_day_comes_back_as_it_was_written(past: Past, stormy: tuple[Archiver, Saved]) -> None:
    archiver, saved = stormy
    ids = without(past.storm, SHELL)
    rows = archiver.query("SELECT id, text, created_at FROM thread_posts JOIN posts ON id = post ORDER BY position")
    written = [past.birdsite.tweets[id_] for id_ in ids]
    assert [row[0] for row in rows] == [f"x.com/{id_}" for id_ in ids]
    assert [row[1] for row in rows] == [tweet.text for tweet in written]
    assert [datetime.fromisoformat(row[2]) for row in rows] == [tweet.time for tweet in written]
    assert {name: saved.line[name] for name in ("kind", "author", "posts", "route")} == {
        "kind": "storm", "author": HANDLE, "posts": STORM - 1, "route": "wayback"
    }  # fmt: skip


def test_pictures_are_those_of_the_pages(past: Past, stormy: tuple[Archiver, Saved]) -> None:
    archiver, _ = stormy
    rows = archiver.query("SELECT post, kind, url FROM attachments")
    there = pictured(past.storm, past.x)
    assert sorted(rows) == [(f"x.com/{past.storm[place]}", "image", url) for place, url in there.items()]


def test_pictures_that_are_gone_are_taken_from_the_archive(past: Past, new_archiver: NewArchiver) -> None:
    archiver = new_archiver(f"{past.config}[media]\nfetch = true\n")
    told = archiver.ask(past, "storm", HANDLE, *WINDOW, "--platform", "x")
    there = list(pictured(past.storm, past.x).values())
    rows = archiver.query("SELECT url, said, fetched_from, path FROM media ORDER BY url")
    assert [(url, said) for url, said, _, _ in rows] == [
        *((url, "") for url in there[:3]),
        (there[3], "404, and the Wayback Machine has no copy"),
    ]
    for (_, _, source, path), captured in zip(rows, (*there[:2], f"{there[2]}:large"), strict=False):
        assert (archiver.folder / path).read_bytes() == pictures.plain(captured)
        assert re.fullmatch(rf"{past.pywb.replay}/\d{{14}}id_/{re.escape(captured)}", source)
    assert (told.line["media"], told.line["media_failed"]) == (3, 1)
    assert len(told.asked) == told.line["requests"] + 2 + 2 + 4 + 3
    document = Path(told.line["markdown"]).read_text()
    assert document.count("](../media/") == 3
    assert document.count("could not be fetched: 404") == 1


def test_a_post_that_is_kept_only_as_an_empty_page_is_a_stated_gap(past: Past, stormy: tuple[Archiver, Saved]) -> None:
    archiver, saved = stormy
    gap = past.storm[SHELL]
    assert (saved.code, saved.line["verdict"], saved.line["missing"]) == (3, "partial", 1)
    assert archiver.query("SELECT id, detail != '' FROM missing") == [(f"x.com/{gap}", 1)]
    document = "\n".join(archiver.document())
    before, after = (document.index(f"call {place + 1}:") for place in (SHELL - 1, SHELL + 1))
    assert before < document.index(f"/status/{gap}>") < after


def test_requests_are_as_few_as_they_can_be(past: Past, stormy: tuple[Archiver, Saved]) -> None:
    _, saved = stormy
    replays = [asked for asked in saved.asked if "id_/" in asked]
    assert len(saved.asked) == saved.line["requests"] <= STORM + 12
    assert len(replays) == STORM
    assert len({asked.rpartition("/")[2] for asked in replays}) == STORM


def test_the_document_names_each_capture_where_it_is(past: Past, stormy: tuple[Archiver, Saved]) -> None:
    archiver, _ = stormy
    document = "\n".join(archiver.document())
    for id_ in without(past.storm, SHELL):
        assert f"]({past.captured(id_)})" in document
    assert "web.archive.org" not in document


def test_one_post_leads_to_the_command_that_archives_the_day(past: Past, new: Callable[[], Archiver]) -> None:
    archiver = new()
    saved = archiver.run("save", address(past.storm[TWICE]))
    assert saved.returncode == 3
    (command,) = re.findall(r"archiver (storm .+)$", saved.stderr, re.MULTILINE)
    whole = archiver.ask(past, *shlex.split(command))
    assert (whole.line["posts"], whole.line["missing"]) == (STORM - 1, 1)
    shown = map(json.loads, archiver.run("show", whole.line["thread"], "--json").stdout.splitlines())
    assert [post["text"] for post in shown if "text" in post] == past.texts(without(past.storm, SHELL))


def test_a_thread_is_whole_in_the_page_of_its_last_post(past: Past, new: Callable[[], Archiver]) -> None:
    archiver = new()
    saved = archiver.save(address(past.thread[-1]), past)
    assert archiver.texts("main") == past.texts(past.thread)
    assert (saved.line["posts"], saved.line["missing"], saved.line["verdict"]) == (12, 0, "unknown")
    assert len(saved.asked) == saved.line["requests"]
    assert f"<{past.captured(past.thread[-1])}>" in Path(saved.line["markdown"]).read_text()


def test_a_recording_of_the_day_gives_the_same_document(
    past: Past, stormy: tuple[Archiver, Saved], new: Callable[[], Archiver], tmp_path: Path
) -> None:
    archiver, _ = stormy
    with Archive.open(archiver.folder, now=LATER) as archive:
        capture.record(archive, archive.history.runs()[0].id, tmp_path / "recorded")
    other = new()
    assert other.run("import", str(tmp_path / "recorded")).returncode == 3
    assert other.document() == archiver.document()


def test_reparse_gives_the_same_rows_and_the_same_document(stormy: tuple[Archiver, Saved]) -> None:
    archiver, _ = stormy
    (document,) = (archiver.folder / "threads").glob("*.md")
    rows, text = archiver.derived(), document.read_bytes()
    assert archiver.run("reparse").returncode == 0
    assert archiver.run("export").returncode == 0
    assert (archiver.derived(), document.read_bytes()) == (rows, text)


def test_an_archive_that_is_gone_costs_nothing_that_is_kept(past: Past, stormy: tuple[Archiver, Saved]) -> None:
    archiver, _ = stormy
    gone = f"http://127.0.0.1:{free_port()}"
    config = archiver.config.with_name("gone.toml")
    config.write_text(archiver.config.read_text().replace(past.pywb.address, gone).replace(past.x.site, gone))
    before = archiver.derived()
    later = Archiver(folder=archiver.folder, config=config).run("save", address(past.storm[0]))
    assert later.returncode == 6
    errors = [line for line in later.stderr.splitlines() if line.startswith("error: ")]
    assert errors[0].startswith(f"error: {gone}")
    assert archiver.derived() == before
    assert archiver.run("reparse").returncode == 0
    assert archiver.derived() == before
