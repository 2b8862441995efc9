"""Every case parses to its golden thread, and the thread renders to its golden document."""

from pathlib import Path

import pytest
from cases import cases, goldens, name


@pytest.mark.parametrize("case", cases(), ids=name)
def test_a_case_gives_its_golden_files(case: Path) -> None:
    for file, content in goldens(case).items():
        assert (case / file).read_bytes().decode() == content, f"{name(case)}/{file}; if it is right: make golden"
