"""What a rule's condition is made of: a closed grammar, every node of a known kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeAlias


class Kind(StrEnum):
    """What sort of value something is. Units: money in minor units, durations in days."""

    NUMBER = "number"
    MONEY = "money"
    DURATION = "duration"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    #: Somebody or something that lists name: a customer, a merchant, a device.
    ENTITY = "entity"


#: What can be greater or smaller than something of its own kind.
QUANTITIES = frozenset({Kind.NUMBER, Kind.MONEY, Kind.DURATION})


class ListName(StrEnum):
    """The lists that an entity may be on."""

    BLOCK = "block_list"
    ALLOW = "allow_list"
    WATCH = "watch_list"


#: The place of what is in no row: it is looked up on lists, and nowhere else.
NO_PLACE = -1


class Term(NamedTuple):
    """A value that a rule may read. *place* in the row; *values* are all there are of a closed category."""

    name: str
    kind: Kind
    place: int
    family: str
    null: str = ""
    values: tuple[str, ...] = ()


class Catalogue(NamedTuple):
    """All that rules may read, by name; amounts are in *currency*."""

    terms: Mapping[str, Term]
    currency: str
    #: How many minor units make one of the currency.
    minor_parts: int = 100


class Literal(NamedTuple):
    """A quantity that the rule says."""

    kind: Kind
    value: float


class Arithmetic(NamedTuple):
    """A sum, difference or product."""

    kind: Kind
    operator: str
    left: Quantity
    right: Quantity


class Comparison(NamedTuple):
    """Two quantities of one kind. With a missing one it is false, whatever the operator."""

    operator: str
    left: Quantity
    right: Quantity


class Flag(NamedTuple):
    """A boolean that the row holds; a missing one is false."""

    term: Term


class Always(NamedTuple):
    """True or false, as the rule says."""

    value: bool


class Among(NamedTuple):
    """A category is one of some values, or is known and none of them."""

    term: Term
    values: tuple[str, ...]
    is_negated: bool


class Listed(NamedTuple):
    """An entity is on a list."""

    term: Term
    list_name: ListName


class Known(NamedTuple):
    """A value is there, or is missing."""

    term: Term
    is_missing: bool


class Not(NamedTuple):
    """What is not so."""

    part: Condition


class All(NamedTuple):
    """Everything is so."""

    parts: tuple[Condition, ...]


class Any(NamedTuple):
    """Something is so."""

    parts: tuple[Condition, ...]


Quantity: TypeAlias = Term | Literal | Arithmetic
Condition: TypeAlias = Comparison | Flag | Always | Among | Listed | Known | Not | All | Any

#: A row's values by place: numbers (NaN is missing), texts, keys of entities, booleans (None is missing).
Row: TypeAlias = Sequence[object]
#: The lists that what a row names is on: pairs of entity and list.
Listings: TypeAlias = frozenset[tuple[str, str]]


#: A look at a list; and at one of what the customer was seen with, which the database is asked for.
COST_LISTED, COST_PERSONAL = 2, 4


def cost_of(node: Condition | Quantity) -> int:
    """Count what a condition takes to be looked at."""
    match node:
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return 1 + cost_of(left) + cost_of(right)
        case Not(part=part):
            return 1 + cost_of(part)
        case All(parts=parts) | Any(parts=parts):
            return 1 + sum(cost_of(part) for part in parts)
        case Listed(term=term):
            return COST_LISTED if term.place != NO_PLACE else COST_PERSONAL
        case _:
            return 1


def terms_of(node: Condition | Quantity) -> set[str]:
    """Name the values that a condition reads."""
    match node:
        case Term(name=name):
            return {name}
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return terms_of(left) | terms_of(right)
        case Not(part=part):
            return terms_of(part)
        case All(parts=parts) | Any(parts=parts):
            return set().union(*(terms_of(part) for part in parts))
        case Flag(term=term) | Among(term=term) | Listed(term=term) | Known(term=term):
            return {term.name}
        case _:
            return set()
