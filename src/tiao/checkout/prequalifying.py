"""Whether somebody may buy on credit, before there is a quote: yes, likely or no, and nothing more about anybody.

No bureau is asked and nothing is decided. A yes comes with terms that a quote of the same day gives alike.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tiao.checkout import rooms, rules, store
from tiao.checkout.model import Context, Offer, Order
from tiao.checkout.offers import OfferBook
from tiao.checkout.refusals import CurrencyMismatch, TooManyPrequalifications
from tiao.ledger import actions as ledger
from tiao.lending.model import BillingMode, FeePayer
from tiao.partners import actions as partners
from tiao.partners.model import Merchant, MerchantStatus
from tiao.partners.scenes.refusals import SceneAmountOutside
from tiao.partners.scenes.rules import check_sale
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of, derived_id
from tiao.values.moment import Moment

#: Amounts that one merchant may ask about one customer on a day: enough for a cart, too few to search for a limit.
AMOUNTS_A_DAY = 5
#: Instalments of somebody without a line are the same on every statement day.
_ANY_STATEMENT_DAY = 1


class Answer(StrEnum):
    """What a merchant is told of a customer: the line would carry it, nobody knows yet, or it would not."""

    YES = "yes"
    LIKELY = "likely"
    NO = "no"


class Prequalified(NamedTuple):
    """An answer with the plan whose instalments are smallest; none with a no."""

    answer: Answer
    offer: Offer | None


async def prequalify(
    tx: Tx,
    now: Moment,
    book: OfferBook,
    *,
    merchant_id: UUID,
    customer_id: UUID | None,
    currency: str,
    amount_minor: int,
    fee_payer: FeePayer,
) -> Prequalified:
    """Say whether a customer may buy for an amount at a merchant, and from how much a month.

    Refuses: AmountInvalid, CurrencyMismatch, MerchantUnknown, TooManyPrequalifications.
    """
    rules.check_amount(amount_minor)
    merchant = await partners.merchant(tx, merchant_id)
    if currency != merchant.currency:
        raise CurrencyMismatch(f"the merchant is paid in {merchant.currency}", pointer="/currency")
    lines = {}
    if customer_id is not None:
        await _count(tx, now, merchant_id, customer_id, amount_minor)
        lines = await ledger.lines_of_customers(tx, [customer_id])
    line = None if customer_id is None else lines.get(customer_id)
    statement_day = _ANY_STATEMENT_DAY if line is None else line.statement_day
    offers = _offers(now, book, merchant, currency, amount_minor, fee_payer, statement_day)
    if not offers or merchant.status is not MerchantStatus.ACTIVE:
        return Prequalified(Answer.NO, None)
    shown = least(offers)
    if line is None:
        return Prequalified(Answer.LIKELY, shown)
    order = Order(
        idempotency_id=derived_id("prequalification", merchant_id, str(line.id)),
        line_id=line.id,
        customer_id=line.customer_id,
        merchant_id=merchant_id,
        currency=currency,
        amount_minor=amount_minor,
        plan=shown.plan,
        fee_payer=fee_payer,
        reference="",
        is_captured=False,
        context=Context(),
    )
    facts = await store.read_facts(tx, [order])
    if facts[0].sublimits:
        facts = await rooms.with_rooms(tx, now, [order], facts)
    if currency != facts[0].currency or rules.decide(order, facts[0], now.today):
        return Prequalified(Answer.NO, None)
    return Prequalified(Answer.YES, shown)


def least(offers: tuple[Offer, ...]) -> Offer:
    """Choose what a product page shows: the smallest instalment of several, or what there is."""
    several = [each for each in offers if each.terms > 1] or list(offers)
    return min(several, key=lambda each: max(part.total_minor for part in each.instalments))


def _offers(
    now: Moment,
    book: OfferBook,
    merchant: Merchant,
    currency: str,
    amount_minor: int,
    fee_payer: FeePayer,
    statement_day: int,
) -> tuple[Offer, ...]:
    try:
        check_sale(book.scene(merchant.category, now.today), amount_minor)
    except SceneAmountOutside:
        return ()
    return book.offers(
        amount_minor,
        currency=currency,
        on=now.today,
        statement_day=statement_day,
        mode=BillingMode.STATEMENT,
        fee_payer=fee_payer,
        category=merchant.category,
    )


async def _count(tx: Tx, now: Moment, merchant_id: UUID, customer_id: UUID, amount_minor: int) -> None:
    """Count the amounts asked about a customer today. Refuses: TooManyPrequalifications."""
    asked = await store.count_prequalified(
        tx, bucket_of(customer_id), customer_id, merchant_id, on=now.today, amount_minor=amount_minor
    )
    if asked > AMOUNTS_A_DAY:
        raise TooManyPrequalifications(limit=AMOUNTS_A_DAY)
