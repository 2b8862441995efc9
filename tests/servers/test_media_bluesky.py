"""What threads of a real Bluesky network show: uploads as they were posted, and what stands in for them."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pictures
import pytest

from . import films
from .bluesky import Network
from .commandline import Archiver, Saved
from .conftest import NewArchiver, started
from .seed_bluesky import Account, images, join, seed_shown, take_down, upload
from .story import Person

pytestmark = pytest.mark.servers

# A picture with a chunk that says who made it (C2PA, Content Credentials): whoever packs it anew loses it.
SIGNED = pictures.with_chunk(pictures.scene("ferry"), b"caBX", b"signed by its maker")
SEEN = ("A ferry that has cast off.", "")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A thread that shows things: who posted it, where, and the blobs as its records name them."""

    account: Account
    urls: list[str]
    blobs: dict[str, Any]


@pytest.fixture(scope="module")
def film() -> Iterator[Path]:
    """A folder with a film, whole and in pieces."""
    with ExitStack() as stack:
        yield started(stack, films.made())


@pytest.fixture(scope="module")
def new(network: Network, new_archiver: NewArchiver) -> Callable[[], Archiver]:
    """Makes an archiver that fetches what it finds on the network of this run."""
    return lambda: new_archiver(
        f'[bluesky]\nappview = "{network.appview}"\nplc = "{network.plc}"\n[media]\nfetch = true\n'
    )


def seed(network: Network, name: str, film: Path) -> Shown:
    """Two pictures, one of them without a description; a film; a link card; and the first picture again."""
    account = join(network, Person(name=name, shown=name.title(), about=""))
    blobs = {
        "ferry": upload(network, account, SIGNED),
        "pier": upload(network, account, pictures.scene("pier")),
        "film": upload(network, account, (film / "film.mp4").read_bytes(), "video/mp4"),
        "thumb": upload(network, account, pictures.scene("rules")),
    }
    network.video.films[cid(blobs["film"])] = film / "hls"
    card = {"uri": "https://rules.ostermoor.example/", "title": "Rules", "description": "", "thumb": blobs["thumb"]}
    embeds = [
        images((blobs["ferry"], SEEN[0]), (blobs["pier"], SEEN[1])),
        {"$type": "app.bsky.embed.video", "video": blobs["film"], "alt": "A bar that moves, and a tone."},
        {"$type": "app.bsky.embed.external", "external": card},
        images((blobs["ferry"], SEEN[0])),
    ]
    return Shown(account=account, urls=seed_shown(network, account, embeds), blobs=blobs)


def cid(blob: Any) -> str:
    """The name of an upload."""
    name: str = blob["ref"]["$link"]
    return name


@pytest.fixture(scope="module")
def shown(network: Network, film: Path) -> Shown:
    """The thread, on the network."""
    return seed(network, "lena-moor", film)


@pytest.fixture(scope="module")
def saved(network: Network, new: Callable[[], Archiver], shown: Shown) -> tuple[Archiver, Saved]:
    """An archive of it, and what came of saving it."""
    network.video.heard.clear()
    archiver = new()
    return archiver, archiver.save(shown.urls[-1], network)


def kept(archiver: Archiver) -> dict[str, bytes]:
    """What each address gave, the file to show."""
    rows = archiver.query("SELECT url, path FROM media WHERE path IS NOT NULL")
    return {url: (archiver.folder / path).read_bytes() for url, path in rows}


def test_uploads_are_kept_byte_for_byte(saved: tuple[Archiver, Saved], shown: Shown, film: Path) -> None:
    archiver, told = saved
    posted = {
        "ferry": SIGNED,
        "pier": pictures.scene("pier"),
        "film": (film / "film.mp4").read_bytes(),
        "thumb": pictures.scene("rules"),
    }
    found = kept(archiver)
    for name, data in posted.items():
        (url,) = (url for url in found if cid(shown.blobs[name]) in url)
        assert found[url] == data, name
    assert (told.code, told.line["verdict"], told.line["media"], told.line["media_failed"]) == (0, "complete", 5, 0)


def test_each_name_is_the_digest_in_the_cid(saved: tuple[Archiver, Saved], shown: Shown) -> None:
    archiver, _ = saved
    digests = {digest_in(cid(blob)) for blob in shown.blobs.values()}
    files = {path.stem: path for path in archiver.folder.glob("media/*/*")}
    assert digests < files.keys()
    assert len(files) == len(digests) + 1, "and an avatar"
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == name
    assert not list(archiver.folder.rglob("*.part"))


