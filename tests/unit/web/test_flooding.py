"""From which address a request comes, whatever it says of its way itself."""

from ipaddress import ip_network

import pytest

from tiao.web.flooding import client_of

OURS = (ip_network("9.9.9.0/24"),)

CASES = [
    ("5.6.7.8", None, "5.6.7.8"),
    # A client of the open network is itself, whatever it claims.
    ("5.6.7.8", "1.2.3.4", "5.6.7.8"),
    # Behind a proxy in a private network: the last that is none of ours, and nothing that the client wrote before it.
    ("10.0.0.2", "5.6.7.8", "5.6.7.8"),
    ("127.0.0.1", "8.8.8.8, 5.6.7.8", "5.6.7.8"),
    ("127.0.0.1", "5.6.7.8, 10.1.2.3", "5.6.7.8"),
    ("::1", "5.6.7.8", "5.6.7.8"),
    # A proxy of ours with a public address is one only where it is named.
    ("127.0.0.1", "5.6.7.8, 9.9.9.9", "5.6.7.8"),
    ("9.9.9.9", "5.6.7.8", "5.6.7.8"),
    # A whole site of IPv6 is one client; an address that is mapped is the one it stands for.
    ("2001:470:1:2:aaaa::1", None, "2001:470:1:2::/64"),
    ("::ffff:5.6.7.8", None, "5.6.7.8"),
    ("127.0.0.1", "[2001:470:1:2::9]", "2001:470:1:2::/64"),
    # Nothing to go by.
    ("127.0.0.1", None, None),
    ("127.0.0.1", "unknown", None),
    ("127.0.0.1", "", None),
    (None, None, None),
    (None, "5.6.7.8", None),
    ("testclient", "5.6.7.8", None),
]


@pytest.mark.parametrize(("peer", "forwarded", "client"), CASES)
def test_a_client_is_the_last_that_is_no_proxy_of_ours(
    peer: str | None, forwarded: str | None, client: str | None
) -> None:
    assert client_of(peer, forwarded, OURS) == client
