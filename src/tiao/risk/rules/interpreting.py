"""A condition looked at node by node: slow, plain, and what the compiled form is held against."""

from __future__ import annotations

import operator
from typing import Final, cast

from tiao.risk.rules.tree import (
    All,
    Always,
    Among,
    Any,
    Arithmetic,
    Comparison,
    Condition,
    Flag,
    Known,
    Listed,
    Listings,
    Literal,
    Not,
    Quantity,
    Row,
    Term,
)

_COMPARED: Final = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
_RECKONED: Final = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def holds(condition: Condition, row: Row, listed: Listings) -> bool:  # noqa: C901, PLR0911  one answer for each node
    """Tell whether a condition holds for a row."""
    match condition:
        case Comparison(operator=sign, left=left, right=right):
            one, other = amount(left, row), amount(right, row)
            if sign == "!=":
                return one < other or one > other
            return bool(_COMPARED[sign](one, other))
        case Flag(term=term):
            return row[term.place] is True
        case Always(value=value):
            return value
        case Among(term=term, values=values, is_negated=is_negated):
            found = row[term.place]
            return found is not None and (found in values) is not is_negated
        case Listed(term=term, list_name=list_name):
            return (term.name, list_name.value) in listed
        case Known(term=term, is_missing=is_missing):
            return _is_missing(row[term.place]) is is_missing
        case Not(part=part):
            return not holds(part, row, listed)
        case All(parts=parts):
            return all(holds(part, row, listed) for part in parts)
        case Any(parts=parts):
            return any(holds(part, row, listed) for part in parts)


def amount(quantity: Quantity, row: Row) -> float:
    """Reckon a quantity; NaN where something of it is missing."""
    match quantity:
        case Term(place=place):
            return cast("float", row[place])
        case Literal(value=value):
            return value
        case Arithmetic(operator=sign, left=left, right=right):
            return float(_RECKONED[sign](amount(left, row), amount(right, row)))


def _is_missing(value: object) -> bool:
    return value is None or value != value  # noqa: PLR0124  only a missing number differs from itself
