"""An empty PostgreSQL for the AppView: a cluster of its own, made for one run and thrown away with it."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .machine import HOW_TO_INSTALL, Unavailable, free_port, place, run, running, tool

# Nothing here has to survive a power cut.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


def programs() -> Path | None:
    """The folder of Debian's newest PostgreSQL server programs; None where there are none."""
    found = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "postgres").exists()]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


@contextmanager
def database() -> Iterator[str]:
    """The URL of an empty database, up for as long as the block lasts."""
    bin_ = programs()
    if bin_ is None:
        raise Unavailable(f"PostgreSQL is not installed: {HOW_TO_INSTALL}")
    user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    port = free_port()
    with place("postgres") as folder:
        if user:
            shutil.chown(folder, user, user)
        _create(bin_, folder / "data", user)
        options = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}", *FAST)
        with running(
            [bin_ / "postgres", "-D", folder / "data", *(f"--{option}" for option in options)],
            ready=lambda: _listens(port),
            log=folder / "log",
            user=user,
        ):
            yield f"postgresql://owner@127.0.0.1:{port}/postgres"


def _create(bin_: Path, data: Path, user: str | None) -> None:
    command = [str(bin_ / "initdb"), "-D", str(data), "-U", "owner", "--auth=trust", "--no-sync"]
    as_user = [tool("runuser", "util-linux"), "-u", user, "--"] if user else []
    run(*as_user, *command, "--encoding=UTF8", "--locale=C.UTF-8")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
