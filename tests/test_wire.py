"""From the wire into the archive: every kind of answer is kept as it came, and no secret is, wherever it stood."""

import gzip
import ssl
import subprocess
import threading
import zlib
from hashlib import sha256
from pathlib import Path

import pytest
from samples import NOON, sql
from test_redaction import everything
from web import World, ending, reply, web

from archiver.errors import ArchiverError, NetworkError
from archiver.http.client import Client
from archiver.http.message import Credential, Exchange, Request
from archiver.layout import DATABASE
from archiver.options import Options
from archiver.store.store import Archive

ITEMS = b'{"items": [1, 2, 3]}'
PACKED = gzip.compress(ITEMS * 50)
CHUNKS = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
CANARY = "c4n4ryt0ken"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def chunked(*pieces: bytes) -> bytes:
    return CHUNKS + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def body_of(archive: Archive, sha256: str) -> bytes:
    [(codec, data)] = archive._db.rows("SELECT codec, data FROM _bodies WHERE sha256 = ?", sha256)
    return zlib.decompress(data) if codec == "zlib" else bytes(data)


CASES = {
    "plain": [(reply(ITEMS), ITEMS)],
    "gzip": [(reply(PACKED, "Content-Encoding: gzip"), PACKED)],
    "gzip in chunks": [(chunked(PACKED[:7], PACKED[7:]), PACKED)],
    "redirect": [(reply(b"over there", "Location: /b", status="302 Found"), b"over there"), (reply(ITEMS), ITEMS)],
    "limit": [(reply(b"slow", "Retry-After: 2", status="429 Slow"), b"slow"), (reply(ITEMS), ITEMS)],
    "fault": [(reply(b"", status="503 Busy"), b""), (reply(ITEMS), ITEMS)],
    "cut": [(ending(reply(ITEMS)[:-9]), ITEMS[:11]), (reply(ITEMS), ITEMS)],
    "cookie": [(reply(ITEMS, "Set-Cookie: id=7"), ITEMS)],
    "empty": [(reply(b"", status="204 None"), b"")],
    "not there": [(reply(b"{}", status="404 No"), b"{}")],
}


@pytest.mark.parametrize("case", CASES)
def test_each_answer_is_in_the_archive_as_it_came(archive: Archive, world: World, case: str) -> None:
    run = archive.begin("https://a.example/", Options(), NOON)
    with web(*(answer for answer, _ in CASES[case])) as host, world.opened() as client:
        client.recording(archive.keep(run))(Request(url=host.url()))
    kept = sql(archive, "SELECT body_sha256, complete, peer, attempt FROM _exchanges ORDER BY seq, attempt")
    assert [body_of(archive, str(digest)) for digest, *_ in kept] == [body for _, body in CASES[case]]
    assert [str(digest) for digest, *_ in kept] == [sha256(body).hexdigest() for _, body in CASES[case]]
    assert [(peer, attempt) for *_, peer, attempt in kept] == [("127.0.0.1", number) for number in range(len(kept))]
    assert [complete for _, complete, *_ in kept] == [0, 1] if case == "cut" else [1] * len(kept)


def test_a_warm_connection_is_recorded_as_a_cold_one(archive: Archive, world: World) -> None:
    with web(reply(ITEMS), reply(PACKED, "Content-Encoding: gzip")) as host, world.opened() as client:
        for _ in range(2):
            client.recording(archive.keep(archive.begin(host.url(), Options(), NOON)))(Request(url=host.url()))
    assert host.connections == 1
    assert sql(archive, "SELECT COUNT(DISTINCT run), COUNT(*) FROM _exchanges") == [(2, 2)]


def test_clients_in_several_threads_record_each_their_own(world: World) -> None:
    kept: list[list[Exchange]] = [[] for _ in range(4)]

    def ask(number: int) -> None:
        with World().opened() as client:
            for _ in range(5):
                client.recording(kept[number].append)(Request(url=host.url(f"/{number}")))

    with web(reply(ITEMS)) as host:
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [[exchange.url for exchange in run] for run in kept] == [[host.url(f"/{number}")] * 5 for number in range(4)]
    assert {exchange.body for run in kept for exchange in run} == {ITEMS}


def test_what_a_local_authority_vouches_for_is_recorded_with_its_certificate(
    archive: Archive, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaf = certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf, tmp_path / "leaf.key")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    run = archive.begin("https://tls.example/", Options(), NOON)
    with web(reply(ITEMS, "Connection: close"), tls=context) as host, world.opened() as client:
        client.recording(archive.keep(run))(Request(url=host.url(host="tls.example")))
    digest = sha256(ssl.PEM_cert_to_DER_cert(leaf.read_text(encoding="ascii"))).hexdigest()
    assert sql(archive, "SELECT tls, cert_sha256, status FROM _exchanges") == [("TLSv1.3", digest, 200)]


