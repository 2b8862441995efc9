"""The way to the network that the configuration describes: whose tokens are sent where, and who is asked."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from archiver.config import Config
from archiver.http.message import Credential
from archiver.http.outgoing import host_of
from archiver.platforms.x.fxtwitter import FXTWITTER
from archiver.platforms.x.nitter import NITTER

if TYPE_CHECKING:
    from archiver.http.client import Client


def client(settings: Config, report: Callable[[str], None]) -> "Client":
    """Return a client that sends what the configuration has, to where it says."""
    from archiver.http.client import Client

    credentials = {f"mastodon:{host}": Credential(host=host, value=token) for host, token in settings.mastodon.items()}
    if settings.x.bearer:
        credentials["x_bearer"] = Credential(host=host_of(settings.x.api), value=settings.x.bearer)
    usual = Config()  # the addresses that routes ask, and where the user would have them asked instead
    bases = {
        usual.bluesky.appview: settings.bluesky.appview,
        usual.bluesky.plc: settings.bluesky.plc,
        usual.x.api: settings.x.api,
        usual.x.syndication: settings.x.syndication,
        usual.wayback.cdx: settings.wayback.cdx,
        usual.wayback.replay: settings.wayback.replay,
        FXTWITTER: settings.x.fxtwitter or FXTWITTER,
        NITTER: settings.x.nitter or NITTER,
    }
    return Client(network=settings.network, credentials=credentials, bases=bases, report=report)
