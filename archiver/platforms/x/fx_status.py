"""Answers of FxTwitter and vxTwitter -> posts. https://github.com/FxEmbed/FxEmbed https://github.com/dylanpdx/BetterTwitFix

Both are other people's services that read X: what they say of a post that is not there is their word, not X's. Their
texts are whole, have no escapes, and the addresses behind t.co in them. vxTwitter's flat form gets FxTwitter's names.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from archiver.model import Attachment, Missing, Option, Poll, Post, Reason, utc
from archiver.platforms.x.entities import Mark, cashtag_url, hashtag_url, html_of_text, items
from archiver.platforms.x.parts import counts_in, language_of
from archiver.platforms.x.tweet import SITE, Tweet, author_of, status_url, written_at
from archiver.platforms.x.v1 import id_in, told_time
from archiver.text.urls import bare_urls
from archiver.threads.assemble import readable

Status = dict[str, Any]

KINDS = {"photo": "image", "image": "image", "video": "video", "gif": "gifv"}
REASONS = {
    "deleted": Reason.DELETED,
    "suspended": Reason.SUSPENDED,
    "private": Reason.PRIVATE,
    "blocked": Reason.BLOCKED,
    "not_loaded": Reason.NOT_LOADED,
}
LEADS = {"hashtag": ("#", hashtag_url), "symbol": ("$", cashtag_url)}

ID = re.compile(r"[0-9]{1,20}")
ADDRESS = re.compile(r"https?://(?:[a-z]+\.)?(?:twitter|x)\.com/(?P<handle>\w+)(?:/web)?/status/(?P<id>[0-9]{1,20})")
GUESSED = re.compile(
    r"(?<![\w@＠./])[@＠](?P<handle>[A-Za-z0-9_]{1,15})(?![\w@＠])"
    r"|(?<![\w&/#＃])[#＃](?P<tag>\w*[^\W\d]\w*)"
    r"|(?<![\w$])\$(?P<stock>[A-Za-z]{1,6})(?![\w$])"
)


def parse_answer(answer: dict[str, Any], asked: str = "") -> list[Tweet]:
    """Read every post and tombstone of an answer, reposts left out; `asked` is the id of a tombstone that has none."""
    listed = [entry for name in ("thread", "results", "replies") for entry in items(answer.get(name))]
    entries = [answer, answer.get("tweet"), *listed]
    tweets = [parse_entry(answer.get("status"), asked), *map(parse_entry, entries)]
    return list({(tweet.id, tweet.post and tweet.post.content): tweet for tweet in tweets if tweet}.values())


def parse_entry(entry: Any, asked: str = "") -> Tweet | None:
    """Read a post or a tombstone in any of the forms; None for a repost, and for what has no id."""
    if not isinstance(entry, dict) or entry.get("reposted_by") or entry.get("retweetURL"):
        return None
    if entry.get("type") == "tombstone":
        stone = parse_tombstone(entry, asked)
        return Tweet(node=stone) if stone else None
    node = parse_node(entry)
    if not isinstance(node, Post):
        return Tweet(node=node) if node else None
    status = as_status(entry) if "tweetID" in entry else entry
    return Tweet(node=node, parent_author=parent_of(status)[1], conversation=id_in(entry, "conversationID"))


def parse_node(entry: dict[str, Any], quoted: bool = False) -> Post | Missing | None:
    """Read a post, a gap where its form is unknown; None where it has no id."""
    id_ = str(entry.get("tweetID") or entry.get("id") or "")
    if not ID.fullmatch(id_):
        return None
    gap = Missing(id=id_, reason=Reason.UNKNOWN, url=status_url(id_))
    return readable(lambda: parse_post(as_status(entry) if "tweetID" in entry else entry, quoted), gap)


def as_status(flat: dict[str, Any]) -> Status:
    """Give vxTwitter's form the names of FxTwitter's; a quote of which it has but the address is not loaded."""
    address = ADDRESS.match(flat.get("tweetURL") or "")
    quote = flat.get("qrt")
    return {
        **{key: flat.get(key) for key in ("text", "lang", "possibly_sensitive", "article", "likes", "replies")},
        "id": flat["tweetID"],
        "author": {
            "screen_name": flat.get("user_screen_name") or (address and address["handle"]),
            "name": flat.get("user_name"),
            "avatar_url": flat.get("user_profile_image_url"),
        },
        "created_at": flat.get("date"),
        "created_timestamp": flat.get("date_epoch"),
        "replying_to": {"screen_name": flat.get("replyingTo"), "status": flat.get("replyingToID")},
        "reposts": flat.get("retweets"),
        "media": {"all": flat.get("media_extended")},
        "poll": {
            "choices": [
                {"label": option["name"], "count": option.get("votes")}
                for option in items((flat.get("pollData") or {}).get("options"))
            ]
        },
        "quote": quote or {"type": "tombstone", "reason": "not_loaded", "url": flat.get("qrtURL")},
    }


def parse_post(status: Status, quoted: bool = False) -> Post:
    """Read a post, with what it quotes unless it is `quoted` itself."""
    id_, author = str(status["id"]), status["author"]
    quote = None if quoted else parse_quote(status.get("quote"))
    return Post(
        id=id_,
        url=status_url(id_, author["screen_name"]),
        author=author_of(
            author["screen_name"],
            author.get("name") or "",
            str(author["id"]) if author.get("id") else None,
            author.get("avatar_url"),
        ),
        created_at=written_at(id_, time_beside(status)),
        content=html_of_text(status["text"], marks(status, quote), escaped=False),
        sensitive=bool(status.get("possibly_sensitive")),
        language=language_of(status.get("lang")),
        in_reply_to=parent_of(status)[0],
        quote=quote,
        attachments=(*parse_media(status.get("media") or {}), *parse_cards(status)),
        poll=parse_poll(status.get("poll")),
        counts=counts_in(status, "replies", ("reposts", "retweets"), "likes", "quotes"),
    )


def time_beside(status: Status) -> datetime:
    """Read the time that stands beside the id; old ids hold none."""
    seconds = status.get("created_timestamp")
    return told_time(status["created_at"]) if seconds is None else datetime.fromtimestamp(seconds, UTC)


def parent_of(status: Status) -> tuple[str | None, str | None]:
    """Return the id of the post that this one answers, and who wrote that: a user id or "@handle"."""
    parent = status.get("replying_to")
    if not isinstance(parent, dict):
        parent = {"status": status.get("replying_to_status"), "screen_name": parent}
    id_, handle, user = parent.get("status"), parent.get("screen_name"), parent.get("user_id")
    if not id_:
        return None, None
    return str(id_), str(user) if user else f"@{handle.lower()}" if handle else None


def parse_quote(quote: Any) -> Post | Missing | None:
    """Read a quoted post or why it is not shown; None where not even its id is known."""
    if not isinstance(quote, dict):
        return None
    return parse_tombstone(quote) if quote.get("type") == "tombstone" else parse_node(quote, quoted=True)


def parse_tombstone(stone: dict[str, Any], asked: str = "") -> Missing | None:
    """Read a tombstone; None where neither it nor its address has an id, and none was asked for."""
    address = ADDRESS.match(stone.get("url") or "")
    id_ = str(stone.get("id") or (address and address["id"]) or asked)
    if not ID.fullmatch(id_):
        return None
    author, word = stone.get("author") or {}, stone.get("reason") or "unavailable"
    reason = REASONS.get(word, Reason.UNKNOWN)
    handle = author.get("screen_name")
    return Missing(
        id=id_,
        reason=reason,
        url=status_url(id_),
        author=str(author["id"]) if author.get("id") else f"@{handle.lower()}" if handle else None,
        detail="" if reason is Reason.NOT_LOADED else f"FxTwitter reports: “{stone.get('message') or word}”",
    )


def parse_media(media: dict[str, Any]) -> Iterator[Attachment]:
    """Read the files in the order of the post; what the service makes of them, such as a mosaic, is left out."""
    for file in items(media.get("all")) or [*items(media.get("photos")), *items(media.get("videos"))]:
        if kind := KINDS.get(file.get("type") or ""):
            yield Attachment(kind=kind, url=best_url(file), alt=file.get("altText") or None)


def best_url(file: dict[str, Any]) -> str:
    """Return the address of a file in its best quality; a bitrate of 0 is one, and better than none."""
    videos = [form for form in items(file.get("formats")) if form.get("container") == "mp4"]
    rates = [-1 if form.get("bitrate") is None else form["bitrate"] for form in videos]
    url: str = videos[rates.index(max(rates))]["url"] if videos else file["url"]
    return url


def parse_cards(status: Status) -> Iterator[Attachment]:
    """Read the link preview, and the article of which the post is only the address."""
    card, article = status.get("card") or {}, status.get("article") or {}
    if (card.get("url") or "").startswith(("http://", "https://")):
        yield Attachment(
            kind="card",
            url=card["url"],
            title=card.get("title") or None,
            description=card.get("description") or None,
        )
    if article:
        yield Attachment(
            kind="card",
            url=f"{SITE}/i/article/{article['id']}" if article.get("id") else status_url(str(status["id"])),
            title=article.get("title") or None,
            description=article.get("preview_text") or None,
        )


def parse_poll(poll: dict[str, Any] | None) -> Poll | None:
    """Read a poll; one without choices is none."""
    choices = items((poll or {}).get("choices"))
    if not poll or not choices:
        return None
    return Poll(
        options=tuple(Option(text=choice["label"], votes=choice.get("count")) for choice in choices),
        closes_at=utc(poll["ends_at"]) if poll.get("ends_at") else None,
        votes=poll.get("total_votes"),
    )


def marks(status: Status, quote: Post | Missing | None) -> list[Mark]:
    """Return what the text links to: as the service's facets say, else as addresses, @ and # look.

    The address of a quoted post at the end is taken out. The facets count X's text, and so only tell about where.
    """
    text: str = status["text"]
    hidden = [
        Mark(match.start(), len(text), "hidden", text[match.start() :])
        for match in ADDRESS.finditer(text)
        if quote and match["id"] == quote.id and len(text[match.start() :].split()) == 1
    ]
    facets = (status.get("raw_text") or {}).get("facets")
    of_facets = (mark for facet in items(facets) for mark in _marks_of(facet))
    return [*hidden, *(_guessed(text) if facets is None else of_facets)]


def _marks_of(facet: dict[str, Any]) -> Iterator[Mark]:
    kind, original = facet.get("type"), facet.get("original") or ""
    start = int((facet.get("indices") or (-1,))[0])
    if kind == "media" and original:
        yield Mark(start, start + len(original), "hidden", original)
    elif kind == "url" and original:
        target = facet.get("replacement") or original
        yield Mark(start, start + len(target), "link", target, target)
        yield Mark(start, start + len(original), "link", original, target, target)
    elif kind == "mention" and original:
        yield Mark(start, start + len(original) + 1, "mention", f"@{original}", f"{SITE}/{original}")
    elif kind in LEADS and original:
        sign, address = LEADS[kind]
        yield Mark(start, start + len(original) + 1, "hashtag", f"{sign}{original}", address(original))


def _guessed(text: str) -> Iterator[Mark]:
    for start, end, url in bare_urls(text):
        if url == text[start:end]:  # X makes no link of "www." alone
            yield Mark(start, end, "link", url, url)
    for match in GUESSED.finditer(text):
        start, end, word = match.start(), match.end(), match[0]
        if handle := match["handle"]:
            yield Mark(start, end, "mention", word, f"{SITE}/{handle}")
        elif tag := match["tag"]:
            yield Mark(start, end, "hashtag", word, hashtag_url(tag))
        else:
            yield Mark(start, end, "hashtag", word, cashtag_url(match["stock"]))
