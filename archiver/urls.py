"""Taking an address apart without an error: it may come from a stranger, or stand in an archive for years."""

import re
from urllib.parse import SplitResult, urljoin, urlsplit

# RFC 3986, appendix B: it fits any text.
_ANY = re.compile(
    r"(?:([a-z][a-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL
)


def parts_of(url: str) -> SplitResult:
    """Return the parts of an address; of a malformed one (`https://[1/`) those that its signs set apart."""
    try:
        return urlsplit(url)
    except ValueError:
        match = _ANY.match(url)
        return SplitResult(*(match.groups("") if match else ("", "", url, "", "")))


def joined(base: str, href: str) -> str:
    """Return where a link leads that stands on a page with the address `base`; a malformed one as it is."""
    try:
        return urljoin(base, href)
    except ValueError:
        return href
