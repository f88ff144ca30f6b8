"""How a number came about, as a person would check it: pure, from the facts of a line and its life lived again.

Every explanation is lines whose amounts add up to its total. A line is a key of the catalogue and what it speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from tiao.lending import life
from tiao.lending.archive import LineFacts, events
from tiao.lending.life import Accrual, AgreedPart, Booking, Component, Event, Life, Part, TakenOff, fold
from tiao.lending.model import CostKind, InstalmentKey, PlanTerms, Pricing
from tiao.lending.penalties import MICRO
from tiao.lending.records import Loan, Refund, Repayment
from tiao.lending.refunds import RefundPolicy
from tiao.lending.refusals import InstalmentUnknown, LoanUnknown, RefundUnknown, RepaymentUnknown
from tiao.lending.schedule.terms import DayCount
from tiao.lending.told import Micros, Named, Told, Value
from tiao.values.ids import bucket_of, derived_id
from tiao.values.money import Rounding, round_minor

#: How interest counts days: a month of 30 days is one whichever it is.
_DAYS_OF_MONTH = 30
_DAYS_OF_YEAR = {DayCount.THIRTY_360: 360, DayCount.ACT_360: 360, DayCount.ACT_365: 365}


#: The terms a loan was sold on; None where no product of the shelf says so any more.
TermsOf = Callable[[Loan], PlanTerms | None]


class Explanation(NamedTuple):
    """How a total came about. Its lines add up to it."""

    total_minor: int
    lines: tuple[Told, ...]


class Story(NamedTuple):
    """A line's facts, in the order in which they count, and what they came to."""

    facts: LineFacts
    told: tuple[Event, ...]
    life: Life
    terms_of: TermsOf


def story_of(facts: LineFacts, *, through: date, policy_of: Callable[[date], RefundPolicy], terms_of: TermsOf) -> Story:
    """Live a line again to tell of it; *through* is the last day whose penalties are charged."""
    happened = sorted(events(facts, policy_of), key=life.place_of)
    return Story(facts, tuple(happened), fold(happened, through=through), terms_of)


def explain_instalment(story: Story, key: InstalmentKey) -> Explanation:
    """Explain what one instalment owes. Refuses: LoanUnknown, InstalmentUnknown."""
    parts = _parts(story, key.loan_id)
    part = next((each for each in parts if each.key == key), None)
    if part is None:
        raise InstalmentUnknown(pointer="/number")
    lines = [*_agreed(story, part, parts), *_penalty_days(part), *_changes(story, {key})]
    return _explained(part.open, lines)


def explain_loan(story: Story, loan_id: UUID) -> Explanation:
    """Explain what a loan owes: lent, fees, penalties, less each repayment and refund. Refuses: LoanUnknown."""
    return _balance(story, [loan_id])


def explain_line(story: Story) -> Explanation:
    """Explain what a whole line owes, loan by loan and fact by fact."""
    return _balance(story, sorted(story.life.parts))


def explain_repayment(story: Story, repayment_id: UUID) -> Explanation:
    """Explain where a repayment went. Refuses: RepaymentUnknown."""
    found = next((one for one in story.facts.repayments if one.id == repayment_id), None)
    if found is None:
        raise RepaymentUnknown
    if found.id in story.facts.reversed_ids:
        return _explained(0, [Told("reversed", 0, {"whole": found.amount_minor})])
    return _explained(found.amount_minor, _spent(story, found))


def explain_refund(story: Story, refund_id: UUID) -> Explanation:
    """Explain what a refund took off, which fee fell, and where the rest went. Refuses: RefundUnknown."""
    found = next((one for one in story.facts.refunds if one.id == refund_id), None)
    if found is None:
        raise RefundUnknown
    return _explained(found.amount_minor, _refund_lines(story, found))


def _spent(story: Story, found: Repayment) -> list[Told]:
    booking = story.life.bookings[found.id]
    lines = [
        Told(
            "put_on",
            share.total_minor,
            {
                "loan": Named("loa", share.instalment_id.loan_id),
                "number": Decimal(share.instalment_id.number),
                "penalty": share.penalty_minor,
                "fee": share.fee_minor,
                "interest": share.interest_minor,
                "principal": share.principal_minor,
            },
        )
        for share in booking.parts
        if share.total_minor
    ]
    for taken in booking.taken_off:
        key = "interest_fell" if _cost_kind(story, taken.key) is CostKind.INTEREST else "fee_fell"
        lines.append(Told(key, 0, {"on": found.effective_on, "fee": taken.fee_minor}))
    if booking.recovered:
        lines.append(Told("recovered", booking.recovered, {"amount": booking.recovered}))
    if booking.overpaid:
        lines.append(Told("overpaid", booking.overpaid, {"amount": booking.overpaid}))
    return lines


