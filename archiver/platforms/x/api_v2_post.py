"""Answers of X's official interface, version 2 -> posts. https://docs.x.com/x-api/fundamentals/data-dictionary

What belongs to posts comes beside them, in `includes`, and what is not shown in `errors`. Names say tweet or post,
depending on the version of the interface.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from archiver.model import Attachment, Author, Missing, Node, Option, Poll, Post, Reason, utc
from archiver.platforms.x.api_v2_text import content_of, editions_of, either, urls_of
from archiver.platforms.x.entities import items
from archiver.platforms.x.parts import counts_in, file_of, language_of, poll_of
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.tweet import Tweet, author_of, nameless, reason_of, status_url
from archiver.threads.assemble import readable

Json = dict[str, Any]

REPLACED = "Learn more"  # ends the words that X puts in the place of a text, with an address that is not in them
ASKED = ("ids", "id")  # parameters; any other names what the asked posts refer to

_ID = re.compile(r"(?:^|_)ids?$")  # names of what holds ids

# "Not authorised" is not in it: X says the same of protected and of suspended accounts.
PROBLEMS = {"resource-not-found": Reason.DELETED}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One answer, with what is in it by id; `lacking` are the posts that it says it does not show.

    `others` are further forms of its posts, with another text.
    """

    data: list[Json]
    posts: Mapping[str, Json]
    others: list[Json]
    users: Mapping[str, Json]
    media: Mapping[str, Json]
    polls: Mapping[str, Json]
    lacking: Mapping[str, Missing]
    asked: frozenset[str]


def parse_answer(answer: Json) -> list[Tweet]:
    """Read the posts of an answer, what they answer and their other versions; reposts are left out.

    What was asked for, or is answered, and is not shown is a tombstone.
    """
    page = _page_of(_with_ids(answer))
    own = [post for post in page.data if not _referenced(post, "retweeted")]
    beside = [id_ for post in own for id_ in (*_referenced(post, "replied_to"), *editions_of(post))]
    ids = dict.fromkeys([*(post["id"] for post in own), *(id_ for id_ in beside if id_ in page.posts)])
    stones = [stone for id_, stone in page.lacking.items() if id_ in page.asked or id_ in beside]
    return [
        *(_tweet(page, page.posts[id_]) for id_ in ids),
        *(_tweet(page, form) for form in page.others if form["id"] in ids),
        *(Tweet(node=stone) for stone in stones if stone.id not in page.posts),
    ]


def posts_in(answer: Json) -> list[str]:
    """Return the ids of the posts that an answer gives, without those beside them."""
    data = answer.get("data")
    posts = [data] if isinstance(data, dict) else items(data)
    return [str(post["id"]) for post in posts if str(post.get("id")).isdecimal()]


