from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
import pyxirr

from tiao.lending.billing import billing_policy
from tiao.lending.model import BillingMode, FeePayer, Plan, PlanTerms, Remainder
from tiao.lending.plans import make_plan
from tiao.lending.pricing import (
    NO_COST,
    Cap,
    CapMethod,
    annual_rates,
    cap_on,
    check_payout,
    check_price,
    check_rate,
    fee_rate_max,
    government_subsidy,
    is_above_soft_target,
    rates_of_payments,
    rates_of_terms,
    tenor_months,
)
from tiao.lending.refusals import BenchmarkRateStale, PayoutBelowPrincipal, PriceAboveCap
from tiao.policy.model import Override
from tiao.policy.pack import Pack

CN = Pack.load("cn")
ON = date(2026, 11, 22)
BILLING = billing_policy(CN, on=ON, lender_type="cfc")


def with_lpr(on: date, rate: str = "0.030") -> Pack:
    row = msgspec.structs.replace(CN.rows_of("lpr_1y")[0], value=rate, effective_from=on)
    return CN.extended([row], by="treasury", reason="month's rate")


def plan(
    count: int, fee: str, payer: FeePayer = FeePayer.CONSUMER, mode: BillingMode = BillingMode.ORDER, on: date = ON
) -> Plan:
    terms = PlanTerms(f"instalments_{count}", count, Decimal(fee), payer, mode)
    return make_plan(terms, 3_600_000, on, 1, BILLING)


RATES = """
# fee    terms  simple  compound
  0.005  12     10.90   11.46
  0.011  12     23.53   26.24
  0.012  3      21.47   23.72
  0.012  6      24.28   27.17
  0.012  24     25.59   28.81
  0      12     0.00    0.00
"""


@pytest.mark.parametrize("line", [line for line in RATES.splitlines() if line.strip() and "#" not in line])
def test_a_flat_fee_costs_nearly_twice_its_name(line: str) -> None:
    fee, count, *shown = line.split()
    assert list(rates_of_terms(int(count), Decimal(fee)).displayed()) == shown


def test_the_central_banks_own_example() -> None:
    rates = rates_of_payments(9_900_000, [883_330] * 12)
    assert rates.displayed() == ("12.80", "13.58")
    assert abs(rates.monthly - Decimal("0.010669834876")) < Decimal("1e-9")


@pytest.mark.parametrize("payments", [[50] * 30, [1000], [0, 0, 0, 1500], [900, 1, 1, 400], [100, 100, 100]], ids=str)
def test_rates_agree_with_an_independent_solver(payments: list[int]) -> None:
    ours = rates_of_payments(1000, payments)
    assert float(ours.monthly) == pytest.approx(pyxirr.irr([-1000.0, *map(float, payments)]), abs=1e-9)


def test_money_paid_back_without_cost_has_no_rate() -> None:
    assert rates_of_payments(1200, [100] * 12) == NO_COST


CAPS = """
# lender           on          months cap
  bank             2025-09-30  12     none
  bank             2025-10-01  12     0.24
  local_bank       2026-11-22  12     0.24
  cfc              2026-11-22  12     0.24
  mfc              2027-12-30  12     0.24
  mfc              2027-12-31  12     0.120
  mfc              2027-12-31  1      0.24
  merchant_credit  2027-12-31  1      0.120
"""


@pytest.mark.parametrize("line", [line for line in CAPS.splitlines() if line.strip() and "#" not in line])
def test_the_cap_follows_lender_contract_date_and_tenor(line: str) -> None:
    lender, on, months, expected = line.split()
    rules = with_lpr(date(2027, 12, 20))
    cap = cap_on(rules, lender_type=lender, contract_on=date.fromisoformat(on), tenor_months=int(months))
    assert (None if cap is None else cap.rate_annual) == (None if expected == "none" else Decimal(expected))


def test_the_stricter_figure_is_held_against_the_cap_until_an_approved_choice_says_otherwise() -> None:
    offer = plan(12, "0.011")
    with pytest.raises(PriceAboveCap) as refused:
        check_price(offer, "bank", ON, CN)
    assert refused.value.facts["rule"] == "price.all_in_cap"
    assert refused.value.facts["source"] == "assisted-lending"
    assert str(refused.value.facts["rate_annual"]).startswith("0.26243695")
    laxer = CN.overridden(
        Override(
            rule="price.cap_method",
            applies_to="bank",
            approved_by="board",
            reviewed_by="counsel",
            reason="written answer of the supervisor",
            approved_on=date(2026, 1, 1),
            review_on=date(2026, 12, 1),
            expires_on=date(2027, 1, 1),
            chooses="simple_irr_x12",
        )
    )
    assert check_price(offer, "bank", ON, laxer).displayed() == ("23.53", "26.24")
    with pytest.raises(PriceAboveCap):
        check_price(offer, "cfc", ON, laxer)


@pytest.mark.parametrize(
    ("rate", "is_refused"), [("0.24", False), ("0.240000000001", True), ("0.2401", True), ("0", False)]
)
def test_the_cap_itself_is_allowed_and_nothing_above(rate: str, is_refused: bool) -> None:  # noqa: FBT001  a table's column
    given = NO_COST._replace(compound=Decimal(rate))
    cap = Cap(Decimal("0.24"), CapMethod.MAX_OF_BOTH, "price.all_in_cap", "law")
    if is_refused:
        with pytest.raises(PriceAboveCap):
            check_rate(given, cap)
    else:
        check_rate(given, cap)


