"""Sealing: somebody outside vouches that the newest head of the ledger was there at a time.

    head ── its digest ──► authorities (RFC 3161), in their order until one stamps ──► seals/N-HEAD.tsr
                       └─► calendars (OpenTimestamps), all of them                 ──► seals/N-HEAD.ots

Each answer is kept before it is read: as an exchange of a run of its own, and as an anchor of the head.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from archiver.config import Evidence
from archiver.errors import ArchiverError, ParseError, Refused, UsageError
from archiver.evidence import stamps
from archiver.evidence.der import Damaged
from archiver.evidence.stamps import OPENTIMESTAMPS, RFC3161, Granted, Refusal, Stamp
from archiver.files import write
from archiver.http.message import Keep, Request, Response, Send
from archiver.http.redact import redacted_url
from archiver.http.roots import certificates, roots
from archiver.layout import SEALS
from archiver.ledger import Entry
from archiver.model import Outcome
from archiver.options import Options
from archiver.routes import Failure
from archiver.store.store import Archive

Connect = Callable[[Keep], Send]
Clock = Callable[[], datetime]
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What came of it: who stamped the head and when, who promised to, what failed, and where the files are.

    `stamped_by` is "" where no authority gave a stamp, `time` is by its clock; `base` is the path of the files without
    their endings.
    """

    entry: Entry
    stamped_by: str
    time: datetime | None
    promised_by: tuple[str, ...]
    failures: tuple[Failure, ...]
    base: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that were written."""
        stamped = [".tsq", ".tsr", ".pem"] if self.stamped_by else []
        endings = [".head", *stamped, *([".ots"] if self.promised_by else [])]
        return tuple(self.base.with_suffix(ending) for ending in endings)

    @property
    def checks(self) -> tuple[str, ...]:
        """The commands that check it without this program."""
        stamped = [] if self.time is None else [command(self.base, self.time)]
        head, proof = (shlex.quote(str(self.base.with_suffix(ending))) for ending in (".head", ".ots"))
        return (*stamped, *([f"ots verify -f {head} {proof}"] if self.promised_by else []))


def command(base: Path, time: datetime) -> str:
    """Return how a stamp is checked without this program, in years too: as of its own time, since certificates end."""
    head, reply, chain = (shlex.quote(str(base.with_suffix(ending))) for ending in (".head", ".tsr", ".pem"))
    at = f"-attime {int(time.timestamp())}"
    return f"openssl ts -verify -data {head} -in {reply} -untrusted {chain} -CAfile ROOTS.pem {at}"


def base_of(folder: Path, seq: int, head: str) -> Path:
    """Return the path, without their endings, of the files of a stamp."""
    return folder / SEALS / f"{seq}-{head[:8]}"


def seal(archive: Archive, settings: Evidence, connect: Connect, clock: Clock, nonce: Callable[[], int]) -> Seal:
    """Have the newest head stamped. Raises UsageError where there is none, or nobody to ask."""
    entry = archive.ledger.head()
    if entry is None:
        raise UsageError(f"nothing is in {archive.folder} yet that could be sealed; begin with: archiver save URL")
    if not (settings.tsa or settings.calendars):
        raise UsageError("nobody is named who could stamp; set evidence.tsa in archiver.toml")
    sealing = _Sealing(archive, entry, connect, clock)
    stamped_by, time = "", None
    for url in settings.tsa:
        granted = sealing.stamped(url, nonce())
        if granted:
            stamped_by, time = redacted_url(url), granted.time
            break
    return Seal(
        entry=entry,
        stamped_by=stamped_by,
        time=time,
        promised_by=sealing.promised(settings.calendars),
        failures=tuple(sealing.failures),
        base=sealing.base,
    )


class _Sealing:
    """The work on one head: asks, keeps, writes the files, and remembers what failed."""

    def __init__(self, archive: Archive, entry: Entry, connect: Connect, clock: Clock):
        self._archive, self._entry = archive, entry
        self._connect, self._clock = connect, clock
        self.failures: list[Failure] = []
        self.base = base_of(archive.folder, entry.seq, entry.hash)
        write(self.base.with_suffix(".head"), stamps.data_of(entry.hash))

    def stamped(self, url: str, nonce: int) -> Granted | None:
        """Have an authority stamp the head; None where it does not."""
        request, name = stamps.request_of(stamps.digest_of(self._entry.hash), nonce), redacted_url(url)
        asked = Request(url=url, method="POST", headers=(("Content-Type", stamps.QUERY),), body=request)

        def judged(response: Response) -> Granted:
            if response.status != 200:
                raise Refused(f"{response.url} answered {response.status} instead of a time stamp; its answer is kept")
            stamp = Stamp(kind=RFC3161, url=name, head=self._entry.hash, request=request, reply=response.content)
            if problems := stamps.problems_of(stamp):  # no anchor of this head: that would look like forgery for ever
                raise ParseError(f"{name} gave a time stamp that {' and '.join(problems)}; its answer is kept")
            self._keep(stamp)
            granted = _granted(stamp)
            write(self.base.with_suffix(".tsq"), request)
            write(self.base.with_suffix(".tsr"), stamp.reply)
            write(self.base.with_suffix(".pem"), _chain(stamp.reply))
            return granted

        return self._run(asked, judged)

    def promised(self, calendars: tuple[str, ...]) -> tuple[str, ...]:
        """Have calendars promise to stamp the head; return those that do."""
        digest = stamps.digest_of(self._entry.hash)
        promises: dict[str, bytes] = {}
        for url in calendars:
            asked = Request(
                url=f"{url.rstrip('/')}/digest", method="POST", headers=(("Accept", stamps.PROOF),), body=digest
            )
            if promise := self._run(asked, _promise):
                promises[redacted_url(url)] = promise
        if promises:
            proof = stamps.proof_of(digest, list(promises.values()))
            names = " ".join(promises)
            self._keep(Stamp(kind=OPENTIMESTAMPS, url=names, head=self._entry.hash, request=digest, reply=proof))
            write(self.base.with_suffix(".ots"), proof)
        return tuple(promises)

    def _run(self, request: Request, judged: Callable[[Response], _Made]) -> _Made | None:
        """Ask in a run of its own, and judge the answer; None, and one failure more, where there is nothing good."""
        archive, clock = self._archive, self._clock
        run = archive.begin(request.url, Options(seal=self._entry.seq), clock())
        try:
            made = judged(self._connect(archive.keep(run))(request))
        except ArchiverError as error:
            self.failures.append(Failure(route=redacted_url(request.url), error=error))
            archive.finish(run, Outcome.FAILED, [str(error)], clock())
            return None
        archive.finish(run, Outcome.SEALED, [], clock())
        return made

    def _keep(self, stamp: Stamp) -> None:
        self._archive.ledger.anchor(self._entry, stamp.kind, stamp.url, stamp.request, stamp.reply, self._clock())


def _chain(reply: bytes) -> str:
    """Return the certificates of who stamped, up to their root where this computer knows it, while it still does."""
    try:
        return stamps.pem_of(stamps.chain_of(reply, certificates(roots())))
    except (Damaged, OSError):
        return ""  # openssl says what is wrong with it


def _granted(stamp: Stamp) -> Granted:
    """Return what an authority vouches for. Raises Refused where it does not, ParseError where we cannot read it."""
    try:
        answer = stamps.read_reply(stamp.reply)
    except Damaged as error:
        raise ParseError(
            f"{stamp.url} answered what this program cannot read as a time stamp ({error}); its answer is kept"
        ) from error
    if isinstance(answer, Refusal):
        raise Refused(f"{stamp.url} gave no time stamp: {answer.text}; its answer is kept")
    return answer


def _promise(response: Response) -> bytes:
    """Return a calendar's promise. Raises Refused for an answer that is none."""
    if response.status != 200 or not stamps.is_promise(response.content):
        raise Refused(f"{response.url} answered {response.status} without a promise to stamp; its answer is kept")
    return response.content
