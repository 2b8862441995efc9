"""What a file holds that somebody else recorded, as a `Send`: whatever kind of file, it is answers by their addresses.

warc.py, har.py ──► Collection: answers (read when they are asked for), pages, and the runs of our own exports
                       │ sender(keep)        a request gets the newest usable answer to it
                       ▼ again(run, keep)    a run of ours gives what it got, tries and redirects too
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import parse_qsl

from archiver.errors import Interrupted, NotRecorded
from archiver.http.answering import answering, in_turn
from archiver.http.message import SOURCE, Exchange, Headers, Keep, Request, Response, Send, is_media, is_page
from archiver.http.outcome import decided, poured, redirect_target
from archiver.http.outgoing import host_of
from archiver.http.redact import redacted, redacted_url
from archiver.model import Outcome
from archiver.options import Options
from archiver.routes import LISTED
from archiver.urls import parts_of

HOPS = 5  # redirects that are followed

_Question = tuple[bool, str, str, bytes]

_REFUSALS = frozenset((429, 500, 502, 503, 504))


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An answer in the file: to what, from when, and how it is read."""

    method: str
    url: str
    at: datetime
    status: int
    mime: str
    load: Callable[[], Exchange]

    @property
    def html(self) -> bool:
        """Whether it is a page."""
        return "html" in self.mime and self.status == 200

    @property
    def rank(self) -> tuple[bool, datetime]:
        """What decides between several answers to one request: one that is no refusal, and then the newest."""
        return self.status not in _REFUSALS, self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A run that one of our exports tells of."""

    id: str
    url: str
    options: Options
    outcome: str
    started_at: datetime
    finished_at: datetime
    exchanges: Callable[[], tuple[Exchange, ...]]

    @property
    def shows(self) -> bool:
        """Whether media were asked for."""
        return any(is_media(exchange.request_headers) for exchange in self.exchanges())


@dataclass(slots=True)
class Collection:
    """An opened file: `source` is its name and digest, `pages` the addresses that it names as its pages."""

    name: str
    source: str
    answers: list[Held] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    damages: int = 0
    close: Callable[[], None] = lambda: None

    def __enter__(self) -> "Collection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def sender(self, keep: Keep) -> Send:
        """Return a `Send` over all answers; each exchange goes to `keep` as if it came over the wire.

        Raises NotRecorded for a request that nobody recorded.
        """
        exact, loose = self._by_address()

        def lookup(request: Request) -> Iterator[Exchange]:
            url: str | None = request.url
            if request.url.startswith(LISTED):
                yield self._marked(self._listed(request))
                return
            for _ in range(HOPS + 1):
                if url is None:
                    return
                answers = exact[request.method, redacted_url(url)] or loose[request.method, comparable(url)]
                if not answers:
                    raise NotRecorded(f"{url} is not in {self.name}")
                answer = redacted(self._marked(max(answers, key=lambda held: held.rank).load()))
                yield answer
                url = redirect_target(answer)

        return answering(lookup, keep)

    def again(self, visit: Visit, keep: Keep) -> Send:
        """Return a `Send` that answers as in a run of ours, all of which goes to `keep` at once.

        Several threads may ask at once.
        """
        last: dict[int, Exchange] = {}
        for exchange in visit.exchanges():
            exchange = redacted(self._marked(exchange))
            keep(exchange)
            if not is_page(exchange.request_headers):  # nobody asks for it again
                last[exchange.seq] = exchange
        recorded: defaultdict[_Question, list[Exchange]] = defaultdict(list)
        for exchange in last.values():
            recorded[_question(exchange.request, exchange.request_headers)].append(exchange)
        next_answer = in_turn(recorded)

        def send(request: Request) -> Response:
            exchange = next_answer(_question(replace(request, url=redacted_url(request.url)), request.headers))
            if exchange is None and visit.outcome == Outcome.INTERRUPTED:
                raise Interrupted
            if exchange is None:
                raise NotRecorded(f"{request.url} is not in {self.name}: the run that it tells of did not ask for it")
            return decided(poured(replace(self._whole(exchange), request=request)))

        return send

    def _whole(self, exchange: Exchange) -> Exchange:
        """Return an answer that gave the last part of a file with the whole, where the file has it beside."""
        if exchange.status != 206:
            return exchange
        answers = (
            answer.load() for answer in self.answers if (answer.url, answer.status) == (exchange.request.url, 200)
        )
        entire = next((answer for answer in answers if answer.complete and answer.body), None)
        return replace(exchange, status=200, body=entire.body) if entire else exchange

    def at(self, host: str) -> list[str]:
        """Return the addresses on a host, and on those below it, of pages and data; the earliest first."""
        urls = (
            answer.url
            for answer in sorted(self.answers, key=lambda answer: answer.at)
            if answer.method == "GET" and answer.status == 200 and ("html" in answer.mime or "json" in answer.mime)
        )
        return [url for url in dict.fromkeys(urls) if f".{host_of(url)}".endswith(f".{host}")]

    def _listed(self, request: Request) -> Exchange:
        newest = max(answer.at for answer in self.answers)
        return Exchange(
            request=request,
            seq=0,
            attempt=0,
            url=request.url,
            request_headers=(),
            started_at=newest,
            finished_at=newest,
            status=200,
            headers=(("content-type", "application/json"),),
            body=json.dumps(self.at(request.url.removeprefix(LISTED))).encode(),
        )

    def _by_address(self) -> tuple[dict[tuple[str, str], list[Held]], dict[tuple[str, str], list[Held]]]:
        exact: dict[tuple[str, str], list[Held]] = defaultdict(list)
        loose: dict[tuple[str, str], list[Held]] = defaultdict(list)
        for answer in self.answers:
            exact[answer.method, redacted_url(answer.url)].append(answer)
            loose[answer.method, comparable(answer.url)].append(answer)
        return exact, loose

    def _marked(self, exchange: Exchange) -> Exchange:
        if exchange.status is None:
            return exchange
        return replace(exchange, headers=(*exchange.headers, (SOURCE, self.source)))


def comparable(url: str) -> str:
    """Return an address without what makes no difference: its scheme and fragment, the order of its parameters."""
    parts = parts_of(redacted_url(url))
    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
    return f"{parts.netloc.lower()}{parts.path or '/'} {query}"


def _question(request: Request, headers: Headers) -> _Question:
    """Return what tells requests apart; those for media are not those of routes, even at one address."""
    return is_media(headers), request.method, request.url, request.body
