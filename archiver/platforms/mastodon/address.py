"""URLs of the fediverse, and what they tell: the server to ask and the id to ask for.

Front ends differ, the API behind them is one. The path decides, on any host.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from archiver.urls import parts_of

SNOWFLAKE = r"[0-9]{5,24}"  # Mastodon, and most that came after
FLAKE = r"[0-9A-Za-z]{18}"  # Pleroma, Akkoma
ULID = r"[0-9A-HJKMNP-TV-Z]{26}"  # GoToSocial
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # Hollo
CROCKFORD = str.maketrans("0123456789ABCDEFGHJKMNPQRSTVWXYZ", "0123456789abcdefghijklmnopqrstuv")
LATEST = 1 << 47  # milliseconds: far beyond any post, and within what a datetime can hold
SNAC = r"[0-9]{10}[0-9a-f]{32}"
ID = rf"(?P<id>{SNAC}|{SNOWFLAKE}|{ULID}|{UUID}|{FLAKE})"
USER = r"@(?P<author>[^/@]+(?:@[^/]+)?)"

WITH_ID = tuple(
    re.compile(pattern + r"/?$")
    for pattern in (
        rf"/{USER}/{ID}(?:/embed)?",
        rf"/(?:web|deck)/{USER}/{ID}",
        rf"/{USER}/(?:statuses|posts)/{ID}",
        rf"/(?:ap/)?users/(?P<author>[^/]+)/statuses/{ID}(?:/activity)?",
        rf"/(?:web/)?statuses/{ID}",
        rf"/notice/{ID}",
    )
)
WITHOUT_ID = tuple(
    re.compile(pattern + r"/?$")
    for pattern in (
        rf"/(?:objects|activities)/{UUID}",
        r"/users/(?P<author>[^/]+)/updates/[0-9]+",
    )
)
PROFILE = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:acct:)?@?(?P<author>[^\s/@:]+)@(?P<host>[^\s/@]+)",
        r"(?:(?P<scheme>https?)://)?(?P<site>[^\s/@?#]+)/(?:web/)?@(?P<author>[^\s/@?#]+)(?:@(?P<host>[^\s/@?#]+))?"
        r"(?:/(?:with_replies|media|featured))?/?(?:[?#].*)?",
        r"(?:(?P<scheme>https?)://)?(?P<site>[^\s/@?#]+)/users/(?P<author>[^\s/@?#]+)/?(?:[?#].*)?",
        r"(?P<scheme>https?)://(?P<site>[^\s/@?#]+)/(?P<author>[A-Za-z0-9_]+)/?",  # snac2
    )
)
SNAC_PAGE = re.compile(r"/(?P<author>[^/]+)/p/(?P<second>[0-9]{9,11})\.[0-9]+/?$")

# Web clients that show other servers' posts: the server stands in the path.
WRAPPERS = (
    re.compile(rf"https?://(?:www\.)?phanpy\.social/#/(?P<host>[^/]+)/s/{ID}$"),
    re.compile(rf"https?://(?:www\.)?elk\.zone/(?P<host>[^/]+)/@[^/]+/{ID}$"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A post's place: `site` is scheme and host; `id` is "" where the URL holds none that the API knows."""

    site: str
    id: str
    author: str = ""


def parse_address(url: str) -> Address | None:
    """Read a page's URL or a status's uri; None where it has no form that is known here."""
    for wrapper in WRAPPERS:
        if found := wrapper.match(url):
            return Address(
                site=f"https://{found['host']}", id=found["id"], author=found.groupdict().get("author") or ""
            )
    parts = parts_of(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    site = f"{parts.scheme}://{parts.netloc}"
    for form in (*WITH_ID, *WITHOUT_ID):
        if found := form.match(parts.path):
            groups = found.groupdict()
            return Address(site=site, id=groups.get("id") or "", author=groups.get("author") or "")
    if found := SNAC_PAGE.match(parts.path):
        page = site + parts.path.rstrip("/")
        digest = hashlib.md5(page.encode(), usedforsecurity=False).hexdigest()  # snac2 names its statuses so
        return Address(site=site, id=found["second"] + digest, author=found["author"])
    return None


def parse_profile(text: str) -> Address | None:
    """Read a handle with its host or a profile's URL; the place is the account's own server, whoever shows a copy."""
    for form in PROFILE:
        if found := form.fullmatch(text):
            groups = found.groupdict()
            elsewhere = groups.get("host")
            site = f"https://{elsewhere}" if elsewhere else f"{groups['scheme'] or 'https'}://{groups['site']}"
            return Address(site=site.lower(), id="", author=groups["author"])
    return None


def moment(id_: str) -> datetime | None:
    """Read the time out of an id, None where it holds none.

    Mastodon's has milliseconds and 16 bits more, snac2's begins with seconds, GoToSocial's (ULID) and Hollo's (UUID of
    version 7) with milliseconds.
    """
    if re.fullmatch(SNAC, id_):
        return datetime.fromtimestamp(int(id_[:10]), UTC)
    if re.fullmatch(r"[0-9]{16,18}", id_):
        return datetime.fromtimestamp((int(id_) >> 16) / 1000, UTC)
    if re.fullmatch(ULID, id_) and id_[0] < "8":
        return _of_milliseconds(int(id_[:10].translate(CROCKFORD), 32))
    if re.fullmatch(UUID, id_) and id_[14] == "7":
        return _of_milliseconds(int(id_[:8] + id_[9:13], 16))
    return None


def _of_milliseconds(number: int) -> datetime | None:
    return datetime.fromtimestamp(number / 1000, UTC) if number < LATEST else None
