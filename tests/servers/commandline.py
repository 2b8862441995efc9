"""The archiver as its users run it, in a process of its own, and what its archive then holds."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

# A document names when and how it was captured; every other line must be the same from every post of a thread.
OF_THE_RUN = re.compile(r"^captured: | · captured |^\*\*(Provenance|Receipt)\.\*\*")


class Asked(Protocol):
    """A server that remembers the requests that it was sent."""

    def requests(self) -> list[str]:
        """Every request so far."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What came of one command: exit code, the JSON line, the other lines, and what the server was asked."""

    code: int
    line: dict[str, Any]
    complaints: str
    asked: list[str]


@dataclass(frozen=True, kw_only=True)
class Archiver:
    """The command line with one archive and one configuration."""

    folder: Path
    config: Path

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs one command."""
        places = ["--archive", str(self.folder), "--config", str(self.config)]
        command = [sys.executable, "-m", "archiver", *places, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=300)

    def save(self, url: str, server: Asked, *options: str) -> Saved:
        """Saves the thread of one URL while nobody else asks the server for anything."""
        return self.ask(server, "save", url, *options)

    def ask(self, server: Asked, *command: str) -> Saved:
        """Runs a command that saves something while nobody else asks the server for anything."""
        before = len(server.requests())
        done = self.run(*command, "--json")
        (line,) = done.stdout.splitlines() or ("{}",)
        return Saved(
            code=done.returncode,
            line=json.loads(line),
            complaints=done.stderr,
            asked=server.requests()[before:],
        )

    def query(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        """Rows of the archive's database."""
        with closing(sqlite3.connect(self.folder / "archive.db")) as database:
            return database.execute(sql, values).fetchall()

    def texts(self, role: str) -> list[str]:
        """The texts of the posts with this role, in reading order."""
        rows = self.query(
            "SELECT text FROM thread_posts JOIN posts ON posts.id = post WHERE role = ? ORDER BY thread, position", role
        )
        return [text for (text,) in rows]

    def derived(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of the tables that can be rebuilt from the kept answers, which are in those that begin with "_".

        How the search index lies on its pages is SQLite's affair.
        """
        names = self.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB '[^_]*'")
        names = [(name,) for (name,) in names if not name.startswith("posts_fts")]
        return {name: sorted(self.query(f"SELECT * FROM {name}"), key=repr) for (name,) in names}

    def document(self) -> list[str]:
        """The lines of the only Markdown document, without those that tell of the run."""
        (path,) = (self.folder / "threads").glob("*.md")
        lines = path.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not OF_THE_RUN.search(line)]
