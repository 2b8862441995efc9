"""Films in pieces, made by FFmpeg: the best form is kept with its pieces as they were, and plays without a network."""

import hashlib
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from films import played, segmented
from shelf import Shelf
from web import World

from archiver.config import Network
from archiver.errors import ArchiveError
from archiver.http.message import Request, Response
from archiver.media.fetch import DEEPEST, LONGEST, Fetcher
from archiver.media.plan import Medium
from archiver.store.media import Attempt

LIMIT = 50_000_000
END = "#EXT-X-ENDLIST"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    return tmp_path / "archive" / "media"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    folder.mkdir()
    return folder


def serve(host: Shelf, folder: Path, query: str = "") -> None:
    for file in folder.iterdir():
        host.put(f"/{file.name}{query}", file.read_bytes())


def playlist(host: Shelf, path: str, *lines: str) -> str:
    return host.put(path, "\n".join(["#EXTM3U", *lines, ""]).encode())


def fetch(world: World, media: Path, url: str, limit: int = LIMIT) -> Attempt:
    with world.client() as send:
        return Fetcher(send, media, limit, world.now).fetch(Medium(url, "video"))


def is_as_served(media: Path, tried: Attempt, host: Shelf) -> bool:
    """Tell whether each file is named by its digest and, playlists aside, one that was served."""
    served = {hashlib.sha256(item.content).hexdigest() for item in host.items.values()}
    for held in tried.files:
        content = (media.parent / held.path).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (held.sha256, held.size)
        assert held.path.endswith(".m3u8") or held.sha256 in served
    return len(set(tried.files)) == len(tried.files)


def alone(media: Path, tried: Attempt, to: Path) -> Path:
    """Copy the files of a thing, and nothing else, to another folder; return the first."""
    for held in tried.files:
        target = to / held.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((media.parent / held.path).read_bytes())
    return to / tried.files[0].path


@pytest.mark.parametrize("kind", ["mpegts", "fmp4"])
def test_the_best_form_of_a_film_plays_from_its_folder(
    world: World, host: Shelf, media: Path, made: Path, tmp_path: Path, kind: str
) -> None:
    for name, size in (("small", 64), ("large", 128)):
        segmented(made, name, kind, size=size)
    serve(host, made)
    url = playlist(
        host,
        "/watch/playlist.m3u8",
        "#EXT-X-STREAM-INF:BANDWIDTH=90000,RESOLUTION=64x64",
        "../small.m3u8",
        "#EXT-X-STREAM-INF:BANDWIDTH=200000,RESOLUTION=128x128",
        "../large.m3u8",
    )
    tried = fetch(world, media, url)
    assert (tried.said, tried.kind) == ("", "video")
    assert is_as_served(media, tried, host)
    asked = host.asked()
    assert not any(path.startswith("/small") for path in asked)
    assert len(set(asked)) == len(asked) == len(tried.files) + 1
    host.close()
    pictures, width, sound = played(alone(media, tried, tmp_path / "elsewhere"))
    assert (pictures, width) == (30, 128)
    assert sound == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("kind", ["mpegts", "fmp4"])
def test_sound_that_is_apart_plays_with_its_film(
    world: World, host: Shelf, media: Path, made: Path, tmp_path: Path, kind: str
) -> None:
    segmented(made, "film", kind, audio="")
    segmented(made, "sound", kind, video="")
    segmented(made, "other", kind, video="")
    serve(host, made, "?session=1")
    for item in list(host.items.values()):
        lines = item.content.decode("latin-1").splitlines() if item.content.startswith(b"#EXTM3U") else []
        if lines:
            text = "\n".join(line if line.startswith("#") or not line else f"{line}?session=1" for line in lines)
            item.content = text.replace('init.mp4"', 'init.mp4?session=1"').encode("latin-1")
    url = playlist(
        host,
        "/playlist.m3u8?session=1",
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="other",URI="other.m3u8?session=1"',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="theirs",DEFAULT=YES,URI="sound.m3u8?session=1"',
        '#EXT-X-STREAM-INF:BANDWIDTH=90000,AUDIO="a"',
        "film.m3u8?session=1",
    )
    tried = fetch(world, media, url)
    assert tried.said == ""
    assert is_as_served(media, tried, host)
    assert not any(path.startswith("/other") for path in host.asked())
    host.close()
    pictures, width, sound = played(alone(media, tried, tmp_path / "elsewhere"))
    assert (pictures, width) == (30, 64)
    assert sound == pytest.approx(3.0, abs=0.1)


