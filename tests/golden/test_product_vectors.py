"""Published product vectors: plans, refunds, rates, caps, days.

Source: product_vectors.json of the reference material (JD Baitiao guides, PBOC notice 2021 no. 3, Civil Code), kept
beside the repository. Small tables of our own stand in tests/unit.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest

from tiao.lending.allocation import allocate
from tiao.lending.billing import billing_policy, due_on, next_statement_on
from tiao.lending.model import BillingMode, BillingPolicy, FeePayer, InstalmentKey, OpenInstalment, PlanTerms
from tiao.lending.penalties import accrue, cap_ppm_per_day, check_penalty_rate, posted_minor
from tiao.lending.plans import make_bill_plan, make_plan
from tiao.lending.pricing import (
    AnnualRates,
    Cap,
    CapMethod,
    check_rate,
    fee_rate_max,
    government_subsidy,
    rates_of_payments,
)
from tiao.lending.refunds import (
    PlanKind,
    RefundableInstalment,
    RefundablePurchase,
    Repayment,
    merchant_debit,
    refund_plan,
    refund_policy,
    return_to_sources,
)
from tiao.lending.refusals import BillInstalmentWindowClosed, PenaltyAboveCap, PriceAboveCap
from tiao.policy.pack import Pack
from tiao.values.calendar import china_calendar

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "reference" / "product_vectors.json"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="needs ../shared/reference/product_vectors.json")

TODAY = date(2026, 11, 22)
TOLERANCE = Decimal("1e-9")


@cache
def vectors() -> dict:
    return json.loads(VECTORS.read_text(encoding="utf-8")) if VECTORS.exists() else {}


def group(*path: str) -> list:
    found = vectors()
    for key in path:
        found = found.get(key, {})
    return [pytest.param(case, id=str(case.get("id") or index)) for index, case in enumerate(found)]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack.load("cn")


@pytest.fixture(scope="module")
def billing(pack: Pack) -> BillingPolicy:
    return billing_policy(pack, on=TODAY, lender_type="cfc")


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize("case", group("schedules"))
def test_plans_fall_due_and_cost_what_the_vectors_say(case: dict, billing: BillingPolicy) -> None:
    given, expected = case["input"], case["expect"]
    count = given.get("terms", 1)
    total = given.get("fee_rate_total")
    rate = Fraction(total) / count if total else Decimal(given.get("fee_rate_per_term", "0"))
    terms = PlanTerms("vector", count, rate, FeePayer.CONSUMER, BillingMode(given["mode"]))
    principal = given.get("principal_fen", 100_000)
    statement_day = given.get("statement_day", 1)
    if "chosen_on" in given:
        statement_on = day(given["statement_on"])
        assert due_on(statement_on, billing) == day(given["statement_due_on"])

        def choose() -> date:
            plan = make_bill_plan(
                terms,
                principal,
                statement_on=statement_on,
                chosen_on=day(given["chosen_on"]),
                statement_day=statement_day,
                policy=billing,
            )
            return plan.instalments[0].due_on

        if expected.get("refused"):
            with pytest.raises(BillInstalmentWindowClosed):
                choose()
        else:
            assert choose() == day(expected["first_due_on"])
        return
    taken_on = day(given.get("purchase_on", "2026-01-15"))
    plan = make_plan(terms, principal, taken_on, statement_day, billing)
    parts = plan.instalments
    figures = {
        "due_on": [part.due_on.isoformat() for part in parts],
        "first_due_on": parts[0].due_on.isoformat(),
        "interest_free_days": (parts[0].due_on - taken_on).days,
        "principal_fen": [part.principal_minor for part in parts],
        "fee_fen": [part.fee_minor for part in parts],
        "total_fen": [part.principal_minor + part.fee_minor for part in parts],
        "principal_fen_each": parts[0].principal_minor,
        "fee_fen_each": parts[0].fee_minor,
        "total_fen_each": parts[0].principal_minor + parts[0].fee_minor,
        "fee_fen_total": plan.fee_minor,
    }
    assert {key: figures[key] for key in expected} == expected
    if "principal_fen_each" in expected:
        assert {(part.principal_minor, part.fee_minor) for part in parts} == {
            (expected["principal_fen_each"], expected["fee_fen_each"])
        }


@pytest.mark.parametrize("case", group("refunds", "cases"))
def test_refunds_split_as_the_vectors_say(case: dict, pack: Pack) -> None:
    given, expected = case["input"], case["expect"]
    policy = refund_policy(pack, on=TODAY, lender_type="cfc")
    if given.get("mode") == "statement":
        refund = given["refund_fen"] if "refund_fen" in given else given["refund"]["fen"]
        repaid = given.get("repayments_latest_first", [{"source": "any", "fen": given.get("repaid_fen", 0)}])
        due, unbilled = InstalmentKey(UUID(int=1), 1), InstalmentKey(UUID(int=2), 1)
        parts, rest = allocate(
            refund,
            [
                OpenInstalment(due, date(2026, 12, 1), True, given.get("due_now_fen", 0)),
                OpenInstalment(unbilled, date(2027, 1, 1), False, given.get("unbilled_fen", 0)),
            ],
        )
        paid = {part.instalment_id: part.total_minor for part in parts}
        returned, credit = return_to_sources(rest, [Repayment(each["source"], each["fen"]) for each in repaid])
        figures = {
            "offset_due_fen": paid.get(due, 0),
            "offset_unbilled_fen": paid.get(unbilled, 0),
            "returned": [{"source": part.source, "fen": part.minor} for part in returned],
            "returned_fen": sum(part.minor for part in returned),
        }
        assert {key: figures[key] for key in expected} == expected
        assert credit == 0
        return
    is_bill = given.get("kind") == "bill_plan"
    parts = [{"principal_fen": 40_000, "fee_fen": fee} for fee in given["fee_fen"]] if is_bill else given["plan"]
    paid = given.get("paid_instalments", 0)
    instalments = tuple(
        RefundableInstalment(
            part["principal_fen"],
            part["fee_fen"],
            principal_paid_minor=part["principal_fen"] if index < paid else 0,
            fee_paid_minor=part["fee_fen"] if index < paid else 0,
        )
        for index, part in enumerate(parts)
    )
    captured = sum(part["principal_fen"] for part in parts)
    purchase = RefundablePurchase(captured, instalments, kind=PlanKind.BILL if is_bill else PlanKind.ORDER)
    refund = refund_plan(purchase, given["refund_fen"], policy)
    figures = {
        "offset_principal_fen": sum(refund.offset_minor),
        "unpaid_fee_written_off_fen": sum(refund.fee_written_off_minor),
        "returned_fen": refund.returned_minor,
        "open_instalments": [
            {"principal_fen": after.principal_minor, "fee_fen": after.fee_minor} for after in refund.open_after[paid:]
        ],
        "limit_restored_fen": refund.limit_restored_minor,
        "paid_fee_returned_fen": refund.paid_fee_returned_minor,
    }
    assert {key: figures[key] for key in expected} == expected


@pytest.mark.parametrize("case", group("annual_rates"))
def test_yearly_rates_agree_to_nine_decimals(case: dict) -> None:
    given, expected = case["input"], case["expect"]
    paid_out = given.get("paid_out_fen", given["principal_fen"])
    rates = rates_of_payments(paid_out, [given["payment_fen"]] * given["n"])
    assert abs(rates.monthly - Decimal(expected["monthly_irr"])) < TOLERANCE
    assert abs(rates.simple - Decimal(expected["simple_irr_x12"])) < TOLERANCE
    assert abs(rates.compound - Decimal(expected["irr_compound"])) < TOLERANCE
    assert rates.displayed() == (expected["display_percent"]["simple"], expected["display_percent"]["compound"])
    methods = {"simple": "simple_irr_x12", "compound": "irr_compound", "max_of_both": "max_of_both"}
    for name, is_under in expected.get("under_24_percent", {}).items():
        assert is_allowed(rates, Cap(Decimal("0.24"), CapMethod(methods[name]), "", "")) is is_under


@pytest.mark.parametrize("case", group("cap_matrix", "cells"))
def test_the_largest_fee_stays_under_the_cap_and_a_fen_more_breaks_it(case: dict) -> None:
    principal, count = vectors()["cap_matrix"]["principal_fen"], case["terms"]
    cap = Cap(Decimal(case["cap"]), CapMethod(case["convention"]), "", "")
    assert fee_rate_max(count, cap, places=12) == Decimal(case["max_flat_fee_per_term"])
    assert fee_rate_max(count, cap) == Decimal(case["max_percent_floor_3"]) / 100
    at_most = rates_of_payments(principal, [principal // count + case["fee_fen_max"]] * count)
    beyond = rates_of_payments(principal, [principal // count + case["refused_fee_fen"]] * count)
    assert is_allowed(at_most, cap)
    assert not is_allowed(beyond, cap)
    assert abs(at_most.under(cap.method) - Decimal(case["rate_at_max"])) < TOLERANCE
    assert abs(beyond.under(cap.method) - Decimal(case["rate_at_refused"])) < TOLERANCE


@pytest.mark.parametrize("case", group("max_daily_rate"))
def test_the_largest_daily_penalty_rounds_down(case: dict) -> None:
    cap = Decimal(case["cap"])
    assert Decimal(cap_ppm_per_day(cap)) / 10**6 == Decimal(case["max_daily"])
    assert may_charge_daily(Decimal(case["max_daily"]), cap)
    assert not may_charge_daily(Decimal(case["next_up_refused"]), cap)


@pytest.mark.parametrize("case", group("daily_rates"))
def test_daily_penalties_are_allowed_under_the_caps_named(case: dict) -> None:
    daily = Decimal(case["daily"])
    assert daily * 365 == Decimal(case["annual_simple"])
    for name, is_allowed_there in case["allowed_as_penalty"].items():
        assert may_charge_daily(daily, Decimal(name.removeprefix("cap_")) / 100) is is_allowed_there


@pytest.mark.parametrize("case", group("amounts"))
def test_amounts_come_out_to_the_fen(case: dict, pack: Pack) -> None:
    given, expected = case["input"], case["expect"]
    if "daily_rate" in given:
        ppm = int(Decimal(given["daily_rate"]) * 10**6)
        accrued = accrue(given["principal_fen"], ppm, days=given["days"]).accrued_micro
        assert posted_minor(accrued) == expected["interest_fen"]
    elif "mdr" in given:
        fee = int(given["price_fen"] * Fraction(given["mdr"]))
        debit = merchant_debit(
            given["refund_fen"], price_minor=given["price_fen"], merchant_fee_minor=fee, is_fee_returned=False
        )
        settled = given["price_fen"] - fee
        assert (settled, debit, settled - debit) == (
            expected["settled_fen"],
            expected["refund_debit_fen"],
            expected["merchant_net_fen"],
        )
    else:
        rate, subsidy = government_subsidy(
            given["principal_fen"],
            Decimal(given["rate_annual"]),
            given["days"],
            used_minor=given["already_used_fen"],
            pack=pack,
            on=TODAY,
            lender_type="bank",
        )
        assert (rate, subsidy) == (Decimal(expected["subsidy_rate"]), expected["subsidy_fen"])


def test_the_calendar_of_2026_is_the_published_one() -> None:
    given, calendar = vectors()["calendar"], china_calendar()
    year = [row.day for row in calendar.days_of(2026)]
    assert [str(day) for day in year if day.weekday() > 4 and calendar.is_workday(day)] == given["makeup_workdays"]
    assert [str(day) for day in year if day.weekday() < 5 and not calendar.is_workday(day)] == given[
        "weekday_rest_days"
    ]


@pytest.mark.parametrize("case", group("calendar", "next_workday"))
def test_the_next_workday_is_the_published_one(case: dict) -> None:
    assert china_calendar().next_workday(day(case["after"])) == day(case["expect"])


def test_a_year_without_notice_is_provisional_and_never_raises(billing: BillingPolicy) -> None:
    cases = {case["id"]: case for case in vectors()["calendar"]["provisional"]}
    calendar = china_calendar()
    assert calendar.is_provisional(day(cases["K1"]["input"]["date"])) is cases["K1"]["expect"]["provisional"]
    given, expected = cases["K2"]["input"], cases["K2"]["expect"]
    terms = PlanTerms("K2", given["terms"], Decimal(0), FeePayer.CONSUMER, BillingMode.ORDER)
    dues = [part.due_on for part in make_plan(terms, 240_000, day(given["purchase_on"]), 1, billing).instalments]
    assert (dues[0], dues[-1]) == (day(expected["first_due_on"]), day(expected["last_due_on"]))
    assert sum(calendar.is_provisional(due) for due in dues) == expected["due_dates_on_provisional_years"]


def test_a_purchase_on_the_statement_day_belongs_to_the_next_cycle() -> None:
    assert next_statement_on(date(2026, 2, 1), 1) == date(2026, 3, 1)


def is_allowed(rates: AnnualRates, cap: Cap) -> bool:
    try:
        check_rate(rates, cap)
    except PriceAboveCap:
        return False
    return True


def may_charge_daily(daily: Decimal, cap: Decimal) -> bool:
    try:
        check_penalty_rate(daily, cap)
    except PenaltyAboveCap:
        return False
    return True
