"""Formulas that names and units suggest, for any schema: months of a series, and amounts of one unit against each other."""

from __future__ import annotations

import re
from itertools import groupby
from typing import NamedTuple

from tiao.credit.scoring.model import Column, Feature, Op
from tiao.credit.training.contract import Table
from tiao.credit.training.schema import ColumnSchema

#: A series shorter is no series, one longer is a numbered list of unlike things.
_SERIES_MIN, _SERIES_MAX = 3, 24
#: Formulas made at most, so that a wide schema stays quick.
_CANDIDATES_MAX = 60

_NUMBERED = re.compile(r"(.*?)[_ ]?(\d+)")


class Candidate(NamedTuple):
    """A feature that may be used, and the direction in which its risk must run, if declared."""

    feature: Feature
    direction: int | None


def candidates(
    plain: list[Candidate], columns: dict[str, Column], schema: dict[str, ColumnSchema], table: Table
) -> list[Candidate]:
    """List formulas over the given columns."""
    assert table.rows > 0, "a schema is enriched with data at hand"
    numbers = [one for one in plain if one.feature.kind == "number"]
    found: list[Candidate] = []
    series = _series(numbers, schema)
    for members in series:
        found += _over_time(members)
    found += _against(series, numbers, schema)
    return found[:_CANDIDATES_MAX]


def _series(numbers: list[Candidate], schema: dict[str, ColumnSchema]) -> list[list[Candidate]]:
    """Find columns that are one quantity in successive months: same stem, numbered, same type, unit and direction."""

    def key(one: Candidate) -> tuple[str, str, str, int]:
        match = _NUMBERED.fullmatch(one.feature.name)
        spec = schema[one.feature.name]
        return (match[1] if match else "", spec.type, spec.unit or "", spec.direction or 0)

    named = [one for one in numbers if _NUMBERED.fullmatch(one.feature.name)]
    groups = [list(members) for _, members in groupby(sorted(named, key=key), key=key)]
    for members in groups:
        members.sort(key=lambda one: int(_NUMBERED.fullmatch(one.feature.name)[2]))  # type: ignore[index]
    return [members for members in groups if _SERIES_MIN <= len(members) <= _SERIES_MAX]


def _over_time(members: list[Candidate]) -> list[Candidate]:
    """Level, extremes, change and count of a series; the lowest number is taken as the latest month."""
    match = _NUMBERED.fullmatch(members[0].feature.name)
    assert match is not None, "a series is numbered"
    stem, family = match[1].rstrip("_ "), members[0].feature.family
    inputs = tuple(one.feature.name for one in members)
    direction = members[0].direction
    made: list[tuple[Op, int | None]] = [
        ("mean", direction),
        ("high", direction),
        ("low", direction),
        ("rise", None),
        ("count_positive", direction),
        ("since_positive", None if direction is None else -direction),
    ]
    return [
        Candidate(Feature(f"{stem} {op}", "number", family, inputs, op), way)
        for op, way in made
    ]


def _against(
    series: list[list[Candidate]], numbers: list[Candidate], schema: dict[str, ColumnSchema]
) -> list[Candidate]:
    """Set money against money: each series of a unit against single amounts of it, and against the other series."""
    found = []
    in_series = {one.feature.name for members in series for one in members}
    singles = [
        one for one in numbers if schema[one.feature.name].unit is not None and one.feature.name not in in_series
    ]
    for members in series:
        unit = schema[members[0].feature.name].unit
        if unit is None:
            continue
        for one in members:
            for whole in singles:
                if schema[whole.feature.name].unit == unit:
                    found.append(_ratio(one, whole, one.feature.family))
        for others in series:
            if others is not members and schema[others[0].feature.name].unit == unit and len(others) == len(members):
                found += _paid(members, others)
    return found


def _paid(members: list[Candidate], others: list[Candidate]) -> list[Candidate]:
    """Set a month of one series against the same and the earlier month of another."""
    return [
        _ratio(members[0], others[0], members[0].feature.family),
        _ratio(members[0], others[1], members[0].feature.family),
    ]


def _ratio(upper: Candidate, lower: Candidate, family: str) -> Candidate:
    name = f"{upper.feature.name} / {lower.feature.name}"
    return Candidate(Feature(name, "number", family, (upper.feature.name, lower.feature.name), "ratio"), None)
