"""Archives of an X account, made up: in the form in which X gives them, every number as text."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archiver.platforms.x.snowflake import first_id

OWNER = {"accountId": "400100", "username": "ann_writes", "accountDisplayName": "Ann Example"}
NOON = datetime(2024, 2, 7, 12, 0, tzinfo=UTC)
MADE = "2024-03-01T09:30:00.000Z"
JPG = b"\xff\xd8\xff\xe0 a picture"
MP4 = b"\0\0\0\x18ftypisom a film"
MEDIA = "tweets_media"

Json = dict[str, Any]


def id_at(minutes: float, low: int = 7) -> str:
    """An id that X gives out at that many minutes after noon."""
    return str(first_id(NOON + timedelta(minutes=minutes)) + low)


def a_tweet(id_: str, text: str, to: str = "", **more: Any) -> Json:
    """A post; `to` is the owner's own post that it answers."""
    status: Json = {
        "edit_info": {
            "initial": {
                "editTweetIds": [id_],
                "editableUntil": "2024-02-07T13:00:00.000Z",
                "editsRemaining": "5",
                "isEditEligible": False,
            }
        },
        "retweeted": False,
        "source": '<a href="https://mobile.example" rel="nofollow">Web</a>',
        "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []},
        "display_text_range": ["0", str(len(text))],
        "favorite_count": "3",
        "in_reply_to_status_id_str": to,
        "in_reply_to_user_id_str": OWNER["accountId"] if to else "",
        "in_reply_to_screen_name": OWNER["username"] if to else "",
        "id_str": id_,
        "id": id_,
        "truncated": False,
        "retweet_count": "1",
        "created_at": "Wed Feb 07 12:00:00 +0000 2024",
        "favorited": False,
        "full_text": text,
        "lang": "en",
    }
    status.update(more)
    return {"tweet": {key: value for key, value in status.items() if value != ""}}


def a_note(tweet: str, text: str, **core: Any) -> Json:
    """A long text that was made 20 milliseconds before its post."""
    id_ = int(tweet) - (20 << 22)
    made = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=(id_ >> 22) + 1_288_834_974_657)
    at = f"{made:%Y-%m-%dT%H:%M:%S}.000Z"
    lifecycle = {"value": "1", "name": "Active", "originalName": "Active", "annotations": {}}
    lists: Json = {"styletags": [], "urls": [], "mentions": [], "cashtags": [], "hashtags": []}
    whole = {"text": text, **lists, **core}
    return {
        "noteTweet": {"noteTweetId": str(id_), "updatedAt": at, "lifecycle": lifecycle, "createdAt": at, "core": whole}
    }


def a_file(name: str, elements: list[Json], part: int = 0) -> bytes:
    """A list as X writes it: an assignment, indented."""
    listed = json.dumps(elements, indent=2, ensure_ascii=False) if elements else "[ ]"
    return f"window.YTD.{name}.part{part} = {listed}".encode()


def a_manifest(files: dict[str, tuple[str, int]], partial: bool = False) -> bytes:
    """What X says of the archive: for each kind its files with their numbers of elements."""
    types: Json = {"ageinfo": {"files": [{"fileName": "data/ageinfo.js", "globalName": "x", "count": "1"}]}}
    for name, (kind, count) in files.items():
        listed = types.setdefault(kind, {"mediaDirectory": f"data/{MEDIA}", "files": []})["files"]
        listed.append({"fileName": f"data/{name}", "globalName": "YTD.x.part0", "count": str(count)})
    said = {
        "userInfo": {"accountId": OWNER["accountId"], "userName": OWNER["username"], "displayName": "Ann Example"},
        "archiveInfo": {"sizeBytes": "4711", "generationDate": MADE, "isPartialArchive": partial},
        "dataTypes": types,
    }
    return f"window.__THAR_CONFIG = {json.dumps(said, indent=2)}".encode()


ACCOUNT = a_file(
    "account",
    [{"account": {"email": "ann@secret.example", "phoneNumber": "+49 30 5550", "createdVia": "web", **OWNER}}],
)


def an_archive(
    tweets: list[Json], notes: list[Json] | None = None, deleted: list[Json] | None = None, partial: bool = False
) -> dict[str, bytes]:
    """The files of a whole archive by their names in the zip."""
    notes, deleted = notes or [], deleted or []
    counted = {
        "tweets.js": ("tweets", len(tweets)),
        "note-tweet.js": ("noteTweet", len(notes)),
        "deleted-tweets.js": ("deletedTweets", len(deleted)),
        "account.js": ("account", 1),
    }
    return {
        "data/manifest.js": a_manifest(counted, partial),
        "data/account.js": ACCOUNT,
        "data/tweets.js": a_file("tweets", tweets),
        "data/note-tweet.js": a_file("note_tweet", notes),
        "data/deleted-tweets.js": a_file("deleted_tweets", deleted),
        "Your archive.html": b"<html></html>",
    }


def a_zip(path: Path, files: dict[str, bytes]) -> Path:
    """The files as X packs them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return path


def a_folder(path: Path, files: dict[str, bytes]) -> Path:
    """The files as they are after unpacking."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path
