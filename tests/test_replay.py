"""The archive answers as the network did."""

from collections.abc import Callable

import pytest
from samples import NOON, URL, an_exchange, later

from archiver.errors import ArchiverError, Interrupted, NetworkError, RateLimited
from archiver.http.message import Exchange, Request
from archiver.http.outcome import decided
from archiver.http.redact import redacted, redacted_url
from archiver.options import Options
from archiver.store.store import Archive

API = "https://social.example/api/1"
GET = Request(url=API)


def kept(archive: Archive, *exchanges: Exchange, outcome: str = "complete") -> Callable[[Request], object]:
    """Keep the exchanges in a run of their own and return its replay."""
    run = archive.begin(URL, Options(), NOON)
    for exchange in exchanges:
        archive.keep(run)(exchange)
    archive.finish(run, outcome, [], NOON)
    return archive.history.replay(run)


def outcome(act: Callable[[], object]) -> object:
    """Return what comes of an act, errors included, in a form that can be compared."""
    try:
        return act()
    except ArchiverError as error:
        return type(error), str(error), vars(error)


def test_an_answer_comes_as_it_did(archive: Archive) -> None:
    exchange = an_exchange(API)
    assert kept(archive, exchange)(GET) == decided(exchange)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": 404, "body": b"gone"},
        {"status": 429, "headers": (("Retry-After", "60"),)},
        {"status": 503, "headers": (("retry-after", "Thu, 12 Mar 2026 13:00:00 GMT"),)},
        {"status": 500},
        {"complete": False, "error": "cut: 3 of 9"},
        {"status": None, "body": b"", "headers": (), "error": "timeout: 30 s"},
        {"status": 302, "headers": (("Location", "mailto:x"),)},
    ],
)
def test_the_outcome_is_that_of_the_first_run(archive: Archive, fields: dict[str, object]) -> None:
    exchange = an_exchange(API, **fields)
    send = kept(archive, exchange)
    assert outcome(lambda: send(GET)) == outcome(lambda: decided(exchange))


def test_a_rate_limit_still_says_until_when(archive: Archive) -> None:
    send = kept(archive, an_exchange(API, status=429, headers=(("Retry-After", "60"),)))
    with pytest.raises(RateLimited) as caught:
        send(GET)
    assert caught.value.until == later(seconds=61)


def test_the_last_attempt_decides(archive: Archive) -> None:
    send = kept(
        archive,
        an_exchange(API, status=503, attempt=0),
        an_exchange(API, status=301, attempt=1, headers=(("Location", "https://social.example/moved"),)),
        an_exchange(API, attempt=2, url="https://social.example/moved", body=b"[]"),
    )
    answer = send(GET)
    assert (answer.status, answer.url, answer.body, answer.request) == (200, "https://social.example/moved", b"[]", GET)


def test_answers_to_one_request_come_in_their_order_and_the_last_one_stays(archive: Archive) -> None:
    send = kept(archive, *(an_exchange(API, seq=seq, body=b"%d" % seq) for seq in range(3)))
    assert [send(GET).body for _ in range(5)] == [b"0", b"1", b"2", b"2", b"2"]


def test_each_replay_begins_anew(archive: Archive) -> None:
    kept(archive, *(an_exchange(API, seq=seq, body=b"%d" % seq) for seq in range(2)))
    [run] = archive.history.runs()
    assert [archive.history.replay(run.id)(GET).body for _ in range(2)] == [b"0", b"0"]


def test_method_and_body_are_a_part_of_the_request(archive: Archive) -> None:
    posts = [Request(url=API, method="POST", body=body) for body in (b"{}", b'{"page": 2}')]
    exchanges = [an_exchange(API, request=post, seq=seq, body=b"%d" % seq) for seq, post in enumerate(posts)]
    send = kept(archive, *exchanges)
    assert [send(post).body for post in reversed(posts)] == [b"1", b"0"]
    with pytest.raises(NetworkError, match="is not in the archive"):
        send(GET)


def test_a_request_that_was_never_made_is_an_error(archive: Archive) -> None:
    send = kept(archive)
    with pytest.raises(NetworkError, match=rf"^{API} is not in the archive: run .* did not ask for it$"):
        send(GET)


def test_a_token_in_an_address_is_looked_up_as_it_was_kept(archive: Archive) -> None:
    request = Request(url=f"{API}?access_token=canary")
    exchange = redacted(an_exchange(request.url, request=request))
    assert "canary" not in repr(exchange)
    assert kept(archive, exchange)(request).status == 200


def test_a_stop_by_the_user_comes_where_it_came(archive: Archive) -> None:
    cut = an_exchange(API, complete=False, error="interrupted: ")
    send = kept(archive, cut, outcome="interrupted")
    for request in (GET, Request(url="https://social.example/api/2")):
        with pytest.raises(Interrupted, match="stopped by the user"):
            send(request)


def test_the_exchanges_of_a_run_are_the_last_attempts_in_order(archive: Archive) -> None:
    last = [an_exchange(API, seq=seq, attempt=1, body=b"%d" % seq) for seq in range(2)]
    kept(archive, an_exchange(API, status=503), last[0], an_exchange(API, seq=1, status=503), last[1])
    assert archive.history.last_exchanges(archive.history.runs()[0].id) == tuple(last)


def test_an_unknown_run_is_an_error(archive: Archive) -> None:
    for ask in (archive.history.replay, archive.history.request_of):
        with pytest.raises(ArchiverError, match="no run 77 in "):
            ask("77")


def test_what_was_asked_with_a_secret_is_found_again(archive: Archive) -> None:
    secret = Request(url="https://ann:c4n4ry@social.example/api/1?session=c4n4ry")
    for stored in ("https://[redacted]@social.example/api/1?session=c4n4ry", redacted_url(secret.url)):
        exchange = an_exchange(stored)
        assert outcome(lambda exchange=exchange: kept(archive, exchange)(secret).body) == exchange.body


def test_no_secret_of_the_pasted_address_is_stored_or_sealed(archive: Archive) -> None:
    run = archive.begin("http://joe:c4n4ry@social.example/@ann/1?token=c4n4ry", Options(), NOON)
    archive.finish(run, "failed", ["https://social.example/?api_key=c4n4ry cannot be reached"], NOON)
    assert archive.history.runs()[-1].url == "http://redacted@social.example/@ann/1?token=[redacted]"
    sealed = archive.history.seal_of(run)
    assert sealed is not None
    assert b"c4n4ry" not in sealed[1]
    assert b"[redacted]" in sealed[1]
