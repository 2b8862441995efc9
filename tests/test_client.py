"""The client against hosts on loopback that behave in every way a host can."""

import gzip
import socket
import ssl
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import pytest
from samples import NOON, later
from web import Web, World, ending, reply, web

from archiver.config import Network
from archiver.errors import NetworkError, ParseError, RateLimited, Refused
from archiver.http import wire
from archiver.http.client import HOPS
from archiver.http.message import Credential, Exchange, Request, Send
from archiver.http.outcome import LARGEST, decided
from archiver.http.wire import resolve

PUBLIC = "93.184.216.34"
ITEMS = b'{"items": [1, 2, 3]}'


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def client(world: World) -> Iterator[Send]:
    with world.client() as client:
        yield client


def chunked(*pieces: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def moved(target: str, *headers: str) -> bytes:
    return reply(b"", f"Location: {target}", *headers, status="302 Found")


def test_an_answer_comes_back_with_its_status_headers_and_body(client: Send) -> None:
    with web(reply(ITEMS, "X-Thing: one", "X-Thing: two", status="404 Not Found")) as host:
        response = client(Request(url=host.url("/a?b=c")))
    assert (response.status, response.header("x-thing"), response.json()) == (404, "one, two", {"items": [1, 2, 3]})
    assert (response.url, response.fetched_at) == (host.url("/a?b=c"), NOON)


def test_an_exchange_is_kept_as_it_went_over_the_wire(world: World, client: Send) -> None:
    answer = reply(ITEMS, "X-Two: b", "x-One: a", status="200 Fine")
    with web(answer) as host:
        client(Request(url=host.url("/x"), headers=(("Accept", "application/json"),)))
    [kept] = world.kept
    sent = host.requests[0].splitlines()[1:-1]
    assert sorted(f"{name}: {value}" for name, value in kept.request_headers) == sorted(sent)
    assert kept.headers == (("Content-Length", "20"), ("X-Two", "b"), ("x-One", "a"))
    assert (kept.status, kept.reason, kept.body, kept.complete, kept.error) == (200, "Fine", ITEMS, True, "")
    assert (kept.peer, kept.tls, kept.certificate) == ("127.0.0.1", "", "")


def test_requests_say_who_asks_and_what_they_accept(world: World) -> None:
    network = Network(allow_private=True, contact="desk@paper.example")
    with web(reply()) as host, world.client(network=network) as client:
        client(Request(url=host.url()))
    assert "(+desk@paper.example)" in host.requests[0]
    assert "Accept-Encoding: gzip, deflate\r\n" in host.requests[0]


def test_a_body_is_posted(world: World, client: Send) -> None:
    with web(reply()) as host:
        client(Request(url=host.url(), method="POST", body=b"query"))
    assert host.requests[0].startswith("POST / HTTP/1.1")
    assert "Content-Length: 5" in host.requests[0]
    assert ("Content-Length", "5") in world.kept[0].request_headers


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", lambda data: zlib.compress(data, wbits=-15))],
)
def test_a_packed_body_is_kept_packed_and_read_unpacked(
    world: World, client: Send, coding: str, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack(ITEMS)
    with web(reply(packed, f"Content-Encoding: {coding}")) as host:
        response = client(Request(url=host.url()))
    assert world.kept[0].body == packed == response.body
    assert response.content == ITEMS


def test_a_chunked_body_is_kept_without_its_framing(world: World, client: Send) -> None:
    with web(chunked(b'{"a"', b": 1}", b"")) as host:
        assert client(Request(url=host.url())).json() == {"a": 1}
    assert world.kept[0].body == b'{"a": 1}'


def test_a_connection_is_used_again(client: Send) -> None:
    with web(reply(ITEMS), reply(b""), chunked(b"x", b""), reply(gzip.compress(b"y"))) as host:
        for _ in range(4):
            client(Request(url=host.url()))
    assert host.connections == 1


def test_connections_are_closed_at_the_end(world: World) -> None:
    closed = threading.Event()

    def watching(connection: socket.socket) -> None:
        connection.sendall(reply())
        if not connection.recv(1):
            closed.set()

    with web(watching) as host:
        with world.client() as client:
            client(Request(url=host.url()))
            assert not closed.is_set()
        assert closed.wait(5)


def test_requests_are_numbered(world: World, client: Send) -> None:
    with web(moved("/b"), reply()) as host:
        client(Request(url=host.url("/a")))
        client(Request(url=host.url("/c")))
    assert [(kept.seq, kept.attempt) for kept in world.kept] == [(0, 0), (0, 1), (1, 0)]


def test_runs_are_kept_apart_and_share_connections_and_pace(world: World) -> None:
    runs: list[list[Exchange]] = [[], []]
    budget = reply(b"", "RateLimit-Remaining: 0", "RateLimit-Reset: 90")
    with web(reply(), budget, reply()) as host, world.opened() as client:
        for run in runs:
            send = client.recording(run.append)
            send(Request(url=host.url("/a")))
            send(Request(url=host.url("/b")))
    assert [[kept.seq for kept in run] for run in runs] == [[0, 1], [0, 1]]
    assert host.connections == 1
    assert world.slept == [90]


def test_a_host_can_be_named_by_its_ipv6_address(world: World) -> None:
    with web(reply(ITEMS)) as host, world.client(network=Network()) as client:
        url = host.url("/x", host="[2606:2800:220:1::1]")
        assert client(Request(url=url)).url == url
    assert (world.resolved, world.dialled) == (["2606:2800:220:1::1"], ["2606:2800:220:1::1"])
    assert f"Host: [2606:2800:220:1::1]:{host.port}\r\n" in host.requests[0]


# Answers that are none


def failure(client: Send, request: Request | str) -> str:
    with pytest.raises(NetworkError) as caught:
        client(Request(url=request) if isinstance(request, str) else request)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("cut", [reply(ITEMS)[:-9], chunked(ITEMS[:11]), chunked(ITEMS, b"")[:-16]])
def test_a_body_that_is_cut_is_kept_and_asked_for_again(world: World, client: Send, cut: bytes) -> None:
    with web(ending(cut), reply(ITEMS)) as host:
        assert client(Request(url=host.url())).body == ITEMS
    assert [(kept.complete, kept.error.partition(":")[0], kept.attempt) for kept in world.kept] == [
        (False, "cut", 0),
        (True, "", 1),
    ]
    assert world.kept[0].body == ITEMS[:11]
    assert world.slept == [1]


def test_a_body_that_is_always_cut_is_no_answer(world: World, client: Send) -> None:
    with web(ending(reply(ITEMS)[:-9])) as host:
        assert "stopped in the middle" in failure(client, host.url())
    assert len(world.kept) == 4
    assert world.slept == [1, 2, 4]


def test_a_host_that_is_not_there_is_asked_four_times(world: World, client: Send) -> None:
    with web(reply()) as host:
        gone = host.url()
    assert "cannot be reached (Connection refused)" in failure(client, gone)
    assert [(kept.status, kept.error) for kept in world.kept] == [(None, "connection: Connection refused")] * 4


def test_the_cause_of_a_failure_is_told(client: Send) -> None:
    with web(reply()) as host:
        gone = host.url("/?token=secret")
    with pytest.raises(NetworkError) as caught:
        client(Request(url=gone))
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_a_second_address_is_tried_where_the_first_does_not_answer(world: World) -> None:
    world.names["two.example"] = ["2001:db8::1", PUBLIC]

    def connect(address: tuple[str, int], *rest: float, **options: object) -> socket.socket:
        if address[0] != PUBLIC:
            raise OSError("Network is unreachable")
        return world.connect(address, *rest, **options)

    with web(reply(ITEMS)) as host, world.client(connect=connect) as client:
        assert client(Request(url=host.url(host="two.example"))).body == ITEMS


def test_a_host_without_an_address_is_not_asked(world: World, client: Send) -> None:
    world.names["none.example"] = []
    assert "no address" in failure(client, "http://none.example/")


def test_silence_is_a_timeout(world: World) -> None:
    def silent(connection: socket.socket) -> None:
        connection.recv(1)

    network = Network(allow_private=True, timeout=0.05)
    with web(silent) as host, world.client(network=network) as client:
        assert "did not answer in time" in failure(client, host.url())
    assert [kept.error.partition(":")[0] for kept in world.kept] == ["timeout"] * 4


def test_silence_within_a_body_is_a_timeout(world: World) -> None:
    def silent(connection: socket.socket) -> None:
        connection.sendall(reply(ITEMS)[:-9])
        connection.recv(1)

    network = Network(allow_private=True, timeout=0.05)
    with web(silent) as host, world.client(network=network) as client:
        failure(client, host.url())
    assert (world.kept[0].error.partition(":")[0], world.kept[0].body) == ("timeout", ITEMS[:11])


@pytest.mark.parametrize(
    ("begun", "rest"),
    [
        (reply(b"x" * 1000)[:-1000], b"x" * 1000),
        (chunked(), chunked(*[b"x"] * 1000)[len(chunked()) :]),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 1000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x" * 1000),
    ],
    ids=["body", "chunks", "header", "framing"],
)
def test_an_answer_that_trickles_is_left(world: World, begun: bytes, rest: bytes) -> None:
    read = threading.Semaphore(0)

    def trickle(connection: socket.socket) -> None:
        connection.sendall(begun)
        for at in range(len(rest)):
            read.acquire()
            connection.sendall(rest[at : at + 1])

    def now() -> object:
        read.release()
        world.time += timedelta(seconds=10)
        return world.time

    with web(trickle) as host, world.client(now=now) as client:
        assert "too slowly" in failure(client, host.url())
        read.release(2000)
    [kept] = world.kept
    assert not kept.complete
    assert len(kept.body) < 40


def test_what_came_of_an_answer_that_trickles_is_kept(world: World) -> None:
    read = threading.Semaphore(0)

    def trickle(connection: socket.socket) -> None:
        connection.sendall(reply(ITEMS)[:-9])
        while read.acquire():
            connection.sendall(b"x")

    def now() -> object:
        read.release()
        world.time += timedelta(seconds=100)
        return world.time

    with web(trickle) as host, world.client(now=now) as client:
        failure(client, host.url())
        read.release()
    assert world.kept[0].body.startswith(ITEMS[:11])


def test_an_answer_that_is_too_large_is_left(world: World, client: Send) -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 1_000_000)

    with web(endless) as host:
        assert "more than 32 MB" in failure(client, host.url())
    [kept] = world.kept
    assert not kept.complete
    assert LARGEST - 1_000_000 < len(kept.body) <= LARGEST


