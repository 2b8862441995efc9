"""The archive that X gives the owner of an account: its threads, its long texts, its files; and archives that harm."""

import hashlib
import json
import random
import re
import stat
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from x_exports import (
    ACCOUNT,
    JPG,
    MP4,
    OWNER,
    a_file,
    a_folder,
    a_manifest,
    a_note,
    a_tweet,
    a_zip,
    an_archive,
    id_at,
)

from archiver.errors import ArchiveError, NetworkError, UsageError
from archiver.http.message import Exchange, Request
from archiver.importers.x import elements as elements_module
from archiver.importers.x import index, members
from archiver.importers.x.archive import Export, copy_media, read
from archiver.importers.x.elements import elements
from archiver.model import Missing, Post, Thread, Verdict
from archiver.platforms.x.collect import archived
from archiver.platforms.x.export import parse_archive
from archiver.routes import Collected, Ref, follow

A, B, C, D, E = (id_at(minutes) for minutes in range(5))
THREAD = [a_tweet(C, "three", to=B), a_tweet(A, "one"), a_tweet(D, "alone"), a_tweet(B, "two", to=A)]
LONG = "Here begins a text that is longer than what fits into a post of the ordinary kind. " * 6

Json = dict[str, Any]


def collected(export: Export, root: str) -> tuple[Thread, list[Exchange]]:
    kept: list[Exchange] = []
    made = follow(archived(Ref(url=f"https://x.com/i/status/{root}", id=root)), export.sender(root, kept.append))
    assert isinstance(made, Collected)
    return made.thread, kept


def thread_of(path: Path) -> Thread:
    """The only thread of an archive."""
    with read(path) as export:
        [root] = export.threads
        return collected(export, root)[0]


def zipped(tmp_path: Path, *tweets: Json, **more: Any) -> Path:
    return a_zip(tmp_path / "x.zip", an_archive(list(tweets), **more))


