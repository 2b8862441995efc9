"""What a thread is made of: frozen values, standard library only.

Ids are text, times are aware and in UTC, URLs are absolute. None means "not known or not given", "" means
"given and empty". `content` is clean HTML: an allow-listed fragment in which white space is exact.
Names follow ActivityStreams 2 where it has one (docs/design.md has the table).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

DAY = timedelta(days=1)


class Verdict(StrEnum):
    """Is it the whole thread? Complete is proven, partial knows what is missing, unknown is honest."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a run ended; the first four gave a thread, or what became of one that is held."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    UNKNOWN = "unknown"
    GONE = "gone"  # nothing is shown any more of a thread that the archive holds
    INTERRUPTED = "interrupted"  # by the user, or by a killed process
    FAILED = "failed"
    SEALED = "sealed"  # a head of the ledger was stamped


class Kind(StrEnum):
    """What holds the posts together: replies to each other, or one author and a stretch of time."""

    THREAD = "thread"
    STORM = "storm"


class Role(StrEnum):
    """What a post is to its thread; see `threads.roles`."""

    MAIN = "main"  # the author's own chain from the first post
    BRANCH = "branch"  # the author's later reply to a post that the main line already continues
    ANSWER = "answer"  # the author's reply to somebody else
    CONTEXT = "context"  # somebody else's post that the thread answers
    REPLY = "reply"  # somebody else's reply
    OTHER = "other"  # somebody else's post that was collected together with a storm
    UNKNOWN = "unknown"  # a post below the author's that is missing, and nobody says who wrote it


