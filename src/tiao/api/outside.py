"""How to reach the bank, the bureau and the message gateway: addresses and shared secrets from the environment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from tiao.runtime.config import BadConfiguration

if TYPE_CHECKING:
    from tiao.wiring import Outside

#: Where `tiao bank` and the bureau's simulator listen unless told otherwise.
BANK_URL = "http://127.0.0.1:8100"
BUREAU_URL = "http://127.0.0.1:8101"
SMS_URL = "http://127.0.0.1:8102"
REGISTRY_URL = "http://127.0.0.1:8103"
SECRET_BYTES_MIN = 32
#: Unless told otherwise; less than the plan by which merchants are told again would lose what is under way.
DELIVERIES_DAYS, DELIVERIES_DAYS_MIN, DELIVERIES_DAYS_MAX = 90, 7, 3650
#: A shop's network, or a mobile carrier's, is one address of many people.
CODES_PER_ADDRESS, CODES_PER_HOUR = 100, 20_000
_SCHEMES = ("http://", "https://")


@asynccontextmanager
async def open_outside(environment: Mapping[str, str]) -> AsyncIterator[Outside]:
    """Open clients to the bank, the bureau and, where their secrets are set, the message gateway and the register.

    Refuses: BadConfiguration, naming the variable at fault.
    """
    import httpx  # noqa: PLC0415  the check before starting must not import the whole platform

    from tiao.payments.providers.opening import open_channels  # noqa: PLC0415  the same
    from tiao.wiring import CodeLimits, Outside  # noqa: PLC0415  the same

    bank_key, bureau_secret = _secret(environment, "TIAO_BANK_KEY"), _secret(environment, "TIAO_BUREAU_SECRET")
    bank_url, bureau_url = (
        _url(environment, "TIAO_BANK_URL", BANK_URL),
        _url(environment, "TIAO_BUREAU_URL", BUREAU_URL),
    )
    sms_url = _url(environment, "TIAO_SMS_URL", SMS_URL)
    sms_key = _secret(environment, "TIAO_SMS_KEY") if _has(environment, "TIAO_SMS_KEY") else b""
    registry_url = _url(environment, "TIAO_REGISTRY_URL", REGISTRY_URL)
    has_registry = _has(environment, "TIAO_REGISTRY_SECRET")
    registry_secret = _secret(environment, "TIAO_REGISTRY_SECRET") if has_registry else b""
    async with (
        httpx.AsyncClient(base_url=bank_url) as bank,
        httpx.AsyncClient(base_url=bureau_url) as bureau,
        httpx.AsyncClient(base_url=sms_url) as sms,
        httpx.AsyncClient(base_url=registry_url) as registry,
        open_channels(_table(environment), environment) as channels,
    ):
        yield Outside(
            bank=bank,
            bank_key=bank_key,
            bureau=bureau,
            bureau_secret=bureau_secret,
            sms=sms if sms_key else None,
            sms_key=sms_key,
            registry=registry if registry_secret else None,
            registry_secret=registry_secret,
            channels=channels,
            webhook_allow=frozenset(environment.get("TIAO_WEBHOOK_ALLOW", "").replace(",", " ").split()),
            merchant_rate=_whole(environment, "TIAO_MERCHANT_REQUESTS_PER_SECOND", 0),
            told_kept=_told_kept(environment),
            code_limits=CodeLimits(
                _whole(environment, "TIAO_CODES_PER_ADDRESS", CODES_PER_ADDRESS),
                _whole(environment, "TIAO_CODES_PER_HOUR", CODES_PER_HOUR),
                _proxies(environment),
            ),
        )


def check_outside(environment: Mapping[str, str]) -> None:
    """Check the same before anything is started. Refuses: as `open_outside`."""
    for name, default in (
        ("TIAO_BANK_URL", BANK_URL),
        ("TIAO_BUREAU_URL", BUREAU_URL),
        ("TIAO_SMS_URL", SMS_URL),
        ("TIAO_REGISTRY_URL", REGISTRY_URL),
    ):
        _url(environment, name, default)
    optional = [name for name in ("TIAO_SMS_KEY", "TIAO_REGISTRY_SECRET") if _has(environment, name)]
    for name in ("TIAO_BANK_KEY", "TIAO_BUREAU_SECRET", *optional):
        _secret(environment, name)
    _told_kept(environment)
    _proxies(environment)
    for name in ("TIAO_CODES_PER_ADDRESS", "TIAO_CODES_PER_HOUR"):
        _whole(environment, name, 0)


def _table(environment: Mapping[str, str]) -> bytes:
    """Read the table of further channels that TIAO_CHANNELS names; without one there are none."""
    path = environment.get("TIAO_CHANNELS", "").strip()
    return Path(path).read_bytes() if path else b"[]"


def _has(environment: Mapping[str, str], name: str) -> bool:
    """Tell whether a party that may be missing is configured: nothing is sent to handsets, no company looked up."""
    return bool(environment.get(name, "").strip())


def _url(environment: Mapping[str, str], name: str, default: str) -> str:
    url = environment.get(name, "").strip() or default
    if not url.startswith(_SCHEMES):
        raise BadConfiguration(f"{name} is no HTTP address", variable=name)
    return url


def _told_kept(environment: Mapping[str, str]) -> timedelta:
    days = _whole(environment, "TIAO_DELIVERIES_DAYS", DELIVERIES_DAYS)
    if not DELIVERIES_DAYS_MIN <= days <= DELIVERIES_DAYS_MAX:
        detail = f"TIAO_DELIVERIES_DAYS is {DELIVERIES_DAYS_MIN} to {DELIVERIES_DAYS_MAX}: merchants look back that far"
        raise BadConfiguration(detail, variable="TIAO_DELIVERIES_DAYS")
    return timedelta(days=days)


def _proxies(environment: Mapping[str, str]) -> tuple[IPv4Network | IPv6Network, ...]:
    texts = environment.get("TIAO_PROXIES", "").replace(",", " ").split()
    try:
        return tuple(ip_network(each) for each in texts)
    except ValueError as error:
        raise BadConfiguration(f"TIAO_PROXIES: {error}", variable="TIAO_PROXIES") from error


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit()):
        raise BadConfiguration(f"{name} is no whole number", variable=name)
    return int(text)


def _secret(environment: Mapping[str, str], name: str) -> bytes:
    text = environment.get(name, "").strip()
    try:
        secret = bytes.fromhex(text)
    except ValueError as error:
        raise BadConfiguration(f"{name} is not hexadecimal", variable=name) from error
    if len(secret) < SECRET_BYTES_MIN:
        detail = f"set {name} to at least {2 * SECRET_BYTES_MIN} hexadecimal digits (`openssl rand -hex 32` makes some)"
        raise BadConfiguration(detail, variable=name)
    return secret
