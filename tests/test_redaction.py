"""Withholding posts: not one occurrence is left anywhere, no other post is lost, and all of it is on record."""

import gzip
import json
import sqlite3
import zlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from atmosphere import Bluesky
from cases import FIXTURES
from fediverse import Mastodon
from samples import NOON, a_post, a_thread, an_exchange, later, sql
from world import World, keeping

from archiver import collecting
from archiver.cli import main as cli
from archiver.collecting import Rebuilt
from archiver.errors import ArchiveError, ArchiverError, UsageError
from archiver.evidence.checking import check
from archiver.evidence.verify import verify
from archiver.exporters.page import thread as pages
from archiver.http.message import Keep, Send
from archiver.layout import DATABASE
from archiver.model import Document, Missing, Post
from archiver.options import Options
from archiver.redaction import redact
from archiver.redaction.removal import purge
from archiver.redaction.withhold import Order, named
from archiver.store.audit import Audit
from archiver.store.redactions import KIND, manifest
from archiver.store.rows import quotes
from archiver.store.store import Archive
from archiver.threads.withheld import is_withheld
from archiver.verbs import capture, imports
from archiver.verbs.recovery import recovered

CANARY = "quokkastein"
SECRET = f"The {CANARY} school photo of the little boy"
MEDIA = f"https://files.example/{CANARY}/original.jpg"


def save(archive: Archive, world: World, url: str, **when: float) -> Document:
    return capture.archive(archive, url, keeping(world), lambda: later(**when)).document


def withhold(archive: Archive, document: Document, *posts: str, **more: Any) -> redact.Redaction:
    order = Order(thread=document.thread.url, posts=named(document, posts), reason="a child is shown", **more)
    return redact.redact(archive, order, later(days=9))


def everything(folder: Path) -> str:
    """Return all that somebody could find: every file, and every body and index page unpacked."""
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    with sqlite3.connect(folder / DATABASE) as db:
        for codec, data in db.execute("SELECT codec, data FROM _bodies"):
            body = data if codec == "raw" else zlib.decompress(data)
            found += [body, gzip.decompress(body)] if body.startswith(b"\x1f\x8b") else [body]
        db.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, posts_fts, row)")
        found += [word.encode() for (word,) in db.execute("SELECT term FROM words")]
        found += [bytes(block) for (block,) in db.execute("SELECT block FROM posts_fts_data")]
    return b"\n".join(found).decode("utf-8", "replace").replace("\\u", "").casefold()


def others(document: Document, *ids: str) -> list[Post]:
    return [post for post in document.thread.posts if post.id not in ids]


def clean(folder: Path) -> bool:
    with Audit.opened(folder) as audit:
        return not [finding for finding in verify(audit) if str(finding.level) == "problem"]


@pytest.fixture
def mastodon() -> Mastodon:
    """A thread of five posts, the third of which is to be withheld; a later one links to it."""
    world = Mastodon()
    ids = world.thread(2)
    media = {"id": "m1", "type": "image", "url": MEDIA, "preview_url": MEDIA, "description": f"{CANARY} with a ball"}
    third = world.post(
        "ann",
        f"<p>{SECRET}<br/>at <a href='https://{CANARY}.example/'>{CANARY}.example</a></p>",
        ids[-1],
        spoiler_text=f"{CANARY} warning",
        media_attachments=[{**media, "blurhash": CANARY}],
        tags=[{"name": CANARY, "url": f"https://t.example/{CANARY}"}],
        poll={"id": "7", "options": [{"title": f"{CANARY} one", "votes_count": 1}], "expires_at": None},
    )
    card = {"url": world.url(third), "title": "Ann", "description": f"{SECRET} at the gate"}
    fourth = world.post("ann", "<p>Nobody should see it</p>", third, card=card)
    world.post("ann", "<p>That was all</p>", fourth)
    return world


def ids_of(world: Mastodon) -> list[str]:
    return [status["uri"] for status in world.statuses.values()]


