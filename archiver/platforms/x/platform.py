"""X, once Twitter: whose URLs these are, and the ways to a thread, a storm, an article's embeds, an owner's archive.

No single source is enough here: the official API costs money, others show a post without what follows it, the Wayback
Machine has what somebody once saved. So one route asks them all and puts together what they show; see collect.py.

The id alone names a post in an address; the handle before it is decoration, and may be an old one.
"""

import re
from dataclasses import dataclass

from archiver.config import Declared
from archiver.json_names import JsonNames
from archiver.platforms.x.api_v2 import DOORS, PRICE, TOKEN
from archiver.platforms.x.collect import SOURCES, archived, embedded, recorded_by_others, thread, window
from archiver.platforms.x.parts import originals
from archiver.platforms.x.recorded import HOSTS
from archiver.platforms.x.syndication import BASE, recheck
from archiver.platforms.x.tweet import SITE, status_url
from archiver.routes import Platform, Ref, Route

MIRRORS = re.compile(
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
    if path is None or not (post := _POST.fullmatch(path.strip("/"))):
        return None
    handle = post["handle"] or ""
    return Address(str(int(post["id"])), "" if handle.lower() in _TAKEN else handle)


def lacks_id(text: str) -> bool:
    """Whether an address is that of a post, but for the id, which is not there or is none."""
    return bool(_STATUS.match(_path(text) or "")) and parse_address(text) is None


def parse_handle(text: str) -> str | None:
    """Read a handle, with or without @, or the address of a profile; None for anything else."""
    if lacks_id(text):
        return None
    path = _path(text) if "/" in text else text
    handle = HANDLE.fullmatch((path or "").partition("/")[0]) if path is not None else None
    return handle["handle"] if handle and handle["handle"].lower() not in _TAKEN else None


def _path(text: str) -> str | None:
    """Return the path of an address on one of the hosts, None where it is of another place."""
    if archived := WAYBACK.fullmatch(text):
        text = archived[1] if "://" in archived[1] else f"https://{archived[1]}"
    parts = _URL.match(text)
    return parts[2] if parts and MIRRORS.fullmatch(parts[1]) else None


# Those of all interfaces of X, and of the services that read it.
NAMES = JsonNames(
    texts=frozenset(("full_text", "raw_text")),
    inner=frozenset(("legacy",)),
    ids=frozenset(("id_str", "rest_id")),
    post_id=re.compile(r"^\d+$"),
    kept=frozenset(("__typename", "created_timestamp", "screen_name", "username", "replying_to", "replying_to_status")),
    emptied=frozenset(
        ("photos", "videos", "urls", "hashtags", "user_mentions", "symbols", "choices", "variants", "mediaDetails")
    ),
    people=frozenset(("author", "user", "core")),
)
CALL = re.compile(rf"{re.escape(BASE.url)}/tweet-result\?(?:.*&)?id=(\d+)(?:&.*)?")


def page_of(url: str) -> str:
    """Return the page of the post that a call asks for, "" for any other address."""
    call = CALL.fullmatch(url)
    return status_url(call[1]) if call else ""


def match(url: str) -> Ref | None:
    """Recognise a post by its id, on X, on Twitter, on their mirrors and in the Wayback Machine."""
    address = parse_address(url)
    return Ref(url=url, site=SITE, id=address.id, author=address.handle) if address else None


def profile(text: str) -> Ref | None:
    """Recognise a handle or the address of a profile."""
    handle = parse_handle(text)
    return Ref(url=f"{SITE}/{handle}", site=SITE, id="", author=handle) if handle else None


def advice(url: str) -> str:
    """Say what an address lacks that is nearly that of a post."""
    if not lacks_id(url):
        return ""
    return "no id of a post stands behind /status/, which has at most 19 digits; copy the whole address of the post"


platform = Platform(
    name="x",
    title="X (Twitter)",
    match=match,
    profile=profile,
    advice=advice,
    routes=(
        Route(name="sources", steps=thread),
        Route(name="embeds", steps=embedded, applies=lambda ref: False),
        Route(name="x_archive", steps=archived, applies=lambda ref: False),
        Route(name="recorded", steps=recorded_by_others, applies=lambda ref: False),
    ),
    storms=(Route(name="sources", steps=window),),
    sources=SOURCES,
    declared=Declared(token=TOKEN, price=PRICE, bases=tuple(source.base for source in SOURCES if source.base)),
    doors=DOORS,
    names=NAMES,
    page_of=page_of,
    recorded_on=HOSTS,
    originals=originals,
    recheck=recheck,
    examples=(
        "https://x.com/ann/status/1234567890123456789",
        "https://twitter.com/ann/status/1234567890123456789",
        "https://x.com/i/status/1234567890123456789",
        "https://fxtwitter.com/ann/status/1234567890123456789",
        "https://web.archive.org/web/20170503/https://twitter.com/ann/status/859784610000000000",
    ),
)
