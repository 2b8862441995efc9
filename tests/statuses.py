"""Made-up statuses in X's forms: version 1.1, what GraphQL makes of it, and what other people's pages are given."""

from typing import Any

Json = dict[str, Any]

FIRST = 1_100_000_000_000_000_000  # 25 February 2019
TIME = "Mon Feb 25 11:50:11 +0000 2019"
AVATAR = "https://pbs.twimg.com/profile_images/1/wren_normal.jpg"


def user(handle: str = "wren", id_: str = "7") -> Json:
    """Return who writes, as version 1.1 has it."""
    return {"id_str": id_, "screen_name": handle, "name": handle.title(), "profile_image_url_https": AVATAR}


def status(number: int = 0, text: str = "A text", **changes: Any) -> Json:
    """Return a post; with `answers`, a reply to the one of that number."""
    answers = changes.pop("answers", None)
    return {
        "id_str": str(FIRST + number),
        "created_at": TIME,
        "full_text": text,
        "entities": {},
        "user": user(),
        "lang": "en",
        "in_reply_to_status_id_str": None if answers is None else str(FIRST + answers),
        "in_reply_to_user_id_str": None if answers is None else "7",
        "in_reply_to_screen_name": None if answers is None else "wren",
        **changes,
    }


def shown(number: int = 0, text: str = "A text", **changes: Any) -> Json:
    """Return a post as other people's pages are given it."""
    found = status(number, text, **changes)
    return {"__typename": "Tweet", "text": found.pop("full_text"), **found, "created_at": "2019-02-25T11:50:11.000Z"}


def result(number: int = 0, text: str = "A text", **changes: Any) -> Json:
    """Return a post as X's own web interface reads it in 2026; changes with a name in capitals go outside `legacy`."""
    outside = {key.lower(): changes.pop(key) for key in [*changes] if key.isupper()}
    legacy = status(number, text, **changes)
    del legacy["user"]
    core = {"screen_name": "wren", "name": "Wren"}
    author = {"__typename": "User", "rest_id": "7", "core": core, "avatar": {"image_url": AVATAR}}
    return {
        "__typename": "Tweet",
        "rest_id": legacy.pop("id_str"),
        "core": {"user_results": {"result": author}},
        "legacy": {**legacy, "conversation_id_str": str(FIRST)},
        **outside,
    }


def entry(result: Json | None, id_: str, **item: Any) -> Json:
    """Return an entry of a timeline."""
    content = {"itemContent": {"__typename": "TimelineTweet", "tweet_results": {"result": result}, **item}}
    return {"entryId": f"tweet-{id_}", "content": content}


def photo(url: str = "https://t.co/pic", **changes: Any) -> Json:
    """Return a picture of a post."""
    return {"type": "photo", "url": url, "media_url_https": "https://pbs.twimg.com/media/A.jpg", **changes}


def video(*bitrates: int | None, kind: str = "video", **changes: Any) -> Json:
    """Return a video with a file for each bitrate."""
    variants: list[Json] = [{"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/a.m3u8"}]
    for rate in bitrates:
        file = {"content_type": "video/mp4", "url": f"https://video.twimg.com/{rate}.mp4", "bitrate": rate}
        variants.append({key: value for key, value in file.items() if value is not None})
    page = "https://x.com/wren/status/1/video/1"
    return photo(type=kind, expanded_url=page, video_info={"variants": variants}, **changes)
