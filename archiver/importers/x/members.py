"""The files of an account's archive, in a zip or in a folder: read in place and never unpacked.

Whoever made the file may mean harm. So names are only compared, never used as paths; what is no plain file, leads
elsewhere, unpacks to absurd sizes or is locked is refused, and everything is read in pieces.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from archiver.errors import UsageError

MEDIA = ("tweets_media", "tweet_media", "community_tweet_media", "deleted_tweets_media")
PIECE = 1 << 20
RATIO = 200  # how much smaller packing may have made a file; text made by people comes to about 20
MEDIA_RATIO = 20  # the same for pictures and films, which hardly get any smaller
SMALL = 1 << 16  # bytes; a smaller file may be packed as well as it likes

_DATED = datetime(1980, 1, 1, tzinfo=UTC)  # the first day that a zip can name
_DRIVE = re.compile(r"[A-Za-z]:")
_WANTED = re.compile(r"(?:manifest|tweets?(?:-part\d+)?)\.js")
_LOCKED, _UNIX_MODE = 0x1, 16
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others unpack without bounds, or not at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file: `name` as the container has it, `size` as it says, `date` in UTC as far as it says.

    `most` is how many bytes may come out of what it takes when it is packed, None where it is not.
    """

    name: str
    size: int
    date: datetime
    opened: Callable[[], IO[bytes]]
    most: int | None = None

    def pieces(self) -> Generator[bytes, None, None]:
        """Yield the content piece by piece. Raises UsageError where it is damaged, locked or a bomb."""
        if self.most is not None and self.size > self.most:
            raise UsageError(f"{self.name} unpacks to absurdly more than it takes; that is no archive of X's making")
        read = 0
        try:
            with self.opened() as file:
                while piece := file.read(PIECE):
                    read += len(piece)
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
            raise UsageError(f"{self.name} is damaged ({error}); download the archive again") from error
        except OSError as error:
            raise UsageError(f"{self.name} cannot be read ({error.strerror or error})") from error
        if read != self.size:
            raise UsageError(f"{self.name} is damaged (its size is not what was told); download the archive again")


@dataclass(frozen=True, slots=True)
class Container:
    """The files beside the posts by their names, media as `tweets_media/…`; `close` when done."""

    path: Path
    members: dict[str, Member]
    close: Callable[[], None] = field(default=lambda: None)


def container(path: Path) -> Container:
    """Open a zip or its unpacked folder. Raises UsageError where it is none, or is made to do harm."""
    try:
        return _folder(path) if path.is_dir() else _zip(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UsageError(f"{path} is no zip, or not all of it ({error}); download the archive again") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror or error})") from error


def _zip(path: Path) -> Container:
    file = zipfile.ZipFile(path)
    try:
        members = _beside_posts(path, {_checked(info, path): info for info in _distinct(file.infolist(), path)})
    except BaseException:
        file.close()
        raise
    return Container(path, {name: _packed(file, info) for name, info in members.items()}, file.close)


def _distinct(infos: list[zipfile.ZipInfo], path: Path) -> list[zipfile.ZipInfo]:
    """Return the entries. Two different files of one name would let two readers see two archives."""
    known: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = info.filename.replace("\\", "/")
        first = known.setdefault(name, info)
        if (first.CRC, first.file_size) != (info.CRC, info.file_size):
            raise UsageError(f"{path} holds two different files named {name!r}; that is no archive of X's making")
    return list(known.values())


def _checked(info: zipfile.ZipInfo, path: Path) -> str:
    """Return the name of an entry with slashes only. Raises UsageError for a name or a kind that X never writes."""
    name = info.filename.replace("\\", "/")
    kind = stat.S_IFMT(info.external_attr >> _UNIX_MODE)
    if name.startswith("/") or ".." in name.split("/") or _DRIVE.match(name):
        raise UsageError(f"{path} holds {name!r}, which leads out of it; that is no archive of X's making")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UsageError(f"{path} holds {name!r}, which is a link or a device; that is no archive of X's making")
    return name


def _beside_posts(path: Path, infos: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Return the entries in the folder that holds the posts, by their names in it, and the media below it."""
    posts = [name for name in infos if _WANTED.fullmatch(name.rpartition("/")[2])]
    if not posts:
        raise UsageError(f"{path} is no archive of an X account: it holds no tweets.js")
    base = min(posts, key=lambda name: (name.count("/"), len(name))).rpartition("/")[0]
    start = f"{base}/" if base else ""
    inside = {name.removeprefix(start): info for name, info in infos.items() if name.startswith(start)}
    beside = {name: info for name, info in inside.items() if name and _is_wanted(name)}
    for info in beside.values():
        if info.flag_bits & _LOCKED:
            raise UsageError(f"{path} is locked with a password; unpack it and import the folder")
        if info.compress_type not in _READABLE:
            raise UsageError(f"{path} is packed in an unusual way; unpack it and import the folder")
    return beside


def _is_wanted(name: str) -> bool:
    folder, _, rest = name.rpartition("/")
    return bool(rest) and (folder in MEDIA or (not folder and name.endswith(".js")))


def _packed(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    try:
        date = datetime(*info.date_time, tzinfo=UTC)  # a zip does not say of which zone
    except ValueError:
        date = _DATED
    return Member(
        name=info.filename,
        size=info.file_size,
        date=date,
        most=max(SMALL, info.compress_size * (RATIO if info.filename.endswith(".js") else MEDIA_RATIO)),
        opened=lambda: file.open(info),
    )


def _folder(path: Path) -> Container:
    base = path / "data" if (path / "data").is_dir() else path
    members = {}
    for folder in (base, *(base / name for name in MEDIA)):
        if folder.is_symlink() and folder != path:
            raise UsageError(f"{folder} is a link; import the folder that it leads to")
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            name = file.relative_to(base).as_posix()
            if _is_wanted(name):
                members[name] = _plain(file, path)
    if not any(_WANTED.fullmatch(name) for name in members):
        raise UsageError(f"{path} is no archive of an X account: it holds no data/tweets.js")
    return Container(path, members)


def _plain(file: Path, path: Path) -> Member:
    status = file.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{file} is no plain file; that is no archive of X's making")
    return Member(
        name=file.relative_to(path).as_posix(),
        size=status.st_size,
        date=datetime.fromtimestamp(status.st_mtime, UTC),
        opened=lambda: file.open("rb"),
    )
