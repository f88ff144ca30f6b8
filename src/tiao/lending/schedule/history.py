"""A loan's entries made ready for replay: checked, put in order, reversals resolved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from tiao.lending.schedule.dates import due_ordinals
from tiao.lending.schedule.refusals import (
    ScheduleDayImpossible,
    ScheduleReversalImpossible,
    ScheduleTermsImpossible,
    ScheduleTransactionDuplicate,
)
from tiao.lending.schedule.terms import INSTALMENTS_MAX, ByInstalment, Terms
from tiao.lending.schedule.transactions import (
    DOWN_PAYMENT,
    INTEREST_REFUND,
    REFUNDS,
    Charge,
    Draw,
    InterestPause,
    Payment,
    Payoff,
    RateChange,
    Reversal,
    Transaction,
)

#: The name of the draw that a preview assumes.
PREVIEW = "preview"


class Step(NamedTuple):
    """One entry at its place in the replay; *day* is the ordinal of the day on which it counts."""

    day: int
    entry: Transaction
    is_reversed: bool
    is_generated_reversed: bool


class History(NamedTuple):
    """The steps in order, and what must be known before the first: all rates to come, the number of rows."""

    steps: list[Step]
    charges: list[Step]
    rates: list[Fraction]
    row_count: int
    is_preview: bool


def history_of(terms: Terms, transactions: Sequence[Transaction], start_on: date) -> History:
    """Order the entries by (effective day, business day of entry, entry); changes of rate and pauses open their day.

    Refuses: ScheduleTransactionDuplicate, ScheduleReversalImpossible, ScheduleDayImpossible, ScheduleTermsImpossible.
    """
    check_terms(terms)
    reversed_ids = _reversed_ids(terms, transactions)
    is_charge_early = isinstance(terms.allocation, ByInstalment)
    keyed = []
    charges = []
    is_preview = True
    for index, entry in enumerate(transactions):
        if isinstance(entry, Reversal):
            continue
        day = _day_of(entry, index, start_on)
        is_reversed = entry.id in reversed_ids
        if isinstance(entry, Draw):
            is_preview = False
        generated = f"{entry.id}.{DOWN_PAYMENT if isinstance(entry, Draw) else INTEREST_REFUND}"
        step = Step(day.toordinal(), entry, is_reversed, generated in reversed_ids)
        if isinstance(entry, Charge):
            if is_reversed:
                continue
            if is_charge_early:
                charges.append(step)
                continue
        if isinstance(entry, RateChange | InterestPause):
            if is_reversed:
                continue
            keyed.append(((day, 0, entry.posted_on, index), step))
        else:
            keyed.append(((day, 1, entry.posted_on, index), step))
    if is_preview:
        drawn = Draw(id=PREVIEW, posted_on=start_on, effective_on=start_on, amount_minor=terms.principal_minor)
        keyed.append(((start_on, 1, date.min, -1), Step(start_on.toordinal(), drawn, False, False)))
    keyed.sort(key=lambda pair: pair[0])
    steps = [step for _, step in keyed]
    rates = [step.entry.annual_rate for step in steps if isinstance(step.entry, RateChange)]
    count = _row_count(terms, transactions, steps, start_on)
    return History(steps, charges, rates, count, is_preview)


def check_terms(terms: Terms) -> None:
    """Refuse terms that no plan can follow. Refuses: ScheduleTermsImpossible."""
    if not 1 <= terms.instalments <= INSTALMENTS_MAX:
        raise ScheduleTermsImpossible(f"a plan has 1 to {INSTALMENTS_MAX} instalments", pointer="/terms/instalments")
    if terms.frequency.every < 1:
        raise ScheduleTermsImpossible("due dates are at least one unit apart", pointer="/terms/frequency/every")
    grace = terms.grace
    for name, periods in (
        ("principal_periods", grace.principal_periods),
        ("interest_payment_periods", grace.interest_payment_periods),
        ("interest_free_periods", grace.interest_free_periods),
    ):
        most = terms.instalments if name == "interest_free_periods" else terms.instalments - 1
        if not 0 <= periods <= most:
            raise ScheduleTermsImpossible(f"grace covers 0 to {most} periods", pointer=f"/terms/grace/{name}")
    if terms.annual_rate < 0:
        raise ScheduleTermsImpossible("a rate is not negative", pointer="/terms/annual_rate")
    if terms.instalment_multiple_minor is not None and terms.instalment_multiple_minor < 1:
        raise ScheduleTermsImpossible("a multiple is more than nothing", pointer="/terms/instalment_multiple")
    if terms.down_payment is not None and not 0 <= terms.down_payment.share <= 1:
        raise ScheduleTermsImpossible("a down payment is a share of the draw", pointer="/terms/down_payment/share")


def _day_of(entry: Transaction, index: int, start_on: date) -> date:
    """Find the day from which an entry counts: a charge from its due day, or from its entry if that is sooner."""
    where = f"/transactions/{index}"
    match entry:
        case Charge():
            _check_day(entry.due_on, start_on, f"{where}/due_on")
            return min(entry.due_on, entry.posted_on)
        case InterestPause():
            _check_day(entry.from_on, start_on, f"{where}/from_on")
            if entry.to_on < entry.from_on:
                raise ScheduleDayImpossible("a pause ends after it begins", pointer=f"{where}/to_on")
            return entry.from_on
        case Draw() | Payment() | Payoff() | RateChange():
            _check_day(entry.effective_on, start_on, f"{where}/effective_on")
            return entry.effective_on
        case Reversal():
            return entry.posted_on


def _check_day(day: date, start_on: date, pointer: str) -> None:
    if day < start_on:
        raise ScheduleDayImpossible(f"{day} is before the loan starts, {start_on}", pointer=pointer)


def _reversed_ids(terms: Terms, transactions: Sequence[Transaction]) -> frozenset[str]:
    """Collect what is undone; a reversal names an earlier entry, once, or what the engine booked because of one."""
    known: dict[str, bool] = {}
    undone: set[str] = set()
    for index, entry in enumerate(transactions):
        where = f"/transactions/{index}"
        if entry.id in known:
            raise ScheduleTransactionDuplicate(f"{entry.id!r} is there already", pointer=f"{where}/id")
        if isinstance(entry, Reversal):
            if not known.get(entry.of):
                raise ScheduleReversalImpossible(
                    f"nothing that can be undone is called {entry.of!r}", pointer=f"{where}/of"
                )
            if entry.of in undone:
                raise ScheduleReversalImpossible(f"{entry.of!r} is undone already", pointer=f"{where}/of")
            undone.add(entry.of)
            known[entry.id] = False
            continue
        known[entry.id] = True
        generated = _generated_name(entry, terms)
        if generated in known:
            raise ScheduleTransactionDuplicate(f"{generated!r} is there already", pointer=f"{where}/id")
        if generated is not None:
            known[generated] = True
    return frozenset(undone)


def _row_count(terms: Terms, transactions: Sequence[Transaction], steps: Sequence[Step], start_on: date) -> int:
    """Count the rows that the draws will need, and refuse a draw that no period is left for."""
    count = terms.instalments
    draws = [step for step in steps if isinstance(step.entry, Draw) and not step.is_reversed]
    if len(draws) == 1 and draws[0].day == start_on.toordinal():
        return count
    most = count * (len(draws) + 1) if terms.is_term_extended_by_draw else count
    most = min(most, INSTALMENTS_MAX)
    due = due_ordinals(terms.due_dates_from_on or start_on, terms.frequency, most, terms.month_end)
    for step in draws:
        row = next((row for row in range(count) if step.day < due[row]), count)
        if step.day > due[count - 1]:
            raise ScheduleDayImpossible(
                f"no period is left after {date.fromordinal(due[count - 1])}",
                pointer=f"/transactions/{transactions.index(step.entry)}/effective_on",
            )
        if terms.is_term_extended_by_draw:
            count = max(count, row + terms.instalments)
            if count > INSTALMENTS_MAX:
                raise ScheduleTermsImpossible("the draws make the plan too long", pointer="/terms/instalments")
    return count


def _generated_name(entry: Transaction, terms: Terms) -> str | None:
    """Name what the engine may book because of an entry."""
    if isinstance(entry, Draw) and terms.down_payment is not None and terms.down_payment.is_automatic:
        return f"{entry.id}.{DOWN_PAYMENT}"
    if isinstance(entry, Payment) and entry.type in REFUNDS and entry.type in terms.interest_refund_on:
        return f"{entry.id}.{INTEREST_REFUND}" if entry.is_interest_refunded else None
    return None
