"""Real captures, where a machine has some: `ARCHIVER_SAMPLES` names their folder. None of their words are here."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from machine import answer, run

from archiver.http.message import Request, Response
from archiver.model import Post
from archiver.platforms.x.embeds import parse_embeds
from archiver.platforms.x.recorded import parse_json, parse_page
from archiver.platforms.x.tweet import Tweet
from archiver.text.html import plain
from archiver.wayback import Capture, captures, replay

SAMPLES = Path(os.environ.get("ARCHIVER_SAMPLES", "none"))
WAYBACK = SAMPLES / "twitter" / "wayback"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="ARCHIVER_SAMPLES names no folder of recordings")

# id, handle, time, length and hash of the text, parent, quote
Row = tuple[str, str, str, int, str, str | None, str | None]


def row(tweet: Tweet) -> Row:
    post = tweet.post
    assert post
    text = plain(post.content)
    return (
        post.id,
        post.author.handle,
        f"{post.created_at:%Y-%m-%dT%H:%M:%S}",
        len(text),
        hashlib.sha256(text.encode()).hexdigest()[:8],
        post.in_reply_to,
        post.quote and post.quote.id,
    )


ROWS: dict[str, list[Row]] = {
    "oembed/oembed-266367358078169089.json": [
        ("266367358078169089", "Twitter", "2012-11-08T02:31:41", 125, "0547b2ef", None, None),
    ],
    "wayback/json-v1-890659426796945408.json": [
        ("890659426796945408", "DrupalLeaks", "2017-07-27T19:45:29", 140, "41d497b4", None, None),
    ],
    "wayback/ssr-2019-ancestors-1170761943067631621.html": [
        ("1170332978741948418", "jdegoes", "2019-09-07T13:48:20", 180, "4abcaa04", None, "1169912273311129602"),
        ("1170708733019611138", "nuttycom", "2019-09-08T14:41:27", 133, "36cde803", "1170332978741948418", None),
        ("1170711737361940481", "jdegoes", "2019-09-08T14:53:23", 279, "a984171f", "1170708733019611138", None),
        ("1170734490823483392", "nuttycom", "2019-09-08T16:23:48", 208, "c2754028", "1170711737361940481", None),
        ("1170752537084997632", "jdegoes", "2019-09-08T17:35:31", 224, "9ad324f6", "1170734490823483392", None),
        ("1170758722240434176", "nuttycom", "2019-09-08T18:00:05", 181, "7092a078", "1170752537084997632", None),
        ("1170761943067631621", "jdegoes", "2019-09-08T18:12:53", 277, "d7a9939d", "1170758722240434176", None),
        ("1170763947743428608", "nuttycom", "2019-09-08T18:20:51", 167, "334bcf4d", None, None),
        ("1170764987171651584", "nuttycom", "2019-09-08T18:24:59", 185, "e2efeea4", None, None),
        ("1170766334306607104", "nuttycom", "2019-09-08T18:30:20", 211, "c0d301d8", None, None),
        ("1170767136899391489", "nuttycom", "2019-09-08T18:33:31", 160, "19d5ed7b", None, None),
    ],
    "wayback/ssr-2019-selfthread-root-1194638178482700291.html": [
        ("1194638178482700291", "jdegoes", "2019-11-13T15:28:31", 234, "d44fa0c7", None, None),
        ("1194638179157962752", "jdegoes", "2019-11-13T15:28:31", 279, "ab078750", "1194638178482700291", None),
        ("1194638182240768000", "jdegoes", "2019-11-13T15:28:32", 274, "3e170962", "1194638179157962752", None),
        ("1194638183083868160", "jdegoes", "2019-11-13T15:28:32", 236, "0c280bcb", "1194638182240768000", None),
        ("1194638183897522177", "jdegoes", "2019-11-13T15:28:33", 149, "559262d2", "1194638183083868160", None),
        ("1194657845599522816", "carnivivre", "2019-11-13T16:46:40", 77, "ff0ff900", None, None),
        ("1194658904627658752", "carnivivre", "2019-11-13T16:50:53", 49, "cda757e4", None, None),
    ],
    "wayback/ssr-2020-11-lone-de-1323554460765925376.html": [
        ("1323554460765925376", "travisbrown", "2020-11-03T09:15:48", 238, "47e4ba88", None, "1323395124060131333"),
    ],
    "wayback/ssr-2022-microdata-1529393316344758279.html": [
        ("1529020871754633216", "wiemzin", "2022-05-24T08:45:58", 280, "84ec1995", "1529016992199495680", None),
        ("1529021648413855747", "_mawhrin", "2022-05-24T08:49:03", 72, "a1ad6678", "1529020871754633216", None),
        ("1529022309536768000", "travisbrown", "2022-05-24T08:51:41", 138, "c891624a", "1529021648413855747", None),
        ("1529024111934046208", "wiemzin", "2022-05-24T08:58:50", 255, "3b1538a4", "1529022309536768000", None),
        ("1529025272766406658", "travisbrown", "2022-05-24T09:03:27", 258, "dbe2bc7d", "1529024111934046208", None),
        ("1529036418475073537", "wiemzin", "2022-05-24T09:47:44", 175, "f07e1051", "1529025272766406658", None),
        ("1529357032331018240", "travisbrown", "2022-05-25T07:01:45", 216, "4a6f9fba", "1529036418475073537", None),
        ("1529375425893388288", "wiemzin", "2022-05-25T08:14:50", 206, "c608ee65", "1529357032331018240", None),
        ("1529378950765486081", "wiemzin", "2022-05-25T08:28:51", 192, "3d2d7961", "1529375425893388288", None),
        ("1529393135557697541", "travisbrown", "2022-05-25T09:25:12", 240, "09cb54a1", "1529378950765486081", None),
        ("1529393316344758279", "travisbrown", "2022-05-25T09:25:56", 48, "ba220cdd", "1529393135557697541", None),
    ],
}


def read(name: str) -> list[Tweet]:
    path = SAMPLES / "twitter" / name
    if path.suffix == ".html":
        return parse_page(path.read_bytes())
    return parse_json(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ROWS)
def test_every_post_of_a_capture_is_read(name: str) -> None:
    found = read(name)
    assert [row(tweet) for tweet in found] == ROWS[name]
    assert all(tweet.post and not tweet.post.attachments and not tweet.post.truncated for tweet in found)


def test_all_captures_are_in_the_table() -> None:
    pages = {f"wayback/{path.name}" for path in WAYBACK.glob("*") if path.name.startswith(("ssr-", "json-"))}
    embeds = {f"oembed/{path.name}" for path in (SAMPLES / "twitter" / "oembed").glob("*")}
    assert pages | embeds == set(ROWS)


def test_the_ends_of_the_conversations_are_told() -> None:
    [root, *_] = read("wayback/ssr-2019-ancestors-1170761943067631621.html")
    assert (root.conversation, root.node.in_reply_to) == (root.id, None)
    assert isinstance(root.node, Post)
    assert (root.node.counts.likes, root.node.language) == (27, "en")
    [lone] = read("wayback/ssr-2020-11-lone-de-1323554460765925376.html")
    assert isinstance(lone.node, Post)
    assert isinstance(lone.node.quote, Post)
    assert len(plain(lone.node.quote.content)) == 225
    parents = [tweet.parent_author for tweet in read("wayback/ssr-2022-microdata-1529393316344758279.html")]
    assert set(parents) == {"@travisbrown", "@wiemzin", "@_mawhrin"}


def test_pages_of_posts_hold_no_embeds() -> None:
    for path in WAYBACK.glob("ssr-*"):
        assert parse_embeds(path.read_bytes()) == []


def test_a_recorded_index_is_read() -> None:
    body = (WAYBACK / "cdx-result.json").read_bytes()
    found = run(captures("twitter.com/", prefix=True), lambda request: answer(request, body))
    assert len(found) == 37
    assert {capture.status for capture in found} == {"302", "200"}
    assert found[0] == Capture(
        timestamp="20200524191958",
        original="https://twitter.com/ScalaCoward/status/1264635402788487171",
        mime="text/html",
        status="200",
        digest="JJK5HCJRLNADLDWSVSCCJNMV3JWE4XFI",
    )


def recorded(name: str) -> list[Response]:
    made = []
    for one in json.loads((WAYBACK / "replay-and-cdx-exchanges.json").read_text(encoding="utf-8")):
        headers = tuple((key, value) for key, value in one["headers"].items() if key.lower() != "content-encoding")
        if one["cassette"] == name:
            made.append(answer(Request(url=one["url"]), one["body_start"], one["status"], headers))
    return made


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("test_get_memento_with_redirects", "20180808104500"),
        ("test_get_memento_works_on_archived_rate_limit_responses", "20150129034904"),
        ("test_get_memento_raises_no_memento_error", None),
        ("test_get_memento_raises_blocked_error", None),
    ],
)
def test_recorded_replays_are_told_apart(name: str, time: str | None) -> None:
    first, *_, last = [*recorded(name)[:1], *recorded(name)]
    timestamp, original = first.url.removeprefix("https://web.archive.org/web/").split("id_/", 1)
    page = run(replay(Capture(timestamp=timestamp, original=original)), lambda request: last)
    assert (page and page.capture.timestamp) == time


def test_pywbs_index_and_replays_are_read() -> None:
    folder = SAMPLES / "real-servers" / "pywb"
    for name, number in (("cdx.exact", 2), ("cdx.prefix", 5), ("cdx.filter", 1)):
        body = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["body"]
        found = run(captures("social.example/", prefix=True), lambda request, body=body: answer(request, body))
        assert [len(capture.timestamp) for capture in found] == [14] * number
    for name, time in (("id.404", "20240302000002"), ("id.revisit", "20240601000000"), ("id.missing", None)):
        one = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        headers = tuple(one["headers"].items())
        capture = Capture(timestamp=(time or "20240302000000"), original="https://social.example/")
        page = run(
            replay(capture),
            lambda request, one=one, headers=headers: answer(request, one["body"], one["status"], headers),
        )
        assert (page and page.capture.timestamp) == time
