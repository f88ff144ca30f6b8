"""What can be done at the checkout, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.checkout import rules, store
from tiao.checkout.model import Order, Purchase, PurchaseOutcome, Quote
from tiao.checkout.offers import OfferBook
from tiao.checkout.refusals import (
    CostSheetChanged,
    CurrencyMismatch,
    NoCreditLine,
    PurchaseUnknown,
    QuoteAlreadyAccepted,
    QuoteAlreadyUsed,
    QuoteExpired,
    QuoteUnknown,
)
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.lending import actions as lending
from tiao.lending import daily
from tiao.lending.disclosure import CostSheetAck, check_acknowledged
from tiao.lending.model import BillingMode, FeePayer, Plan
from tiao.lending.records import NewLoan
from tiao.partners import actions as partners
from tiao.partners.model import Merchant
from tiao.partners.refusals import MerchantUnknown
from tiao.runtime.clock import business_date
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of, derived_id
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

#: How long an authorisation holds the line (as Klarna's 28 days; reference/loans section 9).
HOLD = timedelta(days=28)
#: How long an offer stands.
QUOTE_TIME = timedelta(minutes=30)


class _Decided(NamedTuple):
    order: Order
    purchase: Purchase
    plan: Plan
    merchant: Merchant
    line: CreditLine


async def quote(  # noqa: PLR0913  each is what the merchant asks about
    tx: Tx,
    now: Moment,
    book: OfferBook,
    *,
    merchant_id: UUID,
    customer_id: UUID,
    currency: str,
    amount_minor: int,
    mode: BillingMode,
    fee_payer: FeePayer,
) -> Quote:
    """Offer every plan for a purchase, with each instalment, the total cost and the yearly price.

    Refuses: AmountInvalid, NoCreditLine, CurrencyMismatch, MerchantUnknown.
    """
    rules.check_amount(amount_minor)
    await partners.merchant(tx, merchant_id)
    lines = await ledger.lines_of_customers(tx, [customer_id])
    if customer_id not in lines:
        raise NoCreditLine
    line = lines[customer_id]
    if currency != line.currency:
        raise CurrencyMismatch(f"the line is in {line.currency}", pointer="/currency")
    made = Quote(
        bucket=line.bucket,
        id=now.new_id(line.bucket),
        merchant_id=merchant_id,
        customer_id=customer_id,
        line_id=line.id,
        currency=currency,
        amount_minor=amount_minor,
        offers=book.offers(
            amount_minor,
            currency=currency,
            on=now.today,
            statement_day=line.statement_day,
            mode=mode,
            fee_payer=fee_payer,
        ),
        created_at=now.at,
        expires_at=now.at + QUOTE_TIME,
    )
    await store.insert_quote(tx, made)
    return made


async def quote_of(tx: Tx, quote_id: UUID) -> Quote:
    """Read a quote. Refuses: QuoteUnknown."""
    found = await store.read_quotes(tx, [quote_id])
    if quote_id not in found:
        raise QuoteUnknown
    return found[quote_id]


async def accept(
    tx: Tx, now: Moment, book: OfferBook, quote_id: UUID, *, customer_id: UUID, plan: str, ack: CostSheetAck | None
) -> Quote:
    """Let the customer accept one plan, having seen and confirmed its cost sheet. Accepting it again changes nothing.

    Refuses: QuoteUnknown, QuoteExpired, QuoteAlreadyAccepted, PlanNotQuoted, CostSheetNotAcknowledged,
    CostSheetChanged, ReadingTimeNotOver.
    """
    found = await store.lock_quote(tx, quote_id)
    if found is None or found.customer_id != customer_id:
        raise QuoteUnknown
    if now.at >= found.expires_at:
        raise QuoteExpired
    offer = rules.offer_of(found.offers, plan)
    if found.accepted_plan is not None:
        if found.accepted_plan != plan:
            raise QuoteAlreadyAccepted
        return found
    line = await ledger.line(tx, found.line_id)
    made = book.plan(plan, offer.fee_payer, found.amount_minor, taken_on=now.today, statement_day=line.statement_day)
    sheet = book.cost_sheet(made, currency=found.currency, on=now.today)
    if sheet.digest != offer.cost_sheet_digest:
        raise CostSheetChanged
    check_acknowledged(sheet, ack, pack=book.pack, lender_type=book.lender_type, contract_on=now.today)
    await store.update_accepted(tx, quote_id, plan=plan, digest=sheet.digest, at=now.at)
    return msgspec.structs.replace(found, accepted_plan=plan, accepted_at=now.at, cost_sheet_digest=sheet.digest)


async def authorise(tx: Tx, now: Moment, book: OfferBook, orders: Sequence[Order]) -> list[Purchase | Refusal]:
    """Authorise a set of purchases, and capture those that ask for it, as one serial order would.

    At most one order for each line in a set. Each answer stands for itself: a purchase, authorised or declined with its
    reasons, or a refusal of a wrong order, for which nothing is stored. A key seen before gives the stored purchase.
    """
    if not orders:
        return []
    lines = await ledger.lock_lines(tx, [order.line_id for order in orders])
    assert len({order.line_id for order in orders}) == len(orders), "a set has at most one order for each line"
    known = await store.read_known(tx, [order.idempotency_id for order in orders])
    quote_ids = [order.quote_id for order in orders if order.quote_id]
    read = _Read(
        lines=lines,
        merchants=await partners.merchants(tx, sorted({order.merchant_id for order in orders})),
        quotes=await store.read_quotes(tx, quote_ids),
        used_quotes=await store.read_used_quotes(tx, quote_ids),
        overdue=await daily.overdue_lines(tx, list(lines), now.today),
    )

    answers: list[Purchase | Refusal] = []
    decided: list[_Decided] = []
    for order in orders:
        if order.idempotency_id in known:
            answers.append(rules.repeated(order, known[order.idempotency_id]))
            continue
        made = _decide(now, book, order, read)
        answers.append(made if isinstance(made, Refusal) else made.purchase)
        if isinstance(made, _Decided):
            decided.append(made)
    await _save(tx, now, book, decided)
    return answers


class _Read(NamedTuple):
    """Everything that was read for a set, under the locks of its lines."""

    lines: dict[UUID, CreditLine]
    merchants: dict[UUID, Merchant]
    quotes: dict[UUID, Quote]
    used_quotes: set[UUID]
    overdue: set[UUID]


def _decide(now: Moment, book: OfferBook, order: Order, read: _Read) -> _Decided | Refusal:
    try:
        line, merchant = _checked(now, order, read)
        plan = book.plan(
            order.plan, order.fee_payer, order.amount_minor, taken_on=now.today, statement_day=line.statement_day
        )
        _check_signed(now, book, order, read, plan)
    except Refusal as refusal:
        return refusal
    reasons = rules.decide(order, rules.Facts(line, merchant, order.line_id in read.overdue))
    is_captured = order.is_captured and not reasons
    purchase = Purchase(
        bucket=line.bucket,
        id=now.new_id(line.bucket),
        idempotency_id=order.idempotency_id,
        digest=order.digest,
        line_id=line.id,
        customer_id=line.customer_id,
        merchant_id=merchant.id,
        quote_id=order.quote_id,
        plan_code=order.plan,
        fee_payer=order.fee_payer.value,
        reference=order.reference,
        currency=order.currency,
        amount_minor=order.amount_minor,
        captured_minor=order.amount_minor if is_captured else 0,
        released_minor=0,
        refunded_minor=0,
        outcome=PurchaseOutcome.DECLINED if reasons else PurchaseOutcome.AUTHORISED,
        decline_reasons=list(reasons),
        closed_as="captured" if is_captured else None,
        authorised_at=now.at,
        expires_at=now.at + HOLD,
    )
    return _Decided(order, purchase, plan, merchant, line)


def _check_signed(now: Moment, book: OfferBook, order: Order, read: _Read, plan: Plan) -> None:
    """Hold the plan against the cost sheet that the customer confirmed: midnight or a new price may lie between.

    Refuses: CostSheetChanged.
    """
    signed = read.quotes[order.quote_id].cost_sheet_digest if order.quote_id else None
    if signed is not None and book.cost_sheet(plan, currency=order.currency, on=now.today).digest != signed:
        raise CostSheetChanged


def _checked(now: Moment, order: Order, read: _Read) -> tuple[CreditLine, Merchant]:
    """Find the line and the merchant of an order that is right as such. Refuses: what is wrong with it."""
    if order.line_id not in read.lines:
        raise NoCreditLine
    if order.merchant_id not in read.merchants:
        raise MerchantUnknown
    quote = read.quotes.get(order.quote_id) if order.quote_id else None
    if order.quote_id and quote is None:
        raise QuoteUnknown
    if order.quote_id in read.used_quotes:
        raise QuoteAlreadyUsed
    rules.check_order(order, read.lines[order.line_id], quote, now.at)
    return read.lines[order.line_id], read.merchants[order.merchant_id]


async def _save(tx: Tx, now: Moment, book: OfferBook, decided: Sequence[_Decided]) -> None:
    if not decided:
        return
    await store.insert_purchases(
        tx, [one.purchase for one in decided], at=now.at, expires_at=decided[0].purchase.expires_at
    )
    authorised = [one for one in decided if one.purchase.outcome == PurchaseOutcome.AUTHORISED]
    await ledger.hold(tx, [(one.line.id, one.purchase.amount_minor) for one in authorised if not one.order.is_captured])
    await lending.book(
        tx,
        now,
        [
            _loan(
                now,
                book,
                one.purchase,
                one.plan,
                one.merchant,
                now.new_id(one.line.bucket),
                released_minor=0,
                agreed_on=now.today,
            )
            for one in authorised
            if one.order.is_captured
        ],
    )


def _loan(
    now: Moment,
    book: OfferBook,
    purchase: Purchase,
    plan: Plan,
    merchant: Merchant,
    loan_id: UUID,
    *,
    released_minor: int,
    agreed_on: date,
) -> NewLoan:
    return NewLoan(
        id=loan_id,
        purchase_id=purchase.id,
        line_id=purchase.line_id,
        customer_id=purchase.customer_id,
        merchant_id=purchase.merchant_id,
        currency=purchase.currency,
        plan=plan,
        discount_minor=rules.discount(plan.principal_minor, merchant),
        penalty_ppm=book.conditions(agreed_on).penalty_ppm,
        taken_on=now.today,
        released_hold_minor=released_minor,
    )


async def purchase_of(tx: Tx, purchase_id: UUID) -> Purchase:
    """Read a purchase. Refuses: PurchaseUnknown."""
    found = await store.read_purchase(tx, purchase_id)
    if found is None:
        raise PurchaseUnknown
    return found


async def locked_purchase(tx: Tx, purchase_id: UUID) -> tuple[Purchase, CreditLine]:
    """Read a purchase under the lock of its line, as everything that changes it does."""
    found = await purchase_of(tx, purchase_id)
    lines = await ledger.lock_lines(tx, [found.line_id])
    return await purchase_of(tx, purchase_id), lines[found.line_id]


async def capture(
    tx: Tx, now: Moment, book: OfferBook, purchase_id: UUID, *, amount_minor: int, is_final: bool, key: str
) -> tuple[Purchase, UUID]:
    """Capture all or part of what is held: the goods have left. Each capture is a loan with its own plan.

    *is_final* lets the rest of the hold go. *key* makes it happen once: the caller answers a repeated one.
    Refuses: PurchaseUnknown, PurchaseNotOpen, AuthorisationExpired, CaptureExceedsAuthorised, AmountInvalid.
    """
    purchase, line = await locked_purchase(tx, purchase_id)
    rules.check_capture(purchase, amount_minor, now.at)
    merchant = await partners.merchant(tx, purchase.merchant_id)
    agreed_on = business_date(purchase.authorised_at, book.zone)
    plan = book.plan_of_part(
        purchase.plan_code,
        FeePayer(purchase.fee_payer),
        amount_minor,
        agreed_on=agreed_on,
        taken_on=now.today,
        statement_day=line.statement_day,
    )
    loan_id = derived_id("capture", purchase_id, key, bucket=bucket_of(purchase_id))
    loan = _loan(now, book, purchase, plan, merchant, loan_id, released_minor=amount_minor, agreed_on=agreed_on)
    await lending.book(tx, now, [loan])
    rest = purchase.held_minor - amount_minor
    if is_final and rest:
        await ledger.hold(tx, [(line.id, -rest)])
    await store.change_purchase(
        tx,
        purchase_id,
        captured_minor=amount_minor,
        released_minor=rest if is_final else 0,
        closed_as="captured" if is_final or rest == 0 else None,
    )
    return await purchase_of(tx, purchase_id), loan_id


async def void(tx: Tx, now: Moment, purchase_id: UUID) -> Purchase:
    """Let go of what is held; what was captured stays. Voiding again changes nothing.

    Refuses: PurchaseUnknown, PurchaseNotOpen.
    """
    purchase, line = await locked_purchase(tx, purchase_id)
    if purchase.closed_as == "voided":
        return purchase
    rules.check_open(purchase, min(now.at, purchase.expires_at - timedelta(microseconds=1)))
    await ledger.hold(tx, [(line.id, -purchase.held_minor)])
    await store.change_purchase(tx, purchase_id, released_minor=purchase.held_minor, closed_as="voided")
    return await purchase_of(tx, purchase_id)


async def expire(tx: Tx, first: int, last: int, at: datetime) -> int:
    """Let authorisations of a range of buckets go whose time has run out by *at*."""
    return await store.expire(tx, first, last, at)


async def purchases_of_merchant(
    tx: Tx, merchant_id: UUID, *, before_at: datetime, before_id: UUID, limit: int
) -> list[Purchase]:
    """Read a merchant's purchases, latest first."""
    return await store.read_purchases_of_merchant(
        tx, merchant_id, before_at=before_at, before_id=before_id, limit=limit
    )


async def purchases_of_customer(
    tx: Tx, customer_id: UUID, *, before_at: datetime, before_id: UUID, limit: int
) -> list[Purchase]:
    """Read a customer's purchases, latest first."""
    return await store.read_purchases_of_customer(
        tx, customer_id, before_at=before_at, before_id=before_id, limit=limit
    )
