"""Amounts, times and states as this form writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tiao.api.compat.refusals import AlipayParameterInvalid
from tiao.checkout.orders.model import MerchantOrder, OrderState

ZONE = ZoneInfo("Asia/Shanghai")
_FORMAT = "%Y-%m-%d %H:%M:%S"
_FEN = 100
_MINOR_MAX = 10_000_000_000
_AMOUNT = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")
_TIMEOUT = re.compile(r"([1-9][0-9]{0,5})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
#: An order without a time of its own can be paid for so long, and no order for longer.
TIMEOUT = timedelta(days=15)


def minor_of(yuan: str | float, name: str) -> int:
    """Read an amount in yuan with at most two decimals, as digits: "300", "300.5", "300.50", 300.5.

    *Refuses:* AlipayParameterInvalid: signs, spaces, exponents, digits of other scripts too.
    """
    found = _AMOUNT.fullmatch(str(yuan))
    minor = 0 if found is None else int(found[1]) * _FEN + int((found[2] or "").ljust(2, "0"))
    if not 0 < minor <= _MINOR_MAX:
        raise AlipayParameterInvalid(f"{name} must be a positive amount of yuan with at most two decimals")
    return minor


def yuan_of(minor: int) -> str:
    """Write an amount in yuan."""
    return f"{minor // _FEN}.{minor % _FEN:02d}"


def time_of(at: datetime) -> str:
    """Write an instant."""
    return at.astimezone(ZONE).strftime(_FORMAT)


def instant_of(text: str, name: str) -> datetime:
    """Read an instant: wall clock in +08:00. *Refuses:* AlipayParameterInvalid."""
    try:
        return datetime.strptime(text, _FORMAT).replace(tzinfo=ZONE).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise AlipayParameterInvalid(f"{name} must be yyyy-MM-dd HH:mm:ss") from error


def expiry_of(at: datetime, *, timeout_express: str | None, time_expire: str | None) -> datetime:
    """Say until when an order can be paid. *Refuses:* AlipayParameterInvalid."""
    latest = at + TIMEOUT
    if time_expire:
        chosen = instant_of(time_expire, "time_expire")
        if chosen <= at:
            raise AlipayParameterInvalid("time_expire has passed")
        return min(latest, chosen)
    if not timeout_express:
        return latest
    if timeout_express == "1c":  # until the end of the day
        return (at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)).astimezone(
            UTC
        )
    found = _TIMEOUT.fullmatch(timeout_express)
    if found is None:
        raise AlipayParameterInvalid("timeout_express is a number and m, h or d, or 1c")
    return min(latest, at + int(found[1]) * _UNITS[found[2]])


def status_of(order: MerchantOrder, *, is_final: bool = False) -> str:
    """Write how far an order has come. *is_final*: nothing of it can be given back any more."""
    if order.is_refunded_whole:
        return "TRADE_CLOSED"
    if is_final and order.state is OrderState.PAID:
        return "TRADE_FINISHED"
    return {
        OrderState.OPEN: "WAIT_BUYER_PAY",
        OrderState.PAYING: "WAIT_BUYER_PAY",
        OrderState.PAID: "TRADE_SUCCESS",
        OrderState.CLOSED: "TRADE_CLOSED",
    }[order.state]
