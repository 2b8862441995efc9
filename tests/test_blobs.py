"""The uploads behind what Bluesky's CDN shows: which account, which digest, which server."""

import json
from base64 import b32encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from machine import answer, run
from web import World

from archiver.config import Network
from archiver.errors import NetworkError, NotRecorded
from archiver.http.message import Request, Response
from archiver.platforms.bluesky.blobs import blob_of, digest_of, originals
from archiver.routes import Original

DIGEST = sha256(b"a heron").hexdigest()
DID, OTHER = "did:plc:abcdefghijklmnopqrstuvwx", "did:web:heron.example"


def cid_of(digest: str, prefix: str = "01551220") -> str:
    return "b" + b32encode(bytes.fromhex(prefix + digest)).decode().lower().rstrip("=")


CID = cid_of(DIGEST)
PICTURE = "https://cdn.bsky.app/img/feed_{}/plain/{}/{}{}"


@pytest.mark.parametrize(
    ("url", "did"),
    [
        (PICTURE.format("fullsize", DID, CID, "@jpeg"), DID),
        (PICTURE.format("thumbnail", DID, CID, ""), DID),
        (PICTURE.format("fullsize", "did%3Aweb%3Aheron.example", CID, "@png"), OTHER),
        (f"https://video.bsky.app/watch/{DID.replace(':', '%3A')}/{CID}/playlist.m3u8", DID),
        (f"https://appview.example/vid/{DID.replace(':', '%3A')}/{CID}/playlist.m3u8", DID),
        (f"https://video.cdn.bsky.app/hls/x/watch/{DID}/{CID}/playlist.m3u8?session_id=1", DID),
    ],
)
def test_what_the_cdn_shows_names_its_upload(url: str, did: str) -> None:
    assert blob_of(url) == (did, CID)


@pytest.mark.parametrize(
    "url",
    [
        f"https://cdn.bsky.app/img/avatar/plain/{DID}/{CID}@jpeg",
        PICTURE.format("fullsize", DID, CID[:-2], "@jpeg"),
        PICTURE.format("fullsize", DID, cid_of(DIGEST, "01711220"), ""),
        PICTURE.format("fullsize", DID, "z" + CID[1:], ""),
        f"https://video.bsky.app/watch/{DID}/{CID}/thumbnail.jpg",
        "https://news.example/img/a.jpg",
        "https://cdn.bsky.app/img/feed_fullsize/plain/did:plc:a/b",
        "",
    ],
)
def test_any_other_address_names_none(url: str) -> None:
    assert blob_of(url) is None


@given(st.binary(min_size=32, max_size=32))
def test_a_cid_names_a_digest(digest: bytes) -> None:
    assert digest_of(cid_of(digest.hex())) == digest.hex()
    assert digest_of(cid_of(digest.hex() + "00")) == ""


@given(st.text())
def test_any_text_is_a_digest_or_none(text: str) -> None:
    assert digest_of(text) == ""
    assert digest_of("b" + text) == ""


def test_an_identity_does_not_lead_into_this_network() -> None:
    """A DID may name any host for its document, by a name that leads inside as well."""
    world = World()
    world.names = {"localhost": ["127.0.0.1"], "inside.example": ["10.0.0.7"], "plc.directory": ["169.254.169.254"]}
    dids = ("did:web:localhost", "did:web:127.0.0.1", "did:web:inside.example", DID, "did:web:169.254.169.254")
    with world.client(network=Network(timeout=2)) as send:
        found = run(originals([PICTURE.format("fullsize", did, CID, "") for did in dids]), send)
    assert {original.fault for original in found.values()} == {"its author's server is not known"}
    assert world.dialled == []
    assert {exchange.error.partition(":")[0] for exchange in world.kept} == {"private address"}
    assert len(world.kept) == len(dids)


def test_what_nobody_asked_for_is_no_fault() -> None:
    def unasked(request: Request) -> Response:
        raise NotRecorded("nobody asked")

    assert run(originals([PICTURE.format("fullsize", DID, CID, "")]), unasked) == {}


def documents(request: Request) -> Response:
    """Answer for the directory: one account has its files at one server, one elsewhere, and the others are hostile."""
    said = {
        f"https://plc.directory/{DID}": "https://pds.example/",
        "https://heron.example/.well-known/did.json": "https://heron.example",
        "https://plc.directory/did:plc:file": "file:///etc/passwd",
    }
    server = said.get(request.url)
    if request.url.endswith("silent"):
        raise NetworkError("nobody there")
    if request.url.endswith("odd"):
        return answer(request, "[]")
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": server}
    return answer(request, json.dumps({"service": [service]}), 200 if server else 404)


def test_each_accounts_server_is_asked_for_once_and_who_has_none_is_a_fault() -> None:
    asked: list[str] = []

    def send(request: Request) -> Response:
        asked.append(request.url)
        return documents(request)

    accounts = (DID, "did:plc:gone", "did:plc:silent", "did:plc:odd", "did:plc:file", "did:key:unknown", OTHER)
    urls = [PICTURE.format("fullsize", did, CID, "@jpeg") for did in accounts]
    film = f"https://video.bsky.app/watch/{DID}/{CID}/playlist.m3u8"
    found = run(originals([*urls, film, "https://news.example/a.jpg"]), send)
    mine = Original(f"https://pds.example/xrpc/com.atproto.sync.getBlob?did={DID}&cid={CID}", DIGEST)
    other = Original(f"https://heron.example/xrpc/com.atproto.sync.getBlob?did={OTHER}&cid={CID}", DIGEST)
    assert {url: original for url, original in found.items() if not original.fault} == {
        urls[0]: mine,
        film: mine,
        urls[-1]: other,
    }
    assert {original.url for original in found.values() if original.fault} == set(urls[1:-1])
    assert len(asked) == 6
