"""No more honest payments are challenged than the budget allows, and no fewer than it could; nothing else changes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tiao.risk.budget import budget_of, challenged, decided, gains, least_friction
from tiao.risk.decisions import thresholds
from tiao.risk.model import Costs

TYPICAL = 100.0
#: Scores with many ties and both ends, amounts over five orders of magnitude, and what each counts for.
PAYMENT = st.tuples(
    st.one_of(st.sampled_from((0.0, 1e-13, 0.5, 1 - 1e-13)), st.floats(0, 1 - 1e-13)),
    st.one_of(st.sampled_from((0.0, 1.0, 100.0)), st.floats(0, 1e6)),
    st.sampled_from((0.0, 1.0, 1.0, 3.7)),
)
SHARES = st.one_of(st.sampled_from((0.0, 0.015, 0.5, 1.0)), st.floats(0, 1))
COSTS = Costs()


def columns(payments: list[tuple[float, float, float]]) -> Any:  # noqa: ANN401  three arrays
    made = np.array(payments, dtype=np.float64).reshape(-1, 3)
    return made[:, 0], made[:, 1], made[:, 2]


@settings(max_examples=400, deadline=None)
@given(payments=st.lists(PAYMENT, max_size=60), share=SHARES)
def test_a_budget_is_kept_and_used(payments: list[tuple[float, float, float]], share: float) -> None:
    probability, amount, genuine = columns(payments)
    gained = gains(probability, amount, COSTS, typical=TYPICAL)
    friction = least_friction(gained, genuine, share)
    places = decided(probability, amount, COSTS, typical=TYPICAL, friction=friction)
    total = genuine.sum()
    assert genuine[places > 0].sum() <= share * total + 1e-9 * max(1.0, total)
    assert challenged(gained, genuine, friction) <= share + 1e-9
    if friction > 0:
        # With the least of those that are let pass for the budget's sake, it would be exceeded.
        spared = gained[(gained > 0) & (places == 0)]
        assert challenged(gained, genuine, float(np.nextafter(spared.max(), 0))) > share - 1e-9
    made = budget_of(gained, genuine, share)
    assert (made.friction, made.challenged_max) == (friction, share)
    assert made.challenged <= made.by_cost


@settings(max_examples=300, deadline=None)
@given(payments=st.lists(PAYMENT, min_size=1, max_size=40), frictions=st.tuples(st.floats(0, 50), st.floats(0, 50)))
def test_dearer_friction_lets_pass_and_changes_no_other_outcome(
    payments: list[tuple[float, float, float]], frictions: tuple[float, float]
) -> None:
    probability, amount, _ = columns(payments)
    low, high = (decided(probability, amount, COSTS, typical=TYPICAL, friction=each) for each in sorted(frictions))
    assert ((high == 0) | (high == low)).all()


@settings(max_examples=200, deadline=None)
@given(payments=st.lists(PAYMENT, min_size=1, max_size=60), share=SHARES)
def test_thresholds_keep_to_the_budget(payments: list[tuple[float, float, float]], share: float) -> None:
    probability, amount, genuine = columns(payments)
    bounds = thresholds(
        probability, amount, np.ones(len(amount)), COSTS, typical=TYPICAL, genuine=genuine, challenged_max=share
    )
    assert bounds == sorted(bounds)
    # A score is let pass below the lowest threshold; 1.0 is never reached.
    caught = probability >= bounds[0] if bounds[0] < 1.0 else np.zeros(len(amount), dtype=bool)
    assert genuine[caught].sum() <= share * genuine.sum() + 1e-9 * max(1.0, genuine.sum())
