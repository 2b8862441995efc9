"""Whatever is missing from the answers of a source: a thread or storm that lacks posts is never called complete."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cases import FIXTURES

from archiver import collecting
from archiver.errors import ArchiverError
from archiver.importers import folder
from archiver.importers.folder import Recording
from archiver.model import Thread, Verdict
from archiver.routes import collect

SEEDS = 300
PROVING = ("api_v2", "x_archive")  # posts that only another source still shows are no part of what these prove


def collected(recording: Recording) -> Thread | None:
    try:
        return collect(
            *collecting.ref_of(recording.url, recording.options), folder.sender(recording, lambda exchange: None)
        )[0]
    except ArchiverError:
        return None


def changed(recording: Recording, number: int, body: bytes) -> Recording:
    exchanges = list(recording.exchanges)
    exchanges[number] = replace(exchanges[number], body=body)
    return replace(recording, exchanges=tuple(exchanges))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, content in inside:
        yield (*path, key)
        yield from places(content, (*path, key))


def without(value: Any, path: tuple[Any, ...]) -> bytes:
    """Return a JSON value without the part at a path."""
    cut = json.loads(json.dumps(value))
    at = cut
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    return json.dumps(cut).encode()


CASES = sorted(path.parent for path in (FIXTURES / "x").glob("*/options") if "api_v2" in path.read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_cut_makes_a_thread_complete_that_lacks_posts(case: Any) -> None:
    recording = folder.read(case)
    whole = collected(recording)
    assert whole
    shown = {post.id for post in whole.posts if post.route in PROVING}
    chance = random.Random(7)
    answered = [number for number, exchange in enumerate(recording.exchanges) if exchange.body]
    complete = 0
    for _ in range(SEEDS):
        number = chance.choice(answered)
        body = recording.exchanges[number].body
        if body[:1] in b"{[" and chance.random() < 0.8:
            value = json.loads(body)
            inside = [*places(value)]
            cut = collected(changed(recording, number, without(value, chance.choice(inside)) if inside else b""))
        else:
            cut = collected(changed(recording, number, body[: chance.randrange(len(body))]))
        if cut and cut.completeness.verdict is Verdict.COMPLETE:
            complete += 1
            assert shown <= {post.id for post in cut.posts}, (number, body[:80])
    if whole.completeness.verdict is Verdict.COMPLETE:
        assert complete
    else:
        assert not complete
