"""Media as readers see them: held, lacking, sensitive, in quotes; avatars; films in pieces; a folder with all of it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from pages import faults, read
from pictures import plain, portrait
from samples import ANN, BO, NOON, a_post, a_thread, saved

from archiver.exporters.article import article
from archiver.exporters.markdown import render
from archiver.exporters.media import UNSHOWN, lack, media_type, shown_as
from archiver.exporters.page.thread import page
from archiver.exporters.style import Style
from archiver.exporters.table import plain_text
from archiver.exporters.terminal import json_lines
from archiver.files import copy
from archiver.kinds import kind_of
from archiver.model import Attachment, Author, Document, Node, Role, Run, StoredFile
from archiver.options import Options
from archiver.publish import Choice, publish
from archiver.store.media import Attempt
from archiver.store.store import Archive

RUN = Run(id="r1", url="https://social.example/@ann/1", tool="thread-archiver 0", started_at=NOON)
FAULT = "could not be fetched: 404"


def a_document(*nodes: Node, **fields: object) -> Document:
    return Document(thread=a_thread(*nodes, **fields), run=RUN)


def an_image(number: int, **fields: object) -> Attachment:
    return replace(Attachment(kind="image", url=f"https://p.example/{number}"), **fields)


def held(number: int, ending: str = ".png", **fields: object) -> Attachment:
    return an_image(number, file=f"media/ab/abc{number}{ending}", **fields)


def words(text: str) -> str:
    """Return what a reader of a page reads."""
    return " ".join(read(text).body.get_text().split())


def test_what_lacks_is_counted_once_near_the_verdict_in_every_form() -> None:
    quoted = a_post(7, author=BO, attachments=(an_image(3, fault=FAULT), held(4)))
    card = Attachment(kind="card", url="https://n.example/", picture="https://p.example/5", fault=FAULT)
    bare = Attachment(kind="card", url="https://n.example/")
    shown = a_post(1, attachments=(held(1), an_image(2, fault=FAULT), an_image(2, fault=FAULT), bare), quote=quoted)
    made = a_document(shown, a_post(2, attachments=(card, an_image(6))))
    said = "3 of 6 media files could not be fetched. 1 of 6 media files is not kept in this archive."
    assert lack(made.thread) == said
    for text in (render(made), article(made)):
        head = text.partition("\n## ")[0]
        assert head.count(said) == 1
        assert text.count(said) == 1
    assert words(page(made)).count(said) == 1
    assert said in read(page(made)).select_one(".verdict").get_text()


def test_where_nothing_lacks_nothing_is_said() -> None:
    assert lack(a_thread(a_post(1, attachments=(held(1),)))) == ""
    assert "media file" not in words(page(a_document(a_post(1, attachments=(held(1),)))))
    assert "of 2 media files are not kept" in lack(a_thread(a_post(1, attachments=(an_image(1), an_image(2)))))


def test_a_file_that_could_not_be_fetched_says_so_where_it_would_be() -> None:
    card = Attachment(kind="card", url="https://n.example/", title="News", picture="https://p.example/5", fault=FAULT)
    made = a_document(a_post(1, attachments=(an_image(1, fault=FAULT, alt="A heron"), card)))
    text = render(made)
    assert f"[Image 1 of 1](https://p.example/1), no copy kept ({FAULT}), described by the author: A heron" in text
    assert f"Link preview: [News](https://n.example/) (its picture, no copy kept ({FAULT}))" in text
    shown = words(page(made))
    assert f"Image 1 of 1, described by the author: A heron · no copy kept ({FAULT})" in shown
    assert f"Link preview: News · no copy of its picture kept ({FAULT})" in shown


def test_a_copy_that_is_not_the_file_that_was_posted_says_so() -> None:
    fault = "the file that was posted could not be fetched: 503"
    made = a_document(a_post(1, attachments=(held(1, fault=fault), held(2, ".bin", fault=fault))), a_post(2))
    said = f"not as it was posted ({fault})"
    assert lack(made.thread) == ""
    for text in (render(made), words(page(made))):
        assert text.count(said) == 2
    assert plain_text(made).count(fault) + words(page(made)).count(fault) >= 2


def test_plain_text_and_lines_say_it_too() -> None:
    card = Attachment(kind="card", url="https://n.example/", title="News")
    lost = Attachment(kind="file", url="", alt="A map")
    made = a_document(
        a_post(1, attachments=(held(1, alt="A heron"), an_image(2, fault=FAULT), an_image(3), card, lost))
    )
    assert "1 of 4 media files could not be fetched. 2 of 4 media files are not kept in this archive." in plain_text(
        made
    )
    for line in (
        *("[image: https://p.example/1: A heron; kept as media/ab/abc1.png]", "[card: https://n.example/: News]"),
        f"[image: https://p.example/2, no description by the author; {FAULT}]",
        "[image: https://p.example/3, no description by the author]",
        "[file: the platform has lost it: A map]",
    ):
        assert line in plain_text(made).splitlines()
    [told] = json_lines(made)
    first, second, *_ = told["attachments"]
    assert (first["file"], first["fault"]) == ("media/ab/abc1.png", "")
    assert (second["file"], second["fault"]) == (None, FAULT)


def test_a_file_is_shown_as_what_it_is_and_not_as_what_the_platform_calls_it() -> None:
    files = (
        held(1, ".gif", kind="gifv"),
        held(2, ".mp4", kind="gifv"),
        held(3, ".mp4", kind="audio"),
        held(4, ".mp4"),
        held(5, ".svg"),
        held(6, ".heic"),
        held(7, ".ts", kind="video"),
    )
    made = page(a_document(a_post(1, attachments=files)))
    assert faults(made) == []
    tree = read(made)
    assert [(one.name, one["src"][-6:]) for one in tree.select("figure :is(img, video, audio)")] == [
        ("img", "1.gif"[-6:].rjust(5, "c") if False else "c1.gif"),
        ("video", "c2.mp4"),
        ("audio", "c3.mp4"),
        ("video", "c4.mp4"),
    ]
    assert [one.has_attr("loop") for one in tree.select("video")] == [True, False]
    assert {one["preload"] for one in tree.select("video, audio")} == {"none"}
    links = {link["href"][-6:]: link.has_attr("download") for link in tree.select(".kept a")}
    assert links == {
        **dict.fromkeys(("c1.gif", "c2.mp4", "c3.mp4", "c4.mp4"), False),
        **dict.fromkeys(("c5.svg", "6.heic", "bc7.ts"), True),
    }


@pytest.mark.parametrize("ending", [".html", ".svg", ".pdf", ".js", "", ".PNG", ".heic", ".jxl", ".bin", ".vtt"])
def test_what_may_hold_a_script_or_is_not_known_is_never_shown(ending: str) -> None:
    assert (media_type(f"media/a/b{ending}"), shown_as(f"media/a/b{ending}")) == (UNSHOWN, "")


@pytest.mark.parametrize("what", ["image", "video", "audio"])
def test_all_that_browsers_show_has_a_type_of_its_kind(what: str) -> None:
    endings = {"image": ".jpg .png .gif .webp .avif", "video": ".mp4 .webm .mov", "audio": ".mp3 .m4a .ogg .wav .flac"}
    for ending in endings[what].split():
        assert media_type(f"a{ending}").startswith(f"{what}/")
        assert shown_as(f"a{ending}") == what


def test_sensitive_media_are_linked_and_shown_only_when_asked_for() -> None:
    card = Attachment(
        kind="card", url="https://n.example/", title="N", picture="https://p.example/5", file="media/a/c.png"
    )
    inner = a_post(8, author=BO, attachments=(held(3),))
    outer = a_post(7, author=BO, sensitive=True, attachments=(held(2),), quote=inner)
    made = a_document(a_post(1, sensitive=True, attachments=(held(1, ".mp4", kind="video"), card), quote=outer))
    tree = read(page(made))
    assert [one.name for one in tree.select("details > :is(img, video)")] == ["video", "img"]
    assert [one["src"][-6:] for one in tree.select("img") if not one.find_parent("details")] == ["c3.png"]
    assert "Link preview: N · its picture, which is marked as sensitive" in words(page(made))
    assert len(read(page(made, Style(sensitive=True))).select(":is(img, video)")) == 4
    assert [match[-6:] for match in re.findall(r"!\[\]\(([^)]+)\)", render(made))] == ["c3.png"]
    assert len(re.findall(r"!\[\]\(", render(made, Style(sensitive=True)))) == 3


def test_faces_stand_beside_names_and_say_nothing_twice() -> None:
    ann = replace(ANN, avatar="https://a.example/1", avatar_file="media/aa/ann.png")
    bo = replace(BO, name="Bo", avatar="https://a.example/2", avatar_file="media/aa/bo.png")
    bad = replace(BO, id="9", avatar_file="../../etc/x.png")
    drawn = replace(BO, id="10", avatar_file="media/aa/x.svg")
    quote = a_post(9, author=bo)
    posts = (
        a_post(1, author=ann, quote=quote),
        a_post(2, author=ann),
        *(a_post(number, author=who) for number, who in ((3, bo), (4, bad), (5, drawn))),
    )
    roles = {"1": Role.MAIN, "2": Role.MAIN, **dict.fromkeys("345", Role.REPLY)}
    made = page(a_document(*posts, author=ann, roles=roles))
    assert faults(made) == []
    faces = read(made).select("img.avatar")
    assert [(face["src"], face["alt"]) for face in faces] == [
        ("../media/aa/ann.png", ""),
        ("../media/aa/bo.png", ""),
        ("../media/aa/bo.png", ""),
    ]
    assert faces[0].find_parent(class_="byline")
    assert [face["loading"] for face in faces] == ["eager", "lazy", "lazy"]
    assert faces[1].find_parent("blockquote")


def test_a_film_in_pieces_says_who_plays_it() -> None:
    film = Attachment(kind="video", url="https://v.example/f.m3u8", alt="A pump", file="media/ab/f.m3u8")
    made = a_document(a_post(1, attachments=(film,)))
    assert "[copy kept](../media/ab/f.m3u8) as a playlist of pieces, for VLC or mpv, described" in render(made)
    tree = read(page(made))
    assert tree.video["src"] == "../media/ab/f.m3u8"
    assert "kept copy (a playlist of pieces: where the browser does not play it, VLC and mpv do)" in words(page(made))


def put(archive: Archive, content: bytes, ending: str = ".bin") -> StoredFile:
    kind = kind_of(content)
    copied = copy([content], archive.folder / "media", kind.ending if kind else ending)
    return StoredFile(sha256=copied.sha256, size=copied.size, path=copied.path)


def fetched(archive: Archive, url: str, *files: StoredFile, said: str = "") -> None:
    run = archive.begin("https://social.example/@ann/1", Options(), NOON)
    archive.media.note(run, Attempt(url=url, asked_url=url, at=NOON, files=files, kind="image", said=said))


def gallery(archive: Archive) -> dict[str, str]:
    """A thread with a picture, a film in pieces, a face, a reader's face, a file beside it; returns the paths."""
    piece = put(archive, b"G" + b"\0" * 187 + b"G" + b"\0" * 187, ".ts")
    playlist = put(archive, f"#EXTM3U\n#EXTINF:1,\n../{piece.path.partition('/')[2]}\n#EXT-X-ENDLIST\n".encode())
    files = {"picture": put(archive, plain("quay")), "ann": put(archive, portrait("ann"))}
    files |= {"bo": put(archive, plain("bo")), "film": playlist, "piece": piece, "other": put(archive, plain("x"))}
    for name in ("picture", "ann", "bo"):
        fetched(archive, f"https://p.example/{name}", files[name])
    fetched(archive, "https://p.example/film", playlist, piece)
    fetched(archive, "https://p.example/gone", said="Bo Birch's host answers 404")
    ann = replace(ANN, avatar="https://p.example/ann")
    bo = Author(id="8", handle="bo@social.example", name="Bo Birch", avatar="https://p.example/bo")
    shown = (
        Attachment(kind="image", url="https://p.example/picture", alt="A quay"),
        Attachment(kind="video", url="https://p.example/film"),
        Attachment(kind="image", url="https://p.example/gone"),
    )
    posts = (a_post(1, author=ann, attachments=shown), a_post(2, "<p>Me too</p>", author=bo, in_reply_to="1"))
    roles = {"1": Role.MAIN, "2": Role.REPLY}
    saved(archive, a_thread(*posts, author=ann, roles=roles))
    return {name: file.path for name, file in files.items()}


