"""The documentation is part of the tests: its generated parts are up to date, and what it tells to type works.

    python -m tests.documents write      write the generated parts anew

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import click

from archiver import cli
from archiver.platforms import platforms
from archiver.store.store import DATABASE, Archive

ROOT = Path(__file__).parent.parent
PART = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
DEMO = "fixtures/bluesky/nine-boxes"
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
    """The platforms, their routes and the forms of their URLs."""
    rows = ["| platform | routes, in the order in which they are tried | forms of URLs |", "|---|---|---|"]
    for platform in platforms():
        routes = ", ".join(f"`{route.name}`" for route in platform.routes)
        forms = "<br>".join(f"`{example}`" for example in platform.examples)
        rows.append(f"| {platform.title} (`{platform.name}`) | {routes} | {forms} |")
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
    out = StringIO()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(out):
        cli.run(["--archive", folder, "import", str(ROOT / DEMO)])
        cli.run(["--archive", folder, "list"])
        printed = out.getvalue().replace(folder, "archive").rstrip()
    return f"```text\n{printed}\n```"


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "platforms": platform_table,
    "tables": tables,
    "first-run": first_run,
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
