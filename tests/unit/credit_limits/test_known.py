"""What a profile says of a customer's means bounds a limit, down to the grade's floor and no further."""

import hashlib
from decimal import Decimal

import msgspec
import pytest

from tiao.credit import engines, reasons, rules
from tiao.credit.known import NOTHING, Known, known_of
from tiao.credit.refusals import LimitPolicyInvalid
from tiao.credit.strategy import ProfileRules
from tiao.wiring import shipped_engine

POLICY = engines.load_policy()
#: Without any one of them a line is half of what it would be.
STRICT = msgspec.structs.replace(
    POLICY, profile=ProfileRules(Decimal(3), Decimal(6), ("partner", "social"), Decimal("0.5"))
)

# Grade B: 2.5 times income, from 2,000 to 40,000 yuan. At most three months of inflow; with what is owed elsewhere at
# most six months of the lesser of both.
LIMITS = """
# income inflow exposure limit bound
  10000  -      -        25000 LIMIT_BY_INCOME
  10000  9000   -        25000 LIMIT_BY_INCOME
  10000  8000   -        24000 LIMIT_BY_INFLOW
  10000  100    -        2000  LIMIT_BY_INFLOW
  10000  0      -        2000  LIMIT_BY_INFLOW
  10000  -      20000    25000 LIMIT_BY_INCOME
  10000  -      36000    24000 LIMIT_BY_EXPOSURE
  10000  8000   30000    18000 LIMIT_BY_EXPOSURE
  10000  -      90000    2000  LIMIT_BY_EXPOSURE
  500    20000  -        2000  LIMIT_BY_FLOOR
"""


def _rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line.strip() and not line.strip().startswith("#")]


def _minor(yuan: str) -> int | None:
    return None if yuan == "-" else int(yuan) * 100


@pytest.mark.parametrize(("income", "inflow", "exposure", "limit", "bound"), _rows(LIMITS))
def test_inflow_and_exposure_bound_a_limit(income: str, inflow: str, exposure: str, limit: str, bound: str) -> None:
    row = rules.grade_limit(POLICY, "B")
    assert row is not None
    known = Known(_minor(inflow), _minor(exposure))
    found = rules.limit_of(POLICY, row, income_minor=int(income) * 100, known=known)
    assert found == (int(limit) * 100, bound)


def test_missing_sources_make_a_limit_smaller_and_refuse_nobody() -> None:
    row = rules.grade_limit(STRICT, "B")
    assert row is not None
    both = Known(absent=frozenset({"partner", "social", "consumption"}))
    found = rules.limit_of(STRICT, row, income_minor=1_000_000, known=both)
    assert found == (1_250_000, reasons.LIMIT_WITHOUT_SOURCES)
    one = Known(absent=frozenset({"social"}))
    assert rules.limit_of(STRICT, row, income_minor=1_000_000, known=one) == (2_500_000, reasons.LIMIT_BY_INCOME)
    assert rules.limit_of(STRICT, row, income_minor=0, known=both)[0] == row.floor_minor


def test_a_quarter_of_inflow_is_a_month_of_it_and_nothing_told_is_nothing_known() -> None:
    assert known_of(None, []) is NOTHING
    profile = {"partner_inflow_90d": 1_000_000, "partner_exposure": 5}
    assert known_of(profile, ["social"]) == Known(333_333, 5, frozenset({"social"}))
    assert known_of({}, []) == Known()


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (ProfileRules(inflow_multiple=Decimal(0)), "positive"),
        (ProfileRules(without_share=Decimal(0)), "never nothing"),
        (ProfileRules(wants=("gossip",)), "no source gossip"),
    ],
)
def test_a_policy_that_bounds_by_nonsense_does_not_start(wrong: ProfileRules, fault: str) -> None:
    policy = msgspec.structs.replace(POLICY, profile=wrong)
    with pytest.raises(LimitPolicyInvalid, match=fault):
        engines.engine_of(shipped_engine().scorer, policy)  # type: ignore[arg-type]


def test_a_policy_of_an_earlier_release_is_still_the_one_that_was_kept() -> None:
    """Fields that came later are filled in; the version stays that of the content as it was written."""
    content = engines.canonical_policy(POLICY)
    older = msgspec.json.decode(content[1:])
    for name in ("profile", "freeze_from_warnings", "raise_behaviour_max"):
        del older[name]
    body = content[:1] + msgspec.json.encode(older, order="sorted")
    version = f"{POLICY.name}-{hashlib.sha256(body).hexdigest()[:12]}"
    assert engines.policy_from(body, version).profile is None
    with pytest.raises(LimitPolicyInvalid):
        engines.policy_from(body, engines.policy_version(POLICY))
