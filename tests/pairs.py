"""Fixtures that a person can read: a title, then what goes in and what comes out, each ended by a line with a dot."""

import re
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"
_PAIR = re.compile(r"(?ms)^(?P<title>[^\n]+)\n\.\n(?P<given>.*?)\n\.\n(?P<expected>.*?)\n?^\.$")


def pairs(name: str) -> list[Any]:
    """The pairs of one file as parameters of a test, each under its title."""
    found = _PAIR.finditer((FIXTURES / name).read_text())
    return [pytest.param(pair["given"], pair["expected"], id=pair["title"]) for pair in found]