def _refund_lines(story: Story, found: Refund) -> list[Told]:
    booking = story.life.bookings[found.id]
    lines = [
        Told(
            "refund_took",
            taken.principal_minor,
            {
                "loan": Named("loa", taken.key.loan_id),
                "number": Decimal(taken.key.number),
                "amount": taken.principal_minor,
                **_costs(story, [taken]),
            },
        )
        for taken in booking.taken_off
    ]
    if booking.recovered:
        lines.append(Told("refund_recovered", booking.recovered, {"amount": booking.recovered}))
    if booking.shortfall:
        lines.append(Told("refund_credit", booking.shortfall, {"amount": booking.shortfall}))
    surplus_id = derived_id("refund_surplus", found.id, bucket=bucket_of(found.id))
    used = sum(one.amount_minor for one in story.facts.repayments if one.id == surplus_id)
    for key, amount in (("refund_paid", used), ("refund_back", found.returned_minor - used)):
        if amount:
            lines.append(Told(key, amount, {"amount": amount}))
    return lines


def _agreed(story: Story, part: Part, parts: list[Part]) -> list[Told]:
    """Say how principal and fee of one instalment were agreed."""
    carried = _carried(story, part.key.loan_id)
    if carried is not None:
        return [_carried_on(carried, part), *_interest_days(part)]
    moved = _rescheduled(story, part.key.loan_id)
    if moved is not None:
        return [_moved_here(moved, [part])]
    loan = _loan(story, part.key.loan_id)
    agreed = next(
        each
        for event in story.told
        if isinstance(event, life.Lent) and event.loan_id == loan.id
        for each in event.parts
        if each.number == part.key.number
    )
    if loan.cost_kind is CostKind.INTEREST:
        return _agreed_interest(story.terms_of(loan), agreed)
    number, terms = Decimal(part.key.number), Decimal(len(parts))
    even = loan.principal_minor // len(parts)
    key = "principal_even" if agreed.principal_minor == even else "principal_spare"
    whole = loan.principal_minor
    facts: dict[str, Value] = {"number": number, "terms": terms, "whole": whole}
    lines = [Told(key, agreed.principal_minor, {**facts, "amount": agreed.principal_minor})]
    if agreed.fee_minor:
        total = sum(row.agreed_fee_minor for row in story.facts.instalments if row.loan_id == loan.id)
        sold = story.terms_of(loan)
        told: dict[str, Value] = {"number": number, "amount": agreed.fee_minor}
        rate = None if sold is None else sold.fee_rate_per_term
        if isinstance(rate, Decimal) and int(whole * rate * len(parts)) == total:
            told |= {**facts, "rate": rate * 100, "total": total}
            lines.append(Told("fee_agreed", agreed.fee_minor, told))
        else:
            lines.append(Told("fee_flat", agreed.fee_minor, told))
    return lines


def _agreed_interest(sold: PlanTerms | None, agreed: AgreedPart) -> list[Told]:
    """Say how principal and interest of an instalment were agreed: days, balance and rate, as anybody can check."""
    amount, interest, number = agreed.principal_minor, agreed.fee_minor, Decimal(agreed.number)
    facts: dict[str, Value] = {"number": number, "amount": amount}
    if sold is not None and sold.pricing is Pricing.ANNUITY:
        facts |= {"whole": amount + interest, "interest": interest}
        lines = [Told("principal_of_annuity", amount, facts)]
    else:
        lines = [Told("principal_agreed", amount, facts)]
    if agreed.interest_from_on is None:
        return lines
    told: dict[str, Value] = {
        "number": number,
        "first_on": agreed.interest_from_on,
        "last_on": agreed.statement_on,
        "base": agreed.interest_on_minor,
        "amount": interest,
    }
    if sold is not None:
        days = (agreed.statement_on - agreed.interest_from_on).days
        counted = _DAYS_OF_MONTH if sold.day_count is DayCount.THIRTY_360 else days
        year = _DAYS_OF_YEAR[sold.day_count]
        exact = agreed.interest_on_minor * Fraction(sold.rate_annual) * counted / year
        if round_minor(exact, sold.rounding) == interest:
            shown = Micros(round_minor(exact * MICRO, Rounding.HALF_EVEN))
            told |= {"days": Decimal(counted), "year": Decimal(year), "rate": sold.rate_annual * 100, "exact": shown}
            return [*lines, Told("interest_agreed", interest, told)]
    return [*lines, Told("interest_flat", interest, told)]


