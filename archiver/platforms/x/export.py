"""The owner's archive, which X gives on request -> posts.

https://help.x.com/en/managing-your-account/how-to-download-your-x-archive

It is version 1.1's form with every number as text, and without an author, a quoted post or a description of media. All
versions of an edited post are in it, and long posts as "notes", which nothing but their time and beginning joins to
the posts whose text they hold.
"""

import re
from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from pathlib import PurePosixPath
from typing import Any

from archiver.errors import SHAPE_ERRORS
from archiver.http.message import Request, Response
from archiver.model import Attachment, Author, Missing, Post, utc
from archiver.platforms.x.entities import items
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.state import State
from archiver.platforms.x.tweet import Tweet, author_of, readable, status_url
from archiver.platforms.x.v1 import id_in, parse_status, tail_of
from archiver.routes import Ref, Source
from archiver.urls import parts_of

Json = dict[str, Any]
Call = Generator[Request, Response, None]

ROUTE = "x_archive"
WHOLE = "the account's own archive holds every post of the author"
LACKING = "x-incomplete"  # the header that says what the file itself lacks
PARTS = ("tweets", "notes", "account", "media")
APART = timedelta(seconds=2)  # at most, between a note and its post; some 40 milliseconds were measured
ALIKE = 60  # characters that both begin with

_ID = re.compile(r"[1-9]\d{0,18}", re.ASCII)
_REPOST = re.compile(r"RT @\w+: ")
_MENTIONS = re.compile(r"\A(?:@\w+\s+)+")
_ENDINGS = ((("image",), (".jpg", ".png", ".gif", ".webp")), (("video", "gifv"), (".mp4",)))


def archived(state: State, ref: Ref) -> Call:
    """Read one thread out of the archive; `ref.id` is what its importer calls the thread."""
    answers = {}
    for part in PARTS:
        answers[part] = yield Request(url=address(ref.id, part))
    parts = {part: answer.json() for part, answer in answers.items()}
    state.add(parse_archive(**parts), ROUTE, answers["tweets"].fetched_at)
    lacking = answers["tweets"].header(LACKING)
    if lacking:
        state.hint = f"the archive is not whole: {lacking}"
    else:
        state.end_proof = WHOLE


def address(root: str, part: str) -> str:
    """Return what the importer is asked for: a part of a thread, which goes by the id of its first post."""
    return f"x-archive:{root}/{part}.json"


def parse_archive(tweets: list[Json], notes: list[Json], account: Json, media: Mapping[str, Json]) -> list[Tweet]:
    """Read the posts with their long texts and their files; reposts are left out, deleted posts are the owner's too.

    `media` tells, for names such as `1234-abc.jpg`, where the archive holds the file ("path").
    """
    author = author_of(account["username"], account.get("accountDisplayName") or "", account.get("accountId"))
    read = []
    for element in tweets:
        status = unwrapped(element, "id_str")
        tweet = readable(partial(_parse, status, notes, author, media), id_of(status))
        if tweet and tweet.tombstone:
            tweet = _own_gap(tweet.tombstone, status, author)
        if tweet:
            read.append(tweet)
    return read


def _own_gap(gap: Missing, status: Json, author: Author) -> Tweet:
    """Return a gap in its place: whose it is, and what it answers, is known even of a post that cannot be read."""
    url, parent = status_url(gap.id, author.handle), id_in(status, "in_reply_to_status_id")
    return Tweet(
        node=replace(gap, url=url, author=author.id, in_reply_to=parent),
        parent_author=id_in(status, "in_reply_to_user_id"),
    )


def _parse(status: Json, notes: list[Json], author: Author, media: Mapping[str, Json]) -> Tweet | None:
    if is_repost(status):
        return None
    note = note_of(status, (unwrapped(element, "noteTweetId") for element in notes))
    form = {**status, "edit_control": {"edit_tweet_ids": editions_of(status)}}
    if note:
        form["note_tweet"] = {"note_tweet_results": {"result": _as_graphql(note["core"])}}
    tweet = parse_status(form, author)
    if tweet is None or tweet.post is None:
        return tweet
    return replace(tweet, node=replace(tweet.post, attachments=_with_files(tweet.post, media)))


def unwrapped(element: Json, key: str) -> Json:
    """Return the post or note of an element: recent archives have it under a name, old ones bare."""
    inner = [value for value in element.values() if isinstance(value, dict) and key in value]
    return inner[0] if inner and key not in element else element


def id_of(status: Json) -> str:
    """Return a post's id, "" where there is none to read."""
    id_ = status.get("id_str")
    return id_ if isinstance(id_, str) and _ID.fullmatch(id_) else ""


