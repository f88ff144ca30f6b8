"""Every "no" of reading data and training on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tiao.values.refusal import Kind, Refusal

#: Faults listed at most; a column of the wrong kind would otherwise repeat itself for every row.
FAULTS_MAX = 1000


class Fault(NamedTuple):
    """One thing wrong with the input.

    Shape: *row* counts data rows from 0; None where the whole column or file is meant.
    """

    error: str
    column: str | None = None
    row: int | None = None
    value: str | int | float | bool | None = None


class InputRefused(Refusal):
    """The data or its schema breaks the data contract; nothing was written."""

    kind = Kind.INVALID

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep all faults; the first one is the headline."""
        assert faults, "a refusal names what is wrong"
        self.faults = tuple(faults)
        first = faults[0]
        where = "" if first.column is None else f" in {first.column}"
        super().__init__(f"{first.error}{where} and {len(faults) - 1} more" if len(faults) > 1 else first.error + where)


class TrainingUnavailable(Refusal):
    """Training needs the extra packages: install tiao[train]."""


class BundleUnreadable(Refusal):
    """The folder does not hold a model that this version can serve."""

    kind = Kind.INVALID
