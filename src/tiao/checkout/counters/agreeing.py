"""Paying by code alone: what the customer confirmed once, and when that is enough.

Who lets a device show codes reads and confirms the cost sheet of buying for up to a day's limit and paying at the next
due date. A purchase by code is on just those terms, or it is confirmed on the phone with a sheet of its own.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from tiao.checkout import rules, store
from tiao.checkout.counters import limits
from tiao.checkout.counters.limits import CodeClass
from tiao.checkout.counters.model import Device
from tiao.checkout.counters.refusals import NotAgreedTo
from tiao.checkout.model import Offer, Quote
from tiao.checkout.offers import OfferBook
from tiao.checkout.refusals import NoCreditLine, QuoteUnknown
from tiao.ledger import actions as ledger
from tiao.lending.disclosure import CostSheet, CostSheetAck, check_acknowledged
from tiao.lending.model import BillingMode, FeePayer
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment


class Agreement(NamedTuple):
    """What is to be confirmed, and the line that it is about."""

    sheet: CostSheet
    offer: Offer


async def agreement(tx: Tx, now: Moment, book: OfferBook, customer_id: UUID) -> Agreement:
    """Write the cost sheet for paying by code alone. Refuses: NoCreditLine; NotAgreedTo, when every plan costs."""
    lines = await ledger.lines_of_customers(tx, [customer_id])
    if customer_id not in lines:
        raise NoCreditLine
    line = lines[customer_id]
    offers = book.offers(
        _most(book, now.today),
        currency=line.currency,
        on=now.today,
        statement_day=line.statement_day,
        mode=BillingMode.STATEMENT,
        fee_payer=FeePayer.CONSUMER,
    )
    offer = free_offer(offers)
    plan = book.plan(
        offer.plan, offer.fee_payer, offer.principal_minor, taken_on=now.today, statement_day=line.statement_day
    )
    return Agreement(book.cost_sheet(plan, currency=line.currency, on=now.today), offer)


async def new_device(
    tx: Tx, now: Moment, book: OfferBook, customer_id: UUID, *, label: str, ack: CostSheetAck
) -> Device:
    """Make a device of a customer who has confirmed the sheet.

    Refuses: NoCreditLine, NotAgreedTo, CostSheetNotAcknowledged, ReadingTimeNotOver.
    """
    sheet = (await agreement(tx, now, book, customer_id)).sheet
    check_acknowledged(sheet, ack, pack=book.pack, lender_type=book.lender_type, contract_on=now.today)
    bucket = bucket_of(customer_id)
    return Device(
        bucket=bucket,
        id=now.new_id(bucket),
        customer_id=customer_id,
        label=label,
        agreed_digest=bytes.fromhex(sheet.digest),
        agreed_minor=sheet.principal_minor,
        agreed_late_rate=_late_rate(sheet),
        shown_at=ack.shown_at,
        confirmed_at=ack.confirmed_at,
        made_at=now.at,
        ended_at=None,
    )


async def accept(tx: Tx, now: Moment, book: OfferBook, quote: Quote, device: Device) -> str:
    """Accept the plan of a quote that was agreed to in advance; gives the plan.

    Refuses: NotAgreedTo: it costs something, being late costs something else, or it is more than was agreed.
    """
    found = await store.lock_quote(tx, quote.id)
    if found is None or found.customer_id != device.customer_id:
        raise QuoteUnknown
    offer = free_offer(found.offers)
    line = await ledger.line(tx, found.line_id)
    plan = book.plan(
        offer.plan, offer.fee_payer, found.amount_minor, taken_on=now.today, statement_day=line.statement_day
    )
    sheet = book.cost_sheet(plan, currency=found.currency, on=now.today)
    if sheet.items or _late_rate(sheet) != device.agreed_late_rate or sheet.principal_minor > device.agreed_minor:
        raise NotAgreedTo
    await store.update_accepted(tx, found.id, plan=offer.plan, digest=sheet.digest, at=now.at)
    return offer.plan


def free_offer(offers: tuple[Offer, ...]) -> Offer:
    """Find the plan that is paid at once at the next due date and costs nothing. Refuses: NotAgreedTo."""
    for each in offers:
        if each.terms == 1 and each.total_minor == each.principal_minor:
            return each
    raise NotAgreedTo


def _most(book: OfferBook, on: date) -> int:
    """Say up to how much: what the rule lets one factor pay a day; where no rule is, what the line allows."""
    found = limits.limit_minor(book.pack, CodeClass.C, on=on)
    return rules.check_amount(found if found is not None else _WITHOUT_RULE_MINOR)


#: Where no rule bounds codes, what is agreed to in advance stays small: it is our own bound.
_WITHOUT_RULE_MINOR = 100_000


def _late_rate(sheet: CostSheet) -> str:
    return ";".join(f"{cost.kind} {cost.rate}" for cost in sheet.contingent)
