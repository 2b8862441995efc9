"""A process that saves threads one after the other, to be killed in the middle of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

# Imports take longer than a save, so each save is a fork of a process that has loaded all. Parts are settled sooner
# than usual, so that a film of 2 MB is one that goes on.
SAVERS = """
import os, sys
from pathlib import Path
from samples import NOON
from archiver.verbs import capture
from archiver.config import Network
from archiver.http.client import Client
from archiver.media import part
from archiver.media.stage import Wanted
from archiver.verbs.recovery import recovered

part.SETTLED = 200_000

media = Wanted() if "media" in sys.argv else None

def save(folder, url):
    outside = {"network": Network(allow_private=True), "credentials": {}, "bases": {}, "now": lambda: NOON}
    with recovered(Path(folder), now=NOON) as (archive, _), Client(report=print, **outside) as client:
        capture.archive(archive, url, client.recording, lambda: NOON, media=media)

save(*sys.argv[1:3])
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        save(*line.split())
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()  # until then the number is the child's, whatever has become of it
    print(os.waitpid(child, 0)[1], flush=True)
"""


class Savers:
    """Saves one after the other, each in a process of its own; `options` are `media` or nothing."""

    def __init__(self, folder: Path, url: str, *options: str) -> None:
        command = [sys.executable, "-c", SAVERS, str(folder), url, *options]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, cwd=Path(__file__).parent, **pipes)  # type: ignore[call-overload]
        assert self._process.stdout.readline() == "ready\n"

    def close(self) -> None:
        self._process.communicate()

    def save(self, folder: Path, url: str, killed_after: float | None = None) -> int:
        """Save, or begin to, and return how it ended: 0, or minus the signal."""
        child = int(self._told(f"{folder} {url}"))
        if killed_after is not None:
            time.sleep(killed_after)
            os.kill(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(int(self._told("")))

    def _told(self, line: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        print(line, file=self._process.stdin, flush=True)
        return self._process.stdout.readline()
