"""Under which address a caller is counted."""

from __future__ import annotations

import pytest

from dental_sync.core.callers import network, plain


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("203.0.113.7:52100", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:0DB8:0:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:52100", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
        ("unknown", ""),
        ("_hidden", ""),
        ("203.0.113.7:52100:1", ""),
        ("203.0.113.300", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_address_is_read_however_a_proxy_writes_it(written: str | None, address: str) -> None:
    """With a port, as some proxies add it, in brackets, or as IPv4 within IPv6."""
    assert plain(written) == address


def test_an_ipv6_address_counts_with_its_subscribers_share() -> None:
    """Whoever has one address of a /64 has all of it, and would have a limit for each."""
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert network("2001:db8:1:3::1") != network("2001:db8:1:2::1")


def test_an_ipv4_address_counts_by_itself() -> None:
    """Also where it arrives as IPv6."""
    assert network("203.0.113.7:1") == network("::ffff:203.0.113.7") == "203.0.113.7"
    assert network("203.0.113.8") != network("203.0.113.7")
