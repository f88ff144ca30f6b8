from __future__ import annotations

from datetime import date

import msgspec
import pytest

from tiao.lending.refunds import (
    OffsetOrder,
    OpenAfter,
    PlanKind,
    RefundableInstalment,
    RefundablePurchase,
    RefundPolicy,
    Repayment,
    Returned,
    UnpaidFeeRule,
    check_refund,
    merchant_debit,
    refund_plan,
    refund_policy,
    return_to_sources,
)
from tiao.lending.refusals import RefundExceedsCaptured, RefundWindowClosed
from tiao.policy.pack import Pack

POLICY = RefundPolicy(
    window_days=365,
    offset_order=OffsetOrder.LAST_INSTALMENT_FIRST,
    unpaid_fee_rule=UnpaidFeeRule.FOLLOWS_OFFSET_PRINCIPAL,
    is_paid_fee_returned=False,
    is_bill_plan_fee_returned=False,
)


def test_the_chinese_pack_keeps_paid_fees_and_takes_the_last_instalment_first() -> None:
    assert refund_policy(Pack.load("cn"), on=date(2026, 11, 22), lender_type="cfc") == POLICY


def purchase(paid: int = 0, **changes: object) -> RefundablePurchase:
    parts = tuple(
        RefundableInstalment(
            40_000,
            600,
            principal_paid_minor=40_000 if index < paid else 0,
            fee_paid_minor=600 if index < paid else 0,
        )
        for index in range(3)
    )
    given = RefundablePurchase(120_000, parts, subsidy_minor=900)
    return msgspec.structs.replace(given, **changes)


CASES = """
# paid refund  off each            fee written off  open after                      returned  subsidy back
  0    30000   0:0:30000           0:0:450          40000/600:40000/600:10000/150   0         225
  1    100000  0:40000:40000       0:600:600        0/0:0/0:0/0                     20000     750
  1    120000  0:40000:40000       0:600:600        0/0:0/0:0/0                     40000     900
  3    120000  0:0:0               0:0:0            0/0:0/0:0/0                     120000    900
  0    120000  40000:40000:40000   600:600:600      0/0:0/0:0/0                     0         900
  0    1       0:0:1               0:0:1            40000/600:40000/600:39999/599   0         0
  2    39999   0:0:39999           0:0:600          0/0:0/0:1/0                     0         299
"""


@pytest.mark.parametrize("line", [line for line in CASES.splitlines() if line.strip() and "#" not in line])
def test_a_refund_comes_off_from_the_last_instalment_forward(line: str) -> None:
    paid, amount, offs, fees, after, returned, subsidy = line.split()
    answer = refund_plan(purchase(int(paid)), int(amount), POLICY)
    assert list(answer.offset_minor) == [int(part) for part in offs.split(":")]
    assert list(answer.fee_written_off_minor) == [int(part) for part in fees.split(":")]
    assert ":".join(f"{part.principal_minor}/{part.fee_minor}" for part in answer.open_after) == after
    assert (answer.returned_minor, answer.subsidy_reversed_minor) == (int(returned), int(subsidy))
    assert answer.limit_restored_minor == sum(answer.offset_minor)
    assert answer.paid_fee_returned_minor == 0


def test_an_instalment_paid_in_part_never_gives_its_paid_fee_back() -> None:
    parts = (RefundableInstalment(40_000, 600, principal_paid_minor=10_000, fee_paid_minor=600),)
    answer = refund_plan(RefundablePurchase(40_000, parts), 30_000, POLICY)
    assert answer.open_after == (OpenAfter(0, 0),)
    assert (answer.fee_written_off_minor, answer.returned_minor) == ((0,), 0)


def test_a_fee_paid_in_part_leaves_what_the_proportion_asks_beyond_it() -> None:
    parts = (RefundableInstalment(40_000, 600, fee_paid_minor=100),)
    answer = refund_plan(RefundablePurchase(40_000, parts), 20_000, POLICY)
    assert answer.open_after == (OpenAfter(20_000, 200),)


def test_paid_fees_come_back_in_proportion_where_the_switch_says_so() -> None:
    returning = msgspec.structs.replace(POLICY, is_paid_fee_returned=True)
    assert refund_plan(purchase(3), 120_000, returning).paid_fee_returned_minor == 1800
    assert refund_plan(purchase(1), 60_000, returning).paid_fee_returned_minor == 300
    later = purchase(1, refunded_minor=60_000, paid_fee_returned_minor=300)
    assert refund_plan(later, 60_000, returning).paid_fee_returned_minor == 300


def test_a_share_of_the_order_lowers_every_open_fee_alike() -> None:
    by_order = msgspec.structs.replace(POLICY, unpaid_fee_rule=UnpaidFeeRule.SHARE_OF_ORDER)
    answer = refund_plan(purchase(), 30_000, by_order)
    assert [part.fee_minor for part in answer.open_after] == [450, 450, 450]


def test_an_even_spread_takes_from_all_open_instalments() -> None:
    spread = msgspec.structs.replace(POLICY, offset_order=OffsetOrder.SPREAD_EQUALLY)
    assert refund_plan(purchase(), 30_001, spread).offset_minor == (10_000, 10_000, 10_001)
    assert refund_plan(purchase(1), 30_000, spread).offset_minor == (0, 15_000, 15_000)


def test_one_orders_refund_leaves_a_bills_fee_alone() -> None:
    answer = refund_plan(purchase(kind=PlanKind.BILL), 30_000, POLICY)
    assert (sum(answer.fee_written_off_minor), answer.paid_fee_returned_minor) == (0, 0)
    assert answer.offset_minor == (0, 0, 30_000)


def test_no_source_gets_back_more_than_is_left_of_what_it_paid() -> None:
    repaid = [Repayment("a", 1000, returned_minor=1000), Repayment("b", 500, returned_minor=200)]
    assert return_to_sources(400, repaid) == ((Returned("b", 300),), 100)


@pytest.mark.parametrize("today", ["2026-01-01", "2027-01-01"])
def test_a_refund_within_its_window_and_what_was_captured_is_taken(today: str) -> None:
    check_refund(
        100,
        captured_minor=300,
        refunded_minor=200,
        captured_on=date(2026, 1, 1),
        today=date.fromisoformat(today),
        policy=POLICY,
    )


@pytest.mark.parametrize(
    ("refund", "today", "refusal"),
    [(101, "2026-01-01", RefundExceedsCaptured), (100, "2027-01-02", RefundWindowClosed)],
)
def test_a_refund_beyond_what_was_captured_or_too_late_is_refused(
    refund: int, today: str, refusal: type[RefundExceedsCaptured | RefundWindowClosed]
) -> None:
    with pytest.raises(refusal):
        check_refund(
            refund,
            captured_minor=300,
            refunded_minor=200,
            captured_on=date(2026, 1, 1),
            today=date.fromisoformat(today),
            policy=POLICY,
        )


def test_the_merchants_fee_is_kept_unless_agreed_otherwise() -> None:
    def debit(refund: int, *, before: int = 0, returned: bool = False) -> int:
        return merchant_debit(
            refund, price_minor=1000, merchant_fee_minor=33, refunded_minor=before, is_fee_returned=returned
        )

    assert debit(1000) == 1000
    assert debit(1000, returned=True) == 967
    assert debit(500, returned=True) + debit(500, before=500, returned=True) == 967
