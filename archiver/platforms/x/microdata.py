"""Pages of twitter.com with schema.org's words in them, as crawlers got them in 2022 -> posts, parents included."""

from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING

from archiver.model import Attachment, Counts, Missing, Post, Reason, utc
from archiver.platforms.x.markup import attribute, content_of, is_id, original, pieces_of, status_in
from archiver.platforms.x.tweet import Tweet, author_of, status_url, written_at
from archiver.platforms.x.v1 import language_of
from archiver.threads import readable

if TYPE_CHECKING:
    from bs4 import Tag

POST = '[itemtype$="schema.org/SocialMediaPosting"]'
COUNTS = {"Replies": "replies", "Retweets": "reposts", "Likes": "likes", "Quotes": "quotes"}


def parse(page: "Tag") -> list[Tweet]:
    """Return every post of a page."""
    tags = ((tag, _values(tag)) for tag in page.select(POST))
    return [_tweet(tag, values) for tag, values in tags if is_id(values.get("identifier", ""))]


def _values(tag: "Tag") -> dict[str, str]:
    """Return what a thing says of itself; what is said deeper down is of other things."""
    metas = tag.find_all("meta", itemprop=True, recursive=False)
    return {attribute(meta, "itemprop"): attribute(meta, "content") for meta in metas}


def _tweet(tag: "Tag", values: dict[str, str]) -> Tweet:
    id_ = values["identifier"]
    parent, handle = status_in(values.get("isPartOf", "")) or ("", "")
    gap = Missing(id=id_, reason=Reason.UNKNOWN, in_reply_to=parent or None)
    return Tweet(
        node=readable(lambda: _post(tag, values, parent or None), gap),
        parent_author=f"@{handle.lower()}" if handle else None,
    )


def _post(tag: "Tag", values: dict[str, str], parent: str | None) -> Post:
    id_ = values["identifier"]
    who = _values(tag.find_all(itemprop="author", recursive=False)[0])
    handle = who["additionalName"]
    texts = [text for text in tag.select('[data-testid="tweetText"]') if not _is_quoted(text, tag)]
    return Post(
        id=id_,
        url=status_url(id_, handle),
        author=author_of(handle, who.get("givenName", ""), who["identifier"], _avatar(tag)),
        created_at=written_at(id_, utc(values["dateCreated"])),
        content=content_of(pieces_of(texts[0])) if texts else "",
        language=language_of(attribute(texts[0], "lang")) if texts else None,
        in_reply_to=parent,
        attachments=tuple(_pictures(tag)),
        counts=_counts(tag),
    )


def _is_quoted(tag: "Tag", top: "Tag") -> bool:
    """Tell whether a tag stands in a post within the post, which is one large link."""
    above = takewhile(lambda parent: parent is not top, tag.parents)
    return any(attribute(parent, "role") == "link" for parent in above)


def _avatar(tag: "Tag") -> str:
    return original(attribute(tag.select_one('img[src*="/profile_images/"]'), "src"))


def _pictures(tag: "Tag") -> Iterator[Attachment]:
    for picture in tag.select('img[src*="pbs.twimg.com/media/"]'):
        if not _is_quoted(picture, tag):
            yield Attachment(
                kind="image", url=original(attribute(picture, "src")), alt=attribute(picture, "alt") or None
            )


def _counts(tag: "Tag") -> Counts:
    said = (_values(found) for found in tag.find_all(itemprop="interactionStatistic", recursive=False))
    numbers = {COUNTS.get(one.get("name", "")): one.get("userInteractionCount", "") for one in said}
    return Counts(**{name: int(numbers[name]) for name in COUNTS.values() if numbers.get(name, "").isdecimal()})
