"""The contract of a platform, walked over the registry, and the router for pasted addresses."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from cases import FIXTURES, cases
from scaffold import ROOT, files
from scaffold import main as begin

from archiver import platforms as registry
from archiver.collecting import ref_of
from archiver.errors import UnknownURL
from archiver.importers import folder
from archiver.model import Verdict
from archiver.platforms import BUILT_IN, find, normalised
from archiver.routes import Platform
from archiver.testing import contracts
from archiver.testing.__main__ import main
from archiver.testing.case import document

ALL = BUILT_IN
OURS = 'lint.isort.known-first-party = ["archiver"]'  # the copy of a test lies far from it


@pytest.mark.parametrize("platform", ALL, ids=lambda platform: platform.name)
def test_a_platform_is_a_file_or_a_package_of_its_name(platform: Platform) -> None:
    package = Path(registry.__file__).parent / platform.name
    assert package.with_suffix(".py").exists() or (package / "platform.py").exists()


@pytest.mark.parametrize("platform", ALL, ids=lambda platform: platform.name)
def test_its_examples_are_found(platform: Platform) -> None:
    assert all(find(example)[0] is platform for example in platform.examples)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_case_lies_in_the_folder_of_its_platform(case: Path) -> None:
    recording = folder.read(case)
    assert ref_of(recording.url, recording.options)[0].name == case.parent.name


def test_every_folder_of_fixtures_belongs_to_a_platform_or_to_markdown() -> None:
    assert {path.name for path in FIXTURES.iterdir() if path.is_dir()} <= {*(each.name for each in ALL), "markdown"}


DID = "did:plc:abcdefghijklmnopqrstuvwx"


@pytest.mark.parametrize(
    ("pasted", "actor", "rkey"),
    [
        ("https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a", "ann.example.com", "3lbq2vxkm4s2a"),
        ("bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a", "ann.example.com", "3lbq2vxkm4s2a"),
        (f"<https://bsky.app/profile/{DID}/post/3lbq2vxkm4s2a>", DID, "3lbq2vxkm4s2a"),
        ("(https://bsky.app/profile/Ann.Example.com/post/3lbq2vxkm4s2a).", "ann.example.com", "3lbq2vxkm4s2a"),
        (
            "  https://BSKY.app/profile/ann.example.com/post/3lbq2vxkm4s2a?ref_src=x\n",
            "ann.example.com",
            "3lbq2vxkm4s2a",
        ),
        ("https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a/quotes", "ann.example.com", "3lbq2vxkm4s2a"),
        ("https://deer.social/profile/ann.example.com/post/3lbq2vxkm4s2a", "ann.example.com", "3lbq2vxkm4s2a"),
        ("https://fxbsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a", "ann.example.com", "3lbq2vxkm4s2a"),
        (f"at://{DID}/app.bsky.feed.post/3lbq2vxkm4s2a", DID, "3lbq2vxkm4s2a"),
        ("at://ann.example.com/app.bsky.feed.post/3lbq2vxkm4s2a", "ann.example.com", "3lbq2vxkm4s2a"),
        (f"https://embed.bsky.app/embed/{DID}/app.bsky.feed.post/3lbq2vxkm4s2a", DID, "3lbq2vxkm4s2a"),
        (f"https://pdsls.dev/at://{DID}/app.bsky.feed.post/3lbq2vxkm4s2a", DID, "3lbq2vxkm4s2a"),
        (f"https://firesky.tv/thread/at%3A%2F%2F{DID}%2Fapp.bsky.feed.post%2F3lbq2vxkm4s2a", DID, "3lbq2vxkm4s2a"),
        (
            "https://skyview.social/?url=https%3A%2F%2Fbsky.app%2Fprofile%2Fann.example.com%2Fpost%2F3lbq2vxkm4s2a",
            "ann.example.com",
            "3lbq2vxkm4s2a",
        ),
    ],
)
def test_every_form_of_a_bluesky_address_is_known(pasted: str, actor: str, rkey: str) -> None:
    platform, ref = find(pasted)
    assert (platform.name, ref.author, ref.id) == ("bluesky", actor, rkey)


FLAKE, ULID, UUID = "AbCdEfGhIjKlMnOpQr", "01HE7XJ1CG84TBKH5V9XKBVGF5", "0190a0b0-1234-7abc-8def-0123456789ab"


@pytest.mark.parametrize(
    ("pasted", "site", "id_"),
    [
        ("https://a.example/@ann/112233445566778899", "https://a.example", "112233445566778899"),
        ("https://a.example/@ann/112233445566778899/embed", "https://a.example", "112233445566778899"),
        ("https://a.example/@ann@b.example/112233445566778899", "https://a.example", "112233445566778899"),
        ("https://A.example/@Ann/112233445566778899?utm_source=x", "https://a.example", "112233445566778899"),
        ("https://a.example/users/ann/statuses/112233445566778899", "https://a.example", "112233445566778899"),
        ("https://a.example/users/ann/statuses/112233445566778899/activity", "https://a.example", "112233445566778899"),
        ("https://a.example/ap/users/115/statuses/112233445566778899", "https://a.example", "112233445566778899"),
        ("https://a.example/web/statuses/112233445566778899", "https://a.example", "112233445566778899"),
        ("https://a.example/web/@ann/112233445566778899", "https://a.example", "112233445566778899"),
        ("https://a.example/deck/@ann/112233445566778899", "https://a.example", "112233445566778899"),
        ("https://a.example/statuses/112233445566778899", "https://a.example", "112233445566778899"),
        (f"https://a.example/notice/{FLAKE}", "https://a.example", FLAKE),
        (f"https://a.example/@ann/posts/{FLAKE}", "https://a.example", FLAKE),
        (f"https://a.example/@ann/statuses/{ULID}", "https://a.example", ULID),
        (f"https://a.example/users/ann/statuses/{ULID}", "https://a.example", ULID),
        (f"https://a.example/@ann/{UUID}", "https://a.example", UUID),
        (f"https://a.example/objects/{UUID}", "https://a.example", ""),
        (f"https://a.example/activities/{UUID}", "https://a.example", ""),
        ("https://a.example/users/ann/updates/12", "https://a.example", ""),
        ("http://localhost:8080/ann/p/1795486084.595807", "http://localhost:8080", "1795486084d1c3"),
        ("https://phanpy.social/#/a.example/s/112233445566778899", "https://a.example", "112233445566778899"),
        ("https://elk.zone/a.example/@ann/112233445566778899", "https://a.example", "112233445566778899"),
    ],
)
def test_every_form_of_a_fediverse_address_is_known(pasted: str, site: str, id_: str) -> None:
    platform, ref = find(pasted)
    assert (platform.name, ref.site) == ("mastodon", site)
    if "/p/" in pasted:
        assert ref.id.startswith("1795486084")
        assert len(ref.id) == 42
    else:
        assert ref.id == id_


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "an empty address: not a web address"),
        ("hello", "not a web address"),
        ("https://threads.net/@ann/post/1", "threads on Threads cannot be collected yet"),
        ("https://www.reddit.com/r/x/comments/1", "threads on Reddit cannot be collected yet"),
        ("https://bsky.ap/profile/ann", "did you mean bsky.app?"),
        ("https://bsky.app/profile/ann.example.com", "archiver storm https://bsky.app/profile/ann.example.com --since"),
        ("https://news.example/2026/article", "paste the URL of one post"),
        ("https://a.example/@ann", "the address of a profile, not of a post"),
        ("https://x.com/ann", "archiver storm https://x.com/ann --since TIME"),
        ("https://bsky.app/search?q=ferry", "paste the URL of one post"),
        ("https://x.com/a/status/12 https://x.com/b/status/13", "more than one address"),
        ("https://x.com/a/status/12, x.com/b/status/13", "more than one address"),
        ("see https://x.com/a/status/1", "not one address alone; give only this: https://x.com/a/status/1"),
        ("see x.com/a/status/1, not that", "not one address alone; give only this: x.com/a/status/1"),
        ("<https://x.com/a/status/1> https://x.com/a/status/2", "more than one address"),
        ("https://x.com/a/status/", "no id of a post stands behind /status/"),
        ("https://x.com/a/status", "no id of a post stands behind /status/"),
        ("https://x.com/a/status/123456789012345678901234", "no id of a post stands behind /status/"),
        ("https://x.com/i/web/status/abc", "no id of a post stands behind /status/"),
        ("https://x.com/a/media", "the address of a profile"),
        ("https://medium.example/@ann/a-story-about-herons-0a1b2c", "paste the URL of one post"),
        ("ftp://a.example/@ann/112233445566778899", "not the address of a post"),
        ("https://[half/@ann/112233445566778899", "not"),
        ("https:///@ann/112233445566778899", "not"),
    ],
)
def test_an_unknown_address_is_an_error_with_advice(pasted: str, words: str) -> None:
    with pytest.raises(UnknownURL) as caught:
        find(pasted)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_user_names_in_an_address_are_dropped() -> None:
    assert normalised("https://ann:secret@A.example/x?ref=1&y=") == "https://a.example/x?y="


def test_a_platform_begins_with_files_that_pass_its_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry_file = Path(registry.__file__).read_text()
    (tmp_path / "archiver" / "platforms").mkdir(parents=True)
    (tmp_path / "archiver" / "platforms" / "__init__.py").write_text(registry_file)
    begin("skua", tmp_path)
    changed = (tmp_path / "archiver" / "platforms" / "__init__.py").read_text().splitlines()
    line, tuple_ = sorted(set(changed) - set(registry_file.splitlines()), reverse=True)
    assert line == "from archiver.platforms.skua import platform as skua"
    assert tuple_.endswith(", skua, mastodon)")
    made = [tmp_path / path for path in files("skua") if path.endswith(".py")]
    for command in (["ruff", "check"], ["ruff", "format", "--check"]):
        settings = ["--config", str(ROOT / "pyproject.toml"), *(["--config", OURS] if command[1] == "check" else [])]
        subprocess.run([sys.executable, "-m", *command, *settings, *map(str, made)], check=True, capture_output=True)
    monkeypatch.syspath_prepend(tmp_path / "archiver" / "platforms")
    fixtures = tmp_path / "fixtures" / "skua"
    main(["skua:platform", str(fixtures)])
    skua = importlib.import_module("skua").platform
    for contract in contracts(skua, fixtures):
        contract()
    assert document(skua, fixtures / "first-thread").thread.completeness.verdict is Verdict.UNKNOWN
    with pytest.raises(SystemExit, match="is there already"):
        begin("skua", tmp_path)
    with pytest.raises(SystemExit, match="usage"):
        begin("Not A Name", tmp_path)
