"""What a post shows: files, link cards, cards of feeds and lists, in the form of a view or as its record names them.

https://docs.bsky.app/docs/advanced-guides/posts#images-and-embeds
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from archiver.model import Attachment
from archiver.platforms.bluesky.ids import COLLECTION, WEB, did_of, rkey_of

# Animations are links to the host from which one was chosen, and shown as pictures; whoever describes one has it marked
# as their own words: https://github.com/bluesky-social/social-app/blob/main/src/lib/gif-alt-text.ts
ANIMATION = re.compile(
    r"https://(?:media\d*\.tenor\.com|(?:media\d*|i)\.giphy\.com|static\.klipy\.com)/[^?#]+\.(?:gif|webp)(?:[?#].*)?"
)
DESCRIBED = "Alt: "

# What a post can embed that is no post: what it is called, and where its page is.
PLACES = {
    "app.bsky.feed.generator": ("a feed", "{web}/profile/{did}/feed/{rkey}"),
    "app.bsky.graph.list": ("a list of accounts", "{web}/profile/{did}/lists/{rkey}"),
    "app.bsky.graph.starterpack": ("a starter pack", "{web}/starter-pack/{did}/{rkey}"),
    "app.bsky.labeler.service": ("a labelling service", "{web}/profile/{did}"),
}
EMBEDS = ("images", "gallery", "video", "external", "record", "recordWithMedia")


def parse_attachments(embed: dict[str, Any] | None) -> Iterator[Attachment]:
    """Read the media and the link card of an embed view."""
    if not embed:
        return
    if "media" in embed:
        yield from parse_attachments(embed["media"])
    yield from parse_place(embed)
    for image in embed.get("images") or embed.get("items") or ():
        yield Attachment(kind="image", url=image["fullsize"], alt=image.get("alt"))
    if "playlist" in embed:
        yield Attachment(kind="video", url=embed["playlist"], alt=embed.get("alt"))
    if external := embed.get("external"):
        is_animation = bool(ANIMATION.fullmatch(external["uri"]))
        yield Attachment(
            kind="image" if is_animation else "card",
            url=external["uri"],
            alt=_described(external) if is_animation else None,
            title=external.get("title"),
            description=external.get("description"),
            picture=external["thumb"] if isinstance(external.get("thumb"), str) else None,
        )


def parse_place(embed: dict[str, Any]) -> Iterator[Attachment]:
    """Read what is embedded like a post and is none, such as a feed or a list, as a card that leads to it."""
    record = embedded(embed)
    uri = record.get("uri") or ""
    collection = uri.removeprefix("at://").partition("/")[2].partition("/")[0]
    if collection not in PLACES:
        return
    name, page = PLACES[collection]
    inner = record.get("record")
    shown = {**inner, **record} if isinstance(inner, dict) else record
    title = shown.get("displayName") or shown.get("name") or ""
    yield Attachment(
        kind="card",
        url=page.format(web=WEB, did=did_of(uri), rkey=rkey_of(uri)),
        title=f"{title} ({name} on Bluesky)" if title else f"{name[0].upper()}{name[1:]} on Bluesky",
        description=shown.get("description"),
        picture=shown["avatar"] if isinstance(shown.get("avatar"), str) else None,
    )


def embedded(embed: dict[str, Any]) -> dict[str, Any]:
    """Return the view of what is embedded as a record, {} where nothing is."""
    record: dict[str, Any] = embed.get("record") or {}
    if "record" in record and ("$type" not in record or record["$type"].endswith("#view")):
        return record["record"] or {}
    return record


def quoted(embed: dict[str, Any] | None) -> dict[str, Any]:
    """Return the reference of a record's own embed to what it quotes, {} where it quotes nothing."""
    reference = (embed or {}).get("record") or {}
    reference = reference.get("record") or reference
    return reference if f"/{COLLECTION}/" in str(reference.get("uri")) else {}


def _described(animation: dict[str, Any]) -> str | None:
    """Return the author's description of an animation, None where it is only what its host calls it."""
    text: str = animation.get("description") or ""
    return text.removeprefix(DESCRIBED) if text.startswith(DESCRIBED) else None


def unseen_embed(embed: dict[str, Any] | None, did: str) -> dict[str, Any] | None:
    """Give a record's own embed the form of a view: files by the CDN's address scheme, a quote as not loaded."""
    if not embed:
        return None
    view: dict[str, Any] = {key: _external(value, did) for key, value in embed.items() if key == "external"}
    if images := embed.get("images") or embed.get("items"):
        view["images"] = [{"alt": image.get("alt"), "fullsize": _cdn(did, image["image"])} for image in images]
    if "video" in embed:
        view |= {"playlist": _playlist(did, embed["video"]), "alt": embed.get("alt")}
    if "media" in embed:
        view["media"] = unseen_embed(embed["media"], did)
    if record := embed.get("record"):
        view["record"] = {"$type": "unseen", "uri": (record.get("record") or record)["uri"]}
    return view


def _external(card: dict[str, Any], did: str) -> dict[str, Any]:
    thumb = card.get("thumb")
    return {**card, "thumb": _cdn(did, thumb, "feed_thumbnail") if thumb else None}


def _cdn(did: str, blob: dict[str, Any], size: str = "feed_fullsize") -> str:
    return f"https://cdn.bsky.app/img/{size}/plain/{did}/{_cid(blob)}@jpeg"


def _playlist(did: str, blob: dict[str, Any]) -> str:
    return f"https://video.bsky.app/watch/{quote(did, safe='')}/{_cid(blob)}/playlist.m3u8"


def _cid(blob: dict[str, Any]) -> str:
    cid: str = blob["ref"]["$link"] if "ref" in blob else blob["cid"]  # the second: blobs of before 2023
    return cid
