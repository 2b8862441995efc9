"""A folder that can be published: what is in it, what is rewritten, and whose files are left alone."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import cmarkgfm
import feedparser
import pytest
import yaml
from bs4 import BeautifulSoup
from samples import ANN, NOON, a_post, a_thread, later, saved

from archiver.cli import main as cli
from archiver.errors import ArchiveError
from archiver.exporters.feed import XMLNS, atom, feeds, json_feed
from archiver.exporters.folder import Folder
from archiver.exporters.index import index
from archiver.exporters.listing import Listing, listing
from archiver.layout import ATOM, EXPORTED, INDEX, JSON_FEED, PAGE_INDEX
from archiver.ledger import Entry
from archiver.model import Attachment, Author, Completeness, Document, Missing, Reason, Run, Thread
from archiver.publish import Choice, keep, publish, write_lists, write_threads
from archiver.store.store import Archive
from archiver.verbs.serve import answer

RUN = Run(id="r1", url="https://social.example/@ann/1", tool="thread-archiver 0", started_at=NOON)
PICTURE = "media/ab/abc.png"
HEAD = Entry(log="1", seq=1, kind="capture", run="r1", manifest_sha256="", prev="", hash="", added_at="")
JSON_FEED_ITEM = frozenset(
    ["id", "url", "external_url", "title", "content_text", "date_published", "date_modified", "authors"]
)  # of those in https://jsonfeed.org/version/1.1


def a_listing(**fields: object) -> Listing:
    told = Listing(
        id="1",
        title="The ferry",
        author="Ann Ash",
        handle="ann@social.example",
        account="https://social.example/@ann",
        platform="mastodon",
        url="https://social.example/@ann/1",
        written="2026-03-12T12:00:00Z",
        captured="2026-11-24T01:12:09Z",
        posts=4,
        missing=0,
        verdict="complete",
        files={"record": "threads/a.md"},
    )
    return replace(told, **fields)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


def stock(archive: Archive) -> None:
    """Two threads, one with a picture and a gap."""
    (archive.folder / PICTURE).parent.mkdir(parents=True)
    (archive.folder / PICTURE).write_bytes(b"\x89PNG")
    gap = Missing(id="2", reason=Reason.DELETED, author=ANN.id, in_reply_to="1")
    shown = a_post(1, attachments=(Attachment(kind="image", url="", file=PICTURE),))
    saved(archive, a_thread(shown, gap, completeness=Completeness(found=1, expected=2, gaps=(gap,))))
    saved(archive, a_thread(a_post(60, "<p>Another | day</p>")), hours=1)


def exported(archive: Archive, out: Path, *names: str, **chosen: object) -> list[Path]:
    return [written.put.path for written in publish(archive, names, out, Choice(**chosen)) if written.put.changed]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_folder_has_all_that_it_needs_and_nothing_more(archive: Archive, site: Path) -> None:
    stock(archive)
    first, second = exported(archive, site)
    names = {f"threads/{first.name}", f"threads/{second.name}", PICTURE, INDEX, ATOM, JSON_FEED, EXPORTED}
    assert set(files(site)) == names
    assert first.read_text().count(f"![](../{PICTURE})") == 1
    before = files(site)
    assert exported(archive, site) == []
    assert files(site) == before
    assert files(site) == (exported(archive, site.parent / "again") and files(site.parent / "again"))


def test_a_picture_that_is_not_there_is_told(archive: Archive, site: Path) -> None:
    stock(archive)
    (archive.folder / PICTURE).unlink()
    assert [written.lacking for written in publish(archive, (), site, Choice())] == [(PICTURE,), ()]


def test_a_named_thread_joins_those_that_are_in_the_folder(archive: Archive, site: Path) -> None:
    stock(archive)
    exported(archive, site, "60")
    assert "1 thread" in (site / INDEX).read_text()
    exported(archive, site, "1", form="article")
    text = (site / INDEX).read_text()
    assert "2 threads, newest first." in text
    exported(archive, site, "1")
    name = "2026-03-12_ann_social.example_1.md"
    assert f"[Post number 1](<threads/{name}>) · [article](<articles/{name}>)" in (site / INDEX).read_text()


def test_the_index_is_a_table_that_every_viewer_shows(archive: Archive, site: Path) -> None:
    stock(archive)
    exported(archive, site)
    page = BeautifulSoup(cmarkgfm.github_flavored_markdown_to_html((site / INDEX).read_text()), "html.parser")
    rows = [[cell.get_text() for cell in row.find_all(["td", "th"])] for row in page.find_all("tr")]
    assert rows == [
        ["Date", "Author", "Thread", "Posts", "Missing", "Last checked"],
        ["2026-03-12", "Ann Ash", "Another | day", "1", "not known", "2026-03-12"],
        ["2026-03-12", "Ann Ash", "Post number 1", "1", "1", "2026-03-12"],
    ]
    assert all((site / anchor["href"]).exists() for anchor in page.find_all("a"))


def test_above_five_hundred_threads_each_year_has_its_page() -> None:
    listed = [a_listing(id=str(n), written=f"{2020 + n % 3}-01-01T00:00:00Z") for n in range(501)]
    pages = index(listed)
    assert set(pages) == {INDEX, "index-2020.md", "index-2021.md", "index-2022.md"}
    assert pages[INDEX] == (
        "# Archived threads\n\n501 threads, by the year in which they were written.\n\n"
        "- [2022](index-2022.md): 167 threads\n"
        "- [2021](index-2021.md): 167 threads\n"
        "- [2020](index-2020.md): 167 threads\n"
    )
    assert pages["index-2021.md"].count("\n| 2021-01-01 |") == 167
    assert "[All years](index.md)" in pages["index-2021.md"]
    assert set(index(listed[:500])) == {INDEX}


@pytest.mark.parametrize(
    ("verdict", "missing", "words"),
    [("complete", 0, "none"), ("partial", 2, "2"), ("partial", 0, "some"), ("unknown", 0, "not known")],
)
def test_the_index_says_what_is_missing(verdict: str, missing: int, words: str) -> None:
    assert f"| 4 | {words} |" in index([a_listing(verdict=verdict, missing=missing)])[INDEX]


def test_a_file_that_somebody_has_edited_is_left_alone(archive: Archive, site: Path) -> None:
    stock(archive)
    path, _ = exported(archive, site)
    path.write_text("my own words")
    [same, _] = publish(archive, (), site, Choice())
    assert (same.put.changed, same.put.edited) == (False, f"threads/{path.name}")
    assert same.put.note.endswith("stays as it is")
    assert path.read_text() == "my own words"
    saved(archive, a_thread(a_post(1, "<p>Edited since</p>")), hours=3)
    [newer, _] = publish(archive, (), site, Choice())
    beside = path.with_name(f"{path.stem}.new.md")
    assert newer.put.path == beside
    assert newer.put.note == (
        f"threads/{path.name} was edited, or is not of this program, and stays as it is; what is new is in {beside}"
    )
    assert "Edited since" in beside.read_text()
    beside.write_text("and these too")
    saved(archive, a_thread(a_post(1, "<p>Edited again</p>")), hours=4)
    exported(archive, site)
    assert (path.read_text(), beside.read_text()) == ("my own words", "and these too")
    assert "Edited again" in path.with_name(f"{path.stem}.new.new.md").read_text()
    path.unlink()
    assert path in exported(archive, site)


@pytest.mark.parametrize("edited", [False, True])
def test_a_handle_that_changes_leaves_no_second_document_of_a_thread(tmp_path: Path, edited: bool) -> None:
    posts = [a_post(1), a_post(2, in_reply_to="1")]
    thread = a_thread(*posts)
    old = keep(Document(thread=thread, run=RUN), tmp_path).path
    if edited:
        old.write_text(old.read_text() + "\nMy notes.\n")
    moved = replace(ANN, handle="ann@new.example")
    thread = replace(thread, author=moved, nodes=tuple(replace(post, author=moved) for post in posts))
    new = keep(Document(thread=thread, run=RUN), tmp_path).path
    assert "new.example" in new.name
    assert sorted(new.parent.glob("*.md")) == sorted([new, old] if edited else [new])
    assert keep(Document(thread=thread, run=RUN), tmp_path).path == new


def test_what_the_user_has_taken_over_is_ours_again(archive: Archive, site: Path) -> None:
    stock(archive)
    path, _ = exported(archive, site)
    right = path.read_bytes()
    (site / EXPORTED).unlink()
    assert exported(archive, site) == []
    path.write_text("edited")
    path.write_bytes(right)
    saved(archive, a_thread(a_post(1, "<p>Edited since</p>")), hours=3)
    assert exported(archive, site) == [path]


def test_a_file_of_somebody_else_is_not_overwritten(archive: Archive, site: Path) -> None:
    stock(archive)
    site.mkdir()
    (site / INDEX).write_text("# My site")
    exported(archive, site)
    assert (site / INDEX).read_text() == "# My site"
    assert "2 threads" in (site / "index.new.md").read_text()


@pytest.mark.parametrize("content", ["[]", "{}", "no JSON", '{"files": {}, "threads": {"1": {"x": 1}}}'])
def test_a_damaged_manifest_is_an_error_of_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / EXPORTED).write_text(content)
    with pytest.raises(ArchiveError, match="is damaged"):
        Folder(tmp_path)


def test_folders_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    (tmp_path / EXPORTED).mkdir()
    with pytest.raises(ArchiveError, match="cannot be read"):
        Folder(tmp_path)
    (tmp_path / EXPORTED).rmdir()
    (tmp_path / "a.md").mkdir()
    with Folder(tmp_path) as folder, pytest.raises(ArchiveError, match="cannot write"):
        folder.put("a.md", "text")


def test_what_must_not_stay_is_overwritten_even_where_it_was_edited(archive: Archive) -> None:
    stock(archive)
    [path, _] = exported(archive, archive.folder)
    [article, _] = exported(archive, archive.folder, form="article")
    for file in (path, article, archive.folder / INDEX):
        file.write_text(f"{file.read_text()}\nedited")
    document = archive.document("1")
    post, gap = document.thread.nodes
    nodes = (replace(post, content="<p>Out</p>"), gap)
    keep(replace(document, thread=replace(document.thread, nodes=nodes)), archive.folder, over=True)
    for file in (path, article, archive.folder / INDEX):
        assert "Out" in file.read_text()
        assert "Post number 1" not in file.read_text()
        assert "edited" not in file.read_text()


def test_of_ten_thousand_threads_the_one_that_has_changed_is_written_and_what_lists_it(tmp_path: Path) -> None:
    def write(changed: int = -1) -> list[Path]:
        with Folder(tmp_path) as folder:
            threads = many(10_000, changed)
            done = [one.put.path for one in write_threads(folder, threads, Choice(), None, others=False)]
            write_lists(folder, Choice(), HEAD)
        return done

    paths = write()
    assert len(set(paths)) == 10_000
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    write(4_321)
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert set(after) == set(times)
    written = {path for path in after if after[path] != times[path]}
    assert {tmp_path / ATOM, tmp_path / JSON_FEED} <= set(after)
    assert written == {paths[4_321], tmp_path / EXPORTED, tmp_path / f"index-{later(hours=4_321):%Y}.md"}


def many(count: int, changed: int = -1) -> Iterator[Document]:
    for number in range(count):
        text = "<p>Changed</p>" if number == changed else f"<p>Thread {number}</p>"
        post = a_post(1, text, id=str(number), created_at=later(hours=number))
        yield Document(thread=a_thread(post), run=RUN)


def test_a_vault_has_a_note_for_each_account(archive: Archive, site: Path) -> None:
    stock(archive)
    path, _ = exported(archive, site, vault=True)
    front = yaml.safe_load(path.read_text().split("\n---\n")[0].removeprefix("---"))
    assert front["author"] == "[[accounts/at_ann_social.example|Ann Ash]]"
    note = (site / "accounts" / "at_ann_social.example.md").read_text()
    assert yaml.safe_load(note.split("\n---\n")[0].removeprefix("---")) == {
        "title": "Ann Ash",
        "handle": "@ann@social.example",
        "url": "https://social.example/@ann",
        "platform": "mastodon",
        "tags": ["account"],
    }
    assert f"- 2026-03-12 [Post number 1](<../threads/{path.name}>): 1 post, missing: 1\n" in note
    assert "2 archived threads" in note


def test_the_alias_in_a_vault_cannot_end_its_link(archive: Archive, site: Path) -> None:
    for number, name in enumerate(["a]] [[b|c#d", "[[]]"]):
        author = Author(id=f"{number}", handle=f"h{number}", name=name)
        saved(archive, replace(a_thread(a_post(number, author=author)), author=author), hours=number)
    fronts = [yaml.safe_load(path.read_text().split("\n---\n")[0][3:]) for path in exported(archive, site, vault=True)]
    assert [front["author"] for front in fronts] == ["[[accounts/at_h0|a bcd]]", "[[accounts/at_h1|h1]]"]


def test_feeds_name_the_newest_threads() -> None:
    listed = [
        a_listing(id=str(n), title=f"No {n}", written=f"2026-01-01T00:{n // 60:02}:{n % 60:02}Z") for n in range(150)
    ]
    made = feeds(listed, "urn:uuid:1", "https://a.example/b/")
    root = ElementTree.fromstring(made[ATOM])
    entries = root.findall(f"{{{XMLNS}}}entry")
    assert [entry.findtext(f"{{{XMLNS}}}title") for entry in entries] == [f"No {n}" for n in range(149, 49, -1)]
    assert root.findtext(f"{{{XMLNS}}}id") == "urn:uuid:1"
    assert root.findtext(f"{{{XMLNS}}}updated") == "2026-11-24T01:12:09Z"
    links = {link.get("rel"): link.get("href") for link in entries[0].findall(f"{{{XMLNS}}}link")}
    assert links == {"alternate": "https://a.example/b/threads/a.md", "via": "https://social.example/@ann/1"}
    told = json.loads(made[JSON_FEED])
    assert (told["version"], told["feed_url"]) == ("https://jsonfeed.org/version/1.1", "https://a.example/b/feed.json")
    assert (told["items"][0]["url"], told["items"][0]["content_text"]) == (
        "https://a.example/b/threads/a.md",
        "4 posts by @ann@social.example: complete",
    )


def test_a_reader_of_feeds_that_we_did_not_write_understands_them(archive: Archive, site: Path) -> None:
    stock(archive)
    exported(archive, site, base="https://a.example/b/")
    told = feedparser.parse((site / ATOM).read_bytes())
    assert (told.bozo, told.version, told.feed.title) == (False, "atom10", "Archived threads")
    first, second = told.entries
    assert (first.title, first.author, first.author_detail.href) == (
        *("Another | day", "Ann Ash", "https://social.example/@ann"),
    )
    assert first.published_parsed[:5] == (2026, 3, 12, 13, 0)
    assert first.updated_parsed >= first.published_parsed
    assert second.summary == "1 post by @ann@social.example, 1 missing: partial"
    names = [path.removeprefix("https://a.example/b/") for path in (first.link, second.link)]
    assert all((site / name).is_file() for name in names)
    assert len({first.id, second.id, told.feed.id}) == 3
    items = json.loads((site / JSON_FEED).read_text())["items"]
    for item, entry in zip(items, told.entries, strict=True):
        assert set(item) <= JSON_FEED_ITEM
        assert (item["id"], item["url"], item["title"], item["content_text"]) == (
            *(entry.id, entry.link, entry.title, entry.summary),
        )
        assert datetime.fromisoformat(item["date_published"]).utcoffset() == timedelta(0)


def test_what_became_of_posts_is_said_in_every_list(archive: Archive, site: Path) -> None:
    posts = [a_post(n, in_reply_to=str(n - 1) if n > 1 else None) for n in (1, 2, 3)]
    saved(archive, a_thread(*posts))
    gone = Missing(id="3", reason=Reason.DELETED, author=ANN.id, in_reply_to="2", detail="404", seen_at=later(hours=2))
    edited = replace(posts[1], content="<p>Another word</p>")
    seen = a_thread(posts[0], edited, gone)
    saved(archive, assembled_with(a_thread(*posts), seen, gone), seen, hours=2)
    [summary] = archive.threads()
    assert (summary.edited, summary.gone) == (1, 1)
    exported(archive, site, form="html")
    words = "3 posts, 1 edited, 1 no longer on the platform"
    assert f"| {words.replace(' posts', '')} |" in (site / INDEX).read_text()
    assert words in (site / PAGE_INDEX).read_text()
    assert words in answer(archive.folder, "/").body.decode()
    assert words.replace(" posts", " posts by @ann@social.example") in (site / ATOM).read_text()


def assembled_with(old: Thread, new: Thread, gone: Missing) -> Thread:
    """The thread that is kept: what the newer capture shows, and the post that it does not show any more."""
    return replace(old, nodes=(*new.posts, old.nodes[-1]), gone=(gone,))


def test_six_hundred_threads_have_an_index_by_year_and_every_link_leads_somewhere(archive: Archive, site: Path) -> None:
    for number in range(600):
        saved(archive, a_thread(a_post(number, created_at=later(days=number), in_reply_to=None)))
    exported(archive, site)
    pages = sorted(path.name for path in site.glob("index*.md"))
    assert pages == ["index-2026.md", "index-2027.md", INDEX]
    found = []
    for name in pages:
        shown = BeautifulSoup(cmarkgfm.github_flavored_markdown_to_html((site / name).read_text()), "html.parser")
        found += [link["href"] for link in shown.find_all("a")]
    assert all((site / link).is_file() for link in found)
    assert len({link for link in found if link.startswith("threads/")}) == 600
    [changed] = exported(archive, site, "social.example/5", pseudonyms=True)
    assert changed == site / "threads" / "2026-03-17_ann_social.example_5.md"


def test_feeds_of_nothing_and_of_unsafe_addresses() -> None:
    assert "1970-01-01" in atom([], "urn:x", "")
    odd = [a_listing(url="javascript:x", account="", missing=1, verdict="partial", files={"csv": "threads/a.csv"})]
    assert "javascript" not in atom(odd, "urn:x", "")
    [item] = json.loads(json_feed(odd, ""))["items"]
    assert (item["url"], item["content_text"][-23:]) == ("threads/a.csv", "example, 1 missing: partial"[-23:])
    assert "external_url" not in item


def test_a_listing_of_a_thread_says_what_the_document_says() -> None:
    told = listing(Document(thread=a_thread(), run=RUN), "csv", "threads/a.csv")
    assert (told.title, told.posts, told.verdict, told.files) == (
        "Post number 1",
        2,
        "unknown",
        {"csv": "threads/a.csv"},
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--mode", "article", "--format", "html"], "an article is written as Markdown"),
        (["--mode", "article", "--pdf"], "an article is written as Markdown"),
        (["--replies"], "--replies is for articles"),
        (["--replies", "--format", "html"], "--replies is for articles"),
    ],
)
def test_what_would_do_nothing_is_refused(
    archive: Archive, site: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert cli.run(["--archive", str(archive.folder), "export", "--out", str(site), *options]) == 2
    assert said in capsys.readouterr().err
    assert not site.exists()


@pytest.mark.parametrize("option", ["--pseudonyms", "--vault", "--show-sensitive"])
def test_the_archives_own_documents_are_as_they_are(
    archive: Archive, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    assert cli.run(["--archive", str(archive.folder), "export", option]) == 2
    assert f"{option} is for documents elsewhere; say where with --out" in capsys.readouterr().err


def test_the_command_says_what_it_did(archive: Archive, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stock(archive)
    command = ["--archive", str(archive.folder), "export", "--out", str(site)]
    assert cli.run([*command, "1"]) == 0
    [path] = (site / "threads").iterdir()
    assert capsys.readouterr().out == f"{path}\n"
    path.write_text("edited")
    (archive.folder / PICTURE).unlink()
    (site / PICTURE).unlink()
    assert cli.run([*command, "1", "--pseudonyms", "--base", "https://a.example/", "--json"]) == 0
    out, err = capsys.readouterr()
    line = json.loads(out)
    assert (line["edited"], line["changed"], line["markdown"]) == (f"threads/{path.name}", True, line["file"])
    assert "note: threads/" in err
    assert f"note: {PICTURE} is not in the archive's folder" in err
    assert "pseudonyms: true" in Path(line["file"]).read_text()
    assert "Everybody but the author has a pseudonym here" in Path(line["file"]).read_text()
    assert cli.run([*command, "1", "--format", "csv", "--json"]) == 0
    assert "markdown" not in json.loads(capsys.readouterr().out)
