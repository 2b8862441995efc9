"""The questions that the documentation puts to an archive can be put to one, and are answered."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from samples import a_post, a_thread, saved, sql

from archiver.store.store import Archive

PAGE = Path(__file__).parent.parent / "docs" / "archive.md"
BLOCKS = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
QUESTIONS = [question for block in BLOCKS for question in block.split(";\n") if question.strip()]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.strip().split("\n")[0][3:])
def test_a_question_of_the_documentation_is_answered(archive: Archive, question: str) -> None:
    first = a_post(1, "<p>The water board met at noon</p>")
    saved(archive, a_thread(first))
    saved(archive, a_thread(replace(first, content="<p>The water board met at one</p>")), days=1)
    assert sql(archive, question)