def test_a_host_that_is_about_to_answer_for_ever_is_left(
    world: World, client: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LARGEST", 10_000)

    def endless(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    with web(endless) as host:
        failure(client, host.url())
    assert [kept.error.partition(":")[0] for kept in world.kept] == ["too large"]


def test_a_host_that_does_not_speak_http_is_asked_once(world: World, client: Send) -> None:
    with web(ending(b"SSH-2.0-OpenSSH_9.6\r\n")) as host:
        assert "does not answer in HTTP (SSH-2.0-OpenSSH_9.6)" in failure(client, host.url())
    assert len(world.kept) == 1


def test_headers_without_end_are_no_answer(world: World, client: Send) -> None:
    with web(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200) as host:
        assert "does not answer in HTTP (got more than 100 headers)" in failure(client, host.url())


@pytest.mark.parametrize("url", ["http://", "http://[::1", "http://127.0.0.1:99999999/", "gopher:x"])
def test_what_is_no_address_is_not_asked_and_kept(world: World, client: Send, url: str) -> None:
    failure(client, url)
    assert [kept.error.partition(":")[0] for kept in world.kept] == ["address"]
    assert world.dialled == []


def test_a_host_that_closes_a_used_connection_is_asked_again_at_once(world: World, client: Send) -> None:
    def rude(connection: socket.socket) -> None:
        """Close on the second request, once it is there."""
        connection.shutdown(socket.SHUT_RDWR)

    with web(reply(b"1"), rude, reply(b"2")) as host:
        bodies = [client(Request(url=host.url())).body for _ in range(2)]
    assert bodies == [b"1", b"2"]
    assert [(kept.attempt, kept.error.partition(":")[0]) for kept in world.kept] == [(0, ""), (0, "stale"), (1, "")]
    assert world.slept == []


def test_a_post_is_not_sent_twice(world: World, client: Send) -> None:
    with web(reply(status="503 Busy")) as host:
        assert "answers 503" in failure(client, Request(url=host.url(), method="POST"))
    assert len(world.kept) == 1


# Hosts that say no


def test_a_fault_that_passes_is_waited_out(world: World, client: Send) -> None:
    with web(reply(status="503 Busy"), reply(status="502 Busy"), reply(ITEMS)) as host:
        assert client(Request(url=host.url())).status == 200
    assert [kept.status for kept in world.kept] == [503, 502, 200]
    assert world.slept == [1, 2]


@pytest.mark.parametrize(
    "header",
    [
        "Retry-After: 40",
        f"Retry-After: {format_datetime(later(seconds=40), usegmt=True)}",
        f"X-RateLimit-Reset: {later(seconds=40).isoformat()}",
        f"RateLimit-Reset: {later(seconds=40).timestamp():.0f}",
        "RateLimit-Reset: 40",
    ],
)
def test_a_host_that_is_asked_too_often_gets_the_pause_that_it_wants(world: World, client: Send, header: str) -> None:
    with web(reply(b"", header, status="429 Slow down"), reply(ITEMS)) as host:
        assert client(Request(url=host.url())).status == 200
    assert world.slept == [40]
    assert world.said == [f"waiting 40 s for 127.0.0.1:{host.port}, as it asked"]


def test_a_host_that_goes_on_refusing_is_left_alone(world: World, client: Send) -> None:
    with web(reply(status="429 Slow down")) as host, pytest.raises(RateLimited, match="does not say when"):
        client(Request(url=host.url()))
    assert world.slept == [30, 60, 120]


def test_a_host_that_wants_more_time_than_we_have_is_left_at_once(world: World, client: Send) -> None:
    with web(reply(b"", "Retry-After: 3600", status="429 Slow down")) as host, pytest.raises(RateLimited) as caught:
        client(Request(url=host.url()))
    assert caught.value.until == later(hours=1)
    assert "after 2026-03-12 13:00:00 UTC" in str(caught.value)
    assert world.slept == []


def test_a_spent_budget_is_waited_for_before_the_refusal(world: World, client: Send) -> None:
    spent = reply(b"", "X-RateLimit-Remaining: 0", f"X-RateLimit-Reset: {later(seconds=90).isoformat()}")
    with web(spent, reply()) as host:
        client(Request(url=host.url()))
        assert world.slept == []
        client(Request(url=host.url()))
    assert world.slept == [90]


def test_one_hosts_pace_does_not_slow_another(world: World, client: Send) -> None:
    with web(reply(b"", "RateLimit-Remaining: 0", "RateLimit-Reset: 90")) as slow, web(reply()) as other:
        client(Request(url=slow.url()))
        client(Request(url=other.url()))
    assert world.slept == []


def test_ctrl_c_while_waiting_stops_the_run(world: World) -> None:
    def sleep(seconds: float) -> None:
        raise KeyboardInterrupt

    with web(reply(status="503 Busy")) as host, world.client(sleep=sleep) as client, pytest.raises(KeyboardInterrupt):
        client(Request(url=host.url()))
    assert len(world.kept) == 1


def test_ctrl_c_while_reading_keeps_what_came(world: World) -> None:
    times = [NOON, NOON, NOON, KeyboardInterrupt(), NOON]  # the last three: for both pieces, and when it ended
    first_is_read = threading.Event()

    def now() -> object:
        time = times.pop(0)
        if len(times) == 2:
            first_is_read.set()
        if isinstance(time, KeyboardInterrupt):
            raise time
        return time

    def answer(connection: socket.socket) -> None:
        connection.sendall(reply(ITEMS)[:-9])
        first_is_read.wait()
        connection.sendall(b"more")

    with web(answer) as host, world.client(now=now) as client, pytest.raises(KeyboardInterrupt):
        client(Request(url=host.url()))
    [kept] = world.kept
    assert (kept.complete, kept.error.partition(":")[0], kept.body) == (False, "interrupted", ITEMS[:11])


def test_what_was_kept_decides_the_same_again(world: World, client: Send) -> None:
    with web(reply(ITEMS), reply(b"", "Retry-After: 900", status="429 No"), ending(b"HTTP/1.1 500 No\r\n\r\n")) as host:
        response = client(Request(url=host.url()))
        with pytest.raises(RateLimited) as limited:
            client(Request(url=host.url()))
        with pytest.raises(NetworkError) as failed:
            client(Request(url=host.url()))
    assert decided(world.kept[0]) == response
    with pytest.raises(RateLimited, match=str(limited.value)):
        decided(world.kept[1])
    with pytest.raises(NetworkError, match=str(failed.value)):
        decided(world.kept[-1])


# Answers of another kind


def test_a_web_page_in_the_place_of_data_is_a_refusal(client: Send) -> None:
    page = b"<!doctype html><title>Just a  moment</title>"
    with web(reply(page, status="403 Forbidden")) as host:
        response = client(Request(url=host.url()))
    with pytest.raises(Refused, match=r'answered 403 with a web page instead of data \("Just a moment"\)'):
        response.json()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(gzip.compress(ITEMS, mtime=0)[:-9], "Content-Encoding: gzip"), "damaged gzip data"),
        (reply(b"[" * 100_000 + b"]" * 100_000), "nested too deeply"),
        (reply(ITEMS[:-1]), "damaged JSON"),
        (reply(ITEMS, "Content-Encoding: br"), "a content coding that we did not ask for"),
    ],
)
@pytest.mark.usefixtures("swept")
def test_damaged_data_are_kept_and_are_an_unknown_shape(world: World, client: Send, answer: bytes, words: str) -> None:
    with web(answer) as host:
        response = client(Request(url=host.url()))
    with pytest.raises(ParseError, match=words):
        response.json()
    assert world.kept[0].complete