def media_in(site: Path) -> set[str]:
    return {str(path.relative_to(site)) for path in (site / "media").rglob("*") if path.is_file()}


@pytest.mark.parametrize("form", ["record", "article", "html", "json", "csv", "txt"])
def test_a_folder_has_every_file_that_is_shown_and_its_pieces(archive: Archive, tmp_path: Path, form: str) -> None:
    files = gallery(archive)
    site = tmp_path / "site"
    [done] = publish(archive, (), site, Choice(form=form))
    assert done.lacking == ()
    assert media_in(site) == {path for name, path in files.items() if name != "other"}
    if form == "html":
        text = done.put.path.read_text()
        used = {one["src"].removeprefix("../") for one in read(text).find_all(src=True)}
        assert used == {files[name] for name in ("picture", "film", "ann", "bo")}
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
    [again] = publish(archive, (), site, Choice(form=form))
    assert not again.put.changed
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()} == before


def test_a_piece_that_is_not_there_is_told(archive: Archive, tmp_path: Path) -> None:
    files = gallery(archive)
    (archive.folder / files["piece"]).unlink()
    [done] = publish(archive, (), tmp_path / "site", Choice())
    assert done.lacking == (files["piece"],)


@pytest.mark.parametrize("form", ["record", "article", "html", "json", "csv", "txt"])
def test_with_pseudonyms_no_face_but_the_authors_is_there(archive: Archive, tmp_path: Path, form: str) -> None:
    files = gallery(archive)
    site = tmp_path / "site"
    [done] = publish(archive, (), site, Choice(form=form, pseudonyms=True))
    assert media_in(site) == {files[name] for name in ("picture", "ann", "film", "piece")}
    text = done.put.path.read_text()
    assert "Birch" not in text
    assert files["bo"] not in text
    if form in ("record", "article", "html", "json"):
        assert "Reader 2's host answers 404" in text.replace("&#x27;", "'").replace("\\'", "'")
        assert files["picture"] in text


def test_earlier_names_of_people_are_hidden_too(archive: Archive, tmp_path: Path) -> None:
    bo = Author(id="8", handle="bo@social.example", name="Bobby the Great")
    roles = {"1": Role.MAIN, "2": Role.REPLY}
    said = "<p>Thank you, Bobby the Great, and well said, @bo_old@social.example!</p>"
    posts = (a_post(1, said), a_post(2, "<p>Me too</p>", author=bo, in_reply_to="1"))
    saved(archive, a_thread(*posts, roles=roles))
    now = replace(bo, name="Bo Birch")
    saved(archive, a_thread(posts[0], replace(posts[1], author=now), roles=roles), hours=1)
    [done] = publish(archive, (), tmp_path / "site", Choice(pseudonyms=True))
    text = done.put.path.read_text()
    assert "Bobby" not in text
    assert "Thank you, Reader 2, and" in text
