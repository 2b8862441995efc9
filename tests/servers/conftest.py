"""The servers, one of each for the whole run, and archives to save into."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

import pytest

from . import bluesky, mastodon, snac
from .commandline import Archiver
from .machine import Unavailable
from .seed_mastodon import CASES, USERS

Server = TypeVar("Server")
NewArchiver = Callable[[str], Archiver]


def started(stack: ExitStack, server: AbstractContextManager[Server]) -> Server:
    """The running server; where this machine lacks it the tests are skipped, and in CI they fail."""
    try:
        return stack.enter_context(server)
    except Unavailable as missing:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up(str(missing))


@pytest.fixture(scope="session")
def network() -> Iterator[bluesky.Network]:
    """A Bluesky network."""
    with ExitStack() as stack:
        yield started(stack, bluesky.network())


@pytest.fixture(scope="session")
def site() -> Iterator[mastodon.Site]:
    """A snac2 that looks like a Mastodon server to whom is not logged in."""
    with ExitStack() as stack:
        yield started(stack, mastodon.site(USERS))


@pytest.fixture(scope="session")
def bare() -> Iterator[snac.Snac]:
    """A snac2 with nothing in front of it."""
    with ExitStack() as stack:
        yield started(stack, snac.server(("solo", "duo", "trio", *CASES)))


@pytest.fixture(scope="session")
def new_archiver(tmp_path_factory: pytest.TempPathFactory) -> NewArchiver:
    """Makes an archiver with an empty archive, from the text of its archiver.toml.

    It keeps no pages, and no media unless it is told to: some are on hosts outside, and what is counted here are the
    requests of routes.
    """

    def make(config: str) -> Archiver:
        folder = tmp_path_factory.mktemp("archive")
        path = folder / "settings.toml"
        media = "" if "[media]" in config else "[media]\nfetch = false\n"
        path.write_text(f"[network]\nallow_private = true\n{config}\n{media}[evidence]\npage = false\n")
        path.chmod(0o600)
        return Archiver(folder=folder / "archive", config=path)

    return make