@pytest.fixture(params=["zip", "folder"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "zip":
        return zipped(tmp_path, *THREAD)
    return a_folder(tmp_path / "x", an_archive(THREAD))


def test_threads_are_found_and_proven(source: Path) -> None:
    with read(source) as export:
        assert (export.threads, export.singles, export.lacking) == ((A,), 1, "")
        thread, kept = collected(export, A)
    assert [(post.id, post.content) for post in thread.posts] == [
        (A, "<p>one</p>"),
        (B, "<p>two</p>"),
        (C, "<p>three</p>"),
    ]
    assert thread.completeness.verdict is Verdict.COMPLETE
    assert thread.completeness.proof == "the account's own archive holds every post of the author"
    assert (thread.author.handle, thread.author.id, thread.author.name) == ("ann_writes", "400100", "Ann Example")
    assert thread.posts[0].counts.likes == 3
    assert [exchange.url for exchange in kept] == [
        f"x-archive:{A}/{n}.json" for n in ("tweets", "notes", "account", "media")
    ]
    assert {exchange.finished_at for exchange in kept} == {datetime(2024, 3, 1, 9, 30, tzinfo=UTC)}
    assert [exchange.seq for exchange in kept] == [1, 2, 3, 4]


def test_the_bytes_that_are_kept_are_those_of_the_file(source: Path) -> None:
    with read(source) as export:
        _, [tweets, *_] = collected(export, A)
    content = an_archive(THREAD)["data/tweets.js"]
    raw = [json.dumps({"x": [THREAD[place]]}, indent=2)[12:-6] for place in (1, 3, 0)]
    raws = tweets.body[1:-1]
    assert [json.loads(each) for each in raw] == json.loads(tweets.body) == [THREAD[1], THREAD[3], THREAD[0]]
    assert all(
        element.raw in raws and element.raw in content for element in elements([content], "x") if element.raw in raws
    )
    assert sum(element.raw in raws for element in elements([content], "x")) == 3
    assert tweets.headers[1:] == (
        ("x-member", "data/tweets.js"),
        ("x-member-sha256", hashlib.sha256(content).hexdigest()),
    )


def test_of_the_account_nothing_but_id_and_names_is_kept(source: Path) -> None:
    with read(source) as export:
        _, kept = collected(export, A)
    assert json.loads(kept[2].body) == OWNER
    assert not any(secret in repr(kept) for secret in ("ann@secret", "5550"))


def test_what_is_not_of_the_thread_is_not_in_the_archive(source: Path) -> None:
    with read(source) as export:
        send = export.sender(A, [].append)
        for request in (
            Request(url=f"x-archive:{D}/tweets.json"),
            Request(url=f"x-archive:{A}/tweets.json", method="PUT"),
        ):
            with pytest.raises(NetworkError, match="is not in the archive"):
                send(request)


def test_answers_to_others_begin_a_thread_and_are_no_part_of_one(tmp_path: Path) -> None:
    other = {"in_reply_to_status_id_str": "77", "in_reply_to_user_id_str": "9"}
    path = zipped(
        tmp_path,
        a_tweet(A, "@bo yes", **other, in_reply_to_screen_name="bo"),
        a_tweet(B, "@bo and more", to=A),
        a_tweet(C, "@bo alone", **other),
    )
    with read(path) as export:
        assert (export.threads, export.singles) == ((A,), 1)
        thread, _ = collected(export, A)
    assert [type(node) for node in thread.nodes] == [Missing, Post, Post]
    assert (thread.missing[0].id, thread.missing[0].author) == ("77", "9")


def test_reposts_are_left_out(tmp_path: Path) -> None:
    repost = a_tweet(C, "RT @bo: what somebody else wro…")
    with read(zipped(tmp_path, a_tweet(A, "one"), a_tweet(B, "RT @bo: mine", to=A), repost)) as export:
        assert (export.threads, export.singles) == ((A,), 0)
    passed_on = a_tweet(A, "one", retweeted_status={"id_str": "5"})
    assert parse_archive([repost, passed_on], [], OWNER, {}) == []


def test_posts_below_a_deleted_one_stay_together(tmp_path: Path) -> None:
    thread = thread_of(zipped(tmp_path, a_tweet(B, "two", to=A), a_tweet(C, "two as well", to=A)))
    assert [node.id for node in thread.nodes] == [A, B, C]
    assert isinstance(thread.nodes[0], Missing)
    assert thread.completeness.verdict is Verdict.PARTIAL


def test_deleted_posts_are_the_owners_too(tmp_path: Path) -> None:
    deleted = [a_tweet(B, "two", to=A, deleted_at="2024-02-09T10:00:00.000Z")]
    with read(zipped(tmp_path, a_tweet(A, "one"), a_tweet(C, "three", to=B), deleted=deleted)) as export:
        thread, [tweets, *_] = collected(export, A)
    assert [post.id for post in thread.posts] == [A, B, C]
    assert [value for name, value in tweets.headers if name == "x-member"] == [
        "data/tweets.js",
        "data/deleted-tweets.js",
    ]


def versions(first: str, second: str) -> tuple[Json, Json]:
    control = {"editTweetIds": [first, second], "editableUntil": "2024-02-07T13:00:00.000Z"}
    initial = {"edit_info": {"initial": control}}
    later = {"edit_info": {"edit": {"initialTweetId": first, "editControlInitial": control}}}
    return initial, later


def test_versions_of_an_edited_post_are_one_post(tmp_path: Path) -> None:
    old, new = versions(A, B)
    tweets = [a_tweet(A, "oen", **old), a_tweet(B, "one", **new)]
    with read(zipped(tmp_path, *tweets)) as export:
        assert (export.threads, export.singles) == ((), 1)
    thread = thread_of(zipped(tmp_path, *tweets, a_tweet(C, "two", to=A)))
    assert [(post.id, post.content) for post in thread.posts] == [(B, "<p>one</p>"), (C, "<p>two</p>")]
    assert [(one.version, one.content) for one in thread.observations if one.post == B] == [
        (A, "<p>oen</p>"),
        ("", "<p>one</p>"),
    ]


def test_a_long_text_is_found_by_its_time_and_beginning(tmp_path: Path) -> None:
    tweets = [a_tweet(A, "one"), a_tweet(B, f"@bo {LONG[:270]}… https://t.co/pic", to=A), a_tweet(C, LONG[:270], to=B)]
    text = LONG + "<b> & #tag @bo $ABC https://t.co/link"
    places = {name: text.index(name) for name in ("#tag", "@bo", "$ABC", "https://t.co/link")}
    spans = {name: {"fromIndex": str(place), "toIndex": str(place + len(name))} for name, place in places.items()}
    link = {"shortUrl": "https://t.co/link", "expandedUrl": "https://ann.example/", "displayUrl": "ann.example"}
    note = a_note(
        B,
        text,
        hashtags=[spans["#tag"], {}],
        mentions=[{"screenName": "bo", **spans["@bo"]}],
        cashtags=[spans["$ABC"]],
        urls=[{**link, **spans["https://t.co/link"]}],
    )
    strange = {"noteTweet": {"noteTweetId": "5", "createdAt": "never", "core": {"text": LONG}}}
    wordless = {"noteTweet": {"noteTweetId": "5", "createdAt": "2024-02-07T12:00:00.000Z", "core": {"text": None}}}
    other = a_note(str(int(B) + 9), "Another text of the same second")
    path = zipped(tmp_path, *tweets, notes=[other, strange, wordless, note])
    with read(path) as export:
        assert export.lacking == "note-tweet.js holds 2 entries in a form that is not known here"
        thread, [_, notes, *_] = collected(export, A)
    assert json.loads(notes.body) == [note]
    assert thread.posts[1].content == (
        f"<p>{LONG}&lt;b&gt; &amp; "
        '<a href="https://x.com/hashtag/tag" class="hashtag">#tag</a> '
        '<a href="https://x.com/bo" class="mention">@bo</a> '
        '<a href="https://x.com/search?q=%24ABC" class="hashtag">$ABC</a> '
        '<a href="https://ann.example/">https://ann.example/</a></p>'
    )
    assert thread.posts[2].content == f"<p>{LONG[:270]}</p>"


def test_of_two_fitting_notes_the_nearer_one_counts(tmp_path: Path) -> None:
    near, far = a_note(B, LONG + "near"), a_note(str(int(B) - (900 << 22)), LONG + "far")
    tweets = [a_tweet(A, "one"), a_tweet(B, LONG[:279], to=A)]
    assert thread_of(zipped(tmp_path, *tweets, notes=[far, near])).posts[1].content == f"<p>{LONG}near</p>"


def test_a_post_of_pictures_and_one_without_a_time_have_no_note(tmp_path: Path) -> None:
    tweets = [a_tweet("20", "Hello"), a_tweet("21", "again", to="20"), a_tweet(B, "https://t.co/pic", to="21")]
    thread = thread_of(zipped(tmp_path, *tweets, notes=[a_note(B, "Hello, and more")]))
    assert [post.content for post in thread.posts][:2] == ["<p>Hello</p>", "<p>again</p>"]
    assert "Hello" not in thread.posts[2].content


def test_a_strange_post_is_a_gap_and_costs_no_other(tmp_path: Path) -> None:
    strange = a_tweet(B, "two", to=A, possibly_sensitive=[], full_text=7)
    nameless = {"tweet": {"full_text": "who am I"}}
    with read(zipped(tmp_path, a_tweet(A, "one"), strange, nameless, a_tweet(C, "three", to=A))) as export:
        assert export.lacking == "tweets.js holds 1 entries in a form that is not known here"
        thread, _ = collected(export, A)
    assert [post.id for post in thread.posts] == [A, C]
    assert [(gap.id, gap.author, gap.in_reply_to, gap.url) for gap in thread.missing] == [
        (B, "400100", A, f"https://x.com/ann_writes/status/{B}")
    ]
    assert thread.completeness.verdict is Verdict.PARTIAL


def photo(name: str, key: str = "photo") -> Json:
    return {
        "type": key,
        "media_url_https": f"https://pbs.twimg.com/media/{name}",
        "url": "https://t.co/pic",
        "expanded_url": f"https://x.com/ann_writes/status/1/photo/{name}",
        "indices": ["4", "20"],
        "id_str": "1",
    }


def film(*names: str) -> Json:
    variants = [
        {"bitrate": str(rate), "content_type": "video/mp4", "url": f"https://video.twimg.com/x/{name}?tag=12"}
        for rate, name in enumerate(names)
    ]
    variants.append({"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/x/list.m3u8"})
    return {**photo("thumb.jpg", "video"), "video_info": {"variants": variants}}


def with_media(*media: Json) -> Json:
    return {"extended_entities": {"media": list(media)}, "entities": {"media": list(media[:1])}}


def test_files_are_copied_by_their_content_and_found_again(tmp_path: Path) -> None:
    tweets = [
        a_tweet(A, "one https://t.co/pic", **with_media(photo("aaa.jpg"), photo("bbb.jpg"))),
        a_tweet(B, "two https://t.co/pic", to=A, **with_media(film("low.mp4", "high.mp4"))),
        a_tweet(C, "thr https://t.co/pic", to=B, **with_media(film("gone.mp4"))),
        a_tweet(D, "fou https://t.co/pic", to=C, **with_media(photo("x.jpg"), photo("y.jpg"))),
    ]
    files = {
        f"data/tweets_media/{A}-aaa.jpg": JPG,
        f"data/tweets_media/{A}-bbb.jpg": b"\x89PNG\r\n\x1a\n another",
        f"data/tweets_media/{B}-high.mp4": MP4,
        f"data/tweets_media/{C}-renamed.mp4": MP4,
        f"data/deleted_tweets_media/{D}-z.jpg": b"what is this",
        f"data/tweets_media/{E}-e.jpg": JPG,
        f"data/tweets_media/{'9' * 5000}-e.jpg": JPG,
        "data/tweets_media/nothing": JPG,
        f"data/direct_messages_media/{A}-aaa.jpg": b"private",
    }
    path = a_zip(tmp_path / "x.zip", {**an_archive(tweets), **files})
    with read(path) as export:
        copied = copy_media(export, A, tmp_path / "archive" / "media")
        thread, [*_, media] = collected(export, A)
    names = [f"{A}-aaa.jpg", f"{A}-bbb.jpg", f"{B}-high.mp4", f"{C}-renamed.mp4", f"{D}-z.jpg"]
    digest = hashlib.sha256(JPG).hexdigest()
    assert list(copied) == names
    assert copied[names[0]] == f"media/{digest[:2]}/{digest}.jpg"
    assert [Path(place).suffix for place in copied.values()] == [".jpg", ".png", ".mp4", ".mp4", ".bin"]
    assert all((tmp_path / "archive" / place).is_file() for place in copied.values())
    assert (tmp_path / "archive" / copied[names[2]]).read_bytes() == MP4
    assert not list((tmp_path / "archive").rglob("*.part"))
    assert json.loads(media.body)[names[0]] == {"path": copied[names[0]], "sha256": digest, "size": len(JPG)}
    assert [[one.file for one in post.attachments] for post in thread.posts] == [
        [copied[names[0]], copied[names[1]]],
        [copied[names[2]]],
        [copied[names[3]]],
        [None, None],
    ]
    assert thread.posts[1].attachments[0].url == "https://video.twimg.com/x/high.mp4?tag=12"


def test_a_damaged_file_costs_only_itself(tmp_path: Path) -> None:
    tweets = [a_tweet(A, "one", **with_media(photo("a.jpg"))), a_tweet(B, "two", to=A)]
    files = {f"data/tweets_media/{A}-a.jpg": b"\0" * 10_000_000, f"data/tweets_media/{B}-b.jpg": JPG}
    with read(a_zip(tmp_path / "x.zip", {**an_archive(tweets), **files})) as export:
        assert list(copy_media(export, A, tmp_path / "media")) == [f"{B}-b.jpg"]
        thread, _ = collected(export, A)
    assert thread.posts[0].attachments[0].file is None
    assert not list(tmp_path.rglob("*.part"))


def test_where_no_file_can_be_written_the_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "media").touch()
    files = {f"data/tweets_media/{A}-a.jpg": JPG}
    with (
        read(a_zip(tmp_path / "x.zip", {**an_archive(THREAD), **files})) as export,
        pytest.raises(ArchiveError, match="media: "),
    ):
        copy_media(export, A, tmp_path / "media")


def test_where_there_is_no_room_for_a_temporary_file_nothing_is_left_open(
    source: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with read(source) as export:
        monkeypatch.setattr("tempfile.TemporaryFile", lambda: open("/dev/full", "r+b", buffering=0))  # noqa: SIM115
        with pytest.raises(ArchiveError, match=r"cannot write a temporary file .No space.*set TMPDIR"):
            collected(export, A)


def test_old_archives_have_bare_posts_and_no_manifest(tmp_path: Path) -> None:
    tweets = [{key: value for key, value in each["tweet"].items() if key != "edit_info"} for each in THREAD]
    files = {
        "tweet.js": a_file("tweet", tweets[:2]),
        "tweet-part1.js": a_file("tweet", tweets[2:], part=1),
        "account.js": ACCOUNT,
        "tweet-headers.js": b"no list",
        f"tweet_media/{A}-a.jpg": JPG,
    }
    for path in (a_zip(tmp_path / "x.zip", files), a_folder(tmp_path / "x", files)):
        with read(path) as export:
            assert export.threads == (A,)
            assert export.lacking == "it has no manifest.js, which would say what belongs to it"
            assert list(copy_media(export, A, tmp_path / "media")) == [f"{A}-a.jpg"]
            assert export.made_at.year >= 2024
            thread, _ = collected(export, A)
        assert thread.completeness.verdict is Verdict.UNKNOWN
        assert thread.hint == "the archive is not whole: it has no manifest.js, which would say what belongs to it"


def test_a_repacked_folder_is_found_below_another_name(tmp_path: Path) -> None:
    files = {f"twitter-2024\\{name}".replace("/", "\\"): content for name, content in an_archive(THREAD).items()}
    files["__MACOSX/twitter-2024/data/._tweets.js"] = b"\0"
    assert len(thread_of(a_zip(tmp_path / "x.zip", files)).posts) == 3


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        ({"data/manifest.js": a_manifest({"tweets.js": ("tweets", 4)}, partial=True)}, "X has divided it"),
        ({"data/manifest.js": a_manifest({"tweets.js": ("tweets", 9)})}, "tweets.js holds 4 entries and should hold 9"),
        (
            {"data/manifest.js": a_manifest({"tweets.js": ("tweets", 4), "tweets-part1.js": ("tweets", 3)})},
            "tweets-part1.js is not in it",
        ),
    ],
)
def test_what_an_archive_lacks_is_said_and_proves_nothing(
    tmp_path: Path, change: dict[str, bytes], lacking: str
) -> None:
    with read(a_zip(tmp_path / "x.zip", {**an_archive(THREAD), **change})) as export:
        assert lacking in export.lacking
        thread, _ = collected(export, A)
    assert thread.completeness.verdict is Verdict.UNKNOWN
    assert lacking in thread.hint


