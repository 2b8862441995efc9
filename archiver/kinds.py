"""What a file is, by its first bytes: headers and names are only what somebody says. Pure."""

import re
from dataclasses import dataclass

HEAD = 512  # bytes that are looked at

PAGE = "page"
PLAYLIST = "playlist"


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of content: `name` is image, video, audio, file, playlist or page; `ending` that of a file of it."""

    name: str
    ending: str


_MAGIC = (
    (b"\xff\xd8\xff", FileKind("image", ".jpg")),
    (b"\x89PNG\r\n\x1a\n", FileKind("image", ".png")),
    (b"GIF87a", FileKind("image", ".gif")),
    (b"GIF89a", FileKind("image", ".gif")),
    (b"\xff\x0a", FileKind("image", ".jxl")),
    (b"\x00\x00\x00\x0cJXL \r\n", FileKind("image", ".jxl")),
    (b"II*\x00", FileKind("image", ".tiff")),
    (b"MM\x00*", FileKind("image", ".tiff")),
    (b"fLaC", FileKind("audio", ".flac")),
    (b"\xff\xfb", FileKind("audio", ".mp3")),
    (b"\xff\xfa", FileKind("audio", ".mp3")),
    (b"\xff\xf3", FileKind("audio", ".mp3")),
    (b"\xff\xf2", FileKind("audio", ".mp3")),
    (b"\xff\xf1", FileKind("audio", ".aac")),
    (b"\xff\xf9", FileKind("audio", ".aac")),
    (b"#EXTM3U", FileKind(PLAYLIST, ".m3u8")),
    (b"\xef\xbb\xbf#EXTM3U", FileKind(PLAYLIST, ".m3u8")),
    (b"%PDF-", FileKind("file", ".pdf")),
    (b"WEBVTT", FileKind("file", ".vtt")),
)
# RIFF files by their form.
_FORMS = {b"WEBP": FileKind("image", ".webp"), b"WAVE": FileKind("audio", ".wav"), b"AVI ": FileKind("video", ".avi")}
# ISO base media files by their brand, https://mp4ra.org/registered-types/brands; all others are video.
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), FileKind("image", ".avif")),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), FileKind("image", ".heic")),
    **dict.fromkeys((b"M4A ", b"M4B "), FileKind("audio", ".m4a")),
    b"qt  ": FileKind("video", ".mov"),
}
_BOXES = {
    # A piece of one, as playlists name.
    **dict.fromkeys((b"styp", b"moof", b"sidx", b"emsg"), FileKind("video", ".m4s")),
    **dict.fromkeys((b"moov", b"mdat", b"wide"), FileKind("video", ".mov")),  # as QuickTime was before it had brands
}
_EBML = b"\x1a\x45\xdf\xa3"
_SYNC, _PACKET = b"\x47", 188  # of an MPEG transport stream
_TAG = 10  # bytes of the head of an ID3 tag, https://id3.org/id3v2.4.0-structure
# What may stand before the first element of a document: white space, comments, instructions, a document type.
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|<\?[^>]*>|<!--.*?-->|<!doctype\s[^>]*>)*", re.IGNORECASE | re.DOTALL)
_PAGE_TYPE = re.compile(rb"<!doctype\s+html\b", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:html|head|body|script|style|title|meta|link|base)\b", re.IGNORECASE)
_DRAWING = re.compile(rb"<(?:svg:)?svg\b", re.IGNORECASE)


def kind_of(head: bytes) -> FileKind | None:
    """Return what a file is that begins so, None where that is not known; a drawing (SVG) is a file, it may hold code.

    A page is what servers send in the place of a file that they do not have.
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return _boxed(head) or _framed(head) or _streamed(head) or _markup(head)


def ending_of(head: bytes) -> str:
    """Return the ending of a file that begins so, "" where none is safe to give."""
    kind = kind_of(head)
    return "" if kind is None or kind.name == PAGE else kind.ending


def _boxed(head: bytes) -> FileKind | None:
    box, brand = head[4:8], head[8:12]
    if box == b"ftyp":
        if brand in (b"mif1", b"msf1") and b"avif" in head[16:64]:
            return _BRANDS[b"avif"]
        return _BRANDS.get(brand, FileKind("video", ".mp4"))
    return _BOXES.get(box)


def _framed(head: bytes) -> FileKind | None:
    if head.startswith(b"RIFF"):
        return _FORMS.get(head[8:12])
    if head.startswith(b"OggS"):
        return FileKind("video", ".ogv") if b"\x80theora" in head else FileKind("audio", ".ogg")
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return FileKind("image", ".bmp")
    if head.startswith(b"ID3"):
        sound = head[_TAG + _tagged(head) :]  # playlists have AAC behind a tag that says when it is to be heard
        return FileKind("audio", ".aac" if sound.startswith((b"\xff\xf1", b"\xff\xf9")) else ".mp3")
    return None


def _tagged(head: bytes) -> int:
    size = 0
    for byte in head[6:_TAG]:
        size = size << 7 | byte & 0x7F
    return size


def _streamed(head: bytes) -> FileKind | None:
    if head.startswith(_EBML):
        return FileKind("video", ".webm" if b"webm" in head[:64] else ".mkv")
    if head[:1] == _SYNC and head[_PACKET : _PACKET + 1] == _SYNC:
        return FileKind("video", ".ts")
    return None


def _markup(head: bytes) -> FileKind | None:
    prolog = _PROLOG.match(head)
    first = prolog.end() if prolog else 0
    if _PAGE.match(head, first) or _PAGE_TYPE.search(head, 0, first):
        return FileKind(PAGE, ".html")
    return FileKind("file", ".svg") if _DRAWING.match(head, first) else None