def _with_ids(value: Any, name: str = "") -> Any:
    """Return a part of an answer with its ids as texts, where somebody wrote them as numbers."""
    if isinstance(value, dict):
        return {key: _with_ids(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_ids(part, name) for part in value]
    return str(value) if type(value) is int and _ID.search(name) else value


def _page_of(answer: Json) -> _Page:
    includes = answer.get("includes") or {}
    data = answer.get("data")
    listed = [data] if isinstance(data, dict) else items(data)
    forms = [post for post in (*items(either(includes, "tweets")), *reversed(listed)) if "id" in post]
    posts = {post["id"]: post for post in forms}
    errors = {
        str(error.get("resource_id") or error.get("value")): error
        for error in items(answer.get("errors"))
        if error.get("resource_type") in ("tweet", "post")
    }
    return _Page(
        data=[posts[id_] for id_ in posts_in(answer)],
        posts=posts,
        others=[post for post in forms if post.get("text") != posts[post["id"]].get("text")],
        users={user["id"]: user for user in items(includes.get("users")) if "id" in user},
        media={file["media_key"]: file for file in items(includes.get("media")) if "media_key" in file},
        polls={poll["id"]: poll for poll in items(includes.get("polls")) if "id" in poll},
        lacking={id_: _stone(id_, error) for id_, error in errors.items() if id_.isdecimal()},
        asked=frozenset(id_ for id_, error in errors.items() if error.get("parameter") in ASKED),
    )


def _stone(id_: str, error: Json) -> Missing:
    words = str(error.get("detail") or error.get("title") or "")
    reason = reason_of(words)
    if reason is Reason.UNKNOWN:
        reason = PROBLEMS.get(str(error.get("type")).rpartition("/")[2], Reason.UNKNOWN)
    return replace(_gap(id_), reason=reason, detail=f"X says: “{words}”")


def _gap(id_: str) -> Missing:
    return Missing(id=id_, reason=Reason.NOT_LOADED, url=status_url(id_), created_at=time_of(id_))


def _referenced(post: Json, kind: str) -> tuple[str, ...]:
    """Return the ids of the posts that a post refers to in this way: none or one."""
    references = items(either(post, "referenced_tweets"))
    return tuple(reference["id"] for reference in references if reference.get("type") == kind and "id" in reference)


def _tweet(page: _Page, post: Json) -> Tweet:
    parent = next(iter(_referenced(post, "replied_to")), None)
    above = page.posts.get(parent or "", {})
    return Tweet(
        node=_node(page, post, parent, _quote(page, post)),
        parent_author=(post.get("in_reply_to_user_id") or above.get("author_id")) if parent else None,
        conversation=post.get("conversation_id"),
        editions=editions_of(post),
    )


def _quote(page: _Page, post: Json) -> Node | None:
    """Return the quoted post, which is shown without what it quotes itself."""
    id_ = next(iter(_referenced(post, "quoted")), None)
    if id_ is None:
        return None
    quoted = page.posts.get(id_)
    return _node(page, quoted, None, None) if quoted else page.lacking.get(id_) or _gap(id_)


def _node(page: _Page, post: Json, parent: str | None, quote: Node | None) -> Node:
    stone = replace(_gap(post["id"]), in_reply_to=parent, author=post.get("author_id"))
    if words := _replaced(post):
        reason = reason_of(words)
        reason = Reason.WITHHELD if reason is Reason.UNKNOWN else reason
        return replace(stone, reason=reason, detail=f"X says: “{words}”")
    return readable(lambda: _post(page, post, parent, quote), stone)


def _replaced(post: Json) -> str:
    """Return the words that X shows in the place of a post's text, "" where it shows the text."""
    text = str(post.get("text") or "").rstrip()
    urls = items((post.get("entities") or {}).get("urls"))
    is_replaced = text.endswith(REPLACED) and any(str(item.get("url")) not in text for item in urls)
    return text.removesuffix(REPLACED).rstrip() if is_replaced else ""


def _post(page: _Page, post: Json, parent: str | None, quote: Node | None) -> Post:
    user = page.users.get(post["author_id"])  # absent where nobody asked for it
    author = _author(user) if user else nameless(post["author_id"])
    content, truncated = content_of(post, quote)
    counts = post.get("public_metrics") or {}
    poll = next((page.polls[id_] for id_ in _attached(post, "poll_ids") if id_ in page.polls), None)
    return Post(
        id=post["id"],
        url=status_url(post["id"], author.handle if user else "i"),
        author=author,
        created_at=time_of(post["id"]) or utc(post["created_at"]),
        content=content,
        sensitive=bool(post.get("possibly_sensitive")),
        language=language_of(post.get("lang")),
        in_reply_to=parent,
        quote=quote,
        attachments=_attachments(page, post, quote),
        poll=_poll(poll) if poll else None,
        counts=counts_in(counts, "reply_count", ("retweet_count", "repost_count"), "like_count", "quote_count"),
        labels=_labels(post.get("withheld") or {}),
        truncated=truncated,
    )


def _author(user: Json) -> Author:
    return author_of(user["username"], user.get("name") or "", user["id"], user.get("profile_image_url"))


def _labels(withheld: Json) -> tuple[str, ...]:
    """Return where the post is not shown, although it was shown to us."""
    why = " for copyright" if withheld.get("copyright") else ""
    return tuple(f"withheld in {code}{why}" for code in withheld.get("country_codes") or ())


def _attached(post: Json, name: str) -> tuple[str, ...]:
    return tuple((post.get("attachments") or {}).get(name) or ())


def _attachments(page: _Page, post: Json, quote: Node | None) -> tuple[Attachment, ...]:
    """Return the files, and the preview of a link where X shows one: beside nothing else."""
    links = {item["media_key"]: item.get("expanded_url") for item in urls_of(post) if "media_key" in item}
    keys = dict.fromkeys((*_attached(post, "media_keys"), *links))
    if not keys and not quote and not _attached(post, "poll_ids"):
        return _card(post)
    files = (_file(page.media.get(key) or {}, links.get(key) or "") for key in keys)
    return tuple(file for file in files if file.url)


def _file(file: Json, link: str) -> Attachment:
    url = file.get("url") or link or file.get("preview_image_url") or ""
    return file_of(file.get("type", ""), file.get("variants"), url, file.get("alt_text"))


def _card(post: Json) -> tuple[Attachment, ...]:
    urls = urls_of(post)
    article = (post.get("article") or {}).get("title")
    item = next((item for item in reversed(urls) if article or item.get("title")), None)
    if item is None:
        return ()
    url = item.get("unwound_url") or item.get("expanded_url") or item["url"]
    pictures = [picture for picture in items(item.get("images")) if picture.get("url")]
    largest = max(pictures, key=lambda picture: int(picture.get("width") or 0), default=None)
    return (
        Attachment(
            kind="card",
            url=url,
            title=article or item["title"],
            description=item.get("description") or None,
            picture=largest["url"] if largest else None,
        ),
    )


def _poll(poll: Json) -> Poll:
    options = sorted(items(poll.get("options")), key=lambda option: int(option["position"]))
    return poll_of(
        (Option(text=option["label"], votes=option.get("votes")) for option in options),
        utc(poll["end_datetime"]) if poll.get("end_datetime") else None,
    )