def test_what_the_manifest_does_not_name_is_no_part_of_it(tmp_path: Path) -> None:
    stray = {"data/tweets-part9.js": a_file("tweets", [a_tweet(E, "stray", to=D)])}
    with read(a_zip(tmp_path / "x.zip", {**an_archive(THREAD), **stray})) as export:
        assert (export.threads, export.singles) == ((A,), 1)


def test_without_an_account_the_manifest_says_whose_it_is(tmp_path: Path) -> None:
    files = an_archive(THREAD)
    for content in (None, a_file("account", []), a_file("account", [{"account": {"accountId": "5"}}])):
        del files["data/account.js"]
        if content:
            files["data/account.js"] = content
        with read(a_zip(tmp_path / "x.zip", files)) as export:
            thread, [_, _, account, _] = collected(export, A)
        assert thread.author.handle == "ann_writes"
        assert account.headers[1] == ("x-member", "data/manifest.js")
        files["data/account.js"] = b""


def test_a_manifest_without_a_time_leaves_that_of_the_newest_file(tmp_path: Path) -> None:
    manifest = a_manifest({"tweets.js": ("tweets", 4)}).replace(b"2024-03-01T09", b"some day")
    path = a_zip(tmp_path / "x.zip", {"data/manifest.js": manifest, "data/tweets.js": a_file("tweets", THREAD)})
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(zipfile.ZipInfo("data/like.js", (2025, 4, 5, 6, 7, 8)), b"")
    with read(path) as export:
        assert export.made_at >= datetime(2025, 4, 5, 6, 7, 8, tzinfo=UTC)


