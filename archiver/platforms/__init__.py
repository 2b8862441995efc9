"""The registry: which platforms there are, and whose URL an address is.

Those of other packages are guests, and asked after the built-in ones.
"""

import re
from difflib import get_close_matches
from functools import cache
from importlib.metadata import entry_points
from shlex import quote
from urllib.parse import parse_qsl, urlencode, urlunsplit

from archiver.config import Declared
from archiver.errors import UnknownURL
from archiver.platforms.bluesky.platform import platform as bluesky
from archiver.platforms.guests import GROUP, Guest, invited
from archiver.platforms.mastodon.platform import platform as mastodon
from archiver.platforms.x.platform import platform as x
from archiver.routes import Platform, Ref
from archiver.text.urls import is_safe
from archiver.urls import parts_of

BUILT_IN = (bluesky, x, mastodon)

_BLANK = " \t\n\r\f\v\x85\xa0\u2028\u2029\u202f\u3000\ufeff"
_SECOND = re.compile(rf"[{_BLANK},;](?:https?://|at://|[\w-]++(?:\.[\w-]++)++/)", re.IGNORECASE)
_ADDRESS = re.compile(
    rf"(?:^|[{_BLANK},;])[<(]?((?:https?://|at://|[\w-]++(?:\.[\w-]++)++/)[^{_BLANK},;>]*+)", re.IGNORECASE
)
TRACKING = re.compile(r"utm_.*|fbclid|igshi?d?|xmt|ref|ref_src|si|share_id|rdt|slof")

# Places whose threads people will ask for and that no route here reaches: better named than called unknown.
ELSEWHERE = {
    "threads.net": "Threads", "threads.com": "Threads", "reddit.com": "Reddit",
    "news.ycombinator.com": "Hacker News", "t.me": "Telegram", "facebook.com": "Facebook", "instagram.com": "Instagram",
    "linkedin.com": "LinkedIn", "tiktok.com": "TikTok", "tumblr.com": "Tumblr", "truthsocial.com": "Truth Social",
    "youtube.com": "YouTube", "vk.com": "VK", "weibo.com": "Weibo",
}  # fmt: skip


@cache
def platforms() -> tuple[Platform, ...]:
    """Return every platform, in the order in which they are asked.

    Once for all: looking for entry points reads the metadata of every package that is installed.
    """
    return (*BUILT_IN, *(guest.platform for guest in guests()))


@cache
def guests() -> tuple[Guest, ...]:
    """Return the platforms of other packages."""
    return tuple(invited(entry_points(group=GROUP), [platform.name for platform in BUILT_IN]))


def package_of(name: str) -> str:
    """Return which package brought a platform and its version; "" for a built-in one, or one that is not there."""
    return next((guest.package for guest in guests() if guest.platform.name == name), "")


def find(text: str) -> tuple[Platform, Ref]:
    """Return the platform of a pasted address, and what it refers to. Raises UnknownURL with a suggestion."""
    if _SECOND.search(text.strip(_BLANK)):
        addresses = _ADDRESS.findall(text.strip(_BLANK))
        several = "more than one address; give each by itself"
        alone = f"not one address alone; give only this: {addresses[0]}" if len(addresses) == 1 else several
        raise UnknownURL(f"{text.strip(_BLANK)}: {alone}")
    url = normalised(text)
    for platform in platforms():
        if ref := platform.match(url):
            return platform, ref
    raise UnknownURL(f"{url or 'an empty address'}: {advice(url)}")


def find_author(text: str, name: str = "") -> tuple[Platform, Ref]:
    """Return the platform of a handle or profile, and what it refers to; `name` chooses where several would do.

    Raises UnknownURL with the forms that are known.
    """
    text = text.strip()
    for platform in [find_platform(name)] if name else platforms():
        if ref := platform.profile(text):
            return platform, ref
    raise UnknownURL(
        f"{text or 'an empty handle'}: not the handle of an author{f' on {name}' if name else ''}; the forms are ann "
        "for X, ann.example.com for Bluesky, @ann@mastodon.example, or the address of a profile"
    )


def find_platform(name: str) -> Platform:
    """Return a platform by its name. Raises UnknownURL for a name that is not known."""
    known = {platform.name: platform for platform in platforms()}
    if name not in known:
        raise UnknownURL(f"{name} is no platform that is known here; these are: {', '.join(known)}")
    return known[name]


def reader_of(route: str) -> Platform:
    """Return the first platform that has a route of this name, such as the one that reads what articles embed."""
    return next(platform for platform in platforms() if any(each.name == route for each in platform.routes))


def declared() -> dict[str, Declared]:
    """Return what the configuration may say of each platform, by its name."""
    return {platform.name: platform.declared for platform in platforms()}


def order_of(name: str) -> tuple[str, ...]:
    """Return the sources of a platform, the best first; none for a platform that is not known any more."""
    return next((platform.order for platform in platforms() if platform.name == name), ())


def is_address(text: str) -> bool:
    """Whether a text is an address of the web, rather than a file or a name."""
    return re.match(r"https?://", text.strip(_BLANK), re.IGNORECASE) is not None


def normalised(text: str) -> str:
    """Clean a pasted address: blanks, brackets and sentence marks around it, the host's case, tracking parameters.

    Raises UnknownURL for what cannot be taken apart.
    """
    url = text.lstrip(f"{_BLANK}<").rstrip(f"{_BLANK}>).,;")
    if re.match(r"[\w-]+(\.[\w-]+)+/", url):
        url = f"https://{url}"
    if not re.match(r"https?://", url, re.IGNORECASE):
        return url
    if not is_safe(url):
        raise UnknownURL(f"{url}: not a web address")
    parts = parts_of(url)
    kept = [
        (key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not TRACKING.fullmatch(key)
    ]
    host = parts.netloc.rpartition("@")[2].lower()
    return urlunsplit((parts.scheme.lower(), host, parts.path, urlencode(kept), parts.fragment))


def advice(url: str) -> str:
    """Say what could be done about an address that no platform takes."""
    host = parts_of(url).netloc.removeprefix("www.").removeprefix("m.") if "://" in url else ""
    names = ", ".join(platform.title for platform in platforms())
    if place := ELSEWHERE.get(host):
        return f"threads on {place} cannot be collected yet; this version knows {names}"
    for platform in platforms():
        if words := platform.advice(url):
            return words
    if host and any(platform.profile(url) for platform in platforms()):
        return (
            "the address of a profile, not of a post; open one post and copy its address, "
            f"or archive a stretch of time: archiver storm {quote(url)} --since TIME --until TIME"
        )
    if host != "bsky.app" and (near := get_close_matches(host, ["bsky.app"], cutoff=0.7)):
        return f"not the address of a post; did you mean {near[0]}? (the form is https://bsky.app/profile/NAME/post/ID)"
    if not host:
        return f"not a web address; paste the URL of a post on {names}"
    return f"not the address of a post on {names}; paste the URL of one post, `archiver platforms` shows the forms"
