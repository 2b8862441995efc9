"""archiver.toml: what is read from it, from which of them, and what is said about the mistakes in it."""

import os
from pathlib import Path

import pytest

from archiver import config
from archiver.config import Config, Declared, Evidence, Network, Wayback
from archiver.errors import ConfigError
from archiver.platforms import declared

DOCS = Path(__file__).parent.parent / "docs" / "network.md"


def load(explicit: Path | None, archive: Path, user: Path) -> Config:
    return config.load(explicit, archive, user, declared())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "archiver.toml"


def read(file: Path, text: str) -> Config:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return load(file, file.parent, file.parent)


def complaint(file: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(file, text)
    message = str(caught.value)
    assert message.startswith(str(file))
    return message.removeprefix(str(file)).lstrip(": ")


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    assert load(None, tmp_path / "a", tmp_path / "b") == Config()


def test_an_empty_file_changes_nothing(file: Path) -> None:
    assert read(file, "") == Config()


def test_every_key_is_read(file: Path) -> None:
    text = """
        network = {allow_private = true, contact = "desk@paper.example", timeout = 5}
        bluesky = {appview = "http://localhost:2583", plc = "http://localhost:2582/"}
        [mastodon."Example.Social"]
        token = "abc"
        [mastodon."localhost:3000"]
        token = "def"
        [evidence]
        operator = "Zoë"
        tsa = ["https://tsa.example/tsr"]
    """
    assert read(file, text) == Config(
        network=Network(allow_private=True, contact="desk@paper.example", timeout=5.0),
        platforms={
            "bluesky": {"appview": "http://localhost:2583", "plc": "http://localhost:2582/"},
            "mastodon": {"example.social": "abc", "localhost:3000": "def"},
        },
        evidence=Evidence(operator="Zoë", tsa=("https://tsa.example/tsr",)),
    )


def test_the_named_file_comes_before_the_archives_and_that_before_the_users(tmp_path: Path) -> None:
    for name in ("named", "archive", "user"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "archiver.toml").write_text(f"network.contact = '{name}'", encoding="utf-8")
    named, archive, user = (tmp_path / name for name in ("named", "archive", "user"))
    assert load(named / "archiver.toml", archive, user).network.contact == "named"
    assert load(None, archive, user).network.contact == "archive"
    assert load(None, tmp_path, user).network.contact == "user"


def test_the_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mine\.toml cannot be read \(No such file or directory\)"):
        load(tmp_path / "mine.toml", tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("network.alow_private = true", "unknown key network.alow_private; did you mean allow_private?"),
        ("network.colour = 1", "unknown key network.colour; known here: allow_private, contact, timeout"),
        ("netwrok.timeout = 1", "unknown table netwrok; did you mean network?"),
        ("network = 1", "network must be a table, written [network]"),
        ("mastodon = 'abc'", "mastodon must be a table, written [mastodon]"),
        ("network.allow_private = 1", "network.allow_private must be true or false"),
        ("network.timeout = true", "network.timeout must be a number"),
        ("network.timeout = '30'", "network.timeout must be a number"),
        ("network.timeout = 0", "network.timeout must be a number of seconds above 0"),
        ("network.timeout = nan", "network.timeout must be a number of seconds above 0"),
        ("network.timeout = inf", "network.timeout must be a number of seconds above 0"),
        ("network.contact = 7", "network.contact must be text in quotes"),
        ("network.contact = 'Zoë'", "network.contact must be in plain ASCII, since it goes into a header"),
        ('network.contact = "a\\nb"', "network.contact must be in plain ASCII, since it goes into a header"),
        ("x.colour = 1", "unknown key x.colour; known here: bearer, price, fxtwitter, nitter, api, syndication"),
        ("x.price = -1", "x.price must be a number of US dollars"),
        ("x.bearer = 'ü'", "x.bearer must be in plain ASCII, since it goes into a header"),
        ("x.nitter = ''", "x.nitter must be an address such as https://example.social"),
        ("colour = 1", "unknown table colour; known here: network, bluesky, mastodon, x, wayback, evidence, media"),
        ("bluesky.plc = 'plc.directory'", "bluesky.plc must be an address such as https://example.social"),
        ("bluesky.appview = 'https://a?b'", "bluesky.appview must be an address such as https://example.social"),
        ("evidence.tsa = 'https://a.example'", "evidence.tsa must be a list in square brackets"),
        (
            "evidence.tsa = ['a.example']",
            'evidence.tsa must be a list of addresses such as ["https://tsa.example/tsr"]',
        ),
        (
            "evidence.calendars = [7]",
            'evidence.calendars must be a list of addresses such as ["https://tsa.example/tsr"]',
        ),
        ("mastodon.'a.example'.tokn = 'x'", 'unknown key mastodon."a.example".tokn; did you mean token?'),
        ("mastodon.'a.example' = 'x'", 'mastodon."a.example" must be a table, written [mastodon."a.example"]'),
        ("mastodon.'a.example' = {}", 'mastodon."a.example" lacks its token'),
        (
            "mastodon.'a.example'.token = 'ü'",
            'mastodon."a.example".token must be in plain ASCII, since it goes into a header',
        ),
        (
            "mastodon.'https://a.example'.token = 'x'",
            'mastodon."https://a.example" must name a host alone, such as [mastodon."example.social"]',
        ),
    ],
)
def test_a_mistake_is_told_with_its_name(file: Path, text: str, words: str) -> None:
    assert complaint(file, text) == words