# Redirects


def test_a_redirect_is_followed_and_each_hop_is_kept(world: World, client: Send) -> None:
    with web(moved("/b?c=d"), moved("e"), reply(ITEMS)) as host:
        response = client(Request(url=host.url("/a/")))
    assert response.url == host.url("/e")
    assert response.request.url == host.url("/a/")
    assert [kept.url for kept in world.kept] == [host.url("/a/"), host.url("/b?c=d"), host.url("/e")]
    assert {kept.request.url for kept in world.kept} == {host.url("/a/")}


def test_a_circle_of_redirects_ends(world: World, client: Send) -> None:
    with web(moved("/round")) as host:
        assert "too often" in failure(client, host.url("/round"))
    assert len(world.kept) == 1 + HOPS


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/", "file:///etc/passwd", "javascript:alert(1)", "http://[::1"])
def test_a_redirect_out_of_the_web_is_not_followed(world: World, client: Send, target: str) -> None:
    with web(moved(target)) as host:
        assert target in failure(client, host.url())
    assert len(world.kept) == 1


def test_a_redirect_cannot_add_headers(client: Send) -> None:
    with web(moved("/x%0d%0aX-Evil:%201"), moved("/y\rX-Evil: 1"), moved("/z\x0bX-Evil: 1"), reply()) as host:
        client(Request(url=host.url()))
    assert all("\nX-Evil" not in request for request in host.requests)


