from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from tiao.lending.billing import billing_policy
from tiao.lending.disclosure import (
    CostSheet,
    CostSheetAck,
    FeeItem,
    all_in_rates,
    canonical_bytes,
    check_acknowledged,
    cost_sheet,
)
from tiao.lending.model import BillingMode, FeePayer, Plan, PlanTerms
from tiao.lending.plans import make_plan
from tiao.lending.refusals import (
    CostSheetNotAcknowledged,
    FeeTypeUndecided,
    FeeWithoutPayee,
    ReadingTimeNotOver,
)
from tiao.policy.pack import Pack

CN = Pack.load("cn")
ON = date(2026, 8, 1)
SHOWN = datetime(2026, 8, 1, 12, tzinfo=UTC)


def plan(payer: FeePayer = FeePayer.CONSUMER) -> Plan:
    terms = PlanTerms("instalments_3", 3, Decimal("0.005"), payer, BillingMode.ORDER)
    return make_plan(terms, 120_000, ON, 1, billing_policy(CN, on=ON, lender_type="bank"))


def sheet(*others: FeeItem, payee: str = "Example Bank") -> CostSheet:
    return cost_sheet(
        plan(),
        lender="Example Bank",
        fee_payee=payee,
        currency="CNY",
        contract_on=ON,
        penalty_ppm_per_day=500,
        policy_digest="00",
        other_items=others,
    )


GUARANTEE = FeeItem("guarantee", "of principal, a term", "0.002", "Example Guarantee", True, 0, (240, 240, 240))


def ack(of: CostSheet, *, seconds: int = 5) -> CostSheetAck:
    return CostSheetAck(of.digest, SHOWN, SHOWN + timedelta(seconds=seconds))


def check(of: CostSheet, given: CostSheetAck | None, on: date = ON) -> None:
    check_acknowledged(of, given, pack=CN, lender_type="bank", contract_on=on)


def test_a_sheet_names_every_cost_its_payee_and_the_costs_of_default_apart() -> None:
    written = sheet(GUARANTEE)
    assert [(item.kind, item.payee, item.total_minor) for item in written.items] == [
        ("instalment_fee", "Example Bank", 1800),
        ("guarantee", "Example Guarantee", 720),
    ]
    assert [(cost.kind, cost.rate) for cost in written.contingent] == [("penalty", "0.000500")]
    assert written.annual_rate_compound > sheet().annual_rate_compound > Decimal("0.09")


def test_a_sheet_is_hashed_in_one_form() -> None:
    assert canonical_bytes(sheet()).decode().splitlines() == [
        "tiao-cost-sheet/1",
        "lender\tExample Bank",
        "contract_on\t2026-08-01",
        "principal\t120000\tCNY",
        "terms\t3\t2026-09-01\t2026-11-01",
        "fee\tinstalment_fee\toriginal principal, a term\t0.005\tExample Bank\tTrue\t0\t600\t600\t600",
        "annual_rate_compound\t0.093564764007",
        "annual_rate_simple\t0.089776949275",
        "contingent\tpenalty\toverdue principal, a day\t0.000500\tExample Bank",
        "statement\tnothing_else_is_charged",
        "policy\t00",
    ]
    assert sheet().digest == sheet().digest
    changes = [{"lender": "X"}, {"principal_minor": 1}, {"policy_digest": "01"}, {"items": ()}, {"contingent": ()}]
    digests = {msgspec.structs.replace(sheet(), **change).digest for change in changes}
    assert len(digests | {sheet().digest}) == len(changes) + 1


def test_a_fee_the_merchant_bears_is_not_a_cost_of_the_customer() -> None:
    free = cost_sheet(
        plan(FeePayer.MERCHANT),
        lender="Example Bank",
        fee_payee="Example Bank",
        currency="CNY",
        contract_on=ON,
        penalty_ppm_per_day=500,
        policy_digest="00",
    )
    assert (free.items, free.annual_rate_compound) == ((), 0)


def test_a_fee_nobody_decided_on_or_without_payee_cannot_be_written() -> None:
    with pytest.raises(FeeTypeUndecided):
        sheet(msgspec.structs.replace(GUARANTEE, is_in_all_in_cost=None))
    with pytest.raises(FeeWithoutPayee):
        sheet(msgspec.structs.replace(GUARANTEE, payee=" "))
    with pytest.raises(FeeWithoutPayee):
        sheet(payee="")


def test_a_cost_decided_not_to_count_is_shown_but_not_in_the_rate() -> None:
    outside = msgspec.structs.replace(GUARANTEE, is_in_all_in_cost=False)
    assert sheet(outside).annual_rate_compound == sheet().annual_rate_compound
    assert len(sheet(outside).items) == 2


def test_money_asked_for_at_signing_counts_like_money_never_paid_out() -> None:
    upfront = FeeItem("opening", "once", "0.01", "Example Bank", True, upfront_minor=1200)
    rates = all_in_rates(plan(FeePayer.MERCHANT), [upfront])
    assert rates.monthly > Decimal("0.005")


def test_the_very_sheet_read_long_enough_is_accepted() -> None:
    check(sheet(), ack(sheet()))


def test_signing_without_a_confirmed_sheet_is_refused_from_its_first_day() -> None:
    with pytest.raises(CostSheetNotAcknowledged):
        check(sheet(), None)
    check(sheet(), None, on=date(2026, 7, 31))


def test_another_sheets_confirmation_is_refused() -> None:
    with pytest.raises(CostSheetNotAcknowledged):
        check(sheet(GUARANTEE), ack(sheet()))


def test_a_confirmation_before_the_reading_time_is_refused() -> None:
    with pytest.raises(ReadingTimeNotOver):
        check(sheet(), ack(sheet(), seconds=4))
