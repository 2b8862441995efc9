"""The parsers against recordings of real services, where a machine has some: `ARCHIVER_SAMPLES` names their folder.

They hold other people's posts, so they are no part of the project; the project's own cases must have their shapes.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cases import FIXTURES

from archiver.platforms.bluesky.post import parse_view
from archiver.platforms.mastodon.status import parse_status

SAMPLES = Path(os.environ.get("ARCHIVER_SAMPLES", "none"))

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="ARCHIVER_SAMPLES names no folder of recordings")


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every JSON object in a value, JSON within text included."""
    stack = [value]
    while stack:
        found = stack.pop()
        if isinstance(found, dict):
            yield found
            stack.extend(found.values())
        elif isinstance(found, list):
            stack.extend(found)
        elif isinstance(found, str | bytes) and found[:1] in ("{", "[", b"{", b"["):
            try:
                stack.append(json.loads(found))
            except ValueError:
                continue


def objects(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield every JSON object in the files of a folder."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".json":
            yield from walk(path.read_text(encoding="utf-8"))
        elif path.suffix == ".yaml":
            yield from walk(yaml.safe_load(path.read_text(encoding="utf-8")))


def views(folder: Path) -> list[dict[str, Any]]:
    return [
        each for each in objects(folder) if {"uri", "cid", "author", "record"} <= set(each) and "text" in each["record"]
    ]


def statuses(folder: Path) -> list[dict[str, Any]]:
    wanted = {"uri", "account", "created_at", "content", "visibility"}
    return [each for each in objects(folder) if wanted <= set(each) and each["account"]]


def test_every_recorded_bluesky_post_is_read() -> None:
    found = [*views(SAMPLES / "bluesky"), *views(SAMPLES / "real-servers" / "atproto-full")]
    assert len(found) > 300
    for view in found:
        post = parse_view(view)
        assert post.author.id == view["author"]["did"]
        assert bool(post.content) == bool(view["record"]["text"].strip("\n"))


def test_every_recorded_status_is_read() -> None:
    found = [*statuses(SAMPLES / "mastodon"), *statuses(SAMPLES / "real-servers")]
    assert len(found) > 300
    for status in found:
        post = parse_status(status, "https://social.example")
        assert (post.id, "@" in post.author.handle) == (status["uri"], True)
        assert len(post.attachments) >= len(status["media_attachments"])


def test_the_cases_have_the_shapes_of_the_recordings() -> None:
    real = {key for view in [*views(SAMPLES / "bluesky"), *views(SAMPLES / "real-servers")] for key in view}
    assert {key for view in views(FIXTURES / "bluesky") for key in view} <= real
    real = {key for status in statuses(SAMPLES) for key in status}
    assert {key for status in statuses(FIXTURES / "mastodon") for key in status} <= real
