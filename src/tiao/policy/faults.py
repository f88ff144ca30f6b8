"""What makes a pack unusable; all faults are found at once, so that whoever edits it sees them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations

from tiao.policy.model import Row

Conditions = Mapping[str, int | str | bool]


def row_faults(rows: Sequence[Row], *, parents: Mapping[str, str | None], sources: Iterable[str]) -> list[str]:
    """Find what is wrong with the rows themselves."""
    known = set(sources)
    faults = []
    for row in rows:
        where = f"{row.id} {list(row.applies_to)} from {row.effective_from}"
        faults += [f"{where}: unknown party {party}" for party in row.applies_to if party not in parents]
        faults += [f"{where}: unknown source {name}" for name in (row.source, *row.see_also) if name not in known]
        if row.effective_from and row.effective_to and row.effective_from >= row.effective_to:
            faults.append(f"{where}: ends before it starts")
        if row.options and row.unit == "enum" and row.value not in row.options:
            faults.append(f"{where}: {row.value} is not one of its options")
        if not row.applies_to:
            faults.append(f"{where}: applies to nobody")
    return faults


def overlaps(rows: Sequence[Row]) -> list[str]:
    """Find pairs of rows of one id, mode and party that could both answer one question."""
    by_place: dict[tuple[str, object, str], list[Row]] = {}
    for row in rows:
        for party in row.applies_to:
            by_place.setdefault((row.id, row.mode, party), []).append(row)
    return [
        f"{name} for {party}: rows from {one.effective_from} and {other.effective_from} overlap"
        for (name, _, party), places in by_place.items()
        for one, other in combinations(places, 2)
        if _share_time(one, other) and _may_both_fit(one, other)
    ]


def missing(rows: Sequence[Row], required: Iterable[str]) -> list[str]:
    """Find required ids without a row: a missing number must never read as zero."""
    present = {row.id for row in rows}
    return [f"{name}: required, but the pack has no row" for name in sorted(set(required) - present)]


def _share_time(one: Row, other: Row) -> bool:
    starts = max(one.effective_from or date.min, other.effective_from or date.min)
    return starts < min(one.effective_to or date.max, other.effective_to or date.max)


def _may_both_fit(one: Row, other: Row) -> bool:
    """Tell whether some case fits both rows; a row with conditions beats one without, so those do not collide."""
    if bool(one.when) != bool(other.when):
        return False
    return not _excludes(one.when, other.when) and not _excludes(other.when, one.when)


def _excludes(one: Conditions, other: Conditions) -> bool:
    """Tell whether *one* leaves no room for *other*: two different values, or a maximum below a minimum."""
    for key, wanted in one.items():
        if key.endswith("_max"):
            least = other.get(key.removesuffix("_max") + "_min")
            if least is not None and int(wanted) < int(least):
                return True
        elif not key.endswith("_min") and other.get(key, wanted) != wanted:
            return True
    return False
