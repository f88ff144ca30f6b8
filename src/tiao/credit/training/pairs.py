"""Formulas over two single columns whose names say what they are: an amount against an income, arrears against lines.

The names are read by the same words that find a family for a column; a schema in other words simply gets no pairs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import product, zip_longest
from typing import NamedTuple

from tiao.credit.scoring.model import Feature, Op
from tiao.credit.training.texts import family_of

#: Columns of one meaning that are taken at most, so that pairs do not multiply.
_COLUMNS_MAX = 3
PAIRS_MAX = 20

#: A term is a meaning of its own here, though it explains itself to a customer with the amount.
_TERM = re.compile(r"(^|_)(term|duration|tenor|maturity)")


class Pair(NamedTuple):
    """A formula that two meanings suggest. Source: ratios of affordability and of use, old in lending."""

    first: str
    second: str
    op: Op


_PAIRS = (
    Pair("income", "household", "per"),
    Pair("income", "lines", "per"),
    Pair("debt", "income", "product"),
    Pair("debt", "lines", "per"),
    Pair("utilisation", "lines", "product"),
    Pair("delinquency", "lines", "per"),
    Pair("delinquency", "history", "per"),
    Pair("inquiries", "lines", "per"),
    Pair("amount", "term", "ratio"),
    Pair("amount", "income", "ratio"),
    Pair("amount", "assets", "ratio"),
    Pair("balance", "income", "ratio"),
    Pair("balance", "assets", "ratio"),
    Pair("balance", "limit", "ratio"),
    Pair("limit", "income", "ratio"),
)

_SIGNS = {"per": "per", "product": "x", "ratio": "/"}


def meaning_of(name: str) -> str:
    """Name what a column is by its words; an unknown name means nothing that pairs with anything."""
    if _TERM.search(name.lower()):
        return "term"
    return family_of(name, number=0)


def pairs(numbers: Sequence[Feature], are_alike: Callable[[str, str], bool]) -> list[Feature]:
    """List formulas over pairs of *numbers*; a ratio is made only of columns that *are alike* in unit."""
    by_meaning: dict[str, list[Feature]] = {}
    for feature in numbers:
        by_meaning.setdefault(meaning_of(feature.name), []).append(feature)
    by_pair: list[list[Feature]] = []
    for pair in _PAIRS:
        found = []
        sides = (by_meaning.get(pair.first, [])[:_COLUMNS_MAX], by_meaning.get(pair.second, [])[:_COLUMNS_MAX])
        for upper, lower in product(*sides):
            if pair.op == "ratio" and pair.second != "term" and not are_alike(upper.name, lower.name):
                continue
            title = f"{upper.name} {_SIGNS[pair.op]} {lower.name}"
            found.append(Feature(title, "number", upper.family, (upper.name, lower.name), pair.op))
        by_pair.append(found)
    in_turn = [feature for rank in zip_longest(*by_pair) for feature in rank if feature is not None]
    return in_turn[:PAIRS_MAX]
