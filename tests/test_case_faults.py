"""Every case again with one answer that does not come, and with nothing that was recorded in vain.

A platform gets these tests with its first case: whatever answer fails, less than the whole is never complete.
"""

from pathlib import Path

import pytest
from cases import cases, name

from archiver import collecting
from archiver.errors import ArchiverError, NetworkError
from archiver.http.message import Request, Response, Send
from archiver.importers import folder
from archiver.importers.folder import Recording
from archiver.model import Reason, Thread, Verdict
from archiver.routes import collect

MEDIA = ("/img/", "getBlob", "pbs.twimg.com")


def collected(recording: Recording, send: Send) -> Thread:
    return collect(*collecting.ref_of(recording.url, recording.asked), send)[0]


def failing(recording: Recording, at: int) -> Send:
    """Answer as recorded, but for one request, each time that it is made."""
    send = folder.sender(recording, lambda exchange: None)
    known: dict[Request, int] = {}

    def sending(request: Request) -> Response:
        if known.setdefault(request, len(known)) == at:
            raise NetworkError(f"{request.url} did not answer")
        return send(request)

    return sending


@pytest.mark.parametrize("case", cases(), ids=name)
def test_whatever_answer_fails_less_than_the_whole_is_never_complete(case: Path) -> None:
    recording = folder.read(case)
    asked: list[Request] = []
    whole = collected(recording, lambda request: asked.append(request) or failing(recording, -1)(request))
    own = {post.id for post in whole.posts if post.author.id == whole.author.id}
    for at in range(len(set(asked))):
        try:
            thread = collected(recording, failing(recording, at))
        except ArchiverError:
            continue
        lacks = own - {post.id for post in thread.posts}
        assert not (lacks and thread.completeness.verdict is Verdict.COMPLETE), (at, lacks)
        there = own - {gap.id for gap in whole.gone}
        invented = [gap.id for gap in thread.missing if gap.id in there and gap.reason is Reason.DELETED]
        assert invented == [], at


@pytest.mark.parametrize("case", cases(), ids=name)
def test_every_recorded_answer_is_asked_for(case: Path) -> None:
    recording = folder.read(case)
    asked: set[str] = set()

    def sending(request: Request) -> Response:
        asked.add(request.url)
        return folder.sender(recording, lambda exchange: None)(request)

    collected(recording, sending)
    kept = {exchange.request.url for exchange in recording.exchanges if not is_medium(exchange.url)}
    assert kept - asked == set()


def is_medium(url: str) -> bool:
    """Whether an address is of a picture or a film, for which no route asks."""
    return url.endswith((".jpg", ".png", ".mp4", ".webp")) or any(part in url for part in MEDIA)
