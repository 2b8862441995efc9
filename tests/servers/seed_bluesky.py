"""Writes accounts and threads into a running Bluesky network, through the PDS as any client does."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
from pictures import HEIGHT, WIDTH, portrait, scene

from .bluesky import Network
from .machine import eventually
from .story import Entry, Person, Seeded, Thread, addressed, numbered, story

POST = "app.bsky.feed.post"
FACETS = (
    ("link", re.compile(rb"(https?://[^\s()]*[^\s().,;:!?])")),
    ("tag", re.compile(rb"(?<!\S)#([A-Za-z]\w*)")),
    ("mention", re.compile(rb"@([a-z-]+\.test)")),
)
Refs = dict[str, dict[str, dict[str, str]]]
SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who can write: the handle, the DID and the token of a session at the PDS."""

    handle: str
    did: str
    token: str


def seed_story(network: Network) -> Thread:
    """The story, with an image, a quote, a link card, a rewritten post, and what other people said."""
    told = story()
    accounts = {person.name: join(network, person) for person in told.people}
    return publish(network, accounts, told.entries)


def seed_numbered(network: Network, name: str, count: int) -> Thread:
    """A self-thread of `count` plain posts by a new account."""
    account = join(network, Person(name=name, shown=name.title(), about=""))
    return publish(network, {name: account}, numbered(name, count, "Step {number} of the long way round."))


def seed_hole(network: Network, name: str) -> Thread:
    """A self-thread of six posts, the third of which its author has deleted."""
    account = join(network, Person(name=name, shown=name.title(), about=""))
    thread = publish(network, {name: account}, numbered(name, 6, "Stair {number}, and one is missing."))
    delete(network, account, thread["3"])
    return thread


