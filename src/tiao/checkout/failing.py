"""Give back what a merchant that failed has not given: its customers' money, from what is kept first."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tiao.checkout.actions import locked_purchase
from tiao.checkout.offers import OfferBook
from tiao.checkout.refunding import refund
from tiao.lending.daily import loans_of_purchase
from tiao.partners import actions as partners
from tiao.partners.scenes.rules import refundable_minor
from tiao.payments.prepaid import actions as prepaid
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

#: Captures read at once.
_PAGE = 200


class GivenBack(NamedTuple):
    """What was given back of a purchase, or why nothing was. *Units*: minor units."""

    purchase_id: UUID
    amount_minor: int
    refused: str | None


async def give_back_all(
    db: Database, moments: MomentSource, book: OfferBook, merchant_id: UUID, limit: int
) -> list[GivenBack]:
    """Give back of one purchase after the other, until *limit* were given back of; those refused are said.

    What was given back of before is passed by, so that calling again goes on where the last call stopped. Each is a
    transaction of its own. What was bought on a day that is not closed yet comes with a later call.
    """
    done: list[GivenBack] = []
    seen: set[UUID] = set()
    place = prepaid.LATEST
    while True:
        async with db.begin() as tx:
            kept = await prepaid.purchases_kept_of(tx, merchant_id, before=place, limit=_PAGE)
        if not kept:
            return done
        place = (kept[-1].held_on, kept[-1].loan_id)
        for purchase_id in dict.fromkeys(each.purchase_id for each in kept):
            if purchase_id in seen:
                continue
            seen.add(purchase_id)

            async def work(tx: Tx, wanted: UUID = purchase_id) -> GivenBack | None:
                return await _give_back(tx, await moments(tx), book, wanted)

            given = await db.retrying(work)
            if given is not None:
                done.append(given)
            if sum(each.refused is None for each in done) >= limit:
                return done


async def _give_back(tx: Tx, now: Moment, book: OfferBook, purchase_id: UUID) -> GivenBack | None:
    """Refund what was not given of a purchase, as its scene's rule counts it; None when nothing is left to refund.

    Done again it does nothing more on the same day. Refuses: nothing; what cannot be refunded is said.
    """
    purchase, _ = await locked_purchase(tx, purchase_id)
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
