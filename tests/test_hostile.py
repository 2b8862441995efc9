"""Nothing that strangers choose breaks out of its place: every text of the model, in every form that is written."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree

import cmarkgfm
import yaml
from bs4 import BeautifulSoup
from hostile import documents
from hypothesis import Phase, given, settings
from pages import faults

from archiver.exporters import timeline
from archiver.exporters.article import article
from archiver.exporters.exact_json import exact, read_exact
from archiver.exporters.feed import XMLNS, atom, json_feed
from archiver.exporters.file_names import account_name, file_name
from archiver.exporters.index import accounts, index
from archiver.exporters.listing import listing
from archiver.exporters.markdown import render
from archiver.exporters.page.index import Row, search_page, words_of
from archiver.exporters.page.index import index as list_of_pages
from archiver.exporters.page.thread import page
from archiver.exporters.pseudonyms import Readers, with_pseudonyms
from archiver.exporters.style import Style
from archiver.exporters.table import COLUMNS, plain_text, table
from archiver.exporters.view import View
from archiver.model import Document

often = settings(max_examples=80, deadline=None, derandomize=True, phases=(Phase.generate,))  # shrinking takes minutes
FIELDS = [
    "title",
    "author",
    "handle",
    "platform",
    "kind",
    "source",
    "date",
    "captured",
    "posts",
    "missing",
    "verdict",
    "lang",
    "tags",
    "format",
]
SAFE = re.compile(r"https?:|ftp:|mailto:|#|\.\./media/|threads/|\.\./threads/|pages/")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # kept in the text of a post, where each paragraph is by itself
CHOSEN = Style(sensitive=True, replies=True, pseudonyms=True)


@often
@given(documents())
def test_html(made: Document) -> None:
    for one in (made, with_pseudonyms(made, Readers())):
        text = page(one, CHOSEN, home="../index.html")
        assert faults(text) == []
        listed = Row(listing(one, "html", "pages/x.html"), "pages/x.html", words_of(text))
        assert faults(list_of_pages([listed]), scripts=2) == []
        assert faults(search_page([listed], one.run.tool)) == []


def document_of(markdown: str) -> tuple[dict[str, object], BeautifulSoup]:
    """The front matter of a document, and its text as GitHub shows it."""
    markdown.encode("utf-8")
    front, _, text = markdown.removeprefix("---\n").partition("\n---\n")
    told = yaml.safe_load(front)
    assert not UNSEEN.search(text)
    assert not TURNING.search(front)
    assert "<" not in front
    shown = BeautifulSoup(cmarkgfm.github_flavored_markdown_to_html(text), "html.parser")
    assert shown.find_all(["script", "iframe", "style", "svg", "table", "form", "input"]) == []
    assert len(shown.find_all("h1")) == 1
    assert not any(TURNING.search(heading.get_text()) for heading in shown.find_all(["h1", "h2", "h3"]))
    assert all(SAFE.match(link["href"]) for link in shown.find_all("a"))
    assert all(re.fullmatch(r"\.\./media/[\w/.-]+|[a-z0-9._-]+\.svg", image["src"]) for image in shown.find_all("img"))
    return told, shown


@often
@given(documents())
def test_markdown_and_its_front_matter(made: Document) -> None:
    for one in (made, with_pseudonyms(made, Readers())):
        told, shown = document_of(render(one, CHOSEN))
        assert set(told) == {*FIELDS, "pseudonyms"}
        headings = [heading.get_text() for heading in shown.find_all("h2")]
        kinds = r"(Post|Reply|Other post|Answered post) \d|(Missing|Withheld) post|Post not reached"
        assert len([name for name in headings if re.fullmatch(kinds, name)]) == len(one.thread.nodes)
        told, shown = document_of(article(one, CHOSEN))
        assert set(told) - {"numbering"} == {*FIELDS, "pseudonyms", "mode"}
        assert (told["mode"], told["format"]) == ("article", "thread-article/1")


@often
@given(documents())
def test_lists_feeds_and_notes(made: Document) -> None:
    listed = listing(made, "record", "threads/x.md")
    [text] = index([listed]).values()
    shown = BeautifulSoup(cmarkgfm.github_flavored_markdown_to_html(text), "html.parser")
    assert [len(row.find_all(["td", "th"])) for row in shown.find_all("tr")] == [6, 6]
    assert [link["href"] for link in shown.find_all("a")] == ["threads/x.md"]
    root = ElementTree.fromstring(atom([listed], "urn:x", "").encode())
    assert {child.tag for child in root.iter()} <= {
        f"{{{XMLNS}}}{name}"
        for name in ["feed", "id", "title", "updated", "link", "entry", "published", "author", "name", "uri", "summary"]
    }
    assert all(SAFE.match(link.get("href", "")) for link in root.findall(f".//{{{XMLNS}}}entry/{{{XMLNS}}}link"))
    [item] = json.loads(json_feed([listed], "").encode())["items"]
    assert all(SAFE.match(item.get(key, "#")) for key in ("url", "external_url"))
    [(name, note)] = accounts([listed])
    assert re.fullmatch(r"accounts/at[a-z0-9._-]+\.md", name)
    told, _ = document_of(note)
    assert set(told) == {"title", "handle", "url", "platform", "tags"}


@often
@given(documents())
def test_names_of_files(made: Document) -> None:
    for name in (file_name(made.thread), account_name(made.thread.author.handle)):
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,109}", name)
        assert not name.endswith(".")
        assert ".." not in name or not name.startswith(".")


@often
@given(documents())
def test_timelines(made: Document) -> None:
    if timeline.is_telling(View(made)):
        root = ElementTree.fromstring(timeline.file(View(made)).encode())
        names = {child.tag.rpartition("}")[2] for child in root.iter()}
        assert names <= {"svg", "title", "style", "rect", "circle", "path", "line", "text", "tspan"}
        assert not any(name.startswith("on") or "href" in name for child in root.iter() for name in child.attrib)


@often
@given(documents())
def test_tables_text_and_json(made: Document) -> None:
    rows = list(csv.DictReader(io.StringIO(table(made).removeprefix("\ufeff"), newline="")))
    assert len(rows) == len(made.thread.nodes)
    assert all(tuple(row) == COLUMNS and not re.match(r"[=+\-@\t\r]", cell) for row in rows for cell in row.values())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", plain_text(made))
    again = exact(made)
    again.encode("utf-8")
    assert exact(read_exact(again)) == again
