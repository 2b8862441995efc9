"""Recorded exchanges as a folder of text files that a person can read, write and review.

    url             the address that was pasted
    options         optional: a line for each option of the run, such as `replies`, or `since 2026-03-12T00:00:00+00:00`
    1.http          GET https://ann.example/api/…        what was asked
                    -> https://…                         only where redirects led somewhere else
                                                         (an empty line)
                    200                                  the status, or `error: …` where no answer came
                    content-type: application/json       and the headers that matter
                    date: Thu, 12 Mar 2026 17:20:05 GMT
    1.body.json     the answer's bytes, content coding undone; the ending is for editors
    2.http …

Every exchange is the last one of its request: tries and redirects before it are not kept here. What the thread shows,
such as a picture, is recorded like any answer (7.body.png); a recording without any of it tells nothing about it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from archiver.errors import NotRecorded, UsageError
from archiver.files import source_of_folder
from archiver.http.answering import answering, in_turn
from archiver.http.message import Exchange, Headers, Keep, Request, Send, decoded, header
from archiver.http.redact import redacted_url
from archiver.kinds import HEAD, ending_of
from archiver.options import Options

KEPT = ("content-type", "date", "link", "location", "memento-datetime", "retry-after", "server")
_YES = "yes"  # the value of an option that has none
MEDIA = ("image/", "video/", "audio/")
_PART = re.compile(r"\d+\.(?:http|body\..*)")
ENDINGS = {"application/json": ".json", "text/html": ".html", "text/plain": ".txt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A folder's content: what was asked for, with which options, and what came; `source` names the folder for good."""

    source: str
    url: str
    options: Options
    exchanges: tuple[Exchange, ...]

    @property
    def finished_at(self) -> datetime:
        """When the last answer came."""
        return max(exchange.finished_at for exchange in self.exchanges)

    @property
    def shows(self) -> bool:
        """Whether it has anything that the thread shows: pictures, films and the like."""
        return any(header(exchange.headers, "content-type").startswith(MEDIA) for exchange in self.exchanges)


def read(folder: Path) -> Recording:
    """Read a recording. Raises UsageError where the folder holds none."""
    try:
        url = (folder / "url").read_text(encoding="utf-8").strip()
        lines = (folder / "options").read_text(encoding="utf-8").splitlines() if (folder / "options").exists() else []
        options = Options.of({name: value or _YES for name, _, value in (line.partition(" ") for line in lines)})
        files = sorted(folder.glob("*.http"), key=lambda path: int(path.stem))
        exchanges = tuple(_read_exchange(path, seq) for seq, path in enumerate(files, 1))
    except (OSError, ValueError, IndexError, TypeError) as error:
        raise UsageError(f"{folder} holds no recording that can be read ({error})") from error
    if not exchanges:
        raise UsageError(f"{folder} holds no recorded answers (files such as 1.http)")
    return Recording(source=_source(folder), url=url, options=options, exchanges=exchanges)


def _source(folder: Path) -> str:
    """Return the folder's name and the digest of the list of what was read in it."""
    files = [path for path in folder.iterdir() if path.name in ("url", "options") or _PART.fullmatch(path.name)]
    return source_of_folder(folder.resolve().name, {path.name: [path.read_bytes()] for path in files})


def _read_exchange(path: Path, seq: int) -> Exchange:
    question, _, answer = path.read_text(encoding="utf-8").partition("\n\n")
    first, *redirected = question.splitlines()
    method, url = first.split(" ", 1)
    status, *lines = answer.splitlines()
    headers: Headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
    came = parsedate_to_datetime(header(headers, "date"))
    exchange = Exchange(
        request=Request(url=url, method=method),
        seq=seq,
        attempt=0,
        url=redirected[0].removeprefix("-> ") if redirected else url,
        request_headers=(),
        started_at=came,
        finished_at=came,
        headers=headers,
    )
    if status.startswith("error: "):
        return replace(exchange, error=status.removeprefix("error: "))
    body = next((file.read_bytes() for file in path.parent.glob(f"{path.stem}.body.*")), b"")
    return replace(exchange, status=int(status), body=body)


def sender(recording: Recording, keep: Keep) -> Send:
    """Return a `Send` that answers from a recording; each exchange goes to `keep` as if it came over the wire.

    A request that was made several times gets its answers in that order, and the last of them from then on. Raises
    NotRecorded for a request that was not recorded. Several threads may ask at once.
    """
    recorded: defaultdict[tuple[str, str], list[Exchange]] = defaultdict(list)
    for exchange in recording.exchanges:
        recorded[_question(exchange.request)].append(exchange)
    next_answer = in_turn(recorded)

    def lookup(request: Request) -> Iterator[Exchange]:
        answer = next_answer(_question(request))
        if answer is None:
            raise NotRecorded(f"{request.url} is not in the recording")
        yield replace(answer, request_headers=request.headers)

    return answering(lookup, keep)


def _question(request: Request) -> tuple[str, str]:
    """Return what tells requests apart; what nobody keeps of an address tells nothing."""
    return request.method, redacted_url(request.url)


def write(folder: Path, url: str, options: Options, exchanges: Iterable[Exchange]) -> None:
    """Write a recording, with the few headers that routes and readers look at."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "url").write_text(f"{url}\n", encoding="utf-8")
    if fields := options.fields():
        lines = [name if value == _YES else f"{name} {value}" for name, value in fields.items()]
        (folder / "options").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for number, exchange in enumerate(exchanges, 1):
        (folder / f"{number}.http").write_text(_head(exchange), encoding="utf-8")
        if exchange.status is not None:
            body = decoded(exchange.body, header(exchange.headers, "content-encoding"), exchange.url)
            (folder / f"{number}.body{_ending(exchange, body)}").write_bytes(body)


def _ending(exchange: Exchange, body: bytes) -> str:
    kind = header(exchange.headers, "content-type").partition(";")[0].strip()
    if kind.endswith("+json"):
        return ".json"
    return ENDINGS.get(kind) or ending_of(body[:HEAD]) or ".bin"


def _head(exchange: Exchange) -> str:
    lines = [f"{exchange.request.method} {exchange.request.url}"]
    if exchange.url != exchange.request.url and exchange.status is not None:
        lines.append(f"-> {exchange.url}")
    date = format_datetime(exchange.finished_at.astimezone(UTC), usegmt=True)
    headers = [(name.lower(), value) for name, value in exchange.headers if name.lower() in KEPT]
    headers = [*(pair for pair in headers if pair[0] != "date"), ("date", date)]
    status = f"error: {exchange.error}" if exchange.status is None else str(exchange.status)
    return "\n".join([*lines, "", status, *(f"{name}: {value}" for name, value in headers), ""])