def test_a_location_in_utf_8_is_followed(client: Send) -> None:
    with web(moved("/grüße"), reply()) as host:
        client(Request(url=host.url()))
    assert host.requests[1].startswith("GET /gr%C3%BC%C3%9Fe HTTP/1.1")


def test_a_post_is_not_redirected(world: World, client: Send) -> None:
    with web(moved("/b")) as host:
        failure(client, Request(url=host.url(), method="POST"))
    assert len(world.kept) == 1


def test_another_base_is_asked_in_the_place_of_the_usual_one(world: World) -> None:
    with web(reply(ITEMS)) as host, world.client(bases={"https://api.example": host.url("/mirror")}) as client:
        response = client(Request(url="https://api.example/x?y=z"))
    assert host.requests[0].startswith("GET /mirror/x?y=z ")
    assert response.url == host.url("/mirror/x?y=z")
    assert world.kept[0].request.url == "https://api.example/x?y=z"


# Secrets


def test_a_credential_is_sent_and_never_kept(world: World) -> None:
    with web(reply(ITEMS, "Set-Cookie: id=c4n4ry")) as host:
        credentials = {"ann": Credential(f"127.0.0.1:{host.port}", "c4n4ry")}
        with world.client(credentials=credentials) as client:
            client(Request(url=host.url("/?access_token=c4n4ry#c"), headers=(("Cookie", "c4n4ry"),), auth="ann"))
    assert "Authorization: Bearer c4n4ry" in host.requests[0]
    assert "Cookie: c4n4ry" in host.requests[0]
    assert "access_token=c4n4ry" in host.requests[0]
    assert "c4n4ry" not in repr(world.kept)
    assert ("Authorization", "[redacted]") in world.kept[0].request_headers


