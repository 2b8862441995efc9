"""The documentation is part of the tests: its generated parts are up to date, and what it tells to type works.

    python -m tests.documents write      write the generated parts anew

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import chdir, closing, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import click

from archiver.cli import main as cli
from archiver.layout import DATABASE
from archiver.platforms import BUILT_IN
from archiver.store.store import Archive

ROOT = Path(__file__).parent.parent
PART = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
DEMO = "fixtures/bluesky/nine-boxes"
STORM = "fixtures/x/storm-by-search"
ARTICLE = "fixtures/x/storm-in-an-article"
NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)


def pages() -> list[Path]:
    """Return every page of the documentation."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def generated(text: str) -> str:
    """Return a page with its generated parts made anew."""
    return PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}\n{part[3]}", text)


def commands() -> str:
    """The help of the program and of every command."""
    names = ["-h", "--help"]
    context = click.Context(cli.cli, info_name="archiver", terminal_width=100, help_option_names=names)
    parts = [f"```text\n{cli.cli.get_help(context)}\n```"]
    for name, command in sorted(cli.cli.commands.items()):
        below = click.Context(command, parent=context, info_name=name, terminal_width=100)
        parts.append(f"## archiver {name}\n\n```text\n{command.get_help(below)}\n```")
    return "\n\n".join(parts)


def platform_table() -> str:
    """The platforms and the forms of their URLs."""
    rows = ["| platform | forms of URLs |", "|---|---|"]
    for platform in BUILT_IN:
        forms = "<br>".join(f"`{example}`" for example in platform.examples)
        rows.append(f"| {platform.title} (`{platform.name}`) | {forms} |")
    return "\n".join(rows)


def route_table() -> str:
    """The platforms, their ways to a thread and to a storm, and the sources of those that ask several."""
    head = ("platform", "routes to a thread, in order", "by command only", "routes to a storm", "sources, best first")
    rows = [f"| {' | '.join(head)} |", "|---|---|---|---|---|"]
    for platform in BUILT_IN:
        refs = [ref for example in platform.examples if (ref := platform.match(example))]
        tried = [route.name for route in platform.routes if any(route.applies(ref) for ref in refs)]
        named = [route.name for route in platform.routes if route.name not in tried]
        storms = [route.name for route in platform.storms]
        cells = (tried, named, storms, platform.order)
        rows.append(f"| {platform.title} | {' | '.join(map(_listed, cells))} |")
    return "\n".join(rows)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def source_table() -> str:
    """The sources of each platform that has several: what each needs, shows, cannot show, and takes."""
    head = ["source", "run by", "needs", "shows", "does not show", "requests for a thread of 40", "for a storm of 45"]
    rows = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for source in (source for platform in BUILT_IN for source in platform.sources):
        told = (source.run_by, source.needs, source.shows, source.limits, source.thread, source.storm)
        rows.append(f"| `{source.name}` | " + " | ".join(told) + " |")
    return "\n".join(rows)


def tables() -> str:
    """The tables and views of an archive with their columns."""
    with tempfile.TemporaryDirectory() as folder:
        Archive.open(Path(folder), now=NOON).close()
        with closing(sqlite3.connect(Path(folder) / DATABASE)) as db:
            found = db.execute(
                "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY type, name"
            ).fetchall()
            rows = ["| name | columns |", "|---|---|"]
            for name, kind in found:
                if name.startswith(("posts_fts_", "sqlite_", "_sqlite")):
                    continue
                columns = ", ".join(f"`{column[1]}`" for column in db.execute(f'PRAGMA table_info("{name}")'))
                rows.append(f"| `{name}`{' (view)' if kind == 'view' else ''} | {columns} |")
    return "\n".join(rows)


def first_run() -> str:
    """What importing the recorded thread prints."""
    return _printed(["import", DEMO], ["list"], archive="demo")


def storm_run() -> str:
    """What importing the recorded storm prints, after the thread."""
    printed = _printed(["import", DEMO], ["import", STORM], ["list"], archive="demo")
    return re.sub(r"\n.*?\n(?=complete: 44)", "\n", printed, count=1, flags=re.DOTALL)


def _printed(*runs: list[str], archive: str = "archive") -> str:
    """Return what commands print, one after the other in a new archive of that name."""
    out = StringIO()
    with tempfile.TemporaryDirectory() as folder, chdir(ROOT), redirect_stdout(out):
        for arguments in runs:
            cli.run(["--archive", folder, *arguments])
        printed = out.getvalue().replace(folder, archive).rstrip()
    # each run has an id of its own, and so another seal
    printed = re.sub(r"(head |receipt \d+:)[0-9a-f]{64}", r"\g<1>9f2c…", printed)
    return f"```text\n{printed}\n```"


def report() -> str:
    """What a certificate needs: the report on an archive that holds one recorded storm."""
    printed = _printed(["import", ARTICLE], ["verify", "--report"]).split("REPORT", 1)[1]
    for new_each_time, shown in (
        (r"[0-9a-f]{8}-[0-9a-f-]{27}", "4f1c…"),
        (r"\b[0-9a-f]{64}\b", "9f2c…"),
        (r", on \d{4}-\d\d-\d\dT[\d:]+Z", ", on 2026-03-13T09:30:00Z"),
        (r"Checked:   [^,]*,", "Checked:   2026-03-13 09:30:00 UTC,"),
        (r"of Appendix C: [0-9a-f]{8}", "of Appendix C: 4f1c…"),
        (r"On:        [^;]*;", "On:        the kind of computer;"),
        (
            r"thread-archiver \d\S*; Python \S+; SQLite \S+; urllib3 [\d.]+",
            "thread-archiver, Python, SQLite, urllib3 and their versions",
        ),
    ):
        printed = re.sub(new_each_time, shown, printed)
    return f"```text\nREPORT{printed}"


def report_begins() -> str:
    """The beginning of the same report."""
    return report().partition("\n2. HOW IT WAS MADE")[0] + "…\n```"


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "platforms": platform_table,
    "routes": route_table,
    "tables": tables,
    "sources": source_table,
    "report": report,
    "report-begins": report_begins,
    "first-run": first_run,
    "storm-run": storm_run,
}


def write() -> None:
    """Write the generated parts of every page anew."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if (fresh := generated(text)) != text:
            page.write_text(fresh, encoding="utf-8")
            print(page.relative_to(ROOT))


if __name__ == "__main__":
    if sys.argv[1:] != ["write"]:
        sys.exit("usage: make docs")
    write()
