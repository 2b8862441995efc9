"""An address is taken apart, whatever stands in it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.urls import joined, parts_of


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://a.example:8/b?c#d", ("https", "a.example:8", "/b", "c", "d")),
        ("https://[redacted]@a.example/b?c#d", ("https", "[redacted]@a.example", "/b", "c", "d")),
        ("https://[1/b", ("https", "[1", "/b", "", "")),
        ("//[", ("", "[", "", "", "")),
    ],
)
def test_the_parts_are_found(url: str, parts: tuple[str, ...]) -> None:
    assert tuple(parts_of(url)) == parts


@given(st.text(alphabet="ahtps:/[]@?#%.1\n ]é"))
@example("http://[::1%")
def test_no_text_is_an_error(url: str) -> None:
    assert isinstance(parts_of(url).hostname, str | None)
    assert isinstance(joined("https://a.example/", url), str)


def test_a_malformed_link_stays_as_it_is() -> None:
    assert joined("https://a.example/b/", "c") == "https://a.example/b/c"
    assert joined("https://a.example/b/", "http://[") == "http://["