def test_a_failure_does_not_tell_secrets(world: World, client: Send) -> None:
    with web(reply()) as host:
        gone = host.url("/?token=c4n4ry").replace("//", "//ann:c4n4ry@")
    assert "c4n4ry" not in failure(client, gone)
    assert "c4n4ry" not in repr(world.kept)


def test_a_secret_in_a_redirect_is_followed_and_never_kept(world: World, client: Send) -> None:
    with web(moved("/file?X-Amz-Signature=c4n4ry&n=1"), reply()) as host:
        client(Request(url=host.url()))
    assert "GET /file?X-Amz-Signature=c4n4ry&n=1 " in host.requests[1]
    assert "c4n4ry" not in repr(world.kept)
    assert world.kept[1].url.endswith("/file?X-Amz-Signature=[redacted]&n=1")


@pytest.mark.parametrize(
    "spelling", ["http://ann:c4n4ry@{host}/", "//ann:c4n4ry@{host}/", "http://other.example\\@{host}/"]
)
def test_a_redirect_with_a_name_and_a_password_is_not_followed(world: World, client: Send, spelling: str) -> None:
    with web(reply()) as host:
        host.answers = [moved(spelling.format(host=f"127.0.0.1:{host.port}"))]
        said = failure(client, host.url())
    assert "sends us on with a name and a password" in said
    assert len(host.requests) == len(world.kept) == 1
    assert "c4n4ry" not in said + repr(world.kept)


