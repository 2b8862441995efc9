"""Addresses of posts and people on X, on its mirrors, and in the Wayback Machine.

The id alone names a post; the handle before it is decoration, and may be an old one.
"""

import re
from dataclasses import dataclass

HOSTS = re.compile(
    r"(?:(?:www|mobile|m|d|g|t)\.)?"
    r"(?:twitter\.com|x\.com|fxtwitter\.com|fixupx\.com|vxtwitter\.com|fixvx\.com|xcancel\.com|nitter\.[\w.-]+)",
    re.IGNORECASE,
)
WAYBACK = re.compile(r"https?://web\.archive\.org/web/\d{1,14}(?:[a-z]{2}_)?/(.+)", re.IGNORECASE | re.DOTALL)
_URL = re.compile(r"https?://([^/?#]+)(?::443|:80)?/([^?#]*)", re.IGNORECASE)
_POST = re.compile(r"(?:(?P<handle>\w{1,50})|i/web|i)/status(?:es)?/(?P<id>\d{1,19})(?:/.*)?", re.IGNORECASE | re.ASCII)
_STATUS = re.compile(r"[\w/]{1,60}/status(?:es)?(?:/|$)", re.IGNORECASE | re.ASCII)
_BARE = re.compile(r"[1-9]\d{9,18}", re.ASCII)
HANDLE = re.compile(r"@?(?P<handle>\w{1,15})", re.ASCII)
_TAKEN = {"i", "home", "search", "explore", "intent", "hashtag", "settings", "messages", "notifications", "share"}


@dataclass(frozen=True, slots=True)
class Address:
    """What an address names: a post's id, and the handle that it is decorated with, "" for none."""

    id: str
    handle: str


def parse_address(text: str) -> Address | None:
    """Read the address of a post, or its bare id; None for anything else."""
    if _BARE.fullmatch(text):
        return Address(text, "")
    path = _path(text)
    if path is None or not (found := _POST.fullmatch(path.strip("/"))):
        return None
    handle = found["handle"] or ""
    return Address(str(int(found["id"])), "" if handle.lower() in _TAKEN else handle)


def lacks_id(text: str) -> bool:
    """Tell whether an address is that of a post, but for the id, which is not there or is none."""
    return bool(_STATUS.match(_path(text) or "")) and parse_address(text) is None


def parse_handle(text: str) -> str | None:
    """Read a handle, with or without @, or the address of a profile; None for anything else."""
    if lacks_id(text):
        return None
    path = _path(text) if "/" in text else text
    found = HANDLE.fullmatch((path or "").partition("/")[0]) if path is not None else None
    return found["handle"] if found and found["handle"].lower() not in _TAKEN else None


def _path(text: str) -> str | None:
    """Return the path of an address on one of the hosts, None where it is of another place."""
    if archived := WAYBACK.fullmatch(text):
        text = archived[1] if "://" in archived[1] else f"https://{archived[1]}"
    found = _URL.match(text)
    return found[2] if found and HOSTS.fullmatch(found[1]) else None
