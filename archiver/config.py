"""The settings in archiver.toml, checked when they are read; docs/network.md shows a whole file."""

import difflib
import math
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from archiver.errors import ConfigError
from archiver.layout import SETTINGS
from archiver.urls import parts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How the network is used; `timeout` is in seconds, and is for one silence, not for a whole answer."""

    allow_private: bool = False
    contact: str = ""
    timeout: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bluesky:
    """Where Bluesky is asked, as base URLs."""

    appview: str = "https://public.api.bsky.app"
    plc: str = "https://plc.directory"


@dataclass(frozen=True, slots=True, kw_only=True)
class X:
    """How X is asked. `bearer` turns its API on, which costs `price` US dollars a post that it shows.

    `fxtwitter` and `nitter` are base URLs of servers of third parties, who learn which posts are asked for; they are
    asked only if they are named here.
    """

    bearer: str = field(default="", repr=False)
    price: float = 0.005
    fxtwitter: str = ""
    nitter: str = ""
    api: str = "https://api.x.com"
    syndication: str = "https://cdn.syndication.twimg.com"

    @property
    def on(self) -> tuple[str, ...]:
        """The names of the sources that are turned on."""
        sources = {"api_v2": self.bearer, "fxtwitter": self.fxtwitter, "nitter": self.nitter}
        return tuple(name for name, given in sources.items() if given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wayback:
    """Where captures are looked up (`cdx`) and read (`replay`); an archive of one's own may stand in, such as pywb."""

    cdx: str = "https://web.archive.org/cdx/search/cdx"
    replay: str = "https://web.archive.org/web"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is kept as proof: who runs it, who stamps the time, and the public page of a thread beside its data.

    `tsa` are authorities that stamp by RFC 3161, asked in their order until one does; `calendars` those of
    OpenTimestamps, all of which are asked.
    """

    operator: str = ""
    tsa: tuple[str, ...] = ("http://timestamp.digicert.com", "https://freetsa.org/tsr")
    calendars: tuple[str, ...] = ()
    page: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Whether pictures, films and the like are fetched, and of how many megabytes at most, each."""

    fetch: bool = True
    limit: float = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings: `mastodon` holds tokens by host, `warnings` what the user should be told about the file."""

    network: Network = Network()
    bluesky: Bluesky = Bluesky()
    x: X = X()
    wayback: Wayback = Wayback()
    evidence: Evidence = Evidence()
    media: Media = Media()
    mastodon: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Login:
    token: str = ""


def load(explicit: Path | None, archive: Path, user: Path) -> Config:
    """Read the first of: the named file (which must exist), the archive's own, the user's; else the defaults.

    Raises ConfigError for a key, table or value that is not understood.
    """
    if explicit is not None:
        return _read(explicit)
    found = (path for path in (archive / SETTINGS, user / SETTINGS) if path.exists())
    path = next(found, None)
    return Config() if path is None else _read(path)


def _read(path: Path) -> Config:
    try:
        config = _config_of(tomllib.loads(path.read_text(encoding="utf-8-sig")))  # Notepad puts a mark in front
        return replace(config, warnings=_warnings(path, config))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _config_of(document: dict[str, Any]) -> Config:
    _check_known(document, ("network", "bluesky", "mastodon", "x", "wayback", "evidence", "media"), "table ")
    return Config(
        network=_section(Network, document.get("network", {}), "network"),
        bluesky=_section(Bluesky, document.get("bluesky", {}), "bluesky"),
        mastodon=_tokens(document.get("mastodon", {})),
        x=_section(X, document.get("x", {}), "x"),
        wayback=_section(Wayback, document.get("wayback", {}), "wayback"),
        evidence=_section(Evidence, document.get("evidence", {}), "evidence"),
        media=_section(Media, document.get("media", {}), "media"),
    )


def _tokens(hosts: object) -> dict[str, str]:
    return {host.lower(): _token(host, login) for host, login in _table(hosts, "mastodon").items()}


def _token(host: str, login: object) -> str:
    name = f'mastodon."{host}"'
    if not _HOST.fullmatch(host):
        raise ConfigError(f'{name} must name a host alone, such as [mastodon."example.social"]')
    token = _section(_Login, login, name).token
    if not token:
        raise ConfigError(f"{name} lacks its token")
    return token


_Section = TypeVar("_Section", Network, Bluesky, X, Wayback, Evidence, Media, _Login)


def _section(kind: type[_Section], values: object, name: str) -> _Section:
    table = _table(values, name)
    known = {entry.name: entry.type for entry in fields(kind)}
    _check_known(table, known, f"key {name}.")
    return kind(**{key: _value(value, known[key], f"{name}.{key}") for key, value in table.items()})


def _table(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{name} must be a table, written [{name}]")
    return value


def _check_known(given: Iterable[str], known: Iterable[str], where: str) -> None:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; known here: {', '.join(known)}"
            raise ConfigError(f"unknown {where}{key}{hint}")


def _value(value: object, wanted: object, name: str) -> Any:
    types, words = _KINDS[wanted]
    if type(value) not in types:  # not isinstance: to Python, true is a number
        raise ConfigError(f"{name} must be {words}")
    allowed, words = _RULES.get(name.rpartition(".")[2], _ANYTHING)
    if not allowed(value):
        raise ConfigError(f"{name} must be {words}")
    return tuple(value) if isinstance(value, list) else value


def _is_base(value: str) -> bool:
    parts = parts_of(value)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "?" not in value and "#" not in value


def _are_bases(values: list[object]) -> bool:
    return all(isinstance(value, str) and _is_base(value) for value in values)


_HOST = re.compile(r"[^\s/@?#\\]+")
_SENT = re.compile(r"[ -~]*")

_KINDS: Mapping[object, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "true or false"),
    str: ((str,), "text in quotes"),
    float: ((int, float), "a number"),
    tuple[str, ...]: ((list,), "a list in square brackets"),
}

_Rule = tuple[Callable[[Any], object], str]

_ANYTHING: _Rule = (lambda value: True, "")
_SENDABLE: _Rule = (_SENT.fullmatch, "in plain ASCII, since it goes into a header")
_BASE: _Rule = (_is_base, "an address such as https://example.social")
_BASES: _Rule = (_are_bases, 'a list of addresses such as ["https://tsa.example/tsr"]')
_RULES: Mapping[str, _Rule] = {
    "timeout": (lambda value: 0 < value < math.inf, "a number of seconds above 0"),
    "contact": _SENDABLE,
    "token": _SENDABLE,
    "appview": _BASE,
    "plc": _BASE,
    "bearer": _SENDABLE,
    "price": (lambda value: 0 <= value < math.inf, "a number of US dollars"),
    "limit": (lambda value: 0 < value < math.inf, "a number of megabytes above 0"),
    **dict.fromkeys(("tsa", "calendars"), _BASES),
    **dict.fromkeys(("fxtwitter", "nitter", "api", "syndication", "cdx", "replay"), _BASE),
}


def _warnings(path: Path, config: Config) -> tuple[str, ...]:
    readable = os.name == "posix" and path.stat().st_mode & 0o077
    if not ((config.mastodon or config.x.bearer) and readable):
        return ()
    return (f"{path} holds a token and other users can read it; run: chmod 600 {path}",)
