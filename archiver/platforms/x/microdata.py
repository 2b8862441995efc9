"""Pages of X that say what they show in schema.org's words -> posts, parents included.

Crawlers got such pages in 2022, and readers who are not logged in get them in 2026, with other names for the same. The
words stand in the tags (microdata) or in a script of data (JSON-LD); both become one tree of things: https://schema.org
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from archiver.model import Attachment, Counts, Missing, Post, Reason, utc
from archiver.platforms.x.api_v2_text import RAW
from archiver.platforms.x.entities import html_of_text
from archiver.platforms.x.markup import content_of, is_id, original, pieces_of, shown, status_in
from archiver.platforms.x.parts import language_of
from archiver.platforms.x.tweet import Tweet, author_of, gap, readable, status_url, written_at
from archiver.text.soup import attribute

if TYPE_CHECKING:
    from bs4 import Tag

POSTS = ("SocialMediaPosting", "Comment")
PARTS = ("author", "interactionStatistic", "isPartOf", "image", "associatedMedia")  # that may be things of their own
TEXTS = ("articleBody", "text")
COUNTS = {"Replies": "replies", "Retweets": "reposts", "Reposts": "reposts", "Likes": "likes", "Quotes": "quotes"}
ACTIONS = {"CommentAction": "replies", "ReplyAction": "replies", "ShareAction": "reposts", "LikeAction": "likes"}
ADDRESSES = ("content", "href", "src", "datetime")  # where a tag has its value that is not its text
# What is taken of an element beside what it says: its text as readers see it, and its pictures.
SHOWN, PICTURES = "data-testid=tweetText", "img"
FILE = "pbs.twimg.com/media/"

Thing = dict[str, list[Any]]  # of each name the values: texts, elements, other things


def parse(page: "Tag") -> list[Tweet]:
    """Return every post of a page."""
    posts: dict[str, Tweet] = {}
    for thing in (*_marked(page), *_scripted(page)):
        if id_ := _id_of(thing):
            tweet = readable(partial(_tweet, thing, id_), id_)
            if tweet and not (id_ in posts and posts[id_].post):  # a page may have a post in both forms
                posts[id_] = tweet
    return list(posts.values())


def _marked(page: "Tag") -> Iterator[Thing]:
    for tag in page.select(",".join(f'[itemtype$="schema.org/{name}"]' for name in POSTS)):
        yield _thing(tag)


def _thing(tag: "Tag") -> Thing:
    """Return what an element says of itself; what is said within another thing, or a quoted post, is of that."""
    thing: Thing = {}
    todo = [(child, False) for child in reversed(tag.find_all(recursive=False))]
    while todo:
        inner, is_quoted = todo.pop()
        is_thing = inner.has_attr("itemscope")
        for name in attribute(inner, "itemprop").split():
            thing.setdefault(name, []).append(_thing(inner) if is_thing and name in PARTS else inner)
        if is_thing:
            continue
        is_quoted = is_quoted or attribute(inner, "role") == "link"  # a post within the post is one large link
        if not is_quoted and attribute(inner, "data-testid") == "tweetText":
            thing.setdefault(SHOWN, []).append(inner)
        if not is_quoted and inner.name == "img":
            thing.setdefault(PICTURES, []).append(inner)
        todo += [(child, is_quoted) for child in reversed(inner.find_all(recursive=False))]
    return thing


def _scripted(page: "Tag") -> Iterator[Thing]:
    for script in page.select('script[type="application/ld+json"]'):
        try:
            todo = [json.loads(script.string or "")]
        except (ValueError, RecursionError):
            continue
        while todo:
            value = todo.pop()
            parts = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
            if isinstance(value, dict) and not {*POSTS}.isdisjoint(map(str, _listed(value.get("@type")))):
                yield _as_thing(value)
            todo += reversed(parts)


def _as_thing(value: dict[str, Any]) -> Thing:
    """Return an object of JSON-LD in the form of things."""
    return {
        name: [_as_thing(item) if isinstance(item, dict) and name in PARTS else item for item in _listed(part)]
        for name, part in value.items()
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _value(thing: Thing, *names: str) -> str:
    """Return the first text under one of these names, "" where there is none."""
    return next(filter(None, (_text(value) for name in names for value in thing.get(name, ()))), "")


def _text(value: Any) -> str:
    """Return what a value says: a text, an element's, or the address of a thing."""
    if isinstance(value, dict):
        return _value({name: _listed(part) for name, part in value.items()}, "@id", "url", "@type")
    if isinstance(value, str | int):
        return str(value)
    stated = next((attribute(value, name) for name in ADDRESSES if value.has_attr(name)), None)
    return shown(value) if stated is None else stated


