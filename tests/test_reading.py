"""Reading an archive: pages in a folder, in a browser, on paper; and the search over posts."""

import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pages import faults, read
from samples import NOON, a_post, a_thread, saved

from archiver.cli import browser
from archiver.cli import main as cli
from archiver.errors import ArchiveError, UsageError
from archiver.publish import keep, keep_page
from archiver.store.index import LEFT, RIGHT
from archiver.store.store import Archive


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "archiver", "--archive", str(folder), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_pages_and_their_list_are_written_into_a_folder(filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    assert (
        cli.run(["--archive", str(filled), "export", "--format", "html", "--out", str(out), "--tz", "Asia/Tokyo"]) == 0
    )
    pages = sorted((out / "pages").iterdir())
    assert len(pages) == 2
    for file in pages:
        assert faults(file.read_text(encoding="utf-8")) == []
    assert "below in Asia/Tokyo" in pages[0].read_text(encoding="utf-8")
    listed = (out / "index.html").read_text(encoding="utf-8")
    assert faults(listed, scripts=2) == []
    assert [link["href"] for link in read(listed).select(".list a")] == [
        f"pages/{file.name}" for file in reversed(pages)
    ]
    assert "wait one hour. One hour!" in json.loads(read(listed).find(id="data").string)[1][1]
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*") if file.is_file()}
    assert (
        cli.run(["--archive", str(filled), "export", "--format", "html", "--out", str(out), "--tz", "Asia/Tokyo"]) == 0
    )
    changed = {file.name for file in out.rglob("*") if file.is_file() and file.stat().st_mtime_ns != before[file]}
    assert changed <= {".exported.json"}


def test_the_picture_of_a_storm_lies_beside_its_document(filled: Path) -> None:
    [document] = (filled / "threads").glob("*storm*.md")
    [picture] = re.findall(r"!\[Timeline of 44 posts, .*\]\(<(.*)>\)", document.read_text(encoding="utf-8"))
    assert (document.parent / picture).read_text(encoding="utf-8").startswith("<svg ")


def test_open_writes_the_page_and_shows_it(filled: Path, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    done = run(filled, "open", "1", "--json", BROWSER=f"{program} %s")
    assert done.returncode == 0, done.stderr
    page = Path(json.loads(done.stdout)["page"])
    assert page.parent == filled / "pages"
    assert opened.read_text() == page.resolve().as_uri()
    assert f"pages/{page.name}" in (filled / "index.html").read_text(encoding="utf-8")
    program.write_text("#!/bin/sh\nexit 1\n")
    done = run(filled, "open", "1", "--tz", "Europe/Paris", BROWSER=f"{program} %s", PATH="")
    assert done.stdout == f"{page}\n"
    assert "no browser was found; open the file by hand" in done.stderr
    assert run(filled, "open", "1", "--tz", "Mars/Base").returncode == 2


def test_what_must_not_stay_goes_from_pages_their_list_and_paper(tmp_path: Path) -> None:
    with Archive.open(tmp_path, now=NOON) as archive:
        document = archive.document(saved(archive, a_thread(a_post(1, "<p>A secret word</p>"), a_post(2))))
        page = keep_page(document, tmp_path).path
        page.write_text("edited: A secret word")
        assert keep_page(document, tmp_path).edited
        page.with_suffix(".pdf").write_text("A secret word")
        nodes = (a_post(1, "<p>Nothing</p>"), a_post(2))
        keep(replace(document, thread=replace(document.thread, nodes=nodes)), tmp_path, over=True)
    left = [file.name for file in tmp_path.rglob("*.*") if file.suffix != ".db" and b"secret" in file.read_bytes()]
    assert left == []
    assert [file.name for file in (tmp_path / "pages").iterdir()] == [page.name]
    assert "Nothing" in (tmp_path / "index.html").read_text()


def test_without_a_chromium_there_is_one_clear_line(filled: Path, tmp_path: Path) -> None:
    done = run(filled, "export", "--pdf", "--out", str(tmp_path / "out"), PATH="")
    assert done.returncode == 2
    assert done.stderr.startswith("error: no Chromium or Chrome was found to print with; install one")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
    done = run(filled, "export", "--pdf", "--format", "csv")
    assert "--pdf prints pages" in done.stderr
    with pytest.raises(UsageError):
        browser.chromium(["no-such-browser"])


def test_a_pdf_lies_beside_its_page(filled: Path, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "chromium"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\nfor word; do case $word in --print-to-pdf=*) echo %PDF > "${word#*=}";; esac; done\n'
    )
    program.chmod(0o755)
    out = tmp_path / "out"
    for flags in ([], ["--json"]):
        done = run(
            filled, "export", "--pdf", "--out", str(out), "1", *flags, PATH=f"{program.parent}:{os.environ['PATH']}"
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(".pdf") == 1
    assert [file.read_text() for file in (out / "pages").glob("*.pdf")] == ["%PDF\n"]


@pytest.mark.parametrize(
    ("script", "said"), [("echo first >&2; echo it broke >&2", "it broke"), ("exit 3", "it ended with 3")]
)
def test_a_browser_that_prints_nothing_is_an_error(tmp_path: Path, script: str, said: str) -> None:
    program = tmp_path / "chromium"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with pytest.raises(ArchiveError, match=said):
        browser.pdf(tmp_path / "page.html", tmp_path / "page.pdf", str(program))
    with pytest.raises(ArchiveError, match="could not print"):
        browser.pdf(tmp_path / "page.html", tmp_path / "page.pdf", str(tmp_path / "nothing"))


def test_a_search_takes_any_words(tmp_path: Path) -> None:
    with Archive.open(tmp_path, now=NOON) as archive:
        posts = (a_post(1, "<p>Well Nr. 7: the wáter</p>"), a_post(2, '<p>OR NOT a* "b" (c) wells</p>', summary="lead"))
        thread = saved(archive, a_thread(*posts))
        for words, found in {
            "well": ["1", "2"],
            "WATER": ["1"],
            "wat nr": ["1"],
            '"well"': ["1"],
            '"well nr" the': ["1"],
            "lead": ["2"],
            "OR NOT": ["2"],
            "a* (c)": ["2"],
            "nothing": [],
            "": [],
            '"" ?? -- ^': [],
            'x" OR well': [],
            "NEAR(": [],
        }.items():
            hits = archive.index.search(words)
            assert sorted(hit.post.rpartition("/")[2] for hit in hits) == found, words
            assert {hit.thread for hit in hits} <= {thread}
        [hit] = archive.index.search("water")
        assert hit.words == f"Well Nr. 7: the {LEFT}wáter{RIGHT}"
