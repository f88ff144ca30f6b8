"""Features of payments streamed in sets, each state kept as bytes in between, against a replay of the whole file.

Between two sets nothing is in memory but bytes, as after a kill: what the live path would know is what its rows say.
The comparison is of bits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.bench.measures import Machine, this_machine
from tiao.learning.contract import read_table
from tiao.learning.schema import read_schema
from tiao.risk.features.definition import HIGH, Definition, Group, features_of
from tiao.risk.features.fold import EntityKey, Fold, Outcome, PairKey, Payment, States, no_states
from tiao.risk.features.sets import Paid, SetFold
from tiao.risk.features.stored import (
    entity_from_bytes,
    entity_to_bytes,
    length_of,
    pair_from_bytes,
    pair_to_bytes,
)
from tiao.risk.live import LIVE
from tiao.risk.replay import Events, events_of, replay
from tiao.risk.training.sample import habit_of
from tiao.values.refusal import Kind, Refusal

Floats = npt.NDArray[np.float64]
Tell = Callable[[str, int, int], None]

#: So many payments are folded between reading states and writing them back.
SET_SIZE = 256
_DAY, _HOUR = 86_400_000_000, 3_600_000_000
_NEVER = np.iinfo(np.int64).max
_SEED = 29
#: Of the generated file: payments a customer makes, terminals there are for each, and the share that is fraud.
_EACH, _FRAUD_SHARE, _LABEL_DAYS = 290, 0.008, 7
_DAYS = 153


class FeaturesDiffer(Refusal):
    """A feature that was streamed is not what a replay of everything gives."""

    kind = Kind.CONFLICT


class FeaturesReport(msgspec.Struct, frozen=True):
    """What a run came to. *Units*: microseconds of processor time a payment; *states* are rows that were kept.

    *at_once*: payments that were folded over columns, set by set; the others one by one.
    """

    machine: Machine
    payments: int
    outcomes: int
    features: int
    values: int
    differing: int
    streamed_us: float
    replayed_us: float
    at_once: int
    states: int
    state_bytes: int


class _OneByOne:
    """States as rows, bytes by key and nothing else, taken apart for a set and written back after it."""

    at_once = 0

    def __init__(self, definition: Definition) -> None:
        self._fold = Fold(definition)
        self._entities: dict[EntityKey, bytes] = {}
        self._pairs: dict[PairKey, bytes] = {}
        self._states = no_states()

    def load(self, named: Iterable[tuple[str | None, ...]]) -> None:
        """Read what some payments and outcomes name."""
        keys = [self._fold.keys(each) for each in named]
        entities = {key for single, _ in keys for key in single if key in self._entities}
        pairs = {key for _, double in keys for key in double if key in self._pairs}
        self._states = States(
            {key: entity_from_bytes(self._entities[key]) for key in entities},
            {key: pair_from_bytes(self._pairs[key]) for key in pairs},
        )

    def pay(self, payments: Sequence[Payment]) -> tuple[Floats, Sequence[bool]]:
        """Fold payments in their order. Shape: their values, and whether their amounts were usual."""
        folded = [self._fold.pay(self._states, each) for each in payments]
        return np.array([each.values for each in folded]), [each.is_plain for each in folded]

    def learn(self, outcome: Outcome) -> None:
        """Fold an outcome."""
        self._fold.learn(self._states, outcome)

    def save(self) -> None:
        """Write back what was read."""
        for key, state in self._states.entities.items():
            self._entities[key] = entity_to_bytes(state)
        for pair_key, pair in self._states.pairs.items():
            self._pairs[pair_key] = pair_to_bytes(pair)

    @property
    def sizes(self) -> list[int]:
        """Bytes of each row."""
        return [*map(len, self._entities.values()), *map(len, self._pairs.values())]


class _AtOnce:
    """States as rows, a payer's with whom it met; payments of one instant are folded over columns."""

    def __init__(self, definition: Definition) -> None:
        self._fold, self._set_fold = Fold(definition), SetFold(definition)
        self._contents: dict[EntityKey, bytes] = {}
        self._ratio = [feature.name for feature in features_of(definition)].index(
            f"{definition.groups[definition.payer].column}.ratio"
        )
        self.at_once = 0

    def load(self, named: Iterable[tuple[str | None, ...]]) -> None:
        """Read nothing: every fold reads what it needs."""

    def pay(self, payments: Sequence[Payment]) -> tuple[Floats, Sequence[bool]]:
        """Fold payments in their order, cut where the instant changes or somebody pays twice."""
        made = []
        for run in _runs(payments):
            paid = [Paid(each.amount, each.entities) for each in run]
            folded = self._set_fold.pay(run[0].at, paid, self._contents)
            self._contents |= folded.contents
            made.append(folded.values)
        self.at_once += len(payments)
        values = np.vstack(made)
        return values, (~(values[:, self._ratio] > HIGH)).tolist()

    def learn(self, outcome: Outcome) -> None:
        """Fold an outcome; whom a payer met stays behind its state as it is."""
        states, met = no_states(), {}
        for place, key in enumerate(outcome.entities):
            content = None if key is None else self._contents.get((place, key))
            if key is not None and content is not None:
                length = length_of(content)
                states.entities[place, key], met[place, key] = entity_from_bytes(content[:length]), content[length:]
        self._fold.learn(states, outcome)
        for key_of, state in states.entities.items():
            self._contents[key_of] = entity_to_bytes(state) + met.get(key_of, b"")

    def save(self) -> None:
        """Everything is written already."""

    @property
    def sizes(self) -> list[int]:
        """Bytes of each row."""
        return [*map(len, self._contents.values())]


