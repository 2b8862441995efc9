"""What a terminal may be given."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.text.terminal import printable

SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", "a\nb"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\tb", "a b"),
        ("\x1b[31mred\x07", "�[31mred�"),
        ("a\x9b31mb\x7f", "a�31mb�"),
        ("a\ud800b", "a�b"),
        ("a\u202eb\u2066c\u200fd\u061ce", "abcde"),
        ("a\ufff9b\ufffbc", "abc"),
        (f"a{SCOTLAND}b", f"a{SCOTLAND}b"),
        ("a\U000e0067\U000e0062b", "ab"),
        (SCOTLAND[:-1] + "b", "\U0001f3f4b"),
        ("👩‍👩‍👧 日本語 مرحبا", "👩‍👩‍👧 日本語 مرحبا"),
    ],
)
def test_text_is_made_safe_for_a_terminal(text: str, expected: str) -> None:
    assert printable(text) == expected


@settings(derandomize=True, deadline=None)
@given(st.text(st.sampled_from("\r\n\x1b\u202e\ud800a" + SCOTLAND)) | st.text())
def test_making_it_safe_twice_changes_nothing(text: str) -> None:
    assert printable(printable(text)) == printable(text)
