"""Features of payments streamed in sets, each state kept as bytes in between, against a replay of the whole file.

Between two sets nothing is in memory but bytes, as after a kill: what the live path would know is what its rows say.
The comparison is of bits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.bench.measures import Machine, this_machine
from tiao.learning.contract import read_table
from tiao.learning.schema import read_schema
from tiao.risk.features.definition import Definition, Group, features_of
from tiao.risk.features.fold import EntityKey, Fold, Outcome, PairKey, Payment, States
from tiao.risk.features.stored import entity_from_bytes, entity_to_bytes, pair_from_bytes, pair_to_bytes
from tiao.risk.live import LIVE
from tiao.risk.replay import Events, events_of, replay
from tiao.risk.training.sample import habit_of
from tiao.values.refusal import Kind, Refusal

Floats = npt.NDArray[np.float64]
Tell = Callable[[str, int, int], None]

#: So many payments are folded between reading states and writing them back.
SET_SIZE = 256
_DAY = 86_400_000_000
_SEED = 29
#: Of the generated file: payments a customer makes, terminals there are for each, and the share that is fraud.
_EACH, _FRAUD_SHARE, _LABEL_DAYS = 290, 0.008, 7
_DAYS = 153


class FeaturesDiffer(Refusal):
    """A feature that was streamed is not what a replay of everything gives."""

    kind = Kind.CONFLICT


class FeaturesReport(msgspec.Struct, frozen=True):
    """What a run came to. *Units*: microseconds of processor time a payment; *states* are rows that were kept."""

    machine: Machine
    payments: int
    outcomes: int
    features: int
    values: int
    differing: int
    streamed_us: float
    replayed_us: float
    states: int
    state_bytes: int


class _Kept:
    """States as rows: bytes by key, and nothing else."""

    def __init__(self) -> None:
        self.entities: dict[EntityKey, bytes] = {}
        self.pairs: dict[PairKey, bytes] = {}

    def load(self, entities: set[EntityKey], pairs: set[PairKey]) -> States:
        known = {key: entity_from_bytes(self.entities[key]) for key in entities if key in self.entities}
        met = {key: pair_from_bytes(self.pairs[key]) for key in pairs if key in self.pairs}
        return States(known, met)

    def save(self, states: States) -> None:
        for key, state in states.entities.items():
            self.entities[key] = entity_to_bytes(state)
        for pair_key, pair in states.pairs.items():
            self.pairs[pair_key] = pair_to_bytes(pair)


def measure(data: Path | None, schema: Path | None, payments: int, tell: Tell) -> FeaturesReport:
    """Stream a file, or a generated one of so many payments, and hold every value against the replay.

    Refuses: FeaturesDiffer, InputRefused.
    """
    if data is not None and schema is not None:
        shape = read_schema(schema, kind="risk")
        table = read_table(data, shape, is_training=False, is_labelled=True, at=datetime.now(UTC))
        events = events_of(table, shape, label_delay_us=_LABEL_DAYS * _DAY)
        groups = tuple(Group(each.name, each.entity or each.name) for each in shape.of_role("group"))
    else:
        events = generated(payments)
        groups = (Group("customer", "customer"), Group("terminal", "merchant"))
    definition = Definition(groups, 0, _DAY, *habit_of(events.amounts), minutes=LIVE.minutes)
    return _compared(events, definition, tell)


def generated(payments: int) -> Events:
    """Make up payments of customers at terminals, some fraud that is known a week later, some amounts missing."""
    chance = np.random.default_rng(_SEED)
    customers = max(1, payments // _EACH)
    at = np.sort(chance.integers(0, _DAYS * _DAY, payments)) + 1_522_540_800_000_000
    customer, terminal = chance.integers(0, customers, payments), chance.integers(0, 2 * customers, payments)
    amounts = np.round(chance.gamma(2.0, 1.0 + customer % 40, payments), 2)
    amounts[chance.random(payments) < 0.001] = np.nan  # noqa: PLR2004  one in a thousand says no amount
    is_fraud = (chance.random(payments) < _FRAUD_SHARE).astype(np.float64)
    names: list[tuple[str | None, ...]] = [
        (f"c{one}", f"t{other}") for one, other in zip(customer.tolist(), terminal.tolist(), strict=True)
    ]
    return Events(np.arange(payments), at, amounts, names, at + _LABEL_DAYS * _DAY, is_fraud)


def _compared(events: Events, definition: Definition, tell: Tell) -> FeaturesReport:
    count, width = len(events.rows), len(features_of(definition))
    kept, differing, at = _Kept(), 0, 0
    replayed_s = streamed_s = 0.0
    stream = _streamed(events, definition, kept)
    began = time.process_time()
    for folded in replay(events, definition):
        replayed_s += time.process_time() - began
        began = time.process_time()
        same = np.array([next(stream) for _ in range(len(folded.rows))])
        streamed_s += time.process_time() - began
        differing += int((same.view(np.int64) != folded.values.view(np.int64)).sum())
        at += len(folded.rows)
        tell("features", at, count)
        began = time.process_time()
    if differing:
        raise FeaturesDiffer(f"{differing} of {count * width} values differ", differing=differing)
    stored = [*kept.entities.values(), *kept.pairs.values()]
    return FeaturesReport(
        this_machine(),
        count,
        int((events.known_at < np.iinfo(np.int64).max).sum()),
        width,
        count * width,
        differing,
        round(streamed_s * 1e6 / count, 2),
        round(replayed_s * 1e6 / count, 2),
        len(stored),
        sum(map(len, stored)),
    )


def _streamed(events: Events, definition: Definition, kept: _Kept) -> Iterator[list[float]]:
    """Give the values of payments in the order of time, a set at a time: states loaded, folded, written back.

    Sets are of uneven sizes, as commits are.
    """
    fold, count, sizes = Fold(definition), len(events.rows), Random(_SEED)  # noqa: S311  a seed that repeats
    order = np.lexsort((np.arange(count), events.known_at))
    order = order[events.known_at[order] < np.iinfo(np.int64).max]
    due, turn, plain = order.tolist(), 0, bytearray(count)
    at, amounts, known_at = events.at.tolist(), events.amounts.tolist(), events.known_at.tolist()
    start = 0
    while start < count:
        stop = min(count, start + sizes.randrange(1, 2 * SET_SIZE))
        end = turn
        while end < len(due) and (known_at[due[end]], due[end]) < (at[stop - 1], stop - 1):
            end += 1
        entities: set[EntityKey] = set()
        pairs: set[PairKey] = set()
        for place in [*range(start, stop), *due[turn:end]]:
            single, double = fold.keys(events.entities[place])
            entities.update(single)
            pairs.update(double if place >= start else ())
        states = kept.load(entities, pairs)
        for place in range(start, stop):
            while turn < end and (known_at[due[turn]], due[turn]) < (at[place], place):
                of = due[turn]
                outcome = Outcome(known_at[of], bool(events.is_fraud[of] == 1.0), bool(plain[of]), events.entities[of])
                fold.learn(states, outcome)
                turn += 1
            folded = fold.pay(states, Payment(at[place], amounts[place], events.entities[place]))
            plain[place] = folded.is_plain
            yield folded.values
        kept.save(states)
        start = stop
