"""The documentation says what is so."""

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import click
import example
import pytest
from documents import DEMO, ROOT, generated, pages

from archiver import __version__
from archiver.cli import main as cli

PAGES = pages()
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_generated_parts_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert generated(text) == text, "run: make docs"


def test_the_example_is_what_an_export_writes() -> None:
    shown = example.files(example.EXAMPLE)
    assert example.plain(shown) == example.plain(example.exported()), "run: make docs"
    for path, content in shown.items():
        for target in re.findall(rb"\]\(<?(?!https?:|#)([^)>#]+)", content if path.endswith(".md") else b""):
            assert (example.EXAMPLE / path).parent.joinpath(target.decode()).is_file()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def told() -> list[str]:
    """Every line in a shell block of the documentation that calls the archiver or make."""
    lines = []
    for page in PAGES:
        for kind, block in FENCE.findall(page.read_text(encoding="utf-8")):
            if kind in ("sh", "console"):
                lines += [line.removeprefix("$ ").split(" #")[0].strip() for line in block.splitlines()]
    return sorted({line for line in lines if line.startswith(("archiver ", "make "))})


@pytest.mark.parametrize("line", [line for line in told() if line.startswith("archiver ")])
def test_a_command_of_the_documentation_is_understood(line: str) -> None:
    words = shlex.split(line)[1:]
    context = cli.cli.make_context("archiver", words, resilient_parsing=True)
    command = cli.cli.commands[next(word for word in words if word in cli.cli.commands)]
    rest = words[words.index(command.name or "") + 1 :]
    command.make_context(command.name, rest, parent=context, resilient_parsing=True)
    known = {option for each in (cli.cli, command) for param in each.params for option in param.opts}
    assert {word for word in words if word.startswith("--")} <= {*known, "--help", "--version"}


@pytest.mark.parametrize("line", [line for line in told() if line.startswith("make ")])
def test_a_target_of_the_documentation_exists(line: str) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    words = [word for word in shlex.split(line)[1:] if "=" not in word]
    assert set(words) <= set(targets)


def test_every_command_is_in_the_documentation() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for command in cli.cli.commands.values():
        assert f"## archiver {command.name}" in text
        assert isinstance(command, click.Command)


def test_the_changelog_begins_with_this_version_and_what_comes_after_it() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## ([0-9.]+)$", text, re.MULTILINE)[1] == __version__  # type: ignore[index]


def test_the_demo_of_the_makefile_is_there() -> None:
    assert f"DEMO = {DEMO}" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert (ROOT / DEMO / "url").exists()


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
@pytest.mark.parametrize(
    ("given", "archive"),
    [
        ([], "demo"),
        (["URL=fixtures/x/storm-by-search"], "demo"),
        (["URL=https://bsky.app/profile/a.example/post/1"], "archive"),
        (["ARCHIVE=river"], "river"),
    ],
)
def test_what_is_invented_never_goes_into_the_real_archive(given: list[str], archive: str) -> None:
    dry = subprocess.run(["make", "-n", "run", *given], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r'--archive "(\w+)"', dry.stdout)) == {archive}


def test_the_runtime_needs_five_packages_and_windows_the_time_zones() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [re.split("[<>=]", each)[0] for each in project["dependencies"]] == [
        "click",
        "requests",
        "urllib3",
        "beautifulsoup4",
        "sqlite-utils",
        "tzdata",
    ]
