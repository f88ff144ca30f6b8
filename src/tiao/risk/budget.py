"""How many honest payments may be challenged, and the price of friction that keeps to it.

A budget is a share of the genuine payments. It is kept by one number: what each genuine payer who is not let pass costs
besides `Costs`. Under a dearer friction fewer payments are challenged, first those where least is gained by it, and of
those that still are each has the outcome it had.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from tiao.risk.decisions import expected_costs
from tiao.risk.model import Budget, Costs

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

#: No more of the honest payments, where nobody says otherwise: one in 67. Our own choice.
CHALLENGED_MAX = 0.015
#: Friction is kept in this part of a typical amount.
_PARTS = 1_000_000
_HAIR = 1e-9


def decided(probability: Floats, amount: Floats, costs: Costs, *, typical: float, friction: float) -> Places:
    """Give each payment the decision that costs least, friction included. Shape: places of `DECISIONS`."""
    each = expected_costs(probability, amount, costs, typical=typical)
    harder = np.argmin(each[:, 1:], axis=1) + 1
    gained = each[:, 0] - each[np.arange(len(each)), harder]
    return np.where(gained > friction * _of_genuine(probability, typical), harder, 0)


def gains(probability: Floats, amount: Floats, costs: Costs, *, typical: float) -> Floats:
    """Say up to which friction it pays to challenge each payment. Units: typical amounts."""
    each = expected_costs(probability, amount, costs, typical=typical)
    made: Floats = (each[:, 0] - each[:, 1:].min(axis=1)) / _of_genuine(probability, typical)
    return made


def least_friction(gained: Floats, genuine: Floats, challenged_max: float) -> float:
    """Find the least friction under which no more than a share of the genuine payments is challenged.

    Shape: *genuine* is what each counts for among them. Rounds: up, to a millionth of a typical amount.
    """
    if challenged(gained, genuine, 0.0) <= challenged_max:
        return 0.0
    order = np.argsort(gained)
    from_here = np.append(np.cumsum(genuine[order][::-1])[::-1], 0.0)
    enough = int(np.flatnonzero(from_here[1:] <= challenged_max * from_here[0])[0])
    # A hair above, so that the payment at the bound is let pass whichever way it is reckoned.
    return math.floor(float(gained[order[enough]]) * (1.0 + _HAIR) * _PARTS + 1) / _PARTS


def challenged(gained: Floats, genuine: Floats, friction: float) -> float:
    """Tell the share of the genuine payments that are challenged under a friction."""
    total = float(genuine.sum())
    return float(genuine[gained > friction].sum()) / total if total else 0.0


def budget_of(gained: Floats, genuine: Floats, challenged_max: float, *, at_least: float = 0.0) -> Budget:
    """Keep to a share of the payments that are given, with a friction of *at_least* so much."""
    friction = max(at_least, least_friction(gained, genuine, challenged_max))
    return Budget(
        challenged_max=challenged_max,
        friction=friction,
        challenged=round(challenged(gained, genuine, friction), 6),
        by_cost=round(challenged(gained, genuine, 0.0), 6),
        genuine=int((genuine > 0).sum()),
    )


def _of_genuine(probability: Floats, typical: float) -> Floats:
    """Say what a friction of one typical amount costs, as far as payers are genuine."""
    return (1.0 - probability) * max(typical, 1.0 / _PARTS)