def test_an_impossible_date_in_a_zip_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, content in (("tweets.js", a_file("tweets", THREAD)), ("account.js", ACCOUNT)):
            file.writestr(zipfile.ZipInfo(name, (2024, 13, 41, 6, 7, 8)), content)
    with read(path) as export:
        assert export.made_at == datetime(1980, 1, 1, tzinfo=UTC)


def refused(path: Path, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        read(path).close()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["../up.js", "data/../../up", "/etc/up", "\\up", "C:\\up", "data\\..\\up"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    refused(a_zip(tmp_path / "x.zip", {**an_archive(THREAD), name: b""}), "leads out of it")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    path = zipped(tmp_path, *THREAD)
    with zipfile.ZipFile(path, "a") as file:
        info = zipfile.ZipInfo(f"data/tweets_media/{A}-a.jpg")
        info.external_attr = (kind | 0o644) << 16
        file.writestr(info, "/etc/passwd")
    refused(path, "a link or a device")


def test_entries_that_are_plain_or_folders_are_welcome(tmp_path: Path) -> None:
    path = zipped(tmp_path, *THREAD)
    with zipfile.ZipFile(path, "a") as file:
        file.mkdir("data/tweets_media")
        info = zipfile.ZipInfo("data/like.js")
        info.external_attr = (stat.S_IFREG | 0o644) << 16
        file.writestr(info, "")
    assert len(thread_of(path).posts) == 3


def test_links_in_a_folder_are_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "x", an_archive(THREAD))
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert len(thread_of(link).posts) == 3
    (folder / "data" / "tweets_media").symlink_to("/etc")
    refused(folder, "tweets_media is a link")
    (folder / "data" / "tweets_media").unlink()
    (folder / "data" / "like.js").symlink_to("/etc/passwd")
    refused(folder, "like.js is no plain file")


def test_bombs_are_refused_before_they_go_off(tmp_path: Path) -> None:
    bomb = b"window.YTD.tweets.part0 = [" + b" " * 50_000_000 + b"]"
    refused(a_zip(tmp_path / "x.zip", {**an_archive(THREAD), "data/tweets.js": bomb}), "unpacks to absurdly more")


@pytest.mark.parametrize(
    ("module", "name", "value", "why"),
    [
        (index, "LARGEST", 3000, "holds more than 0 GB of posts"),
        (index, "LARGEST_MANIFEST", 100, "manifest.js is larger than 0 MB"),
        (elements_module, "LARGEST", 100, "larger than anything that X writes"),
    ],
)
def test_what_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, value: int, why: str
) -> None:
    if module is elements_module:
        monkeypatch.setattr(members, "PIECE", 500)
    monkeypatch.setattr(module, name, value)
    refused(zipped(tmp_path, *THREAD), why)


