"""One thing of a thread from a host to the disk: what is kept is what was served, and what is no medium says so."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from films import FILMS, PICTURES, film, picture
from pictures import plain
from samples import an_exchange
from shelf import Shelf, shelf
from web import World, reply, web

from archiver.config import Network
from archiver.errors import ArchiveError, NetworkError
from archiver.http.message import MEDIA, Request, Response, Send
from archiver.http.outcome import decided, poured
from archiver.media.fetch import Fetcher
from archiver.media.hosts import PATIENCE
from archiver.media.plan import Medium
from archiver.routes import Original
from archiver.store.media import Attempt

PAGE = b"<!DOCTYPE html><title>Not found</title>"
PUBLIC = "93.184.216.34"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    return tmp_path / "media"


def fetch(
    world: World, media: Path, url: str, what: str = "image", limit: int = 50_000_000, original: Original | None = None
) -> Attempt:
    """Fetch one thing in a run of its own."""
    with world.client() as send:
        return Fetcher(send, media, limit, world.now).fetch(Medium(url, what), original)


def only_file(media: Path, tried: Attempt) -> bytes:
    """Return the bytes of a thing that is one file, whose name and size are right."""
    [held] = tried.files
    content = (media.parent / held.path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert (held.sha256, held.size, Path(held.path).stem) == (digest, len(content), digest)
    return content


@pytest.mark.parametrize("name", [*PICTURES, *FILMS])
def test_nothing_is_encoded_anew(world: World, host: Shelf, media: Path, name: str) -> None:
    content = picture(name) if name in PICTURES else film(name)
    url = host.put("/wrong.html?name=x", content, headers={"Content-Type": "text/html"})
    tried = fetch(world, media, url, "image" if name in PICTURES else "video")
    assert (tried.said, tried.url, tried.asked_url) == ("", url, url)
    assert only_file(media, tried) == content
    assert tried.files[0].path.endswith(PICTURES.get(name) or FILMS[name][3])


def test_what_a_camera_has_signed_survives(world: World, host: Shelf, media: Path) -> None:
    """C2PA lies in a segment APP11 of a JPEG, and would be gone if anything were packed anew."""
    whole = picture("JPEG")
    signed = whole[:2] + b"\xff\xeb\x00\x2aJP" + b"c2pa manifest of a camera" + bytes(13) + whole[2:]
    assert only_file(media, fetch(world, media, host.put("/a.jpg", signed))) == signed


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        (PAGE, {"headers": {"Content-Type": "image/jpeg"}}, "a web page came in its place"),
        (b"", {}, "is empty"),
        (b'{"error": "no"}', {"headers": {"Content-Type": "image/jpeg"}}, "is no picture, film or recording"),
        (b"#EXTM3U\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n", {}, "is no picture"),
        (PAGE, {"status": 404}, "404"),
        (b"", {"status": 410}, "410"),
        (b"", {"status": 403}, "403"),
        (b"", {"status": 500}, "answers 500, a fault of its own"),
        (plain("a"), {"headers": {"Content-Encoding": "br"}}, "is packed in a way that was not asked for"),
        (b"", {"status": 302, "headers": {"Location": "/a.jpg"}}, "sends us on to"),
        (b"", {"status": 302, "headers": {"Location": "file:///etc/passwd"}}, "sends us on to file:///etc/passwd"),
    ],
)
def test_what_is_no_picture_says_why_and_leaves_no_file(
    world: World, host: Shelf, media: Path, content: bytes, more: dict[str, object], said: str
) -> None:
    tried = fetch(world, media, host.put("/a.jpg", content, **more))
    assert tried.said.startswith(said)
    assert "http://" not in tried.said.partition(" to ")[0]
    assert (tried.files, tried.kind) == ((), "")
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert len(world.kept) <= 6


def test_any_file_is_a_file(world: World, host: Shelf, media: Path) -> None:
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    tried = fetch(world, media, host.put("/a", drawing))
    assert (tried.kind, only_file(media, tried)) == ("file", drawing)
    large = b"a table," * 200_000
    tried = fetch(world, media, host.put("/b.csv", large), "file")
    assert (tried.kind, only_file(media, tried)) == ("file", large)
    assert fetch(world, media, host.put("/c.csv", large), "image").said == "is no picture, film or recording"


@pytest.mark.parametrize(("what", "said"), [("video", "a picture came in its place"), ("gifv", ""), ("image", "")])
def test_a_still_is_no_film(world: World, host: Shelf, media: Path, what: str, said: str) -> None:
    assert fetch(world, media, host.put("/a.jpg", plain("a")), what).said == said
    assert fetch(world, media, host.put("/a.mp4", film("mp4")), what).said == ""


def test_one_copy_a_digest(world: World, host: Shelf, media: Path) -> None:
    first, second = (fetch(world, media, host.put(path, plain("a"))) for path in ("/a.png", "/b.png"))
    assert first.files == second.files
    assert len([path for path in media.rglob("*") if path.is_file()]) == 1


def test_what_is_asked_for_says_what_it_is_for_and_nothing_more(world: World, host: Shelf, media: Path) -> None:
    fetch(world, media, host.put("/a.png", plain("a")))
    [(_, headers)] = host.heard
    assert (headers["Accept"], headers["Accept-Encoding"]) == (MEDIA[0][1], "identity")
    assert {"Cookie", "Referer", "Authorization", "Range"}.isdisjoint(headers)


def stranger(world: World) -> Send:
    """Return a `Send` that a stranger's links cannot lead into this network."""
    client = world.opened(network=Network(timeout=2))
    return client.recording(world.kept.append)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/a.png",
        "http://localhost:{port}/a.png",
        "http://[::1]:{port}/a.png",
        "http://[::ffff:127.0.0.1]:{port}/a.png",
        "http://0.0.0.0:{port}/a.png",
        "http://10.1.2.3/a.png",
        "http://172.16.0.1/a.png",
        "http://192.168.1.1/a.png",
        "http://100.64.0.1/a.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/a.png",
        "http://[fd00::1]/a.png",
        "http://[64:ff9b::7f00:1]/a.png",
        "http://router.example/a.png",
        "http://both.example/a.png",
        "http://files.example:{port}/to-loopback",
        "http://files.example:{port}/to-metadata",
        "http://files.example:{port}/to-router",
        "http://files.example:{port}/to-there-and-on",
    ],
)
def test_a_strangers_link_does_not_lead_into_this_network(world: World, host: Shelf, media: Path, url: str) -> None:
    port = host.server.server_port
    world.names = {
        "localhost": ["127.0.0.1"],
        "router.example": ["192.168.1.1"],
        "both.example": [PUBLIC, "127.0.0.1"],
        "files.example": [PUBLIC],
    }
    host.put("/a.png", plain("secret"))
    for path, target in {
        "/to-loopback": f"http://127.0.0.1:{port}/a.png",
        "/to-metadata": "http://169.254.169.254/latest/meta-data/",
        "/to-router": "http://router.example/a.png",
        "/to-there-and-on": "/to-loopback",
    }.items():
        host.put(path, b"", status=302, headers={"Location": target})
    good = host.put("/good.png", plain("good")).replace("127.0.0.1", "files.example")
    fetcher = Fetcher(stranger(world), media, 10**6, world.now)
    tried = fetcher.fetch(Medium(url.format(port=port), "image"))
    assert "leads to a private address" in tried.said
    assert (tried.files, "/a.png" in host.asked()) == ((), False)
    assert only_file(media, fetcher.fetch(Medium(good, "image"))) == plain("good")
    assert set(world.dialled) <= {PUBLIC}


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://files.example/a.png",
        "data:image/png;base64,iVBORw0KGgo=",
        "javascript:alert(1)",
        "//files.example/a.png",
        "a.png",
        "",
        "gopher://files.example/",
        "blob:https://files.example/a",
    ],
)
def test_what_is_no_address_of_the_web_is_not_asked(world: World, media: Path, url: str) -> None:
    tried = fetch(world, media, url)
    assert (tried.said, tried.files, world.kept, world.dialled) == ("is no address of the web", (), [], [])