def digest_in(cid: str) -> str:
    """The SHA-256 in a CID, by hand."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    bits = "".join(f"{alphabet.index(letter):05b}" for letter in cid[1:])
    data = int(bits[: len(bits) // 8 * 8], 2).to_bytes(len(bits) // 8)
    return data[4:].hex()


def test_each_upload_is_asked_for_once_and_no_copy_of_it(
    network: Network, saved: tuple[Archiver, Saved], shown: Shown
) -> None:
    _, told = saved
    blobs = [asked for asked in told.asked if "getBlob" in asked]
    assert sorted(asked.rpartition("cid=")[2] for asked in blobs) == sorted(map(cid, shown.blobs.values()))
    assert [asked for asked in told.asked if "/img/feed_" in asked] == []
    assert network.video.heard == []
    assert len(told.asked) - told.line["requests"] == len(blobs) + 2, "where the account's files are, and its avatar"


def test_the_kept_film_plays(saved: tuple[Archiver, Saved]) -> None:
    archiver, _ = saved
    ((path,),) = archiver.query("SELECT path FROM media WHERE kind = 'video'")
    seen = films.look(archiver.folder / path)
    assert (seen["frames"], seen["width"], seen["samples"] > 100_000) == (75, 320, True)


def test_descriptions_are_kept_and_their_lack_is_told(saved: tuple[Archiver, Saved]) -> None:
    archiver, _ = saved
    document = "\n".join(archiver.document())
    assert f"described by the author: {SEEN[0]}" in document
    assert "no description by the author" in document
    assert "described by the author: A bar that moves, and a tone." in document


def test_a_second_run_fetches_nothing_again(network: Network, saved: tuple[Archiver, Saved], shown: Shown) -> None:
    archiver, _ = saved
    before = kept(archiver)
    again = archiver.save(shown.urls[0], network)
    assert [asked for asked in again.asked if "getBlob" in asked or "/img/" in asked] == []
    assert kept(archiver) == before
    assert archiver.run("verify").returncode == 0


def test_where_the_server_refuses_a_film_it_is_kept_in_the_pieces_that_are_shown(
    network: Network, new: Callable[[], Archiver], film: Path
) -> None:
    gone = seed(network, "nils-hagen", film)
    take_down(network, gone.account, gone.blobs["film"])
    archiver = new()
    told = archiver.save(gone.urls[0], network)
    assert (told.code, told.line["media"], told.line["media_failed"]) == (0, 5, 0)
    address = f"{cid(gone.blobs['film'])}/"
    asked = [heard.rpartition(address)[2] for heard in network.video.heard if address in heard]
    assert asked == ["playlist.m3u8", "720p/video.m3u8", "720p/piece0.ts", "720p/piece1.ts", "720p/piece2.ts"]
    for number in range(3):
        piece = (film / f"hls/720p/piece{number}.ts").read_bytes()
        name = hashlib.sha256(piece).hexdigest()
        assert (archiver.folder / f"media/{name[:2]}/{name}.ts").read_bytes() == piece
    ((path,),) = archiver.query("SELECT path FROM media WHERE kind = 'video'")
    assert path.endswith(".m3u8")
    seen = films.look(archiver.folder / path)
    assert (seen["frames"], seen["width"], seen["samples"] > 100_000) == (75, 640, True)
    assert "not as it was posted (the file that was posted could not be fetched: 400)" in "\n".join(archiver.document())
    take_down(network, gone.account, gone.blobs["film"], applied=False)
    later = archiver.save(gone.urls[0], network)
    assert (later.line["media"], later.line["media_failed"]) == (1, 0)
    assert (film / "film.mp4").read_bytes() in kept(archiver).values()
    assert "not as it was posted" not in "\n".join(archiver.document())


def test_a_picture_that_is_refused_is_a_stated_gap_until_a_later_run_gets_it(
    network: Network, new: Callable[[], Archiver], film: Path
) -> None:
    gone, archiver = seed(network, "olga-rief", film), new()
    take_down(network, gone.account, gone.blobs["pier"])
    told = archiver.save(gone.urls[0], network)
    assert (told.code, told.line["verdict"], told.line["media"], told.line["media_failed"]) == (0, "complete", 4, 1)
    assert "could not be fetched" in "\n".join(archiver.document())
    take_down(network, gone.account, gone.blobs["pier"], applied=False)
    later = archiver.save(gone.urls[0], network)
    assert (later.line["media"], later.line["media_failed"]) == (1, 0)
    assert pictures.scene("pier") in kept(archiver).values()
    assert "could not be fetched" not in "\n".join(archiver.document())
