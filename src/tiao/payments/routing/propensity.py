"""How likely the choice was: what it takes to hold another policy against decisions that were made. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: No choice that was made was impossible, whatever an approximation says of it.
PROPENSITY_MIN = 1e-3
_ROOT_2 = math.sqrt(2)
#: So many widths apart nobody is ever ahead by chance.
_SURE = 4.0


def propensities(means: Sequence[float], spreads: Sequence[float]) -> list[float]:
    """Say how often each candidate's draw is the highest, from mean and standard deviation of its score.

    Rounds: an approximation: draws count as normal and pairs as independent; the whole is brought to 1. A test holds it
    against drawing.
    """
    count = len(means)
    wins = [1.0] * count
    squares = [each * each for each in spreads]
    for one in range(1, count):
        for other in range(one):
            width = _ROOT_2 * math.sqrt(squares[one] + squares[other]) or 1e-12
            apart = (means[one] - means[other]) / width
            ahead = 0.5 * (1 + math.erf(apart)) if -_SURE < apart < _SURE else float(apart > 0)
            wins[one] *= ahead
            wins[other] *= 1 - ahead
    weights = [max(PROPENSITY_MIN, each) for each in wins]
    total = sum(weights)
    return [weight / total for weight in weights]
