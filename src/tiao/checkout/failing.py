"""Give back what a merchant that failed has not given: its customers' money, from what is kept first."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tiao.checkout.actions import purchase_of
from tiao.checkout.offers import OfferBook
from tiao.checkout.refunding import refund
from tiao.lending.daily import loans_of_purchase
from tiao.partners import actions as partners
from tiao.partners.scenes.rules import refundable_minor
from tiao.payments.prepaid import actions as prepaid
from tiao.payments.prepaid.model import Hold
from tiao.runtime.db import Tx
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal


class GivenBack(NamedTuple):
    """What was given back of a purchase, or why nothing was. *Units*: minor units."""

    purchase_id: UUID
    amount_minor: int
    refused: str | None


async def give_back(tx: Tx, now: Moment, book: OfferBook, hold: Hold) -> GivenBack | None:
    """Refund what was not given of a purchase, as its scene's rule counts it; None when nothing is left to refund.

    Done again it does nothing more on the same day. Refuses: nothing; what cannot be refunded is said.
    """
    purchase = await purchase_of(tx, hold.purchase_id)
    loans = await loans_of_purchase(tx, purchase.id)
    merchant = await partners.merchant(tx, purchase.merchant_id)
    whole = refundable_minor(
        book.scene(merchant.category, min(loan.taken_on for loan in loans)),
        captured_minor=purchase.captured_minor,
        captured_on=max(loan.taken_on for loan in loans),
        today=now.today,
    )
    amount = whole - purchase.refunded_minor
    if amount <= 0:
        return None
    key = f"failure/{now.today}"
    try:
        async with tx.savepoint():
            await refund(
                tx, now, book, purchase.id, amount_minor=amount, reference="merchant failed", key=key, is_decided=True
            )
    except Refusal as refusal:
        return GivenBack(purchase.id, 0, refusal.code)
    return GivenBack(purchase.id, amount, None)


async def holds_to_give_back(tx: Tx, merchant_id: UUID, limit: int) -> list[Hold]:
    """Name what is kept of a merchant's captures, one for each purchase."""
    found = await prepaid.holds_of(tx, merchant_id, limit=limit)
    return list({each.purchase_id: each for each in found}.values())
