"""X, once Twitter: whose URLs these are, and the ways to a thread, a storm, an article's embeds, an owner's archive.

No single source is enough here: the official API costs money, others show a post without what follows it, the Wayback
Machine has what somebody once saved. So one route asks them all and puts together what they show; see collect.py.
"""

from archiver.config import Declared
from archiver.platforms.x.address import parse_address, parse_handle
from archiver.platforms.x.api_v2 import DOORS, PRICE, TOKEN
from archiver.platforms.x.collect import archived, embedded, recorded_by_others, thread, window
from archiver.platforms.x.originals import originals
from archiver.platforms.x.recheck import recheck
from archiver.platforms.x.sources import SOURCES
from archiver.platforms.x.tweet import SITE
from archiver.routes import Platform, Ref, Route


def match(url: str) -> Ref | None:
    """Recognise a post by its id, on X, on Twitter, on their mirrors and in the Wayback Machine."""
    address = parse_address(url)
    return Ref(url=url, site=SITE, id=address.id, author=address.handle) if address else None


def profile(text: str) -> Ref | None:
    """Recognise a handle or the address of a profile."""
    handle = parse_handle(text)
    return Ref(url=f"{SITE}/{handle}", site=SITE, id="", author=handle) if handle else None


platform = Platform(
    name="x",
    title="X (Twitter)",
    match=match,
    profile=profile,
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
