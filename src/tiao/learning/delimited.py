"""CSV files that are not what they seem: rows of another width, which readers fill or refuse without saying where."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from tiao.learning.refusals import FAULTS_MAX, Fault

#: What other programs put between cells.
_OTHERS = (";", "\t", "|")
_HEADER_SHOWN = 80


def misread(path: Path) -> list[Fault]:
    """List rows that are wider or narrower than the header, or say that cells are parted otherwise than by commas.

    Shape: rows are counted from 0 below the header; empty lines are none.
    """
    with _opened(path) as text:
        rows = csv.reader(text)
        header = next(rows, [])
        if len(header) == 1 and any(other in header[0] for other in _OTHERS):
            return [Fault("other_delimiter", value=header[0][:_HEADER_SHOWN])]
        return list(_uneven(rows, len(header)))[:FAULTS_MAX]


def _uneven(rows: Iterator[list[str]], width: int) -> Iterator[Fault]:
    number = 0
    for row in rows:
        if not row:
            continue
        if len(row) != width:
            yield Fault("row_of_other_width", None, number, f"{len(row)} cells, the header has {width}")
        number += 1


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
