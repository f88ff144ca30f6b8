"""What arrives late is counted where it belongs; what has been counted is never counted again or lost."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from support.risk_events import DAY, DEFINITION, MINUTE, instants
from tiao.risk.features.definition import ENTITY_FEATURES, RECENT_MAX
from tiao.risk.features.entity import EntityState

#: Sums over windows do not depend on the order of arrival; recency, habit and the run of outcomes do.
SUMS = [place for place, kind in enumerate(ENTITY_FEATURES) if kind.window is not None]

STEPS = st.lists(st.tuples(instants(30), st.sampled_from(("low", "high", "fraud", "plain", "good"))), max_size=30)


def fold(steps: list[tuple[int, str]]) -> EntityState:
    state = EntityState()
    for at, kind in steps:
        if kind in {"low", "high"}:
            state.pay(at, 10.0, DEFINITION, ratio=9.0 if kind == "high" else 1.0)
        else:
            state.learn(at, DEFINITION, is_fraud=kind != "good", is_plain=kind == "plain")
    return state


@settings(max_examples=200, deadline=None)
@given(steps=STEPS, order=st.randoms(use_true_random=False))
def test_windows_do_not_depend_on_the_order_of_arrival(steps: list[tuple[int, str]], order) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  Hypothesis's own Random
    shuffled = list(steps)
    order.shuffle(shuffled)
    at = 31 * DAY
    in_time, late = fold(sorted(steps)), fold(shuffled)
    one, other = in_time.values(at, 10.0, DEFINITION), late.values(at, 10.0, DEFINITION)
    assert [str(one[place]) for place in SUMS] == [str(other[place]) for place in SUMS]
    assert (in_time.totals, in_time.last_at) == (late.totals, late.last_at)


@settings(max_examples=200, deadline=None)
@given(steps=STEPS, back=st.integers(0, 40 * DAY))
def test_a_late_payment_is_asked_about_at_the_time_that_was_reached(steps: list[tuple[int, str]], back: int) -> None:
    state = fold(steps)
    at = max([0, *(at for at, _ in steps)])
    then, late = state.values(at, 10.0, DEFINITION), state.values(at - back, 10.0, DEFINITION)
    assert [str(then[place]) for place in SUMS] == [str(late[place]) for place in SUMS]
    since = [kind.name.startswith("since") for kind in ENTITY_FEATURES]
    assert all(not value < 0 for value, is_since in zip(late, since, strict=True) if is_since)


SPANS = (MINUTE, 5 * MINUTE, 15 * MINUTE)
PAID = st.lists(st.tuples(instants(1), st.integers(1, 900), st.integers(0, 5)), max_size=40)


@settings(max_examples=200, deadline=None)
@given(paid=PAID, order=st.randoms(use_true_random=False), after=st.integers(0, 20 * MINUTE))
def test_minutes_count_exactly_whatever_the_order(  # type: ignore[no-untyped-def]
    paid: list[tuple[int, int, int]],
    order,  # noqa: ANN001  Hypothesis's own Random
    after: int,
) -> None:
    shuffled = list(paid)
    order.shuffle(shuffled)
    state = EntityState()
    for at, amount, other in shuffled:
        state.recently((at, amount * 10_000, other), SPANS)
    now = max([0, *(at for at, _, _ in paid)]) + after
    latest = sorted((at, amount * 10_000, other) for at, amount, other in paid)[-RECENT_MAX:]
    within = [[each for each in latest if each[0] >= now - span] for span in SPANS]
    assert state.recently((now, 0, 0), SPANS) == [
        *map(len, within),
        sum(each[1] for each in within[-1]) / 10_000,
        len({each[2] for each in within[-1]}),
    ]
