"""What goes out with one hop of a request: the address that is asked, and its headers.

Addresses are read by urllib3 as on the wire: two parsers that disagree about `https://a\\@b/` would show a
token to the wrong host.
"""

from collections.abc import Mapping

from urllib3.util import parse_url

from archiver import __version__
from archiver.config import Network
from archiver.http.message import Credential, Headers, Request
from archiver.http.redact import is_secret

_PORTS = {"http": 80, "https": 443}


def host_of(url: str) -> str:
    """Return the host of an address in lower case, with the port where it is not the usual one; "" for none."""
    try:
        parts = parse_url(url)
    except ValueError:
        return ""
    usual = parts.port is None or parts.port == _PORTS.get(parts.scheme or "")
    return f"{parts.host or ''}{'' if usual else f':{parts.port}'}"


def path_of(url: str) -> str:
    """Return the path of an address that can be asked, without its query."""
    return parse_url(url).path or "/"


def address_of(url: str, bases: Mapping[str, str]) -> str:
    """Return the address to ask: another base where `bases` has one for this address, else the same."""
    for base, replacement in bases.items():
        rest = url.removeprefix(base)
        if url.startswith(base) and (not rest or rest[0] in "/?#"):
            return replacement.rstrip("/") + rest
    return url


def headers_of(request: Request, url: str, credential: Credential | None, network: Network) -> Headers:
    """Return the headers for asking `url`; secrets go to no host but the one that they are for."""
    headers = {"User-Agent": user_agent(network), "Accept-Encoding": "gzip, deflate", "Accept": "*/*"}
    own = _may_see(url, host_of(request.url), network)
    headers.update(entry for entry in request.headers if own or not is_secret(entry[0]))
    if credential and _may_see(url, credential.host.lower(), network):
        headers["Authorization"] = f"Bearer {credential.value}"
    return tuple(headers.items())


def user_agent(network: Network) -> str:
    """Return who we say we are: never somebody else, and with a way to reach the user where one is set."""
    contact = f"+{network.contact}" if network.contact else "archives public threads; no contact given"
    return f"thread-archiver/{__version__} ({contact})"


def _may_see(url: str, host: str, network: Network) -> bool:
    """Whether secrets that are for `host` may go to `url`."""
    safe = url.lower().startswith("https://") or network.allow_private
    return safe and host_of(url) == host
