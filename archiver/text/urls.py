"""Addresses: which may become links, how a Markdown link holds them, and where they stand bare in a text."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urljoin, urlsplit

_SAFE = re.compile(r"(?i)(?:https?|ftp)://[^\s/?#]|mailto:[^\s]")
_SCHEME = re.compile(r"(?i)[a-z][a-z0-9+.-]*:")
_UNSEEN = re.compile(r"[\t\n\r]")
_ENTITY = re.compile(r"&(?=#|[0-9A-Za-z]{1,40};)")
_NOT_IN_DESTINATION = re.compile(r'[\s\ufeff<>"\\`|{}^$\x00-\x20\x7f-\x9f]')
_WANTS_ANGLES = re.compile(r"[()\[\]*_~!']")
_AUTOLINK = re.compile(r'(?i)(?:https?|ftp)://[\w.-]+(?::[0-9]+)?(?:[/?#][^\s<>"\\`|{}^$%\[\]\x00-\x20\x7f-\x9f]*)?')
_BARE = re.compile(r"(?i)(?<![a-z0-9_/@.])(?:(?:https?|ftp)://|www\.)[^\s<>\ufeff]+")
_HOSTLESS = re.compile(r"(?i)(?:(?:https?|ftp):/*|www\.?)")
_LONGEST_ENTITY = 42
_ENTITY_END = re.compile(r"&[0-9A-Za-z]{1,40};\Z")
_PUNCTUATION = frozenset("?!.,:*_~'\"`\\…»”’、。，！？；：）】」》")
_BRACKETS = {")": "(", "]": "["}


def is_safe(url: str) -> bool:
    """Whether an absolute address is well formed, of a scheme that does no more than lead somewhere."""
    try:
        urlsplit(url)
    except ValueError:  # a malformed IPv6 host
        return False
    return _SAFE.match(url) is not None


def resolved(href: str, base: str) -> str:
    """The absolute form of a link's target, or "" where it is none to follow."""
    href = _UNSEEN.sub("", href).strip()
    try:
        url = href if _SCHEME.match(href) or not href else urljoin(base, href)
    except ValueError:
        return ""
    return url if is_safe(url) else ""


def destination(url: str) -> str:
    """The address as the second part of a Markdown link, percent-encoded where it could end or start something."""
    url = _NOT_IN_DESTINATION.sub(lambda match: quote(match[0], safe="", errors="replace"), url)
    url = _ENTITY.sub("&amp;", url)
    return f"<{url}>" if not url or _WANTS_ANGLES.search(url) else url


def shows_itself(url: str) -> bool:
    """Whether `<address>` shows the address as it is; markdown-it shows %-sequences and "xn--" hosts decoded."""
    return bool(_AUTOLINK.fullmatch(url)) and "xn--" not in url.lower() and not _ENTITY.search(url)


def bare_urls(text: str) -> Iterator[tuple[int, int, str]]:
    """Each address that stands in plain text: where it starts and ends, and what it leads to."""
    for match in _BARE.finditer(text):
        url = match[0][: _length_without_punctuation(match[0])]
        if not _HOSTLESS.fullmatch(url):
            scheme = "http://" if url[:4].lower() == "www." else ""
            yield match.start(), match.start() + len(url), scheme + url


def _length_without_punctuation(url: str) -> int:
    """Where the address ends and the sentence around it goes on."""
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _BRACKETS.items()}
    end = len(url)
    while True:  # at the latest, it ends at the letters that addresses begin with
        last = url[end - 1]
        if last in _PUNCTUATION:
            end -= 1
        elif surplus.get(last, 0) > 0:
            surplus[last] -= 1
            end -= 1
        elif last == ";" and (entity := _ENTITY_END.search(url, max(0, end - _LONGEST_ENTITY), end)):
            end = entity.start()
        else:
            return end
