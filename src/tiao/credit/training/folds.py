"""Who is tested on what: no customer on both sides, and where there is time never the past from the future."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.learning.cells import Cell

Rows = npt.NDArray[np.int64]

FOLDS = 5
_SEED = 20240229


class Fold(NamedTuple):
    """Row numbers to fit on and to test on."""

    fit: Rows
    test: Rows


class Split(NamedTuple):
    """The folds, in words how they were made, and the row numbers that the model itself is fitted on."""

    folds: list[Fold]
    method: str
    whole: Rows


def split(
    target: npt.NDArray[np.float64],
    *,
    event_time: npt.NDArray[np.int64] | None,
    label_time: npt.NDArray[np.int64] | None,
    groups: list[list[Cell]],
) -> Split:
    """Choose the folds: forward in time when rows have a time, else stratified by label; groups stay on one side."""
    belongs, whole = _components(groups, len(target)), np.arange(len(target))
    if event_time is not None:
        forward = _forward(target, event_time, label_time, belongs)
        if forward:
            return Split(forward, "forward in time: fitted on everything before, tested on the next period", whole)
    if belongs is None:
        return Split(_stratified(target), "five stratified folds", whole)
    return Split(_grouped(target, belongs), "five folds, each customer, merchant or device on one side only", whole)


def _stratified(target: npt.NDArray[np.float64]) -> list[Fold]:
    chance = np.random.default_rng(_SEED)
    number = np.empty(len(target), dtype=np.int64)
    for label in (0.0, 1.0):
        rows = np.flatnonzero(target == label)
        number[chance.permutation(rows)] = np.arange(len(rows)) % FOLDS
    return [_fold(number == fold) for fold in range(FOLDS)]


def _grouped(target: npt.NDArray[np.float64], belongs: Rows) -> list[Fold]:
    """Deal the groups out, the largest first, to the fold that has the fewest rows (and bads) so far."""
    chance = np.random.default_rng(_SEED)
    rows, bads = np.bincount(belongs), np.bincount(belongs, target)
    order = chance.permutation(len(rows))
    order = order[np.argsort(-rows[order], kind="stable")]
    load, number = np.zeros(FOLDS), np.empty(len(rows), dtype=np.int64)
    worth = len(target) / max(1.0, float(target.sum()))
    for group in order:
        number[group] = int(np.argmin(load))
        load[number[group]] += rows[group] + worth * bads[group]
    return [_fold(number[belongs] == fold) for fold in range(FOLDS)]


def _fold(is_test: npt.NDArray[np.bool_]) -> Fold:
    return Fold(np.flatnonzero(~is_test), np.flatnonzero(is_test))


#: The first test period starts when this share of the rows is past.
_FIRST_SHARE = 0.4
_BADS_MIN = 30


def _forward(
    target: npt.NDArray[np.float64],
    event_time: npt.NDArray[np.int64],
    label_time: npt.NDArray[np.int64] | None,
    belongs: Rows | None,
) -> list[Fold]:
    """Cut at instants, so that rows of the same instant are never on both sides."""
    ordered = np.sort(event_time)
    shares = np.linspace(_FIRST_SHARE, 1.0, FOLDS)[:-1]
    cuts = sorted({int(ordered[int(share * len(ordered))]) for share in shares} - {int(ordered[0])})
    folds = []
    for start, end in zip(cuts, [*cuts[1:], None], strict=True):
        is_test = (event_time >= start) & (event_time < end if end is not None else True)
        is_fit = event_time < start
        if label_time is not None:
            is_fit &= label_time <= start
        if belongs is not None:
            is_fit &= ~np.isin(belongs, belongs[is_test])
        bads = min(target[is_fit].sum(), target[is_test].sum())
        goods = min((1 - target[is_fit]).sum(), (1 - target[is_test]).sum())
        if min(bads, goods) >= _BADS_MIN:
            folds.append(Fold(np.flatnonzero(is_fit), np.flatnonzero(is_test)))
    return folds


def _components(groups: list[list[Cell]], rows: int) -> Rows | None:
    """Give each row the number of its set: rows that any group column ties together; None without such a column."""
    if not groups:
        return None
    parent = list(range(rows))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for cells in groups:
        first: dict[Cell, int] = {}
        for row, cell in enumerate(cells):
            if cell is not None:
                parent[root(row)] = root(first.setdefault(cell, row))
    return np.unique([root(row) for row in range(rows)], return_inverse=True)[1].astype(np.int64)
