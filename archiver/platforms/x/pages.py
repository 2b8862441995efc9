"""Pages that hold posts of X, whatever wrote them -> posts. What only a browser would fill holds none."""

from archiver.platforms.x import legacy, microdata
from archiver.platforms.x.markup import soup_of
from archiver.platforms.x.tweet import Tweet

SIGNS = (b"data-tweet-id", b"SocialMediaPosting")


def parse_page(html: bytes | str) -> list[Tweet]:
    """Return every post of a page of twitter.com, in its order, whoever wrote it; [] for a page without any."""
    data = html.encode(errors="replace") if isinstance(html, str) else html
    if not any(sign in data for sign in SIGNS):
        return []
    page = soup_of(html)
    return [*legacy.parse(page), *microdata.parse(page)]
