"""A file of payments folded in the order of time, outcomes entering at the instant at which they were known.

The order is that of event time, ties by id, so the order of the file means nothing. An outcome is used by payments at
or after the instant at which it is known, never by its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.learning.cells import Cell, category_label
from tiao.learning.contract import Table
from tiao.learning.schema import Schema
from tiao.risk.features.definition import Definition, features_of
from tiao.risk.features.fold import Fold, Outcome, Payment, no_states

Rows = npt.NDArray[np.int64]

#: Payments given at a time.
_CHUNK = 8_192
_NEVER = np.iinfo(np.int64).max


class Events(NamedTuple):
    """Payments of a file, in the order of time. Shape: all of one length, *rows* say where each stands in the file.

    Units: instants in microseconds since 1970; an outcome that will never be known is later than any instant.
    """

    rows: Rows
    at: Rows
    amounts: npt.NDArray[np.float64]
    entities: list[tuple[str | None, ...]]
    known_at: Rows
    is_fraud: npt.NDArray[np.float64]


class Folded(NamedTuple):
    """Some payments and their values. Shape: *rows* of the file; values (rows, features)."""

    rows: Rows
    values: npt.NDArray[np.float64]


def events_of(table: Table, schema: Schema, *, label_delay_us: int) -> Events:
    """Put the payments of a checked file into their order."""
    happened = table.instants["event_time"]
    _, rank = np.unique(np.array(table.ids), return_inverse=True)
    order = np.lexsort((rank, happened)).astype(np.int64)
    amount = schema.one("amount")
    cells: list[Cell] = table.cells[amount.name] if amount else [None] * table.rows
    amounts = np.array([math.nan if cell is None else float(cell) for cell in cells])
    target = np.full(table.rows, np.nan) if table.target is None else table.target
    known = table.instants.get("label_time", happened + label_delay_us)
    known = np.where(np.isnan(target), _NEVER, known)
    groups = [_labels(table.groups[column.name]) for column in schema.of_role("group")]
    entities = list(zip(*groups, strict=True))
    return Events(
        order,
        happened[order],
        amounts[order],
        [entities[row] for row in order.tolist()],
        known[order],
        target[order],
    )


def _labels(cells: list[Cell]) -> list[str | None]:
    seen = {cell: category_label(cell) for cell in set(cells)}
    return [seen[cell] for cell in cells]


def replay(
    events: Events,
    definition: Definition,
    *,
    wanted: npt.NDArray[np.bool_] | None = None,
    say: Callable[[int], None] = lambda _: None,
) -> Iterator[Folded]:
    """Fold all payments from nothing on, and give the values of those *wanted*, by place in the order of time."""
    fold, states = Fold(definition), no_states()
    count, width = len(events.rows), len(features_of(definition))
    outcomes = np.lexsort((np.arange(count), events.known_at))
    outcomes = outcomes[events.known_at[outcomes] < _NEVER]
    due = list(zip(events.known_at[outcomes].tolist(), outcomes.tolist(), strict=True))
    due.append((_NEVER, count))
    is_fraud, plain = (events.is_fraud == 1.0).tolist(), bytearray(count)
    at, amounts, entities = events.at.tolist(), events.amounts.tolist(), events.entities
    next_due, turn = due[0], 0
    for start in range(0, count, _CHUNK):
        stop = min(start + _CHUNK, count)
        taken: list[int] = []
        values: list[list[float]] = []
        for place in range(start, stop):
            while next_due < (at[place], place):
                known_at, of = next_due
                fold.learn(states, Outcome(known_at, is_fraud[of], bool(plain[of]), entities[of]))
                turn += 1
                next_due = due[turn]
            folded = fold.pay(states, Payment(at[place], amounts[place], entities[place]))
            plain[place] = folded.is_plain
            if wanted is None or wanted[place]:
                taken.append(place)
                values.append(folded.values)
        say(stop)
        if taken:
            yield Folded(events.rows[taken], np.array(values, dtype=np.float64).reshape(len(taken), width))
