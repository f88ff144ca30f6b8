"""What of a line a purchase may not use; warnings that come at one level and go at a lower one; cuts and raises."""

from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest

from tiao.credit import engines, reasons, rules
from tiao.credit.limits.model import LimitKind, Sublimit, Use
from tiao.credit.limits.rules import check_grant, extras, withheld
from tiao.credit.model import DecisionOutcome, ReviewInputs
from tiao.credit.refusals import SublimitInvalid

POLICY = engines.load_policy()
TODAY = date(2026, 11, 11)
SHOP, OTHER = UUID(int=11), UUID(int=12)

# A line of 10,000 yuan fixed. Uses are at the shop (scene travel) and elsewhere (scene books), in yuan.
ROOMS = """
# sublimit                     at_shop elsewhere buys_at  free
  -                            0       3000      shop     7000
  temporary:5000:2026-11-11    0       3000      shop     12000
  temporary:5000:2026-11-10    0       3000      shop     7000
  exclusive:4000:2026-12-31    0       3000      shop     11000
  exclusive:4000:2026-12-31    0       3000      other    7000
  exclusive:4000:2026-12-31    1000    3000      shop     10000
  exclusive:4000:2026-12-31    1000    3000      other    7000
  exclusive:4000:2026-12-31    6000    3000      shop     5000
  exclusive:4000:2026-12-31    6000    3000      other    5000
  exclusive:4000:2026-11-10    1000    3000      shop     7000
  scene:2000:-                 500     3000      shop     1500
  scene:2000:-                 500     3000      other    6500
  scene:2000:-                 2500    3000      shop     0
"""


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line.strip() and not line.strip().startswith("#")]


