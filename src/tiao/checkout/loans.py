"""What a capture asks of lending: a loan for part or all of a purchase, at the merchant's discount."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tiao.checkout.model import Purchase
from tiao.checkout.offers import OfferBook
from tiao.lending.model import Plan
from tiao.lending.records import NewLoan
from tiao.values.moment import Moment


def loan_of(
    now: Moment,
    book: OfferBook,
    purchase: Purchase,
    plan: Plan,
    loan_id: UUID,
    discount_minor: int,
    *,
    agreed_on: date,
    released_minor: int = 0,
) -> NewLoan:
    """Make the loan of a capture. *agreed_on*: whose conditions hold; *released_minor*: what was held for it."""
    return NewLoan(
        id=loan_id,
        purchase_id=purchase.id,
        line_id=purchase.line_id,
        customer_id=purchase.customer_id,
        merchant_id=purchase.merchant_id,
        currency=purchase.currency,
        plan=plan,
        discount_minor=discount_minor,
        penalty_ppm=book.conditions(agreed_on).penalty_ppm,
        taken_on=now.today,
        released_hold_minor=released_minor,
    )
