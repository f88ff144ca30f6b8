"""Values to a few bins whose risk is ordered: the ground of a scorecard.

A number is cut at quantiles, neighbouring cuts are pooled until risk only rises (or falls, or, where the data insist
and no direction was declared, turns once), and pooled again while neighbours hardly differ. Labels are ordered
by risk, rare ones are kept together. Missing and special codes have bins of their own when there are enough of them.
Source: pool-adjacent-violators (Ayer et al. 1955); weight of evidence as in Siddiqi, Credit Risk Scorecards (2006),
with the bad and good counts of a bin shrunk to the portfolio's.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.learning.coding import special_key
from tiao.learning.forms import Coding

Floats = npt.NDArray[np.float64]
Value = float | str | None

#: Rows of average risk added to every bin before its weight of evidence is taken.
_SHRINK_ROWS = 40.0
#: Neighbours are pooled while their likelihood ratio is below this, as half of those are that do not differ. A test at
#: 5 % (3.84) throws away what many small differences say together; shrinking and the penalty on weights guard better
#: against chance, also with 300 rows and with columns of noise (measured on public sets, whole and cut down).
_DIFFERENT = 0.5
#: A turn in risk is believed only beyond this (chi-square, 0.01 %).
_TURN = 15.1


class Rules(NamedTuple):
    """How fine bins may be."""

    prebins: int = 50
    bins_max: int = 10
    share_min: float = 0.02
    rows_min: int = 30
    is_monotone: bool = True


class Binned(NamedTuple):
    """A coding, the weight of evidence of its bins (higher = riskier), and the information value."""

    coding: Coding
    woe: Floats
    value: float
    counts: Floats


def bin_numbers(
    name: str, values: Sequence[Value], target: Floats, weight: Floats, special: Sequence[float], rules: Rules,
    direction: int | None = None,
) -> Binned:  # fmt: skip
    """Bin a number."""
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    is_special = np.isin(numbers, special)
    is_missing = np.isnan(numbers)
    plain = ~is_special & ~is_missing
    smallest = max(rules.rows_min, rules.share_min * len(numbers))
    edges = _edges(numbers[plain], target[plain], weight[plain], smallest, rules, direction)
    code = np.searchsorted(edges, numbers, side="left")
    size = len(edges) + 1
    own: dict[str, int] = {}
    pooled: list[float] = []
    for one in special:
        if (numbers == one).sum() >= rules.rows_min:
            own[special_key(one)] = size
            code[numbers == one] = size
            size += 1
        else:
            pooled.append(one)
    missing = size
    size += 1
    code[is_missing | np.isin(numbers, pooled)] = missing
    own |= {special_key(one): missing for one in pooled}
    coding = Coding(name, size, missing, missing, tuple(edges.tolist()), own)
    return _weighed(coding, code, target, weight)


def bin_labels(
    name: str, values: Sequence[Value], target: Floats, weight: Floats, rules: Rules, groups_max: int = 8
) -> Binned:
    """Bin labels by risk; a label with few rows shares a bin with all such labels and with those never seen."""
    labels = sorted({value for value in values if isinstance(value, str)})
    number = {label: index for index, label in enumerate(labels)}
    index = np.array([number[v] if isinstance(v, str) else len(labels) for v in values], dtype=np.int64)
    rows = np.bincount(index, minlength=len(labels) + 1)
    bad = np.bincount(index, weight * target, len(labels) + 1)
    total = np.bincount(index, weight, len(labels) + 1)
    base = float((weight * target).sum() / weight.sum())
    common = [i for i in range(len(labels)) if rows[i] >= rules.rows_min]
    rate = (bad + _SHRINK_ROWS * base) / (total + _SHRINK_ROWS)
    common.sort(key=lambda i: (rate[i], labels[i]))
    merged = _merge([(bad[i], total[i] - bad[i]) for i in common], float(rules.rows_min), groups_max)
    codes: dict[str, int] = {}
    for code, members in enumerate(merged):
        codes |= {labels[common[member]]: code for member in members}
    other, missing = len(merged), len(merged) + 1
    codes |= {label: other for i, label in enumerate(labels) if rows[i] < rules.rows_min}
    coding = Coding(name, missing + 1, missing, other, (), {}, codes)
    place = np.array([*(codes[label] for label in labels), missing], dtype=np.int64)
    return _weighed(coding, place[index], target, weight)


def _weighed(coding: Coding, code: npt.NDArray[np.int64], target: Floats, weight: Floats) -> Binned:
    bad = np.bincount(code, weight * target, coding.size)
    good = np.bincount(code, weight * (1.0 - target), coding.size)
    base = bad.sum() / (bad.sum() + good.sum())
    bad_s, good_s = bad + _SHRINK_ROWS * base, good + _SHRINK_ROWS * (1.0 - base)
    woe = np.log(bad_s / good_s) - np.log(base / (1.0 - base))
    value = float(((bad / bad.sum() - good / good.sum()) * woe).sum())
    return Binned(coding, woe, value, np.asarray(bad + good, dtype=np.float64))


def _edges(
    numbers: Floats, target: Floats, weight: Floats, smallest: float, rules: Rules, direction: int | None
) -> Floats:
    """Choose the cuts of the plain values."""
    if len(numbers) == 0:
        return np.empty(0)
    distinct = np.unique(numbers)
    if len(distinct) <= rules.prebins:
        cuts = distinct[:-1]
    else:
        cuts = np.unique(np.quantile(numbers, np.linspace(0, 1, rules.prebins + 1)[1:-1], method="lower"))
        cuts = cuts[cuts < distinct[-1]]
    code = np.searchsorted(cuts, numbers, side="left")
    bad = np.bincount(code, weight * target, len(cuts) + 1)
    good = np.bincount(code, weight * (1.0 - target), len(cuts) + 1)
    counts = list(zip(bad.tolist(), good.tolist(), strict=True))
    blocks = _ordered(counts, direction) if rules.is_monotone else [[i] for i in range(len(counts))]
    sums = [(sum(counts[i][0] for i in block), sum(counts[i][1] for i in block)) for block in blocks]
    merged = _merge(sums, smallest, rules.bins_max, shape_free=not rules.is_monotone)
    last = [blocks[members[-1]][-1] for members in merged[:-1]]
    return cuts[last] if last else np.empty(0)


def _ordered(counts: list[tuple[float, float]], direction: int | None) -> list[list[int]]:
    """Pool neighbours until the bad rate runs one way; without a declared direction the likelier way is taken."""
    rising, falling = _pooled(counts, 1), _pooled(counts, -1)
    if direction is not None:
        return rising if direction > 0 else falling
    best = max((rising, falling), key=lambda blocks: _fit(counts, blocks))
    turn, way = _best_turn(counts)
    turned = _pooled(counts[:turn], way) + [[i + turn for i in block] for block in _pooled(counts[turn:], -way)]
    return turned if 2 * (_fit(counts, turned) - _fit(counts, best)) > _TURN else best


def _best_turn(counts: list[tuple[float, float]]) -> tuple[int, int]:
    """Find where risk may turn from one way to the other, and the first way, so that the whole is likeliest."""
    best, place = -np.inf, (0, 1)
    for way in (1, -1):
        ahead, back = _fits(counts, way), _fits(counts[::-1], way)
        for turn in range(len(counts) + 1):
            value = ahead[turn] + back[len(counts) - turn]
            if value > best:
                best, place = value, (turn, way)
    return place


def _fits(counts: list[tuple[float, float]], way: int) -> list[float]:
    """Give the likelihood of pooling the first 0, 1, 2, ... counts, each from the one before."""
    blocks: list[tuple[float, float, float]] = []
    total, fits = 0.0, [0.0]
    for bad, good in counts:
        blocks.append((bad, good, _likelihood(bad, good)))
        total += blocks[-1][2]
        while len(blocks) > 1 and way * (_rate(*blocks[-2][:2]) - _rate(*blocks[-1][:2])) >= 0:
            bad_1, good_1, fit_1 = blocks.pop()
            bad_0, good_0, fit_0 = blocks.pop()
            pooled = (bad_0 + bad_1, good_0 + good_1)
            blocks.append((*pooled, _likelihood(*pooled)))
            total += blocks[-1][2] - fit_0 - fit_1
        fits.append(total)
    return fits


def _pooled(counts: list[tuple[float, float]], way: int) -> list[list[int]]:
    blocks: list[tuple[float, float, list[int]]] = []
    for index, (bad, good) in enumerate(counts):
        blocks.append((bad, good, [index]))
        while len(blocks) > 1 and way * (_rate(*blocks[-2][:2]) - _rate(*blocks[-1][:2])) >= 0:
            bad_1, good_1, members_1 = blocks.pop()
            bad_0, good_0, members_0 = blocks.pop()
            blocks.append((bad_0 + bad_1, good_0 + good_1, members_0 + members_1))
    return [members for _, _, members in blocks]


def _rate(bad: float, good: float) -> float:
    return bad / (bad + good) if bad + good > 0 else 0.0


def _likelihood(bad: float, good: float) -> float:
    rate = _rate(bad, good)
    return (bad * math.log(rate) if bad > 0 else 0.0) + (good * math.log(1 - rate) if good > 0 else 0.0)


def _fit(counts: list[tuple[float, float]], blocks: list[list[int]]) -> float:
    return sum(_likelihood(sum(counts[i][0] for i in block), sum(counts[i][1] for i in block)) for block in blocks)


def _merge(
    counts: list[tuple[float, float]], smallest: float, most: int, *, shape_free: bool = False
) -> list[list[int]]:
    """Pool the two most alike neighbours until all are large, different beyond chance, and few enough."""
    blocks = [(bad, good, [i]) for i, (bad, good) in enumerate(counts)]

    def apart(left: tuple[float, float, list[int]], right: tuple[float, float, list[int]]) -> float:
        pooled = _likelihood(left[0] + right[0], left[1] + right[1])
        ratio = 2 * (_likelihood(*left[:2]) + _likelihood(*right[:2]) - pooled)
        return ratio - (1e6 if min(left[0] + left[1], right[0] + right[1]) < smallest else 0.0)

    distance = [apart(left, right) for left, right in itertools.pairwise(blocks)]
    different = 0.0 if shape_free else _DIFFERENT
    while distance and (min(distance) < different or len(blocks) > most):
        at = int(np.argmin(distance))
        left, right = blocks[at], blocks.pop(at + 1)
        blocks[at] = (left[0] + right[0], left[1] + right[1], left[2] + right[2])
        distance.pop(at)
        for near in (at - 1, at):
            if 0 <= near < len(distance):
                distance[near] = apart(blocks[near], blocks[near + 1])
    return [members for _, _, members in blocks]
