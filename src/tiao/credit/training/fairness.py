"""Whether groups are treated alike: approval rates and calibration by protected group, on out-of-fold probabilities.

Source: the four-fifths rule (29 CFR 1607.4 D) for the ratio of approval rates.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np
import numpy.typing as npt

from tiao.learning.cells import Cell, category_label
from tiao.learning.schema import ColumnSchema

Floats = npt.NDArray[np.float64]

#: The share of rows that a report assumes to be approved, the lowest probabilities first.
APPROVED_SHARE = 0.70
AIR_MIN = 0.80
GAP_MAX = 0.02
#: The gates hold for groups of at least this many rows; smaller ones are reported only.
GROUP_MIN = 1_000


def band_of(value: float | None, bands: tuple[float, ...]) -> str:
    """Name the band of a number: below the first, between two, from the last on."""
    if value is None:
        return "missing"
    at = bisect_right(bands, value)
    if not bands:
        return "all"
    if at == 0:
        return f"under {bands[0]:g}"
    return f"{bands[at - 1]:g} and over" if at == len(bands) else f"{bands[at - 1]:g} to {bands[at]:g}"


def group_place(name: str) -> tuple[int, float, str]:
    """Say where a group stands among others: bands of a number in its order, what is missing last."""
    if name.startswith("under "):
        return (0, 0.0, name)
    first = name.split(" ", 1)[0]
    try:
        return (1, float(first), name)
    except ValueError:
        return (3 if name == "missing" else 2, 0.0, name)


def groups_of(column: ColumnSchema, cells: list[Cell]) -> list[str]:
    """Name each row's group; a number without declared bands is cut at its quartiles."""
    if not column.is_number:
        return [category_label(cell) or "missing" for cell in cells]
    known = [float(cell) for cell in cells if cell is not None]
    distinct = sorted(set(known))
    if not column.bands and len(distinct) <= 10:  # noqa: PLR2004  a handful of values are groups themselves
        return [category_label(cell) or "missing" for cell in cells]
    bands = column.bands or tuple(sorted({float(q) for q in np.quantile(known, [0.25, 0.5, 0.75], method="lower")}))
    return [band_of(None if cell is None else float(cell), bands) for cell in cells]


def fairness_report(
    columns: list[ColumnSchema], cells: dict[str, list[Cell]], target: Floats, probability: Floats
) -> dict[str, Any]:
    """Report each protected column by group, and whether the gates hold.

    Shape: columns {name: {groups: [{group, rows, approval_rate, air, bad_rate, expected, gap}], air_min}}, passes,
    faults.
    """
    threshold = float(np.sort(probability)[max(0, int(APPROVED_SHARE * len(probability)) - 1)])
    approved = probability <= threshold
    report: dict[str, Any] = {"approved_share": APPROVED_SHARE, "threshold": threshold, "columns": {}}
    faults: list[str] = []
    for column in columns:
        names = np.array(groups_of(column, cells[column.name]))
        found = sorted(set(names.tolist()), key=group_place)
        groups = [_group(name, names == name, target, probability, approved) for name in found]
        large = [group for group in groups if group["rows"] >= GROUP_MIN]
        best = max((group["approval_rate"] for group in large or groups), default=0.0)
        for group in groups:
            group["air"] = round(group["approval_rate"] / best, 4) if best > 0 else 1.0
        for group in large:
            if group["air"] < AIR_MIN:
                faults.append(f"{column.name} {group['group']}: AIR {group['air']:.3f} below {AIR_MIN:.2f}")
            if abs(group["gap"]) > GAP_MAX:
                faults.append(f"{column.name} {group['group']}: seen minus expected {group['gap']:+.3f}")
        report["columns"][column.name] = {
            "groups": groups,
            "air_min": min((group["air"] for group in large), default=None),
        }
    report["air_min"] = min(
        (c["air_min"] for c in report["columns"].values() if c["air_min"] is not None), default=None
    )
    report["passes"] = not faults
    report["faults"] = faults
    return report


def _group(
    name: str, inside: npt.NDArray[np.bool_], target: Floats, probability: Floats, approved: npt.NDArray[np.bool_]
) -> dict[str, Any]:
    seen, expected = float(target[inside].mean()), float(probability[inside].mean())
    return {
        "group": name,
        "rows": int(inside.sum()),
        "approval_rate": round(float(approved[inside].mean()), 4),
        "bad_rate": round(seen, 4),
        "expected": round(expected, 4),
        "gap": round(seen - expected, 4),
    }
