"""What the features of a model are: whom they watch, over which windows, and what each is called.

A definition is part of the model. Another unit, group or window is another definition and another model.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import msgspec

#: Of the meaning of states and values; a state of another version is refused.
FOLD_VERSION = 2

#: Windows in units (days, unless the data's time says otherwise). Counts of payments; counts of known outcomes.
PACE_WINDOWS = (1, 7, 28)
LABEL_WINDOWS = (3, 7, 14, 21, 28)
#: A run of frauds that paused for this many units begins anew.
PAUSE = 30
#: A payment of more than this many times what is usual is high, and teaches nothing about what is usual.
HIGH = 3.0
#: So many payments of a typical payer stand behind a payer who is new, and so many at most behind one who is not.
PRIOR_WEIGHT, MEMORY = 5.0, 200
_DAY = 86_400_000_000
#: Data of a shorter span than this many days have no day: the unit becomes a part of the span.
_DAYS_MIN, _PARTS = 30, 100


class Group(msgspec.Struct, frozen=True):
    """A column whose values are watched: each customer, merchant, device."""

    column: str
    entity: str


class Definition(msgspec.Struct, frozen=True):
    """The fold of one model.

    Units: *unit_us* in microseconds; *usual_amount* and *usual_variance* are a typical payer's.
    Shape: *payer* is the place in *groups* of the one whose habit says what a high amount is; *pairs* are places of
    two groups that are watched together, None where all are. *minutes* are windows within the hour, none where unset.
    """

    groups: tuple[Group, ...]
    payer: int
    unit_us: int
    usual_amount: float
    usual_variance: float
    version: int = FOLD_VERSION
    pairs: tuple[tuple[int, int], ...] | None = None
    #: Unset, it is not written: a model that knows no minutes keeps the digest it had.
    minutes: tuple[int, ...] | msgspec.UnsetType = msgspec.UNSET


class Feature(NamedTuple):
    """One value of the fold. Shape: *window* in units, None where it has none; *null* says what a missing one means."""

    name: str
    family: str
    window: int | None
    null: str


class _Kind(NamedTuple):
    """A feature that every entity has; the name follows the entity's."""

    name: str
    family: str
    window: int | None = None
    null: str = ""


_NO_EVENT = "nothing seen before"
_NO_PAYMENT = "no payment in the window"
_NO_FRAUD = "no fraud known"

#: The order is the order in which `EntityState.values` gives them.
ENTITY_FEATURES: tuple[_Kind, ...] = (
    _Kind("seen", "history"),
    _Kind("deviation", "amount"),
    _Kind("ratio", "amount"),
    _Kind("since", "pace", None, _NO_EVENT),
    *(_Kind(f"payments_{window}", "pace", window) for window in PACE_WINDOWS),
    _Kind("mean_amount_7", "amount", 7, _NO_PAYMENT),
    _Kind("high_7", "amount", 7),
    _Kind("high_share_7", "amount", 7, _NO_PAYMENT),
    _Kind("high_1", "amount", 1),
    _Kind("high_14", "amount", 14),
    _Kind("since_high", "amount", None, "no high payment seen"),
    *(_Kind(f"frauds_{window}", "fraud", window) for window in LABEL_WINDOWS),
    *(_Kind(f"plain_frauds_{window}", "fraud", window) for window in LABEL_WINDOWS),
    _Kind("outcomes_7", "history", 7),
    _Kind("outcomes_28", "history", 28),
    _Kind("fraud_rate_28", "fraud", 28),
    _Kind("since_first_plain_fraud", "fraud", None, _NO_FRAUD),
    _Kind("since_fraud", "fraud", None, _NO_FRAUD),
    _Kind("since_genuine", "history", None, "nothing genuine known"),
    _Kind("last_outcome", "fraud", None, "no outcome known"),
    _Kind("fraud_run", "fraud"),
    _Kind("plain_run", "fraud"),
    _Kind("since_plain_run", "fraud", None, "no run of plain frauds"),
)

#: Of a pair of entities.
PAIR_FEATURES = (_Kind("seen", "pair"), _Kind("since", "pair", None, "never together before"))

_ABSENT = "the payment names none"
#: So many of the latest payments of an entity are known by the instant: what tests cards is seen long before.
RECENT_MAX = 24


def features_of(definition: Definition) -> tuple[Feature, ...]:
    """List the values of the fold, in order; every feature of an entity is missing where a payment names none."""
    made = []
    for group in definition.groups:
        made += [
            Feature(f"{group.column}.{kind.name}", f"{group.entity}_{kind.family}", kind.window, kind.null or _ABSENT)
            for kind in ENTITY_FEATURES
        ]
    for first, second in pairs_of(definition):
        name = f"{definition.groups[first].column}+{definition.groups[second].column}"
        made += [Feature(f"{name}.{kind.name}", kind.family, kind.window, kind.null) for kind in PAIR_FEATURES]
    for group in definition.groups if definition.minutes else ():
        made += [
            Feature(f"{group.column}.{name}", f"{group.entity}_pace", None, _ABSENT) for name in recent_of(definition)
        ]
    return tuple(made)


def recent_of(definition: Definition) -> tuple[str, ...]:
    """Name what is known of an entity's last minutes: payments in each window; the longest's amount and counterparts.

    Counterparts of the payer are those it pays, of all others their payers. Counted are the latest 24 payments.
    """
    if not definition.minutes:
        return ()
    longest = max(definition.minutes)
    counted = (f"payments_{minutes}m" for minutes in definition.minutes)
    return (*counted, f"amount_{longest}m", f"others_{longest}m")


def pairs_of(definition: Definition) -> list[tuple[int, int]]:
    """List the pairs of groups that are watched, by place."""
    if definition.pairs is not None:
        return list(definition.pairs)
    return list(combinations(range(len(definition.groups)), 2))


def unit_of(span_us: int) -> int:
    """Choose the unit of windows for data of a span: a day, or a part of a span in which days mean nothing."""
    return _DAY if span_us >= _DAYS_MIN * _DAY else max(1, span_us // _PARTS)
