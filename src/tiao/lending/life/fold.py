"""Fold the facts of a line into what it owes, penalties between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from tiao.lending.allocation import DEFAULT_ORDER, AllocationOrder, allocate, allocate_payoff, with_fallen
from tiao.lending.interest import falls_with, payable_minor
from tiao.lending.life.carrying import carry_on
from tiao.lending.life.facts import (
    Carried,
    Charged,
    Component,
    Deferred,
    Event,
    Lent,
    PaidOut,
    Paused,
    Received,
    Refunded,
    Rescheduled,
    Waived,
    WrittenOff,
    place_of,
)
from tiao.lending.life.part import Booking, Life, Part, TakenOff
from tiao.lending.life.rescheduling import reschedule
from tiao.lending.model import CostKind, InstalmentKey, OpenInstalment
from tiao.lending.refunds import RefundableInstalment, RefundablePurchase, interest_of, refund_plan

_ONE_DAY = timedelta(days=1)


def fold(events: Iterable[Event], *, through: date, order: AllocationOrder = DEFAULT_ORDER) -> Life:
    """Live a line again: events in effective order, recorded order within a day, penalties between them.

    *through* is the last day whose penalties are charged.
    """
    life = Life()
    for event in sorted(events, key=place_of):
        day = event.fact.effective_on
        life.accrue(min(day - _ONE_DAY, through))
        _apply(life, event, day, order)
        _settle(life, day)
    life.accrue(through)
    return life


def _apply(life: Life, event: Event, day: date, order: AllocationOrder) -> None:  # noqa: C901, PLR0912  a case for each fact
    match event:
        case Lent():
            _lend(life, event)
        case Received():
            _receive(life, event, day, order)
        case PaidOut():
            life.credit -= event.amount_minor
        case Refunded():
            _refund(life, event)
        case WrittenOff():
            _write_off(life, event, day)
        case Waived():
            _waive(life, event)
        case Charged():
            part = _part(life, event.key)
            if event.component is Component.PENALTY:
                part.penalty_charged += event.amount_minor
            else:
                part.fee += event.amount_minor
                part.fee_charged += event.amount_minor
        case Paused():
            life.pauses.append(event)
        case Deferred():
            _part(life, event.key).due_on = event.due_on
        case Carried():
            carry_on(life, event)
        case Rescheduled():
            reschedule(life, event)


def _lend(life: Life, event: Lent) -> None:
    life.parts[event.loan_id] = [
        Part(
            InstalmentKey(event.loan_id, agreed.number),
            agreed.statement_on,
            agreed.due_on,
            agreed.principal_minor,
            agreed.fee_minor,
            agreed.subsidy_minor,
            event.penalty_ppm,
            agreed.interest_from_on,
            agreed.interest_on_minor,
        )
        for agreed in event.parts
    ]
    life.purchases.setdefault(event.purchase_id, []).append(event.loan_id)
    if event.is_refinancing:
        life.refinancings.add(event.loan_id)


def _receive(life: Life, event: Received, day: date, order: AllocationOrder) -> None:
    parts = sorted(life.every_part(), key=lambda part: _turn(life, part))
    owed = [part for part in parts if part.open and not event.is_recovery and _may_take(life, part, event, day)]
    items = [_as_open(part, day, is_payoff=event.is_payoff) for part in owed]
    fallen: dict[InstalmentKey, int] = {}
    if event.is_payoff:
        allocated, overpaid, fallen = allocate_payoff(event.amount_minor, items, order)
    else:
        allocated, overpaid = allocate(event.amount_minor, items, order)
    recovered = min(overpaid, max(life.unrecovered, 0)) if event.may_recover else 0
    overpaid -= recovered
    life.unrecovered -= recovered
    bearing = [part.as_bearing for part in parts if part.open]
    fallen |= falls_with(bearing, allocated, day, is_payoff=event.is_payoff)
    allocated = with_fallen(allocated, fallen)
    by_key = {part.key: part for part in parts}
    booking = Booking(
        parts=allocated,
        overpaid=overpaid,
        recovered=recovered,
        taken_off=[TakenOff(key, fee_minor=fee) for key, fee in fallen.items()],
    )
    for share in allocated:
        part = by_key[share.instalment_id]
        part.is_billed_early = part.is_billed_early or (
            not part.is_billed(day) and (part.interest_from_on is None or share.interest_minor > 0)
        )
        part.principal_paid += share.principal_minor
        part.fee_paid += share.cost_minor
        part.fee_cancelled += fallen.get(part.key, 0)
        part.penalty_paid += share.penalty_minor
    life.credit += overpaid - (event.amount_minor if event.is_from_credit else 0)
    life.bookings[event.fact.id] = booking


def _turn(life: Life, part: Part) -> tuple[date, bool, bool, InstalmentKey]:
    """Say when a part's turn comes: of one due date plans, then what bears interest, then what may be carried on."""
    return part.due_on, len(life.parts[part.key.loan_id]) == 1, part.carry_ppm == 0, part.key


def _may_take(life: Life, part: Part, event: Received, day: date) -> bool:
    if event.only_loan_id is not None:
        return part.key.loan_id == event.only_loan_id
    if event.only_statement_on is not None:
        return part.statement_on == event.only_statement_on and len(life.parts[part.key.loan_id]) == 1
    if event.is_billed_only:
        return part.is_billed(day)
    is_free = part.fee_open == 0 or part.key.loan_id in life.refinancings
    return not event.is_narrow or part.is_billed(day) or is_free


