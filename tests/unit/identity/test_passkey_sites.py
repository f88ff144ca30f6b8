"""A passkey's realm is the host's own name; there is none without a name."""

import pytest

from tiao.identity.passkeys.refusals import PasskeyNeedsOwnHost
from tiao.identity.passkeys.rules import site_of


@pytest.mark.parametrize(
    ("host", "realm", "origins"),
    [
        ("wallet.pay.example.com", "wallet.pay.example.com", ("https://wallet.pay.example.com",)),
        ("Wallet.Pay.Example.com:8443", "wallet.pay.example.com", ("https://wallet.pay.example.com:8443",)),
        ("wallet.localhost:80", "wallet.localhost", ("https://wallet.localhost:80", "http://wallet.localhost:80")),
        ("evil-localhost.example", "evil-localhost.example", ("https://evil-localhost.example",)),
    ],
)
def test_a_host_is_a_realm_and_plain_http_is_for_localhost(host: str, realm: str, origins: tuple[str, ...]) -> None:
    assert site_of(host) == (realm, origins)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "", "a b", "x/../y", "a..b", "10.0.0.1"])
def test_what_has_no_name_has_no_passkeys(host: str) -> None:
    with pytest.raises(PasskeyNeedsOwnHost):
        site_of(host)
