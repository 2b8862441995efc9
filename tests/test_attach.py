"""Files beside a thread: copied under their digest, sealed in the ledger, and named in the document."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
from cases import FIXTURES
from samples import NOON, a_post, a_thread, later, saved, sql

from archiver.cli import main as cli
from archiver.errors import ArchiveError, NotWritable, UsageError
from archiver.exporters.markdown import render
from archiver.files import copy, write
from archiver.model import Attached
from archiver.store.store import Archive
from archiver.verbs.attach import attach

PICTURE = b"\x89PNG\r\n\x1a\n" + b"pixels"
DIGEST = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "what I *saw*.JPG"
    path.write_bytes(PICTURE)
    return path


def test_a_file_is_copied_under_its_digest_and_sealed(archive: Archive, picture: Path) -> None:
    id_ = saved(archive, a_thread())
    archive.operator = "J. Doe"
    added = attach(archive, "1", picture, "from a phone", later(days=1))
    place = f"media/{DIGEST[:2]}/{DIGEST}.png"
    assert (added.thread, added.file.path, added.file.size) == (id_, place, len(PICTURE))
    assert (archive.folder / place).read_bytes() == PICTURE
    assert sql(archive, "SELECT * FROM _files") == [(DIGEST, len(PICTURE), place, later(days=1).isoformat())]
    assert archive.ledger.head() == added.entry
    assert (added.entry.seq, added.entry.kind, added.entry.run) == (2, "attachment", None)
    assert archive.document(id_).attached == (
        Attached(
            name="what I *saw*.JPG",
            sha256=DIGEST,
            size=len(PICTURE),
            file=place,
            at=later(days=1),
            operator="J. Doe",
            note="from a phone",
        ),
    )


def test_the_document_names_it(archive: Archive, picture: Path) -> None:
    id_ = saved(archive, a_thread())
    attach(archive, id_, picture, "", NOON)
    attach(archive, id_, picture, "the second time", later(days=1))
    text = render(archive.document(id_))
    first, second = [line for line in text.splitlines() if line.startswith("**Attached.** ")]
    place = f"media/{DIGEST[:2]}/{DIGEST}.png"
    assert first == (
        f"**Attached.** what I \\*saw\\*.JPG, 14 bytes, added 12 March 2026, 12:00 UTC. "
        f"SHA-256 {DIGEST}, kept as [{place}](../{place})."
    )
    assert "13 March 2026, 12:00 UTC. The second time. SHA-256" in second
    assert len(sql(archive, "SELECT * FROM _files")) == 1


def test_other_threads_have_none_and_a_longer_thread_keeps_its_own(archive: Archive, picture: Path) -> None:
    id_ = saved(archive, a_thread(a_post(2)))
    other = saved(archive, a_thread(a_post(9)))
    attach(archive, id_, picture, "", NOON)
    longer = saved(archive, a_thread(a_post(1), a_post(2, in_reply_to="1")))
    assert len(archive.document(id_).attached) == len(archive.document(longer).attached) == 1
    assert archive.document(other).attached == ()


@pytest.mark.parametrize(
    ("name", "content", "ending"),
    [
        ("page.wacz", b"PK\x03\x04", ".wacz"),
        ("paper.PDF", b"%PDF-1.7", ".pdf"),
        ("photo.png", b"\xff\xd8\xff\xe0", ".jpg"),
        ("noname", b"x", ".bin"),
        ("odd.a b", b"x", ".bin"),
        ("odd.seventeenletters", b"x", ".bin"),
    ],
)
def test_the_ending_follows_the_content_else_a_plain_name(
    archive: Archive, tmp_path: Path, name: str, content: bytes, ending: str
) -> None:
    saved(archive, a_thread())
    (tmp_path / name).write_bytes(content)
    assert attach(archive, "1", tmp_path / name, "", NOON).file.path.endswith(ending)


def test_what_cannot_be_attached_leaves_nothing(archive: Archive, tmp_path: Path, picture: Path) -> None:
    saved(archive, a_thread())
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UsageError, match=r"cannot be read|is no plain file"):
            attach(archive, "1", path, "", NOON)
    with pytest.raises(ArchiveError, match="no thread"):
        attach(archive, "another", picture, "", NOON)
    assert not (archive.folder / "media").exists()
    (archive.folder / "media").write_text("in the way")
    with pytest.raises(ArchiveError, match="cannot write to "):
        attach(archive, "1", picture, "", NOON)
    assert sql(archive, "SELECT COUNT(*) FROM _ledger") == [(1,)]


def test_the_command_says_where_it_is_and_reparse_keeps_it(
    tmp_path: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--archive", str(tmp_path / "archive")]
    assert cli.run([*place, "import", str(FIXTURES / "bluesky" / "nine-boxes")]) == 0
    capsys.readouterr()
    assert cli.run([*place, "attach", "1", str(picture), "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["name"], line["sha256"], line["size"]) == (picture.name, DIGEST, len(PICTURE))
    assert line["receipt"].startswith("ledger 2 · head ")
    before = Path(line["markdown"]).read_text()
    assert DIGEST in before
    assert cli.run([*place, "reparse"]) == 0
    assert cli.run([*place, "export"]) == 0
    assert Path(line["markdown"]).read_text() == before
    capsys.readouterr()
    assert cli.run([*place, "attach", "1", str(picture), "--note", "again"]) == 0
    assert capsys.readouterr().out.startswith(f"{picture.name}: kept as media/")
    assert cli.run([*place, "attach", "1", str(tmp_path / "none")]) == 2


def test_a_file_is_written_only_where_it_changes(tmp_path: Path) -> None:
    assert write(tmp_path / "a" / "b", "text\ud800")
    assert not write(tmp_path / "a" / "b", b"text?")
    assert write(tmp_path / "a" / "b", b"other")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_a_copy_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def pieces():  # type: ignore[no-untyped-def]
        yield b"first"
        raise UsageError("gone")

    with pytest.raises(UsageError):
        copy(pieces(), tmp_path / "media")
    assert list((tmp_path / "media").iterdir()) == []


def test_a_name_with_a_line_feed_is_one_line(
    archive: Archive, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    id_ = saved(archive, a_thread())
    odd = tmp_path / "shot\n  ledger 9 · head 0000.png"
    odd.write_bytes(PICTURE)
    archive.close()
    assert cli.run(["--archive", str(folder), "attach", "1", str(odd)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("shot ledger 9 · head 0000.png: kept as ")
    assert len(said) == 3
    with Archive.read(folder) as reader:
        assert [file.name for file in reader.document(id_).attached] == ["shot ledger 9 · head 0000.png"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("command", [["attach", "1"], ["import"], ["save", "--embeds"]])
@pytest.mark.parametrize("name", ["pipe", "/dev/zero", "/dev/null"])
def test_what_is_no_plain_file_is_not_opened(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], name: str
) -> None:
    with Archive.open(folder, now=NOON) as archive:
        saved(archive, a_thread())
    path = tmp_path / name  # a name from the root stays what it is
    if name == "pipe":
        os.mkfifo(path)
    assert cli.run(["--archive", str(folder), *command, str(path)]) == 2
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines()), str(path) in said.err) == ("", 1, True)
    with Archive.read(folder) as archive:
        head = archive.ledger.head()
        assert head is not None
        assert head.seq == 1


def test_what_cannot_be_stated_is_named(archive: Archive, tmp_path: Path) -> None:
    saved(archive, a_thread())
    for name in ("none", "a\0b"):
        with pytest.raises(UsageError, match="cannot be read"):
            attach(archive, "1", tmp_path / name, "", NOON)


def test_a_file_that_finds_no_room_is_not_begun(
    archive: Archive, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(archive, a_thread())
    room = shutil.disk_usage(archive.folder)._replace(free=len(PICTURE) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: room)
    with pytest.raises(NotWritable, match=f"has {len(PICTURE)} bytes, and on the disk of .* {len(PICTURE) - 1} are"):
        attach(archive, "1", picture, "", NOON)
    assert not (archive.folder / "media").exists()