def _id_of(thing: Thing) -> str:
    """Return the id of a post, "" for a thing that has none."""
    at = status_in(_value(thing, "url", "@id", "mainEntityOfPage"))
    return next((id_ for id_ in (_value(thing, "identifier"), at[0] if at else "") if is_id(id_)), "")


def _tweet(thing: Thing, id_: str) -> Tweet:
    parent, handle = status_in(_value(thing, "isPartOf")) or ("", "")
    return Tweet(
        node=_node(thing, id_, parent if parent != id_ else ""),
        parent_author=f"@{handle.lower()}" if handle else None,
    )


def _node(thing: Thing, id_: str, parent: str) -> Post | Missing:
    who = next((author for author in thing.get("author", ()) if isinstance(author, dict)), {})
    handle, user = _value(who, "additionalName", "alternateName").removeprefix("@"), _value(who, "identifier")
    text = _content(thing, is_rendered="additionalName" in who)
    if not handle or text is None:
        detail = f"the page shows it without its {'text' if handle else 'author'}"
        author = f"@{handle.lower()}" if handle else None
        return replace(gap(id_, Reason.NOT_LOADED, detail, author=author).node, in_reply_to=parent or None)
    content, is_cut, language = text
    return Post(
        id=id_,
        url=status_url(id_, handle),
        author=author_of(handle, _value(who, "givenName", "name"), user if is_id(user) else None, _face(thing, who)),
        created_at=written_at(id_, utc(_value(thing, "dateCreated", "datePublished"))),
        content=content,
        language=language,
        in_reply_to=parent or None,
        attachments=tuple(_pictures(thing)),
        counts=_counts(thing),
        truncated=is_cut,
    )


def _content(thing: Thing, is_rendered: bool) -> tuple[str, bool, str | None] | None:
    """Return the text as clean HTML, whether only its beginning is given, and its language; None where there is none.

    On a page that `is_rendered` as readers see it, a post without a text has only pictures.
    """
    for tag in thing.get(SHOWN, ()):
        return content_of(pieces_of(tag)), False, language_of(attribute(tag, "lang"))
    for value in (text_value for name in TEXTS for text_value in thing.get(name, ())):
        if isinstance(value, str) or value.has_attr("content"):
            text = _text(value)
            return html_of_text(text, (), escaped=not RAW.search(text)), text.rstrip().endswith("…"), None
        return content_of(pieces_of(value)), shown(value).endswith("…"), language_of(attribute(value, "lang"))
    return ("", False, None) if is_rendered else None


def _face(thing: Thing, who: Thing) -> str:
    faces = (attribute(picture, "src") for picture in thing.get(PICTURES, ()))
    return original(next((face for face in faces if "/profile_images/" in face), "") or _picture(who.get("image", ())))


def _pictures(thing: Thing) -> Iterator[Attachment]:
    """Yield the pictures that the page shows, or else names."""
    pictures: dict[str, Attachment] = {}
    for picture in thing.get(PICTURES, ()):
        url = original(attribute(picture, "src"))
        if FILE in url:
            pictures.setdefault(url, Attachment(kind="image", url=url, alt=attribute(picture, "alt") or None))
    for name in ("image", "associatedMedia"):
        for value in thing.get(name, ()) if not pictures else ():
            url = original(_picture([value]))
            if FILE in url:
                alt = _value(value, "caption", "description") if isinstance(value, dict) else ""
                pictures.setdefault(url, Attachment(kind="image", url=url, alt=alt or None))
    return iter(pictures.values())


def _picture(values: Iterable[Any]) -> str:
    addresses = (_value(value, "contentUrl", "url") if isinstance(value, dict) else _text(value) for value in values)
    return next(filter(None, addresses), "")


def _counts(thing: Thing) -> Counts:
    numbers: dict[str, int] = {}
    for statistic in thing.get("interactionStatistic", ()):
        if isinstance(statistic, dict):
            action = _value(statistic, "interactionType").rpartition("/")[2]
            name = COUNTS.get(_value(statistic, "name")) or ACTIONS.get(action)
            number = _value(statistic, "userInteractionCount")
            if name and number.isdecimal():
                numbers.setdefault(name, int(number))
    return Counts(**numbers)
