"""The way to the network that the configuration describes: whose tokens are sent where, and who is asked."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from archiver.config import Config
from archiver.http.message import Credential
from archiver.http.outgoing import host_of
from archiver.platforms import platforms
from archiver.routes import Platform

if TYPE_CHECKING:
    from archiver.http.client import Client


def client(settings: Config, report: Callable[[str], None]) -> "Client":
    """Return a client that sends what the configuration has, to where it says."""
    from archiver.http.client import Client

    usual = Config()
    bases = {
        usual.wayback.cdx: settings.wayback.cdx,
        usual.wayback.replay: settings.wayback.replay,
        **{base.url: _address(settings, each, base.key) for each in platforms() for base in each.declared.bases},
    }
    return Client(
        network=settings.network,
        credentials={name: each for platform in platforms() for name, each in _credentials(settings, platform).items()},
        bases=bases,
        doors=[door for platform in platforms() for door in platform.doors],
        report=report,
    )


def price(settings: Config) -> float:
    """Return what a post costs in US dollars where a platform charges for it; only one of them does."""
    prices = (
        float(settings.table(platform.name).get("price", platform.declared.price))
        for platform in platforms()
        if platform.declared.price is not None
    )
    return next(prices, 0.0)


def sources_on(settings: Config) -> tuple[str, ...]:
    """Return the names of the sources that the configuration turns on."""
    return tuple(name for each in platforms() for name in each.turned_on(settings.table(each.name)))


def _address(settings: Config, platform: Platform, key: str) -> str:
    """Return where the user would have a base asked."""
    usual = {base.key: base.url for base in platform.declared.bases}
    return str(settings.table(platform.name).get(key) or usual[key])


def _credentials(settings: Config, platform: Platform) -> dict[str, Credential]:
    """Return the tokens of a platform by the names that requests use."""
    table, token = settings.table(platform.name), platform.declared.token
    if platform.declared.token_by_host:
        return {f"{platform.name}:{host}": Credential(host=host, value=str(value)) for host, value in table.items()}
    if token is None or not table.get(token.key):
        return {}
    host = host_of(_address(settings, platform, token.base.key))
    return {token.credential: Credential(host=host, value=str(table[token.key]))}
