"""Copies of media files, named by their content: whatever a file was called, it cannot choose where it goes."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import IO

from archiver.errors import ArchiveError, UsageError
from archiver.importers.x_archive import Copied, Export

_HEAD = 16
_KINDS = (
    (0, b"\xff\xd8\xff", ".jpg"),
    (0, b"\x89PNG\r\n\x1a\n", ".png"),
    (0, b"GIF8", ".gif"),
    (8, b"WEBP", ".webp"),
    (4, b"ftyp", ".mp4"),
)


def copy_media(export: Export, root: str, target: Path) -> dict[str, str]:
    """Copy the files of a thread's posts; return where each is, relative to the folder that `target` is in.

    They have to be copied before the thread is asked for, so that its answer can tell. A file that is damaged is left
    out: the post still has its address. Raises ArchiveError where nothing can be written.
    """
    copied = {}
    try:
        for id_, name, member in export.media(root):
            try:
                with closing(member.pieces()) as pieces:
                    copied[f"{id_}-{name}"] = copy(pieces, target)
            except UsageError:
                continue
    except OSError as error:
        raise ArchiveError(f"cannot write to {target}: {error.strerror}") from error
    export.copied[root] = copied
    return {name: file.path for name, file in copied.items()}


def copy(pieces: Iterable[bytes], target: Path) -> Copied:
    """Write a file under its digest, so that a reader sees all of it or nothing."""
    target.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(suffix=".part", dir=target)
    try:
        with os.fdopen(handle, "wb") as part:
            digest, size, head = _write(pieces, part)
        place = f"{digest[:2]}/{digest}{_ending(head)}"
        (target / digest[:2]).mkdir(exist_ok=True)
        os.replace(name, target / place)
        _settle(target / digest[:2])
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Copied(sha256=digest, size=size, path=f"{target.name}/{place}")


def _write(pieces: Iterable[bytes], part: IO[bytes]) -> tuple[str, int, bytes]:
    digest, size, head = hashlib.sha256(), 0, b""
    for piece in pieces:
        head = head or piece[:_HEAD]
        digest.update(piece)
        size += part.write(piece)
    os.fchmod(part.fileno(), 0o644)
    part.flush()
    os.fsync(part.fileno())
    return digest.hexdigest(), size, head


def _settle(folder: Path) -> None:
    """Make the new name of a file outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _ending(head: bytes) -> str:
    return next((ending for place, magic, ending in _KINDS if head[place:].startswith(magic)), ".bin")