def test_not_one_occurrence_is_left_and_no_other_post_is_lost(
    archive: Archive, folder: Path, mastodon: Mastodon
) -> None:
    ids = list(mastodon.statuses)
    save(archive, mastodon, mastodon.url(ids[0]))
    mastodon.statuses[ids[2]].update(content=f"<p>{SECRET}, corrected</p>", edited_at="2026-03-12T13:00:00.000Z")
    before = save(archive, mastodon, mastodon.url(ids[4]), days=1)
    assert CANARY in everything(folder)
    done = withhold(archive, before, ids[2])
    assert CANARY not in everything(folder)
    after = archive.document(before.thread.url)
    [gap] = after.thread.missing
    assert is_withheld(gap)
    assert (gap.id, gap.in_reply_to, gap.author) == (ids_of(mastodon)[2], ids_of(mastodon)[1], before.thread.author.id)
    expected = [replace(post, attachments=()) for post in others(before, gap.id)]
    assert [replace(post, attachments=()) for post in after.thread.posts] == expected
    assert [node.id for node in after.thread.nodes] == [node.id for node in before.thread.nodes]
    assert (after.versions, after.thread.completeness.verdict) == ({}, "partial")
    [told] = archive.redactions.manifests()
    assert (told["posts"], told["reason"], told["format"]) == ([gap.id], "a child is shown", "thread-redaction/1")
    assert {body["sha256"] for body in told["bodies"]} == done.bodies.keys() != set()
    assert archive.ledger.head() == done.entry
    assert (done.entry.kind, done.entry.run) == ("redaction", None)
    assert clean(folder)


def test_what_is_left_gives_the_same_again(archive: Archive, folder: Path, mastodon: Mastodon) -> None:
    before = save(archive, mastodon, mastodon.url(next(iter(mastodon.statuses))))
    withhold(archive, before, list(mastodon.statuses)[2])
    after = archive.document(before.thread.url)
    collecting.reparse(archive)
    assert archive.document(before.thread.url) == after
    assert CANARY not in everything(folder)
    assert sql(archive, "PRAGMA integrity_check") == [("ok",)]
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        archive._db.execute("UPDATE _bodies SET data = x''")


def test_files_beside_the_database_that_still_say_it_are_named(
    archive: Archive, folder: Path, mastodon: Mastodon
) -> None:
    ids = list(mastodon.statuses)
    before = save(archive, mastodon, mastodon.url(ids[0]))
    [old] = (folder / "threads").iterdir()
    (folder / "threads" / f"{old.stem}.new.md").write_text(SECRET)
    (folder / "threads" / f".{old.name}-abcdefgh.part").write_text(SECRET)
    (folder / "notes.txt").write_text(f"My own note: {SECRET}!")
    (folder / "media").mkdir()
    (folder / "media" / "page.html").write_text(f"<img src='{MEDIA}'>")
    done = withhold(archive, before, ids[2])
    assert done.still == (folder / "media" / "page.html", folder / "notes.txt")
    assert [path.name for path in (folder / "threads").iterdir()] == [old.name]


def test_documents_are_written_anew(archive: Archive, folder: Path, mastodon: Mastodon) -> None:
    ids = list(mastodon.statuses)
    before = save(archive, mastodon, mastodon.url(ids[0]))
    [old] = (folder / "threads").iterdir()
    assert CANARY in old.read_text()
    withhold(archive, before, ids[2])
    assert "Withheld by this archive: a child is shown" in old.read_text()
    mastodon.statuses[ids[0]]["created_at"] = "2026-03-11T12:00:00.000Z"  # its day is in the document's name
    before = save(archive, mastodon, mastodon.url(ids[0]), days=1)
    old.unlink(missing_ok=True)
    withhold(archive, before, ids[0])
    [new] = (folder / "threads").iterdir()
    assert new.name.startswith("2026-03-12")
    assert "Two posts are missing" in new.read_text()


