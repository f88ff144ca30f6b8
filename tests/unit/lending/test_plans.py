from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from tiao.lending.billing import (
    DueShift,
    autopay_on,
    bill_plan_statements,
    billing_policy,
    cycle_of,
    due_on,
    next_statement_on,
    shifted_due_on,
)
from tiao.lending.model import BillingMode, BillingPolicy, DueRule, FeePayer, OrderDueRule, PlanTerms, Rate, Remainder
from tiao.lending.plans import check_offer, make_bill_plan, make_plan
from tiao.lending.refusals import BillInstalmentWindowClosed, InstalmentAmountBelowMinimum, TermsNotOffered
from tiao.policy.pack import Pack
from tiao.values.calendar import china_calendar

POLICY = BillingPolicy(
    due_rule=DueRule.OFFSET_DAYS,
    due_offset_days=9,
    due_day_of_month=10,
    order_due_rule=OrderDueRule.MONTHLY_ANNIVERSARY,
    fee_remainder_to=Remainder.LAST,
    terms_offered=(3, 6, 12, 24),
    instalment_min_minor=10_000,
    autopay_offset_days=-1,
)


def changed(**changes: object) -> BillingPolicy:
    return BillingPolicy(**({name: getattr(POLICY, name) for name in POLICY.__struct_fields__} | changes))


def terms(
    count: int, fee: Rate = Decimal(0), payer: FeePayer = FeePayer.CONSUMER, mode: BillingMode = BillingMode.STATEMENT
) -> PlanTerms:
    return PlanTerms(f"instalments_{count}", count, fee, payer, mode)


def test_the_chinese_pack_bills_nine_days_after_the_statement() -> None:
    assert billing_policy(Pack.load("cn"), on=date(2026, 11, 22), lender_type="cfc") == POLICY


CYCLES = """
# purchase    day   cycle                    statement   due
  2026-01-15  1     2026-01-01 2026-01-31    2026-02-01  2026-02-10
  2026-02-01  1     2026-02-01 2026-02-28    2026-03-01  2026-03-10
  2026-01-31  31    2026-01-31 2026-02-27    2026-02-28  2026-03-09
  2026-02-28  31    2026-02-28 2026-03-30    2026-03-31  2026-04-09
  2026-02-27  31    2026-01-31 2026-02-27    2026-02-28  2026-03-09
  2026-04-29  30    2026-03-30 2026-04-29    2026-04-30  2026-05-09
  2028-02-29  29    2028-02-29 2028-03-28    2028-03-29  2028-04-07
  2026-12-20  15    2026-12-15 2027-01-14    2027-01-15  2027-01-24
"""


@pytest.mark.parametrize("line", [line for line in CYCLES.splitlines() if line.strip() and "#" not in line])
def test_a_purchase_belongs_to_one_cycle(line: str) -> None:
    bought, statement_day, *days = line.split()
    cycle = cycle_of(date.fromisoformat(bought), int(statement_day), POLICY)
    assert [day.isoformat() for day in cycle] == days
    assert cycle.from_on <= date.fromisoformat(bought) <= cycle.to_on


PLANS = """
# mode       day taken       terms fee     principal  instalments: due principal fee
  statement  1   2026-04-05  3     0       300000     2026-05-10:100000:0 2026-06-10:100000:0 2026-07-10:100000:0
  statement  31  2026-01-30  3     0.005   100000     2026-02-09:33333:500 2026-03-09:33333:500 2026-04-09:33334:500
  order      1   2026-01-31  3     0       100        2026-02-28:33:0 2026-03-31:33:0 2026-04-30:34:0
  order      1   2016-04-01  3     0.005   120000     2016-05-01:40000:600 2016-06-01:40000:600 2016-07-01:40000:600
  order      1   2026-06-30  3     0.0066  10001      2026-07-30:3333:66 2026-08-30:3333:66 2026-09-30:3335:66
  order      1   2026-06-30  3     0.0067  10033      2026-07-30:3344:67 2026-08-30:3344:67 2026-09-30:3345:67
  statement  1   2026-02-01  1     0.01    9999       2026-03-10:9999:99
  order      1   2026-02-01  1     0       9999       2026-03-01:9999:0
"""


@pytest.mark.parametrize("line", [line for line in PLANS.splitlines() if line.strip() and "#" not in line])
def test_a_purchase_becomes_instalments(line: str) -> None:
    mode, day, taken, count, fee, principal, *expected = line.split()
    offer = terms(int(count), Decimal(fee), mode=BillingMode(mode))
    plan = make_plan(offer, int(principal), date.fromisoformat(taken), int(day), POLICY)
    assert [f"{part.due_on}:{part.principal_minor}:{part.fee_minor}" for part in plan.instalments] == expected
    assert [part.number for part in plan.instalments] == list(range(1, int(count) + 1))


def test_spare_fen_of_the_fee_go_to_the_last_instalment_or_where_the_contract_says() -> None:
    offer = terms(3, Fraction(1, 30), mode=BillingMode.ORDER)
    last = make_plan(offer, 125, date(2026, 1, 1), 1, POLICY)
    first = make_plan(offer, 125, date(2026, 1, 1), 1, changed(fee_remainder_to=Remainder.FIRST))
    assert [part.fee_minor for part in last.instalments] == [4, 4, 4]
    offer = terms(3, Fraction(1, 25), mode=BillingMode.ORDER)
    last = make_plan(offer, 125, date(2026, 1, 1), 1, POLICY)
    assert last.fee_minor == 15
    offer = terms(3, Fraction(1, 22), mode=BillingMode.ORDER)
    last = make_plan(offer, 125, date(2026, 1, 1), 1, POLICY)
    first = make_plan(offer, 125, date(2026, 1, 1), 1, changed(fee_remainder_to=Remainder.FIRST))
    assert [part.fee_minor for part in last.instalments] == [5, 5, 7]
    assert [part.fee_minor for part in first.instalments] == [7, 5, 5]


