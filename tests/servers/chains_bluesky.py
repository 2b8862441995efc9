"""Writes any shape of thread into a running Bluesky network: any parent, any root, any key, any claimed time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from .bluesky import Network
from .machine import eventually
from .seed_bluesky import POST, SORTABLE, Account, join
from .story import Person

START = datetime(2026, 2, 2, 8, 0, tzinfo=UTC)
AT_ONCE = 200  # writes that a PDS takes in one call

Ref = dict[str, str]


@dataclass
class Scribe:
    """Somebody who writes posts one minute after the other; `at` is the time of the next."""

    network: Network
    account: Account
    at: datetime = START
    roots: dict[str, Ref] = field(default_factory=dict)  # the first post of a post's conversation, by its URI

    @classmethod
    def named(cls, network: Network, name: str, other: "Scribe | None" = None) -> "Scribe":
        """A new account; it knows the conversations, and the time, of another one."""
        account = join(network, Person(name=name, shown=name.title(), about=""))
        return cls(network, account, other.at, other.roots) if other else cls(network, account)

    def post(
        self, text: str, to: Ref | None = None, root: Ref | None = None, *, claims: datetime | None = None, **more: Any
    ) -> Ref:
        """Write a post at once and return its reference; `root` is what it names as its conversation's first."""
        self.at += timedelta(minutes=1)
        key, record = self.made(text, to, root, claims=claims, **more)
        body = {"repo": self.account.did, "collection": POST, "rkey": key, "record": record}
        made = self._call("com.atproto.repo.createRecord", **body)
        ref = {"uri": made["uri"], "cid": made["cid"]}
        self.roots[ref["uri"]] = (root or self.roots[to["uri"]]) if to else ref
        return ref

    def chain(self, count: int, to: Ref | None = None, text: str = "Note {}") -> list[Ref]:
        """Write posts that answer each other."""
        refs: list[Ref] = []
        for number in range(count):
            refs.append(self.post(text.format(number), refs[-1] if refs else to))
        return refs

    def many(self, count: int, apart: timedelta = timedelta(minutes=1)) -> None:
        """Write posts that belong to nothing, many in one call."""
        writes = []
        for number in range(count):
            self.at += apart
            key, record = self.made(f"Something else {number}", None, None)
            writes.append(
                {"$type": "com.atproto.repo.applyWrites#create", "collection": POST, "rkey": key, "value": record}
            )
        for first in range(0, count, AT_ONCE):
            self._call("com.atproto.repo.applyWrites", repo=self.account.did, writes=writes[first : first + AT_ONCE])

    def made(
        self, text: str, to: Ref | None, root: Ref | None, *, claims: datetime | None = None, **more: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the key and the record of a post of now."""
        record = {
            "$type": POST,
            "text": text,
            "createdAt": f"{claims or self.at:%Y-%m-%dT%H:%M:%S.000Z}",
            "langs": ["en"],
            **more,
        }
        if to:
            record["reply"] = {"root": root or self.roots[to["uri"]], "parent": to}
        return key_of(self.at), record

    def delete(self, ref: Ref) -> None:
        """Delete a post."""
        self._call(
            "com.atproto.repo.deleteRecord", repo=self.account.did, collection=POST, rkey=ref["uri"].rsplit("/", 1)[1]
        )

    def put(self, collection: str, key: str, record: dict[str, Any]) -> None:
        """Write a record of any kind."""
        self._call("com.atproto.repo.putRecord", repo=self.account.did, collection=collection, rkey=key, record=record)

    def deactivate(self) -> None:
        """Close the account, as its owner may."""
        self._call("com.atproto.server.deactivateAccount")

    def rename(self, handle: str) -> None:
        """Take another handle, and wait until the AppView has forgotten the old one."""
        self._call("com.atproto.identity.updateHandle", handle=handle)
        url = f"{self.network.appview}/xrpc/com.atproto.identity.resolveHandle"
        former = {"handle": self.account.handle}
        eventually(lambda: not requests.get(url, params=former, timeout=30).ok, "the AppView forgets the old handle")

    def _call(self, method: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.account.token}"}
        answer = requests.post(f"{self.network.pds}/xrpc/{method}", json=body, headers=headers, timeout=60)
        if not answer.ok:
            raise RuntimeError(f"{method}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else {}


def page_of(scribe: Scribe, ref: Ref) -> str:
    """Return the page of a post."""
    return f"https://bsky.app/profile/{scribe.account.handle}/post/{ref['uri'].rsplit('/', 1)[1]}"


def key_of(moment: datetime) -> str:
    """Return the record key of a post that is made at a moment."""
    bits = int(moment.timestamp() * 1_000_000) << 10
    return "".join(SORTABLE[bits >> shift & 31] for shift in range(60, -1, -5))


def take_account_down(network: Network, did: str) -> None:
    """Have the PDS take an account down, as its operator may."""
    subject = {"$type": "com.atproto.admin.defs#repoRef", "did": did}
    _order(network.pds, subject)


def _order(server: str, subject: dict[str, str]) -> None:
    order = {"subject": subject, "takedown": {"applied": True, "ref": "1"}}
    url = f"{server}/xrpc/com.atproto.admin.updateSubjectStatus"
    requests.post(url, json=order, auth=("admin", "admin-pass"), timeout=30).raise_for_status()


def take_post_down(network: Network, ref: Ref) -> None:
    """Have the AppView take a post down; its author's server does not hear of it."""
    _order(network.appview, {"$type": "com.atproto.repo.strongRef", **ref})


def seen(network: Network, ref: Ref, there: bool = True) -> None:
    """Wait until the AppView shows a post, or does not any more."""
    url = f"{network.appview}/xrpc/app.bsky.feed.getPosts"

    def shows() -> bool:
        return bool(requests.get(url, params={"uris": ref["uri"]}, timeout=30).json()["posts"]) is there

    eventually(shows, f"the AppView {'shows' if there else 'forgets'} {ref['uri']}")
