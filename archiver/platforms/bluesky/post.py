"""Records and views of https://docs.bsky.app (lexicons app.bsky.feed.*, app.bsky.embed.*) -> posts.

A *record* is what the author wrote and signed; a *view* is what the AppView adds: counts, names, resolved embeds.
Text, times and reply references are taken from the record, so a post is whole without its view.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from archiver.model import Attachment, Author, Counts, Missing, Post, Reason, utc
from archiver.text.facets import Facet, html_of

COLLECTION = "app.bsky.feed.post"
WEB = "https://bsky.app"
TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Animations are links to the host from which one was chosen, and shown as pictures; whoever describes one has it marked
# as their own words: https://github.com/bluesky-social/social-app/blob/main/src/lib/gif-alt-text.ts
ANIMATION = re.compile(
    r"https://(?:media\d*\.tenor\.com|(?:media\d*|i)\.giphy\.com|static\.klipy\.com)/[^?#]+\.(?:gif|webp)(?:[?#].*)?"
)
DESCRIBED = "Alt: "

SENSITIVE = frozenset({"porn", "sexual", "nudity", "graphic-media", "!warn", "!hide"})

GONE = {
    "app.bsky.embed.record#viewNotFound": Reason.DELETED,
    "app.bsky.embed.record#viewBlocked": Reason.BLOCKED,
    "app.bsky.embed.record#viewDetached": Reason.DETACHED,
    "app.bsky.feed.defs#notFoundPost": Reason.DELETED,
    "app.bsky.feed.defs#blockedPost": Reason.BLOCKED,
}


def at_uri(did: str, rkey: str) -> str:
    """Return the at:// URI of a post, the id that posts of this platform have here."""
    return f"at://{did}/{COLLECTION}/{rkey}"


def did_of(uri: str) -> str:
    """Return the account that an at:// URI belongs to."""
    return uri.removeprefix("at://").split("/")[0]


def rkey_of(uri: str) -> str:
    """Return the record key of an at:// URI."""
    return uri.rsplit("/", 1)[-1]


def web_url(uri: str) -> str:
    """Return the page of a post, by DID, since handles change hands."""
    return f"{WEB}/profile/{did_of(uri)}/post/{rkey_of(uri)}"


def tid_time(rkey: str) -> datetime | None:
    """Read the time out of a TID record key (https://atproto.com/specs/tid), None where it is another kind of key."""
    if len(rkey) != 13 or any(sign not in TID_ALPHABET for sign in rkey):
        return None
    number = 0
    for sign in rkey:
        number = number * 32 + TID_ALPHABET.index(sign)
    return EPOCH + timedelta(microseconds=number >> 10)