def certificates(folder: Path) -> Path:
    """Make an authority in `ca.pem`, and a certificate that it has signed."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    ca = ["req", "-x509", *curve, "-days", "2", "-subj", "/CN=ca.example", "-keyout", "ca.key", "-out", "ca.pem"]
    asked = ["req", *curve, "-subj", "/CN=tls.example", "-keyout", "leaf.key", "-out", "leaf.csr"]
    (folder / "names").write_text("subjectAltName=DNS:tls.example\n")
    signed = ["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"]
    for command in (ca, asked, [*signed, "-extfile", "names", "-out", "leaf.pem"]):
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)
    return folder / "leaf.pem"


def ask_with_secrets(client: Client, archive: Archive, url: str, gone: str) -> None:
    """Ask in every way that carries a secret, and finish the run with what the failures say."""
    run = archive.begin(f"{url}?token={CANARY}".replace(CANARY, "[redacted]"), Options(), NOON)
    send, said = client.recording(archive.keep(run)), []
    json = f'{{"user": "ann", "password": "{CANARY}", "deep": [{{"access_token": "{CANARY}"}}]}}'.encode()
    for request in (
        Request(url=f"{url}?access_token={CANARY}&n=1#id_token={CANARY}", auth="ann"),
        Request(url=url, headers=(("Cookie", f"id={CANARY}"), ("X-Api-Key", CANARY), ("Authorization", CANARY))),
        Request(url=url, method="POST", body=json, headers=(("Content-Type", "application/json"),)),
        Request(url=url, method="POST", body=f"grant=x&client_secret={CANARY}&a=b".encode()),
        Request(url=gone.replace("//", f"//ann:{CANARY}@") + f"?token={CANARY}"),
    ):
        try:
            send(request)
        except ArchiverError as error:
            said.append(str(error))
    archive.finish(run, "failed", said, NOON)


def test_no_secret_is_anywhere_in_the_archive(
    archive: Archive, folder: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = f"/next?sig={CANARY}&X-Amz-Signature={CANARY}"
    moved = reply(b"", f"Location: {location}", f"Set-Cookie: s={CANARY}", f"Link: <{location}>", status="302 Found")
    with web(reply()) as away:
        gone = away.url()
    credentials = {"ann": Credential("127.0.0.1", CANARY)}
    with web(moved, reply(ITEMS, f"Set-Cookie: s={CANARY}")) as host:
        credentials["ann"] = Credential(f"127.0.0.1:{host.port}", CANARY)
        with world.opened(credentials=credentials) as client:
            ask_with_secrets(client, archive, host.url(), gone)
    with web(moved, reply(ITEMS)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url().replace("//", f"//ann:{CANARY}@"))
        with world.opened(credentials=credentials) as client:
            ask_with_secrets(client, archive, "http://far.example/", "http://gone.example/")
    assert CANARY in "".join(host.requests)  # it went out
    assert "Proxy-Authorization: Basic" in "".join(proxy.requests)
    assert sql(archive, "SELECT COUNT(*) FROM _exchanges") >= [(12,)]
    found = everything(folder)
    assert CANARY not in found
    assert "YW5uOmM0bjRyeXQwa2Vu".casefold() not in found  # ann and the secret, as a proxy is told them
    assert {
        str(sent).count("[redacted]") > 0
        for (sent,) in sql(archive, "SELECT request_head FROM _exchanges WHERE seq = 1")
    } == {True}
    sent = [
        body_of(archive, str(digest))
        for (digest,) in sql(archive, "SELECT request_body_sha256 FROM _exchanges WHERE method = 'POST'")
    ]
    assert b"grant=x&client_secret=[redacted]&a=b" in sent
    archive.close()
    assert CANARY.encode() not in (folder / DATABASE).read_bytes()


def test_what_was_sent_with_a_secret_is_found_again(archive: Archive, world: World) -> None:
    run = archive.begin("https://a.example/", Options(), NOON)
    request = Request(url="", method="POST", body=f"token={CANARY}&a=b".encode())
    with web(reply(ITEMS)) as host, world.opened() as client:
        request = Request(url=host.url(), method="POST", body=request.body)
        answered = client.recording(archive.keep(run))(request)
    archive.finish(run, "complete", [], NOON)
    assert archive.history.replay(run)(request).body == answered.body
    with pytest.raises(NetworkError, match="is not in the archive"):
        archive.history.replay(run)(Request(url=host.url(), method="POST", body=b"token=x&a=c"))
