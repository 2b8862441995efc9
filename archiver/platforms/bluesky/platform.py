"""Bluesky: whose URLs these are, the ways to a whole thread and to a storm. https://docs.bsky.app/docs/api

The AppView's tree calls stop at depth 10 and at the first deleted post. So the first route reads the author's own
repository upwards from the root, which holds every post of the thread in a few pages, and takes from the AppView what
only it knows: its count of the author's thread, and the views. The second route hops through the trees, the third reads
the AppView's feed of the author.
"""

import re
from urllib.parse import unquote

from archiver.config import Base, Declared
from archiver.json_names import JsonNames
from archiver.platforms.bluesky.blobs import originals
from archiver.platforms.bluesky.calls import APPVIEW
from archiver.platforms.bluesky.feed import feed
from archiver.platforms.bluesky.ids import WEB
from archiver.platforms.bluesky.proof import proofs
from archiver.platforms.bluesky.recheck import recheck
from archiver.platforms.bluesky.repository import repository
from archiver.platforms.bluesky.servers import PLC
from archiver.platforms.bluesky.storm import by_feed, storm
from archiver.platforms.bluesky.tree import tree
from archiver.routes import Platform, Ref, Route

ACTOR = r"(did:[a-z]+:[A-Za-z0-9._:%-]+|(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*)"
RKEY = r"([A-Za-z0-9._~:-]{1,512})"

# The page's path is the same on every front end and embed fixer, and their list grows: the path decides, on any host.
FORMS = (
    re.compile(rf"at:/{{1,2}}{ACTOR}/app\.bsky\.feed\.post/{RKEY}", re.IGNORECASE),
    re.compile(rf"/embed/{ACTOR}/app\.bsky\.feed\.post/{RKEY}", re.IGNORECASE),
    re.compile(rf"/profile/@?{ACTOR}/post/{RKEY}", re.IGNORECASE),
)
PROFILES = (
    re.compile(rf"@?{ACTOR}", re.IGNORECASE),
    re.compile(rf"at:/{{1,2}}{ACTOR}/?", re.IGNORECASE),
    re.compile(rf"(?:https?://)?[^/?#]+/profile/@?{ACTOR}/?(?:[?#].*)?", re.IGNORECASE),
)


NAMES = JsonNames(
    inner=frozenset(("record", "value")),
    ids=frozenset(("uri",)),
    post_id=re.compile(r"/app\.bsky\.feed\.post/"),
    kept=frozenset(("cid", "did", "handle", "$type", "langs", "collection", "rkey")),
    emptied=frozenset(("facets", "images")),
    people=frozenset(("author",)),
)


def match(url: str) -> Ref | None:
    """Recognise a post in a page's URL, an at:// URI, or any address that carries one of them."""
    for form in FORMS:
        if found := form.search(unquote(url)):
            return Ref(url=url, author=_actor(found[1]), id=found[2].rstrip(".:~"))
    return None


def profile(text: str) -> Ref | None:
    """Recognise an account by its handle, its DID or its page."""
    for form in PROFILES:
        if found := form.fullmatch(unquote(text)):
            actor = _actor(found[1])
            return Ref(url=f"{WEB}/profile/{actor}", author=actor, id="")
    return None


def _actor(name: str) -> str:
    return name if name.startswith("did:") else name.lower()


platform = Platform(
    name="bluesky",
    title="Bluesky",
    match=match,
    profile=profile,
    storms=(Route(name="repository", steps=storm), Route(name="feed", steps=by_feed)),
    routes=(
        Route(name="repository", steps=repository),
        Route(name="tree", steps=tree),
        Route(name="feed", steps=feed),
    ),
    proofs=proofs,
    originals=originals,
    recheck=recheck,
    names=NAMES,
    declared=Declared(bases=(Base(key="appview", url=APPVIEW), Base(key="plc", url=PLC))),
    examples=(
        "https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a",
        "at://did:plc:abc234/app.bsky.feed.post/3lbq2vxkm4s2a",
        "https://embed.bsky.app/embed/did:plc:abc234/app.bsky.feed.post/3lbq2vxkm4s2a",
    ),
)