def test_a_fee_the_merchant_bears_is_a_subsidy_and_no_fee() -> None:
    plan = make_plan(terms(3, Decimal("0.005"), FeePayer.MERCHANT), 120_000, date(2026, 4, 5), 1, POLICY)
    assert (plan.fee_minor, plan.subsidy_minor) == (0, 1800)
    assert [(part.fee_minor, part.subsidy_minor) for part in plan.instalments] == [(0, 600)] * 3


def test_an_order_has_its_statement_on_the_due_date() -> None:
    plan = make_plan(terms(3, mode=BillingMode.ORDER), 30_000, date(2026, 1, 31), 1, POLICY)
    assert all(part.statement_on == part.due_on for part in plan.instalments)


def test_a_plan_over_the_end_of_the_published_calendar_keeps_its_dates() -> None:
    plan = make_plan(terms(24, mode=BillingMode.ORDER), 240_000, date(2026, 1, 31), 1, POLICY)
    dues = [part.due_on for part in plan.instalments]
    assert (dues[0], dues[10], dues[11], dues[-1]) == (
        date(2026, 2, 28),
        date(2026, 12, 31),
        date(2027, 1, 31),
        date(2028, 1, 31),
    )
    assert sum(china_calendar().is_provisional(due) for due in dues) == 13


@pytest.mark.parametrize("chosen", ["2026-02-01", "2026-02-05", "2026-02-10"])
def test_a_bill_becomes_instalments_from_the_next_due_date(chosen: str) -> None:
    plan = make_bill_plan(
        terms(3, Decimal("0.005")),
        60_000,
        statement_on=date(2026, 2, 1),
        chosen_on=date.fromisoformat(chosen),
        statement_day=1,
        policy=POLICY,
    )
    assert [part.due_on.isoformat() for part in plan.instalments] == ["2026-03-10", "2026-04-10", "2026-05-10"]
    assert plan.fee_minor == 900


@pytest.mark.parametrize("chosen", ["2026-01-31", "2026-02-11"])
def test_a_bill_becomes_instalments_only_between_statement_and_due_date(chosen: str) -> None:
    with pytest.raises(BillInstalmentWindowClosed):
        bill_plan_statements(
            statement_on=date(2026, 2, 1),
            chosen_on=date.fromisoformat(chosen),
            statement_day=1,
            terms=3,
            policy=POLICY,
        )


@pytest.mark.parametrize(
    ("count", "principal", "refusal"),
    [(5, 100_000, TermsNotOffered), (2, 100_000, TermsNotOffered), (3, 9_999, InstalmentAmountBelowMinimum)],
)
def test_terms_nobody_offers_are_refused(
    count: int, principal: int, refusal: type[TermsNotOffered | InstalmentAmountBelowMinimum]
) -> None:
    with pytest.raises(refusal):
        check_offer(terms(count), principal, POLICY)


def test_paying_once_and_the_smallest_instalment_purchase_are_offered() -> None:
    check_offer(terms(1), 1, POLICY)
    check_offer(terms(3), 10_000, POLICY)


def test_a_fixed_due_day_is_the_first_one_after_the_statement() -> None:
    fixed = changed(due_rule=DueRule.FIXED_DAY_OF_MONTH)
    assert due_on(date(2026, 2, 1), fixed) == date(2026, 2, 10)
    assert due_on(date(2026, 2, 10), fixed) == date(2026, 3, 10)
    assert due_on(date(2026, 12, 25), fixed) == date(2027, 1, 10)


def test_a_fixed_due_day_is_one_that_february_has() -> None:
    february = make_plan(
        terms(3), 300, date(2026, 1, 15), 28, changed(due_rule=DueRule.FIXED_DAY_OF_MONTH, due_day_of_month=28)
    )
    assert [part.due_on.isoformat() for part in february.instalments] == ["2026-02-28", "2026-03-28", "2026-04-28"]
    with pytest.raises(AssertionError, match="1 to 28"):
        changed(due_day_of_month=29)


def test_thirty_days_are_counted_not_months() -> None:
    thirty = changed(order_due_rule=OrderDueRule.PLUS_30_DAYS)
    plan = make_plan(terms(3, mode=BillingMode.ORDER), 30_000, date(2026, 1, 31), 1, thirty)
    assert [part.due_on.isoformat() for part in plan.instalments] == ["2026-03-02", "2026-04-01", "2026-05-01"]


def test_autopay_runs_the_day_before_and_once_more_on_the_day() -> None:
    assert autopay_on(date(2026, 3, 1), POLICY) == (date(2026, 2, 28), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("due", "shift", "expected"),
    [
        ("2026-10-03", DueShift.NONE, "2026-10-03"),
        ("2026-10-03", DueShift.FOLLOWING, "2026-10-08"),
        ("2026-02-28", DueShift.FOLLOWING, "2026-02-28"),
        ("2026-05-31", DueShift.FOLLOWING, "2026-06-01"),
        ("2026-05-31", DueShift.MODIFIED_FOLLOWING, "2026-05-29"),
        ("2026-10-03", DueShift.MODIFIED_FOLLOWING, "2026-10-08"),
    ],
)
def test_a_due_date_moves_only_where_the_contract_says_so(due: str, shift: DueShift, expected: str) -> None:
    assert shifted_due_on(date.fromisoformat(due), shift, china_calendar()) == date.fromisoformat(expected)


def test_the_statement_after_december_is_in_january() -> None:
    assert next_statement_on(date(2026, 12, 31), 31) == date(2027, 1, 31)
    assert next_statement_on(date(2026, 12, 30), 31) == date(2026, 12, 31)