def test_a_plan_of_forty_days_is_not_a_loan_of_one_month() -> None:
    rules = with_lpr(date(2027, 12, 20))
    on = date(2027, 12, 31)
    short = plan(1, "0.015", on=on)
    assert check_price(short, "mfc", on, rules).displayed() == ("18.00", "19.56")
    with pytest.raises(PriceAboveCap):
        check_price(plan(1, "0.015", mode=BillingMode.STATEMENT, on=date(2028, 1, 1)), "mfc", date(2028, 1, 1), rules)


@pytest.mark.parametrize(
    ("contract", "last_due", "months"),
    [
        ("2026-01-01", "2026-02-10", 2),
        ("2026-01-31", "2026-02-28", 1),
        ("2026-01-31", "2026-03-01", 2),
        ("2026-01-15", "2026-01-20", 1),
        ("2026-11-22", "2027-11-22", 12),
        ("2026-11-22", "2027-11-23", 13),
    ],
)
def test_a_begun_month_counts_whole(contract: str, last_due: str, months: int) -> None:
    assert tenor_months(date.fromisoformat(contract), date.fromisoformat(last_due)) == months


def test_a_benchmark_too_old_stops_new_contracts_only_where_the_cap_needs_it() -> None:
    fresh, stale = date(2026, 1, 5), date(2026, 1, 6)
    assert cap_on(CN, lender_type="merchant_credit", contract_on=fresh) is not None
    with pytest.raises(BenchmarkRateStale):
        cap_on(CN, lender_type="merchant_credit", contract_on=stale)
    assert cap_on(CN, lender_type="bank", contract_on=ON) is not None


def test_a_fee_the_merchant_bears_costs_the_customer_nothing() -> None:
    assert annual_rates(plan(12, "0.02", FeePayer.MERCHANT)) == NO_COST


def test_spare_fen_due_first_are_counted() -> None:
    early = msgspec.structs.replace(BILLING, fee_remainder_to=Remainder.FIRST)
    terms = PlanTerms("x", 24, Fraction(23, 24_000), FeePayer.CONSUMER, BillingMode.ORDER)
    costly = annual_rates(make_plan(terms, 1000, ON, 1, early))
    assert costly.compound > rates_of_terms(24, Fraction(23, 24_000)).compound


MOST = """
# cap   method          3        6        12       24
  0.24  irr_compound    0.01213  0.01070  0.01011  0.01006
  0.24  simple_irr_x12  0.01342  0.01185  0.01122  0.01120
  0.12  max_of_both     0.00634  0.00557  0.00522  0.00512
"""


@pytest.mark.parametrize("line", [line for line in MOST.splitlines() if line.strip() and "#" not in line])
def test_the_largest_fee_is_rounded_down(line: str) -> None:
    rate, method, *most = line.split()
    cap = Cap(Decimal(rate), CapMethod(method), "", "")
    for count, expected in zip((3, 6, 12, 24), most, strict=True):
        assert fee_rate_max(count, cap) == Decimal(expected)
        check_rate(rates_of_terms(count, Decimal(expected)), cap)
        with pytest.raises(PriceAboveCap):
            check_rate(rates_of_terms(count, Decimal(expected) + Decimal("0.00001")), cap)


def test_a_price_above_the_reported_target_is_pointed_out_not_refused() -> None:
    rates = check_price(plan(12, "0.009"), "cfc", ON, CN)
    assert is_above_soft_target(rates, pack=CN, lender_type="cfc", contract_on=ON)
    assert not is_above_soft_target(rates, pack=CN, lender_type="bank", contract_on=ON)
    assert not is_above_soft_target(rates_of_terms(12, Decimal("0.005")), pack=CN, lender_type="cfc", contract_on=ON)


def test_costs_may_not_be_taken_out_of_the_principal() -> None:
    check_payout(1000, 1000, pack=CN, lender_type="bank", contract_on=ON)
    with pytest.raises(PayoutBelowPrincipal):
        check_payout(1000, 999, pack=CN, lender_type="bank", contract_on=ON)


@pytest.mark.parametrize(
    ("principal", "rate", "used", "on", "expected"),
    [
        (5_000_000, "0.03", 0, "2026-06-01", ("0.01", 50_000)),
        (5_000_000, "0.015", 0, "2026-06-01", ("0.0075", 37_500)),
        (40_000_000, "0.03", 0, "2026-06-01", ("0.01", 300_000)),
        (40_000_000, "0.03", 299_999, "2026-06-01", ("0.01", 1)),
        (40_000_000, "0.03", 300_001, "2026-06-01", ("0.01", 0)),
        (5_000_000, "0.03", 0, "2027-01-01", ("0", 0)),
    ],
)
def test_the_state_pays_part_of_the_interest_up_to_a_yearly_ceiling(
    principal: int, rate: str, used: int, on: str, expected: tuple[str, int]
) -> None:
    day = date.fromisoformat(on)
    found = government_subsidy(principal, Decimal(rate), 365, used_minor=used, pack=CN, on=day, lender_type="bank")
    assert found == (Decimal(expected[0]), expected[1])