def test_a_post_that_comes_again_is_withheld_again(archive: Archive, folder: Path, mastodon: Mastodon) -> None:
    ids = list(mastodon.statuses)
    withhold(archive, save(archive, mastodon, mastodon.url(ids[0])), ids[2])
    saved = capture.archive(archive, mastodon.url(ids[0]), keeping(mastodon), lambda: later(days=10))
    assert saved.notes == ()  # the same bytes are known, and stay away
    mastodon.post("ann", "<p>One more, so that all answers are new</p>", ids[4])
    saved = capture.archive(archive, mastodon.url(ids[4]), keeping(mastodon), lambda: later(days=11))
    assert saved.notes == (redact.NOTE,)
    assert [is_withheld(node) for node in saved.document.thread.nodes] == [False, False, True, False, False, False]
    assert CANARY not in everything(folder)
    assert [told["reason"] for told in archive.redactions.manifests()] == ["a child is shown", redact.AGAIN]
    assert saved.document.thread.missing[0].detail == "withheld by this archive: a child is shown"
    assert clean(folder)


def test_what_a_failed_or_killed_run_brought_is_withheld(archive: Archive, folder: Path, mastodon: Mastodon) -> None:
    ids = list(mastodon.statuses)
    document = save(archive, mastodon, mastodon.url(ids[0]))
    withhold(archive, document, ids[2])
    run = archive.begin(document.thread.url, Options(), later(days=10))
    status = json.dumps({**mastodon.statuses[ids[2]], "new": True}).encode()
    archive.keep(run)(an_exchange(body=gzip.compress(status), headers=(("Content-Encoding", "gzip"),)))
    archive.close()
    assert CANARY in everything(folder)
    with recovered(folder, now=later(days=11)) as (again, _):
        mastodon.fault = lambda request: (500, {"error": "out of order"})
        with pytest.raises(ArchiverError):
            save(again, mastodon, mastodon.url(ids[4]), days=11)
    assert CANARY not in everything(folder)
    assert clean(folder)


def test_quotes_of_it_in_other_threads_are_gaps(archive: Archive, folder: Path) -> None:
    world = Bluesky()
    uris = world.thread(3)
    shown = world.post("ann", SECRET, uris[-1])
    view = {
        "$type": "app.bsky.embed.record#view",
        "record": {
            "$type": "app.bsky.embed.record#viewRecord",
            "uri": shown,
            "cid": "bafyquoted",
            "author": world_author(world, shown),
            "value": world.records[shown],
        },
    }
    other = world.post("bob", "Look at this", view={"embed": view})
    document = save(archive, world, page(shown))
    quoting = save(archive, world, page(other), days=1)
    assert [post.id for post in quotes(quoting.thread.posts)] == [shown]
    assert CANARY in everything(folder)
    withhold(archive, document, shown)
    assert CANARY not in everything(folder)
    [post] = archive.document(quoting.thread.url).thread.posts
    assert post.content == quoting.thread.posts[0].content
    assert isinstance(post.quote, Missing)
    assert is_withheld(post.quote)
    assert clean(folder)


def page(uri: str) -> str:
    did, _, key = uri.removeprefix("at://").split("/")
    return f"https://bsky.app/profile/{did}/post/{key}"


def world_author(world: Bluesky, uri: str) -> dict[str, Any]:
    return {"did": uri.split("/")[2], "handle": "ann.example.com", "displayName": "Ann"}


@pytest.mark.parametrize("case", ["x/storm-in-an-article", "x/storm-in-the-wayback-machine"])
def test_a_page_goes_as_a_whole_and_its_other_posts_stay(archive: Archive, folder: Path, case: str) -> None:
    before = imports.import_recording(archive, FIXTURES / case, lambda: NOON).document
    chosen = [post.id for post in before.thread.posts[:2]]
    done = withhold(archive, before, chosen[0])
    assert list(done.bodies.values()) == [""]
    withhold(archive, archive.document(before.thread.url), chosen[1])
    after = archive.document(before.thread.url)
    assert after.thread.posts == tuple(others(before, *chosen))
    collecting.reparse(archive)
    assert archive.document(before.thread.url) == after
    text = everything(folder)
    for post in before.thread.posts[:2]:
        assert post.content.casefold()[:60] not in text
    first, second = archive.redactions.manifests()
    assert len(first["kept"]) == len(second["kept"]) == 1
    assert next(iter(first["kept"].values())) in {
        body["sha256"] for body in second["bodies"]
    }  # it said the second post
    assert clean(folder)