def _runs(payments: Sequence[Payment]) -> Iterator[Sequence[Payment]]:
    begin, payers = 0, set[str | None]()
    for place, each in enumerate(payments):
        if each.entities[0] in payers or each.at != payments[begin].at:
            yield payments[begin:place]
            begin, payers = place, set()
        payers.add(each.entities[0])
    yield payments[begin:]


def _by_the_hour(events: Events) -> Events:
    """Give what happened within an hour its first instant, and everybody a key as rows have them."""
    numbers: dict[tuple[int, str], str] = {}
    entities = [
        tuple(
            None if key is None else numbers.setdefault((place, key), f"{place:x}{len(numbers):031x}")
            for place, key in enumerate(named)
        )
        for named in events.entities
    ]
    known_at = np.where(events.known_at == _NEVER, _NEVER, events.known_at // _HOUR * _HOUR)
    return events._replace(at=events.at // _HOUR * _HOUR, entities=entities, known_at=known_at)


def measure(data: Path | None, schema: Path | None, payments: int, tell: Tell, *, hourly: bool) -> FeaturesReport:
    """Stream a file, or a generated one of so many payments, and hold every value against the replay.

    *hourly*: what happened within an hour is given its first instant, as what a set holds has one instant; such sets
    are folded over columns, as purchases are. Refuses: FeaturesDiffer, InputRefused.
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
    return _compared(_by_the_hour(events) if hourly else events, definition, tell, _AtOnce if hourly else _OneByOne)


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


def _compared(events: Events, definition: Definition, tell: Tell, kind: type[_OneByOne | _AtOnce]) -> FeaturesReport:
    count, width = len(events.rows), len(features_of(definition))
    kept, differing, at = kind(definition), 0, 0
    replayed_s = streamed_s = 0.0
    stream = _streamed(events, kept)
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
    return FeaturesReport(
        this_machine(),
        count,
        int((events.known_at < _NEVER).sum()),
        width,
        count * width,
        differing,
        round(streamed_s * 1e6 / count, 2),
        round(replayed_s * 1e6 / count, 2),
        kept.at_once,
        len(kept.sizes),
        sum(kept.sizes),
    )


def _streamed(events: Events, kept: _OneByOne | _AtOnce) -> Iterator[npt.NDArray[np.float64]]:
    """Give the values of payments in the order of time, a set at a time: states loaded, folded, written back.

    Sets are of uneven sizes, as commits are; one is cut where an outcome is learned.
    """
    count, sizes = len(events.rows), Random(_SEED)  # noqa: S311  a seed that repeats
    order = np.lexsort((np.arange(count), events.known_at))
    due = order[events.known_at[order] < _NEVER].tolist()
    turn, plain = 0, bytearray(count)
    at, amounts, known_at = events.at.tolist(), events.amounts.tolist(), events.known_at.tolist()
    start = 0
    while start < count:
        stop = min(count, start + sizes.randrange(1, 2 * SET_SIZE))
        end = turn
        while end < len(due) and (known_at[due[end]], due[end]) < (at[stop - 1], stop - 1):
            end += 1
        kept.load(events.entities[place] for place in (*range(start, stop), *due[turn:end]))
        begin = start
        while begin < stop:
            while turn < end and (known_at[due[turn]], due[turn]) < (at[begin], begin):
                of = due[turn]
                kept.learn(
                    Outcome(known_at[of], bool(events.is_fraud[of] == 1.0), bool(plain[of]), events.entities[of])
                )
                turn += 1
            until = begin + 1
            while until < stop and not (turn < end and (known_at[due[turn]], due[turn]) < (at[until], until)):
                until += 1
            paid = [Payment(at[place], amounts[place], events.entities[place]) for place in range(begin, until)]
            values, plain[begin:until] = kept.pay(paid)
            yield from values
            begin = until
        kept.save()
        start = stop
