"""What all formats of X share: its times and the words of its tombstones."""

from datetime import UTC, datetime

import pytest

from archiver.model import Reason
from archiver.platforms.x.tweet import parse_time, reason_of


def test_a_time_is_read_in_english_and_in_utc() -> None:
    assert parse_time("Tue Dec 09 05:06:07 +0000 2025") == datetime(2025, 12, 9, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "2025-12-09T05:06:07Z", "Tue Dez 09 05:06:07 +0000 2025"])
def test_a_time_in_another_form_is_an_error(text: str) -> None:
    with pytest.raises((AttributeError, ValueError)):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("This Post was deleted by the Post author. Learn more", Reason.DELETED),
        ("This Post is from an account that no longer exists. Learn more", Reason.DELETED),
        ("This Post is from a suspended account. Learn more", Reason.SUSPENDED),
        ("This account has been suspended.", Reason.SUSPENDED),
        ("You’re unable to view this Post because this account owner limits who can view their Posts.", Reason.PRIVATE),
        ("These Tweets are protected", Reason.PRIVATE),
        ("You can’t see this Post because its author has blocked you", Reason.BLOCKED),
        ("This Post has been withheld in Atlantis in response to a legal demand.", Reason.WITHHELD),
        ("This Post violated the X Rules. Learn more", Reason.WITHHELD),
        ("Age-restricted adult content. This content might not be appropriate for everybody.", Reason.WITHHELD),
        ("This Post is unavailable. Learn more", Reason.UNKNOWN),
        ("", Reason.UNKNOWN),
    ],
)
def test_the_words_of_a_tombstone_give_its_reason(text: str, reason: Reason) -> None:
    assert reason_of(text) is reason