def changed(path: Path, where: bytes, offset: int, value: bytes) -> None:
    """Change some bytes behind every place where a record of the zip begins."""
    content = bytearray(path.read_bytes())
    for match in re.finditer(re.escape(where), content):
        content[match.start() + offset : match.start() + offset + len(value)] = value
    path.write_bytes(content)


LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def test_locked_zips_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, *THREAD)
    changed(path, CENTRAL, 8, b"\x01")
    refused(path, "locked with a password; unpack it")


@pytest.mark.parametrize("method", [9, 12, 14, 99])
def test_zips_in_another_way_of_packing_are_refused(tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path, *THREAD)
    changed(path, CENTRAL, 10, bytes((method, 0)))
    refused(path, "unusual way; unpack it")


def test_a_zip_for_a_later_age_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, *THREAD)
    changed(path, CENTRAL, 6, b"\xc8\x00")
    refused(path, "is no zip, or not all of it")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_half_a_zip_is_refused(tmp_path: Path, share: float) -> None:
    path = zipped(tmp_path, *THREAD)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    refused(path, "is no zip, or not all of it")


@pytest.mark.parametrize("size", [b"\x05\x00\x00\x00", b"\xff\xff\x00\x00"])
def test_a_size_that_is_not_true_is_refused(tmp_path: Path, size: bytes) -> None:
    path = zipped(tmp_path, *THREAD)
    changed(path, CENTRAL, 24, size)
    refused(path, "is damaged")


