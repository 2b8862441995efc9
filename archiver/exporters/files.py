"""Writing a file so that a reader sees the old one or the new one, never a torn one."""

import os
import tempfile
from pathlib import Path

from archiver.errors import ArchiveError


def write(path: Path, text: str) -> bool:
    """Write a text file; return whether it changed anything. Raises ArchiveError where the folder cannot be written."""
    content = text.encode("utf-8", "replace")
    try:
        if path.exists() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
    except OSError as error:
        raise ArchiveError(f"cannot write {path}: {error.strerror}") from error
    return True


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
