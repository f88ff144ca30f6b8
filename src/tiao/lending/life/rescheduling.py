"""Living a loan that was arranged anew: what is moved leaves its rows, and a loan of its own owes it in new ones."""

from __future__ import annotations

from tiao.lending.life.facts import Rescheduled
from tiao.lending.life.part import Booking, Life, Part, TakenOff
from tiao.lending.model import AllocatedPart, InstalmentKey


def reschedule(life: Life, event: Rescheduled) -> None:
    """Move what is overdue, or all that is open with the fees of terms to come; principal as it is. No money moves.

    Penalties stay where they are: they never become principal. So do billed fees: they are earned, and on rows to come
    an early payoff would let them fall away. Rounds: down; the last new row takes what is left.
    """
    day = event.fact.effective_on
    booking = Booking()
    principal = fee = 0
    for part in [] if event.is_undone else life.parts[event.loan_id]:
        if part.open == 0 or not (event.moves_all or part.due_on < day):
            continue
        moved = part.principal_open
        fee_moved = part.fee_open if event.moves_all and not part.is_billed(day) else 0
        if moved == 0 and fee_moved == 0:
            continue
        booking.parts.append(AllocatedPart(part.key, 0, 0, 0, moved))
        if fee_moved:
            booking.taken_off.append(TakenOff(part.key, fee_minor=fee_moved))
        part.principal_paid += moved
        part.fee_cancelled += fee_moved
        # Like what is paid off early: its statement does not come any more.
        part.is_billed_early = part.is_billed_early or not part.is_billed(day)
        principal += moved
        fee += fee_moved
    life.bookings[event.fact.id] = booking
    life.parts[event.new_loan_id] = _rows(event, principal, fee)
    life.purchases.setdefault(event.fact.id, []).append(event.new_loan_id)
    life.refinancings.add(event.new_loan_id)


def _rows(event: Rescheduled, principal: int, fee: int) -> list[Part]:
    count = len(event.dates)
    principals = [principal // count] * count
    principals[-1] += principal - sum(principals)
    fees = [fee // count] * count if event.is_fee_spread else [fee] + [0] * (count - 1)
    fees[-1] += fee - sum(fees)
    return [
        Part(InstalmentKey(event.new_loan_id, number), statement_on, due_on, each, fee_of, 0, event.penalty_ppm)
        for number, ((statement_on, due_on), each, fee_of) in enumerate(
            zip(event.dates, principals, fees, strict=True), start=1
        )
    ]
