"""A score depends on nothing that was not known at its instant, to the bit, whatever becomes of the rest of a file."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from support.risk_models import DELAY, scores_of, trained_on_the_small_world
from support.risk_world import BEGINS, DAYS, world

ROWS = world()
SINCE = timedelta(microseconds=DELAY)


@settings(max_examples=12, deadline=None)
@given(
    second=st.integers(0, DAYS * 86_400),
    turned=st.integers(0, 2**32),
    later=st.sampled_from(("kept", "removed", "half")),
    order=st.integers(0, 2**32),
)
def test_what_is_not_known_yet_moves_no_score(second: int, turned: int, later: str, order: int) -> None:
    model = trained_on_the_small_world().model
    instant = BEGINS + timedelta(seconds=second)
    before = scores_of(model, ROWS)
    unknown = pl.col("when") + SINCE > instant
    other = (pl.col("id").hash(turned) % 3).cast(pl.Int64)
    changed = ROWS.with_columns(fraud=pl.when(unknown).then(other).otherwise(pl.col("fraud")))
    if later != "kept":
        gone = pl.col("when") > instant if later == "removed" else (pl.col("when") > instant) & (pl.col("id") % 2 == 0)
        changed = changed.filter(~gone)
    assume(changed.height)  # a file without rows is refused
    after = scores_of(model, changed.sample(fraction=1.0, shuffle=True, seed=order))
    kept = changed.filter(pl.col("when") <= instant)["id"].to_list()
    assert {one: after[one] for one in kept} == {one: before[one] for one in kept}


def test_a_label_moves_scores_from_the_instant_at_which_it_is_known() -> None:
    """Else the property above would hold for a model that looks at no label."""
    model = trained_on_the_small_world().model
    fraud = ROWS.filter((pl.col("fraud") == 1) & (pl.col("when") < BEGINS + timedelta(days=40))).row(5, named=True)
    turned = ROWS.with_columns(fraud=pl.when(pl.col("id") == fraud["id"]).then(0).otherwise(pl.col("fraud")))
    before, after = scores_of(model, ROWS), scores_of(model, turned)
    moved = ROWS.filter(pl.Series([before[one].score != after[one].score for one in ROWS["id"]]))
    assert moved.height
    assert moved["when"].min() >= fraud["when"] + SINCE  # type: ignore[operator]  instants
