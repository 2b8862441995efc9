"""Answers that are there already, as a `Send`: those of a folder, a saved page, a web archive, or a run of ours."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from itertools import count
from threading import Lock
from typing import TypeVar

from archiver.http.message import Exchange, Keep, Request, Response, Send
from archiver.http.outcome import decided, poured
from archiver.http.redact import redacted

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


def answering(lookup: Callable[[Request], Iterable[Exchange]], keep: Keep) -> Send:
    """Return a `Send` over answers that are there already; each goes to `keep`, as if it came over the wire.

    `lookup` yields what answers a request, a redirect before what its target answers, and raises NotRecorded where that
    is nothing. Several threads may ask at once.
    """
    numbers = count(1)

    def send(request: Request) -> Response:
        seq = next(numbers)
        for attempt, answer in enumerate(lookup(request)):
            exchange = poured(replace(answer, request=request, seq=seq, attempt=attempt))
            keep(redacted(exchange))
        return decided(exchange)

    return send


def in_turn(answers: Mapping[Key, Iterable[Answer]]) -> Callable[[Key], Answer | None]:
    """Return a function that gives the answers to one question in their order, and the last of them from then on.

    It gives None where there is no answer. Several threads may ask at once.
    """
    waiting = {key: deque(group) for key, group in answers.items()}
    lock = Lock()

    def next_answer(key: Key) -> Answer | None:
        with lock:
            group = waiting.get(key)
            if not group:
                return None
            return group.popleft() if len(group) > 1 else group[0]

    return next_answer
