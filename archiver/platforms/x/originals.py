"""Pictures in the size in which they were uploaded: the address that X shows gives one that is made smaller.

Those of posts at 1200 pixels or less, those of link previews often at 144, faces at 48.
"""

import re
from collections.abc import Generator, Mapping, Sequence

from archiver.http.message import Request, Response
from archiver.routes import Original

_SITE = "https://pbs.twimg.com/"
# https://pbs.twimg.com/media/KEY.jpg, KEY.jpg:large, KEY?format=jpg&name=small; of a link preview card_img/NUMBER/KEY
_PICTURE = re.compile(
    r"https?://pbs\.twimg\.com/((?:media|(?:card_img|news_img)/[0-9]+)/[A-Za-z0-9_-]+)"
    r"(?:\.([a-z]{3,4}))?(?::[a-z0-9]+)?(?:\?([A-Za-z0-9_=&]*))?"
)
_FACE = re.compile(
    r"https?://pbs\.twimg\.com/(profile_images/[0-9]+/[^/?#\s]+)_(?:mini|normal|bigger|x96|[0-9]+x[0-9]+)(\.[A-Za-z]+)?"
)
_FORMAT = re.compile(r"(?:^|&)format=([a-z]{3,4})(?:&|$)")


def originals(urls: Sequence[str]) -> Generator[Request, Response, Mapping[str, Original]]:
    """Return where the uploads are; nothing has to be asked for that. X names no digest of them."""
    yield from ()
    return {url: Original(original) for url in urls if (original := original_of(url))}


def original_of(url: str) -> str:
    """Return the address of a picture as it was uploaded; "" where it is that, and for any other address."""
    if face := _FACE.fullmatch(url):
        return f"{_SITE}{face[1]}{face[2] or ''}"
    found = _PICTURE.fullmatch(url)
    if found is None:
        return ""
    told = _FORMAT.search(found[3] or "")
    form = told[1] if told else found[2]
    original = f"{_SITE}{found[1]}?format={form}&name=orig"
    return original if form and original != url else ""
