"""What a file is by its first bytes: real files of every format, and what comes in their place."""

import pytest
from films import FILMS, PICTURES, film, picture
from hypothesis import given
from hypothesis import strategies as st

from archiver.kinds import HEAD, PAGE, FileKind, ending_of, kind_of

SOUND = (".mp3", ".ogg", ".flac", ".wav", ".m4a", ".aac")
PAGES = {
    "doctype": b"<!DOCTYPE html><title>404</title>",
    "old doctype": b'\n <!doctype HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">\n<x>',
    "bare": b"<HTML><BODY>Not found</BODY></HTML>",
    "mark of UTF-8": b"\xef\xbb\xbf\r\n<html lang=en>",
    "XHTML": b'<?xml version="1.0"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml">',
    "behind a comment": b"<!-- cached --><html><body><svg></svg>",
    "a drawing in it": b"<!-- a --><!-- <svg> --><body><svg xmlns='http://www.w3.org/2000/svg'>",
    "script": b"<script>location='/login'</script>",
    "without a head": b"<!doctype html><div><svg>",
}
DRAWINGS = {
    "bare": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "whole": b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- made by hand -->\n<!DOCTYPE svg SYSTEM "svg.dtd">\n<svg>',
    "with a name": b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg'>",
}
NOTHING = {
    "empty": b"",
    "JSON": b'{"error": "not found"}',
    "JSON that tries": b'{"magic": "WEBP"}',
    "words": b"Not found, says <html>",
    "S3": b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>',
    "half a mark": b"\x89PN",
    "not a GIF": b"GIF8 is how one begins",
    "RIFF of another form": b"RIFF\x24\x00\x00\x00ACON",
    "one sync byte": b"G" + bytes(300),
    "BM": b"BMW sells cars since 1928",
    "comments without end": b"<!-- " * 200,
}


@pytest.mark.parametrize("form", PICTURES)
def test_pictures_are_known(form: str) -> None:
    assert kind_of(picture(form)[:HEAD]) == FileKind("image", PICTURES[form])


@pytest.mark.parametrize("name", FILMS)
def test_films_and_recordings_are_known(name: str) -> None:
    ending = FILMS[name][3]
    assert kind_of(film(name)[:HEAD]) == FileKind("audio" if ending in SOUND else "video", ending)


@pytest.mark.parametrize(
    ("head", "name", "ending"),
    [
        (b"\x00\x00\x00\x1cftypheic\x00\x00\x00\x00mif1heic", "image", ".heic"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "image", ".avif"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1heic", "image", ".heic"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image", ".jxl"),
        (b"\xff\x0a\xfa\x7f", "image", ".jxl"),
        (b"MM\x00*\x00\x00", "image", ".tiff"),
        (b"GIF87a", "image", ".gif"),
        (b"\x00\x00\x00\x18stypmsdh", "video", ".m4s"),
        (b"\x00\x00\x00\x18moof", "video", ".m4s"),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", "video", ".mov"),
        (b"OggS\x00\x02" + bytes(22) + b"\x80theora\x03", "video", ".ogv"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x3f" + bytes(63) + b"\xff\xf1\x50", "audio", ".aac"),
        (b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128) + b"\xff\xfb\x50", "audio", ".mp3"),
        (b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(400), "audio", ".mp3"),
        (b"ID3", "audio", ".mp3"),
        (b"\xff\xfb\x90\x44", "audio", ".mp3"),
        (b"%PDF-1.7", "file", ".pdf"),
        (b"WEBVTT\n\n00:01", "file", ".vtt"),
        (b"#EXTM3U\n", "playlist", ".m3u8"),
        (b"\xef\xbb\xbf#EXTM3U\n", "playlist", ".m3u8"),
    ],
)
def test_what_no_encoder_here_makes_is_known_by_its_specification(head: bytes, name: str, ending: str) -> None:
    assert kind_of(head) == FileKind(name, ending)
    assert ending_of(head) == ending


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_a_page_whatever_is_in_it(name: str) -> None:
    found = kind_of(PAGES[name])
    assert found
    assert found.name == PAGE
    assert ending_of(PAGES[name]) == ""


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_a_file_since_it_may_hold_code(name: str) -> None:
    assert kind_of(DRAWINGS[name]) == FileKind("file", ".svg")


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_not_known_is_nothing(name: str) -> None:
    assert kind_of(NOTHING[name]) is None
    assert ending_of(NOTHING[name]) == ""


@given(st.lists(st.sampled_from([b"<", b"!", b"--", b"-->", b"<?", b">", b" ", b"doctype ", b"ID3", b"svg", b"a"])))
def test_any_beginning_has_an_answer(pieces: list[bytes]) -> None:
    head = b"".join(pieces)[:HEAD]
    assert ending_of(head) in ("", ".svg", ".mp3")