def first_tid(time: datetime) -> str:
    """Return the least key that a post of this moment can have, within what keys can hold: 1970 to 2255."""
    number = min(max((time - EPOCH) // timedelta(microseconds=1), 0), (1 << 53) - 1) << 10
    return "".join(TID_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def parse_author(view: dict[str, Any]) -> Author:
    """Read a profileViewBasic."""
    return Author(
        id=view["did"],
        handle=view["handle"],
        name=view.get("displayName") or "",
        url=f"{WEB}/profile/{view['did']}",
        avatar=view.get("avatar"),
    )


def stranger(did: str, handle: str = "") -> Author:
    """Return an account of which only the id, and perhaps the handle, is known."""
    return Author(id=did, handle=handle or did, url=f"{WEB}/profile/{did}")


def parse_view(view: dict[str, Any]) -> Post:
    """Read a postView: the record and what the AppView knows of it."""
    return parse_post(view["uri"], view["cid"], view["record"], parse_author(view["author"]), view)


def parse_post(uri: str, cid: str, record: dict[str, Any], author: Author, view: dict[str, Any] | None = None) -> Post:
    """Read a record, together with its view where there is one."""
    view = view or {}
    embed = view.get("embed") or unseen_embed(record.get("embed"), did_of(uri))
    reply = record.get("reply") or {}
    return Post(
        id=uri,
        url=web_url(uri),
        author=author,
        created_at=parse_time(uri, record, view),
        content=html_of(record["text"], tuple(parse_facets(record))),
        language=next(iter(record.get("langs") or ()), None),
        in_reply_to=(reply.get("parent") or {}).get("uri"),
        quote=parse_quote(embed),
        attachments=tuple(parse_attachments(embed)),
        counts=parse_counts(view),
        labels=tuple(parse_labels(record, view)),
        sensitive=bool(SENSITIVE.intersection(parse_labels(record, view))),
        version=cid,
    )


def parse_time(uri: str, record: dict[str, Any], view: dict[str, Any]) -> datetime:
    """Read createdAt, which the author's client wrote and may have written badly: else the key's time or indexedAt."""
    try:
        return utc(record["createdAt"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return tid_time(rkey_of(uri)) or utc(view["indexedAt"])


def parse_facets(record: dict[str, Any]) -> Iterator[Facet]:
    """Read rich text: byte ranges of the UTF-8 text (https://docs.bsky.app/docs/advanced-guides/post-richtext)."""
    for facet in record.get("facets") or ():
        for feature in facet.get("features") or ():
            if target := _facet_target(feature):
                href, kind = target
                yield Facet(facet["index"]["byteStart"], facet["index"]["byteEnd"], href, kind)
                break


def _facet_target(feature: dict[str, Any]) -> tuple[str, str] | None:
    if "uri" in feature:
        return feature["uri"], "link"
    if "did" in feature:
        return f"{WEB}/profile/{feature['did']}", "mention"
    if "tag" in feature:
        return f"{WEB}/hashtag/{quote(feature['tag'], safe='')}", "hashtag"
    return None


def parse_attachments(embed: dict[str, Any] | None) -> Iterator[Attachment]:
    """Read the media and the link card of an embed view."""
    if not embed:
        return
    if "media" in embed:
        yield from parse_attachments(embed["media"])
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


def parse_quote(embed: dict[str, Any] | None) -> Post | Missing | None:
    """Read a quoted post; feeds, lists and starter packs are no posts and give None."""
    record = (embed or {}).get("record")
    if record is None:
        return None
    record = record.get("record", record) if "$type" not in record or record["$type"].endswith("#view") else record
    uri: str = record.get("uri", "")
    if f"/{COLLECTION}/" not in uri:
        return None
    reason = GONE.get(record["$type"]) or (Reason.DELETED if record.get("notFound") else None)
    if reason is None and "value" not in record:
        reason = Reason.NOT_LOADED
    if reason is not None:
        return Missing(id=uri, url=web_url(uri), reason=reason)
    view = {**record, "embed": next(iter(record.get("embeds") or ()), None)}
    return parse_post(uri, record["cid"], record["value"], parse_author(record["author"]), view)


def parse_counts(view: dict[str, Any]) -> Counts:
    """Read a view's counters."""
    return Counts(
        replies=view.get("replyCount"),
        reposts=view.get("repostCount"),
        likes=view.get("likeCount"),
        quotes=view.get("quoteCount"),
    )


def parse_labels(record: dict[str, Any], view: dict[str, Any]) -> list[str]:
    """Read the labels in force: the author's own, then those of labellers; a negation takes one back."""
    own = [label["val"] for label in (record.get("labels") or {}).get("values") or ()]
    given = [label for label in view.get("labels") or () if not label.get("neg")]
    return list(dict.fromkeys([*own, *(label["val"] for label in given)]))


def parse_gone(node: dict[str, Any], seen_at: datetime) -> Missing | None:
    """Read a notFoundPost or blockedPost of a tree; None where it is a post."""
    reason = GONE.get(node.get("$type", "")) or (Reason.DELETED if node.get("notFound") else None)
    return gap(node["uri"], reason, seen_at) if reason else None


def gap(uri: str, reason: Reason, seen_at: datetime | None = None) -> Missing:
    """Return the gap of a post of which only the id is known; its key tells the account and the time."""
    return Missing(
        id=uri,
        url=web_url(uri),
        reason=reason,
        author=did_of(uri),
        created_at=tid_time(rkey_of(uri)),
        seen_at=seen_at,
    )


def tree_nodes(thread: dict[str, Any], seen_at: datetime) -> Iterator[tuple[dict[str, Any], Missing | None]]:
    """Walk a getPostThread tree, parents and replies, with a stack: yield each node and what is gone about it."""
    stack: list[dict[str, Any]] = [thread]
    while stack:
        node = stack.pop()
        yield node, parse_gone(node, seen_at)
        stack.extend(replies(node))
        if isinstance(node.get("parent"), dict):
            stack.append(node["parent"])


def belongs(record: dict[str, Any], root: str) -> bool:
    """Tell whether a record answers something in the conversation that begins with `root`."""
    return bool(((record.get("reply") or {}).get("root") or {}).get("uri") == root)


def replies(node: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Return a tree node's replies, () where the server left them out."""
    return [reply for reply in node.get("replies") or () if isinstance(reply, dict)]