def test_a_file_that_is_gone_or_grows_is_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "x", an_archive(THREAD))
    with read(folder) as export:
        with (folder / "data" / "tweets.js").open("ab") as file:
            file.write(b" ")
        (folder / "data" / "account.js").unlink()
        with pytest.raises(UsageError, match="its size is not what was told"):
            list(export.container.members["tweets.js"].pieces())
        with pytest.raises(UsageError, match=r"account\.js cannot be read \(No such file"):
            list(export.container.members["account.js"].pieces())


def test_damage_anywhere_is_one_line(tmp_path: Path) -> None:
    """Whatever is done to a zip, it is read or refused, and no other error comes out."""
    path = zipped(tmp_path, *THREAD)
    whole, chance = path.read_bytes(), random.Random(4)
    outcomes = set()
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 3, 20))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        try:
            read(path).close()
            outcomes.add("read")
        except UsageError as error:
            outcomes.add("refused" if "\n" not in str(error) else "refused in several lines")
    assert outcomes == {"read", "refused"}


def test_two_different_files_of_one_name_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, *THREAD)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as file:
        file.writestr("data/tweets.js", an_archive(THREAD)["data/tweets.js"], zipfile.ZIP_DEFLATED)
    assert len(thread_of(path).posts) == 3
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as file:
        file.writestr("data/tweets.js", a_file("tweets", []))
    refused(path, "two different files named 'data/tweets.js'")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "holds no list"),
        (b"<html><body>" + b" " * 300 + b"[1]", "holds no list"),
        (b"x = ", "holds no list"),
        (b"x = [", "ends in the middle"),
        (b"x = [1]", "something that is no object"),
        (b'x = [{"a": 1}', "ends in the middle"),
        (b'x = [{"a": 1} {"a": 1}]', "does not go on as it should"),
        (b'x = [{"a": 1},]', "something that is no object"),
        (b'x = [{"a": 1', "is damaged or ends in the middle"),
        (b'x = [{"a": NaN}]', "is damaged or ends in the middle"),
        (b'x = [{"a": alert(1)}]', "is damaged or ends in the middle"),
        (b'x = [{"a": "\xff"}]', "not in UTF-8"),
        (b'x = [{"a": "\xe2', "not in UTF-8"),
        (b"x = []; alert(1)", "something follows its list"),
        (b'x = [{"a": ' + b"[" * 200_000, "nested too deeply"),
        (b'x = [{"a": ' + b"9" * 10_000 + b"}]", "is damaged or ends in the middle"),
    ],
)
@pytest.mark.usefixtures("swept")
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    files = {**an_archive(THREAD), "data/tweets.js": content}
    refused(a_folder(tmp_path / "x", files), rf"^data/tweets\.js .*{why}")


