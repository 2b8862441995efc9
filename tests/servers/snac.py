"""A real snac2: a small server of the fediverse that speaks the Mastodon client API and ActivityPub.

What it does with ids and lists, seen on 2.96: a status's id is ten digits (the second of posting, after an edit that
of the edit; any ten digits are accepted) and the MD5 of its `uri`; an account's id is the MD5 of its `uri`. A listing
knows `limit` and `max_id`, ignores `min_id` and `since_id`, sends no Link header, and ends at the newest 256 posts.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from .machine import HOW_TO_INSTALL, INSTALLED, Failed, Unavailable, free_port, place, run, running

SUITE = "sid"  # earlier Debian releases have a snac2 that shows logged-in readers less of the API
HOME = INSTALLED / "snac"
PROGRAM = HOME / "snac"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True, kw_only=True)
class Snac:
    """A running server: where it listens, what it calls itself in addresses, its folder, and a token a user."""

    address: str
    public: str
    folder: Path
    tokens: dict[str, str]

    def ask(self, path: str, user: str | None = None, accept: str = "*/*") -> requests.Response:
        """A GET, as one of its users or as nobody. It closes kept connections unannounced, so each is a new one."""
        headers = {"Accept": accept, **({"Authorization": f"Bearer {self.tokens[user]}"} if user else {})}
        return requests.get(self.address + path, headers=headers, timeout=60, allow_redirects=False)

    def tell(self, method: str, path: str, user: str, **body: Any) -> Any:
        """A writing call of the API, as one of the users; returns the decoded answer."""
        headers = {"Authorization": f"Bearer {self.tokens[user]}"}
        answer = requests.request(method, self.address + path, headers=headers, timeout=60, **body)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def posted(self, user: str) -> list[str]:
        """The ids of all that a user has posted, oldest first, from the server's own index: its API ends at 256."""
        index = self.folder / "user" / user / "public.idx"
        return ["0" * 10 + digest for digest in index.read_text().split()] if index.exists() else []


def account_id(public: str, user: str) -> str:
    """The id that the API gives a user."""
    return hashlib.md5(f"{public}/{user}".encode(), usedforsecurity=False).hexdigest()


def install() -> None:
    """Brings Debian's package with the libraries that it was built for, from the mirror that apt already uses."""
    if PROGRAM.exists():
        return
    address = mirror()
    if address is None:
        raise Unavailable(f"apt-get knows no Debian mirror to take snac2 from: apt-get update, then {HOW_TO_INSTALL}")
    for folder in ("lists/partial", "cache/archives/partial", "root"):
        (HOME / folder).mkdir(parents=True, exist_ok=True)
    sources = HOME / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {address} {SUITE} main\n")
    places = {"Etc::sourcelist": sources, "Etc::sourceparts": "/dev/null", "State::status": "/dev/null"}
    places |= {"State::lists": HOME / "lists", "Cache": HOME / "cache"}
    options = [f"--option=Dir::{name}={place}" for name, place in places.items()]
    run("apt-get", "-qq", *options, "update")
    run("apt-get", "-qq", *options, "--yes", "--no-install-recommends", "--download-only", "install", "snac2")
    for package in (HOME / "cache" / "archives").glob("*.deb"):
        run("dpkg", "--extract", str(package), str(HOME / "root"))
    for folder in ("lists", "cache"):
        shutil.rmtree(HOME / folder)
    (loader,) = (HOME / "root").glob("usr/lib/*/ld-linux*.so.*")
    PROGRAM.write_text(f'#!/bin/sh\nexec {loader} --library-path {loader.parent} {HOME}/root/usr/bin/snac "$@"\n')
    PROGRAM.chmod(0o755)


def mirror() -> str | None:
    """The first Debian mirror in apt's own configuration, None where apt has not seen one."""
    listed = run("apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages")
    found = [line.split(" ", 1) for line in listed.splitlines()]
    return next((address for label, address in found if label == "Debian"), None)


@contextmanager
def server(users: tuple[str, ...], *, public_port: int | None = None) -> Iterator[Snac]:
    """A server with these users and no posts, up for as long as the block lasts.

    `public_port` is where it says that it lives, for a proxy in front of it; else its own.
    """
    if not PROGRAM.exists():
        raise Unavailable(f"snac2 is not installed: {HOW_TO_INSTALL}")
    port = free_port()
    address, public = f"http://localhost:{port}", f"http://localhost:{public_port or port}"
    with place("snac") as folder:
        data = folder / "data"
        passwords = _create(data, port, public, users)
        snac = Snac(address=address, public=public, folder=data, tokens={})
        with running([PROGRAM, "httpd", data], ready=lambda: _answers(snac), log=folder / "log"):
            snac.tokens.update({user: _token(address, user, password) for user, password in passwords.items()})
            yield snac


def _create(folder: Path, port: int, public: str, users: tuple[str, ...]) -> dict[str, str]:
    """Makes the data folder and the users; returns their passwords."""
    host = public.removeprefix("http://")
    run(str(PROGRAM), "init", str(folder), said=f"127.0.0.1\n{port}\n{host}\n\n\n")
    path = folder / "server.json"
    settings = json.loads(path.read_text())
    settings |= {"protocol": "http", "disable_email_notifications": True}
    settings["num_threads"] = 64  # it sends every post to its own inbox, and with few threads waits for itself
    path.write_text(json.dumps(settings))
    return {user: _add(folder, user) for user in users}


def _add(folder: Path, user: str) -> str:
    said = run(str(PROGRAM), "adduser", str(folder), user)
    found = re.search(r"User password is (\S+)", said)
    if found is None:
        raise Failed(f"snac2 told no password of {user}: {said}")
    return found[1]


def _answers(snac: Snac) -> bool:
    try:
        return snac.ask("/api/v1/instance").ok
    except requests.ConnectionError:
        return False


def _token(address: str, user: str, password: str) -> str:
    form = {"login": user, "passwd": password}
    return requests.post(f"{address}/oauth/x-snac-get-token", data=form, timeout=30).text.strip()
