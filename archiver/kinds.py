"""What a file is, by its first bytes: headers and names are only what somebody says. Pure."""

import re
from dataclasses import dataclass

HEAD = 512  # bytes that are looked at

PAGE = "page"
PLAYLIST = "playlist"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of content: `name` is image, video, audio, file, playlist or page; `ending` that of a file of it."""

    name: str
    ending: str


_MAGIC = (
    (0, b"\xff\xd8\xff", Kind("image", ".jpg")),
    (0, b"\x89PNG\r\n\x1a\n", Kind("image", ".png")),
    (0, b"GIF8", Kind("image", ".gif")),
    (8, b"WEBP", Kind("image", ".webp")),
    (0, b"\xff\x0a", Kind("image", ".jxl")),
    (4, b"JXL ", Kind("image", ".jxl")),
    (8, b"WAVE", Kind("audio", ".wav")),
    (0, b"OggS", Kind("audio", ".ogg")),
    (0, b"fLaC", Kind("audio", ".flac")),
    (0, b"ID3", Kind("audio", ".mp3")),
    (0, b"\xff\xfb", Kind("audio", ".mp3")),
    (0, b"\xff\xf3", Kind("audio", ".mp3")),
    (0, b"\xff\xf2", Kind("audio", ".mp3")),
    (0, b"\xff\xf1", Kind("audio", ".aac")),
    (0, b"\xff\xf9", Kind("audio", ".aac")),
    (0, b"#EXTM3U", Kind(PLAYLIST, ".m3u8")),
    (0, b"%PDF-", Kind("file", ".pdf")),
    (0, b"WEBVTT", Kind("file", ".vtt")),
)
# ISO base media files by their brand, https://mp4ra.org/registered-types/brands; all others are video.
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), Kind("image", ".avif")),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), Kind("image", ".heic")),
    **dict.fromkeys((b"M4A ", b"M4B "), Kind("audio", ".m4a")),
    b"qt  ": Kind("video", ".mov"),
}
_PIECES = (b"styp", b"moof", b"sidx", b"emsg")  # a piece of such a file, as playlists name them
_EBML = b"\x1a\x45\xdf\xa3"
_SYNC, _PACKET = b"\x47", 188  # of an MPEG transport stream
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|script|title|meta)\b", re.IGNORECASE)
_DRAWING = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!doctype svg|svg)", re.IGNORECASE)


def kind_of(head: bytes) -> Kind | None:
    """Return what a file is that begins so, None where that is not known; a drawing (SVG) is a file, it may hold code.

    A page is what servers send in the place of a file that they do not have.
    """
    for place, magic, kind in _MAGIC:
        if head[place:].startswith(magic):
            return kind
    return _boxed(head) or _streamed(head) or _written(head)


def ending_of(head: bytes) -> str:
    """Return the ending of a file that begins so, "" where none is safe to give."""
    kind = kind_of(head)
    return "" if kind is None or kind.name == PAGE else kind.ending


def _boxed(head: bytes) -> Kind | None:
    box, brand = head[4:8], head[8:12]
    if box == b"ftyp":
        if brand in (b"mif1", b"msf1") and b"avif" in head[16:64]:
            return _BRANDS[b"avif"]
        return _BRANDS.get(brand, Kind("video", ".mp4"))
    return Kind("video", ".m4s") if box in _PIECES else None


def _streamed(head: bytes) -> Kind | None:
    if head.startswith(_EBML):
        return Kind("video", ".webm" if b"webm" in head[:64] else ".mkv")
    if head[:1] == _SYNC and head[_PACKET : _PACKET + 1] == _SYNC:
        return Kind("video", ".ts")
    return None


def _written(head: bytes) -> Kind | None:
    if _MARKUP.match(head):
        return Kind(PAGE, ".html")
    return Kind("file", ".svg") if _DRAWING.match(head) and b"<svg" in head.lower() else None
