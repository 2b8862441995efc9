"""Records the story from both servers as the project's demonstration: `python -m tests.servers.record_demo`.

The servers are seeded, asked and answer for real. What is changed in the recordings is where and when: addresses of
this machine become ostermoor.example and the public ones of Bluesky, and since nobody can post into the past on snac2,
its posts are moved to the day of the story, with the ids that snac2 would have given them.
"""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from archiver.store.store import Archive
from archiver.verbs import capture
from tests.cases import FIXTURES, goldens

from . import bluesky, mastodon, seed_bluesky, seed_mastodon
from .commandline import Archiver
from .machine import Failed
from .snac import account_id
from .story import Thread

NAME = "nine-boxes"
HOST = "ostermoor.example"
RECORDED = datetime(2026, 3, 12, 20, 0, tzinfo=UTC)
JOINED = datetime(2025, 1, 2, 9, 0, tzinfo=UTC)
EDITED_AFTER = timedelta(minutes=3)

PICTURES = (".png", ".webp")

Edit = Callable[[str], str]


def record_bluesky(target: Path) -> None:
    """Records the story from a Bluesky network."""
    with bluesky.network() as network:
        first = seed_bluesky.seed_story(network)["1"]
        record(f'[bluesky]\nappview = "{network.appview}"\nplc = "{network.plc}"\n', first.url, network, target)
    rewrite(target, lambda text: from_bluesky(text, network))


def from_bluesky(text: str, network: bluesky.Network) -> str:
    """The text with the addresses that the story would have on the public network."""
    text = re.sub(r"(?m)^-> http://localhost.*\n", "", text)  # only the configuration led there
    text = text.replace(f"{network.appview}/img/", "https://cdn.bsky.app/img/")
    return text.replace(network.pds, f"https://pds.{HOST}")


def record_mastodon(target: Path) -> None:
    """Records the story from a snac2 that shows itself as a Mastodon server does."""
    with mastodon.site(seed_mastodon.USERS) as site:
        story = seed_mastodon.seed_story(site.snac)
        record("[media]\nfetch = false\n", story["1"].url, site, target)
    rewrite(target, lambda text: from_mastodon(text, site.url, story))
    for body in target.glob("*.body.json"):
        moved = json.loads(body.read_bytes(), object_hook=moving(site.url, story))
        body.write_text(json.dumps(moved, ensure_ascii=False), encoding="utf-8")


def from_mastodon(text: str, url: str, story: Thread) -> str:
    """The text with other addresses, and with the ids that follow from these and from the time of a post."""
    pages = {post.uri: page(url, post.uri, story) for post in story.values()}
    ids = {digest(old): f"{seconds(new)}{digest(new)}" for old, new in pages.items()}
    text = re.sub(rf"{url}/\w+/p/\d+\.\d+", lambda found: pages[found[0]], text)
    text = re.sub(r"\b\d{10}([0-9a-f]{32})\b", lambda found: ids[found[1]], text)
    for user in seed_mastodon.USERS:
        text = text.replace(account_id(url, user), account_id(f"https://{HOST}", user))
    return text.replace(url, f"https://{HOST}").replace(url.removeprefix("http://"), HOST)


def page(url: str, uri: str, story: Thread) -> str:
    """The address that a post would have if it had been made when the story says, to the microsecond."""
    at = next(post.entry.at for post in story.values() if post.uri == uri)
    user = uri.removeprefix(f"{url}/").partition("/")[0]
    return f"https://{HOST}/{user}/p/{at.timestamp():.6f}"


def digest(uri: str) -> str:
    """The part of an id that snac2 makes of an address."""
    return hashlib.md5(uri.encode(), usedforsecurity=False).hexdigest()


def seconds(uri: str) -> str:
    """The second in which a post was made, from its address."""
    return uri.rsplit("/", 1)[1].partition(".")[0]


def moving(url: str, story: Thread) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What gives a status the time that the story says, and an account a day in the past."""
    times = {page(url, post.uri, story): post.entry.at for post in story.values()}

    def moved(found: dict[str, Any]) -> dict[str, Any]:
        if at := times.get(found.get("uri", "")):
            edited = found["edited_at"] and stamp(at + EDITED_AFTER)
            return {**found, "created_at": stamp(at), "edited_at": edited}
        if at := times.get(found.get("id", "")):
            return {**found, "published": stamp(at)}
        if "last_status_at" in found:
            return {**found, "created_at": stamp(JOINED), "last_status_at": f"{RECORDED:%Y-%m-%d}"}
        return found

    return moved


def stamp(moment: datetime) -> str:
    """A time as Mastodon writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record(settings: str, url: str, server: bluesky.Network | mastodon.Site, target: Path) -> None:
    """Saves a thread by the command line, and writes what came as a recording."""
    with tempfile.TemporaryDirectory() as name:
        config = Path(name) / "settings.toml"
        config.write_text(f"[network]\nallow_private = true\n{settings}\n[evidence]\npage = false\n")
        archiver = Archiver(folder=Path(name) / "archive", config=config)
        saved = archiver.save(url, server)
        if saved.code:
            raise Failed(f"{url}: exit code {saved.code}: {saved.complaints}")
        shutil.rmtree(target, ignore_errors=True)
        with Archive.open(archiver.folder, now=RECORDED) as archive:
            (run,) = archive.history.runs()
            capture.record(archive, run.id, target)


def rewrite(recording: Path, edit: Edit) -> None:
    """Edits every text of a recording, and dates its answers to a second each of the evening of the story."""
    for path in recording.iterdir():
        if path.suffix in PICTURES:
            continue
        text = edit(path.read_bytes().decode())
        if path.suffix == ".http":
            came = format_datetime(RECORDED + timedelta(seconds=int(path.stem)), usegmt=True)
            text = re.sub(r"(?m)^date: .*$", f"date: {came}", text)
        if "localhost" in text:
            raise Failed(f"{path} still names localhost")
        path.write_bytes(text.encode())


if __name__ == "__main__":
    for platform, record_story in (("bluesky", record_bluesky), ("mastodon", record_mastodon)):
        case = FIXTURES / platform / NAME
        record_story(case)
        for golden, content in goldens(case).items():
            (case / golden).write_text(content, encoding="utf-8")
        print(f"{case}: recorded")
