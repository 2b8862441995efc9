"""Pictures in the size in which they were uploaded: the address that X shows gives one that is made smaller."""

import re
from collections.abc import Generator, Mapping, Sequence

from archiver.http.message import Request, Response
from archiver.routes import Original

# https://pbs.twimg.com/media/KEY.jpg, KEY.jpg:large, KEY?format=jpg&name=small
_PICTURE = re.compile(
    r"https?://pbs\.twimg\.com/media/([A-Za-z0-9_-]+)(?:\.([a-z]{3,4}))?(?::[a-z0-9]+)?(?:\?([A-Za-z0-9_=&]*))?"
)
_FORMAT = re.compile(r"(?:^|&)format=([a-z]{3,4})(?:&|$)")


def originals(urls: Sequence[str]) -> Generator[Request, Response, Mapping[str, Original]]:
    """Return where the uploads are; nothing has to be asked for that. X names no digest of them."""
    yield from ()
    return {url: Original(original) for url in urls if (original := original_of(url))}


def original_of(url: str) -> str:
    """Return the address of a picture as it was uploaded, "" for what is no picture of a post."""
    found = _PICTURE.fullmatch(url)
    if found is None:
        return ""
    told = _FORMAT.search(found[3] or "")
    form = told[1] if told else found[2]
    return f"https://pbs.twimg.com/media/{found[1]}?format={form}&name=orig" if form else ""
