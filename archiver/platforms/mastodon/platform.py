"""Mastodon and all that speaks its client API: whose URLs these are, and the ways to a thread and a storm.

https://docs.joinmastodon.org/methods/statuses/ · Pleroma, Akkoma, GoToSocial, Hollo, snac2, Friendica and the forks of
Mastodon answer the same calls, with the differences that status.py, listing.py and holes.py name.
"""

import re

from archiver.config import Declared
from archiver.json_names import JsonNames
from archiver.platforms.mastodon.address import parse_address, parse_profile
from archiver.platforms.mastodon.context import context
from archiver.platforms.mastodon.listing import copy, listing
from archiver.platforms.mastodon.recheck import recheck
from archiver.platforms.mastodon.storm import storm
from archiver.routes import Platform, Ref, Route

# Those of the client API and of ActivityPub.
NAMES = JsonNames(
    texts=frozenset(("spoiler_text", "summary")),
    ids=frozenset(("uri",)),
    post_id=re.compile(r"^(?:\d+$|http)"),
    kept=frozenset(
        (
            *("published", "updated", "inReplyTo", "attributedTo", "conversation", "context", "to", "cc", "first"),
            *("next", "partOf", "items", "visibility", "acct", "username"),
        )
    ),
    emptied=frozenset(("media_attachments", "tag", "emojis", "attachment")),
    people=frozenset(("account",)),
)
CALL = re.compile(r"(https?://[^/]+)/api/v1/statuses/([0-9A-Za-z-]+)(?:/context)?(?:\?.*)?")


def page_of(url: str) -> str:
    """Return the page of the post that a call asks for, "" for any other address."""
    call = CALL.fullmatch(url)
    return f"{call[1]}/statuses/{call[2]}" if call else ""


def match(url: str) -> Ref | None:
    """Recognise a post by the form of its address, on any host."""
    address = parse_address(url)
    return Ref(url=url, site=address.site, id=address.id, author=address.author) if address else None


def profile(text: str) -> Ref | None:
    """Recognise an account by its handle, host included, or by its page."""
    address = parse_profile(text)
    url = f"{address.site}/@{address.author}" if address else ""
    return Ref(url=url, site=address.site, id="", author=address.author) if address else None


platform = Platform(
    name="mastodon",
    title="Mastodon and the fediverse",
    match=match,
    profile=profile,
    storms=(Route(name="listing", steps=storm),),
    routes=(
        Route(name="listing", steps=listing),
        Route(name="context", steps=context),
        Route(name="copy", steps=copy, applies=lambda ref: "@" in ref.author),
    ),
    recheck=recheck,
    declared=Declared(token_by_host=True),
    names=NAMES,
    page_of=page_of,
    examples=(
        "https://mastodon.example/@ann/112233445566778899",
        "https://mastodon.example/@ann@other.example/112233445566778899",
        "https://mastodon.example/users/ann/statuses/112233445566778899",
        "https://pleroma.example/notice/AbCdEfGhIjKlMnOpQr",
        "https://gotosocial.example/@ann/statuses/01HE7XJ1CG84TBKH5V9XKBVGF5",
    ),
)