def made(told: str) -> list[Sublimit]:
    if told == "-":
        return []
    kind, amount, ends_on = told.split(":")
    return [
        Sublimit(
            bucket=1,
            id=UUID(int=1),
            line_id=UUID(int=2),
            customer_id=UUID(int=3),
            kind=LimitKind(kind),
            scene="travel" if kind == "scene" else None,
            merchant_id=SHOP if kind == "exclusive" else None,
            amount_minor=int(amount) * 100,
            ends_on=None if ends_on == "-" else date.fromisoformat(ends_on),
            granted_id=UUID(int=4),
            granted_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
    ]


@pytest.mark.parametrize(("told", "at_shop", "elsewhere", "buys_at", "free"), rows(ROOMS))
def test_a_purchase_uses_what_is_for_its_place(
    told: str, at_shop: str, elsewhere: str, buys_at: str, free: str
) -> None:
    sublimits = made(told)
    uses = [Use(SHOP, "travel", int(at_shop) * 100), Use(OTHER, "books", int(elsewhere) * 100)]
    available = 1_000_000 + extras(sublimits) - sum(use.amount_minor for use in uses)
    scene, merchant = ("travel", SHOP) if buys_at == "shop" else ("books", OTHER)
    kept = withheld(sublimits, uses, scene=scene, merchant_id=merchant, today=TODAY, available_minor=available)
    assert kept >= 0
    assert available - kept == int(free) * 100


@pytest.mark.parametrize(
    ("kind", "amount", "ends_on", "is_fine"),
    [
        (LimitKind.TEMPORARY, 500_000, date(2026, 12, 1), True),
        (LimitKind.TEMPORARY, 510_000, date(2026, 12, 1), False),
        (LimitKind.TEMPORARY, 500_000, date(2027, 1, 11), False),
        (LimitKind.TEMPORARY, 500_000, date(2026, 11, 10), False),
        (LimitKind.TEMPORARY, 500_000, None, False),
        (LimitKind.TEMPORARY, 500_050, date(2026, 12, 1), False),
        (LimitKind.EXCLUSIVE, 2_000_000, date(2027, 11, 11), True),
        (LimitKind.EXCLUSIVE, 2_010_000, date(2027, 11, 11), False),
        (LimitKind.SCENE, 10_000, None, True),
    ],
)
def test_what_may_be_granted(kind: LimitKind, amount: int, ends_on: date | None, *, is_fine: bool) -> None:
    if is_fine:
        check_grant(POLICY, kind, amount, fixed_minor=1_000_000, ends_on=ends_on, today=TODAY)
    else:
        with pytest.raises(SublimitInvalid):
            check_grant(POLICY, kind, amount, fixed_minor=1_000_000, ends_on=ends_on, today=TODAY)


# 10,000 yuan, grade C (ceiling 30,000, floor 2,000); a bill is late after its day, use is a share of the limit.
REVIEWS = """
# late use   behaviour before bills_on_time since after_cut -> outcome after_yuan warnings
  0    0.50  0.10      -      3             3     no           raised  12000  -
  1    0.50  0.10      -      3             3     no           raised  12000  -
  2    0.50  0.10      -      3             3     no           -       10000  L
  2    0.96  0.10      -      0             3     no           cut     7000   LU
  2    0.96  0.10      -      0             2     no           -       10000  LU
  2    0.50  0.40      -      0             3     no           cut     7000   LB
  0    0.96  0.40      -      0             3     no           cut     7000   UB
  1    0.50  0.25      LB     0             3     yes          cut     7000   LB
  0    0.50  0.25      LB     6             6     yes          -       10000  B
  0    0.50  0.19      LB     6             6     yes          raised  12000  -
  0    0.50  0.19      B      5             5     yes          -       10000  -
  0    0.50  0.25      -      3             3     no           raised  12000  -
  0    0.50  0.29      -      3             3     no           -       10000  -
  2    0.96  0.40      -      0             3     no           frozen  10000  LUB
  2    0.96  0.40      -      0             0     no           frozen  10000  LUB
"""
LETTERS = {"L": reasons.WARNING_LATE_BILLS, "U": reasons.WARNING_USE, "B": reasons.WARNING_BEHAVIOUR}


def codes(letters: str) -> tuple[str, ...]:
    return tuple(LETTERS[letter] for letter in letters if letter != "-")


@pytest.mark.parametrize(
    ("late", "use", "behaviour", "before", "on_time", "since", "after_cut", "outcome", "after", "warnings"),
    rows(REVIEWS),
)
def test_two_of_three_warnings_cut_and_none_flickers(  # noqa: PLR0913, PLR0917  a table's columns
    late: str,
    use: str,
    behaviour: str,
    before: str,
    on_time: str,
    since: str,
    after_cut: str,
    outcome: str,
    after: str,
    warnings: str,
) -> None:
    inputs = ReviewInputs(
        UUID(int=1),
        date(2026, 3, 10),
        "C",
        1_000_000,
        True,
        int(on_time),
        0,
        bills_since_change=int(since),
        is_after_cut=after_cut == "yes",
        late_bills=int(late),
        used_minor=int(float(use) * 1_000_000),
        behaviour=float(behaviour),
        warnings_before=codes(before),
    )
    assert rules.warnings_on(POLICY, inputs) == codes(warnings)
    verdict = rules.review_limit(POLICY, inputs)
    if outcome == "-":
        assert verdict is None
        return
    assert verdict is not None
    assert (verdict.outcome.value, verdict.limit_after_minor) == (outcome, int(after) * 100)
    assert len(verdict.reasons) >= reasons.REASONS_MIN
    if verdict.outcome is DecisionOutcome.CUT:
        assert set(codes(warnings)) <= set(verdict.reasons)


def test_a_raise_keeps_under_the_rules_and_the_income() -> None:
    usual = ReviewInputs(UUID(int=1), date(2026, 3, 10), "C", 1_000_000, True, 3, 0)
    for changed, after in (({"cap_minor": 1_100_000}, 1_100_000), ({"income_minor": 175_000}, 1_050_000)):
        verdict = rules.review_limit(POLICY, msgspec.structs.replace(usual, **changed))
        assert verdict is not None
        assert verdict.limit_after_minor == after
    assert rules.review_limit(POLICY, msgspec.structs.replace(usual, cap_minor=900_000)) is None


def test_the_rules_cap_bounds_a_first_limit() -> None:
    row = rules.grade_limit(POLICY, "A")
    assert row is not None
    assert rules.limit_of(POLICY, row, income_minor=10**9, cap_minor=2_000_050) == (2_000_000, reasons.LIMIT_BY_RULE)
