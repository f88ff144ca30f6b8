"""One cell of a data file, and a label as text whatever its storage."""

from __future__ import annotations

import math
import re

Cell = float | int | str | bool | None

_WHOLE = re.compile(r"-?\d+\.0+")


def category_label(cell: Cell) -> str | None:
    """Write a category cell the same way whether it came as text, integer, boolean or a whole float.

    An empty text is missing, as it is in a CSV file.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        folded = cell.lower()
        if folded in {"true", "false"}:
            return folded
        return cell.split(".", 1)[0] if _WHOLE.fullmatch(cell) else cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and not cell.is_integer():
        return None if math.isnan(cell) else repr(cell)
    return str(int(cell))
