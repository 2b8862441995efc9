"""Platforms of other packages are guests: none can break another, and each is named where it matters."""

import importlib
import json
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from samples import NOON, an_exchange
from scaffold import skeleton

from archiver import platforms as registry
from archiver.collecting import reparse
from archiver.errors import UnknownURL
from archiver.http.message import Keep, Send
from archiver.http.outcome import decided
from archiver.store.store import Archive
from archiver.verbs import capture

BUILT_IN = [platform.name for platform in registry.BUILT_IN]
MODULE = """
from archiver.routes import Platform, Ref, Route

def match(url):
    {match}

platform = Platform(
    name="{name}", title="A guest", match=match, profile=match,
    routes=(Route(name="whole", steps=lambda ref: None),), examples=("https://guest.example/1",),
)
"""


@pytest.fixture
def guests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Let modules of these sources be plug-ins, until the test is over."""
    monkeypatch.syspath_prepend(tmp_path)

    def arrive(**sources: str) -> list[str]:
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(source)
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        entries = [EntryPoint(name, f"{name}:platform", "archiver.platforms") for name in sources]
        monkeypatch.setattr(registry, "entry_points", lambda group: entries)
        registry.guests.cache_clear()
        registry.platforms.cache_clear()
        return [platform.name for platform in registry.platforms()]

    yield arrive
    registry.guests.cache_clear()
    registry.platforms.cache_clear()


def a_guest(name: str = "guest", match: str = "return Ref(url=url, id='1') if 'guest' in url else None") -> str:
    return MODULE.format(name=name, match=match)


def test_a_guest_is_asked_after_the_built_in_platforms(guests, caplog) -> None:  # type: ignore[no-untyped-def]
    assert guests(guest_one=a_guest(match="return Ref(url=url, id='1')")) == [*BUILT_IN, "guest"]
    assert registry.find("https://x.com/ann/status/1")[0].name == "x"
    assert registry.find("https://elsewhere.example/1")[0].name == "guest"
    assert registry.package_of("guest") == "guest_one"
    assert registry.package_of("x") == ""
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("raise RuntimeError('a\\n\\x1b[31mb')", "RuntimeError: a \ufffd[31mb"),
        ("other = 1", "AttributeError: "),
        ("platform = 1", "TypeError: guest_broken:platform is no Platform"),
        (a_guest("x"), "ValueError: there is a platform x already"),
    ],
)
def test_a_broken_guest_is_one_line_and_everybody_else_works(guests, caplog, source, reason) -> None:  # type: ignore[no-untyped-def]
    assert guests(guest_broken=source, guest_fine=a_guest()) == [*BUILT_IN, "guest"]
    [line] = caplog.messages
    assert line.startswith(f"warning: the plug-in guest_broken of guest_broken cannot be used: {reason}")
    assert "\n" not in line
    registry.platforms()
    assert len(caplog.messages) == 1


def test_a_guest_that_trips_over_an_address_does_not_take_it(guests) -> None:  # type: ignore[no-untyped-def]
    guests(guest_trips=a_guest(match="return 1 / 0"))
    with pytest.raises(UnknownURL):
        registry.find("https://guest.example/1")
    assert registry.find("https://x.com/ann/status/1")[0].name == "x"


def answering(keep: Keep) -> Send:
    posts = [{"id": "1", "by": "ann", "time": "2026-03-12T12:00:00Z", "text": "<p>One</p>"}]
    body = json.dumps({"posts": posts}).encode()

    def send(request):  # type: ignore[no-untyped-def]
        exchange = an_exchange(request.url, request=request, body=body)
        keep(exchange)
        return decided(exchange)

    return send


def test_a_run_names_the_package_that_read_it_and_waits_for_it(guests, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    url = "https://heron.example/item/1"
    guests(heron=skeleton("heron"))
    with Archive.open(tmp_path / "archive", now=NOON) as archive:
        saved = capture.archive(archive, url, answering, lambda: NOON)
        assert saved.document.run.tool.endswith("; plug-in heron")
        guests()
        rebuilt = reparse(archive)
        assert [finding.what for finding in rebuilt.unreadable] == [
            "was read by the plug-in heron, which is not installed; install it, and run reparse again"
        ]
        assert list(archive.threads()) == []
        guests(heron=skeleton("heron"))
        assert reparse(archive).unreadable == ()
        assert len(list(archive.threads())) == 1