def test_a_film_of_byte_ranges_is_one_file(world: World, host: Shelf, media: Path, made: Path, tmp_path: Path) -> None:
    segmented(made, "film", "mpegts")
    pieces = [(made / f"film-{number}.ts").read_bytes() for number in range(3)]
    host.put("/all.ts", b"".join(pieces))
    ranges = [
        f"#EXTINF:1,\n#EXT-X-BYTERANGE:{len(piece)}{'@0' if not n else ''}\nall.ts" for n, piece in enumerate(pieces)
    ]
    url = playlist(host, "/a.m3u8", "#EXT-X-VERSION:4", "#EXT-X-TARGETDURATION:1", *ranges, END)
    tried = fetch(world, media, url)
    assert host.asked() == ["/a.m3u8", "/all.ts"]
    assert [held.size for held in tried.files[1:]] == [sum(map(len, pieces))]
    assert played(alone(media, tried, tmp_path / "elsewhere"))[0] == 30


def tiny(host: Shelf, count: int = 2, size: int = 1000) -> list[str]:
    """Serve pieces that look like some; return the lines of their playlist."""
    for number in range(count):
        host.put(f"/{number}.ts", (b"G" + bytes([number]) * 187) * (size // 188))
    return [f"#EXTINF:1,\n{number}.ts" for number in range(count)]


def test_the_limit_is_for_all_pieces_together(world: World, host: Shelf, media: Path) -> None:
    url = playlist(host, "/a.m3u8", *tiny(host, 10, 100_000), END)
    assert fetch(world, media, url, 350_000).said == "is larger than the limit of 350 kB"
    assert len(host.asked()) == 5
    assert fetch(World(), media, url, 1_000_000).said == ""


def test_a_film_and_its_sound_share_the_limit(world: World, host: Shelf, media: Path) -> None:
    lines = tiny(host, 2, 100_000)
    playlist(host, "/film.m3u8", lines[0], END)
    playlist(host, "/sound.m3u8", lines[1], END)
    sound = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="sound.m3u8"'
    url = playlist(host, "/a.m3u8", sound, '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"', "film.m3u8")
    assert fetch(world, media, url, 150_000).said == "is larger than the limit of 150 kB"
    assert fetch(World(), media, url, 250_000).said == ""


def test_a_film_that_takes_for_ever_is_given_up(world: World, host: Shelf, media: Path) -> None:
    url = playlist(host, "/a.m3u8", *tiny(host, 10), END)

    def slowly(request: Request) -> Response:
        world.time += LONGEST / 5
        return send(request)

    with world.client() as send:
        tried = Fetcher(slowly, media, LIMIT, world.now).fetch(Medium(url, "video"))
    assert tried.said == "takes longer than 30 minutes"
    assert len(host.asked()) < 8
    assert timedelta(minutes=30) == LONGEST


def test_playlists_that_name_each_other_end(world: World, host: Shelf, media: Path) -> None:
    one = playlist(host, "/a.m3u8", "#EXT-X-STREAM-INF:BANDWIDTH=1", "b.m3u8")
    playlist(host, "/b.m3u8", "#EXT-X-STREAM-INF:BANDWIDTH=1", "a.m3u8")
    assert fetch(world, media, one).said == "is a playlist of playlists without end"
    assert len(host.asked()) <= DEEPEST + 1


@pytest.mark.parametrize("levels", [DEEPEST, DEEPEST + 1])
def test_playlists_are_followed_so_deep_and_no_deeper(world: World, host: Shelf, media: Path, levels: int) -> None:
    playlist(host, f"/{levels}.m3u8", *tiny(host), END)
    for level in reversed(range(levels)):
        url = playlist(host, f"/{level}.m3u8", "#EXT-X-STREAM-INF:BANDWIDTH=1", f"{level + 1}.m3u8")
    said = fetch(world, media, url).said
    assert said == ("" if levels == DEEPEST else "is a playlist of playlists without end")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["#EXTINF:1,", "0.ts"], "is a film that is still going on"),
        (['#EXT-X-KEY:METHOD=AES-128,URI="/key"', "#EXTINF:1,", "0.ts", END], "is a film that is encrypted"),
        ([END], "is a film of 0 pieces"),
        ([*(f"#EXTINF:1,\n{number}.ts" for number in range(2001)), END], "is a film of 2001 pieces"),
        (["#EXTINF:1,", "gone.ts", END], "404"),
        (["#EXTINF:1,", "page.ts", END], "a web page came in its place"),
        (["#EXTINF:1,", "a.m3u8", END], "has a playlist for a piece"),
        (["#EXT-X-STREAM-INF:BANDWIDTH=1", "0.ts"], "is a playlist that leads to none"),
        (["#EXT-X-STREAM-INF:BANDWIDTH=1", "gone.m3u8"], "404"),
        (["#EXTINF:1,", "file:///etc/passwd", END], "is no address of the web"),
        (["#EXTINF:1,", "data:video/mp2t;base64,Rw==", END], "is no address of the web"),
        (["#EXTINF:1,", "javascript:alert(1)", END], "is no address of the web"),
        (['#EXT-X-MAP:URI="file:///etc/passwd"', "#EXTINF:1,", "0.ts", END], "is no address of the web"),
        (["#EXT-X-STREAM-INF:BANDWIDTH=1", "file:///etc/passwd"], "is no address of the web"),
        (["#EXTINF:1,", "http://[1", END], "has a piece without an address"),
        (["#" + "x" * 1_100_000, END], "is a playlist of 1.1 MB"),
    ],
)
def test_a_film_that_cannot_be_kept_whole_says_why(
    world: World, host: Shelf, media: Path, lines: list[str], said: str
) -> None:
    tiny(host)
    host.put("/page.ts", b"<html>")
    tried = fetch(world, media, playlist(host, "/a.m3u8", *lines))
    assert (tried.said, tried.files) == (said, ())