def test_a_whole_thread_may_be_withheld(archive: Archive, folder: Path) -> None:
    world = Mastodon()
    document = save(archive, world, world.url(world.post("ann", f"<p>{SECRET}</p>")))
    withhold(archive, document, document.thread.id)
    after = archive.document(document.thread.url)
    assert (after.thread.posts, len(after.thread.missing)) == ((), 1)
    assert [summary.title for summary in archive.threads()] == ["Thread by Ann Ash"]
    assert CANARY not in everything(folder)
    collecting.reparse(archive)
    assert archive.document(document.thread.url) == after


def test_with_body_all_that_came_with_it_goes(archive: Archive, folder: Path, mastodon: Mastodon) -> None:
    ids = list(mastodon.statuses)
    before = save(archive, mastodon, mastodon.url(ids[0]))
    done = withhold(archive, before, ids[2], whole=True)
    assert set(done.bodies.values()) == {""}
    after = archive.document(before.thread.url)
    assert [post.id for post in after.thread.posts] == [post.id for post in others(before, ids_of(mastodon)[2])]
    assert "Nobody should see it" not in "".join(
        zlib.decompress(data).decode() for (data,) in sql(archive, "SELECT data FROM _bodies WHERE codec = 'withheld'")
    )
    assert clean(folder)


def test_an_earlier_redaction_can_be_made_whole(archive: Archive, mastodon: Mastodon) -> None:
    ids = list(mastodon.statuses)
    before = save(archive, mastodon, mastodon.url(ids[0]))
    partly = withhold(archive, before, ids[2])
    wholly = withhold(archive, archive.document(before.thread.url), ids[2], whole=True)
    assert wholly.bodies == dict.fromkeys(partly.bodies, "")


@pytest.mark.parametrize("body", [gzip.compress(f"<p>{SECRET}</p>".encode() * 500, mtime=0)[:-20], b"\x1f\x8bnothing"])
def test_a_damaged_body_goes_as_a_whole(archive: Archive, folder: Path, mastodon: Mastodon, body: bytes) -> None:
    ids = list(mastodon.statuses)
    run = archive.begin("https://social.example/", Options(), NOON)
    archive.keep(run)(an_exchange(body=body, headers=(("Content-Encoding", "gzip"),), complete=False, error="cut: x"))
    archive.finish(run, "failed", [], NOON)
    withhold(archive, save(archive, mastodon, mastodon.url(ids[0])), ids[2])
    [(codec, data)] = archive._db.rows(
        "SELECT codec, data FROM _bodies JOIN _exchanges ON sha256 = body_sha256 WHERE run = ?", run
    )
    assert (codec, zlib.decompress(data)) == ("withheld", b"") if len(body) > 20 else codec == "raw"


@pytest.mark.parametrize("coding", ["gzip", "deflate", ""])
def test_what_is_left_is_packed_as_it_came(archive: Archive, mastodon: Mastodon, coding: str) -> None:
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "": bytes}[coding]

    def packed(keep: Keep) -> Send:
        def keep_packed(exchange: Any) -> None:
            headers = (*exchange.headers, ("Content-Encoding", coding)) if coding else exchange.headers
            keep(replace(exchange, body=pack(exchange.body), headers=headers))

        return keeping(mastodon)(keep_packed)

    ids = list(mastodon.statuses)
    before = capture.archive(archive, mastodon.url(ids[0]), packed, lambda: NOON).document
    withhold(archive, before, ids[2])
    assert not archive.redactions.manifests()[0]["kept"]
    assert len(archive.document(before.thread.url).thread.posts) == 4


