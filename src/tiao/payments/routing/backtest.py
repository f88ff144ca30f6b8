"""What another policy would have brought, from decisions that were made: each weighed by how likely it was. Pure.

A decision tells about a policy when that policy would have chosen the same channel. Weighing such decisions by one
over their propensity makes up for those the live policy seldom took; dividing by the sum of weights keeps it a rate.

*Source:* Swaminathan and Joachims, The Self-Normalized Estimator for Counterfactual Learning, 2015.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from tiao.payments.routing.chooser import would_choose
from tiao.payments.routing.decision import Candidate
from tiao.payments.routing.router import BPS, Cost
from tiao.payments.routing.tables import Policy


class Decided(Protocol):
    """A decision and what became of it."""

    @property
    def amount_minor(self) -> int:
        """Tell the amount."""

    @property
    def chosen(self) -> str:
        """Name the channel."""

    @property
    def propensity(self) -> float:
        """Tell how likely the choice was."""

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """List who might have been chosen."""

    @property
    def is_success(self) -> bool:
        """Tell what became of it."""


class Estimate(msgspec.Struct, frozen=True):
    """What a policy would have come to. *effective*: how many decisions as good as independent the figure stands on."""

    decisions: int
    agreeing: int
    effective: float
    success_rate: float | None
    cost_minor_each: float | None


def backtest(policy: Policy, decided: Sequence[Decided], cost_of: Callable[[str], Cost]) -> Estimate:
    """Estimate a policy's rate of success and cost. *Units*: minor units for each payment, failures included."""
    total = square = succeeded = cost = 0.0
    agreeing = 0
    for each in decided:
        if would_choose(policy, each.candidates, cost_of, each.amount_minor) != each.chosen:
            continue
        agreeing += 1
        weight = 1 / each.propensity
        total += weight
        square += weight * weight
        if each.is_success:
            price = cost_of(each.chosen)
            succeeded += weight
            cost += weight * (each.amount_minor * price.bps / BPS + price.fixed_minor)
    if not agreeing:
        return Estimate(len(decided), 0, 0.0, None, None)
    return Estimate(len(decided), agreeing, total * total / square, succeeded / total, cost / total)
