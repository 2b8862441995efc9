"""What stands in for a Mastodon server: a real snac2 behind a proxy that shows it as Mastodon shows itself.

By hand: `python -m tests.servers.mastodon` fills one, prints what to paste, and keeps running until Ctrl-C.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from . import snac
from .machine import free_port, keep_running, place, running

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Site:
    """A running site: its public address, the server behind it, and the log of what it was asked."""

    url: str
    snac: snac.Snac
    request_log: Path

    def requests(self) -> list[str]:
        """Every request from outside so far, as "GET http://…"; what snac2 sends to its own inbox is left out."""
        lines = map(json.loads, self.request_log.read_text().splitlines())
        return [f"{line['method']} {self.url}{line['url']}" for line in lines if "snac/" not in line["agent"]]


@contextmanager
def site(users: tuple[str, ...]) -> Iterator[Site]:
    """A site with these users and no posts, up for as long as the block lasts."""
    port = free_port()
    with snac.server(users, public_port=port) as server, place("proxy") as folder:
        log = folder / "requests.jsonl"
        log.touch()
        with running(
            [
                sys.executable,
                "-m",
                "tests.servers.proxy",
                str(port),
                log,
                json.dumps(asdict(server), default=str),
            ],
            ready=lambda: _answers(server.public),
            log=folder / "log",
            folder=PROJECT,
        ):
            log.write_text("")  # forget how often it was asked whether it is there
            yield Site(url=server.public, snac=server, request_log=log)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/v1/instance", timeout=5).ok
    except requests.ConnectionError:
        return False


if __name__ == "__main__":
    from .seed_mastodon import USERS, seed_everything

    with site(USERS) as running_site:
        print("\n".join(seed_everything(running_site)), flush=True)
        keep_running()