@pytest.mark.parametrize(
    "url", ["http://", "http://[1", "https://a b/", "http://x:99999999/", "https://\x00/", "http:///a"]
)
def test_an_address_that_cannot_be_read_costs_only_that_one(world: World, media: Path, url: str) -> None:
    tried = fetch(world, media, url)
    assert tried.said
    assert tried.files == ()
    assert world.dialled == []


def test_redirects_without_end_end(world: World, host: Shelf, media: Path) -> None:
    for number in range(20):
        host.put(f"/{number}", b"", status=302, headers={"Location": f"/{number + 1}"})
    assert fetch(world, media, f"{host.site}/0").said.startswith("sends us on to /6")
    assert host.asked() == [f"/{number}" for number in range(6)]


def test_a_host_that_trickles_costs_only_its_own(world: World, media: Path) -> None:
    def trickle(connection: object) -> None:
        connection.sendall(reply(plain("a") + bytes(90))[:-90])  # type: ignore[attr-defined]
        for _ in range(80):
            world.time += timedelta(seconds=9)
            connection.sendall(b"!")  # type: ignore[attr-defined]

    with web(trickle) as slow, shelf() as host:
        with world.client() as send:
            fetcher = Fetcher(send, media, 10**6, world.now)
            tried = fetcher.fetch(Medium(slow.url("/a.png"), "image"))
            other = fetcher.fetch(Medium(host.put("/b.png", plain("b")), "image"))
        assert tried.said.startswith("sends its answer too slowly")
        assert only_file(media, other) == plain("b")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("upload", "from_server"),
    [
        (plain("as posted"), True),
        (film("mp4"), True),
        (plain("another"), False),
        (PAGE, False),
        (None, False),
    ],
)
def test_the_upload_is_kept_if_it_is_there_and_else_what_is_shown(
    world: World, host: Shelf, media: Path, upload: bytes | None, from_server: bool
) -> None:
    shown = host.put("/shown.jpg", plain("shown"))
    named = plain("as posted") if upload == plain("another") or upload is None else upload
    original = Original(f"{host.site}/xrpc/getBlob?cid=a", digest(named))
    if upload is not None:
        host.put("/xrpc/getBlob?cid=a", upload)
    tried = fetch(world, media, shown, original=original)
    assert only_file(media, tried) == (upload if from_server else plain("shown"))
    assert (tried.url, tried.asked_url) == (shown, original.url if from_server else shown)
    assert tried.said.startswith("" if from_server else "the file that was posted could not be fetched: ")
    assert bool(tried.said) is not from_server
    assert host.asked() == (["/xrpc/getBlob?cid=a"] if from_server else ["/xrpc/getBlob?cid=a", "/shown.jpg"])