def test_broken_toml_is_told_with_its_line(file: Path) -> None:
    assert "(at line 2, column 9)" in complaint(file, "[network]\ntimeout 5")


def test_a_file_that_is_not_text_is_told(file: Path) -> None:
    file.write_bytes(b"contact = '\xff'")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        load(file, file, file)


def test_a_file_that_is_nested_absurdly_is_told(file: Path) -> None:
    assert complaint(file, f"a = {'[' * 9000}") == "is nested too deeply to be settings"


def test_a_token_is_not_shown(file: Path) -> None:
    assert "c4n4ry" not in repr(read(file, "x.bearer = 'c4n4ry'\n[mastodon.'a.example']\ntoken = 'c4n4ry'"))


def test_a_platform_that_declares_nothing_has_no_table(file: Path) -> None:
    file.write_text("forum.price = 1", encoding="utf-8")
    with pytest.raises(ConfigError, match="unknown table forum"):
        config.load(file, file.parent, file.parent, {"forum": Declared()})


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize(
    ("text", "mode", "warned"),
    [
        ("mastodon.'a.example'.token = 'x'", 0o644, True),
        ("mastodon.'a.example'.token = 'x'", 0o600, False),
        ("x.bearer = 'x'", 0o644, True),
        ("x.bearer = ''", 0o644, False),
        ("bluesky.plc = 'https://plc.example'", 0o644, False),
        ("network.timeout = 5", 0o644, False),
    ],
)
def test_a_token_that_others_can_read_is_warned_about(file: Path, text: str, mode: int, warned: bool) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    warnings = load(file, file, file).warnings
    assert [f"chmod 600 {file}" in warning for warning in warnings] == [True] * warned


def test_the_example_of_the_manual_is_read_and_has_every_key(file: Path) -> None:
    example = DOCS.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    settings = read(file, example)
    assert settings.table("mastodon") == {"example.social": "a-token-from-your-account-settings"}
    for section in (Network(), Wayback(), Evidence()):
        assert all(f"\n{key} = " in example for key in section.__slots__)
    for name, each in declared().items():
        keys = [base.key for base in each.bases] + ([each.token.key, "price"] if each.token else [])
        assert set(keys) <= settings.table(name).keys()


def test_a_file_that_notepad_wrote_is_read(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf[network]\r\ntimeout = 5\r\n")
    assert load(file, file.parent, file.parent).network.timeout == 5
