"""The files that a thread shows: where the archive holds them, as what a reader sees them, and which lack. Pure.

A file is what its ending says, for the archive has chosen that by its content. What the platform calls it counts only
where nothing is held.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from archiver.exporters.view import authors_of
from archiver.exporters.wording import counted
from archiver.layout import MEDIA
from archiver.model import Attachment, Document, Node, Post, Thread

KINDS = {"image": "Image", "video": "Video", "audio": "Recording", "gifv": "Animation", "file": "File"}
PLAYLIST = ".m3u8"
UNSHOWN = "application/octet-stream"  # of what a browser is to save, and never to open: pages, drawings, programs

# What browsers show, by its ending. No drawing (SVG) is among them: opened by itself, it is a page with a script.
_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".mp4": "video/mp4",
    ".m4s": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/matroska",
    ".ts": "video/mp2t",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
    ".wav": "audio/wav",
    PLAYLIST: "application/vnd.apple.mpegurl",
}
_PIECES = (".m4s", ".ts", ".mkv")  # of a film: no browser plays one by itself
_HELD = re.compile(rf"{MEDIA}(?:/[0-9A-Za-z_-][0-9A-Za-z_.-]*)+")


def held(path: str | None) -> str:
    """Return where the archive holds a file, relative to its folder; "" where it does not, or the path is none."""
    return path if path and _HELD.fullmatch(path) else ""


def media_type(path: str) -> str:
    """Return as what a server hands out a file."""
    return _TYPES.get(PurePosixPath(path).suffix, UNSHOWN)


def shown_as(path: str) -> str:
    """Return as what a page shows a file: image, video or audio; "" for one that it only links."""
    ending = PurePosixPath(path).suffix
    if ending == PLAYLIST:
        return "video"
    return "" if ending in _PIECES else _TYPES.get(ending, "").partition("/")[0]


def is_playlist(path: str) -> bool:
    """Whether a file is the list of a film in pieces, which not every program plays."""
    return path.endswith(PLAYLIST)


def held_files(document: Document) -> tuple[str, ...]:
    """Return all files that a document names: of posts and those that they quote, avatars, what was put beside."""
    thread = document.thread
    found = [item.file for item in _attachments(thread)]
    found += [author.avatar_file for author in authors_of(document)]
    found += [file.file for file in document.attached]
    return tuple(dict.fromkeys(filter(None, map(held, found))))


def lack(thread: Thread) -> str:
    """Return in words how many files are not here, those that could not be fetched apart; "" where all are."""
    named = [item for item in _attachments(thread) if item.kind != "card" or item.picture]
    files = {item.picture or item.url or str(number): item for number, item in enumerate(named)}
    absent = [item for item in files.values() if not held(item.file)]
    failed = sum(bool(item.fault) for item in absent)
    of = f"of {counted(len(files), 'media file')}"
    told = [f"{failed} {of} could not be fetched."] if failed else []
    if untried := len(absent) - failed:
        told.append(f"{untried} {of} {'is' if untried == 1 else 'are'} not kept in this archive.")
    return " ".join(told)


def _attachments(thread: Thread) -> Iterator[Attachment]:
    """Yield what posts show, and those that they quote."""
    for post in thread.posts:
        shown: Node | None = post
        while isinstance(shown, Post):
            yield from shown.attachments
            shown = shown.quote
