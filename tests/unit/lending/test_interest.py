"""What becomes of agreed interest when principal goes early, or comes back as a refund."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from tiao.lending.billing import billing_policy
from tiao.lending.disclosure import cost_sheet
from tiao.lending.interest import Bearing, falls_with, payable_minor
from tiao.lending.model import AllocatedPart, BillingMode, FeePayer, InstalmentKey, Plan, PlanTerms, Pricing
from tiao.lending.plans import make_plan
from tiao.lending.pricing import annual_rates
from tiao.lending.refunds import RefundableInstalment, RefundablePurchase, interest_of, refund_plan, refund_policy
from tiao.lending.schedule.terms import NO_GRACE, Grace
from tiao.policy.pack import Pack

LOAN = UUID(int=1)
TAKEN = date(2026, 1, 31)
PACK = Pack.load("cn")
POLICY = billing_policy(PACK, on=TAKEN, lender_type="cfc")


def plan_of(pricing: Pricing, payer: FeePayer = FeePayer.CONSUMER, grace: Grace = NO_GRACE) -> Plan:
    agreed = PlanTerms(
        "x", 3, Decimal(0), payer, BillingMode.ORDER, pricing=pricing, rate_annual=Decimal("0.12"), grace=grace
    )
    return make_plan(agreed, 100_000, TAKEN, 1, POLICY)


def bearings(plan: Plan) -> list[Bearing]:
    return [
        Bearing(
            InstalmentKey(LOAN, part.number),
            part.interest_from_on,
            part.statement_on,
            part.interest_on_minor,
            part.fee_minor,
            0,
            0,
            part.fee_minor,
            part.principal_minor,
            part.principal_minor,
        )
        for part in plan.instalments
    ]


PLANS = [
    (Pricing.ANNUITY, NO_GRACE, [(33_002, 1_000), (33_332, 670), (33_666, 337)]),
    (Pricing.EQUAL_PRINCIPAL, NO_GRACE, [(33_333, 1_000), (33_333, 667), (33_334, 333)]),
    (Pricing.BULLET, NO_GRACE, [(0, 1_000), (0, 1_000), (100_000, 1_000)]),
    (Pricing.EQUAL_PRINCIPAL, Grace(principal_periods=1), [(0, 1_000), (50_000, 1_000), (50_000, 500)]),
    (Pricing.EQUAL_PRINCIPAL, Grace(interest_free_periods=1), [(33_333, 0), (33_333, 667), (33_334, 333)]),
]


@pytest.mark.parametrize(("pricing", "grace", "rows"), PLANS)
def test_the_engine_plans_what_is_sold(pricing: Pricing, grace: Grace, rows: list[tuple[int, int]]) -> None:
    """Source: the worked example of the engine's reference, 1,000.00 at 12 % over three months from 31 January."""
    plan = plan_of(pricing, grace=grace)
    assert [(part.principal_minor, part.fee_minor) for part in plan.instalments] == rows
    assert [part.due_on for part in plan.instalments] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_interest_runs_from_due_day_to_due_day_on_what_is_owed_between() -> None:
    first, second, third = plan_of(Pricing.ANNUITY).instalments
    assert (first.interest_from_on, second.interest_from_on, third.interest_from_on) == (
        TAKEN,
        first.due_on,
        second.due_on,
    )
    assert [part.interest_on_minor for part in (first, second, third)] == [100_000, 66_998, 33_666]


def test_a_merchant_that_bears_the_interest_pays_all_of_it_as_subsidy() -> None:
    plan = plan_of(Pricing.BULLET, FeePayer.MERCHANT)
    assert [(part.number, part.principal_minor, part.fee_minor, part.subsidy_minor) for part in plan.instalments] == [
        (3, 100_000, 0, 3_000)
    ]
    assert annual_rates(plan).compound == 0


def test_the_cost_sheet_names_the_interest_and_both_yearly_figures() -> None:
    plan = plan_of(Pricing.BULLET)
    sheet = cost_sheet(
        plan,
        lender="the lender",
        fee_payee="the lender",
        currency="CNY",
        contract_on=TAKEN,
        penalty_ppm_per_day=500,
        policy_digest="",
    )
    [item] = sheet.items
    assert (item.kind, item.rate, item.per_term_minor) == ("interest", "0.12", (1_000, 1_000, 1_000))
    assert item.method == "outstanding principal, a year, 30/360"
    assert (sheet.annual_rate_simple, sheet.annual_rate_compound) == (Decimal("0.12"), Decimal("0.126825030132"))


