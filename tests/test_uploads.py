"""What authors on Bluesky have uploaded, from their own servers; else what the CDN shows of it."""

from base64 import b32encode
from hashlib import sha256
from pathlib import Path
from threading import Lock

import pytest
from atmosphere import DIDS, Bluesky
from films import film
from pictures import plain
from samples import later

from archiver.errors import ArchiverError, Interrupted, NetworkError, RateLimited
from archiver.http.message import Keep, Request, Response, Send, is_media
from archiver.media.stage import Wanted
from archiver.model import Attachment
from archiver.store.store import Archive
from archiver.verbs.capture import archive as archived

PICTURE, FILM, PAGE = plain("uploaded"), film("mp4"), b"<!doctype html><title>No</title>"
SMALLER, PIECE = plain("made smaller"), film("transport stream")
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nvideo0.ts\n#EXT-X-ENDLIST\n"
CDN, VIDEO = "https://cdn.bsky.app/img/feed_fullsize/plain", "https://video.bsky.app/watch"
GET_BLOB = "https://pds.example/xrpc/com.atproto.sync.getBlob"


def cid_of(content: bytes) -> str:
    return "b" + b32encode(b"\x01\x55\x12\x20" + sha256(content).digest()).decode().lower().rstrip("=")


class Uploads(Bluesky):
    """A thread with a picture and a film; `server` is what the author's server answers, None for the uploads."""

    def __init__(self) -> None:
        super().__init__()
        self.server: bytes | int | ArchiverError | None = None
        self.directory: ArchiverError | None = None
        self.turn = Lock()
        did = DIDS["ann"]
        self.picture = f"{CDN}/{did}/{cid_of(PICTURE)}@jpeg"
        self.film = f"{VIDEO}/{did.replace(':', '%3A')}/{cid_of(FILM)}/playlist.m3u8"
        image = {"thumb": self.picture, "fullsize": self.picture, "alt": "A heron"}
        first = self.post("ann", "One", view={"embed": {"$type": "app.bsky.embed.images#view", "images": [image]}})
        video = {"$type": "app.bsky.embed.video#view", "cid": cid_of(FILM), "playlist": self.film, "alt": "It flies"}
        self.post("ann", "Two", first, view={"embed": video})
        self.url = f"https://bsky.app/profile/ann.example/post/{first.rpartition('/')[2]}"
        self.fault = self.media

    def media(self, request: Request) -> tuple[int, object] | bytes | Exception | None:
        """Answer for files: the CDN's, and those of the author's server."""
        if request.url.startswith(GET_BLOB):
            found = PICTURE if cid_of(PICTURE) in request.url else FILM
            given = found if self.server is None else self.server
            return (given, "no") if isinstance(given, int) else given
        if is_media(request.headers) and "plc.directory" in request.url:
            return self.directory
        shown = {self.picture: SMALLER, self.film: PLAYLIST, self.film.replace("playlist.m3u8", "video0.ts"): PIECE}
        return shown.get(request.url)


def save(archive: Archive, site: Uploads) -> list[Attachment]:
    """Save the thread with its media; return these."""

    def connect(keep: Keep) -> Send:
        def send(request: Request) -> Response:
            with site.turn:
                count = len(site.exchanges)
                try:
                    return site(request)
                finally:
                    heard = site.exchanges[count:]
                    for exchange in heard:
                        keep(exchange)

        return send

    saved = archived(archive, site.url, connect, later, media=Wanted())
    return [item for post in saved.document.thread.posts for item in post.attachments]


def contents(archive: Archive, items: list[Attachment]) -> list[bytes]:
    return [Path(archive.folder / (item.file or "")).read_bytes() for item in items]


def test_what_was_uploaded_is_kept_pictures_and_films(archive: Archive) -> None:
    site = Uploads()
    items = save(archive, site)
    assert [(item.kind, item.url, item.fault) for item in items] == [
        ("image", site.picture, ""),
        ("video", site.film, ""),
    ]
    assert contents(archive, items) == [PICTURE, FILM]
    blobs = [f"{GET_BLOB}?did={DIDS['ann']}&cid={cid_of(content)}" for content in (PICTURE, FILM)]
    media = [exchange.url for exchange in site.exchanges if is_media(exchange.request.headers)]
    assert sorted(media) == sorted([f"https://plc.directory/{DIDS['ann']}", *blobs])
    site.exchanges.clear()
    assert save(archive, site) == items
    assert not any(is_media(exchange.request.headers) for exchange in site.exchanges)


@pytest.mark.parametrize(
    "server",
    [404, 400, 500, PAGE, b"{}", b"", PICTURE + b"!", NetworkError("gone away"), RateLimited("stay away")],
    ids=lambda value: str(value)[:20],
)
def test_where_the_server_does_not_give_it_what_is_shown_is_kept(
    archive: Archive, server: bytes | int | ArchiverError
) -> None:
    site = Uploads()
    site.server = server
    items = save(archive, site)
    assert all(item.fault.startswith("the file that was posted could not be fetched: ") for item in items)
    smaller, playlist = contents(archive, items)
    assert smaller == SMALLER
    [piece] = archive.media.pieces([items[1].file or ""])
    assert (archive.folder / piece).read_bytes() == PIECE
    assert f"../{piece.partition('/')[2]}" in playlist.decode().splitlines()


def test_where_nobody_says_where_the_server_is_what_is_shown_is_kept(archive: Archive) -> None:
    site = Uploads()
    site.directory = NetworkError("gone away")
    items = save(archive, site)
    assert contents(archive, items)[0] == SMALLER
    assert all(item.fault.endswith("its author's server is not known") for item in items)
    assert not any(exchange.url.startswith(GET_BLOB) for exchange in site.exchanges)
    site.directory = None
    items = save(archive, site)
    assert contents(archive, items) == [PICTURE, FILM]
    assert [item.fault for item in items] == ["", ""]


def test_who_stops_while_the_server_is_looked_for_is_obeyed(archive: Archive) -> None:
    site = Uploads()
    site.directory = Interrupted("stopped by the user")
    items = save(archive, site)
    assert [item.fault for item in items] == ["could not be fetched: the run was stopped before"] * 2
    assert archive.history.runs()[-1].outcome == "interrupted"
    site.directory = None
    assert contents(archive, save(archive, site)) == [PICTURE, FILM]
