"""Installs what the servers need, where it is not there yet: `python -m tests.servers.install`.

Debian packages come by apt-get (as root, or by sudo without a password), the rest goes into .servers/. What cannot be
installed is named, with what to do; only where the environment says CI is that an error.
"""

import os
import shutil
import sys
from collections.abc import Callable

from . import bluesky, films, postgres, pywb, snac, wacz
from .machine import Failed, Unavailable, run

PROGRAMS = {"npm": "npm", "setpriv": "util-linux"}  # program -> the Debian package that brings it


def packages() -> None:
    """Installs the Debian packages that are missing."""
    wanted = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    wanted += [] if postgres.programs() else ["postgresql"]
    if wanted:
        _as_root("apt-get", "-qq", "update")
        _as_root("apt-get", "-qq", "--yes", "--no-install-recommends", "install", *wanted)


def snac2() -> None:
    """Installs snac2; apt must have seen its mirror once to be able to name it."""
    if snac.mirror() is None:
        _as_root("apt-get", "-qq", "update")
    snac.install()


STEPS: tuple[Callable[[], None], ...] = (packages, bluesky.install, snac2, pywb.install, wacz.install, films.install)


def main() -> int:
    """Takes every step, even where one before it failed."""
    complete = True
    for step in STEPS:
        try:
            step()
        except (Failed, Unavailable) as problem:
            complete = False
            print(f"not installed: {problem}", file=sys.stderr)
    return 1 if not complete and os.environ.get("CI") else 0


def _as_root(*command: str) -> None:
    if os.geteuid() == 0:
        run(*command, environment={"DEBIAN_FRONTEND": "noninteractive"})
    elif shutil.which("sudo"):
        run("sudo", "-n", "DEBIAN_FRONTEND=noninteractive", *command)
    else:
        raise Unavailable(f"not root and no sudo; let somebody run `{' '.join(command)}`")


if __name__ == "__main__":
    sys.exit(main())