PAYABLE = [
    # day                  ordinary money owes       a payoff owes
    (TAKEN, [0, 0, 0], [0, 0, 0]),
    (date(2026, 2, 14), [1_000, 0, 0], [500, 0, 0]),
    (date(2026, 2, 28), [1_000, 0, 0], [1_000, 0, 0]),
    (date(2026, 3, 1), [1_000, 670, 0], [1_000, 21, 0]),
    (date(2026, 4, 30), [1_000, 670, 337], [1_000, 670, 337]),
]


@pytest.mark.parametrize(("day", "ordinary", "payoff"), PAYABLE)
def test_a_payoff_owes_interest_for_the_days_so_far(day: date, ordinary: list[int], payoff: list[int]) -> None:
    parts = bearings(plan_of(Pricing.ANNUITY))
    assert [payable_minor(part, day, is_payoff=False) for part in parts] == ordinary
    assert [payable_minor(part, day, is_payoff=True) for part in parts] == payoff


def share(number: int, *, interest: int = 0, principal: int = 0) -> AllocatedPart:
    return AllocatedPart(InstalmentKey(LOAN, number), 0, 0, interest, principal)


def test_settling_lets_the_days_to_come_go() -> None:
    parts = bearings(plan_of(Pricing.ANNUITY))
    paid = [share(1, interest=500, principal=33_002), share(2, principal=33_332), share(3, principal=33_666)]
    falls = falls_with(parts, paid, date(2026, 2, 14), is_payoff=True)
    assert {key.number: minor for key, minor in falls.items()} == {1: 500, 2: 670, 3: 337}


def test_principal_paid_beyond_the_running_term_bears_no_interest_from_the_next_one_on() -> None:
    parts = bearings(plan_of(Pricing.BULLET))
    paid = [share(1, interest=1_000), share(3, principal=40_000)]
    falls = falls_with(parts, paid, date(2026, 2, 14), is_payoff=False)
    assert {key.number: minor for key, minor in falls.items()} == {2: 400, 3: 400}


def test_a_payoff_that_falls_short_keeps_the_running_term_whole() -> None:
    parts = bearings(plan_of(Pricing.ANNUITY))
    paid = [share(1, interest=500, principal=33_002), share(2, principal=33_332), share(3, principal=30_000)]
    falls = falls_with(parts, paid, date(2026, 2, 14), is_payoff=True)
    assert {key.number: minor for key, minor in falls.items()} == {2: 634, 3: 301}


def test_a_payment_of_interest_alone_lets_nothing_fall() -> None:
    parts = bearings(plan_of(Pricing.ANNUITY))
    assert falls_with(parts, [share(1, interest=700)], date(2026, 2, 14), is_payoff=False) == {}


REFUNDS = [
    # refunded, interest left when nothing is paid
    ([50_000], [500, 169, 0]),
    ([20_000, 30_000], [500, 169, 0]),
    ([100_000], [0, 0, 0]),
]


@pytest.mark.parametrize(("refunds", "left"), REFUNDS)
def test_a_refund_counts_as_if_it_had_never_been_lent(refunds: list[int], left: list[int]) -> None:
    policy = refund_policy(PACK, on=TAKEN, lender_type="cfc")
    parts = bearings(plan_of(Pricing.ANNUITY))
    taken, before = [0, 0, 0], 0
    for amount in refunds:
        purchase = RefundablePurchase(
            100_000,
            tuple(
                RefundableInstalment(
                    part.principal_minor,
                    part.agreed_minor,
                    principal_refunded_minor=off,
                    loan_id=LOAN,
                    interest=interest_of(part, date(2026, 2, 14)),
                )
                for part, off in zip(parts, taken, strict=True)
            ),
            refunded_minor=before,
        )
        effect = refund_plan(purchase, amount, policy)
        taken = [off + more for off, more in zip(taken, effect.offset_minor, strict=True)]
        before += amount
    assert [after.fee_minor for after in effect.open_after] == left


def test_interest_that_was_paid_is_kept_by_a_refund() -> None:
    policy = refund_policy(PACK, on=TAKEN, lender_type="cfc")
    parts = bearings(plan_of(Pricing.ANNUITY))
    first, *later = [
        RefundableInstalment(
            part.principal_minor, part.agreed_minor, loan_id=LOAN, interest=interest_of(part, date(2026, 3, 10))
        )
        for part in parts
    ]
    paid = RefundableInstalment(
        first.principal_minor,
        first.fee_minor,
        principal_paid_minor=first.principal_minor,
        fee_paid_minor=first.fee_minor,
        loan_id=LOAN,
        interest=first.interest,
    )
    effect = refund_plan(RefundablePurchase(100_000, (paid, *later)), 66_998, policy)
    assert effect.returned_minor == 0
    assert [after.fee_minor for after in effect.open_after] == [0, 0, 0]
    assert effect.fee_written_off_minor == (0, 670, 337)
