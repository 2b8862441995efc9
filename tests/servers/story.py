"""The invented story that every server is seeded with: a council member reads nine boxes and posts what she finds."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "story.json"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with an account; `name` is the part of the handle before the server's own."""

    name: str
    shown: str
    about: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A post to be made. `to` and `quote` are keys of earlier entries; `role` is what the archive should call it.

    `picture` is a scene of tests/pictures.py, and so is that of a card. `visibility` is in the words of Mastodon.
    """

    key: str
    by: str
    at: datetime
    text: str
    role: str = "main"
    to: str | None = None
    quote: str | None = None
    image_alt: str | None = None
    picture: str = ""
    card: dict[str, str] | None = None
    poll: tuple[str, ...] = ()
    warning: str | None = None
    edited_from: str | None = None
    visibility: str = "public"


@dataclass(frozen=True, kw_only=True)
class Story:
    """The people, the author first, and the entries in the order in which they are posted."""

    people: tuple[Person, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """A post as it now lies on a server: where it is, and the text that must be found in the archive.

    `id` is what the server's API wants, `uri` the post's name in the whole network.
    """

    entry: Entry
    id: str
    uri: str
    url: str
    text: str


Thread = dict[str, Seeded]  # by the entry's key, in the order of posting


def with_role(thread: Thread, role: str) -> list[Seeded]:
    """The seeded posts with this role, oldest first."""
    return [post for post in thread.values() if post.entry.role == role]


def story() -> Story:
    """The story of story.json: 48 posts of the author's main line, numbered from "1", and what happens around them."""
    data = json.loads(DATA.read_text())
    people = tuple(Person(**person) for person in data["people"])
    entries = [
        _entry(post, data["day"], key=str(number), by=people[0].name, to=str(number - 1) if number > 1 else None)
        for number, post in enumerate(data["thread"], 1)
    ]
    entries += [_entry({"role": "context", **post}, data["day"]) for post in data["around"]]
    return Story(people=people, entries=tuple(sorted(entries, key=lambda entry: entry.at)))


def numbered(author: str, count: int, text: str) -> list[Entry]:
    """A plain self-thread, one post a minute; `text` has a place for {number}."""
    start = datetime(2026, 3, 14, 6, 0, tzinfo=UTC)
    return [
        Entry(
            key=str(number),
            by=author,
            at=datetime.fromtimestamp(start.timestamp() + 60 * number, UTC),
            text=text.format(number=number, count=count),
            to=str(number - 1) if number > 1 else None,
        )
        for number in range(1, count + 1)
    ]


def addressed(text: str, names: list[str], form: Callable[[str], str]) -> str:
    """The text with each "@name" of a person replaced by the form in which a server writes a mention."""
    anybody = "|".join(re.escape(name) for name in names)
    return re.sub(f"@({anybody})", lambda match: form(match[1]), text)


def _entry(post: dict[str, Any], day: str, **known: Any) -> Entry:
    fields = {**post, **known}
    fields["at"] = datetime.fromisoformat(f"{day}T{post['at']}:00+00:00")
    fields["poll"] = tuple(post.get("poll", ()))
    if "image" in post:
        image = fields.pop("image")
        fields["image_alt"], fields["picture"] = image["alt"], image["picture"]
    if "to" in post:
        fields["to"] = str(post["to"])  # the key of a post of the main line is its number
    return Entry(**fields)