def test_addresses_cannot_lead_out_of_the_folder(world: World, host: Shelf, media: Path) -> None:
    piece = b"G" + bytes(187) + b"G" + bytes(187)
    for path in ("/etc/passwd", '/a"b,URI=.ts', "/../../x.ts", "/x.ts?a=/../../y"):
        host.put(path.replace('"', "%22"), piece + path.encode())
    names = ["../../../../etc/passwd", 'a"b,URI=.ts', "%2e%2e/%2e%2e/x.ts", "x.ts?a=/../../y"]
    url = playlist(host, "/a.m3u8", *(f"#EXTINF:1,\n{name}" for name in names), END)
    tried = fetch(world, media, url)
    assert tried.said == ""
    assert len(tried.files) == 5
    text = (media.parent / tried.files[0].path).read_text()
    uris = [line for line in text.splitlines() if not line.startswith("#")]
    assert [f"media/{uri.removeprefix('../')}" for uri in uris] == [held.path for held in tried.files[1:]]
    files = [path for path in media.parent.rglob("*") if path.is_file()]
    assert all(len(path.stem) == 64 for path in files)


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:{port}/0.ts", "http://10.0.0.1/0.ts", "http://inside.example/0.ts"]
)
@pytest.mark.parametrize("line", ["#EXTINF:1,\n{}", '#EXT-X-MAP:URI="{}"', "#EXT-X-STREAM-INF:BANDWIDTH=1\n{}"])
def test_a_piece_does_not_lead_into_this_network(world: World, host: Shelf, media: Path, where: str, line: str) -> None:
    world.names = {"video.example": ["93.184.216.34"], "inside.example": ["192.168.0.7"]}
    tiny(host)
    private = where.format(port=host.server.server_port)
    url = playlist(host, "/a.m3u8", line.format(private), END).replace("127.0.0.1", "video.example")
    send = world.opened(network=Network(timeout=2)).recording(world.kept.append)
    tried = Fetcher(send, media, LIMIT, world.now).fetch(Medium(url, "video"))
    assert "leads to a private address" in tried.said
    assert (tried.files, host.asked()) == ((), ["/a.m3u8"])


def test_a_piece_of_an_unknown_kind_is_a_piece(world: World, host: Shelf, media: Path) -> None:
    host.put("/0.aac", b"nobody knows")
    tried = fetch(world, media, playlist(host, "/a.m3u8", "#EXTINF:1,\n0.aac", END))
    assert [(media.parent / held.path).read_bytes() for held in tried.files[1:]] == [b"nobody knows"]


def test_a_disk_that_takes_no_playlist_is_an_error_of_the_archive(
    world: World, host: Shelf, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = tempfile.mkstemp

    def full(**of: Any) -> Any:
        if of["dir"] == media:  # where whole files are; what comes waits in a folder below
            raise OSError(28, "No space left on device")
        return make(**of)

    monkeypatch.setattr(tempfile, "mkstemp", full)
    with pytest.raises(ArchiveError, match="No space left on device"):
        fetch(world, media, playlist(host, "/a.m3u8", *tiny(host), END))


def test_what_of_a_film_is_there_is_not_fetched_again_within_a_run(world: World, host: Shelf, media: Path) -> None:
    lines = tiny(host)
    one, other = (playlist(host, path, *lines, END) for path in ("/a.m3u8", "/b.m3u8"))
    with world.client() as send:
        fetcher = Fetcher(send, media, LIMIT, world.now)
        first, second = (fetcher.fetch(Medium(url, "video")) for url in (one, other))
    assert first.files == second.files
    assert host.asked() == ["/a.m3u8", "/0.ts", "/1.ts", "/b.m3u8"]


def test_pieces_that_two_films_share_count_for_each(world: World, host: Shelf, media: Path) -> None:
    lines = tiny(host, 4, 100_000)
    short = [playlist(host, f"/{name}.m3u8", *some, END) for name, some in (("a", lines[:2]), ("b", lines[2:]))]
    url = playlist(host, "/c.m3u8", *lines, END)
    with world.client() as send:
        fetcher = Fetcher(send, media, 250_000, world.now)
        said = [fetcher.fetch(Medium(one, "video")).said for one in (*short, url)]
    assert said == ["", "", "is larger than the limit of 250 kB"]
