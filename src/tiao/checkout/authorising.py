"""Authorise a set of purchases: one look at all they are decided by, the decision, one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from tiao.checkout import rules, store
from tiao.checkout.loans import loan_of
from tiao.checkout.model import DeclineReason, Facts, Order, Purchase, PurchaseOutcome, SignedQuote
from tiao.checkout.offers import OfferBook
from tiao.checkout.refusals import CostSheetChanged, NoCreditLine, QuoteAlreadyUsed, QuoteUnknown
from tiao.lending import booking
from tiao.lending.model import Plan
from tiao.lending.records import NewLoan
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scenes.rules import check_sale
from tiao.risk.outcomes import RiskOutcome
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

#: How long an authorisation holds the line (as Klarna's 28 days; reference/loans section 9).
HOLD = timedelta(days=28)
#: How long an outcome stands: a code comes at once, a person within three days.
LEASES = {
    PurchaseOutcome.AUTHORISED: HOLD,
    PurchaseOutcome.DECLINED: HOLD,
    PurchaseOutcome.STEP_UP: timedelta(minutes=15),
    PurchaseOutcome.IN_REVIEW: timedelta(days=3),
}
_OUTCOMES = {
    RiskOutcome.APPROVE: PurchaseOutcome.AUTHORISED,
    RiskOutcome.STEP_UP: PurchaseOutcome.STEP_UP,
    RiskOutcome.REVIEW: PurchaseOutcome.IN_REVIEW,
    RiskOutcome.DECLINE: PurchaseOutcome.DECLINED,
}


class Decided(NamedTuple):
    """A set decided. *answers* are in the order of the orders; the purchases are new, those with a loan come first."""

    answers: list[Purchase | Refusal]
    captured: list[Purchase]
    others: list[Purchase]
    loans: list[NewLoan]


class Planned(NamedTuple):
    """A set as far as it is decided without risk control: what is answered already, and the plans of the others."""

    answers: dict[int, Purchase | Refusal]
    plans: dict[int, Plan]


def decide(now: Moment, book: OfferBook, orders: Sequence[Order], facts: Sequence[Facts]) -> Decided:
    """Decide a set where nobody judges fraud: `plan`, then `conclude`."""
    planned = plan(now, book, orders, facts)
    return conclude(now, book, orders, facts, planned, [RiskOutcome.APPROVE] * len(planned.plans))


def plan(now: Moment, book: OfferBook, orders: Sequence[Order], facts: Sequence[Facts]) -> Planned:
    """Sort a set out, each order by itself: which are answered already, and the plan of each that becomes a purchase.

    A wrong order is refused and nothing is stored of it. A key seen before gives the stored purchase.
    """
    assert len({order.line_id for order in orders}) == len(orders), "a set has at most one order for each line"
    answers: dict[int, Purchase | Refusal] = {}
    plans: dict[int, Plan] = {}
    for place, (order, seen) in enumerate(zip(orders, facts, strict=True)):
        if seen.known is not None:
            answers[place] = rules.repeated(order, seen.known)
            continue
        try:
            plans[place] = _plan(now, book, order, seen)
        except Refusal as refusal:
            answers[place] = refusal
    return Planned(answers, plans)


def conclude(
    now: Moment,
    book: OfferBook,
    orders: Sequence[Order],
    facts: Sequence[Facts],
    planned: Planned,
    risks: Sequence[RiskOutcome],
) -> Decided:
    """Make purchases of a set: authorised, suspended or declined. *risks* are in the order of the plans."""
    answers = dict(planned.answers)
    made = Decided([], [], [], [])
    for (place, its_plan), risk in zip(planned.plans.items(), risks, strict=True):
        answers[place] = _decided(now, book, orders[place], facts[place], its_plan, risk, made)
    made.answers.extend(answers[place] for place in range(len(orders)))
    return made


def _decided(
    now: Moment, book: OfferBook, order: Order, seen: Facts, plan: Plan, risk: RiskOutcome, made: Decided
) -> Purchase:
    reasons = rules.decide(order, seen, now.today)
    if risk is RiskOutcome.DECLINE:
        reasons.append(DeclineReason.RISK)
    outcome = PurchaseOutcome.DECLINED if reasons else _OUTCOMES[risk]
    is_captured = order.is_captured and outcome is PurchaseOutcome.AUTHORISED
    purchase = _purchase(now, order, outcome, reasons, is_captured=is_captured)
    if not is_captured:
        made.others.append(purchase)
        return purchase
    made.captured.append(purchase)
    discount = rules.discount(order.amount_minor, seen.discount_rate)
    # The loan has the id of its purchase; a later capture has one of its own.
    made.loans.append(loan_of(now, book, purchase, plan, purchase.id, discount, agreed_on=now.today))
    return purchase


async def write(tx: Tx, now: Moment, decided: Decided) -> None:
    """Write what was decided, in one statement. Refuses: CreditLimitExceeded, PurchaseKeyReused, QuoteAlreadyUsed."""
    purchases = decided.captured + decided.others
    if purchases:
        booked = booking.arrays(decided.loans, recorded_at=now.at, today=now.today)
        await store.insert_purchases(tx, purchases, booked)


def _plan(now: Moment, book: OfferBook, order: Order, seen: Facts) -> Plan:
    """Make the plan of an order that is right as such. Refuses: what is wrong with it."""
    if not seen.has_line:
        raise NoCreditLine
    if seen.merchant_status is None:
        raise MerchantUnknown
    if order.quote_id and seen.quote is None:
        raise QuoteUnknown
    if seen.quote is not None and seen.quote.is_used:
        raise QuoteAlreadyUsed
    rules.check_order(order, seen, now.at)
    check_sale(book.scene(seen.scene, now.today), order.amount_minor, order.plan)
    plan = book.plan(
        order.plan, order.fee_payer, order.amount_minor, taken_on=now.today, statement_day=seen.statement_day
    )
    if seen.quote is not None:
        _check_signed(now, book, seen.quote, plan)
    return plan


def _check_signed(now: Moment, book: OfferBook, quote: SignedQuote, plan: Plan) -> None:
    """Hold the plan against the cost sheet that the customer confirmed: midnight or a new price may lie between.

    Refuses: CostSheetChanged.
    """
    signed = quote.cost_sheet_digest
    if signed is not None and book.cost_sheet(plan, currency=quote.currency, on=now.today).digest != signed:
        raise CostSheetChanged


def _purchase(
    now: Moment, order: Order, outcome: PurchaseOutcome, reasons: list[str], *, is_captured: bool
) -> Purchase:
    bucket = bucket_of(order.line_id)
    return Purchase(
        bucket=bucket,
        id=now.new_id(bucket),
        idempotency_id=order.idempotency_id,
        line_id=order.line_id,
        customer_id=order.customer_id,
        merchant_id=order.merchant_id,
        quote_id=order.quote_id,
        plan_code=order.plan,
        fee_payer=order.fee_payer.value,
        reference=order.reference,
        currency=order.currency,
        amount_minor=order.amount_minor,
        captured_minor=order.amount_minor if is_captured else 0,
        released_minor=0,
        refunded_minor=0,
        outcome=outcome,
        decline_reasons=reasons,
        closed_as="captured" if is_captured else None,
        authorised_at=now.at,
        expires_at=now.at + LEASES[outcome],
        is_capture_asked=order.is_captured,
    )
