"""What a web archive has of a file that its host has no more, at the same address or in another size. Pure."""

import re
from collections.abc import Generator
from datetime import datetime

from archiver.http.message import Request, Response
from archiver.wayback import FORM, Capture, captures, stored_at

# What of an address differs between the sizes of one file: https://pbs.twimg.com/media/KEY.jpg, KEY.jpg:large,
# KEY?format=jpg&name=orig.
_SIZED = re.compile(r"https?://(?:www\.)?([^/?#]+/[^?#]*?)(?:\.[A-Za-z0-9]{2,4})?(?::[a-z0-9]+)?(?:[?#].*)?")


def nearest(url: str, captured_at: datetime) -> str:
    """Return where a web archive has what an address gave at a time, or at the nearest to it."""
    return stored_at(url, f"{captured_at:{FORM}}")


def largest(url: str) -> Generator[Request, Response, str]:
    """Ask the index once for all sizes of a file; return where the largest is, "" where there is none."""
    name = _name(url)
    if not name or name.endswith("/"):
        return ""
    rows = yield from captures(name, prefix=True, status="200")
    copies = [capture for capture in rows if _name(capture.original) == name and not _is_page(capture)]
    best = max(copies, key=lambda capture: capture.length, default=None)
    return stored_at(best.original, best.timestamp) if best else ""


def _name(url: str) -> str:
    """Return what the addresses of all sizes have in common, the host included; "" where nothing can be told."""
    match = _SIZED.fullmatch(url)
    return match[1].replace(":443/", "/").replace(":80/", "/") if match else ""


def _is_page(capture: Capture) -> bool:
    return "html" in capture.mime
