"""Whatever the income, the grade and the history, a limit is whole, and never above its grade's ceiling or the cap."""

from datetime import date
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tiao.credit import engines, rules
from tiao.credit.model import DecisionOutcome, ReviewInputs

POLICY = engines.load_policy()
rows = st.sampled_from((*POLICY.grades, POLICY.thin_file))
caps = st.integers(POLICY.thin_file.floor_minor, 20_000_000)
incomes = st.integers(0, 10**12)


@given(rows, incomes, caps)
def test_a_first_limit_stays_under_its_caps(row: rules.GradeLimit, income: int, cap: int) -> None:
    policy = msgspec.structs.replace(POLICY, programme_cap_minor=cap)
    limit, _ = rules.limit_of(policy, row, income_minor=income)
    assert 0 < limit <= min(row.ceiling_minor, cap)
    assert limit % policy.limit_step_minor == 0


@given(rows, st.integers(0, 10**9), st.integers(0, 10**9))
def test_more_income_never_means_a_smaller_limit(row: rules.GradeLimit, income: int, more: int) -> None:
    limit, _ = rules.limit_of(POLICY, row, income_minor=income)
    larger, _ = rules.limit_of(POLICY, row, income_minor=income + more)
    assert larger >= limit


@given(rows, incomes, caps, st.lists(st.tuples(st.integers(0, 12), st.integers(0, 7)), max_size=40))
def test_no_run_of_reviews_lifts_a_limit_over_its_caps(
    row: rules.GradeLimit, income: int, cap: int, histories: list[tuple[int, int]]
) -> None:
    policy = msgspec.structs.replace(POLICY, programme_cap_minor=cap)
    limit, _ = rules.limit_of(policy, row, income_minor=income)
    is_active = True
    for bills, stage in histories:
        verdict = rules.review_limit(
            policy, ReviewInputs(UUID(int=1), date(2026, 3, 1), row.grade, limit, is_active, bills, stage)
        )
        if verdict is None:
            continue
        assert is_active, "a frozen line is not touched"
        assert limit <= verdict.limit_after_minor <= min(row.ceiling_minor, cap, limit * 6 // 5)
        assert verdict.limit_after_minor % policy.limit_step_minor == 0
        assert stage == 0 or verdict.outcome is DecisionOutcome.FROZEN, "nobody overdue is raised"
        limit, is_active = verdict.limit_after_minor, verdict.outcome is not DecisionOutcome.FROZEN
