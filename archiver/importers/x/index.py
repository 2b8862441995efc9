"""What is in the archive of an X account: its files, whose it is, and which of its posts hang together."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archiver.errors import SHAPE_ERRORS, UsageError
from archiver.importers.x.elements import Element, elements
from archiver.importers.x.members import Container, Member
from archiver.model import utc
from archiver.platforms.x.export import editions_of, id_of, is_repost, made_at, note_of, unwrapped
from archiver.platforms.x.snowflake import time_of

LARGEST = 2 << 30  # bytes of all files that are read
LARGEST_MANIFEST = 16 << 20
MANIFEST, ACCOUNT = "manifest.js", "account.js"

# By their names in the manifest, and in the folder where there is no manifest; what is not deleted comes first.
_KINDS = {"notes": ("noteTweet", "deletedNoteTweet"), "posts": ("tweets", "tweet", "communityTweet", "deletedTweets")}
_NAMES = {
    "notes": re.compile(r"(?P<deleted>deleted-)?note-tweet(?:-part\d+)?\.js"),
    "posts": re.compile(r"(?:(?P<deleted>deleted-)?tweets?|community-tweet)(?:-part\d+)?\.js"),
}
_SECONDS = range(-2, 3)
_BEGINNING = 1000  # characters of a note that are enough to know it


@dataclass(frozen=True, slots=True)
class Account:
    """Whose archive it is: only what `told` holds is taken out of `files`, never e-mail or telephone."""

    told: dict[str, str]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the archive says of itself: its files by kind, with the numbers of their elements, and when it was made."""

    files: dict[str, dict[str, int | None]]
    made_at: datetime | None = None
    user: dict[str, Any] = field(default_factory=dict)
    lacking: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an element stands: the file, and the bytes in it."""

    member: str
    start: int
    length: int

    @property
    def end(self) -> int:
        """Where the next byte stands."""
        return self.start + self.length


@dataclass(slots=True)
class Index:
    """Where each post and the note with its whole text stand, by the post's id, and what hangs together.

    `groups` holds all versions of all posts of each thread, by the id of the thread's first post, in order of time.
    """

    places: dict[int, Place] = field(default_factory=dict)
    notes: dict[int, Place] = field(default_factory=dict)
    groups: dict[str, tuple[int, ...]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    singles: int = 0


def read_manifest(container: Container, index: Index) -> Manifest:
    """Return what the manifest says; without a manifest, what the names of the files say."""
    if MANIFEST in container.members:
        content = b"".join(_hashed(container, MANIFEST, index, LARGEST_MANIFEST))
        try:
            return _manifest(json.loads(content[content.index(b"{") :].rstrip().removesuffix(b";")))
        except (*SHAPE_ERRORS, RecursionError) as error:
            raise UsageError(f"{container.members[MANIFEST].name} is damaged ({error})") from error
    files: dict[str, dict[str, int | None]] = {}
    for kind, pattern in _NAMES.items():
        matches = [match for name in container.members if (match := pattern.fullmatch(name))]
        files[kind] = {
            match[0]: None for match in sorted(matches, key=lambda match: (bool(match["deleted"]), match[0]))
        }
    return Manifest(files=files, lacking=f"it has no {MANIFEST}, which would say what belongs to it")


def _manifest(manifest: dict[str, Any]) -> Manifest:
    types, info = manifest["dataTypes"], manifest.get("archiveInfo") or {}
    files = {kind: dict(_listed(types, names)) for kind, names in _KINDS.items()}
    if not files["posts"]:
        raise ValueError("it names no file with posts")
    return Manifest(
        files=files,
        made_at=_time(info.get("generationDate")),
        user=manifest.get("userInfo") or {},
        lacking="X has divided it, and this is one part of several" if info.get("isPartialArchive") is True else "",
    )


def _time(text: Any) -> datetime | None:
    try:
        return utc(text)
    except SHAPE_ERRORS:
        return None


def _listed(types: dict[str, Any], names: tuple[str, ...]) -> Iterator[tuple[str, int | None]]:
    for name in names:
        for file in (types.get(name) or {}).get("files") or ():
            count = file.get("count")
            yield file["fileName"].rpartition("/")[2], None if count is None else int(count)


def read_account(container: Container, manifest: Manifest, index: Index) -> Account:
    """Return whose archive it is. Raises UsageError where it does not say."""
    if ACCOUNT in container.members:
        for element in list(_elements(container, ACCOUNT, index)):  # to its end, for the digest
            values = unwrapped(element.value, "accountId")
            names = ("accountId", "username", "accountDisplayName")
            account = {name: values[name] for name in names if isinstance(values.get(name), str)}
            if account.get("username"):
                return Account(account, (ACCOUNT,))
    keys = {"accountId": "accountId", "username": "userName", "accountDisplayName": "displayName"}
    account = {name: manifest.user[key] for name, key in keys.items() if isinstance(manifest.user.get(key), str)}
    if not account.get("username"):
        raise UsageError(f"{container.path} does not say whose archive it is: it holds no {ACCOUNT}")
    return Account(account, (MANIFEST,))


def read_posts(container: Container, manifest: Manifest, account: Account, index: Index) -> None:
    """Read all posts and notes once, and find which posts hang together. Raises UsageError for what cannot be read."""
    names = [name for kind in manifest.files.values() for name in kind]
    present = [container.members[name] for name in names if name in container.members]
    if sum(member.size for member in present) > LARGEST:
        raise UsageError(
            f"{container.path} holds more than {LARGEST >> 30} GB of posts; that is no archive of X's making"
        )
    if not any(name in container.members for name in manifest.files["posts"]):
        raise UsageError(f"{container.path} holds no file with posts: {', '.join(manifest.files['posts'])}")
    reader = _Reader(index, account.told.get("accountId", ""))
    for kind, take in (("notes", reader.note), ("posts", reader.post)):
        for name, expected in manifest.files[kind].items():
            if name not in container.members:
                index.faults.append(f"{name} is not in it")
                continue
            count = strange = 0
            for element in _elements(container, name, index):
                count += 1
                strange += not take(element, Place(name, element.start, len(element.raw)))
            if expected not in (None, count):
                index.faults.append(f"{name} holds {count} entries and should hold {expected}")
            if strange:
                index.faults.append(f"{name} holds {strange} entries in a form that is not known here")
    reader.group()


class _Reader:
    def __init__(self, index: Index, owner: str):
        self._index = index
        self._owner = owner
        self._notes: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)  # by the second, beginnings only
        self._note_places: dict[str, Place] = {}
        self._parents: dict[int, tuple[int, bool]] = {}  # the post that is answered, and whether X says it is one's own
        self._first: dict[int, int] = {}  # the first version of an edited post

    def note(self, element: Element, place: Place) -> bool:
        note = unwrapped(element.value, "noteTweetId")
        when = made_at(note)
        if when is None:
            return False
        beginning = {**note, "core": {"text": note["core"]["text"][:_BEGINNING]}}
        slim = {name: beginning[name] for name in ("noteTweetId", "createdAt", "core")}
        self._notes[int(when.timestamp())].append(slim)
        self._note_places.setdefault(note["noteTweetId"], place)
        return True

    def post(self, element: Element, place: Place) -> bool:
        status = unwrapped(element.value, "id_str")
        try:
            id_, editions = int(id_of(status)), [int(edition) for edition in editions_of(status)]
            parent = int(status.get("in_reply_to_status_id_str") or 0)
        except SHAPE_ERRORS:
            return False
        if not is_repost(status) and id_ not in self._index.places:
            self._index.places[id_] = place
            if editions:
                self._first[id_] = editions[0]
            if parent:
                self._parents[id_] = parent, status.get("in_reply_to_user_id_str") == self._owner != ""
            self._join_note(id_, status)
        return True

    def _join_note(self, id_: int, status: dict[str, Any]) -> None:
        when = time_of(str(id_))
        if self._notes and when:
            second = int(when.timestamp())
            near = [note for step in _SECONDS for note in self._notes.get(second + step, ())]
            if near and (note := note_of(status, near)):
                self._index.notes[id_] = self._note_places[note["noteTweetId"]]

    def group(self) -> None:
        """Join posts to those that they answer, as far as both are the owner's own, and versions to each other."""
        joined: dict[int, int] = {}
        for id_ in self._index.places:
            parent, own = self._parents.get(id_, (0, False))
            relatives = [self._first.get(id_, id_), *([parent] if own or parent in self._index.places else [])]
            for relative in relatives:
                joined[_end(joined, id_)] = _end(joined, relative)
        groups: defaultdict[int, list[int]] = defaultdict(list)
        for id_ in sorted(self._index.places):
            groups[_end(joined, id_)].append(id_)
        for posts in groups.values():
            firsts = [self._first.get(id_, id_) for id_ in posts]
            if len(set(firsts)) == 1:
                self._index.singles += 1
            else:
                newest = max(id_ for id_, first in zip(posts, firsts, strict=True) if first == firsts[0])
                self._index.groups[str(newest)] = tuple(posts)


def _end(joined: dict[int, int], id_: int) -> int:
    """Return what stands for all posts that are joined with this one."""
    path = []
    while (following := joined.get(id_, id_)) != id_:
        path.append(id_)
        id_ = following
    joined.update(dict.fromkeys(path, id_))
    return id_


def _elements(container: Container, name: str, index: Index) -> Iterator[Element]:
    with closing(_hashed(container, name, index)) as pieces:
        yield from elements(pieces, container.members[name].name)


def _hashed(container: Container, name: str, index: Index, largest: int = LARGEST) -> Generator[bytes, None, None]:
    """Yield a file's content, and put its digest into the index at its end."""
    member: Member = container.members[name]
    if member.size > largest:
        raise UsageError(f"{member.name} is larger than {largest >> 20} MB; that is no archive of X's making")
    digest = hashlib.sha256()
    with closing(member.pieces()) as pieces:
        for piece in pieces:
            digest.update(piece)
            yield piece
    index.digests[name] = digest.hexdigest()
