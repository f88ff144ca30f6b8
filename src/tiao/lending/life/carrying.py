"""Living the minimum payment: what is left of a statement is carried on, or nothing is, as its minimum was paid."""

from __future__ import annotations

from datetime import timedelta

from tiao.lending.life.facts import Carried
from tiao.lending.life.part import Accrual, Booking, Life, Part
from tiao.lending.model import AllocatedPart, InstalmentKey
from tiao.lending.penalties import MICRO
from tiao.lending.revolving import Carry, Owed, carry

_NOTHING = Carry(0, 0, (), 0, 0, 0)


def carry_on(life: Life, event: Carried) -> None:
    """Pay off what is carried, and let a loan of the next statement owe it with daily interest."""
    made = (
        _NOTHING
        if event.is_undone
        else carry(
            [_owed(life, part) for part in life.every_part()],
            statement_on=event.statement_on,
            due_on=event.due_on,
            terms=event.terms,
        )
    )
    parts = {part.key: part for part in life.every_part()}
    for key, minor in made.parts:
        parts[key].principal_paid += minor
    life.bookings[event.fact.id] = Booking([AllocatedPart(key, 0, 0, 0, minor) for key, minor in made.parts])
    life.parts[event.loan_id] = [_balance(event, made)]
    life.purchases.setdefault(event.fact.id, []).append(event.loan_id)
    life.refinancings.add(event.loan_id)


def _balance(event: Carried, made: Carry) -> Part:
    part = Part(
        InstalmentKey(event.loan_id, 1),
        event.next_statement_on,
        event.next_due_on,
        made.amount_minor,
        made.backlog_micros // MICRO,
        0,
        event.penalty_ppm,
        is_billed_early=True,
        carry_ppm=event.terms.carry_ppm,
        carry_micros=made.backlog_micros,
        carry_through=event.due_on,
    )
    if made.backlog_micros:
        since = event.due_on - timedelta(days=made.backlog_days - 1)
        ppm = made.backlog_micros // (made.backlog_minor * made.backlog_days)
        part.interest.append(Accrual(since, event.due_on, made.backlog_days, made.backlog_minor, ppm))
    return part


def _owed(life: Life, part: Part) -> Owed:
    return Owed(
        part.key,
        part.statement_on,
        part.due_on,
        len(life.parts[part.key.loan_id]) == 1,
        part.principal - part.principal_refunded - part.principal_written_off,
        part.principal_open,
        part.fee_open + part.penalty_open,
        part.carry_ppm,
    )