@pytest.mark.parametrize(
    "content", [b"", b"x = {", b"x = {}", b'{"dataTypes": {}}', b'{"dataTypes": []}', b'{"a":' * 9999]
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    refused(a_folder(tmp_path / "x", {**an_archive(THREAD), "data/manifest.js": content}), r"manifest\.js is damaged")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    refused(a_zip(tmp_path / "x.zip", {"holiday.jpg": JPG}), r"no archive of an X account: it holds no tweets\.js")
    refused(a_folder(tmp_path / "x", {"holiday.jpg": JPG}), r"no archive of an X account: it holds no data/tweets\.js")
    refused(tmp_path / "missing", "cannot be read .No such file")
    refused(
        a_zip(tmp_path / "y.zip", {"tweets.js": a_file("tweets", THREAD)}),
        r"whose archive it is: it holds no account\.js",
    )
    files = an_archive(THREAD)
    del files["data/tweets.js"]
    refused(a_zip(tmp_path / "z.zip", files | {"data/deleted-tweets.js": b""}), r"damaged|holds no")
    refused(
        a_zip(tmp_path / "w.zip", {"data/manifest.js": files["data/manifest.js"]}),
        "holds no file with posts: tweets.js",
    )


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 10_000])
def test_elements_are_the_same_however_the_file_is_cut(size: int) -> None:
    values = [{"a": '“ü𝄞”\\"]}{', "b": [1, {"c": []}]}, {}, {"d": "x" * 500}]
    content = "window.YTD.x.part0 = " + json.dumps(values, indent=1, ensure_ascii=False) + " ;\n"
    raw = content.encode()
    found = list(elements((raw[at : at + size] for at in range(0, len(raw), size)), "x.js"))
    assert [element.value for element in found] == values
    assert [json.loads(raw[element.start :][: len(element.raw)]) for element in found] == values
    assert all(raw[element.start :].startswith(element.raw) for element in found)


