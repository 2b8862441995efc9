"""Kept bodies by their digests: in the database, or in files beside it."""

import hashlib
import json
import zlib
from collections.abc import Iterator
from typing import Any

from archiver.errors import ArchiveError
from archiver.store.database import Database
from archiver.store.exchanges import FILE, digest, packed, unpacked

_PIECE = 1 << 20


def keep_body(db: Database, body: bytes) -> str:
    """Keep bytes under their digest and return that."""
    name = digest(body)
    db.execute("INSERT OR IGNORE INTO _bodies VALUES (?, ?, ?, ?)", (name, len(body), *packed(body)))
    return name


def body_of(db: Database, sha256: str | None) -> bytes:
    """Return a kept body by its name; b"" for none. Raises ArchiveError where it is missing or damaged."""
    if sha256 is None:
        return b""
    try:
        [(codec, data)] = db.rows("SELECT codec, data FROM _bodies WHERE sha256 = ?", sha256)
    except ValueError as error:
        raise _damaged(db, sha256) from error
    return b"".join(pieces_of(db, sha256)) if codec == FILE else content_of(db, sha256, codec, data)


def content_of(db: Database, sha256: str, codec: str, data: bytes) -> bytes:
    """Return what a row of `_bodies` holds; of one that is withheld, what is left. Raises ArchiveError for damage."""
    try:
        return unpacked(codec, data)
    except (TypeError, zlib.error) as error:
        raise _damaged(db, sha256) from error


def json_of(db: Database, sha256: str) -> Any:
    """Return what a body of JSON says, such as the manifest of an entry.

    Raises ArchiveError where it is missing or damaged.
    """
    try:
        return json.loads(body_of(db, sha256))
    except (ValueError, RecursionError) as error:
        raise _damaged(db, sha256) from error


def pieces_of(db: Database, sha256: str) -> Iterator[bytes]:
    """Yield what a file holds. Raises ArchiveError where it cannot be read, and at its end where it is another one."""
    [(path,)] = db.rows("SELECT path FROM _files WHERE sha256 = ?", sha256)
    folder, content = db.path.parent.resolve(), hashlib.sha256()
    file = (folder / path).resolve()
    if not file.is_relative_to(folder):
        raise ArchiveError(f"{file} is outside of the archive; see: archiver verify")
    try:
        with file.open("rb") as opened:
            while piece := opened.read(_PIECE):
                content.update(piece)
                yield piece
    except OSError as error:
        raise ArchiveError(f"{file} cannot be read ({error.strerror}); see: archiver verify") from error
    if content.hexdigest() != sha256:
        raise ArchiveError(f"{file} has another content than it had; see: archiver verify")


def _damaged(db: Database, sha256: str) -> ArchiveError:
    return ArchiveError(f"body {sha256} is missing or damaged in {db.path}; see: archiver verify")
