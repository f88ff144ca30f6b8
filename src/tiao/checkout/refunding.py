"""Give goods back: check against what was captured, take it off the plan, send the surplus to where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from tiao.checkout import rules, store
from tiao.checkout.actions import locked_purchase, purchase_of
from tiao.checkout.model import Purchase
from tiao.checkout.offers import OfferBook
from tiao.ledger import actions as ledger
from tiao.lending import refunding
from tiao.lending.daily import loans_of_purchase
from tiao.lending.records import Refund, RefundRequest
from tiao.lending.refunds import check_refund
from tiao.lending.refusals import RefundExceedsCaptured
from tiao.partners import actions as partners
from tiao.partners.scenes.rules import check_refund as check_service
from tiao.payments import actions as payments
from tiao.payments.model import NewPayout
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of, derived_id
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal


class RefundDone(NamedTuple):
    """A refund, the purchase after it, and the payouts that carry money back."""

    refund: Refund
    purchase: Purchase
    payout_ids: list[UUID]


class NewRefund(NamedTuple):
    """What is to be refunded of a purchase. *key* makes it happen once."""

    purchase_id: UUID
    amount_minor: int
    reference: str
    key: str


async def refund_all(tx: Tx, now: Moment, book: OfferBook, wishes: Sequence[NewRefund]) -> list[RefundDone | Refusal]:
    """Refund several purchases: their lines are locked together, in one order, and one commit is for all of them.

    What a refund does depends on what was paid and refunded before it, so they are done one after the other; one that
    is refused leaves nothing behind. Refuses: as `refund`, item by item.
    """
    seen = await store.read_purchases(tx, [wish.purchase_id for wish in wishes])
    await ledger.lock_lines(tx, sorted({purchase.line_id for purchase in seen.values()}))
    outcomes: list[RefundDone | Refusal] = []
    for wish in wishes:
        purchase_id, amount, reference, key = wish
        try:
            async with tx.savepoint():
                done = await refund(tx, now, book, purchase_id, amount_minor=amount, reference=reference, key=key)
            outcomes.append(done)
        except Refusal as refusal:
            outcomes.append(refusal)
    return outcomes


async def refund(
    tx: Tx,
    now: Moment,
    book: OfferBook,
    purchase_id: UUID,
    *,
    amount_minor: int,
    reference: str,
    key: str,
    is_decided: bool = False,
) -> RefundDone:
    """Refund all or part of a purchase, any number of times up to what was captured and its scene's rule gives.

    *key* makes it happen once: the caller answers a repeated one. What people decided in a dispute, *is_decided*, is
    not bound by the scene's rule, nor by the time in which goods are sent back: deciding takes its own.
    Refuses: PurchaseUnknown, AmountInvalid, RefundExceedsCaptured, RefundWindowClosed, LoanArrangedAnew,
    RefundBeyondService.
    """
    rules.check_amount(amount_minor)
    purchase, _ = await locked_purchase(tx, purchase_id)
    loans = await loans_of_purchase(tx, purchase_id)
    if not loans:
        raise RefundExceedsCaptured(pointer="/amount_minor", refundable_minor=0)
    policy = book.conditions(min(loan.taken_on for loan in loans)).refund
    check_refund(
        amount_minor,
        captured_minor=purchase.captured_minor,
        refunded_minor=purchase.refunded_minor,
        captured_on=max(loan.taken_on for loan in loans),
        today=now.today,
        policy=policy,
        is_decided=is_decided,
    )
    if not is_decided:
        merchant = await partners.merchant(tx, purchase.merchant_id)
        sold_on = max(loan.taken_on for loan in loans)
        check_service(
            book.scene(merchant.category, min(loan.taken_on for loan in loans)),
            amount_minor,
            captured_minor=purchase.captured_minor,
            refunded_minor=purchase.refunded_minor,
            captured_on=sold_on,
            today=now.today,
        )
    done = await refunding.refund(
        tx,
        now,
        RefundRequest(
            id=refund_id(purchase_id, key),
            purchase_id=purchase_id,
            line_id=purchase.line_id,
            customer_id=purchase.customer_id,
            merchant_id=purchase.merchant_id,
            currency=purchase.currency,
            amount_minor=amount_minor,
            reference=reference,
            effective_on=now.today,
        ),
        refunded_before_minor=purchase.refunded_minor,
        policy=policy,
    )
    await store.change_purchase(tx, purchase_id, refunded_minor=amount_minor)
    return RefundDone(done.refund, await purchase_of(tx, purchase_id), await _pay_back(tx, now, done))


async def rehearse(tx: Tx, now: Moment, book: OfferBook, wish: NewRefund) -> None:
    """Find out whether a refund would be given, and leave nothing behind. Refuses: as `refund`."""
    async with tx.rehearsal():
        await refund(
            tx, now, book, wish.purchase_id, amount_minor=wish.amount_minor, reference=wish.reference, key=wish.key
        )


def refund_id(purchase_id: UUID, key: str) -> UUID:
    """Say which refund a key stands for, so that a caller can see whether it was made."""
    return derived_id("refund", purchase_id, key, bucket=bucket_of(purchase_id))


async def _pay_back(tx: Tx, now: Moment, done: refunding.Refunded) -> list[UUID]:
    orders = []
    for number, back in enumerate(done.returns):
        assert back.funding_source_id is not None, "money goes back along debits only"
        source = await payments.source(tx, customer_id=done.refund.customer_id, source_id=back.funding_source_id)
        orders.append(
            NewPayout(
                payout_id=derived_id("refund_payout", done.refund.id, str(number), bucket=done.refund.bucket),
                customer_id=done.refund.customer_id,
                source_id=done.refund.id,
                channel=source.channel,
                agreement=source.agreement,
                currency=done.refund.currency,
                amount_minor=back.amount_minor,
                due_on=now.today,
            )
        )
    return [payout.id for payout in await payments.begin_payouts(tx, now, orders)]
