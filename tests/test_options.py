"""What a run is asked for, as it is stored and read again."""

import json

import pytest
from samples import NOON, later

from archiver.options import Options

EACH = Options(
    replies=True,
    proof=True,
    since=NOON,
    until=later(days=1, microseconds=1),
    zone="Europe/Paris",
    platform="x",
    third_parties=("nitter", "api_v2"),
    source="embeds",
    seal=7,
    imported="a.warc sha256:00",
    imported_at="2026-03-12T12:00:00Z",
    imported_run="r1",
)
STORED = {
    "imported": "a.warc sha256:00",
    "imported_at": "2026-03-12T12:00:00Z",
    "imported_run": "r1",
    "on": "nitter api_v2",
    "platform": "x",
    "proof": "yes",
    "replies": "yes",
    "seal": "7",
    "since": "2026-03-12T12:00:00+00:00",
    "source": "embeds",
    "tz": "Europe/Paris",
    "until": "2026-03-13T12:00:00.000001+00:00",
}


def test_the_names_under_which_options_are_sealed_stay() -> None:
    assert EACH.fields() == STORED
    assert Options().fields() == {}


def test_what_is_stored_comes_back() -> None:
    assert Options.of(json.loads(json.dumps(STORED))) == EACH
    assert Options.of({}) == Options()


def test_options_of_an_earlier_version_are_read() -> None:
    assert Options.of({"replies": True, "depth": 3}) == Options(replies=True)
    assert Options.of({"replies": False, "since": None, "platform": ""}) == Options()


@pytest.mark.parametrize("fields", [{"since": "yesterday"}, {"until": "1"}, {"seal": "first"}])
def test_a_time_or_a_number_that_is_none_is_an_error(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"Invalid isoformat|invalid literal"):
        Options.of(fields)