def test_files_of_its_media_are_taken_away(archive: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = Mastodon()
    thread = a_thread(
        a_post(1, attachments=(file(folder, "mine"), file(folder, "shared"))),
        a_post(2, attachments=(file(folder, "shared"),)),
    )
    run = archive.begin(thread.url, Options(), NOON)
    archive.save(run, thread)
    archive.finish(run, "failed", [], NOON)
    order = Order(thread=thread.url, posts=frozenset("1"), reason="r")
    monkeypatch.setattr(redact, "reparse", without_attachments)
    done = redact.redact(archive, order, NOON)
    assert done.files == ("media/mine.jpg",)
    assert [path.name for path in (folder / "media").iterdir()] == ["shared.jpg"]
    assert world.exchanges == []


def without_attachments(archive: Archive) -> Rebuilt:
    archive._db.execute("DELETE FROM attachments")
    return Rebuilt(0, 0, ())


def file(folder: Path, name: str) -> Any:
    from archiver.model import Attachment

    (folder / "media").mkdir(parents=True, exist_ok=True)
    (folder / "media" / f"{name}.jpg").write_bytes(b"x" * 100)
    return Attachment(kind="image", url="", file=f"media/{name}.jpg")


def test_nothing_but_media_is_taken_away_whatever_an_entry_names(archive: Archive, folder: Path) -> None:
    (folder / "mine.jpg").write_bytes(b"mine")
    names = ["archive.db", "mine.jpg", "media/../mine.jpg", "../outside"]
    archive.ledger.note(KIND, manifest(at=NOON.isoformat(), files=names), NOON)
    redact.wipe(archive)
    assert (folder / "mine.jpg").read_bytes() == b"mine"
    assert sql(archive, "SELECT COUNT(*) FROM _ledger") == [(1,)]


def test_a_file_that_cannot_be_taken_away_is_named(
    archive: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "media" / "mine.jpg").mkdir(parents=True)
    thread = a_thread(a_post(1, attachments=(replace(file(folder, "other"), file="media/mine.jpg"),)))
    run = archive.begin(thread.url, Options(), NOON)
    archive.save(run, thread)
    archive.finish(run, "failed", [], NOON)
    monkeypatch.setattr(redact, "reparse", without_attachments)
    order = Order(thread=thread.url, posts=frozenset("1"), reason="r")
    with pytest.raises(
        ArchiveError, match=r"mine.jpg is withheld and cannot be taken away \(Is a directory\); delete it"
    ):
        redact.redact(archive, order, NOON)


def test_if_anything_fails_nothing_has_happened(
    archive: Archive, folder: Path, mastodon: Mastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = list(mastodon.statuses)
    before = save(archive, mastodon, mastodon.url(ids[0]))

    def failing(_: Archive) -> Rebuilt:
        raise ArchiveError("no room")

    rows = sorted(map(repr, sql(archive, "SELECT * FROM _bodies")))
    order = Order(thread=before.thread.url, posts=named(before, [ids[2]]), reason="r")
    monkeypatch.setattr(redact, "reparse", failing)
    with pytest.raises(ArchiveError, match="no room"):
        redact.redact(archive, order, later(days=1))
    assert sorted(map(repr, sql(archive, "SELECT * FROM _bodies"))) == rows
    assert archive.document(before.thread.url) == before
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        archive._db.execute("DELETE FROM _bodies")
    assert clean(folder)


def test_posts_are_named_by_id_url_or_their_ends(archive: Archive) -> None:
    thread = a_thread(a_post(1, quote=a_post(9)), a_post(2, quote=Missing(id="8", reason="deleted")))
    document = Document(thread=thread, run=None)  # type: ignore[arg-type]
    assert named(document, ["1", "https://social.example/@ann/2/", "8", "9"]) == {"1", "2", "8", "9"}
    for wrong in ("3", "", "@ann"):
        with pytest.raises(UsageError, match="is no post of"):
            named(document, [wrong])
    twice = replace(thread, nodes=(a_post(1), a_post(2, url="https://social.example/1")))
    with pytest.raises(UsageError, match="1 may mean 2 posts of"):
        named(replace(document, thread=twice), ["1"])


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(["--archive", str(tmp_path / "a"), *arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run


def test_the_command_asks_and_tells(run: Any, tmp_path: Path) -> None:
    run("import", str(FIXTURES / "mastodon" / "everything-a-post-can-hold"))
    shown = map(json.loads, run("show", "1", "--json")[1].splitlines())
    [said] = [line for line in shown if line["id"].endswith("0004")]
    (tmp_path / "a" / "mine.txt").write_text(said["text"])
    (tmp_path / "shot.png").write_bytes(b"x")
    run("attach", "1", str(tmp_path / "shot.png"))
    redact = partial(run, "redact", "1", "--post", "112150000000000004", "--reason", "  a child\nis shown ")
    code, out, err = redact()
    assert (code, out) == (2, "")
    assert "The content of 1 post of thread 1 (“" in err
    assert "would be removed for good; nothing was done; allow it with --yes" in err
    assert run("redact", "1", "--post", "nothing", "--reason", "r", "--yes")[0] == 2
    code, out, err = redact("--yes")
    assert (code, out.splitlines()[0]) == (0, "withheld: https://social.example/users/ann/statuses/112150000000000004")
    assert "answers changed: 1, gone as a whole: 0, files deleted: 0" in out
    assert f"note: {tmp_path / 'a' / 'mine.txt'} still contains what was withheld; edit or delete it" in err
    assert "note: check whether this attached file shows it: shot.png" in err
    assert "withheld by this archive: a child is shown" in run("show", "1")[1]
    told = json.loads(redact("--yes", "--json", "--body")[1])
    assert (told["bodies"], told["removed"]) == (1, 1)
    assert told["receipt"].startswith("ledger 4 · head ")
    code, out, _ = run("verify")
    assert code == 0
    assert "withheld: " in out


def test_posts_out_of_an_answer_that_was_changed_are_said_to_rest_on_that(
    archive: Archive, folder: Path, mastodon: Mastodon
) -> None:
    ids = list(mastodon.statuses)
    before = save(archive, mastodon, mastodon.url(ids[0]))
    done = withhold(archive, before, ids[2])
    after = archive.document(before.thread.url)
    assert set(after.reductions) == {post.id for post in after.thread.posts}
    assert {one.entry for one in after.reductions.values()} == {done.entry.seq}
    [path] = (folder / "threads").iterdir()
    said = "Posts 1 to 4: the answers that they came in were changed on 21 March 2026, to withhold something (ledger"
    assert said in path.read_text()
    assert said in pages.page(after)
    [told] = archive.redactions.manifests()
    places = {body["sha256"]: body["taken"] for body in told["bodies"]}
    assert any("/content" in place for of_body in places.values() for place in of_body)
    found = [str(finding) for finding in check(None, folder, (), later(days=10), True)]
    assert not [line for line in found if line.startswith("problem")]
    assert any("has changed nothing else in the answers with these posts" in line for line in found)


def test_a_change_that_puts_something_in_is_refused(
    archive: Archive, folder: Path, mastodon: Mastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = save(archive, mastodon, mastodon.url(next(iter(mastodon.statuses))))
    monkeypatch.setattr("archiver.redaction.withhold.scrubbed", lambda *_, **__: b'{"content": "other words"}')
    with pytest.raises(ArchiveError, match="would not be what came: at its top stands what was not in the answer"):
        withhold(archive, before, list(mastodon.statuses)[2])
    assert archive.redactions.manifests() == []
    assert archive.document(before.thread.url).thread == before.thread


def test_a_thread_that_was_redacted_and_purged_has_no_problem(
    archive: Archive, folder: Path, mastodon: Mastodon
) -> None:
    document = save(archive, mastodon, mastodon.url(next(iter(mastodon.statuses))))
    withhold(archive, document, list(mastodon.statuses)[2], whole=True)
    assert archive.redactions.transcripts()
    [thread] = [summary.id for summary in archive.threads()]
    purge(archive, thread, "saved by mistake", later(days=10))
    found = [str(finding) for finding in check(None, folder, (), later(days=11), True)]
    assert not [line for line in found if line.startswith("problem") and "threads/" not in line]
