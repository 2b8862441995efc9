"""What `from archiver import …` gives: small, typed, and loaded when it is asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import archiver

STUB = Path(archiver.__file__).with_suffix(".pyi")


def test_the_stub_names_what_there_is_and_from_where() -> None:
    imports = [node for node in ast.walk(ast.parse(STUB.read_text())) if isinstance(node, ast.ImportFrom)]
    typed = {alias.name: node.module for node in imports for alias in node.names}
    assert typed == archiver._HOME
    assert STUB.with_name("py.typed").exists()


@pytest.mark.parametrize("name", archiver._HOME)
def test_each_name_is_there(name: str) -> None:
    assert getattr(archiver, name) is not None
    assert name in dir(archiver)


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        archiver.nothing  # noqa: B018


def test_importing_it_loads_nothing_else() -> None:
    loaded = "import sys, archiver; print([name for name in sys.modules if name.startswith('archiver.')])"
    out = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
