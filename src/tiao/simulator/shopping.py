"""What people mean to buy on a day, and what will become of it; drawn from the day's own stream of chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from random import Random
from typing import NamedTuple
from uuid import UUID

from tiao.lending.model import BillingMode, FeePayer
from tiao.simulator.admission import Member
from tiao.simulator.shops import Trade
from tiao.simulator.straining import Need

#: Below this nothing is bought in instalments: the policy's least amount, in minor units.
INSTALMENT_MIN_MINOR = 10_000


class Way(StrEnum):
    """How an authorisation ends."""

    AT_ONCE = "captured at once"
    LATER = "captured later"
    LESS = "less captured than held"
    IN_TWO = "captured in two parts"
    VOIDED = "voided"
    FORGOTTEN = "left to expire"


class Wish(NamedTuple):
    """A purchase somebody means to make, and what is to become of it. *refunds*: days after, share in percent."""

    member: Member
    merchant_id: UUID
    amount_minor: int
    plan: str
    mode: BillingMode
    fee_payer: FeePayer
    is_quoted: bool
    way: Way
    after_days: int
    refunds: tuple[tuple[int, int], ...]


class Shop(NamedTuple):
    """A merchant that is open."""

    merchant_id: UUID
    trade: Trade


#: Of a hundred purchases: everyday, billed by the order, in instalments. Own choice.
_EVERYDAY, _BY_ORDER = 74, 86
_TERMS = (3, 3, 6, 6, 12, 12, 24)
_INTEREST = ("annuity_6", "annuity_12", "annuity_12", "annuity_24", "equal_principal_12")
_WAYS = (Way.LATER,) * 9 + (Way.LESS,) * 4 + (Way.IN_TWO,) * 3 + (Way.VOIDED,) * 2 + (Way.FORGOTTEN,) * 2


class Customer(NamedTuple):
    """Somebody who buys, in so many of a million days; *need* says otherwise of those who buy up to their limits."""

    member: Member
    buys_ppm: int
    need: Need | None = None


def wishes(chance: Random, buyers: Sequence[Customer], shops: Sequence[Shop], day: date) -> list[Wish]:
    """Draw what each buyer wants today; most want nothing."""
    found = []
    for buyer in buyers:
        buys_ppm = buyer.buys_ppm if buyer.need is None else buyer.need.buys_ppm(day)
        while chance.randrange(1_000_000) < buys_ppm:
            found.append(_wish(chance, buyer, shops))
    return found


def _wish(chance: Random, buyer: Customer, shops: Sequence[Shop]) -> Wish:
    # The product of two draws makes few merchants large and many small.
    shop = shops[chance.randrange(len(shops)) * chance.randrange(len(shops)) // len(shops)]
    trade = shop.trade
    luck = chance.randrange(1000)
    amount = trade.order_low_minor + (trade.order_high_minor - trade.order_low_minor) * luck**3 // 10**9
    if buyer.need is not None:
        amount = buyer.need.order_minor(luck)
    plan, mode, fee_payer = _plan(chance, amount)
    is_at_once = chance.randrange(100) < 88  # noqa: PLR2004  own choice
    return Wish(
        member=buyer.member,
        merchant_id=shop.merchant_id,
        amount_minor=amount,
        plan=plan,
        mode=mode,
        fee_payer=fee_payer,
        is_quoted=not plan.startswith("pay_later"),
        way=Way.AT_ONCE if is_at_once else chance.choice(_WAYS),
        after_days=chance.randrange(1, 6),
        refunds=_refunds(chance),
    )


def _plan(chance: Random, amount_minor: int) -> tuple[str, BillingMode, FeePayer]:
    kind = chance.randrange(100)
    if kind < _EVERYDAY or (kind >= _BY_ORDER and amount_minor < INSTALMENT_MIN_MINOR):
        return "pay_later", BillingMode.STATEMENT, FeePayer.CONSUMER
    if kind < _BY_ORDER:
        return "pay_later_order", BillingMode.ORDER, FeePayer.CONSUMER
    terms = chance.choice(_TERMS)
    payer = FeePayer.MERCHANT if chance.randrange(3) == 0 else FeePayer.CONSUMER
    match chance.randrange(8):
        case 0:
            return f"instalments_{terms}_order", BillingMode.ORDER, payer
        case 1 | 2:
            return chance.choice(_INTEREST), BillingMode.ORDER, payer
    return f"instalments_{terms}", BillingMode.STATEMENT, payer


def _refunds(chance: Random) -> tuple[tuple[int, int], ...]:
    """Draw what is sent back: all soon, part, part twice, or all when it is paid off long since."""
    match chance.randrange(80):
        case 0 | 1:
            return ((chance.randrange(1, 15), 100),)
        case 2:
            return ((chance.randrange(1, 30), chance.randrange(10, 90)),)
        case 3:
            first = chance.randrange(1, 30)
            return ((first, 30), (first + chance.randrange(1, 60), 50))
        case 4:
            return ((chance.randrange(60, 140), 100),)
        case _:
            return ()
