"""No secret stays in an exchange, and nothing else goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import an_exchange

from archiver.http.message import Request
from archiver.http.redact import is_secret, redacted, redacted_body, redacted_headers, redacted_url
from archiver.urls import parts_of


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://a.example/?access_token=c4n4ry", "https://a.example/?access_token=[redacted]"),
        ("https://a.example/?a=1&Token=c4n4ry&b=2#f", "https://a.example/?a=1&Token=[redacted]&b=2#f"),
        ("https://a.example/?X-Amz-Signature=c4n4ry&b", "https://a.example/?X-Amz-Signature=[redacted]&b"),
        ("https://a.example/?key=c4%6e4ry&sig=c4n4ry=", "https://a.example/?key=[redacted]&sig=[redacted]"),
        ("https://a.example/#id_token=c4n4ry&x=1", "https://a.example/#id_token=[redacted]&x=1"),
        ("https://a.example/?a=1&amp;api_key=c4n4ry", "https://a.example/?a=1&amp;api_key=[redacted]"),
        ("https://ann:c4n4ry@a.example/", "https://redacted@a.example/"),
        ("see https://ann:c4@n4ry@a.example:8/@bo", "see https://redacted@a.example:8/@bo"),
        ("https://[redacted]@a.example/", "https://redacted@a.example/"),
        ("//ann:c4n4ry@a.example/b", "//redacted@a.example/b"),
        ("https://a.example/?session=c4n4ry&ticket=c4n4ry", "https://a.example/?session=[redacted]&ticket=[redacted]"),
        (
            "https://a.example/?hdnts=c4n4ry&userToken=c4n4ry",
            "https://a.example/?hdnts=[redacted]&userToken=[redacted]",
        ),
        ("<https://a.example/?token=c4n4ry>; rel=next", "<https://a.example/?token=[redacted]>; rel=next"),
    ],
)
def test_a_secret_in_an_address_is_taken_out(url: str, left: str) -> None:
    assert redacted_url(url) == left


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/token=1/key?page=2&keys=3&q=token=4&monkey=5",
        "https://a.example/@ann/1?mail=ann@b.example",
        "https://a.example/?token=&max_id=12",
        "https://a.example/?next_token=abc&pagination_token=b&country_code=fi",
        "https://a.example//web/x@y",
        "text/html; charset=utf-8",
    ],
)
def test_an_address_without_a_secret_stays_as_it_is(url: str) -> None:
    assert redacted_url(url) == url


@given(st.text())
def test_what_was_redacted_does_not_change_again(text: str) -> None:
    assert redacted_url(redacted_url(text)) == redacted_url(text)


SECRETS = (
    *("Authorization", "Proxy-Authorization", "COOKIE", "Cookie2", "Set-Cookie", "set-cookie2", "X-Api-Key", "ApiKey"),
    *("X-Auth-Token", "X-Access-Token", "X-Csrf-Token", "X-XSRF-Token", "x-guest-token", "X-Amz-Security-Token"),
    *("X-Goog-Api-Key", "DPoP", "X-Client-Token", "X-Session-Id", "session", "sessionid", "code", "ticket", "auth"),
    *("pass", "hdnts", "access_token", "accessToken", "client_secret", "user.pwd", "oauth_nonce", "PassPhrase"),
)
HARMLESS = (
    *("Accept", "Content-Type", "WWW-Authenticate", "Access-Control-Allow-Headers", "X-Author", "Keep-Alive", "tokens"),
    *("next_token", "pagination_token", "Surrogate-Key", "X-Cache-Key", "monkey", "compass", "country_code", "keys"),
    *("Sec-Fetch-Site", "X-Rate-Limit-Reset", "resumeKey", "cursor", "Date", "a" * 200 + "token"),
)


@pytest.mark.parametrize("name", SECRETS)
def test_addresses_headers_and_bodies_have_one_list_of_secrets(name: str) -> None:
    assert is_secret(name)
    assert redacted_url(f"https://a.example/?{name}=c4n4ry") == f"https://a.example/?{name}=[redacted]"
    assert redacted_body(f'{{"{name}": "c4n4ry"}}'.encode()) == f'{{"{name}": "[redacted]"}}'.encode()


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_like_a_secret_is_kept(name: str) -> None:
    url, body = f"https://a.example/?{name}=1", f'{{"{name}": "1"}}'.encode()
    assert (is_secret(name), redacted_url(url), redacted_body(body)) == (False, url, body)
    assert redacted_headers(((name, "1"),)) == ((name, "1"),)


@given(st.text(alphabet="ahtps:/@?#[]x."))
def test_an_address_stays_one(text: str) -> None:
    left = redacted_url(f"https://{text}@a.example/")
    assert "/" in text or "?" in text or "#" in text or parts_of(left).hostname == "a.example"


@pytest.mark.parametrize("name", [name for name in SECRETS if name not in ("code", "ticket")])
def test_the_value_of_a_secret_header_is_taken_out(name: str) -> None:
    assert redacted_headers((("A", "1"), (name, "c4n4ry"), ("B", "2"))) == (
        ("A", "1"),
        (name, "[redacted]"),
        ("B", "2"),
    )


PART = b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nc4n4ry\r\nmore\r\n--b--\r\n'


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (b'{"user": "ann", "password": "c4n4ry\\" x", "n": 1}', b'{"user": "ann", "password": "[redacted]", "n": 1}'),
        (b'{"a":[{"Token":\n12345},2]}', b'{"a":[{"Token":\n"[redacted]"},2]}'),
        (b'{"tokens": 1, "token": ["c4n4ry", "b"]}', b'{"tokens": 1, "token": "[redacted]"}'),
        (b'{"credentials": {"user": "c4n4ry"}}', b'{"credentials": "[redacted]"}'),
        (b'{"secret": "c4n4ry and no end', b'{"secret": "[redacted]"'),
        (b"grant=x&client_secret=c4n4ry&scope=read", b"grant=x&client_secret=[redacted]&scope=read"),
        (b"password=c4n4ry", b"password=[redacted]"),
        (PART, PART.replace(b"c4n4ry\r\nmore", b"[redacted]")),
        (b'{"url": "https://a.example/?token=c4n4ry&b"}', b'{"url": "https://a.example/?token=[redacted]&b"}'),
    ],
)
def test_a_secret_in_what_is_sent_is_taken_out(body: bytes, left: bytes) -> None:
    assert redacted_body(body) == left
    assert redacted_body(left) == left


@pytest.mark.parametrize(
    "body", [b"", b'{"query": "password", "keys": "token"}', b"0\x43\x02\x01\xff\x00=&", b"a=token&b"]
)
def test_what_is_sent_without_a_secret_stays_as_it_is(body: bytes) -> None:
    assert redacted_body(body) == body


@given(st.binary())
def test_what_was_sent_and_redacted_does_not_change_again(body: bytes) -> None:
    assert redacted_body(redacted_body(body)) == redacted_body(body)


def test_nothing_of_an_exchange_tells_a_secret_except_its_body() -> None:
    url = "https://ann:c4n4ry@a.example/?token=c4n4ry&page=2"
    headers = (("Authorization", "Bearer c4n4ry"), ("Set-Cookie", "id=c4n4ry"), ("Location", url), ("Link", url))
    exchange = an_exchange(
        request=Request(url=url, headers=headers),
        url=url,
        request_headers=headers,
        headers=headers,
        error=f"failure: {url}",
        body=b"body",
    )
    clean = redacted(exchange)
    assert "c4n4ry" not in repr(clean)
    assert (clean.url, clean.body) == ("https://redacted@a.example/?token=[redacted]&page=2", b"body")