def seed_shown(network: Network, account: Account, embeds: Iterable[dict[str, Any]]) -> list[str]:
    """A self-thread that shows these things, one a post; returns the URLs of the posts."""
    refs: list[dict[str, str]] = []
    for number, embed in enumerate(embeds):
        at = datetime(2026, 3, 15, 9, number, tzinfo=UTC)
        record: dict[str, Any] = {"$type": POST, "text": f"Look, {number}.", "createdAt": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        record["embed"] = embed
        if refs:
            record["reply"] = {"root": refs[0], "parent": refs[-1]}
        made = _record(network, account, "createRecord", collection=POST, rkey=_tid(at, number), record=record)
        refs.append({"uri": made["uri"], "cid": made["cid"]})
    eventually(lambda: bool(_shown(network, refs[-1]["uri"])), "the AppView shows the last post")
    return [f"https://bsky.app/profile/{account.handle}/post/{ref['uri'].rpartition('/')[2]}" for ref in refs]


def images(*shown: tuple[Any, str]) -> dict[str, Any]:
    """An embed of pictures: what `upload` gave, and what is said of it."""
    return {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": alt} for blob, alt in shown]}


def take_down(network: Network, account: Account, blob: Any, applied: bool = True) -> None:
    """Has the PDS refuse an upload, as its operator may, or give it again; the AppView does not hear of it."""
    subject = {"$type": "com.atproto.admin.defs#repoBlobRef", "did": account.did, "cid": blob["ref"]["$link"]}
    order = {"subject": subject, "takedown": {"applied": applied, "ref": "1"}}
    url = f"{network.pds}/xrpc/com.atproto.admin.updateSubjectStatus"
    requests.post(url, json=order, auth=("admin", "admin-pass"), timeout=30).raise_for_status()


def seed_everything(network: Network) -> list[str]:
    """All of it; returns what to paste."""
    story, long, hole = seed_story(network), seed_numbered(network, "otto-lang", 520), seed_hole(network, "pia-roth")
    return [
        f'[bluesky]\nappview = "{network.appview}"\nplc = "{network.plc}"\n[network]\nallow_private = true',
        f"the story, first, middle, last: {story['1'].url} {story['20'].url} {story['48'].url}",
        f"520 posts, first, middle, last: {long['1'].url} {long['260'].url} {long['520'].url}",
        f"a deleted third post: {hole['1'].url} {hole['6'].url}, its own address {hole['3'].url}",
    ]


def join(network: Network, person: Person) -> Account:
    """A new account with a profile."""
    handle = f"{person.name}.test"
    made = _write(
        network, "com.atproto.server.createAccount", handle=handle, email=f"{handle}@example.org", password=handle
    )
    account = Account(handle=handle, did=made["did"], token=made["accessJwt"])
    profile = {"$type": "app.bsky.actor.profile", "displayName": person.shown, "description": person.about}
    profile["avatar"] = upload(network, account, portrait(person.name))
    _record(network, account, "createRecord", collection="app.bsky.actor.profile", rkey="self", record=profile)
    return account


def sign_in(network: Network, name: str) -> Account:
    """A new session of an account that `join` has made."""
    handle = f"{name}.test"
    made = _write(network, "com.atproto.server.createSession", identifier=handle, password=handle)
    return Account(handle=handle, did=made["did"], token=made["accessJwt"])


def publish(network: Network, accounts: dict[str, Account], entries: Iterable[Entry]) -> Thread:
    """Posts the entries in order, rewrites the edited ones, and waits until the AppView shows all of it."""
    thread: Thread = {}
    refs: Refs = {}  # key -> the post's strong reference, and the root of its thread
    dids = {account.handle: account.did for account in accounts.values()}
    for number, entry in enumerate(entries):
        account = accounts[entry.by]
        record = _post(network, account, entry, refs, dids)
        written = _record(network, account, "createRecord", collection=POST, rkey=_tid(entry.at, number), record=record)
        ref = {"uri": written["uri"], "cid": written["cid"]}
        refs[entry.key] = {"parent": ref, "root": refs[entry.to]["root"] if entry.to else ref}
        thread[entry.key] = _seeded(entry, account, written["uri"], list(accounts))
    for post in thread.values():
        if post.entry.edited_from:
            rewrite(network, accounts[post.entry.by], post, post.text)
    last = list(thread.values())[-1]
    eventually(lambda: _shown_text(network, last) is not None, "the AppView shows the last post")
    return thread


def rewrite(network: Network, account: Account, post: Seeded, text: str) -> None:
    """Gives a post another text in place: the AT-URI stays, the CID changes, nothing else tells."""
    place = {"repo": account.did, "collection": POST, "rkey": _rkey(post)}
    answer = requests.get(f"{network.pds}/xrpc/com.atproto.repo.getRecord", params=place, timeout=30)
    record = {**answer.json()["value"], "text": text, "facets": facets_of(text, {})}
    _record(network, account, "putRecord", collection=POST, rkey=_rkey(post), record=record)
    eventually(lambda: _shown_text(network, post) == text, "the AppView shows the new text")


def delete(network: Network, account: Account, post: Seeded) -> None:
    """Deletes a post, and waits until the AppView has forgotten it."""
    _record(network, account, "deleteRecord", collection=POST, rkey=_rkey(post))
    eventually(lambda: _shown_text(network, post) is None, "the AppView forgets the deleted post")


def _seeded(entry: Entry, account: Account, uri: str, names: list[str]) -> Seeded:
    return Seeded(
        entry=entry,
        id=uri,
        uri=uri,
        url=f"https://bsky.app/profile/{account.handle}/post/{uri.rsplit('/', 1)[1]}",
        text=addressed(entry.text, names, "@{}.test".format),
    )


def _post(network: Network, account: Account, entry: Entry, refs: Refs, dids: dict[str, str]) -> dict[str, Any]:
    names = [handle.removesuffix(".test") for handle in dids]
    text = addressed(entry.edited_from or entry.text, names, "@{}.test".format)
    record: dict[str, Any] = {
        "$type": POST,
        "text": text,
        "createdAt": entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "langs": ["en"],
    }
    if facets := facets_of(text, dids):
        record["facets"] = facets
    if embed := _embed(network, account, entry, refs):
        record["embed"] = embed
    if entry.to:
        record["reply"] = {"root": refs[entry.to]["root"], "parent": refs[entry.to]["parent"]}
    return record


def facets_of(text: str, dids: dict[str, str]) -> list[dict[str, Any]]:
    """The links, hashtags and mentions of a text; positions count UTF-8 bytes. `dids` has the handles that exist."""
    feature: dict[str, Callable[[str], dict[str, str]]] = {
        "link": lambda found: {"uri": found},
        "tag": lambda found: {"tag": found},
        "mention": lambda found: {"did": dids[found]},
    }
    return [
        {
            "index": {"byteStart": match.start(), "byteEnd": match.end()},
            "features": [{"$type": f"app.bsky.richtext.facet#{kind}", **feature[kind](match[1].decode())}],
        }
        for kind, pattern in FACETS
        for match in pattern.finditer(text.encode())
    ]


def _embed(network: Network, account: Account, entry: Entry, refs: Refs) -> dict[str, Any] | None:
    if entry.image_alt is not None:
        shape = {"width": WIDTH, "height": HEIGHT}
        image = {"image": upload(network, account, scene(entry.picture)), "alt": entry.image_alt, "aspectRatio": shape}
        return {"$type": "app.bsky.embed.images", "images": [image]}
    if entry.quote:
        return {"$type": "app.bsky.embed.record", "record": refs[entry.quote]["parent"]}
    if entry.card:
        link: dict[str, Any] = {"uri": entry.card["url"]}
        link |= {"title": entry.card["title"], "description": entry.card["description"]}
        link["thumb"] = upload(network, account, scene(entry.card["picture"]))
        return {"$type": "app.bsky.embed.external", "external": link}
    return None


def upload(network: Network, account: Account, data: bytes, kind: str = "image/png") -> Any:
    """A file at the PDS, as a record names it."""
    headers = {"Authorization": f"Bearer {account.token}", "Content-Type": kind}
    url = f"{network.pds}/xrpc/com.atproto.repo.uploadBlob"
    answer = requests.post(url, data=data, headers=headers, timeout=30)
    answer.raise_for_status()
    return answer.json()["blob"]


def _record(network: Network, account: Account, verb: str, **body: object) -> Any:
    return _write(network, f"com.atproto.repo.{verb}", token=account.token, repo=account.did, **body)


def _write(network: Network, method: str, *, token: str | None = None, **body: object) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.post(f"{network.pds}/xrpc/{method}", json=body, headers=headers, timeout=30)
    if not answer.ok:
        raise RuntimeError(f"{method}: {answer.status_code} {answer.text}")
    return answer.json()


def _shown_text(network: Network, post: Seeded) -> str | None:
    posts = _shown(network, post.id)
    return posts[0]["record"]["text"] if posts else None


def _shown(network: Network, uri: str) -> list[Any]:
    url = f"{network.appview}/xrpc/app.bsky.feed.getPosts"
    posts: list[Any] = requests.get(url, params={"uris": uri}, timeout=30).json()["posts"]
    return posts


def _rkey(post: Seeded) -> str:
    return post.id.rsplit("/", 1)[1]


def _tid(moment: datetime, clock: int) -> str:
    """The record key of a post made at this moment: https://atproto.com/specs/tid"""
    bits = int(moment.timestamp()) * 1_000_000 << 10 | clock % 1024
    return "".join(SORTABLE[bits >> shift & 31] for shift in range(60, -1, -5))