def test_a_credential_does_not_follow_to_another_host(world: World) -> None:
    with web(reply()) as other, web(reply()) as first:
        first.answers = [moved(other.url(host="other.example"))]
        credentials = {"ann": Credential(f"first.example:{first.port}", "c4n4ry")}
        with world.client(credentials=credentials) as client:
            headers = (("Cookie", "c4n4ry"), ("Accept-Language", "en"))
            client(Request(url=first.url(host="first.example"), headers=headers, auth="ann"))
    assert "Authorization: Bearer c4n4ry" in first.requests[0]
    assert "c4n4ry" not in other.requests[0]
    assert "Accept-Language: en" in other.requests[0]


def test_a_credential_is_not_sent_in_the_clear(world: World) -> None:
    world.names["first.example"] = [PUBLIC]
    with web(reply()) as host:
        credentials = {"ann": Credential(f"first.example:{host.port}", "c4n4ry")}
        with world.client(credentials=credentials, network=Network()) as client:
            client(Request(url=host.url(host="first.example"), auth="ann"))
    assert "c4n4ry" not in host.requests[0]


def test_cookies_and_netrc_are_nobodys_business(
    world: World, client: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ann password c4n4ry", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with web(reply(b"", "Set-Cookie: id=7")) as host:
        client(Request(url=host.url()))
        client(Request(url=host.url()))
    assert "Cookie" not in host.requests[1]
    assert "Authorization" not in host.requests[0]


# Private addresses


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_refused_in_any_spelling(world: World, host: str) -> None:
    with world.client(network=Network(), resolve=resolve) as client:
        assert "network.allow_private = true" in failure(client, f"http://{host}:9/")
    assert world.dialled == []
    assert [kept.error.partition(":")[0] for kept in world.kept] == ["private address"]


@pytest.mark.parametrize("addresses", [["10.0.0.1"], [PUBLIC, "192.168.1.1"], ["169.254.169.254"], ["::1"]])
def test_a_name_that_leads_to_a_private_address_is_refused(world: World, addresses: list[str]) -> None:
    world.names["router.example"] = addresses
    with world.client(network=Network()) as client:
        assert f"http://router.example/ leads to a private address ({addresses[-1]})" in failure(
            client, "http://router.example/"
        )
    assert world.dialled == []


def test_a_redirect_to_a_private_address_is_refused(world: World) -> None:
    world.names["open.example"] = [PUBLIC]
    with web(moved("http://10.0.0.1/admin")) as host, world.client(network=Network()) as client:
        assert "http://10.0.0.1/admin leads to a private" in failure(client, host.url(host="open.example"))
    assert world.dialled == [PUBLIC]
    assert [kept.status for kept in world.kept] == [302, None]


def test_the_address_that_was_checked_is_the_one_that_is_asked(world: World) -> None:
    answers = [[PUBLIC], ["127.0.0.1"]]

    def rebinding(host: str, port: int) -> list[str]:
        world.resolved.append(host)
        return answers.pop(0)

    with web(reply()) as host, world.client(network=Network(), resolve=rebinding) as client:
        client(Request(url=host.url(host="rebind.example")))
    assert (world.resolved, world.dialled) == (["rebind.example"], [PUBLIC])


def test_a_name_that_is_no_name_is_not_known(world: World, client: Send) -> None:
    with world.client(resolve=resolve) as client:
        assert "nobody knows" in failure(client, f"http://{'a' * 70}.invalid/")


def test_a_proxy_from_the_environment_is_asked(world: World, client: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    with web(reply(ITEMS)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url())
        assert client(Request(url="http://far.example/x")).body == ITEMS
    assert proxy.requests[0].startswith("GET http://far.example/x HTTP/1.1\r\n")
    assert (world.resolved, world.kept[0].peer) == ([], "")


def test_each_door_of_a_host_has_its_own_pace(world: World, client: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    with web(reply(b"", "x-rate-limit-remaining: 0", "x-rate-limit-reset: 90"), reply()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url())
        for path in ("search/all?query=x", "counts/recent", "search/all?query=y"):
            client(Request(url=f"http://api.x.com/2/tweets/{path}"))
    assert world.slept == [90]
    assert len(world.said) == 1


def test_a_steady_pace_is_kept_without_a_word(world: World, client: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    with web(reply()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url())
        for path in ("cdx/search/cdx?url=x", "web/timemap/json/x", "web/2017id_/x"):
            client(Request(url=f"http://web.archive.org/{path}"))
    assert (world.slept, world.said) == ([2.5], [])


def test_a_proxys_answers_have_the_same_limits(world: World, client: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST", 100)
    with web(reply(b"x" * 50), reply(b"x" * 100)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url())
        client(Request(url="http://far.example/"))
        assert "answers with more than" in failure(client, "http://far.example/")


def test_a_proxy_that_is_not_there_is_asked_four_times(
    world: World, client: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web(reply()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url())
    assert "http://far.example/ cannot be reached (Connection refused)" in failure(client, "http://far.example/")
    assert world.slept == [1, 2, 4]


def test_a_proxy_is_not_asked_for_private_addresses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with web(reply(ITEMS)) as proxy, world.client(network=Network()) as client:
        monkeypatch.setenv("http_proxy", proxy.url())
        client(Request(url="http://far.example/"))
        assert "private address (10.0.0.1)" in failure(client, "http://10.0.0.1/")
        assert "private address (127.0.0.1)" in failure(client, "http://0x7f000001/")
    assert len(proxy.requests) == 1


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of tls.example, with its key in the same file."""
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=tls.example", "-addext", "subjectAltName=DNS:tls.example"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", *curve, *names, *files], check=True, capture_output=True)
    return folder / "cert.pem"


@pytest.fixture
def secure(certificate: Path) -> Iterator[Web]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with web(reply(ITEMS, "Connection: close"), tls=context) as host:
        yield host


def test_the_other_end_of_a_tls_connection_is_kept(
    world: World, client: Send, secure: Web, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert client(Request(url=secure.url(host="tls.example"))).body == ITEMS
    [kept] = world.kept
    leaf = ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii"))
    assert (kept.peer, kept.tls, kept.certificate) == ("127.0.0.1", "TLSv1.3", sha256(leaf).hexdigest())


def test_a_certificate_that_proves_nothing_is_refused(world: World, client: Send, secure: Web) -> None:
    assert "does not prove that it is that host (self-signed certificate)" in failure(
        client, secure.url(host="tls.example")
    )
    assert [kept.error for kept in world.kept] == ["certificate: self-signed certificate"]
    assert secure.requests == []


def test_a_certificate_of_another_host_is_refused(
    world: World, client: Send, secure: Web, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert "certificate is not valid for 'else.example'" in failure(client, secure.url(host="else.example"))


def test_a_host_that_does_not_speak_tls_is_refused(client: Send) -> None:
    with web(ending(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as host:
        assert "cannot be talked to in TLS" in failure(client, host.url().replace("http:", "https:"))


def test_a_file_of_authorities_that_is_not_there_is_told(
    world: World, client: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    assert "/nowhere/ca.pem is not there; correct REQUESTS_CA_BUNDLE" in failure(client, "https://tls.example/")
    assert world.slept == []
