"""Addresses and headers of one hop."""

import pytest

from archiver import __version__
from archiver.config import Network
from archiver.http.message import Credential, Request
from archiver.http.outgoing import address_of, headers_of, host_of, user_agent

TOKEN = Credential("Social.example", "c4n4ry")
REQUEST = Request(url="https://social.example/a", headers=(("Accept", "application/json"), ("Cookie", "c4n4ry")))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Social.Example/a", "social.example"),
        ("https://ann:pw@social.example:443", "social.example"),
        ("http://social.example:443/", "social.example:443"),
        ("http://localhost:80?x", "localhost"),
        ("http://[::1]:3000/", "[::1]:3000"),
        ("https://other.example\\@social.example/", "other.example"),
        ("https://a:b:c/", ""),
        ("mailto:ann", ""),
    ],
)
def test_a_host_is_read_as_it_will_be_asked(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://api.example/x?y", "http://localhost:1/x?y"),
        ("https://api.example", "http://localhost:1"),
        ("https://api.example?y", "http://localhost:1?y"),
        ("https://api.example.evil.example/x", "https://api.example.evil.example/x"),
        ("https://other.example/https://api.example/", "https://other.example/https://api.example/"),
    ],
)
def test_another_base_takes_the_place_of_a_whole_one(url: str, asked: str) -> None:
    assert address_of(url, {"https://api.example": "http://localhost:1/"}) == asked


def authorization(url: str, network: Network = Network()) -> str | None:  # noqa: B008 - frozen
    return dict(headers_of(REQUEST, url, TOKEN, network)).get("Authorization")


def test_a_token_goes_to_its_host() -> None:
    assert authorization("https://social.example/b") == "Bearer c4n4ry"


@pytest.mark.parametrize(
    "url",
    [
        "https://social.example.evil.example/",
        "https://evil.example/?social.example",
        "https://social.example:444/",
        "https://evil.example\\@social.example/",
        "http://social.example/",
        "https://[social.example/",
    ],
)
def test_a_token_goes_nowhere_else(url: str) -> None:
    assert authorization(url) is None


def test_a_token_goes_in_the_clear_only_where_private_hosts_are_allowed() -> None:
    assert authorization("http://social.example/", Network(allow_private=True)) == "Bearer c4n4ry"


@pytest.mark.parametrize(
    ("url", "cookie"),
    [
        ("https://social.example/b", "c4n4ry"),
        ("https://else.example/a", None),
        ("http://social.example/a", None),
    ],
)
def test_secret_headers_of_a_request_stay_with_its_host_and_out_of_the_clear(url: str, cookie: str | None) -> None:
    headers = dict(headers_of(REQUEST, url, None, Network()))
    assert (headers["Accept"], headers.get("Cookie")) == ("application/json", cookie)


def test_we_say_who_we_are() -> None:
    assert user_agent(Network(contact="desk@paper.example")) == f"thread-archiver/{__version__} (+desk@paper.example)"
    assert "no contact" in user_agent(Network())
