"""Which addresses are public."""

import pytest

from archiver.http.addresses import PrivateAddress, check_public, is_public


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "2606:2800:220:1::1",
        "::ffff:93.184.216.34",  # mapped
        "64:ff9b::5db8:d822",  # NAT64, how an IPv6-only network reaches 93.184.216.34
        "2002:5db8:d822::1",  # 6to4
    ],
)
def test_the_public_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "192.168.0.1"),
        *("169.254.169.254", "100.64.0.1", "192.0.0.9", "192.0.2.1", "198.18.0.1", "192.88.99.1"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "ff0e::1"),
        *("2001:db8::1", "3fff::1", "2001::1", "100::1", "5f00::1", "::127.0.0.1", "::93.184.216.34"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:224.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::5db8:d822", "2002:7f00:1::1", "2002:a00:1::1"),
    ],
)
def test_everything_else_is_not(address: str) -> None:
    assert not is_public(address)


def test_one_private_address_is_enough() -> None:
    with pytest.raises(PrivateAddress, match=r"10\.0\.0\.1"):
        check_public(["93.184.216.34", "10.0.0.1"])


def test_public_addresses_pass() -> None:
    check_public(["93.184.216.34", "2606:2800:220:1::1"])
