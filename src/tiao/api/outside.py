"""How to reach the bank, the bureau and the message gateway: addresses and shared secrets from the environment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tiao.runtime.config import BadConfiguration

if TYPE_CHECKING:
    from tiao.wiring import Outside

#: Where `tiao bank` and the bureau's simulator listen unless told otherwise.
BANK_URL = "http://127.0.0.1:8100"
BUREAU_URL = "http://127.0.0.1:8101"
SMS_URL = "http://127.0.0.1:8102"
SECRET_BYTES_MIN = 32
_SCHEMES = ("http://", "https://")


@asynccontextmanager
async def open_outside(environment: Mapping[str, str]) -> AsyncIterator[Outside]:
    """Open clients to the bank, the bureau and, where TIAO_SMS_KEY is set, the message gateway.

    Refuses: BadConfiguration, naming the variable of the bank, the bureau or the message gateway.
    """
    import httpx  # noqa: PLC0415  the check before starting must not import the whole platform

    from tiao.payments.providers.opening import open_channels  # noqa: PLC0415  the same
    from tiao.wiring import Outside  # noqa: PLC0415  the same

    bank_key, bureau_secret = _secret(environment, "TIAO_BANK_KEY"), _secret(environment, "TIAO_BUREAU_SECRET")
    bank_url, bureau_url = (
        _url(environment, "TIAO_BANK_URL", BANK_URL),
        _url(environment, "TIAO_BUREAU_URL", BUREAU_URL),
    )
    sms_url = _url(environment, "TIAO_SMS_URL", SMS_URL)
    sms_key = _secret(environment, "TIAO_SMS_KEY") if _has_sms(environment) else b""
    async with (
        httpx.AsyncClient(base_url=bank_url) as bank,
        httpx.AsyncClient(base_url=bureau_url) as bureau,
        httpx.AsyncClient(base_url=sms_url) as sms,
        open_channels(_table(environment), environment) as channels,
    ):
        yield Outside(
            bank=bank,
            bank_key=bank_key,
            bureau=bureau,
            bureau_secret=bureau_secret,
            sms=sms if sms_key else None,
            sms_key=sms_key,
            channels=channels,
            webhook_allow=frozenset(environment.get("TIAO_WEBHOOK_ALLOW", "").replace(",", " ").split()),
            merchant_rate=_rate(environment, "TIAO_MERCHANT_REQUESTS_PER_SECOND"),
        )


def check_outside(environment: Mapping[str, str]) -> None:
    """Check the same before anything is started. Refuses: as `open_outside`."""
    for name, default in (("TIAO_BANK_URL", BANK_URL), ("TIAO_BUREAU_URL", BUREAU_URL), ("TIAO_SMS_URL", SMS_URL)):
        _url(environment, name, default)
    for name in ("TIAO_BANK_KEY", "TIAO_BUREAU_SECRET", *(("TIAO_SMS_KEY",) if _has_sms(environment) else ())):
        _secret(environment, name)


def _table(environment: Mapping[str, str]) -> bytes:
    """Read the table of further channels that TIAO_CHANNELS names; without one there are none."""
    path = environment.get("TIAO_CHANNELS", "").strip()
    return Path(path).read_bytes() if path else b"[]"


def _has_sms(environment: Mapping[str, str]) -> bool:
    """Tell whether a message gateway is configured; without one nothing is sent to handsets."""
    return bool(environment.get("TIAO_SMS_KEY", "").strip())


def _url(environment: Mapping[str, str], name: str, default: str) -> str:
    url = environment.get(name, "").strip() or default
    if not url.startswith(_SCHEMES):
        raise BadConfiguration(f"{name} is no HTTP address", variable=name)
    return url


def _rate(environment: Mapping[str, str], name: str) -> int:
    text = environment.get(name, "").strip() or "0"
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