def test_what_is_shown_and_is_the_very_upload_is_no_lesser_copy(world: World, host: Shelf, media: Path) -> None:
    shown = host.put("/shown.jpg", plain("as posted"))
    original = Original(f"{host.site}/xrpc/getBlob?cid=a", digest(plain("as posted")))
    assert fetch(world, media, shown, original=original).said == ""


@pytest.mark.parametrize("server", ["http://127.0.0.1:{port}", "http://localhost:{port}", "http://10.0.0.1"])
def test_a_server_that_an_account_names_does_not_lead_into_this_network(
    world: World, host: Shelf, media: Path, server: str
) -> None:
    world.names = {"cdn.example": [PUBLIC], "localhost": ["127.0.0.1"]}
    host.put("/blob", plain("a"))
    shown = host.put("/shown.jpg", plain("shown")).replace("127.0.0.1", "cdn.example")
    original = Original(server.format(port=host.server.server_port) + "/blob", digest(plain("a")))
    tried = Fetcher(stranger(world), media, 10**6, world.now).fetch(Medium(shown, "image"), original)
    assert only_file(media, tried) == plain("shown")
    assert host.asked() == ["/shown.jpg"]


def test_an_upload_that_is_over_the_limit_gives_way_to_what_is_shown(world: World, host: Shelf, media: Path) -> None:
    large = plain("large") + bytes(50_000)
    shown = host.put("/shown.jpg", plain("shown"))
    tried = fetch(world, media, shown, limit=40_000, original=Original(host.put("/blob", large), digest(large)))
    assert only_file(media, tried) == plain("shown")


