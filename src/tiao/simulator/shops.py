"""Made-up merchants: what they sell, what they pay for a sale, and what an order at them comes to."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from tiao.partners.model import NewMerchant
from tiao.simulator.chance import number


class Trade(NamedTuple):
    """A line of business. *Units*: usual order sizes in minor units."""

    category: str
    name: str
    discount_rate: Decimal
    order_low_minor: int
    order_high_minor: int


#: Own choice, in the range that card acquirers publish for online sales in mainland China (0.38 to 1.2 %).
TRADES = (
    Trade("groceries", "鲜果铺", Decimal("0.0038"), 1_500, 18_000),
    Trade("books", "书店", Decimal("0.0060"), 2_000, 25_000),
    Trade("clothing", "服饰", Decimal("0.0080"), 6_000, 80_000),
    Trade("household", "家居", Decimal("0.0070"), 5_000, 120_000),
    Trade("electronics", "数码", Decimal("0.0055"), 20_000, 600_000),
    Trade("appliances", "电器", Decimal("0.0055"), 50_000, 800_000),
    Trade("travel", "旅行社", Decimal("0.0100"), 30_000, 500_000),
    Trade("education", "学堂", Decimal("0.0120"), 40_000, 600_000),
)
_PLACES = ("山脚", "河畔", "东门", "云上", "青石", "南巷", "松间", "桥头", "星野", "竹里", "海角", "晨光")


def trade_of(seed: str, key: str) -> Trade:
    """Say what the merchant of a key sells."""
    return TRADES[number(seed, "trade", key) % len(TRADES)]


def new_merchant(seed: str, key: str, currency: str) -> NewMerchant:
    """Make the terms of a merchant; its account names it for good."""
    trade = trade_of(seed, key)
    place = _PLACES[number(seed, "place", key) % len(_PLACES)]
    return NewMerchant(
        name=f"{place}{trade.name} {key}"[:200],
        category=trade.category,
        currency=currency,
        discount_rate=trade.discount_rate,
        payout_account=payout_account(key),
    )


def payout_account(key: str) -> str:
    """Name the account a merchant is paid to; from it a resumed run knows its merchants again."""
    return f"M-{key}"[:200]
