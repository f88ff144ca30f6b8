"""Capture what is held, in sets: the goods have left, and each capture becomes a loan with its own plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from tiao.checkout import rules, store
from tiao.checkout.loans import loan_of
from tiao.checkout.model import Purchase
from tiao.checkout.offers import OfferBook
from tiao.checkout.refusals import PurchaseUnknown
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.lending import actions as lending
from tiao.lending.model import FeePayer
from tiao.lending.records import NewLoan
from tiao.partners import actions as partners
from tiao.partners.model import Merchant
from tiao.runtime.clock import business_date
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of, derived_id
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal


class Capture(NamedTuple):
    """What is to be captured of a purchase; *is_final* lets the rest go. *key* makes it happen once."""

    purchase_id: UUID
    amount_minor: int
    is_final: bool
    key: str


class Captured(NamedTuple):
    """A purchase after a capture, and the loan that the capture became."""

    purchase: Purchase
    loan_id: UUID


async def capture_all(tx: Tx, now: Moment, book: OfferBook, wishes: Sequence[Capture]) -> list[Captured | Refusal]:
    """Capture of several purchases, each of which comes once; a refusal is an outcome, and nothing is written of it.

    Refuses: PurchaseUnknown, PurchaseNotOpen, AuthorisationExpired, CaptureExceedsAuthorised, AmountInvalid.
    """
    ids = [wish.purchase_id for wish in wishes]
    assert len(set(ids)) == len(ids), "a set has at most one capture for each purchase"
    seen = await store.read_purchases(tx, ids)
    lines = await ledger.lock_lines(tx, sorted({purchase.line_id for purchase in seen.values()}))
    held = await store.read_purchases(tx, ids)
    merchants = await partners.merchants(tx, sorted({purchase.merchant_id for purchase in held.values()}))
    refused: dict[UUID, Refusal] = {}
    loans: dict[UUID, NewLoan] = {}
    for wish in wishes:
        purchase = held.get(wish.purchase_id)
        try:
            if purchase is None:
                raise PurchaseUnknown
            line, merchant = lines[purchase.line_id], merchants[purchase.merchant_id]
            loans[wish.purchase_id] = _loan(now, book, wish, purchase, line, merchant)
        except Refusal as refusal:
            refused[wish.purchase_id] = refusal
    done = [wish for wish in wishes if wish.purchase_id in loans]
    await _write(tx, now, done, held, list(loans.values()))
    after = await store.read_purchases(tx, [wish.purchase_id for wish in done])
    return [
        refused.get(each) or Captured(after[each], loans[each].id)  # a refusal is never empty
        for each in ids
    ]


def _loan(
    now: Moment, book: OfferBook, wish: Capture, purchase: Purchase, line: CreditLine, merchant: Merchant
) -> NewLoan:
    rules.check_capture(purchase, wish.amount_minor, now.at)
    agreed_on = business_date(purchase.authorised_at, book.zone)
    plan = book.plan_of_part(
        purchase.plan_code,
        FeePayer(purchase.fee_payer),
        wish.amount_minor,
        agreed_on=agreed_on,
        taken_on=now.today,
        statement_day=line.statement_day,
    )
    loan_id = derived_id("capture", purchase.id, wish.key, bucket=bucket_of(purchase.id))
    discount = rules.discount(wish.amount_minor, merchant.discount_rate)
    released = wish.amount_minor
    return loan_of(now, book, purchase, plan, loan_id, discount, agreed_on=agreed_on, released_minor=released)


async def _write(
    tx: Tx, now: Moment, done: Sequence[Capture], held: dict[UUID, Purchase], loans: Sequence[NewLoan]
) -> None:
    if not done:
        return
    await lending.book(tx, now, loans)
    rests = [held[wish.purchase_id].held_minor - wish.amount_minor if wish.is_final else 0 for wish in done]
    lines = [held[wish.purchase_id].line_id for wish in done]
    await ledger.hold(tx, [(line, -rest) for line, rest in zip(lines, rests, strict=True) if rest])
    await store.capture_purchases(
        tx, [(wish.purchase_id, wish.amount_minor, rest) for wish, rest in zip(done, rests, strict=True)]
    )
