"""A state written and read after every event says the same, to the bit, as one that never left memory."""

from __future__ import annotations

import struct

from hypothesis import given, settings

from support.risk_events import DEFINITION, EVENTS, through_bytes
from tiao.risk.features.fold import Fold, Outcome, Payment, no_states
from tiao.risk.features.stored import entity_to_bytes


def bits(values: list[float]) -> list[bytes]:
    return [struct.pack("<d", value) for value in values]


@settings(max_examples=150, deadline=None)
@given(events=EVENTS)
def test_storage_between_any_two_events_changes_no_bit(events: list[Payment | Outcome]) -> None:
    fold, kept, stored = Fold(DEFINITION), no_states(), no_states()
    for event in events:
        if isinstance(event, Outcome):
            fold.learn(kept, event)
            fold.learn(stored, event)
        else:
            one, other = fold.pay(kept, event), fold.pay(stored, event)
            assert bits(one.values) == bits(other.values)
            assert one.is_plain == other.is_plain
        stored = through_bytes(stored)
    for key, state in kept.entities.items():
        assert entity_to_bytes(state) == entity_to_bytes(stored.entities[key])


@settings(max_examples=150, deadline=None)
@given(events=EVENTS)
def test_only_the_states_that_are_named_are_touched(events: list[Payment | Outcome]) -> None:
    """A batch may load just the rows that `keys` names."""
    fold, whole, rows = Fold(DEFINITION), no_states(), no_states()
    for event in events:
        single, double = fold.keys(event.entities)
        part = no_states()
        part.entities.update({key: rows.entities[key] for key in single if key in rows.entities})
        part.pairs.update({key: rows.pairs[key] for key in double if key in rows.pairs})
        if isinstance(event, Outcome):
            fold.learn(whole, event)
            fold.learn(part, event)
        else:
            assert bits(fold.pay(whole, event).values) == bits(fold.pay(part, event).values)
        assert set(part.entities) <= set(single)
        assert set(part.pairs) <= set(double)
        rows.entities.update(part.entities)
        rows.pairs.update(part.pairs)
