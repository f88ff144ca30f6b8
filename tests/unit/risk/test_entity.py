"""What an entity's state says, in cases small enough to count by hand."""

from __future__ import annotations

import math

import pytest

from support.risk_events import DAY, DEFINITION
from tiao.risk.features.definition import ENTITY_FEATURES, features_of, unit_of
from tiao.risk.features.entity import EntityState
from tiao.risk.features.fold import Fold, Payment, no_states
from tiao.risk.features.stored import entity_from_bytes, entity_to_bytes, pair_from_bytes
from tiao.risk.refusals import StateUnreadable

NAMES = [kind.name for kind in ENTITY_FEATURES]


def said(state: EntityState, day: float, amount: float = 10.0) -> dict[str, float]:
    return dict(zip(NAMES, state.values(round(day * DAY), amount, DEFINITION), strict=True))


def test_a_window_of_seven_days_holds_today_and_six_days_before() -> None:
    state = EntityState()
    for day in (0, 1, 1, 6, 7):
        state.pay(day * DAY, 10.0, DEFINITION, ratio=1.0)
    assert said(state, 7)["payments_1"] == 1
    assert [said(state, day)["payments_7"] for day in (7, 8, 13, 14)] == [4, 2, 1, 0]
    assert said(state, 34)["payments_28"] == 1
    assert said(state, 500)["payments_28"] == 0


def test_a_high_amount_does_not_move_what_is_usual() -> None:
    state = EntityState()
    for day in range(20):
        state.pay(day * DAY, 10.0, DEFINITION, ratio=1.0)
    before = said(state, 20, 1000.0)
    state.pay(20 * DAY, 1000.0, DEFINITION, ratio=before["ratio"])
    after = said(state, 20, 1000.0)
    assert before["ratio"] == after["ratio"] > 3
    assert (before["high_7"], after["high_7"]) == (0, 1)


def test_an_outcome_counts_from_the_instant_at_which_it_is_known() -> None:
    state = EntityState()
    state.learn(10 * DAY, DEFINITION, is_fraud=True, is_plain=False)
    state.learn(11 * DAY, DEFINITION, is_fraud=True, is_plain=True)
    now = said(state, 12)
    assert (now["frauds_3"], now["plain_frauds_3"], now["fraud_run"]) == (2, 1, 2)
    assert (now["since_first_plain_fraud"], now["since_fraud"]) == (1, 1)
    assert math.isnan(now["since_genuine"])
    state.learn(12 * DAY, DEFINITION, is_fraud=False, is_plain=True)
    assert (said(state, 12)["last_outcome"], said(state, 12)["fraud_run"]) == (0, 0)
    assert said(state, 14)["frauds_3"] == 0


def test_a_run_of_frauds_after_a_long_pause_begins_anew() -> None:
    state = EntityState()
    for day in (1, 2, 40):
        state.learn(day * DAY, DEFINITION, is_fraud=True, is_plain=True)
    assert said(state, 41)["since_first_plain_fraud"] == 1


def test_who_is_not_named_is_missing_and_leaves_nothing() -> None:
    fold, states = Fold(DEFINITION), no_states()
    folded = fold.pay(states, Payment(0, 10.0, ("a", None, None)))
    given = dict(zip([feature.name for feature in features_of(DEFINITION)], folded.values, strict=True))
    assert all(math.isnan(value) for name, value in given.items() if not name.startswith("card."))
    assert list(states.entities) == [(0, "a")]
    assert not states.pairs


def test_every_value_has_one_name_and_a_meaning_when_it_is_missing() -> None:
    fold = Fold(DEFINITION)
    features = features_of(DEFINITION)
    assert len({feature.name for feature in features}) == len(features)
    first = fold.pay(no_states(), Payment(0, 10.0, ("a", "b", "c"))).values
    assert len(first) == len(features)
    assert all(feature.null for feature, value in zip(features, first, strict=True) if math.isnan(value))


def test_days_are_the_unit_unless_the_data_has_none() -> None:
    assert unit_of(152 * DAY) == DAY
    assert unit_of(77_880_000_000) == 778_800_000
    assert unit_of(0) == 1


@pytest.mark.parametrize("harm", [b"", b"E", b"P\x01", b"E\x09", b"cut", b"long"])
def test_bytes_of_another_kind_version_or_length_are_refused(harm: bytes) -> None:
    good = entity_to_bytes(EntityState())
    content = {b"cut": good[:-1], b"long": good + b"\0"}.get(harm, harm)
    with pytest.raises(StateUnreadable):
        entity_from_bytes(content)
    with pytest.raises(StateUnreadable):
        pair_from_bytes(good)
