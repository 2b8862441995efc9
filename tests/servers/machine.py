"""What the servers need from the machine: a place, a free port, a process that ends with the tests."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

INSTALLED = Path(__file__).parents[2] / ".servers"
PREFIX = "archiver-servers-"  # then the number of the process that uses the folder
HOW_TO_INSTALL = "run `python -m tests.servers.install`"

Environment = dict[str, str]


class Unavailable(Exception):
    """A server is not installed on this machine; the message says what is missing and how to get it."""


class Failed(Exception):
    """What is installed does not do what it should."""


def tool(name: str, package: str) -> str:
    """The path of a program, or `Unavailable` naming the Debian package that brings it."""
    path = shutil.which(name)
    if path is None:
        raise Unavailable(f"{name} is missing: apt-get install {package}, then {HOW_TO_INSTALL}")
    return path


def run(*command: str, folder: Path | None = None, said: str = "", environment: Environment | None = None) -> str:
    """Runs a command, answers its questions with `said`, and returns what it printed.

    Raises Failed with its last line, Unavailable where there is no such program.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            input=said,
            capture_output=True,
            text=True,
            timeout=600,
        )
    except FileNotFoundError as error:
        raise Unavailable(f"{command[0]} is missing on this machine; the servers are installed on Debian") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Failed(f"`{' '.join(command)}` failed: {lines[-1] if lines else done.returncode}")
    return done.stdout


def python_packages(home: Path, *packages: str) -> None:
    """Brings packages from PyPI into an environment of their own, unless exactly these are there already."""
    done = home / "installed"
    if done.exists() and done.read_text() == " ".join(packages):
        return
    shutil.rmtree(home, ignore_errors=True)
    run(sys.executable, "-m", "venv", str(home))
    run(str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    done.write_text(" ".join(packages))


@contextmanager
def place(server: str) -> Iterator[Path]:
    """An empty folder for one run of a server; it goes with the block, and those of killed runs go now."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).split("-")[0]
        if not Path("/proc", owner).exists():
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-{server}-") as name:
        yield Path(name)


def keep_running() -> None:
    """Waits for Ctrl-C."""
    with suppress(KeyboardInterrupt):
        signal.pause()


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    ready: Callable[[], object],
    log: Path,
    folder: Path | None = None,
    environment: Environment | None = None,
    user: str | None = None,
    seconds: float = 60,
) -> Iterator[None]:
    """A server process from the moment it is ready until the block ends. Raises Failed when it is not ready in time.

    The kernel ends it too when this process dies, so a killed test run leaves nothing behind.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [tool("setpriv", "util-linux"), "--pdeathsig", "TERM", *_as_user(user), *command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, ready, log, seconds)
        yield
    finally:
        stop(process)


def _as_user(user: str | None) -> list[str]:
    return ["--reuid", user, "--regid", user, "--init-groups"] if user else []


def _wait(process: "subprocess.Popen[bytes]", ready: Callable[[], object], log: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            said = log.read_text(errors="replace").strip().splitlines()[-3:]
            raise Failed(f"{process.args!r} is not ready after {seconds:.0f} s: {' | '.join(said)}")
        time.sleep(0.1)


def eventually(true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Waits until something that happens in the background has happened."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.1)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Asks a process to end, and insists after ten seconds."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