def _carried(story: Story, loan_id: UUID) -> life.Carried | None:
    """Find the agreement by which a balance was carried on, if this loan is one."""
    return next((each for each in story.told if isinstance(each, life.Carried) and each.loan_id == loan_id), None)


def _carried_on(event: life.Carried, part: Part) -> Told:
    facts: dict[str, Value] = {
        "loan": Named("loa", event.loan_id),
        "on": event.due_on,
        "statement_on": event.statement_on,
        "principal": part.principal,
        "rate": Decimal(event.terms.carry_ppm) / MICRO * 100,
    }
    return Told("carried_on", part.principal, facts)


def _rescheduled(story: Story, loan_id: UUID) -> life.Rescheduled | None:
    """Find how a loan was arranged anew, if this one came of it."""
    made = (each for each in story.told if isinstance(each, life.Rescheduled))
    return next((each for each in made if each.new_loan_id == loan_id), None)


def _moved_here(event: life.Rescheduled, parts: list[Part]) -> Told:
    """Say what was moved into rows, charges by hand left out: they are told of their own."""
    principal, cost = sum(part.principal for part in parts), sum(part.fee - part.fee_charged for part in parts)
    facts: dict[str, Value] = {"on": event.fact.effective_on, "loan": Named("loa", event.loan_id)}
    return Told("moved_here", principal + cost, {**facts, "principal": principal, "fee": cost})


def _moved_away(event: life.Rescheduled, booking: Booking, keys: set[InstalmentKey]) -> list[Told]:
    principal = sum(share.principal_minor for share in booking.parts if share.instalment_id in keys)
    fee = sum(taken.fee_minor for taken in booking.taken_off if taken.key in keys)
    if not principal + fee:
        return []
    facts: dict[str, Value] = {"on": event.fact.effective_on, "loan": Named("loa", event.new_loan_id)}
    return [Told("moved_away", -principal - fee, {**facts, "principal": principal, "fee": fee})]


def _interest_days(part: Part) -> list[Told]:
    """Say how daily interest built up, as a penalty does."""
    lines, micros = [], 0
    for span in part.interest:
        added = (micros + span.micros) // MICRO - micros // MICRO
        micros += span.micros
        lines.append(Told("interest_days", added, _span(part, span)))
    return lines


def _penalty_days(part: Part) -> list[Told]:
    """Say how a penalty built up; whole units are charged of the running sum, so a line may carry a fraction over."""
    lines, micros = [], 0
    for span in part.accruals:
        added = (micros + span.micros) // MICRO - micros // MICRO
        micros += span.micros
        lines.append(Told("penalty_days", added, _span(part, span)))
    return lines


def _span(part: Part, span: Accrual) -> dict[str, Value]:
    return {
        "number": Decimal(part.key.number),
        "first_on": span.first_on,
        "last_on": span.last_on,
        "days": Decimal(span.days),
        "base": span.base_minor,
        "rate": Decimal(span.ppm) / MICRO * 100,
        "exact": Micros(span.micros),
    }


def _changes(story: Story, keys: set[InstalmentKey]) -> list[Told]:
    """List what each fact added to instalments, or took off them."""
    lines = []
    for event in story.told:
        if isinstance(event, life.Charged):
            if event.key in keys:
                name = "charged_penalty" if event.component is Component.PENALTY else "charged_fee"
                facts: dict[str, Value] = {"on": event.fact.effective_on, "amount": event.amount_minor}
                lines.append(Told(name, event.amount_minor, facts))
        elif event.fact.id in story.life.bookings:
            lines += _took(story, event, story.life.bookings[event.fact.id], keys)
    return lines


