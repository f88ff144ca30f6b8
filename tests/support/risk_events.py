"""Strategies for payments and outcomes in any order, and states that went through bytes."""

from __future__ import annotations

from hypothesis import strategies as st

from tiao.risk.features.definition import Definition, Group
from tiao.risk.features.fold import Outcome, Payment, States
from tiao.risk.features.stored import entity_from_bytes, entity_to_bytes, pair_from_bytes, pair_to_bytes

DAY = 86_400_000_000
MINUTE = 60_000_000
DEFINITION = Definition(
    (Group("card", "customer"), Group("shop", "merchant"), Group("phone", "device")),
    0,
    DAY,
    50.0,
    1600.0,
    minutes=(1, 5, 15),
)

_AMOUNTS = st.one_of(st.floats(0, 5_000), st.just(float("nan")), st.integers(0, 10**9).map(float))
_ENTITIES = st.tuples(*(st.sampled_from((None, "a", "b")) for _ in DEFINITION.groups))


def instants(days: int = 80) -> st.SearchStrategy[int]:
    """Instants over some days, many of them at the edge of one."""
    close = st.integers(0, 40).map(lambda half: days * DAY // 2 + half * MINUTE // 2)
    return st.one_of(st.integers(0, days * DAY), st.integers(0, days).map(lambda day: day * DAY), close)


PAYMENTS = st.builds(Payment, instants(), _AMOUNTS, _ENTITIES)
OUTCOMES = st.builds(Outcome, instants(), st.booleans(), st.booleans(), _ENTITIES)
EVENTS = st.lists(st.one_of(PAYMENTS, PAYMENTS, OUTCOMES), max_size=40)


def through_bytes(states: States) -> States:
    """Write every state and read it back."""
    return States(
        {key: entity_from_bytes(entity_to_bytes(state)) for key, state in states.entities.items()},
        {key: pair_from_bytes(pair_to_bytes(state)) for key, state in states.pairs.items()},
    )
