"""Formulas that names and units suggest: months of a series, and amounts of one unit against each other."""

from __future__ import annotations

import re
from itertools import groupby
from typing import NamedTuple

from tiao.credit.scoring.model import Feature, Op
from tiao.credit.training.pairs import pairs
from tiao.learning.schema import ColumnSchema

#: A series shorter is no series, one longer is a numbered list of unlike things.
_SERIES_MIN, _SERIES_MAX = 3, 24
#: Formulas made at most, so that a wide schema stays quick.
_CANDIDATES_MAX = 80

#: Columns of one family that are taken together.
_ALIKE_MIN, _ALIKE_MAX = 2, 6

_NUMBERED = re.compile(r"(.*?)[_ ]?(\d+)")


class Candidate(NamedTuple):
    """A feature that may be used, and the direction in which its risk must run, if declared."""

    feature: Feature
    direction: int | None


def candidates(plain: list[Candidate], schema: dict[str, ColumnSchema]) -> tuple[tuple[Candidate, ...], ...]:
    """List formulas over the given columns, in blocks that are kept or dropped as a whole."""
    numbers = [one for one in plain if one.feature.kind == "number"]
    found: list[Candidate] = []
    series = _series(numbers, schema)
    for members in series:
        found += _over_time(members)
    found += _against(series, numbers, schema)
    found += _alike(series, numbers, schema)
    blocks = (tuple(found[:_CANDIDATES_MAX]), tuple(_pairs(series, numbers, schema)))
    return tuple(block for block in blocks if block)


def _pairs(series: list[list[Candidate]], numbers: list[Candidate], schema: dict[str, ColumnSchema]) -> list[Candidate]:
    """Pair single columns by what their names say they are; the data decide the direction."""
    in_series = {one.feature.name for members in series for one in members}
    single = [one.feature for one in numbers if one.feature.name not in in_series]

    def are_alike(first: str, second: str) -> bool:
        return (schema[first].unit or "") == (schema[second].unit or "")

    return [Candidate(feature, None) for feature in pairs(single, are_alike)]


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
    stem, family = _stem(members), members[0].feature.family
    inputs = tuple(one.feature.name for one in members)
    direction = members[0].direction
    made: list[tuple[Op, int | None]] = [
        ("mean", direction),
        ("high", direction),
        ("low", direction),
        ("rise", None),
        ("spread", None),
        ("count_positive", direction),
        ("count_zero", None),
        ("since_positive", None if direction is None else -direction),
    ]
    return [Candidate(Feature(f"{stem} {op}", "number", family, inputs, op), way) for op, way in made]


def _alike(series: list[list[Candidate]], numbers: list[Candidate], schema: dict[str, ColumnSchema]) -> list[Candidate]:
    """Take together what the schema calls one family with one direction: the mean and the worst of its columns."""
    in_series = {one.feature.name for members in series for one in members}
    families: dict[tuple[str, str, int], list[Candidate]] = {}
    for one in numbers:
        spec = schema[one.feature.name]
        if spec.family is not None and spec.direction is not None and spec.name not in in_series:
            families.setdefault((spec.family, spec.type, spec.direction), []).append(one)
    found = []
    for (family, _, direction), members in families.items():
        if _ALIKE_MIN <= len(members) <= _ALIKE_MAX:
            inputs = tuple(one.feature.name for one in members)
            ops: tuple[Op, ...] = ("mean", "high" if direction > 0 else "low")
            found += [Candidate(Feature(f"{family} {op}", "number", family, inputs, op), direction) for op in ops]
    return found


def _against(
    series: list[list[Candidate]], numbers: list[Candidate], schema: dict[str, ColumnSchema]
) -> list[Candidate]:
    """Set money against money of the same unit: a series against a single amount, and against another series."""
    found: list[Candidate] = []
    in_series = {one.feature.name for members in series for one in members}
    units: dict[str, list[Candidate]] = {}
    for one in numbers:
        unit = schema[one.feature.name].unit
        if unit is not None and one.feature.name not in in_series:
            units.setdefault(unit, []).append(one)
    for members in series:
        unit = schema[members[0].feature.name].unit
        if unit is None:
            continue
        rivals = [
            others
            for others in series
            if others is not members and schema[others[0].feature.name].unit == unit and len(others) == len(members)
        ]
        wholes = units.get(unit, [])
        for whole in wholes:
            found += _share(members, whole)
        for others in rivals:
            found += _paid(members, others, wholes)
    return found


def _share(members: list[Candidate], whole: Candidate) -> list[Candidate]:
    """Level, extreme and change of a series as a share of one amount."""
    names = tuple(one.feature.name for one in members)
    single = whole.feature.name
    stem, family = _stem(members), members[0].feature.family
    made: list[tuple[Op, tuple[str, ...]]] = [("mean_over", names), ("high_over", names), ("rise_over", names)]
    shares = [Candidate(Feature(f"{stem} {op} {single}", "number", family, (*of, single), op), None) for op, of in made]
    return [*(_ratio(one, whole) for one in members), *shares]


def _paid(members: list[Candidate], others: list[Candidate], wholes: list[Candidate]) -> list[Candidate]:
    """Set a series against the earlier months of another: what was paid of what was owed, what was newly spent."""
    ahead = [one.feature.name for one in members]
    behind = [one.feature.name for one in others]
    family = members[0].feature.family
    name = f"{_stem(members)} of {_stem(others)} total"
    found = [Candidate(Feature(name, "number", family, (*ahead, *behind), "total_ratio"), None)]
    found += [_ratio(one, other) for one, other in zip(members, others[1:], strict=False)]
    partners = (*ahead[:-1], *behind[1:])
    ops: tuple[Op, ...] = ("low_ratio", "mean_ratio", "count_full")
    found += [
        Candidate(Feature(f"{_stem(members)} {op} {_stem(others)}", "number", family, partners, op), None) for op in ops
    ]
    for whole in wholes:
        for month in range(len(ahead) - 1):
            inputs = (behind[month], behind[month + 1], ahead[month], whole.feature.name)
            title = f"{behind[month]} flow with {ahead[month]} over {whole.feature.name}"
            found.append(Candidate(Feature(title, "number", others[0].feature.family, inputs, "flow_over"), None))
    return found


def _ratio(upper: Candidate, lower: Candidate) -> Candidate:
    names = (upper.feature.name, lower.feature.name)
    return Candidate(Feature(" / ".join(names), "number", upper.feature.family, names, "ratio"), None)


def _stem(members: list[Candidate]) -> str:
    match = _NUMBERED.fullmatch(members[0].feature.name)
    assert match is not None, "a series is numbered"
    return match[1].rstrip("_ ")