def _took(story: Story, event: Event, booking: Booking, keys: set[InstalmentKey]) -> list[Told]:
    if isinstance(event, life.Rescheduled):
        return _moved_away(event, booking, keys)
    on, lines = event.fact.effective_on, []
    paid = [share for share in booking.parts if share.instalment_id in keys and share.total_minor]
    if paid and isinstance(event, life.Carried):
        principal = sum(each.principal_minor for each in paid)
        lines.append(
            Told("carried_off", -principal, {"on": on, "loan": Named("loa", event.loan_id), "principal": principal})
        )
    elif paid:
        facts: dict[str, Value] = {
            "on": on,
            "repayment": Named("rep", event.fact.id),
            "principal": sum(each.principal_minor for each in paid),
            "fee": sum(each.fee_minor for each in paid),
            "interest": sum(each.interest_minor for each in paid),
            "penalty": sum(each.penalty_minor for each in paid),
        }
        lines.append(Told("paid", -sum(each.total_minor for each in paid), facts))
    off = [each for each in booking.taken_off if each.key in keys]
    if isinstance(event, life.Received):
        for key, name in (("fee", "fee_fell"), ("interest", "interest_fell")):
            if fell := _costs(story, off)[key]:
                lines.append(Told(name, -fell, {"on": on, "fee": fell}))
        return lines
    principal, penalty = sum(each.principal_minor for each in off), sum(each.penalty_minor for each in off)
    total = principal + penalty + sum(each.fee_minor for each in off)
    if total:
        name = {life.Refunded: "refunded", life.Waived: "waived"}.get(type(event), "written_off")
        told: dict[str, Value] = {"on": on, "refund": Named("ref", event.fact.id), "principal": principal}
        lines.append(Told(name, -total, {**told, **_costs(story, off), "penalty": penalty}))
    return lines


def _costs(story: Story, off: Sequence[TakenOff]) -> dict[str, int]:
    """Add up what was taken off, fees and interest apart."""
    costs = dict.fromkeys(CostKind, 0)
    for each in off:
        costs[_cost_kind(story, each.key)] += each.fee_minor
    return {"fee": costs[CostKind.FEE], "interest": costs[CostKind.INTEREST]}


def _cost_kind(story: Story, key: InstalmentKey) -> CostKind:
    return next(part.cost_kind for part in story.life.parts[key.loan_id] if part.key == key)


def _balance(story: Story, loan_ids: Iterable[UUID]) -> Explanation:
    lines, total, keys = [], 0, set()
    for loan_id in loan_ids:
        parts = _parts(story, loan_id)
        lines += _begun(story, loan_id, parts)
        name: dict[str, Value] = {"loan": Named("loa", loan_id)}
        penalty = sum(part.penalty_micros // MICRO for part in parts)
        if penalty:
            lines.append(Told("penalties", penalty, {**name, "amount": penalty}))
        keys |= {part.key for part in parts}
        total += sum(part.open for part in parts)
    return _explained(total, [*lines, *_changes(story, keys)])


def _begun(story: Story, loan_id: UUID, parts: list[Part]) -> list[Told]:
    """Say what a loan began with: what was lent, or carried on with its interest."""
    carried = _carried(story, loan_id)
    if carried is not None:
        return [_carried_on(carried, parts[0]), *_interest_days(parts[0])]
    moved = _rescheduled(story, loan_id)
    if moved is not None:
        return [_moved_here(moved, parts)]
    agreed = next(each for each in story.told if isinstance(each, life.Lent) and each.loan_id == loan_id)
    principal = sum(part.principal_minor for part in agreed.parts)
    cost = sum(part.fee_minor for part in agreed.parts)
    is_interest = _loan(story, loan_id).cost_kind is CostKind.INTEREST
    lent: dict[str, Value] = {"loan": Named("loa", loan_id), "on": agreed.fact.effective_on, "principal": principal}
    costs: dict[str, Value] = {"fee": 0 if is_interest else cost, "interest": cost if is_interest else 0}
    return [Told("lent", principal + cost, {**lent, **costs})]


def _explained(total_minor: int, lines: Iterable[Told]) -> Explanation:
    made = Explanation(total_minor, tuple(lines))
    assert sum(line.amount_minor for line in made.lines) == total_minor, "the lines add up to what they explain"
    return made


def _parts(story: Story, loan_id: UUID) -> list[Part]:
    if loan_id not in story.life.parts:
        raise LoanUnknown
    return story.life.parts[loan_id]


def _loan(story: Story, loan_id: UUID) -> Loan:
    return next(loan for loan in story.facts.loans if loan.id == loan_id)