def is_repost(status: Json) -> bool:
    """Whether a post only passes on another's: here that shows in nothing but its first letters."""
    text = str(status.get("full_text") or status.get("text") or "")
    return bool(_REPOST.match(text)) and not status.get("in_reply_to_status_id_str")


def editions_of(status: Json) -> list[str]:
    """Return the ids of all versions of a post, oldest first; the first version tells them otherwise than the rest."""
    edit = status.get("edit_info") or {}
    control = edit.get("initial") or (edit.get("edit") or {}).get("editControlInitial") or {}
    return sorted(control.get("editTweetIds") or [], key=int)


def note_of(status: Json, notes: Iterable[Json]) -> Json | None:
    """Return the note that holds a post's whole text: made at the same time, and beginning with the same words.

    The ids of the two differ. Where several fit, the one made nearest to the post is its note.
    """
    id_, beginning = id_of(status), _beginning(status)
    posted_at = time_of(id_) if id_ else None
    if posted_at is None or not beginning:
        return None
    near = [note for note in notes if (when := made_at(note)) and abs(when - posted_at) <= APART]
    fitting = [note for note in near if _begins(note["core"]["text"], beginning)]
    return min(fitting, key=lambda note: abs(int(note["noteTweetId"]) - int(id_)), default=None)


def made_at(note: Json) -> datetime | None:
    """Return when a note was made, None for what is no note: a strange one must not cost the posts."""
    try:
        int(note["noteTweetId"])
        return utc(note["createdAt"]) if isinstance(note["core"]["text"], str) else None
    except SHAPE_ERRORS:
        return None


def _beginning(status: Json) -> str:
    """Return the first words of a post, without those that X put before and behind them."""
    text = _MENTIONS.sub("", unescape(status.get("full_text") or ""), count=1)
    return text[: tail_of(text)].rstrip().removesuffix("…").rstrip()[:ALIKE]


def _begins(text: str, beginning: str) -> bool:
    return _MENTIONS.sub("", text, count=1).startswith(beginning)


def _as_graphql(core: Json) -> Json:
    """Return a note in the form in which X's web site gets it."""
    text = core["text"]
    urls = [
        {"url": item["shortUrl"], "expanded_url": item.get("expandedUrl"), "indices": _place(item)}
        for item in items(core.get("urls"))
    ]
    return {
        "text": text,
        "entity_set": {
            "urls": urls,
            "user_mentions": _marked(core, "mentions", "screen_name"),
            "hashtags": _marked(core, "hashtags", "text"),
            "symbols": _marked(core, "cashtags", "text"),
        },
    }


def _marked(core: Json, name: str, key: str) -> list[Json]:
    """Return handles and tags by what stands at their places, which tells them for sure."""
    places = [_place(item) for item in items(core.get(name))]
    return [{key: core["text"][start + 1 : end], "indices": [start, end]} for start, end in places if end > start + 1]


def _place(item: Json) -> tuple[int, int]:
    return int(item.get("fromIndex", -1)), int(item.get("toIndex", -1))


def _with_files(post: Post, media: Mapping[str, Json]) -> tuple[Attachment, ...]:
    """Return the attachments, each with the file that the archive holds of it.

    A file has the post's id and the name that it has on the web. Where that has changed, what is left over on both
    sides belongs together if it is one of a kind.
    """
    unnamed = {name: file["path"] for name, file in media.items() if name.startswith(f"{post.id}-")}
    named = [replace(file, file=unnamed.pop(_name(post, file), None)) for file in post.attachments]
    return tuple(replace(file, file=file.file or _alone(file, named, unnamed)) for file in named)


def _name(post: Post, attachment: Attachment) -> str:
    return f"{post.id}-{PurePosixPath(parts_of(attachment.url).path).name}"


def _alone(attachment: Attachment, named: list[Attachment], unnamed: Mapping[str, str]) -> str | None:
    kinds, endings = next((of for of in _ENDINGS if attachment.kind in of[0]), ((), ()))
    fitting = [path for path in unnamed.values() if path.endswith(endings)]
    alike = [file for file in named if file.kind in kinds and file.file is None]
    return fitting[0] if len(fitting) == len(alike) == 1 else None


SOURCE: Source[State] = Source(
    name=ROUTE,
    title="the account’s own archive",
    run_by="the owner of the account",
    needs="`import FILE`: the zip, or its unpacked folder",
    shows="all posts of the owner, every version, long texts, the files",
    limits="other people's posts, descriptions of images, quoted posts",
    thread="0",
    storm="",
)