class Reason(StrEnum):
    """Why a post that is known of is not here. Absence alone is never `DELETED`."""

    DELETED = "deleted"  # somebody who must know answered so for this very post
    DEACTIVATED = "deactivated"  # its author has closed the account, and may come back
    SUSPENDED = "suspended"  # the platform has closed the account
    ACCOUNT_GONE = "account_gone"  # the account is not there any more, and its posts with it
    TAKEN_DOWN = "taken_down"  # the platform has taken down the post or the account
    BLOCKED = "blocked"
    PRIVATE = "private"
    WITHHELD = "withheld"
    DETACHED = "detached"
    NOT_LOADED = "not_loaded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that the archive holds, by its digest (SHA-256 in hex); `path` is relative to the archive's folder.

    Without a digest it is only a part of one: what came before and after it is in other answers.
    """

    sha256: str
    size: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote a post; `handle` is the full address (`ann@example.social`), without a leading @.

    `avatar_file` is where the archive holds the picture, relative to its folder, None where only its address is known.
    """

    id: str
    handle: str
    name: str = ""
    url: str = ""
    avatar: str | None = None
    avatar_file: str | None = None

    def __post_init__(self) -> None:
        _named(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file or a link preview; `kind` is image, video, audio, gifv, file or card.

    `picture` is the address of the picture on a card. `file` is where the archive holds the file, or the picture of a
    card, relative to its folder, None where only its address is known; `fault` says why it could not be fetched, or why
    the file is not the one that was posted, "" if nobody tried.
    """

    kind: str
    url: str
    alt: str | None = None
    title: str | None = None
    description: str | None = None
    media_type: str | None = None
    picture: str | None = None
    file: str | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer of a poll; `votes` is None while the platform hides them."""

    text: str
    votes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A poll as it stood when it was captured; `closes_at` is None where it never closes."""

    options: tuple[Option, ...]
    multiple: bool = False
    closes_at: datetime | None = None
    voters: int | None = None
    votes: int | None = None

    def __post_init__(self) -> None:
        _utc(self.closes_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The platform's own counters at capture time."""

    replies: int | None = None
    reposts: int | None = None
    likes: int | None = None
    quotes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A post that is known of and not here; `seen_at` is when the platform said so.

    `author` is the id of who wrote it, None where nobody says: then it is neither the author's nor somebody else's.
    `inferred` says what its place in the thread was concluded from, where the platform did not state it.
    """

    id: str
    reason: Reason
    url: str | None = None
    in_reply_to: str | None = None
    author: str | None = None
    detail: str = ""
    inferred: str = ""
    created_at: datetime | None = None
    seen_at: datetime | None = None

    def __post_init__(self) -> None:
        _named(self.id)
        _utc(self.created_at, self.seen_at)

    @property
    def at(self) -> datetime | None:
        """The time by which it is ordered."""
        return self.created_at

    @property
    def dated_at(self) -> datetime | None:
        """The time under which it is shown."""
        return self.created_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post as the platform showed it; `version` changes when its text does (a CID, an edit time).

    `created_at` may be what the author's app claims; then `keyed_at` is the time in the post's key, `indexed_at`
    when the platform's server first saw it. Both are None where `created_at` is by the platform's own clock.
    `quoted_version` is the version of the quoted post that its author quoted. `notices` are sentences, without a
    full stop, that the platform has to say of the post. `route` is who showed it, where a thread is collected by
    several. `location` is the place that its author has put to it, in the platform's words. `truncated` says that
    only the beginning of its text was shown, `day_only` that nothing but the day is known of its time.
    """

    id: str
    url: str
    author: Author
    created_at: datetime
    content: str
    summary: str | None = None
    sensitive: bool = False
    edited_at: datetime | None = None
    language: str | None = None
    location: str | None = None
    in_reply_to: str | None = None
    quote: "Post | Missing | None" = None
    attachments: tuple[Attachment, ...] = ()
    poll: Poll | None = None
    counts: Counts = Counts()
    labels: tuple[str, ...] = ()
    version: str | None = None
    keyed_at: datetime | None = None
    indexed_at: datetime | None = None
    quoted_version: str | None = None
    notices: tuple[str, ...] = ()
    route: str = ""
    truncated: bool = False
    day_only: bool = False

    def __post_init__(self) -> None:
        _named(self.id)
        _utc(self.created_at, self.edited_at, self.keyed_at, self.indexed_at)

    @property
    def at(self) -> datetime:
        """The time by which it is ordered: the best proven one."""
        return self.keyed_at or self.indexed_at or self.created_at

    @property
    def misdated(self) -> bool:
        """Whether the time that is claimed is more than a day from one that the platform vouches for."""
        return any(abs(self.created_at - time) > DAY for time in (self.keyed_at, self.indexed_at) if time)

    @property
    def dated_at(self) -> datetime:
        """The time under which it is shown and filed: the claimed one, unless that cannot be."""
        return self.at if self.misdated else self.created_at


Node = Post | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What can be said about the whole: counts of the author's posts, the proof, and every known gap.

    `found` and `expected` count the main line; `expected` has the missing posts as well, None where nobody knows.
    `proof` is a sentence without a full stop, or "" where there is none. `doubts` are such sentences too: why the proof
    does not hold. `stop` is why collecting ended early, or "".
    """

    found: int
    expected: int | None = None
    proof: str = ""
    top_proven: bool = False
    end_proven: bool = False
    gaps: tuple[Missing, ...] = ()
    doubts: tuple[str, ...] = ()
    stop: str = ""

    @property
    def verdict(self) -> Verdict:
        """Complete only by a proof without a doubt; partial when something is known to be missing; else unknown."""
        if self.gaps or self.stop or (self.expected is not None and self.found < self.expected):
            return Verdict.PARTIAL
        if self.proof and self.top_proven and self.end_proven and not self.doubts:
            return Verdict.COMPLETE
        return Verdict.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one source showed of a post: `content` as it had it, at the time `seen_at` when that was captured.

    `url` is where it was seen, if not on the platform itself: a capture in a web archive, an article. `version` is
    the id of an earlier edition of the post, "" for the post as it is shown; the `content` of an edition that is only
    known of is "".
    """

    post: str
    route: str
    seen_at: datetime
    content: str
    url: str = ""
    version: str = ""

    def __post_init__(self) -> None:
        _utc(self.seen_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread in reading order: main line, then branches and answers, then other people's replies.

    `id` is its first post's, `focus` the post that was asked for. `gone` is what the newest capture says of posts
    that an older one still holds. A thread that several sources show has what each showed in `observations`. `hint`
    is a sentence for who collects: what else could be done. `proven_at` is when a capture last proved it whole.
    """

    id: str
    platform: str
    url: str
    focus: str
    author: Author
    nodes: tuple[Node, ...]
    roles: Mapping[str, Role]
    completeness: Completeness
    route: str = ""
    gone: tuple[Missing, ...] = ()
    kind: Kind = Kind.THREAD
    observations: tuple[Observation, ...] = ()
    hint: str = ""
    proven_at: datetime | None = None

    @property
    def posts(self) -> tuple[Post, ...]:
        """The posts, gaps left out."""
        return tuple(node for node in self.nodes if isinstance(node, Post))

    @property
    def missing(self) -> tuple[Missing, ...]:
        """The gaps, posts left out."""
        return tuple(node for node in self.nodes if isinstance(node, Missing))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One command over one URL: who asked what, with which tool, when, and how it ended.

    `receipt` names the entry of the ledger that seals it; "" while it runs. `imported` is the file or folder that its
    answers were read out of, by name and digest; "" where they came over the network. `requests` and `hosts` are about
    the thread alone; `page_requests` and `media_requests` count what was asked for its public page and its media, each
    with retries and redirects. `media` and `media_failed` count the pictures, films and the like that were fetched on
    top, `media_left` those that it was stopped before. `replies` says that other people's were asked for, `zone` is the
    time zone that the command named, where the author was.
    """

    id: str
    url: str
    tool: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = ""
    requests: int = 0
    hosts: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    operator: str = ""
    receipt: str = ""
    imported: str = ""
    media: int = 0
    media_failed: int = 0
    media_left: int = 0
    page_requests: int = 0
    media_requests: int = 0
    replies: bool = False
    zone: str = ""

    def __post_init__(self) -> None:
        _utc(self.started_at, self.finished_at)

    @property
    def gave_thread(self) -> bool:
        """Whether it ended with a thread, or with what became of one."""
        return self.outcome in (Outcome.COMPLETE, Outcome.PARTIAL, Outcome.UNKNOWN, Outcome.GONE)

    @property
    def imported_from(self) -> str:
        """What `imported` is, in a word: a folder's name ends with a slash."""
        return "folder" if "/ sha256:" in self.imported else "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a post said before: its content as captured, and when that was first seen."""

    content: str
    summary: str | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file that somebody put beside a thread, such as a screenshot; `file` is where, relative to the folder."""

    name: str
    sha256: str
    size: int
    file: str
    at: datetime
    operator: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        _utc(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """That something was taken out of the answers that showed a post, by which entry of the ledger, by whom and why."""

    entry: int
    at: datetime
    operator: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What an exporter renders: the thread, the newest run that captured it, and what earlier ones saw.

    `versions` holds earlier contents by post id, oldest first. `last_seen` holds, for posts that the newest
    run did not show, when one last did. `reductions` holds, for posts whose answers are not kept as they came any more,
    the redaction that changed them.
    """

    thread: Thread
    run: Run
    versions: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)
    last_seen: Mapping[str, datetime] = field(default_factory=dict)
    attached: tuple[Attached, ...] = ()
    reductions: Mapping[str, Reduction] = field(default_factory=dict)

    @property
    def captured_at(self) -> datetime:
        """When the thread was captured last."""
        return self.run.finished_at or self.run.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A thread in one line, for lists; `posts` counts the main line, `missing` the gaps, `run` captured it last.

    `number` is by which commands know it, for good; 0 where it has none.
    Of these posts, `edited` counts those that said something else before, `gone` those that the platform has no more,
    `hidden` those that it does not show to everybody any more.
    """

    id: str
    platform: str
    url: str
    author: str
    author_name: str
    title: str
    posts: int
    missing: int
    expected: int | None
    verdict: Verdict
    first_captured_at: datetime
    captured_at: datetime
    run: str
    number: int = 0
    kind: Kind = Kind.THREAD
    edited: int = 0
    gone: int = 0
    hidden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a visit found otherwise than the one before, at the time `since`; posts by their ids, in reading order.

    `gone` are posts that are said to be deleted, or whose account is closed; `hidden` are not shown to everybody any
    more; `back` were said to be either, and are shown again.
    """

    since: datetime
    new: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    back: tuple[str, ...] = ()


def _named(identifier: str) -> None:
    if not identifier:
        raise ValueError("an id is empty")


def _utc(*times: datetime | None) -> None:
    for time in times:
        if time is not None and time.utcoffset() != timedelta(0):
            raise ValueError(f"not in UTC: {time}")


def utc(text: str) -> datetime:
    """Parse an ISO 8601 time into UTC; a time without a zone is taken as UTC."""
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