def _refund(life: Life, event: Refunded) -> None:
    loans = sorted(life.purchases.get(event.purchase_id, []))
    parts = [part for loan in loans for part in life.parts[loan]]
    before = life.refunded.get(event.purchase_id, 0)
    day = event.fact.effective_on
    effect = refund_plan(as_refundable(parts, before, day), event.amount_minor, event.policy)
    life.refunded[event.purchase_id] = before + event.amount_minor
    booking = Booking()
    left, subsidy_left = event.kept_minor, effect.subsidy_reversed_minor
    for part, offset, after in reversed(list(zip(parts, effect.offset_minor, effect.open_after, strict=True))):
        principal = min(offset, left)
        left -= principal
        # The fee falls by the whole refund's rule even where less comes off, for the goods went back all the same.
        # One that was waived or fell away by an early payoff has fallen already.
        fee = max(0, part.fee_open - after.fee_minor)
        subsidy = min(subsidy_left, part.subsidy - part.subsidy_cancelled)
        subsidy_left -= subsidy
        if principal or fee or subsidy:
            booking.taken_off.append(TakenOff(part.key, principal, fee, subsidy))
            part.principal_refunded += principal
            part.fee_cancelled += fee
            part.subsidy_cancelled += subsidy
    made_good = life.recovered_by_refund.get(event.purchase_id, 0)
    lost = sum(part.principal_written_off for part in parts)
    booking.recovered = recovered_by_refund(left, lost - made_good, life.unrecovered)
    life.recovered_by_refund[event.purchase_id] = made_good + booking.recovered
    life.unrecovered -= booking.recovered
    booking.shortfall = left - booking.recovered
    life.credit += booking.shortfall
    life.bookings[event.fact.id] = booking


def recovered_by_refund(surplus_minor: int, lost_minor: int, unrecovered_minor: int) -> int:
    """Find what of a refund's surplus makes a loss good: principal written off that nobody has paid since.

    *lost_minor* is the purchase's own, *unrecovered_minor* what the whole line still owes of what was written off.
    """
    return max(0, min(surplus_minor, lost_minor, unrecovered_minor))


def _write_off(life: Life, event: WrittenOff, day: date) -> None:
    parts = [part for part in life.parts[event.loan_id] if part.settled_on is None]
    booking = Booking(
        lost=(
            sum(part.principal_open for part in parts),
            sum(part.fee_open for part in parts if part.is_billed(day)),
            sum(part.penalty_open for part in parts),
        )
    )
    life.unrecovered += sum(booking.lost)
    for part in parts:
        booking.taken_off.append(
            TakenOff(part.key, part.principal_open, part.fee_open, penalty_minor=part.penalty_open)
        )
        part.principal_written_off += part.principal_open
        part.fee_written_off += part.fee_open
        part.penalty_waived += part.penalty_open
        part.is_billed_early = True
    life.bookings[event.fact.id] = booking


def _waive(life: Life, event: Waived) -> None:
    left = event.amount_minor
    booking = Booking()
    for part in sorted(life.parts[event.loan_id], key=lambda each: each.due_on):
        of_fee = event.component is Component.FEE
        share = min(left, part.fee_open if of_fee else part.penalty_open)
        left -= share
        if of_fee:
            part.fee_cancelled += share
        else:
            part.penalty_waived += share
        if share:
            booking.taken_off.append(
                TakenOff(part.key, fee_minor=share if of_fee else 0, penalty_minor=0 if of_fee else share)
            )
    booking.shortfall = left
    life.bookings[event.fact.id] = booking


def _settle(life: Life, day: date) -> None:
    for parts in life.parts.values():
        for part in parts:
            if part.open:
                part.settled_on = None
            elif part.settled_on is None:
                part.settled_on = day


def as_refundable(parts: Sequence[Part], refunded_before_minor: int, day: date) -> RefundablePurchase:
    """See the plans of a purchase as a refund does; a written-off part is no longer open, like a paid one."""
    return RefundablePurchase(
        captured_minor=sum(part.principal for part in parts),
        instalments=tuple(
            RefundableInstalment(
                principal_minor=part.principal,
                fee_minor=part.fee,
                principal_paid_minor=part.principal_paid + part.principal_written_off,
                fee_paid_minor=part.fee_paid + part.fee_written_off,
                principal_refunded_minor=part.principal_refunded,
                loan_id=part.key.loan_id,
                interest=interest_of(part.as_bearing, day),
            )
            for part in parts
        ),
        refunded_minor=refunded_before_minor,
        subsidy_minor=sum(part.subsidy for part in parts),
        subsidy_reversed_minor=sum(part.subsidy_cancelled for part in parts),
    )


def _as_open(part: Part, day: date, *, is_payoff: bool) -> OpenInstalment:
    is_interest = part.interest_from_on is not None
    interest = payable_minor(part.as_bearing, day, is_payoff=is_payoff) if is_interest else part.fee_open
    return OpenInstalment(
        instalment_id=part.key,
        due_on=part.due_on,
        is_billed=part.statement_on <= day or (part.is_billed_early and not is_interest),
        principal_minor=part.principal_open,
        fee_minor=part.fee_open if part.cost_kind is CostKind.FEE else 0,
        interest_minor=interest if part.cost_kind is CostKind.INTEREST else 0,
        penalty_minor=part.penalty_open,
    )


def _part(life: Life, key: InstalmentKey) -> Part:
    return next(part for part in life.parts[key.loan_id] if part.key == key)