def test_a_host_that_never_answers_is_left_alone_after_a_few_things(world: World, host: Shelf, media: Path) -> None:
    with web(reply()) as gone:
        pass
    with world.client() as send:
        fetcher = Fetcher(send, media, 10**6, world.now)
        tried = [fetcher.fetch(Medium(gone.url(f"/{number}.png"), "image")) for number in range(PATIENCE + 2)]
        assert all(one.said.startswith("cannot be reached") for one in tried)
        assert {exchange.url for exchange in world.kept} == {gone.url(f"/{number}.png") for number in range(PATIENCE)}
        assert only_file(media, fetcher.fetch(Medium(host.put("/a.png", plain("a")), "image"))) == plain("a")


def test_a_host_that_answers_in_between_is_asked_on(world: World, media: Path) -> None:
    refusal, fine = reply(b"", "Retry-After: 99999", status="429 Slow"), reply(plain("a"))
    answers = [refusal, refusal, fine, reply(b"", status="404 No"), refusal, refusal, refusal, fine]
    with web(*answers) as host, world.client() as send:
        fetcher = Fetcher(send, media, 10**6, world.now)
        said = [fetcher.fetch(Medium(host.url(f"/{number}.png"), "image")).said[:20] for number in range(8)]
        away = "asks us to stay away"
        assert said == [away, away, "", "404", away, away, away, away]
        assert len(host.requests) == 7


def test_what_was_not_recorded_says_nothing_of_its_host(world: World, media: Path) -> None:
    def send(request: Request) -> Response:
        if "orig" in request.url:
            raise NetworkError(f"{request.url} was not recorded")
        return decided(poured(an_exchange(request=request, url=request.url, body=plain(request.url))))

    fetcher = Fetcher(send, media, 10**6, world.now)
    for number in range(PATIENCE + 1):
        for url in (f"https://a.example/{number}?orig", f"https://a.example/{number}?orig2"):
            assert fetcher.fetch(Medium(url, "image")).said == "was not recorded"
    url = "https://a.example/a.png"
    assert only_file(media, fetcher.fetch(Medium(url, "image"))) == plain(url)


def test_what_is_too_large_or_private_says_nothing_of_its_host(world: World, host: Shelf, media: Path) -> None:
    with world.client() as send:
        fetcher = Fetcher(send, media, len(plain("a")), world.now)
        for number in range(PATIENCE + 1):
            assert "limit" in fetcher.fetch(Medium(host.put(f"/{number}", plain("a") + b"!"), "image")).said
        assert only_file(media, fetcher.fetch(Medium(host.put("/a.png", plain("a")), "image"))) == plain("a")


def test_two_that_want_the_same_fetch_it_once(world: World, host: Shelf, media: Path) -> None:
    url = host.put("/a.png", plain("a"))
    with world.client() as send:
        fetcher = Fetcher(send, media, 10**6, world.now)
        first = fetcher.fetch(Medium(url, "image"))
        second = fetcher.fetch(Medium(f"{url}#again", "image"), Original(url, digest(plain("a"))))
    assert first.files == second.files
    assert host.asked() == ["/a.png"]


def test_a_part_that_the_host_does_not_know_any_more_is_forgotten(world: World, host: Shelf, media: Path) -> None:
    content = plain("a") + bytes(300_000)
    url = host.put("/a.png", content, headers={"ETag": '"1"'}, cut=60_000)
    assert fetch(world, media, url).said == "stopped in the middle of its answer"
    shorter = plain("a")
    host.put("/a.png", shorter, headers={"ETag": '"1"'})
    host.asked()
    assert only_file(media, fetch(world, media, url)) == shorter
    assert host.asked() == ["/a.png", "/a.png"]


@pytest.mark.parametrize("original", [True, False])
def test_a_folder_that_cannot_be_written_ends_all(world: World, host: Shelf, media: Path, original: bool) -> None:
    media.write_text("a file in its place")
    url = host.put("/a.png", plain("a"))
    with pytest.raises(ArchiveError, match="cannot write to"):
        fetch(world, media, url, original=Original(url, digest(plain("a"))) if original else None)
