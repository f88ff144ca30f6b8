"""Rates that make the present value of cash flows nothing: all of them found, one of them chosen.

The search runs over x = ln(1 + rate), in which the present value is a smooth sum; its sign is taken on a grid and each
change of sign is a root. Only the search uses floating point: the root itself is refined in decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Digits of the refinement, and of the answer after the point.
_DIGITS = 50
_PLACES = Decimal("1e-14")
#: The grid covers rates at which the whole span of the flows shrinks or grows by e to this power, in such steps.
_REACH = 60.0
_STEP = 0.004
#: Money that changes its direction once has one rate, so that any grid finds it. Source: Descartes' rule of signs.
_WIDE_STEP = 1.0
#: Beyond it a rate is not a number that anybody can use.
_EXPONENT_MAX = 690.0
_BISECTIONS = 200
_REFINEMENTS = 60
_CHUNK = 2048

Floats = NDArray[np.float64]


class Timed(NamedTuple):
    """An amount, how many whole or broken periods after the first it moves, and the simple fraction beside them."""

    amount: Fraction
    after: Fraction
    fraction: Fraction = Fraction(0)


class Found(NamedTuple):
    """The rate of one period, and whether it is the only one."""

    rate: Decimal
    is_unique: bool


def solve(flows: Sequence[Timed]) -> Found | None:
    """Find the rate: the smallest that is not negative, else the one nearest nothing; None if there is none.

    Source: sum of amount / ((1 + fraction * rate) * (1 + rate) ** after) = 0.
    """
    merged = _merged(flows)
    if not merged or _sign_changes(merged) == 0:
        return None
    brackets = _brackets(merged, _STEP if _sign_changes(merged) > 1 else _WIDE_STEP)
    if not brackets:
        return None
    roots = sorted(_refined(merged, low, high) for low, high in brackets)
    chosen = next((root for root in roots if root >= 0), roots[-1])
    return Found(chosen, len(roots) == 1)


def _merged(flows: Sequence[Timed]) -> list[Timed]:
    """Add up what moves at the same time, in order of time."""
    sums: dict[tuple[Fraction, Fraction], Fraction] = {}
    for flow in flows:
        key = flow.after, flow.fraction
        sums[key] = sums.get(key, Fraction(0)) + flow.amount
    return sorted((Timed(amount, *key) for key, amount in sums.items() if amount), key=lambda flow: flow[1] + flow[2])


def _sign_changes(flows: Sequence[Timed]) -> int:
    signs = [flow.amount > 0 for flow in flows]
    return sum(before != after for before, after in pairwise(signs))


class _Value:
    """The sign of the present value for many rates at once."""

    def __init__(self, flows: Sequence[Timed]) -> None:
        largest = max(abs(flow.amount) for flow in flows)
        self.amounts: Floats = np.array([float(flow.amount / largest) for flow in flows])
        self.after: Floats = np.array([float(flow.after) for flow in flows])
        fractions: Floats = np.array([float(flow.fraction) for flow in flows])
        # The simple part is (1 - f) + f * e ** x; its logarithm needs those of both weights.
        self.log_fraction: Floats = np.log(fractions, out=np.full_like(fractions, -np.inf), where=fractions > 0)
        self.log_rest: Floats = np.log1p(-fractions, out=np.full_like(fractions, -np.inf), where=fractions < 1)
        times = self.after + fractions
        self.span = float(times.max() - times.min())

    def signs(self, points: Floats) -> Floats:
        """Give -1, 0 or 1 for each x. The largest term is brought to one, so that nothing overflows."""
        parts = [self._signs(points[at : at + _CHUNK]) for at in range(0, len(points), _CHUNK)]
        return np.concatenate(parts)

    def _signs(self, points: Floats) -> Floats:
        simple = np.logaddexp(self.log_rest, self.log_fraction + points[:, np.newaxis])
        exponents = -np.outer(points, self.after) - simple
        exponents = exponents - exponents.max(axis=1, keepdims=True)
        signs: Floats = np.sign(np.exp(exponents) @ self.amounts)
        return signs


def _brackets(flows: Sequence[Timed], step: float) -> list[tuple[float, float]]:
    """Find pairs of x between which the present value changes its sign."""
    value = _Value(flows)
    if not value.span:
        return []
    reach = min(_REACH / value.span, _EXPONENT_MAX)
    inner = np.linspace(-reach, reach, int(2 * _REACH / step) + 1)
    outer = np.geomspace(reach, _EXPONENT_MAX, 200) if reach < _EXPONENT_MAX else np.array([reach])
    points = np.unique(np.concatenate([-outer, inner, outer, np.array([0.0])]))
    signs = value.signs(points)
    found = [(float(points[at]), float(points[at])) for at in np.nonzero(signs == 0)[0]]
    for at in np.nonzero(signs[:-1] * signs[1:] < 0)[0]:
        low, high = float(points[at]), float(points[at + 1])
        sign_low = signs[at]
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            if middle in (low, high):
                break
            sign = value.signs(np.array([middle]))[0]
            if sign == sign_low:
                low = middle
            else:
                high = middle
        found.append((low, high))
    return found


def _refined(flows: Sequence[Timed], low: float, high: float) -> Decimal:
    """Refine a root by Newton's steps for x in decimals. Rounds: half even, to 14 places."""
    with localcontext() as context:
        context.prec = _DIGITS
        terms = [(_decimal(flow.amount), _decimal(flow.after), _decimal(flow.fraction)) for flow in flows]
        point = (Decimal(low) + Decimal(high)) / 2
        enough = _PLACES * _PLACES
        for _ in range(_REFINEMENTS):
            grown = point.exp()
            largest = max(-after * point for _, after, _ in terms)
            value = slope = Decimal(0)
            for amount, after, fraction in terms:
                simple = 1 - fraction + fraction * grown
                present = amount * (-after * point - largest).exp() / simple
                value += present
                slope -= present * (after + fraction * grown / simple)
            if not slope:
                break
            step = value / slope
            point -= step
            if abs(step) <= enough:
                break
        rate = point.exp() - 1
        context.prec = _DIGITS * 8
        return rate.quantize(_PLACES) + Decimal(0)


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)
