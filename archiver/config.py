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
class Base:
    """Where a platform is asked: `url` is what its routes ask, `key` names in its table where to ask instead.

    One that is `by_name` belongs to third parties, who learn what is asked for: it is asked only if the table names it.
    """

    key: str
    url: str
    by_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The key that holds a token, the `credential` that requests name, and the one base whose host is sent it."""

    key: str
    credential: str
    base: Base


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the table of a platform may hold, as the platform says: its token, what a post costs, where it is asked.

    `price` is in US dollars, None where nothing costs. With `token_by_host` the table holds a table for each host, with
    the token that is sent there.
    """

    token: Token | None = None
    price: float | None = None
    bases: tuple[Base, ...] = ()
    token_by_host: bool = False


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


NOTHING = Declared()
Table = Mapping[str, str | float]  # the values of a platform's table by their keys, or its tokens by host


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings: `platforms` holds the tables of platforms, `warnings` what to tell the user about the file."""

    network: Network = Network()
    wayback: Wayback = Wayback()
    evidence: Evidence = Evidence()
    media: Media = Media()
    platforms: Mapping[str, Table] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()

    def table(self, platform: str) -> Table:
        """Return what the file says of a platform, by its name; nothing where it does not say any."""
        return self.platforms.get(platform, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Login:
    token: str = ""


def load(explicit: Path | None, archive: Path, user: Path, declared: Mapping[str, Declared]) -> Config:
    """Read the first of: the named file (which must exist), the archive's own, the user's; else the defaults.

    `declared` is by the names of platforms. Raises ConfigError for a key, table or value that is not understood.
    """
    if explicit is not None:
        return _read(explicit, declared)
    path = next((path for path in (archive / SETTINGS, user / SETTINGS) if path.exists()), None)
    return Config() if path is None else _read(path, declared)


def _read(path: Path, declared: Mapping[str, Declared]) -> Config:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Notepad puts a mark in front
        config = _config_of(document, {name: each for name, each in declared.items() if each != NOTHING})
        return replace(config, warnings=_warnings(path, config, declared))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{path} is nested too deeply to be settings") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _config_of(document: dict[str, Any], declared: Mapping[str, Declared]) -> Config:
    _check_known(document, ("network", *sorted(declared), "wayback", "evidence", "media"), "table ")
    return Config(
        network=_section(Network, document.get("network", {}), "network"),
        platforms={name: _table_of(document[name], name, each) for name, each in declared.items() if name in document},
        wayback=_section(Wayback, document.get("wayback", {}), "wayback"),
        evidence=_section(Evidence, document.get("evidence", {}), "evidence"),
        media=_section(Media, document.get("media", {}), "media"),
    )


def _table_of(values: object, name: str, declared: Declared) -> Table:
    """Return the table of a platform, checked against what the platform says of it."""
    table = _table(values, name)
    if declared.token_by_host:
        return {host.lower(): _token(name, host, login) for host, login in table.items()}
    keys: dict[str, tuple[object, _Rule]] = {declared.token.key: (str, _SENDABLE)} if declared.token else {}
    if declared.price is not None:
        keys["price"] = (float, _PRICE)
    # What the user chooses comes first in the list of what is known.
    bases = sorted(declared.bases, key=lambda base: not base.by_name)
    keys |= {base.key: (str, _BASE) for base in bases}
    _check_known(table, keys, f"key {name}.")
    return {key: _value(value, *keys[key], f"{name}.{key}") for key, value in table.items()}


def _token(platform: str, host: str, login: object) -> str:
    name = f'{platform}."{host}"'
    if not _HOST.fullmatch(host):
        raise ConfigError(f'{name} must name a host alone, such as [{platform}."example.social"]')
    token = _section(_Login, login, name).token
    if not token:
        raise ConfigError(f"{name} lacks its token")
    return token


_Section = TypeVar("_Section", Network, Wayback, Evidence, Media, _Login)


def _section(kind: type[_Section], values: object, name: str) -> _Section:
    table = _table(values, name)
    known = {entry.name: entry.type for entry in fields(kind)}
    _check_known(table, known, f"key {name}.")
    rules = {key: (known[key], _RULES.get(key, _ANYTHING)) for key in table}
    return kind(**{key: _value(value, *rules[key], f"{name}.{key}") for key, value in table.items()})


def _table(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{name} must be a table, written [{name}]")
    return value


def _check_known(keys: Iterable[str], known: Iterable[str], where: str) -> None:
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; known here: {', '.join(known)}"
            raise ConfigError(f"unknown {where}{key}{hint}")


def _value(value: object, wanted: object, rule: "_Rule", name: str) -> Any:
    types, words = _KINDS[wanted]
    if type(value) not in types:  # not isinstance: to Python, true is a number
        raise ConfigError(f"{name} must be {words}")
    allowed, words = rule
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
_PRICE: _Rule = (lambda value: 0 <= value < math.inf, "a number of US dollars")
_BASE: _Rule = (_is_base, "an address such as https://example.social")
_BASES: _Rule = (_are_bases, 'a list of addresses such as ["https://tsa.example/tsr"]')
_RULES: Mapping[str, _Rule] = {
    "timeout": (lambda value: 0 < value < math.inf, "a number of seconds above 0"),
    "contact": _SENDABLE,
    "token": _SENDABLE,
    "limit": (lambda value: 0 < value < math.inf, "a number of megabytes above 0"),
    **dict.fromkeys(("tsa", "calendars"), _BASES),
    **dict.fromkeys(("cdx", "replay"), _BASE),
}


def _warnings(path: Path, config: Config, declared: Mapping[str, Declared]) -> tuple[str, ...]:
    readable = os.name == "posix" and path.stat().st_mode & 0o077
    if not (readable and any(_holds_token(declared[name], table) for name, table in config.platforms.items())):
        return ()
    return (f"{path} holds a token and other users can read it; run: chmod 600 {path}",)


def _holds_token(declared: Declared, table: Table) -> bool:
    if declared.token_by_host:
        return bool(table)
    return bool(declared.token and table.get(declared.token.key))