def test_pieces_may_end_between_elements() -> None:
    pieces = [b"x = [" + b" " * 300, b"{}", b"  ", b"", b" , ", b"{}", b" ", b"]", b" ", b";"]
    assert [element.start for element in elements(pieces, "x.js")] == [305, 312]


def test_an_empty_list_has_no_elements() -> None:
    assert list(elements([b"window.YTD.x.part0 = [ ]"], "x.js")) == []


def long_archive(path: Path, count: int, length: int) -> int:
    """Write an archive of posts, of which every fourth begins a thread of two; return the size of its tweets.js."""
    size = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("account.js", ACCOUNT)
        with file.open("tweets.js", "w", force_zip64=True) as tweets:
            size += tweets.write(b"window.YTD.tweets.part0 = [ ")
            for number in range(count):
                text = hashlib.sha256(str(number).encode()).hexdigest() * (length // 64)
                tweet = a_tweet(id_at(number), text, to=id_at(number - 1) if number % 4 == 1 else "")
                size += tweets.write((b"," if number else b"") + json.dumps(tweet, indent=2).encode())
            size += tweets.write(b"]")
    return size


def test_memory_grows_with_the_number_of_posts_and_not_with_the_size_of_the_file(tmp_path: Path) -> None:
    path, count, peaks, sizes = tmp_path / "x.zip", 2000, [], []
    for length in (64, 6400):
        sizes.append(long_archive(path, count, length))
        tracemalloc.start()
        with read(path) as export:
            assert (len(export.threads), export.singles) == (count // 4, count // 2)
            thread, _ = collected(export, export.threads[-1])
            peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert [len(post.content) for post in thread.posts] == [length + 7] * 2
    assert sizes[1] - sizes[0] > 12_000_000
    assert peaks[1] - peaks[0] < 3_000_000
    assert peaks[1] < 8_000_000
