"""docs/json.md names every field that a command prints with `--json`, and none that it does not print."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cases import FIXTURES
from gallery import Gallery
from pictures import plain
from tsa import Authority, needs_openssl, posted

from archiver.cli import browser
from archiver.cli import main as cli
from archiver.layout import DATABASE

PAGE = Path(__file__).parent.parent / "docs" / "json.md"
REPORT = ("`is`", "has")  # what the table of a report begins with
NAME = re.compile(r"`([a-z0-9_]+)`")
Line = dict[str, Any]


def sections() -> Mapping[str, list[tuple[str, str]]]:
    """The cells of all tables, by the commands that they are about."""
    text = PAGE.read_text(encoding="utf-8").partition("\n# A thread as JSON\n")[0]
    found = {}
    for part in text.split("\n## ")[1:]:
        heading, _, rest = part.partition("\n")
        rows = re.findall(r"^\| (`.*?) \| (.*?) \|$", rest, re.MULTILINE)
        for command in heading.split(", "):
            found[command] = rows
    return found


def told(command: str) -> set[str]:
    """The fields that are told of a command, but for those of a report."""
    rows = sections()[command]
    rows = rows[: rows.index(REPORT)] if REPORT in rows else rows
    return {name for first, _ in rows for name in NAME.findall(first)}


def reported() -> Mapping[str, set[str]]:
    """The fields of a report, by what a line is."""
    rows = sections()["verify"]
    return {first.strip("`"): set(NAME.findall(second)) for first, second in rows[rows.index(REPORT) + 1 :]}


class Shell:
    """Runs commands in one archive; `lines` is what they have printed."""

    def __init__(self, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self.capsys = place, capsys
        self.lines: dict[str, list[Line]] = {}

    def __call__(self, *words: str) -> list[Line]:
        cli.run(["--archive", str(self.place), *words, "--json"])
        lines = [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]
        assert all(line.pop("schema") == 1 for line in lines)
        self.lines.setdefault(words[0], []).extend(lines)
        return lines

    def fields(self, command: str) -> set[str]:
        return {name for line in self.lines[command] for name in line}


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    (tmp_path / "archive").mkdir()
    return Shell(tmp_path / "archive", capsys)


@pytest.fixture
def gallery() -> Iterator[Gallery]:
    with closing(Gallery()) as hosted:
        yield hosted


def configured(shell: Shell, **evidence: object) -> None:
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in {"page": False, **evidence}.items()]
    (shell.place / "archiver.toml").write_text(f"[network]\nallow_private = true\n[evidence]\n{''.join(lines)}")


def test_every_command_with_json_has_its_section() -> None:
    having = {name for name, command in cli.cli.commands.items() if any("--json" in p.opts for p in command.params)}
    assert sections().keys() == having


def test_what_is_printed_is_what_is_told(
    shell: Shell, gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "show", lambda path: True)
    configured(shell)
    kept, gone = gallery.show("a.png", plain("a")), f"{gallery.site}/gone.png"
    pictures = [gallery.picture(kept, "A heron"), gallery.picture(gone)]
    post = gallery.posts.post("ann", "One", media_attachments=pictures)
    url = gallery.posts.url(post)
    [saved] = shell("save", url)
    assert (saved["media"], saved["media_failed"]) == (2, 1)
    [failed] = shell("save", "https://nobody.example/")
    assert failed.keys() == {"url", "error", "code", "exit"}
    shell("import", str(FIXTURES / "x" / "deleted-in-the-middle"))
    assert shell.fields("import") | failed.keys() == shell.fields("save") == told("save") == told("import")
    assert told("storm") == told("save")
    shell("list")
    shown = shell("show", "1") + shell("show", "2")
    assert {name for line in shown for item in line.get("attachments", ()) for name in item} == attached()
    (tmp_path / "a.txt").write_text("a")
    shell("attach", url, str(tmp_path / "a.txt"))
    shell("export")
    shell("export", "--wacz", str(tmp_path / "a.wacz"))
    shell("reparse")
    shell("platforms")
    shell("open", "1")
    [redacted] = shell("redact", url, "--post", url, "--reason", "r", "--yes")
    assert len(redacted["files"]) == 1
    shell("verify")
    shell("remove", "2", "--yes")
    [copied] = shell("backup", str(tmp_path / "copy"))
    assert copied["problems"] == 0
    for command in shell.lines.keys() - {"save", "import"}:
        assert shell.fields(command) == told(command), command


def attached() -> set[str]:
    [text] = [second for first, second in sections()["show"] if first == "`attachments`"]
    return set(NAME.findall(text))


@needs_openssl
def test_what_is_printed_of_seals_and_reports_is_what_is_told(shell: Shell, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    with posted(lambda path, query: authority.answer(query), []) as address:
        configured(shell, tsa=[address])
        shell("import", str(FIXTURES / "bluesky" / "nine-boxes"))
        shell("seal")
        shell("attach", "1", str(FIXTURES / "bluesky" / "nine-boxes" / "url"))
        with closing(sqlite3.connect(shell.place / DATABASE)) as db:
            [post] = db.execute(
                "SELECT url FROM posts WHERE NOT quoted_only ORDER BY created_at DESC LIMIT 1"
            ).fetchone()
        shell("redact", "1", "--post", post, "--reason", "by law", "--yes")
        shell("verify", "--report")
    assert shell.fields("seal") == told("seal")
    finding = told("verify") - {"problems", "unchecked", "entry", "since"}
    by_kind: dict[str, set[str]] = {}
    for line in shell.lines["verify"]:
        by_kind.setdefault(line["is"], set()).update(line.keys())
    for level in ("note", "warning", "withheld"):
        assert by_kind.pop(level) == finding
    assert {kind: names - {"is"} for kind, names in by_kind.items()} == reported()
