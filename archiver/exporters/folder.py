"""A folder of exported files that people may edit: what they have changed is never overwritten.

`.exported.json` in the folder has the digest of every file as it was written, and what the index says of each thread.
A file that is not as it was written, or of which nothing is known, belongs to somebody: what is new is written beside.
`.exported.part` holds what is being written, so that a killed process does not make a stranger of its own file.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from archiver.errors import ArchiveError, NotWritable
from archiver.exporters.listing import Listing
from archiver.files import write
from archiver.layout import COMING, EXPORTED

FORMAT = "exported/1"


@dataclass(frozen=True, slots=True)
class Put:
    """A file that was to be written: where it is, and whether that changed anything.

    `edited` is a file that somebody has edited, and that was left as it is; "" where there is none.
    """

    path: Path
    changed: bool
    edited: str = ""

    @property
    def note(self) -> str:
        """What to tell the user, "" where there is nothing to tell."""
        if not self.edited:
            return ""
        new = f"; what is new is in {self.path}" if self.path.name != PurePosixPath(self.edited).name else ""
        return f"{self.edited} was edited, or is not of this program, and stays as it is{new}"


class Folder:
    """A folder of exported files; what was written is noted at the end of the `with`, whatever ends it."""

    def __init__(self, path: Path):
        self.path = path
        self.files: dict[str, str] = {}
        self.threads: dict[str, Listing] = {}
        self._read()
        self._coming = self._begun()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        manifest = {
            "format": FORMAT,
            "files": self.files,
            "threads": {id_: asdict(listing) for id_, listing in self.threads.items()},
        }
        write(self.path / EXPORTED, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        if (self.path / COMING).exists():  # else there was nothing to write, and the folder may be read-only
            self.drop(COMING)

    def put(self, name: str, content: str, over: bool = False) -> Put:
        """Write a file, or leave it and write beside it where somebody has edited it; `over` overwrites even that.

        Raises ArchiveError where the folder cannot be written.
        """
        wanted = _digest(content.encode("utf-8", "replace"))
        there = self._there(name)
        if over or there in (None, wanted, self.files.get(name)) or (name, there) in self._coming:
            if there != wanted:
                self._begin(name, wanted)
            self.files[name] = wanted
            return Put(self.path / name, there != wanted and write(self.path / name, content))
        if self.files.get(name) == wanted:
            return Put(self.path / name, False, edited=name)
        other = self.put(beside(name), content)
        return Put(other.path, other.changed, edited=name)

    def list_threads(self, listings: Iterable[Listing], others: bool) -> None:
        """Note what the index is to say of threads; without `others`, of these only."""
        found = {listing.id: listing for listing in listings}
        known = {id_: self.threads[id_] for id_ in self.threads if id_ in found}
        merged = {id_: known[id_].with_files_of(one) if id_ in known else one for id_, one in found.items()}
        self.threads = {**(self.threads if others else {}), **merged}

    def drop(self, name: str) -> None:
        """Take a file away, if it is there. Raises ArchiveError where that cannot be done."""
        self.files.pop(name, None)
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise ArchiveError(f"cannot remove {self.path / name}: {error.strerror}") from error

    def retire(self, name: str) -> None:
        """Take away a file whose thread has another name now, unless somebody has edited it."""
        if self._there(name) == self.files.get(name):
            self.drop(name)

    def text(self, name: str) -> str:
        """Return a text file as it is now, "" where there is none."""
        try:
            return (self.path / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def _begin(self, name: str, digest: str) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with (self.path / COMING).open("a", encoding="utf-8") as file:
                file.write(f"{digest} {name}\n")
        except OSError as error:
            raise NotWritable(f"cannot write {self.path / COMING}: {error.strerror}") from error

    def _begun(self) -> frozenset[tuple[str, str | None]]:
        """Return names and digests of files that somebody was writing who was killed."""
        try:
            lines = (self.path / COMING).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return frozenset()
        return frozenset((name, digest) for digest, _, name in (line.partition(" ") for line in lines))

    def _there(self, name: str) -> str | None:
        try:
            return _digest((self.path / name).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ArchiveError(f"cannot write {self.path / name}: {error.strerror}") from error

    def _read(self) -> None:
        path = self.path / EXPORTED
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            self.files = {str(name): str(digest) for name, digest in manifest["files"].items()}
            self.threads = {id_: Listing(**fields) for id_, fields in manifest["threads"].items()}
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read ({error.strerror})") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArchiveError(f"{path} is damaged; move it away, and all files count as edited") from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def beside(name: str) -> str:
    """Return the name under which a file is written beside one that somebody has edited."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}.new{path.suffix}"))
