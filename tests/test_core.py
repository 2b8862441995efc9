"""The core knows no platform by name: what is particular to one, the platform itself declares."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import archiver
from archiver.platforms import BUILT_IN

PACKAGE = Path(archiver.__file__).parent

# Files and rooms that may name a platform, and why.
ALLOWED = {
    "cli": "examples and help are for people, who know platforms by name, which one charges and which one signs",
    "evidence/proofs.py": "only one platform's authors sign their posts; how that is checked is read there",
    "exporters/sources.py": "short addresses of X that stand in texts by whoever shows them, and mean no other text",
    "importers/x": "the archive of an account is a thing of X's making, and this is its room",
    "store/ledger.py": "runs of 0.4.0 and before say that they come out of a file by this name alone",
    "verbs/imports.py": "the kinds of files, in words for people; the room of X's archive",
}

HOSTS = {urlsplit(base.url).hostname or "" for platform in BUILT_IN for base in platform.declared.bases}
WORDS = {platform.name for platform in BUILT_IN if len(platform.name) > 1} | {"twitter", "bsky", "twimg"}
SOURCES = {source.name for platform in BUILT_IN for source in platform.sources if source.base or "_" in source.name}
# "X" is a name where it stands alone; "X-Frame-Options" is a header.
NAMED = re.compile(rf"(?i:{'|'.join(map(re.escape, sorted(HOSTS | WORDS | SOURCES)))})|\bx\.com\b|\bX\b(?!-)|^x$")


def spoken(source: str) -> Iterator[str]:
    """Every text and name in a file, without its docstrings and comments."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value
        elif isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if len(name) > 1:  # a coordinate may be called x
                yield name
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("archiver.platforms."):
            yield node.module or ""


def names_in(source: str) -> list[str]:
    return [text for text in spoken(source) if NAMED.search(text) or text.startswith("archiver.platforms.")]


def test_no_file_of_the_core_names_a_platform() -> None:
    files = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    core = {where: path for where, path in files.items() if not where.startswith("platforms/")}
    naming = {where: named for where, path in core.items() if (named := names_in(path.read_text(encoding="utf-8")))}
    reasons = {where: next((each for each in ALLOWED if f"{where}/".startswith(f"{each}/")), "") for where in naming}
    assert {where: naming[where] for where, reason in reasons.items() if not reason} == {}
    assert set(reasons.values()) == ALLOWED.keys()  # a reason that is not needed any more is taken away


@pytest.mark.parametrize(
    "line",
    [
        'if platform.name == "x": pass',
        "settings.bluesky.appview",
        'HOST = "cdn.syndication.twimg.com"',
        "from archiver.platforms.mastodon.calls import FAILED",
        'print("ask X again")',
        'def ask():\n    """Ask X."""\n    return "https://x.com/ann"',
    ],
)
def test_a_name_is_found(line: str) -> None:
    assert len(names_in(line)) == 1


@pytest.mark.parametrize("line", ["x = scale.x", '"X-Frame-Options"', '"""Ask X."""', "# X is slow", '"a box"'])
def test_what_is_no_name_is_none(line: str) -> None:
    assert names_in(line) == []
