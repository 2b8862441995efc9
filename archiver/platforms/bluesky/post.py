"""Records and views of https://docs.bsky.app (lexicons app.bsky.feed.*, app.bsky.embed.*) -> posts.

A *record* is what the author wrote and signed; a *view* is what the AppView adds: counts, names, resolved embeds.
Text, times and reply references are taken from the record, so a post is whole without its view.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from archiver.model import Author, Counts, Missing, Post, Reason, utc
from archiver.platforms.bluesky.embeds import EMBEDS, embedded, parse_attachments, quoted, unseen_embed
from archiver.platforms.bluesky.ids import COLLECTION, WEB, did_of, rkey_of, tid_time, web_url
from archiver.text.facets import Facet, html_of

SENSITIVE = frozenset({"porn", "sexual", "nudity", "graphic-media", "!warn", "!hide"})

# The AppView says "not found" of what is deleted, taken down or of a closed account: only the author's server knows.
GONE = {
    "app.bsky.embed.record#viewNotFound": Reason.UNKNOWN,
    "app.bsky.embed.record#viewBlocked": Reason.BLOCKED,
    "app.bsky.embed.record#viewDetached": Reason.DETACHED,
    "app.bsky.feed.defs#notFoundPost": Reason.UNKNOWN,
    "app.bsky.feed.defs#blockedPost": Reason.BLOCKED,
}
NOT_SHOWN = "Bluesky does not find it"


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


def parse_view(view: dict[str, Any], notices: tuple[str, ...] = ()) -> Post:
    """Read a postView: the record and what the AppView knows of it."""
    return parse_post(view["uri"], view["cid"], view["record"], parse_author(view["author"]), view, notices)


def parse_post(
    uri: str,
    cid: str,
    record: dict[str, Any],
    author: Author,
    view: dict[str, Any] | None = None,
    notices: tuple[str, ...] = (),
) -> Post:
    """Read a record, together with its view where there is one."""
    view = view or {}
    embed = view.get("embed") or unseen_embed(record.get("embed"), did_of(uri))
    reply = record.get("reply") or {}
    return Post(
        id=uri,
        url=web_url(uri),
        author=author,
        created_at=parse_time(uri, record, view),
        keyed_at=tid_time(rkey_of(uri)),
        indexed_at=parse_indexed(view),
        content=html_of(record["text"], tuple(parse_facets(record))),
        language=next(iter(record.get("langs") or ()), None),
        in_reply_to=(reply.get("parent") or {}).get("uri"),
        quote=parse_quote(embed),
        quoted_version=quoted(record.get("embed")).get("cid"),
        attachments=tuple(parse_attachments(embed)),
        counts=parse_counts(view),
        labels=tuple(parse_labels(record, view)),
        sensitive=bool(SENSITIVE.intersection(parse_labels(record, view))),
        version=cid,
        notices=(*notices, *parse_unknown(record)),
    )


def parse_indexed(view: dict[str, Any]) -> datetime | None:
    """Read when the AppView says it saw a post first; None where it says nothing that is a time."""
    try:
        return utc(view["indexedAt"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def parse_unknown(record: dict[str, Any]) -> Iterator[str]:
    """Say of a post that it shows something of a kind that is not known here."""
    kind = str((record.get("embed") or {}).get("$type") or "")
    if kind and kind.removeprefix("app.bsky.embed.") not in EMBEDS:
        yield f"it also shows something of a kind that is not known here ({kind}); its data are kept"


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


def parse_quote(embed: dict[str, Any] | None) -> Post | Missing | None:
    """Read a quoted post; feeds, lists and starter packs are no posts and give None."""
    record = embedded(embed or {})
    uri: str = record.get("uri") or ""
    if f"/{COLLECTION}/" not in uri:
        return None
    reason = GONE.get(record["$type"]) or (Reason.UNKNOWN if record.get("notFound") else None)
    if reason is None and "value" not in record:
        reason = Reason.NOT_LOADED
    if reason is not None:
        return gap(uri, reason)
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
    reason = GONE.get(node.get("$type", "")) or (Reason.UNKNOWN if node.get("notFound") else None)
    return gap(node["uri"], reason, seen_at) if reason else None


def gap(uri: str, reason: Reason, seen_at: datetime | None = None, detail: str = "") -> Missing:
    """Return the gap of a post of which only the id is known; its key tells the account and the time."""
    return Missing(
        id=uri,
        url=web_url(uri),
        reason=reason,
        author=did_of(uri),
        created_at=tid_time(rkey_of(uri)),
        seen_at=seen_at,
        detail=detail or (NOT_SHOWN if reason is Reason.UNKNOWN else ""),
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


def replies(node: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Return a tree node's replies, () where the server left them out."""
    return [reply for reply in node.get("replies") or () if isinstance(reply, dict)]


def root_of(record: dict[str, Any]) -> str:
    """Return the first post of the conversation by a record's own word, "" where it answers nothing."""
    return _named(record, "root")


def parent_of(record: dict[str, Any]) -> str:
    """Return what a record answers, "" where that is nothing."""
    return _named(record, "parent")


def _named(record: dict[str, Any], name: str) -> str:
    uri: Any = record
    for key in ("reply", name, "uri"):
        uri = uri.get(key) if isinstance(uri, dict) else {}
    return uri if isinstance(uri, str) else ""
