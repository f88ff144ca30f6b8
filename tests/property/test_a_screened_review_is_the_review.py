"""Looked at as arrays, exactly those lines are left out about which a review, line by line, says nothing."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tiao.credit import engines, reasons, rules
from tiao.credit.model import LineHistory, ReviewInputs
from tiao.credit.screening import Standing, changing
from tiao.credit.strategy import Band, LimitPolicy, Warnings
from tiao.credit.warning.rules import is_fresh

ON = date(2026, 6, 20)
SHIPPED = engines.load_policy()
#: Levels at which shares and probabilities are cut, and their neighbours.
EDGES = ("0", "0.1", "0.2", "0.25", "0.3", "0.333", "0.8", "0.95", "1")

shares = st.sampled_from([Decimal(each) for each in EDGES])
warnings = st.builds(
    Warnings,
    late_bills=st.builds(Band, on_from=st.sampled_from([Decimal(1), Decimal("1.5"), Decimal(2)]), off_at=shares),
    use=st.builds(Band, on_from=shares, off_at=shares),
    behaviour=st.builds(Band, on_from=shares, off_at=shares),
)
policies = st.builds(
    lambda caps, counts, moved, bands, calm: msgspec.structs.replace(
        SHIPPED,
        programme_cap_minor=caps[0],
        limit_step_minor=caps[1],
        raise_after_bills=counts[0],
        raise_after_cut_bills=counts[1],
        cut_rest_bills=counts[2],
        cut_from_warnings=counts[3],
        freeze_from_warnings=counts[4],
        cut_share=moved[0],
        raise_share=moved[1],
        income_cap_multiple=moved[2],
        warnings=bands,
        raise_behaviour_max=calm,
        profile=None,
    ),
    st.tuples(st.integers(50_000, 6_000_000), st.sampled_from([1, 100, 10_000])),
    st.tuples(*[st.integers(0, 3)] * 3, st.integers(1, 3), st.integers(0, 3)),
    st.tuples(*[shares] * 3),
    warnings,
    shares,
)
codes = (reasons.WARNING_LATE_BILLS, reasons.WARNING_USE, reasons.WARNING_BEHAVIOUR)
behaviours = st.none() | st.floats(0, 1) | st.sampled_from([float(each) for each in EDGES])
limits = st.integers(0, 6_000_000) | st.sampled_from([50_000, 200_000, 5_000_000])
standings = st.builds(
    Standing,
    line_id=st.just(UUID(int=1)),
    is_active=st.booleans(),
    limit_minor=limits,
    used_minor=st.integers(0, 7_000_000) | limits,
    sublimits=st.just(0),
    grade=st.none() | st.sampled_from([*"ABCDEFN", "Z"]),
    income_minor=st.none() | st.integers(0, 2_000_000),
    behaviour=behaviours,
    behaviour_on=st.none() | st.integers(-1, 33).map(lambda days: ON - timedelta(days=days)),
    flags=st.lists(st.sampled_from(codes), unique=True).map(lambda names: [each for each in codes if each in names]),
)
histories = st.builds(
    LineHistory,
    line_id=st.just(UUID(int=1)),
    bills_on_time_in_a_row=st.integers(0, 4),
    worst_stage=st.integers(0, 3),
    bills_since_change=st.integers(0, 4),
    late_bills=st.integers(0, 3),
    is_after_cut=st.booleans(),
)
pairs = st.lists(st.tuples(standings, histories), min_size=1, max_size=20)


@settings(max_examples=400)
@given(policies, pairs, st.none() | st.integers(0, 6_000_000))
def test_those_are_left_out_about_whom_a_review_says_nothing(
    policy: LimitPolicy, given: list[tuple[Standing, LineHistory]], cap: int | None
) -> None:
    found = changing(policy, [one for one, _ in given], [one for _, one in given], on=ON, cap_minor=cap)
    assert found.tolist() == [_says_something(policy, standing, history, cap) for standing, history in given]


@given(pairs)
def test_shares_too_fine_to_count_are_looked_at_one_by_one(given: list[tuple[Standing, LineHistory]]) -> None:
    fine = msgspec.structs.replace(SHIPPED, raise_share=Decimal("0.20000001"))
    assert changing(fine, [one for one, _ in given], [one for _, one in given], on=ON, cap_minor=None).all()


@given(standings, histories, st.sampled_from([(codes[2], codes[0]), ("GONE",)]))
def test_lines_with_sublimits_or_other_warnings_are_looked_at(
    standing: Standing, history: LineHistory, flags: Sequence[str]
) -> None:
    odd = [standing._replace(sublimits=1), standing._replace(flags=flags)]
    assert changing(SHIPPED, odd, [history] * 2, on=ON, cap_minor=None).all()


def _says_something(policy: LimitPolicy, standing: Standing, history: LineHistory, cap: int | None) -> bool:
    """Ask the rule of one line."""
    behaviour = standing.behaviour if is_fresh(standing.behaviour_on, ON) else None
    inputs = ReviewInputs(
        line_id=history.line_id,
        reviewed_on=ON,
        grade=policy.thin_file.grade if standing.grade is None else standing.grade,
        limit_minor=standing.limit_minor,
        is_active=standing.is_active,
        bills_on_time_in_a_row=history.bills_on_time_in_a_row,
        worst_stage=history.worst_stage,
        bills_since_change=history.bills_since_change,
        is_after_cut=history.is_after_cut,
        late_bills=history.late_bills,
        used_minor=standing.used_minor,
        behaviour=behaviour,
        behaviour_on=standing.behaviour_on if behaviour is not None else None,
        warnings_before=tuple(standing.flags),
        income_minor=standing.income_minor,
        cap_minor=cap,
    )
    is_other = rules.warnings_on(policy, inputs) != inputs.warnings_before
    return is_other or rules.review_limit(policy, inputs) is not None
