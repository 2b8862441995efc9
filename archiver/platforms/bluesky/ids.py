"""The ids of this platform: at:// URIs of posts, and keys that hold a time. https://atproto.com/specs/at-uri-scheme"""

from datetime import UTC, datetime, timedelta

COLLECTION = "app.bsky.feed.post"
WEB = "https://bsky.app"
TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at_uri(did: str, rkey: str) -> str:
    """Return the at:// URI of a post, the id that posts of this platform have here."""
    return f"at://{did}/{COLLECTION}/{rkey}"


def did_of(uri: str) -> str:
    """Return the account that an at:// URI belongs to."""
    return uri.removeprefix("at://").split("/")[0]


def rkey_of(uri: str) -> str:
    """Return the record key of an at:// URI."""
    return uri.rsplit("/", 1)[-1]


def web_url(uri: str) -> str:
    """Return the page of a post, by DID, since handles change hands."""
    return f"{WEB}/profile/{did_of(uri)}/post/{rkey_of(uri)}"


def tid_time(rkey: str) -> datetime | None:
    """Read the time out of a TID record key (https://atproto.com/specs/tid), None where it is another kind of key."""
    if len(rkey) != 13 or any(sign not in TID_ALPHABET for sign in rkey):
        return None
    number = 0
    for sign in rkey:
        number = number * 32 + TID_ALPHABET.index(sign)
    return EPOCH + timedelta(microseconds=number >> 10)


def first_tid(time: datetime) -> str:
    """Return the least key that a post of this moment can have, within what keys can hold: 1970 to 2255."""
    number = min(max((time - EPOCH) // timedelta(microseconds=1), 0), (1 << 53) - 1) << 10
    return "".join(TID_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))
