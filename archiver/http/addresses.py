"""Which addresses are on the public internet: the rule that keeps a stranger's link out of your own network.

A redirect or a link in a post may name a router, a printer or a cloud's metadata service. What counts is
the address that the socket connects to, so odd spellings of one (decimal, octal, a name) need no rule here.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_UNICAST = IPv6Network("2000::/3")  # all of IPv6 that is given out: RFC 4291 section 2.4
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 section 2.1
# Special by the IANA registries, and not known as such to every Python from 3.11 on.
_SPECIAL = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))


class PrivateAddress(OSError):
    """A host leads to an address that is not public; raised before a connection is opened."""


def is_public(text: str) -> bool:
    """Is this a unicast address of the public internet? Addresses that carry an IPv4 one count as that one."""
    address = _carried(ip_address(text))
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    special = any(address in network for network in _SPECIAL)
    return address.is_global and not address.is_multicast and not special


def check_public(addresses: Iterable[str]) -> None:
    """Raise PrivateAddress, naming the first that is not public. One such is enough to refuse the host."""
    for address in addresses:
        if not is_public(address):
            raise PrivateAddress(address)


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
