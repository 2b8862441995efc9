"""Where things lie in an archive is written in one place."""

import ast
from pathlib import Path

import archiver
from archiver import layout

PACKAGE = Path(archiver.__file__).parent
FILES = {name for name in vars(layout).values() if isinstance(name, str) and "." in name and "\n" not in name} - {
    layout.__name__,
    layout.__file__,
}


def test_no_other_file_spells_the_name_of_a_file_of_an_archive() -> None:
    assert layout.DATABASE in FILES
    spelled = [
        (path.relative_to(PACKAGE).as_posix(), node.value)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "layout.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in FILES
    ]
    assert spelled == []


def test_an_index_of_a_year_and_a_timeline_lie_beside_what_they_belong_to() -> None:
    assert layout.index_of_year("2026") == "index-2026.md"
    assert layout.timeline_of("threads/2026-03-02_ann_1100.md") == "threads/2026-03-02_ann_1100.svg"
