"""The uploaded files behind what the CDN shows: its pictures are copies, made smaller and packed anew.

An account's server gives each upload as it came, and its name (a CID) is made of its digest.
https://docs.bsky.app/docs/api/com-atproto-sync-get-blob
"""

import re
from base64 import b32decode
from collections.abc import Generator, Mapping, Sequence
from urllib.parse import unquote

from archiver.errors import SHAPE_ERRORS, ArchiverError, NotRecorded
from archiver.http.message import Request, Response
from archiver.platforms.bluesky.calls import query
from archiver.platforms.bluesky.servers import repository_of
from archiver.routes import Original

# Avatars are left out: they are small as they are shown, and each is another account's, with a server to be looked up.
_FORMS = (
    re.compile(r"/img/feed_[a-z]+/plain/(did:[a-z]+:[A-Za-z0-9._:%-]+)/([a-z2-7]+)(?:@[a-z]+)?"),
    re.compile(r"/(?:watch|vid)/(did:[a-z]+:[A-Za-z0-9._:%-]+)/([a-z2-7]+)/playlist\.m3u8"),
)
_SHA256 = b"\x01\x55\x12\x20"  # a CID of version 1, of plain bytes, by a SHA-256: https://dasl.ing/cid.html


def originals(urls: Sequence[str]) -> Generator[Request, Response, Mapping[str, Original]]:
    """Find the uploads; asks once for each account where its files are. Who cannot be found is a fault of theirs."""
    blobs = {url: blob for url in urls if (blob := blob_of(url))}
    servers: dict[str, str] = {}
    faults: dict[str, str] = {}
    for did in dict.fromkeys(did for did, _ in blobs.values()):
        try:
            servers[did], _ = yield from repository_of(did)
        except NotRecorded:
            continue
        except (ArchiverError, *SHAPE_ERRORS):
            faults[did] = "its author's server is not known"
    return {
        url: Original(query(servers[did], "com.atproto.sync.getBlob", did=did, cid=cid).url, digest_of(cid))
        for url, (did, cid) in blobs.items()
        if did in servers
    } | {url: Original(url, digest_of(cid), faults[did]) for url, (did, cid) in blobs.items() if did in faults}


def blob_of(url: str) -> tuple[str, str] | None:
    """Return the account and the CID of an upload of which an address shows a copy, None for any other address."""
    for form in _FORMS:
        if found := form.search(unquote(url)):
            return (found[1], found[2]) if digest_of(found[2]) else None
    return None


def digest_of(cid: str) -> str:
    """Return the SHA-256 that a CID names, in hex; "" where it names none."""
    text = cid[1:].upper()
    try:
        data = b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        return ""
    return data[4:].hex() if cid.startswith("b") and data.startswith(_SHA256) and len(data) == 36 else ""
