"""A payment that risk control is asked about, as a test wants it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tiao.risk.live import Asked

MERCHANT = "b" * 32
AT = datetime(2026, 3, 1, 2, tzinfo=UTC)
_USUAL = Asked(
    at=AT,
    hour=10,
    weekday=6,
    entities=("a" * 32, MERCHANT, None, None, None),
    amount_minor=10_000,
    limit_minor=1_000_000,
    held_minor=0,
    used_minor=0,
    plan="pay_later",
    scene="books",
    is_captured=True,
    is_quoted=True,
)


def asked(amount_minor: int, *, customer: int | None = None, **other: Any) -> Asked:  # noqa: ANN401  any field of it
    """A captured purchase at one merchant, of one customer or the one of a number; what else differs is named."""
    if customer is not None:
        other["entities"] = (f"{customer:032x}", MERCHANT, None, None, None)
    return _USUAL._replace(amount_minor=amount_minor, **other)
