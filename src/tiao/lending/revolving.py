"""The minimum payment (最低还款额) of a statement, and the rest that is carried on and bears daily interest: pure.

A customer who agreed to it before the due date pays at least the minimum by then: what instalment plans ask for, fees,
interest, penalties and all that is past due in full, and a share of what can revolve, which is the principal of single
payments. What is left of those is carried to the next statement. It is not late: no stage, no penalty. Interest runs
on it from the day after the due date to the day before each statement, which asks for it; a balance carried on again
owes the days since that statement too. Who pays a statement in full owes no interest after it, so no day counts twice.

Source: policy `min_payment.ratio`, `min_payment.carry_daily_rate`. No source says from which day interest runs; this
keeps the interest-free days until the due date (own choice).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tiao.lending.model import InstalmentKey
from tiao.lending.penalties import MICRO, penalty_ppm_per_day
from tiao.lending.pricing import AnnualRates, CapMethod, cap_on
from tiao.lending.refusals import MinimumPaymentNotOffered
from tiao.policy.pack import Pack

RATIO_RULE = "min_payment.ratio"
RATE_RULE = "min_payment.carry_daily_rate"
_DAYS_IN_YEAR = 365
_MONTHS = 12


class CarryTerms(NamedTuple):
    """What an agreement says. *Units*: parts per million, of the principal that can revolve, and a day."""

    ratio_ppm: int
    carry_ppm: int

    @property
    def rates(self) -> AnnualRates:
        """Give the yearly cost: a month's simple interest, twelve times and compounded."""
        monthly = Decimal(self.carry_ppm * _DAYS_IN_YEAR) / MICRO / _MONTHS
        return AnnualRates(monthly, monthly * _MONTHS, (1 + monthly) ** _MONTHS - 1)


class Owed(NamedTuple):
    """An instalment as a minimum payment sees it. *lent_minor* is its principal less what was refunded or lost.

    *is_single*: it is all of its loan. *cost_open_minor*: fees, interest and penalties. *carry_ppm*, where it has
    been carried before.
    """

    key: InstalmentKey
    statement_on: date
    due_on: date
    is_single: bool
    lent_minor: int
    principal_open_minor: int
    cost_open_minor: int
    carry_ppm: int


class Carry(NamedTuple):
    """What a minimum payment comes to.

    Shape: *parts* gives the principal carried of each instalment. *backlog_micros* is interest on what had been carried
    before, for the days since its statement; *backlog_minor* its base.
    """

    still_to_pay_minor: int
    rest_max_minor: int
    parts: tuple[tuple[InstalmentKey, int], ...]
    backlog_minor: int
    backlog_days: int
    backlog_micros: int

    @property
    def amount_minor(self) -> int:
        """Add up what is carried."""
        return sum(minor for _, minor in self.parts)


def carry(owed: Iterable[Owed], *, statement_on: date, due_on: date, terms: CarryTerms) -> Carry:
    """Find what is still to be paid of a statement's minimum, and what is carried once that is nothing.

    Rounds: the share of what can revolve up.
    """
    due = [part for part in owed if part.due_on <= due_on]
    can_revolve = [
        part for part in due if part.is_single and (part.statement_on, part.due_on) == (statement_on, due_on)
    ]
    lent = sum(part.lent_minor for part in can_revolve)
    share = -(-lent * terms.ratio_ppm // MICRO)
    rest = sum(part.principal_open_minor for part in can_revolve)
    others = sum(part.principal_open_minor + part.cost_open_minor for part in due) - rest
    still_to_pay = others + max(0, rest - (lent - share))
    carried = sorted(part for part in can_revolve if part.principal_open_minor) if still_to_pay == 0 else []
    again = [part for part in carried if part.carry_ppm]
    days = (due_on - statement_on).days + 1
    return Carry(
        still_to_pay_minor=still_to_pay,
        rest_max_minor=lent - share,
        parts=tuple((part.key, part.principal_open_minor) for part in carried),
        backlog_minor=sum(part.principal_open_minor for part in again),
        backlog_days=days if again else 0,
        backlog_micros=sum(part.principal_open_minor * part.carry_ppm * days for part in again),
    )


def carry_terms(pack: Pack, *, on: date, lender_type: str) -> CarryTerms:
    """Read what an agreement of a day says; the yearly cap lowers the rate where it must, however costs are counted.

    Rounds: the share up, the rate down to six decimals. Refuses: MinimumPaymentNotOffered while the switches are
    off, BenchmarkRateStale.
    Source: policy `min_payment.ratio`, `min_payment.carry_daily_rate`, `price.all_in_cap`, `price.cap_method`.
    """
    for rule in (RATIO_RULE, RATE_RULE):
        if not pack.reaches(rule, on=on, lender_type=lender_type):
            raise MinimumPaymentNotOffered(rule=rule)
    ratio = pack.decimal(RATIO_RULE, on=on, lender_type=lender_type)
    daily_rate = pack.decimal(RATE_RULE, on=on, lender_type=lender_type)
    # A balance may be carried again and again, so the cap is that of a year and not of a month.
    cap = cap_on(pack, lender_type=lender_type, contract_on=on, tenor_months=_MONTHS)
    ppm = penalty_ppm_per_day(daily_rate, Decimal(1) if cap is None else cap.rate_annual)
    ratio_ppm = -int(-(ratio * MICRO) // 1)
    if cap is not None and cap.method is not CapMethod.SIMPLE_IRR_X12:
        while CarryTerms(ratio_ppm, ppm).rates.compound > cap.rate_annual:
            ppm -= 1
    return CarryTerms(ratio_ppm, ppm)
