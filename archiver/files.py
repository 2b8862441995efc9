"""Writing files so that a reader sees the old one or the new one, never a torn one, and copies named by their content.

Whatever a copied file was called, it cannot choose where it goes.
"""

import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from archiver.errors import NotWritable, UsageError
from archiver.kinds import HEAD, ending_of
from archiver.model import StoredFile

_ENDING = re.compile(r"\.[a-z0-9]{1,8}")


def size_of(path: Path) -> int:
    """Return the size of a plain file, without opening it: a pipe may never end, and a device fills the disk.

    Raises UsageError for anything else.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read ({getattr(error, 'strerror', '') or error})") from error
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path} is no plain file; write what it gives into a file and name that")
    return status.st_size


def source_of(path: Path) -> str:
    """Return what names a file for good: its name, which may change, and its digest."""
    with path.open("rb") as file:
        return f"{path.name} sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def source_of_folder(name: str, files: Mapping[str, Iterable[bytes]]) -> str:
    """Return what names a folder for good: its name with a slash, and the digest of the list of its files.

    The list is what sha256sum prints of them, in the order of their names. `files` has the content of each in pieces.
    """
    listing = hashlib.sha256()
    for file, pieces in sorted(files.items()):
        content = hashlib.sha256()
        for piece in pieces:
            content.update(piece)
        listing.update(f"{content.hexdigest()}  {file}\n".encode())
    return f"{name}/ sha256:{listing.hexdigest()}"


def write(path: Path, content: str | bytes) -> bool:
    """Write a file; return whether it changed anything. Raises ArchiveError where the folder cannot be written."""
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        if path.exists() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            part.write(data)
    except OSError as error:
        raise NotWritable(f"cannot write {path}: {error.strerror}") from error
    return True


def copy(pieces: Iterable[bytes], target: Path, ending: str = ".bin") -> StoredFile:
    """Write a file under its digest, with the ending that its content calls for, else the given one if it is plain.

    Raises ArchiveError where the folder cannot be written.
    """
    try:
        target.mkdir(parents=True, exist_ok=True)
        with _nameless(target, "") as (part, temporary):
            digest, size, head = hashlib.sha256(), 0, b""
            for piece in pieces:
                head = head or piece[:HEAD]
                digest.update(piece)
                size += part.write(piece)
            _settle(part)
            name = digest.hexdigest()
            place = f"{name[:2]}/{name}{_ending(head, ending.lower())}"
            _give_place(temporary, target, place)
    except OSError as error:
        raise NotWritable(f"cannot write to {target}: {error.strerror}") from error
    return StoredFile(sha256=name, size=size, path=f"{target.name}/{place}")


def adopt(source: Path, target: Path) -> StoredFile:
    """Give a whole file its place under its digest; it replaces one that is there, which has the same content or had.

    Raises ArchiveError where the folder cannot be written.
    """
    try:
        with source.open("r+b") as file:
            head = file.read(HEAD)
            file.seek(0)
            name = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
            _settle(file)
        place = f"{name[:2]}/{name}{_ending(head, '')}"
        _give_place(source, target, place)
    except OSError as error:
        raise NotWritable(f"cannot write to {target}: {error.strerror}") from error
    return StoredFile(sha256=name, size=size, path=f"{target.name}/{place}")


def copy_file(source: Path, target: Path) -> bool:
    """Copy a file that is named by its content, unless it is there; return whether there is one to copy."""
    if target.exists():
        return True
    try:
        with source.open("rb") as file:
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as part:
                shutil.copyfileobj(file, part)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise NotWritable(f"cannot write {target}: {error.strerror}") from error
    return True


def make_folder(folder: Path) -> None:
    """Make a folder unless it is there. Raises ArchiveError where that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritable(f"cannot write to {folder}: {error.strerror}") from error


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """Yield a file that takes the target's place once it is whole."""
    with _nameless(target.parent, f".{target.name[:40]}-") as (part, name):
        yield part
        _settle(part)
        os.replace(name, target)


@contextmanager
def _nameless(folder: Path, prefix: str) -> Iterator[tuple[IO[bytes], str]]:
    """Yield a new file in a folder and its path; it is taken away unless it was given another name."""
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=".part", dir=folder)
    os.close(handle)
    try:
        with open(name, "wb") as part:
            yield part, name
    finally:
        Path(name).unlink(missing_ok=True)


def _settle(file: IO[bytes]) -> None:
    """Have all of a file on the disk, readable for others, and closed: Windows renames no file that is open."""
    if hasattr(os, "fchmod"):  # Windows has it since Python 3.13
        os.fchmod(file.fileno(), 0o644)
    file.flush()
    os.fsync(file.fileno())
    file.close()


def _give_place(source: str | Path, target: Path, place: str) -> None:
    """Move a file to its place below a folder, so that it is still there after a power cut."""
    goal = target / place
    is_new = not goal.parent.exists()
    goal.parent.mkdir(exist_ok=True)
    os.replace(source, goal)
    _settle_folder(goal.parent)
    if is_new:
        _settle_folder(target)


def _settle_folder(folder: Path) -> None:
    """Make the new name of a file outlive a power cut."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folder; its file system sees to the names
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _ending(head: bytes, otherwise: str) -> str:
    return ending_of(head) or (otherwise if _ENDING.fullmatch(otherwise) else ".bin")
