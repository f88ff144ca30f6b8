"""Billing dates: statement days, cycles, due dates and the day autopay runs.

Dates are contract dates: they are counted, never looked up in a business calendar, so billing cannot fail for want
of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from tiao.lending.model import BillingPolicy, DueRule, OrderDueRule, Remainder
from tiao.lending.refusals import BillInstalmentWindowClosed
from tiao.policy.pack import Pack
from tiao.values.calendar import BusinessCalendar, add_months, day_in_month

_PLUS_30 = timedelta(days=30)

#: Purchases of one day share their dates: a day has at most 31 statement days times a handful of terms.
_DATES_CACHED = 4096


class Cycle(NamedTuple):
    """One billing cycle: purchases from *from_on* to *to_on* come on the statement of *statement_on*."""

    from_on: date
    to_on: date
    statement_on: date
    due_on: date


class DueShift(Enum):
    """What happens to a due date that is not a working day."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"


def next_statement_on(after: date, statement_day: int) -> date:
    """Find the first statement date later than *after*: a purchase on the statement day belongs to the next cycle.

    A month without the statement day has its statement on its last day (Civil Code art. 202); the day itself is kept.
    """
    this_month = day_in_month(after.year, after.month, statement_day)
    if this_month > after:
        return this_month
    return following_statement_on(after, statement_day)


def following_statement_on(statement_on: date, statement_day: int) -> date:
    """Find the statement date in the month after *statement_on*."""
    year, month = (statement_on.year, statement_on.month + 1) if statement_on.month < 12 else (statement_on.year + 1, 1)  # noqa: PLR2004  December
    return day_in_month(year, month, statement_day)


def due_on(statement_on: date, policy: BillingPolicy) -> date:
    """Find the due date of a statement: some days later, or the first fixed day of a month after it."""
    return due_dates((statement_on,), policy)[0]


def due_dates(statements: Sequence[date], policy: BillingPolicy) -> list[date]:
    """Find the due dates of statements."""
    if policy.due_rule is DueRule.OFFSET_DAYS:
        later = timedelta(days=policy.due_offset_days)
        return [statement_on + later for statement_on in statements]
    return [next_statement_on(statement_on, policy.due_day_of_month) for statement_on in statements]


def cycle_of(day: date, statement_day: int, policy: BillingPolicy) -> Cycle:
    """Find the cycle that a purchase of *day* belongs to."""
    statement_on = next_statement_on(day, statement_day)
    month_before = add_months(date(statement_on.year, statement_on.month, 1), -1)
    from_on = day_in_month(month_before.year, month_before.month, statement_day)
    return Cycle(from_on, statement_on - timedelta(days=1), statement_on, due_on(statement_on, policy))


@lru_cache(maxsize=_DATES_CACHED)
def statement_dates(taken_on: date, statement_day: int, terms: int) -> tuple[date, ...]:
    """List the statement dates of a purchase's terms, the first being that of its own cycle."""
    dates = [next_statement_on(taken_on, statement_day)]
    while len(dates) < terms:
        dates.append(following_statement_on(dates[-1], statement_day))
    return tuple(dates)


@lru_cache(maxsize=_DATES_CACHED)
def order_due_dates(taken_on: date, terms: int, rule: OrderDueRule) -> tuple[date, ...]:
    """List the due dates of an order billed on its own: monthly from the day of purchase, month ends sticky."""
    if rule is OrderDueRule.PLUS_30_DAYS:
        return tuple(taken_on + _PLUS_30 * number for number in range(1, terms + 1))
    return tuple(add_months(taken_on, number) for number in range(1, terms + 1))


def bill_plan_statements(
    *, statement_on: date, chosen_on: date, statement_day: int, terms: int, policy: BillingPolicy
) -> tuple[date, ...]:
    """List the statement dates of a bill turned into instalments: the first falls due with the next statement.

    Refuses: BillInstalmentWindowClosed before the statement date and after its due date.
    """
    closes_on = due_on(statement_on, policy)
    if not statement_on <= chosen_on <= closes_on:
        raise BillInstalmentWindowClosed(opens_on=statement_on.isoformat(), closes_on=closes_on.isoformat())
    return statement_dates(statement_on, statement_day, terms)


def autopay_on(due: date, policy: BillingPolicy) -> tuple[date, date]:
    """Give the day autopay first runs and the day it tries once more, the due date itself."""
    return due + timedelta(days=policy.autopay_offset_days), due


def shifted_due_on(due: date, shift: DueShift, calendar: BusinessCalendar) -> date:
    """Move a due date off a day without business, where the contract says so.

    Source: Civil Code art. 203 moves a last day off a statutory rest day, art. 204 lets the contract say otherwise.
    """
    if shift is DueShift.NONE or calendar.is_workday(due):
        return due
    later = calendar.next_workday(due)
    if shift is DueShift.MODIFIED_FOLLOWING and later.month != due.month:
        return calendar.previous_workday(due)
    return later


def billing_policy(pack: Pack, *, on: date, lender_type: str) -> BillingPolicy:
    """Read the parameters that plans made on a day are made under. Refuses: PolicyValueMissing."""

    def text(name: str) -> str:
        return pack.text(name, on=on, lender_type=lender_type)

    def integer(name: str) -> int:
        return pack.integer(name, on=on, lender_type=lender_type)

    terms = pack.value("instalment.terms", on=on, lender_type=lender_type)
    assert isinstance(terms, list), "instalment.terms is a list"
    assert text("billing.day_clamp") == "month_end_sticky", "the only clamp that is built"
    return BillingPolicy(
        due_rule=DueRule(text("billing.due_rule")),
        due_offset_days=integer("billing.due_offset_days"),
        due_day_of_month=integer("billing.due_day_of_month"),
        order_due_rule=OrderDueRule(text("billing.order_mode_due")),
        fee_remainder_to=Remainder(text("instalment.fee_remainder_to")),
        terms_offered=tuple(int(count) for count in terms),
        instalment_min_minor=integer("instalment.min_amount"),
        autopay_offset_days=integer("autopay.run_offset_days"),
    )
