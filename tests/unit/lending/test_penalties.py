from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from tiao.lending.penalties import (
    PenaltyBase,
    accrue,
    cap_ppm_per_day,
    check_penalty_rate,
    penalty_ceiling,
    penalty_policy,
    penalty_ppm_per_day,
    posted_minor,
)
from tiao.lending.refusals import PenaltyAboveCap
from tiao.policy.pack import Pack

CN = Pack.load("cn")


@pytest.mark.parametrize(("cap", "ppm"), [("0.24", 657), ("0.20", 547), ("0.12", 328), ("0", 0), ("0.000364", 0)])
def test_a_yearly_cap_becomes_a_daily_one_rounded_down(cap: str, ppm: int) -> None:
    assert cap_ppm_per_day(Decimal(cap)) == ppm
    check_penalty_rate(Decimal(ppm) / 10**6, Decimal(cap))
    with pytest.raises(PenaltyAboveCap):
        check_penalty_rate(Decimal(ppm + 1) / 10**6, Decimal(cap))


@pytest.mark.parametrize(
    ("daily", "cap", "interest_ppm", "charged"),
    [
        ("0.0005", "0.24", 0, 500),
        ("0.0007", "0.24", 0, 657),
        ("0.0005", "0.12", 0, 328),
        ("0.0005", "0.24", 300, 357),
        ("0.0005", "0.24", 700, 0),
        ("0.0005009", "0.24", 0, 500),
    ],
)
def test_what_is_charged_is_the_smaller_of_rate_and_cap(daily: str, cap: str, interest_ppm: int, charged: int) -> None:
    assert penalty_ppm_per_day(Decimal(daily), Decimal(cap), interest_ppm_per_day=interest_ppm) == charged


@pytest.mark.parametrize(
    ("on", "lender", "ppm"),
    [
        ("2026-11-22", "bank", 500),
        ("2027-12-30", "mfc", 500),
        ("2027-12-31", "mfc", 328),
        ("2026-01-01", "merchant_credit", 328),
        ("2019-01-01", "cfc", 500),
    ],
)
def test_a_contract_fixes_its_penalty_on_its_day(on: str, lender: str, ppm: int) -> None:
    policy = penalty_policy(CN, on=date.fromisoformat(on), lender_type=lender)
    assert (policy.ppm_per_day, policy.base, policy.grace_days) == (ppm, PenaltyBase.OVERDUE_PRINCIPAL, 0)


def test_a_product_with_a_penalty_above_its_cap_cannot_be_published() -> None:
    ceiling = penalty_ceiling(CN, on=date(2027, 12, 31), lender_type="mfc")
    assert ceiling == Decimal("0.120")
    with pytest.raises(PenaltyAboveCap):
        check_penalty_rate(Decimal("0.0005"), ceiling)


def test_interest_running_on_the_same_principal_counts() -> None:
    check_penalty_rate(Decimal("0.0005"), Decimal("0.24"), interest_daily_rate=Decimal("0.000157"))
    with pytest.raises(PenaltyAboveCap):
        check_penalty_rate(Decimal("0.0005"), Decimal("0.24"), interest_daily_rate=Decimal("0.000158"))


DAYS = """
# base   ppm  days  charged
  10000  400  5     20
  10000  500  1     5
  1999   500  1     0
  1999   500  2     1
  1      657  1522  0
  1      657  1523  1
  0      657  999   0
"""


@pytest.mark.parametrize("line", [line for line in DAYS.splitlines() if line.strip() and "#" not in line])
def test_only_whole_minor_units_are_charged(line: str) -> None:
    base, ppm, days, charged = map(int, line.split())
    accrued = accrue(base, ppm, days=days)
    assert accrued.to_post_minor == charged
    assert posted_minor(accrued.accrued_micro) == charged


def test_the_fee_bears_a_penalty_only_where_the_contract_says_so() -> None:
    policy = penalty_policy(CN, on=date(2026, 11, 22), lender_type="cfc")
    assert policy.base_minor(principal_minor=1000, fee_minor=50) == 1000
    with_fee = msgspec.structs.replace(policy, base=PenaltyBase.OVERDUE_PRINCIPAL_AND_FEE)
    assert with_fee.base_minor(principal_minor=1000, fee_minor=50) == 1050
