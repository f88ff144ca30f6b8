"""One payment through the states of everybody it names: what is known before it, then what it adds.

States are given as mappings, so they may be a whole replay in memory or the rows of one batch: load what `keys` names,
fold the batch in its order, write the states back.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import NamedTuple
from zlib import crc32

from tiao.risk.features.definition import ENTITY_FEATURES, HIGH, PAIR_FEATURES, Definition, pairs_of, recent_of
from tiao.risk.features.entity import EntityState, PairState, parts_of

#: The place of a group and one of its values.
EntityKey = tuple[int, str]
#: The places of two groups and a value of each.
PairKey = tuple[int, str, int, str]

_NAN = float("nan")
MINUTE_US = 60_000_000
#: Where the ratio to the usual amount stands among an entity's values.
_RATIO = next(place for place, kind in enumerate(ENTITY_FEATURES) if kind.name == "ratio")


class Payment(NamedTuple):
    """A payment as the features see it. Shape: *entities* by the groups of the definition, None where it names none.

    Units: *at* in microseconds since 1970; *amount* in currency units, NaN where unknown.
    """

    at: int
    amount: float
    entities: tuple[str | None, ...]


class Outcome(NamedTuple):
    """What a payment turned out to be. Units: *known_at* in microseconds since 1970.

    *is_plain* says that the amount was usual for the payer when it was paid: the fold said so then.
    """

    known_at: int
    is_fraud: bool
    is_plain: bool
    entities: tuple[str | None, ...]


class Folded(NamedTuple):
    """The values of one payment, in the order of `features_of`, and whether its amount was usual."""

    values: list[float]
    is_plain: bool


class States(NamedTuple):
    """Everything that is remembered; a key that is absent has not been seen."""

    entities: MutableMapping[EntityKey, EntityState]
    pairs: MutableMapping[PairKey, PairState]


def no_states() -> States:
    """Remember nothing."""
    return States({}, {})


def number_of(value: str | None) -> int:
    """Give somebody a number: all that the last minutes remember of a counterpart."""
    return 0 if value is None else crc32(value.encode())


class Fold:
    """The fold of a definition. It keeps nothing itself."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self._pairs = pairs_of(definition)
        self._absent = [_NAN] * len(ENTITY_FEATURES)
        self._absent_pair = [_NAN] * len(PAIR_FEATURES)
        self._absent_minutes = [_NAN] * len(recent_of(definition))
        self._spans = tuple(sorted(minutes * MINUTE_US for minutes in definition.minutes or ()))
        self._paid = next((place for place in range(len(definition.groups)) if place != definition.payer), None)

    def keys(self, entities: tuple[str | None, ...]) -> tuple[list[EntityKey], list[PairKey]]:
        """Name the states that a payment of these entities reads and changes."""
        single = [(place, value) for place, value in enumerate(entities) if value is not None]
        double = []
        for first, second in self._pairs:
            one, other = entities[first], entities[second]
            if one is not None and other is not None:
                double.append((first, one, second, other))
        return single, double

    def pay(self, states: States, payment: Payment) -> Folded:
        """Give the values just before a payment, then remember it."""
        definition = self.definition
        at, amount, entities = payment
        known = states.entities
        values: list[float] = []
        named: list[EntityState] = []
        ratio = amount / (definition.usual_amount + 1e-9)
        for place, value in enumerate(entities):
            if value is None:
                values += self._absent
                continue
            key = (place, value)
            state = known.get(key)
            if state is None:
                state = known[key] = EntityState()
            of_state = state.values(at, amount, definition)
            if place == definition.payer:
                ratio = of_state[_RATIO]
            values += of_state
            named.append(state)
        for state in named:
            state.pay(at, amount, definition, ratio=ratio)
        for first, second in self._pairs:
            one, other = entities[first], entities[second]
            if one is None or other is None:
                values += self._absent_pair
                continue
            pair_key = (first, one, second, other)
            pair = states.pairs.get(pair_key)
            if pair is None:
                pair = states.pairs[pair_key] = PairState()
            values += pair.values(at, definition)
            pair.pay(at)
        if self._spans:
            self._minutes(states, payment, values)
        return Folded(values, not ratio > HIGH)

    def _minutes(self, states: States, payment: Payment, values: list[float]) -> None:
        """Add what is known of everybody's last minutes, then remember the payment there, too."""
        at, amount, entities = payment
        spans, payer = self._spans, self.definition.payer
        spent = parts_of(amount)
        with_payer = (at, spent, number_of(entities[payer]))
        with_paid = (at, spent, number_of(None if self._paid is None else entities[self._paid]))
        for place, value in enumerate(entities):
            if value is None:
                values += self._absent_minutes
                continue
            values += states.entities[place, value].recently(with_paid if place == payer else with_payer, spans)

    def learn(self, states: States, outcome: Outcome) -> None:
        """Remember what a payment turned out to be."""
        for place, value in enumerate(outcome.entities):
            if value is None:
                continue
            state = states.entities.get((place, value))
            if state is None:
                state = states.entities[place, value] = EntityState()
            state.learn(outcome.known_at, self.definition, is_fraud=outcome.is_fraud, is_plain=outcome.is_plain)

    def unlearn(self, states: States, outcome: Outcome) -> None:
        """Take back from all windows what a payment was taken for; a correction is learned afterwards."""
        for place, value in enumerate(outcome.entities):
            if value is None:
                continue
            state = states.entities.get((place, value))
            if state is not None:
                state.unlearn(outcome.known_at, self.definition, is_fraud=outcome.is_fraud, is_plain=outcome.is_plain)
